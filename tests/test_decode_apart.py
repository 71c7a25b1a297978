"""Decoding in a process of its own gives what decoding here gives, and survives the end of that process."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.decoding.apart import ApartDecoder
from ingest.decoding.decoder import Decoder
from ingest.decoding.messages import Decoded, Messages
from tests.builders import KEY, T0, answered_call, event, records
from tests.pipelines import wait_until

NOW = T0 + timedelta(days=1)
SYSTEMS = {"exchange": "asterisk"}


@pytest.fixture(scope="module")
def apart() -> Iterator[ApartDecoder]:
    made = ApartDecoder(KEY, 3600, 1_000_000, SYSTEMS)
    wait_until(made._ready, "the process to start")
    yield made
    made.close()


def many() -> Messages:
    """Enough to go over: calls, repeats, refused messages, other systems' messages, simulated and late events."""
    calls = [e for n in range(700) for e in answered_call(f"c{n}", n * 30)]
    odd = [b"{", None, b"\xff", b"", event("offered", queue=3), calls[0], calls[0] | {"revision": 3}]
    odd += [event("answered", "late", 50), event("offered", "late", 5) | {"simulated": True}]
    odd += [event("offered", "who", customer_id="0815") if n % 2 else event("held", "who") for n in range(4)]
    lines = [f"{int(T0.timestamp()) + n}|call-{n}|support|NONE|ENTERQUEUE||0049{n:06}|1".encode() for n in range(50)]
    lines += [b"not a line", f"{int(T0.timestamp())}|NONE|NONE|NONE|QUEUESTART|".encode()]
    return records([*calls, *odd]) + records(lines, site="exchange") + records([event("started")], site="south")


def same(one: Decoded, other: Decoded) -> None:
    assert one.events.equals(other.events)
    assert one.states == other.states
    assert one.refusals == other.refusals
    assert one.simulated == other.simulated
    for name in ("repeats", "messages", "silent", "out_of_order"):
        assert getattr(one, name) == getattr(other, name)


def test_the_results_are_those_of_decoding_here(apart: ApartDecoder) -> None:
    here = Decoder(KEY, 3600, 1_000_000, SYSTEMS).decode(many(), NOW)
    process = apart.process.pid
    same(apart.begin(many(), NOW)(), here)
    assert apart.process.pid == process
    assert len(here.refusals) == 7
    assert here.events.num_rows > 2_800
    assert here.repeats == {"north": 3}
    assert here.silent == {"exchange": 1}
    assert here.out_of_order == {"north": 2}  # The offer told again after the call, and the late one.
    assert here.messages == {"north": 2_813, "exchange": 52, "south": 1}


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.decoding.apart._PAUSE_S", 0.0)


def test_a_process_that_ends_is_not_replaced_at_once(apart: ApartDecoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.decoding.apart._PAUSE_S", 3600.0)
    wait_until(apart._ready, "the process to start")
    os.kill(apart.process.pid, signal.SIGKILL)
    before = apart.process.pid
    for _ in range(3):
        apart.begin(many(), NOW)()
    assert apart.process.pid == before
    apart._again_at = 0.0


def test_what_is_decoded_aside_does_not_disturb_what_is_on_its_way(apart: ApartDecoder) -> None:
    """As a replay of quarantined messages does, which runs beside the stages."""
    wait_until(apart._ready, "the process to start")
    other = records([event("offered", f"o{n}") for n in range(3_000)])
    here = Decoder(KEY, 3600, 1_000_000, SYSTEMS)
    result = apart.begin(many(), NOW)
    same(apart.decode(other, NOW), here.decode(other, NOW))
    same(result(), here.decode(many(), NOW))


def test_a_killed_process_is_replaced_and_the_batch_done_again(apart: ApartDecoder) -> None:
    before = apart.process.pid
    os.kill(before, signal.SIGKILL)
    here = Decoder(KEY, 3600, 1_000_000, SYSTEMS).decode(many(), NOW)
    same(apart.begin(many(), NOW)(), here)
    same(apart.begin(many(), NOW)(), here)  # While the new one starts.
    wait_until(apart._ready, "the new process to start")
    assert apart.process.pid != before
    same(apart.begin(many(), NOW)(), here)


def test_a_batch_can_be_on_its_way_while_another_is_decoded(apart: ApartDecoder) -> None:
    here = Decoder(KEY, 3600, 1_000_000, SYSTEMS)
    few = records([event("started")])
    results = [apart.begin(many(), NOW), apart.begin(few, NOW)]
    same(results[0](), here.decode(many(), NOW))
    same(results[1](), here.decode(few, NOW))


def test_when_the_process_dies_the_batch_on_its_way_is_done_again_too(apart: ApartDecoder) -> None:
    wait_until(apart._ready, "the process to start")
    here = Decoder(KEY, 3600, 1_000_000, SYSTEMS).decode(many(), NOW)
    first = apart.begin(many(), NOW)
    os.kill(apart.process.pid, signal.SIGKILL)
    same(first(), here)


def test_when_it_dies_while_a_batch_is_being_sent_that_is_decoded_here(apart: ApartDecoder) -> None:
    wait_until(apart._ready, "the process to start")
    here = Decoder(KEY, 3600, 1_000_000, SYSTEMS).decode(many(), NOW)
    os.kill(apart.process.pid, signal.SIGSTOP)  # It takes nothing, so that sending has to wait.
    timer = threading.Timer(0.3, os.kill, [apart.process.pid, signal.SIGKILL])
    timer.start()
    same(apart.begin(many(), NOW)(), here)
    timer.join()


def test_the_process_ends_when_the_decoder_is_closed() -> None:
    made = ApartDecoder(KEY, 3600, 1_000_000, {})
    made.close()
    assert made.process.returncode is not None


def test_the_key_of_customers_is_not_on_the_command_line(apart: ApartDecoder) -> None:
    wait_until(apart._ready, "the process to start")
    for name in ("cmdline", "environ"):
        assert KEY.encode() not in Path(f"/proc/{apart.process.pid}/{name}").read_bytes()


def test_customers_are_hashed_there_as_here(apart: ApartDecoder) -> None:
    messages = records([event("offered", f"c{n}", customer_id="4711") for n in range(3_000)])
    hashes = {json.loads(str(text))["customer_id"] for text in apart.begin(messages, NOW)().events["data"].to_pylist()}
    one = Decoder(KEY, 3600, 1_000_000).decode(records([event("offered", customer_id="4711")]), NOW)
    assert hashes == {json.loads(str(one.events["data"][0]))["customer_id"]}

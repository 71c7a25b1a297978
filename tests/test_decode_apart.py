"""Decoding in a process of its own gives what decoding here gives, and survives the end of that process."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from datetime import timedelta

import pytest

from ingest.decode import Decoder
from ingest.decode_apart import ApartDecoder
from ingest.messages import Decoded, Messages
from tests.builders import KEY, T0, answered_call, event, records

NOW = T0 + timedelta(days=1)
SYSTEMS = {"exchange": "asterisk"}


@pytest.fixture(scope="module")
def apart() -> Iterator[ApartDecoder]:
    made = ApartDecoder(KEY, 3600, 1_000_000, SYSTEMS)
    yield made
    made.close()


def many() -> Messages:
    """Enough to go over: calls, repeats, refused messages, other systems' messages, simulated and late events."""
    calls = [e for n in range(700) for e in answered_call(f"c{n}", n * 30)]
    odd = [b"{", None, b"\xff", b"", event("offered", queue=3), calls[0], calls[0] | {"revision": 3}]
    odd += [event("answered", "late", 50), event("offered", "late", 5) | {"simulated": True}]
    odd += [event("offered", "who", customer_id="0815") if n % 2 else event("held", "who") for n in range(4)]
    lines = [
        f"{int(T0.timestamp()) + n}|call-{n}|support|NONE|ENTERQUEUE||0049{n:06}|1".encode() for n in range(50)
    ]
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
    same(apart.decode(many(), NOW), here)
    assert apart.process.pid == process
    assert len(here.refusals) == 7
    assert here.events.num_rows > 2_800
    assert here.repeats == {"north": 3}
    assert here.silent == {"exchange": 1}
    assert here.out_of_order == {"north": 2}  # The offer told again after the call, and the late one.
    assert here.messages == {"north": 2_813, "exchange": 52, "south": 1}


def test_a_killed_process_is_replaced_and_the_batch_done_again(apart: ApartDecoder) -> None:
    before = apart.process.pid
    os.kill(before, signal.SIGKILL)
    here = Decoder(KEY, 3600, 1_000_000, SYSTEMS).decode(many(), NOW)
    same(apart.decode(many(), NOW), here)
    assert apart.process.pid != before
    same(apart.decode(many(), NOW), here)


def test_the_process_ends_when_the_decoder_is_closed() -> None:
    made = ApartDecoder(KEY, 3600, 1_000_000, {})
    made.close()
    assert made.process.returncode is not None


def test_the_key_of_customers_is_not_on_the_command_line(apart: ApartDecoder) -> None:
    with open(f"/proc/{apart.process.pid}/cmdline", "rb") as line:
        assert KEY.encode() not in line.read()
    with open(f"/proc/{apart.process.pid}/environ", "rb") as line:
        assert KEY.encode() not in line.read()


def test_customers_are_hashed_there_as_here(apart: ApartDecoder) -> None:
    messages = records([event("offered", f"c{n}", customer_id="4711") for n in range(3_000)])
    hashes = {json.loads(str(text))["customer_id"] for text in apart.decode(messages, NOW).events["data"].to_pylist()}
    one = Decoder(KEY, 3600, 1_000_000).decode(records([event("offered", customer_id="4711")]), NOW)
    assert hashes == {json.loads(str(one.events["data"][0]))["customer_id"]}

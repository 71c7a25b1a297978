"""The fast reader accepts nothing the contract refuses and reads every value as the contract does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.decoding import fast_reader
from ingest.decoding.decoder import Decoder
from models.events import EVENT, data_class, event_classes
from tests.builders import T0, event, records

TEXTS = st.one_of(
    st.sampled_from(
        ["", " ", "a", " a", "a\n", "\na", "a\u00a0", "\u2003", "a\x1f", "\x85a", "ß", "a\u2028b", "x" * 300]
    ),
    st.text(max_size=12),
)
NUMBERS = st.one_of(
    st.integers(-5, 5),
    st.sampled_from([3.0, 1.0, -0.0, 1e308, 31_536_000, 31_536_000.5, 10**30, 100, 101, 1000, 1001]),
    st.floats(allow_nan=False, allow_infinity=False),
)
VALUES = st.one_of(
    TEXTS,
    NUMBERS,
    st.booleans(),
    st.none(),
    st.just([]),
    st.just({}),
    st.lists(st.sampled_from(["customer", "business", "x"]), max_size=3),
    st.sampled_from(
        ["voice", "chat", "inbound", "callback", "hung_up", "customer", "agent", "csat", "provider", "low"]
    ),
)
TIMES = st.one_of(
    st.sampled_from(
        [
            "2026-03-02T09:00:00Z", "2026-03-02t09:00:00z", "2026-03-02 09:00:00Z", "2026-03-02T09:00:00.123456789Z",
            "2026-03-02T09:00:00.9999999Z", "2026-03-02T09:00:60Z", "2026-03-02T24:00:00Z", "2026-02-30T09:00:00Z",
            "2026-03-02T09:00:00+05:45", "2026-03-02T09:00:00-00:00", "2026-03-02T09:00:00+24:00", "1700000000",
            "2026-03-02T09:00:00+0530", "2026-03-02T09:00Z", "2026-03-02T09:00:00,5Z", "2026-03-02T09:00:00.5Z\n",
            "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-W10-1T09:00:00Z",
            "2026-03-02T09:00:00+23:59", "2026-03-02T09:00:00.Z", " 2026-03-02T09:00:00Z", "20260302T09:00:00.0000Z",
            "2026-03-02T090000.000000Z", "2026-03-02T09:00:00.5ZZ", "2026-03-02T09:00:00 UTCZ",
            "02026-03-02T09:00:00Z", "+2026-03-02T09:00:00Z", "2026-03-02T09:00:00+0Z",
            "2026-03-02T09:00:00.123456Z\u200b", "2026-3-2T9:0:0.00000Z",
            "٢٠٢٦-03-02T09:00:00Z",
        ]
    ),
    st.datetimes(datetime(1980, 1, 1), datetime(2030, 1, 1)).map(lambda t: t.isoformat() + "Z"),
    VALUES,
)  # fmt: skip


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    """A well-formed event with a few things changed: values, missing and unknown fields."""
    wire = draw(st.sampled_from(list(event_classes())))
    body = event(wire)
    fields = list(data_class(event_classes()[wire]).model_fields)
    chosen = draw(st.lists(st.sampled_from(fields), unique=True))
    body["data"] |= {name: draw(VALUES) for name in chosen}
    if draw(st.booleans()):
        body["time"] = draw(TIMES)
    for name in draw(st.lists(st.sampled_from(["id", "source", "subject", "specversion"]), max_size=2, unique=True)):
        body[name] = draw(VALUES)
    if draw(st.booleans()):
        body["simulated"] = draw(st.one_of(st.booleans(), VALUES))
    if draw(st.booleans()):
        body["revision"] = draw(st.one_of(st.sampled_from([0, 1, 2**53 - 1, 2**53, 2**70]), VALUES))
    match draw(st.integers(0, 9)):
        case 0:
            body.pop(draw(st.sampled_from(list(body))))
        case 1:
            body["data"][draw(st.sampled_from(["phone", "", "customer_id "]))] = draw(VALUES)
    return body


def accepts_the_same(message: bytes) -> None:
    try:
        fast, at = fast_reader.read(message)
    except (msgspec.MsgspecError, ValueError):
        return  # The contract is asked, whatever it says.
    contract = EVENT.validate_json(message)
    assert at == (contract.time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    for name in ("id", "source", "subject", "simulated", "revision"):
        assert getattr(fast, name) == getattr(contract, name)
    facts = contract.data
    assert not facts.model_extra
    assert msgspec.to_builtins(fast.data) == {
        name: (list(value) if isinstance(value, tuple) else value)
        for name, value in facts.model_dump().items()
        if value != type(facts).model_fields[name].default or type(facts).model_fields[name].is_required()
    }


@settings(max_examples=1500, deadline=None)
@given(bodies())
def test_what_the_fast_reader_accepts_the_contract_accepts_with_equal_values(body: dict[str, Any]) -> None:
    accepts_the_same(json.dumps(body).encode())


@settings(max_examples=500, deadline=None)
@given(bodies(), st.data())
@example(event("answered"), None)
def test_damaged_bytes_are_never_read_by_the_fast_reader_alone(body: dict[str, Any], data: Any) -> None:
    message = bytearray(json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if data is not None:
        for _ in range(data.draw(st.integers(1, 3))):
            message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    accepts_the_same(bytes(message))


@pytest.mark.parametrize("wire", list(event_classes()))
def test_the_fast_reader_itself_reads_a_usual_message_of_every_type(wire: str) -> None:
    body = event(wire)
    assert EVENT.validate_json(json.dumps(body)).type == wire
    assert fast_reader.read(json.dumps(body).encode())[0].id == body["id"]


def test_a_repeated_key_is_read_the_same_way_by_both() -> None:
    message = json.dumps(event("answered")).replace('"source": "north"', '"source": "south", "source": "north"')
    accepts_the_same(message.encode())
    assert EVENT.validate_json(message).source == fast_reader.read(message.encode())[0].source


@settings(max_examples=300, deadline=None)
@given(bodies())
def test_both_ways_through_the_decoder_give_the_same_row(body: dict[str, Any]) -> None:
    """An unknown field sends the message through the contract's reader; nothing else may change."""
    decoder = Decoder("k" * 32, 3600, 1_000_000)
    slow = {**body, "data": {**body.get("data", {}), "unknown_field": 1}} if "data" in body else body
    now = T0 + timedelta(days=1)
    first, second = decoder.decode(records([body]), now), decoder.decode(records([slow]), now)
    assert first.events.drop(["ignored_fields"]) == second.events.drop(["ignored_fields"])
    assert first.simulated == second.simulated


LINES = st.one_of(
    bodies().map(lambda body: json.dumps(body).encode("utf-8", "surrogatepass")),
    bodies().map(lambda body: json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")),
    bodies().map(lambda body: json.dumps(body, indent=1).encode("utf-8", "surrogatepass")),
    st.binary(max_size=8),
    st.sampled_from([b"", b"{", b"}", b"{}", b'{"a":"}', b'{"a":{}', b'"}', b"{}{}", b"{}\n{}", b',"x":1}']),
)


@settings(max_examples=1000, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=5), st.lists(st.integers(0, 400), max_size=4))
def test_messages_read_together_are_read_as_each_alone(messages: list[bytes], cuts: list[int]) -> None:
    """Also when a message was cut in two, or two were put into one."""
    for cut in cuts:
        place = cut % len(messages)
        whole = messages.pop(place)
        messages[place:place] = [whole[:cut], whole[cut:]]
    try:
        events, at = fast_reader.read_all(messages)
    except (msgspec.MsgspecError, ValueError):
        return
    alone = [fast_reader.read(message) for message in messages]
    assert (events, at) == ([event for event, _ in alone], [when for _, when in alone])


def test_usual_messages_are_read_together() -> None:
    messages = [json.dumps(event(wire)).encode() for wire in event_classes()]
    events, at = fast_reader.read_all(messages)
    assert len(events) == len(at) == len(messages)

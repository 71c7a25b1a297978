"""What becomes of each message: an event, or a refusal that says what, where and what was expected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ingest.decoding.decoder import Decoder
from tests.builders import KEY, T0, encoded, event, records

NOW = T0 + timedelta(days=1)


def refusal(decoder: Decoder, message: bytes | None) -> tuple[str, str]:
    decoded = decoder.decode(records([message]), NOW)
    assert decoded.events.num_rows == 0
    (refused,) = decoded.refusals
    assert refused.message.value == message
    return refused.code, refused.reason


def test_a_valid_event_becomes_one_row_with_its_time_in_utc(decoder: Decoder) -> None:
    body = event("answered", agent_id="ann", wait_s=12) | {"time": "2026-03-02T10:30:00.250+01:00"}
    (row,) = decoder.decode(records([body]), NOW).events.to_pylist()
    assert row["occurred_at"] == datetime(2026, 3, 2, 9, 30, 0, 250_000)
    assert row["data"] == '{"agent_id":"ann","wait_s":12.0}'
    assert (row["site"], row["type"], row["subject"]) == ("north", "contact.answered", "c1")


def test_a_customer_identifier_is_stored_only_as_a_keyed_hash(decoder: Decoder) -> None:
    body = event("offered", customer_id="4711-secret")
    data = str(decoder.decode(records([body]), NOW).events["data"].to_pylist()[0])
    assert "4711-secret" not in data
    again = decoder.decode(records([body]), NOW).events["data"].to_pylist()[0]
    other_key = Decoder("x" * 32, 3600, 1_000_000).decode(records([body]), NOW).events["data"].to_pylist()[0]
    assert data == again != other_key


def test_the_same_customer_has_the_same_hash_at_every_site(decoder: Decoder) -> None:
    north = event("offered", customer_id="4711")
    south = event("offered", customer_id="4711") | {"source": "south"}
    rows = decoder.decode(records([north]) + records([south], site="south"), NOW).events["data"].to_pylist()
    assert rows[0] == rows[1]


def test_the_order_of_keys_and_unknown_envelope_attributes_change_nothing(decoder: Decoder) -> None:
    body = event("answered", agent_id="ann", wait_s=3)
    turned = dict(reversed(body.items())) | {
        "data": dict(reversed(body["data"].items())),
        "traceparent": "00-1",
    }
    rows = [decoder.decode(records([one]), NOW).events.to_pylist() for one in (body, turned)]
    assert rows[0] == rows[1]
    together = decoder.decode(records([body, turned]), NOW)
    assert (together.events.num_rows, together.repeats) == (1, {"north": 1})


def test_unknown_fields_of_data_are_named_but_not_kept(decoder: Decoder) -> None:
    (row,) = decoder.decode(records([event("answered", phone="0800", wait_s=1)]), NOW).events.to_pylist()
    assert row["ignored_fields"] == ["phone"]
    assert row["data"] == '{"wait_s":1.0}'


@pytest.mark.parametrize(
    ("message", "code", "words"),
    [
        (b"\xff\xfe{}", "not_utf8", ["byte 0", "UTF-8"]),
        (b'{"specversion": "1.0", "id": "\xff"}', "not_utf8", ["byte 30", "UTF-8"]),
        (b"{", "not_json", ["expected a JSON document"]),
        (b"", "not_json", ["expected a JSON document"]),
        (b"[" * 100_000, "not_json", ["recursion"]),
        (b"[]", "not_cloudevents", ["expected a CloudEvents JSON object, got list"]),
        (b"17", "not_cloudevents", ["got int"]),
        (b'{"a": 1}', "not_cloudevents", ["type: missing"]),
        (None, "empty", ["without a value"]),
        (b"x" * 1_000_001, "too_long", ["1,000,001", "at most 1,000,000"]),
        (encoded(event("contact.invented")), "unknown_type", ["contact.invented", "contact.offered"]),
        (encoded(event("offered", queue=3)), "bad_field", ["data.queue", "string", "got 3"]),
        (encoded(event("held") | {"data": {}}), "bad_field", ["data.hold_s", "Field required"]),
        (encoded(event("held", hold_s=-1)), "bad_field", ["data.hold_s", "greater than or equal to 0"]),
        (encoded(event("held", hold_s="5")), "bad_field", ["data.hold_s", "number"]),
        (encoded(event("answered") | {"data": "x"}), "bad_field", ["data", "got 'x'"]),
        (encoded(event("answered", agent_id="a\x00b")), "bad_field", ["data.agent_id"]),
        (encoded(event("answered") | {"id": ""}), "not_cloudevents", ["id", "at least 1 character"]),
        (encoded(event("answered") | {"specversion": "0.3"}), "not_cloudevents", ["specversion", "'1.0'"]),
        (encoded(event("answered") | {"time": "yesterday"}), "not_cloudevents", ["time", "RFC 3339"]),
        (encoded(event("answered") | {"time": "2026-03-02T09:00:00"}), "not_cloudevents", ["time", "RFC 3339"]),
        (encoded(event("answered") | {"time": 1_700_000_000}), "not_cloudevents", ["time", "RFC 3339"]),
        (encoded(event("answered") | {"source": "south"}), "wrong_source", ["'north'", "'south'"]),
        (encoded(event("answered", after_s=10 * 86_400)), "in_future", ["ahead", "at most 3,600 s"]),
        (encoded(event("answered") | {"time": "1970-01-01T00:00:00Z"}), "too_old", ["1990-01-01 or later"]),
        (encoded(event("answered") | {"time": "0001-01-01T00:00:00+14:00"}), "too_old", ["1990"]),
    ],
)  # fmt: skip
def test_a_message_that_cannot_be_used_is_refused_with_what_where_and_what_was_expected(
    decoder: Decoder, message: bytes | None, code: str, words: list[str]
) -> None:
    found, reason = refusal(decoder, message)
    assert found == code
    assert reason.startswith("contacts.north[0]@0: ")
    for word in words:
        assert word in reason


def test_a_refusal_never_repeats_a_customer_identifier(decoder: Decoder) -> None:
    _, reason = refusal(decoder, encoded(event("offered", customer_id=4711_0815)))
    assert "customer_id" in reason
    assert "4711" not in reason


def test_two_events_in_one_message_are_refused_not_taken_for_two(decoder: Decoder) -> None:
    one = encoded(event("started"))
    code, _ = refusal(decoder, one + b"," + one)
    assert code == "not_json"


def test_a_bad_message_does_not_touch_its_neighbours(decoder: Decoder) -> None:
    decoded = decoder.decode(records([event("started"), b"{", event("offered")]), NOW)
    assert decoded.events["kafka_offset"].to_pylist() == [0, 2]
    assert [r.message.offset for r in decoded.refusals] == [1]


def test_an_event_just_inside_the_tolerance_is_accepted() -> None:
    decoder = Decoder(KEY, future_tolerance_s=60, max_message_bytes=1_000_000)
    assert decoder.decode(records([event("started", after_s=60)]), T0).events.num_rows == 1
    assert decoder.decode(records([event("started", after_s=61)]), T0).events.num_rows == 0


def test_received_at_is_the_receivers_clock(decoder: Decoder) -> None:
    (row,) = decoder.decode(records([event("started")]), NOW).events.to_pylist()
    assert row["received_at"].replace(tzinfo=UTC) == NOW

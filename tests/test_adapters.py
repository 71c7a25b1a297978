"""Adapters as a whole: all are listed, none falls over, and `backstop check` says what becomes of each message."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from ingest.adapters.base import Adapter, NotUnderstoodError
from ingest.adapters.catalogue import ADAPTERS
from ingest.adapters.check import check, messages
from ingest.cli import app
from models.events import EVENT
from tests.builders import event
from tests.fuzz_adapters import fuzz
from tests.test_adapter_amazon_connect_refused import plain_json
from tests.test_adapter_twilio_taskrouter import SOCKET

SAMPLES = Path(__file__).parents[2] / "shared/data/vendor_samples"

every_adapter = pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=ADAPTERS)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(map(str, arguments)))
    return result.exit_code, result.output


def test_all_systems_of_the_field_are_there() -> None:
    assert set(ADAPTERS) == {"cloudevents", "amazon_connect", "asterisk", "genesys_cloud", "twilio_taskrouter"}
    code, said = run("adapters")
    assert code == 0
    for name, adapter in ADAPTERS.items():
        assert name in said
        assert adapter.system in said
        assert all(kind in said for kind in adapter.messages)


@every_adapter
@settings(max_examples=150, deadline=None)
@given(message=st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_message_makes_an_adapter_fall_over(adapter: Adapter, message: bytes) -> None:
    checked = check(1, message, adapter, "north")
    assert checked.events or checked.nothing or checked.refused


@every_adapter
@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"\xff\xfe",
        b"1e999",
        b'"' + b"x" * 100_000 + b'"',
    ],
)
def test_a_message_that_is_nothing_is_refused_or_says_why_not(adapter: Adapter, message: bytes) -> None:
    checked = check(1, message, adapter, "north")
    assert not checked.events
    assert 0 < len(checked.refused or checked.nothing) < 1000


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"a": 1}', [b'{"a": 1}']),
        (b'[{"a": 1}, {"b": 2}]', [b'{"a": 1}', b'{"b": 2}']),
        (b'{"a": 1}\n\n{"b": 2}\n', [b'{"a": 1}', b'{"b": 2}']),
        (b"1|2|3\r\n4|5|6\r\n", [b"1|2|3", b"4|5|6"]),
        (b"Event: A\nQueue: q\n\nEvent: B\n", [b"Event: A\nQueue: q", b"Event: B"]),
        (b"", []),
        (b"\xef\xbb\xbf[1]", [b"1"]),
    ],
)
def test_a_file_is_taken_apart_into_its_messages(content: bytes, expected: list[bytes]) -> None:
    assert list(messages(content)) == expected


def test_check_shows_events_reasons_and_a_sum(tmp_path: Path) -> None:
    path = tmp_path / "messages.jsonl"
    good = event("offered") | {"subject": "c\x1b[31m1"}
    path.write_text(f"{json.dumps(event('offered'))}\n{json.dumps(good)}\n{{broken\n" + json.dumps(event("held")))
    code, said = run("check", path, "--adapter", "cloudevents")
    assert code == 1
    lines = said.splitlines()
    assert "contact.offered" in lines[0]
    assert "refused" in lines[1]
    assert "\x1b" not in said
    assert "refused: not JSON" in lines[2]
    assert lines[-1].endswith("2 refused") or lines[-1].endswith("3 refused")


def test_check_prints_the_events_in_full_for_programs(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps(event("offered")))
    result = CliRunner().invoke(app, ["check", str(path), "--adapter", "cloudevents", "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout.splitlines()[0])["events"] == [event("offered")]


def test_what_cannot_be_checked_is_said_plainly(tmp_path: Path) -> None:
    code, said = run("check", tmp_path, "--adapter", "cloudevents")
    assert (code, "cannot be read" in said) == (2, True)
    code, said = run("check", tmp_path / "x", "--adapter", "avaya")
    assert code == 2
    assert "expected one of cloudevents" in " ".join(said.split())


def test_check_reads_what_amazon_connect_sends(tmp_path: Path) -> None:
    path = tmp_path / "messages.jsonl"
    queued = {
        "source": "aws.connect",
        "detail-type": "Amazon Connect Contact Event",
        "detail": {
            "eventType": "QUEUED",
            "contactId": "c-1",
            "channel": "VOICE",
            "initiationMethod": "INBOUND",
            "initiationTimestamp": "2026-09-01T10:00:00.000Z",
            "queueInfo": {"queueArn": "arn:aws:connect:x:1:instance/i/queue/q-1", "queueType": "STANDARD",
                          "enqueueTimestamp": "2026-09-01T10:00:05.000Z"},
        },
    }  # fmt: skip
    path.write_text(json.dumps(queued) + "\n")
    code, said = run("check", path, "--adapter", "amazon_connect")
    assert code == 0, said
    assert "2026-09-01T10:00:05" in said
    assert "contact.offered" in said
    assert said.splitlines()[-1].endswith("0 refused")


def vendor_messages(name: str) -> list[bytes]:
    """The native messages of a vendor's samples, in the form that reaches a topic."""
    found: list[bytes] = []
    for path in sorted((SAMPLES / name).iterdir()):
        # Published with comments and ellipses; see plain_json.
        document = json.loads(plain_json(path.read_text("utf-8")))
        if name == "genesys_cloud":
            found += [json.dumps(each).encode() for each in document["conversations"]]
        elif name == "twilio_taskrouter":
            found += [
                json.dumps({"event_type": SOCKET[kind], "payload": payload}).encode()
                for kind, payload in document.items()
            ]
        else:
            found.append(json.dumps(document).encode())
    return found


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"the vendors' samples are not in {SAMPLES}")
@pytest.mark.parametrize(
    ("name", "count", "silent"),
    [("amazon_connect", 5, 0), ("genesys_cloud", 25, 0), ("twilio_taskrouter", 25, 16)],
)
def test_every_sample_of_the_vendors_becomes_events_or_says_nothing(name: str, count: int, silent: int) -> None:
    told = [ADAPTERS[name].tell(message, "north") for message in vendor_messages(name)]
    assert len(told) == count
    assert all(bool(each.events) != bool(each.nothing) for each in told)
    assert sum(not each.events for each in told) == silent
    for each in told:
        for made in each.events:
            EVENT.validate_json(json.dumps(made))


PHONE, MAIL = "+4955573194628", "anna.k@mail.example"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("amazon_connect", {"AWSContactTraceRecordFormatVersion": "1", "ContactId": "c", "Channel": "VOICE",
                            "InitiationMethod": "INBOUND", "LastUpdateTimestamp": "2026-03-02T09:00:00Z",
                            "InitiationTimestamp": "2026-03-02T09:00:00Z", "CustomerId": "anna\x00"}),
        ("amazon_connect", {PHONE: 1}),
        ("genesys_cloud", {"conversationId": PHONE * 9}),
        ("genesys_cloud", {"conversationId": "c", "conversationStart": MAIL}),
        ("genesys_cloud", {"conversationId": "c", "conversationStart": "2026-03-02T09:00:00Z",
                           "participants": [{"purpose": "customer", "externalContactId": "anna" * 40}]}),
        ("twilio_taskrouter", {"EventType": "task.created", "TimestampMs": "1772442000000", "TaskSid": "t",
                               "TaskAttributes": json.dumps({"from": MAIL})[:-1]}),
        ("twilio_taskrouter", {"EventType": "task.created", "Timestamp": int(PHONE)}),
        ("asterisk", {"Event": "Join", "Timestamp": "1772442000", "Uniqueid": "c", "Queue": "q",
                      "CallerID": "anna" * 40}),
        ("asterisk", {"Event": "Join", "Timestamp": PHONE, "Uniqueid": "c", "Queue": "q"}),
        ("cloudevents", event("offered") | {"type": MAIL}),
    ],
)  # fmt: skip
def test_a_refusal_does_not_name_the_customer(name: str, message: dict[str, object]) -> None:
    refused = check(1, json.dumps(message).encode(), ADAPTERS[name], "north").refused
    assert "expected" in refused or "Input" in refused
    assert not any(trace in refused for trace in ("anna", PHONE[3:], "mail.example"))


@every_adapter
def test_messages_nested_as_deep_as_can_be_read_are_told_or_refused(adapter: Adapter) -> None:
    for depth in range(880, 1000, 7):
        message = b'{"a":' * depth + b"1" + b"}" * depth
        try:
            adapter.tell(message, "north")
        except NotUnderstoodError:
            continue
        assert check(1, message, adapter, "north").refused


def test_a_file_of_deeply_nested_messages_is_taken_apart_too() -> None:
    for depth in range(900, 1000, 3):
        content = b"[" * depth + b"]" * depth
        assert len(list(messages(content))) == 1


def test_damaged_messages_are_told_say_nothing_or_are_refused() -> None:
    found = fuzz(20_000, seed=20, workers=1)
    assert not found.failures, found.failures[0]
    for name in ADAPTERS:
        assert min(found.counts[name, "told"], found.counts[name, "refused"]) > 500


def test_the_same_seed_damages_the_same_whoever_does_it() -> None:
    assert fuzz(1_000, seed=5, workers=1).digest == fuzz(1_000, seed=5, workers=2).digest

"""Asterisk's queue_log and AMI events: what a log becomes, worked out by hand, and what is refused and why."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.adapters.asterisk.adapter import ADAPTER
from ingest.adapters.base import NotUnderstoodError
from models.events import EVENT
from tests.adapter_contacts import Known, known, tell

T = 1_772_442_000
T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

# Seconds after T first. Every way out of a queue, and calls whose end is missing.
LOG = """
0|NONE|NONE|NONE|QUEUESTART|
0|c1|sales|NONE|DID|4930100
0|c1|sales|NONE|ENTERQUEUE||+49301001|1
12|c1|sales|SIP/101|CONNECT|12|c1m|4
72|c1|sales|SIP/101|COMPLETEAGENT|12|60|1
1|c2|sales|NONE|ENTERQUEUE||anonymous|2
9|c2|sales|SIP/102|RINGNOANSWER|5000
31|c2|sales|Agent/1001|CONNECT|30|c2m|6
76|c2|sales|Agent/1001|COMPLETECALLER|30|45|2
2|c3|sales|NONE|ENTERQUEUE||+49301003|3
22|c3|sales|NONE|ABANDON|1|3|20
3|c4|sales|NONE|ENTERQUEUE||+49301004|4
63|c4|sales|NONE|EXITWITHTIMEOUT|1|4|60
4|c5|sales|NONE|ENTERQUEUE||unknown|5
19|c5|sales|NONE|EXITWITHKEY|1|2|5|15
5|c6|night|NONE|ENTERQUEUE||<unknown>|1
7|c6|night|NONE|EXITEMPTY|1|1|2
6|c7|sales|NONE|ENTERQUEUE||+49301007|2
10|c7|sales|Anna Berg|CONNECT|4|c7m|2
40|c7|sales|Anna Berg|BLINDTRANSFER|600|internal|4|30|2
41|c7|billing|NONE|ENTERQUEUE||+49301007|1
51|c7|billing|SIP/103|CONNECT|10|c7n|3
71|c7|billing|SIP/103|COMPLETECALLER|10|20|1
7|c8|sales|NONE|ENTERQUEUE||+49301008|2
9|c8|sales|NONE|CONNECT|2|c8m|1
59|c8|sales|SIP/101|ATTENDEDTRANSFER|BRIDGE|1f0c-bridge|2|50|2
8|c9|sales|NONE|ENTERQUEUE||+49301009|2
13|c9|sales|SIP/101|CONNECT|5|c9m|1
38|c9|sales|SIP/101|ATTENDEDTRANSFER|LINK|SIP/101-0a|SIP/200-0b|5|25|2
80|c10|sales|NONE|ENTERQUEUE||+493010010|1
90|c10|sales|SIP/101|CONNECT|10|c10m|4
81|c11|sales|NONE|ENTERQUEUE||+493010011|2
95|NONE|NONE|NONE|QUEUESTART|
96|c12|sales|NONE|ENTERQUEUE||+493010012|1
126|c12|sales|NONE|EXITWITHTIMEOUT|1|1|30
126|c12|overflow|NONE|ENTERQUEUE||+493010012|1
130|c12|overflow|SIP/104|CONNECT|4|c12m|2
140|c12|overflow|SIP/104|TRANSFER|700|internal|4|10
"""

Contact = dict[str, Any]


# By hand from LOG. answered: at, agent, wait. completed: at, talk, ended by. left: at, reason, wait.
GOLDEN: dict[str, Contact] = {
    "c1/sales": {
        "offered": (0, "sales", "+49301001"),
        "answered": (12, "SIP/101", 12),
        "completed": (72, 60, "agent"),
    },
    "c2/sales": {
        "offered": (1, "sales", None),
        "answered": (31, "Agent/1001", 30),
        "completed": (76, 45, "customer"),
    },
    "c3/sales": {"offered": (2, "sales", "+49301003"), "abandoned": (22, 20)},
    "c4/sales": {"offered": (3, "sales", "+49301004"), "left_queue": (63, "overflow", 60)},
    "c5/sales": {"offered": (4, "sales", None), "left_queue": (19, "other", 15)},
    "c6/night": {"offered": (5, "night", None), "left_queue": (7, "closed", 2)},
    "c7/sales": {
        "offered": (6, "sales", "+49301007"),
        "answered": (10, "Anna Berg", 4),
        "completed": (40, 30, None),
        "transfers": (40, False),
    },
    "c7/billing": {
        "offered": (41, "billing", "+49301007"),
        "answered": (51, "SIP/103", 10),
        "completed": (71, 20, "customer"),
    },
    "c8/sales": {
        "offered": (7, "sales", "+49301008"),
        "answered": (9, None, 2),
        "completed": (59, 50, None),
        "transfers": (59, True),
    },
    "c9/sales": {
        "offered": (8, "sales", "+49301009"),
        "answered": (13, "SIP/101", 5),
        "completed": (38, 25, None),
        "transfers": (38, True),
    },
    "c10/sales": {"offered": (80, "sales", "+493010010"), "answered": (90, "SIP/101", 10)},
    "c11/sales": {"offered": (81, "sales", "+493010011")},
    "c12/sales": {"offered": (96, "sales", "+493010012"), "left_queue": (126, "overflow", 30)},
    "c12/overflow": {
        "offered": (126, "overflow", "+493010012"),
        "answered": (130, "SIP/104", 4),
        "completed": (140, 10, None),
        "transfers": (140, None),
    },
}


def log_line(text: str) -> bytes:
    """A line whose time is written as seconds after T."""
    after, rest = text.split("|", 1)
    return f"{T + int(after)}|{rest}\n".encode()


def ami(event: str, after: float | None, **fields: str) -> dict[str, str]:
    """An AMI event as forwarders send it."""
    time = {} if after is None else {"Timestamp": f"{T + after:.6f}"}
    return {"Event": event, "Privilege": "agent,all"} | time | fields


def as_json(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode()


def as_text(message: dict[str, str]) -> bytes:
    return "".join(f"{key}: {value}\r\n" for key, value in message.items()).encode() + b"\r\n"


def told(*messages: bytes) -> list[Any]:
    """Events of messages, each held against the contract."""
    return [EVENT.validate_json(json.dumps(e)) for m in messages for e in ADAPTER.tell(m, "north").events]


def made(*messages: bytes) -> list[dict[str, Any]]:
    """The same as they were made."""
    return tell(ADAPTER, *messages)


def only(message: bytes) -> Any:
    (event,) = told(message)
    return event


def nothing(message: bytes) -> str:
    """Why a message becomes no event."""
    answer = ADAPTER.tell(message, "north")
    assert answer.events == ()
    return answer.nothing


def refused(message: bytes) -> str:
    with pytest.raises(NotUnderstoodError) as error:
        ADAPTER.tell(message, "north")
    return str(error.value)


def contacts(events: Iterable[dict[str, Any]]) -> dict[str, Contact]:
    """The contacts of these events in the form of GOLDEN."""
    return {contact: _short(of) for contact, of in known(events).items()}


_SHOWN = {
    "offered": ("queue", "customer_id"),
    "answered": ("agent_id", "wait_s"),
    "abandoned": ("wait_s",),
    "left_queue": ("reason", "wait_s"),
    "completed": ("talk_s", "ended_by"),
    "transfers": ("warm",),
}


def _short(of: Known) -> Contact:
    short = {}
    for column, names in _SHOWN.items():
        for when, fields in of.get(column, []):
            assert column not in short, "every contact below has at most one fact of a kind"
            short[column] = ((when - T0).total_seconds(), *(fields[name] for name in names))
    return short


MESSAGES = [log_line(text) for text in LOG.strip().splitlines()]


def test_the_log_becomes_the_contacts_worked_out_by_hand() -> None:
    assert datetime.fromtimestamp(T, UTC) == T0
    assert contacts(made(*MESSAGES)) == GOLDEN


@given(st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_shuffled_and_repeated_lines_give_the_same(chance: random.Random) -> None:
    lines = MESSAGES + chance.sample(MESSAGES, 12)
    chance.shuffle(lines)
    assert contacts(made(*lines)) == GOLDEN


def test_ids_are_unique_and_a_line_that_comes_again_gives_the_same_event() -> None:
    events = told(*MESSAGES)
    assert len({e.id for e in events}) == len(events)
    assert told(*MESSAGES) == events
    assert only(log_line("0|c1|sales|NONE|ENTERQUEUE||1|1")).id == f"c1/sales/ENTERQUEUE/{T}/offered"


def test_a_call_that_enters_the_same_queue_again_stays_one_contact() -> None:
    loop = [
        "0|c1|sales|NONE|ENTERQUEUE||1|1",
        "30|c1|sales|NONE|EXITWITHTIMEOUT|1|1|30",
        "40|c1|sales|NONE|ENTERQUEUE||1|1",
        "45|c1|sales|SIP/1|CONNECT|5|m|2",
    ]
    assert contacts(made(*map(log_line, loop))) == {
        "c1/sales": {"offered": (0, "sales", "1"), "left_queue": (30, "overflow", 30), "answered": (45, "SIP/1", 5)}
    }


def test_what_the_log_cannot_say_stays_empty() -> None:
    for e in told(*MESSAGES):
        said = e.data.model_dump(exclude_unset=True)
        assert not {"initial_contact_id", "previous_contact_id", "hold_s", "to_queue", "language"} & set(said)
        assert e.source == "north"


CALL = [
    ami("QueueCallerJoin", 0.25, Uniqueid="c1", Linkedid="c1", Queue="sales", CallerIDNum="+49301001", Priority="4"),
    ami("AgentCalled", 6, Uniqueid="c1", Queue="sales", MemberName="Anna Berg", Interface="SIP/101"),
    ami("QueueCallerLeave", 12, Uniqueid="c1", Queue="sales"),
    ami("AgentConnect", 12.5, Uniqueid="c1", Queue="sales", MemberName="Anna Berg", Interface="SIP/101", HoldTime="12"),
    ami("Hold", 20, Uniqueid="c1m"),
    ami("Unhold", 25, Uniqueid="c1m"),
    ami("AgentComplete", 72.5, Uniqueid="c1", Queue="sales", HoldTime="12", TalkTime="60", Reason="caller"),
]
CALL_GOLDEN = {
    "c1/sales": {
        "offered": (0.25, "sales", "+49301001"),
        "answered": (12.5, "Anna Berg", 12),
        "completed": (72.5, 60, "customer"),
    }
}


@pytest.mark.parametrize("write", [as_json, as_text])
def test_an_ami_call_with_times(write: Any) -> None:
    assert contacts(made(*map(write, CALL))) == CALL_GOLDEN
    assert contacts(made(*map(write, reversed(CALL + CALL)))) == CALL_GOLDEN


@pytest.mark.parametrize("write", [as_json, as_text])
def test_an_ami_call_without_times_is_refused_saying_what_to_enable(write: Any) -> None:
    bare = [{key: value for key, value in message.items() if key != "Timestamp"} for message in CALL]
    for message in bare:
        if message["Event"] in {"QueueCallerJoin", "AgentConnect", "AgentComplete"}:
            assert "timestampevents = yes" in refused(write(message))
        else:
            assert nothing(write(message))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Timestamp", T + 0.25),
        ("Timestamp", "2026-03-02T09:00:00.25Z"),
        ("@timestamp", "2026-03-02T10:00:00.250+01:00"),
        ("time", "2026-03-02 09:00:00.250000000z"),
    ],
)
def test_a_time_in_any_accepted_form_is_the_same_time_and_id(field: str, value: object) -> None:
    message = {"event": "QueueCallerJoin", "uniqueID": "c1", "queue": "sales", field: value}
    event = only(as_json(message))
    assert event.time == T0 + timedelta(seconds=0.25)
    assert event.id == f"c1/sales/QueueCallerJoin/{T}.250000/offered"


def test_ami_ways_out() -> None:
    call = {"Uniqueid": "c1", "Queue": "sales"}
    abandoned = only(as_json(ami("QueueCallerAbandon", 9, **call, Position="1", HoldTime="9")))
    assert (abandoned.type, abandoned.data.model_dump()) == ("contact.abandoned", {"wait_s": 9.0})
    moved, ended = told(as_json(ami("AgentComplete", 50, **call, TalkTime="41", Reason="transfer")))
    assert (moved.type, moved.data.model_dump(exclude_unset=True)) == ("contact.transferred", {})
    assert (ended.type, ended.data.model_dump(exclude_unset=True)) == ("contact.completed", {"talk_s": 41.0})
    for event in ("BlindTransfer", "AttendedTransfer"):
        assert "AgentComplete" in nothing(as_json({"Event": event, "TransfereeUniqueid": "c1"}))
    old = only(as_text(ami("Join", 0, **call, CallerIDNum="unknown")))
    assert (old.type, old.data.model_dump(exclude_unset=True)) == (
        "contact.offered",
        {"channel": "voice", "queue": "sales"},
    )


LOG_STATES = [
    ("0|NONE|sales|Anna|ADDMEMBER|", "available", None),
    ("0|NONE|sales|Anna|ADDMEMBER|PAUSED", "other_work", None),
    ("0|MANAGER|sales|SIP/101|REMOVEMEMBER|", "offline", None),
    ("0|NONE|sales|Anna|PAUSE|", "other_work", None),
    ("0|NONE|sales|Anna|PAUSE", "other_work", None),
    ("0|NONE|sales|Anna|PAUSE|Lunch break", "lunch", "Lunch break"),
    ("0|NONE|sales|Anna|PAUSE|coffee-BREAK", "break", "coffee-BREAK"),
    ("0|NONE|sales|Anna|PAUSE|Team meeting", "meeting", "Team meeting"),
    ("0|NONE|sales|Anna|PAUSE|Training", "training", "Training"),
    ("0|NONE|sales|Anna|PAUSE|Breakdown", "other_work", "Breakdown"),
    ("0|NONE|sales|Anna|UNPAUSE|", "available", None),
    ("0|c9|NONE|1001|AGENTLOGIN|SIP/101-01", "available", None),
    ("0|c9|NONE|1001|AGENTLOGOFF|SIP/101-01|3600", "offline", None),
    ("0|c9|NONE|Agent/1001|AGENTCALLBACKLOGIN|101@internal", "available", None),
    ("0|NONE|NONE|Agent/1001|AGENTCALLBACKLOGOFF|101@internal|43|Autologoff", "offline", "Autologoff"),
]


@pytest.mark.parametrize(("line", "state", "reason"), LOG_STATES)
def test_states_of_agents_in_the_log(line: str, state: str, reason: str | None) -> None:
    event = only(log_line(line))
    assert event.type == "agent.state_changed"
    assert (event.subject, event.data.state, event.data.reason) == (line.split("|")[3], state, reason)


@pytest.mark.parametrize(
    ("event", "fields", "state", "reason"),
    [
        ("QueueMemberAdded", {"Paused": "0", "Status": "1"}, "available", None),
        ("QueueMemberAdded", {"Paused": "1", "Status": "1"}, "other_work", None),
        ("QueueMemberAdded", {"Paused": "0", "Status": "0"}, "available", None),
        ("QueueMemberRemoved", {}, "offline", None),
        ("QueueMemberPause", {"Paused": "1", "PausedReason": "lunch", "Status": "1"}, "lunch", "lunch"),
        ("QueueMemberPaused", {"Paused": "1", "Reason": "call backs"}, "other_work", "call backs"),
        ("QueueMemberPause", {"Paused": "0", "Status": "1"}, "available", None),
        ("QueueMemberPause", {"Paused": "0", "Status": "2", "InCall": "1"}, "busy", None),
        ("QueueMemberStatus", {"Status": "2", "InCall": "1", "Paused": "1"}, "busy", None),
        ("QueueMemberStatus", {"Status": "2", "InCall": "0", "Paused": "0"}, "busy", None),
        ("QueueMemberStatus", {"Status": "1", "InCall": "0", "Paused": "0"}, "available", None),
        ("QueueMemberStatus", {"Status": "5", "InCall": "0", "Paused": "0"}, "offline", None),
    ],
)
def test_states_of_agents_in_ami(event: str, fields: dict[str, str], state: str, reason: str | None) -> None:
    one = only(as_text(ami(event, 0, Queue="sales", MemberName="Anna", Interface="SIP/101", **fields)))
    assert (one.subject, one.data.state, one.data.reason) == ("Anna", state, reason)


def test_ami_agents_of_the_pool_and_booleans() -> None:
    login, logoff = told(as_json(ami("AgentLogin", 0, Agent="1001")), as_json(ami("AgentLogoff", 9, Agent="1001")))
    assert [e.data.state for e in (login, logoff)] == ["available", "offline"]
    paused = ami("QueueMemberPause", 0, Queue="sales", Interface="SIP/101") | {"Paused": True}
    assert only(as_json(paused)).subject == "SIP/101"
    ringing = ami("QueueMemberStatus", 0, Queue="sales", MemberName="Anna", Status="6")
    assert "ringing" in nothing(as_json(ringing))


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (log_line("0|NONE|NONE|NONE|QUEUESTART|"), "without a line"),
        (log_line("0|c1|sales|SIP/1|RINGNOANSWER|5000"), "waits on"),
        (log_line("0|c1|sales|SIP/1|SYSCOMPAT|"), "other lines"),
        (log_line("0|NONE|NONE|SIP/1|PAUSEALL|lunch"), "every queue"),
        (log_line("0|c1|sales|NONE|INFO|anything"), "INFO"),
        (as_json({"Event": "Newchannel", "Uniqueid": "c1"}), "Newchannel"),
    ],
)
def test_messages_that_say_nothing_say_why(message: bytes, why: str) -> None:
    assert why in nothing(message)


def test_an_outbound_call_has_a_beginning_and_is_outbound() -> None:
    event = only(log_line("0|c1|out|SIP/1|CALLOUTBOUND|+49302||"))
    assert (event.type, event.data.direction, event.data.customer_id) == ("contact.started", "outbound", "+49302")


def test_shorter_lines_of_older_versions_and_clocks_set_back() -> None:
    assert only(log_line("0|c1|sales|NONE|EXITWITHKEY|1|2")).data.wait_s is None
    assert only(log_line("0|c1|sales|SIP/1|COMPLETEAGENT|3|-2|1")).data.talk_s is None
    assert only(f"{T}.25|c1|sales|NONE|ABANDON|1|1|7".encode()).time == T0 + timedelta(seconds=0.25)


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        (b"", ("expected a line of queue_log",)),
        (b"\xff|", ("byte 0", "UTF-8")),
        (b"1772442000|c1|sales", ("3 fields", "at least 5")),
        (b"2026-03-02 09:00:00.5|c1|q|NONE|ABANDON|1|1|2", ("field 1 (epoch)", "2026-03-02", "offset")),
        (b"1772442000000|c1|q|NONE|ABANDON|1|1|2", ("field 1 (epoch)", "seconds since 1970")),
        (log_line("0|NONE|q|NONE|ABANDON|1|1|2"), ("field 2 (callid)", "unique id")),
        (log_line("0|c1|NONE|NONE|ABANDON|1|1|2"), ("field 3 (queue)", "queue")),
        (log_line("0|NONE|q|NONE|PAUSE|"), ("field 4 (agent)", "member")),
        (log_line("0|c1|q|NONE|abandon|1|1|2"), ("field 5 (event)", "capitals")),
        (log_line("0|c1|q|NONE|ABANDON|1|1|soon"), ("field 8 (data3)", "'soon'", "seconds")),
        (log_line("0|c1|q|NONE|ABANDON|1|1|2") * 2, ("more than one line",)),
        (log_line(f"0|{'c' * 120}|{'q' * 120}|NONE|ABANDON|1|1|2"), ("at most 190",)),
        (b"{", ("not JSON",)),
        (b"{}", ("Event", "name of an event")),
        (as_json(CALL[0] | {"Timestamp": "yesterday"}), ("Timestamp", "'yesterday'", "RFC 3339")),
        (as_json(CALL[0] | {"Timestamp": "2026-02-30T09:00:00Z"}), ("Timestamp", "RFC 3339")),
        (as_json(CALL[0] | {"Uniqueid": 1772442000.10}), ("Uniqueid", "expected it as a text")),
        (as_json(CALL[0] | {"Queue": "a\ud800"}), ("Queue", "control")),
        (as_json(CALL[-1] | {"Reason": "fire"}), ("Reason", "agent, caller or transfer")),
        (as_json(ami("QueueMemberStatus", 0, Queue="q", MemberName="A", Status="9")), ("Status", "0 to 8")),
        (as_json(ami("QueueMemberPause", 0, Queue="q", MemberName="A", Paused="so")), ("Paused", "1 or 0")),
        (b"Event: Join\r\nnonsense", ("line 2", "Key: Value")),
        (b"Event: Join\nEvent: Join", ("line 2", "one event a message")),
    ],
)
def test_what_is_refused_says_what_where_and_what_was_expected(message: bytes, parts: tuple[str, ...]) -> None:
    said = refused(message)
    assert all(part in said for part in parts), said


NATIVE = [*MESSAGES, *map(as_json, CALL), *map(as_text, CALL), *(log_line(line) for line, _, _ in LOG_STATES)]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A native message with some bytes cut, changed, put in or doubled."""
    message = bytearray(draw(st.sampled_from(NATIVE)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(message)))
        upto = min(len(message), at + draw(st.integers(0, 6)))
        message[at:upto] = draw(st.binary(max_size=4) | st.text(max_size=3).map(str.encode))
    return bytes(message)


@settings(max_examples=600, deadline=None)
@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode) | mutated())
@example(b'{"Event": "Join", "Uniqueid": "\\ud800", "Queue": "q", "Timestamp": 1772442000}')
@example(b'{"Event": "Join", "Uniqueid": "c", "Queue": "q", "Timestamp": 1e400}')
@example(b'{"Event": "Join", "Uniqueid": "c", "Queue": "q", "Timestamp": "0001-01-01T00:00:00+14:00"}')
@example(b'{"Event": "Join", "a": ' + b"9" * 5000 + b"}")
@example(b"{" * 200_000)
@example(b'{"a":' * 100_000)
def test_any_bytes_are_told_or_refused_and_nothing_else(message: bytes) -> None:
    try:
        answer = ADAPTER.tell(message, "north")
    except NotUnderstoodError:
        return
    assert bool(answer.events) != bool(answer.nothing)
    for event in answer.events:
        EVENT.validate_json(json.dumps(event))

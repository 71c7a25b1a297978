"""Amazon Connect's messages become the contacts worked out by hand below, in any order and however often told."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.adapters.amazon_connect.adapter import ADAPTER
from ingest.adapters.base import Told
from models.events import EVENT
from tests.adapter_contacts import Known, known

Document = dict[str, Any]
ARN = "arn:aws:connect:eu-central-1:000011112222:instance/in-1"


def at(clock: str, *, milliseconds: bool = False) -> str:
    """A time of the second of March, as records (seconds) or events (milliseconds) write it."""
    return f"2026-03-02T{clock}{'.000' if milliseconds else ''}Z"


def tell(document: Document) -> Told:
    """Translate, and hold every event against the contract."""
    told = ADAPTER.tell(json.dumps(document).encode(), "north")
    assert bool(told.events) != bool(told.nothing)
    for event in told.events:
        EVENT.validate_json(json.dumps(event))
    return told


def record(contact: str, start: str, updated: str, **fields: Any) -> Document:
    """A contact record of a call that came in."""
    return {
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "Agent": None,
        "Attributes": {},
        "Channel": "VOICE",
        "ConnectedToSystemTimestamp": at(start),
        "ContactId": contact,
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": at(start),
        "InstanceARN": ARN,
        "LastUpdateTimestamp": at(updated),
        "NextContactId": None,
        "PreviousContactId": None,
        "Queue": None,
    } | fields


def queue(enqueued: str, dequeued: str, duration: int, name: str = "Billing") -> Document:
    return {
        "ARN": f"{ARN}/queue/q-{name}",
        "Name": name,
        "EnqueueTimestamp": at(enqueued),
        "DequeueTimestamp": at(dequeued),
        "Duration": duration,
    }


def agent(connected: str, talk: int, hold: int, wrap: tuple[str, str, int] | None = None) -> Document:
    made: Document = {
        "ARN": f"{ARN}/agent/ann",
        "Username": "ann@example.org",
        "ConnectedToAgentTimestamp": at(connected),
        "AgentInteractionDuration": talk,
        "CustomerHoldDuration": hold,
        "NumberOfHolds": 1 if hold else 0,
    }
    if wrap:
        start, end, duration = wrap
        made |= {
            "AfterContactWorkStartTimestamp": at(start),
            "AfterContactWorkEndTimestamp": at(end),
            "AfterContactWorkDuration": duration,
        }
    return made


def contact_event(kind: str, contact: str, start: str, **fields: Any) -> Document:
    """A contact event in its EventBridge envelope."""
    detail = {
        "eventType": kind,
        "contactId": contact,
        "channel": "VOICE",
        "instanceArn": ARN,
        "initiationMethod": "INBOUND",
        "initiationTimestamp": at(start, milliseconds=True),
    }
    return {
        "version": "0",
        "id": f"{contact}-{kind}",
        "detail-type": "Amazon Connect Contact Event",
        "source": "aws.connect",
        "time": at(start),
        "detail": detail | fields,
    }


PLAIN = record(
    "c-plain", "09:00:00", "09:06:00",
    DisconnectReason="CUSTOMER_DISCONNECT", DisconnectTimestamp=at("09:05:00"), AgentConnectionAttempts=2,
    CustomerId="customer-7", Queue=queue("09:00:30", "09:01:00", 30), Agent=agent("09:01:00", 240, 0),
)  # fmt: skip
HOLD = record(
    "c-hold", "09:10:00", "09:20:00",
    DisconnectReason="AGENT_DISCONNECT", DisconnectTimestamp=at("09:16:40"),
    Queue=queue("09:10:10", "09:10:15", 5),
    Agent=agent("09:10:15", 300, 85, ("09:16:40", "09:17:25", 45)),
)  # fmt: skip
ABANDONED = record(
    "c-gone", "09:00:00", "09:03:00",
    DisconnectReason="CUSTOMER_DISCONNECT", DisconnectTimestamp=at("09:02:00"), AgentConnectionAttempts=1,
    Queue=queue("09:00:20", "09:02:00", 100),
)  # fmt: skip
TRANSFERRED = record(
    "c-first", "10:00:00", "10:10:00",
    DisconnectTimestamp=at("10:03:05"), TransferCompletedTimestamp=at("10:03:00"), NextContactId="c-second",
    InitialContactId="c-first", Queue=queue("10:00:05", "10:00:10", 5), Agent=agent("10:00:10", 170, 0),
)  # fmt: skip
ARRIVED = record(
    "c-second", "10:03:00", "10:09:00",
    InitiationMethod="TRANSFER", InitialContactId="c-first", PreviousContactId="c-first",
    DisconnectReason="CUSTOMER_DISCONNECT", DisconnectTimestamp=at("10:08:00"),
    Queue=queue("10:03:02", "10:04:02", 60, "Claims"), Agent=agent("10:04:02", 238, 0),
)  # fmt: skip
CALLBACK_ASKED = record(
    "c-asked", "11:35:00", "11:38:00",
    DisconnectReason="CONTACT_FLOW_DISCONNECT", DisconnectTimestamp=at("11:37:00"), NextContactId="c-called",
    Queue=queue("11:35:00", "11:37:00", 120),
)  # fmt: skip
CALLED_BACK = record(
    "c-called", "11:37:00", "11:46:00",
    InitiationMethod="CALLBACK", InitialContactId="c-asked", PreviousContactId="c-asked",
    ConnectedToSystemTimestamp=at("11:39:10"),
    DisconnectReason="CUSTOMER_DISCONNECT", DisconnectTimestamp=at("11:45:00"),
    Queue=queue("11:38:39", "11:39:00", 120, "Callbacks"), Agent=agent("11:39:25", 335, 0),
)  # fmt: skip
CHAT = record(
    "c-chat", "12:00:00", "12:30:00",
    Channel="CHAT", InitiationMethod="API", DisconnectReason="IDLE_DISCONNECT", DisconnectTimestamp=at("12:20:00"),
    Queue=queue("12:00:01", "12:00:11", 10), Agent=agent("12:00:11", 1189, 0),
)  # fmt: skip
OUTBOUND = record(
    "c-out", "13:00:00", "13:10:00",
    InitiationMethod="OUTBOUND", ConnectedToSystemTimestamp=at("13:00:12"),
    DisconnectReason="AGENT_DISCONNECT", DisconnectTimestamp=at("13:02:12"),
    Queue=queue("13:00:00", "13:00:00", 0, "Outbound"), Agent=agent("13:00:02", 120, 0),
)  # fmt: skip
NOT_PICKED_UP = OUTBOUND | {
    "ContactId": "c-rang", "ConnectedToSystemTimestamp": None, "DisconnectReason": "TELECOM_TIMEOUT",
}  # fmt: skip
IN_MENU = record(
    "c-menu", "14:00:00", "14:01:00", DisconnectReason="CUSTOMER_DISCONNECT", DisconnectTimestamp=at("14:00:40"),
)  # fmt: skip

# What the same plain call looks like as contact events: no queue name, no durations, no customer id.
_IN_QUEUE = {
    "queueType": "STANDARD", "queueArn": f"{ARN}/queue/q-Billing",
    "enqueueTimestamp": at("09:00:30", milliseconds=True),
}  # fmt: skip
_WITH_AGENT = {
    "agentArn": f"{ARN}/agent/ann", "connectedToAgentTimestamp": at("09:01:00", milliseconds=True),
}  # fmt: skip
_OVER = {
    "queueInfo": _IN_QUEUE, "AgentInfo": _WITH_AGENT,
    "disconnectReason": "CUSTOMER_DISCONNECT", "disconnectTimestamp": at("09:05:00", milliseconds=True),
}  # fmt: skip
PLAIN_EVENTS = [
    contact_event("INITIATED", "c-plain", "09:00:00"),
    contact_event("CONNECTED_TO_SYSTEM", "c-plain", "09:00:00"),
    contact_event("CONTACT_DATA_UPDATED", "c-plain", "09:00:00", updatedProperties=["Tags"]),
    contact_event("QUEUED", "c-plain", "09:00:00", queueInfo=_IN_QUEUE),
    contact_event("CONNECTED_TO_AGENT", "c-plain", "09:00:00", queueInfo=_IN_QUEUE, agentInfo=_WITH_AGENT),
    contact_event("DISCONNECTED", "c-plain", "09:00:00", **_OVER),
    contact_event("COMPLETED", "c-plain", "09:00:00", **_OVER),
]


def folded(documents: list[Document]) -> dict[str, dict[str, Any]]:
    """Contacts by id: of each fact that is known the clock time and its fields that are not empty."""
    made = [event for document in documents for event in tell(document).events]
    return {contact: _shown(of) for contact, of in known(made).items()}


def _shown(of: Known) -> dict[str, Any]:
    found = {}
    for column, facts in of.items():
        assert len(facts) == 1, "every story below has at most one fact of a kind"
        when, fields = facts[0]
        found[column] = (f"{when:%H:%M:%S}", {name: value for name, value in fields.items() if value is not None})
    return found


VOICE_IN = {"channel": "voice", "direction": "inbound"}
PLAIN_ROW = {
    "started": ("09:00:00", VOICE_IN | {"customer_id": "customer-7"}),
    "offered": ("09:00:30", VOICE_IN | {"queue": "Billing", "customer_id": "customer-7"}),
    "answered": ("09:01:00", {"agent_id": "ann", "wait_s": 30.0}),
    "completed": ("09:05:00", {"talk_s": 240.0, "hold_s": 0.0, "ended_by": "customer"}),
}
GOLDEN: dict[str, tuple[list[Document], dict[str, Any]]] = {
    "a plain call": ([PLAIN], {"c-plain": PLAIN_ROW}),
    "hold and after-contact work": ([HOLD], {"c-hold": {
        "started": ("09:10:00", VOICE_IN),
        "offered": ("09:10:10", VOICE_IN | {"queue": "Billing"}),
        "answered": ("09:10:15", {"agent_id": "ann", "wait_s": 5.0}),
        "completed": ("09:16:40", {"talk_s": 300.0, "hold_s": 85.0, "ended_by": "agent"}),
        "wrapped_up": ("09:17:25", {"wrap_up_s": 45.0}),
    }}),
    "abandoned after a missed ring": ([ABANDONED], {"c-gone": {
        "started": ("09:00:00", VOICE_IN),
        "offered": ("09:00:20", VOICE_IN | {"queue": "Billing"}),
        "abandoned": ("09:02:00", {"wait_s": 100.0}),
    }}),
    "a transfer to another queue, told by both": ([ARRIVED, TRANSFERRED], {
        "c-first": {
            "started": ("10:00:00", VOICE_IN),
            "offered": ("10:00:05", VOICE_IN | {"queue": "Billing"}),
            "answered": ("10:00:10", {"agent_id": "ann", "wait_s": 5.0}),
            "completed": ("10:03:05", {"talk_s": 170.0, "hold_s": 0.0}),
            "transfers": ("10:03:00", {"to_contact_id": "c-second", "warm": False}),
        },
        "c-second": {
            "offered": ("10:03:02", VOICE_IN | {
                "queue": "Claims", "initial_contact_id": "c-first", "previous_contact_id": "c-first"}),
            "answered": ("10:04:02", {"agent_id": "ann", "wait_s": 60.0}),
            "completed": ("10:08:00", {"talk_s": 238.0, "hold_s": 0.0, "ended_by": "customer"}),
        },
    }),
    "a queued callback": ([CALLED_BACK, CALLBACK_ASKED], {
        "c-asked": {
            "started": ("11:35:00", VOICE_IN),
            "offered": ("11:35:00", VOICE_IN | {"queue": "Billing"}),
            "left_queue": ("11:37:00", {"reason": "callback", "wait_s": 120.0}),
        },
        "c-called": {
            "offered": ("11:38:39", {
                "channel": "callback", "direction": "inbound", "queue": "Callbacks",
                "initial_contact_id": "c-asked", "previous_contact_id": "c-asked"}),
            "answered": ("11:39:25", {"agent_id": "ann", "wait_s": 120.0}),
            "completed": ("11:45:00", {"talk_s": 335.0, "hold_s": 0.0, "ended_by": "customer"}),
        },
    }),
    "a chat": ([CHAT], {"c-chat": {
        "started": ("12:00:00", {"channel": "chat", "direction": "inbound"}),
        "offered": ("12:00:01", {"channel": "chat", "direction": "inbound", "queue": "Billing"}),
        "answered": ("12:00:11", {"agent_id": "ann", "wait_s": 10.0}),
        "completed": ("12:20:00", {"talk_s": 1189.0, "hold_s": 0.0, "ended_by": "system"}),
    }}),
    "an outbound call, answered when the customer picks up": ([OUTBOUND], {"c-out": {
        "started": ("13:00:00", {"channel": "voice", "direction": "outbound"}),
        "answered": ("13:00:12", {"agent_id": "ann"}),
        "completed": ("13:02:12", {"talk_s": 120.0, "hold_s": 0.0, "ended_by": "agent"}),
    }}),
    "an outbound call nobody picks up": ([NOT_PICKED_UP], {"c-rang": {
        "started": ("13:00:00", {"channel": "voice", "direction": "outbound"}),
        "left_menu": ("13:02:12", {"reason": "other"}),
    }}),
    "hung up in the menu": ([IN_MENU], {"c-menu": {
        "started": ("14:00:00", VOICE_IN),
        "left_menu": ("14:00:40", {"reason": "hung_up"}),
    }}),
    "contact events alone: the queue by its id, no durations": (PLAIN_EVENTS, {"c-plain": {
        "started": ("09:00:00", VOICE_IN),
        "offered": ("09:00:30", VOICE_IN | {"queue": "q-Billing"}),
        "answered": ("09:01:00", {"agent_id": "ann"}),
        "completed": ("09:05:00", {"ended_by": "customer"}),
    }}),
    "contact events and the record of one call": ([*PLAIN_EVENTS, PLAIN], {"c-plain": PLAIN_ROW}),
    "a record that comes again: the later one counts": (
        [PLAIN | {"LastUpdateTimestamp": at("09:30:00"), "CustomerId": "customer-8", "Attributes": {"vip": "yes"}},
         PLAIN],
        {"c-plain": PLAIN_ROW | {
            "started": ("09:00:00", VOICE_IN | {"customer_id": "customer-8"}),
            "offered": ("09:00:30", VOICE_IN | {"queue": "Billing", "customer_id": "customer-8"}),
        }},
    ),
    "hung up, as it later turns out for a callback": (
        [CALLBACK_ASKED | {"DisconnectReason": "CUSTOMER_DISCONNECT", "LastUpdateTimestamp": at("11:40:00")},
         CALLBACK_ASKED | {"DisconnectReason": "CUSTOMER_DISCONNECT", "NextContactId": None}],
        {"c-asked": {
            "started": ("11:35:00", VOICE_IN),
            "offered": ("11:35:00", VOICE_IN | {"queue": "Billing"}),
            "left_queue": ("11:37:00", {"reason": "callback", "wait_s": 120.0}),
        }},
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", GOLDEN)
def test_messages_become_the_contacts_worked_out_by_hand(story: str) -> None:
    documents, expected = GOLDEN[story]
    assert folded(documents) == expected


@pytest.mark.parametrize("story", GOLDEN)
def test_order_and_repeats_change_nothing(story: str) -> None:
    documents, expected = GOLDEN[story]
    for seed in range(10):
        again = documents * 2
        random.Random(seed).shuffle(again)
        assert folded(again) == expected


def test_events_of_a_record_carry_the_time_of_its_last_update_and_contact_events_do_not() -> None:
    milliseconds = round(datetime(2026, 3, 2, 9, 6, tzinfo=UTC).timestamp() * 1000)
    assert {event["revision"] for event in tell(PLAIN).events} == {milliseconds}
    assert not any("revision" in event for document in PLAIN_EVENTS for event in tell(document).events)


def test_a_contact_event_and_its_bare_detail_say_the_same() -> None:
    for document in PLAIN_EVENTS:
        assert tell(document) == tell(document["detail"])


@pytest.mark.parametrize(
    ("fields", "direction", "channel"),
    [
        ({"InitiationMethod": "MONITOR"}, "internal", "voice"),
        ({"InitiationMethod": "API"}, "outbound", "voice"),
        ({"InitiationMethod": "WEBRTC_API"}, "inbound", "voice"),
        ({"InitiationMethod": "API", "Channel": "TASK"}, "internal", "case"),
        ({"InitiationMethod": "AGENT_REPLY", "Channel": "EMAIL"}, "outbound", "email"),
        (
            {"Channel": "CHAT", "SegmentAttributes": {"connect:Subtype": {"ValueString": "connect:SMS"}}},
            "inbound",
            "messaging",
        ),
    ],
)
def test_method_and_channel_give_direction_and_channel(fields: Document, direction: str, channel: str) -> None:
    data = tell(PLAIN | fields).events[0]["data"]
    assert (data["direction"], data["channel"]) == (direction, channel)


def test_a_transfer_to_an_agent_is_internal() -> None:
    to_agent = ARRIVED["Queue"] | {"ARN": f"{ARN}/queue/agent/bob", "Name": None}
    offered = next(e for e in tell(ARRIVED | {"Queue": to_agent}).events if e["type"] == "contact.offered")
    assert (offered["data"]["direction"], offered["data"]["queue"]) == ("internal", "bob")


def test_a_survey_flow_after_the_call_is_no_transfer() -> None:
    survey = record("c-survey", "09:05:00", "09:09:00", InitiationMethod="DISCONNECT", PreviousContactId="c-plain")
    types = [event["type"] for event in tell(PLAIN | {"NextContactId": "c-survey"}).events]
    assert "contact.transferred" not in types
    assert tell(survey).events == ()


def test_a_callback_the_customer_does_not_pick_up_is_not_answered() -> None:
    missed = CALLED_BACK | {"ConnectedToSystemTimestamp": None, "DisconnectReason": "TELECOM_UNANSWERED"}
    assert folded([missed])["c-called"]["left_queue"] == ("11:39:00", {"reason": "other", "wait_s": 120.0})


def test_a_call_handed_to_an_outside_number_is_completed_when_the_agent_leaves() -> None:
    handed = HOLD | {"DisconnectTimestamp": at("09:40:00"), "TransferCompletedTimestamp": at("09:16:40")}
    row = folded([handed])["c-hold"]
    assert row["completed"][0] == "09:16:40"
    assert row["transfers"] == ("09:16:40", {"warm": False})


def test_contact_events_of_a_transfer_tell_it_once_and_only_with_its_queue() -> None:
    onward = {"initiationMethod": "TRANSFER", "previousContactId": "c-first"}
    initiated = contact_event("INITIATED", "c-second", "10:03:00", **onward)
    queued = contact_event("QUEUED", "c-second", "10:03:00", queueInfo=_IN_QUEUE, **onward)
    assert tell(initiated).events == ()
    for documents in ([initiated, queued], [queued, initiated]):
        transfer = {"to_queue": "q-Billing", "to_contact_id": "c-second"}
        assert folded(documents)["c-first"] == {"transfers": ("10:03:00", transfer)}


@pytest.mark.parametrize(
    ("fields", "fact"),
    [
        ({"DisconnectReason": None}, ("abandoned", {"wait_s": 100.0})),
        ({"DisconnectReason": "TELECOM_ORIGINATOR_CANCEL"}, ("abandoned", {"wait_s": 100.0})),
        (
            {"DisconnectReason": "TELECOM_ORIGINATOR_CANCEL", "InitiationMethod": "CALLBACK"},
            ("left_queue", {"reason": "other", "wait_s": 100.0}),
        ),
        ({"DisconnectReason": "CONTACT_FLOW_DISCONNECT"}, ("left_queue", {"reason": "other", "wait_s": 100.0})),
        (
            {"TransferredToEndpoint": {"Type": "TELEPHONE_NUMBER", "Address": "+10005550000"}},
            ("left_queue", {"reason": "overflow", "wait_s": 100.0}),
        ),
        ({"DisconnectTimestamp": None}, None),
    ],
)
def test_how_a_record_says_the_queue_was_left(fields: Document, fact: tuple[str, Document] | None) -> None:
    row = folded([ABANDONED | fields])["c-gone"]
    left = {name: data for name, (_, data) in row.items() if name not in ("started", "offered")}
    assert left == (dict([fact]) if fact else {})


def test_a_contact_event_without_a_reason_does_not_guess_why_the_queue_was_left() -> None:
    over = {"queueInfo": _IN_QUEUE, "disconnectTimestamp": at("09:05:00")}
    assert set(folded([contact_event("DISCONNECTED", "c", "09:00:00", **over)])["c"]) == {"started", "offered"}

"""TaskRouter events become facts about contacts and agents, in whichever form Twilio sends them."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.adapters.base import NotUnderstoodError
from ingest.adapters.twilio_taskrouter.adapter import ADAPTER
from tests.adapter_contacts import NOON, at, contacts, never_breaks, tell

SAMPLE = Path(__file__).parents[2] / "shared/data/vendor_samples/twilio_taskrouter/twilio_taskrouter_sdk_events.json"
NOON_MS = int(NOON.timestamp() * 1000)
# The SDK's event names of the sample, and what its socket calls them.
SOCKET = {
    "workerActivityUpdated": "worker.activity.update",
    "workerAttributesUpdated": "worker.attributes.update",
    "workerChannelCapacityUpdated": "worker.capacity.update",
    "workerChannelAvailabilityUpdated": "worker.channel.availability.update",
    "reservationCreated": "reservation.created",
    "reservationAccepted": "reservation.accepted",
    "reservationRejected": "reservation.rejected",
    "reservationCanceled": "reservation.canceled",
    "reservationCanceledWithValidReasonCode": "reservation.canceled",
    "reservationCanceledWithInValidReasonCode": "reservation.canceled",
    "reservationTimedOut": "reservation.timeout",
    "reservationRescinded": "reservation.rescinded",
    "reservationCompleted": "reservation.completed",
    "reservationWrapping": "reservation.wrapup",
    "reservationCreatedForWorker2ByTransfer": "reservation.created",
    "reservationFailed": "reservation.failed",
    "taskUpdated": "task.updated",
    "taskCanceled": "task.canceled",
    "taskCompleted": "task.completed",
    "taskWrappedUp": "task.wrapup",
    "transferInitiated": "task.transfer-initiated",
    "transferFailed": "task.transfer-failed",
    "transferCompleted": "task.transfer-completed",
    "transferAttemptFailed": "task.transfer-attempt-failed",
    "transferCanceled": "task.transfer-canceled",
}


def callback(kind: str, second: float, attributes: Any = None, **more: Any) -> dict[str, Any]:
    """An event callback: form fields, so every value is text."""
    about = {"TaskSid": "WT1", "TaskQueueSid": "WQ1", "TaskQueueName": "Sales", "TaskChannelUniqueName": "voice"}
    if kind.startswith("worker"):
        about = {"WorkerSid": "WK1"}
    if kind.startswith("reservation"):
        about |= {"ReservationSid": "WR1", "WorkerSid": "WK1"}
    return {
        "EventType": kind,
        "Sid": f"EV{second}",
        "Timestamp": str(int(NOON_MS / 1000 + second)),
        "TimestampMs": str(int(NOON_MS + second * 1000)),
        "TaskAttributes": json.dumps(attributes or {}),
        **about,
        **more,
    }


CALL = {
    "from": "+4930123",
    "direction": "inbound",
    "selected_language": "de",
    "customers": {"customer_id": "k-7"},
    "conversations": {"campaign": "spring", "outcome": "sold", "hang_up_by": "Customer"},
}
TT = {"TaskTransferSid": "TT1", "TransferType": "QUEUE", "TransferTo": "WQ2", "TransferMode": "WARM"}
TO_WORKER = {**TT, "TransferType": "WORKER", "TransferTo": "WK2", "TransferMode": "COLD"}

GOLDEN: dict[str, tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]] = {
    "answered": (
        [
            callback("task.created", 0, CALL),
            callback("workflow.entered", 0.1, CALL),
            callback("task-queue.entered", 0.2, CALL, TaskPriority="5"),
            callback("reservation.created", 1, CALL),
            callback("reservation.timeout", 16, CALL),
            callback("reservation.accepted", 20.25, CALL),
            callback("reservation.wrapup", 80, CALL),
            callback("task.wrapup", 80.5, CALL),
            callback("reservation.completed", 95, CALL),
            callback("task.completed", 95.5, CALL),
        ],
        {
            "WT1": {
                "started": (0, "voice", "inbound", "de", "k-7"),
                "offered": (0.2, "voice", "inbound", "WQ1", "de", "spring", 5, "k-7"),
                "answered": (20.25, "WK1"),
                "completed": (80, "customer"),
                "wrapped_up": (95,),
                "classified": (95.5, "sold"),
            }
        },
    ),
    "abandoned": (
        [
            callback("task-queue.entered", 0, {"from": "+49"}),
            callback("task.canceled", 33, TaskCanceledReason="hangup"),
        ],
        {"WT1": {"offered": (0, "voice", "inbound", "WQ1", "+49"), "abandoned": (33,)}},
    ),
    "canceled by the site": (
        [callback("task-queue.entered", 0), callback("task.canceled", 33, TaskCanceledReason="Task TTL Exceeded")],
        {"WT1": {"offered": (0, "voice", "inbound", "WQ1"), "left_queue": (33, "other")}},
    ),
    "transfer": (
        [
            callback("task-queue.entered", 0),
            callback("reservation.accepted", 5),
            callback("task.transfer-initiated", 60, **TT),
            callback("reservation.accepted", 70, **TT, ReservationSid="WR2", WorkerSid="WK2"),
            callback("task.transfer-completed", 75, **TT),
            callback("reservation.wrapup", 90, **TT, ReservationSid="WR2"),
            callback("reservation.completed", 99, **TT, ReservationSid="WR2"),
        ],
        {
            "WT1": {
                "offered": (0, "voice", "inbound", "WQ1"),
                "answered": (5, "WK1"),
                "transfers": [(75, "WQ2", "WT1/TT1", True)],
            },
            "WT1/TT1": {
                "offered": (60, "voice", "inbound", "WQ2", "WT1"),
                "answered": (70, "WK2"),
                "completed": (90,),
                "wrapped_up": (99,),
            },
        },
    ),
    "transfer to a worker": (
        [
            callback("task-queue.entered", 0),
            callback("reservation.accepted", 5),
            callback("task.transfer-initiated", 60, **TO_WORKER),
            callback("reservation.accepted", 70, **TO_WORKER, ReservationSid="WR2", WorkerSid="WK2"),
            callback("task.transfer-completed", 75, **TO_WORKER),
            callback("task.wrapup", 90),
        ],
        {
            "WT1": {
                "offered": (0, "voice", "inbound", "WQ1"),
                "answered": (5, "WK1"),
                "transfers": [(75, False)],
                "completed": (90,),
            }
        },
    ),
    "transfer that nobody took": (
        [callback("task.transfer-initiated", 60, **TT), callback("task.transfer-failed", 90, **TT)],
        {"WT1/TT1": {"offered": (60, "voice", "inbound", "WQ2", "WT1"), "left_queue": (90, "other")}},
    ),
    "chat": (
        [callback("task-queue.entered", 0, {"channelType": "web"}, TaskChannelUniqueName="chat")],
        {"WT1": {"offered": (0, "chat", "inbound", "WQ1")}},
    ),
    "messaging on a chat channel": (
        [callback("task-queue.entered", 0, {"channelType": "whatsapp"}, TaskChannelUniqueName="chat")],
        {"WT1": {"offered": (0, "messaging", "inbound", "WQ1")}},
    ),
    "callback": (
        [callback("task-queue.entered", 0, {"taskType": "callback"})],
        {"WT1": {"offered": (0, "callback", "inbound", "WQ1")}},
    ),
    "outbound": (
        [callback("task-queue.entered", 0, {"direction": "outbound"}), callback("reservation.accepted", 1)],
        {"WT1": {"offered": (0, "voice", "outbound", "WQ1"), "answered": (1, "WK1")}},
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_contacts_are_those_worked_out_by_hand(name: str) -> None:
    documents, expected = GOLDEN[name]
    assert contacts(tell(ADAPTER, *documents)) == expected


@pytest.mark.parametrize("name", GOLDEN)
def test_repeated_and_shuffled_is_the_same(name: str) -> None:
    documents, expected = GOLDEN[name]
    twice = documents + documents
    random.Random(2).shuffle(twice)
    assert contacts(tell(ADAPTER, *twice)) == expected
    once = tell(ADAPTER, *documents)
    assert {made["id"] for made in tell(ADAPTER, *twice)} == {made["id"] for made in once}
    assert len({made["id"] for made in once}) == len(once)


def test_every_form_says_the_same() -> None:
    flat = {"task_sid": "WT1", "reservation_sid": "WR1", "worker_sid": "WK1"}
    nested = {"task": {"sid": "WT1"}, "worker": {"sid": "WK1"}, "reservation": {"sid": "WR1"}}
    kind = "reservation.accepted"
    seconds = NOON_MS // 1000
    forms = [
        {**callback(kind, 0)},
        {"EventType": kind, "Timestamp": seconds, "TaskSid": "WT1", "ReservationSid": "WR1", "WorkerSid": "WK1"},
        {"event_type": kind, "event_date": at(0), "sid": "EV9", "event_data": flat},
        {"event_type": kind, "event_date": at(0), "event_data": nested},
        {
            "specversion": "1.0",
            "type": f"com.twilio.taskrouter.{kind}",
            "time": at(5),
            "data": {"timestamp": at(4), "payload": {"eventtype": kind, "timestamp": at(0), **flat}},
        },
        {"event_type": kind, "payload": {"sid": "WR1", "worker_sid": "WK1", "date_updated": seconds, **nested}},
    ]
    first, *others = [tell(ADAPTER, form) for form in forms]
    assert len(first) == 1
    assert others == [first] * 5


@pytest.mark.parametrize(
    ("name", "available", "state"),
    [
        ("Available", "true", "available"),
        ("Idle", None, "available"),
        ("Offline", "false", "offline"),
        ("Unavailable", None, "other_work"),
        ("Lunch", "false", "lunch"),
        ("Coffee break", None, "break"),
        ("WrapUp", "false", "wrap_up"),
        ("Training", "false", "training"),
        ("Team meeting", "false", "meeting"),
        ("Busy", "false", "busy"),
        ("Back office", "false", "other_work"),
        ("Back office", "true", "available"),
        ("Available", "false", "other_work"),
        ("Back office", None, None),
    ],
)
def test_activity_becomes_a_state(name: str, available: str | None, state: str | None) -> None:
    more = {} if available is None else {"WorkerAvailable": available}
    told = tell(ADAPTER, callback("worker.activity.update", 3, WorkerActivityName=name, **more))
    assert [(made["subject"], made["data"]) for made in told] == (
        [("WK1", {"state": state, "reason": name})] if state else []
    )


@pytest.mark.parametrize("kind", ["rejected", "timeout", "rescinded", "canceled", "created", "failed"])
def test_a_reservation_that_is_not_accepted_says_nothing(kind: str) -> None:
    told = ADAPTER.tell(json.dumps(callback(f"reservation.{kind}", 0)).encode(), "north")
    assert not told.events
    assert told.nothing


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({}, "EventType: nothing; expected a TaskRouter event"),
        ({"EventType": "task.created"}, "timestamp: nothing; expected TimestampMs"),
        (callback("task.wrapup", 0, TaskSid=""), "tasksid: nothing; expected the tasksid of a task.wrapup"),
        (callback("task.created", 0, TaskAttributes="{"), "taskattributes: .*; expected JSON"),
        (callback("task.created", 0, TaskChannelUniqueName="default"), "'default'; expected one of voice"),
        (callback("task.wrapup", 0, TimestampMs="soon"), "timestampms: 'soon'; expected a time from 2000"),
        (callback("task.wrapup", 0) | {"task_sid": "WT2"}, "'task_sid' twice; expected"),
    ],
)
def test_refusals_say_what_and_where(document: Any, words: str) -> None:
    with pytest.raises(NotUnderstoodError, match=words):
        ADAPTER.tell(json.dumps(document).encode(), "north")


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes(message: bytes) -> None:
    never_breaks(ADAPTER, message)


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=300), st.just([]), st.just({}),
    st.sampled_from(["NaN", "1e400", "0001-01-01T00:00:00+14:00", "\ud800", " ", '"x"', 10**400, "x" * 64, "[" * 9999]),
)  # fmt: skip


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_any_field_may_be_anything(data: st.DataObject) -> None:
    every = [document for documents, _ in GOLDEN.values() for document in documents]
    document = copy.deepcopy(data.draw(st.sampled_from(every)))
    for _ in range(data.draw(st.integers(1, 3))):
        document[data.draw(st.sampled_from([*document, "payload", "event_data", "task", "type", "data"]))] = data.draw(
            ODD
        )
    attributes = data.draw(st.dictionaries(st.sampled_from([*CALL, "channelType"]), ODD | st.just(CALL), max_size=3))
    if data.draw(st.booleans()):
        document["TaskAttributes"] = attributes
    never_breaks(ADAPTER, json.dumps(document).encode())


@pytest.mark.skipif(not SAMPLE.exists(), reason=f"{SAMPLE} is not there: payloads of the SDK's own tests")
def test_the_payloads_of_the_sdk() -> None:
    payloads = json.loads(SAMPLE.read_text("utf-8"))
    assert set(payloads) == set(SOCKET)
    # The SDK gets them from its socket as an event type with the bare resource as payload.
    messages = {name: {"event_type": SOCKET[name], "payload": payload} for name, payload in payloads.items()}
    said = {
        name: [(made["type"], made["subject"]) for made in tell(ADAPTER, message)] for name, message in messages.items()
    }
    assert {name: facts for name, facts in said.items() if facts} == {
        "workerActivityUpdated": [("agent.state_changed", "WKxxx")],
        "reservationAccepted": [("contact.answered", "WTxx1")],
        "reservationWrapping": [("contact.completed", "WTxx1")],
        "reservationCompleted": [("contact.wrapped_up", "WTxx1")],
        "taskCanceled": [("contact.left_queue", "WTxx1")],
        "taskWrappedUp": [("contact.completed", "WTxx1")],
        "taskCompleted": [("contact.wrapped_up", "WTxx1")],
        "transferFailed": [("contact.left_queue", "WTxxx/TTxxx")],
        "transferCompleted": [("contact.transferred", "WTxxx")],
    }

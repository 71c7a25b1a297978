"""Twilio TaskRouter: the contacts that events make, worked out by hand. Events are written for these tests."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.adapters.twilio_taskrouter.adapter import ADAPTER
from tests.adapter_contacts import Row, hold_true, states, tell
from tests.test_adapter_twilio_taskrouter import GOLDEN as STORIES
from tests.test_adapter_twilio_taskrouter import TT, callback

_SECOND = {"ReservationSid": "WR2", "WorkerSid": "WK2"}
BY_TASK = [
    callback("task-queue.entered", 0),
    callback("reservation.accepted", 5),
    callback("task.transfer-initiated", 60, **TT),
    callback("reservation.accepted", 70, **TT, **_SECOND),
    callback("task.transfer-completed", 75, **TT),
    callback("task.wrapup", 90.5),
    callback("task.completed", 99.5),
]
BY_RESERVATION = [
    callback("reservation.wrapup", 76),
    callback("reservation.completed", 80),
    callback("reservation.wrapup", 90, **TT, **_SECOND),
    callback("reservation.completed", 99, **TT, **_SECOND),
]


def story(name: str) -> list[dict[str, Any]]:
    """The events of a story of test_adapter_twilio_taskrouter.py."""
    return STORIES[name][0]


# TaskRouter measures nothing: all durations are the time between its events, and of holds it knows nothing.
GOLDEN: dict[str, tuple[list[Any], dict[str, Row]]] = {
    # In the queue at 0.2, accepted at 20.25, the agent's reservation wraps up at 80 and ends at 95.
    "answered": (story("answered"), {"WT1": Row(
        "voice", "inbound", "WQ1", "answered", "WK1", 20.05, 59.75, None, 15, disposition="sold", customer="k-7")}),
    "abandoned": (story("abandoned"), {"WT1": Row(
        "voice", "inbound", "WQ1", "abandoned", wait_s=33, customer="+49")}),
    # The site's own reason does not say that the customer left: so it is not abandoned.
    "canceled by the site": (story("canceled by the site"), {"WT1": Row(
        "voice", "inbound", "WQ1", "left_queue", wait_s=33, left_reason="other")}),
    # The first agent is free of it at 80, the second at 99: 71 + 4 and 20 + 9 s. The task itself ends with the
    # second, at 90.5 and 99.5, which must not be counted as the first agent's time again.
    "transfer": ([*BY_TASK, *BY_RESERVATION], {
        "WT1": Row("voice", "inbound", "WQ1", "answered", "WK1", 5, 71, None, 4),
        "WT1/TT1": Row("voice", "inbound", "WQ2", "answered", "WK2", 10, 20, None, 9, initial_contact_id="WT1")}),
    # Without events of reservations' ends only the task's is known: 85.5 s from the first answer to the very end.
    "transfer, events of the task alone": (BY_TASK, {
        "WT1": Row("voice", "inbound", "WQ1", "answered", "WK1", 5, 85.5, None, 9),
        "WT1/TT1": Row("voice", "inbound", "WQ2", "answered", "WK2", 10, initial_contact_id="WT1")}),
    # No new visit: one contact, from the first answer to the end.
    "transfer to a worker": (story("transfer to a worker"), {"WT1": Row(
        "voice", "inbound", "WQ1", "answered", "WK1", 5, 85)}),
    "transfer that nobody took": (story("transfer that nobody took"), {"WT1/TT1": Row(
        "voice", "inbound", "WQ2", "left_queue", wait_s=30, left_reason="other", initial_contact_id="WT1")}),
    "chat": (story("chat"), {"WT1": Row("chat", "inbound", "WQ1", "waiting")}),
    "messaging": (story("messaging on a chat channel"), {"WT1": Row("messaging", "inbound", "WQ1", "waiting")}),
    # A callback the site made a task of. That a call asked for it is in no event.
    "callback": ([*story("callback"), callback("reservation.accepted", 400, {"taskType": "callback"})], {
        "WT1": Row("callback", "inbound", "WQ1", "answered", "WK1", 400)}),
    "outbound": (story("outbound"), {"WT1": Row("voice", "outbound", "WQ1", "answered", "WK1", 1)}),
}  # fmt: skip


@pytest.mark.parametrize("name", GOLDEN)
def test_rows_are_those_worked_out_by_hand(name: str) -> None:
    hold_true(ADAPTER, *GOLDEN[name])


def test_states_of_a_shift() -> None:
    shift = [
        callback("worker.activity.update", second, WorkerActivityName=name, WorkerAvailable=available)
        for second, name, available in ((0, "Available", "true"), (3600, "Lunch", "false"), (5400, "Available", "true"),
                                        (5460, "Back office", "false"), (7200, "Offline", "false"))
    ]  # fmt: skip
    assert states(tell(ADAPTER, *shift, *shift)) == {
        "WK1": [
            ("12:00:00", "available", "Available"),
            ("13:00:00", "lunch", "Lunch"),
            ("13:30:00", "available", "Available"),
            ("13:31:00", "other_work", "Back office"),
            ("14:00:00", "offline", "Offline"),
        ]
    }

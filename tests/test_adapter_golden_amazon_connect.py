"""Amazon Connect: the contacts that its messages make, worked out by hand. Messages are written for these tests."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.adapters.amazon_connect.adapter import ADAPTER
from tests.adapter_contacts import Row, hold_true, states, tell
from tests.test_adapter_amazon_connect import (
    ABANDONED,
    ARRIVED,
    CALLBACK_ASKED,
    CALLED_BACK,
    CHAT,
    HOLD,
    IN_MENU,
    NOT_PICKED_UP,
    OUTBOUND,
    PLAIN,
    PLAIN_EVENTS,
    TRANSFERRED,
    agent,
    at,
    contact_event,
    queue,
    record,
)
from tests.test_adapter_amazon_connect_agents import AVAILABLE, agent_event, held_contact, snapshot

# A call that is handed on twice: each step is a record of its own, with the first and the one before.
_ONWARD = {"InitiationMethod": "TRANSFER", "InitialContactId": "c-1", "DisconnectReason": "CUSTOMER_DISCONNECT"}
CHAIN = [
    record("c-1", "15:00:00", "15:20:00", DisconnectTimestamp=at("15:01:10"), NextContactId="c-2",
           TransferCompletedTimestamp=at("15:01:10"), Queue=queue("15:00:00", "15:00:10", 10),
           Agent=agent("15:00:10", 60, 0)),
    record("c-2", "15:01:10", "15:20:00", PreviousContactId="c-1", NextContactId="c-3",
           TransferCompletedTimestamp=at("15:03:00"), Queue=queue("15:01:10", "15:01:40", 30, "Claims"),
           Agent=agent("15:01:40", 70, 10), **(_ONWARD | {"DisconnectReason": None}),
           DisconnectTimestamp=at("15:03:00")),
    record("c-3", "15:03:00", "15:20:00", PreviousContactId="c-2", DisconnectTimestamp=at("15:10:00"),
           Queue=queue("15:03:00", "15:04:00", 60, "Experts"), Agent=agent("15:04:00", 360, 0), **_ONWARD),
]  # fmt: skip
# Nobody takes it and the flow sends it to another queue: Connect makes that a new contact, without an agent before.
TO_QUEUE = [
    record("c-q1", "16:00:00", "16:10:00", DisconnectReason="TRANSFERRED", DisconnectTimestamp=at("16:01:30"),
           Queue=queue("16:00:00", "16:01:30", 90)),
    record("c-q2", "16:01:30", "16:10:00", InitiationMethod="QUEUE_TRANSFER", InitialContactId="c-q1",
           PreviousContactId="c-q1", DisconnectReason="AGENT_DISCONNECT", DisconnectTimestamp=at("16:05:00"),
           Queue=queue("16:01:30", "16:02:00", 30, "Overflow"), Agent=agent("16:02:00", 180, 0)),
]  # fmt: skip
LATER = HOLD | {
    "LastUpdateTimestamp": at("09:40:00"),
    "CustomerId": "customer-9",
    "Agent": agent("09:10:15", 300, 85, ("09:16:40", "09:18:10", 90)),
}

GOLDEN: dict[str, tuple[list[Any], dict[str, Row]]] = {
    # Queue.Duration 30; AgentInteractionDuration 240; no after-contact work was recorded, so none is known.
    "answered": ([PLAIN], {"c-plain": Row(
        "voice", "inbound", "Billing", "answered", "ann", wait_s=30, talk_s=240, hold_s=0, customer="customer-7")}),
    # The same by contact events alone: no durations, so 09:00:30 to 09:01:00 waited and 09:01:00 to 09:05:00 talked.
    "answered, by contact events": (PLAIN_EVENTS, {"c-plain": Row(
        "voice", "inbound", "q-Billing", "answered", "ann", wait_s=30, talk_s=240)}),
    # Both: the record counts, for it has a revision and events have none.
    "answered, by both": ([*PLAIN_EVENTS, PLAIN], {"c-plain": Row(
        "voice", "inbound", "Billing", "answered", "ann", wait_s=30, talk_s=240, hold_s=0, customer="customer-7")}),
    # Interaction (300) is without holds (85) and after-contact work (45).
    "hold and after-contact work": ([HOLD], {"c-hold": Row(
        "voice", "inbound", "Billing", "answered", "ann", wait_s=5, talk_s=300, hold_s=85, wrap_up_s=45)}),
    # One ring was missed (AgentConnectionAttempts 1), no agent was connected, the customer hung up.
    "abandoned": ([ABANDONED], {"c-gone": Row("voice", "inbound", "Billing", "abandoned", wait_s=100)}),
    # Two contacts, each with its own wait and talk; the second names the first.
    "transfer": ([ARRIVED, TRANSFERRED], {
        "c-first": Row("voice", "inbound", "Billing", "answered", "ann", wait_s=5, talk_s=170, hold_s=0),
        "c-second": Row("voice", "inbound", "Claims", "answered", "ann", wait_s=60, talk_s=238, hold_s=0,
                        initial_contact_id="c-first", previous_contact_id="c-first")}),
    # Three contacts: the last has the first as initial and the second as previous.
    "transferred twice": (CHAIN, {
        "c-1": Row("voice", "inbound", "Billing", "answered", "ann", wait_s=10, talk_s=60, hold_s=0),
        "c-2": Row("voice", "inbound", "Claims", "answered", "ann", wait_s=30, talk_s=70, hold_s=10,
                   initial_contact_id="c-1", previous_contact_id="c-1"),
        "c-3": Row("voice", "inbound", "Experts", "answered", "ann", wait_s=60, talk_s=360, hold_s=0,
                   initial_contact_id="c-1", previous_contact_id="c-2")}),
    # Sent on unanswered: the first is neither answered nor abandoned.
    "to another queue": (TO_QUEUE, {
        "c-q1": Row("voice", "inbound", "Billing", "left_queue", wait_s=90, left_reason="overflow"),
        "c-q2": Row("voice", "inbound", "Overflow", "answered", "ann", wait_s=30, talk_s=180, hold_s=0,
                    initial_contact_id="c-q1", previous_contact_id="c-q1")}),
    # The call waited 120 s and was turned into a callback. Its own wait (120) is what its record says, not ours.
    "callback": ([CALLED_BACK, CALLBACK_ASKED], {
        "c-asked": Row("voice", "inbound", "Billing", "left_queue", wait_s=120, left_reason="callback"),
        "c-called": Row("callback", "inbound", "Callbacks", "answered", "ann", wait_s=120, talk_s=335, hold_s=0,
                        initial_contact_id="c-asked", previous_contact_id="c-asked")}),
    "chat": ([CHAT], {"c-chat": Row(
        "chat", "inbound", "Billing", "answered", "ann", wait_s=10, talk_s=1189, hold_s=0)}),
    # The agent dials: nobody waits, so there is neither a queue nor a wait.
    "outbound": ([OUTBOUND], {"c-out": Row("voice", "outbound", None, "answered", "ann", talk_s=120, hold_s=0)}),
    "outbound, not picked up": ([NOT_PICKED_UP], {"c-rang": Row(
        "voice", "outbound", None, "left_menu", left_reason="other")}),
    "menu": ([IN_MENU], {"c-menu": Row("voice", "inbound", None, "left_menu", left_reason="hung_up")}),
    # The record of 09:40 corrects that of 09:20: after-contact work took 90 s, and the customer is known.
    "a record comes again": ([LATER, HOLD], {"c-hold": Row(
        "voice", "inbound", "Billing", "answered", "ann", wait_s=5, talk_s=300, hold_s=85, wrap_up_s=90,
        customer="customer-9")}),
    # First it looked as if the customer gave up; the later record knows the next contact, the callback.
    "abandoned, as it first seemed": (
        [CALLBACK_ASKED | {"DisconnectReason": "CUSTOMER_DISCONNECT", "LastUpdateTimestamp": at("11:40:00")},
         CALLBACK_ASKED | {"DisconnectReason": "CUSTOMER_DISCONNECT", "NextContactId": None}],
        {"c-asked": Row("voice", "inbound", "Billing", "left_queue", wait_s=120, left_reason="callback")}),
    # Only its beginning is known yet.
    "still in the menu": ([contact_event("INITIATED", "c-new", "09:00:00")], {
        "c-new": Row("voice", "inbound", None, "in_menu")}),
}  # fmt: skip


@pytest.mark.parametrize("story", GOLDEN)
def test_rows_are_those_worked_out_by_hand(story: str) -> None:
    hold_true(ADAPTER, *GOLDEN[story])


def test_of_two_records_of_one_second_the_one_that_knows_the_queue_tells_the_transfer() -> None:
    for documents in (CHAIN, CHAIN[::-1]):
        told = [made for made in tell(ADAPTER, *documents) if made["id"] == "c-1/transferred/c-2"]
        counts = max(told, key=lambda made: made["revision"])
        assert len({made["revision"] for made in told}) == len(told) == 2
        assert counts["data"] == {"to_queue": "Claims", "to_contact_id": "c-2"}


# A shift: logs in at 09:00, talks 09:03 to 09:04:30, is free again 09:05, has lunch at 12:00, leaves at 17:00.
SHIFT = [
    agent_event("LOGIN", "09:00:00", AVAILABLE),
    agent_event("STATE_CHANGE", "09:03:01", AVAILABLE, held_contact("CONNECTED", "09:03:00"),
                PreviousAgentSnapshot=snapshot(AVAILABLE)),
    agent_event("HEART_BEAT", "09:04:00", AVAILABLE, held_contact("CONNECTED", "09:03:00")),
    agent_event("STATE_CHANGE", "09:04:31", AVAILABLE, held_contact("ENDED", "09:04:30"),
                PreviousAgentSnapshot=snapshot(AVAILABLE, held_contact("CONNECTED", "09:03:00"))),
    agent_event("STATE_CHANGE", "09:05:00", AVAILABLE,
                PreviousAgentSnapshot=snapshot(AVAILABLE, held_contact("ENDED", "09:04:30"))),
    agent_event("STATE_CHANGE", "12:00:01", ("Lunch", "CUSTOM", "12:00:00"), PreviousAgentSnapshot=snapshot(AVAILABLE)),
    agent_event("LOGOUT", "17:00:00", ("Offline", "OFFLINE", "17:00:00")),
]  # fmt: skip


def test_states_of_a_shift() -> None:
    assert states(tell(ADAPTER, *SHIFT)) == {
        "ann": [
            ("09:00:00", "available", None),
            ("09:03:00", "busy", None),
            ("09:04:30", "wrap_up", None),
            ("09:05:00", "available", None),
            ("12:00:00", "lunch", "Lunch"),
            ("17:00:00", "offline", None),
        ]
    }

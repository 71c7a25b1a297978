"""Genesys Cloud: the contacts that conversations make, worked out by hand. Documents are written for these tests."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ingest.adapters.genesys_cloud.adapter import ADAPTER
from tests.adapter_contacts import Row, hold_true, states, tell
from tests.test_adapter_genesys_cloud import (
    ABANDONED,
    ANSWERED,
    CALLBACK,
    CHAT,
    INTERNAL,
    MENU,
    OUTBOUND,
    PREVIEW,
    THEN_A_QUEUE,
    TO_AN_AGENT,
    TRANSFERRED,
    conversation,
    customer,
    party,
    segment,
)

HELD_TWICE = conversation(
    customer(100),
    party("acd", "a1", segment("interact", 0, 10, "transfer", "sales")),
    party("agent", "g1", segment("interact", 10, 30, "", "sales"), segment("hold", 30, 40, "", "sales"),
          segment("interact", 40, 60, "", "sales"), segment("hold", 60, 80, "", "sales"),
          segment("interact", 80, 100, "peer", "sales"), user="ann"),
    end=100,
)  # fmt: skip
# A blind transfer to a queue: the first agent's line ends as the second visit begins.
BLIND = conversation(
    customer(200),
    party("acd", "a1", segment("interact", 0, 20, "transfer", "sales"), tAcd=20_000),
    party("agent", "g1", segment("interact", 20, 80, "transfer", "sales"),
          segment("wrapup", 80, 95, "", "sales", "sent on"), user="ann", tTalkComplete=60_000, tAcw=15_000),
    party("acd", "a2", segment("interact", 80.02, 110, "transfer", "billing"), tAcd=29_980),
    party("agent", "g2", segment("interact", 110, 200, "peer", "billing"),
          segment("wrapup", 200, 220, "", "billing", "refund"), user="bob", tTalkComplete=90_000, tAcw=20_000),
    end=200,
)  # fmt: skip
TO_VOICEMAIL = conversation(
    customer(80),
    party("acd", "a1", segment("interact", 0, 50, "transfer", "sales"), tFlowOut=50_000),
    party("voicemail", "v1", segment("interact", 50, 80, "peer")),
    end=80,
)
# Fetched at 50 s the voicemail is not there yet.
LEFT = conversation(
    customer(50), party("acd", "a1", segment("interact", 0, 50, "transfer", "sales"), tFlowOut=50_000), end=50
)
RECODED = copy.deepcopy(ANSWERED)
_work = RECODED["participants"][-1]["sessions"][0]
_work["segments"][-1] |= {"segmentEnd": segment("wrapup", 0, 240)["segmentEnd"], "wrapUpCode": "refund"}
_work["metrics"][-1]["value"] = 40_000

GOLDEN: dict[str, tuple[list[Any], dict[str, Row]]] = {
    # The menu until 20; tAcd 30 s; bob's phone rang in vain; tTalkComplete 120, tHeldComplete 30, tAcw 25.
    "answered": ([ANSWERED], {"C": Row(
        "voice", "inbound", "sales", "answered", "ann", 30, 120, 30, 25, disposition="order placed")}),
    "abandoned": ([ABANDONED], {"C": Row("voice", "inbound", "sales", "abandoned", wait_s=35)}),
    # Without metrics: 10 s to the agent; 90 s of line less holds of 10 and 20.
    "held twice": ([HELD_TWICE], {"C": Row("voice", "inbound", "sales", "answered", "ann", 10, 60, 30)}),
    # Consulted, then transferred: the second visit begins at 80, while ann still talks until 100.
    "consult transfer": ([TRANSFERRED], {
        "C": Row("voice", "inbound", "sales", "answered", "ann", 10, 90, None, 10),
        "C/a2": Row("voice", "inbound", "billing", "answered", "bob", 15, 205,
                    initial_contact_id="C", previous_contact_id="C")}),
    # Talk and after-contact work are those of each visit's own agent: 60 and 90 s, 15 and 20 s.
    "blind transfer": ([BLIND], {
        "C": Row("voice", "inbound", "sales", "answered", "ann", 20, 60, None, 15, disposition="sent on"),
        "C/a2": Row("voice", "inbound", "billing", "answered", "bob", 29.98, 90, None, 20, disposition="refund",
                    initial_contact_id="C", previous_contact_id="C")}),
    # To a colleague without a queue: no new visit, so one contact, of which both talked 40 s.
    "transfer to an agent": ([TO_AN_AGENT], {"C": Row("voice", "inbound", "sales", "answered", "ann", 10, 80)}),
    # ann had the chat without a queue: nobody waited for her.
    "agent, then a queue": ([THEN_A_QUEUE], {
        "C": Row("chat", "inbound", None, "answered", "ann", None, 35),
        "C/a1": Row("chat", "inbound", "web", "answered", "bob", 20, 30,
                    initial_contact_id="C", previous_contact_id="C")}),
    "chat": ([CHAT], {"C": Row("chat", "inbound", "web", "answered", "ann", 15, 75)}),
    # The callback is a visit of its own from 60 to 600; the call ann makes for it is part of it.
    "callback": ([CALLBACK], {
        "C": Row("voice", "inbound", "sales", "left_queue", wait_s=60, left_reason="callback"),
        "C/a2": Row("callback", "inbound", "sales", "answered", "ann", 540, 100,
                    initial_contact_id="C", previous_contact_id="C")}),
    "voicemail": ([TO_VOICEMAIL], {"C": Row("voice", "inbound", "sales", "left_queue", wait_s=50,
                                            left_reason="voicemail")}),
    # ann looked at the record and did not call: no customer took part.
    "preview not called": ([PREVIEW], {"C": Row(
        "callback", "outbound", "out", "excluded", "ann", 5, 25, None, 0,
        disposition="ININ-OUTBOUND-PREVIEW-SKIPPED")}),
    "outbound": ([OUTBOUND], {"C": Row("voice", "outbound", None, "answered", "ann", None, 70)}),
    "internal": ([INTERNAL], {"C": Row("voice", "internal", "help", "answered", "ann", 10, 58)}),
    "menu": ([MENU], {"C": Row("voice", "inbound", None, "left_menu", left_reason="hung_up")}),
    # Fetched again: ann chose another code and worked 15 s longer. The latest instant named is later, so it counts.
    "fetched again": ([RECODED, ANSWERED], {"C": Row(
        "voice", "inbound", "sales", "answered", "ann", 30, 120, 30, 40, disposition="refund")}),
    "left, as it turns out to voicemail": ([TO_VOICEMAIL, LEFT], {"C": Row(
        "voice", "inbound", "sales", "left_queue", wait_s=50, left_reason="voicemail")}),
}  # fmt: skip


@pytest.mark.parametrize("story", GOLDEN)
def test_rows_are_those_worked_out_by_hand(story: str) -> None:
    hold_true(ADAPTER, *GOLDEN[story])


def test_conversations_do_not_tell_the_states_of_agents() -> None:
    assert not states(tell(ADAPTER, *(document for documents, _ in GOLDEN.values() for document in documents)))

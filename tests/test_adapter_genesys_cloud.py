"""Genesys Cloud conversations become contacts: one per queue visit, and nothing that was not said."""

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
from ingest.adapters.genesys_cloud.adapter import ADAPTER
from tests.adapter_contacts import NOON, at, contacts, never_breaks, tell

SAMPLE = Path(__file__).parents[2] / "shared/data/vendor_samples/genesys_cloud/genesys_conversation_details_2016.json"


def segment(kind: str, start: float, end: float | None, ended: str = "", queue: str = "", code: str = "") -> Any:
    """A segment in seconds after noon."""
    made = {"segmentType": kind, "segmentStart": at(start)}
    words = {"segmentEnd": None if end is None else at(end), "disconnectType": ended, "queueId": queue}
    return made | {name: value for name, value in {**words, "wrapUpCode": code}.items() if value}


def party(purpose: str, name: str, *segments: Any, media: str = "voice", **session: Any) -> dict[str, Any]:
    """A participant with one session; metrics in milliseconds."""
    metrics = [{"name": key, "value": session.pop(key)} for key in list(session) if key[0] == "t"]
    user = {"userId": session.pop("user")} if "user" in session else {}
    made = {"sessionId": name, "mediaType": media, "segments": list(segments), "metrics": metrics, **session}
    return {"participantId": f"p-{name}", "purpose": purpose, **user, "sessions": [made]}


def conversation(*parties: Any, end: float | None = None, **more: Any) -> dict[str, Any]:
    """A conversation that began at noon."""
    ended = {} if end is None else {"conversationEnd": at(end)}
    return {"conversationId": "C", "conversationStart": at(0), "participants": list(parties), **ended, **more}


def customer(end: float, ended: str = "endpoint", media: str = "voice", **session: Any) -> dict[str, Any]:
    """The customer's side."""
    return party("customer", "cu", segment("interact", 0, end, ended), media=media, **session)


ANSWERED = conversation(
    customer(200, direction="inbound"),
    party("ivr", "iv", segment("ivr", 0, 20, "transfer")),
    party("acd", "a1", segment("interact", 20, 50, "transfer", "sales"), tAcd=30_000),
    party("agent", "g0", segment("alert", 25, 35, "system", "sales"), user="bob"),
    party(
        "agent",
        "g1",
        segment("alert", 45, 50, "", "sales"),
        segment("interact", 49.996, 100, "", "sales"),
        segment("hold", 100, 130, "", "sales"),
        segment("interact", 130, 200, "peer", "sales"),
        segment("wrapup", 200, 225, "peer", "sales", "order placed"),
        user="ann",
        tTalkComplete=120_000,
        tHeldComplete=30_000,
        tAcw=25_000,
    ),
    end=200,
    originatingDirection="inbound",
)
ABANDONED = conversation(
    customer(40),
    party("acd", "a1", segment("interact", 5, 40, "peer", "sales"), tAbandon=35_000),
    end=40,
    originatingDirection="inbound",
)
TRANSFERRED = conversation(
    customer(300, "peer"),
    party("acd", "a1", segment("interact", 0, 10, "transfer", "sales")),
    party(
        "agent",
        "g1",
        segment("interact", 10, 100, "consultTransfer", "sales"),
        segment("wrapup", 100, 110, "", "sales"),
        user="ann",
    ),
    party("acd", "a2", segment("interact", 80, 95, "transfer", "billing")),
    party("agent", "g2", segment("interact", 95, 300, "client", "billing"), user="bob"),
    end=300,
    originatingDirection="inbound",
)
CHAT = conversation(
    customer(90, "system", media="chat"),
    party("acd", "a1", segment("interact", 0, 15, "transfer", "web"), media="chat"),
    party("agent", "g1", segment("interact", 15, 90, "system", "web"), media="chat", user="ann"),
    party("agent", "m1", segment("interact", 20, 30, "client"), media="cobrowse", user="ann"),
)
CALLBACK = conversation(
    customer(60, "endpoint"),
    party("acd", "a1", segment("interact", 0, 60, "transfer", "sales"), tFlowOut=60_000),
    party("customer", "cc", segment("interact", 60, 700, "peer"), media="callback"),
    party("acd", "a2", segment("interact", 60, 600, "transfer", "sales"), media="callback"),
    party("agent", "g1", segment("interact", 600, 700, "client", "sales"), media="callback", user="ann"),
    end=700,
    originatingDirection="inbound",
)
# The call the agent makes is a second session of the agent, and no contact of its own.
CALLBACK["participants"][-1]["sessions"].append(
    {"sessionId": "g2", "mediaType": "voice", "segments": [segment("interact", 610, 690, "peer", "sales")]}
)
PREVIEW = conversation(
    customer(30, "peer", media="callback", outboundCampaignId="spring"),
    party(
        "acd",
        "a1",
        segment("interact", 0, 5, "transfer", "out"),
        media="callback",
        outboundCampaignId="spring",
    ),
    party(
        "agent",
        "g1",
        segment("interact", 5, 30, "client", "out"),
        segment("wrapup", 29.9, 29.9, "client", "out", "ININ-OUTBOUND-PREVIEW-SKIPPED"),
        media="callback",
        user="ann",
    ),
)
OUTBOUND = conversation(
    customer(80, "peer", direction="outbound"),
    party("agent", "g1", segment("dialing", 0, 10), segment("interact", 10, 80, "client", "sales"), user="ann"),
    end=80,
    originatingDirection="outbound",
)
INTERNAL = conversation(
    party("user", "u1", segment("dialing", 0, 1), segment("interact", 1, 70, "endpoint"), user="dan"),
    party("acd", "a1", segment("interact", 2, 12, "transfer", "help")),
    party("agent", "g1", segment("interact", 12, 70, "peer", "help"), user="ann"),
)
MENU = conversation(customer(12), party("ivr", "iv", segment("ivr", 0, 12, "peer")), end=12)
TO_AN_AGENT = conversation(
    customer(90),
    party("acd", "a1", segment("interact", 0, 10, "transfer", "sales")),
    party("agent", "g1", segment("interact", 10, 50, "transfer", "sales"), user="ann", tTalkComplete=40_000),
    party("agent", "g2", segment("interact", 50, 90, "peer"), user="bob", tTalkComplete=40_000),
    end=90,
)
THEN_A_QUEUE = conversation(
    customer(90, media="chat"),
    party("agent", "g1", segment("interact", 5, 40, "transfer"), media="chat", user="ann"),
    party("acd", "a1", segment("interact", 40, 60, "transfer", "web"), media="chat"),
    party("agent", "g2", segment("interact", 60, 90, "peer", "web"), media="chat", user="bob"),
    end=90,
)

GOLDEN: dict[str, tuple[dict[str, Any], dict[str, dict[str, Any]]]] = {
    "answered": (
        ANSWERED,
        {
            "C": {
                "started": (0, "voice", "inbound"),
                "offered": (20, "voice", "inbound", "sales"),
                "answered": (49.996, "ann", 30),
                "holds": [(130, 30)],
                "completed": (200, 120, 30, "customer"),
                "wrapped_up": (225, 25),
                "classified": (225, "order placed"),
            }
        },
    ),
    "abandoned": (ABANDONED, {"C": {"offered": (5, "voice", "inbound", "sales"), "abandoned": (40, 35)}}),
    "transfer": (
        TRANSFERRED,
        {
            "C": {
                "offered": (0, "voice", "inbound", "sales"),
                "answered": (10, "ann"),
                "transfers": [(100, "billing", "C/a2", True)],
                "completed": (100,),
                "wrapped_up": (110,),
            },
            "C/a2": {
                "offered": (80, "voice", "inbound", "billing", "C", "C"),
                "answered": (95, "bob"),
                "completed": (300, "agent"),
            },
        },
    ),
    "transfer to an agent": (
        TO_AN_AGENT,
        {
            "C": {
                "offered": (0, "voice", "inbound", "sales"),
                "answered": (10, "ann"),
                "transfers": [(50, False)],
                "completed": (90, 80, "customer"),
            }
        },
    ),
    "agent without a queue, then a queue": (
        THEN_A_QUEUE,
        {
            "C": {
                "started": (0, "chat", "inbound"),
                "answered": (5, "ann"),
                "transfers": [(40, "web", "C/a1", False)],
                "completed": (40,),
            },
            "C/a1": {
                "offered": (40, "chat", "inbound", "web", "C", "C"),
                "answered": (60, "bob"),
                "completed": (90, "customer"),
            },
        },
    ),
    "chat": (
        CHAT,
        {
            "C": {
                "offered": (0, "chat", "inbound", "web"),
                "answered": (15, "ann"),
                "completed": (90, "system"),
            }
        },
    ),
    "callback": (
        CALLBACK,
        {
            "C": {"offered": (0, "voice", "inbound", "sales"), "left_queue": (60, "callback", 60)},
            "C/a2": {
                "offered": (60, "callback", "inbound", "sales", "C", "C"),
                "answered": (600, "ann"),
                "completed": (700, "agent"),
            },
        },
    ),
    "preview not called": (
        PREVIEW,
        {
            "C": {
                "offered": (0, "callback", "outbound", "out", "spring"),
                "answered": (5, "ann"),
                "completed": (30, "agent"),
                "wrapped_up": (30,),
                "classified": (29.9, "ININ-OUTBOUND-PREVIEW-SKIPPED"),
                "excluded": (30, "ININ-OUTBOUND-PREVIEW-SKIPPED"),
            }
        },
    ),
    "outbound": (
        OUTBOUND,
        {"C": {"started": (0, "voice", "outbound"), "answered": (10, "ann"), "completed": (80, "agent")}},
    ),
    "internal": (
        INTERNAL,
        {
            "C": {
                "offered": (2, "voice", "internal", "help"),
                "answered": (12, "ann"),
                "completed": (70, "customer"),
            }
        },
    ),
    "menu": (MENU, {"C": {"started": (0, "voice", "inbound"), "left_menu": (12, "hung_up")}}),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_contacts_are_those_worked_out_by_hand(name: str) -> None:
    document, expected = GOLDEN[name]
    assert contacts(tell(ADAPTER, document)) == expected


@pytest.mark.parametrize("name", GOLDEN)
def test_repeated_and_shuffled_is_the_same(name: str) -> None:
    document, _ = GOLDEN[name]
    shuffled = copy.deepcopy(document)
    random.Random(1).shuffle(shuffled["participants"])
    for participant in shuffled["participants"]:
        participant["sessions"][0]["segments"].reverse()
    once = tell(ADAPTER, document)
    assert sorted(tell(ADAPTER, shuffled), key=str) == sorted(once, key=str)
    assert contacts(once + once[::-1]) == contacts(once)
    assert len({made["id"] for made in once}) == len(once)


def test_a_page_is_its_conversations() -> None:
    other = {**ABANDONED, "conversationId": "D"}
    page = {"conversations": [ANSWERED, other], "totalHits": 2}
    assert tell(ADAPTER, page) == tell(ADAPTER, ANSWERED, other)
    assert ADAPTER.tell(b'{"conversations": []}', "north").nothing


def test_fetched_again_later_the_same_ids_come_with_a_higher_revision() -> None:
    early = copy.deepcopy(ANSWERED)
    agent = early["participants"][-1]["sessions"][0]
    del early["conversationEnd"], agent["segments"][3:], early["participants"][0]["sessions"][0]["segments"]
    del agent["segments"][2]["segmentEnd"]
    before, after = tell(ADAPTER, early), tell(ADAPTER, ANSWERED)
    assert {made["id"] for made in before} < {made["id"] for made in after}
    assert [made["type"] for made in before] == ["contact.started", "contact.offered", "contact.answered"]
    noon = int(NOON.timestamp() * 1000)
    # The hold began at 100 and goes on.
    assert {made["revision"] for made in before} == {noon + 100_000}
    # After-contact work ends after the conversation; its end is the latest instant named.
    assert {made["revision"] for made in after} == {noon + 225_000}


def test_waiting_is_only_offered() -> None:
    document = conversation(customer(0), party("acd", "a1", segment("interact", 0, None, "", "sales")))
    assert contacts(tell(ADAPTER, document)) == {"C": {"offered": (0, "voice", "inbound", "sales")}}


def test_handed_to_an_agent_not_seen_yet_is_not_left() -> None:
    document = conversation(
        party("customer", "cu", segment("interact", 0, None)),
        party("acd", "a1", segment("interact", 0, 10, "transfer", "sales")),
    )
    assert list(contacts(tell(ADAPTER, document))["C"]) == ["offered"]


@pytest.mark.parametrize(
    ("next_party", "reason"),
    [
        (party("voicemail", "v", segment("interact", 50, 80, "peer")), "voicemail"),
        (party("acd", "a2", segment("interact", 50, None, "", "other queue")), "overflow"),
        (party("ivr", "i2", segment("ivr", 50, 80, "peer")), "other"),
    ],
)
def test_flow_out_says_where_to_when_it_shows(next_party: dict[str, Any], reason: str) -> None:
    visit = party("acd", "a1", segment("interact", 0, 50, "transfer", "sales"))
    found = contacts(tell(ADAPTER, conversation(customer(80), visit, next_party, end=80)))
    assert found["C"]["left_queue"] == (50, reason)


def test_abandon_without_metrics_needs_the_customer_to_leave() -> None:
    def ended(by_acd: str, by_customer: str) -> list[str]:
        visit = party("acd", "a1", segment("interact", 0, 40, by_acd, "sales"))
        return list(contacts(tell(ADAPTER, conversation(customer(40, by_customer), visit, end=40)))["C"])

    assert ended("peer", "endpoint") == ["offered", "abandoned"]
    assert ended("system", "system") == ["offered", "left_queue"]


def test_a_caller_known_to_the_site_is_named() -> None:
    document = copy.deepcopy(ABANDONED)
    document["participants"][0]["externalContactId"] = "x-1"
    assert contacts(tell(ADAPTER, document))["C"]["offered"][-1] == "x-1"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (b"{", "not JSON"),
        (b"[]", "message: a JSON array"),
        (b"{}", "conversationId: nothing"),
        (b'{"conversationId": "C"}', "conversationStart: nothing"),
        (b'{"conversations": [3]}', r"conversations\[0\]: 3; expected a JSON object"),
        (
            json.dumps(conversation(party("acd", "a", segment("interact", 9, 3, "", "q")))).encode(),
            r"participants\[0\]\.sessions\[0\]\.segments\[0\]\.segmentEnd: .* expected a time up to a year after",
        ),
        (
            json.dumps(conversation(party("acd", "a", segment("interact", 0, 3)))).encode(),
            r"sessions\[0\]\.segments\[0\]\.queueId: nothing; expected the queue",
        ),
        (
            json.dumps(conversation(party("acd", "a", segment("interact", 0, 3, "", "q"), tAcd=-1))).encode(),
            r"metrics\[0\]\.value: -1; expected 0 to 31,536,000,000 milliseconds",
        ),
    ],
)
def test_refusals_say_what_and_where(change: bytes, words: str) -> None:
    with pytest.raises(NotUnderstoodError, match=words):
        ADAPTER.tell(change, "north")


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes(message: bytes) -> None:
    never_breaks(ADAPTER, message)


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=300), st.just([]), st.just({}),
    st.sampled_from([at(-5), at(1e9), "0001-01-01T00:00:00+14:00", "\ud800", " ", [3], 10**400, "x" * 64]),
)  # fmt: skip


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_any_part_may_be_anything(data: st.DataObject) -> None:
    document = copy.deepcopy(data.draw(st.sampled_from([document for document, _ in GOLDEN.values()])))
    for _ in range(data.draw(st.integers(1, 3))):
        place: Any = document
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            if isinstance(place[key], (dict, list)) and data.draw(st.integers(0, 9)):
                place = place[key]
                continue
            place[key] = copy.deepcopy(data.draw(ODD))
            break
    never_breaks(ADAPTER, json.dumps(document).encode())


@pytest.mark.skipif(not SAMPLE.exists(), reason=f"{SAMPLE} is not there: real conversations of 2016")
def test_real_conversations_of_2016() -> None:
    document = json.loads(SAMPLE.read_text("utf-8"))
    events = tell(ADAPTER, document)
    found = contacts(events)
    assert len(found) == 25
    assert all({"answered", "completed"} <= set(row) for row in found.values())
    assert sum("excluded" in row for row in found.values()) == 19
    assert sum("offered" in row for row in found.values()) == 21
    # Two people of the company rang a queue; four chats went to an agent without one.
    assert sum(row.get("offered", ("", "", ""))[2] == "internal" for row in found.values()) == 2
    assert sum(row.get("started", ("", ""))[1] == "chat" for row in found.values()) == 4
    assert sum("holds" in row for row in found.values()) == 1
    assert len({made["id"] for made in events}) == len(events)

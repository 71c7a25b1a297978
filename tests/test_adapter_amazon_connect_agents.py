"""Amazon Connect's agent events become states, evaluations become scores, and chat analyses become messages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.test_adapter_amazon_connect import ARN, Document, at, tell


def agent_event(kind: str, now: str, status: tuple[str, str, str] | None, *contacts: Document, **more: Any) -> Document:
    return {
        "AgentARN": f"{ARN}/agent/ann",
        "EventType": kind,
        "EventTimestamp": at(now, milliseconds=True),
        "CurrentAgentSnapshot": snapshot(status, *contacts),
        "PreviousAgentSnapshot": None,
    } | more


def snapshot(status: tuple[str, str, str] | None, *contacts: Document) -> Document:
    name, kind, since = status or ("", "", "")
    return {
        "AgentStatus": {"Name": name, "Type": kind, "StartTimestamp": at(since, milliseconds=True)} if status else None,
        "Configuration": {
            "AgentHierarchyGroups": {"Level1": {"Name": "Everyone"}, "Level2": {"Name": "Team 4"}, "Level3": None},
            "RoutingProfile": {
                "Concurrency": [{"Channel": "CHAT", "MaximumSlots": 3}, {"Channel": "VOICE", "MaximumSlots": 1}]
            },
        },
        "Contacts": list(contacts),
    }


def held_contact(state: str, since: str, connected: str | None = None) -> Document:
    connect = at(connected, milliseconds=True) if connected else None
    return {
        "State": state,
        "StateStartTimestamp": at(since, milliseconds=True),
        "ConnectedToAgentTimestamp": connect,
        "Channel": "VOICE",
    }


AVAILABLE = ("Available", "ROUTABLE", "09:00:00")


@pytest.mark.parametrize(
    ("document", "since", "state", "reason"),
    [
        (agent_event("LOGIN", "09:00:01", AVAILABLE), "09:00:00", "available", None),
        (agent_event("HEART_BEAT", "09:02:00", AVAILABLE), "09:00:00", "available", None),
        (agent_event("HEART_BEAT", "09:05:00", AVAILABLE, held_contact("CONNECTED", "09:03:00")),
         "09:03:00", "busy", None),
        (agent_event("HEART_BEAT", "09:05:00", AVAILABLE, held_contact("CONNECTED_ONHOLD", "09:04:00", "09:03:00")),
         "09:03:00", "busy", None),
        (agent_event("HEART_BEAT", "09:05:00", AVAILABLE, held_contact("ENDED", "09:04:30", "09:03:00")),
         "09:04:30", "wrap_up", None),
        (agent_event("HEART_BEAT", "09:05:00", AVAILABLE, held_contact("CONNECTING", "09:04:59")),
         "09:00:00", "available", None),
        (agent_event("STATE_CHANGE", "09:10:01", ("LUNCH", "CUSTOM", "09:10:00"),
                     PreviousAgentSnapshot=snapshot(AVAILABLE)), "09:10:00", "lunch", "LUNCH"),
        (agent_event("STATE_CHANGE", "09:10:01", ("Paperwork", "CUSTOM", "09:10:00")),
         "09:10:00", "other_work", "Paperwork"),
        (agent_event("STATE_CHANGE", "09:10:01", ("AfterContactWork", "CUSTOM", "09:10:00")),
         "09:10:00", "wrap_up", None),
        # The status began before the call: free again is only what the change itself dates.
        (agent_event("STATE_CHANGE", "09:07:00", AVAILABLE,
                     PreviousAgentSnapshot=snapshot(AVAILABLE, held_contact("ENDED", "09:04:30"))),
         "09:07:00", "available", None),
        (agent_event("STATE_CHANGE", "17:00:01", ("Offline", "OFFLINE", "17:00:00"),
                     held_contact("ENDED", "16:00:00")), "17:00:00", "offline", None),
        (agent_event("LOGOUT", "17:00:05", AVAILABLE), "17:00:05", "offline", None),
    ],
)  # fmt: skip
def test_an_agent_is_in_the_state_the_snapshot_shows(
    document: Document, since: str, state: str, reason: str | None
) -> None:
    (event,) = tell(document).events
    assert (event["subject"], event["time"]) == ("ann", at(since, milliseconds=True))
    assert event["data"] == {"state": state, "team": "Team 4", "slots": 3} | ({"reason": reason} if reason else {})


def test_heartbeats_repeat_one_event() -> None:
    ids = {tell(agent_event("HEART_BEAT", f"09:{minute}:00", AVAILABLE)).events[0]["id"] for minute in (10, 12, 14)}
    assert len(ids) == 1


def test_a_change_of_nothing_the_contract_knows_says_nothing() -> None:
    same = agent_event("STATE_CHANGE", "09:05:00", AVAILABLE, PreviousAgentSnapshot=snapshot(AVAILABLE))
    assert "neither" in tell(same).nothing
    assert "without the agent's status" in tell(agent_event("HEART_BEAT", "09:05:00", None)).nothing


# Evaluations and chat analyses.

EVALUATION: Document = {
    "evaluationId": "ev-1",
    "metadata": {
        "contactId": "c-plain",
        "evaluationDefinitionTitle": "Courtesy",
        "evaluationSubmitTimestamp": "2026-03-03T10:00:00.500Z",
        "score": {"percentage": 87.5},
    },
}
ANALYSIS: Document = {
    "Channel": "CHAT",
    "CustomerMetadata": {"ContactId": "c-chat"},
    "Transcript": [
        {"Id": "m1", "Type": "EVENT", "ParticipantRole": "CUSTOMER", "AbsoluteTime": at("12:00:00")},
        {"Id": "m2", "Type": "MESSAGE", "ParticipantRole": "SYSTEM", "AbsoluteTime": at("12:00:02"), "Content": "Hi"},
        {"Id": "m3", "Type": "MESSAGE", "ParticipantRole": "CUSTOMER", "AbsoluteTime": at("12:00:20"), "Content": "?"},
        {"Id": "m4", "Type": "MESSAGE", "ParticipantRole": "AGENT", "AbsoluteTime": at("12:00:45"), "Content": "!"},
    ],
}


def test_an_evaluation_is_a_score_of_a_hundred() -> None:
    (event,) = tell(EVALUATION).events
    assert (event["subject"], event["time"], event["revision"]) == (
        "c-plain",
        "2026-03-03T10:00:00.500Z",
        1772532000500,
    )
    assert event["data"] == {
        "evaluator": "provider", "evaluation_id": "ev-1", "form": "Courtesy", "score": 87.5, "max_score": 100.0,
    }  # fmt: skip


def test_an_evaluation_without_a_score_says_nothing() -> None:
    metadata = EVALUATION["metadata"] | {"score": {"notApplicable": True}}
    assert "without a score" in tell(EVALUATION | {"metadata": metadata}).nothing


def test_a_chat_analysis_gives_its_messages_without_their_text() -> None:
    events = tell(ANALYSIS).events
    assert [(event["time"], event["data"]) for event in events] == [
        (at("12:00:02"), {"sender": "bot"}),
        (at("12:00:20"), {"sender": "customer"}),
        (at("12:00:45"), {"sender": "agent"}),
    ]
    assert "course" in tell(ANALYSIS | {"Channel": "VOICE"}).nothing

"""Amazon Connect's agent event stream: which state an agent is in, and since when."""

from __future__ import annotations

from typing import NamedTuple

from ingest.adapters.amazon_connect.document import Document, later
from ingest.adapters.base import Told, event

_KINDS = ("LOGIN", "LOGOUT", "STATE_CHANGE", "HEART_BEAT")
_IN_CONVERSATION = {"CONNECTED", "CONNECTED_ONHOLD"}
_BY_NAME = {"break": "break", "lunch": "lunch", "training": "training", "meeting": "meeting"}
_WRAP_UP_NAME = "aftercontactwork"


class _Being(NamedTuple):
    """What an agent is doing, by one snapshot."""

    state: str
    reason: str | None
    team: str | None
    slots: int | None
    since: str


def tell_agent_event(document: Document, site: str) -> Told:
    """What an agent event says."""
    agent = document.needed_identifier("AgentARN")
    kind = document.choice("EventType", _KINDS)
    now = document.needed_instant("EventTimestamp")
    being = _being(document.part("CurrentAgentSnapshot"))
    if kind == "LOGOUT":
        team, slots = (being.team, being.slots) if being else (None, None)
        return _told(site, agent, now, _Being("offline", None, team, slots, now))
    if being is None:
        return Told(nothing=f"agent event {kind} without the agent's status")
    if kind == "STATE_CHANGE":
        before = _being(document.part("PreviousAgentSnapshot"))
        if before and before._replace(since="") == being._replace(since=""):
            return Told(nothing="agent event STATE_CHANGE that changes neither state, team nor slots")
        # Back from a contact, the status is as old as before it: the agent is in it again only now.
        if before and later(before.since, being.since) == before.since:
            return _told(site, agent, now, being)
    # What a heartbeat repeats is told at the time it began, so it is the same event every two minutes.
    return _told(site, agent, being.since, being)


def _told(site: str, agent: str, at: str, being: _Being) -> Told:
    made = event(
        site,
        "agent.state_changed",
        agent,
        f"{agent}/{being.state}/{at}",
        at,
        state=being.state,
        reason=being.reason,
        team=being.team,
        slots=being.slots,
    )
    return Told((made,))


def _being(snapshot: Document) -> _Being | None:
    status = snapshot.part("AgentStatus")
    if not status:
        return None
    state, reason = _of_status(status)
    since = status.needed_instant("StartTimestamp")
    talking, ended = [], []
    for contact in snapshot.parts("Contacts"):
        contact_state = contact.text("State") or ""
        if contact_state in _IN_CONVERSATION:
            # On hold the state begins anew, the conversation does not.
            connected = contact.instant("ConnectedToAgentTimestamp")
            talking.append(connected or contact.needed_instant("StateStartTimestamp"))
        elif contact_state == "ENDED":
            ended.append(contact.needed_instant("StateStartTimestamp"))
    # A chat left uncleared stays ENDED after its agent went offline.
    if talking:
        state, reason, since = "busy", None, _earliest(talking)
    elif ended and state != "offline":
        state, reason, since = "wrap_up", None, _earliest(ended)
    configuration = snapshot.part("Configuration")
    return _Being(state, reason, _team(configuration), _slots(configuration), since)


def _of_status(status: Document) -> tuple[str, str | None]:
    name = status.text("Name") or ""
    folded = name.casefold()
    # Streams of before the field existed have the two built-in statuses under these names.
    kind = status.text("Type") or {"available": "ROUTABLE", "offline": "OFFLINE"}.get(folded, "CUSTOM")
    if kind == "ROUTABLE":
        return "available", None
    if kind == "OFFLINE":
        return "offline", None
    if folded.replace(" ", "") == _WRAP_UP_NAME:
        return "wrap_up", None
    return _BY_NAME.get(folded, "other_work"), name or None


def _earliest(times: list[str]) -> str:
    first = times[0]
    for time in times[1:]:
        first = first if later(first, time) != first else time
    return first


def _team(configuration: Document) -> str | None:
    """The lowest level of the hierarchy the agent is placed in."""
    groups = configuration.part("AgentHierarchyGroups")
    for level in range(5, 0, -1):
        if name := groups.part(f"Level{level}").text("Name", "GroupName"):
            return name
    return None


def _slots(configuration: Document) -> int | None:
    """The most contacts of one channel: unless a profile mixes channels, work on one closes the others."""
    profile = configuration.part("RoutingProfile")
    found = [channel.number("MaximumSlots", 100, "contacts") for channel in profile.parts("Concurrency")]
    return max((int(slots) for slots in found if slots is not None), default=None)

"""Queue events of Asterisk's manager interface (AMI): lines of `Key: Value`, or the same as a JSON object.

They carry no time unless `timestampevents = yes` is set in manager.conf or the forwarder adds one. Names of
Asterisk 12 and later, and the older ones where they differ (Join, QueueMemberPaused).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ingest.adapters.asterisk.said import Saying, caller, moment, name, needed, pause_state, seconds
from ingest.adapters.base import NotUnderstoodError, Told
from ingest.adapters.reading import masked, parse, shown, wrong

_TIMES = ("Timestamp", "@timestamp", "time")
_MEMBERS = ("MemberName", "Interface", "Location", "Member")
_ENDED_BY = {"agent": "agent", "caller": "customer", "transfer": None}
_FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}

# Device states; unknown (0) and ringing (6) are no state of an agent.
_DEVICE_STATES = {
    "0": None, "1": "available", "2": "busy", "3": "busy", "4": "offline", "5": "offline", "6": None, "7": "busy",
    "8": "busy",
}  # fmt: skip

_TRANSFER = "names channels and no queue; AgentComplete with Reason: transfer says it of the contact"
_HOLD = "names a channel and no queue, so it cannot be laid to a contact"
_NOTHING = {
    "QueueCallerLeave": "comes for every way out of a queue; the event of that way says which",
    "AgentCalled": "an agent's phone rings; the caller waits on",
    "AgentRingNoAnswer": "an agent's phone rang and was not answered; the caller waits on",
    "AgentDump": "the agent hung up during the announcement; what became of the caller is told by other events",
    "BlindTransfer": _TRANSFER,
    "AttendedTransfer": _TRANSFER,
    "Hold": _HOLD,
    "Unhold": _HOLD,
}


class _Message:
    """The fields of an event by name; forwarders write names in their own case."""

    def __init__(self, fields: dict[str, str]) -> None:
        self._fields = fields

    def get(self, *keys: str) -> tuple[str, str]:
        """The first of these fields that says something, and its name."""
        for key in keys:
            value = self._fields.get(key.casefold(), "").strip()
            if value:
                return value, key
        return "", keys[0]

    @property
    def verb(self) -> str:
        return needed(*self.get("Event"), "the name of an event")

    @property
    def callid(self) -> str:
        return needed(*self.get("Uniqueid"), "the unique id of the call")

    @property
    def queue(self) -> str:
        return needed(*self.get("Queue"), "the name of a queue")

    @property
    def agent(self) -> str | None:
        return name(*self.get(*_MEMBERS), "a member")

    def flag(self, key: str) -> bool:
        text, where = self.get(key)
        if text.casefold() not in _FLAGS:
            raise wrong(where, text, "1 or 0")
        return _FLAGS[text.casefold()]


def tell_json(text: str, site: str) -> Told:
    """The events of one AMI event as a JSON object."""
    document = parse(text, "an AMI event as a JSON object")
    # Only plain values are ever read; lists of variables and the like are left alone.
    plain = {key.casefold(): value for key, value in document.items() if isinstance(value, str | int | float)}
    if not isinstance(plain.get("uniqueid", ""), str):
        # As a number 1772442000.10 would become 1772442000.1, which is another call.
        raise wrong("Uniqueid", plain["uniqueid"], "it as a text, for example '1772442000.10'")
    return _tell({key: _text(value) for key, value in plain.items()}, site)


def _text(value: str | float) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def tell_text(text: str, site: str) -> Told:
    """The events of one AMI event as lines of `Key: Value`."""
    fields: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        key, colon, value = line.partition(":")
        if not colon:
            raise NotUnderstoodError(f"line {number}: {shown(line)}; expected `Key: Value`, one event a message")
        if key.strip().casefold() == "event" and "event" in fields:
            raise NotUnderstoodError(f"line {number}: a second Event; expected one event a message")
        fields.setdefault(key.strip().casefold(), value)
    return _tell(fields, site)


def _tell(fields: dict[str, str], site: str) -> Told:
    message = _Message(fields)
    verb = message.verb
    if verb not in _EVENTS:
        return Told(
            nothing=f"{masked(verb)}: {_NOTHING.get(verb, 'not an event of queues that the contract has facts for')}"
        )
    time, where = message.get(*_TIMES)
    if not time:
        raise NotUnderstoodError(
            f"{verb} without a time; expected Timestamp: set timestampevents = yes in manager.conf, or let the "
            "forwarder add one (seconds since 1970 or RFC 3339)"
        )
    told = _EVENTS[verb](message, Saying(site, verb, moment(time, where)))
    return Told(told, "" if told else f"{verb}: ringing or unknown is no state of an agent")


_Events = tuple[dict[str, Any], ...]


def _join(message: _Message, saying: Saying) -> _Events:
    number = caller(*message.get("CallerIDNum", "CallerID"))
    queue = message.queue
    return (saying.contact(message.callid, queue, "offered", channel="voice", queue=queue, customer_id=number),)


def _connect(message: _Message, saying: Saying) -> _Events:
    wait_s = seconds(*message.get("HoldTime"))
    return (saying.contact(message.callid, message.queue, "answered", agent_id=message.agent, wait_s=wait_s),)


def _complete(message: _Message, saying: Saying) -> _Events:
    reason, where = message.get("Reason")
    if reason and reason not in _ENDED_BY:
        raise wrong(where, reason, "agent, caller or transfer")
    talk_s, ended_by = seconds(*message.get("TalkTime")), _ENDED_BY.get(reason)
    completed = saying.contact(message.callid, message.queue, "completed", talk_s=talk_s, ended_by=ended_by)
    if reason != "transfer":
        return (completed,)
    return saying.contact(message.callid, message.queue, "transferred"), completed


def _abandon(message: _Message, saying: Saying) -> _Events:
    wait_s = seconds(*message.get("HoldTime"))
    return (saying.contact(message.callid, message.queue, "abandoned", wait_s=wait_s),)


def _member(message: _Message, saying: Saying) -> _Events:
    agent = needed(*message.get(*_MEMBERS), "a member")
    status, where = message.get("Status")
    if status and status not in _DEVICE_STATES:
        raise wrong(where, status, "a device state, 0 to 8")
    in_call, paused, reason = message.flag("InCall"), message.flag("Paused"), None
    state = _DEVICE_STATES.get(status)
    if in_call:
        state = "busy"
    elif paused:
        reason = name(*message.get("PausedReason", "Reason"), "the reason of a pause")
        state = pause_state(reason)
    elif state is None and saying.verb != "QueueMemberStatus":
        # Added or no longer paused is what the event is about, whatever the phone does.
        state = "available"
    return () if state is None else (saying.state(agent, message.queue, state, reason),)


def _removed(message: _Message, saying: Saying) -> _Events:
    return (saying.state(needed(*message.get(*_MEMBERS), "a member"), message.queue, "offline"),)


def _login(message: _Message, saying: Saying) -> _Events:
    state = "available" if saying.verb == "AgentLogin" else "offline"
    return (saying.state(needed(*message.get("Agent"), "an agent"), "NONE", state),)


_EVENTS: dict[str, Callable[[_Message, Saying], _Events]] = {
    "QueueCallerJoin": _join,
    "Join": _join,
    "AgentConnect": _connect,
    "AgentComplete": _complete,
    "QueueCallerAbandon": _abandon,
    "QueueMemberAdded": _member,
    "QueueMemberPause": _member,
    "QueueMemberPaused": _member,
    "QueueMemberStatus": _member,
    "QueueMemberRemoved": _removed,
    "AgentLogin": _login,
    "AgentLogoff": _login,
}

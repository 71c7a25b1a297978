"""Lines of Asterisk's queue_log: `epoch|callid|queue|agent|event|data1|data2|...`.

Times are whole seconds in most versions. The log can lack exits (a crash, a restart): nothing is said then, and
whoever counts contacts ends them as of unknown end. The call time of Asterisk includes holds, which it does
not log: talk_s includes them.
"""

from __future__ import annotations

import re
from typing import Any

from ingest.adapters.asterisk.said import Saying, caller, moment, name, needed, pause_state, seconds
from ingest.adapters.base import NotUnderstoodError, Told
from ingest.adapters.reading import masked, wrong

_VERB = re.compile(r"[A-Z][A-Z0-9_]{1,39}\Z")

# Which of data1, data2, ... is the wait, and why the contact left the queue.
_EXITS = {"EXITWITHTIMEOUT": (3, "overflow"), "EXITWITHKEY": (4, "other"), "EXITEMPTY": (3, "closed")}
_ENDED_BY = {"COMPLETEAGENT": "agent", "COMPLETECALLER": "customer"}
# Whether the agents spoke first; before Asterisk 12 the log did not say.
_TRANSFERS = {"BLINDTRANSFER": False, "ATTENDEDTRANSFER": True, "TRANSFER": None}
_STATES = {
    "ADDMEMBER": "available",
    "UNPAUSE": "available",
    "AGENTLOGIN": "available",
    "AGENTCALLBACKLOGIN": "available",
    "REMOVEMEMBER": "offline",
    "AGENTLOGOFF": "offline",
    "AGENTCALLBACKLOGOFF": "offline",
}
_NOTHING = {
    "RINGNOANSWER": "an agent's phone rang and was not answered; the caller waits on",
    "RINGCANCELED": "the caller hung up while a phone rang; ABANDON says so",
    "AGENTDUMP": "the agent hung up during the announcement; what became of the caller is told by other lines",
    "SYSCOMPAT": "the channels did not fit; what became of the caller is told by other lines",
    "PAUSEALL": "a PAUSE line of every queue says the same, under the member's name",
    "UNPAUSEALL": "an UNPAUSE line of every queue says the same, under the member's name",
    "DID": "the number that was called; the contract has no place for it",
    "QUEUESTART": "the queues started; calls before may have ended without a line",
    "CONFIGRELOAD": "the configuration was read again",
}


class _Line:
    """The fields of a line, and where each is, for error texts."""

    def __init__(self, text: str) -> None:
        if len(text.splitlines()) != 1:
            raise NotUnderstoodError("more than one line; expected one line of queue_log a message")
        fields = text.split("|")
        if len(fields) < 5:
            raise NotUnderstoodError(f"{len(fields)} fields; expected at least 5: epoch|callid|queue|agent|event")
        self.epoch, self._callid, self._queue, self._agent, self.verb, *self._data = (f.strip() for f in fields)
        if not _VERB.match(self.verb):
            raise wrong("field 5 (event)", self.verb, "a name in capitals, for example ENTERQUEUE")

    @property
    def callid(self) -> str:
        return needed(self._callid, "field 2 (callid)", "the unique id of the call")

    @property
    def queue(self) -> str:
        return needed(self._queue, "field 3 (queue)", "the name of a queue")

    @property
    def any_queue(self) -> str:
        """As given, NONE where the line is about no queue."""
        return name(self._queue, "field 3 (queue)", "the name of a queue") or "NONE"

    @property
    def agent(self) -> str | None:
        return name(self._agent, "field 4 (agent)", "a member or agent")

    @property
    def any_agent(self) -> str:
        return needed(self._agent, "field 4 (agent)", "a member or agent")

    def data(self, n: int) -> tuple[str, str]:
        """data1, data2, ... or nothing where the line is shorter (older versions), and where that is."""
        return (self._data[n - 1] if n <= len(self._data) else ""), f"field {5 + n} (data{n})"


def tell_line(text: str, site: str) -> Told:
    """The events of one line."""
    line = _Line(text)
    if line.verb in _NOTHING:
        return Told(nothing=f"{line.verb}: {_NOTHING[line.verb]}")
    saying = Saying(site, line.verb, moment(line.epoch, "field 1 (epoch)"))
    if line.verb == "PAUSE" or line.verb in _STATES:
        return Told((_state(line, saying),))
    told = _contact(line, saying)
    if not told:
        return Told(
            nothing=f"{masked(line.verb)}: not an event of app_queue that is known here (a dial plan can log its own)"
        )
    return Told(told)


def _contact(line: _Line, saying: Saying) -> tuple[dict[str, Any], ...]:
    verb = line.verb

    def fact(kind: str, **data: Any) -> dict[str, Any]:
        return saying.contact(line.callid, line.queue, kind, **data)

    if verb == "ENTERQUEUE":
        return (fact("offered", channel="voice", queue=line.queue, customer_id=caller(*line.data(2))),)
    if verb == "CALLOUTBOUND":
        # Written by FreePBX and QueueMetrics for calls agents make; nobody waits in a queue.
        return (fact("started", channel="voice", direction="outbound", customer_id=caller(*line.data(1))),)
    if verb == "CONNECT":
        return (fact("answered", agent_id=line.agent, wait_s=seconds(*line.data(1))),)
    if verb in _ENDED_BY:
        return (fact("completed", talk_s=seconds(*line.data(2)), ended_by=_ENDED_BY[verb]),)
    if verb == "ABANDON":
        return (fact("abandoned", wait_s=seconds(*line.data(3))),)
    if verb in _EXITS:
        place, reason = _EXITS[verb]
        return (fact("left_queue", reason=reason, wait_s=seconds(*line.data(place))),)
    if verb in _TRANSFERS:
        # data1 is an extension, a bridge or an application, never surely a queue: to_queue stays empty.
        talk_s = seconds(*line.data(_call_time(line)))
        return fact("transferred", warm=_TRANSFERS[verb]), fact("completed", talk_s=talk_s)
    return ()


def _call_time(line: _Line) -> int:
    # method|bridge or application|hold|call, but LINK names the two channels that were linked.
    linked = line.verb == "ATTENDEDTRANSFER" and line.data(1)[0] == "LINK" and not line.data(3)[0].isdecimal()
    return 5 if linked else 4


def _state(line: _Line, saying: Saying) -> dict[str, Any]:
    reason = None
    if line.verb == "PAUSE":
        reason = name(*line.data(1), "the reason of a pause")
        state = pause_state(reason)
    elif line.verb == "ADDMEMBER" and line.data(1)[0] == "PAUSED":
        state = "other_work"
    else:
        state = _STATES[line.verb]
    if line.verb == "AGENTCALLBACKLOGOFF":
        reason = name(*line.data(3), "the reason of a logoff")
    return saying.state(line.any_agent, line.any_queue, state, reason)

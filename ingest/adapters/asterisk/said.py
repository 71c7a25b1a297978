"""What lines of queue_log and AMI events have in common: times, names, durations, and the events they make."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.adapters.base import NotUnderstoodError, event
from ingest.adapters.reading import CODE, EPOCH, NOT_TEXT, YEAR_S, shown, wrong

_EPOCH = re.compile(r"[0-9]{9,10}(\.[0-9]{1,9})?\Z")
_RFC3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9:]{5})\Z")
_SECONDS = re.compile(r"-?[0-9]{1,8}(\.[0-9]{1,9})?\Z")

_NOBODY = frozenset({"", "none", "null"})
_WITHHELD = _NOBODY | {
    "anonymous", "unknown", "<unknown>", "unavailable", "restricted", "private", "withheld", "asterisk",
}  # fmt: skip
"""Caller ids that name nobody; asterisk is what the PBX says of itself."""

_PAUSES = ("lunch", "training", "meeting", "break")
"""States of a pause by words of its reason, the more telling first: a lunch break is lunch."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as the contract and as ids write it."""

    rfc3339: str
    epoch: str


def moment(text: str, where: str) -> Moment:
    """The time a text gives: seconds since 1970, or RFC 3339 with offset."""
    try:
        if _EPOCH.match(text):
            whole, _, fraction = text.partition(".")
            at = EPOCH + timedelta(seconds=int(whole), microseconds=int(fraction[:6].ljust(6, "0")))
        elif _RFC3339.match(text):
            at = datetime.fromisoformat(text.upper()).astimezone(UTC)
        else:
            raise ValueError
    except (ValueError, OverflowError):
        expected = "seconds since 1970, for example 1772442000 or 1772442000.25, or RFC 3339 with offset"
        raise wrong(where, text, expected) from None
    seconds, micros = divmod((at - EPOCH) // timedelta(microseconds=1), 1_000_000)
    epoch = f"{seconds}.{micros:06d}" if micros else f"{seconds}"
    return Moment(at.isoformat().replace("+00:00", "Z"), epoch)


def name(text: str, where: str, what: str, *, private: bool = False) -> str | None:
    """A name without the blanks around it; None where it names nothing (NONE). private: it may name a customer."""
    text = text.strip()
    if text.casefold() in _NOBODY:
        return None
    if len(text) > CODE or NOT_TEXT.search(text):
        raise wrong(where, text, f"{what}, at most {CODE} characters, none of control", private=private)
    return text


def needed(text: str, where: str, what: str) -> str:
    """A name that must be there."""
    found = name(text, where, what)
    if found is None:
        raise wrong(where, text, what)
    return found


def caller(text: str, where: str) -> str | None:
    """The number of the caller, unless withheld."""
    return None if text.strip().casefold() in _WITHHELD else name(text, where, "a caller id", private=True)


def seconds(text: str, where: str) -> float | None:
    """A duration; None where none is given, or a negative one (the clock was set back meanwhile)."""
    text = text.strip()
    if not text:
        return None
    if not _SECONDS.match(text) or float(text) > YEAR_S:
        raise wrong(where, text, f"seconds, at most {YEAR_S}")
    return float(text) if float(text) >= 0 else None


def pause_state(reason: str | None) -> str:
    """The state a pause is, by the words of its reason."""
    words = re.findall(r"[a-z]+", (reason or "").casefold())
    return next((state for state in _PAUSES if state in words), "other_work")


@dataclass(frozen=True, slots=True)
class Saying:
    """What all events of one message share. Their ids come from the names, the vendor's event and its time."""

    site: str
    verb: str
    at: Moment

    def contact(self, callid: str, queue: str, kind: str, /, **data: Any) -> dict[str, Any]:
        """A fact about the contact that this call in this queue is."""
        subject = self._joined(callid, queue)
        event_id = f"{subject}/{self.verb}/{self.at.epoch}/{kind}"
        return event(self.site, f"contact.{kind}", subject, event_id, self.at.rfc3339, **data)

    def state(self, agent: str, queue: str, state: str, reason: str | None = None) -> dict[str, Any]:
        """The agent entered a state, as the member list of this queue (or none) says."""
        event_id = f"{self._joined(agent, queue)}/{self.verb}/{self.at.epoch}/{state}"
        return event(self.site, "agent.state_changed", agent, event_id, self.at.rfc3339, state=state, reason=reason)

    def _joined(self, who: str, queue: str) -> str:
        joined = f"{who}/{queue}"
        # The contract's ids have 256 characters, and the event's name and time come behind.
        if len(joined) > 190:
            raise NotUnderstoodError(f"{shown(joined)}: {len(joined)} characters; expected at most 190 in name/queue")
        return joined

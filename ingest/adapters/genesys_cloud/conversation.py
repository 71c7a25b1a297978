"""A Genesys Cloud conversation as analytics tells it: participants have sessions, sessions have segments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.adapters.reading import YEAR_S, Part, wrong

CHANNELS = {
    "voice": "voice",
    "callback": "callback",
    "chat": "chat",
    "message": "messaging",
    "email": "email",
    "video": "video",
}
"""Channel by mediaType. Sessions of other media (cobrowse, screenshare, ...) accompany one of these."""

MENUS = frozenset({"ivr", "botflow", "workflow"})
_CUSTOMERS = frozenset({"customer", "external"})
_LISTENERS = ("monitoredParticipantId", "coachedParticipantId")
_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of a session."""

    kind: str
    start: datetime
    end: datetime | None
    disconnect: str
    wrap_up: str | None


@dataclass(frozen=True, slots=True)
class Session:
    """One medium of one participant."""

    id: str
    participant: str
    purpose: str
    user: str | None
    channel: str
    direction: str | None
    campaign: str | None
    queue: str | None
    segments: tuple[Segment, ...]
    metrics: tuple[tuple[str, float], ...]

    @property
    def start(self) -> datetime:
        """Start of the first segment."""
        return self.segments[0].start

    @property
    def talk(self) -> tuple[Segment, ...]:
        """The conversation: interact and hold segments."""
        return tuple(segment for segment in self.segments if segment.kind in ("interact", "hold"))

    @property
    def last(self) -> Segment:
        """The last segment that is not after-contact work."""
        return next((s for s in reversed(self.segments) if s.kind != "wrapup"), self.segments[-1])

    def metric(self, name: str) -> float | None:
        """Seconds of the metrics of this name together; None when there are none."""
        return total(value for each, value in self.metrics if each == name)


def total(values: Iterable[float | None]) -> float | None:
    """The sum of the known ones; None when none is known or the sum is no duration of the contract."""
    known = [value for value in values if value is not None]
    return sum(known) if known and sum(known) <= YEAR_S else None


@dataclass(frozen=True, slots=True)
class Conversation:
    """All sessions of a conversation, in order of time."""

    id: str
    start: datetime
    ended: bool
    originating: str | None
    customer: str | None
    sessions: tuple[Session, ...]
    latest: datetime
    """The latest instant the document names."""

    @property
    def customers(self) -> list[Session]:
        """The sessions of people outside."""
        return [session for session in self.sessions if session.purpose in _CUSTOMERS]


def read(document: Part) -> Conversation:
    """The conversation of a JSON object. Raises NotUnderstoodError."""
    conversation = document.needed("conversationId")
    start, end = document.needed_time("conversationStart"), document.time("conversationEnd")
    sessions: list[Session] = []
    customer = None
    for participant in document.parts("participants"):
        if participant.text("purpose") in _CUSTOMERS:
            customer = customer or participant.text("externalContactId", private=True)
        sessions.extend(_sessions(participant))
    sessions.sort(key=lambda session: (session.start, session.id))
    segments = [segment for session in sessions for segment in session.segments]
    instants = [start, *([end] if end else []), *(s.start for s in segments), *(s.end for s in segments if s.end)]
    return Conversation(
        conversation,
        start,
        # Documents of 2016 have no conversationEnd; a conversation of which nothing is open has ended.
        end is not None or (bool(segments) and all(segment.end for segment in segments)),
        document.text("originatingDirection"),
        customer,
        tuple(sessions),
        max(instants),
    )


def _sessions(participant: Part) -> Iterator[Session]:
    purpose = participant.text("purpose") or ""
    for session in participant.parts("sessions"):
        channel = CHANNELS.get(session.text("mediaType") or "")
        found = list(session.parts("segments"))
        if channel is None or any(session.has(key) for key in _LISTENERS) or not found:
            continue
        segments = sorted(map(_segment, found), key=lambda s: (s.start, s.kind == "wrapup"))
        queue = next(filter(None, (segment.text("queueId") for segment in found)), None)
        if queue is None and purpose == "acd":
            queue = participant.text("participantName")
            if queue is None:
                raise wrong(f"{found[0].path}.queueId", None, "the queue of an acd participant, or participantName")
        name = session.needed("sessionId")
        yield Session(
            name,
            participant.text("participantId") or name,
            purpose,
            participant.text("userId"),
            channel,
            session.text("direction"),
            session.text("outboundCampaignId"),
            queue,
            tuple(segments),
            tuple(_metrics(session)),
        )


def _segment(segment: Part) -> Segment:
    start, end = segment.needed_time("segmentStart"), segment.time("segmentEnd")
    if end is not None and not timedelta() <= end - start <= _YEAR:
        raise segment.wrong("segmentEnd", f"a time up to a year after {start.isoformat()}")
    return Segment(
        segment.text("segmentType") or "",
        start,
        end,
        segment.text("disconnectType") or "",
        segment.text("wrapUpCode"),
    )


def _metrics(session: Part) -> Iterator[tuple[str, float]]:
    for metric in session.parts("metrics"):
        name = metric.text("name") or ""
        # Only these are used; other metrics are counts and may have any value.
        if name in ("tAcd", "tAbandon", "tFlowOut", "tTalkComplete", "tHeldComplete", "tAcw"):
            measured = metric.number("value", YEAR_S * 1000, "milliseconds, at most a year")
            if measured is None:
                raise metric.wrong("value", "milliseconds")
            yield name, measured / 1000

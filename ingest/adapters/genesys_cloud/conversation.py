"""A Genesys Cloud conversation as analytics tells it: participants have sessions, sessions have segments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.adapters.reading import CODE, YEAR_S, Json, needed, objects, seconds_of_ms, text, time, wrong

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


def read(document: Json, where: str) -> Conversation:
    """The conversation of a JSON object. Raises NotUnderstoodError."""
    conversation = needed(document, "conversationId", where)
    start = time(document, "conversationStart", where)
    if start is None:
        raise wrong(f"{where}conversationStart", None, "the time the conversation began")
    end = time(document, "conversationEnd", where)
    sessions: list[Session] = []
    customer = None
    for path, participant in objects(document, "participants", where):
        if text(participant, "purpose", path) in _CUSTOMERS:
            customer = customer or text(participant, "externalContactId", path)
        sessions.extend(_sessions(participant, path))
    sessions.sort(key=lambda session: (session.start, session.id))
    segments = [segment for session in sessions for segment in session.segments]
    instants = [start, *([end] if end else []), *(s.start for s in segments), *(s.end for s in segments if s.end)]
    return Conversation(
        conversation,
        start,
        # Documents of 2016 have no conversationEnd; a conversation of which nothing is open has ended.
        end is not None or (bool(segments) and all(segment.end for segment in segments)),
        text(document, "originatingDirection", where),
        customer,
        tuple(sessions),
        max(instants),
    )


def _sessions(participant: Json, where: str) -> Iterator[Session]:
    purpose = text(participant, "purpose", where) or ""
    for path, session in objects(participant, "sessions", where):
        channel = CHANNELS.get(text(session, "mediaType", path) or "")
        listens = any(session.get(key) is not None for key in _LISTENERS)
        found = objects(session, "segments", path)
        if channel is None or listens or not found:
            continue
        segments = sorted((_segment(*each) for each in found), key=lambda s: (s.start, s.kind == "wrapup"))
        queues = (text(segment, "queueId", at, CODE) for at, segment in found)
        queue = next((queue for queue in queues if queue), None)
        if queue is None and purpose == "acd":
            queue = text(participant, "participantName", where, CODE)
            if queue is None:
                raise wrong(f"{path}segments[0].queueId", None, "the queue of an acd participant, or participantName")
        name = needed(session, "sessionId", path)
        yield Session(
            name,
            text(participant, "participantId", where) or name,
            purpose,
            text(participant, "userId", where),
            channel,
            text(session, "direction", path),
            text(session, "outboundCampaignId", path, CODE),
            queue,
            tuple(segments),
            tuple(_metrics(session, path)),
        )


def _segment(where: str, segment: Json) -> Segment:
    start, end = time(segment, "segmentStart", where), time(segment, "segmentEnd", where)
    if start is None:
        raise wrong(f"{where}segmentStart", None, "the time the segment began")
    if end is not None and not timedelta() <= end - start <= _YEAR:
        raise wrong(f"{where}segmentEnd", end.isoformat(), f"a time up to a year after {start.isoformat()}")
    return Segment(
        text(segment, "segmentType", where) or "",
        start,
        end,
        text(segment, "disconnectType", where) or "",
        text(segment, "wrapUpCode", where, CODE),
    )


def _metrics(session: Json, where: str) -> Iterator[tuple[str, float]]:
    for path, metric in objects(session, "metrics", where):
        name = text(metric, "name", path) or ""
        # Only these are used; other metrics are counts and may have any value.
        if name in ("tAcd", "tAbandon", "tFlowOut", "tTalkComplete", "tHeldComplete", "tAcw"):
            yield name, seconds_of_ms(metric.get("value"), f"{path}value")

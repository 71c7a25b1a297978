"""Genesys Cloud: conversations as the analytics conversation details give them.

Every visit of a queue (an acd session) is a contact. The first contact of a conversation has the conversation's
id, so that what is known of it before it reached a queue is about the same contact; later ones add the session's.
A conversation that is fetched again gives the same ids with a higher revision: the latest instant it names.
`conversationEnd` alone would not grow when after-contact work follows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ingest.adapters.base import Adapter, Told, event
from ingest.adapters.genesys_cloud.conversation import MENUS, Conversation, Segment, Session, read, total
from ingest.adapters.reading import Part, ms, parse

_EXPECTED = 'a conversation object or a page {"conversations": [...]}'
# Instants of one act differ by some milliseconds between the sessions it touches.
_SLACK = timedelta(seconds=1)
_WARM = {"transfer": False, "consultTransfer": True, "conferenceTransfer": None, "forwardTransfer": None}
_BY_SYSTEM = frozenset({"system", "timeout", "error", "transportFailure", "inactivity", "sessionExpired"})
_LEFT = frozenset({"client", "endpoint"})
_SKIPPED = "ININ-OUTBOUND-PREVIEW-SKIPPED"


class _Teller:
    """What one conversation says."""

    def __init__(self, conversation: Conversation, site: str) -> None:
        self.c = conversation
        self.site = site
        self.revision = ms(conversation.latest)
        self.visits = [s for s in conversation.sessions if s.purpose == "acd" and s.queue]
        # Two people of the company without a customer: the caller is the one who is not an agent of a queue.
        self.callers = conversation.customers or [s for s in conversation.sessions if s.purpose == "user"]
        self.served, unqueued = self._linked()
        first = self.visits[0].start if self.visits else None
        self.direct = [
            s for s in unqueued if conversation.customers and s.talk and (first is None or s.start < first - _SLACK)
        ]
        whole = not self.direct
        self.ids = [
            conversation.id if n == 0 and whole else f"{conversation.id}/{visit.id}"
            for n, visit in enumerate(self.visits)
        ]

    def _linked(self) -> tuple[list[list[Session]], list[Session]]:
        """Agents' sessions by the visit they served, and those of no visit."""
        served: list[list[Session]] = [[] for _ in self.visits]
        others: list[Session] = []
        media: dict[str, str] = {}
        for s in self.c.sessions:
            if s.purpose not in ("agent", "user") or s in self.callers:
                continue
            # The call an agent makes for a callback is part of serving the callback, not of an earlier call.
            if media.setdefault(s.participant, s.channel) != s.channel:
                continue
            places = [
                n
                for n, visit in enumerate(self.visits)
                if visit.channel == s.channel and visit.start <= s.start + _SLACK and s.queue in (None, visit.queue)
            ]
            # Who is in no queue can only have been handed a contact that an agent of the queue had.
            if places and (s.queue or any(other.talk for other in served[places[-1]])):
                served[places[-1]].append(s)
            else:
                others.append(s)
        return served, others

    def events(self) -> Iterator[dict[str, Any]]:
        """All events, contact by contact."""
        menus = [s for s in self.c.sessions if s.purpose in MENUS]
        if self.direct:
            yield self._started()
            yield from self._handled(self.c.id, self.direct, None)
        elif menus and (self.visits or self.c.customers):
            yield self._started()
            if not self.visits and self.c.ended:
                yield self._left_menu(menus[-1].last)
        for n, visit in enumerate(self.visits):
            yield self._offered(n, visit)
            if any(s.talk for s in self.served[n]):
                yield from self._handled(self.ids[n], self.served[n], n)
            else:
                yield from self._unanswered(n, visit)

    def _event(self, contact: str, fact: str, at: datetime, key: str = "", **data: Any) -> dict[str, Any]:
        # How a queue was left without an agent is one fact; a later fetch may know better how.
        name = "unanswered" if fact in ("abandoned", "left_queue") else fact
        name = f"{contact}/{name}{key and '/'}{key}"
        return event(self.site, f"contact.{fact}", contact, name, at.isoformat(), self.revision, **data)

    def _direction(self, session: Session) -> str | None:
        if not self.c.customers:
            return "internal"
        said = (self.c.originating, "outbound" if session.campaign else None, self.c.customers[0].direction)
        return next((word for word in said if word in ("inbound", "outbound")), None)

    def _started(self) -> dict[str, Any]:
        session = self.direct[0] if self.direct else (self.visits or self.c.customers)[0]
        return self._event(
            self.c.id,
            "started",
            self.c.start,
            channel=session.channel,
            direction=self._direction(session),
            customer_id=self.c.customer,
        )

    def _left_menu(self, last: Segment) -> dict[str, Any]:
        hung_up = last.disconnect == "peer" or any(s.last.disconnect in _LEFT for s in self.callers)
        return self._event(self.c.id, "left_menu", last.end or self.c.latest, reason="hung_up" if hung_up else "other")

    def _offered(self, n: int, visit: Session) -> dict[str, Any]:
        later = n > 0 or bool(self.direct)
        return self._event(
            self.ids[n],
            "offered",
            visit.start,
            channel=visit.channel,
            queue=visit.queue,
            direction=self._direction(visit),
            campaign=visit.campaign,
            customer_id=self.c.customer,
            initial_contact_id=self.c.id if later else None,
            previous_contact_id=(self.ids[n - 1] if n else self.c.id) if later else None,
        )

    def _handled(self, contact: str, sessions: list[Session], n: int | None) -> Iterator[dict[str, Any]]:
        talking = [s for s in sessions if s.talk]
        first = min(talking, key=lambda s: s.talk[0].start)
        wait = None if n is None else self.visits[n].metric("tAcd")
        yield self._event(contact, "answered", first.talk[0].start, agent_id=first.user, wait_s=wait)
        for s in talking:
            for hold in s.talk:
                if hold.kind == "hold" and hold.end:
                    length = (hold.end - hold.start).total_seconds()
                    yield self._event(
                        contact, "held", hold.end, f"{s.id}/{ms(hold.start)}", hold_s=length, agent_id=s.user
                    )
            yield from self._transferred(contact, s, n)
        ends = [segment.end for s in talking for segment in s.talk]
        known = [end for end in ends if end]
        if len(known) < len(ends):
            return
        done, last = max(known), max(talking, key=lambda s: s.talk[-1].end or self.c.start)
        yield self._event(
            contact,
            "completed",
            done,
            talk_s=total(s.metric("tTalkComplete") for s in talking),
            hold_s=total(s.metric("tHeldComplete") for s in talking),
            ended_by=self._ended_by(last.talk[-1].disconnect),
        )
        yield from self._wrapped_up(contact, talking, done)

    def _wrapped_up(self, contact: str, talking: list[Session], done: datetime) -> Iterator[dict[str, Any]]:
        work = [(s, segment) for s in talking for segment in s.segments if segment.kind == "wrapup" and segment.end]
        if work:
            # After-contact work that is closed while the line still clears ends a moment before the contact does.
            free = max(done, *(segment.end or done for _, segment in work))
            seconds = total(s.metric("tAcw") for s in talking)
            yield self._event(contact, "wrapped_up", free, wrap_up_s=seconds)
        for s, segment in work:
            if segment.wrap_up:
                at = segment.end or done
                yield self._event(contact, "classified", at, f"{s.id}/{ms(segment.start)}", disposition=segment.wrap_up)
        if any(segment.wrap_up == _SKIPPED for _, segment in work) and not any(
            s.channel == "voice" for s in self.c.sessions
        ):
            # The agent looked at the record and did not call: no customer took part.
            yield self._event(contact, "excluded", done, reason=_SKIPPED)

    def _transferred(self, contact: str, s: Session, n: int | None) -> Iterator[dict[str, Any]]:
        end = s.talk[-1].end
        if end is None or s.talk[-1].disconnect not in _WARM:
            return
        start = s.talk[0].start
        after = range(0 if n is None else n + 1, len(self.visits))
        place = next((k for k in reversed(after) if start < self.visits[k].start <= end + _SLACK), None)
        yield self._event(
            contact,
            "transferred",
            end,
            s.id,
            to_queue=None if place is None else self.visits[place].queue,
            to_contact_id=None if place is None else self.ids[place],
            warm=_WARM[s.talk[-1].disconnect],
        )

    def _ended_by(self, word: str) -> str | None:
        if word in _LEFT:
            return "agent"
        if word in _BY_SYSTEM:
            return "system"
        if word == "peer" and any(s.last.disconnect in _LEFT for s in self.callers):
            return "customer"
        return None

    def _unanswered(self, n: int, visit: Session) -> Iterator[dict[str, Any]]:
        end = visit.last.end
        if end is None:
            return
        near = [s for s in self.c.sessions if visit.start <= s.start <= end + _SLACK and s is not visit]
        abandon, flow_out = visit.metric("tAbandon"), visit.metric("tFlowOut")
        reason = None
        if any(s.purpose == "voicemail" for s in near):
            reason = "voicemail"
        elif visit.channel != "callback" and any(s.channel == "callback" for s in near):
            reason = "callback"
        elif any(abs(s.start - end) <= _SLACK for s in self.visits[n + 1 :]):
            reason = "overflow"
        if abandon is not None or (reason is None and flow_out is None and self._gave_up(visit, end)):
            yield self._event(self.ids[n], "abandoned", end, wait_s=abandon)
        elif reason or flow_out is not None or self.c.ended:
            # Of a conversation that goes on, an agent may only not be seen yet.
            yield self._event(self.ids[n], "left_queue", end, reason=reason or "other", wait_s=flow_out)

    def _gave_up(self, visit: Session, end: datetime) -> bool:
        gone = [s.last for s in self.callers if s.channel == visit.channel and s.last.end]
        with_queue = [last for last in gone if last.end and abs(last.end - end) <= _SLACK]
        return bool(with_queue) and (visit.last.disconnect == "peer" or any(g.disconnect in _LEFT for g in with_queue))


def _tell(message: bytes, site: str) -> Told:
    document = Part(parse(message, _EXPECTED))
    found = document.parts("conversations") if document.has("conversations") else [document]
    events = tuple(made for each in found for made in _Teller(read(each), site).events())
    if events:
        return Told(events)
    return Told(nothing="no conversation with a queue visit, a customer in a menu or with an agent")


ADAPTER = Adapter(
    "genesys_cloud", "Genesys Cloud", ("analytics conversation details: one conversation or a page of them",), _tell
)

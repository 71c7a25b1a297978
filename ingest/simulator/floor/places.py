"""What is on the floor: topics, contacts that are not over, queues, sites."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from ingest.simulator.floor.odds import log_odds
from ingest.simulator.truth.optimum import Work
from ingest.simulator.truth.tally import Tally, tally_of

if TYPE_CHECKING:
    from datetime import date

    from ingest.simulator.floor.crew import Agent, Crew, Pool
    from ingest.simulator.floor.writer import Writer
    from ingest.simulator.scenario.whole import Site
    from ingest.simulator.scenario.work import Line, Topic
    from ingest.simulator.truth.bills import Bills

WAITING, TALKING, WRAPPING, GONE = range(4)


class Subject:
    """A topic as the floor needs it."""

    __slots__ = (
        "held", "hold_rate", "name", "no", "resolved", "satisfied", "talk_ms", "transfer_queue", "transferred",
        "wrap_ms",
    )  # fmt: skip

    def __init__(self, no: int, name: str, rules: Topic) -> None:
        self.no = no
        self.name = name
        self.talk_ms = rules.talk_s * 1000
        self.wrap_ms = rules.wrap_s * 1000
        self.held = rules.held
        self.hold_rate = 1 / (rules.hold_s * 1000) if rules.hold_s else 0.0
        self.transferred = rules.transferred
        self.transfer_queue = rules.transfer_queue
        self.resolved = log_odds(rules.resolved)
        self.satisfied = log_odds(rules.satisfied)


class Contact:
    """One queue visit that is not over yet."""

    __slots__ = (
        "agent", "answered_ms", "campaign", "customer", "handed_on", "hold_at_ms", "hold_ms", "id", "initial_id",
        "kind", "messages", "offered_ms", "patience_ms", "previous_id", "queue", "state", "subject", "talk", "talk_ms",
        "tally", "was_held", "wrap", "wrap_ms",
    )  # fmt: skip

    agent: Agent
    """Who answered; unset until then."""

    def __init__(
        self, contact_id: str, queue: Queue, subject: Subject, customer: int, patience_ms: int, talk: float, wrap: float
    ) -> None:
        self.id = contact_id
        self.queue = queue
        self.subject = subject
        self.customer = customer
        self.patience_ms = patience_ms
        self.talk = talk
        self.wrap = wrap
        self.campaign: str | None = None
        self.kind = ""
        """Empty for a fresh contact, else transferred, callback, diverted or again."""
        self.initial_id: str | None = None
        self.previous_id: str | None = None
        self.state = WAITING
        self.offered_ms = self.answered_ms = self.hold_at_ms = self.hold_ms = self.talk_ms = self.wrap_ms = 0
        self.messages = 0
        self.handed_on = self.was_held = False
        self.tally: Tally = queue.place.tally

    @property
    def waits(self) -> bool:
        """Whether it waits in its queue."""
        return self.state == WAITING

    @property
    def goes_first(self) -> bool:
        """Whether it is answered before fresh contacts: handed on by an agent, or called back."""
        return self.kind in ("transferred", "callback")


class Queue:
    """One line of a site in one language."""

    __slots__ = (
        "facts", "facts_back", "facts_menu", "is_chat", "language", "line", "name", "place", "pools", "urgent",
        "waiting", "waits",
    )  # fmt: skip

    def __init__(self, place: Place, line: Line, language: str) -> None:
        self.place = place
        self.line = line
        self.name = line.queue
        self.language = language
        self.is_chat = line.channel == "chat"
        self.pools: list[Pool] = [
            pool
            for pool in place.crew.pools
            if pool.rules.channel == line.channel
            and line.queue in pool.rules.queues
            and language in pool.rules.languages
        ]
        # Those whose own queue this is come first.
        self.pools.sort(key=lambda pool: pool.rules.queues.index(line.queue))
        for pool in self.pools:
            pool.queues.append(self)
        rest = f'"queue":"{line.queue}","direction":"%s","language":"{language}"'
        self.facts = f'"channel":"{line.channel}",' + rest % "inbound"
        self.facts_menu = f'"channel":"{line.channel}","direction":"inbound","language":"{language}"'
        self.facts_back = '"channel":"callback",' + rest % "outbound"
        self.waiting: deque[Contact] = deque()
        self.urgent: deque[Contact] = deque()
        self.waits = 0
        """Contacts that wait; the deques also hold some that gave up."""

    def head(self) -> Contact | None:
        """Who is next."""
        for line in (self.urgent, self.waiting):
            while line:
                if line[0].state == WAITING:
                    return line[0]
                line.popleft()
        return None


class Place:
    """One site while it is simulated."""

    def __init__(self, no: int, site_id: str, site: Site, crew: Crew, writer: Writer, topics: int) -> None:
        self.no = no
        self.id = site_id
        self.site = site
        self.crew = crew
        self.writer = writer
        self.tally = tally_of(topics)
        """Counts of the running week; `weeks` has those of all, from the days in `week_starts`."""
        self.weeks = [self.tally]
        self.week_starts: list[date] = []
        self.headcounts: list[int] = []
        self.bills: Bills | None = None
        self.work = Work()
        self.queues = [Queue(self, line, language) for line in site.lines for language in line.languages]
        self.serial = 0
        self.dark = False
        self.diverts_to: Place | None = None
        self.handle = site.craft.handle
        self.resolved = site.craft.resolved
        self.satisfied = site.craft.satisfied
        self.score = site.evaluations.score
        self.transfers_to: Place = self
        self.short_ms = 5000.0
        self.provider_target_ms: float | None = None
        """Target of the service level the provider itself reports."""

    def next_id(self) -> str:
        """A contact id no other site uses."""
        self.serial += 1
        return f"{self.id}-{self.serial}"

    def queue_of(self, line: Line, language: str) -> Queue:
        """The queue made for a line and language."""
        return next(queue for queue in self.queues if queue.line is line and queue.language == language)

    def find(self, name: str | None, channel: str, language: str) -> Queue | None:
        """The queue of this name, channel and language; without a name, any of that channel and language."""
        fitting = [queue for queue in self.queues if queue.line.channel == channel and queue.language == language]
        return next((queue for queue in fitting if queue.name == name or name is None), None)

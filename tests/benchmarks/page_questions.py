"""The questions the pages ask, as the pages themselves put them together, with other filters for every turn.

A question over sums can be asked of the contacts instead: `shadows` gives views that take the place of the sums'.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from dashboard import contact_queries, health_queries, queries
from dashboard.compare import questions as compare
from dashboard.compare.choice import Choice
from dashboard.contact_filters import ContactFilters
from dashboard.cost import questions as cost
from dashboard.cost.filters import Period
from dashboard.fallback import questions as fallback
from dashboard.literals import render
from dashboard.live import questions as live
from dashboard.pack import questions as pack
from dashboard.quality import questions as quality
from dashboard.scope import sums
from dashboard.scope.scope import Known, Scope
from dashboard.today import questions as today
from dashboard.topics import questions as topics
from dashboard.topics.filters import spans
from dashboard.volume import questions as volume
from models.fallback.facts import Slice
from models.rollups import ROLLUPS, WEEK
from tests.benchmarks.big_world import PLACES, QUEUES, TOPICS, ZONE

_WEEKS_KNOWN = 53
_CONTACTS_A_DAY = 10_000_000 / 365


@dataclass(frozen=True)
class Turn:
    """What a viewer looks at this time. number: of the turn; filters follow from it. now: about the present, UTC."""

    number: int
    now: datetime

    @property
    def today(self) -> date:
        """In the reporting zone."""
        return self.now.astimezone(ZoneInfo(ZONE)).date()

    @property
    def known(self) -> Known:
        """What the pages have to choose from."""
        monday = self.today - timedelta(days=self.today.weekday())
        providers: dict[str, tuple[str, ...]] = {}
        for place in PLACES:
            providers[place.provider] = (*providers.get(place.provider, ()), place.site)
        return Known(
            sites=tuple(place.site for place in PLACES),
            providers=providers,
            weeks=tuple(monday - timedelta(weeks=n) for n in reversed(range(_WEEKS_KNOWN))),
            queues=QUEUES,
            channels=("voice", "chat", "email", "messaging"),
            languages=("de", "en", "fr"),
            topics=TOPICS,
        )

    @property
    def scope(self) -> Scope:
        """A quarter of a year, at most so many weeks back; every second turn with a filter."""
        known, n = self.known, self.number
        last = -1 - n % 4
        scope = Scope(first=known.weeks[last - 12], last=known.weeks[last])
        match n % 8:
            case 1:
                return replace(scope, sites=(self.site, known.sites[(n + 3) % len(known.sites)]))
            case 3:
                return replace(scope, channels=(known.channels[n // 8 % 2],))
            case 5:
                return replace(scope, topics=(TOPICS[n % len(TOPICS)],), languages=("de",))
            case 7:
                return replace(scope, queues=(QUEUES[n // 8 % len(QUEUES)],))
        return scope

    @property
    def site(self) -> str:
        """One of the sites."""
        return PLACES[self.number % len(PLACES)].site

    @property
    def contacts(self) -> ContactFilters:
        """A site's contacts of two days and a topic."""
        day = self.today - timedelta(days=self.number % 60)
        return ContactFilters(
            sites=(self.site,), first=day - timedelta(days=1), last=day, topic=TOPICS[self.number % len(TOPICS)]
        )


Asked = Mapping[str, str]


def _compare(turn: Turn) -> Asked:
    asked = compare.week_questions(turn.scope, turn.known, Choice().shown)
    return asked | compare.mix_questions(turn.scope, turn.known, turn.today)


def _volume(turn: Turn) -> Asked:
    scope, known = turn.scope, turn.known
    return {
        "weeks": volume.intervals(scope, known, "week", "site"),
        "days": volume.intervals(scope, known, "day", "all"),
        "quarter-hours": volume.intervals(Scope(first=scope.last, last=scope.last), known, "quarter", "all"),
        "heat": volume.heat(scope, known),
        "backlog by day": volume.backlog(scope, known, by_day=True),
        "backlog": volume.backlog(Scope(first=scope.last, last=scope.last), known, by_day=False),
        "open": volume.open_now(scope, known, turn.now),
        "gaps": volume.gaps(scope, known),
    }


def _quality(turn: Turn) -> Asked:
    scope, known = turn.scope, turn.known
    asked = {"weeks": quality.weeks(scope, known), "asked": quality.asked(scope, known)}
    for name, measure in quality.TEAM_MEASURES.items():
        if teams := quality.teams(scope, known, measure, turn.today):
            asked[f"teams, {name}"] = teams
    return asked


def _topics(turn: Turn) -> Asked:
    return topics.questions(turn.scope, turn.known, spans(turn.scope, turn.known, turn.today, "before"))


def _cost(turn: Turn) -> Asked:
    month = (turn.today.replace(day=1) - timedelta(days=28 * (turn.number % 6) + 1)).replace(day=1)
    asked = cost.questions(turn.scope, turn.known, Period(month, turn.today))
    return asked | {"there": cost.THERE_IS, "months": cost.MONTHS}


def _contacts(turn: Turn) -> Asked:
    filters = turn.contacts
    where = contact_queries.condition(filters, ZONE)
    return {
        "listed": contact_queries.selection(filters, ZONE),
        "counted": f"select count(*) as contacts from contacts where {where}",
        "options": contact_queries.options_question(filters, ZONE),
        "by id": contact_queries.contact_question(f"{turn.site}-{turn.number * 99_991}", None),
        "by id from a list": contact_queries.contact_question(
            f"{turn.site}-{turn.number * 99_991}", turn.site, filters.bounds(ZONE)
        ),
    }


def _live(turn: Turn) -> Asked:
    past = turn.now - timedelta(days=1 + turn.number % 300, minutes=turn.number * 37 % 600)
    then = live.fast_questions(past) | {"older": live.older(past, is_now=False)}
    return {
        **live.fast_questions(turn.now), "older": live.older(turn.now), "sites": live.SITES, "feed": live.FEED,
        "left": render(live.LEFT, day=turn.today, instant=turn.now), "first day": queries.FIRST_DAY,
        **{f"past {name}": sql for name, sql in then.items()},
    }  # fmt: skip


def _fallback(turn: Turn) -> Asked:
    own = tuple(place.site for place in PLACES if place.in_house)
    provider = next(p.provider for p in (*PLACES[turn.number % len(PLACES) :], *PLACES[::-1]) if not p.in_house)
    frame = fallback.Frame(
        Slice(provider=provider), turn.known.providers[provider], own, all_sites=True, today=turn.today, zone=ZONE,
        known=turn.known, last_commit_at=turn.now,
    )  # fmt: skip
    agents = fallback.WORK_DAYS * sum(place.agents for place in PLACES if place.in_house)
    return {
        **fallback.sizes(frame), **fallback.work(frame, fallback.OUTCOMES, planned=True),
        **fallback.people(frame, _CONTACTS_A_DAY * fallback.WORK_DAYS, agents),
    }  # fmt: skip


def _constant(**asked: str) -> Callable[[Turn], Asked]:
    return lambda _: asked


_PAGES: dict[str, Callable[[Turn], Asked]] = {
    "all": _constant(choices=sums.CHOICES, rolled=sums.ROLLED, status=queries.STATUS),
    "compare": _compare,
    "volume": _volume,
    "quality": _quality,
    "topics": _topics,
    "cost": _cost,
    "contacts": _contacts,
    "fallback": _fallback,
    "pack": lambda turn: pack.all_of(turn.scope, turn.known, turn.known.weeks[-2 - turn.number % 4]),
    "live": _live,
    "today": lambda turn: today.questions(turn.today),
    "health": _constant(
        feed=health_queries.FEED, stretches=health_queries.STRETCHES, open=health_queries.OPEN,
        unmapped=health_queries.UNMAPPED, refused=health_queries.REFUSED_BY_CLASS,
        latest=health_queries.REFUSED_LATEST, log=health_queries.LOG,
    ),
}  # fmt: skip
OF_WEEKS = ("all", "compare", "volume", "quality", "topics", "cost", "contacts", "pack")
"""The pages that look back; the others look at what is now."""


@dataclass(frozen=True)
class Question:
    """One data question of a page."""

    page: str
    name: str

    def sql(self, turn: Turn) -> str:
        """As the page asks it in this turn."""
        return _asked(self.page, turn)[self.name]


@cache
def _asked(page: str, turn: Turn) -> Asked:
    return _PAGES[page](turn)


def questions(now: datetime) -> tuple[Question, ...]:
    """All of them. now: UTC."""
    return tuple(Question(page, name) for page in _PAGES for name in _asked(page, Turn(0, now)))


def shadows(turn: Turn) -> list[str]:
    """Views for a connection of one's own, under whose names the sums are made from the contacts when asked."""
    first, _ = compare.history(turn.scope, turn.known).span(turn.known)
    span = f"timestamp '{first - timedelta(days=1)}', timestamp '{turn.today + timedelta(days=2)}'"
    statements = [f"create temp view day_{rollup.name} as from scan_{rollup.name}({span})" for rollup in ROLLUPS]
    mixed = " union all by name ".join(f"from day_{rollup.name}" for rollup in ROLLUPS if rollup.mixed)
    statements.append(f"create temp view day_sums as {mixed}")
    statements.append(f"create temp view week_sums as select {WEEK} as week_start, * exclude (date) from day_sums")
    return statements

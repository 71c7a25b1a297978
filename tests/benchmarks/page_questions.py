"""The questions the pages ask, by page and name, with other filters for every number of a viewer's turn.

`scan` is the same question answered without sums by day: what the ratio of the benchmark is to. Where it is None there
is no other way to ask.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard import health_queries, queries
from models.metrics.catalogue import CATALOGUE
from models.metrics.views import summed, sums_of
from tests.benchmarks.big_world import PLACES, TOPICS


def _needed(overlap: bool) -> tuple[str, ...]:
    """Sums that the metrics need: of agents' time, or of contacts."""
    return sums_of(metric for metric in CATALOGUE if (metric.clock == "overlap") == overlap)


_SUMS, _OF_AGENTS = summed(_needed(overlap=False)), summed(_needed(overlap=True))
_WEEK = "(date - (isodow(date) - 1)::integer)"
_SCANS = ("arrivals", "completions", "turns", "surveys", "evaluations", "repeats")


@dataclass(frozen=True)
class Turn:
    """What a viewer looks at this time. number: of the turn; filters follow from it. today: in the reporting zone."""

    number: int
    today: date

    @property
    def site(self) -> str:
        """One of the sites."""
        return PLACES[self.number % len(PLACES)].site

    @property
    def other(self) -> str:
        """Another one, for a comparison."""
        return PLACES[(self.number + 1 + self.number // len(PLACES) % 8) % len(PLACES)].site

    def monday(self, weeks_ago: int) -> date:
        """First day of a week; turns differ by up to three weeks."""
        start = self.today - timedelta(days=self.today.weekday())
        return start - timedelta(weeks=weeks_ago + self.number % 4 if weeks_ago < 50 else weeks_ago)

    def within(self, weeks: int, column: str = "date") -> str:
        """Condition on the date: so many weeks."""
        first = self.monday(weeks)
        return f"{column} >= date '{first}' and {column} < date '{first + timedelta(weeks=weeks)}'"

    def instants(self, weeks: int) -> tuple[str, str]:
        """The same span as instants of UTC. An hour off at the ends, which changes no time taken."""
        first = self.monday(weeks)
        return f"timestamp '{first}'", f"timestamp '{first + timedelta(weeks=weeks)}'"


Made = Callable[[Turn], str]


@dataclass(frozen=True)
class Question:
    """One data question of a page."""

    page: str
    name: str
    sql: Made
    scan: Made | None = None


def _scanned(turn: Turn, weeks: int, *names: str) -> str:
    start, end = turn.instants(weeks)
    return "(" + " union all by name ".join(f"from scan_{name}({start}, {end})" for name in names) + ")"


def _sums(keys: str, weeks: int, where: str = "true") -> tuple[Made, Made]:
    """Every sum of the catalogue by some keys: from the days, and from the contacts."""

    def question(source: Callable[[Turn], str]) -> Made:
        return lambda turn: (
            f"select {keys}, {_SUMS} from {source(turn)} where {turn.within(weeks)} and "
            f"{where.format(site=turn.site, other=turn.other)} group by all"
        )

    return question(lambda _: "day_sums"), question(lambda turn: _scanned(turn, weeks, *_SCANS))


def _of_days(name: str, keys: str, sums: str, weeks: int, where: str = "true", join: str = "") -> tuple[Made, Made]:
    def question(source: Callable[[Turn], str]) -> Made:
        return lambda turn: (
            f"select {keys}, {sums} from {source(turn)} d {join} where {turn.within(weeks, 'd.date')} "
            f"and {where.format(site=turn.site, other=turn.other)} group by all"
        )

    return question(lambda _: f"day_{name}"), question(lambda turn: _scanned(turn, weeks, name))


def _constant(sql: str) -> Made:
    return lambda _: sql


def _contacts(columns: str, bounded: bool = True, rest: str = "") -> Made:
    """Contacts of a site and topic over two days. bounded: with conditions on plain columns, by which a scan skips."""

    def question(turn: Turn) -> str:
        day = turn.today - timedelta(days=turn.number % 60)
        start, end = f"timestamp '{day - timedelta(days=1)}'", f"timestamp '{day + timedelta(days=1)}'"
        bounds = f"last_event_at >= {start} and first_event_at < {end} and " if bounded else ""
        return (
            f"select {columns} from contacts where {bounds}arrived_at >= {start} and arrived_at < {end} "
            f"and site = '{turn.site}' and topic = '{TOPICS[turn.number % len(TOPICS)]}' {rest}"
        )

    return question


_LISTED = (
    "site, contact_id, queue, channel, language, topic, outcome, left_reason, excluded_reason, end_unknown, "
    "arrived_at, handled_at, wait_s, talk_s, hold_s, wrap_up_s, handle_s, agent_id, transfers, resolved"
)
_NEWEST = "order by arrived_at desc, site, contact_id limit 500"


_VOLUME = (
    "sum(offered) as offered, sum(answered) as answered, sum(answered_in_target) as answered_in_target, "
    "sum(abandoned) as abandoned, sum(handled) as handled, sum(handle_ms) as handle_ms, sum(closed) as closed"
)
_CELLS = "site, topic, channel, language"
_BACKLOG = """
    select starts_at, open
    from (
        select date, starts_at, sum(sum(offered) - sum(closed)) over (order by starts_at) as open
        from {source}
        where site = '{site}'
        group by date, starts_at
    )
    where date >= date '{since}'
    order by starts_at
"""
_QUEUE_NOW = """
    select site, queue, channel, count(*) filter (outcome = 'waiting') as waiting,
        count(*) filter (outcome = 'answered') as in_conversation
    from contacts
    where not end_unknown
        and (outcome = 'waiting' or (outcome = 'answered' and completed_at is null and wrapped_up_at is null))
    group by all
"""
_TODAY = """
    select site, sum(offered), sum(answered), sum(answered_in_target), sum(abandoned)
    from contact_counts where arrived_at >= date_trunc('day', present()) group by site
"""
_OPEN = """
    select site, count(*) filter (outcome = 'waiting'), count(*) filter (end_unknown), min(arrived_at)
    from contacts where end_unknown or outcome = 'waiting'
        or (outcome = 'answered' and completed_at is null and wrapped_up_at is null)
    group by site
"""


def _backlog(source: str) -> Made:
    return lambda turn: _BACKLOG.format(source=source, site=turn.site, since=turn.today - timedelta(days=14))


QUESTIONS: tuple[Question, ...] = (
    Question("live", "status", _constant(queries.STATUS)),
    Question("live", "sites now", _constant(queries.SITES_NOW), _constant(_TODAY)),
    Question("live", "queues now", _constant(queries.QUEUES_NOW), _constant(_QUEUE_NOW)),
    Question(
        "live", "quarters of today",
        lambda turn: (
            f"select starts_at, site, {_VOLUME} from day_quarters where date = date '{turn.today}' group by all"
        ),
    ),
    Question("sites", "scorecard 13 weeks", *_sums(f"site, {_WEEK} as week_start", 13)),
    Question("sites", "scorecard 53 weeks", *_sums(f"site, {_WEEK} as week_start", 53)),
    Question("sites", "site by topic", *_sums("site, topic", 13)),
    Question("compare", "changes", _constant(queries.WEEK_CHANGES)),
    Question("compare", "cells of two sites", *_sums(_CELLS, 13, "site in ('{site}', '{other}')")),
    Question("compare", "cells of all sites", *_sums(_CELLS, 13)),
    Question("compare", "cells by week", *_sums(
        f"{_CELLS}, {_WEEK} as week_start", 13, "site in ('{site}', '{other}')"
    )),
    Question("topics", "topics of a site by week", *_sums(f"topic, {_WEEK} as week_start", 13, "site = '{site}'")),
    Question("topics", "topics by site", *_sums("topic, site", 4)),
    Question("teams", "teams", *_of_days(
        "teams", "site, team, channel, topic",
        "sum(team_answered) as answered, sum(team_handle_ms) as handle_ms, sum(team_handled) as handled, "
        "sum(team_resolvable) as resolvable, sum(team_repeated_7d) as repeated, sum(team_csat_responses) as responses, "
        "sum(team_csat_satisfied) as satisfied",
        13, "site = '{site}'",
    )),
    Question("teams", "agents by site and week", *_of_days(
        "agents", f"site, {_WEEK} as week_start", _OF_AGENTS, 13
    )),
    Question("intraday", "quarter-hours of a week", *_of_days(
        "quarters", "d.starts_at", _VOLUME, 1, "site = '{site}'"
    )),
    Question("intraday", "weekday by hour", *_of_days(
        "quarters", "isodow(d.date) as weekday, local_hour", _VOLUME, 13, "site = '{site}'",
        "join reporting_calendar c on c.starts_at = d.starts_at",
    )),
    Question("intraday", "weekday by hour, all sites", *_of_days(
        "quarters", "isodow(d.date) as weekday, local_hour", _VOLUME, 13, "true",
        "join reporting_calendar c on c.starts_at = d.starts_at",
    )),
    Question("waits", "histogram", *_of_days(
        "waits", "site, bin", "sum(answered_waits) as answered, sum(abandoned_waits) as abandoned", 13,
        "site in ('{site}', '{other}')",
    )),
    Question("waits", "backlog", _backlog("day_quarters")),
    Question("contacts", "listed", _contacts(_LISTED, rest=_NEWEST), _contacts(_LISTED, False, _NEWEST)),
    Question("contacts", "counted", _contacts("count(*)"), _contacts("count(*)", False)),
    Question(
        "contacts", "options",
        _contacts("queue, language, agent_id, count(*)", rest="group by all"),
        _contacts("queue, language, agent_id, count(*)", False, "group by all"),
    ),
    Question(
        "contacts", "by id", lambda turn: f"from contacts where contact_id = '{turn.site}-{turn.number * 99_991}'"
    ),
    Question("health", "feed", _constant(health_queries.FEED)),
    Question("health", "gaps", _constant(health_queries.GAPS)),
    Question("health", "stretches", _constant(health_queries.STRETCHES)),
    Question("health", "open", _constant(health_queries.OPEN), _constant(_OPEN)),
    Question("health", "unmapped", _constant(health_queries.UNMAPPED)),
    Question("health", "refused", _constant(health_queries.REFUSED_BY_CLASS)),
    Question("health", "latest refused", _constant(health_queries.REFUSED_LATEST)),
    Question("health", "log", _constant(health_queries.LOG)),
)  # fmt: skip

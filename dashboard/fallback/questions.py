"""What the Fallback page asks about a slice of a provider's work: sums by day, bounded in time, never all contacts.

First how much there is: agents are looked at over as many days as that allows, and that takes longest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dashboard.fallback import statements as sql
from dashboard.literals import render
from dashboard.scope import sums
from dashboard.scope.scope import NONE, Known, Scope
from models.forecast.seasonal import REACH_WEEKS
from models.metrics.catalogue import BY_NAME
from models.metrics.views import sums_of

if TYPE_CHECKING:
    from dashboard.literals import Value
    from models.fallback.facts import Slice

WEEKS = 13
"""Whole weeks the exit criteria are looked at over."""
ALIKE_WEEKS = 8
"""Whole weeks that are compared like for like, and that resolution by topic is measured over."""
WORK_DAYS = 28
"""Days before today that handle times, patience, topics and occupancy are measured on."""
MONTHS = 6
TEAM_WEEKS = 6
"""Weeks before and in a week that its turnover of agents needs."""
MOST_WEEKS, MOST_DAYS = 4, 14
"""How far back presence and skills are looked at where there are not too many of them."""
_SPANS = 5_000
"""Agents' days whose states are looked at; more take too long."""
_CONTACTS = 40_000
"""Contacts whose agents are looked at."""

_MIXED = ("queue", "channel", "language", "topic")
OUTCOMES = ("csat", "first_contact_resolution")
"""What is judged like for like by week."""


@dataclass(frozen=True)
class Frame:
    """What is asked about: the slice's sites, the company's own, and when. weeks: Mondays of those judged."""

    slice: Slice
    sites: tuple[str, ...]
    own: tuple[str, ...]
    all_sites: bool
    """Whether these are all sites of the provider."""
    today: date
    zone: str
    known: Known
    last_commit_at: datetime | None

    @property
    def monday(self) -> date:
        """Of the week that is not over."""
        return self.today - timedelta(days=self.today.weekday())

    @property
    def weeks(self) -> tuple[date, ...]:
        """Mondays, oldest first, of the whole weeks there is anything of."""
        first = self.known.weeks[0] if self.known.weeks else self.monday
        found = (self.monday - timedelta(weeks=back) for back in range(WEEKS, 0, -1))
        return tuple(week for week in found if week >= first)

    @property
    def is_whole(self) -> bool:
        """Whether it is all work of its sites, but for hours and share."""
        of = self.slice
        return not (of.queues or of.channels or of.languages or of.topics)

    @property
    def since(self) -> date:
        """First of the days that work is measured on."""
        return self.today - timedelta(days=WORK_DAYS)

    @property
    def month(self) -> date:
        """First of the months looked at."""
        months = self.today.year * 12 + self.today.month - MONTHS
        return date(months // 12, months % 12 + 1, 1)

    def scope(self, *, own: bool = False, weeks: int = WEEKS) -> Scope:
        """The slice, or in-house work of its kind, over the last whole weeks. Queues are the provider's own."""
        of = self.slice
        return Scope(
            sites=self.own if own else self.sites, first=self.monday - timedelta(weeks=weeks),
            last=self.monday - timedelta(weeks=1), queues=() if own else of.queues, channels=of.channels,
            languages=of.languages, topics=of.topics,
        )  # fmt: skip

    def instant(self, day: date) -> datetime:
        """When the local day begins, UTC."""
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)


def sizes(frame: Frame) -> dict[str, str]:
    """What bounds the other questions, by name: how much there is, and what the contract counts."""
    past: dict[str, Value] = {"since": frame.since, "today": frame.today}
    heard = (frame.last_commit_at or frame.instant(frame.today)) - timedelta(hours=1)
    return {
        "agents": render(
            sql.AGENTS.format(sums=sums_sql((*sums_of([BY_NAME["occupancy"]]),))), **past, own=list(frame.own)
        ),
        "sizes": render(sql.SIZES, **past, heard=heard),
        "contracts": render(sql.CONTRACTS, provider=frame.slice.provider),
    }  # fmt: skip


def work(frame: Frame, metrics: tuple[str, ...], *, planned: bool) -> dict[str, str]:
    """Everything that needs no look at agents, by name.

    metrics: of the catalogue, whose sums by week are wanted; planned: whether plans of past days are.
    """
    both = _both(frame)
    past: dict[str, Value] = {"since": frame.since, "today": frame.today}
    sides: dict[str, Value] = past | {"own": list(frame.own), "both": both}
    by_provider: dict[str, Value] = {"provider": frame.slice.provider, "month": frame.month}
    asked = {
        "quarters": _quarters(frame),
        "by_site": render(sql.BY_SITE, first=_first(frame), end=frame.monday, sites=list(frame.sites)),
        "handled": _asked(sql.HANDLED, frame, sides, _MIXED, coarse=_condition(frame, ("channel", "topic"))[0]),
        "arrived": _asked(sql.ARRIVED, frame, sides, _MIXED),
        "resolved": _resolved(frame),
        "incidents": render(
            sql.INCIDENTS, sites=list(frame.sites), from_at=frame.instant(_first(frame) - timedelta(weeks=4)),
            to_at=frame.instant(frame.monday),
        ),
        "costs": _costs(frame),
        "bills": render(sql.BILLS, **by_provider),
        "units": render(sql.UNITS, **by_provider),
        "figures": render(sql.FIGURES, today=frame.today, own=list(frame.own)),
    }  # fmt: skip
    columns = sums_of([BY_NAME[name] for name in OUTCOMES])
    by = ("week_start", "topic", "channel", "language")
    for name, own in (("alike", False), ("alike_own", True)):
        if frame.own or not own:
            asked[name] = sums.question(frame.scope(own=own), frame.known, by, columns)
    for name, of, always in (
        ("weeks_contacts", "day_sums", ("offered", "handled", "handle_ms")),
        ("weeks_overlap", "day_agents", ("available_ms", "busy_ms", "wrapping_up_ms")),
    ):
        wanted = [BY_NAME[each] for each in metrics if (BY_NAME[each].clock == "overlap") == (of == "day_agents")]
        columns = tuple(dict.fromkeys((*sums_of(wanted), *always)))
        asked[name] = sums.question(frame.scope(), frame.known, ("week_start",), columns, of=of)
    if planned:
        asked["planned"] = render(sql.PLANNED, first=_first(frame), end=frame.monday, sites=list(frame.sites))
    return asked


def people(frame: Frame, contacts: float, own_agent_days: float) -> dict[str, str]:
    """Agents, in-house and the slice's, by name. contacts, own_agent_days: of WORK_DAYS, to bound what is looked at."""
    asked = {}
    if frame.own:
        weeks, days = bounded_weeks(own_agent_days), bounded_days(contacts)
        back = {"from_at": 7 * weeks, "asked_from": days, "slots_from": min(days, 7)}
        asked["present"] = render(
            sql.PRESENT.format(kind=sql.KIND), own=list(frame.own), to_at=frame.instant(frame.today), least=5,
            **{name: frame.instant(frame.today - timedelta(days=far)) for name, far in back.items()},
        )  # fmt: skip
    few = contacts <= MOST_DAYS * _CONTACTS
    asked["seen"] = render(
        sql.SEEN.format(days="" if few else "and isodow(occurred_at) in (2, 4)"), sites=list(frame.sites),
        from_at=datetime.combine(_first(frame) - timedelta(weeks=TEAM_WEEKS), time(), UTC),
        to_at=datetime.combine(frame.monday, time(), UTC),
    )  # fmt: skip
    return asked


def bounded_weeks(own_agent_days: float) -> int:
    """Of MOST_WEEKS, how many agents' states are looked at; own_agent_days: of WORK_DAYS."""
    return max(1, min(MOST_WEEKS, int(_SPANS // max(1.0, own_agent_days / WORK_DAYS * 7))))


def bounded_days(contacts: float) -> int:
    """Of MOST_DAYS, on how many is looked at who answered what; contacts: of WORK_DAYS."""
    return max(1, min(MOST_DAYS, int(_CONTACTS // max(1.0, contacts / WORK_DAYS))))


def sums_sql(names: tuple[str, ...]) -> str:
    """Columns added up as whole numbers under their own names; 0 where there are none."""
    return ", ".join(f"coalesce(sum({name}), 0)::double as {name}" for name in names)


def _first(frame: Frame) -> date:
    return frame.weeks[0] if frame.weeks else frame.monday


def _condition(frame: Frame, columns: tuple[str, ...], *, own: bool = False) -> tuple[str, dict[str, Value]]:
    """The slice as a condition with `$names`, and their values. columns: of the table asked."""
    where, values = frame.scope(own=own).besides_weeks(frame.known, columns=columns)
    if own:
        values["own"] = values.pop("sites")
        where = where.replace("$sites", "$own")
    return where, values


def _asked(statement: str, frame: Frame, values: dict[str, Value], columns: tuple[str, ...], **parts: str) -> str:
    where, given = _condition(frame, columns)
    return render(statement.format(slice=where, kind=sql.KIND, **parts), **values, **given)


def _quarters(frame: Frame) -> str:
    values: dict[str, Value] = {
        "first": frame.today - timedelta(weeks=REACH_WEEKS), "today": frame.today, "both": _both(frame),
    }  # fmt: skip
    parts = {"shares": "", "join": "", "weight": ""}
    if topics := frame.slice.topics:
        values |= {"topics": list(topics), "none": NONE, "since": frame.since}
        parts = {"shares": f"with {sql.SHARES}", "join": sql.JOIN, "weight": " * coalesce(share, 0)"}
    where, given = _condition(frame, ("queue", "channel", "language"))
    return render(sql.QUARTERS.format(slice=where, kind=sql.KIND, **parts), **given | values)


def _resolved(frame: Frame) -> str:
    metric = BY_NAME["first_contact_resolution"]
    final = frame.today - timedelta(days=metric.final_after_days)
    where, values = _condition(frame, _MIXED)
    if frame.own:
        ours, more = _condition(frame, _MIXED, own=True)
        where, values = f"({where}) or ({ours})", values | more
    values |= {"own": list(frame.own), "from_day": final - timedelta(weeks=ALIKE_WEEKS), "final": final}
    return render(sql.RESOLVED.format(slice=where, sums=sums_sql(sums_of([metric]))), **values)


def _costs(frame: Frame) -> str:
    where, values = _condition(frame, ("channel", "topic"))
    if frame.all_sites and not frame.slice.channels and not frame.slice.topics:
        # What a bill holds without a site is part of all of a provider's work only.
        where = f"{where} or site is null"
    return render(
        sql.COSTS.format(slice=where), month=frame.month, since=frame.since, provider=frame.slice.provider, **values
    )


def _both(frame: Frame) -> list[str]:
    return [*frame.sites, *frame.own]

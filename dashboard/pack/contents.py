"""What stands in a week's pack, as plain values: cards, charts, notes, definitions. The template lays it out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd

from dashboard import format as text
from dashboard import health_words
from dashboard.figures import shown
from dashboard.names import by_name
from dashboard.pack import questions
from dashboard.pack import words as said
from dashboard.queries import dated, instant
from dashboard.scope import sums
from dashboard.scope.bar import LISTS
from models.metrics.catalogue import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Mapping, Sequence

    from dashboard.queries import Status
    from dashboard.scope.scope import Scope
    from models.metrics.metric import Metric

SITES_ACROSS = 5
"""More sites than this get a second table: an A4 page has no room beside them."""
GAPS_KEPT_DAYS = 8
ALL = ""


@dataclass(frozen=True)
class Cell:
    """A figure: value, n, change to the week before, better or worse, whether provisional. All as text."""

    value: str
    n: str = ""
    change: str = ""
    sign: str = ""
    provisional: bool = False


@dataclass(frozen=True)
class Card:
    """A table of figures: names of its columns, and by family rows of a label and its cells."""

    columns: list[str]
    families: list[tuple[str, list[tuple[str, list[Cell]]]]]


@dataclass(frozen=True)
class History:
    """A metric over the weeks: rows of a week and its cells, newest first."""

    label: str
    columns: list[str]
    rows: list[tuple[str, list[Cell]]]


@dataclass(frozen=True)
class Pack:
    """Everything in the pack but the charts."""

    week: date
    as_of: str
    made: str
    zone: str
    demo: str
    filters: list[str]
    headline: list[str]
    cards: list[Card]
    histories: list[list[History]]
    notes: list[str]
    definitions: list[tuple[str, str]] = field(default_factory=list)


def by_week(frame: pd.DataFrame, bought: Collection[str]) -> pd.DataFrame:
    """Sums of site and week (and of all sites, ALL) with every metric of the pack."""
    columns = [name for name in questions.COLUMNS if name in frame]
    whole = frame.groupby("week_start")[columns].sum(min_count=1).reset_index().assign(site=ALL)
    found = dated(sums.with_metrics(pd.concat([frame, whole], ignore_index=True), questions.METRICS))
    # A site of the company's own hands nothing back to it.
    found.loc[~found["site"].isin(bought), "bounce_back_rate"] = None
    return found


def pack(
    weeks: pd.DataFrame,
    week: date,
    now: Status,
    scope: Scope,
    names: Mapping[str, str],
    topics: Mapping[str, str],
    *,
    made_of: tuple[datetime | None, datetime | None],
    changes: pd.DataFrame,
    gaps: pd.DataFrame,
) -> Pack:
    """The pack of a week. weeks: of `by_week`. made_of: when the sums of contacts and of answers were made."""
    sites = by_name(set(weeks["site"][weeks["week_start"] == week]) - {ALL}, dict(names))
    called = {**names, ALL: said.ALL}
    groups = [sites[n : n + SITES_ACROSS] for n in range(0, len(sites), SITES_ACROSS)] or [[]]
    whole = weeks[(weeks["site"] == ALL) & (weeks["week_start"] == week)]
    return Pack(
        week=week,
        as_of=said.as_of(*made_of, now.asked_at, now.reporting_zone),
        made=text.moment(now.asked_at, now.reporting_zone),
        zone=now.reporting_zone,
        demo=said.demo(now.simulated_sites, only=now.only_simulated) if now.simulated_sites else "",
        filters=filters(scope, names, topics),
        headline=said.headline(whole.iloc[0], len(sites)) if len(whole) else [],
        cards=[card(weeks, week, columns, called, now.today) for columns in _with_all(groups, len(sites))],
        histories=[
            [history(weeks, BY_NAME[name], columns, called, now.today) for columns in _with_all(groups, len(sites))]
            for name in questions.CHARTS
        ],
        notes=notes(week, now, names, sites, changes, gaps),
        definitions=[(metric.label, definition(metric, now)) for metric in questions.METRICS],
    )


def definition(metric: Metric, now: Status) -> str:
    """What a figure is, in one paragraph; the days are those of the whole pack."""
    return " ".join(line for line in shown.definition(metric, now) if not line.startswith("Days and weeks"))


def _with_all(groups: list[list[str]], sites: int) -> list[list[str]]:
    """All sites together stand in the last table, where there are several."""
    return [*groups[:-1], [*groups[-1], ALL]] if sites > 1 else groups


def card(weeks: pd.DataFrame, week: date, sites: Sequence[str], names: Mapping[str, str], today: date) -> Card:
    """The scorecard: figures by site, with n and the change to the week before."""
    rows = {(row["site"], row["week_start"]): row for row in weeks.to_dict("records")}
    families = [
        (
            family,
            [
                (
                    BY_NAME[name].label,
                    [
                        cell(rows.get((site, week)), rows.get((site, week - timedelta(weeks=1))), BY_NAME[name], today)
                        for site in sites
                    ],
                )
                for name in metrics
            ],
        )
        for family, metrics in questions.FAMILIES.items()
    ]
    return Card([names.get(site, site) for site in sites], families)


def history(
    weeks: pd.DataFrame, metric: Metric, sites: Sequence[str], names: Mapping[str, str], today: date
) -> History:
    """A metric week by week, newest first."""
    rows = {(row["site"], row["week_start"]): row for row in weeks.to_dict("records")}
    starts = sorted(set(weeks["week_start"]), reverse=True)
    lines = [
        (f"{text.week(start)}", [cell(rows.get((site, start)), None, metric, today) for site in sites])
        for start in starts
    ]
    return History(metric.label, [names.get(site, site) for site in sites], lines)


def cell(
    row: Mapping[Hashable, object] | None, before: Mapping[Hashable, object] | None, metric: Metric, today: date
) -> Cell:
    """One figure."""
    value, n = _number(row, metric.name), _number(row, f"{metric.name}_n")
    if row is None or value is None:
        return Cell(text.NO_DATA)
    was = _number(before, metric.name)
    difference = None if was is None else value - was
    judged = shown.judged(metric, difference)
    start = row["week_start"]
    if not isinstance(start, date):
        raise TypeError(f"expected a week's first day, got {start!r}")
    return Cell(
        shown.value(metric, value),
        text.count(n) if metric.denominator and n is not None else "",
        "" if difference is None else shown.change(metric, difference),
        {"better": "▲", "worse": "▼"}.get(judged, ""),
        not shown.is_final(metric, start + timedelta(days=6), today),
    )


def filters(scope: Scope, names: Mapping[str, str], topics: Mapping[str, str]) -> list[str]:
    """What the pack is narrowed to, in words."""
    shown_names: dict[str, Mapping[str, str]] = {"sites": names, "topics": topics}
    lines = []
    for name, label in LISTS.items():
        chosen = getattr(scope, name)
        if chosen:
            lines.append(f"{label}: {', '.join(shown_names.get(name, {}).get(value) or value for value in chosen)}.")
    return lines or [said.NO_FILTERS]


def notes(
    week: date,
    now: Status,
    names: Mapping[str, str],
    sites: Sequence[str],
    changes: pd.DataFrame,
    gaps: pd.DataFrame,
) -> list[str]:
    """What to know before believing it: provisional figures, changes after closing, gaps of the feeds."""
    lines = []
    end = week + timedelta(days=6)
    if end >= now.today:
        lines.append(said.NOT_OVER)
    open_ = [metric.label for metric in questions.METRICS if not shown.is_final(metric, end, now.today)]
    if open_ and len(open_) < len(questions.METRICS):
        lines.append(said.provisional(open_))
    shown_weeks = pd.DataFrame({"site": list(sites), "week_start": [week] * len(sites)})
    changed = health_words.changed_weeks(dated(changes), shown_weeks, names, now.reporting_zone)
    lines += changed or [said.NO_CHANGES]
    return [*lines, *gap_notes(week, now, names, sites, gaps)]


def gap_notes(week: date, now: Status, names: Mapping[str, str], sites: Sequence[str], gaps: pd.DataFrame) -> list[str]:
    """Stretches of this week in which a site was silent although it was open."""
    zone = ZoneInfo(now.reporting_zone)
    starts, ends = (
        datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC) for day in (week, week + timedelta(weeks=1))
    )
    found: dict[str, list[tuple[datetime, float, bool]]] = {}
    for row in gaps[gaps["site"].isin(sites)].to_dict("records"):
        first, last = instant(row["starts_at"]), instant(row["ends_at"])
        if first and last and first < ends and last > starts:
            found.setdefault(str(row["site"]), []).append((first, float(row["minutes"]), bool(row["running"])))
    lines = [
        said.gaps(
            names.get(site, site),
            min(first for first, *_ in found[site]),
            sum(minutes for _, minutes, _ in found[site]),
            len(found[site]),
            now.reporting_zone,
            running=any(running for *_, running in found[site]),
        )
        for site in sites
        if site in found
    ]
    if starts < now.asked_at - timedelta(days=GAPS_KEPT_DAYS):
        return [*lines, said.GAPS_FORGOTTEN]
    return lines or [said.NO_GAPS]


def _number(row: Mapping[Hashable, object] | None, name: str) -> float | None:
    value = None if row is None else row.get(name)
    return None if text.is_missing(value) else float(value)  # type: ignore[arg-type]

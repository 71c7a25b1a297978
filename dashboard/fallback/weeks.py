"""The exit criteria of a slice week by week, and the slice beside in-house like for like.

What rests on a sample counts as bad only where the whole interval is beyond the limit: the figure of a week is the end
of its 95 % interval that is nearest to good.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import pandas as pd

from dashboard.compare.signals import margin_of
from dashboard.fallback import criteria_words as said
from dashboard.fallback.questions import OUTCOMES, TEAM_WEEKS
from dashboard.figures import shown
from dashboard.scope import sums
from models.fairness.intervals import LEVEL, normal_quantile
from models.fairness.shares import share
from models.fairness.stratified import mantel_haenszel
from models.fairness.sums import Counts
from models.fallback.facts import Criterion, Seen
from models.metrics.catalogue import BY_NAME

if TYPE_CHECKING:
    from dashboard.fallback.questions import Frame
    from models.metrics.metric import Metric

_SURVEYS = ("csat", "nps", "ces", "resolved")
_UNITS: Mapping[str, Literal["share", "count", "points"]] = {"share": "share", "points": "points", "score": "points"}
Cells = dict[tuple[object, ...], Counts]
_STRATA = ["topic", "channel", "language"]
_LEAST_ASKED, _LEAST_CONTACTS, _LEAST_AGENTS = 100, 200, 5
_BELOW_TARGET = 0.05
"""How far below its target a figure opens a criterion where no contract says how bad is bad."""
_DELIVERED_OPENS, _DELIVERED_CLEARS = 0.95, 0.98
_TURNOVER_OPENS, _TURNOVER_CLEARS = 0.25, 0.15
_SILENT_OPENS, _SILENT_CLEARS = 4.0, 1.0
_INCIDENT_WEEKS = 4
_NOT_SEEN_WEEKS = 2


@dataclass(frozen=True)
class Limit:
    """How bad a metric has to be."""

    metric: Metric
    opens: float
    clears: float
    at_least: int
    source: str

    @property
    def direction(self) -> Literal["above", "below"]:
        """On which side of it the figure is bad."""
        return "below" if self.opens < self.clears else "above"


def aim_limits(aims: Mapping[str, float]) -> list[Limit]:
    """Of the settings' targets, where there is no contract."""
    found = []
    for name, target in aims.items():
        metric = BY_NAME.get(name)
        if metric is not None and metric.unit == "share" and metric.better:
            away = -_BELOW_TARGET if metric.better == "higher" else _BELOW_TARGET
            found.append(Limit(metric, target + away, target, 0, said.FROM_TARGETS))
    return found


def levels(limits: Sequence[Limit], contacts: pd.DataFrame, agents: pd.DataFrame, frame: Frame) -> list[Criterion]:
    """One for each limit. contacts, agents: sums by week (the answers `weeks_contacts` and `weeks_overlap`)."""
    found = []
    for limit in limits:
        rows = agents if limit.metric.clock == "overlap" else contacts
        figured = _dated(sums.with_metrics(rows, [limit.metric]), "week_start").set_index("week_start")
        seen = [
            _settled(
                _level_seen(limit, figured, week, fed=week in figured.index),
                limit.direction,
                limit.opens,
                final=_is_final(limit.metric, week, frame.today),
            )
            for week in frame.weeks
        ]
        least = _LEAST_ASKED if limit.metric.name.startswith(_SURVEYS) else _LEAST_CONTACTS
        found.append(
            Criterion(
                name=limit.metric.name, label=said.level(limit.metric), unit=_UNITS.get(limit.metric.unit, "count"),
                direction=limit.direction, opens=limit.opens, clears=limit.clears, min_n=max(limit.at_least, least),
                source=limit.source, weeks=tuple(seen),
            )
        )  # fmt: skip
    return found


def _level_seen(limit: Limit, figured: pd.DataFrame, week: date, *, fed: bool) -> Seen:
    if not fed:
        return Seen(value=None, fed=False)
    row = figured.loc[week]
    value, n = row[limit.metric.name], row[f"{limit.metric.name}_n"]
    if pd.isna(value) or pd.isna(n) or n <= 0:
        return Seen(value=None)
    if limit.metric.unit != "share":
        return Seen(value=float(value), n=float(n))
    # Rounding must not push a share of all out of its own number.
    found = share(min(max(0.0, float(value)), 1.0) * float(n), float(n))
    if found is None:
        return Seen(value=None)
    nearest = found.interval.high if limit.direction == "below" else found.interval.low
    return Seen(value=nearest, n=float(n))


def _settled(seen: Seen, direction: str, opens: float, *, final: bool) -> Seen:
    """A week that answers and repeats still change counts once it is bad: more repeats make resolution no better."""
    if final or seen.value is None:
        return seen
    bad = seen.value < opens if direction == "below" else seen.value > opens
    return seen if bad else Seen(value=None, fed=seen.fed)


def alike(theirs: pd.DataFrame, ours: pd.DataFrame | None, frame: Frame) -> list[Criterion]:
    """Customers' satisfaction and first-contact resolution against in-house, by topic, channel and language.

    The difference is Mantel and Haenszel's, which thin strata do not upset, with the interval its test implies
    (Miettinen, Am J Epidemiol 1976; 103:226). Bad is what the Compare page calls worse.
    """
    if ours is None or ours.empty or theirs.empty:
        return []
    found = []
    for name in OUTCOMES:
        metric = BY_NAME[name]
        margin = margin_of(metric, None)
        if margin is None:
            continue
        cells = [_cells(side, metric) for side in (theirs, ours)]
        seen = [
            _settled(
                _alike_seen(*(side.get(week) for side in cells)),
                "below",
                -margin,
                final=_is_final(metric, week, frame.today),
            )
            for week in frame.weeks
        ]
        found.append(
            Criterion(
                name=f"{name}_alike", label=said.alike(metric), unit="share", direction="below", opens=-margin,
                clears=0, min_n=_LEAST_ASKED if name.startswith(_SURVEYS) else _LEAST_CONTACTS,
                source=said.alike_source(margin), weeks=tuple(seen),
            )
        )  # fmt: skip
    return found


def _alike_seen(theirs: Cells | None, ours: Cells | None) -> Seen:
    if not theirs:
        return Seen(value=None, fed=theirs is not None)
    found = mantel_haenszel(theirs, ours or {})
    if found is None or not found.chi_square:
        return Seen(value=None)
    error = abs(found.difference) / math.sqrt(found.chi_square)
    high = min(1.0, found.difference + normal_quantile(LEVEL) * error)
    return Seen(value=high, n=sum(each.n for stratum, each in theirs.items() if ours and stratum in ours))


def _cells(rows: pd.DataFrame, metric: Metric) -> dict[date, Cells]:
    """By week, what counts of how many in each stratum; weeks in which there was anything at all."""
    figured = sums.with_metrics(rows, [metric])
    n = figured[f"{metric.name}_n"].fillna(0.0)
    counted = figured.assign(n=n, x=(figured[metric.name] * n).fillna(0.0))
    added = counted.groupby(["week_start", *_STRATA], dropna=False)[["x", "n"]].sum()
    found: dict[date, Cells] = {}
    for key, x, size in zip(added.index, added["x"], added["n"], strict=True):
        cells = found.setdefault(pd.Timestamp(key[0]).date(), {})
        if size > 0:
            cells[tuple(key[1:])] = Counts(min(float(x), float(size)), float(size))
    return found


def delivered(done: Mapping[date, float], committed: Mapping[date, float], source: str, frame: Frame) -> Criterion:
    """What was handled of what was committed to, by week and in one unit; chance in `done` is allowed for."""
    seen = []
    for week in frame.weeks:
        whole, units = committed.get(week, 0.0), done.get(week, 0.0)
        if not whole:
            seen.append(Seen(value=None))
            continue
        most = units + normal_quantile(LEVEL) * math.sqrt(units)
        seen.append(Seen(value=most / whole, n=whole))
    return Criterion(
        name="delivered", label=said.DELIVERED, unit="share", direction="below", opens=_DELIVERED_OPENS,
        clears=_DELIVERED_CLEARS, source=source, weeks=tuple(seen),
    )  # fmt: skip


def incidents(rows: pd.DataFrame, frame: Frame) -> Criterion:
    """Severe ones and those about customers' data, reported in the four weeks up to the end of each.

    One can happen to anybody, so more than one opens it.
    """
    counted = rows[rows["severity"].isin(["high", "critical"]) | (rows["kind"] == "data_protection")]
    began = pd.to_datetime(counted["began_at"], utc=True)
    seen = []
    for week in frame.weeks:
        end = frame.instant(week + timedelta(weeks=1))
        within = (began >= frame.instant(week - timedelta(weeks=_INCIDENT_WEEKS - 1))) & (began < end)
        seen.append(Seen(value=float(within.sum()), n=float(within.sum())))
    return Criterion(
        name="incidents", label=said.INCIDENTS, unit="count", direction="above", opens=1, clears=0,
        source=said.INCIDENTS_SOURCE, weeks=tuple(seen),
    )  # fmt: skip


def turnover(rows: pd.DataFrame, frame: Frame) -> Criterion:
    """Of the agents of four weeks, the share nobody saw in the two weeks after, of which the week is the last."""
    by_week: dict[date, set[tuple[str, str]]] = {}
    for week, site, agent in zip(rows["week_start"], rows["site"], rows["agent_id"], strict=True):
        by_week.setdefault(pd.Timestamp(week).date(), set()).add((str(site), str(agent)))
    first = min(by_week, default=frame.monday)
    seen = []
    for week in frame.weeks:
        back = [week - timedelta(weeks=weeks) for weeks in range(TEAM_WEEKS)]
        late, early = back[:_NOT_SEEN_WEEKS], back[_NOT_SEEN_WEEKS:]
        if back[-1] < first:
            seen.append(Seen(value=None))
            continue
        team = set().union(*(by_week.get(each, set()) for each in early))
        there = set().union(*(by_week.get(each, set()) for each in late))
        if not there or not team:
            seen.append(Seen(value=None, fed=bool(there)))
            continue
        seen.append(Seen(value=len(team - there) / len(team), n=float(len(team))))
    return Criterion(
        name="turnover", label=said.TURNOVER, unit="share", direction="above", opens=_TURNOVER_OPENS,
        clears=_TURNOVER_CLEARS, min_n=_LEAST_AGENTS, source=said.TURNOVER_SOURCE, weeks=tuple(seen),
    )  # fmt: skip


def silence(hours: Mapping[date, float], frame: Frame) -> Criterion:
    """Hours in which nobody counted."""
    seen = tuple(Seen(value=hours.get(week, 0.0), n=1) for week in frame.weeks)
    return Criterion(
        name="silence", label=said.SILENCE, unit="hours", direction="above", opens=_SILENT_OPENS, clears=_SILENT_CLEARS,
        source=said.SILENCE_SOURCE, weeks=seen,
    )  # fmt: skip


def _dated(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    return rows.assign(**{column: [pd.Timestamp(value).date() for value in rows[column]]})


def _is_final(metric: Metric, week: date, today: date) -> bool:
    return shown.is_final(metric, week + timedelta(days=6), today)

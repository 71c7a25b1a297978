"""One week of every unit and metric: the figure, its change, and the others without it. No words, no pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from dashboard.compare.questions import is_final, summed
from dashboard.scope import sums

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from dashboard.store import Reply
    from models.metrics.metric import Metric


@dataclass(frozen=True)
class Cell:
    """A figure of one unit in one week. peers: the others together, as a ratio of their sums."""

    unit: str
    metric: Metric
    value: float | None
    n: float
    before: float | None
    peers: float | None
    target: float | None
    final: bool
    silent: bool
    """Whether the feed is known to have been silent for long in this week."""

    @property
    def change(self) -> float | None:
        """Against the week before."""
        return None if self.value is None or self.before is None else self.value - self.before

    @property
    def against(self) -> float | None:
        """Against the others."""
        return None if self.value is None or self.peers is None else self.value - self.peers

    @property
    def to_target(self) -> float | None:
        """Against the target."""
        return None if self.value is None or self.target is None else self.value - self.target


def targets(choices: Reply) -> dict[str, float]:
    """Targets by metric, out of the answer to `sums.choices`."""
    told = choices.frames["targets"]
    return dict(zip(told["metric"], told["target"].astype(float), strict=True))


def by_unit(frame: pd.DataFrame, members: Mapping[str, Collection[str]], keys: Sequence[str] = ()) -> pd.DataFrame:
    """Sums of sites added up to units: one row per unit and the other keys."""
    parts = [frame[frame["site"].isin(list(sites))].assign(unit=unit) for unit, sites in members.items()]
    rows = pd.concat(parts) if parts else frame.assign(unit=frame["site"]).iloc[:0]
    return summed(rows, ["unit", *keys])


def with_figures(frame: pd.DataFrame, metrics: Sequence[Metric]) -> pd.DataFrame:
    """The metrics beside the sums; a metric that is its own column stands there already."""
    figures = sums.with_metrics(frame, metrics)
    if "week_start" in frame:
        figures["week_start"] = frame["week_start"].to_numpy()
    return figures


def cards(
    weekly: pd.DataFrame,
    units: Sequence[str],
    metrics: Sequence[Metric],
    week: date,
    today: date,
    silent: Collection[tuple[str, date]],
    aims: Mapping[str, float],
) -> list[Cell]:
    """Cells of one week, by metric and unit. weekly: sums by unit and week."""
    now, before = (_figures(weekly, start, metrics) for start in (week, week - timedelta(weeks=1)))
    others = _peers(weekly[weekly["week_start"] == week], units, metrics)
    return [
        Cell(
            unit,
            metric,
            _number(now, unit, metric.name),
            _number(now, unit, f"{metric.name}_n") or 0.0,
            _number(before, unit, metric.name),
            _number(others, unit, metric.name) if metric.denominator is not None else None,
            aims.get(metric.name),
            is_final(metric, week, today),
            (unit, week) in silent,
        )
        for metric in metrics
        for unit in units
    ]


def _figures(weekly: pd.DataFrame, week: date, metrics: Sequence[Metric]) -> pd.DataFrame:
    rows = weekly[weekly["week_start"] == week]
    return with_figures(rows, metrics).set_index("unit") if len(rows) else pd.DataFrame()


def _peers(rows: pd.DataFrame, units: Sequence[str], metrics: Sequence[Metric]) -> pd.DataFrame:
    """For each unit the sums of all the others. Counts are not compared: others together are always more."""
    parts = [rows[rows["unit"] != unit].assign(peers_of=unit) for unit in units]
    parts = [part for part in parts if len(part)]
    if not parts:
        return pd.DataFrame()
    total = summed(pd.concat(parts), ["peers_of"]).rename(columns={"peers_of": "unit"})
    return with_figures(total, metrics).set_index("unit")


def _number(frame: pd.DataFrame, unit: str, column: str) -> float | None:
    if column not in frame or unit not in frame.index:
        return None
    value = frame[column].astype("float64").to_dict()[unit]
    return None if pd.isna(value) else value

"""Figures with their intervals out of sums. The values are the catalogue's, the intervals those of `models.fairness`.

A figure of repeats over several weeks rests on the weeks that are final: a repeat that is still to come would count as
solved. What answers and evaluations are still to come does not lean to one side, so those count at once.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard import format as text
from dashboard.quality.questions import COLUMNS, METRICS, final_weeks
from dashboard.queries import dated
from dashboard.scope import sums
from models.fairness.intervals import Interval, student_estimate
from models.fairness.sums import Moments
from models.metrics.catalogue import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Mapping, Sequence

    from models.metrics.metric import Metric

ALL = ""
"""Stands for all sites in view together."""
REPEATS = ("first_contact_resolution", "repeat_rate_1d", "repeat_rate", "repeat_rate_30d")
"""Figures that look better until they are final."""
LITTLE = 30
"""Fewer than this many answers, evaluations or contacts are too few to tell sites apart."""
_OF_SCORES = ("qa_score_client", "qa_score_provider")
_NUMERATORS = tuple(
    replace(metric, name=f"{metric.name}_x", denominator=None, n=None)
    for metric in METRICS
    if metric.unit == "share" and metric.name not in _OF_SCORES
)


@st.cache_data(ttl=600, max_entries=32, show_spinner=False)
def by_site(frame: pd.DataFrame, today: date) -> pd.DataFrame:
    """One row per site (and ALL) and metric: value, low, high, n, whether final, first and last week it rests on."""
    parts = []
    for spans in _spans(frame, today):
        metrics, rows, starts, final = spans
        if not starts:
            continue
        wide = _added_up(rows, metrics)
        long = _long(wide, metrics, ("site",))
        parts.append(long.assign(final=final, first=min(starts), last=max(starts)))
    return pd.concat(parts, ignore_index=True) if parts else _long(_added_up(frame, METRICS), (), ("site",))


@st.cache_data(ttl=600, max_entries=32, show_spinner=False)
def by_week(frame: pd.DataFrame, names: tuple[str, ...], today: date) -> pd.DataFrame:
    """One row per site, week and metric of these names."""
    metrics = tuple(BY_NAME[name] for name in names)
    long = _long(dated(_with_numbers(frame)), metrics, ("site", "week_start"))
    ends = {name: set(final_weeks(BY_NAME[name], sorted(set(frame["week_start"])), today)) for name in names}
    final = [start in ends[name] for start, name in zip(long["week_start"], long["metric"], strict=True)]
    return long.assign(final=final)


def of(figures: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The rows of one metric."""
    return figures[figures["metric"] == metric]


def one(figures: pd.DataFrame, metric: str, site: str = ALL) -> pd.Series | None:
    """The row of a site (all sites) and metric; None without data."""
    rows = figures[(figures["metric"] == metric) & (figures["site"] == site)]
    return None if rows.empty or text.is_missing(rows["value"].iloc[0]) else rows.iloc[0]


def bounced_by(figures: pd.DataFrame, bought: Collection[str]) -> pd.DataFrame:
    """Without what cannot be: a site of the company's own hands nothing back to it."""
    return figures[(figures["metric"] != "bounce_back_rate") | figures["site"].isin(bought)]


def gap_spread(rows: pd.DataFrame) -> float | None:
    """How far the calibration gaps of single contacts lie apart (standard deviation), in points."""
    columns = ["calibrations", "calibration_gap_milli", "calibration_gap2_milli"]
    moments = _gap(rows[columns].sum().to_dict())
    return None if moments is None or moments.variance is None else math.sqrt(moments.variance)


def _spans(frame: pd.DataFrame, today: date) -> list[tuple[tuple[Metric, ...], pd.DataFrame, list[date], bool]]:
    """Groups of metrics that rest on the same weeks."""
    starts = sorted(set(frame["week_start"]))
    plain = tuple(metric for metric in METRICS if metric.name not in REPEATS)
    found = []
    for days in sorted({metric.final_after_days for metric in plain}):
        group = tuple(metric for metric in plain if metric.final_after_days == days)
        found.append((group, frame, starts, len(final_weeks(group[0], starts, today)) == len(starts)))
    for name in REPEATS:
        metric = BY_NAME[name]
        final = final_weeks(metric, starts, today)
        rows = frame[frame["week_start"].isin(final)] if final else frame
        found.append(((metric,), rows, final or starts, bool(final)))
    return found


def _added_up(frame: pd.DataFrame, metrics: Sequence[Metric]) -> pd.DataFrame:
    columns = [name for name in COLUMNS if name in frame]
    numbers = frame[columns].astype("float64")
    sites = numbers.groupby(frame["site"], sort=True).sum(min_count=1).reset_index()
    whole = numbers.sum(min_count=1).to_frame().T.assign(site=ALL)
    return _with_numbers(pd.concat([sites, whole], ignore_index=True), metrics)


def _with_numbers(frame: pd.DataFrame, metrics: Sequence[Metric] = METRICS) -> pd.DataFrame:
    return sums.with_metrics(frame, (*metrics, *_NUMERATORS))


def _long(wide: pd.DataFrame, metrics: Sequence[Metric], keys: tuple[str, ...]) -> pd.DataFrame:
    rows = []
    for row in wide.to_dict("records"):
        own = {key: row[key] for key in keys}
        for metric in metrics:
            value, n = _number(row[metric.name]), _number(row[f"{metric.name}_n"]) or 0.0
            ends = interval(metric, row) if value is not None and n > 0 else None
            low, high = (ends.low, ends.high) if ends else (None, None)
            rows.append({**own, "metric": metric.name, "value": value, "low": low, "high": high, "n": n})
    columns = [*keys, "metric", "value", "low", "high", "n"]
    found = pd.DataFrame(rows, columns=columns)
    return found.astype(dict.fromkeys(("value", "low", "high", "n"), "float64"))


def interval(metric: Metric, row: Mapping[Hashable, object]) -> Interval | None:
    """The interval of a metric with data, at 95 %; None where none can be told.

    The spread of single QA scores is not kept. A score lies from 0 to 1, so its variance is at most that of a yes or
    no of the same mean: Wilson's interval is on the safe side.
    """
    from models.fairness.shares import share
    from models.fairness.surveys import net_promoter_score, ratings

    value, n = float(row[metric.name]), float(row[f"{metric.name}_n"])  # type: ignore[arg-type]
    if metric.name == "nps":
        promoters, detractors = (_number(row[name]) or 0.0 for name in ("nps_promoters", "nps_detractors"))
        score = net_promoter_score(promoters, detractors, n)
        return score.interval if score else None
    if metric.name == "csat_mean":
        rated = ratings([_number(row[f"csat_{step}"]) or 0.0 for step in range(1, 6)])
        return rated.mean.interval if rated else None
    if metric.name == "calibration_gap":
        moments = _gap(row)
        if moments is None or moments.variance is None:
            return None
        return student_estimate(value, math.sqrt(moments.variance / moments.n), moments.n - 1).interval
    x = value * n if metric.name in _OF_SCORES else _number(row[f"{metric.name}_x"])
    if metric.unit != "share" or x is None or not 0 <= x <= n:
        return None
    found = share(x, n)
    return found.interval if found else None


def _gap(row: Mapping[Hashable, object]) -> Moments | None:
    n = _number(row["calibrations"]) or 0.0
    if not n:
        return None
    total, squares = (
        (_number(row[name]) or 0.0) / 1000 for name in ("calibration_gap_milli", "calibration_gap2_milli")
    )
    # Both are kept rounded to thousandths: the squares may fall short of what they must be at least.
    return Moments(total, n, max(squares, total**2 / n))


def _number(value: object) -> float | None:
    return None if text.is_missing(value) else float(value)  # type: ignore[arg-type]

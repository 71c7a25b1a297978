"""Sites that differ from all others together, by more than matters. The mix of work is not levelled here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard.quality.estimates import ALL, LITTLE, of
from models.fairness.sums import Counts

if TYPE_CHECKING:
    import pandas as pd

    from models.fairness.intervals import Interval
    from models.fairness.verdict import Verdict
    from models.metrics.metric import Metric

MARGIN = 0.02
"""A difference smaller than this many parts of one does not matter in practice: two percentage points."""
RECENT = 4
"""Weeks that are held against those before."""


@dataclass(frozen=True)
class Apart:
    """A site against all others together: its share, theirs, the difference with its interval, and what that says."""

    site: str
    value: float
    others: float
    difference: float
    interval: Interval
    verdict: Verdict


def apart(figures: pd.DataFrame, metric: Metric) -> list[Apart]:
    """Sites clearly better or clearly worse than the others, worse ones first. For shares of contacts or answers."""
    counts = _counts(of(figures, metric.name))
    found = []
    for site, own in counts.items():
        rest = [each for other, each in counts.items() if other != site]
        if rest:
            others = Counts(sum(each.x for each in rest), sum(each.n for each in rest))
            found += _clear(site, own, others, metric)
    return _worst_first(found)


def drifted(weeks: pd.DataFrame, metric: Metric) -> list[Apart]:
    """Sites clearly better or worse in their last final weeks than before; `others` is then before.

    weeks: one row per site and week. Without as many weeks before there is nothing to say.
    """
    rows = weeks[weeks["final"] & weeks["value"].notna()]
    starts = sorted(set(rows["week_start"]))
    if len(starts) < 2 * RECENT:
        return []
    recent = rows["week_start"].isin(starts[-RECENT:])
    before, lately = _counts(_pooled(rows[~recent])), _counts(_pooled(rows[recent]))
    return _worst_first(
        [each for site in lately if site in before for each in _clear(site, lately[site], before[site], metric)]
    )


def _pooled(rows: pd.DataFrame) -> pd.DataFrame:
    pooled = rows.assign(x=rows["value"] * rows["n"]).groupby("site")[["x", "n"]].sum().reset_index()
    return pooled.assign(value=pooled["x"] / pooled["n"].where(pooled["n"] > 0))


def _counts(rows: pd.DataFrame) -> dict[str, Counts]:
    return {
        str(row["site"]): Counts(row["value"] * row["n"], row["n"])
        for row in rows.to_dict("records")
        if row["site"] != ALL and row["n"] >= LITTLE and 0 <= row["value"] <= 1
    }


def _clear(site: str, own: Counts, others: Counts, metric: Metric) -> list[Apart]:
    from models.fairness.shares import share_difference
    from models.fairness.verdict import Verdict, verdict

    estimate = share_difference(own, others)
    if estimate is None or own.share is None or others.share is None:
        return []
    said = verdict(estimate.interval, MARGIN, higher_is_better=metric.better != "lower")
    if said not in (Verdict.CLEARLY_BETTER, Verdict.CLEARLY_WORSE):
        return []
    return [Apart(site, own.share, others.share, estimate.value, estimate.interval, said)]


def _worst_first(found: list[Apart]) -> list[Apart]:
    return sorted(found, key=lambda each: (each.verdict == "clearly better", -abs(each.difference)))

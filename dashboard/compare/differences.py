"""Pairs of units like for like: each outcome at the mix of the work under decision. No words, no charts."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dashboard.compare.questions import OUTCOMES, STRATA
from dashboard.compare.signals import margin_of
from models.fairness.comparison import Comparison, compare_means_by_day, compare_shares
from models.fairness.intervals import two_sided_p
from models.fairness.sums import Counts, Totals
from models.fairness.verdict import Verdict, more_contacts, verdict
from models.metrics.catalogue import BY_NAME

if TYPE_CHECKING:
    from dashboard.compare.units import Units
    from models.metrics.metric import Metric

AS_THICK = 0.95
"""The part of the day is part of the mix when at least this share of what can be compared without it still can."""

Pair = tuple[str, str]
Stratum = tuple[Hashable, ...]


@dataclass(frozen=True)
class Difference:
    """`one` less `other`, at the mix of the work under decision: that of `one` unless only `other` is bought.

    n: contacts (or answers) of each. more: about how many more contacts `one` would need until it can be told.
    by_band: whether the part of the day is part of the mix. None in `verdict` when the comparison is refused.
    """

    one: str
    other: str
    metric: Metric
    result: Comparison
    margin: float
    verdict: Verdict | None
    more: int
    n_one: float
    n_other: float
    by_band: bool
    stands_out: bool = False

    @property
    def mix_of(self) -> str:
        """Whose work is the mix."""
        return self.one

    @property
    def only_looks_better(self) -> str | None:
        """Who is ahead by plain averages, by enough to matter, and behind like for like."""
        crude = self.result.crude_difference
        if not self.result.only_looks_better or not self.stands_out or self.metric.better is None or crude is None:
            return None
        looks = self.one if (crude > 0) == (self.metric.better == "higher") else self.other
        return looks if abs(crude) >= self.margin else None

    @property
    def ahead(self) -> str | None:
        """Who is ahead like for like; None where neither direction is better, or nothing can be told."""
        if self.result.difference is None or self.metric.better is None:
            return None
        return self.one if (self.result.difference > 0) == (self.metric.better == "higher") else self.other


def differences(frames: Mapping[str, pd.DataFrame], pairs: Sequence[Pair], units: Units) -> list[Difference]:
    """Every pair and outcome there are sums of, screened together."""
    from models.fairness.screening import screen

    work = {name: _Work(frame, BY_NAME[name], units) for name, frame in _with_parts(frames).items()}
    found = [
        one
        for pair in pairs
        for name in OUTCOMES
        if name in work and (one := difference(work[name], pair, units)) is not None
    ]
    if not found:
        return []
    ps = [None if one.result.z is None else two_sided_p(one.result.z) for one in found]
    return [
        replace(one, stands_out=screened is not None and screened.stands_out)
        for one, screened in zip(found, screen(ps), strict=True)
    ]


class _Work:
    """The sums of one outcome, by unit and stratum; each side is added up once, however many pairs it is in."""

    def __init__(self, frame: pd.DataFrame, metric: Metric, units: Units) -> None:
        self.metric = metric
        self._frame, self._units = frame, units
        self._mix_of = "handled" if metric.clock == "completion" else "answered"
        self._kept: dict[tuple[str, tuple[str, ...]], pd.DataFrame] = {}

    def by(self, unit: str, keys: tuple[str, ...]) -> pd.DataFrame:
        """x, n and the size of the mix of one unit."""
        if (unit, keys) not in self._kept:
            side = self._frame[self._frame["site"].isin(self._units.sites[unit])]
            columns = ["x", "n", self._mix_of]
            self._kept[unit, keys] = side.groupby(list(keys), sort=False, dropna=False, observed=True)[columns].sum()
        return self._kept[unit, keys]

    def n(self, unit: str) -> float:
        """Contacts or answers of one unit."""
        return float(self.by(unit, STRATA[:3])["n"].sum())

    def mix(self, unit: str, keys: tuple[str, ...]) -> dict[Stratum, float]:
        """How much of each kind of work there is in the work under decision."""
        total = self.by(unit, keys)
        return {
            stratum: float(size) for stratum, size in zip(total.index, total[self._mix_of], strict=True) if size > 0
        }

    def counts(self, unit: str, keys: tuple[str, ...]) -> dict[Stratum, Counts]:
        """What counts of how many, by stratum."""
        total = self.by(unit, keys)
        return {
            stratum: Counts(min(float(x), float(n)), float(n))
            for stratum, x, n in zip(total.index, total["x"], total["n"], strict=True)
            if n > 0
        }

    def days(self, unit: str) -> dict[Stratum, dict[Hashable, Totals]]:
        """Totals and contacts by stratum and day."""
        total = self.by(unit, (*STRATA[:3], "date"))
        # A stratum has many days, and its tuple is made once: that takes longer than all the rest.
        numbers = total.groupby(level=list(STRATA[:3]), sort=False, dropna=False, observed=True).ngroup().to_numpy()
        _, firsts = np.unique(numbers, return_index=True)
        strata: list[dict[Hashable, Totals]] = [{} for _ in firsts]
        dates = total.index.get_level_values("date").to_numpy().tolist()
        for number, date, x, n in zip(numbers.tolist(), dates, total["x"].tolist(), total["n"].tolist(), strict=True):
            if n > 0:
                strata[number][date] = Totals(x, n)
        return {tuple(key[:-1]): days for key, days in zip(total.index[firsts], strata, strict=True) if days}


def difference(work: _Work, pair: Pair, units: Units) -> Difference | None:
    """One outcome of one pair; None when either has none of it."""
    # The bought side's work is under decision, so it comes first and sets the mix.
    one, other = pair if not units.is_own(pair[0]) or units.is_own(pair[1]) else pair[::-1]
    metric, n_one, n_other = work.metric, work.n(one), work.n(other)
    if not n_one or not n_other:
        return None
    result, by_band = _shares(work, one, other) if metric.unit == "share" else (_means(work, one, other), False)
    margin = margin_of(metric, result.crude_b)
    if margin is None:
        return None
    said, more = None, 0
    if result.interval is not None:
        said = verdict(result.interval, margin, higher_is_better=metric.better == "higher")
        more = more_contacts(result.interval, margin, n_one)
    return Difference(one, other, metric, result, margin, said, more, n_one, n_other, by_band)


def _shares(work: _Work, one: str, other: str) -> tuple[Comparison, bool]:
    fine, plain = (
        compare_shares(work.counts(one, keys), work.counts(other, keys), work.mix(one, keys))
        for keys in (STRATA, STRATA[:3])
    )
    by_band = fine.refusal is None and fine.coverage >= AS_THICK * plain.coverage
    return (fine, True) if by_band else (plain, False)


def _means(work: _Work, one: str, other: str) -> Comparison:
    return compare_means_by_day(work.days(one), work.days(other), work.mix(one, STRATA[:3]))


def _with_parts(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Each outcome's numerator x and denominator n beside its sums, by the catalogue's own SQL: both are sums."""
    import duckdb

    found = {}
    with duckdb.connect() as engine:
        for name, frame in frames.items():
            metric = BY_NAME[name]
            engine.register("frame", frame)
            parts = f"coalesce({metric.numerator}, 0)::double as x, coalesce({metric.denominator}, 0)::double as n"
            found[name] = engine.execute(f"select *, {parts} from frame").df()
            engine.unregister("frame")
    return found

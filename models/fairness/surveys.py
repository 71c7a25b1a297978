"""Figures from surveys: satisfaction on five steps, net promoter score, and what the silent could change."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.fairness.direct import Stratum, standardised_share
from models.fairness.intervals import LEVEL, Estimate, Interval, normal_estimate
from models.fairness.shares import share
from models.fairness.sums import Counts, within

STEPS = 5


@dataclass(frozen=True, slots=True)
class Ratings:
    """Answers on a scale of 1 to 5: their mean, and the share who chose 4 or 5 (from 0 to 1)."""

    answers: float
    mean: Estimate
    top2: Estimate


@dataclass(frozen=True, slots=True)
class Survey:
    """How many were `asked`, how many `answered`, how many of those were `positive`. Raises ValueError otherwise."""

    asked: float
    answered: float
    positive: float

    def __post_init__(self) -> None:
        within("answered", self.answered, 0, within("asked", self.asked, 0))
        within("positive", self.positive, 0, self.answered)

    @property
    def response_rate(self) -> float | None:
        """Share of those asked who answered; None when nobody was asked. Belongs beside every figure of a survey."""
        return self.answered / self.asked if self.asked else None


@dataclass(frozen=True, slots=True)
class WeightedShare:
    """A share weighted back to all who were asked, and the share of those asked who are in groups that answered."""

    estimate: Estimate
    coverage: float


def ratings(counts: Sequence[float], *, level: float = LEVEL) -> Ratings | None:
    """Mean and top-2 share of a histogram: how many answered 1, 2, 3, 4 and 5. None with fewer than two answers.

    The mean's interval is normal, with the sample's variance; top-2's is Wilson's. When all answers are alike, the
    spread is that with half an answer more at each end, as no spread at all would pretend to certainty.
    Raises ValueError unless there are five counts of at least 0.
    """
    if len(counts) != STEPS:
        raise ValueError(f"expected {STEPS} counts, of the answers 1 to {STEPS}, got {len(counts)}")
    n = sum(within("a count", count, 0) for count in counts)
    top2 = share(counts[3] + counts[4], n, level=level)
    if n < 2 or top2 is None:
        return None
    mean = _mean(counts)
    variance = _variance(counts)
    if variance == 0:
        variance = _variance([counts[0] + 0.5, *counts[1:-1], counts[-1] + 0.5])
    return Ratings(n, normal_estimate(mean, math.sqrt(variance / n), level=level).clipped(1, STEPS), top2)


def net_promoter_score(promoters: float, detractors: float, n: float, *, level: float = LEVEL) -> Estimate | None:
    """100 (promoters - detractors) / n, from -100 to 100, with the normal interval of a trinomial; None when n is 0.

    All three are numbers of answers. When all answers are of one kind, the spread is that with half a promoter and
    half a detractor more. Raises ValueError when promoters and detractors are more than n.
    """
    told = within("promoters", promoters, 0) + within("detractors", detractors, 0)
    within("promoters + detractors", told, 0, within("n", n, 0))
    if not n:
        return None
    variance = _score_variance(promoters, detractors, n)
    if variance == 0:
        variance = _score_variance(promoters + 0.5, detractors + 0.5, n + 1)
    score = 100 * (promoters - detractors) / n
    return normal_estimate(score, 100 * math.sqrt(variance / n), level=level).clipped(-100, 100)


def non_response_bounds(survey: Survey) -> Interval | None:
    """The positive share of all who were asked, if nobody else is positive and if everybody else is.

    The bounds of Manski (Am Econ Rev 1990; 80:319): they assume nothing, so they are wide. None if nobody was asked.
    """
    if not survey.asked:
        return None
    silent = survey.asked - survey.answered
    return Interval(survey.positive / survey.asked, (survey.positive + silent) / survey.asked)


def weighted_for_non_response(groups: Mapping[Stratum, Survey], *, level: float = LEVEL) -> WeightedShare | None:
    """Positive share in which each group (topic, channel) counts as often as it was asked, not as it answered.

    Mends what groups differ in, not who answers inside a group. Groups nobody answered in are left out, which coverage
    tells. None when nobody answered anywhere.
    """
    answers = {name: Counts(group.positive, group.answered) for name, group in groups.items() if group.answered}
    if not answers:
        return None
    asked = sum(group.asked for group in groups.values())
    heard = sum(groups[name].asked for name in answers)
    side = standardised_share(answers, {name: groups[name].asked / heard for name in answers})
    estimate = normal_estimate(side.value, math.sqrt(side.variance), level=level)
    return WeightedShare(estimate.clipped(0, 1), heard / asked)


def _mean(counts: Sequence[float]) -> float:
    return sum(step * count for step, count in enumerate(counts, 1)) / sum(counts)


def _variance(counts: Sequence[float]) -> float:
    mean = _mean(counts)
    return sum(count * (step - mean) ** 2 for step, count in enumerate(counts, 1)) / (sum(counts) - 1)


def _score_variance(promoters: float, detractors: float, n: float) -> float:
    return (promoters + detractors) / n - ((promoters - detractors) / n) ** 2

"""A mean handle time with its interval: by day, as if contacts were independent, and for log-normal times."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from models.fairness.intervals import LEVEL, Estimate, Interval, normal_estimate, normal_quantile, student_estimate
from models.fairness.sums import Moments, Totals, finite, within


@dataclass(frozen=True, slots=True)
class LogNormalMean:
    """Seconds: the mean that costs follow, with its interval, and the geometric mean (the median of such times)."""

    mean_s: float
    geometric_mean_s: float
    interval_s: Interval


def mean_by_day(days: Iterable[Totals], *, level: float = LEVEL) -> Estimate | None:
    """Mean over all contacts in seconds, its interval allowing for contacts of a day being alike.

    days: seconds and contacts, one per day; days without contacts do not count. R = S/N, e_d = s_d - R n_d,
    Var = D/(D-1) * sum e_d^2 / N^2, t with D-1 degrees: a ratio, linearised (Cochran, Sampling Techniques 1977, ch. 6).
    None with contacts on fewer than two days.
    """
    used = [day for day in days if day.n]
    if len(used) < 2:
        return None
    n = sum(day.n for day in used)
    mean = sum(day.total for day in used) / n
    squares = sum((day.total - mean * day.n) ** 2 for day in used)
    se = math.sqrt(len(used) / (len(used) - 1) * squares) / n
    return student_estimate(mean, se, len(used) - 1, level=level)


def mean_if_independent(times: Moments, *, level: float = LEVEL) -> Estimate | None:
    """Mean in seconds, its interval as if no two contacts had anything in common: too narrow, often by half.

    Only for when no days are known. None with fewer than two contacts.
    """
    if times.mean is None or times.variance is None:
        return None
    return normal_estimate(times.mean, math.sqrt(times.variance / times.n), level=level)


def log_normal_mean(n: float, sum_ln: float, sum_ln2: float, *, level: float = LEVEL) -> LogNormalMean | None:
    """Mean of log-normal times by Cox's method (Zhou & Gao, Stat Med 1997; 16:783).

    sum_ln and sum_ln2: sums of ln(seconds) and of its squares over n contacts. With m and s2 their mean and sample
    variance: exp(m + s2/2 +/- z sqrt(s2/n + s2^2 / (2(n-1)))). None with fewer than two contacts.
    """
    logs = Moments(finite("sum_ln", sum_ln), within("n", n, 0), sum_ln2)
    if logs.mean is None or logs.variance is None:
        return None
    centre = logs.mean + logs.variance / 2
    half = normal_quantile(level) * math.sqrt(logs.variance / n + logs.variance**2 / (2 * (n - 1)))
    interval = Interval(math.exp(centre - half), math.exp(centre + half))
    return LogNormalMean(math.exp(centre), math.exp(logs.mean), interval)

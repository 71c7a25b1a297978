"""What drove a change between two periods: how much there was, what it consisted of, or what each kind came to."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from models.fairness.direct import Stratum
from models.fairness.sums import Totals


@dataclass(frozen=True, slots=True)
class Driver:
    """A stratum's part in a change, in the unit of what changed. Rate is 0 for strata that are new or gone."""

    mix: float
    rate: float


@dataclass(frozen=True, slots=True)
class TotalChange:
    """Change of a total: volume + mix + rate, each in its unit; `strata` sum to mix and to rate."""

    change: float
    volume: float
    mix: float
    rate: float
    strata: Mapping[Hashable, Driver]


@dataclass(frozen=True, slots=True)
class RatioChange:
    """Change of a total per contact: mix + rate, each in its unit; `strata` sum to mix and to rate."""

    change: float
    mix: float
    rate: float
    strata: Mapping[Hashable, Driver]


def total_change(before: Mapping[Stratum, Totals], after: Mapping[Stratum, Totals]) -> TotalChange | None:
    """Split the change of T = sum n_k r_k, for example of cost, into parts that sum to it exactly.

    With N = sum n_k, w_k = n_k / N, r_k the rate (total per contact), R = T / N, 0 before and 1 after:
    volume = (N1 - N0) R0; mix = N1 sum (w1_k - w0_k) r0_k; rate = sum n1_k (r1_k - r0_k).
    A stratum's mix is N1 (w1_k - w0_k) (r0_k - R0), which sums to the same: growing dear work drives costs up, growing
    cheap work down. A stratum that is new has no rate before; its rate after stands in, so all of it is mix. One that
    is gone has no contacts after, so all of it is mix too. Later shares of nothing are 0, so an end of all contacts is
    all volume. None without contacts before.
    """
    parts = _parts(before, after)
    if parts is None:
        return None
    n0, n1, t0, t1, shares = parts
    strata = {k: Driver(n1 * part.mix, n1 * part.rate) for k, part in shares.items()}
    return TotalChange(t1 - t0, (n1 - n0) * t0 / n0, *_sums(strata), strata)


def ratio_change(before: Mapping[Stratum, Totals], after: Mapping[Stratum, Totals]) -> RatioChange | None:
    """Split the change of R = T / N, for example of handle time, into parts that sum to it exactly.

    mix = sum (w1_k - w0_k) (r0_k - R0) = sum (w1_k - w0_k) r0_k; rate = sum w1_k (r1_k - r0_k); symbols, new strata and
    strata that are gone as in `total_change`. None without contacts before or after.
    """
    parts = _parts(before, after)
    if parts is None or not parts.n1:
        return None
    return RatioChange(parts.t1 / parts.n1 - parts.t0 / parts.n0, *_sums(parts.shares), parts.shares)


class _Parts(NamedTuple):
    """Contacts and totals before and after, and each stratum's part in the change of one contact."""

    n0: float
    n1: float
    t0: float
    t1: float
    shares: dict[Hashable, Driver]


def _parts(before: Mapping[Stratum, Totals], after: Mapping[Stratum, Totals]) -> _Parts | None:
    n0, n1 = (sum(cell.n for cell in period.values()) for period in (before, after))
    t0, t1 = (sum(cell.total for cell in period.values()) for period in (before, after))
    if not n0:
        return None
    none = Totals(0.0, 0.0)
    shares: dict[Hashable, Driver] = {}
    for stratum in dict.fromkeys([*before, *after]):
        old, new = before.get(stratum, none), after.get(stratum, none)
        w0, w1 = old.n / n0, new.n / n1 if n1 else 0.0
        if old.mean is None and new.mean is None:
            continue
        # The rate that is not there is the other one: no change of rate, all of it mix.
        r0 = old.mean if old.mean is not None else new.mean or 0.0
        r1 = new.mean if new.mean is not None else r0
        shares[stratum] = Driver((w1 - w0) * (r0 - t0 / n0), w1 * (r1 - r0))
    return _Parts(n0, n1, t0, t1, shares)


def _sums(strata: Mapping[Hashable, Driver]) -> tuple[float, float]:
    return sum(part.mix for part in strata.values()), sum(part.rate for part in strata.values())

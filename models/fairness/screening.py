"""Many comparisons at once: which stand out when some would by chance. Over the whole screen, not chart by chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from statsmodels.stats.multitest import multipletests  # type: ignore[import-untyped]

from models.fairness.sums import between, within

FALSE_SHARE = 0.05
"""How many of those that stand out may, on average, do so by chance."""


@dataclass(frozen=True, slots=True)
class Screened:
    """One comparison of a screen: its p, p allowing for the others, and whether it stands out."""

    p: float
    adjusted_p: float
    stands_out: bool


def screen(p_values: Sequence[float | None], *, false_share: float = FALSE_SHARE) -> tuple[Screened | None, ...]:
    """Benjamini & Hochberg (JRSS B 1995; 57:289) over all comparisons of a screen, in the order given.

    None stands for a comparison without data; it neither counts nor stands out. Raises ValueError for an empty screen
    and for p outside 0 to 1.
    """
    if not len(p_values):
        raise ValueError("expected at least one comparison")
    between("false_share", false_share, 0, 1)
    told = [within("p", p, 0, 1) for p in p_values if p is not None]
    if not told:
        return (None,) * len(p_values)
    rejected, adjusted, *_ = multipletests(told, alpha=false_share, method="fdr_bh")
    found = iter(zip(told, adjusted, rejected, strict=True))
    return tuple(None if p is None else _screened(*next(found)) for p in p_values)


def _screened(p: float, adjusted: float, rejected: bool) -> Screened:
    return Screened(p, float(adjusted), bool(rejected))

"""What a volume costs: bands of rates, by the units in them or for the whole volume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from models.billing.indexation import indexed

if TYPE_CHECKING:
    from models.terms.charge import Baseline, Beyond, Fixed, Priced

Volume: TypeAlias = Sequence[tuple[Fraction, Fraction]]
"""Units of a segment in the order they came, as (factor of indexation, quantity)."""


@dataclass(frozen=True, slots=True)
class Band:
    """Units above the band before up to `upto` (exactly on it still belongs here; None: all the rest)."""

    upto: Fraction | None
    rate: Decimal
    """Before indexation."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Bands of a segment, their borders prorated."""

    bands: tuple[Band, ...]
    all_units: bool = False

    def of(self, volume: Volume) -> Fraction:
        """Exact price of a volume, each unit at the indexation of the day it came.

        marginal: a unit has the rate of the band it fell in; all_units: all have the rate of the band the whole
        volume reaches.
        """
        if self.all_units:
            band = self.reached(quantity_of(volume))
            return sum((count * Fraction(indexed(band.rate, by)) for by, count in volume), Fraction(0))
        price = start = Fraction(0)
        for by, count in volume:
            for band, units in self._split(start, start + count):
                price += units * Fraction(indexed(band.rate, by))
            start += count
        return price

    def reached(self, quantity: Fraction) -> Band:
        """The band in which the last of so many units lies."""
        return next(band for band in self.bands if band.upto is None or quantity <= band.upto)

    def bands_between(self, before: Fraction, upto: Fraction) -> list[Band]:
        """The bands of the units from `before` (without) to `upto`."""
        return [band for band, _ in self._split(before, upto)]

    def _split(self, start: Fraction, end: Fraction) -> list[tuple[Band, Fraction]]:
        found = []
        low = Fraction(0)
        for band in self.bands:
            high = end if band.upto is None else min(end, band.upto)
            if high > max(start, low):
                found.append((band, high - max(start, low)))
            if band.upto is not None:
                low = band.upto
        return found


def quantity_of(volume: Volume) -> Fraction:
    """How many units it is."""
    return sum((count for _, count in volume), Fraction(0))


def agreed(charge: Priced, share: Fraction) -> Prices:
    """Rate or tiers of a charge for a share of a month."""
    if charge.tiers is None:
        assert charge.rate is not None  # noqa: S101 - the class has one of them.
        return Prices((Band(None, charge.rate),))
    return Prices(
        tuple(Band(_part(step.upto, share), step.rate) for step in charge.tiers.steps),
        charge.tiers.kind == "all_units",
    )


def beyond_included(charge: Fixed, share: Fraction) -> Prices | None:
    """Nothing for the contacts included, then the overage rate; None when all are included."""
    if charge.included is None or charge.overage is None:
        return None
    return Prices((Band(Fraction(charge.included) * share, Decimal(0)), Band(None, charge.overage)))


def additional(charge: Baseline, share: Fraction) -> Prices:
    """ARC: nothing up to the upper border of the dead band, then the rates of the bands beyond."""
    return _away(charge, charge.additional, share, 1)


def reduced(charge: Baseline, share: Fraction) -> Prices | None:
    """RRC by units missing to the baseline: nothing within the dead band, then the rates beyond; None without."""
    return _away(charge, charge.reduced, share, 0) if charge.reduced else None


def _away(charge: Baseline, bands: Sequence[Beyond], share: Fraction, whole: int) -> Prices:
    base = Fraction(charge.baseline) * share
    found = [Band(base * (whole + Fraction(charge.dead_band)), Decimal(0))]
    for band in bands:
        upto = None if band.upto is None else base * (whole + Fraction(band.upto))
        found.append(Band(upto, band.rate))
    return Prices(tuple(found))


def _part(border: Decimal | None, share: Fraction) -> Fraction | None:
    return None if border is None else Fraction(border) * share

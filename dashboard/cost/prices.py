"""What one more paid hour, productive hour, handled minute or contact costs in-house, by what it takes to have it.

Three prices that are never mixed: time that is paid and idle costs nothing more, overtime costs direct labour at its
multiple, and new hires cost an hour in full.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from dashboard.cost import money
from dashboard.cost.parties import Sums, summed
from dashboard.cost.questions import OCCUPANCY
from dashboard.scope import sums

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

_MS_OF_HOUR = 3_600_000
_PRODUCTIVE = ("available_ms", "busy_ms", "wrapping_up_ms")
UNITS = ("paid_hour", "productive_hour", "handled_minute", "contact")


@dataclass(frozen=True)
class Price:
    """Cost of one unit in the currency of the document. hours: productive hours in it. None where that is unknown."""

    unit: str
    hours: Decimal | None
    full: Decimal | None
    labour: Decimal | None
    overtime: Decimal | None

    @property
    def idle(self) -> Decimal:
        """What it costs more where the time is paid and idle anyway."""
        return Decimal(0)

    @property
    def hire(self) -> Decimal | None:
        """What it costs with new hires: all of it."""
        return self.full


@dataclass(frozen=True)
class SiteMonth:
    """An in-house site in a month. figures: by name, of the period in force at its end; changed: another one before."""

    site: str
    currency: str
    figures: Mapping[str, Decimal]
    parts: Mapping[str, Decimal]
    since: date
    changed: bool
    hours: Decimal
    occupancy: float | None
    agents: int
    work: Sums

    def price(self, unit: str) -> Price:
        """One of UNITS."""
        of = self.figures
        hours: Decimal | None = {
            "paid_hour": of["available_hours"] / of["paid_hours"],
            "productive_hour": Decimal(1),
            "handled_minute": money.per(60_000 * self.hours, self.work.handle_ms),
            "contact": money.per(self.hours, self.work.contacts),
        }[unit]
        if not hours:
            return Price(unit, None, None, None, None)
        return Price(
            unit,
            hours,
            hours * of["per_available_hour"],
            hours * of["labour_per_available_hour"],
            hours * of["overtime_per_available_hour"],
        )


def site_month(frames: Mapping[str, pd.DataFrame], site: str, month: date, until: date) -> SiteMonth | None:
    """A site's month; None where no in-house cost is given for it."""
    told = frames["figures"][frames["figures"]["site"] == site]
    begins = pd.to_datetime(told["from_date"]).dt.date
    held = begins[begins <= until]
    if held.empty:
        return None
    rows = told[begins == held.max()]
    amounts = {str(name): money.parsed(value) or Decimal(0) for name, value in _pairs(rows)}
    agents = frames["agents"][frames["agents"]["site"] == site]
    metric = sums.metric(OCCUPANCY)
    share, n = None, 0
    if len(agents):
        row = sums.with_metrics(agents[list(metric.sums)].reset_index(drop=True), [metric]).iloc[0]
        share = None if pd.isna(row[metric.name]) else float(row[metric.name])
        n = 0 if pd.isna(row[f"{metric.name}_n"]) else int(row[f"{metric.name}_n"])
    own = frames["own"]
    work = own[(own["site"] == site) & (pd.to_datetime(own["month"]).dt.date == month)]
    return SiteMonth(
        site,
        str(rows["currency"].iloc[0]),
        amounts,
        {
            str(name): money.parsed(value) or Decimal(0)
            for name, value in _pairs(rows[rows["kind"] == "part of a year"])
        },
        held.max(),
        bool((begins > month).any()),
        Decimal(sum(int(agents[name].fillna(0).sum()) for name in _PRODUCTIVE)) / _MS_OF_HOUR,
        share,
        n,
        summed(work),
    )


def _pairs(rows: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(rows["figure"], rows["amount"], strict=True))

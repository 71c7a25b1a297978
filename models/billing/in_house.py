"""What an own agent's hour costs, part by part. Three prices that are never mixed: idle time, overtime, new hires."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from models.terms.in_house import InHouse, Pay

WEEKS = Decimal(52)
"""Paid weeks of a year, for the pay of weeks in training."""


@dataclass(frozen=True, slots=True)
class UnitCost:
    """Cost of a full-time agent in the currency of the document. Not rounded beyond 28 digits."""

    currency: str
    parts: dict[str, Decimal]
    """Cost of a year by name: pay, bonus, seat, facilities, administration, lead, quality, planning, trainer,
    attrition. They sum to `annual`."""
    annual: Decimal
    paid_hours: Decimal
    """Of a year."""
    present_hours: Decimal
    """Paid without absence."""
    available_hours: Decimal
    """Present without the share not available for contacts."""
    labour: Decimal
    """Pay, on-cost and bonus of a year: what one more hour of the same people costs."""
    overtime_multiple: Decimal

    @property
    def shrinkage(self) -> Decimal:
        """Share of paid time that is not available."""
        return 1 - self.available_hours / self.paid_hours

    @property
    def per_paid_hour(self) -> Decimal:
        """Full cost of a paid hour."""
        return self.annual / self.paid_hours

    @property
    def per_available_hour(self) -> Decimal:
        """Full cost of an hour available for contacts: what new hires cost."""
        return self.annual / self.available_hours

    @property
    def labour_per_available_hour(self) -> Decimal:
        """Direct labour only."""
        return self.labour / self.available_hours

    @property
    def overtime_per_available_hour(self) -> Decimal:
        """Direct labour at the overtime multiple; the rest is paid anyway."""
        return self.labour_per_available_hour * self.overtime_multiple

    @property
    def idle_per_minute(self) -> Decimal:
        """Marginal cost of time that is paid and idle: nothing, as far as there is such time."""
        return Decimal(0)

    def per_handled_minute(self, occupancy: Decimal) -> Decimal:
        """Full cost of a minute with a contact. Raises ValueError unless the occupancy is above 0 and at most 1."""
        if not 0 < occupancy <= 1:
            raise ValueError(f"expected an occupancy above 0 and at most 1, got {occupancy}")
        return self.per_available_hour / (60 * occupancy)


@dataclass(frozen=True, slots=True)
class SiteCost:
    """Cost of a site over some time."""

    amount: Decimal
    full_time: Decimal
    """Agents of a year it takes; a month of one is a twelfth."""
    parts: dict[str, Decimal]
    """As in `UnitCost.parts`."""


def unit_cost(in_house: InHouse) -> UnitCost:
    """Full cost of a full-time agent, after methods 3.1.

    Pay with on-cost and bonus; seat, facilities, administration; support people with on-cost (no bonus) by their span;
    attrition x (recruiting + weeks of training paid with on-cost and bonus, a week a 52nd of a year).
    """
    with_on_cost = in_house.pay * (1 + in_house.on_cost)
    labour = with_on_cost * (1 + in_house.bonus)
    parts = {
        "pay": with_on_cost,
        "bonus": labour - with_on_cost,
        "seat": in_house.seat,
        "facilities": in_house.facilities,
        "administration": in_house.administration,
        "lead": _support(in_house, in_house.lead),
        "quality": _support(in_house, in_house.quality),
        "planning": _support(in_house, in_house.planning),
        "trainer": _support(in_house, in_house.trainer),
        "attrition": in_house.attrition * (in_house.recruiting + in_house.training_weeks * labour / WEEKS),
    }
    present = (in_house.working_days - in_house.absence_days) * in_house.hours_per_day
    return UnitCost(
        currency=in_house.currency,
        parts=parts,
        annual=sum(parts.values(), Decimal(0)),
        paid_hours=in_house.working_days * in_house.hours_per_day,
        present_hours=present,
        available_hours=present * (1 - in_house.shrinkage),
        labour=labour,
        overtime_multiple=in_house.overtime,
    )


def site_cost(cost: UnitCost, productive_hours: Decimal) -> SiteCost:
    """What so many productive (available) hours cost in full. Raises ValueError for hours below 0."""
    if productive_hours < 0:
        raise ValueError(f"expected 0 hours or more, got {productive_hours}")
    agents = productive_hours / cost.available_hours
    return SiteCost(cost.annual * agents, agents, {name: part * agents for name, part in cost.parts.items()})


def _support(in_house: InHouse, who: Pay | None) -> Decimal:
    return who.pay * (1 + in_house.on_cost) / who.span if who else Decimal(0)

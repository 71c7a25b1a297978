"""Whether it pays to bring a provider's work home: cash by month, net present value, payback, what decides.

Methods 3.4. An investment case rests on estimates, so it is computed in floating point and in one currency; amounts
that somebody owes are decimal and in `models.billing`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from scipy.optimize import brentq

_MINUTES_OF_HOUR, _MONTHS = 60, 12


@dataclass(frozen=True, slots=True)
class Case:
    """What the case rests on. Shares from 0 to 1, money in one currency, months of a year's twelfth."""

    volume: float
    """Contacts the provider handles in a month."""
    price: float
    """What one costs there."""
    handle_min: float
    """Minutes a contact takes in-house."""
    fcr_own: float
    fcr_provider: float
    returning: float
    """Share of customers whose issue was not solved who come again."""
    occupancy: float
    """Share of available time in-house agents are to be with contacts."""
    available_hours: float
    """Of a full-time agent in a year."""
    annual_cost: float
    """Of a full-time agent, in full, without attrition."""
    attrition: float
    """Agents who leave in a year, as a share."""
    hire_cost: float
    """Finding and training one."""
    exit_fee: float
    set_up: float
    dual_months: int
    """Months in which the provider is paid in full although own agents are there."""
    ramp: Sequence[float]
    """Share of the work own agents can do in month 1, 2, …; after the last all of it."""
    discount: float
    """A year."""
    months: int

    def __post_init__(self) -> None:
        for name in ("fcr_own", "fcr_provider", "occupancy"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(f"{name}: expected a share above 0 and at most 1, got {getattr(self, name)}")
        if not 0 <= self.returning <= 1:
            raise ValueError(f"returning: expected a share from 0 to 1, got {self.returning}")
        for name in ("handle_min", "available_hours"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: expected more than 0, got {getattr(self, name)}")
        for name in ("volume", "price", "annual_cost", "attrition", "hire_cost", "exit_fee", "set_up", "dual_months"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name}: expected 0 or more, got {getattr(self, name)}")
        if self.discount <= -1:
            raise ValueError(f"discount: expected more than -1, got {self.discount}")
        if self.months < 1:
            raise ValueError(f"months: expected 1 or more, got {self.months}")
        if wrong := [share for share in self.ramp if not 0 <= share <= 1]:
            raise ValueError(f"ramp: expected shares from 0 to 1, got {wrong[0]}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of a case."""

    agents: int
    contacts: float
    """In-house, a month: fewer than the provider's where more issues are solved at first contact."""
    one_off: float
    """Hiring, exit fee, set-up."""
    steady: float
    """What a month saves once everything runs."""
    cash: tuple[float, ...]
    """Month 0 is the one-off cost."""
    npv: float
    payback: int | None
    """First month in which all cash so far is not below 0; None when there is none within the months."""
    discounted_payback: int | None
    irr: float | None
    """A month; None when no rate makes the net present value 0."""


def contacts_per_issue(fcr: float, returning: float) -> float:
    """Contacts an issue takes when a share of the unsolved comes again: 1 / (1 - (1 - fcr) x returning)."""
    return 1 / (1 - (1 - fcr) * returning)


def agents_needed(case: Case, contacts: float) -> int:
    """Full-time agents for so many contacts a month."""
    hours = contacts * case.handle_min / _MINUTES_OF_HOUR / case.occupancy
    # A hair more than a whole number is that number, whatever binary floats make of it.
    return math.ceil(hours / (case.available_hours / _MONTHS) - 1e-9)


def outcome(case: Case) -> Outcome:
    """Work the case out."""
    contacts = (
        case.volume
        * contacts_per_issue(case.fcr_own, case.returning)
        / contacts_per_issue(case.fcr_provider, case.returning)
    )
    agents = agents_needed(case, contacts)
    one_off = agents * case.hire_cost + case.exit_fee + case.set_up
    own = agents * (case.annual_cost + case.attrition * case.hire_cost) / _MONTHS
    bill = case.volume * case.price
    cash = [-one_off]
    for month in range(1, case.months + 1):
        able = case.ramp[month - 1] if month <= len(case.ramp) else 1.0
        still_paid = 1.0 if month <= case.dual_months else 1 - able
        cash.append(bill - (own + bill * still_paid))
    rate = (1 + case.discount) ** (1 / _MONTHS) - 1
    return Outcome(
        agents, contacts, one_off, bill - own, tuple(cash), present_value(cash, rate), _payback(cash, 0),
        _payback(cash, rate), _irr(cash),
    )  # fmt: skip


def present_value(cash: Sequence[float], rate: float) -> float:
    """Of cash in month 0, 1, …; rate: a month."""
    return sum(amount / (1 + rate) ** month for month, amount in enumerate(cash))


def break_even_price(case: Case) -> float | None:
    """The price at which the net present value is 0; None when none above 0 makes it so."""
    at_0, at_1 = (outcome(replace(case, price=price)).npv for price in (0.0, 1.0))
    # Straight in the price, as nothing else depends on it.
    return -at_0 / (at_1 - at_0) if at_1 > at_0 and at_0 <= 0 else None


DRIVERS = {
    "in-house handle time": "handle_min",
    "occupancy": "occupancy",
    "price": "price",
    "in-house first-contact resolution": "fcr_own",
    "provider's first-contact resolution": "fcr_provider",
    "volume": "volume",
    "exit fee": "exit_fee",
    "attrition": "attrition",
    "discount rate": "discount",
}
"""What a tornado varies: fields of a case by what they are called."""
_SHARES = {"occupancy", "fcr_own", "fcr_provider"}


@dataclass(frozen=True, slots=True)
class Swing:
    """What the net present value becomes when one input is so much lower, and higher."""

    driver: str
    low: float
    high: float

    @property
    def swing(self) -> float:
        """How much it decides."""
        return abs(self.high - self.low)


def tornado(case: Case, by: float = 0.1) -> list[Swing]:
    """Each driver lower and higher by a share, others as they are; what decides most first. Shares stay at most 1."""
    found = []
    for driver, field in DRIVERS.items():
        low, high = (outcome(varied(case, field, factor)).npv for factor in (1 - by, 1 + by))
        found.append(Swing(driver, low, high))
    return sorted(found, key=lambda swing: swing.swing, reverse=True)


def varied(case: Case, field: str, factor: float) -> Case:
    """The case with one field times a factor; shares stay at most 1."""
    value = getattr(case, field) * factor
    changed: dict[str, Any] = {field: min(value, 1.0) if field in _SHARES else value}
    return replace(case, **changed)


def _payback(cash: Sequence[float], rate: float) -> int | None:
    so_far = 0.0
    for month, amount in enumerate(cash):
        so_far += amount / (1 + rate) ** month
        if so_far >= 0 and month:
            return month
    return None


def _irr(cash: Sequence[float]) -> float | None:
    if not any(amount > 0 for amount in cash) or not any(amount < 0 for amount in cash):
        return None
    low, high = -0.99, 10.0
    if present_value(cash, low) * present_value(cash, high) > 0:
        return None
    return float(brentq(lambda rate: present_value(cash, rate), low, high, xtol=1e-14))

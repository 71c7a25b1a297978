"""The sentences about in-house cost. Those with a site's name go to `parts.plain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard.cost import money

if TYPE_CHECKING:
    from dashboard.cost.prices import SiteMonth

TITLE = "In-house: in full, and one more"
ALT = "One row per site and unit: full cost, its labour, and what one more costs idle, in overtime and with new hires."
INPUTS = "Where the prices come from"
INPUTS_ALT = "One row per figure: parts of the annual cost of a full-time agent, hours of a year, prices of an hour."
HOURS = "Hours and in-house prices"
SITE, UNIT, CURRENCY, IN_HOURS, FIGURE, AMOUNT, SHARE = (
    "Site", "Unit", "Currency", "Productive hours in it", "Figure", "Amount", "Share of the year",
)  # fmt: skip
HOURS_UNIT = "hours"
UNITS = {
    "paid_hour": "Paid hour",
    "productive_hour": "Productive hour",
    "handled_minute": "Handled minute",
    "contact": "Contact",
}
PRICES = {
    "full": "Full cost",
    "labour": "of it direct labour",
    "idle": "One more, idle time",
    "overtime": "One more, overtime",
    "hire": "One more, new hires",
}
HELP = {
    "full": "All a full-time agent costs in a year, over the hours: pay, on-cost, bonus, seat, support, attrition.",
    "labour": "Pay, on-cost and bonus only.",
    "idle": "Work that fits into time that is paid and idle costs nothing more, as long as there is such time.",
    "overtime": "Direct labour at the overtime multiple; seats and support are paid anyway.",
    "hire": "More people cost their hours in full.",
    "hours": "How many productive hours one unit took. Minutes and contacts: productive hours of the month over "
    "handled minutes and contacts.",
}
FIGURES = {
    "pay": "Pay with on-cost",
    "bonus": "Bonus",
    "seat": "Seat, licences, equipment",
    "facilities": "Room, energy, cleaning",
    "administration": "Administration",
    "lead": "Team leads",
    "quality": "Quality assurance",
    "planning": "Planning",
    "trainer": "Trainers",
    "attrition": "Attrition: recruiting and training",
    "annual": "A full-time agent a year: the sum",
    "paid_hours": "Paid hours a year",
    "present_hours": "Present hours a year: paid less absence",
    "available_hours": "Productive hours a year: present less shrinkage",
    "per_paid_hour": "Full cost of a paid hour",
    "per_available_hour": "Full cost of a productive hour",
    "labour_per_available_hour": "Direct labour of a productive hour",
    "overtime_per_available_hour": "Overtime for a productive hour",
}
PRICE_FIGURES = (
    "per_paid_hour", "per_available_hour", "labour_per_available_hour", "overtime_per_available_hour",
)  # fmt: skip
HOW = "How these prices are meant"
HOW_LINES = (
    "Full cost is what an hour costs when everything is paid for. One more costs less, or as much: it depends on where "
    "the time comes from. The three prices are alternatives; they are never added or averaged.",
    *(f"{PRICES[name]}: {HELP[name]}" for name in ("idle", "overtime", "hire")),
    "Productive hours: time agents were available, busy or in after-contact work, by the day of the reporting zone.",
    "Occupancy decides the cost of a minute: productive hours are paid whether or not somebody calls, so a minute with "
    "a contact costs the productive minute ÷ occupancy.",
)


def month(one: SiteMonth, name: str) -> str:
    """Where the month's cost comes from."""
    price = one.figures["per_available_hour"]
    said = (
        f"{name}: {one.hours:,.1f} productive hours × {money.shown(price, one.currency)} = "
        f"{money.shown(one.hours * price, one.currency)}; {one.work.contacts:,} contacts; occupancy "
        f"{text.share(one.occupancy)}"
    )
    if not one.hours:
        return f"{name}: no states of agents in this month, so nobody knows its hours and what they cost."
    if one.occupancy:
        minute = price / 60
        said += (
            f", so a busy minute costs {money.shown(money.per(minute, one.occupancy), one.currency, 3)} where a "
            f"productive one costs {money.shown(minute, one.currency, 3)}"
        )
    return f"{said}."


def follows(one: SiteMonth) -> list[str]:
    """How the prices follow from the figures."""
    of, currency = one.figures, one.currency
    lines = [
        f"Holds from {text.day(one.since)}. The parts sum to {money.shown(sum(one.parts.values()), currency)} a year."  # type: ignore[arg-type]
        f" ÷ {of['paid_hours']:,.2f} paid hours = {money.shown(of['per_paid_hour'], currency)}; "
        f"÷ {of['available_hours']:,.2f} productive hours = {money.shown(of['per_available_hour'], currency)}."
    ]
    if one.changed:
        lines.append("These figures changed within the month: days before were counted at the earlier ones.")
    return lines

"""The sentences about contracts: service levels, bills to expect, ends and reviews. Names go to `parts.plain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from dashboard import format as text
from dashboard.cost import money

if TYPE_CHECKING:
    from datetime import date

LEVELS = "Service levels by contract"
LEVELS_ALT = "One row per service level: target, value, n, standing, score and its part of the malus or bonus."
NO_LEVELS = "Its contract promises no service levels in this month."
NO_CONTRACTS = "No provider in view has a contract, so no service level and no bill can be told."
HOW_LEVELS = "How levels are counted"
HOW_LEVELS_LINES = (
    "Value: the metric over the whole month and all sites of the contract, without days the contract excludes; filters "
    "by site, channel and topic do not apply here. Days are those of the reporting zone.",
    "Score: 0 at the target, −1 where the malus is full, 1 where the bonus is, in straight lines between. Its part is "
    "score × weight × share of the fees at risk; the parts sum to the malus or bonus. Weights of levels without data, "
    "or with too few cases, go to the others.",
    "Needed on the rest: the mean over the days left with which the target is just reached, at the volume so far. "
    "Saved until: the last day from whose morning on the best possible values still reach it.",
    "At stake: the most the level can still cost alone, on the fees expected for the month.",
)
BILLS = "Bills to expect"
LINES_ALT = "One row per charge: quantity, unit, effective price and amount."
BY_DAY = "By day"
DAYS_ALT = "One row per charge and day: quantity, price and amount."
CORRECTIONS = "Changed after the month was closed"
CORRECTIONS_ALT = "One row per charge: amount when the month was closed, now, and the difference."
HOW_BILLS = "How bills are computed"
HOW_BILLS_LINES = (
    "Each line is a charge of the contract: quantity × price, rounded as the contract says. Days and months are those "
    "of the contract's time zone. Effective price: amount ÷ quantity, which tiers and indexation move.",
    "Filters by site, channel and topic do not apply here: a bill is one.",
    "Once the contract's days for late events have passed a month is closed; what changes later is a correction.",
)
MINIMUM, MALUS, BONUS = "Minimum", "Malus", "Bonus"
TOTAL = "Total"
UNITS = {
    "contact": "contacts", "minute": "minutes", "hour": "hours", "resolution": "resolutions", "month": "months",
    "agent": "agents", "fte": "full-time agents",
}  # fmt: skip
LABELS = {
    "level": "Service level", "target": "Target", "value": "Value", "n": "n", "standing": "Standing",
    "score": "Score", "weight": "Weight", "needed": "Needed on the rest", "save_by": "Saved until",
    "charge": "Charge", "quantity": "Quantity", "unit": "Unit", "note": "Note", "day": "Day",
}  # fmt: skip
STANDINGS = {
    "met": "✓ met so far",
    "at risk": "▲ at risk",
    "missed for certain": "✕ missed for certain",
    "no data": "○ no data",
}
MET, MISSED, NO_DATA, TOO_FEW = "✓ met", "✕ missed", "○ no data", "○ too few cases to count"
LOST, WHATEVER = "cannot be reached", "met whatever comes"
AGREEMENTS = "What was agreed"
ENDS = {
    "any_day": "on any day", "month_end": "to the end of a month", "quarter_end": "to the end of a quarter",
    "year_end": "to the end of a year",
}  # fmt: skip
UNREADABLE = "These terms cannot be read by this version of the pages."


def standing(state: object, met: object, *, counts: bool, value: object) -> str:
    """Where a level stands: a sign and a word. state: of a running month."""
    if isinstance(state, str) and state in STANDINGS:
        return STANDINGS[state]
    if text.is_missing(value):
        return NO_DATA
    if not counts or text.is_missing(met):
        return TOO_FEW
    return MET if bool(met) else MISSED


def effect(bill: pd.Series, today: date) -> str:
    """Malus or bonus of the month: how much, where it is shown, until when it can be claimed."""
    amount, on_bill = money.parsed(bill["effect"]), money.parsed(bill["effect_on_bill"])
    so_far = "" if pd.isna(bill["until_date"]) else " so far"
    if not amount:
        return f"No malus and no bonus{so_far}."
    kind = MALUS if amount < 0 else BONUS
    said = f"{kind}{so_far}: {money.shown(abs(amount), bill['currency'])}"
    if on_bill:
        return f"{said}, on the bill."
    if pd.isna(bill["claim_by"]):
        return f"{said}, not on the bill."
    until = pd.Timestamp(bill["claim_by"]).date()
    if so_far:
        return f"{said}. It would not be on the bill, but to be claimed until {text.day(until)}."
    if until < today:
        return f"{said}, not on the bill. It had to be claimed until {text.day(until)}."
    return f"{said}, not on the bill: it must be claimed until {text.day(until)}."


def expected(bill: pd.Series, own: str) -> str:
    """What the bill ought to be, and how final that is."""
    total, currency = money.parsed(bill["total"]), bill["currency"]
    if total is None:
        return f"No data: {bill['trouble']}." if bill["trouble"] else "No data."
    said = money.shown(total, currency)
    if currency != own:
        converted = money.parsed(bill["own_total"])
        rate = money.parsed(bill["rate"])
        said += f" = {money.shown(converted, own)}" + (f" at {money.price(rate, own)} each" if rate else "")
        if converted is None and bill["trouble"]:
            said += f" ({bill['trouble']})"
    if not pd.isna(bill["until_date"]):
        return f"{said} so far, up to {text.day(pd.Timestamp(bill['until_date']).date())}. Provisional."
    return f"{said}. " + ("Closed." if bool(bill["is_closed"]) else "Not closed yet: late events can still change it.")


def savable(rows: list[tuple[str, str, date]]) -> str:
    """Levels at risk that can still be saved: name, what it can cost, and until when."""
    listed = "; ".join(f"{name} until {text.day(day)} ({stake} at stake)" for name, stake, day in rows)
    return f"Can still be saved: {listed}."


def notice(row: pd.Series, ends_on: date | None) -> str:
    """How the contract ends."""
    said = f"Notice: {int(row['notice_days']):,} days, {ENDS.get(str(row['ends_to']), str(row['ends_to']))}"
    if not pd.isna(row["earliest_end"]):
        said += f", not before {text.day(pd.Timestamp(row['earliest_end']).date())}"
    return said + (f". Given today, it ends on {text.day(ends_on)}." if ends_on else ".")


def reviews(rows: pd.DataFrame) -> str:
    """The next dates both sides meet."""
    if rows.empty:
        return "No review is agreed from today on."
    told = [
        f"{text.day(pd.Timestamp(day).date())} ({about})"
        for day, about in zip(rows["on_date"][:2], rows["about"][:2], strict=True)
    ]
    return f"Next reviews: {', '.join(told)}."


def owners(row: pd.Series) -> str:
    """Who answers for the contract, where the paper is, and its time zone."""
    paper = f" Paper: {row['reference']}." if isinstance(row["reference"], str) and row["reference"] else ""
    return (
        f"Answer for it: {row['owner_ours']}; {row['owner_theirs']}.{paper} Its days are those of {row['time_zone']}."
    )

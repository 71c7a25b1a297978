"""The sentences of the Invoices page. Those with a provider's or a user's own words go to `parts.plain` or a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard import money
from dashboard.invoices.bill import NOT_LOADED, TOO_LITTLE, TOO_MUCH
from models.billing.step import REASONS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

    from dashboard.invoices.bill import Bill, Step, Sums

TITLE = "Invoices"
STATES = {
    TOO_MUCH: "▲ Too much billed",
    TOO_LITTLE: "▼ Too little billed",
    "disputed": "⚑ Disputed",
    "not checked": "! Not checked",
    "being checked": "… Being checked",
    NOT_LOADED: "○ No bill loaded",
    "agrees": "✓ Agrees",
    "dispute settled": "✓ Dispute settled",
    "dispute withdrawn": "↩ Dispute withdrawn",
    "withdrawn": "✕ Withdrawn",
}
TURNS = {
    "open": "⚑ Open",
    "accepted": "✓ Accepted",
    "partly accepted": "◐ Partly accepted",
    "rejected": "✕ Rejected",
    "withdrawn": "↩ Withdrawn",
}
SHORT = {
    "arithmetic": "Amount ≠ quantity × rate",
    "not_agreed": "No such charge",
    "rate": "Another price",
    "not_itemised": "More than is listed",
    "quantity": "Another quantity",
    "twice": "Same contact again",
    "unknown": "Unknown contacts",
    "short": "Too short",
    "abandoned": "Not answered",
    "repeat": "Repeats",
    "other_month": "Other month",
    "unproven": "End unproven",
    "duration": "Another length",
    "rounding": "Rounding",
    "left_out": "Left out",
    "tier": "Tier of another volume",
    "minimum": "Minimum",
    "malus": "Malus",
    "bonus": "Bonus",
    "exchange": "Rate of exchange",
    "unexplained": "Unexplained",
}
"""Names of reasons where there is no room for a sentence."""

PROVIDERS, MONTHS, STATE = "Providers", "Months", "State"
OPEN, OPEN_PLACEHOLDER = "Open a bill", "Choose one, or click a row above"
LOAD_A_BILL, BACK = "Load a bill", "All bills"
TABLE_ALT = "One row per bill and per month without one: what was billed, expected, differs, and its state."
COLUMNS = {
    "month": "Month", "provider": "Provider", "number": "Number", "billed": "Billed", "expected": "Expected",
    "difference": "Difference", "currency": "Currency", "state": "State", "days_left": "Days left",
}  # fmt: skip
DAYS_LEFT_HELP = "Days in which the bill can still be disputed, by its contract."
CLICK = "Click a row to open its bill, or to load one where there is none."
NONE_MATCH = "No bills within these filters."
NO_CONTRACT_TITLE = "No contract is known, so there is nothing to hold a bill against"
NO_CONTRACT = (
    "Describe each provider's contract in a TOML file in the folder `terms/contracts` beside the settings file, then "
    "start ingest again. This shows a commented example and checks what you wrote:"
)
NO_CONTRACT_COMMANDS = "uv run backstop terms example contract\nuv run backstop terms check"
NO_BILLS_TITLE = "No bill was loaded yet"
NO_BILLS = (
    "Load a provider's bill as a CSV file, or type its lines in. It is then held against what the contract says and "
    "the contacts that were measured, and every difference is explained."
)
NO_BILLS_HINT = "The command line does the same:"
NO_BILLS_COMMAND = 'uv run backstop bills load FILE --provider PROVIDER --month 2026-11 --name "YOUR NAME"'
STOPPED = "Ingest is stopped: bills can be read, but nothing can be loaded, withdrawn or disputed until it runs again."
TROUBLE = "This bill could not be checked"
CHECKING = "The bill is being checked. This takes a few seconds; the page goes on by itself."

BRIDGE, STEPS, CONTACTS, BY_LINE = "From billed to expected", "Reasons", "Contacts behind it", "Line by line"
CORRECTIONS, DISPUTE, HISTORY, STATEMENT = "Corrections after closing", "Dispute", "History", "Statement to send"
BILLED, EXPECTED, DIFFERENCE = "Billed", "Expected", "Difference"
STEPS_ALT = "Each reason for which the bill differs, with charge, quantity, amount and number of contacts."
STEP_COLUMNS = {
    "reason": "Reason", "charge": "Charge", "quantity": "Quantity", "amount": "Billed too much", "contacts": "Contacts",
}  # fmt: skip
OF_STEP = "Reason"
CONTACTS_ALT = "Contacts this reason is about, with what the store knows of them and a link to each."
CONTACT_COLUMNS = {
    "contact": "Contact", "arrived": "Arrived", "site": "Site", "outcome": "Outcome", "handle_s": "Handled, s",
    "link": "Details",
}  # fmt: skip
OPEN_CONTACT = "Open"
ALL_CONTACTS = "All contacts of all reasons, CSV"
NOT_OURS = "not in our store"
LINES_ALT = "One row per day and charge: quantity and amount billed and expected, and the difference."
LINE_COLUMNS = {
    "day": "Day", "charge": "Charge", "billed_quantity": "Quantity billed", "expected_quantity": "Quantity expected",
    "billed": "Billed", "expected": "Expected", "difference": "Difference",
}  # fmt: skip
WHOLE_MONTH = "Whole month"
ONLY_DIFFERENT = "Only lines that differ"
KINDS = {"minimum": "Minimum", "malus": "Malus", "bonus": "Bonus"}
CORRECTIONS_NOTE = (
    "Late events changed the month after it was closed. These amounts are not on a bill that came before."
)
CORRECTION_COLUMNS = {"charge": "Charge", "was": "When closed", "is": "Now", "correction": "Correction"}

REASONS_LABEL, AMOUNT, NAME, NOTE = "Reasons", "Amount disputed", "Your name", "Note"
SEND_DISPUTE, OUTCOME, CREDITED, SEND_OUTCOME = "Note the dispute", "Outcome", "Amount credited", "Note the outcome"
OPEN_AGAIN = "Open again"
OPEN_AGAIN_NOTE = "Was the outcome wrong? Opening the dispute again undoes it; both are kept in the history."
CREDITED_HELP = "Of a dispute that was accepted or partly accepted; else it is left out."
NOTHING_TO_DISPUTE = "Nothing was billed too much, so there is nothing to dispute. It can be done all the same:"
HISTORY_ALT = "Every turn of the disputes about this bill, oldest first."
HISTORY_COLUMNS = {
    "at": "When",
    "state": "What",
    "amount": "Amount",
    "reasons": "Reasons",
    "name": "Who",
    "note": "Note",
}
WITHDRAW, WITHDRAW_WHY, SEND_WITHDRAW = "Withdraw this bill", "Why it is withdrawn", "Withdraw"
WITHDRAW_NOTE = (
    "For a bill loaded by mistake. It is kept and shown as withdrawn, counts no more, and cannot be restored."
)
NAME_NEEDED = "Please give your name: who did it is kept with it."
WHY_NEEDED = "Please say why: it is kept with the bill."
STATEMENT_NOTE = (
    "A document for the provider: the totals, every reason with its contacts by id, the rules of the contract that "
    "were applied, and all lines. The HTML prints well; the CSV has the same for a spreadsheet."
)
STATEMENT_HTML, STATEMENT_CSV = "Statement, HTML", "Statement, CSV"


def answer(sums: Sequence[Sums], deadline: Bill | None, today: date) -> str:
    """What the overview says first."""
    if not any(one.bills or one.bills_too_little for one in sums):
        return "Nothing that was billed is in question."
    parts = []
    for one in sums:
        if one.bills:
            what = money.shown(one.too_much, one.currency)
            parts.append(f"{what} too much was billed in {_bills(one.bills)}")
        if one.bills_too_little:
            parts.append(f"{money.shown(one.too_little, one.currency)} too little in {_bills(one.bills_too_little)}")
    said = f"{', '.join(parts)} not settled yet."
    if deadline is not None and deadline.dispute_by is not None:
        said += f" Next deadline to dispute: {text.day(deadline.dispute_by)} ({left(deadline.days_left(today))})."
    return said


def late(bills: int) -> str:
    """Deadlines that have passed."""
    return f"{_bills(bills)[0].upper()}{_bills(bills)[1:]} billed too much can no longer be disputed by the contract."


def not_loaded(bills: int) -> str:
    """Months that wait for their bill."""
    return f"{bills:,} {'month that is over has' if bills == 1 else 'months that are over have'} no bill loaded."


def left(days: int | None) -> str:
    """Days to a deadline."""
    if days is None:
        return ""
    if days < 0:
        return f"{-days:,} {'day' if days == -1 else 'days'} ago"
    return "today is the last day" if days == 0 else f"{days:,} {'day' if days == 1 else 'days'} left"


def option(bill: Bill) -> str:
    """A bill in the choice."""
    return f"{bill.month:%Y-%m} · {bill.provider} · {bill.number} · {STATES[bill.state]}"


def subject(bill: Bill) -> str:
    """Which bill it is."""
    return f"Bill {bill.number} of {bill.provider} for {text.month(bill.month)}"


def facts(bill: Bill, zone: str) -> str:
    """When it came and who loaded it."""
    said = f"Received {text.day(bill.received)}" if bill.received else ""
    said += f" · loaded {text.moment(bill.loaded_at, zone)} by {bill.loaded_by}" if bill.loaded_at else ""
    said += f" · {bill.items:,} contacts listed" if bill.items else " · without a list of contacts"
    if bill.exchange_rate is not None:
        said += f" · states a rate of {money.quantity(bill.exchange_rate)}"
    return said


def verdict(bill: Bill) -> str:
    """What the check of a bill found, in a sentence."""
    if bill.difference is None:
        return ""
    size = money.shown(abs(bill.difference), bill.unit)
    if not bill.difference:
        return "Billed is exactly what was expected."
    said = f"{size} too {'much' if bill.difference > 0 else 'little'} was billed"
    return f"{said}, within the tolerance of the contract." if bill.within_tolerance else f"{said}."


def deadline(bill: Bill, today: date) -> str:
    """Until when it can be disputed."""
    if bill.dispute_by is None:
        return ""
    days = (bill.dispute_by - today).days
    verb = "could be" if days < 0 else "can be"
    return f"It {verb} disputed until {text.day(bill.dispute_by)} ({left(days)})."


def sums_line(bill: Bill, steps: Sequence[Step], *, is_exact: bool) -> str:
    """That the bridge adds up."""
    whole = money.total(step.amount for step in steps)
    sign = "−" if whole >= 0 else "+"
    line = (
        f"{money.shown(bill.billed, bill.unit)} billed {sign} {money.number(abs(whole))} of all reasons = "
        f"{money.shown(bill.expected, bill.unit)} expected"
    )
    return f"{line}, exactly." if is_exact else f"{line} does not hold: this is a fault of Backstop, please report it."


def unexplained(amount: Decimal, currency: str) -> str:
    """A rest that no reason explains."""
    return (
        f"{money.shown(abs(amount), currency)} {'too much' if amount > 0 else 'too little'} cannot be explained by any "
        "of the reasons. Compare the total of the bill with its lines, and ask the provider what it is."
    )


def reason(step: Step) -> str:
    """A reason as a sentence begins."""
    return sentence(step.reason)


def sentence(name: str) -> str:
    """A reason by its name."""
    said = REASONS.get(name, name)  # type: ignore[call-overload]
    return f"{said[:1].upper()}{said[1:]}"


def step_option(step: Step) -> str:
    """A step in the choice."""
    of = f" · {step.charge}" if step.charge else ""
    return f"{SHORT.get(step.reason, step.reason)}{of} · {step.contacts:,} contacts"


def first_of(shown: int, contacts: int) -> str:
    """How many of the contacts of a reason are listed."""
    if shown == contacts:
        return f"{contacts:,} {'contact' if contacts == 1 else 'contacts'}, in the order of the bill."
    return f"The first {shown:,} of {contacts:,} contacts, in the order of the bill; the file has all of them."


def lines_total(billed: Decimal, expected: Decimal, currency: str) -> str:
    """What the lines add up to."""
    difference = money.shown(billed - expected, currency, signed=True)
    return (
        f"Lines billed {money.shown(billed, currency)}, lines expected {money.shown(expected, currency)}: {difference}."
    )


def stated_total(total: Decimal, lines: Decimal, currency: str) -> str:
    """The bill does not say at its end what its lines say."""
    said = f"The bill says {money.shown(total, currency)} at its end, but its lines add up to "
    return f"{said}{money.shown(lines, currency)}."


def in_own(own: str, currency: str) -> str:
    """Why the lines are in another currency than the bridge."""
    return f"The bill states a rate of exchange, so the bridge is in {own}; lines are in the contract's {currency}."


def withdrawn(bill: Bill, zone: str) -> str:
    """Who withdrew it."""
    said = f"Withdrawn by {bill.withdrawn_by} on {text.moment(bill.withdrawn_at, zone)}"
    return f"{said}: {bill.withdrawn_note}" if bill.withdrawn_note else f"{said}."


def not_done(error: str) -> str:
    """Ingest did not write it down."""
    return f"Not done: {error}"


def bridge_description(bill: Bill, steps: Sequence[Step]) -> str:
    """The waterfall for those who do not see it."""
    parts = []
    for step in steps:
        of = f" ({step.charge})" if step.charge else ""
        parts.append(f"{sentence(step.reason)}{of}: {money.number(-step.amount, signed=True)}")
    return (
        f"Waterfall from billed {money.shown(bill.billed, bill.unit)} to expected "
        f"{money.shown(bill.expected, bill.unit)}. {'; '.join(parts) or 'No steps'}."
    )


def begins_at(amount: Decimal, currency: str) -> str:
    """The axis does not begin at nothing."""
    return f"{currency}; the axis begins at {money.number(amount)}, not at 0"


def _bills(count: int) -> str:
    return "one bill" if count == 1 else f"{count:,} bills"


def load_wait(seconds: int) -> str:
    """While a bill that was handed in is checked."""
    return f"Handed in; waiting for its check ({seconds} s)."

"""The sentences of loading a bill. Those with a provider's own words go to `parts.plain` or a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import money

if TYPE_CHECKING:
    from decimal import Decimal

TITLE = "Load a bill"
INTRO = "Nothing is kept until you load it. Every mistake of the files is named first, with its line."
PROVIDER, MONTH, NUMBER, RECEIVED = "Provider", "Month", "Number of the bill", "Received on"
TOTAL, TOTAL_HELP = "Total it states", "What the bill says at its end. Empty: the sum of its lines."
RATE = "Rate of exchange it states"
RATE_HELP = "Your company's currency for one of the contract's, if the bill states one. Else leave it empty."
NAME = "Your name"
HOW = "Lines"
FILE, TYPED = "From a file", "Typed in"
LINES_FILE = "Lines of the bill, CSV"
LINES_HELP = "A header and a line for each line of the bill. Quantity and amount are needed."
ITEMS_FILE = "Contacts behind it, CSV (optional)"
ITEMS_HELP = (
    "Contact and end of each contact billed, with its length where minutes are paid. Differences are then traced to "
    "contacts."
)
COLUMNS_OF_LINES, COLUMNS_OF_ITEMS = "Which column of the lines is what", "Which column of the contacts is what"
COLUMNS_NOTE = "Guessed from usual names; change what is wrong."
NO_COLUMN = "(none)"
FIELDS = {
    "date": "Day", "charge": "Charge", "quantity": "Quantity", "rate": "Price of a unit", "amount": "Amount",
    "kind": "Kind (malus, bonus, minimum)", "contact_id": "Contact", "ended_at": "End of the contact",
    "seconds": "Length in seconds", "minutes": "Length in minutes",
}  # fmt: skip
CHARGES = "What the provider calls its charges"
CHARGES_NOTE = (
    "These names are not in the contract. Say which of its charges each is, or leave it: then nothing was agreed for "
    "it."
)
NOT_AGREED = "(none of them)"
TYPED_NOTE = "Day as 2026-11-03, or empty for the whole month. Numbers as 1234.50. In messages line 2 is the first row."
KINDS = ("charge", "minimum", "malus", "bonus")
MISTAKES = "Mend this first"
PREVIEW = "First lines as they will be kept"
PREVIEW_ITEMS = "First contacts as they will be kept"
PREVIEW_COLUMNS = {
    "day": "Day", "charge": "Charge", "quantity": "Quantity", "rate": "Price", "amount": "Amount", "contact": "Contact",
}  # fmt: skip
PREVIEW_ALT = "The first lines of the bill as they were read."
SEND = "Load this bill"
NOT_LOADED = "The bill was not loaded"
NUMBER_NEEDED = "Please give the number of the bill."
NAME_NEEDED = "Please give your name: who loaded a bill is kept with it."
LINES_NEEDED = "Please give the lines of the bill: a file, or typed in."
SENDING = "Handing the bill in"
NO_CONTRACTS = "There is no contract any more, so no bill can be loaded."


def found(lines: int, amount: Decimal, currency: str, items: int) -> str:
    """What was read."""
    contacts = f" and {items:,} contacts" if items else ""
    return f"{lines:,} {'line' if lines == 1 else 'lines'} that add up to {money.shown(amount, currency)}{contacts}."


def apart(total: Decimal, lines: Decimal, currency: str) -> str:
    """The total typed is not that of the lines."""
    return (
        f"The total of {money.shown(total, currency)} is {money.shown(abs(total - lines), currency)} "
        f"{'above' if total > lines else 'below'} the sum of the lines. It can be loaded so; the bridge shows the rest."
    )


def again(number: str, provider: str) -> str:
    """The number was loaded already."""
    return f"Bill {number} of {provider} was loaded already. Withdraw it first, or give another number."


def second(month: str, provider: str) -> str:
    """The month has a bill already."""
    return f"{provider} has another bill for {month} already. Both will be held against the whole month."


def bad_number(field: str, error: str) -> str:
    """A number typed into a field is none."""
    return f"{field}: {error}."

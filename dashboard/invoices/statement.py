"""A bill's statement for its provider, as one HTML file that prints, and as rows for a spreadsheet.

No script, nothing fetched, everything made up by users or providers escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from markupsafe import Markup

from dashboard import format as text
from dashboard import money
from dashboard.figures import take_away
from dashboard.invoices import charts, rules
from dashboard.invoices import words as said
from dashboard.pack.document import inline
from dashboard.paper import templates

if TYPE_CHECKING:
    from decimal import Decimal

    from dashboard.invoices.bill import Bill, Step, Turn
    from dashboard.invoices.lines import Compared
    from dashboard.queries import Status
    from models.terms.contract import Contract

TEMPLATE = "statement.html.jinja"
CHART_WIDTH = 420
_ENVIRONMENT = templates(Path(__file__).parent)


@dataclass(frozen=True)
class Whole:
    """Everything a statement says. contract: None when there is none any more. demo: whether a simulator made it."""

    bill: Bill
    contract: Contract | None
    steps: tuple[Step, ...]
    lines: tuple[Compared, ...]
    turns: tuple[Turn, ...]
    now: Status
    demo: bool


def html(whole: Whole, contacts: dict[int, list[str]]) -> str:
    """The document. contacts: all of each step, by its place from 1."""
    bill = whole.bill
    drawing = Markup()
    if whole.steps:
        chart = charts.waterfall(bill, whole.steps).properties(width=CHART_WIDTH)
        drawing = inline(take_away.svg(chart), "bridge")
    return _ENVIRONMENT.get_template(TEMPLATE).render(
        bill=bill,
        said=said,
        drawing=drawing,
        demo=whole.demo,
        month=text.month(bill.month),
        received=text.day(bill.received) if bill.received else "",
        made=text.moment(whole.now.asked_at, whole.now.reporting_zone),
        checked=said.verdict(bill),
        deadline=said.deadline(bill, whole.now.today),
        owners=whole.contract.owners if whole.contract else None,
        reference=whole.contract.reference if whole.contract else "",
        rules=rules.in_words(whole.contract, bill.month) if whole.contract else [],
        steps=[
            (place, said.sentence(step.reason), step.charge, money.quantity(step.quantity) if step.quantity else "",
             money.number(step.amount), step.contacts)
            for place, step in enumerate(whole.steps, 1)
        ],
        totals={
            name: money.shown(amount, bill.unit, signed=name == said.DIFFERENCE)
            for name, amount in _totals(bill)
        },
        sums=said.sums_line(bill, whole.steps, is_exact=True),
        lines=[
            (line.day.isoformat() if line.day else said.WHOLE_MONTH, said.KINDS.get(line.kind, line.charge),
             money.quantity(line.billed_quantity), money.quantity(line.expected_quantity), money.number(line.billed),
             money.number(line.expected), money.number(line.difference, signed=True) if line.difference else "")
            for line in whole.lines
        ],
        lines_total=said.lines_total(
            money.total(line.billed for line in whole.lines), money.total(line.expected for line in whole.lines),
            bill.currency,
        ),
        in_own=said.in_own(bill.unit, bill.currency) if bill.in_own else "",
        turns=[
            (text.moment(turn.at, whole.now.reporting_zone), said.TURNS.get(turn.state, turn.state),
             money.shown(turn.amount, bill.unit) if turn.amount is not None else "", turn.name)
            for turn in whole.turns
        ],
        annex=[
            (place, said.sentence(step.reason), step.charge, contacts.get(place, []))
            for place, step in enumerate(whole.steps, 1) if contacts.get(place)
        ],
    )  # fmt: skip


def csv(whole: Whole, contacts: dict[int, list[str]]) -> bytes:
    """The same as rows: `part` says what a row is of."""
    bill = whole.bill
    rows: list[dict[str, object]] = [
        {"part": "total", "what": name, "amount": money.trimmed(amount), "currency": bill.unit}
        for name, amount in _totals(bill)
    ]
    rows += [
        {
            "part": "reason", "number": str(place), "what": said.sentence(step.reason), "charge": step.charge,
            "billed_quantity": money.trimmed(step.quantity, 0) if step.quantity else None,
            "amount": money.trimmed(step.amount), "currency": bill.unit,
        }
        for place, step in enumerate(whole.steps, 1)
    ]  # fmt: skip
    rows += [
        {
            "part": "line", "day": line.day.isoformat() if line.day else said.WHOLE_MONTH,
            "charge": said.KINDS.get(line.kind, line.charge), "billed_quantity": money.trimmed(line.billed_quantity, 0),
            "expected_quantity": money.trimmed(line.expected_quantity, 0), "billed": money.trimmed(line.billed),
            "expected": money.trimmed(line.expected), "amount": money.trimmed(line.difference),
            "currency": bill.currency,
        }
        for line in whole.lines
    ]  # fmt: skip
    rows += [
        {"part": "rule", "number": str(number), "what": rule}
        for number, rule in enumerate(rules.in_words(whole.contract, bill.month) if whole.contract else [], 1)
    ]
    rows += [
        {"part": "contact", "number": str(place), "contact": contact}
        for place, of in contacts.items()
        for contact in of
    ]
    head = {"provider": bill.provider, "bill": bill.number, "month": f"{bill.month:%Y-%m}"}
    columns = [
        *head, "part", "number", "what", "day", "charge", "contact", "billed_quantity", "expected_quantity", "billed",
        "expected", "amount", "currency",
    ]  # fmt: skip
    frame = pd.DataFrame([head | row for row in rows], columns=columns, dtype=object)
    return take_away.csv(frame.where(frame.notna(), None), ())


def _totals(bill: Bill) -> list[tuple[str, Decimal | None]]:
    return [(said.BILLED, bill.billed), (said.EXPECTED, bill.expected), (said.DIFFERENCE, bill.difference)]

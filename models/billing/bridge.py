"""Why a bill differs from what was expected: reasons that sum to the difference exactly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from models.billing import amounts
from models.billing.bill import Bill, BilledKind, BilledLine, Known
from models.billing.charge_bridge import ChargeBridge
from models.billing.invoice import Invoice
from models.billing.months import segments
from models.billing.step import REASONS, Reason, Step
from models.terms.contract import Contract


@dataclass(frozen=True, slots=True)
class Bridge:
    """From the billed total to the expected one: billed - sum of the steps = expected."""

    billed: Decimal
    expected: Decimal
    steps: tuple[Step, ...]
    """Those that are not nothing, in the order of `REASONS`; a step `unexplained` must be shown."""
    in_own: bool
    """Whether amounts are in the company's currency rather than the contract's: the bill states a rate of exchange."""
    within_tolerance: bool
    """Whether the difference, in the contract's currency, is small enough to let pass."""
    dispute_by: date
    """Last day to dispute the bill."""

    @property
    def difference(self) -> Decimal:
        """What was billed too much; below 0 when it was too little."""
        return self.billed - self.expected


def bridge(contract: Contract, invoice: Invoice, bill: Bill, known: Iterable[Known] = ()) -> Bridge:
    """Correct a bill charge by charge and reason by reason until it is the invoice.

    invoice: of the same month, all of it known. known: for each charge with items the contacts of our store that are
    listed or that the contract pays. Charges without items are compared by their quantities. Raises ValueError when
    the months differ.
    """
    if invoice.month != bill.month:
        raise ValueError(f"expected a bill of {invoice.month:%Y-%m}, got one of {bill.month:%Y-%m}")
    billed = amounts.total([line.amount for line in bill.lines]) if bill.total is None else bill.total
    steps = _not_agreed(contract, bill) + _charges(contract, invoice, bill, list(known)) + _of_month(invoice, bill)
    steps.sort(key=lambda step: list(REASONS).index(step.reason))
    rest = billed - invoice.total - amounts.total([step.amount for step in steps])
    if rest:
        steps.append(Step("unexplained", "", Decimal(0), rest))
    within = abs(billed - invoice.total) <= contract.tolerance
    dispute_by = bill.received + timedelta(days=contract.dispute_days)
    if bill.exchange_rate is None:
        return Bridge(billed, invoice.total, tuple(steps), False, within, dispute_by)
    whole, converted = _exchanged(invoice, billed, steps, bill.exchange_rate)
    return Bridge(whole, invoice.own.amount, tuple(converted), True, within, dispute_by)


def _agreed(contract: Contract, bill: Bill, line: BilledLine) -> bool:
    return any(
        charge.name == line.charge
        for segment in segments(contract, bill.month)
        if line.day is None or segment.first <= line.day <= segment.last
        for charge in segment.terms.charges
    )


def _not_agreed(contract: Contract, bill: Bill) -> list[Step]:
    return [
        Step("not_agreed", line.charge, line.quantity, line.amount)
        for line in bill.lines
        if line.kind == "charge" and not _agreed(contract, bill, line)
    ]


def _charges(contract: Contract, invoice: Invoice, bill: Bill, known: list[Known]) -> list[Step]:
    parts = segments(contract, bill.month)
    names = dict.fromkeys(charge.name for segment in parts for charge in segment.terms.charges)
    found: list[Step] = []
    for name in names:
        ours = [line for line in invoice.lines if line.charge == name and line.kind != "minimum"]
        lines = [
            line
            for line in bill.lines
            if line.charge == name and line.kind == "charge" and _agreed(contract, bill, line)
        ]
        items = [item for item in bill.items if item.charge == name]
        of_charge = {contact.contact_id: contact for contact in known if contact.charge == name}
        found += ChargeBridge(name, parts, ours).steps(lines, items, of_charge)
    return found


def _of_month(invoice: Invoice, bill: Bill) -> list[Step]:
    effect = invoice.effect.on_bill
    owed: dict[BilledKind, Decimal] = {
        "minimum": invoice.minimum,
        "malus": min(effect, Decimal(0)),
        "bonus": max(effect, Decimal(0)),
    }
    reasons: dict[BilledKind, Reason] = {"minimum": "minimum", "malus": "malus", "bonus": "bonus"}
    found = []
    for kind, amount in owed.items():
        more = amounts.total([line.amount for line in bill.lines if line.kind == kind]) - amount
        if more:
            found.append(Step(reasons[kind], "", Decimal(0), more))
    return found


def _exchanged(invoice: Invoice, billed: Decimal, steps: list[Step], rate: Decimal) -> tuple[Decimal, list[Step]]:
    """The same walk in the company's currency at the bill's rate, then from that rate to ours."""

    def own(amount: Decimal) -> Decimal:
        return amounts.amount(Fraction(amount) * Fraction(rate), invoice.rounding)

    found, at = [], billed
    for step in steps:
        after = at - step.amount
        found.append(Step(step.reason, step.charge, step.quantity, own(at) - own(after), step.contacts))
        at = after
    by_rate = own(invoice.total) - invoice.own.amount
    if by_rate:
        place = len(found) - (bool(found) and found[-1].reason == "unexplained")
        found.insert(place, Step("exchange", "", Decimal(0), by_rate))
    return own(billed), found

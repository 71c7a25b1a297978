"""What the page has ingest write down. Each returns what ingest answers and raises DeskError."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dashboard.desk import ask_ingest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST_NAME, LONGEST_NOTE = 80, 2000
LOAD_DEADLINE_S = 60.0


def load(
    *, provider: str, month: date, number: str, received: date, name: str, lines_csv: str, items_csv: str,
    total: Decimal | None, exchange_rate: Decimal | None, mapping: Mapping[str, str], items_mapping: Mapping[str, str],
) -> str:  # fmt: skip
    """Hand a bill in; returns its id. It is checked a moment later."""
    args: dict[str, Any] = {
        "provider": provider, "month": month.isoformat(), "number": number, "received": received.isoformat(),
        "name": name, "lines_csv": lines_csv, "items_csv": items_csv, "total": _amount(total),
        "exchange_rate": _amount(exchange_rate), "mapping": dict(mapping), "items_mapping": dict(items_mapping),
    }  # fmt: skip
    return str(ask_ingest("bills load", args, LOAD_DEADLINE_S)["bill_id"])


def withdraw(bill_id: str, name: str, note: str) -> None:
    """Withdraw a bill that was loaded by mistake."""
    ask_ingest("bills withdraw", {"bill_id": bill_id, "name": name, "note": note})


def dispute(bill_id: str, reasons: Sequence[str], amount: Decimal | None, name: str, note: str) -> None:
    """Note that a bill is disputed."""
    args = {"bill_id": bill_id, "reasons": list(reasons), "amount": _amount(amount), "name": name, "note": note}
    ask_ingest("bills dispute", args)


def turn(dispute_id: str, state: str, amount: Decimal | None, name: str, note: str) -> None:
    """Note what became of a dispute, or that it is open again."""
    args = {"dispute_id": dispute_id, "state": state, "amount": _amount(amount), "name": name, "note": note}
    ask_ingest("bills turn", args)


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else str(value)

"""The command line of bills: `backstop bills load`, `list`, `show`, `withdraw`, `dispute` and `settle`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from ingest.alerting.message import clean
from ingest.costing.bills import STATES, Received
from ingest.migrate import StoreError
from ingest.upkeep import bills, report
from ingest.upkeep.client import run
from ingest.upkeep.commands import DataDir, plain_errors, progress, settings_of
from models.billing.step import REASONS

bills_app = typer.Typer(no_args_is_help=True, help="Bills of providers: load them, see why they differ, dispute them.")
MAX_FILE_BYTES = 24 << 20

BillId = Annotated[str, typer.Argument(metavar="BILL", help="Id of the bill, as `list` prints it.")]
Who = Annotated[str, typer.Option("--name", help="Who says so.")]
Note = Annotated[str, typer.Option(help="What there is to say of it.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@bills_app.command("load")
def load_bill(
    lines: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with a line of the bill on each line.")],
    provider: Annotated[str, typer.Option(help="Whose bill it is, as in its contract.")],
    month: Annotated[str, typer.Option(help="Month it is for, for example 2026-11.")],
    name: Who,
    number: Annotated[str | None, typer.Option(help="Number of the bill. Default: the name of the file.")] = None,
    items: Annotated[Path | None, typer.Option(help="CSV with the contacts behind it.")] = None,
    received: Annotated[str | None, typer.Option(help="Day it was received. Default: today.")] = None,
    total: Annotated[str | None, typer.Option(help="What it says at the end. Default: the sum of its lines.")] = None,
    rate: Annotated[str | None, typer.Option(help="Rate of exchange it states.")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help='NAME=COLUMN of FILE, for example "amount=Net EUR"; "charge:THEIRS=OURS" for a charge.'),
    ] = None,
    item_column: Annotated[list[str] | None, typer.Option(help="NAME=COLUMN of the file of --items.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Load a bill. It is held against what was expected a moment later; `show` says why they differ."""
    with plain_errors(), progress() as on_step:
        settings = settings_of(data_dir)
        asked = Received(
            provider=provider,
            month=_month(month),
            number=number or lines.stem,
            received=day_of("--received", received) if received else settings.clock.now().astimezone(UTC).date(),
            lines_csv=_text(lines),
            name=name,
            items_csv=_text(items) if items else "",
            total=_number("--total", total),
            exchange_rate=_number("--rate", rate),
            mapping=_pairs("--column", column),
            items_mapping=_pairs("--item-column", item_column),
        )
        done = run(settings, bills.LOAD, asked, on_step)
    typer.echo(f"bill {done.bill_id} loaded: {done.lines} lines, {done.items} contacts")


@bills_app.command("list")
def list_bills(
    provider: Annotated[str | None, typer.Option(help="Of this provider only.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many.")] = 100,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """List bills, the newest month first."""
    with plain_errors(), progress() as on_step:
        found = run(settings_of(data_dir), bills.LIST, bills.Listing(provider, limit), on_step)
    for line in (json.dumps(report.builtin(bill)) for bill in found) if as_json else listing(found):
        typer.echo(line)


@bills_app.command("show")
def show_bill(bill_id: BillId, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Show why a bill differs from what was expected, reason by reason."""
    with plain_errors(), progress() as on_step:
        found = run(settings_of(data_dir), bills.SHOW, bills.Show(bill_id), on_step)
    for line in [json.dumps(report.builtin(found))] if as_json else shown(found):
        typer.echo(line)


@bills_app.command("withdraw")
def withdraw_bill(bill_id: BillId, name: Who, note: Note = "", data_dir: DataDir = None) -> None:
    """Withdraw a bill that was loaded by mistake; it is kept, and counts no more."""
    with plain_errors(), progress() as on_step:
        run(settings_of(data_dir), bills.WITHDRAW, bills.Withdraw(bill_id, name, note), on_step)
    typer.echo(f"bill {bill_id} withdrawn")


@bills_app.command("dispute")
def dispute_bill(
    bill_id: BillId,
    name: Who,
    reason: Annotated[list[str] | None, typer.Option(help=f"Why: {', '.join(REASONS)}.")] = None,
    amount: Annotated[str | None, typer.Option(help="How much. Default: all of the difference.")] = None,
    note: Note = "",
    data_dir: DataDir = None,
) -> None:
    """Note that a bill is disputed."""
    with plain_errors(), progress() as on_step:
        asked = bills.Dispute(bill_id, name, reason or [], _number("--amount", amount), note)
        done = run(settings_of(data_dir), bills.DISPUTE, asked, on_step)
    typer.echo(f"dispute {done.id} noted")


@bills_app.command("settle")
def settle_dispute(
    dispute_id: Annotated[str, typer.Argument(metavar="DISPUTE", help="Id of the dispute.")],
    state: Annotated[str, typer.Option(help=f"What became of it: {', '.join(STATES)}.")],
    name: Who,
    amount: Annotated[str | None, typer.Option(help="How much was credited.")] = None,
    note: Note = "",
    data_dir: DataDir = None,
) -> None:
    """Note what became of a dispute."""
    with plain_errors(), progress() as on_step:
        asked = bills.Turn(dispute_id, state, name, _number("--amount", amount), note)
        run(settings_of(data_dir), bills.TURN, asked, on_step)
    typer.echo(f"dispute {dispute_id}: {state}")


def listing(found: list[bills.Listed]) -> Iterator[str]:
    """The bills as columns."""
    if not found:
        yield "no bills"
        return
    rows = [
        (
            bill.bill_id, f"{bill.month:%Y-%m}", clean(bill.provider), clean(bill.number),
            f"{bill.billed:,.2f} {bill.currency}" if bill.billed is not None else "",
            f"{bill.difference:+,.2f}" if bill.difference is not None else bill.trouble or "not checked yet",
            bill.state,
        )
        for bill in found
    ]  # fmt: skip
    yield from report.columns(rows)


def shown(found: bills.Shown) -> Iterator[str]:
    """A bill and the steps that lead to what was expected."""
    bill = found.bill
    yield f"bill {clean(bill.number)} of {clean(bill.provider)} for {bill.month:%B %Y}, received {bill.received}"
    if bill.billed is None or bill.expected is None:
        yield bill.trouble or "not checked yet"
        return
    yield f"{bill.billed:14,.2f} {bill.currency}  billed"
    for step in found.steps:
        about = f" ({clean(step.charge)})" if step.charge else ""
        contacts = f", {len(step.contacts):,} contacts" if step.contacts else ""
        yield f"{-step.amount:+14,.2f} {bill.currency}  {REASONS[step.reason]}{about}{contacts}"  # type: ignore[index]
    yield f"{bill.expected:14,.2f} {bill.currency}  expected"
    yield "within the tolerance" if bill.within_tolerance else f"can be disputed until {bill.dispute_by}"


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > MAX_FILE_BYTES:
        raise StoreError(f"{path}: too large: expected at most {MAX_FILE_BYTES:,} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise StoreError(f"{path}:{line}: not UTF-8: expected a text file in this encoding") from error


def _month(given: str) -> date:
    try:
        return datetime.strptime(given, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        raise StoreError(f"--month: expected a month such as 2026-11, got {given[:40]!r}") from None


def day_of(option: str, given: str) -> date:
    """A day as an option gives it. Raises StoreError."""
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise StoreError(f"{option}: expected a day such as 2026-12-03, got {given[:40]!r}") from None


def _number(option: str, given: str | None) -> Decimal | None:
    if given is None:
        return None
    try:
        found = Decimal(given)
    except InvalidOperation:
        found = Decimal("nan")
    if not found.is_finite() or abs(found) >= 10**11:
        raise StoreError(f"{option}: expected a number such as 1234.50, got {given[:40]!r}")
    return found


def _pairs(option: str, given: list[str] | None) -> dict[str, str]:
    pairs = {}
    for text in given or []:
        name, equals, column = text.partition("=")
        if not equals or not name or not column:
            raise StoreError(f"{option}: expected NAME=COLUMN, got {text[:60]!r}")
        pairs[name.strip()] = column.strip()
    return pairs


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.add_typer(bills_app, name="bills")

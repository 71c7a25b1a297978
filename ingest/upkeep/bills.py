"""Bills for people: handing one in, seeing what its check found, disputing it, and what came of that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import msgspec

from ingest.costing import bills
from ingest.costing.bills import Received
from ingest.decoding.messages import Decodes
from ingest.migrate import StoreError
from ingest.store import Store
from ingest.upkeep.work import Command, Done, Work


class Loaded(msgspec.Struct, frozen=True):
    """The bill that was taken in; it is checked a moment later."""

    bill_id: str
    lines: int
    items: int


class Listing(msgspec.Struct, frozen=True):
    """Bills to list, the newest month first."""

    provider: str | None = None
    limit: int = 100


class Listed(msgspec.Struct, frozen=True):
    """A bill, as view `bills` has it, with what its check found."""

    bill_id: str
    provider: str
    month: date
    number: str
    received: date
    currency: str
    billed: Decimal | None
    expected: Decimal | None
    difference: Decimal | None
    within_tolerance: bool | None
    dispute_by: date | None
    state: str
    trouble: str | None


class Show(msgspec.Struct, frozen=True):
    """A bill whose check to show."""

    bill_id: str


class Step(msgspec.Struct, frozen=True):
    """A step of the bridge from what was billed to what was expected."""

    reason: str
    charge: str
    quantity: Decimal
    amount: Decimal
    contacts: list[str]


class Shown(msgspec.Struct, frozen=True):
    """A bill and the steps that sum to its difference."""

    bill: Listed
    steps: list[Step]


class Withdraw(msgspec.Struct, frozen=True):
    """A bill that was loaded by mistake."""

    bill_id: str
    name: str
    note: str = ""


class Dispute(msgspec.Struct, frozen=True):
    """What is disputed of a bill; no amount: all of its difference."""

    bill_id: str
    name: str
    reasons: list[str] = []
    amount: Decimal | None = None
    note: str = ""


class Turn(msgspec.Struct, frozen=True):
    """What became of a dispute: a state of `ingest.costing.bills.STATES`, and how much was credited."""

    dispute_id: str
    state: str
    name: str
    amount: Decimal | None = None
    note: str = ""


def load(store: Store, _: Callable[[], Decodes], asked: Received) -> Work[Loaded]:
    """Take a bill in. Raises StoreError, which names every mistake of its files."""
    yield from ()
    contracts = {contract.provider: contract for contract in store.documents.contracts}
    with store.transaction():
        bill_id = bills.take_in(store.connection, contracts, asked, _now(store))
    counts = store.connection.execute(
        "select (select count(*) from private.bill_line where bill_id = $id), "
        "(select count(*) from private.bill_item where bill_id = $id)",
        {"id": bill_id},
    ).fetchall()
    return Loaded(bill_id, *counts[0])


def list_bills(store: Store, _: Callable[[], Decodes], asked: Listing) -> Work[list[Listed]]:
    """The bills asked for."""
    yield from ()
    rows = store.connection.execute(
        f"select {', '.join(Listed.__struct_fields__)} from bills where $provider is null or provider = $provider "
        "order by month desc, provider, number limit $limit",
        {"provider": asked.provider, "limit": asked.limit},
    ).fetchall()
    return [Listed(*row) for row in rows]


def show(store: Store, _: Callable[[], Decodes], asked: Show) -> Work[Shown]:
    """A bill with the steps of its check. Raises StoreError for one there is not."""
    yield from ()
    rows = store.connection.execute(
        f"select {', '.join(Listed.__struct_fields__)} from bills where bill_id = ?", [asked.bill_id]
    ).fetchall()
    if not rows:
        raise StoreError(f"there is no bill {asked.bill_id[:40]!r}; `backstop bills list` has those there are")
    steps = store.connection.execute(
        f"select {', '.join(Step.__struct_fields__)} from bill_steps where bill_id = ? order by step", [asked.bill_id]
    ).fetchall()
    return Shown(Listed(*rows[0]), [Step(*step) for step in steps])


def withdraw(store: Store, _: Callable[[], Decodes], asked: Withdraw) -> Work[Done]:
    """Withdraw a bill. Raises StoreError."""
    yield from ()
    now = _now(store)
    with store.transaction():
        bills.withdraw(store.connection, asked.bill_id, asked.name, asked.note, now)
    return Done(asked.bill_id, now)


def dispute(store: Store, _: Callable[[], Decodes], asked: Dispute) -> Work[Done]:
    """Note a dispute. Raises StoreError."""
    yield from ()
    now = _now(store)
    with store.transaction():
        made = bills.dispute(
            store.connection, asked.bill_id, asked.reasons, asked.amount, asked.name, asked.note, now
        )  # fmt: skip
    return Done(made, now)


def turn(store: Store, _: Callable[[], Decodes], asked: Turn) -> Work[Done]:
    """Note what became of a dispute. Raises StoreError."""
    yield from ()
    now = _now(store)
    with store.transaction():
        bills.turn(store.connection, asked.dispute_id, asked.state, asked.amount, asked.name, asked.note, now)
    return Done(asked.dispute_id, now)


def _now(store: Store) -> datetime:
    return store.settings.clock.now().replace(tzinfo=None)


LOAD = Command("bills load", Received, Loaded, load)
LIST = Command("bills list", Listing, list[Listed], list_bills)
SHOW = Command("bills show", Show, Shown, show)
WITHDRAW = Command("bills withdraw", Withdraw, Done, withdraw)
DISPUTE = Command("bills dispute", Dispute, Done, dispute)
TURN = Command("bills turn", Turn, Done, turn)

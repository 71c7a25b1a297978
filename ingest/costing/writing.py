"""Appending a month that came out another way than before, and what is known of how far everything is computed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from ingest.arrow import insert_arrow
from ingest.costing.month import Month
from ingest.rollup.passed import drop
from models.billing.earn_back import EarnBack
from models.billing.stake import Stake

_MONEY, _FINE = pa.decimal128(18, 4), pa.decimal128(18, 6)
_PLACES: dict[Any, Decimal] = {_MONEY: Decimal("0.0001"), _FINE: Decimal("0.000001")}
_LINES: dict[str, Any] = {
    "bill_date": pa.date32(), "charge": pa.string(), "kind": pa.string(), "unit": pa.string(), "quantity": _FINE,
    "rate": _FINE, "amount": _MONEY, "terms_from": pa.date32(), "note": pa.string(),
}  # fmt: skip
_COSTS: dict[str, Any] = {
    "date": pa.date32(), "site": pa.string(), "channel": pa.string(), "topic": pa.string(), "contacts": pa.int64(),
    "handle_ms": pa.int64(), "amount": _FINE, "labour": _FINE, "constant_amount": _FINE,
}  # fmt: skip
_ISSUES: dict[str, Any] = {
    "issue_month": pa.date32(), "owner_site": pa.string(), "site": pa.string(), "channel": pa.string(),
    "topic": pa.string(), "issues": pa.int64(), "contacts": pa.int64(), "amount": _FINE,
}  # fmt: skip


def write(
    connection: duckdb.DuckDBPyConnection, month: Month, stakes: Iterable[Stake], terms: str, now: datetime
) -> None:
    """Append the month as a build of its own. Use within a transaction. now: UTC without a zone."""
    ((build,),) = connection.execute("select coalesce(max(build), 0) + 1 from private.costed_month").fetchall()
    bill = month.bill
    connection.execute(
        "insert into private.costed_month by name select $build::bigint as build, $party as party, "
        "$month::date as month, $now::timestamp as computed_at, $until::date as until_date, $closed as is_closed, "
        "$terms as terms, $digest as digest, $currency as currency, $subtotal::decimal(18, 4) as subtotal, "
        "$minimum::decimal(18, 4) as minimum, $effect::decimal(18, 4) as effect, "
        "$on_bill::decimal(18, 4) as effect_on_bill, $claim_by::date as claim_by, $total::decimal(18, 4) as total, "
        "$own::decimal(18, 4) as own_total, $constant::decimal(18, 4) as constant_total, "
        "$rate::decimal(18, 6) as rate, $notes::varchar[] as notes, $trouble as trouble",
        {
            "build": build, "party": month.party, "month": month.month, "now": now, "until": month.until,
            "closed": month.is_closed, "terms": terms, "digest": month.digest, "currency": month.currency,
            "subtotal": bill and bill.subtotal, "minimum": bill and bill.minimum,
            "effect": bill and bill.effect.amount, "on_bill": bill and bill.effect.on_bill,
            "claim_by": bill and bill.effect.claim_by, "total": bill and bill.total,
            "own": month.own_total, "constant": month.constant_total,
            "rate": month.rate, "notes": list(month.notes), "trouble": month.trouble,
        },
    )  # fmt: skip
    key = {"build": build, "party": month.party, "month": month.month}
    lines = [
        (
            line.day, line.charge, line.kind, line.unit, line.quantity, line.rate, line.amount, line.terms_from,
            line.note,
        )
        for line in (bill.lines if bill else ())
    ]  # fmt: skip
    costs = [
        (*place, cost.contacts, cost.handle_ms, cost.amount, cost.labour, cost.constant)
        for place, cost in month.costs.items()
    ]
    issues = [
        (
            row.work.issue_month, row.work.owner_site, row.work.site, row.work.channel, row.work.topic,
            row.work.issues, row.work.contacts, row.amount,
        )
        for row in month.issues
    ]  # fmt: skip
    _insert(connection, "expected_line", key, _LINES, lines)
    _insert(connection, "cost_day", key, _COSTS, costs)
    _insert(connection, "issue_cost", key, _ISSUES, issues)
    by_metric = {stake.level.metric: stake for stake in stakes}
    for scored in bill.effect.levels if bill else ():
        level, stake = scored.level, by_metric.get(scored.level.metric)
        connection.execute(
            "insert into private.expected_level values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *key.values(), level.metric, level.target, level.worst, level.best, scored.weight, scored.value,
                scored.n, scored.counts, scored.met, scored.score, scored.amount,
                stake and stake.standing, stake and stake.needed, stake and stake.most, stake and stake.save_by,
            ],
        )  # fmt: skip


def mark(
    connection: duckdb.DuckDBPyConnection, party: str, month: date, source_build: int, terms: str, now: datetime
) -> None:
    """Note up to which build of days a month is computed. Use within a transaction."""
    connection.execute("delete from private.costed_upto where party = ? and month = ?", [party, month])
    connection.execute(
        "insert into private.costed_upto values (?, ?, ?, ?, ?)", [party, month, source_build, terms, now]
    )


def write_earn_back(connection: duckdb.DuckDBPyConnection, party: str, found: Iterable[EarnBack]) -> None:
    """Replace what became of a provider's maluses. Use within a transaction."""
    connection.execute("delete from private.earn_back where party = ?", [party])
    for month in found:
        values = [party, month.month, month.malus, month.earned_back, month.state, month.on]
        connection.execute("insert into private.earn_back values (?, ?, ?, ?, ?, ?)", values)


def drop_passed(connection: duckdb.DuckDBPyConnection) -> None:
    """Delete what later builds replaced, but what a month was when it was closed, once that is much."""
    kept = (
        "build in (select max(build) from private.costed_month group by party, month "
        "union all select min(build) from private.costed_month where is_closed group by party, month)"
    )
    for table in ("expected_line", "expected_level", "cost_day", "issue_cost"):
        drop(connection, f"private.{table}", kept)
    drop(
        connection,
        "private.costed_upto",
        "(party, month, source_build) in "
        "(select (party, month, max(source_build)) from private.costed_upto group by party, month)",
    )


def _insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    key: dict[str, Any],
    columns: dict[str, Any],
    rows: list[tuple[Any, ...]],
) -> None:
    if not rows:
        return
    arrays: dict[str, Any] = {
        name: pa.array([_fitting(row[n], kind) for row in rows], kind) for n, (name, kind) in enumerate(columns.items())
    }
    head: dict[str, Any] = {
        "build": pa.array([key["build"]] * len(rows), pa.int64()),
        "party": pa.array([key["party"]] * len(rows), pa.string()),
        "month": pa.array([key["month"]] * len(rows), pa.date32()),
    }
    insert_arrow(connection, f"private.{table}", pa.table(head | arrays))


def _fitting(value: Any, kind: Any) -> Any:
    return value.quantize(_PLACES[kind]) if isinstance(value, Decimal) else value

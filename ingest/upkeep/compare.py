"""Two stores row by row: what is the same, and the first things that are not.

Rows are compared by a hash of all their values, so that no order of them matters and tables of any size can be
compared. Sums of fractions may differ in the last digits by the order of their terms: that is no difference.
"""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import zip_longest
from typing import Any, NamedTuple

import duckdb

from ingest.upkeep.work import OnStep, Step
from models import rollups
from models.fold import FACTS
from models.metrics import views

COPIED = (
    "refused",
    "refused_settled",
    "kafka_position",
    "batch_site",
    "ingest_log",
    "week_figures",
    "week_touched",
    "retained",
    "forecast_version",
    "forecast_slot",
    "plan_slot",
    "staffed_slot",
    "alert_state",
    "alert_event",
    "alert_sent",
    "costed_month",
    "expected_line",
    "expected_level",
    "cost_day",
    "issue_cost",
    "earn_back",
    "costed_upto",
    "bill",
    "bill_withdrawn",
    "bill_line",
    "bill_item",
    "bill_check",
    "bill_step",
    "dispute",
    "scenario",
    "scenario_state",
    "decision",
    "drill",
)
"""Tables that a rebuild copies, since they cannot be derived from events."""

_WRITTEN_AT_START = (
    "setting",
    "site",
    "opening_hours",
    "target",
    "topic",
    "topic_code",
    "contract",
    "in_house_cost",
    "in_house_figure",
    "exchange_rate",
    "charge_rule",
)
# They are their tables, with JSON and text read once more.
_OF_ONE_TABLE = {"events", "quarantine"}
# When a store was rolled up last is its own affair.
_OF_THE_STORE = {"rolled_up"}
_OF_SUMS = {*rollups.VIEWS, *views.VIEWS, "forecasts", "forecast_errors"} - {"metrics"}
"""Views that are as old as the last roll-up; left out when the old store had not come so far."""
_EXAMPLES = 10
_LOOKED_AT = 20_000
"""Among more different rows than this nobody looks for such that differ in the last digits only."""

_NAMING = ("site", "week_start", "event_id", "name", "queue", "channel")
"""Columns that say which row it is; a contact's row is that of its site and id, whatever its queue."""
_OF_CONTACT = ("site", "contact_id")
_SHOWN = 80

Row = dict[str, Any]


class Example(NamedTuple):
    """One value that differs: in which row, in which column; for a row that only one has, column is empty."""

    row: str
    column: str
    was: str
    now: str


class Compared(NamedTuple):
    """A table or view: rows that are equal, that only the old store has, that only the new one has."""

    name: str
    equal: int
    only_old: int
    only_new: int
    examples: list[Example]

    @property
    def is_equal(self) -> bool:
        """Whether both have the same rows."""
        return not self.only_old and not self.only_new


def compare(connection: duckdb.DuckDBPyConnection, old: str, on_step: OnStep) -> list[Compared]:
    """Compare the open store with the one attached as `old`, which both must be of the present schema.

    One transaction holds all of it, so that views that ask for the present are asked at the same instant.
    """
    relations = _relations(connection)
    behind = _sums_are_behind(connection, old)
    if behind:
        relations = {name: query for name, query in relations.items() if name not in _OF_SUMS}
    compared = []
    connection.execute("begin transaction")
    try:
        for n, (name, query) in enumerate(relations.items()):
            on_step(Step(n, len(relations), "tables and views compared"))
            compared.append(_compared(connection, name, query.format(store=f"{old}."), query.format(store="")))
    finally:
        connection.execute("rollback")
    return compared


def _sums_are_behind(connection: duckdb.DuckDBPyConnection, old: str) -> bool:
    """Whether the old store was closed before all that was committed was in its sums by day."""
    return bool(
        connection.execute(
            f"""
            select count(*) < 2
                or coalesce(min(last_version), 0)
                    < (select coalesce(max(version), 0) from {old}.private.contact_version)
                or coalesce(min(last_batch), 0) < (select coalesce(max(batch), 0) from {old}.private.batch_site)
            from (
                select kind, max(last_version) as last_version, max(last_batch) as last_batch
                from {old}.private.rolled_up group by kind
            )
            """
        ).fetchall()[0][0]
    )


def _relations(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """What is compared, by name, as queries with the place of a store's name in them."""
    tables = {f"private.{name}": f"from {{store}}private.{name}" for name in (*_WRITTEN_AT_START, *COPIED, "event")}
    left_out = _OF_ONE_TABLE | _OF_THE_STORE
    of_readers = {name: f"from {{store}}main.{name}" for name in reader_views(connection) if name not in left_out}
    return tables | {"private.contact_version": _VERSIONS} | of_readers


def reader_views(connection: duckdb.DuckDBPyConnection, store: str = "") -> dict[str, list[str]]:
    """The columns of each readers' view, by name: of the open store, or of the one attached as `store`."""
    name = f"'{store}'" if store else "current_database()"
    rows = connection.execute(
        "select view_name, list(column_name || ' ' || data_type order by column_index) "
        "from duckdb_views() v join duckdb_columns() c "
        "on (c.database_name, c.schema_name, c.table_name) = (v.database_name, v.schema_name, v.view_name) "
        f"where v.database_name = {name} and not v.internal and v.schema_name = 'main' group by all order by all"
    ).fetchall()
    return dict(rows)


def _facts_with_revisions() -> str:
    """Facts that were folded before there were revisions have none; that is revision 0.

    Written out field by field: struct_update of DuckDB 1.5.5 corrupts its memory where a struct is NULL.
    """
    parts = []
    for rule in FACTS:
        of = "fact" if rule.keep == "all" else rule.column
        fields = ", ".join(f"'{name}': {of}.\"{name}\"" for name in ("at", "id", *rule.fields))
        fact = f"{{{{{fields}, 'revision': coalesce({of}.revision, 0)}}}}"
        if rule.keep == "all":
            parts.append(f"list_transform({rule.column}, lambda fact: {fact}) as {rule.column}")
        else:
            parts.append(f"case when {rule.column} is not null then {fact} end as {rule.column}")
    return ", ".join(parts)


_VERSIONS = (
    f"select * exclude (version) replace ({_facts_with_revisions()}) from {{store}}private.contact_version "
    "anti join {store}private.contact_replaced using (version)"
)


def _compared(connection: duckdb.DuckDBPyConnection, name: str, was: str, now: str) -> Compared:
    for table, query in (("rows_was", was), ("rows_now", now)):
        connection.execute(
            f"create or replace temp table {table} as "
            f"select hash(r) as h, count(*) as n from ({_as_select(query)}) r group by h"
        )
    equal, only_old, only_new = connection.execute(
        """
        select
            coalesce(sum(least(coalesce(w.n, 0), coalesce(i.n, 0))), 0)::bigint,
            coalesce(sum(greatest(coalesce(w.n, 0) - coalesce(i.n, 0), 0)), 0)::bigint,
            coalesce(sum(greatest(coalesce(i.n, 0) - coalesce(w.n, 0), 0)), 0)::bigint
        from rows_was w full join rows_now i using (h)
        """
    ).fetchall()[0]
    examples: list[Example] = []
    if only_old or only_new:
        few = only_old + only_new <= _LOOKED_AT
        limit = _LOOKED_AT if few else _EXAMPLES
        before, after = (
            _different(connection, query, own, other, limit)
            for query, own, other in ((was, "rows_was", "rows_now"), (now, "rows_now", "rows_was"))
        )
        if few:
            alike = _leave_out_alike(before, after)
            equal, only_old, only_new = equal + alike, only_old - alike, only_new - alike
        examples = _examples(before, after)
    return Compared(name, equal, only_old, only_new, examples)


def _as_select(query: str) -> str:
    return query if query.startswith("select") else f"select * {query}"


def _different(
    connection: duckdb.DuckDBPyConnection, query: str, own: str, other: str, limit: int
) -> dict[tuple[Any, ...], list[Row]]:
    """Rows that the other has not, or not as often, by their names and in a stable order."""
    answer = connection.execute(
        f"""
        select r.* from ({_as_select(query)}) r
        where hash(r) in (select h from {own} o left join {other} t using (h) where o.n > coalesce(t.n, 0))
        order by all limit {limit}
        """
    )
    columns = [column[0] for column in answer.description or ()]
    naming = _OF_CONTACT if "contact_id" in columns else [name for name in _NAMING if name in columns]
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for values in answer.fetchall():
        row = dict(zip(columns, values, strict=True))
        found[tuple(row[name] for name in naming)].append(row)
    return found


def _leave_out_alike(before: dict[tuple[Any, ...], list[Row]], after: dict[tuple[Any, ...], list[Row]]) -> int:
    """Take pairs of rows out that differ by the last digits of numbers only. Returns how many there were."""
    count = 0
    for key, rows in before.items():
        for row in list(rows):
            twin = next((other for other in after.get(key, ()) if _is_alike(row, other)), None)
            if twin is not None:
                rows.remove(row)
                after[key].remove(twin)
                count += 1
    return count


def _is_alike(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return a == b or math.isclose(a, b, rel_tol=1e-9)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_is_alike(value, b[name]) for name, value in a.items())
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_is_alike, a, b))
    return bool(a == b)


def _examples(before: dict[tuple[Any, ...], list[Row]], after: dict[tuple[Any, ...], list[Row]]) -> list[Example]:
    found: list[Example] = []
    for key in [*before, *(key for key in after if key not in before)]:
        name = " ".join(str(part) for part in key if part is not None)
        for was, now in zip_longest(before.get(key, ()), after.get(key, ())):
            if was is None or now is None:
                found.append(Example(name, "", _short(was), _short(now)))
            else:
                found += [
                    Example(name, column, _short(value), _short(now[column]))
                    for column, value in was.items()
                    if value != now[column]
                ]
            if len(found) >= _EXAMPLES:
                return found[:_EXAMPLES]
    return found


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    text = str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"

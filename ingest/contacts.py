"""The contacts of the store as ingest sees them: what is known of each, folded on, written as new versions.

States of contacts that were lately touched are kept at hand; the others are looked up. Nothing kept here
changes before the transaction that wrote it is committed.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import duckdb
import pyarrow as pa

from ingest.arrow import arrow_rows, insert_arrow
from ingest.epoch import instant
from ingest.versions import state_of, versions_table
from models import schema
from models.fold import COLUMNS, Key, State, has_beginning, merge

CONTACT_SPAN = timedelta(days=7)
"""Versions of a contact are first looked for this far around the new events."""

KEPT_AT_HAND = 50_000


@dataclass
class Touched:
    """What a batch did to contacts, to be taken over once its transaction is committed."""

    states: dict[Key, tuple[int, State]] = field(default_factory=dict)
    orphans: set[Key] = field(default_factory=set)
    replaced: int = 0
    out_of_order: Counter[str] = field(default_factory=Counter)
    """Contacts that changed by events older than what was known of them, by site."""
    spans: set[tuple[str, int, int]] = field(default_factory=set)
    """Site, first and last instant of contacts that changed."""


class Contacts:
    """Folds batches into contacts. Use within the store's transactions only."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._at_hand: OrderedDict[Key, tuple[int, State]] = OrderedDict()
        self._find_sql = schema.ingest_sql("current")
        self._read_sql = (
            f"select version, site, contact_id, {', '.join(COLUMNS)} "
            "from private.contact_version where version in (select unnest($versions::bigint[]))"
        )
        last = connection.execute(
            "select greatest((select coalesce(max(version), 0) from private.contact_version), "
            "(select coalesce(max(version), 0) from private.contact_replaced))"
        ).fetchone()
        self._version = int(last[0]) if last else 0
        rows = connection.execute(
            "select site, contact_id from private.contact_version anti join private.contact_replaced "
            "using (version) where started is null and offered is null"
        ).fetchall()
        self._orphans: set[Key] = set(rows)

    def write(self, fresh: Mapping[Key, State]) -> Touched:
        """Merge what a batch says of contacts in and write a new version of every contact that changes."""
        known = {key: self._at_hand[key] for key in fresh if key in self._at_hand}
        known |= self._look_up({key: state for key, state in fresh.items() if key not in known})

        touched = Touched()
        rows: list[tuple[int, str, str, State]] = []
        replaced: list[int] = []
        for key, state in fresh.items():
            before = known.get(key)
            if before is not None:
                state = merge(before[1], state)
                if state == before[1]:
                    touched.states[key] = before
                    continue
                replaced.append(before[0])
                touched.out_of_order[key[0]] += fresh[key][0] < before[1][1]
            version = self._version + len(rows) + 1
            rows.append((version, *key, state))
            touched.states[key] = (version, state)
            touched.spans.add((key[0], state[0], state[1]))
            if not has_beginning(state):
                touched.orphans.add(key)
        touched.replaced = len(replaced)
        if rows:
            insert_arrow(self._connection, "private.contact_version", versions_table(rows))
        if replaced:
            insert_arrow(self._connection, "private.contact_replaced", pa.table({"version": replaced}))
        return touched

    def take_over(self, touched: Touched) -> None:
        """The transaction is committed: what it wrote is what is known."""
        for key, known in touched.states.items():
            self._version = max(self._version, known[0])
            self._at_hand[key] = known
            self._at_hand.move_to_end(key)
        while len(self._at_hand) > KEPT_AT_HAND:
            self._at_hand.popitem(last=False)
        self._orphans |= touched.orphans

    def _look_up(self, wanted: dict[Key, State]) -> dict[Key, tuple[int, State]]:
        """Versions of contacts that are not at hand.

        They lie near the new events in time, except that a contact whose beginning one side lacks may
        have been seen at any time before.
        """
        if not wanted:
            return {}
        first = instant(min(state[0] for state in wanted.values())) - CONTACT_SPAN
        last = instant(max(state[1] for state in wanted.values())) + CONTACT_SPAN
        found = self._find(wanted, first, last)
        apart = [
            key
            for key, state in wanted.items()
            if key not in found and (key in self._orphans or not has_beginning(state))
        ]
        return found | self._find(apart, datetime.min, datetime.max) if apart else found

    def _find(self, keys: Iterable[Key], first: datetime, last: datetime) -> dict[Key, tuple[int, State]]:
        # Most contacts asked for are new: first whether there is anything, which is much cheaper to ask.
        sites, contacts = zip(*keys, strict=True)
        wanted = pa.table({"site": sites, "contact_id": contacts})
        with arrow_rows(self._connection, wanted) as view:
            query = self._find_sql.replace("{wanted}", view)
            found = self._connection.execute(query, {"first_at": first, "last_at": last}).fetchall()
        if not found:
            return {}
        versions = [version for (version,) in found]
        rows = self._connection.execute(self._read_sql, {"versions": versions}).fetchall()
        return {(site, contact): (version, state_of(state)) for version, site, contact, *state in rows}

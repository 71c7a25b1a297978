"""The store as its only writer sees it: open, migrate, commit a batch as one transaction, tidy up."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import structlog

from ingest import calendar, receipts
from ingest.arrow import arrow_rows
from ingest.contacts import Contacts, Touched
from ingest.costing import terms
from ingest.migrate import StoreError, migrate
from ingest.receipts import Batch, Committed, Partition
from ingest.rollup.rollups import Rollups
from ingest.transaction import transaction
from ingest.weeks import Week, Weeks
from models import schema
from models.documents.reading import DocumentError
from models.settings import Settings, SettingsError
from models.terms.folder import Documents, documents_of

log: Any = structlog.get_logger("store")

_TIDY_AT = 50_000
_LOCK_WAIT_S = 3.0


@dataclass
class Store:
    """The open store. Use `Store.open`; not safe for use by several threads at once."""

    connection: duckdb.DuckDBPyConnection
    path: Path
    settings: Settings
    documents: Documents = field(default_factory=Documents, repr=False)
    _batch: int = 0
    _replaced: int = 0
    _calendar: set[tuple[str, int]] = field(default_factory=set, repr=False)
    _contacts: Contacts = field(init=False, repr=False)
    _weeks: Weeks = field(init=False, repr=False)
    rollups: Rollups = field(init=False, repr=False)
    _sql: dict[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, settings: Settings) -> Store:
        """Open or create the store, bring it up to date. Raises StoreError; SettingsError for wrong documents."""
        try:
            documents = documents_of(settings)
        except DocumentError as error:
            raise SettingsError(str(error)) from error
        path = settings.store_path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = _connect(path, settings)
        path.chmod(0o600)
        store = cls(connection, path, settings, documents)
        try:
            store._prepare()
        except BaseException:
            connection.close()
            raise
        return store

    def _prepare(self) -> None:
        run = self.connection.execute
        run("set global TimeZone = 'UTC'")
        # The default of 16 MB checkpoints several times a second while catching up.
        run("set global checkpoint_threshold = '256MB'")
        migrate(self.connection, self.path)
        with self.transaction():
            for statement in schema.reader_sql():
                run(statement)
            self._write_settings()
        # A batch that only replays leaves no position, and one that was added up no row of its own.
        self._batch = self._one(
            "select coalesce(max(batch), 0) from (select batch from private.kafka_position "
            "union all select batch from private.batch_site union all select batch from private.refused_settled)"
        )
        self._replaced = self._one("select count(*) from private.contact_replaced")
        self._calendar = calendar.known_years(self.connection)
        with self.transaction():
            # Years of events too: the zones may be others than when these came in.
            years = self._years_around_now() | {year for _, year in self._calendar}
            self._calendar |= calendar.extend(self.connection, self._zones(), years, self._calendar)
        self._contacts = Contacts(self.connection)
        self._weeks = Weeks(self.connection, self.settings.reporting_zone)
        self.rollups = Rollups(self.connection, self.settings)
        self._sql = {name: schema.ingest_sql(name) for name in ("repeats", "events")}

    def _one(self, query: str) -> Any:
        row = self.connection.execute(query).fetchone()
        if row is None:
            raise StoreError(f"no answer to: {query}")
        return row[0]

    def _zones(self) -> set[str]:
        configured = {site.time_zone for site in self.settings.sites.values() if site.time_zone}
        configured |= {contract.time_zone for contract in self.documents.contracts}
        return configured | {self.settings.reporting_zone}

    def _years_around_now(self) -> set[int]:
        """UTC years today's local day can reach into, in any zone."""
        now = self.settings.clock.now()
        return {(now + timedelta(days=days)).year for days in (-1, 0, 1)}

    def _write_settings(self) -> None:
        run = self.connection.execute
        values = {
            "reporting_zone": self.settings.reporting_zone,
            "topic_prefix": self.settings.topic_prefix,
            "service_level_s": str(self.settings.service_level_s),
            "short_abandon_s": str(self.settings.short_abandon_s),
            "clock_speed": str(self.settings.clock_speed),
            "currency": self.settings.currency,
        }
        for name in ("clock_since", "clock_shows"):
            if (instant := getattr(self.settings, name)) is not None:
                values[name] = str(instant.astimezone(UTC).replace(tzinfo=None))
        for table in ("setting", "site", "opening_hours", "target", "topic", "topic_code"):
            run(f"delete from private.{table}")
        for name, value in values.items():
            run("insert into private.setting values (?, ?)", [name, value])
        for metric, target in self.settings.targets.items():
            run("insert into private.target values (?, ?)", [metric, target])
        for topic, listed in self.settings.topics.items():
            run("insert into private.topic values (?, ?)", [topic, listed.name or topic])
        for site, known in self.settings.sites.items():
            zone = known.time_zone or self.settings.reporting_zone
            own = known.reports
            reported = (own.definition, own.threshold_s, own.short_s) if own else (None, None, None)
            run(
                "insert into private.site (site, name, provider, in_house, time_zone, system, sl_definition, "
                "sl_threshold_s, sl_short_s) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [site, known.name or site, known.provider or site, known.in_house, zone, known.system, *reported],
            )
            for weekday, opens, closes in (span for hours in known.open for span in hours.spans()):
                run("insert into private.opening_hours values (?, ?, ?, ?)", [site, weekday + 1, opens, closes])
            for code, topic in known.topics.items():
                run("insert into private.topic_code values (?, ?, ?)", [site, code, topic])
        terms.write(self.connection, self.documents, self.settings.sites)

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing."""
        return transaction(self.connection)

    def positions(self) -> dict[Partition, int]:
        """Where to read on, by partition."""
        rows = self.connection.execute(
            "select kafka_topic, kafka_topic_id, kafka_partition, max(next_offset) "
            "from private.kafka_position group by all"
        ).fetchall()
        return {Partition(topic, topic_id, number): offset for topic, topic_id, number, offset in rows}

    def note(self, state: str, detail: str) -> None:
        """Record what ingest is doing; readers see it in `ingest_status`."""
        self.connection.execute(
            "insert into private.ingest_log values (?, ?, ?)",
            [self._now(), state, detail],
        )

    def commit(self, batch: Batch) -> Committed:
        """Events, contacts, quarantine and positions in one transaction: all of the batch or nothing of it."""
        number = self._batch + 1
        years: set[tuple[str, int]] = set()
        touched, repeated, weeks = Touched(), set[int](), set[Week]()
        with self.transaction():
            if len(batch.decoded.events):
                years = self._extend_calendar(batch.decoded.events)
                repeated = self._write_events(batch.decoded.events, number)
                touched = self._contacts.write(batch.decoded.states)
                weeks = self._weeks.touch(touched.spans, self._now())
            receipts.write(self.connection, self.settings, batch, number, repeated, touched.out_of_order)
            for notice in batch.notices:
                self.note("notice", notice)
        self._batch = number
        self._replaced += touched.replaced
        self._calendar |= years
        self._contacts.take_over(touched)
        self._weeks.take_over(weeks)
        refused = len(batch.decoded.refusals)
        repeats = batch.decoded.repeats.total() + len(repeated)
        accepted = len(batch.decoded.events) - len(repeated)
        return Committed(number, accepted, repeats, refused)

    def _extend_calendar(self, events: pa.Table) -> set[tuple[str, int]]:
        found: list[Any] = pa.compute.year(events["occurred_at"]).unique().to_pylist()
        years = {int(year) for year in found}
        return calendar.extend(self.connection, self._zones(), years, self._calendar)

    def _write_events(self, events: pa.Table, number: int) -> set[int]:
        """Write the events the store does not have yet. Returns the rows it has."""
        bounds = dict(zip(("first_at", "last_at"), _span(events), strict=True))
        numbered = events.append_column("row_no", pa.array(range(len(events)), pa.int64()))
        with arrow_rows(self.connection, numbered) as incoming:
            query = self._sql["repeats"].replace("{incoming}", incoming)
            repeated = {row for (row,) in self.connection.execute(query, bounds).fetchall()}
        if repeated:
            fresh = set(range(len(events))) - repeated
            events = events.take(pa.array(sorted(fresh), pa.int64()))
        with arrow_rows(self.connection, events) as incoming:
            self.connection.execute(self._sql["events"].replace("{incoming}", incoming), {"batch": number})
        return repeated

    def weeks_are_due(self) -> bool:
        """Whether `record_weeks` would do anything; may be asked from any thread."""
        return self._weeks.is_due(self._now())

    def record_weeks(self) -> bool:
        """When a week has ended, or one that had was touched: record its figures. For times of little work."""
        now = self._now()
        if not self._weeks.is_due(now):
            return False
        # Figures of weeks are sums of days, which have to know all that was committed. Commits wait meanwhile: where
        # that is much to do, whoever rolls up all the time does it first.
        if not self.rollups.run_if_little("contacts"):
            return False
        with self.transaction():
            self._weeks.record(now)
        self._weeks.recorded(now)
        return True

    def _now(self) -> datetime:
        """The present, UTC, without a zone."""
        return self.settings.clock.now().replace(tzinfo=None)

    def tidy(self, *, force: bool = False) -> bool:
        """When enough has gathered: drop replaced versions and passed positions, add up counts of batches."""
        if not self._replaced or (self._replaced < _TIDY_AT and not force):
            return False
        run = self.connection.execute
        with self.transaction():
            run("delete from private.contact_version where version in (select version from private.contact_replaced)")
            run("delete from private.contact_replaced")
            run(
                "delete from private.kafka_position p where next_offset < (select max(next_offset) "
                "from private.kafka_position q where (q.kafka_topic, q.kafka_topic_id, q.kafka_partition) "
                "= (p.kafka_topic, p.kafka_topic_id, p.kafka_partition))"
            )
            run(schema.ingest_sql("collapse_batches"))
        self._replaced = 0
        return True

    def close(self) -> None:
        """Tidy, write everything into the one file and let go of it."""
        try:
            self.rollups.close()
            self.tidy(force=True)
            self.connection.execute("checkpoint")
        except duckdb.Error as error:
            # Nothing is lost: the next start reads the write-ahead log. What ended ingest matters more.
            log.error("the store was closed without a checkpoint", error=str(error))
        finally:
            self.connection.close()


def _span(events: pa.Table) -> tuple[datetime, datetime]:
    """First and last instant of the events, UTC."""
    span: Any = pa.compute.min_max(events["occurred_at"]).as_py()
    return span["min"], span["max"]


def _connect(path: Path, settings: Settings) -> duckdb.DuckDBPyConnection:
    """Open the file for writing. A page may be reading it for a moment, so a lock is waited for a little."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.memory_limit,
        "threads": settings.store_threads,
        # Repeats are found by an ASOF join, whose small side the planner takes for smaller than it is: a nested loop
        # over a month's contacts took twenty times as long, and grew with the square of their number.
        "asof_loop_join_threshold": 0,
    }
    until, waited = time.monotonic() + _LOCK_WAIT_S, False
    while True:
        try:
            return duckdb.connect(path, config=config)
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise StoreError(f"{path} cannot be opened: {error}") from error
            if time.monotonic() > until:
                raise StoreError(
                    f"{path} is open in another process. Only one ingest may write a store: "
                    f"stop the other one. ({str(error).splitlines()[0]})"
                ) from error
        if not waited:
            log.warning("the store is open in another process, waiting a little", path=str(path))
            waited = True
        time.sleep(0.1)

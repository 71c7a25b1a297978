"""Deriving a store's contacts again from its raw events, into a new file, and comparing the two.

What was derived once by living through batches is derived here in one go, by the same fold; both must be equal.
What cannot be derived (quarantine, Kafka positions, counts of batches, figures that were signed off) is copied.
Contacts of the time before which retention has removed raw events start from what the store knew of them.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import msgspec

from ingest import calendar
from ingest.contacts import Contacts
from ingest.decoding.fast_reader import DATA_STRUCTS
from ingest.migrate import StoreError
from ingest.rollup.side_facts import SIDE_FACTS
from ingest.store import Store
from ingest.upkeep.compare import COPIED, Compared, compare, reader_views
from ingest.upkeep.work import OnStep, Step
from models import schema
from models.fold import EVENT_TYPES, FoldEvent, Key, State, fold
from models.settings import Settings

CHUNK_EVENTS = 50_000
_TIDY_AT = 50_000
LIVED = "lived"
"""Name under which the old store is attached to the new one."""

_read_data = {name: msgspec.json.Decoder(struct).decode for name, struct in DATA_STRUCTS.items()}


class Rebuilt(NamedTuple):
    """What was derived, how it compares, and where the files are. taken_over: contacts that raw events are gone of."""

    events: int
    contacts: int
    taken_over: int
    compared: list[Compared]
    file: Path | None
    kept: Path | None

    @property
    def is_equal(self) -> bool:
        """Whether the rebuilt store says what the old one says."""
        return all(relation.is_equal for relation in self.compared)


class _State(NamedTuple):
    """By what a store that was written to in between is recognised."""

    last_batch: int
    log_rows: int
    settled_rows: int
    events: int


def rebuild(settings: Settings, on_step: OnStep, output: Path | None = None, *, replace: bool = False) -> Rebuilt:
    """Rebuild the store of these settings beside it, and compare.

    output: keep the rebuilt store as this new file. replace: put it in the store's place, whatever the comparison
    says, and keep the old one beside it. Neither: only compare. Raises StoreError, above all while ingest runs.
    """
    path = settings.store_path
    if not path.exists():
        raise StoreError(f"there is no store at {path} yet")
    if output is not None and (replace or output.exists()):
        raise StoreError(f"{output} exists" if not replace else "--output and --replace exclude each other")
    target = output or path.with_name(f"{path.name}.rebuilt")
    with _building(target) as folder:
        store = Store.open(settings.model_copy(update={"data_dir": folder}))
        try:
            _attach(store, path)
            state = _state(store.connection, f"{LIVED}.")
            events, taken_over = _derive(store, on_step)
            _roll_up(store, on_step)
            compared = compare(store.connection, LIVED, on_step)
            contacts = _one(store.connection, "select count(*) from private.contact_version")
        finally:
            store.close()
        kept = None
        if replace:
            kept = _put_in_place(settings, store.path, state)
        elif output is not None:
            _moved(store.path, output)
    return Rebuilt(events, contacts, taken_over, compared, path if replace else output, kept)


@contextmanager
def _building(target: Path) -> Iterator[Path]:
    """A folder of this rebuild alone beside the target. Nothing in it is ever taken for a store by anyone else."""
    folder = target.with_name(f"{target.name}.building")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(f"another rebuild is at work in {folder}") from None
        _clear(folder)  # What a rebuild that was killed left behind.
        try:
            yield folder
        finally:
            _clear(folder)
            with suppress(OSError):
                folder.rmdir()
    finally:
        os.close(held)


def _clear(folder: Path) -> None:
    for left in folder.glob("backstop.duckdb*"):
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()


def _attach(store: Store, path: Path) -> None:
    try:
        store.connection.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as {LIVED} (read_only)")
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise StoreError(
                f"{path} is open in another process: stop ingest first, a rebuild compares with a store that rests. "
                f"({str(error).splitlines()[0]})"
            ) from error
        raise StoreError(f"{path} cannot be opened: {error}") from error
    known = len(schema.migrations())
    number = _one(store.connection, f"select coalesce(max(number), 0) from {LIVED}.main.schema_migration")
    if number != known or reader_views(store.connection) != reader_views(store.connection, LIVED):
        raise StoreError(
            f"{path} was last opened by another version of Backstop (its schema is {number}, this one's {known}): "
            "start ingest of this version once, then rebuild"
        )


def _roll_up(store: Store, on_step: OnStep) -> None:
    on_step(Step(0, 0, "sums by day"))
    store.rollups.run_all()


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    return connection.execute(query).fetchall()[0][0]


def _state(connection: duckdb.DuckDBPyConnection, where: str) -> _State:
    row = connection.execute(
        f"select (select coalesce(max(batch), 0) from {where}private.batch_site), "
        f"(select count(*) from {where}private.ingest_log), "
        f"(select count(*) from {where}private.refused_settled), (select count(*) from {where}private.event)"
    ).fetchall()[0]
    return _State(*row)


def _derive(store: Store, on_step: OnStep) -> tuple[int, int]:
    """Fill the fresh store. Returns how many events it read and how many contacts it started from old versions."""
    connection = store.connection
    on_step(Step(0, 0, "copying what cannot be derived"))
    with store.transaction():
        for table in COPIED:
            connection.execute(f"insert into private.{table} by name from {LIVED}.private.{table}")
        _extend_calendar(connection)
        taken_over = _take_over_contacts(connection)
        _take_over_side_facts(connection)
    contacts = Contacts(connection)
    total = _one(connection, f"select count(*) from {LIVED}.private.event")
    done = replaced = 0
    for first, last, count in _ranges(connection):
        on_step(Step(done, total, "events"))
        span = {"first": first, "last": last}
        with store.transaction():
            connection.execute(
                f"insert into private.event by name from {LIVED}.private.event where batch between $first and $last",
                span,
            )
            touched = contacts.write(_states(connection, span))
        contacts.take_over(touched)
        done, replaced = done + count, replaced + touched.replaced
        if replaced > _TIDY_AT:
            _drop_replaced(store)
            replaced = 0
    _drop_replaced(store)
    on_step(Step(done, total, "events"))
    return done, taken_over


def _extend_calendar(connection: duckdb.DuckDBPyConnection) -> None:
    """Know the years of all events there are, and of those that retention has removed."""
    zones = [zone for (zone,) in connection.execute("select distinct time_zone from private.quarter_hour").fetchall()]
    years = connection.execute(
        f"select distinct year(starts_at) from {LIVED}.private.quarter_hour "
        f"union select distinct year(occurred_at) from {LIVED}.private.event"
    ).fetchall()
    calendar.extend(connection, zones, (year for (year,) in years), calendar.known_years(connection))


def _take_over_contacts(connection: duckdb.DuckDBPyConnection) -> int:
    """Start from the old versions of contacts some raw events of which may be gone. The fold joins on what is left."""
    return int(
        connection.execute(
            f"""
            insert into private.contact_version by name
            select row_number() over () as version, v.* exclude (version)
            from {LIVED}.private.contact_version v
            anti join {LIVED}.private.contact_replaced r using (version)
            where first_at < (select max(before) from {LIVED}.private.retained where kind = 'event')
            """
        ).fetchall()[0][0]
    )


def _take_over_side_facts(connection: duckdb.DuckDBPyConnection) -> None:
    """Surveys and the like, and counts of events, whose raw events retention has removed."""
    for table in SIDE_FACTS:
        connection.execute(
            f"insert into private.{table} by name select x.* from {LIVED}.private.{table} x "
            f"anti join {LIVED}.private.event e on e.site = x.site and e.event_id = x.event_id"
        )
    connection.execute(
        f"""
        insert into private.event_quarter
        select site, quarter, sum(events)::bigint
        from (
            select site, quarter, events from {LIVED}.private.event_quarter
            union all
            select site, epoch_us(occurred_at) // 900000000, -1
            from {LIVED}.private.event
            where batch <= (
                select coalesce(max(last_batch), 0) from {LIVED}.private.rolled_up where kind = 'contacts'
            )
        )
        group by site, quarter
        having sum(events) > 0
        """
    )


def _ranges(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, int, int]]:
    """First and last batch and the number of events of each chunk, in order of batch."""
    return connection.execute(
        f"""
        select min(batch), max(batch), sum(events)::bigint
        from (
            select batch, count(*) as events, sum(count(*)) over (order by batch) - count(*) as before
            from {LIVED}.private.event
            group by batch
        )
        group by before // {CHUNK_EVENTS}
        order by 1
        """
    ).fetchall()


def _states(connection: duckdb.DuckDBPyConnection, span: dict[str, int]) -> dict[Key, State]:
    """What the events of a chunk say of contacts. Raises StoreError for an event that cannot be read again."""
    rows = connection.execute(
        "select site, subject, type, epoch_us(occurred_at), event_id, coalesce(revision, 0), data "
        f"from {LIVED}.private.event where batch between $first and $last "
        "and type in (select unnest($types::varchar[]))",
        span | {"types": sorted(EVENT_TYPES)},
    ).fetchall()
    found: dict[Key, list[FoldEvent]] = defaultdict(list)
    for site, subject, wire, at, event_id, revision, text in rows:
        try:
            data = _read_data[wire](text)
        except msgspec.MsgspecError as error:
            raise StoreError(f"event {event_id!r} of {site} ({wire}) cannot be read again: {error}") from error
        found[site, subject].append((wire, at, event_id, revision, data))
    return {key: state for key, events in found.items() if (state := fold(events)) is not None}


def _drop_replaced(store: Store) -> None:
    with store.transaction():
        store.connection.execute(
            "delete from private.contact_version where version in (select version from private.contact_replaced)"
        )
        store.connection.execute("delete from private.contact_replaced")


def _put_in_place(settings: Settings, made: Path, seen: _State) -> Path:
    """Let the rebuilt file take the store's place, which is never empty. Returns where the old one is kept."""
    path = settings.store_path
    kept = path.with_name(f"{path.name}.before-rebuild-{settings.clock.now():%Y%m%dT%H%M%SZ}")
    try:
        # As long as it is open for writing here, nobody else opens it; and what a killed ingest left in the
        # write-ahead log beside it goes into the file.
        holder = duckdb.connect(path)
    except duckdb.IOException as error:
        raise StoreError(f"{path} was opened by another process during the rebuild; nothing was changed") from error
    try:
        holder.execute("checkpoint")
        if _state(holder, "") != seen:
            raise StoreError(f"{path} was written to during the rebuild; nothing was changed")
        _moved(path, kept, stay=True)
        made.replace(path)
    finally:
        holder.close()
    return kept


def _moved(path: Path, to: Path, *, stay: bool = False) -> None:
    """Give the file another name, or with `stay` one more. Raises StoreError when that is taken."""
    try:
        try:
            to.hardlink_to(path)
        except FileExistsError:
            raise
        except OSError:
            # A file system without links.
            with path.open("rb") as source, to.open("xb") as copy:
                to.chmod(0o600)
                shutil.copyfileobj(source, copy, 1 << 20)
    except FileExistsError:
        raise StoreError(f"{to} exists; it is not overwritten") from None
    if not stay:
        path.unlink()

"""A real store for the dashboard's tests: written here, served over quack by a child process.

`python tests/dashboard_store.py FILE PORT` serves a file until its standard input closes, with the token in
BACKSTOP_DASHBOARD_TOKEN.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from ingest.broker import free_port
from ingest.rollup.rollups import Rollups
from models import quack, schema
from models.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import pytest

TOKEN = "a-token-for-tests-only"
ZONE = "Europe/Berlin"
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Contact:
    """One contact by hand: `ended` is answered, abandoned, left_queue or waiting."""

    site: str
    offered_at: datetime
    ended: str = "answered"
    wait_s: float = 5.0
    talk_s: float | None = 200.0
    wrap_up_s: float | None = 30.0
    queue: str = "Billing"
    channel: str = "voice"


@dataclass(frozen=True)
class Site:
    """One row of private.site."""

    site: str
    name: str
    provider: str = "Acme"
    in_house: bool = False


def create(path: Path, zone: str = ZONE, service_level_s: str = "20") -> duckdb.DuckDBPyConnection:
    """A new store with tables, views and settings, and ingest consuming. The caller closes it."""
    connection = duckdb.connect(str(path))
    connection.execute("set TimeZone = 'UTC'")
    for step in schema.migrations():
        connection.execute(step.sql)
    for statement in schema.reader_sql():
        connection.execute(statement)
    connection.execute(
        "insert into private.setting values ('reporting_zone', $1), ('service_level_s', $2), ('short_abandon_s', '5')",
        [zone, service_level_s],
    )
    log(connection, "consuming", "3 topics", datetime.now(UTC))
    return connection


def log(connection: duckdb.DuckDBPyConnection, state: str, detail: str, at: datetime) -> None:
    """What ingest says of itself."""
    connection.execute("insert into private.ingest_log values ($1, $2, $3)", [_utc(at), state, detail])


def add_sites(connection: duckdb.DuckDBPyConnection, sites: Iterable[Site], zone: str = ZONE) -> None:
    """Configured sites."""
    for site in sites:
        connection.execute(
            "insert into private.site (site, name, provider, in_house, time_zone) values ($1, $2, $3, $4, $5)",
            [site.site, site.name, site.provider, site.in_house, zone],
        )


def add_quarter_hours(connection: duckdb.DuckDBPyConnection, years: Iterable[int], zone: str = ZONE) -> None:
    """The calendar of a zone, for whole UTC years and a day either side."""
    local = ZoneInfo(zone)
    rows = []
    for year in sorted(set(years)):
        start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
        while start < end:
            at = start.astimezone(local)
            day = at.date()
            offset = at.utcoffset() or timedelta()
            rows.append(
                {
                    "time_zone": zone,
                    "starts_at": _utc(start),
                    "local_at": at.replace(tzinfo=None),
                    "local_date": day,
                    "local_hour": at.hour,
                    "week_start": day - timedelta(days=day.weekday()),
                    "utc_offset_s": int(offset.total_seconds()),
                }
            )
            start += timedelta(minutes=15)
    connection.register("rows", pa.Table.from_pylist(rows))
    connection.execute("insert into private.quarter_hour by name select * from rows")
    connection.unregister("rows")


def add_contacts(
    connection: duckdb.DuckDBPyConnection,
    contacts: Iterable[Contact],
    committed_at: datetime,
    simulated: Collection[str] = (),
    *,
    sums: bool = True,
) -> None:
    """Contacts as ingest would have folded them, and the batch they came in.

    simulated: sites a simulator plays. sums: whether their sums by day are made.
    """
    rows: list[dict[str, Any]] = []
    for number, contact in enumerate(contacts):
        at = _utc(contact.offered_at)
        ended_at = at + timedelta(seconds=contact.wait_s)
        talked_to = None if contact.talk_s is None else ended_at + timedelta(seconds=contact.talk_s)
        rows.append(
            {
                "site": contact.site,
                "contact_id": f"{number:07d}",
                "ended": contact.ended,
                "offered_at": at,
                "ended_at": ended_at,
                "talked_to": talked_to,
                "queue": contact.queue,
                "channel": contact.channel,
                "wait_s": contact.wait_s,
                "talk_s": contact.talk_s,
                "wrap_up_s": contact.wrap_up_s,
                "wrapped_at": talked_to + timedelta(seconds=contact.wrap_up_s)
                if talked_to is not None and contact.wrap_up_s is not None
                else None,
            }
        )
    types = {
        "talked_to": pa.timestamp("us"),
        "wrapped_at": pa.timestamp("us"),
        "talk_s": pa.float64(),
        "wrap_up_s": pa.float64(),
    }
    columns = {name: pa.array([row[name] for row in rows], type=types.get(name)) for name in (rows[0] if rows else {})}
    connection.register("rows", pa.table(columns))
    connection.execute(
        """
        insert into private.contact_version by name
        select
            (select coalesce(max(version), 0) from private.contact_version) + row_number() over ()
                as version,
            site, contact_id || '-' || site as contact_id, offered_at as first_at, ended_at as last_at,
            {'at': offered_at, 'id': 'o' || contact_id, 'channel': channel, 'direction': 'inbound',
             'queue': queue} as offered,
            case when ended = 'answered'
                then {'at': ended_at, 'id': 'a' || contact_id, 'wait_s': wait_s} end as answered,
            case when ended = 'abandoned'
                then {'at': ended_at, 'id': 'x' || contact_id, 'wait_s': wait_s} end as abandoned,
            case when ended = 'left_queue'
                then {'at': ended_at, 'id': 'l' || contact_id, 'reason': 'callback', 'wait_s': wait_s}
            end as left_queue,
            case when ended = 'answered' and talked_to is not null
                then {'at': talked_to, 'id': 'c' || contact_id, 'talk_s': talk_s, 'hold_s': 0}
            end as completed,
            case when ended = 'answered' and wrapped_at is not null
                then {'at': wrapped_at, 'id': 'w' || contact_id, 'wrap_up_s': wrap_up_s} end as wrapped_up
        from rows
        """
    )
    connection.unregister("rows")
    batch = connection.execute("select coalesce(max(batch), 0) + 1 from private.batch_site").fetchone()
    seen: dict[str, list[datetime]] = {}
    for row in rows:
        seen.setdefault(row["site"], []).append(row["ended_at"])
    for site, times in seen.items():
        connection.execute(
            "insert into private.batch_site (batch, site, committed_at, accepted, repeats, refused, first_occurred_at, "
            "last_occurred_at, simulated) values ($1, $2, $3, $4, 0, 0, $5, $6, $7)",
            [
                batch[0] if batch else 1,
                site,
                _utc(committed_at),
                len(times),
                min(times),
                min(max(times), _utc(committed_at)),
                len(times) if site in simulated else 0,
            ],
        )
    if sums:
        roll_up(connection)


def roll_up(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the sums by day of what is there."""
    year = datetime.now(UTC).year
    known = "select count(*) from reporting_calendar where year(starts_at) = $1"
    if not connection.execute(known, [year]).fetchall()[0][0]:
        zone = connection.execute("select value from private.setting where name = 'reporting_zone'").fetchall()[0][0]
        add_quarter_hours(connection, [year], zone)
    rollups = Rollups(connection, Settings())
    rollups.run_all()
    rollups.close()


def realistic(path: Path, now: datetime, weeks: int = 12, per_week: int = 900, simulated: Collection[str] = ()) -> None:
    """Three sites, twelve weeks with a story each, and people waiting now."""
    random_ = random.Random(7)
    sites = [
        Site("berlin", "Berlin", "Own operations", True),
        Site("krakow", "Kraków", "Contoso Care"),
        Site("manila", "Manila", "Northwind BPO"),
    ]
    connection = create(path)
    add_sites(connection, sites)
    add_quarter_hours(connection, {now.year - 1, now.year, now.year + 1})
    shapes = {"berlin": (1.0, 0.9, 300), "krakow": (1.5, 1.1, 265), "manila": (2.2, 1.3, 340)}
    contacts = []
    monday = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(weeks):
        start = monday - timedelta(days=7 * back)
        for site, (volume, strain, talk) in shapes.items():
            trouble = 2.2 if site == "manila" and 2 <= back <= 4 else 1.0
            for _ in range(int(per_week * volume * (1 + 0.12 * random_.uniform(-1, 1)))):
                at = start + timedelta(
                    days=random_.choice([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5]),
                    hours=min(18, max(6, random_.gauss(11, 3))),
                    seconds=random_.random() * 3600,
                )
                wait = random_.expovariate(1 / (11 * strain * trouble))
                draw = random_.random()
                lost = 0.03 * strain * trouble
                ended = "abandoned" if draw < lost else "left_queue" if draw < lost + 0.02 else "answered"
                talk_s = max(20.0, random_.gauss(talk * (1 + 0.002 * back), 60))
                if at + timedelta(seconds=wait + talk_s + 40) < now:
                    contacts.append(
                        Contact(
                            site,
                            at,
                            ended,
                            wait,
                            talk_s,
                            30 + 20 * random_.random(),
                            random_.choice(["Billing", "Technical", "Orders"]),
                            random_.choice(["voice", "voice", "chat"]),
                        )
                    )
    for site, queue, waiting in (
        ("berlin", "Billing", 2),
        ("krakow", "Technical", 1),
        ("manila", "Billing", 7),
        ("manila", "Orders", 3),
    ):
        for n in range(waiting):
            contacts.append(
                Contact(
                    site,
                    now - timedelta(seconds=8 + 37 * n * (2 if site == "manila" else 0.4)),
                    "waiting",
                    0,
                    None,
                    None,
                    queue,
                )
            )
        for n in range(5 + waiting):
            contacts.append(
                Contact(
                    site,
                    now - timedelta(seconds=60 + 50 * n),
                    "answered",
                    10,
                    None,
                    None,
                    queue,
                    "voice" if n % 3 else "chat",
                )
            )
    for site in shapes:
        for n in range(260):
            at = now - timedelta(seconds=600 + 55 * n)
            contacts.append(Contact(site, at, "abandoned" if n % 17 == 0 else "answered", 4 + (n * 7) % 31))
    add_contacts(connection, contacts, now, simulated)
    connection.close()


class Server:
    """The store's file served by a child process, which can be stopped and started again."""

    def __init__(self, path: Path, port: int | None = None) -> None:
        self.path = path
        self.port = port or free_port()
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Server:
        """Serve; returns when the port answers."""
        environment = os.environ | {"BACKSTOP_DASHBOARD_TOKEN": TOKEN, "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(self.path), str(self.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.strip() == "serving", f"the store's child process said {line!r}"
        return self

    def stop(self) -> None:
        """Stop serving and let go of the file."""
        if self._process is None:
            return
        process, self._process = self._process, None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(timeout=20)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            process.stdout.close()

    @property
    def is_running(self) -> bool:
        """Whether it serves."""
        return self._process is not None

    def pause(self) -> None:
        """Hang: the process lives and holds its port, but answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after `pause`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def environment(path: Path, port: int) -> dict[str, str]:
    """Environment of a dashboard that reads this store."""
    return {
        "BACKSTOP_DATA_DIR": str(path.parent),
        "BACKSTOP_STORE_PORT": str(port),
        "BACKSTOP_DASHBOARD_TOKEN": TOKEN,
        "BACKSTOP_ANALYST_TOKEN": TOKEN + "-2",
        "BACKSTOP_CUSTOMER_KEY": TOKEN + "-3",
    }


def point_to(monkeypatch: pytest.MonkeyPatch, path: Path, port: int) -> None:
    """Have the pages of this process read this store."""
    for name, value in environment(path, port).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(path.parent)


def monday_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)


def _opened(path: str) -> duckdb.DuckDBPyConnection:
    """The file, once the pages that may be reading it let go of it; ingest waits for them too."""
    until = time.monotonic() + 10
    while True:
        try:
            return duckdb.connect(path)
        except duckdb.IOException:
            if time.monotonic() > until:
                raise
        time.sleep(0.1)


def serve(path: str, port: str) -> None:
    """The child process."""
    address = f"quack:localhost:{port}"
    connection = _opened(path)
    for statement in quack.load_statements():
        connection.execute(statement)
    connection.execute("set TimeZone = 'UTC'")
    token = os.environ["BACKSTOP_DASHBOARD_TOKEN"]
    connection.execute(f"call quack_serve({quack.quoted(address)}, token := {quack.quoted(token)})")
    print("serving", flush=True)
    sys.stdin.read()
    connection.execute(f"call quack_stop({quack.quoted(address)})")  # a process that forgets this hangs
    connection.close()


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2])

"""The real call log of January to March 1999, imported through Kafka, equals the figures of its raw rows."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import duckdb
import pytest

from ingest.broker import EmbeddedBroker
from ingest.rollup.rollups import Rollups
from tests.ingesting import TABLES, Ingest, tables
from tests.pipelines import Site, wait_until
from tests.second_count import Counting, count

KILLS = 20
ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data" / "anonymous_bank"
MAPPING = ROOT / "tests" / "mappings" / "anonymous_bank.toml"

pytestmark = [
    pytest.mark.skipif(not DATA.is_dir(), reason=f"the call log is not there ({DATA})"),
    pytest.mark.slow,
    pytest.mark.embedded_is_enough,
    pytest.mark.timeout(900),
]

LOCAL = """
    select c.*, left(contact_id, position('-' in contact_id) - 1) as month,
        timezone('Asia/Jerusalem', timezone('UTC', started_at)) as local_start
    from contacts c
"""
BY_MONTH = {
    "rows": f"select month, count(*) from ({LOCAL}) group by all",
    "answered": f"select month, count(*) from ({LOCAL}) where outcome = 'answered' group by all",
    "excluded": f"select month, count(*) from ({LOCAL}) where outcome = 'excluded' group by all",
    "abandoned": f"select month, count(*) from ({LOCAL}) where outcome = 'abandoned' group by all",
    "left_menu": f"select month, count(*) from ({LOCAL}) where outcome = 'left_menu' group by all",
    "within_20": f"select month, count(*) from ({LOCAL}) where outcome = 'answered' and wait_s <= 20 group by all",
    "wait_answered": f"select month, sum(wait_s)::bigint from ({LOCAL}) where outcome = 'answered' group by all",
    "wait_abandoned": f"select month, sum(wait_s)::bigint from ({LOCAL}) where outcome = 'abandoned' group by all",
    "longest": f"select month, max(wait_s)::bigint from ({LOCAL}) where outcome <> 'excluded' group by all",
    "service": (
        "select month, {'n': count(*), 'sum': sum(talk_s)::bigint, 'mean': round(avg(talk_s), 4), "
        f"'median': median(talk_s)}} from ({LOCAL}) where outcome = 'answered' group by all"
    ),
    # The source writes NO_SERVER where it does not know the agent and the figures count that as a name.
    "agents": (
        "select month, count(distinct agent_id) + max((agent_id is null)::int) "
        f"from ({LOCAL}) where outcome = 'answered' group by all"
    ),
    "without_agent": (
        f"select month, count(*) from ({LOCAL}) where outcome = 'answered' and agent_id is null group by all"
    ),
}
SPLIT = {
    "type": f"select month, topic, count(*) from ({LOCAL}) group by all",
    "hour": f"select month, hour(local_start)::varchar, count(*) from ({LOCAL}) group by all",
    "date": f"select month, strftime(local_start, '%y%m%d'), count(*) from ({LOCAL}) group by all",
}


@pytest.fixture(scope="module")
def imported(broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The three months imported twice; one ingest was left in peace, one was killed all along the first import."""
    from models.settings import load_settings, with_secrets

    folder = tmp_path_factory.mktemp("bank")
    name = f"bank-{uuid4().hex[:8]}"
    prefix = Site.prefix_of(name)
    settings = with_secrets(
        load_settings(data_dir=folder / "any", bootstrap_servers=broker.address, topic_prefix=prefix)
    )
    command = [
        sys.executable, "-m", "ingest.cli", "import", *map(str, sorted(DATA.glob("*.txt"))),
        "--mapping", str(MAPPING), "--site", name, "--bootstrap-servers", broker.address,
    ]  # fmt: skip
    environment = {"PATH": "/usr/bin:/bin", "BACKSTOP_TOPIC_PREFIX": prefix}
    calm, killed = folder / "calm", folder / "killed"
    calm.mkdir()
    killed.mkdir()

    importing = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    moments = random.Random(3)
    progress = []
    # It reads everything before it sends anything.
    wait_until(lambda: anything_sent(broker.address, prefix + name), "the import's first message", timeout_s=300)
    for number in range(KILLS):
        Ingest(settings, killed, batch_events=5_000).kill_at(number, moments)
        progress.append(count_events(killed))
    output, _ = importing.communicate(timeout=600)
    assert importing.returncode == 0, output
    sent = count_sent(broker.address, prefix + name)
    Ingest(settings, killed, 5_000).stop_when_read(sent)

    first = Ingest(settings, calm, 20_000)
    first.stop_when_read(sent)
    once = tables(calm)
    again = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert again.returncode == 0, again.stdout
    Ingest(settings, calm, 20_000).stop_when_read(2 * sent)
    with duckdb.connect(calm / "backstop.duckdb") as db:
        # How far a stopped ingest came with them hangs on how busy the machine was.
        rollups = Rollups(db, settings)
        rollups.run("contacts")
        rollups.run("answers")
        rollups.close()
    return {
        "db": calm / "backstop.duckdb", "once": once, "twice": tables(calm), "killed": tables(killed),
        "progress": progress, "sent": sent, "output": output,
    }  # fmt: skip


def count_events(data_dir: Path) -> int:
    """Events in the store a killed ingest left behind."""
    path = data_dir / "backstop.duckdb"
    if not path.exists():
        return 0
    with duckdb.connect(path) as db:
        try:
            return int(db.execute("select count(*) from private.event").fetchall()[0][0])
        except duckdb.CatalogException:
            return 0


def anything_sent(address: str, topic: str) -> bool:
    """Whether the topic is there and holds a message."""
    from kafka import KafkaConsumer, TopicPartition

    consumer = KafkaConsumer(bootstrap_servers=address, enable_auto_commit=False)
    try:
        partitions = consumer.partitions_for_topic(topic) or ()
        return any(consumer.end_offsets([TopicPartition(topic, n) for n in partitions]).values())
    finally:
        consumer.close()


def count_sent(address: str, topic: str) -> int:
    """Messages in the topic, by reading them."""
    from kafka import KafkaConsumer, TopicPartition

    consumer = KafkaConsumer(bootstrap_servers=address, enable_auto_commit=False)
    partitions = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic)]
    consumer.assign(partitions)
    consumer.seek_to_beginning()
    count, quiet_since = 0, time.monotonic()
    while time.monotonic() - quiet_since < 3:
        batch = sum(map(len, consumer.poll(timeout_ms=500, max_records=20_000).values()))
        if batch:
            count, quiet_since = count + batch, time.monotonic()
    consumer.close()
    return count


@pytest.fixture(scope="module")
def ask(imported: dict[str, Any]) -> Iterator[Callable[[str], list[Any]]]:
    with duckdb.connect(imported["db"], read_only=True) as db:
        db.execute("set TimeZone = 'UTC'")
        yield lambda query: db.execute(query).fetchall()


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    figures: dict[str, Any] = json.loads((DATA / "expected.json").read_text())
    return figures


def test_rows_outcomes_waits_and_service_times_equal_those_of_the_raw_rows(
    ask: Callable[[str], list[Any]], expected: dict[str, Any]
) -> None:
    found = {name: dict(ask(query)) for name, query in BY_MONTH.items()}
    for month, figures in expected.items():
        assert {name: values[month] for name, values in found.items()} == {
            "rows": figures["rows"],
            "answered": figures["outcome"]["AGENT"],
            "excluded": figures["outcome"]["PHANTOM"],
            "abandoned": figures["abandoned_in_queue_q_time_gt_0"],
            "left_menu": figures["hung_up_before_queue_q_time_0"],
            "within_20": figures["answered_within_20s"],
            "wait_answered": figures["wait_seconds_answered_sum"],
            "wait_abandoned": figures["wait_seconds_abandoned_sum"],
            "longest": figures["max_wait_seconds"],
            "service": figures["agent_service_seconds"],
            "agents": figures["distinct_servers"],
            "without_agent": figures["agent_without_server"],
        }, month


def test_calls_by_type_by_hour_and_by_day_equal_those_of_the_raw_rows(
    ask: Callable[[str], list[Any]], expected: dict[str, Any]
) -> None:
    for name, key in (("type", "type"), ("hour", "calls_by_hour_of_vru_entry"), ("date", "rows_by_date")):
        found: dict[str, dict[str, int]] = {}
        for month, value, number in ask(SPLIT[name]):
            found.setdefault(month, {})[value] = number
        assert found == {month: figures[key] for month, figures in expected.items()}, name


def test_every_row_is_a_contact_and_nothing_was_refused(ask: Callable[[str], list[Any]]) -> None:
    assert ask("select count(*) from contacts") == [(103_744,)]
    assert ask("select count(*) from quarantine") == [(0,)]


def test_importing_twice_changes_no_number(imported: dict[str, Any]) -> None:
    for name in ("contacts", "quarantine"):
        assert imported["twice"][name] == imported["once"][name], name
    assert len(imported["twice"]["events"]) == len(imported["once"]["events"]) == imported["sent"]


def test_ingest_killed_twenty_times_during_the_import_ends_with_the_same_tables(
    imported: dict[str, Any],
) -> None:
    partial = [count for count in imported["progress"] if 0 < count < imported["sent"]]
    assert len(set(partial)) >= 3, f"the kills did not fall into the import: {imported['progress']}"
    for name in TABLES:
        assert imported["killed"][name] == imported["once"][name], name


def test_weeks_of_the_log_add_up_to_its_months(ask: Callable[[str], list[Any]], expected: dict[str, Any]) -> None:
    ((answered, abandoned, left_menu, excluded, handle_s),) = ask(
        "select sum(answered), sum(abandoned), sum(left_menu), sum(excluded), sum(handle_s) from site_week"
    )
    months = expected.values()
    assert answered == sum(m["outcome"]["AGENT"] for m in months)
    assert abandoned == sum(m["abandoned_in_queue_q_time_gt_0"] for m in months)
    assert left_menu == sum(m["hung_up_before_queue_q_time_0"] for m in months)
    assert excluded == sum(m["outcome"]["PHANTOM"] for m in months)
    assert handle_s == sum(m["agent_service_seconds"]["sum"] for m in months)


def test_a_second_count_of_its_events_in_plain_python_gives_the_same_weeks(ask: Callable[[str], list[Any]]) -> None:
    rows = ask("select site, event_id, type, subject, occurred_at, revision, data::varchar from events")
    told = [
        {
            "source": site, "id": event_id, "type": kind, "subject": subject, "revision": revision,
            "time": occurred_at.replace(tzinfo=UTC).isoformat(), "data": json.loads(data),
        }
        for site, event_id, kind, subject, occurred_at, revision, data in rows
    ]  # fmt: skip
    counted = count(told, Counting(ZoneInfo("UTC"), datetime.now(UTC)))
    assert sum(figures["answered"] or 0 for figures in counted.values()) > 80_000
    for (site, week), figures in counted.items():
        names = ", ".join(figures)
        (shown,) = ask(f"select {names} from site_week where site = '{site}' and week_start = date '{week}'")
        expected = [None if value is None else pytest.approx(value, rel=1e-9, abs=1e-3) for value in figures.values()]
        assert list(shown) == expected, week

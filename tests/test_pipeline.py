"""Ingest against a real broker: batches, positions, new and recreated topics, bad messages, a broker that is away."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import duckdb
import pytest
from kafka import KafkaProducer

from ingest.broker import EmbeddedBroker, free_port
from ingest.pipeline import BatchWindow
from ingest.receipts import Committed
from ingest.store import Store
from tests.builders import answered_call, encoded, event, records
from tests.pipelines import HasAddress, Make, Site, ingesting, settings_for, wait_until


@pytest.fixture
def site(broker: HasAddress) -> Site:
    return Site(broker)


def test_events_of_a_topic_become_contacts(make_settings: Make, site: Site) -> None:
    site.send(*answered_call("c1"), *answered_call("c2"))
    with ingesting(settings_for(make_settings, site)) as running:
        running.wait_for("select count(*) from contacts where outcome = 'answered'", 2)
        assert running.ask("select state from ingest_status") == [("consuming",)]


def test_a_topic_made_later_is_taken_up_within_five_seconds(
    make_settings: Make, site: Site, broker: HasAddress
) -> None:
    with ingesting(settings_for(make_settings, site)) as running:
        running.wait_for("select count(*) from ingest_status where state = 'consuming'", 1)
        late = Site(broker, f"late-{site.name[-8:]}")
        late.send(event("offered"))
        sent = time.monotonic()
        running.wait_for(f"select count(*) from contacts where site = '{late.name}'", 1)
        assert time.monotonic() - sent < 5


def test_ingest_waits_for_a_topic_that_does_not_exist_yet(make_settings: Make, broker: HasAddress) -> None:
    name = f"site-{uuid4().hex[:8]}"
    settings = make_settings(bootstrap_servers=broker.address, topic_prefix=Site.prefix_of(name))
    with ingesting(settings) as running:
        running.wait_for("select count(*) from ingest_status where state = 'consuming'", 1)
        Site(broker, name).send(event("offered"))
        running.wait_for("select count(*) from contacts", 1)


def test_a_restart_reads_on_where_the_store_is(make_settings: Make, site: Site) -> None:
    settings = settings_for(make_settings, site)
    site.send(*answered_call("c1"))
    with ingesting(settings) as running:
        running.wait_for("select count(*) from events", 4)
    site.send(*answered_call("c2"))
    with ingesting(settings) as running:
        running.wait_for("select count(*) from events", 8)
        assert running.ask("select sum(repeats) from sites") == [(0,)]


def test_a_recreated_topic_is_read_from_its_beginning_and_said_aloud(
    make_settings: Make, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_for(make_settings, site)
    site.send(*answered_call("c1"))
    with ingesting(settings) as running:
        running.wait_for("select count(*) from events", 4)
        site.delete()
        site.create()
        site.send(*answered_call("c1"), *answered_call("c2"))
        running.wait_for("select count(*) from events", 8)
        running.wait_for("select sum(repeats) >= 4 from sites", True)
        assert running.ask("select count(*) from contacts") == [(2,)]
        notices = running.ask("select detail from private.ingest_log where state = 'notice'")
        assert any("deleted and made anew" in detail for (detail,) in notices)


def test_a_deleted_topic_is_not_brought_back_by_asking_after_it(make_settings: Make, site: Site) -> None:
    site.send(*answered_call("c1"))
    with ingesting(settings_for(make_settings, site)) as running:
        running.wait_for("select count(*) from events", 4)
        site.delete()
        for _ in range(5):
            # What the client does on its own every few minutes, and at once after an error of a partition.
            consumer = running.pipeline.source.consumer
            assert consumer is not None
            with suppress(RuntimeError):  # Closed: ingest has made another one this moment.
                consumer._cluster.request_update()
            time.sleep(0.3)
            assert not site.is_there()


def test_bad_messages_end_in_quarantine_with_their_bytes_and_stop_nothing(make_settings: Make, site: Site) -> None:
    huge = b'{"data": "' + b"x" * 10_000_000 + b'"}'
    bad = [b"\xff\xfe", b"{", b"[]", huge, encoded(event("offered") | {"source": "elsewhere"})]
    site.send(*answered_call("c1"), *bad, *answered_call("c2"), partition=0)
    with ingesting(settings_for(make_settings, site)) as running:
        running.wait_for("select count(*) from contacts", 2)
        running.wait_for("select count(*) from quarantine", 5)
        rows = running.ask("select location, code from quarantine order by kafka_offset")
        codes = ["not_utf8", "not_json", "not_cloudevents", "too_long", "wrong_source"]
        assert rows == [(f"{site.topic}[0]@{n}", code) for n, code in enumerate(codes, 4)]
        kept = running.ask("select message from private.refused order by kafka_offset")
        assert [bytes(message) for (message,) in kept] == bad


def test_a_tombstone_is_refused_not_a_crash(make_settings: Make, site: Site) -> None:
    producer = KafkaProducer(bootstrap_servers=site.address)
    producer.send(site.topic, None, key=b"c1")
    producer.flush()
    producer.close()
    with ingesting(settings_for(make_settings, site)) as running:
        running.wait_for("select count(*) from quarantine where code = 'empty'", 1)


def test_a_broker_that_is_not_there_is_waited_for_and_said(make_settings: Make, tmp_path: Path) -> None:
    port = free_port()
    name = f"site-{uuid4().hex[:8]}"
    settings = make_settings(bootstrap_servers=f"127.0.0.1:{port}", topic_prefix=Site.prefix_of(name))
    with ingesting(settings) as running:
        running.wait_for("select count(*) from ingest_status where state = 'waiting_for_broker'", 1)
        (detail,) = running.ask("select detail from ingest_status")[0]
        assert f"127.0.0.1:{port}" in detail
        broker = EmbeddedBroker(port, tmp_path / "late.log")
        try:
            Site(broker, name).send(event("offered"))
            running.wait_for("select count(*) from contacts", 1)
            running.wait_for("select state from ingest_status", "consuming")
        finally:
            broker.stop()


def test_a_broker_that_goes_and_comes_back_empty_costs_nothing(make_settings: Make, tmp_path: Path) -> None:
    port = free_port()
    broker = EmbeddedBroker(port, tmp_path / "first.log")
    site = Site(broker)
    site.send(*answered_call("c1"))
    with ingesting(settings_for(make_settings, site)) as running:
        running.wait_for("select count(*) from events", 4)
        broker.stop()
        running.wait_for("select state from ingest_status", "waiting_for_broker")
        broker = EmbeddedBroker(port, tmp_path / "second.log")
        try:
            site.create()
            site.send(*answered_call("c1"), *answered_call("c2"))
            running.wait_for("select count(*) from events", 8)
        finally:
            broker.stop()


def test_stopping_commits_what_was_read(make_settings: Make, site: Site) -> None:
    settings = settings_for(make_settings, site, batch_age_ms=10_000)
    with ingesting(settings) as running:
        running.wait_for("select count(*) from ingest_status where state = 'consuming'", 1)
        site.send(*answered_call("c1"))
        wait_until(lambda: running.pipeline.window.count == 4, "the messages to be read", 10)
        assert running.ask("select count(*) from events") == [(0,)]
        running.stopping.set()
        running.thread.join(60)
        assert running.ask("select count(*) from events") == [(4,)]


def test_stopping_with_a_drain_reads_the_broker_empty_first(make_settings: Make, site: Site) -> None:
    settings = settings_for(make_settings, site, drain_on_stop_s=30, batch_events=500)
    calls = [e for n in range(1500) for e in answered_call(f"c{n}", n)]
    with ingesting(settings) as running:
        running.wait_for("select count(*) from ingest_status where state = 'consuming'", 1)
        site.send(*calls)
        running.stopping.set()
        running.thread.join(60)
        assert running.ask("select count(*) from events") == [(6000,)]


def test_a_drain_reads_what_came_to_a_partition_since_it_was_last_fetched(make_settings: Make, site: Site) -> None:
    """Ingest is held at a commit until all is sent and it is told to stop: it has fetched nothing of that yet."""
    with ingesting(settings_for(make_settings, site, drain_on_stop_s=30)) as running:
        committed, sent = threading.Event(), threading.Event()

        def hold(_: Committed) -> None:
            committed.set()
            assert sent.wait(60)

        running.pipeline.on_commit = hold
        site.send(event("offered", "first"))
        assert committed.wait(60)
        site.send(*[e for n in range(500) for e in answered_call(f"c{n}", n)])
        running.stopping.set()
        sent.set()
        running.thread.join(60)
        assert running.ask("select count(*) from events") == [(2001,)]


def test_a_drain_reads_topics_that_were_made_since_they_were_last_looked_for(make_settings: Make, site: Site) -> None:
    rarely = settings_for(make_settings, site, drain_on_stop_s=30).model_copy(update={"topic_refresh_s": 3600})
    with ingesting(rarely) as running:
        running.wait_for("select count(*) from ingest_status where state = 'consuming'", 1)
        late = Site(site, f"late-{site.name[-8:]}")
        late.send(*[e for n in range(500) for e in answered_call(f"c{n}", n)])
        running.stopping.set()
        running.thread.join(60)
        assert running.ask(f"select count(*) from events where site = '{late.name}'") == [(2000,)]


def test_a_drain_of_an_empty_broker_ends_at_once(make_settings: Make, site: Site) -> None:
    with ingesting(settings_for(make_settings, site, drain_on_stop_s=30)) as running:
        running.wait_for("select count(*) from ingest_status where state = 'consuming'", 1)
        began = time.monotonic()
        running.stopping.set()
        running.thread.join(60)
        assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("given", "now", "stopping", "due"),
    [
        (0, 99.0, True, False),
        (3, 0.0, False, True),
        (2, 0.05, False, False),
        (1, 0.1, False, True),
        (1, 0.0, True, True),
    ],
)
def test_a_batch_closes_by_size_by_age_or_at_shutdown_and_never_empty(
    given: int, now: float, stopping: bool, due: bool
) -> None:
    window = BatchWindow(max_events=3, max_age_s=0.1)
    window.add(records([event("started")] * given) if given else [], now=0.0)
    assert window.is_due(now, stopping=stopping) is due


def test_the_age_of_a_batch_counts_from_its_first_message() -> None:
    window = BatchWindow(max_events=100, max_age_s=1.0)
    window.add(records([event("started")]), now=0.0)
    window.add(records([event("offered")]), now=0.9)
    assert window.is_due(1.0, stopping=False)
    assert sum(len(found) for _, found in window.take()) == 2
    window.add(records([event("answered")]), now=5.0)
    assert not window.is_due(5.5, stopping=False)


def test_batches_grow_older_where_commits_take_long_and_young_again_where_not() -> None:
    window = BatchWindow(max_events=100, max_age_s=0.05)
    ages = []
    for took_s in (0.005, *[0.03] * 30, *[2.0] * 30, *[0.005] * 60):
        window.tell(took_s)
        ages.append(window.max_age_s)
    assert ages[0] == 0.05
    assert ages[30] == pytest.approx(0.2, rel=0.05)
    assert ages[60] == 0.4
    assert ages[-1] == 0.05


def test_a_batch_is_never_younger_than_asked_for() -> None:
    window = BatchWindow(max_events=100, max_age_s=5.0)
    for _ in range(30):
        window.tell(0.3)
    assert window.max_age_s == 5.0


def test_times_of_receipt_are_now(make_settings: Make, site: Site) -> None:
    before = datetime.now(UTC).replace(tzinfo=None)
    site.send(event("offered"))
    with ingesting(settings_for(make_settings, site)) as running:
        running.wait_for("select count(*) from events", 1)
        ((received_at,),) = running.ask("select received_at from events")
    assert before <= received_at <= datetime.now(UTC).replace(tzinfo=None)


def test_on_a_fast_clock_times_of_receipt_are_its_times_and_its_events_are_not_ahead(
    make_settings: Make, site: Site
) -> None:
    settings = settings_for(make_settings, site, clock_speed=60, clock_since=datetime.now(UTC) - timedelta(hours=1))
    before = settings.clock.now()
    site.send(event("offered") | {"time": before.isoformat()})
    with ingesting(settings) as running:
        running.wait_for("select count(*) from events", 1)
        ((received_at,),) = running.ask("select received_at from events")
    assert before <= received_at.replace(tzinfo=UTC) <= settings.clock.now()


def test_a_batch_that_is_committed_is_not_committed_again_when_tidying_fails(
    make_settings: Make, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Store, *, force: bool = False) -> bool:
        if force:  # At the clean stop the disk has room again.
            return False
        raise duckdb.IOException("No space left on device")

    monkeypatch.setattr(Store, "tidy", full)
    site.send(*answered_call("c1"), b"{")
    with ingesting(settings_for(make_settings, site)) as running:
        running.wait_for("select count(*) from contacts where outcome = 'answered'", 1)
        time.sleep(3)  # Longer than the wait before a commit is tried again.
        assert running.ask("select sum(events), sum(repeats), sum(refused) from sites") == [(4, 0, 1)]

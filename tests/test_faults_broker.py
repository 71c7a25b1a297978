"""What goes wrong with the broker while `backstop ingest` runs: nothing is lost or doubled, and it is said.

A reader like the dashboard asks all the while. Each store is compared with that of a clean run. A broker that is
not there yet, and bad messages, are in `test_pipeline.py`; an ingest that dies is in `test_kill.py`.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from ingest.broker import EmbeddedBroker
from tests.builders import answered_call, encoded
from tests.faults import watched
from tests.ingesting import READ, ask, clean_run, messages, tables
from tests.kafka_server import KafkaServer
from tests.pipelines import HasAddress, Make, Site, ingesting, lasting_port, settings_for

FIRST = messages(350)
MORE = messages(350, first=350)
BAD = sum(isinstance(message, bytes) for message in FIRST)
NOTICES = "select detail from private.ingest_log where state = 'notice'"
STATES = "select distinct state from private.ingest_log"
OWN = {
    "contacts": "select * from contacts order by all",
    "events": "select * exclude (received_at, batch, kafka_partition, kafka_offset) from events order by all",
}
"""Tables without what depends on where in Kafka a message lay."""


def same_without_places(lived: Path, clean: Path) -> None:
    for name, query in OWN.items():
        assert ask(lived, query) == ask(clean, query), name


def test_a_broker_killed_and_started_again_empty(make_settings: Make, tmp_path: Path) -> None:
    """The embedded broker keeps nothing, so the producer sends everything again, and more."""
    port = lasting_port()
    broker = EmbeddedBroker(port, tmp_path / "first.log")
    site = Site(broker)
    settings = settings_for(make_settings, site)
    site.send(*FIRST)
    try:
        with watched(settings, tmp_path / "lived") as (ingest, reader):
            ingest.wait_for(READ, len(FIRST))
            broker.process.kill()
            broker.process.wait()
            waiting = reader.wait_for_state("waiting_for_broker")
            broker = EmbeddedBroker(port, tmp_path / "second.log")
            site.create()
            site.send(*FIRST, *MORE)
            ingest.wait_for(READ, 2 * len(FIRST) + len(MORE))
            reader.wait_for_state("consuming")
        expected = clean_run(settings, tmp_path / "clean", len(FIRST) + len(MORE))
    finally:
        broker.stop()
    assert str(port) in (waiting.detail or "")
    same_without_places(tmp_path / "lived", tmp_path / "clean")
    # What could not be used came twice, and stands twice.
    assert len(tables(tmp_path / "lived")["quarantine"]) == BAD + len(expected["quarantine"])
    assert ask(tmp_path / "lived", "select count(distinct kafka_topic_id) from private.kafka_position") == [(2,)]
    assert any("deleted and made anew" in notice for (notice,) in ask(tmp_path / "lived", NOTICES))
    assert "deleted and made anew" in ingest.said()
    assert "no broker at" in ingest.said() or "waiting_for_broker" in ingest.said()


def test_a_broker_killed_and_started_again_with_its_data(
    own_kafka: KafkaServer, make_settings: Make, tmp_path: Path
) -> None:
    site = Site(own_kafka)
    settings = settings_for(make_settings, site)
    site.send(*FIRST)
    with watched(settings, tmp_path / "lived") as (ingest, reader):
        ingest.wait_for(READ, len(FIRST))
        own_kafka.kill()
        reader.wait_for_state("waiting_for_broker")
        own_kafka.start()
        site.send(*MORE)
        ingest.wait_for(READ, len(FIRST) + len(MORE))
        reader.wait_for_state("consuming")
    expected = clean_run(settings, tmp_path / "clean", len(FIRST) + len(MORE))
    assert tables(tmp_path / "lived") == expected
    reader.never_more_than(expected)
    assert ask(tmp_path / "lived", NOTICES) == []
    assert "waiting_for_broker" in ingest.said()


def test_a_topic_deleted_and_made_anew_while_ingest_runs(
    broker: HasAddress, make_settings: Make, tmp_path: Path
) -> None:
    site = Site(broker)
    settings = settings_for(make_settings, site)
    site.send(*FIRST)
    with watched(settings, tmp_path / "lived") as (ingest, reader):
        ingest.wait_for(READ, len(FIRST))
        site.delete()
        site.create()
        site.send(*FIRST[: len(FIRST) // 2], *MORE)
        sent_anew = len(FIRST) // 2 + len(MORE)
        ingest.wait_for(READ, len(FIRST) + sent_anew)
    # A clean run of both incarnations: one ingest for each, one after the other.
    again = Site(broker, site.name)
    again.delete()
    again.create()
    again.send(*FIRST, *MORE)
    expected = clean_run(settings, tmp_path / "clean", len(FIRST) + len(MORE))
    same_without_places(tmp_path / "lived", tmp_path / "clean")
    sent_twice = sum(isinstance(message, bytes) for message in FIRST[: len(FIRST) // 2])
    assert len(tables(tmp_path / "lived")["quarantine"]) == len(expected["quarantine"]) + sent_twice
    last = ask(
        tmp_path / "lived",
        "select sum(next) from (select max(next_offset) as next from private.kafka_position "
        "group by kafka_topic_id, kafka_partition)",
    )
    assert last == [(len(FIRST) + sent_anew,)]
    assert any("deleted and made anew" in notice for (notice,) in ask(tmp_path / "lived", NOTICES))
    assert "deleted and made anew" in ingest.said()
    assert reader.states() == {"consuming"}


def test_a_topic_with_more_partitions_while_ingest_runs(kafka: HasAddress, make_settings: Make, tmp_path: Path) -> None:
    site = Site(kafka)
    settings = settings_for(make_settings, site)
    site.send(*FIRST)
    with watched(settings, tmp_path / "lived") as (ingest, reader):
        ingest.wait_for(READ, len(FIRST))
        admin = KafkaAdminClient(bootstrap_servers=kafka.address)
        admin.create_partitions({site.topic: 5})
        admin.close()
        # The same contacts go on in other partitions now.
        site.send(*MORE, *FIRST)
        ingest.wait_for(READ, 2 * len(FIRST) + len(MORE))
    expected = clean_run(settings, tmp_path / "clean", 2 * len(FIRST) + len(MORE))
    lived = tables(tmp_path / "lived")
    assert {partition for _, partition, _ in lived["positions"]} == set(range(5))
    same_without_places(tmp_path / "lived", tmp_path / "clean")
    assert lived["quarantine"] == expected["quarantine"]
    assert lived["positions"] == expected["positions"]
    reader.never_more_than(expected)
    assert reader.states() == {"consuming"}
    assert '"partitions": 5' in ingest.said()


def send_in_transaction(site: Site, calls: range, *, commit: bool) -> None:
    producer = KafkaProducer(bootstrap_servers=site.address, transactional_id=f"tx-{site.name}", acks="all")
    producer.init_transactions()
    producer.begin_transaction()
    for call in calls:
        for event in answered_call(f"c{call}", call):
            producer.send(site.topic, encoded(event | {"source": site.name}), key=event["subject"].encode())
    producer.flush()
    if commit:
        producer.commit_transaction()
    else:
        producer.abort_transaction()
    producer.close()


@pytest.mark.parametrize("last_commits", [True, False])
def test_transactions_are_read_when_committed_and_a_drain_ends_behind_their_markers(
    kafka: HasAddress, make_settings: Make, last_commits: bool
) -> None:
    site = Site(kafka)
    send_in_transaction(site, range(50), commit=True)
    send_in_transaction(site, range(50, 80), commit=not last_commits)
    send_in_transaction(site, range(80, 100), commit=last_commits)
    committed = 70 if last_commits else 80
    with ingesting(settings_for(make_settings, site, drain_on_stop_s=60)) as running:
        running.wait_for("select count(*) from contacts", committed)
        began = time.monotonic()
        running.stopping.set()
        running.thread.join(90)
        assert time.monotonic() - began < 20, "the drain waited for messages that are not there"
        assert running.ask("select count(*) from events") == [(4 * committed,)]
        assert running.pipeline.source.consumer is None

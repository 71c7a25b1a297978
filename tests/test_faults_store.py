"""What goes wrong with the store while `backstop ingest` runs: a second one, a full disk, a locked file.

That a second writer is refused, and a reader only delays the start, stands for the store alone in `test_store.py`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.faults import watched
from tests.ingesting import READ, Ingest, ask, clean_run, messages, tables
from tests.pipelines import HasAddress, Make, Site, ingesting, settings_for, wait_until

FIRST = messages(350)
MORE = messages(350, first=350)
MIB = 1 << 20
HOLD = """
import duckdb, sys
held = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""
"""Has the store open for writing until its standard input ends."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 MiB in memory. Needs the right to mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", str(folder)], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def fill(folder: Path, leave: int) -> Path:
    """A file that leaves so many bytes of the disk, or next to none."""
    ballast = folder / "ballast"
    with ballast.open("ab", buffering=0) as out:
        try:
            while free(folder) > leave:
                out.write(b"\0" * min(MIB, max(4096, free(folder) - leave)))
        except OSError:
            assert leave == 0
    return ballast


@pytest.mark.parametrize("leave", [40 * MIB, 0], ids=["nearly full", "full to the last byte"])
def test_a_disk_that_is_full_for_a_while(
    broker: HasAddress, make_settings: Make, tmp_path: Path, small_disk: Path, leave: int
) -> None:
    site = Site(broker)
    settings = settings_for(make_settings, site)
    site.send(*FIRST)
    lived = small_disk / "lived"
    with watched(settings, lived) as (ingest, reader):
        ingest.wait_for(READ, len(FIRST))
        before = reader.wait_for_state("consuming")
        ballast = fill(small_disk, leave)
        site.send(*MORE)
        ingest.wait_until_said("commit failed, trying again")
        if leave:
            waiting = reader.wait_for_state("waiting_for_room")
            assert "MiB are free" in (waiting.detail or "")
            assert waiting[:3] == reader.seen[-1][:3]
        else:
            # Not even the reason fits, or it just does: then the log alone has it meanwhile.
            wait_until(
                lambda: "readers were not told" in ingest.said() or "waiting_for_room" in reader.states(),
                "the reason to be noted, or to be said that it was not",
            )
        assert reader.seen[-1].events >= before.events
        ballast.unlink()
        ingest.wait_for(READ, len(FIRST) + len(MORE))
        reader.wait_for_state("consuming")
    expected = clean_run(settings, tmp_path / "clean", len(FIRST) + len(MORE))
    assert tables(lived) == expected
    reader.never_more_than(expected)
    notices = ask(lived, "select detail from private.ingest_log where state = 'notice'")
    assert ["nothing could be stored for" in notice for (notice,) in notices] == [True]
    assert "nothing could be stored for" in ingest.said()


def test_a_commit_that_does_not_fit_is_tried_again_until_it_does(
    broker: HasAddress,
    make_settings: Make,
    small_disk: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Somebody else took the room after ingest had looked for it: here it believes that there is plenty."""
    monkeypatch.setattr("ingest.room._ROOM_BYTES", -(1 << 50))
    site = Site(broker)
    said = ""

    def is_said() -> bool:
        nonlocal said
        said += "".join(capsys.readouterr())
        return "No space left on device" in said

    with ingesting(settings_for(make_settings, site, data_dir=small_disk / "lived")) as running:
        running.wait_for("select count(*) from ingest_status where state = 'consuming'", 1)
        ballast = fill(small_disk, 0)
        site.send(*FIRST)
        wait_until(is_said, "the full disk to be met")
        assert running.ask("select count(*) from quarantine") == [(0,)]
        ballast.unlink()
        running.wait_for(READ, len(FIRST))
        running.wait_for("select count(*) from contacts", 350)
        running.wait_for("select count(*) from private.ingest_log where detail like 'nothing could be stored for%'", 1)
        running.wait_for("select state from ingest_status", "consuming")


def test_stopped_while_the_disk_is_nearly_full_it_stores_what_it_has(
    broker: HasAddress, make_settings: Make, tmp_path: Path, small_disk: Path
) -> None:
    """The room that is kept free is for this: what an embedded broker loses at its end would come from nowhere."""
    site = Site(broker)
    settings = settings_for(make_settings, site)
    lived = small_disk / "lived"
    ingest = Ingest(settings, lived)
    try:
        ingest.wait_until_said("partitions taken up")
        fill(small_disk, 40 * MIB)
        site.send(*FIRST)
        ingest.wait_until_said("commit failed, trying again")
        ingest.stop()
        (small_disk / "ballast").unlink()
        Ingest(settings, lived).stop_when_read(len(FIRST))
        assert tables(lived) == clean_run(settings, tmp_path / "clean", len(FIRST))
    finally:
        ingest.kill()


def test_a_second_ingest_on_the_same_store_ends_and_the_first_goes_on(
    broker: HasAddress, make_settings: Make, tmp_path: Path
) -> None:
    site = Site(broker)
    settings = settings_for(make_settings, site)
    site.send(*FIRST)
    with watched(settings, tmp_path / "lived") as (ingest, reader):
        ingest.wait_for(READ, len(FIRST))
        second = Ingest(settings, tmp_path / "lived")
        assert second.process.wait(60) == 2
        site.send(*MORE)
        ingest.wait_for(READ, len(FIRST) + len(MORE))
    assert "Only one ingest may write a store: stop the other one" in second.said()
    assert str(tmp_path / "lived" / "backstop.duckdb") in second.said()
    assert "Traceback" not in second.said()
    expected = clean_run(settings, tmp_path / "clean", len(FIRST) + len(MORE))
    assert tables(tmp_path / "lived") == expected
    reader.never_more_than(expected)
    assert reader.states() == {"consuming"}


@pytest.fixture
def holder(make_settings: Make, broker: HasAddress, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that has the store `lived` open for writing until its stdin is closed."""
    (tmp_path / "lived").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "lived" / "backstop.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_store_that_another_process_holds_is_an_error_that_names_the_process(
    holder: subprocess.Popen[bytes], broker: HasAddress, make_settings: Make, tmp_path: Path
) -> None:
    ingest = Ingest(settings_for(make_settings, Site(broker)), tmp_path / "lived")
    assert ingest.process.wait(60) == 2
    assert "is open in another process" in ingest.said()
    assert f"PID {holder.pid}" in ingest.said()
    assert "Traceback" not in ingest.said()


def test_a_store_that_another_process_lets_go_of_in_time_is_taken_up(
    holder: subprocess.Popen[bytes],
    broker: HasAddress,
    make_settings: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In this process, so that it is certain that the lock was met: the holder lets go at the third try."""
    connect, tries = duckdb.connect, 0

    def counted(*arguments: Any, **options: Any) -> duckdb.DuckDBPyConnection:
        nonlocal tries
        tries += 1
        if tries == 3:
            assert holder.stdin
            holder.stdin.close()
            holder.wait()
        return connect(*arguments, **options)

    site = Site(broker)
    site.send(*FIRST)
    monkeypatch.setattr(duckdb, "connect", counted)
    with ingesting(settings_for(make_settings, site, data_dir=tmp_path / "lived")) as running:
        assert tries == 3
        running.wait_for(READ, len(FIRST))

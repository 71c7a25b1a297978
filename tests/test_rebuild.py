"""Rebuilding gives what living through gave, says so row by row when not, and puts no half file anywhere."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from ingest import cli
from ingest.decoding.decoder import Decoder
from ingest.migrate import StoreError
from ingest.receipts import Batch, Partition
from ingest.store import Store
from ingest.upkeep import rebuild as rebuilding
from ingest.upkeep.compare import Example
from ingest.upkeep.rebuild import Rebuilt, rebuild
from ingest.upkeep.work import Step
from models import schema
from models.fold import FACTS
from models.settings import Settings, load_settings, with_secrets
from tests.builders import KEY, T0, answered_call, event, records
from tests.test_fold import contact_events

Make = Callable[..., Settings]
Event = dict[str, Any]
HERE = Partition("contacts.north", "topic-1", 0)
NOW = T0 + timedelta(days=60)


def commit(store: Store, bodies: list[Any], start: int = 0) -> None:
    decoded = Decoder(KEY, 3600, 1_000_000).decode(records(bodies, start=start), NOW)
    store.commit(Batch(decoded, {HERE: start + len(bodies)}, NOW))


def changed(column: str, **fields: str) -> str:
    """An update of facts in SQL, written out: struct_update of DuckDB 1.5.5 corrupts its memory where there is NULL."""
    rule = next(rule for rule in FACTS if rule.column == column)
    every = {name: f'{column}."{name}"' for name in ("at", "id", *rule.fields, "revision")} | fields
    made = ", ".join(f"'{name}': {value}" for name, value in every.items())
    return f"update private.contact_version set {column} = {{{made}}} where {column} is not null"


def quiet(_: Step) -> None:
    pass


def different(done: Rebuilt) -> list[Any]:
    return [relation for relation in done.compared if not relation.is_equal]


@pytest.fixture
def lived(make_settings: Make) -> Settings:
    """A store at rest that lived through a little of everything."""
    settings = make_settings()
    store = Store.open(settings)
    calls = [e for n in range(40) for e in answered_call(f"c{n}", n * 4000)]
    for start in range(0, len(calls), 9):
        commit(store, calls[start : start + 9], start)
    odd = [b"{", event("surveyed", "c1", 900), event("agent.state_changed", "ann", 5), event("chat.message", "c7", 90)]
    odd += [event("held", "c1", 20) | {"id": f"hold {n}"} for n in range(3)]
    odd += [event("abandoned", "c2", 4) | {"revision": 2}, event("transferred", "c3", 30)]
    commit(store, odd, 1000)
    commit(store, calls[:20], 2000)
    store.note("notice", "something to keep")
    store.rollups.run_all()
    store.close()
    return settings


def test_sums_that_had_not_been_brought_up_to_date_are_left_out_of_the_comparison(lived: Settings) -> None:
    store = Store.open(lived)
    commit(store, answered_call("c99", 400_000), 3000)
    store.close()
    done = rebuild(lived, quiet)
    assert different(done) == []
    assert {"contacts", "contact_counts"} <= {relation.name for relation in done.compared}
    assert not {"site_week", "day_sums"} & {relation.name for relation in done.compared}


def test_a_rebuilt_store_says_what_the_lived_one_says(lived: Settings) -> None:
    before = lived.store_path.read_bytes()
    done = rebuild(lived, quiet)
    assert different(done) == []
    assert (done.events, done.contacts, done.taken_over) == (168, 40, 0)
    counts = {relation.name: relation.equal for relation in done.compared}
    assert counts["contacts"] == counts["private.contact_version"] == 40
    assert counts["private.event"] == 168
    assert counts["private.refused"] == counts["private.ingest_log"] == 1
    assert counts["site_week"] == 1
    assert lived.store_path.read_bytes() == before
    assert sorted(path.name for path in lived.data_dir.glob("backstop.duckdb*")) == ["backstop.duckdb"]


def test_what_is_compared_is_every_view(lived: Settings) -> None:
    """Also those that ask for the present; two are nothing but the tables that are compared."""
    names = {relation.name for relation in rebuild(lived, quiet).compared}
    assert names >= set(schema.VIEWS) - {"events", "quarantine", "rolled_up"}


def test_a_store_with_views_of_another_version_is_refused(lived: Settings) -> None:
    with duckdb.connect(lived.store_path) as db:
        db.execute("create or replace view topics as select 'of old' as topic")
    with pytest.raises(StoreError, match="another version of Backstop"):
        rebuild(lived, quiet)


@st.composite
def told(draw: st.DrawFn) -> Event:
    """An event of a few contacts, perhaps a correction of another."""
    body = draw(contact_events())
    if draw(st.booleans()):
        body |= {"id": f"{body['subject']}/same", "revision": draw(st.integers(0, 3))}
    return body


@examples(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(told(), min_size=1, max_size=25), st.data())
def test_rebuilding_equals_living_for_any_events_in_any_order_and_batches(
    events: list[Event], data: st.DataObject
) -> None:
    again = data.draw(st.permutations(events + events[: len(events) // 2]))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(again)), max_size=5)))
    tidy_after = data.draw(st.integers(0, 5))
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(rebuilding, "CHUNK_EVENTS", data.draw(st.sampled_from([1, 3, 1000])))
        patched.setattr(rebuilding, "_TIDY_AT", 2)
        settings = with_secrets(load_settings(data_dir=Path(folder)))
        store = Store.open(settings)
        for number, (a, b) in enumerate(zip([0, *cuts], [*cuts, len(again)], strict=True)):
            if b > a:
                commit(store, again[a:b], a)
            if number == tidy_after:
                store.tidy(force=True)
        store.close()
        done = rebuild(settings, quiet)
        assert different(done) == []
        assert done.contacts == len({e["subject"] for e in events})


def test_states_that_are_no_longer_at_hand_are_looked_up(lived: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.contacts.KEPT_AT_HAND", 3)
    monkeypatch.setattr(rebuilding, "CHUNK_EVENTS", 10)
    assert different(rebuild(lived, quiet)) == []


def test_a_contact_that_is_not_what_its_events_say_is_found_and_shown(lived: Settings) -> None:
    with duckdb.connect(lived.store_path) as db:
        db.execute(changed("answered", wait_s="99.0") + " and contact_id = 'c5'")
        db.execute("delete from private.contact_version where contact_id = 'c6'")
    done = rebuild(lived, quiet)
    assert not done.is_equal
    found = {relation.name: relation for relation in different(done)}
    contacts = found["contacts"]
    assert (contacts.equal, contacts.only_old, contacts.only_new) == (38, 1, 2)
    assert Example("north c5", "wait_s", "99.0", "10.0") in contacts.examples
    assert any(e.row == "north c6" and e.was == "nothing" for e in contacts.examples)
    assert (found["contact_counts"].only_old, found["contact_counts"].only_new) == (1, 2)


def test_lost_events_are_found_by_what_they_leave(lived: Settings) -> None:
    with duckdb.connect(lived.store_path) as db:
        db.execute("delete from private.event where subject = 'c9'")
    (contacts,) = [relation for relation in different(rebuild(lived, quiet)) if relation.name == "contacts"]
    assert (contacts.only_old, contacts.only_new) == (1, 0)
    (example,) = contacts.examples
    assert (example.row, example.column, example.now) == ("north c9", "", "nothing")


def test_many_differences_are_counted_in_full_and_ten_are_shown(lived: Settings) -> None:
    with duckdb.connect(lived.store_path) as db:
        db.execute(changed("offered", queue="'other'"))
    (contacts,) = [relation for relation in different(rebuild(lived, quiet)) if relation.name == "contacts"]
    assert (contacts.equal, contacts.only_old, contacts.only_new) == (0, 40, 40)
    assert len(contacts.examples) == 10


def test_the_last_digits_of_a_sum_are_no_difference_but_more_is(lived: Settings) -> None:
    with duckdb.connect(lived.store_path) as db:
        db.execute(changed("answered", wait_s="10::double + 1e-12"))
    # The table has a value where its events say none; the views, which work it out then, have nearly the same.
    assert [relation.name for relation in different(rebuild(lived, quiet))] == ["private.contact_version"]
    with duckdb.connect(lived.store_path) as db:
        db.execute(changed("answered", wait_s="10::double + 1e-5"))
    assert "contacts" in {relation.name for relation in different(rebuild(lived, quiet))}


def test_facts_from_before_there_were_revisions_are_no_difference(lived: Settings) -> None:
    with duckdb.connect(lived.store_path) as db:
        assert db.execute(changed("offered", revision="null::bigint")).fetchall() == [(40,)]
    assert different(rebuild(lived, quiet)) == []


def test_the_rebuilt_store_goes_on_living(lived: Settings, tmp_path: Path) -> None:
    done = rebuild(lived, quiet, tmp_path / "again" / "backstop.duckdb")
    assert done.file == tmp_path / "again" / "backstop.duckdb"
    assert done.file.stat().st_mode & 0o077 == 0
    more = [event("classified", "c1", 5000, topic="refund"), *answered_call("new", 9000)]
    said = []
    for folder in (lived.data_dir, tmp_path / "again"):
        store = Store.open(lived.model_copy(update={"data_dir": folder}))
        positions = store.positions()
        commit(store, [*more, *answered_call("c1")], 5000)
        said.append((positions, store.connection.execute("from contacts order by contact_id").fetchall()))
        store.close()
    assert said[0] == said[1]


def test_an_output_that_exists_is_not_overwritten(lived: Settings, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("words")
    with pytest.raises(StoreError, match="precious exists"):
        rebuild(lived, quiet, tmp_path / "precious")
    assert (tmp_path / "precious").read_text() == "words"


def test_replacing_keeps_the_old_store_beside_the_new_one(lived: Settings) -> None:
    with duckdb.connect(lived.store_path) as db:
        db.execute("delete from private.contact_version where contact_id = 'c6'")
    old = lived.store_path.read_bytes()
    done = rebuild(lived, quiet, replace=True)
    assert done.kept is not None
    assert done.kept.name.startswith("backstop.duckdb.before-rebuild-20")
    assert done.kept.read_bytes() == old
    store = Store.open(lived)
    assert store.connection.execute("select count(*) from contacts").fetchall() == [(40,)]
    store.close()
    assert rebuild(lived, quiet).is_equal
    names = sorted(path.name for path in lived.data_dir.glob("backstop.duckdb*"))
    assert names == ["backstop.duckdb", done.kept.name]


def test_an_old_store_that_is_kept_is_never_overwritten(lived: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    done = rebuild(lived, quiet, replace=True)
    assert done.kept is not None
    kept, present = done.kept.read_bytes(), lived.store_path.read_bytes()
    stood = lived.clock.now()
    monkeypatch.setattr("models.clock.Clock.now", lambda _: stood)
    taken = lived.store_path.with_name(f"backstop.duckdb.before-rebuild-{stood:%Y%m%dT%H%M%SZ}")
    if not taken.exists():
        taken.write_bytes(b"older")
    before = taken.read_bytes()
    with pytest.raises(StoreError, match="is not overwritten"):
        rebuild(lived, quiet, replace=True)
    assert taken.read_bytes() == before
    assert done.kept.read_bytes() == kept
    assert lived.store_path.read_bytes() == present


def test_a_store_that_a_killed_ingest_left_is_rebuilt_and_replaced(lived: Settings) -> None:
    code = (
        "import sys, os; from models.settings import load_settings; from ingest.store import Store\n"
        "from tests.test_rebuild import commit; from tests.builders import answered_call\n"
        "store = Store.open(load_settings(data_dir=sys.argv[1])); commit(store, answered_call('late', 7), 9000)\n"
        "os.kill(os.getpid(), 9)"
    )
    environment = dict(os.environ) | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    subprocess.run([sys.executable, "-c", code, str(lived.data_dir)], env=environment, timeout=60, check=False)
    log = lived.store_path.with_name("backstop.duckdb.wal")
    assert log.exists()
    done = rebuild(lived, quiet)
    assert (different(done), done.contacts) == ([], 41)
    assert rebuild(lived, quiet, replace=True).is_equal
    assert not log.exists()
    store = Store.open(lived)
    assert store.connection.execute("select count(*) from contacts").fetchall() == [(41,)]
    store.close()


def test_a_store_that_is_open_elsewhere_is_not_rebuilt(lived: Settings) -> None:
    code = (
        "import sys; from models.settings import load_settings; from ingest.store import Store\n"
        "store = Store.open(load_settings(data_dir=sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    )
    environment = dict(os.environ) | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(lived.data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    )
    assert other.stdout
    other.stdout.readline()
    with pytest.raises(StoreError, match="stop ingest first"):
        rebuild(lived, quiet, replace=True)
    other.communicate()


def test_a_store_written_to_meanwhile_is_not_replaced(lived: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    close = Store.close

    def close_then_live_on(store: Store) -> None:
        close(store)
        if store.settings != lived:
            monkeypatch.setattr(Store, "close", close)
            other = Store.open(lived)
            commit(other, answered_call("late", 7), 9000)
            other.close()

    monkeypatch.setattr(Store, "close", close_then_live_on)
    with pytest.raises(StoreError, match="was written to during the rebuild; nothing was changed"):
        rebuild(lived, quiet, replace=True)
    store = Store.open(lived)
    assert store.connection.execute("select count(*) from contacts").fetchall() == [(41,)]
    store.close()


def slow_rebuild(folder: Path, output: Path) -> subprocess.Popen[bytes]:
    """A rebuild that never ends, once it has derived something."""
    code = (
        "import sys, time; from pathlib import Path; from models.settings import load_settings\n"
        "from ingest.upkeep import rebuild as r\n"
        "r.CHUNK_EVENTS = 50\n"
        "def on_step(step):\n"
        "    if step.what == 'events' and step.done:\n"
        "        print('under way', flush=True); time.sleep(600)\n"
        "r.rebuild(load_settings(data_dir=sys.argv[1]), on_step, Path(sys.argv[2]))"
    )
    environment = dict(os.environ) | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder), str(output)], stdout=subprocess.PIPE, env=environment
    )
    assert process.stdout
    assert process.stdout.readline() == b"under way\n"
    return process


@pytest.fixture
def half_done(lived: Settings, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = slow_rebuild(lived.data_dir, tmp_path / "out.duckdb")
    yield process
    process.kill()
    process.wait(30)


def test_a_rebuild_that_is_killed_leaves_no_output_and_the_next_one_clears_up(
    lived: Settings, tmp_path: Path, half_done: subprocess.Popen[bytes]
) -> None:
    with pytest.raises(StoreError, match="another rebuild is at work"):
        rebuild(lived, quiet, tmp_path / "out.duckdb")
    os.kill(half_done.pid, signal.SIGKILL)
    half_done.wait(30)
    assert not (tmp_path / "out.duckdb").exists()
    assert (tmp_path / "out.duckdb.building").exists()
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            done = rebuild(lived, quiet, tmp_path / "out.duckdb")
            break
        except StoreError:
            time.sleep(0.1)
    assert done.is_equal
    assert sorted(path.name for path in tmp_path.glob("out*")) == ["out.duckdb"]


def backstop(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["rebuild", *arguments])


def test_the_command_says_what_it_found_and_exits_with_it(lived: Settings, tmp_path: Path) -> None:
    folder = str(lived.data_dir)
    same = backstop("--data-dir", folder, "--output", str(tmp_path / "copy"))
    assert same.exit_code == 0, same.output
    assert "40 contacts derived from 168 raw events" in same.stdout
    assert "the rebuilt store is the same" in same.stdout
    assert (tmp_path / "copy").exists()
    with duckdb.connect(lived.store_path) as db:
        db.execute("delete from private.contact_version where contact_id = 'c6'")
    other = backstop("--data-dir", folder)
    assert other.exit_code == 1
    assert "is NOT the same" in other.stdout
    assert "north c6: was nothing" in other.stdout
    assert backstop("--data-dir", str(tmp_path / "nowhere")).exit_code == 2
    both = backstop("--data-dir", folder, "--replace", "--output", str(tmp_path / "x"))
    assert both.exit_code == 2
    assert "exclude each other" in both.stderr


def test_settings_that_changed_since_are_shown_as_what_they_are(lived: Settings) -> None:
    done = rebuild(lived.model_copy(update={"service_level_s": 5.0}), quiet)
    found = {relation.name: relation for relation in different(done)}
    assert Example("service_level_s", "value", "20.0", "5.0") in found["private.setting"].examples
    assert "private.contact_version" not in found


def test_a_store_of_another_schema_is_refused(lived: Settings) -> None:
    with duckdb.connect(lived.store_path) as db:
        db.execute("delete from schema_migration where number = (select max(number) from schema_migration)")
    with pytest.raises(StoreError, match="start ingest of this version once"):
        rebuild(lived, quiet)

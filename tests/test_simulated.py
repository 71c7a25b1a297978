"""What a simulator made is marked from the message to the page: no number of it ever passes for a customer's."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest
import streamlit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard import words
from ingest.decoding.decoder import Decoder
from ingest.receipts import Batch, Partition
from ingest.store import Store
from models import contract, schema
from models.events import event_classes
from models.settings import Settings, load_settings, with_secrets
from tests.builders import KEY, T0, answered_call, encoded, event, records
from tests.dashboard_store import Contact, Server, Site, add_contacts, add_quarter_hours, add_sites, create
from tests.test_dashboard_pages import live, markdown, opened, texts, weeks

NOW = T0 + timedelta(days=1)
NAMES = {"a": "**North** <b>x</b>", "b": ":red[South]", "c": "East"}
MARK = {"simulated": True}


# --- messages ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wire", list(event_classes()))
def test_the_published_schema_has_the_mark_and_does_not_ask_for_it(wire: str) -> None:
    published = contract.document(wire)
    jsonschema.Draft202012Validator(published).validate(event(wire) | MARK)
    assert not jsonschema.Draft202012Validator(published).is_valid(event(wire) | {"simulated": "true"})
    assert published["properties"]["simulated"]["type"] == "boolean"
    assert "simulated" not in published["required"]
    assert "simulated" in contract.asyncapi()["components"]["messages"][wire]["payload"]["properties"]


@pytest.mark.parametrize("more", [{}, {"unknown_field": 1}], ids=["fast reader", "contract's reader"])
def test_marked_rows_are_known_by_both_readers_and_nothing_else_of_them_changes(
    decoder: Decoder, more: dict[str, Any]
) -> None:
    calls = [event("offered", f"c{n}", **more) for n in range(4)]
    plain = decoder.decode(records(calls), NOW)
    assert plain.simulated == []
    marked = decoder.decode(
        records([calls[0], b"{", calls[1] | MARK, calls[2] | {"simulated": False}, calls[3] | MARK]), NOW
    )
    assert [marked.events["subject"][row].as_py() for row in marked.simulated] == ["c1", "c3"]
    assert marked.events.drop(["kafka_offset"]) == plain.events.drop(["kafka_offset"])


@pytest.mark.parametrize("value", ["true", 1, None, []])
def test_a_mark_that_is_neither_true_nor_false_is_refused_with_its_name(decoder: Decoder, value: object) -> None:
    (refusal,) = decoder.decode(records([encoded(event("offered") | {"simulated": value})]), NOW).refusals
    assert refusal.code == "not_cloudevents"
    assert "simulated: Input should be a valid boolean" in refusal.reason


# --- store ------------------------------------------------------------------------------------------------


def commit(store: Store, site: str, events: list[dict[str, Any] | bytes | None], start: int = 0) -> None:
    bodies = [body | {"source": site} if isinstance(body, dict) else body for body in events]
    decoded = Decoder(KEY, 3600, 1_000_000).decode(records(bodies, site=site, start=start), NOW)
    store.commit(Batch(decoded, {Partition(f"contacts.{site}", "t", 0): start + len(events)}, NOW))


def counts(store: Store) -> dict[str, tuple[int, ...]]:
    rows = store.connection.execute(
        "select site, sum(accepted), sum(repeats), sum(refused), sum(simulated) from private.batch_site group by site"
    ).fetchall()
    return {site: tuple(map(int, numbers)) for site, *numbers in rows}


def simulated(store: Store) -> dict[str, bool]:
    return dict(store.connection.execute("select site, simulated from sites").fetchall())


def test_the_store_knows_which_sites_sent_simulated_events(make_settings: Callable[..., Settings]) -> None:
    store = Store.open(make_settings(sites={"silent": {}}))
    commit(store, "north", list(answered_call("c1")))
    commit(store, "south", [*answered_call("c1"), *(body | MARK for body in answered_call("c2"))])
    assert simulated(store) == {"north": False, "south": True, "silent": False}
    assert counts(store) == {"north": (4, 0, 0, 0), "south": (8, 0, 0, 4)}
    again = [body | MARK for body in answered_call("c2")]
    commit(store, "south", [b"{", *again, event("wrapped_up", "c1", 300), event("held", "c8") | MARK], 8)
    for to_tidy in (True, False):
        assert counts(store) == {"north": (4, 0, 0, 0), "south": (10, 4, 1, 5)}
        assert simulated(store) == {"north": False, "south": True, "silent": False}
        assert store.tidy(force=True) is to_tidy
    store.close()


marked = st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans()), max_size=8)
serial = itertools.count()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(marked, max_size=4))
def test_every_simulated_event_is_counted_once_however_batches_and_repeats_fall(
    store: Store, batches: list[list[tuple[str, bool]]]
) -> None:
    site = f"site-{next(serial)}"
    first: dict[str, bool] = {}
    for batch in batches:
        for contact, mark in batch:
            first.setdefault(contact, mark)
        commit(store, site, [event("offered", contact) | {"simulated": mark} for contact, mark in batch])
    sent = sum(map(len, batches))
    assert counts(store).get(site, (0, 0, 0, 0)) == (len(first), sent - len(first), 0, sum(first.values()))


def old_store(folder: Path) -> Settings:
    """A store as the version before this one left it, with a batch in it."""
    made = with_secrets(load_settings(data_dir=folder / "data"))
    made.data_dir.mkdir(exist_ok=True)
    with duckdb.connect(made.store_path) as db:
        db.execute(
            "create table schema_migration (number integer not null, name varchar not null, applied_at timestamp)"
        )
        db.execute(schema.migrations()[0].sql)
        db.execute("insert into schema_migration values (1, 'store', '2026-01-01')")
        db.execute(
            "insert into private.batch_site values (1, 'north', '2026-01-01', 5, 1, 0, '2026-01-01', '2026-01-01')"
        )
    return made


def test_a_store_from_before_the_mark_is_brought_up_to_date_and_was_real(tmp_path: Path) -> None:
    store = Store.open(old_store(tmp_path))
    assert counts(store) == {"north": (5, 1, 0, 0)}
    assert simulated(store) == {"north": False}
    commit(store, "north", [event("offered") | MARK])
    assert simulated(store) == {"north": True}
    store.close()


def test_a_kill_right_after_the_migration_costs_nothing(tmp_path: Path) -> None:
    made = old_store(tmp_path)
    code = (
        "import os, sys; from models.settings import load_settings, with_secrets; from ingest.store import Store\n"
        "Store.open(with_secrets(load_settings(data_dir=sys.argv[1]))); os._exit(9)"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    assert subprocess.run([sys.executable, "-c", code, str(made.data_dir)], env=environment, timeout=60).returncode == 9
    store = Store.open(made)
    assert counts(store) == {"north": (5, 1, 0, 0)}
    store.close()


# --- pages ------------------------------------------------------------------------------------------------


@pytest.fixture
def shown(fresh_caches: None, tmp_path: Path, serve_file: Callable[[Path], Server]) -> Callable[..., Server]:
    """Serves a store of the sites NAMES, those given simulated, and points the pages to it."""

    def show(*played: str, names: dict[str, str] = NAMES) -> Server:
        now = datetime.now(UTC)
        path = tmp_path / "backstop.duckdb"
        db = create(path)
        add_sites(db, [Site(site, name) for site, name in names.items()] + [Site("silent", "Silent")])
        add_quarter_hours(db, {now.year - 1, now.year})
        add_contacts(db, [Contact(site, now - timedelta(days=7)) for site in names], now, played)
        db.close()
        return serve_file(path)

    return show


def test_every_page_says_that_all_is_simulated_live_and_from_the_file(shown: Callable[..., Server]) -> None:
    server = shown("a", "b", "c")
    for _ in ("live", "from the file"):
        compare = opened("compare")
        for app in (live(), compare):
            assert markdown(app).count(words.DEMO) == 1
            assert "Made by the simulator, not by customers\n" in texts(app)
        assert weeks(compare)["unit"].str.endswith(" · demo").all()
        server.stop()
        streamlit.cache_data.clear()


def test_every_page_names_the_simulated_sites_when_others_are_real_and_reads_no_markup_in_them(
    shown: Callable[..., Server],
) -> None:
    shown("a", "b")
    compare = opened("compare")
    for app in (live(), compare):
        assert markdown(app).count(words.DEMO) == 1
        assert f"{NAMES['a']}, {NAMES['b']}: made by the simulator, not by customers\n" in texts(app)
        assert NAMES["a"] not in markdown(app)
        assert NAMES["b"] not in markdown(app)
    assert set(weeks(compare)["unit"]) == {f"{NAMES['a']} · demo", f"{NAMES['b']} · demo", NAMES["c"]}


def test_simulated_sites_of_one_name_are_told_apart(shown: Callable[..., Server]) -> None:
    shown("a", names={"a": "North", "b": "North"})
    assert "North (a): made by the simulator, not by customers\n" in texts(live())


def test_real_data_is_not_called_a_demonstration(shown: Callable[..., Server]) -> None:
    shown()
    for app in (live(), opened("compare")):
        assert words.DEMO not in markdown(app)
        assert "simulator" not in texts(app)


def test_a_page_whose_time_runs_fast_says_so(shown: Callable[..., Server]) -> None:
    server = shown("a", "b", "c")
    server.stop()
    with duckdb.connect(str(server.path)) as db:
        db.execute("insert into private.setting values ('clock_speed', '60'), ('clock_since', '2026-01-01')")
    server.start()
    assert "Made by the simulator, not by customers · time runs 60 times as fast" in texts(live())

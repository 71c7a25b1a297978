"""The contact fold gives the same row whatever the order, however often an event repeats, however batches fall."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.contacts import CONTACT_SPAN
from ingest.decoding.decoder import Decoder
from ingest.receipts import Batch, Partition
from ingest.store import Store
from ingest.versions import state_of, versions_table
from models import schema
from models.fold import COLUMNS, FACTS, State, merge
from models.settings import Settings, load_settings, with_secrets
from tests.builders import T0, answered_call, event, records
from tests.reference_fold import fold

Event = dict[str, Any]
HERE = Partition("contacts.north", "topic-1", 0)

facts = st.sampled_from(
    ["started", "offered", "answered", "held", "transferred", "abandoned", "left_queue", "left_menu",
     "completed", "wrapped_up", "classified", "excluded", "chat.message"]
)  # fmt: skip
seconds = st.one_of(st.none(), st.sampled_from([0.0, 1.5, 20.0, 20.5]))


@st.composite
def contact_events(draw: st.DrawFn) -> Event:
    fact = draw(facts)
    contact = draw(st.sampled_from(["c1", "c2", "c3"]))
    after_s = draw(st.sampled_from([0, 0, 1, 5, 20, 20, 60, 3600, 86_400 * 30]))
    data: dict[str, Any] = {}
    if fact in ("answered", "abandoned", "left_queue"):
        data["wait_s"] = draw(seconds)
    if fact == "answered":
        data["agent_id"] = draw(st.sampled_from(["ann", "bob"]))
    if fact == "completed":
        data |= {"talk_s": draw(seconds), "hold_s": draw(seconds)}
    if fact == "held":
        data["hold_s"] = draw(st.sampled_from([1.0, 2.5]))
    if fact == "wrapped_up":
        data["wrap_up_s"] = draw(seconds)
    if fact == "classified":
        data["topic"] = draw(st.sampled_from(["billing", "delivery"]))
    body = event(fact, contact, after_s, **data)
    body["revision"] = draw(st.sampled_from([0, 0, 0, 1, 2]))
    named = fact
    if fact in ("abandoned", "left_queue"):  # One may correct the other.
        named = draw(st.sampled_from([fact, "unanswered"]))
    return body | {"id": f"{contact}/{named}/{after_s}/{draw(st.integers(0, 1))}"}


def commit(store: Store, decoder: Decoder, events: list[Event], start: int = 0) -> None:
    now = T0 + timedelta(days=60)
    store.commit(Batch(decoder.decode(records(events, start=start), now), {HERE: start + len(events)}, now))


def contacts(store: Store, site: str = "north") -> list[Any]:
    return store.connection.execute(
        "select * exclude (site) from contacts where site = ? order by contact_id", [site]
    ).fetchall()


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all examples of a property; each example is a site of its own."""
    opened = Store.open(with_secrets(load_settings(data_dir=tmp_path_factory.mktemp("fold"))))
    yield opened
    opened.close()


class Living:
    """Commits the batches of one example to a site nobody else uses."""

    sites = itertools.count()

    def __init__(self, store: Store) -> None:
        self.store, self.site = store, f"site{next(self.sites)}"
        self.decoder, self.offset = Decoder("k" * 32, 3600, 1_000_000), 0

    def through(self, batches: list[list[Event]], *, tidy_after: int | None = None) -> list[Any]:
        """The site's contacts after all batches."""
        now = T0 + timedelta(days=60)
        here = Partition(f"contacts.{self.site}", "topic-1", 0)
        for number, batch in enumerate(batches):
            mine = records([e | {"source": self.site} for e in batch], site=self.site, start=self.offset)
            self.offset += len(batch)
            self.store.commit(Batch(self.decoder.decode(mine, now), {here: self.offset}, now))
            if number == tidy_after:
                self.store.tidy(force=True)
        return contacts(self.store, self.site)

    def durations(self) -> dict[str, Any]:
        """Outcome, durations and whether it is open by contact."""
        columns = "contact_id, outcome, wait_s, talk_s, hold_s, wrap_up_s, is_open"
        rows = self.store.connection.execute(
            f"""
            select {columns} from contacts
            join (select contact_id, waiting + in_conversation = 1 as is_open from contact_counts where site = $1)
                using (contact_id)
            where site = $1
            """,
            [self.site],
        ).fetchall()
        return {row[0]: dict(zip(columns.split(", ")[1:], row[1:], strict=True)) for row in rows}


OFTEN = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@OFTEN
@given(st.lists(contact_events(), min_size=1, max_size=14, unique_by=lambda e: (e["id"], e["revision"])), st.data())
def test_shuffled_repeated_and_split_events_fold_to_the_same_contacts(
    shared_store: Store, events: list[Event], data: st.DataObject
) -> None:
    once = Living(shared_store)
    clean = once.through([events])
    again = data.draw(st.permutations(events * 2 + events[: len(events) // 2]))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(again)), max_size=3)))
    batches = [again[a:b] for a, b in zip([0, *cuts], [*cuts, len(again)], strict=True) if b > a]
    assert Living(shared_store).through(batches, tidy_after=data.draw(st.integers(0, 4))) == clean
    assert once.durations() == {
        name: {k: pytest.approx(v) if isinstance(v, float) else v for k, v in row.items()}
        for name, row in fold(events).items()
    }


@OFTEN
@given(st.lists(contact_events(), min_size=2, max_size=10), st.randoms())
def test_events_that_share_an_id_but_differ_fold_the_same_in_any_order(
    shared_store: Store, events: list[Event], random: Any
) -> None:
    clashing = [e | {"id": f"{e['subject']}/same"} for e in events]
    turned = clashing[:]
    random.shuffle(turned)
    half = len(turned) // 2
    assert Living(shared_store).through([clashing]) == Living(shared_store).through([turned[:half], turned[half:]])


def test_folding_all_raw_events_at_once_gives_what_living_through_them_gave(
    store: Store, decoder: Decoder, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    calls = [e for n in range(30) for e in answered_call(f"c{n}", n * 400)]
    for start in range(0, len(calls), 7):
        commit(store, decoder, calls[start : start + 7], start)
    again = Store.open(make_settings(data_dir=tmp_path / "again"))
    commit(again, decoder, calls)
    assert contacts(again) == contacts(store)
    assert len(contacts(store)) == 30
    again.close()


@pytest.mark.parametrize("kept", [0, 3])
def test_contacts_that_are_no_longer_at_hand_are_looked_up(
    store: Store, decoder: Decoder, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    monkeypatch.setattr("ingest.contacts.KEPT_AT_HAND", kept)
    calls = [answered_call(f"c{n}", n * 400) for n in range(8)]
    for step in range(4):
        commit(store, decoder, [call[step] for call in calls], step * 8)
    outcomes = store.connection.execute("select outcome, count(*) from contacts group by all").fetchall()
    assert outcomes == [("answered", 8)]


def test_a_failed_commit_leaves_nothing_behind_and_can_be_tried_again(store: Store, decoder: Decoder) -> None:
    commit(store, decoder, [event("offered")])
    before = contacts(store)
    now = T0 + timedelta(days=60)
    batch = Batch(decoder.decode(records([event("answered", after_s=9)], start=1), now), {HERE: 2}, now)
    broken = Batch(batch.decoded, {Partition("contacts.north", "i", "no number"): 2}, now)  # type: ignore[arg-type]
    with pytest.raises(duckdb.Error):
        store.commit(broken)
    assert contacts(store) == before
    store.commit(batch)
    assert store.connection.execute("select outcome, wait_s from contacts").fetchall() == [("answered", 9.0)]


def state_of_events(events: list[Event]) -> State | None:
    """The state of one contact with these events."""
    decoder = Decoder("k" * 32, 3600, 1_000_000)
    mine = records([e | {"subject": "c1"} for e in events])
    return decoder.decode(mine, T0 + timedelta(days=60)).states.get(("north", "c1"))


some_events = st.lists(contact_events(), min_size=1, max_size=8)


@settings(deadline=None)
@given(st.tuples(some_events, some_events, some_events))
def test_merging_is_commutative_associative_and_idempotent(parts: tuple[list[Event], ...]) -> None:
    a, b, c = map(state_of_events, parts)
    assert a is not None
    assert b is not None
    assert c is not None
    assert merge(a, b) == merge(b, a)
    assert merge(merge(a, b), c) == merge(a, merge(b, c))
    assert merge(merge(a, b), c) == state_of_events([e for part in parts for e in part])
    assert merge(a, a) == a


@settings(max_examples=200, deadline=None)
@given(some_events)
def test_a_state_survives_its_way_through_the_store(events: list[Event]) -> None:
    state = state_of_events(events)
    assert state is not None
    table = versions_table([(1, "north", "c1", state)])
    there = duckdb.connect().from_arrow(table)
    row = dict(zip(there.columns, there.fetchall()[0], strict=True))
    assert state_of([row.get(column) for column in COLUMNS]) == state


def test_a_contact_whose_events_lie_further_apart_than_the_search_span_stays_one_contact(
    store: Store, decoder: Decoder
) -> None:
    far = 3 * CONTACT_SPAN.total_seconds()
    commit(store, decoder, [event("offered")])
    commit(store, decoder, [event("answered", after_s=far)], 1)
    assert len(contacts(store)) == 1


def test_a_beginning_that_arrives_long_after_the_rest_joins_it(store: Store, decoder: Decoder) -> None:
    far = 3 * CONTACT_SPAN.total_seconds()
    commit(store, decoder, [event("completed", after_s=far)])
    commit(store, decoder, [event("offered")], 1)
    ((outcome, offered_at),) = store.connection.execute("select outcome, offered_at from contacts").fetchall()
    assert (outcome, offered_at) == ("unknown_end", T0.replace(tzinfo=None))


def test_a_repeat_that_comes_in_a_later_batch_is_counted_as_a_repeat_and_adds_nothing(
    store: Store, decoder: Decoder
) -> None:
    commit(store, decoder, answered_call())
    before = contacts(store)
    commit(store, decoder, answered_call(), 4)
    assert contacts(store) == before
    assert store.connection.execute("select events, repeats from sites").fetchone() == (4, 4)


def test_sites_with_equal_contact_ids_are_kept_apart(store: Store, decoder: Decoder) -> None:
    now = T0 + timedelta(days=1)
    both = records([event("offered")]) + records([event("offered") | {"source": "south"}], site="south")
    other = Partition("contacts.south", "topic-2", 0)
    store.commit(Batch(decoder.decode(both, now), {HERE: 1, other: 1}, now))
    assert store.connection.execute("select site, contact_id from contacts order by site").fetchall() == [
        ("north", "c1"),
        ("south", "c1"),
    ]


def test_the_table_of_versions_has_the_columns_of_the_fold() -> None:
    db = duckdb.connect()
    for step in schema.migrations():
        db.execute(step.sql)
    everything = state_of_events([event(rule.event_type) for rule in FACTS])
    messages = state_of_events([event("chat.message"), event("chat.message", after_s=5, sender="agent")])
    assert everything is not None
    assert messages is not None
    made = db.from_arrow(versions_table([(1, "north", "c1", merge(everything, messages))]))
    table = db.execute("describe private.contact_version").fetchall()
    assert list(zip(made.columns, map(str, made.types), strict=True)) == [row[:2] for row in table]

"""Retention removes raw events and bytes of refused messages, and changes no number by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from ingest import cli
from ingest.decoding.decoder import Decoder
from ingest.receipts import Batch, Partition
from ingest.store import Store
from ingest.upkeep.rebuild import rebuild
from ingest.upkeep.retain import Retain, Retained, retain
from ingest.upkeep.work import Step, finished
from models import schema
from models.settings import Settings
from tests.builders import KEY, T0, answered_call, event, records

Make = Callable[..., Settings]
HERE = Partition("contacts.north", "topic-1", 0)
DAY_S = 86_400
KEPT_DAYS = 10
NOW = T0 + timedelta(days=30)
"""So that what is older than 20 days after T0 goes."""


class Lived:
    """A store whose clock stands at NOW."""

    def __init__(self, settings: Settings) -> None:
        self.store, self.offset = Store.open(settings), 0

    def commit(self, *bodies: Any, received_at: datetime = NOW) -> None:
        decoded = Decoder(KEY, 10**8, 1_000_000).decode(records(bodies, start=self.offset), received_at)
        self.offset += len(bodies)
        self.store.commit(Batch(decoded, {HERE: self.offset}, received_at))

    def rows(self, query: str) -> list[Any]:
        return self.store.connection.execute(query).fetchall()

    def views(self) -> dict[str, list[Any]]:
        """What readers see but for the raw events, as if asked at one instant."""
        derived = [name for name in schema.VIEWS if name not in ("events", "quarantine", "ingest_status")]
        found = {name: self.rows(f"from {name} order by all") for name in derived}
        found["quarantine"] = self.rows(
            "select location, site, code, reason, received_at, settled_how from quarantine order by all"
        )
        return found

    def retain(self, *, dry_run: bool = False) -> Retained:
        return finished(retain(self.store, no_decoder, Retain(dry_run)), lambda _: None)

    def left(self) -> set[str]:
        return {subject for (subject,) in self.rows("select distinct subject from private.event")}


def no_decoder() -> Decoder:
    raise AssertionError("retention decodes nothing")


@pytest.fixture
def kept(make_settings: Make, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("models.clock.Clock.now", lambda _: NOW)
    return make_settings(keep_events_days=KEPT_DAYS, keep_refused_days=KEPT_DAYS)


@pytest.fixture
def lived(kept: Settings) -> Any:
    made = Lived(kept)
    yield made
    made.store.close()


def test_raw_events_of_contacts_that_are_long_over_go_and_no_number_changes(lived: Lived) -> None:
    lived.commit(*(e for n in range(25) for e in answered_call(f"c{n}", n * DAY_S)))
    before = lived.views()
    done = lived.retain()
    assert done.events == 80
    assert done.events_before == (NOW - timedelta(days=KEPT_DAYS)).replace(tzinfo=None)
    assert lived.left() == {f"c{n}" for n in range(20, 25)}
    assert lived.views() == before
    last = datetime(2026, 3, 22)  # The end of the last day on which anything went.
    found = lived.rows("select sum(removed), max(before), any_value(kind) from private.retained")
    assert found == [(80, last, "event")]


def test_the_events_of_a_contact_go_together_or_stay(lived: Lived) -> None:
    lived.commit(*answered_call("late"), event("surveyed", "late", 21 * DAY_S))
    lived.commit(*answered_call("over"), event("surveyed", "over", 15 * DAY_S))
    assert lived.retain().events == 5
    assert lived.rows("select subject, count(*) from private.event group by 1") == [("late", 5)]


def test_events_of_agents_and_sites_go_by_their_own_time(lived: Lived) -> None:
    for day in (1, 19, 21):
        lived.commit(
            event("agent.state_changed", "ann", day * DAY_S) | {"id": f"a{day}"},
            event("site.incident_reported", "north", day * DAY_S) | {"id": f"s{day}"},
        )
    assert lived.retain().events == 4
    assert lived.rows("select type, event_id from private.event order by 1") == [
        ("agent.state_changed", "a21"),
        ("site.incident_reported", "s21"),
    ]


def test_a_contact_named_as_an_agent_is_told_apart(lived: Lived) -> None:
    lived.commit(*answered_call("ann"), event("agent.state_changed", "ann", 25 * DAY_S))
    assert lived.retain().events == 4
    assert lived.rows("select type from private.event") == [("agent.state_changed",)]


def test_sites_with_a_contact_of_one_name_are_told_apart(lived: Lived) -> None:
    lived.commit(*answered_call("c1"))
    south = [e | {"source": "south"} for e in answered_call("c1", 25 * DAY_S)]
    decoded = Decoder(KEY, 10**8, 1_000_000).decode(records(south, site="south"), NOW)
    lived.store.commit(Batch(decoded, {Partition("contacts.south", "topic-2", 0): 4}, NOW))
    assert lived.retain().events == 4
    assert lived.rows("select distinct site from private.event") == [("south",)]


def test_a_dry_run_counts_the_same_and_removes_nothing(lived: Lived) -> None:
    lived.commit(*(e for n in range(25) for e in answered_call(f"c{n}", n * DAY_S)))
    lived.commit(event("agent.state_changed", "ann", 5), event("classified", "c3", 18 * DAY_S, topic="x"))
    lived.commit(b"{", received_at=T0)
    raw = lived.rows("from private.event order by all")
    dry = lived.retain(dry_run=True)
    assert lived.rows("from private.event order by all") == raw
    assert lived.rows("from private.retained") == []
    assert lived.rows("select message from private.refused") == [(b"{",)]
    done = lived.retain()
    assert (dry.events, dry.messages) == (done.events, done.messages) == (82, 1)


def test_of_old_refused_messages_the_bytes_go_and_the_reason_stays(lived: Lived) -> None:
    lived.commit(b"{", b"[]", received_at=NOW - timedelta(days=KEPT_DAYS, seconds=1))
    lived.commit(b"old", received_at=T0)
    lived.commit(b"not yet", received_at=NOW - timedelta(days=KEPT_DAYS - 1))
    before = lived.views()
    assert lived.retain().messages == 3
    assert lived.views() == before
    rows = lived.rows("select message, message_key, reason <> '' from private.refused order by kafka_offset")
    assert rows == [(None, None, True)] * 3 + [(b"not yet", b"k", True)]
    assert lived.retain().messages == 0
    assert lived.rows("select kind, sum(removed) from private.retained group by 1") == [("message", 3)]


def test_doing_it_again_or_going_on_after_a_kill_removes_each_event_once(lived: Lived) -> None:
    lived.commit(*(e for n in range(25) for e in answered_call(f"c{n}", n * DAY_S)))
    work = retain(lived.store, no_decoder, Retain())
    steps = [next(work) for _ in range(6)]
    assert steps[5] == Step(5, 20, "days")
    work.close()
    assert lived.rows("select count(*), (select sum(removed) from private.retained) from private.event") == [(80, 20)]
    assert lived.retain().events == 60
    assert lived.retain().events == 0
    assert lived.rows("select sum(removed) from private.retained") == [(80,)]


def test_ingest_goes_on_between_the_pieces(lived: Lived) -> None:
    lived.commit(*(e for n in range(25) for e in answered_call(f"c{n}", n * DAY_S)))
    work = retain(lived.store, no_decoder, Retain())
    next(work)
    next(work)
    lived.commit(event("classified", "c9", 29 * DAY_S, topic="refund"), *answered_call("new", 29 * DAY_S))
    finished(work, lambda _: None)
    assert lived.left() == {"c9", *(f"c{n}" for n in range(20, 25)), "new"}
    assert lived.rows("select count(*) from private.event where subject = 'c9'") == [(5,)]
    assert lived.rows("select outcome, topic from contacts where contact_id = 'c9'") == [("answered", "refund")]


def test_a_repeat_of_a_removed_event_changes_no_contact(lived: Lived) -> None:
    calls = [e for n in range(4) for e in answered_call(f"c{n}", n * DAY_S)]
    lived.commit(*calls)
    before = lived.views()
    lived.retain()
    lived.commit(*calls)
    after = lived.views()
    assert lived.rows("select count(*) from private.event") == [(16,)]  # Accepted again: nobody knows them any more.
    for name in ("contacts", "contact_counts", "site_week", "site_today"):
        assert after[name] == before[name]


def test_the_room_of_what_went_is_free_afterwards(lived: Lived) -> None:
    ids = Random(1)
    calls = [e | {"id": ids.randbytes(100).hex()} for n in range(4000) for e in answered_call(f"c{n}", n)]
    used = "select used_blocks from pragma_database_size() where database_name = current_database()"
    lived.store.connection.execute("checkpoint")
    empty = lived.rows(used)[0][0]
    lived.commit(*calls)
    lived.store.connection.execute("checkpoint")
    before = lived.rows(used)[0][0]
    done = lived.retain()
    assert (done.events, done.checkpointed) == (16_000, True)
    assert lived.rows(used)[0][0] - empty < 0.8 * (before - empty)
    assert done.bytes_after == lived.store.path.stat().st_size


def test_a_full_disk_only_puts_off_the_checkpoint(lived: Lived, monkeypatch: pytest.MonkeyPatch) -> None:
    lived.commit(*answered_call("c1"))
    monkeypatch.setattr("ingest.room._ROOM_BYTES", 1 << 60)
    done = lived.retain()
    assert (done.events, done.checkpointed) == (4, False)
    assert lived.left() == set()


def test_a_rebuild_afterwards_takes_over_what_it_has_no_events_of(kept: Settings) -> None:
    lived = Lived(kept)
    lived.commit(*(e for n in range(25) for e in answered_call(f"c{n}", n * DAY_S)))
    lived.commit(event("transferred", "c24", 24 * DAY_S + 30), event("held", "c3", 3 * DAY_S + 20))
    lived.commit(*answered_call("of another year", -200 * DAY_S))
    before = lived.rows("from contacts order by all")
    lived.retain()
    # Of one that is gone something comes after all, of another a repeat.
    lived.commit(event("classified", "c2", 2 * DAY_S + 90, topic="refund"), answered_call("c4", 4 * DAY_S)[2])
    lived.store.close()
    done = rebuild(kept, lambda _: None, replace=True)
    assert [relation for relation in done.compared if not relation.is_equal] == []
    assert (done.contacts, done.taken_over) == (26, 21)
    again = Lived(kept)
    after = again.rows("from contacts order by all")
    assert len(after) == len(before) == 26
    changed = [(a[1], b[1]) for a, b in zip(before, after, strict=True) if a != b]
    assert changed == [("c2", "c2")]
    again.store.close()


@examples(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 29), st.integers(0, 3)), min_size=1, max_size=25))
def test_whatever_comes_in_whatever_order_no_number_changes(lived: Lived, parts: list[tuple[int, int, int]]) -> None:
    """Contacts whose events lie days apart, on both sides of what is kept, some coming after the removal."""
    lived.store.connection.execute("delete from private.event")
    run = next(_runs)
    bodies = [answered_call(f"r{run}c{contact}", day * DAY_S)[which] for contact, day, which in parts]
    half = len(bodies) // 2
    lived.commit(*bodies[: half + 1])
    before = lived.views()
    lived.retain()
    assert lived.views() == before
    kept_from = lived.rows(
        "select min(last) from (select max(occurred_at) as last from private.event group by subject)"
    )
    assert kept_from[0][0] is None or kept_from[0][0] >= (NOW - timedelta(days=KEPT_DAYS)).replace(tzinfo=None)
    lived.commit(*bodies)
    contacts = lived.rows(f"from contacts where contact_id like 'r{run}c%' order by all")
    lived.commit(*(answered_call(f"s{run}c{contact}", day * DAY_S)[which] for contact, day, which in parts))
    smooth = lived.rows(f"from contacts where contact_id like 's{run}c%' order by all")
    assert [row[2:9] for row in contacts] == [row[2:9] for row in smooth]


_runs = iter(range(1_000_000))


def backstop(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["retain", *arguments])


def test_the_command_says_what_it_removed(kept: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    lived = Lived(kept)
    lived.commit(*answered_call("c1"))
    lived.commit(b"{", received_at=T0)
    lived.store.close()
    monkeypatch.setenv("BACKSTOP_KEEP_EVENTS_DAYS", str(KEPT_DAYS))
    monkeypatch.setenv("BACKSTOP_KEEP_REFUSED_DAYS", str(KEPT_DAYS))
    dry = backstop("--dry-run", "--data-dir", str(kept.data_dir))
    assert dry.exit_code == 0, dry.output
    assert "4 raw events would be removed, of contacts that ended before 2026-03-22 09:00:00Z" in dry.stdout
    done = backstop("--data-dir", str(kept.data_dir))
    assert done.exit_code == 0
    assert "4 raw events removed" in done.stdout
    assert "bytes of 1 refused messages removed" in done.stdout
    assert "the store has" in done.stdout
    again = Store.open(kept)
    assert again.connection.execute("select count(*) from private.event").fetchall() == [(0,)]
    again.close()

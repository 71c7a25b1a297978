"""The generator of the big store, at tiny size: what benchmarks of reading read is a store like any other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.store import Store
from tests.benchmarks import big_store, big_world

CONTACTS, DAYS = 3_000, 40
NOW = datetime(2026, 11, 20, 11, 7)


def made(folder: Path, **more: int) -> Store:
    at = NOW.replace(tzinfo=UTC)
    store = Store.open(big_world.settings(folder, clock_since=datetime.now(UTC), clock_shows=at))
    big_store.make(store, CONTACTS, NOW, days=DAYS, **more)
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = made(tmp_path_factory.mktemp("big"))
    try:
        opened.rollups.run_all()
        yield opened
    finally:
        opened.close()


def rows(store: Store, query: str) -> list[tuple[object, ...]]:
    return store.connection.execute(query).fetchall()


def test_contacts_lie_within_the_days_and_are_as_many_as_asked_for(store: Store) -> None:
    ((count, different, first, last),) = rows(
        store, "select count(*), count(distinct contact_id), min(first_event_at), max(last_event_at) from contacts"
    )
    # The last quarter-hour has begun only; what would come later in it is not there.
    assert isinstance(count, int)
    assert CONTACTS - 20 <= count <= CONTACTS
    assert different == count
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    assert NOW - timedelta(days=DAYS + 1) < first < last <= NOW


def test_every_site_topic_channel_and_language_is_there(store: Store) -> None:
    sums = "select count(distinct {}) from day_sums where {} is not null"
    found = {name: rows(store, sums.format(name, name))[0][0] for name in ("site", "topic", "channel", "language")}
    assert found == {"site": len(big_world.PLACES), "topic": len(big_world.TOPICS), "channel": 4, "language": 3}


def test_sums_by_day_are_those_of_the_contacts(store: Store) -> None:
    by_day = "select sum(offered), sum(answered), sum(abandoned), sum(handled), sum(handle_ms) from {}"
    assert rows(store, by_day.format("day_sums")) == rows(store, by_day.format("contact_counts"))


def test_facts_beside_the_contacts_are_there_and_mean_something(store: Store) -> None:
    ((answered, surveys, evaluations, repeats, transferred, campaigns),) = rows(
        store,
        "select sum(answered), sum(csat_responses), sum(qa_provider_contacts), sum(repeated_30d), sum(transferred), "
        "sum(campaign_offered) from day_sums",
    )
    assert isinstance(answered, int)
    assert answered > CONTACTS / 2
    for some in (surveys, evaluations, repeats, transferred, campaigns):
        assert isinstance(some, int)
        assert 0 < some < answered
    ((teams,),) = rows(store, "select count(distinct team) from day_teams")
    assert teams == len(big_world.PLACES) * big_world.TEAMS


def test_raw_events_are_those_of_the_last_days(store: Store) -> None:
    ((count, first),) = rows(store, "select count(*), min(occurred_at) from events")
    assert isinstance(count, int)
    assert count > 0
    assert isinstance(first, datetime)
    assert first >= NOW - timedelta(days=10)


def test_the_same_seed_gives_the_same_store_and_another_one_another(tmp_path: Path, store: Store) -> None:
    content = "select sum(hash(c)) from contacts c"
    same, other = made(tmp_path / "same"), made(tmp_path / "other", seed=8)
    try:
        assert rows(same, content) == rows(store, content)
        assert rows(other, content) != rows(store, content)
    finally:
        same.close()
        other.close()


def test_settings_and_their_file_say_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from models.settings import load_settings

    path = tmp_path / "backstop.toml"
    path.write_text(big_world.as_toml(NOW), "utf-8")
    monkeypatch.setenv("BACKSTOP_CONFIG", str(path))
    assert load_settings(data_dir=tmp_path) == big_world.settings(tmp_path)

"""Headline metrics of a simulated company are those a second count in plain Python gets from the same messages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingest.decoding.decoder import Decoder
from ingest.simulator.playing.command import DEMO
from ingest.simulator.scenario.file import load
from ingest.simulator.scenario.whole import Scenario
from ingest.store import Store
from models.settings import load_settings, with_secrets
from tests.builders import KEY
from tests.rolled import roll_up, standing_at
from tests.second_count import Counting, Figures, count
from tests.worlds import events, played, scenario, store_all

WEEKS = 3
ZONE = "Europe/Berlin"
Week = tuple[str, date]


def the_demo() -> Scenario:
    """With perfect delivery: which of its messages cannot be read is for other tests."""
    found = load(DEMO)
    sites = {
        name: site.model_copy(update={"delivery": type(site.delivery)(latency_s=0.2)})
        for name, site in found.sites.items()
    }
    return found.model_copy(update={"sites": sites})


@pytest.fixture(scope="module", params=[scenario, the_demo], ids=["two sites", "the demo"])
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[Week, Figures], dict[Week, dict[str, Any]]]:
    """The figures of a world by site and week: counted, and as the store shows them."""
    world, batches = played(request.param(), 7 * WEEKS, seed=5)
    now = datetime.fromtimestamp(world.end_ms / 1000, UTC) + timedelta(days=8)
    settings = load_settings(data_dir=tmp_path_factory.mktemp("second"), reporting_zone=ZONE, **standing_at(now))
    store = Store.open(with_secrets(settings))
    store_all(store, Decoder(KEY, 3600, 1_000_000), world, batches)
    roll_up(store)
    counted = count(events(batches), Counting(ZoneInfo(ZONE), now))
    result = store.connection.execute("from site_week")
    names = [column[0] for column in result.description]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    store.connection.close()
    return counted, {(row["site"], row["week_start"]): row for row in rows}


def test_both_counts_know_the_same_weeks_of_the_same_sites(both: Any) -> None:
    counted, shown = both
    assert set(counted) == set(shown)
    assert len([week for week, figures in counted.items() if figures["offered"]]) >= 2 * WEEKS


def as_shown(value: float | None) -> Any:
    """To the millisecond, in which the store sums."""
    return None if value is None else pytest.approx(value, rel=1e-9, abs=1e-3)


def test_every_headline_metric_of_every_site_and_week_is_what_the_second_count_says(both: Any) -> None:
    counted, shown = both
    for week, figures in counted.items():
        found = {name: shown[week][name] for name in figures}
        assert found == {name: as_shown(value) for name, value in figures.items()}, week


def test_the_world_has_enough_of_everything_that_is_counted(both: Any) -> None:
    counted, _ = both
    for name in next(iter(counted.values())):
        assert any(figures[name] not in (None, 0) for figures in counted.values()), name

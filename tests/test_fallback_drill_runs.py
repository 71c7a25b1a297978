"""A provider goes dark, simulated: the table of the reference within chance, the formulas, seeds, and being stopped."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.fallback.drill import Outage, fluid
from models.fallback.drill_runs import Runs, drill_runs
from models.staffing import erlang_a

VECTORS = Path(__file__).parent.parent.parent / "shared" / "reference" / "vectors" / "fallback_vectors.json"
DAY = Outage(
    own=[144.0] * 20, provider=[120.0] * 20, agents=[60] * 20, dark_from=8, dark_until=16, aht_s=300, patience_s=180
)
SMALL = Outage([30.0] * 6, [20.0] * 6, [12] * 6, 2, 4, 300, 180)


def simulated(outage: Outage, **how: Any) -> Runs:
    found = drill_runs(outage, **how)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def runs() -> Runs:
    return simulated(DAY, runs=2000, seed=7, warm_up=4)


def test_the_table_of_the_reference_is_met_as_far_as_chance_lets_it(runs: Runs) -> None:
    """Both are of 2,000 days, and the reference's columns have three places."""
    if not VECTORS.exists():
        pytest.skip(f"{VECTORS} is not there")
    table = json.loads(VECTORS.read_text("utf-8"))["outage"]["simulation_15min"]
    for found, name, most in (
        (runs.offered.mean(axis=0), "offered", 1.5),
        (runs.abandonment, "abandon", 0.008),
        (runs.service_level, "sl", 0.015),
        (runs.mean_wait_s, "mean_wait_s", 1.2),
    ):
        assert found == pytest.approx([row[name] for row in table], abs=most), name
    normal = runs.normal_from(DAY, 0.05)
    assert normal is not None
    assert table[normal]["t"] == "12:15"


def test_steady_hours_are_those_of_erlang_a(runs: Runs) -> None:
    for at, load in ((4, 48), (14, 88)):
        queue = erlang_a(60, load, 300, 180)
        assert runs.abandonment[at] == pytest.approx(float(queue.abandonment), abs=0.005)
        assert runs.service_level[at] == pytest.approx(float(queue.service_level(20)), abs=0.01)
        assert runs.mean_wait_s[at] == pytest.approx(float(queue.mean_wait_s), abs=1)


def test_the_fluid_is_what_large_numbers_come_to(runs: Runs) -> None:
    dark = slice(DAY.dark_from, DAY.dark_until)
    assert runs.lost.mean(axis=0)[dark].sum() == pytest.approx(fluid(DAY).lost[dark].sum(), rel=0.03)
    low, high = runs.lost_band()
    assert low < fluid(DAY).lost.sum() < high


def test_the_band_holds_the_mean_and_widens_when_the_day_itself_is_uncertain(runs: Runs) -> None:
    low, high = runs.abandonment_band()
    assert (low <= runs.abandonment).all()
    assert (runs.abandonment <= high).all()
    low, high = runs.service_level_band(0.98)
    assert (low <= runs.service_level).all()
    uncertain = simulated(DAY, runs=300, seed=7, cv=0.15)
    assert np.ptp(uncertain.lost_band()) > 1.5 * np.ptp(runs.lost_band())


def test_the_same_seed_gives_the_same_days_and_another_one_others() -> None:
    one, same, other = (simulated(SMALL, runs=20, seed=seed) for seed in (1, 1, 2))
    assert (one.waited_s == same.waited_s).all()
    assert (one.waited_s != other.waited_s).any()


def by_one_second_after_another(crew: list[int], arrivals: list[float], handled: list[float]) -> list[float]:
    """Waits of patient customers: each second, who is at work and idle for longest takes the first in the line."""
    waits, line, due = [0.0] * len(arrivals), list[int](), list(range(len(arrivals)))
    ends = [0.0] * max(crew)
    for second in range(900 * len(crew)):
        shift = second // 900
        while due and arrivals[due[0]] <= second:
            line.append(due.pop(0))
        while idle := [(max(ends[k], shift * 900), k) for k in range(crew[shift]) if ends[k] <= second]:
            if not line:
                break
            who, (_, agent) = line.pop(0), min(idle)
            waits[who] = second - arrivals[who]
            ends[agent] = second + handled[who]
    return waits


def test_agents_come_and_go_by_the_roster(monkeypatch: pytest.MonkeyPatch) -> None:
    """One day with handle times of whole seconds, against a clock that ticks."""
    crew = [3, 1, 0, 4, 2, 6, 6]
    outage = Outage([6.0] * 5 + [0.0] * 2, [0.0, 3.0] + [0.0] * 5, crew, 1, 2, 240)
    drawn = np.random.default_rng(3)

    class Ticking:
        """Whole seconds where the simulation draws any."""

        def __init__(self) -> None:
            self.arrivals: list[float] = []
            self.handled: list[float] = []
            self.at = 0

        def poisson(self, mean: Any) -> Any:
            return drawn.poisson(mean)

        def random(self, size: tuple[int, int]) -> Any:
            offsets = np.sort(drawn.choice(900, size[1], replace=False))
            self.arrivals += [float(self.at * 900 + offset) for offset in offsets]
            self.at += 1
            return offsets[None, :] / 900

        def exponential(self, mean: float, size: tuple[int, int]) -> Any:
            times = np.ceil(drawn.exponential(mean, size))
            self.handled += times[:, 0].tolist()
            return times

    ticking = Ticking()
    monkeypatch.setattr(np.random, "default_rng", lambda _: ticking)
    found = simulated(outage, runs=1, seed=0)
    waits = np.array(by_one_second_after_another(crew, ticking.arrivals, ticking.handled))
    when = (np.array(ticking.arrivals) // 900).astype(int)
    assert found.waited_s[0] == pytest.approx(np.bincount(when, waits, minlength=7), abs=1e-6)
    assert found.waited_s[0].sum() > 900


def test_every_contact_is_answered_or_lost_and_more_demand_loses_more() -> None:
    base = simulated(SMALL, runs=200, seed=4)
    assert (base.lost + base.answered_within <= base.offered).all()
    more = simulated(replace(SMALL, provider=[60.0] * 6), runs=200, seed=4)
    assert more.lost.sum() > base.lost.sum()
    none = simulated(replace(SMALL, diverted=1.0), runs=200, seed=4)
    assert none.lost.sum() < base.lost.sum()


def test_progress_comes_to_its_end_and_a_stop_is_heeded() -> None:
    heard: list[tuple[int, int]] = []
    simulated(SMALL, runs=10, seed=1, warm_up=1, progress=lambda done, of: heard.append((done, of)))
    assert heard[-1] == (70, 70)
    assert heard == sorted(heard)
    asked: list[int] = []

    def enough() -> bool:
        asked.append(1)
        return len(asked) > 3

    assert drill_runs(SMALL, runs=10, seed=1, cancelled=enough) is None
    assert len(asked) == 4


def test_two_thousand_runs_of_a_whole_day_take_less_than_twenty_seconds() -> None:
    day = Outage([144.0] * 96, [120.0] * 96, [60] * 96, 40, 48, 300, 180)
    began = time.process_time()
    simulated(day, runs=2000, seed=1)
    assert time.process_time() - began < 20


def test_nobody_ever_at_work_again_is_no_error() -> None:
    gone = replace(SMALL, agents=[12] * 3 + [0] * 3)
    assert simulated(gone, runs=20, seed=1).abandonment[-1] == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"runs": 0}, "runs: expected 1 or more, got 0"),
        ({"warm_up": -1}, "warm_up: expected 0 or more"),
        ({"cv": 1}, "expected cv to be a share from 0 to below 1"),
        ({"threshold_s": -1}, "expected threshold_s"),
    ],
)
def test_inputs_outside_reason_are_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        drill_runs(SMALL, **({"runs": 1, "seed": 1} | change))

"""Scores are those of the reference; on a bank's real calls the forecast beats last week, and updated beats itself."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from models.forecast.forecast import Forecast
from models.forecast.history import history
from models.forecast.intraday import update
from models.forecast.scores import (
    bias,
    coverage,
    dispersion_index,
    mape,
    mase,
    naive_scale,
    poisson_floor,
    poisson_floor_normal,
    wape,
)
from models.forecast.seasonal import WEEKS, forecast_day, seasonal_naive

SHARED = Path(__file__).parents[2] / "shared"
VECTORS = SHARED / "reference" / "vectors" / "forecast_vectors.json"
DATA = SHARED / "data" / "anonymous_bank"
NOW = datetime(1999, 3, 1, tzinfo=UTC)

with_vectors = pytest.mark.skipif(not VECTORS.is_file(), reason=f"no reference vectors in {VECTORS}")
with_calls = pytest.mark.skipif(not DATA.is_dir(), reason=f"the bank's call log is not at {DATA}")


@pytest.fixture(scope="module")
def vectors() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(VECTORS.read_text("utf-8"))
    return found


@with_vectors
def test_the_floor_of_chance_arrivals(vectors: dict[str, Any]) -> None:
    assert len(vectors["poisson_floor"]) == 7
    for case in vectors["poisson_floor"]:
        mean = case["mean_per_interval"]
        assert round(poisson_floor(mean), 4) == case["wape_floor_poisson"]
        assert round(poisson_floor_normal(mean), 4) == case["approx"]


@with_vectors
def test_scores_of_the_worked_example(vectors: dict[str, Any]) -> None:
    case = vectors["toy"]
    actual, forecast, train, season = (case[name] for name in ("actual", "forecast", "train", "season"))
    assert wape(actual, forecast) == pytest.approx(case["WAPE"], rel=1e-12)
    assert mape(actual, forecast) == pytest.approx(case["MAPE"], rel=1e-12)
    assert bias(actual, forecast) == pytest.approx(case["bias"], rel=1e-12)
    assert naive_scale(train, season) == pytest.approx(case["mase_scale"], rel=1e-12)
    assert mase(actual, forecast, train, season) == pytest.approx(case["MASE"], rel=1e-12)


def open_slots(day: date) -> list[int]:
    """07:00 to 24:00; Fridays to 14:00, Saturdays from 20:00."""
    return list(range(28, 56) if day.weekday() == 4 else range(80, 96) if day.weekday() == 5 else range(28, 96))


@dataclass
class Scored:
    """Counts and forecasts of March, quarter-hour by quarter-hour; `late`: from 4 hours after opening."""

    actual: list[float] = field(default_factory=list)
    naive: list[float] = field(default_factory=list)
    base: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    hourly: list[float] = field(default_factory=list)
    hourly_low: list[float] = field(default_factory=list)
    hourly_high: list[float] = field(default_factory=list)
    late: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in ("actual", "base", "updated")})
    totals: list[bool] = field(default_factory=list)
    late_totals: list[bool] = field(default_factory=list)
    days: int = 0


def score(counts: Counter[tuple[date, int]], weeks: int, until: date | None) -> Scored:
    """Each day of March from the days before it, or (until) all from the days before that one."""
    days = sorted({day for day, _ in counts})
    rows = [(day, slot, counts[day, slot]) for day in days if not until or day < until for slot in open_slots(day)]
    past = history(*zip(*rows, strict=True))
    scored = Scored()
    for day in (day for day in days if day.month == 3):
        slots = open_slots(day)
        weeks_back = 1 if until is None else (day - until).days // 7 + 1
        base = forecast_day(past, day, slots, made_at=NOW, weeks=weeks)
        assert isinstance(base, Forecast)
        last_week = seasonal_naive(past, day, slots, weeks_back=weeks_back)
        actual = [float(counts[day, slot]) for slot in slots]
        scored.actual += actual
        scored.naive += [value for value in last_week if value is not None]
        scored.base += base.mean
        scored.low += base.low
        scored.high += base.high
        scored.totals.append(base.total.low <= sum(actual) <= base.total.high)
        scored.days += 1
        if until is None:
            follow(scored, base, actual)
    return scored


def follow(scored: Scored, base: Forecast, actual: list[float]) -> None:
    """The day as it is forecast at each full hour: the next four quarter-hours, and after 4 hours all the rest."""
    for gone in range(0, len(actual), 4):
        now = update(base, actual[:gone], made_at=NOW)
        scored.hourly += now.mean[gone : gone + 4]
        scored.hourly_low += now.low[gone : gone + 4]
        scored.hourly_high += now.high[gone : gone + 4]
        if gone == 16:
            scored.late["actual"] += actual[gone:]
            scored.late["base"] += base.mean[gone:]
            scored.late["updated"] += now.mean[gone:]
            scored.late_totals.append(now.total.low <= sum(actual) <= now.total.high)


@pytest.fixture(scope="module")
def counts() -> Counter[tuple[date, int]]:
    """Calls by local day and quarter-hour in which they came; rows marked to be ignored are."""
    found: Counter[tuple[date, int]] = Counter()
    for month in ("january", "february", "march"):
        with (DATA / f"{month}.txt").open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                if row["outcome"] != "PHANTOM":
                    hour, minute, _ = map(int, row["vru_entry"].split(":"))
                    day = datetime.strptime(row["date"], "%y%m%d").date()
                    found[day, hour * 4 + minute // 15] += 1
    return found


def share(actual: Sequence[float], forecast: Sequence[float]) -> float:
    found = wape(actual, forecast)
    assert found is not None
    return found


@with_calls
def test_on_real_calls_the_mean_beats_last_week_and_the_day_so_far_beats_the_mean(
    counts: Counter[tuple[date, int]],
) -> None:
    """January and February known, March day by day; its two holidays and its failures stay in."""
    found = score(counts, WEEKS, None)
    naive, base, hourly = (share(found.actual, each) for each in (found.naive, found.base, found.hourly))
    late = {name: share(found.late["actual"], found.late[name]) for name in ("base", "updated")}
    mean = sum(found.actual) / len(found.actual)
    covered = coverage(found.actual, found.low, found.high), coverage(found.actual, found.hourly_low, found.hourly_high)
    print(
        f"\nMarch 1999, {found.days} days, {len(found.actual)} quarter-hours, {mean:.1f} calls each. WAPE: last week "
        f"{naive:.1%}, mean of {WEEKS} weeks {base:.1%}, updated each hour {hourly:.1%} (chance alone "
        f"{poisson_floor(mean):.1%}); rest of the day after 4 h: {late['base']:.1%}, updated {late['updated']:.1%}.\n"
        f"Bias {bias(found.actual, found.base):+.1%}, updated {bias(found.actual, found.hourly):+.1%}. In the 90 % "
        f"band: {covered[0]:.1%} of quarter-hours, updated {covered[1]:.1%}; of days {sum(found.totals)} of "
        f"{len(found.totals)}, after 4 h {sum(found.late_totals)} of {len(found.late_totals)}. Dispersion index "
        f"{dispersion_index(found.actual, found.base):.1f}, updated {dispersion_index(found.actual, found.hourly):.1f}."
    )
    assert len(found.naive) == len(found.actual) == len(found.hourly)
    assert hourly < base < naive
    assert late["updated"] < late["base"]
    assert hourly < 0.33
    assert all(0.8 < (each or 0) < 0.97 for each in covered)
    assert sum(found.totals) / len(found.totals) > 0.8
    assert sum(found.late_totals) / len(found.late_totals) > 0.7


@with_calls
@with_vectors
def test_on_real_calls_methods_rank_as_on_the_reference_series(
    counts: Counter[tuple[date, int]], vectors: dict[str, Any]
) -> None:
    """The reference's own counts are another bank's and not at hand; what it ranks is ranked again on this one's."""
    case = vectors["real_data_benchmark"]
    ranked = [
        ("day 1", "SMA4_weeks", 4, None),
        ("day 1", "SMA6_weeks", 6, None),
        ("all", "SMA4_weeks", 4, date(1999, 3, 1)),
        ("all", "SMA6_weeks", 6, date(1999, 3, 1)),
    ]
    for horizon, method, weeks, until in ranked:
        assert case[horizon][method]["WAPE"] < case[horizon]["SeasonalNaive_week"]["WAPE"]
        found = score(counts, weeks, until)
        ours, naive = share(found.actual, found.base), share(found.actual, found.naive)
        print(
            f"\n{horizon} {method}: reference {case[horizon][method]['WAPE']:.1%}, here {ours:.1%}, naive {naive:.1%}"
        )
        assert ours < naive

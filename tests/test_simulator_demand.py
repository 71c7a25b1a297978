"""Customers come as the scenario says: mean, shape, opening hours, and as much chance as real ones."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date, datetime, timedelta
from statistics import mean, variance
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ingest.simulator.floor.demand import Arrival, Demand, days_from, streams, week_weights
from ingest.simulator.scenario.whole import Scenario
from tests.worlds import scenario

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 8, 24)
STEADY = ("variation", {"company_day": 0, "line_day": 0, "line_hour": 0})
ALWAYS = [("sites.away.lines.0.opens", "00:00"), ("sites.away.lines.0.closes", "24:00")]


def drawn(which: Scenario, day: date, seed: int = 1, start: date = MONDAY) -> list[Arrival]:
    return [arrival for some in Demand(which, seed, start).day(day) for arrival in some]


def test_a_week_has_as_many_contacts_as_the_lines_say() -> None:
    which = scenario(STEADY)
    demand = Demand(which, 3, MONDAY)
    counts: Counter[int] = Counter()
    for _, day in zip(range(140), days_from(MONDAY), strict=False):
        for some in demand.day(day):
            counts.update(arrival[1] for arrival in some)
    for number, stream in enumerate(demand.streams):
        expected = stream.contacts_per_week * 20
        assert abs(counts[number] - expected) < 4 * math.sqrt(expected), stream


def test_nobody_comes_before_opening_or_after_closing_also_when_clocks_change() -> None:
    which = scenario()
    for day in (date(2026, 3, 29), date(2026, 10, 25), MONDAY):
        hours = Counter(datetime.fromtimestamp(a[0] / 1000, BERLIN).hour for a in drawn(which, day))
        assert set(hours) == set(range(8, 20)), day


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (MONDAY, 24)])
def test_a_day_is_as_long_as_it_is(day: date, hours: int) -> None:
    which = scenario(STEADY, ("volume", 50), *ALWAYS)
    demand = Demand(which, 1, MONDAY)
    mine = {n for n, s in enumerate(demand.streams) if s.site == "away" and s.line.channel == "voice"}
    found = [a for some in demand.day(day) for a in some if a[1] in mine]
    first, last = found[0][0], found[-1][0]
    assert (last - first) / 3_600_000 == pytest.approx(hours, abs=0.05)
    per_hour = sum(demand.streams[n].contacts_per_week for n in mine) / 168
    assert len(found) == pytest.approx(per_hour * hours, abs=4 * math.sqrt(per_hour * hours))


def test_a_day_is_the_same_whenever_the_simulation_began() -> None:
    day = MONDAY + timedelta(days=9)
    assert drawn(scenario(), day) == drawn(scenario(), day, start=day)
    assert drawn(scenario(), day) != drawn(scenario(), day, seed=2)


def test_contacts_are_in_order_and_each_has_patience() -> None:
    found = drawn(scenario(("volume", 20)), MONDAY)
    assert found == sorted(found, key=lambda arrival: arrival[0])
    assert len(found) > 4000
    assert min(arrival[4] for arrival in found) >= 1


def test_variation_makes_days_over_dispersed_and_none_makes_them_poisson() -> None:
    def daily(which: Scenario) -> list[int]:
        demand = Demand(which, 5, MONDAY)
        return [sum(len(some) for some in demand.day(MONDAY + timedelta(days=n))) for n in range(300)]

    plain = daily(scenario(STEADY))
    # The index of dispersion of 300 Poisson counts has a standard error of sqrt(2/299).
    assert variance(plain) / mean(plain) == pytest.approx(1, abs=4 * math.sqrt(2 / 299))
    varied = daily(scenario(("variation", {"company_day": 0.1, "line_day": 0, "line_hour": 0})))
    expected = 1 + 0.1**2 * mean(varied)
    assert variance(varied) / mean(varied) == pytest.approx(expected, rel=0.4)


def test_topics_and_languages_come_in_their_shares() -> None:
    which = scenario(("volume", 100), STEADY)
    demand = Demand(which, 2, MONDAY)
    found = [a for some in demand.day(MONDAY) for a in some]
    orders = [a for a in found if demand.streams[a[1]].line.queue == "orders" and demand.streams[a[1]].language == "de"]
    easy = sum(a[2] == list(which.topics).index("easy") for a in orders)
    assert easy / len(orders) == pytest.approx(0.75, abs=4 * math.sqrt(0.75 * 0.25 / len(orders)))
    # A customer speaks one language.
    spoken = {(a[3], demand.streams[a[1]].language) for a in found}
    assert len({customer for customer, _ in spoken}) == len(spoken)


def test_lengths_have_mean_one_and_the_spread_of_their_topic() -> None:
    found = drawn(scenario(("volume", 150), STEADY, ("topics.hard.distribution", "exponential")), MONDAY)
    for topic, spread in ((0, 0.6), (1, 1.0)):
        for column in (5, 6):
            lengths = np.array([a[column] for a in found if a[2] == topic])
            assert lengths.mean() == pytest.approx(1, abs=5 * spread / math.sqrt(len(lengths)))
            assert lengths.std() == pytest.approx(spread, rel=0.1)


def test_season_holiday_and_campaign_move_the_mean() -> None:
    which = scenario(
        STEADY,
        ("volume", 100),
        ("season", {"amplitude": 0.5, "peak": "08-24"}),
        ("holidays", [{"name": "off", "on": "week 2 Mon", "factor": 0.2}]),
        ("campaigns", [{"name": "sale", "begins": "week 3", "days": 7, "sites": ["away"], "queue": "orders", "extra": 1,
                        "topics": {"easy": 1}}]),
    )  # fmt: skip
    usual = len(drawn(scenario(STEADY, ("volume", 100)), MONDAY))
    assert len(drawn(which, MONDAY)) == pytest.approx(1.5 * usual, rel=0.03)
    assert len(drawn(which, MONDAY + timedelta(days=182))) == pytest.approx(0.5 * usual, rel=0.05)
    week_after = MONDAY + timedelta(days=7)
    assert len(drawn(which, week_after)) == pytest.approx(0.2 * usual * 1.5, rel=0.08)
    demand = Demand(which, 1, MONDAY)
    campaigns = {n for n, stream in enumerate(demand.streams) if stream.campaign}
    days = [MONDAY + timedelta(days=14 + n) for n in range(-1, 8)]
    daily = [sum(a[1] in campaigns for some in demand.day(day) for a in some) for day in days]
    assert daily[0] == daily[8] == 0
    assert daily[1] < daily[2] < daily[4] > daily[6] > daily[7] > 0


def test_weights_of_a_week_sum_to_one_and_follow_the_opening_days() -> None:
    which = scenario(("sites.away.lines.0.days", "Tue,Sat"), ("sites.away.lines.0.opens", "10:00"))
    line = which.sites["away"].lines[0]
    weights = week_weights(line, which.shapes["flat"])
    assert weights.shape == (7, 96)
    assert weights.sum() == pytest.approx(1)
    assert set(np.flatnonzero(weights.sum(axis=1))) == {1, 5}
    assert set(np.flatnonzero(weights[1])) == set(range(40, 80))


def test_streams_split_a_line_by_language_and_add_campaigns() -> None:
    sale = {"name": "sale", "begins": "week 1", "days": 3, "sites": ["away"], "queue": "orders", "extra": 0.5,
            "topics": {"easy": 1}}  # fmt: skip
    found = streams(scenario(("campaigns", [sale])))
    assert [(s.site, s.line.queue, s.line.channel, s.language, s.campaign is not None) for s in found] == [
        ("home", "care", "voice", "de", False),
        ("home", "care", "voice", "en", False),
        ("away", "orders", "voice", "de", False),
        ("away", "orders", "voice", "de", True),
        ("away", "orders", "voice", "en", False),
        ("away", "orders", "voice", "en", True),
        ("away", "orders", "chat", "en", False),
        ("away", "orders", "chat", "en", True),
    ]
    assert found[3].contacts_per_week == found[2].contacts_per_week / 2

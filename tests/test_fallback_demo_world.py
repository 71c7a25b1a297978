"""What the Fallback page reckons on the demo world is what the world's truth says: who drifts, outage, split."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pytest

from dashboard import queries
from dashboard.fallback import assume, gather
from dashboard.scope import sums
from dashboard.scope.opening import Opened
from dashboard.store import State
from dashboard.store import Store as Asked
from ingest.decoding.decoder import Decoder
from ingest.planning.presence import read_presence
from ingest.simulator.demo.terms import write_terms
from ingest.simulator.playing.command import DEMO
from ingest.simulator.scenario.file import load
from ingest.simulator.world import World
from ingest.store import Store
from models.fallback.answer import answer
from models.fallback.answer_parts import Answer, TheCase, WhichPart
from models.fallback.base_peak import base_peak
from models.fallback.drill import Outage
from models.fallback.drill_runs import Runs, drill_runs
from models.fallback.exit_watch import Standing
from models.fallback.facts import Facts, Slice
from models.settings import Settings, load_settings, with_secrets
from models.staffing.arrays import Floats
from tests.builders import KEY
from tests.costed import computed
from tests.dashboard_store import log
from tests.rolled import standing_at
from tests.worlds import store_all

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

START = datetime(2026, 8, 31, tzinfo=ZoneInfo("Europe/Berlin"))
END = START + timedelta(weeks=12)
QUARTER = timedelta(minutes=15)
CALM = 8
"""Quarter-hours before the outage that the drill begins with."""
RUNS = 2_000
PROVIDERS = {"sofia": "Rila Contact", "leeds": "Larkfield Service", "pune": "Tamarind Care"}
SLOTS = 3
"""Chats an agent of the demo holds at once."""

# Spread over the quarter-hours in which it was done, as the truth counts it.
LOADS = """
    with done as (
        select answered_at, handled_at, case when channel = 'chat' then $slots else 1 end as slots
        from contacts
        where site = $site and handled_at > answered_at
    ),
    pieces as (
        select
            *,
            unnest(range(time_bucket(interval 15 minutes, answered_at), handled_at, interval 15 minutes)) as starts_at
        from done
    )
    select
        sum(
            (epoch_us(least(handled_at, starts_at + interval 15 minutes)) - epoch_us(greatest(answered_at, starts_at)))
            / slots
        ) / 900e6
    from pieces
    group by starts_at
"""
# As sums by quarter-hour tell it: all of a contact's handling where it ended.
LOADS_OF_SUMS = """
    select sum(handle_ms / case when channel = 'chat' then $slots else 1 end) / 900e3
    from day_quarters
    where site = $site
    group by starts_at
    having sum(handle_ms) > 0
"""
OFFERED = """
    select time_bucket(interval 15 minutes, arrived_at), channel = 'chat', sum(offered)::bigint
    from counts_within($from_at, $to_at)
    where site = $site and offered = 1 and arrived_at >= $from_at and arrived_at < $to_at
    group by all
"""
HANDLING = """
    select
        sum(handle_ms) / sum(handled) / 1000,
        (sum(answered_wait_ms) + sum(abandoned_wait_ms)) / nullif(sum(abandoned), 0) / 1000
    from counts_within($from_at, $to_at)
    where site = $site and (channel = 'chat') = $chat
"""


@dataclass(frozen=True)
class Played:
    """Twelve weeks of the demo in a store that is closed, costs computed, and their truth."""

    path: Path
    truth: dict[str, Any]
    settings: Settings

    def plant(self, kind: str) -> dict[str, Any]:
        (found,) = (plant for plant in self.truth["plants"] if plant["kind"] == kind)
        return dict(found)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """With the demo's own delivery. Messages within chats are left out: nothing here rests on them."""
    folder = tmp_path_factory.mktemp("fallback")
    scenario = load(DEMO)
    write_terms(folder / "terms", scenario, START.date())
    sites = {
        name: {"name": site.name, "provider": site.provider, "in_house": site.in_house, "time_zone": site.time_zone}
        for name, site in scenario.sites.items()
    }
    settings = with_secrets(
        load_settings(
            data_dir=folder, terms_dir=folder / "terms", reporting_zone="Europe/Berlin", sites=sites,
            topics={name: {} for name in scenario.topics}, **standing_at(END.astimezone(UTC)),
        )
    )  # fmt: skip
    world = World(scenario, 11, START, END, folder)
    store = Store.open(settings)
    try:
        batches = [(at, [each for each in sent if '"chat.message"' not in each[3][:160]]) for at, sent in world.play()]
        store_all(store, Decoder(KEY, 3600, 1_000_000), world, batches)
        world.write_truth(folder)
        computed(store)
        # What the pages know of the store's state, the reporting zone with it, they know from this.
        log(store.connection, "consuming", "5 topics", END)
    finally:
        store.close()
    return Played(settings.store_path, json.loads((folder / "truth.json").read_text()), settings)


@pytest.fixture(scope="module")
def told(demo: Played) -> Iterator[duckdb.DuckDBPyConnection]:
    """What the store tells."""
    connection = duckdb.connect(str(demo.path), read_only=True)
    connection.execute("set TimeZone = 'UTC'")
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def answers(demo: Played) -> dict[str, tuple[Facts, Answer]]:
    """What the page answers about all of each provider's work, nothing assumed by hand, by site."""
    asked = Asked("quack:localhost:1", demo.path, "no token is needed for a file")
    reply = sums.choices(asked)
    assert reply.state is State.STOPPED
    page = Opened(asked, reply, queries.status(reply), sums.known(reply), {}, {})
    found = {}
    for site, provider in PROVIDERS.items():
        facts = gather.facts(asked, page, Slice(provider=provider), demo.settings)
        assert isinstance(facts, Facts)
        found[site] = facts, answer(facts, assume.defaults(facts))
    return found


def standings(told: tuple[Facts, Answer]) -> list[Standing]:
    """Week by week."""
    facts, found = told
    assert isinstance(found.case, TheCase), found.case
    assert len(found.case.verdicts) == len(facts.weeks)
    return [verdict.standing for verdict in found.case.verdicts]


def test_the_provider_that_drifts_reaches_the_exit_watch(
    demo: Played, answers: dict[str, tuple[Facts, Answer]]
) -> None:
    """By what customers say, not before the drift has gone on for a while, and it is on it now."""
    facts, found = answers["sofia"]
    assert isinstance(found.case, TheCase)
    watched = [week for week, standing in zip(facts.weeks, standings(answers["sofia"]), strict=True)
               if standing is Standing.EXIT_WATCH]  # fmt: skip
    begins = date.fromisoformat(demo.plant("drift")["begins"])
    assert watched
    assert watched[0] >= begins + timedelta(weeks=2)
    assert found.case.standing is Standing.EXIT_WATCH
    opened = {why.criterion for why in found.case.verdicts[-1].reasons if why.open_since is not None}
    assert "csat" in opened, "customers are less satisfied"


@pytest.mark.parametrize("site", ["leeds", "pune"])
def test_the_others_never_do(answers: dict[str, tuple[Facts, Answer]], site: str) -> None:
    """Neither for being dark for half a day nor for billing too much, nor for easy work done a little worse."""
    assert Standing.EXIT_WATCH not in standings(answers[site])


def loads(told: duckdb.DuckDBPyConnection, site: str, query: str = LOADS) -> Floats:
    """Agents at work by quarter-hour with any work."""
    rows = told.execute(query, {"site": site, "slots": SLOTS}).fetchall()
    return np.array([float(load) for (load,) in rows])


def paid(told: duckdb.DuckDBPyConnection, provider: str) -> float:
    """What all bills ought to come to."""
    rows = told.execute("select sum(own_total)::double from expected_bills where provider = $1", [provider]).fetchall()
    return float(rows[0][0])


def own_hour(told: duckdb.DuckDBPyConnection) -> float:
    rows = told.execute("select any_value(amount) from in_house_figures where figure = 'per_available_hour'").fetchall()
    return float(rows[0][0])


@pytest.mark.parametrize("site", ["leeds", "sofia", "pune"])
def test_the_split_recommended_is_the_truths_own_optimum(
    demo: Played, told: duckdb.DuckDBPyConnection, site: str
) -> None:
    """Exactly, at the real prices and at every other price ratio, from what the store tells of loads and bills."""
    truth = demo.truth["sites"][site]["optimum"]
    load, bill = loads(told, site), paid(told, demo.truth["sites"][site]["provider"])
    split = base_peak(load, own_cost=own_hour(told), bought_cost=bill / (load.sum() / 4))
    assert split.best.base == truth["base"]
    # Some messages of pune's were lost on the way.
    assert split.best.cost == pytest.approx(truth["cost"], rel=1e-3)
    assert split.all_bought == pytest.approx(truth["cost_of_none"], rel=1e-6)
    assert split.critical_share == pytest.approx(truth["price_ratio"], rel=1e-3)
    found = {
        ratio: base_peak(load, own_cost=float(ratio), bought_cost=1.0).best.base for ratio in truth["base_by_ratio"]
    }
    assert found == truth["base_by_ratio"]
    assert max(found.values()) >= 3 > min(found.values()) == 0, "the ratios ask for bases that differ"


@pytest.mark.parametrize("site", ["leeds", "sofia", "pune"])
def test_the_split_of_the_sums_by_quarter_hour_is_the_same(
    demo: Played, told: duckdb.DuckDBPyConnection, site: str
) -> None:
    """They count a contact's handling where it ended; that moves the base by one agent at most, and never here."""
    truth = demo.truth["sites"][site]["optimum"]
    load, bill = loads(told, site, LOADS_OF_SUMS), paid(told, demo.truth["sites"][site]["provider"])
    split = base_peak(load, own_cost=own_hour(told), bought_cost=bill / (load.sum() / 4))
    assert split.best.base == truth["base"]
    for ratio, base in truth["base_by_ratio"].items():
        assert abs(base_peak(load, own_cost=float(ratio), bought_cost=1.0).best.base - base) <= 1


@pytest.mark.parametrize("site", ["leeds", "sofia", "pune"])
def test_the_page_recommends_the_truths_base(demo: Played, answers: dict[str, tuple[Facts, Answer]], site: str) -> None:
    """From contacts of the last eight weeks as they arrived and in-house handle times, nothing told but events."""
    _, found = answers[site]
    assert isinstance(found.part, WhichPart), found.part
    truth = demo.truth["sites"][site]["optimum"]
    assert found.part.own_hour == pytest.approx(truth["own_hour"], abs=0.005)
    assert found.part.split.best.base == truth["base"]


def test_only_the_provider_paid_by_the_hour_is_worth_a_base_of_own_agents(demo: Played) -> None:
    """Its agents are paid while they wait for contacts; the others sell minutes and contacts for less than own ones."""
    bases = {name: site["optimum"]["base"] for name, site in demo.truth["sites"].items() if "optimum" in site}
    assert bases["leeds"] > 0
    assert bases["sofia"] == bases["pune"] == 0


@dataclass(frozen=True)
class OutageDay:
    """The planted outage, by quarter-hour from its begin until two hours after it: what happened, and what is drilled.

    diverted_from, ends: numbers of quarter-hours.
    """

    lost: Floats
    """At the site that stepped in, by the truth."""
    lost_before: int
    """At the dark site, until its contacts went elsewhere."""
    offered_before: int
    diverted_from: int
    ends: int
    drilled: tuple[Outage, ...]
    """Calls, and chats where an agent is as many as the chats they may hold."""


@pytest.fixture(scope="module")
def outage(demo: Played, told: duckdb.DuckDBPyConnection) -> OutageDay:
    """With the agents who were really there, their own contacts and those that were diverted to them."""
    plant = demo.plant("outage")
    other, dark = plant["divert_to"], plant["site"]
    begins, ends, diverted_from = (datetime.fromisoformat(plant[at]) for at in ("begins", "ends", "diverted_from"))
    many, first = (ends - begins) // QUARTER + CALM, (diverted_from - begins) // QUARTER
    quarters = plant["cumulative_by_quarter"][: many + 1]
    assert [datetime.fromisoformat(each["at"]) for each in quarters] == [begins + QUARTER * n for n in range(many + 1)]

    def grown(site: str, name: str) -> Floats:
        return np.diff([float(each[site][name]) for each in quarters])

    until = begins + many * QUARTER
    span = {"site": other, "from_at": naive(begins), "to_at": naive(until)}
    offered = {False: np.zeros(many), True: np.zeros(many)}
    for at, chat, n in told.execute(OFFERED, span).fetchall():
        offered[chat][(at - naive(begins)) // QUARTER] += n
    both = offered[False] + offered[True]
    moved = grown(other, "diverted_here")
    assert both == pytest.approx(grown(other, "offered"))
    drilled = []
    for chat, agents in crews(told, other, begins, until, many).items():
        part = np.divide(moved * offered[chat], both, out=np.zeros(many), where=both > 0)
        day = {"site": other, "from_at": naive(begins), "to_at": naive(ends), "chat": chat}
        month = {**day, "from_at": naive(begins - timedelta(days=28))}
        ((aht_s, _),) = told.execute(HANDLING, day).fetchall()
        ((_, patience_s),) = told.execute(HANDLING, month).fetchall()
        drilled.append(Outage(offered[chat] - part, part, agents, first, many - CALM, aht_s, patience_s or math.inf))
    gone = grown(dark, "abandoned")[: first + 1]
    return OutageDay(
        grown(other, "abandoned"), int(gone.sum()), int(grown(dark, "offered")[:first].sum()), first, many - CALM,
        tuple(drilled),
    )  # fmt: skip


def crews(
    told: duckdb.DuckDBPyConnection, site: str, begins: datetime, until: datetime, many: int
) -> dict[bool, Floats]:
    """Who was there for calls, and places for chats, by quarter-hour: whole agents on average."""
    everybody = read_presence(told, begins, until)[site]
    chat = told.execute(
        "select starts_at, sum(epoch_us(least(ends_at, starts_at + interval 15 minutes)) - "
        "epoch_us(greatest(begins_at, starts_at))) / 900e6 from (select begins_at, ends_at, unnest(range("
        "time_bucket(interval 15 minutes, begins_at), ends_at, interval 15 minutes)) as starts_at "
        "from agent_spans($from_at, $to_at) where site = $site and slots > 1 and ends_at > begins_at "
        "and state in ('available', 'busy', 'wrap_up')) group by starts_at",
        {"site": site, "from_at": naive(begins), "to_at": naive(until)},
    ).fetchall()
    chatting = {at.replace(tzinfo=UTC): float(agents) for at, agents in chat}
    starts = [begins.astimezone(UTC) + QUARTER * number for number in range(many)]
    with_chats = np.array([chatting.get(at, 0.0) for at in starts])
    present = np.array([everybody.get(at, 0.0) for at in starts])
    return {False: np.round(present - with_chats), True: np.round(with_chats * SLOTS)}


def naive(at: datetime) -> datetime:
    """UTC without saying so, as the store keeps it."""
    return at.astimezone(UTC).replace(tzinfo=None)


@pytest.fixture(scope="module")
def runs(outage: OutageDay) -> tuple[Runs, ...]:
    found = []
    for drilled in outage.drilled:
        made = drill_runs(drilled, runs=RUNS, seed=8, warm_up=4)
        assert made is not None
        found.append(made)
    return tuple(found)


def test_the_drill_of_the_outage_reproduces_the_contacts_lost(outage: OutageDay, runs: tuple[Runs, ...]) -> None:
    """Those lost where the outage was diverted to lie within the drill's band of 90 % of the days simulated."""
    dark = slice(outage.diverted_from, outage.ends)
    lost = np.sum([each.lost for each in runs], axis=0)[:, dark].sum(axis=1)
    low, high = np.quantile(lost, [0.05, 0.95])
    really = outage.lost[dark].sum()
    assert low <= really <= high, (low, really, high)
    assert really > 5, "there is something to reproduce"
    assert high < 2.5 * np.median(lost), "and the band says something"


def test_quarter_by_quarter_as_well(outage: OutageDay, runs: tuple[Runs, ...]) -> None:
    """Each hour of the outage within its own band; one in ten may be outside, so of eighteen at most four."""
    lost = np.sum([each.lost for each in runs], axis=0)
    low, high = np.quantile(lost, [0.05, 0.95], axis=0)
    dark = range(outage.diverted_from, outage.ends)
    outside = [at for at in dark if not low[at] <= outage.lost[at] <= high[at]]
    assert len(dark) == 18
    assert len(outside) <= 4, outside


def test_until_contacts_are_diverted_all_are_lost_and_afterwards_it_is_calm_again(
    outage: OutageDay, runs: tuple[Runs, ...]
) -> None:
    assert outage.lost_before == outage.offered_before > 10
    after = np.sum([each.lost for each in runs], axis=0)[:, outage.ends + 1 :].sum(axis=1)
    assert outage.lost[outage.ends + 1 :].sum() == 0
    assert np.quantile(after, 0.5) <= 1

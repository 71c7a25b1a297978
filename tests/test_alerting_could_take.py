"""What own sites could take over: who is free and has done it before, and what Erlang A says of taking it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ingest.alerting.could_take import Agent, Pool, Skill, could_take
from models.staffing import erlang_a

BILLING = ("billing", "de")
POOL = Pool(BILLING, waiting=6, offered=40, calls=30)
TARGET_S = 20.0


def skill(agent: str | None, key: tuple[str | None, str | None] = BILLING, site: str = "home", **more: Any) -> Skill:
    told = {"answered": 10, "handled": 10, "handle_s": 3000.0, "waited_s": 200.0, "abandoned": 0}
    return Skill(site, key, more.pop("calls", True), agent, **(told | more))


def team(idle: int, busy: int, site: str = "home") -> list[Agent]:
    return [Agent(site, f"{site}{n}", n < idle, 0.4 if n < idle else 0.9) for n in range(idle + busy)]


def skills(agents: list[Agent], **more: Any) -> list[Skill]:
    nobody = skill(None, site="away", answered=0, handled=0, handle_s=0.0, waited_s=900.0, abandoned=10)
    return [nobody, *(skill(agent.agent_id, site=agent.site, **more) for agent in agents)]


def test_only_who_is_idle_and_has_handled_the_same_queue_and_language_counts() -> None:
    agents = team(3, 2)
    known = [skill("home0"), skill("home1", ("billing", "en")), skill("home3"), skill("home4", BILLING, answered=0)]
    found = could_take([POOL], agents, known, TARGET_S)
    assert found["idle"] == 1
    (site,) = found["pools"][0]["sites"]
    assert (site["site"], site["idle"], site["at_work"]) == ("home", 1, 2)


def test_a_site_where_nobody_is_idle_is_left_out() -> None:
    agents = team(0, 3)
    assert could_take([POOL], agents, skills(agents), TARGET_S)["pools"][0]["sites"] == []


def test_an_agent_who_can_take_two_pools_counts_once_in_all() -> None:
    other = ("orders", "de")
    known = [skill("home0"), skill("home0", other)]
    found = could_take([POOL, replace(POOL, key=other, waiting=9)], team(1, 0), known, TARGET_S)
    assert found["idle"] == 1
    assert [pool["queue"] for pool in found["pools"]] == ["orders", "billing"]


def test_an_empty_queue_or_language_is_one_of_its_own() -> None:
    found = could_take([replace(POOL, key=("billing", None))], team(1, 0), [skill("home0")], TARGET_S)
    assert found["pools"][0]["sites"] == []


def test_levels_are_those_of_erlang_a_with_the_own_load_and_with_the_providers_on_top() -> None:
    agents = team(4, 8)
    known = skills(agents)
    (site,) = could_take([POOL], agents, known, TARGET_S)["pools"][0]["sites"]
    load, more = 4 * 0.4 + 8 * 0.9, 30 / 1800 * 300
    patience = (900 + 12 * 200) / 10
    levels = erlang_a(12, [load, load + more], 300, patience).service_level(TARGET_S)
    assert (site["erlangs"], site["more_erlangs"]) == (pytest.approx(load), pytest.approx(more))
    assert (site["service_level"], site["service_level_then"]) == pytest.approx(tuple(levels), abs=0.0006)
    assert site["service_level_then"] < site["service_level"]


def test_more_of_the_providers_work_is_never_better() -> None:
    agents = team(5, 5)
    then = [
        could_take([replace(POOL, calls=calls)], agents, skills(agents), TARGET_S)["pools"][0]["sites"][0][
            "service_level_then"
        ]
        for calls in range(0, 200, 10)
    ]
    assert then == sorted(then, reverse=True)
    assert then[0] > 0.9 > 0.2 > then[-1]


def test_where_nobody_ever_hung_up_an_overload_serves_nobody_in_time() -> None:
    agents = team(2, 2)
    known = [skill(agent.agent_id) for agent in agents]
    (site,) = could_take([replace(POOL, calls=200)], agents, known, TARGET_S)["pools"][0]["sites"]
    assert site["service_level_then"] == 0.0


def test_chats_and_work_nobody_has_finished_have_no_estimate() -> None:
    agents = team(2, 2)
    for pool, known in (
        (replace(POOL, calls=None), skills(agents)),
        (POOL, skills(agents, calls=False)),
        (POOL, skills(agents, handled=0, handle_s=0.0)),
    ):
        (site,) = could_take([pool], agents, known, TARGET_S)["pools"][0]["sites"]
        assert site["idle"] == 2
        assert site["service_level"] is None
        assert site["service_level_then"] is None


def test_nothing_waiting_is_nothing_to_take() -> None:
    assert could_take([], team(3, 0), [skill("home0")], TARGET_S) == {"idle": 0, "pools": []}

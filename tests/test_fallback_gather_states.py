"""What the Fallback page gathers where something is missing: every gap is a sentence, never a traceback."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from dashboard.fallback import assume, gather
from dashboard.fallback import criteria_words as said
from models.fallback.answer_parts import Problem
from models.fallback.case_answer import the_case
from models.fallback.facts import OwnCost, Slice
from tests import fallback_gather_store as small

if TYPE_CHECKING:
    from pathlib import Path

    from models.fallback.facts import Facts
    from models.settings import Settings

SOUTH = Slice(provider=small.PROVIDER)


def facts_of(settings: Settings) -> Facts:
    store, page = small.page_of(settings)
    return gather.gathered(store, page, SOUTH, settings)


def test_without_a_contract_targets_stand_in_and_nothing_costs_anything(tmp_path: Path) -> None:
    settings = small.settings_of(tmp_path, agreed=False, targets={"service_level": 0.85})
    small.written(settings, small.talks())
    found = facts_of(settings)
    assert said.NO_CONTRACT in found.missing
    assert said.NO_OWN_COST in found.missing
    assert (found.contract, found.own_cost) == (None, OwnCost())
    (level,) = [each for each in found.criteria if each.name == "service_level"]
    assert (round(level.opens, 2), level.clears, level.source) == (0.80, 0.85, said.FROM_TARGETS)
    assert all(month.amount is None and month.bill is None for month in found.months)
    assert assume.defaults(found)["price"].value is None
    assert said.NO_PRESENCE in found.missing


def test_without_an_in_house_site_nothing_is_compared_and_nobody_is_there(tmp_path: Path) -> None:
    bought = {"north": {"provider": "Other"}, "south": {"name": "South", "provider": small.PROVIDER}}
    (tmp_path / "terms").mkdir()
    settings = small.settings_of(tmp_path / "data", agreed=False, sites=bought)
    small.written(settings, small.talks())
    found = facts_of(settings)
    assert said.NO_OWN_SITES in found.missing
    assert found.compared == ()
    assert not any(each.name.endswith("_alike") for each in found.criteria)
    calls = [pool for day in found.days for pool in day.pools]
    assert calls
    assert not any(sum(pool.agents) or sum(pool.own) for pool in calls)
    assert calls[0].own_aht_s is None
    assert calls[0].moved_aht_provider_s == 400
    assert (found.occupancy, found.free_hours) == (None, 0)


def test_of_an_empty_store_nothing_is_known(tmp_path: Path) -> None:
    settings = small.settings_of(tmp_path)
    small.written(settings, [])
    found = facts_of(settings)
    assert found.missing == (said.NO_WEEKS, said.NO_HANDLE_TIMES)
    assert (found.weeks, found.months, found.topics, found.days) == ((), (), (), ())
    assert isinstance(the_case(found), Problem)


def test_in_the_first_week_there_is_nothing_to_judge_but_work_to_tell(tmp_path: Path) -> None:
    settings = small.settings_of(tmp_path)
    small.written(settings, [talk for talk in small.talks() if talk.at.date() >= small.TODAY - timedelta(days=3)])
    found = facts_of(settings)
    assert said.NO_WEEKS in found.missing
    assert found.weeks == ()
    assert isinstance(the_case(found), Problem)
    assert found.handle_s == 400
    assert any("has no forecast" in each for each in found.missing)


def test_a_holiday_has_no_forecast_and_says_so(tmp_path: Path) -> None:
    tomorrow = small.TODAY.replace(day=21)
    settings = small.settings_of(tmp_path, holidays=[tomorrow])
    small.written(settings, small.talks())
    found = facts_of(settings)
    assert not any(sum(pool.moved) for pool in found.days[1].pools)
    assert any(sum(pool.moved) for pool in found.days[2].pools)
    (told,) = [each for each in found.missing if each.startswith("South has no forecast")]
    assert "holiday" in told

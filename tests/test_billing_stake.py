"""A running month: what is lost, what can still be saved, until when and for how much."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.billing import Level, Stake, at_stake
from tests.agreed import PER_CONTACT, beside, terms

SL: dict[str, Any] = {"metric": "service_level", "target": "0.8", "worst": "0.7", "best": "0.9", "weight": "1"}
WAIT: dict[str, Any] = {"metric": "average_wait_s", "target": "30", "worst": "60", "best": "20", "weight": "1"}
SCORE = {"shape": "score", "malus": "0.1", "bonus": "0.05"}
TWENTIETH = date(2026, 6, 20)


def stake(level: dict[str, Any], value: str | None, n: int, left: int, until: date = TWENTIETH, **more: Any) -> Stake:
    held = terms(PER_CONTACT, service_levels=[level], bonus=more.get("bonus", SCORE))
    levels = {level["metric"]: Level(Decimal(value) if value else None, n)}
    (found,) = at_stake(held, Decimal(2000), Decimal(3000), levels, {level["metric"]: left}, until)
    return found


def test_a_level_that_can_be_saved_says_how_and_until_when() -> None:
    found = stake(SL, "0.75", 2000, 1000)
    # 2,400 of 3,000 are needed, 1,500 are there: 900 of the 1,000 left.
    assert (found.standing, found.certain, found.needed) == ("at risk", False, Decimal("0.9"))
    # 3,000 x 0.05 / 0.25 = 600 perfect ones take the last six days, 25 to 30 June.
    assert found.save_by == date(2026, 6, 25)
    assert beside(found.so_far, found.expected, found.most) == (-100, -150, 300)


def test_a_level_that_is_lost_says_so() -> None:
    assert stake(SL, "0.7", 2000, 1000).standing == "at risk"
    found = stake(SL, "0.699", 2000, 1000)
    assert (found.standing, found.certain, found.needed, found.save_by) == (
        "missed for certain",
        True,
        Decimal("1.002"),
        None,
    )
    assert stake(SL, "0.79", 2000, 0).standing == "missed for certain"
    assert stake(SL, "0.79", 2000, 50, date(2026, 6, 30)).standing == "missed for certain"


def test_a_level_met_whatever_comes_has_nothing_at_stake() -> None:
    safe = stake(SL, "0.9", 2000, 250)
    assert beside(safe.standing, safe.certain, safe.needed, safe.most) == ("met", True, Decimal(0), 0)
    unsure = stake(SL, "0.9", 2000, 251)
    assert beside(unsure.standing, unsure.certain, unsure.most) == ("met", False, 300)


def test_times_are_better_when_lower() -> None:
    found = stake(WAIT, "40", 2000, 1000)
    assert (found.standing, found.needed) == ("at risk", Decimal(10))
    # 3,000 x 10 / 40 = 750 without any wait: eight days, from 23 June on.
    assert found.save_by == date(2026, 6, 23)
    assert stake(WAIT, "46", 2000, 1000).standing == "missed for certain"
    assert stake(WAIT, "1", 2000, 1).certain is False


def test_without_data_nothing_is_said() -> None:
    found = stake(SL, None, 0, 100)
    assert beside(found.standing, found.needed, found.so_far, found.most) == ("no data", Decimal("0.8"), 0, 300)


def test_points_cost_no_more_than_the_whole_way_down() -> None:
    rules = {"shape": "points", "malus": "0.9", "per_point": "0.01"}
    assert stake(SL, "0.75", 2000, 1000, bonus=rules).most == 2400
    assert stake(SL, "0.75", 2000, 1000, bonus={**rules, "malus": "0.2"}).most == 600


@given(st.integers(1, 900), st.integers(0, 900), st.integers(1, 900))
def test_what_is_needed_reaches_the_target_exactly(good: int, bad: int, left: int) -> None:
    found = stake(SL, str(Decimal(good) / (good + bad)), good + bad, left)
    assert found.needed is not None
    reached = (good + found.needed * left) / (good + bad + left)
    assert abs(reached - Decimal("0.8")) < Decimal("0.000002")
    assert (found.standing == "missed for certain") == (found.needed > 1)
    assert found.save_by is None or TWENTIETH < found.save_by <= date(2026, 6, 30)

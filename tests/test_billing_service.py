"""Malus and bonus: scores, caps, gates, what does not count, claims and earn-back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from models.billing import Level, ServiceEffect, Settled, earn_back, invoice, service_effect
from tests.agreed import JUNE, PER_CONTACT, agreed, beside, came, terms

SL = {"metric": "service_level", "target": "0.8", "worst": "0.7", "best": "0.9", "weight": "0.6"}
WAIT = {"metric": "average_wait_s", "target": "30", "worst": "60", "best": "20", "weight": "0.4"}
SCORE: dict[str, Any] = {"shape": "score", "malus": "0.1", "bonus": "0.05"}


def effect(
    sl: str | None, wait: str | None, bonus: dict[str, Any] | None = None, n: int = 100, **more: Any
) -> ServiceEffect:
    held = terms(PER_CONTACT, service_levels=[SL, WAIT], bonus=bonus or SCORE, **more)
    levels = {
        "service_level": Level(Decimal(sl) if sl else None, n),
        "average_wait_s": Level(Decimal(wait) if wait else None, n),
    }
    return service_effect(held, Decimal(10_000), levels, JUNE)


@pytest.mark.parametrize(
    ("sl", "wait", "amount"),
    [
        ("0.8", "30", "0"),
        ("0.7", "60", "-1000"), ("0.2", "400", "-1000"),
        ("0.9", "20", "500"), ("1", "0", "500"),
        # 0.6 x -0.5 + 0.4 x 1 = 0.1 of the bonus; 0.6 x 1 - 0.4 = 0.2; 0.6 x -1 + 0.4 x 0.5 = -0.4 of the malus.
        ("0.75", "20", "50"), ("0.95", "60", "100"), ("0.7", "25", "-400"),
    ],
)  # fmt: skip
def test_scores_are_weighed_and_capped(sl: str, wait: str, amount: str) -> None:
    found = effect(sl, wait)
    assert found.amount == Decimal(amount)
    assert sum(level.amount for level in found.levels) == found.amount


def test_each_level_says_what_it_amounted_to() -> None:
    sl, wait = effect("0.7", "25").levels
    assert beside(sl.score, sl.amount, sl.met) == (-1, -600, False)
    assert beside(wait.score, wait.amount, wait.met) == (Decimal("0.5"), 200, True)


def test_a_level_without_data_gives_its_weight_to_the_others() -> None:
    found = effect("0.7", None)
    assert found.amount == -1000
    assert [beside(level.weight, level.counts) for level in found.levels] == [(1, True), (0, False)]
    assert effect(None, None).notes == ("no service level has enough data: no effect",)
    assert effect(None, None).amount == 0


def test_a_level_of_too_few_cases_does_not_count() -> None:
    held = terms(PER_CONTACT, service_levels=[{**SL, "at_least": 50}, WAIT], bonus=SCORE)
    levels = {"service_level": Level(Decimal("0.7"), 49), "average_wait_s": Level(Decimal(30), 1)}
    assert service_effect(held, Decimal(100), levels, JUNE).amount == 0
    levels["service_level"] = Level(Decimal("0.7"), 50)
    assert service_effect(held, Decimal(100), levels, JUNE).amount == -6


def test_points_cost_by_the_hundredth_up_to_the_cap() -> None:
    rules = {"shape": "points", "malus": "0.03", "per_point": "0.01"}
    held = terms(PER_CONTACT, service_levels=[{**SL, "weight": "1"}], bonus=rules)

    def amount(value: str) -> Decimal:
        return service_effect(held, Decimal(10_000), {"service_level": Level(Decimal(value), 9)}, JUNE).amount

    assert [amount(value) for value in ("0.95", "0.8", "0.785", "0.77", "0.3")] == [0, 0, -150, -300, -300]


def test_points_are_for_shares() -> None:
    with pytest.raises(ValueError, match="metrics that are shares"):
        terms(
            PER_CONTACT,
            service_levels=[{**WAIT, "weight": "1"}],
            bonus={"shape": "points", "malus": "0.1", "per_point": "0.01"},
        )


def test_a_gate_takes_the_bonus_but_adds_no_malus() -> None:
    gates = [{"metric": "abandonment_rate", "limit": "0.05"}]
    held = terms(PER_CONTACT, service_levels=[{**SL, "weight": "1"}], bonus={**SCORE, "gates": gates})

    def found(sl: str, abandoned: str | None) -> ServiceEffect:
        levels = {"service_level": Level(Decimal(sl), 9)}
        if abandoned:
            levels["abandonment_rate"] = Level(Decimal(abandoned), 9)
        return service_effect(held, Decimal(1000), levels, JUNE)

    assert found("0.9", "0.05").amount == 50
    assert found("0.9", "0.051").amount == 0
    assert found("0.9", "0.051").notes == ("no bonus: abandonment_rate is 0.051, 0.05 is needed",)
    assert found("0.9", None).notes == ("no bonus: no data of abandonment_rate",)
    assert found("0.7", "0.2").amount == found("0.7", "0").amount == -100


def test_levels_are_released_when_far_more_came_than_forecast() -> None:
    locked = {"month": "2026-06", "units": "1000", "locked_on": date(2026, 4, 1)}
    agreement = agreed(
        PER_CONTACT, service_levels=[{**SL, "weight": "1"}], bonus=SCORE, relief="0.15",
        minimum={"kind": "forecast", "share": "0.5", "forecasts": [locked]},
    )  # fmt: skip
    bad = {"service_level": Level(Decimal("0.5"), 99)}
    assert invoice(agreement, JUNE, came(1000, 150), bad).effect.amount == -414
    released = invoice(agreement, JUNE, came(1000, 151), bad).effect
    assert released.amount == 0
    assert released.notes == ("service levels do not count: 1,151.00 came, more than 15% above the 1,000 forecast",)


def test_a_malus_to_be_claimed_is_no_part_of_the_bill() -> None:
    agreement = agreed(PER_CONTACT, service_levels=[{**SL, "weight": "1"}], bonus={**SCORE, "claim_days": 45})
    bad = invoice(agreement, JUNE, came(100), {"service_level": Level(Decimal("0.5"), 99)})
    assert beside(bad.effect.amount, bad.effect.is_claim, bad.effect.claim_by) == (-36, True, date(2026, 8, 14))
    assert bad.total == 360
    good = invoice(agreement, JUNE, came(100), {"service_level": Level(Decimal("0.9"), 99)})
    assert beside(good.effect.is_claim, good.effect.claim_by, good.total) == (False, None, 378)


def test_the_fees_at_risk_include_the_minimum() -> None:
    agreement = agreed(
        PER_CONTACT, minimum={"kind": "amount", "amount": "1000"}, service_levels=[{**SL, "weight": "1"}], bonus=SCORE
    )
    found = invoice(agreement, JUNE, came(100), {"service_level": Level(Decimal("0.7"), 9)})
    assert beside(found.subtotal, found.minimum, found.effect.amount, found.total) == (360, 640, -100, 900)


def month(number: int, malus: int, *, all_met: bool) -> Settled:
    return Settled(date(2026, number, 1), Decimal(malus), all_met)


def test_good_months_pay_a_malus_back() -> None:
    months = [
        month(1, 100, all_met=False), month(2, 0, all_met=True), month(3, 0, all_met=True),
        month(4, 50, all_met=False), month(5, 0, all_met=True), month(6, 70, all_met=False),
    ]  # fmt: skip
    assert [beside(found.malus, found.earned_back, found.state, found.on) for found in earn_back(months, 2)] == [
        (100, 100, "paid back", date(2026, 3, 1)),
        (0, 0, "none", None),
        (0, 0, "none", None),
        (50, 0, "kept", None),
        (0, 0, "none", None),
        (70, 0, "open", None),
    ]
    assert {found.state for found in earn_back(months, 0)} == {"none", "kept"}


def test_a_missing_month_leaves_a_malus_open() -> None:
    first, *_ = earn_back([month(1, 100, all_met=False), month(3, 0, all_met=True)], 2)
    assert first.state == "open"
    with pytest.raises(ValueError, match="each month once"):
        earn_back([month(1, 1, all_met=False)] * 2, 1)

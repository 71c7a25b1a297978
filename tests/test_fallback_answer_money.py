"""What is paid on the way home: the contract's arithmetic on less work, idle time first, then people, then overtime."""

from __future__ import annotations

import json
import math
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from models.billing.months import next_month
from models.fallback.answer import AtWhatPrice, FromWhen, Problem, WhichPart, answer
from models.fallback.business_case import contacts_per_issue, present_value
from models.fallback.facts import Facts, Month, OwnCost, Slice, TopicWork
from models.fallback.slice_bill import PricePaid, bill_of
from models.terms.contract import Contract
from tests.fallback_answer_facts import TODAY, assumed, contract, facts, pool, row, week

MAY = Month(month=date(2026, 5, 1), contacts=10_000, amount=54_000, bill=54_000)
JULY = date(2026, 7, 1)
PART = Slice(provider="rila", languages=("de",))


def part_of(bill: float, **given: Any) -> Facts:
    """A slice that costs 54,000 of a larger bill, at 5.40 a call."""
    return facts(slice=PART, months=(MAY.model_copy(update={"bill": bill}),), **given)


def priced(asked: Facts, **given: float | None) -> AtWhatPrice:
    found = answer(asked, assumed(**given)).price
    assert isinstance(found, AtWhatPrice), found
    return found


def test_by_a_plain_price_a_contact_that_leaves_is_a_contact_not_paid() -> None:
    bill = bill_of(part_of(108_000, contract=contract()), 10_000, 5.4)
    assert (bill(JULY, 0).bill, bill(JULY, 0.25).bill, bill(JULY, 1).bill) == pytest.approx((54_000, 40_500, 0))
    assert bill(JULY, 1).stranded == 0


def test_below_the_minimum_what_leaves_is_paid_all_the_same() -> None:
    """20,000 calls, of which 15,000 are paid at least: the first 5,000 that leave are saved, no more."""
    agreed = contract(minimum={"kind": "units", "units": "15000"})
    bill = bill_of(part_of(108_000, contract=agreed), 10_000, 5.4)
    assert bill(JULY, 0.4).bill == pytest.approx(54_000 - 4_000 * 5.4, abs=6)
    assert bill(JULY, 0.4).stranded == 0
    assert bill(JULY, 1).bill == pytest.approx(27_000, abs=6)
    assert bill(JULY, 1).stranded == pytest.approx(27_000, abs=6)


def test_what_leaves_comes_off_the_cheapest_tier_and_a_later_price_holds_from_its_day() -> None:
    plain = contract().model_dump(by_alias=True, mode="json")
    steps = [{"upto": "10000", "rate": "6"}, {"rate": "4"}]
    charge = {"kind": "contact", "name": "calls", "tiers": {"kind": "marginal", "steps": steps}}
    index = {"from": "2027-01-01", "change": "0.1", "index": "CPI"}
    terms = {"from": "2025-01-01", "currency": "EUR", "charges": [charge], "indexation": [index]}
    agreed = Contract.model_validate_json(json.dumps({**plain, "terms": [terms]}))
    # 20,000 calls cost 60,000 and 40,000; half of the bill is the slice's.
    asked = facts(
        slice=PART, contract=agreed,
        months=(Month(month=date(2026, 5, 1), contacts=10_000, amount=50_000, bill=100_000),),
    )  # fmt: skip
    bill = bill_of(asked, 10_000, 5.0)
    assert bill(JULY, 1).bill == pytest.approx(50_000 - 40_000, abs=10)
    assert bill(date(2027, 2, 1), 1).bill == pytest.approx(50_000 - 44_000, abs=10)


def test_a_fee_that_is_paid_whatever_comes_is_not_saved() -> None:
    plain = contract().model_dump(by_alias=True, mode="json")
    terms = {"from": "2025-01-01", "currency": "EUR", "charges": [{"kind": "fixed", "name": "desk", "fee": "108000"}]}
    agreed = Contract.model_validate_json(json.dumps({**plain, "terms": [terms]}))
    bill = bill_of(part_of(108_000, contract=agreed), 10_000, 5.4)
    assert bill(JULY, 1).bill == pytest.approx(54_000)


def test_without_a_contract_or_a_known_bill_the_price_is_what_is_paid() -> None:
    for asked in (facts(), facts(contract=contract()), facts(months=(MAY,))):
        assert bill_of(asked, 10_000, 5.4) == PricePaid(10_000, 5.4)
    unknown = MAY.model_copy(update={"amount": None})
    assert bill_of(facts(contract=contract(), months=(unknown,)), 10_000, 5.4) == PricePaid(10_000, 5.4)


def test_a_dearer_price_assumed_makes_all_of_the_contract_dearer() -> None:
    asked = part_of(108_000, contract=contract(minimum={"kind": "units", "units": "15000"}))
    one, other = (bill_of(asked, 10_000, price)(JULY, 1) for price in (5.4, 10.8))
    assert (other.bill, other.stranded) == pytest.approx((2 * one.bill, 2 * one.stranded))


def test_the_work_moves_as_people_come_and_both_are_paid_for_the_months_of_the_hand_over() -> None:
    asked = facts(contract=contract(30), months=(MAY,))
    when = answer(asked, assumed()).when
    assert isinstance(when, FromWhen)
    assert when.home is not None
    found = priced(asked, volume=10_000, dual_months=2)
    first = TODAY + timedelta(weeks=int(np.flatnonzero(when.capacity)[0]))
    before = [each for each in found.months[1:] if next_month(each.begins) <= first]
    assert before
    assert all((each.share_home, each.bill, each.idle) == (0, each.stay, 0) for each in before)
    moving = [each for each in found.months if first <= each.begins and next_month(each.begins) <= when.home.home_on]
    assert moving
    for each in moving:
        weeks = [(day - TODAY).days / 7 for day in (each.begins, next_month(each.begins))]
        able = when.capacity[math.ceil(weeks[0]) : math.ceil(weeks[1])].mean()
        assert each.share_home == pytest.approx(min(1.0, able / when.need))
        assert each.overtime == 0
    # Two months from the day the first work moves: two whole ones at least, and a part.
    assert all(each.bill == each.stay for each in moving[:1])
    after = [each for each in found.months if each.begins >= when.home.home_on]
    assert [each.share_home for each in after] == pytest.approx([1] * len(after))
    assert [each.bill for each in after] == pytest.approx([0] * len(after), abs=1e-6)
    never = priced(asked, volume=10_000, dual_months=0)
    assert sum(each.bill for each in never.months) < sum(each.bill for each in found.months)


def test_what_moves_before_the_contract_ends_leaves_its_minimum_to_be_paid() -> None:
    """Nothing below 8,000 of 10,000 calls is saved while the contract runs; afterwards all of it is."""
    agreed = contract(30, minimum={"kind": "units", "units": "8000"})
    asked = facts(contract=agreed, months=(MAY,))
    when = answer(asked, assumed()).when
    assert isinstance(when, FromWhen)
    assert when.home is not None
    found = priced(asked, volume=10_000, dual_months=0)
    moving = [each for each in found.months[1:] if next_month(each.begins) <= when.home.home_on]
    assert all(each.bill >= 8_000 * 5.4 - 6 for each in moving)
    late = [each for each in moving if each.share_home > 0.5]
    assert late
    assert all(each.stranded == pytest.approx((each.share_home - 0.2) * 54_000, abs=6) for each in late)
    assert (found.months[-1].bill, found.months[-1].stranded) == pytest.approx((0, 0), abs=1e-6)


def test_who_leaves_is_replaced_as_soon_as_too_few_are_left() -> None:
    asked = facts(contract=contract(30), months=(MAY,))
    when = answer(asked, assumed()).when
    assert isinstance(when, FromWhen)
    found = priced(asked, volume=10_000, months=60).months
    a_head = (55_000 + 0.3 * 8000) / 12
    assert found[-1].hired == pytest.approx(when.need * a_head, rel=0.02)
    heads = [each.hired / a_head for each in found if each.begins > TODAY + timedelta(weeks=when.ready_week + 6)]
    assert all(later <= earlier + 1e-9 for earlier, later in pairwise(heads)), "more were hired than stay needed"


def test_idle_time_comes_first_then_the_hired_then_overtime_and_the_rest_stays_bought() -> None:
    """Much more work by the month than the days ahead show, so that those hired for them are not enough."""
    asked = facts(contract=contract(30), months=(MAY,), free_hours=300, own_cost=OwnCost(direct_hour=30))
    found = priced(asked, volume=40_000, dual_months=0, months=48)
    last = found.months[-1]
    assert last.idle == pytest.approx(300)
    # 300 idle hours at an occupancy of 80 % are 1,500 productive and 1,500 / 0.7 paid ones; of these 5 %.
    assert last.overtime_hours == pytest.approx(0.05 * 1500 / 0.7)
    assert last.overtime == pytest.approx(last.overtime_hours * 30 * 1.25)
    contacts = 40_000 * contacts_per_issue(0.8, 1) / contacts_per_issue(0.7, 1)
    when = answer(asked, assumed(volume=40_000)).when
    assert isinstance(when, FromWhen)
    # By then so many have left that those who go are replaced.
    assert when.capacity[-1] < when.need
    hired = when.need * 1400 / 12
    done = 300 + (hired + last.overtime_hours) * 0.8
    assert 0 < last.share_home < 1
    assert last.share_home == pytest.approx(done / (contacts * 312 / 3600))
    assert last.bill == pytest.approx((1 - last.share_home) * 40_000 * 5.4)


def test_leads_are_paid_in_whole_ones_and_taken_out_of_an_agents_cost() -> None:
    plain, steps = (
        priced(facts(contract=contract(30), own_cost=cost), months=48).months[-1].hired
        for cost in (OwnCost(), OwnCost(lead=60_000, span=12))
    )
    when = answer(facts(contract=contract(30)), assumed()).when
    assert isinstance(when, FromWhen)
    assert when.capacity[200] < when.need
    heads = when.headcount[200] * when.need / when.capacity[200]
    leads = -(-heads // 12)
    assert plain == pytest.approx(heads * (55_000 + 0.3 * 8000) / 12)
    assert steps == pytest.approx(plain + (leads - heads / 12) * 60_000 / 12)


def test_the_months_add_up_to_the_figures_of_the_whole() -> None:
    found = priced(facts(contract=contract(30), months=(MAY,)), volume=10_000)
    cash = [each.cash for each in found.months]
    assert found.npv == pytest.approx(present_value(cash, 1.08 ** (1 / 12) - 1))
    assert len(cash) == 37
    assert [each.month for each in found.months] == list(range(37))
    assert all(earlier.begins < later.begins for earlier, later in pairwise(found.months))
    assert found.months[0].one_off == found.months[0].cash * -1
    assert found.provider_per_contact == 5.4
    assert found.own_per_contact > 0


def test_a_topic_that_does_not_pay_is_told_and_so_is_one_nobody_knows() -> None:
    def topic(name: str, **given: Any) -> TopicWork:
        return TopicWork(**{
            "topic": name, "name": name.title(), "contacts": 1000, "amount": 5000, "own_aht_s": 300, "peak_erlangs": 2,
            **given,
        })  # fmt: skip

    many = tuple(topic(f"t{at:02}", amount=9000 + at) for at in range(14))
    found = answer(facts(topics=(*many, topic("dear", amount=10_000, own_aht_s=3000), topic("unknown", amount=None))),
                   assumed(people=20)).part  # fmt: skip
    assert isinstance(found, WhichPart)
    assert not isinstance(found.topics, Problem)
    assert len(found.topics.alone) == 12
    assert {"dear"} == set(found.topics.alone) - {each.topic for each in many}
    assert [sentence.split(":")[0] for sentence in found.told] == [
        "Nobody knows what these cost at the provider, so they are left out",
        "Only the 12 topics that cost most are compared; 3 are not", "Dear does not pay",
    ]  # fmt: skip
    assert found.people == 20
    assert "dear" not in found.topics.best.topics + found.topics.greedy.topics
    nothing = answer(facts(topics=(topic("unknown", amount=None),)), assumed()).part
    assert isinstance(nothing, WhichPart)
    assert isinstance(nothing.topics, Problem)


def test_when_in_house_can_do_all_of_it_the_base_is_still_split() -> None:
    found = answer(facts(week(pool(agents=row(60)))), assumed()).part
    assert isinstance(found, WhichPart)
    assert found.people == 0
    assert found.split.best.base >= 0

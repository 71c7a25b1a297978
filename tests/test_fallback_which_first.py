"""Which work first: the worked examples to the figure, against trying every choice, and never worse than greedy."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.fallback.pool import Aim
from models.fallback.which_first import MAX_TOGETHER, Here, Topic, which_first
from models.staffing import Targets, agents_required

VECTORS = Path(__file__).parent.parent.parent / "shared" / "reference" / "vectors" / "fallback_vectors.json"
AIM = Aim(Targets(service_level=0.8, threshold_s=20))
ROW = st.tuples(st.integers(0, 100), st.sampled_from([0.5, 2.0, 5.0, 9.0]), st.sampled_from([None, "a", "b"]))


@pytest.fixture(scope="module")
def vectors() -> dict[str, Any]:
    if not VECTORS.exists():
        pytest.skip(f"{VECTORS} is not there")
    found: dict[str, Any] = json.loads(VECTORS.read_text("utf-8"))
    return found


def test_the_worked_example_comes_out_to_the_figure(vectors: dict[str, Any]) -> None:
    case = vectors["knapsack"]
    topics = [Topic(name, benefit, people=people) for name, people, benefit in case["items"]]
    found = which_first(topics, case["capacity_fte"])
    assert list(found.greedy.topics) == case["greedy"]
    assert (found.greedy.benefit, found.greedy.people) == (case["greedy_value"], case["greedy_fte"])
    assert list(found.best.topics) == case["optimal"]
    assert (found.best.benefit, found.best.people) == (case["optimal_value"], case["optimal_fte"])


def test_topics_of_one_pool_take_fewer_people_than_apart(vectors: dict[str, Any]) -> None:
    case = vectors["pooled_fte"]
    apart = [Topic(name, 1, erlangs=load, aht_s=300) for name, load in case["erlangs"]]
    pooled = [Topic(name, 1, erlangs=load, aht_s=300, pool="all") for name, load in case["erlangs"]]
    found = which_first(apart, 100, aim=AIM)
    assert list(found.alone.values()) == case["separate"]
    assert found.best.people == found.greedy.people == case["sum"]
    assert which_first(pooled, 100, aim=AIM).best.people == case["pooled"]
    # One person too few for all of them apart is enough for all of them together.
    assert len(which_first(pooled, case["sum"] - 1, aim=AIM).best.topics) == 3
    assert len(which_first(apart, case["sum"] - 1, aim=AIM).best.topics) == 2


def test_work_that_joins_a_pool_takes_only_what_comes_on_top() -> None:
    found = which_first([Topic("x", 1, erlangs=10, aht_s=300, pool="de")], 50, aim=AIM, here={"de": Here(30, 300)})
    more = int(agents_required(40, 300, AIM.targets)) - int(agents_required(30, 300, AIM.targets))
    assert found.best.people == more < int(agents_required(10, 300, AIM.targets))


def test_people_are_counted_with_those_absent() -> None:
    """14 agents at 30 % are 20 people."""
    assert which_first([Topic("x", 1, erlangs=10, aht_s=300)], 50, aim=AIM, shrinkage=0.3).alone == {"x": 20}


@settings(max_examples=30, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=6), st.integers(0, 60))
def test_the_best_choice_is_the_best_of_all_and_never_worse_than_greedy(
    rows: list[tuple[int, float, str | None]], people: int
) -> None:
    topics = [
        Topic(str(n), benefit, erlangs=load, aht_s=300, pool=pool) for n, (benefit, load, pool) in enumerate(rows)
    ]
    found = which_first(topics, people, aim=AIM)
    assert found.greedy.benefit <= found.best.benefit
    assert max(found.best.people, found.greedy.people) <= people
    possible = [
        sum(topic.benefit for topic in chosen)
        for size in range(len(topics) + 1)
        for chosen in combinations(topics, size)
        if takes(chosen) <= people
    ]
    assert found.best.benefit == max(possible)
    assert found.best.people == takes([topic for topic in topics if topic.name in found.best.topics])


def takes(chosen: Any) -> int:
    """People by adding up the loads of each pool, one by one."""
    loads: dict[str, float] = {}
    for topic in chosen:
        key = topic.pool or f"alone {topic.name}"
        loads[key] = loads.get(key, 0.0) + topic.erlangs
    return sum(int(agents_required(load, 300, AIM.targets)) for load in loads.values())


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Topic("x", -1, people=2), "expected x: benefit to be a finite number of at least 0, got -1"),
        (lambda: Topic("x", 1, people=0), "expected x: people to be a finite number above 0, got 0"),
        (lambda: Topic("x", 1, erlangs=0, aht_s=300), "expected x: erlangs to be a finite number above 0, got 0"),
        (lambda: Topic("x", 1), "x: expected either people, or erlangs and aht_s"),
        (lambda: Topic("x", 1, people=2, pool="a"), "x: expected erlangs and aht_s for a topic in pool 'a'"),
        (lambda: which_first([], 3), "topics: expected at least one"),
        (lambda: which_first([Topic("x", 1, people=2)] * 2, 3), "each name once"),
        (lambda: which_first([Topic("x", 1, people=2)], -1), "expected people to be a finite number of at least 0"),
        (lambda: which_first([Topic("x", 1, erlangs=2, aht_s=9)], 3), "x: expected an aim"),
        (lambda: which_first([Topic("x", 1, erlangs=2, aht_s=9)], 3, aim=AIM, shrinkage=1), "expected shrinkage"),
        (
            lambda: which_first(
                [Topic(str(n), 1, erlangs=2, aht_s=9, pool="a") for n in range(MAX_TOGETHER + 1)], 3, aim=AIM
            ),
            "pool 'a': expected at most 12 topics, got 13",
        ),
    ],
)
def test_inputs_outside_reason_are_refused_with_what_was_expected(make: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        make()

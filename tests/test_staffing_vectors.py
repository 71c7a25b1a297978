"""Staffing reproduces every reference vector that lies beside the project; without them it says so and skips."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize

from models.staffing import (
    Targets,
    agents_required,
    agents_under_uncertainty,
    chat_agents,
    combined_shrinkage,
    concurrency_gain,
    erlang_a,
    erlang_b,
    erlang_c,
    expected_under_uncertainty,
    halfin_whitt_beta,
    lines_required,
    offered_load,
    people_scheduled,
    pooled_service_level,
    scheduled,
    square_root_agents,
)

VECTORS = Path(__file__).parent.parent.parent / "shared" / "reference" / "vectors"
if not VECTORS.is_dir():
    pytest.skip(f"no reference vectors in {VECTORS}", allow_module_level=True)

with (VECTORS / "erlang_vectors.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
EXTRA: dict[str, Any] = json.loads((VECTORS / "staffing_extra_vectors.json").read_text("utf-8"))
CHAINING: list[dict[str, float]] = json.loads((VECTORS / "skill_chaining_vectors.json").read_text("utf-8"))
EIGHTY_IN_20 = Targets(service_level=0.8, threshold_s=20)
PRINTED = 0.5
"""Of the last decimal: figures of a table are rounded."""

GRID = 2e-4
"""The figures under an uncertain rate were means over a few hundred equally likely rates, a coarse integral."""


class Row:
    """A row of the table, its empty cells left out."""

    def __init__(self, cells: dict[str, str]) -> None:
        self.numbers = {name: float(cells[name]) for name in list(cells)[3:-2] if cells[name]}
        # Without a handle time load is given in Erlangs, and the unit of time does not matter.
        self.aht_s = self.numbers.get("aht_s", 1.0)
        rate = self.numbers.get("calls_per_hour", 0.0)
        self.erlangs = self.numbers.get("erlangs", float(offered_load(rate, self.aht_s)))

    def __getitem__(self, name: str) -> float:
        return self.numbers[name]


def carried_at_blocking(row: Row) -> float:
    """Load carried when as much is offered as loses the target share."""
    n, target = row["agents"], row["target"]
    offered = optimize.brentq(lambda a: float(erlang_b(n, a)) - target, 1e-9, 10 * n, xtol=1e-13)
    return float(offered * (1 - target))


def waiting_c(row: Row) -> Any:
    return erlang_c(row["agents"], row.erlangs, row.aht_s)


def waiting_a(row: Row) -> Any:
    return erlang_a(row["agents"], row.erlangs, row.aht_s, row["patience_s"])


ANSWERS: dict[tuple[str, str], Callable[[Row], Any]] = {
    ("ErlangB", "blocking"): lambda row: erlang_b(row["agents"], row.erlangs),
    ("ErlangB", "carried_erlangs_at_blocking"): carried_at_blocking,
    ("ErlangB", "min_agents_for_blocking"): lambda row: lines_required(row.erlangs, row["target"]),
    ("ErlangC", "pwait"): lambda row: waiting_c(row).waiting,
    ("ErlangC", "sl"): lambda row: waiting_c(row).service_level(row["threshold_s"]),
    ("ErlangC", "asa_s"): lambda row: waiting_c(row).mean_wait_s,
    ("ErlangC", "occupancy"): lambda row: waiting_c(row).occupancy,
    ("ErlangC", "queue_len"): lambda row: waiting_c(row).queue_length,
    ("ErlangC", "wait_p90_s"): lambda row: waiting_c(row).wait_quantile_s(0.9),
    ("ErlangC", "min_agents_for_pwait"): lambda row: agents_required(
        row.erlangs, row.aht_s, Targets(max_waiting=row["target"])
    ),
    ("ErlangC", "min_agents_for_sl"): lambda row: agents_required(
        row.erlangs, row.aht_s, Targets(service_level=row["target"], threshold_s=row["threshold_s"])
    ),
    ("ErlangA", "pwait"): lambda row: waiting_a(row).waiting,
    ("ErlangA", "p_abandon"): lambda row: waiting_a(row).abandonment,
    ("ErlangA", "mean_wait_s"): lambda row: waiting_a(row).mean_wait_s,
    ("ErlangA", "occupancy"): lambda row: waiting_a(row).occupancy,
    ("ErlangA", "queue_len"): lambda row: waiting_a(row).queue_length,
    ("ErlangA", "sl_served_of_offered"): lambda row: waiting_a(row).service_level(row["threshold_s"]),
}


@pytest.mark.parametrize("cells", ROWS, ids=[f"{row['id']}-{row['model']}-{row['metric']}" for row in ROWS])
def test_the_table_of_erlang_figures_is_met(cells: dict[str, str]) -> None:
    found = float(ANSWERS[cells["model"], cells["metric"]](Row(cells)))
    assert found == pytest.approx(float(cells["expected"]), rel=0, abs=float(cells["tol"]))


def test_every_key_of_the_further_vectors_is_looked_at() -> None:
    assert set(EXTRA) == {
        "halfin_whitt_beta",
        "min_agents_80_20_aht300",
        "pooling",
        "shrinkage",
        "max_rel_err_scipy_closed_form_vs_60_digits",
        "fractional",
        "uncertain_rate_A100_aht300_pat180",
        "chat",
        "sl_definitions_50_agents_M-Z",
    }


@pytest.mark.parametrize(("waiting", "beta"), EXTRA["halfin_whitt_beta"].items())
def test_beta_of_the_square_root_rule(waiting: str, beta: float) -> None:
    assert float(halfin_whitt_beta(float(waiting))) == pytest.approx(beta, abs=PRINTED * 1e-4)


@pytest.mark.parametrize("row", EXTRA["min_agents_80_20_aht300"], ids=lambda row: f"{row['erlangs']} Erlang")
def test_agents_for_eighty_in_twenty(row: dict[str, float]) -> None:
    a = row["erlangs"]
    least = int(agents_required(a, 300, EIGHTY_IN_20))
    assert least == row["agents_erlangC_80_20"]
    assert int(square_root_agents(a, 300, 0.8, 20)) == row["agents_sqrt_rule"]
    assert float(erlang_c(least, a, 300).occupancy) == pytest.approx(row["occ"], abs=PRINTED * 1e-4)
    with_patience = int(agents_required(a, 300, EIGHTY_IN_20, patience_s=180))
    assert with_patience == row["agents_erlangA_patience180_80_20"]
    lost = float(erlang_a(with_patience, a, 300, 180).abandonment)
    assert lost == pytest.approx(row["abandon_at_that"], abs=PRINTED * 1e-4)


@pytest.mark.parametrize("row", EXTRA["pooling"], ids=lambda row: f"{row['queues']} queues")
def test_the_same_load_in_more_queues_takes_more_agents(row: dict[str, int]) -> None:
    each = agents_required([row["erlangs_each"]] * row["queues"], 300, EIGHTY_IN_20)
    assert each.tolist() == [row["agents_each"]] * row["queues"]
    assert each.sum() == row["total"]


def test_shrinkage_divides_and_compounds() -> None:
    shrinkage = EXTRA["shrinkage"]
    exact, people = shrinkage["right"].split("=")[1].split(" -> ")
    assert float(scheduled(shrinkage["agents"], shrinkage["shrinkage"])) == pytest.approx(float(exact))
    assert int(people_scheduled(shrinkage["agents"], shrinkage["shrinkage"])) == int(people)
    assert shrinkage["compound"].startswith("1-(1-0.18)(1-0.12)=")
    compound = float(shrinkage["compound"].split("=")[1].split(",")[0])
    assert float(combined_shrinkage(0.18, 0.12)) == pytest.approx(compound, abs=1e-12)


def test_the_closed_form_is_as_exact_as_the_recursion() -> None:
    """The vector is the largest error seen over thousands of agents; the recursion with all its digits is the truth."""
    from fractions import Fraction

    for agents, a in ((10, 20), (132, 123), (500, 450)):
        inverse = Fraction(1)
        for k in range(1, agents + 1):
            inverse = 1 + Fraction(k, a) * inverse
        error = abs(float(erlang_b(agents, a)) * float(inverse) - 1)
        assert error <= EXTRA["max_rel_err_scipy_closed_form_vs_60_digits"]


def test_agents_may_be_a_fraction() -> None:
    for row in EXTRA["fractional"]:
        level = float(erlang_c(row["n"], 10, 180).service_level(20))
        assert level == pytest.approx(row["sl"], abs=1e-12)


@pytest.mark.parametrize("row", EXTRA["uncertain_rate_A100_aht300_pat180"], ids=lambda row: f"cv {row['cv']}")
def test_an_uncertain_rate_lowers_the_service_level(row: dict[str, Any]) -> None:
    for agents in (97, 100, 105, 110, 115, 120):
        found = expected_under_uncertainty(agents, 100, 300, 20, cv=row["cv"], patience_s=180)
        level, lost = row[str(agents)]
        assert float(found.service_level) == pytest.approx(level, abs=GRID)
        assert float(found.abandonment) == pytest.approx(lost, abs=GRID)
    assert int(agents_under_uncertainty(100, 300, EIGHTY_IN_20, cv=row["cv"], patience_s=180)) == row["n_for_80"]


@pytest.mark.parametrize("row", EXTRA["chat"]["rows"], ids=lambda row: f"{row['concurrency']} at once")
def test_chat_agents_by_slots_and_by_a_chain(row: dict[str, float]) -> None:
    """The slots are a closed form; that as many agents are enough is checked with the chain of chats below."""
    minutes = {int(other["concurrency"]): other["chat_minutes"] for other in EXTRA["chat"]["rows"]}
    k = int(row["concurrency"])
    chat_s = row["chat_minutes"] * 60
    found = chat_agents(120, chat_s, k, Targets(max_abandonment=0.02), patience_s=180)
    assert float(found.erlangs) == pytest.approx(row["slot_erlangs"])
    assert int(found.slots) == row["slots"]
    assert int(found.agents) == row["agents_slot_model"]
    gain = float(concurrency_gain(chat_s, minutes[1] * 60, k))
    assert gain == pytest.approx(row["throughput_gain"], abs=PRINTED * 1e-3)
    chat_minutes = [minutes[held] for held in range(1, k + 1)]
    agents = int(row["agents_birth_death"])
    lost, held = chats_by_chain(2.0, chat_minutes, agents, 3.0)
    assert lost == pytest.approx(row["pab_bd"], abs=PRINTED * 1e-4)
    assert held == pytest.approx(row["mean_chats"], abs=PRINTED * 1e-2)
    assert lost <= 0.02 < chats_by_chain(2.0, chat_minutes, agents - 1, 3.0)[0]


def chats_by_chain(per_minute: float, chat_minutes: list[float], agents: int, patience: float) -> tuple[float, float]:
    """Share that hangs up, and mean number of chats an agent holds, when new chats go to who holds fewest.

    Chats held by an agent who has j of them end at j / (time of a chat among j) per minute.
    """
    slots = agents * len(chat_minutes)
    states = np.arange(1, slots + 600)
    busy = np.minimum(states, slots)
    fewer, more = agents - busy % agents, busy % agents
    times = np.array([math.inf, *chat_minutes, math.inf])
    level = busy // agents
    ends: NDArray[np.float64] = fewer * level / times[level] + more * (level + 1) / times[level + 1]
    ends += np.maximum(states - slots, 0) / patience
    weights = np.exp(np.concatenate(([0.0], np.cumsum(np.log(per_minute / ends)))))
    weights /= weights.sum()
    waiting = (weights[1:] * np.maximum(states - slots, 0)).sum()
    return float(waiting / patience / per_minute), float((weights[1:] * busy).sum() / agents)


def test_service_level_definitions_differ() -> None:
    queue = erlang_a(50, 48, 60, 120)
    named = {
        "served<=T/offered": "service_level",
        "served<=T/(offered-abandoned<=T)": "sl_ignore_within_T",
        "served<=T/served": "sl_answered_only",
        "(served<=T + abandoned<=T)/offered = P(W<=T)": "sl_positive",
    }
    expected = EXTRA["sl_definitions_50_agents_M-Z"]
    assert set(named) == set(expected)
    for name, variant in named.items():
        assert float(queue.service_level(20, variant)) == pytest.approx(expected[name], abs=1e-12)  # type: ignore[arg-type]


def test_bounds_of_queues_that_share_agents() -> None:
    """The two ends are closed forms; rows of 1 to 4 skills were simulated, and are met as far as chance lets them.

    Two and three skills have no closed form: they lie between the ends, and the rule for a chain is near the former.
    """
    *simulated, ends = CHAINING
    by_skills = {int(row["skills"]): row for row in simulated}
    found = pooled_service_level([11] * 4, [10] * 4, 300, 20, patience_s=180)
    assert found.separate == pytest.approx(ends["closed_form_separate"], abs=1e-12)
    assert found.pooled == pytest.approx(ends["closed_form_pooled"], abs=1e-12)
    apart, pool = erlang_a(11, 10, 300, 180), erlang_a(44, 40, 300, 180)
    for skills, level, queue in ((1, found.separate, apart), (4, found.pooled, pool)):
        assert by_skills[skills]["agents"] == 44
        assert level == pytest.approx(by_skills[skills]["sl"], abs=2e-3)
        assert float(queue.abandonment) == pytest.approx(by_skills[skills]["abandon"], abs=1e-3)
    for skills in (2, 3):
        assert found.separate < by_skills[skills]["sl"] < found.pooled
        assert float(pool.abandonment) < by_skills[skills]["abandon"] < float(apart.abandonment)
    assert found.chained == pytest.approx(by_skills[2]["sl"], abs=2e-3)

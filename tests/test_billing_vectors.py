"""Bills and costs reproduce every reference vector that lies beside the project; without them it skips and says so."""

from __future__ import annotations

import json
import math
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from models.billing import (
    Bill,
    BilledLine,
    Delivered,
    Handled,
    Item,
    Known,
    Level,
    bridge,
    invoice,
    issues_by_owner,
    per_resolution,
    unit_cost,
)
from models.terms.in_house import InHouse
from tests.agreed import JUNE, PER_CONTACT, agreed, beside, owed, tiered

FILE = Path(__file__).parent.parent.parent / "shared" / "reference" / "vectors" / "cost_vectors.json"
if not FILE.is_file():
    pytest.skip(f"no reference vectors in {FILE}", allow_module_level=True)
VECTORS: dict[str, Any] = json.loads(FILE.read_text("utf-8"))


def decimal(number: float) -> Decimal:
    return Decimal(str(number))


def test_a_full_time_agent_of_ones_own() -> None:
    """Leads, quality and planning cost what the vector sums them to, with on-cost and by their spans."""
    told = VECTORS["inhouse_unit_cost"]
    given = told["inputs"]
    cost = unit_cost(
        InHouse.model_validate(
            {
                "from": date(2026, 1, 1),
                "currency": "EUR",
                "pay": decimal(given["salary"]),
                "on_cost": decimal(given["oncost"]),
                "bonus": decimal(given["bonus"]),
                "seat": decimal(given["seat_it"]),
                "facilities": decimal(given["facility"]),
                "administration": decimal(given["hr_admin"]),
                "lead": {"pay": 55_000, "span": 12},
                "quality": {"pay": 50_000, "span": 40},
                "planning": {"pay": 48_000, "span": 60},
                "attrition": decimal(given["attrition"]),
                "recruiting": decimal(given["recruit"]),
                "training_weeks": decimal(given["train_weeks"]),
                "working_days": 260,
                "hours_per_day": "7.7",
                "absence_days": told["absence_days"],
                "shrinkage": decimal(told["in_office_shrinkage"]),
            }
        )
    )
    assert float(cost.parts["lead"]) == pytest.approx(given["team_lead"], rel=1e-12)
    assert float(cost.parts["quality"] + cost.parts["planning"]) == pytest.approx(given["qa_wfm"], rel=1e-12)
    figures = {
        "annual_cost_per_fte": cost.annual,
        "paid_hours": cost.paid_hours,
        "present_hours": cost.present_hours,
        "available_hours": cost.available_hours,
        "shrinkage_total": cost.shrinkage,
        "cost_per_paid_hour": cost.per_paid_hour,
        "cost_per_available_hour": cost.per_available_hour,
        "direct_labour_per_available_hour": cost.labour_per_available_hour,
        "marginal_cost_idle_capacity_per_minute": cost.idle_per_minute,
        **{f"cost_per_handled_minute_occ{o}": cost.per_handled_minute(Decimal(o) / 100) for o in (70, 80, 85)},
    }
    for name, figure in figures.items():
        assert float(figure) == pytest.approx(told[name], rel=1e-12), name


@pytest.mark.parametrize("who", ["inhouse", "partner"])
def test_a_resolution(who: str) -> None:
    told = VECTORS["cost_per_resolution"][who]
    each = decimal(told["price_min"]) * decimal(told["aht_min"])
    assert float(each) == pytest.approx(told["cost_per_contact"], rel=1e-12)
    found = per_resolution(
        each, decimal(told["fcr"]), decimal(told["q_return"]), decimal(told["loss_if_not_returning"])
    )
    assert float(found.contacts_per_issue) == pytest.approx(told["contacts_per_issue"], rel=1e-12)
    assert float(found.resolved_share) == pytest.approx(told["resolved_share"], rel=1e-12)
    assert float(found.per_issue) == pytest.approx(told["cost_per_issue"], rel=1e-12)
    assert float(found.per_resolution) == pytest.approx(told["cost_per_resolution"], rel=1e-12)
    assert float(found.per_issue / found.resolved_share) == pytest.approx(told["cost_per_resolution_check"], rel=1e-12)
    assert float(found.with_loss) == pytest.approx(told["with_loss"], rel=1e-12)


def test_published_figures() -> None:
    taylor, bench = VECTORS["published_checks"]
    found = per_resolution(Decimal(taylor["cost_per_contact"]), decimal(taylor["fcr"]), Decimal(1))
    assert found.per_resolution == decimal(taylor["expected_cost_per_resolution"])
    missed = 1 - decimal(taylor["fcr"])
    assert (1 - missed**2, 1 - missed**3) == (decimal(taylor["cum_after_2"]), decimal(taylor["cum_after_3"]))
    # 1.5 more calls for each issue that was not solved: as many calls as with 2.5 for it and 1 for each other.
    extra = bench["calls"] * decimal(bench["fcr_gap"]) * decimal(bench["extra_calls_per_unresolved"])
    assert (extra, extra * bench["cost_per_call"]) == (bench["extra_calls"], bench["expected_extra_cost"])


def test_repeats_belong_to_who_began() -> None:
    told = VECTORS["repeat_attribution"]
    rows = [
        Handled(customer, topic, owner, datetime.fromisoformat(at), decimal(cost))
        for _, customer, topic, owner, at, cost in told["rows"]
    ]
    found = issues_by_owner(rows, told["window_days"], datetime.fromisoformat(told["as_of"]))
    for issues, row in zip(found, told["expected"], strict=True):
        assert (issues.owner, issues.issues, issues.contacts) == (row["owner"], row["issues"], row["contacts"])
        assert issues.cost == decimal(row["cost"])
        assert float(issues.fcr) == pytest.approx(row["fcr"])
        assert round(float(issues.cost_per_issue), 4) == row["cost_per_issue"]


@pytest.mark.parametrize("kind", ["marginal", "all_units"])
@pytest.mark.parametrize("row", VECTORS["invoice_tiers"]["rows"], ids=lambda row: str(row["contacts"]))
def test_tiers_with_take_or_pay(row: dict[str, float], kind: str) -> None:
    """Whether they come on one day or on three."""
    agreement = agreed(tiered(kind), minimum={"kind": "units", "units": "40000"})
    contacts = int(row["contacts"])
    assert owed(agreement, contacts) == row[f"tiers_{kind}"]
    assert owed(agreement, 20_000, 14_000, contacts - 34_000) == row[f"tiers_{kind}"]
    assert float(owed(agreement, contacts) / contacts) == pytest.approx(row[f"eff_{kind}"], abs=5e-5)


@pytest.mark.parametrize("row", VECTORS["rounding"], ids=lambda row: f"{row['mean_min']} by {row['increment']}")
def test_started_increments_of_exponential_lengths(row: dict[str, Any]) -> None:
    """Minutes billed when each contact was rounded up: the mean over evenly spaced quantiles is the expectation."""
    step = 60_000 if row["increment"] == "full minute" else 6_000
    many = 20_000
    lengths = (-row["mean_min"] * 60_000 * math.log(1 - (number + 0.5) / many) for number in range(many))
    raw = sum(math.ceil(length / step) * step for length in lengths)
    agreement = agreed({"kind": "minute", "rate": "1", "started_s": step // 1000})
    billed = float(owed(agreement, raw)) / many
    assert billed == pytest.approx(row["expected_billed_min"], rel=1e-3)
    assert billed / row["mean_min"] - 1 == pytest.approx(row["uplift"], abs=1e-3)


def test_a_bill_is_bridged_to_the_cent() -> None:
    """Who was billed too much: abandoned contacts, doubles, and a malus that was left out."""
    told = VECTORS["invoice_reconciliation"]
    metrics = ["service_level", "csat", "first_contact_resolution"]
    rows = dict(zip(metrics, told["kpis"], strict=True))
    agreement = agreed(
        PER_CONTACT,
        service_levels=[
            {
                "metric": metric,
                "weight": decimal(weight),
                "target": decimal(target),
                "worst": decimal(worst),
                "best": decimal(best),
            }
            for metric, (_, weight, _, target, worst, best) in rows.items()
        ],
        bonus={"shape": "score", "malus": decimal(told["band_pct"]), "bonus": decimal(told["band_pct"])},
    )
    paid, billed = told["ours"]["billable_contacts"], told["billed"]["contacts"]
    levels = {metric: Level(decimal(row[2]), 1000) for metric, row in rows.items()}
    ours = invoice(agreement, JUNE, [Delivered(JUNE, "work", paid)], levels)
    assert float(ours.effect.share) == pytest.approx(told["ours"]["bonus_malus_pct"], abs=1e-6)
    score = sum(level.weight * level.score for level in ours.effect.levels)
    assert float(score) == pytest.approx(told["ours"]["kpi_score"], abs=1e-6)
    assert (ours.subtotal, ours.total) == (decimal(told["ours"]["base"]), Decimal("207506.72"))

    again = round(-told["bridge"][1][1] / told["ours"]["rate"])
    contacts = [f"c{number}" for number in range(billed - again)]
    bill = Bill(
        JUNE,
        date(2026, 7, 3),
        (BilledLine(JUNE, "work", Decimal(billed), Decimal("3.6"), decimal(told["billed"]["base"])),),
        tuple(Item(JUNE, "work", contact, 1) for contact in contacts + contacts[:again]),
    )
    known = [
        Known(contact, "work", JUNE, 1, None if number < paid else "abandoned")
        for number, contact in enumerate(contacts)
    ]
    found = bridge(agreement, ours, bill, known)
    assert found.billed == decimal(told["billed"]["total"])
    assert [beside(step.reason, step.quantity, step.amount) for step in found.steps] == [
        ("twice", 310, Decimal("1116.00")),
        ("abandoned", 1420, Decimal("5112.00")),
        ("malus", 0, Decimal("6765.28")),
    ]
    assert sorted(-step.amount for step in found.steps) == sorted(
        Decimal(str(round(amount, 2))) for _, amount in told["bridge"]
    )
    assert found.difference == sum(step.amount for step in found.steps) == Decimal("12993.28")
    assert float(-found.difference) == pytest.approx(told["variance"], abs=0.005)

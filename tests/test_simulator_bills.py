"""Bills add up to the cent, whatever the unit, and planted reasons sum to what is billed too much."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ingest.simulator.scenario.plants import Overbilling
from ingest.simulator.scenario.whole import Billing
from ingest.simulator.truth.bills import Bills

DAY_MS = 86_400_000
NOON = 20_000 * DAY_MS + DAY_MS // 2


def contact(seconds: float, number: int = 1) -> Any:
    """As much of a contact as a bill looks at."""
    return SimpleNamespace(
        id=f"c-{number}",
        talk_ms=int(seconds * 1000),
        hold_ms=0,
        wrap_ms=0,
        offered_ms=NOON,
        queue=SimpleNamespace(name="orders"),
    )


def bills(unit: str, rate: str, planted: dict[str, float] | None = None, folder: Path | None = None) -> Bills:
    rules = Billing.model_validate({"unit": unit, "rate": rate})
    plant = Overbilling.model_validate({"kind": "overbilling", "site": "x", **planted}) if planted else None
    return Bills("x", rules, plant, 0, Random(1), folder)


def test_minutes_are_summed_over_the_day_before_they_are_rounded() -> None:
    made = bills("minute", "0.56")
    for number in range(3):
        made.handled(NOON + number, contact(100.2))
    (line,) = made.lines()
    # 300.6 s are 5.01 minutes; rounding each contact would give 5.01 as 3 x 1.67.
    assert (line["quantity"], line["amount"]) == ("5.01", "2.81")


def test_hours_are_split_at_midnight_and_breaks_are_not_billed() -> None:
    made = bills("hour", "24.50")
    midnight = 20_001 * DAY_MS
    made.worked("busy", midnight - 3_600_000, midnight + 7_200_000)
    made.worked("break", midnight + 7_200_000, midnight + 9_000_000)
    made.worked("training", midnight + 9_000_000, midnight + 9_900_000)
    made.worked("wrap_up", midnight + 9_900_000, midnight + 11_700_000)
    found = [(line["date"], line["quantity"]) for line in made.lines()]
    assert found == [("2024-10-04", "1.00"), ("2024-10-05", "2.50")]


def test_short_contacts_and_abandoned_ones_are_free_unless_planted(tmp_path: Path) -> None:
    honest = bills("contact", "2.00")
    greedy = bills("contact", "2.00", {"short": 1, "abandoned": 1, "twice": 1}, tmp_path)
    for made in (honest, greedy):
        made.handled(NOON, contact(9.9, 1))
        made.handled(NOON, contact(10, 2))
        made.abandoned(NOON + 5000, contact(0, 3))
    assert [line["billed_amount"] for line in honest.lines()] == ["2.00"]
    (line,) = greedy.lines()
    assert (line["amount"], line["billed_amount"]) == ("2.00", "8.00")
    assert {reason: extra["amount"] for reason, extra in line["reasons"].items()} == {
        "short": "2.00", "abandoned": "2.00", "twice": "2.00",
    }  # fmt: skip
    greedy.close()
    rows = (tmp_path / "x-2024-10-items.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["contact_id", "c-1", "c-2", "c-2", "c-3"]


@given(
    st.lists(st.floats(0, 4000), min_size=1, max_size=40),
    st.sampled_from(["0.0001", "0.56", "1.9", "17.3333"]),
    st.sampled_from(["minute", "contact"]),
)
def test_reasons_sum_to_the_cent(lengths: list[float], rate: str, unit: str) -> None:
    made = bills(unit, rate, {"short": 0.5, "abandoned": 0.5, "twice": 0.5})
    for number, seconds in enumerate(lengths):
        at = NOON + number * DAY_MS // 3
        made.handled(at, contact(seconds, number))
        made.abandoned(at, contact(seconds, number))
    for line in made.lines():
        extra = sum((Decimal(reason["amount"]) for reason in line["reasons"].values()), Decimal())
        assert Decimal(line["billed_amount"]) - Decimal(line["amount"]) == extra
        assert extra >= 0

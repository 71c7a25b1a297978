"""The floor queues as Erlang A says: waits and abandonment of simple scenarios against published and exact figures."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pytest

from ingest.simulator.scenario.whole import Scenario
from tests.worlds import events, played

VECTORS = Path(__file__).parents[2] / "shared" / "reference" / "vectors" / "erlang_vectors.csv"
if not VECTORS.is_file():
    pytest.skip(f"{VECTORS.name} is not beside the project", allow_module_level=True)

BATCHES = 24
STANDARD_ERRORS = 4
"""The mean of independent stretches of simulated time may be so many of its standard errors off: one in 16,000."""

ROWS = {row["id"]: row for row in csv.DictReader(VECTORS.open(encoding="utf-8"))}
CASES = {
    # Largest standard error allowed, relative to the figure: the test must be able to see a wrong queue.
    ("E114", "E115", "E117", "E118"): 0.08,
    ("E109", "E110"): 0.08,
    ("E120",): 0.08,
    ("E122",): 0.05,
    ("E123", "E124"): 0.02,
}


def simple(agents: int, calls_per_hour: float, aht_s: float, patience_s: float) -> Scenario:
    """One queue, Poisson arrivals, exponential service and patience, agents always there."""
    return Scenario.model_validate(
        {
            "version": 1,
            "name": "M/M/n+M",
            "time_zone": "UTC",
            "topics": {"any": {"talk_s": aht_s, "distribution": "exponential", "wrap_s": 0, "held": 0}},
            "shapes": {"flat": {"hours": [1.0] * 24}},
            "variation": {"company_day": 0, "line_day": 0, "line_hour": 0},
            "repeats": {"returns": 0},
            "surveys": {"response": 0},
            "sites": {
                "one": {
                    "name": "One",
                    "provider": "One",
                    "time_zone": "UTC",
                    "people": {
                        "absent": 0,
                        "leaves_per_month": 0,
                        "agent_spread": 0,
                        "tenure_months": 240,
                        "ramp_days": 0,
                    },
                    "evaluations": {"provider": 0, "client": 0, "calibration": 0},
                    "lines": [
                        {
                            "queue": "q",
                            "languages": {"en": 1},
                            "contacts_per_week": calls_per_hour * 168,
                            "shape": "flat",
                            "topics": {"any": 1},
                            "patience_s": patience_s,
                            "opens": "00:00",
                            "closes": "24:00",
                        }
                    ],
                    "groups": [
                        {
                            "name": "all",
                            "agents": agents,
                            "queues": ["q"],
                            "languages": ["en"],
                            "shifts": [{"starts": "00:00", "hours": 24, "days": "daily"}],
                        }
                    ],
                }
            },
        }
    )


def measured(which: Scenario, hours: float) -> dict[str, list[float]]:
    """Figures of BATCHES stretches of equal length, after one hour to fill up, from the events alone."""
    _, batches = played(which, hours / 24)
    waits: list[dict[str, Any]] = []
    offered: dict[str, str] = {}
    for event in events(batches):
        if event["type"] == "contact.offered":
            offered[event["subject"]] = event["time"]
        elif event["type"] in ("contact.answered", "contact.abandoned"):
            at = offered.pop(event["subject"])
            waits.append({"hour": _hours(at), "wait": event["data"]["wait_s"], "lost": event["type"].endswith("ned")})
    stretches: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for contact in waits:
        if contact["hour"] >= 1:
            stretches[int((contact["hour"] - 1) / (hours - 1) * BATCHES)].append(contact)
    whole = [stretches[number] for number in range(BATCHES)]
    return {
        "p_abandon": [mean(c["lost"] for c in some) for some in whole],
        "mean_wait_s": [mean(c["wait"] for c in some) for some in whole],
        "pwait": [mean(c["wait"] > 0 for c in some) for some in whole],
        "sl_served_of_offered": [mean(not c["lost"] and c["wait"] <= 20 for c in some) for some in whole],
    }


def _hours(time: str) -> float:
    from datetime import datetime

    from tests.worlds import MONDAY

    start = MONDAY.timestamp()
    return (datetime.fromisoformat(time).timestamp() - start) / 3600


@pytest.mark.slow
@pytest.mark.parametrize("ids", CASES, ids="-".join)
def test_waits_and_abandonment_agree_with_erlang_a(ids: tuple[str, ...]) -> None:
    first = ROWS[ids[0]]
    rate, aht_s = float(first["calls_per_hour"]), float(first["aht_s"])
    which = simple(int(first["agents"]), rate, aht_s, float(first["patience_s"]))
    found = measured(which, hours=1 + 60_000 / rate)
    for row_id in ids:
        row = ROWS[row_id]
        figures = found[row["metric"]]
        expected = float(row["expected"])
        error = stdev(figures) / math.sqrt(BATCHES)
        assert error <= CASES[ids] * expected, f"{row_id}: standard error {error:.4g} is too large to tell anything"
        off = abs(mean(figures) - expected)
        assert off <= STANDARD_ERRORS * error + float(row["tol"]), (
            f"{row_id} {row['metric']}: {mean(figures):.5g}, expected {expected:.5g}, standard error {error:.2g}"
        )

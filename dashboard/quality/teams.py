"""Teams in a funnel: what each did against what is expected of its mix of work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from models.fairness.sums import Counts

if TYPE_CHECKING:
    from dashboard.quality.questions import TeamMeasure
    from models.fairness.expected import ObservedExpected
    from models.fairness.funnel import Place

LEAST_EXPECTED = 3.0
"""Of a team of which fewer events are expected nothing can be told."""
LEAST_TEAMS = 3
"""How much teams differ cannot be told from fewer."""
PLACES = {
    "inside": "inside the limits",
    "beyond 95 %": "beyond 95 %",
    "beyond 99.8 %": "beyond 99.8 %",
    "": "too little to tell",
}


@dataclass(frozen=True)
class Teams:
    """rows: one per site and team, with observed, expected, ratio, place and n. without: events of no named team."""

    rows: pd.DataFrame
    phi: float
    tau2: float
    unnamed: float

    @property
    def told(self) -> pd.DataFrame:
        """Teams of which enough is expected."""
        return self.rows[self.rows["place"] != ""]


def place(frame: pd.DataFrame, measure: TeamMeasure) -> Teams:
    """Teams by observed and expected, standardised over topic, channel and language within this frame."""
    from models.fairness.expected import observed_expected, reference_shares
    from models.fairness.funnel import Team, funnel
    from models.fairness.screening import screen

    counted = frame.fillna({name: 0 for name in frame.columns if name.startswith("team_")})
    counted = counted.assign(x=sum_of(counted, measure.x), of=sum_of(counted, measure.of))
    counted = counted[counted["of"] > 0]
    named = counted[counted["team"].notna()]
    unnamed = float(counted["of"][counted["team"].isna()].sum())
    sides = {
        (str(site), str(team)): {
            (row["topic"], row["channel"], row["language"]): Counts(min(row["x"], row["of"]), row["of"])
            for row in rows.to_dict("records")
        }
        for (site, team), rows in named.groupby(["site", "team"], sort=True)
    }
    reference = reference_shares(sides.values())
    found = {name: observed_expected(cells, reference) for name, cells in sides.items()}
    enough = [name for name, each in found.items() if each.expected >= LEAST_EXPECTED]
    placed = funnel([Team(found[name].observed, found[name].expected) for name in enough])
    points = dict(zip(enough, placed.points, strict=True)) if placed else {}
    p_values = [points[name].p if points.get(name) else None for name in enough]  # type: ignore[union-attr]
    apart = dict(zip(enough, screen(p_values), strict=True)) if enough else {}
    rows = []
    for name, each in found.items():
        point, screened = points.get(name), apart.get(name)
        n = sum(cell.n for cell in sides[name].values())
        rows.append(
            {
                "site": name[0],
                "team": name[1],
                "n": n,
                "observed": each.observed,
                "expected": each.expected,
                "share": each.observed / n,
                "expected_share": each.expected / n,
                "ratio": each.ratio,
                "ratio_low": each.interval.low if each.interval else None,
                "ratio_high": each.interval.high if each.interval else None,
                "place": _sure(each, point.place) if point else "",
                "stands_out": bool(screened and screened.stands_out),
            }
        )
    columns = [
        "site", "team", "n", "observed", "expected", "share", "expected_share", "ratio", "ratio_low", "ratio_high",
        "place", "stands_out",
    ]  # fmt: skip
    return Teams(
        pd.DataFrame(rows, columns=columns), placed.phi if placed else 1.0, placed.tau2 if placed else 0.0, unnamed
    )


def _sure(found: ObservedExpected, place: Place) -> str:
    """The place in the funnel, unless the exact interval of so few events still holds 1.

    The funnel's limits are good for large counts; near 0 they call too many outside.
    """
    from models.fairness.expected import count_interval
    from models.fairness.funnel import INNER, OUTER, Place

    sure = Place.INSIDE
    for level, beyond in ((INNER, Place.BEYOND_95), (OUTER, Place.BEYOND_998)):
        ends = count_interval(found.observed, level=level)
        if not ends.low <= found.expected <= ends.high:
            sure = beyond
    order = list(Place)
    return str(min(place, sure, key=order.index))


def sum_of(frame: pd.DataFrame, columns: str) -> pd.Series[float]:
    """A column, or one less another: `a - b`."""
    first, *rest = columns.split(" - ")
    total = frame[first].astype("float64")
    for name in rest:
        total = total - frame[name].astype("float64")
    return total


def limits(largest: float, tau2: float, steps: int = 60) -> pd.DataFrame:
    """The funnel's limits from an expectation of 1 to the largest: more points where they bend."""
    from models.fairness.funnel import ratio_limits

    top = max(largest * 1.05, 2.0)
    rows = []
    for step in range(steps + 1):
        expected = LEAST_EXPECTED * (top / LEAST_EXPECTED) ** (step / steps)
        ends = ratio_limits(expected, tau2)
        rows.append(
            {
                "expected": expected,
                "low_998": ends.low_998,
                "low_95": ends.low_95,
                "high_95": ends.high_95,
                "high_998": ends.high_998,
            }
        )
    return pd.DataFrame(rows)

"""Where a provider or site does worse on a topic than its peers do on the same kind of contacts, beyond chance.

Compared within the topic like for like by channel and language, over the provider's own mix of these; the whole
screen together decides what stands out. The statistics are those of `models.fairness`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from dashboard.scope.scope import NONE
from dashboard.scope.sums import metric
from dashboard.topics.cells import LEAST

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from models.fairness.comparison import Comparison
    from models.fairness.sums import Counts

MEASURES = {
    "first_contact_resolution": ("resolved", "resolvable"),
    "csat": ("csat_satisfied", "csat_responses"),
    "transfer_rate": ("transferred", "handled"),
}
"""Shares that training can move: what counts, and of what."""


@dataclass(frozen=True)
class Need:
    """A figure that stands out for the worse. Shares from 0 to 1; low to high: interval of the difference."""

    who: str
    topic: str
    measure: str
    value: float
    n: int
    peers: float
    peers_n: int
    difference: float
    low: float
    high: float

    @property
    def affected(self) -> float:
        """Contacts that would have gone otherwise at the peers."""
        return abs(self.difference) * self.n


@dataclass(frozen=True)
class Screen:
    """What stands out, most contacts first; how many were compared, had too few contacts, or had no peers alike."""

    needs: tuple[Need, ...]
    compared: int
    too_few: int
    unlike: int


def screen(frame: pd.DataFrame, whos: Collection[str]) -> Screen:
    """Every topic, figure and who in `whos` against all others. frame: sums of everybody, with `who`."""
    from models.fairness.intervals import two_sided_p

    cells = frame.assign(resolved=frame["resolvable"] - frame["repeated_7d"])
    found: list[tuple[Need, float]] = []
    too_few = unlike = 0
    for measure, (x, n) in MEASURES.items():
        by = cells.groupby(["topic", "who", "channel", "language"], as_index=False)[[x, n]].sum()
        for topic, rows in by[by["topic"] != NONE].groupby("topic"):
            for who in sorted(set(rows["who"]) & set(whos)):
                mine, others = rows[rows["who"] == who], rows[rows["who"] != who]
                if not mine[n].sum():
                    continue
                if mine[n].sum() < LEAST or others[n].sum() < LEAST:
                    too_few += 1
                    continue
                told = _compared(mine, others, x, n)
                if told.interval is None or told.difference is None or told.a is None or told.b is None:
                    unlike += 1
                    continue
                need = Need(
                    who, str(topic), measure, told.a, int(mine[n].sum()), told.b, int(others[n].sum()),
                    told.difference, told.interval.low, told.interval.high,
                )  # fmt: skip
                found.append((need, 1.0 if told.z is None else two_sided_p(told.z)))
    return Screen(_standing_out(found), len(found), too_few, unlike)


def _standing_out(found: list[tuple[Need, float]]) -> tuple[Need, ...]:
    if not found:
        return ()
    # Takes seconds to import: statsmodels.
    from models.fairness.screening import screen as screened

    told = screened([p for _, p in found])
    needs = [
        need for (need, _), one in zip(found, told, strict=True) if one is not None and one.stands_out and _worse(need)
    ]
    return tuple(sorted(needs, key=lambda need: (-need.affected, need.who, need.topic, need.measure)))


def _worse(need: Need) -> bool:
    return (need.difference < 0) == (metric(need.measure).better == "higher") and need.difference != 0


def _compared(mine: pd.DataFrame, others: pd.DataFrame, x: str, n: str) -> Comparison:
    from models.fairness.comparison import compare_shares

    own, peers = _counts(mine, x, n), _counts(others, x, n)
    return compare_shares(own, peers, {stratum: cell.n for stratum, cell in own.items()}, least=LEAST)


def _counts(rows: pd.DataFrame, x: str, n: str) -> dict[tuple[str, str], Counts]:
    from models.fairness.sums import Counts

    summed = rows.groupby(["channel", "language"])[[x, n]].sum()
    return {
        (str(channel), str(language)): Counts(float(count), float(of))
        for (channel, language), count, of in zip(summed.index, summed[x], summed[n], strict=True)
        if of > 0
    }


def table(told: Screen) -> pd.DataFrame:
    """What stands out, as rows."""
    import pandas as pd

    return pd.DataFrame([asdict(need) for need in told.needs])

"""In-house people and the work they do, pool by pool: who is usually there, who could do it, and how long it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from dashboard.fallback.demand import Expected
from models.fallback.facts import QUARTERS, Day, PoolDay
from models.staffing import mean_patience_s

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.fallback.demand import Demand, Part
    from dashboard.fallback.questions import Frame

Rows = dict[tuple[int, tuple[str, str]], np.ndarray]
"""By weekday and part of the work: agents by label, shape (96,)."""


@dataclass(frozen=True)
class Handling:
    """How long a part of the work takes, in seconds; None where nobody knows."""

    own_s: float | None
    """In-house contacts."""
    moved_s: float | None
    """The slice's, in-house: by topic."""
    provider_s: float | None
    """The slice's, at the provider."""


def handling(rows: pd.DataFrame) -> dict[Part | None, Handling]:
    """By part, and of all calls and chats together under None. rows: the answer `handled`."""
    found: dict[Part | None, Handling] = {}
    work = rows[rows["kind"] != ""]
    for key, group in work.groupby(["kind", "language"]):
        found[str(key[0]), str(key[1])] = _handling(group, work[work["kind"] == key[0]])
    found[None] = _handling(work, work)
    return found


def _handling(rows: pd.DataFrame, wider: pd.DataFrame) -> Handling:
    """wider: where a topic's in-house handle time is looked up when this part of the work has none of it."""
    own, asked = rows[rows["own"]], rows[~rows["own"]]
    own_s, provider_s = _mean(own, "handled", "handle_ms"), _mean(asked, "asked", "asked_ms")
    return Handling(own_s, _moved(asked, own, wider, own_s, provider_s), provider_s)


def _moved(
    asked: pd.DataFrame, own: pd.DataFrame, wider: pd.DataFrame, own_s: float | None, provider_s: float | None
) -> float | None:
    """In-house handle times by topic, weighed by the slice's contacts.

    A topic in-house has none of takes what it takes the provider, times how in-house compares on the topics both have.
    """
    times = {**topic_times(wider[wider["own"]]), **topic_times(own)}
    mix = asked.groupby("topic")[["asked", "asked_ms"]].sum()
    known = ours = theirs = total = 0.0
    for topic, contacts, spent_ms in zip(mix.index, mix["asked"], mix["asked_ms"], strict=True):
        total += contacts
        if topic in times:
            known += contacts
            ours += contacts * times[topic]
            theirs += spent_ms / 1000
    if not total or not known or not theirs:
        return own_s or provider_s
    # Per contact on common topics, times what the provider's mean is on all of them against those.
    ratio = (provider_s or 0.0) / (theirs / known)
    return ours / known * (ratio if known < total else 1.0)


def topic_times(rows: pd.DataFrame) -> dict[str, float]:
    """Mean handle time by topic, seconds, of topics of which something was handled."""
    added = rows.groupby("topic")[["handled", "handle_ms"]].sum()
    return {
        str(topic): ms / n / 1000
        for topic, n, ms in zip(added.index, added["handled"], added["handle_ms"], strict=True)
        if n > 0 and ms > 0
    }


def _mean(rows: pd.DataFrame, n: str, ms: str) -> float | None:
    contacts, spent = float(rows[n].sum()), float(rows[ms].sum())
    return spent / contacts / 1000 if contacts > 0 and spent > 0 else None


def patience(rows: pd.DataFrame) -> dict[Part, float]:
    """Mean patience by part, seconds: of in-house customers, else of the slice's; only where somebody hung up.

    rows: the answer `arrived`.
    """
    found: dict[Part, float] = {}
    for own in (False, True):
        side = rows[(rows["own"] == own) & (rows["kind"] != "")]
        for key, group in side.groupby(["kind", "language"]):
            waited, abandoned = float(group["waited_ms"].sum()) / 1000, float(group["abandoned"].sum())
            if waited > 0 and abandoned > 0:
                found[str(key[0]), str(key[1])] = float(mean_patience_s(waited, int(abandoned)))
    return found


def present(rows: pd.DataFrame) -> tuple[Rows, Rows]:
    """Agents usually there by weekday and label: by their main work, and by all they can do.

    rows: the answer `present`. A site's day counts when anybody was there; the mean is over such days of a site. Who
    answered nothing lately is shared out like the others of the site at the time.
    """
    main: Rows = {}
    able: Rows = {}
    if rows.empty:
        return main, able
    kept = rows[rows["kind"].notna()]
    named_rows = _by_label(kept, ["site", "weekday", "what", "kind", "language"])
    nobody_rows = _by_label(rows[rows["kind"].isna()], ["site", "weekday"])
    days_there = rows.groupby(["site", "weekday"])["days"].first()
    for key, times in zip(days_there.index, days_there, strict=True):
        site, weekday = str(key[0]), int(key[1])
        named = {
            (str(of[2]), (str(of[3]), str(of[4]))): row / times
            for of, row in named_rows.items()
            if of[:2] == (site, weekday)
        }
        nobody_knows = nobody_rows.get((site, weekday), np.zeros(QUARTERS)) / times
        mains = {part: row for (what, part), row in named.items() if what == "main"}
        everybody: np.ndarray = np.sum(list(mains.values()), axis=0) if mains else np.zeros(QUARTERS)
        usual = {part: row.sum() / everybody.sum() for part, row in mains.items()} if everybody.sum() else {}
        for part, row in mains.items():
            there = np.divide(row, everybody, out=np.full(QUARTERS, usual.get(part, 0.0)), where=everybody > 0)
            _add(main, weekday, part, row + nobody_knows * there)
        for (what, part), row in named.items():
            if what == "able":
                extra = nobody_knows * np.divide(
                    mains.get(part, np.zeros(QUARTERS)), everybody, out=np.zeros(QUARTERS), where=everybody > 0
                )
                _add(able, weekday, part, row + extra)
    return main, able


def _add(into: Rows, weekday: int, part: Part, row: np.ndarray) -> None:
    into[weekday, part] = into.get((weekday, part), np.zeros(QUARTERS)) + row


def _by_label(rows: pd.DataFrame, keys: list[str]) -> dict[tuple[Any, ...], np.ndarray]:
    """Agents added up by these columns and by label."""
    groups = rows.groupby(keys)
    found = np.zeros((groups.ngroups, QUARTERS))
    places = groups.ngroup().to_numpy(dtype=np.intp), rows["label"].to_numpy(dtype=np.intp)
    np.add.at(found, places, rows["agents"].to_numpy(dtype=np.float64))
    return {tuple(key): row for key, row in zip(groups.size().index, found, strict=True)}


def days(
    expected: Demand, frame: Frame, times: Mapping[Part | None, Handling], patient: Mapping[Part, float],
    there: tuple[Rows, Rows], slots: int,
) -> tuple[Day, ...]:  # fmt: skip
    """The next days, a pool for each kind and language of the slice and of in-house people."""
    main, able = there
    parts = sorted({*expected.parts, *(part for _, part in main)})
    none = Handling(None, None, None)
    found = []
    for day in expected.days:
        pools = []
        for part in parts:
            kind: Literal["voice", "chat"] = "voice" if part[0] == "voice" else "chat"
            own, moved = (side.get((day, part), Expected()) for side in (expected.own, expected.asked))
            take = times.get(part, none)
            key = (day.weekday(), part)
            of_main = main.get(key, np.zeros(QUARTERS))
            pools.append(
                PoolDay(
                    kind=kind, language=part[1], slots=slots if kind == "chat" else 1, own=_row(own.mean),
                    moved=_row(moved.mean * frame.slice.share), moved_low=_row(moved.low * frame.slice.share),
                    moved_high=_row(moved.high * frame.slice.share), agents=_row(of_main),
                    # Whose main work it is can do it, however little there was of it lately.
                    able=_row(np.maximum(of_main, able.get(key, np.zeros(QUARTERS)))), own_aht_s=take.own_s,
                    moved_aht_s=take.moved_s, moved_aht_provider_s=take.provider_s, patience_s=patient.get(part),
                )
            )  # fmt: skip
        passed = expected.passed if day == expected.days[0] else 0
        found.append(Day(day=day, passed=passed, pools=tuple(pools), basis=expected.basis.get(day, ())))
    return tuple(found)


def _row(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(value) for value in np.maximum(0.0, values))

"""The rows of the board: sums and rates of each site, queue, language or channel, what needs attention first.

Pure: frames in, frames out. Rates are the catalogue's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd

from dashboard.scope import sums
from dashboard.scope.scope import NONE
from dashboard.today.outlook import level_at_end
from models.metrics.catalogue import BY_NAME

BY = ("site", "queue", "language", "channel")
LEAST_RECENT = 5
"""Answered and abandoned contacts of the last half hour below which their service level says nothing."""
STATES = {
    "available": ("available",),
    "busy": ("busy",),
    "wrap_up": ("wrap_up",),
    "break": ("break", "lunch"),
    "other": ("training", "meeting", "other_work"),
    "offline": ("offline",),
}
"""Columns of the board and the agents' states in each; who has told nothing for a day is not there."""
_LEVEL, _OCCUPANCY, _ABANDONED = (BY_NAME[name] for name in ("service_level", "occupancy", "abandonment_rate"))
_COUNTED = (
    "waiting", "waiting_over_target", "in_conversation", "chats", "offered", "answered", "answered_in_target",
    "abandoned", "left_queue", "recent_offered", "recent_answered", "recent_answered_in_target", "recent_abandoned",
)  # fmt: skip
_RECENT = "recent_"
_TIMES = ("available_ms", "busy_ms", "wrapping_up_ms")


@dataclass(frozen=True)
class Selection:
    """What of the company is on the board; empty stands for all."""

    sites: Collection[str] = ()
    queues: Collection[str] = ()
    languages: Collection[str] = ()
    channels: Collection[str] = ()

    def of(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows of it. Filters on what a frame does not know leave it whole."""
        for column in BY:
            wanted = getattr(self, f"{column}s")
            if wanted and column in frame:
                frame = frame[frame[column].fillna(NONE).isin(list(wanted))]
        return frame


@dataclass(frozen=True)
class Silence:
    """Sites whose feed fell silent, with the instant of the last event heard (UTC) where one is known."""

    since: Mapping[str, datetime | None] = field(default_factory=dict)

    def __contains__(self, site: object) -> bool:
        return site in self.since


def rows(queues: pd.DataFrame, agents: pd.DataFrame, by: str, selection: Selection) -> pd.DataFrame:
    """One row per `by` with every sum, rate and count of agents. queues: sums of `queues_at`; agents: of `agents_at`.

    Columns: key, the sums, longest_wait_s, service_level, recent_level, abandonment_rate and, by site, agents by state,
    occupancy of the last half hour and chats for each agent who holds one. NaN where there is no data.
    """
    chosen = selection.of(queues)
    keyed = chosen.assign(key=chosen[by].fillna(NONE))
    groups = keyed.groupby("key", sort=True)
    counted = groups[list(_COUNTED)].sum()
    counted["longest_wait_s"] = groups["longest_wait_s"].max()
    holders = keyed.explode("chat_agents").groupby("key")["chat_agents"].nunique().reindex(counted.index)
    counted["chats_each"] = counted["chats"] / holders.where(holders > 0)
    found = with_rates(counted.reset_index())
    if by != "site":
        return found
    return found.merge(_agents(selection.of(agents)), on="key", how="outer").fillna(dict.fromkeys(_COUNTED, 0))


def with_day_end(board: pd.DataFrame, left: pd.DataFrame | None) -> pd.DataFrame:
    """Rows of sites with where today's service level will end (column `day_end`), NaN without a forecast.

    left: contacts still expected today by site (`left_today`).
    """
    if left is None:
        return board
    expected = board["key"].map(left.set_index("site")["left_today"])
    recent = board["recent_level"]
    ends = [
        level_at_end(met, answered + abandoned, None if pd.isna(rate) else rate, to_come) if pd.notna(to_come) else None
        for met, answered, abandoned, rate, to_come in zip(
            board["answered_in_target"], board["answered"], board["abandoned"], recent, expected, strict=True
        )
    ]
    return board.assign(day_end=pd.Series(ends, index=board.index, dtype="float64"))


def total(board: pd.DataFrame) -> pd.Series:
    """All rows together."""
    counted = board[[*_COUNTED]].sum().to_frame().T
    counted["key"] = ""
    whole = with_rates(counted).iloc[0]
    whole["longest_wait_s"] = board["longest_wait_s"].max()
    for name in (*STATES, *_TIMES, "chat_holders"):
        if name in board:
            whole[name] = board[name].sum()
    return whole


def with_rates(counted: pd.DataFrame) -> pd.DataFrame:
    """The sums with the rates of the catalogue, for the day and for the last half hour."""
    day = counted.assign(span="day")
    recent = counted[["key"]].assign(span="recent")
    for name in ("offered", "answered", "answered_in_target", "abandoned"):
        recent[name] = counted[_RECENT + name]
    both = sums.with_metrics(pd.concat([day, recent], ignore_index=True), (_LEVEL, _ABANDONED))
    of_day = both[both["span"] == "day"].drop(columns="span")
    of_recent = both[both["span"] == "recent"].set_index("key")
    level = of_recent["service_level"].where(of_recent["service_level_n"] >= LEAST_RECENT)
    return of_day.assign(
        recent_level=of_day["key"].map(level), recent_n=of_day["key"].map(of_recent["service_level_n"])
    ).reset_index(drop=True)


def _agents(agents: pd.DataFrame) -> pd.DataFrame:
    there = agents.assign(key=agents["site"])
    groups = there.groupby("key", sort=True)
    states = pd.DataFrame(
        {
            name: there["state"].isin(list(of)).groupby(there["key"]).sum() if len(there) else pd.Series(dtype=int)
            for name, of in STATES.items()
        }
    )
    times = groups[[_RECENT + name for name in _TIMES]].sum().rename(columns=lambda name: name.removeprefix(_RECENT))
    whole = states.join(times).rename_axis("key").reset_index()
    return sums.with_metrics(whole.assign(agents=0), (_OCCUPANCY,)).drop(columns=["agents", "occupancy_n"])


def silent_sites(feed: pd.DataFrame | None, as_instant: Mapping[str, datetime | None]) -> Silence:
    """Sites whose feed is expected to tell something and does not. feed: rows of view `feed`."""
    if feed is None:
        return Silence()
    quiet = feed[feed["state"] == "unknown"]["site"]
    return Silence({str(site): as_instant.get(str(site)) for site in quiet})


def by_attention(
    board: pd.DataFrame, target_s: float | None, level_wanted: float | None, silent: Silence
) -> pd.DataFrame:
    """Rows with why they need attention (column `why`), those that need it most first.

    A silent feed comes first, then somebody who waits longer than the target, then a service level of the last half
    hour below what is wanted; among equals the longest wait, then the most contacts. What nobody waits at comes last.
    """
    waits = board["longest_wait_s"].fillna(-1.0)
    over = (board["waiting"] > 0) & (waits > target_s) if target_s is not None else waits < -1
    low = board["recent_level"] < level_wanted if level_wanted is not None else waits < -1
    quiet = board["key"].map(lambda key: key in silent).astype(bool)
    why = np.select([quiet, over, low], ["silent", "wait", "level"], default="")
    rank = np.select([quiet, over, low], [0, 1, 2], default=3)
    ordered = board.assign(why=why, rank=rank, waits=waits)
    ordered = ordered.sort_values(
        ["rank", "waits", "offered", "key"], ascending=[True, False, False, True], ignore_index=True
    )
    return ordered.drop(columns=["rank", "waits"])

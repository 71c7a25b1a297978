"""How much work the slice's contacts of the last weeks were, by quarter-hour: what a base is split from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.fallback.facts import Worked
from models.fallback.week import INTERVAL_S

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.fallback.demand import Part
    from dashboard.fallback.pools import Handling
    from dashboard.fallback.questions import Frame


def worked(rows: pd.DataFrame, frame: Frame, times: Mapping[Part | None, Handling], slots: int) -> Worked | None:
    """Contacts as they arrived, each as long as its kind and language takes in-house; `slots` chats to an agent.

    rows: the answer `quarters`. None without any, and where nobody knows how long any of it takes. What is neither call
    nor chat is left out, as everywhere by quarter-hour.
    """
    local = pd.to_datetime(rows["starts_at"], utc=True).dt.tz_convert(frame.zone)
    of = rows[
        rows["site"].isin(frame.sites) & (rows["kind"] != "") & (rows["asked"] > 0)
        & (local < pd.Timestamp(frame.today, tz=frame.zone))
        & (local.dt.hour >= frame.slice.first_hour) & (local.dt.hour < frame.slice.end_hour)
    ]  # fmt: skip
    seconds = {part: take.moved_s or take.provider_s or take.own_s for part, take in times.items() if part}
    takes = np.array(pd.MultiIndex.from_frame(of[["kind", "language"]]).map(seconds), dtype=np.float64)
    known = of.assign(seconds=takes).dropna(subset="seconds")
    if known.empty:
        return None
    slotted = known["seconds"].to_numpy() / np.where(known["kind"] == "voice", 1, slots)
    agent_s = known["asked"].mul(slotted).groupby(known["starts_at"]).sum()
    days = local[known.index]
    return Worked(
        first=days.min().date(), last=days.max().date(), contacts=float(known["asked"].sum()) * frame.slice.share,
        agents=tuple((agent_s * frame.slice.share / INTERVAL_S).round(6).tolist()),
    )  # fmt: skip

"""Volume by interval as a table to read and as a file to take away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard.volume import words as said

if TYPE_CHECKING:
    from collections.abc import Mapping

LISTED = {
    "offered": "Offered",
    "answered": "Answered",
    "abandoned": "Abandoned",
    "left_queue": "Left otherwise",
    "transferred": "Transferred",
}
"""Columns whose contacts can be listed."""
NUMBERS = {**LISTED, "campaign_offered": "From campaigns"}


def intervals(rows: pd.DataFrame, grain: str, line: str, names: Mapping[str, str]) -> pd.DataFrame:
    """The rows as shown."""
    shown = pd.DataFrame({"interval": rows["label"]})
    if line != "all":
        shown["of"] = [names.get(value, value) for value in rows["line"]]
    del grain
    return shown.join(rows[list(NUMBERS)])


def columns(grain: str, line: str) -> dict[str, Any]:
    """How the table's columns are shown."""
    number = st.column_config.NumberColumn
    of = {"of": st.column_config.TextColumn(said.OF, pinned=True)} if line != "all" else {}
    return {
        "interval": st.column_config.TextColumn(said.GRAINS[grain], pinned=True, width="medium"),
        **of,
        **{name: number(label, format="%,d", width="small") for name, label in NUMBERS.items()},
    }


def file(rows: pd.DataFrame, line: str, zone: str) -> pd.DataFrame:
    """The rows with instants in UTC and plain numbers."""
    begins = [pd.Timestamp(60 * minute, unit="s") for minute in rows["at"]]
    ends = [pd.Timestamp(60 * minute, unit="s") for minute in rows["until"]]
    out = pd.DataFrame({"starts_at": begins, "ends_at": ends, "label": rows["label"], "time_zone": zone})
    if line != "all":
        out[line] = rows["line"].to_numpy()
    numbers = rows[list(NUMBERS)].round().astype("int64").reset_index(drop=True)
    return out.reset_index(drop=True).join(numbers).assign(so_far=rows["so_far"].to_numpy())

"""The board on a wall: one card for each row, what needs attention first, in type that reads from across a room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import format as text
from dashboard import parts
from dashboard import words as shared
from dashboard.live import words as said

if TYPE_CHECKING:
    import pandas as pd

    from dashboard.live.sections import Shown

MOST_CARDS = 12


def wall(shown: Shown, ordered: pd.DataFrame) -> None:
    """The cards. ordered: rows of the board with why they need attention."""
    with st.grid(min(3, len(ordered)), min_column_width=430, gap="small", key="live-wall") as grid:
        for place, (_, row) in enumerate(ordered.head(MOST_CARDS).iterrows()):
            with grid.cell():
                _card(shown, row, place)
    if len(ordered) > MOST_CARDS:
        parts.plain(said.more_rows(len(ordered) - MOST_CARDS), "muted", key="wall-more")


def _card(shown: Shown, row: pd.Series, place: int) -> None:
    key, why = str(row["key"]), str(row["why"])
    silent = shown.view.by == "site" and key in shown.silent
    with st.container(border=True, key=f"wall-{why or 'well'}-{place}", gap="small"):
        parts.plain(shown.name(key), "strong", key=f"wall-name-{place}")
        since = shown.clock(shown.silent.since.get(key)) if silent else ""
        parts.plain(said.why(why, shown.target_s, since) or said.WELL, key=f"wall-why-{place}")
        with st.grid(3, min_column_width=120, gap="small", key=f"wall-numbers-{place}"):
            for label, value in _numbers(shown, row, silent=silent):
                st.metric(label, value)


def _numbers(shown: Shown, row: pd.Series, *, silent: bool) -> list[tuple[str, str]]:
    """What a card tells. Of a site that says nothing what holds now is unknown, what was counted today stays."""

    def now(value: Any, shown_as: str) -> str:
        return said.UNKNOWN if silent else text.NO_DATA if text.is_missing(value) else shown_as

    longest = text.duration(row["longest_wait_s"]) if row["waiting"] else shared.NOBODY_SHORT
    numbers = [
        (said.WAITING, now(row["waiting"], text.count(row["waiting"]))),
        (said.LONGEST, now(row["waiting"], longest)),
        (said.RECENT, said.UNKNOWN if silent else text.share(row["recent_level"])),
        (said.LEVEL, text.share(row["service_level"])),
        (said.OFFERED, text.count(row["offered"])),
        (said.ABANDONED, text.count(row["abandoned"])),
    ]
    if "available" in row:
        numbers += [
            (said.AVAILABLE, now(row["available"], text.count(row["available"]))),
            (said.BUSY, now(row["busy"], text.count(row["busy"]))),
        ]
    if "day_end" in row and shown.view.at is None:
        numbers.append((said.DAY_END, text.share(row["day_end"])))
    return numbers

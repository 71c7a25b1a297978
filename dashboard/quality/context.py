"""What every section of the Quality page is given, read once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import address, words
from dashboard.scope.behind import Behind

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from dashboard.colours import Style
    from dashboard.queries import Status
    from dashboard.scope.scope import Known, Scope

PAGE = "quality"
TEAMS = "teams"
"""Name in the address of what teams are compared by."""


@dataclass(frozen=True)
class View:
    """frame: sums by site and week. figures: one row per site and metric. order: sites with data, by name."""

    scope: Scope
    known: Known
    now: Status
    frame: pd.DataFrame
    figures: pd.DataFrame
    names: Mapping[str, str]
    styles: Mapping[str, Style]
    order: list[str]
    simulated: set[str]
    bought: set[str]

    @property
    def behind(self) -> Behind:
        """The way to the contacts behind a number."""
        return Behind(self.scope, self.known)

    @property
    def demo(self) -> bool:
        """Whether a simulator made some of it."""
        return bool(self.now.simulated_sites)


def own_choice(name: str, options: list[str]) -> tuple[str, str | None]:
    """A choice of the page's own that its address keeps, the first without one; and a note when the address is wrong.

    As with the filters the address speaks when the page opens or somebody edits it, afterwards the widget.
    """
    asked = address.asked().get(name, [])
    key = f"{PAGE}-{name}"
    kept = st.session_state.get(f"{PAGE}-query", {}).get(name, [])
    note = None
    if key not in st.session_state or asked != kept:
        known = asked[-1:] if asked[-1:] and asked[-1] in options else options[:1]
        st.session_state[key] = known[0]
        note = words.dropped_filter(name, asked[-1]) if asked and asked[-1] not in options else None
    return str(st.session_state[key]), note

"""What a page keeps in the address besides the shared filters: one value of a fixed list for each name.

The address speaks when a page opens or somebody edits it; afterwards the widgets do. Call `settle` before `scope_bar`,
hand `query` to it, and draw the widgets anywhere with the keys of `key`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import parts, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Choice:
    """One thing to choose, by its name in the address. Without a choice the first option holds."""

    name: str
    options: tuple[str, ...]

    def read(self, values: Sequence[str]) -> tuple[str, str | None]:
        """The option an address asks for, and what it asked for when that is none."""
        if not values:
            return self.options[0], None
        asked = values[-1]
        return (asked, None) if asked in self.options else (self.options[0], asked)


def key(page: str, name: str) -> str:
    """The key of the widget of a choice."""
    return f"{page}-own-{name}"


def settle(page: str, choices: Sequence[Choice]) -> dict[str, str]:
    """What is chosen now, by name; what the address asks for and nobody knows is said and left out."""
    given = {choice.name: st.query_params.get_all(choice.name) for choice in choices}
    read = {choice.name: choice.read(given[choice.name]) for choice in choices}
    notes = [words.dropped_filter(name, bad) for name, (_, bad) in read.items() if bad is not None]
    edited = st.session_state.get(f"{page}-own") != {name: values for name, values in given.items() if values}
    chosen = {}
    for choice in choices:
        widget = key(page, choice.name)
        # None is what a segmented control holds when somebody clicks the chosen option away.
        if edited or notes or st.session_state.get(widget) not in choice.options:
            st.session_state[widget] = read[choice.name][0]
        chosen[choice.name] = str(st.session_state[widget])
    st.session_state[f"{page}-own"] = {name: values for name, values in query(choices, chosen).items() if values}
    with st.container(key=f"{page}-own-notes"):
        for number, note in enumerate(notes):
            parts.plain(note, "muted", key=f"own-note-{number}")
    return chosen


def query(choices: Sequence[Choice], chosen: Mapping[str, str]) -> dict[str, list[str]]:
    """What the address says of the choices, by name; empty lists for what holds without a choice."""
    return {
        choice.name: [chosen[choice.name]] if chosen[choice.name] != choice.options[0] else [] for choice in choices
    }

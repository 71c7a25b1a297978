"""Filters in the page's address and in its widgets, kept in step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import parts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Query = dict[str, list[str]]


def asked() -> Query:
    """What the address asks for; untrusted."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def fill(page: str, query: Query, notes: Sequence[str], widgets: Mapping[str, Any]) -> None:
    """Set a page's widgets (by the end of their keys) from the address.

    The address speaks when a page opens or somebody edits it; afterwards the widgets do.
    """
    # Streamlit forgets the widgets of a page that is left, but not what the page remembers of its address.
    forgotten = any(f"{page}-{name}" not in st.session_state for name in widgets)
    if forgotten or st.session_state.get(f"{page}-query") != query or notes:
        for name, value in widgets.items():
            st.session_state[f"{page}-{name}"] = value


def say(notes: Sequence[str]) -> None:
    """What of the address was left out."""
    for number, note in enumerate(notes):
        parts.plain(note, "muted", key=f"note-{number}")


def write(page: str, current: Query, query: Query, notes: Sequence[str]) -> None:
    """Make the address say what the widgets say."""
    st.session_state[f"{page}-query"] = current
    if notes or current != query:
        st.query_params.from_dict(current)

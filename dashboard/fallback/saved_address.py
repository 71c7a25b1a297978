"""Which saved answer the page is shown from, kept in step with the address so that it can be sent to somebody."""

from __future__ import annotations

import streamlit as st

NAME = "answer"
OPENED = "fallback-opened-scenario"
"""Where the session keeps its id."""
_SAID = "fallback-opened-address"


def settle() -> None:
    """Take what the address asks for, where it is not what the page itself wrote there."""
    given = st.query_params.get_all(NAME)
    asked = given[-1] if given else ""
    if st.session_state.get(_SAID, "") != asked:
        st.session_state[_SAID] = asked
        show(asked or None)


def show(scenario_id: str | None) -> None:
    """Show the whole page from a saved answer; None: from today's data."""
    if scenario_id:
        st.session_state[OPENED] = scenario_id
    else:
        st.session_state.pop(OPENED, None)


def opened() -> str | None:
    """The id, untrusted when it came with the address."""
    found = st.session_state.get(OPENED)
    return str(found) if found else None


def query() -> dict[str, list[str]]:
    """What the address says of it from now on."""
    found = opened()
    st.session_state[_SAID] = found or ""
    return {NAME: [found] if found else []}

"""Which of the days ahead is looked at; kept in the address, for all parts that ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.fallback import words
from dashboard.fallback.filters import DAY, PAGE
from dashboard.scope import own

if TYPE_CHECKING:
    from models.fallback.facts import Facts

CHOICE = own.Choice(DAY, tuple(str(number) for number in range(7)))


def chosen(facts: Facts) -> int | None:
    """Draw the choice and return the number of a day of `facts.days`; None when there are none."""
    if not facts.days:
        return None
    options = list(CHOICE.options[: len(facts.days)])
    key = own.key(PAGE, DAY)
    if st.session_state.get(key) not in options:
        st.session_state[key] = options[0]
    picked = st.segmented_control(
        words.DAY, options, key=key, label_visibility="collapsed",
        format_func=lambda option: words.day_option(facts.days[int(option)].day, facts.today),
    )  # fmt: skip
    # None is what it holds when somebody clicks the chosen one away.
    return int(picked) if picked in options else 0

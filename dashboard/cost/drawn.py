"""Charts as they are sent to browsers: drawing takes long, so the same is drawn once for all viewers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.cost import charts
from dashboard.figures import take_away

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS: dict[str, Callable[..., Any]] = {"accrual": charts.accrual, "grid": charts.topic_grid}


@st.cache_data(ttl=600, max_entries=200, show_spinner=False)
def drawn(kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """A chart of one of KINDS as Vega-Lite, with its data in it."""
    return take_away.spec(KINDS[kind](**arguments))

"""A figure that explains itself: what it is, what it rests on, whether it is final, and how else it is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import parts, words
from dashboard.figures import shown
from models.metrics.catalogue import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.queries import Status
    from models.metrics.metric import Metric


def popover(metric: Metric, now: Status, *, key: str, n: float | None = None, final: bool | None = None) -> None:
    """The explanation of a metric behind a small button."""
    with st.popover(words.WHAT_IS_THIS, icon=":material/info:", type="tertiary", key=f"explain-{key}"):
        body(metric, now, key=key, n=n, final=final)


def body(
    metric: Metric,
    now: Status,
    *,
    key: str,
    n: float | None = None,
    final: bool | None = None,
    variants: Mapping[str, str] | None = None,
) -> None:
    """The explanation itself. variants: values of the metric's variants by name, as text."""
    parts.plain(metric.label, "strong", key=f"label-{key}")
    for number, line in enumerate(shown.definition(metric, now)):
        parts.plain(line, key=f"line-{number}-{key}")
    if n is not None:
        parts.plain(words.rests_on(n), key=f"n-{key}")
    if final is not None:
        parts.plain(words.FINAL if final else words.PROVISIONAL, key=f"final-{key}")
    others = [other for other in CATALOGUE if other.variant_of == metric.name]
    if others:
        parts.plain(words.VARIANTS, "strong", key=f"variants-{key}")
        for other in others:
            value = f": {variants[other.name]}" if variants and other.name in variants else ""
            parts.plain(f"{other.label}{value}. {shown.sentence(other, now)}", "muted", key=f"v-{other.name}-{key}")

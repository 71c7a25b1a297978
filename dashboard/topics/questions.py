"""What the Topics page asks: sums by site, topic, channel and language of the weeks it compares."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from dashboard.scope import sums

if TYPE_CHECKING:
    from dashboard.scope.scope import Known, Scope
    from dashboard.topics.filters import Span, Spans

COLUMNS = (
    "offered", "handled", "handle_ms", "transferred", "resolvable", "repeated_7d", "csat_responses", "csat_satisfied",
)  # fmt: skip
KEYS = ("site", "topic", "channel", "language")


def within(scope: Scope, span: Span) -> Scope:
    """The scope with other weeks."""
    return replace(scope, first=span[0], last=span[1] - timedelta(weeks=1))


def questions(scope: Scope, known: Known, spans: Spans) -> dict[str, str]:
    """Everything the page asks, by name.

    Topics are asked of all sites: those in view are compared with their peers, whom a filter must not take away.
    """
    everyone = replace(scope, providers=(), sites=())
    asked = {"now": sums.question(within(everyone, spans.now), known, KEYS, COLUMNS)}
    for name, span in (("after", spans.after), ("before", spans.before)):
        if span:
            asked[name] = sums.question(within(everyone, span), known, KEYS, COLUMNS)
            asked[f"{name}_days"] = sums.question(within(scope, span), known, ["date"], ("offered", "handled"))
    return asked

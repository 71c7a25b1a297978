"""What the page keeps in the address besides the scope. The address is untrusted: what is unknown is dropped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import streamlit as st

from dashboard import format as text
from dashboard import words as common
from dashboard.scope.scope import read_week
from models.metrics.catalogue import BY_NAME, CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from models.metrics.metric import Metric

By = Literal["site", "provider"]

HEADLINE = (
    "service_level", "abandonment_rate", "average_speed_of_answer_s", "average_handle_time_s",
    "first_contact_resolution", "csat", "nps", "qa_score_client", "critical_accuracy_client", "transfer_rate",
    "occupancy", "offered",
)  # fmt: skip
OWN = ("metric", "by", "week", "pair", "look")
"""Names in the address that are this page's own."""
IN_HOUSE = "(in-house)"
"""Stands in the address for all sites of the company's own together."""
MOST_VALUES = 60


@dataclass(frozen=True)
class Choice:
    """Metrics shown, what is a column, which week, which two are compared, which metric is shown in full."""

    metrics: tuple[str, ...] = HEADLINE
    by: By = "site"
    week: date | None = None
    pair: tuple[str, str] | None = None
    look: str | None = None

    @property
    def shown(self) -> tuple[Metric, ...]:
        """The metrics shown, in the order of the catalogue's headline, then of the catalogue."""
        order = [*HEADLINE, *(metric.name for metric in CATALOGUE if metric.name not in HEADLINE)]
        return tuple(BY_NAME[name] for name in order if name in self.metrics)

    def to_query(self) -> dict[str, list[str]]:
        """The page's own part of the address: every name, empty where nothing was chosen."""
        return {
            "metric": [] if set(self.metrics) == set(HEADLINE) else [metric.name for metric in self.shown],
            "by": [] if self.by == "site" else [self.by],
            "week": [text.week(self.week)] if self.week else [],
            "pair": list(self.pair or ()),
            "look": [self.look] if self.look else [],
        }


def read(
    query: Mapping[str, Sequence[str]], weeks: Collection[date], units: Mapping[By, Collection[str]]
) -> tuple[Choice, list[str]]:
    """The choice an address asks for, and a note for everything dropped. units: what can be compared, by grouping."""
    notes: list[str] = []
    asked = list(dict.fromkeys(query.get("metric", ())[:MOST_VALUES]))
    notes += [common.dropped_filter("metric", name) for name in asked if name not in BY_NAME][:5]
    metrics = tuple(name for name in asked if name in BY_NAME) or HEADLINE
    by: By = "site"
    if given := _last(query, "by"):
        if given == "provider":
            by = "provider"
        elif given != "site":
            notes.append(common.dropped_filter("by", given))
    week = read_week(query.get("week", ()), "week", weeks, notes)
    pair = None
    if both := list(query.get("pair", ()))[:2]:
        if len(both) == 2 and both[0] != both[1] and set(both) <= {*units[by], IN_HOUSE}:
            pair = (both[0], both[1])
        else:
            notes.append(common.dropped_filter("pair", " / ".join(both)))
    look = _last(query, "look")
    if look and look not in metrics:
        notes.append(common.dropped_filter("look", look))
        look = None
    return Choice(metrics, by, week, pair, look), notes


def current(
    query: Mapping[str, Sequence[str]], weeks: Collection[date], units: Mapping[By, Collection[str]]
) -> tuple[Choice, list[str]]:
    """What the page's widgets say; the address speaks when the page opens or somebody edits it."""
    state = st.session_state
    given = {name: list(query[name]) for name in OWN if query.get(name)}
    asked, notes = read(query, weeks, units)
    kept: Choice | None = state.get("compare-choice")
    forgotten = not {"compare-metrics", "compare-by"} <= set(state)
    if (
        kept is None
        or forgotten
        or given != {name: values for name, values in kept.to_query().items() if values}
        or notes
    ):
        fill(asked)
    metrics = tuple(name for name in state.get("compare-metrics", asked.metrics) if name in BY_NAME) or HEADLINE
    by = state.get("compare-by") or asked.by
    week = state.get("compare-week", asked.week)
    one, other = state.get("compare-one"), state.get("compare-other")
    look = state.get("compare-look")
    choice = Choice(
        metrics,
        by,
        week if week in weeks else None,
        (one, other) if one and other and one != other and {one, other} <= {*units[by], IN_HOUSE} else None,
        look if look in metrics else None,
    )
    keep(choice)
    return choice, notes


def fill(choice: Choice) -> None:
    """Set the widgets."""
    one, other = choice.pair or (None, None)
    values = {
        "metrics": [metric.name for metric in choice.shown], "by": choice.by, "week": choice.week, "one": one,
        "other": other, "look": choice.look,
    }  # fmt: skip
    for name, value in values.items():
        st.session_state[f"compare-{name}"] = value


def keep(choice: Choice) -> None:
    """Remember what is chosen: Streamlit forgets a widget that is not drawn in a run."""
    st.session_state["compare-choice"] = choice


def _last(query: Mapping[str, Sequence[str]], name: str) -> str | None:
    values = query.get(name, ())
    return values[-1] if values else None

"""From a number of a week page to the contacts behind it: its filters as those of the Contacts page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import charts, contact_links, contact_measures
from dashboard.contact_filters import ARRIVAL
from dashboard.scope.scope import NONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, datetime

    from dashboard.scope.scope import Known, Scope

Query = dict[str, list[str]]
_ONE = {"queues": "queue", "channels": "channel", "languages": "language", "topics": "topic"}
TOO_WIDE = (
    "Lists of contacts can be narrowed to one queue, channel, language and topic: where several are chosen, or those "
    "without one, a list holds all of them."
)


@dataclass(frozen=True)
class Behind:
    """How a page's numbers lead to their contacts."""

    scope: Scope
    known: Known

    @property
    def too_wide(self) -> bool:
        """Whether lists hold more than the numbers count, because a list takes one value of each filter only."""
        return any(getattr(self.scope, name) and self._only(name) is None for name in _ONE)

    def query(
        self,
        first: date | None = None,
        last: date | None = None,
        *,
        at: datetime | None = None,
        measure: str | None = None,
        clock: str = ARRIVAL,
        sites: Iterable[str] | None = None,
        topic: str | None = None,
        team: str | None = None,
    ) -> Query:
        """The address of the list. sites: those of the number, else those in view; topic and team: the number's."""
        narrowed = self.scope.sites or self.scope.providers
        chosen = self.scope.sites_of(self.known) if narrowed else ()
        only = {singular: self._only(name) for name, singular in _ONE.items()}
        if topic is not None:
            only["topic"] = topic if topic != NONE else None
        return contact_links.contacts_link(
            chosen if sites is None else sites, first, last, at=at, measure=measure, clock=clock, team=team, **only
        )

    def metric(
        self,
        name: str,
        first: date | None = None,
        last: date | None = None,
        *,
        sites: Iterable[str] | None = None,
        team: str | None = None,
        rows: str | None = None,
    ) -> Query:
        """The address of the contacts behind a metric of the catalogue. Without days: those in view.

        rows: other contacts than the metric's, by their name in `contact_measures`.
        """
        measure, clock = contact_measures.behind(name)
        start, end = self.scope.span(self.known)
        return self.query(
            first or start,
            last or end - timedelta(days=1),
            measure=rows or measure,
            clock=clock,
            sites=sites,
            team=team,
        )

    def _only(self, name: str) -> str | None:
        values = getattr(self.scope, name)
        return str(values[0]) if len(values) == 1 and values[0] != NONE else None


def shown(
    chart: Any, page: str, key: str, fields: Iterable[str], lead: Callable[[dict[str, Any]], Query | None]
) -> None:
    """A chart, or its specification, whose marks lead to contacts. lead: the address for a mark's fields."""
    show: Any = st.vega_lite_chart if isinstance(chart, dict) else st.altair_chart
    event = show(chart, key=f"{key}-{_clicks(page)}", on_select="rerun", selection_mode=charts.CLICKED, width="stretch")
    wanted = set(fields)
    for point in event.selection.get(charts.CLICKED) or []:
        query = lead(point) if isinstance(point, dict) and wanted <= set(point) else None
        if query is not None:
            # The browser remembers a choice by its key, and would jump again on the way back.
            st.session_state[f"{page}-clicks"] = _clicks(page) + 1
            st.switch_page(contact_links.PAGE, query_params=query)


def _clicks(page: str) -> int:
    count: int = st.session_state.get(f"{page}-clicks", 0)
    return count

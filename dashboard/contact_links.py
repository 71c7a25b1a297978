"""Links to the contacts behind a number: for `st.page_link(PAGE, query_params=...)` and `st.switch_page`."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.contact_filters import ARRIVAL, ContactFilters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PAGE = "pages_/contacts.py"


def own_link(label: str, query: dict[str, list[str]], *, icon: str, key: str) -> None:
    """A link within the Contacts page; the label holds constant words and dates only.

    A button that sets the address: after `st.page_link` to the page one is on, Streamlit leaves the old address.
    """
    st.button(label, icon=icon, type="tertiary", key=key, on_click=_go, args=(query,))


def _go(query: dict[str, list[str]]) -> None:
    st.query_params.from_dict(query)


def contacts_link(
    sites: Iterable[str] = (),
    first: date | None = None,
    last: date | None = None,
    *,
    at: datetime | None = None,
    measure: str | None = None,
    clock: str = ARRIVAL,
    queue: str | None = None,
    channel: str | None = None,
    language: str | None = None,
    topic: str | None = None,
    outcome: str | None = None,
    agent: str | None = None,
    team: str | None = None,
) -> dict[str, list[str]]:
    """The query of a list of contacts. Days are local and inclusive; `at` (UTC) stands for one quarter-hour."""
    return ContactFilters(
        sites=tuple(sorted(set(sites))),
        first=None if at else first,
        last=None if at else last,
        at=at,
        clock=clock,
        measure=measure,
        queue=queue,
        channel=channel,
        language=language,
        topic=topic,
        outcome=outcome,
        agent=agent,
        team=team,
    ).to_query()


def contact_link(contact: str, site: str | None, first: date, last: date) -> dict[str, list[str]]:
    """The query of one contact in full. Days (local, inclusive) say about when it was; site: None where unknown."""
    return ContactFilters(first=first, last=last, contact=contact, of=site).to_query()


def row_of_links(
    labels: Mapping[str, str], sites: Iterable[str], days: Mapping[str, tuple[date, date]], key: str
) -> None:
    """One link for each figure: its name out of `contact_measures`, its label (constant words), its days."""
    chosen = list(sites)
    with st.container(horizontal=True, gap="small", key=f"behind-{key}"):
        for measure, label in labels.items():
            query = contacts_link(chosen, *days[measure], measure=measure)
            st.page_link(PAGE, label=label, icon=":material/list_alt:", query_params=query)

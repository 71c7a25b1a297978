"""The row of filters that all week pages share, kept in step with the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import address, parts, words
from dashboard import format as text
from dashboard.scope.scope import Scope, read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from dashboard.scope.scope import Known

LISTS = {
    "providers": words.PROVIDERS,
    "sites": words.SITES,
    "queues": words.QUEUES,
    "channels": words.CHANNELS,
    "languages": words.LANGUAGES,
    "topics": words.TOPICS,
}


def scope_bar(
    page: str,
    known: Known,
    site_names: Mapping[str, str],
    topic_names: Mapping[str, str],
    own: Mapping[str, list[str]] | None = None,
) -> Scope:
    """Draw the filters of a page and return what they say; the weeks are always given.

    own: what the page keeps in the address besides, by name. known must have weeks.
    """
    own = own or {}
    query = address.asked()
    asked, notes = read(query, known, own)
    first, last = known.default_weeks()
    address.fill(
        page,
        asked.to_query() | _given(query, own),
        notes,
        {
            **{name: list(getattr(asked, name)) for name in LISTS},
            "first": asked.first or min(first, asked.last or first),
            "last": asked.last or max(last, asked.first or last),
        },
    )
    names = {"sites": site_names, "topics": topic_names}
    chosen: dict[str, tuple[str, ...]] = {}
    weeks = known.weeks[::-1]
    with st.grid(4, min_column_width=230, gap="small", key=f"{page}-filters") as grid:
        for name in ("providers", "sites"):
            with grid.cell():
                chosen[name] = choice(page, name, known, names)
        with grid.cell():
            start = st.selectbox(words.FROM_WEEK, weeks, format_func=week_option, key=f"{page}-first")
        with grid.cell():
            end = st.selectbox(words.TO_WEEK, weeks, format_func=week_option, key=f"{page}-last")
    more = ("queues", "channels", "languages", "topics")
    set_now = sum(bool(st.session_state.get(f"{page}-{name}")) for name in more)
    label = words.MORE_FILTERS + (f" ({set_now})" if set_now else "")
    with (
        st.expander(label, expanded=bool(set_now), key=f"{page}-more", icon=":material/tune:"),
        st.grid(4, min_column_width=230, gap="small", key=f"{page}-more-filters") as grid,
    ):
        for name in more:
            with grid.cell():
                chosen[name] = choice(page, name, known, names)
    address.say(notes)
    if start > end:
        parts.plain(words.reversed_widgets(text.week(start), text.week(end)), "muted", key="note-order")
        start, end = end, start
    current = Scope(first=start if start != first else None, last=end if end != last else None, **chosen)
    kept = {name: values for name, values in own.items() if values}
    address.write(page, current.to_query() | kept, asked.to_query() | _given(query, own), notes)
    return Scope(first=start, last=end, **chosen)


def _given(query: Mapping[str, list[str]], own: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name: list(query[name]) for name in own if query.get(name)}


def choice(page: str, name: str, known: Known, names: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """Draw one filter of LISTS and return what is chosen. names: what values are called, by filter."""
    shown = names.get(name, {})
    options = list(known.providers) if name == "providers" else list(getattr(known, name))
    options.sort(key=lambda value: (shown.get(value) or value).casefold())
    picked = st.multiselect(
        LISTS[name],
        options,
        format_func=lambda value: shown.get(value, value),
        key=f"{page}-{name}",
        placeholder=words.ANY,
    )
    return tuple(sorted(picked))


def week_option(start: date) -> str:
    """A week as the filter offers it."""
    return f"{text.week(start)} · {text.week_days(start)}"

"""The row of filters that says which of a provider's work is asked about, kept in step with the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import address, parts, words
from dashboard.fallback import filters
from dashboard.fallback import words as said
from dashboard.fallback.filters import ALL_DAY, LISTS, PAGE, WHOLE, Asked
from dashboard.scope.bar import choice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.scope.opening import Opened
    from dashboard.scope.scope import Known

IN_FRONT = ("sites", "topics")
MORE = ("queues", "channels", "languages")


def draw(page: Opened, known: Known, own: Mapping[str, list[str]]) -> Asked:
    """Draw the filters and return what they say.

    known: with only those providers whose work can come home, at least one. own: what the page keeps in the address
    besides, by name.
    """
    query = address.asked()
    providers = sorted(known.providers, key=lambda name: (name.casefold(), name))
    default = providers[0]
    asked, notes = filters.read(query, known, default, tuple(own))
    given = {name: list(query[name]) for name in own if query.get(name)}
    address.fill(
        PAGE, asked.to_query(default) | given, notes,
        {
            "provider": asked.provider, "hours": asked.hours, "share": asked.percent,
            **{name: list(getattr(asked, name)) for name in LISTS},
        },
    )  # fmt: skip
    names = {"sites": page.site_names, "topics": page.topic_names}
    picked: dict[str, tuple[str, ...]] = {}
    with st.grid(4, min_column_width=230, gap="small", key=f"{PAGE}-filters") as grid:
        with grid.cell():
            provider = str(st.selectbox(said.PROVIDER, providers, key=f"{PAGE}-provider"))
        narrowed = filters.of_provider(known, provider)
        # Sites of the provider chosen before are none of this one's.
        st.session_state[f"{PAGE}-sites"] = [
            site for site in st.session_state[f"{PAGE}-sites"] if site in narrowed.sites
        ]
        for name in IN_FRONT:
            with grid.cell():
                picked[name] = choice(PAGE, name, narrowed, names)
        with grid.cell():
            # What the address filled in makes it one with two ends; a value besides would be one too many.
            st.slider(said.HOURS, *ALL_DAY, value=None, key=f"{PAGE}-hours", format="%d:00")
    set_now = sum(bool(st.session_state.get(f"{PAGE}-{name}")) for name in MORE)
    set_now += st.session_state.get(f"{PAGE}-share") != WHOLE
    label = words.MORE_FILTERS + (f" ({set_now})" if set_now else "")
    with (
        st.expander(label, expanded=bool(set_now), key=f"{PAGE}-more", icon=":material/tune:"),
        st.grid(4, min_column_width=230, gap="small", key=f"{PAGE}-more-filters") as grid,
    ):
        for name in MORE:
            with grid.cell():
                picked[name] = choice(PAGE, name, narrowed, names)
        with grid.cell():
            percent = st.number_input(said.SHARE, 1, WHOLE, key=f"{PAGE}-share", step=5, help=said.SHARE_HELP)
    address.say(notes)
    hours = _hours(st.session_state[f"{PAGE}-hours"])
    current = Asked(provider, hours=hours, percent=int(percent), **picked)
    kept = {name: values for name, values in own.items() if values}
    address.write(PAGE, current.to_query(default) | kept, asked.to_query(default) | given, notes)
    return current


def _hours(chosen: tuple[int, int]) -> tuple[int, int]:
    """At least an hour: both ends of a slider can stand on one."""
    first, end = chosen
    if first < end:
        return first, end
    first = min(first, ALL_DAY[1] - 1)
    parts.plain(said.one_hour(first), "muted", key="fallback-hours")
    return first, first + 1

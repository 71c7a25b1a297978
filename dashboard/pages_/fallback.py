"""Whether a provider's work should come home, whether it can, from when, at what price, and which part first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import address, parts
from dashboard.fallback import (
    absorb_section,
    afterwards,
    assume,
    assume_section,
    case_section,
    day_choice,
    decide_section,
    demand_section,
    drill_section,
    filters,
    gather,
    headline,
    part_section,
    price_section,
    readiness_section,
    saved_address,
    scenario_kept,
    scenario_section,
    scenarios,
    slice_bar,
    when_section,
)
from dashboard.fallback import words as said
from dashboard.fallback.answered import answered
from dashboard.fallback.filters import PAGE, PART, PARTS
from dashboard.fallback.view import View
from dashboard.scope import own
from dashboard.scope.opening import opened
from dashboard.store import Reply, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.scope.opening import Opened
    from dashboard.scope.scope import Known
    from models.fallback.facts import Facts

REFRESH_S = 300


def decide(view: View) -> None:
    """Deciding, saved answers, and what happened since."""
    kept = scenario_kept.of_provider(view.page.store, view.page.choices.state, view.facts.slice.provider)
    if kept.state is State.UNREACHABLE:
        # Each of them would say so.
        parts.unreachable(kept)
        return
    decide_section.draw(view)
    afterwards.draw(view)
    scenario_section.draw(view)


SECTIONS: dict[str, Callable[[View], None]] = {
    filters.CASE: case_section.draw,
    filters.DEMAND: demand_section.draw,
    filters.ABSORB: absorb_section.draw,
    filters.WHEN: when_section.draw,
    filters.PRICE: price_section.draw,
    filters.WHICH: part_section.draw,
    filters.DRILL: drill_section.draw,
    filters.DECIDE: decide,
    filters.READINESS: lambda view: readiness_section.draw(view.page),
}


@st.fragment(run_every=REFRESH_S)
def fallback() -> None:
    """The whole page."""
    page = opened(said.TITLE)
    if page is None:
        return
    known = bought_in(page)
    if not known.providers:
        st.info(said.NO_PROVIDER_TITLE, icon=":material/home:")
        parts.plain(said.NO_PROVIDER, key="fallback-no-provider")
        return
    choices = [own.Choice(PART, PARTS), day_choice.CHOICE]
    chosen = own.settle(PAGE, choices)
    saved_address.settle()
    saved = scenario_section.asked(page)
    kept = own.query(choices, chosen) | saved_address.query()
    facts = of_saved(saved[1], kept) if saved else of_today(page, known, kept)
    if isinstance(facts, Reply):
        parts.unreachable(facts)
        return
    top = st.container(key="fallback-top", gap="small")
    assumed = saved[2] if saved else assume_section.edited(facts, assume.defaults(facts))
    view = View(page, facts, assumed, answered(facts, assumed), saved[0] if saved else None)
    with top:
        headline.draw(view)
    st.segmented_control(
        said.EVIDENCE, PARTS, key=own.key(PAGE, PART), format_func=said.PARTS.__getitem__, width="stretch"
    )
    with st.container(key=f"fallback-part-{chosen[PART]}"):
        SECTIONS[chosen[PART]](view)
    headline.rests_on(facts)
    page.as_of(PAGE)


def bought_in(page: Opened) -> Known:
    """What there is to choose from: providers with sites that are not in-house, and those sites."""
    frame = page.choices.frames["sites"]
    away = set(frame["site"][~frame["in_house"].astype(bool)])
    providers = {
        name: there
        for name, sites in page.known.providers.items()
        if (there := tuple(site for site in sites if site in away))
    }
    return replace(page.known, providers=providers)


def of_today(page: Opened, known: Known, kept: dict[str, list[str]]) -> Facts | Reply:
    """The facts about the slice chosen; a reply when the store cannot be reached."""
    asked = slice_bar.draw(page, known, kept)
    return gather.facts(page.store, page, asked.slice())


def of_saved(facts: Facts, kept: dict[str, list[str]]) -> Facts:
    """The facts of a saved answer, and the way back. The slice is its own: nothing can be chosen."""
    query = address.asked()
    rest = {name: values for name, values in query.items() if name not in kept}
    address.write(PAGE, rest | {name: values for name, values in kept.items() if values}, query, [])
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="fallback-saved"):
        st.badge(said.SAVED, icon=":material/bookmark:", color="orange")
        parts.plain(said.saved(scenarios.sliced(facts), facts.asked_at, facts.zone), "muted", key="fallback-saved")
        st.button(
            said.BACK_TO_TODAY,
            icon=":material/undo:",
            key="fallback-to-today",
            on_click=saved_address.show,
            args=(None,),
        )
    return facts


fallback()

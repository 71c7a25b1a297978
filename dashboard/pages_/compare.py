"""Sites and providers against each other: what stands out, the week's scorecard, over the weeks, like for like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import parts
from dashboard import words as common
from dashboard.colours import site_styles
from dashboard.compare import card_section, fair_section, week_section, words
from dashboard.compare import choice as choices
from dashboard.compare.answers import Answers, answered
from dashboard.pack.button import pack_button
from dashboard.scope.bar import scope_bar
from dashboard.scope.opening import opened
from dashboard.store import Reply

if TYPE_CHECKING:
    from dashboard.compare.choice import Choice
    from dashboard.scope.scope import Known

REFRESH_S = 60
MOST_SENTENCES = 5


@st.fragment(run_every=REFRESH_S)
def compare_page() -> None:
    """The whole page."""
    page = opened(words.TITLE)
    if page is None:
        return
    store, reply, known = page.store, page.choices, page.known
    choice, notes = own_choice(known)
    scope = scope_bar("compare", known, page.site_names, page.topic_names, choice.to_query())
    for number, note in enumerate(notes):
        parts.plain(note, "muted", key=f"own-note-{number}")
    own_bar(choice)
    page.as_of("compare")
    found = answered(store, reply, scope, known, choice)
    if isinstance(found, Reply):
        parts.unreachable(found)
        return
    if found is None:
        st.info(common.NOTHING_IN_SCOPE, icon=":material/filter_alt_off:")
        return
    filtered = any((scope.queues, scope.channels, scope.languages, scope.topics))
    sections(found, filtered=filtered)
    pack_button(store, reply, scope, found.week(), key="compare")


def sections(found: Answers, *, filtered: bool) -> None:
    """What the page says, the answer first."""
    styles = site_styles(set(found.units.names) - {choices.IN_HOUSE})
    what_stands_out(found)
    card_section.draw(found, filtered=filtered)
    week_section.draw(found, styles)
    fair_section.draw(found)
    week_section.table(found)


def own_choice(known: Known) -> tuple[Choice, list[str]]:
    """What the page's own widgets and the address say."""
    from dashboard import address

    units: dict[choices.By, tuple[str, ...]] = {"site": known.sites, "provider": tuple(known.providers)}
    return choices.current(address.asked(), known.weeks, units)


def own_bar(choice: Choice) -> None:
    """What is a column, and which metrics."""
    from models.metrics.catalogue import BY_NAME, CATALOGUE

    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="compare-own"):
        st.segmented_control(
            words.GROUP,
            ["site", "provider"],
            format_func=lambda by: words.BY_SITE if by == "site" else words.BY_PROVIDER,
            key="compare-by",
            label_visibility="collapsed",
            required=True,
        )
        with st.popover(f"{words.METRICS} ({len(choice.metrics)})", icon=":material/checklist:", type="tertiary"):
            st.multiselect(
                words.METRICS,
                [metric.name for metric in CATALOGUE],
                format_func=lambda name: BY_NAME[name].label,
                key="compare-metrics",
                width=420,
            )


def what_stands_out(found: Answers) -> None:
    """The few sentences a manager needs first."""
    said = [*week_section.signal_sentences(found), *fair_section.leading_sentences(found)]
    sentences = interleaved(said)
    with st.container(border=True, gap="xxsmall", key="stands-out"):
        st.subheader(words.STANDS_OUT, anchor=False)
        if not sentences:
            parts.plain(words.NOTHING_STANDS_OUT, key="nothing-out")
        for number, line in enumerate(sentences[:MOST_SENTENCES]):
            parts.plain(line, key=f"out-{number}")
        if len(sentences) > MOST_SENTENCES:
            with st.expander(f"{words.MORE_STANDS_OUT} ({len(sentences) - MOST_SENTENCES})", key="more-out"):
                for number, line in enumerate(sentences[MOST_SENTENCES:]):
                    parts.plain(line, key=f"more-out-{number}")


def interleaved(said: list[tuple[int, str]]) -> list[str]:
    """The most important of each kind first."""
    return [line for _, line in sorted(said, key=lambda one: one[0])]


compare_page()

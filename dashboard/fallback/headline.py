"""The top of the answer: one sentence, the standing, and what nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import format as text
from dashboard import parts
from dashboard.fallback import headline_words, words
from models.fallback.answer_parts import Problem
from models.fallback.exit_watch import Standing

if TYPE_CHECKING:
    from dashboard.fallback.view import View
    from dashboard.parts import BadgeColour
    from models.fallback.facts import Facts

LOOKS: dict[Standing, tuple[str, BadgeColour]] = {
    Standing.OK: (":material/check_circle:", "green"),
    Standing.BUILDING: (":material/trending_up:", "orange"),
    Standing.EXIT_WATCH: (":material/logout:", "red"),
    Standing.UNKNOWN: (":material/help:", "gray"),
}
MOST_NOTES = 3


def draw(view: View) -> None:
    """The sentence, what of it is not known, and the standing."""
    facts, answer = view.facts, view.answer
    with st.container(key="fallback-answer", gap="xxsmall"):
        for number, line in enumerate(headline_words.lines(facts, answer)):
            parts.plain(line, "strong" if not number else "body", key=f"fallback-answer-{number}")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="fallback-standing"):
        if isinstance(answer.case, Problem):
            st.badge(words.NO_STANDING, icon=LOOKS[Standing.UNKNOWN][0], color=LOOKS[Standing.UNKNOWN][1])
            parts.plain(answer.case.text, "muted", key="fallback-standing")
        else:
            standing = answer.case.standing
            icon, colour = LOOKS[standing]
            st.badge(words.STANDINGS[standing], icon=icon, color=colour)
            parts.plain(f"{facts.provider_name}: {words.STANDING_HELP[standing]}", "muted", key="fallback-standing")
    missing(facts)


def missing(facts: Facts) -> None:
    """What nobody knows: the first few at once, the rest on demand."""
    with st.container(key="fallback-missing", gap="xxsmall"):
        for number, line in enumerate(facts.missing[:MOST_NOTES]):
            parts.plain(line, "muted", key=f"fallback-missing-{number}")
    rest = facts.missing[MOST_NOTES:]
    if not rest:
        return
    with st.expander(words.not_known(len(rest)), key="fallback-missing-more"):
        for number, line in enumerate(rest):
            parts.plain(line, "muted", key=f"fallback-missing-more-{number}")


def rests_on(facts: Facts) -> None:
    """The data and the program an answer comes from."""
    line = words.as_of(facts.known_upto, text.moment(facts.asked_at, facts.zone), facts.version)
    parts.plain(line, "muted", key="fallback-rests-on")

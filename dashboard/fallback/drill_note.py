"""The form that notes that a drill was held, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import parts
from dashboard.desk import DeskError
from dashboard.fallback import commands, scenario_kept
from dashboard.fallback import drill_words as said
from dashboard.fallback.commands import LONGEST_NAME, LONGEST_NOTE
from dashboard.scope import sums
from dashboard.store import State

if TYPE_CHECKING:
    from dashboard.fallback.drill_choice import Choice, Outages
    from dashboard.fallback.view import View
    from models.fallback.drill import Fluid

KEY = "fallback-drill-note"


def note(view: View, choice: Choice, found: Outages, now: Fluid) -> None:
    """Who held it, when, how, and what came of it; written down by ingest."""
    if st.session_state.pop(f"{KEY}-done", False):
        st.success(said.NOTED, icon=":material/check:")
    with st.expander(said.NOTE, icon=":material/edit_note:", key=KEY):
        if view.page.choices.state is not State.LIVE:
            parts.plain(said.NOT_LIVE, key=f"{KEY}-not-live")
            return
        with st.form(f"{KEY}-form", border=False):
            name = st.text_input(said.NOTE_NAME, max_chars=LONGEST_NAME, key=f"{KEY}-name", width=420)
            held_on = st.date_input(
                said.NOTE_ON, view.facts.today, max_value=view.facts.today, key=f"{KEY}-on", width=190
            )
            kind = st.segmented_control(
                said.NOTE_KIND, list(said.NOTE_KINDS), default="simulated", required=True,
                format_func=said.NOTE_KINDS.__getitem__, key=f"{KEY}-kind",
            )  # fmt: skip
            # A field of its own for each choice: what it begins with is what that choice comes to.
            outcome = st.text_area(
                said.NOTE_OUTCOME, said.preset(choice, found, now)[:LONGEST_NOTE], max_chars=LONGEST_NOTE,
                key=f"{KEY}-outcome-{abs(hash(choice))}", height=110,
            )  # fmt: skip
            sent = st.form_submit_button(said.NOTE_SEND, key=f"{KEY}-send")
        if not sent:
            return
        if not name.strip() or not outcome.strip():
            st.warning(said.OUTCOME_NEEDED if name.strip() else said.NAME_NEEDED, icon=":material/edit:")
            return
        try:
            commands.note_drill(
                provider=view.facts.slice.provider, held_on=held_on, held_by=name.strip(), kind=str(kind),
                outcome=outcome.strip(), figures=figures(choice, found, now),
            )  # fmt: skip
        except DeskError as error:
            parts.plain(said.not_noted(str(error)), "strong", key=f"{KEY}-not-done")
            return
        scenario_kept.forget()
        # What readiness says of drills is among them.
        sums.answers.clear()
        st.session_state[f"{KEY}-done"] = True
        st.rerun()


def figures(choice: Choice, found: Outages, now: Fluid) -> dict[str, float | str | None]:
    """What is kept with the note: the choice and the fluid answer, times of day as text."""
    return {
        "day": found.day.isoformat(),
        "contacts": choice.kind,
        "dark_from": said.clock(choice.dark_from),
        "dark_until": said.clock(choice.dark_until),
        "warned": str(choice.warned).lower(),
        "diverted": choice.diverted,
        "offered": float(now.offered.sum()),
        "lost": float(now.lost.sum()),
        "longest_queue": float(now.queue.max()),
        "normal_s": now.normal_s,
    }

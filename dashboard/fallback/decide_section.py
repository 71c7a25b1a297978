"""Deciding: write what was decided and why, see what was decided before, take the memo and the spreadsheet away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard import format as text
from dashboard import parts
from dashboard.fallback import commands, memo, scenario_kept, scenarios, workbook
from dashboard.fallback import decide_words as said
from dashboard.fallback.commands import LONGEST_NAME, LONGEST_WHY
from dashboard.fallback.scenario_section import fresh, sent, table, told_once
from dashboard.store import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.fallback.scenario_kept import Decision, Kept
    from dashboard.fallback.view import View

VERDICTS = tuple(said.SHORT)
PLACE = "decisions"


def draw(view: View) -> None:
    """All of it."""
    page, live = view.page, view.page.choices.state is State.LIVE
    reply = scenario_kept.of_provider(page.store, page.choices.state, view.facts.slice.provider)
    st.subheader(said.DECISION, anchor=False)
    told_once(PLACE)
    if reply.state is State.UNREACHABLE:
        parts.unreachable(reply)
        return
    found = scenario_kept.decisions(reply)
    holds = scenario_kept.standing(found)
    if holds is None:
        parts.plain(said.NO_DECISION, "muted", key="fallback-no-decision")
    else:
        parts.plain(said.decided(holds), "strong", key="fallback-decided")
        parts.plain(holds.why, key="fallback-why")
    if live:
        _write(view, found, [each for each in scenario_kept.scenarios(reply) if not each.withdrawn])
    else:
        parts.plain(said.NOT_LIVE, "muted", key="fallback-decide-not-live")
    if found:
        _history(view, found, scenario_kept.scenarios(reply))
    _take_away(view, holds)


def _write(view: View, found: Sequence[Decision], saved: Sequence[Kept]) -> None:
    """The form that writes a decision."""
    kept = {each.scenario_id: each for each in saved}
    open_ = {each.decision_id: each for each in found if each.replaced_by is None}
    zone = view.page.now.reporting_zone
    with (
        st.expander(said.WRITE, icon=":material/gavel:", expanded=not found, key="fallback-decide"),
        st.form("fallback-decide-form", border=False),
    ):
        verdict = st.segmented_control(
            said.VERDICT,
            VERDICTS,
            default=None,
            format_func=said.SHORT.__getitem__,
            key=fresh("fallback-decide-verdict"),
        )
        why = st.text_area(said.WHY, max_chars=LONGEST_WHY, key=fresh("fallback-decide-why"), height=110)
        who = st.text_input(said.WHO, max_chars=LONGEST_NAME, key=fresh("fallback-decide-who"), width=420)
        when = st.date_input(
            said.WHEN,
            value=view.page.now.today,
            max_value=view.page.now.today,
            key=fresh("fallback-decide-when"),
            width=200,
        )
        ids: list[str | None] = [None, *kept]
        scenario = st.selectbox(
            said.RESTS_ON, ids, key=fresh("fallback-decide-scenario"), width=560,
            index=ids.index(view.opened_scenario) if view.opened_scenario in kept else 0,
            format_func=lambda each: said.NOT_SAVED if each is None else said.option(kept[each], zone),
        )  # fmt: skip
        instead = st.selectbox(
            said.INSTEAD_OF, [None, *open_], key=fresh("fallback-decide-instead"), width=560,
            format_func=lambda each: said.NOTHING if each is None else said.choice(open_[each]),
        )  # fmt: skip
        if not st.form_submit_button(said.WRITE, type="primary", key="fallback-decide-send"):
            return
        if verdict is None:
            st.warning(said.VERDICT_NEEDED, icon=":material/edit:")
            return
        if not why.strip():
            st.warning(said.WHY_NEEDED, icon=":material/edit:")
            return
        expected = kept[scenario].summary if scenario else scenarios.summary(view.answer, view.facts)
        sent(
            who,
            lambda: commands.note_decision(
                provider=view.facts.slice.provider, decided_on=when, decided_by=who.strip(), verdict=verdict,
                why=why.strip(), scenario_id=scenario, expected=expected, replaces=instead,
            ),
            PLACE,
        )  # fmt: skip


def _history(view: View, found: Sequence[Decision], saved: Sequence[Kept]) -> None:
    """Every decision, newest first."""
    called = {each.scenario_id: each.name for each in saved}
    holds = scenario_kept.standing(found)
    parts.plain(said.HISTORY, "strong", key="fallback-history")
    frame = pd.DataFrame(
        {
            "decided_on": [text.day(each.decided_on) for each in found],
            "verdict": [said.SHORT.get(each.verdict, each.verdict) for each in found],
            "decided_by": [each.decided_by for each in found],
            "why": [each.why for each in found],
            "rests_on": [called.get(each.scenario_id or "", "") for each in found],
            "noted_at": [text.moment(each.noted_at, view.page.now.reporting_zone) for each in found],
            "state": [
                said.HOLDS if each is holds else said.REPLACED if each.replaced_by else said.EARLIER for each in found
            ],
        }
    )
    table(view, frame, said.HISTORY_COLUMNS, said.HISTORY_ALT, "decisions")


def _take_away(view: View, decision: Decision | None) -> None:
    """The memo and the spreadsheet, made when they are asked for."""
    parts.plain(said.TAKE_AWAY, "strong", key="fallback-take-away")
    parts.plain(said.TAKE_NOTE, "muted", key="fallback-take-note")
    with st.container(horizontal=True, gap="small", key="fallback-files"):
        st.download_button(
            said.MEMO, lambda: memo.document(view, decision).encode(), workbook.file_name(view, "fallback", "html"),
            "text/html", icon=":material/print:", key="fallback-memo", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            said.WORKBOOK, lambda: workbook.document(view), workbook.file_name(view, "fallback", "xlsx"),
            workbook.MIME, icon=":material/table:", key="fallback-workbook", on_click="ignore",
        )  # fmt: skip

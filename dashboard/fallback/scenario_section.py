"""Answers that were saved: save the one shown, open one, hold some side by side, put one aside or take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard import format as text
from dashboard import parts
from dashboard.desk import DeskError
from dashboard.fallback import assume_section, commands, drawn, saved_address, scenario_kept, scenarios
from dashboard.fallback import decide_words as said
from dashboard.fallback.answered import answered
from dashboard.fallback.commands import LONGEST_NAME, LONGEST_NOTE
from dashboard.store import State

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dashboard.fallback.scenario_kept import Kept
    from dashboard.fallback.scenarios import Summary
    from dashboard.fallback.view import View
    from dashboard.scope.opening import Opened
    from models.fallback.assumptions import Assumptions
    from models.fallback.facts import Facts

PLACE = "scenarios"
_WRITTEN, _TOLD = "fallback-written", "fallback-told"
_MOST_BESIDE = 2


def asked(page: Opened) -> tuple[str, Facts, Assumptions] | None:
    """The saved answer the whole page is to be shown from: its id, facts and assumptions; None for today's data.

    One that cannot be read is told and left.
    """
    scenario_id = saved_address.opened()
    if not scenario_id:
        return None
    try:
        found = restored(page, scenario_id)
    except ValueError as error:
        parts.plain(said.unreadable(str(error)), "strong", key="fallback-opened-unreadable")
    else:
        if found is not None:
            return scenario_id, *found
        parts.plain(said.GONE, "strong", key="fallback-opened-gone")
    saved_address.show(None)
    return None


def restored(page: Opened, scenario_id: str) -> tuple[Facts, Assumptions] | None:
    """What a saved answer rests on; None when it is not there. Raises ValueError for what cannot be read."""
    kept = scenario_kept.one(page.store, page.choices.state, scenario_id)
    return None if kept is None else (scenarios.facts_of(kept[0]), scenarios.assumptions_of(kept[1]))


def draw(view: View) -> None:
    """All of it."""
    page, live = view.page, view.page.choices.state is State.LIVE
    reply = scenario_kept.of_provider(page.store, page.choices.state, view.facts.slice.provider)
    found = scenario_kept.scenarios(reply)
    st.subheader(said.SAVED, anchor=False)
    told_once(PLACE)
    if reply.state is State.UNREACHABLE:
        parts.unreachable(reply)
        return
    if view.opened_scenario:
        called = next((each.name for each in found if each.scenario_id == view.opened_scenario), view.opened_scenario)
        parts.plain(said.looking_at(called), "strong", key="fallback-looking-at")
    if live:
        _save(view)
    else:
        parts.plain(said.NOT_LIVE, "muted", key="fallback-scenarios-not-live")
    if not found:
        parts.plain(said.NONE_SAVED, "muted", key="fallback-none-saved")
        return
    aside = st.toggle(said.SHOW_ASIDE, key="fallback-show-aside") if any(each.withdrawn for each in found) else False
    shown = [each for each in found if aside or not each.withdrawn]
    if not shown:
        return
    _table(view, shown)
    zone = page.now.reporting_zone
    by_id = {each.scenario_id: each for each in shown}
    picked = st.selectbox(
        said.OPEN, list(by_id), index=None, placeholder=said.OPEN_PLACEHOLDER, key="fallback-open-scenario",
        format_func=lambda scenario_id: said.option(by_id[scenario_id], zone), width=560,
    )  # fmt: skip
    if picked:
        _one(view, by_id[picked], live=live)
    _beside(view, [each for each in shown if not each.withdrawn])


def _save(view: View) -> None:
    with (
        st.expander(said.SAVE, icon=":material/bookmark_add:", key="fallback-save"),
        st.form("fallback-save-form", border=False, clear_on_submit=False),
    ):
        parts.plain(said.SAVE_NOTE, "muted", key="fallback-save-note")
        name = st.text_input(said.NAME_OF_ANSWER, max_chars=LONGEST_NAME, key=fresh("fallback-save-name"), width=420)
        who = st.text_input(said.WHO, max_chars=LONGEST_NAME, key=fresh("fallback-save-who"), width=420)
        note = st.text_area(said.NOTE, max_chars=LONGEST_NOTE, key=fresh("fallback-save-text"), height=80)
        if not st.form_submit_button(said.SAVE, type="primary", key="fallback-save-send"):
            return
        if not name.strip():
            st.warning(said.NAME_OF_ANSWER_NEEDED, icon=":material/edit:")
            return
        sent(
            who,
            lambda: commands.keep_scenario(
                name=name.strip(), facts=view.facts, assumed=view.assumed,
                summary=scenarios.summary(view.answer, view.facts), saved_by=who.strip(), note=note.strip(),
            ),
            PLACE,
        )  # fmt: skip


def fresh(key: str) -> str:
    """The key of a form's field; another one once something was written, so that the form is empty again."""
    return f"{key}-{st.session_state.get(_WRITTEN, 0)}"


def told_once(place: str) -> None:
    """Say, once, that what was asked for here was written down."""
    if st.session_state.get(_TOLD) == place:
        del st.session_state[_TOLD]
        st.success(said.WRITTEN, icon=":material/check_circle:")


def sent(who: str, send: Callable[[], object], place: str) -> None:
    """Have ingest write something down for somebody, and show what became of it. place: where it is then said."""
    if not who.strip():
        st.warning(said.WHO_NEEDED, icon=":material/edit:")
        return
    try:
        send()
    except DeskError as error:
        parts.plain(said.not_done(str(error)), "strong", key="fallback-not-done")
        return
    scenario_kept.forget()
    st.session_state[_WRITTEN] = st.session_state.get(_WRITTEN, 0) + 1
    st.session_state[_TOLD] = place
    st.rerun()


def _table(view: View, found: Sequence[Kept]) -> None:
    zone = view.page.now.reporting_zone
    frame = pd.DataFrame(
        {
            "name": [each.name for each in found],
            "saved_at": [text.moment(each.saved_at, zone) for each in found],
            "saved_by": [each.saved_by for each in found],
            **{
                column: [
                    scenarios.shown(name, each.summary.get(name), scenarios.currency(each.summary)) for each in found
                ]
                for column, name in (
                    ("work", "slice"), ("standing", "standing"), ("npv", "npv"), ("home_on", "home_on"),
                )
            },
            "note": [each.note for each in found],
            "version": [each.version for each in found],
            "known_upto": [each.known_upto for each in found],
            "state": [said.PUT_ASIDE if each.withdrawn else said.IN_USE for each in found],
        }
    )  # fmt: skip
    exact = pd.DataFrame([scenarios.exact(each.summary) for each in found]).add_prefix("answer_")
    table(
        view, frame, said.SAVED_COLUMNS, said.SAVED_ALT, "saved-answers",
        file=frame.drop(columns=["work", "standing", "npv", "home_on"]).join(exact),
    )  # fmt: skip


def table(
    view: View, frame: pd.DataFrame, labels: dict[str, str], alt: str, name: str, *, file: pd.DataFrame | None = None
) -> None:
    """A table of texts with its files. labels: of its columns. name: of the files, and of its place. file: exact."""
    columns = {column: st.column_config.Column(label) for column, label in labels.items() if column in frame}
    drawn.table(view, frame, columns, name, alt, file=file, key=name)


def _one(view: View, kept: Kept, *, live: bool) -> None:
    """A saved answer: what it rests on, and whether it comes out the same."""
    page = view.page
    content = scenario_kept.one(page.store, page.choices.state, kept.scenario_id)
    if content is None:
        parts.plain(said.GONE, "strong", key="fallback-one-gone")
        return
    try:
        facts, assumed = scenarios.facts_of(content[0]), scenarios.assumptions_of(content[1])
        again = scenarios.summary(answered(facts, assumed), facts)
    except ValueError as error:
        parts.plain(said.unreadable(str(error)), "strong", key="fallback-one-unreadable")
        return
    with st.container(border=True, key="fallback-one"):
        parts.plain(kept.name, "strong", key="fallback-one-name")
        parts.plain(said.rests_on(kept, facts, page.now.reporting_zone), "muted", key="fallback-one-rests")
        if kept.note:
            parts.plain(kept.note, key="fallback-one-note")
        if kept.version != view.facts.version:
            parts.plain(said.other_version(kept, view.facts.version), key="fallback-one-version")
        changed = scenarios.changed(kept.summary, again)
        parts.plain(said.differ(len(changed)) if changed else said.SAME_AGAIN, key="fallback-one-again")
        if changed:
            frame = _changed(kept.summary, again, changed)
            table(view, frame, said.CHANGED_COLUMNS, said.CHANGED_ALT, "reckoned-again")
        with st.container(horizontal=True, gap="small", key="fallback-one-do"):
            st.button(said.SHOW_PAGE, icon=":material/open_in_full:", key="fallback-show", on_click=saved_address.show,
                      args=(kept.scenario_id,), disabled=view.opened_scenario == kept.scenario_id)  # fmt: skip
            st.button(said.USE_ASSUMED, icon=":material/tune:", key="fallback-use", on_click=_use, args=(assumed,))
        if live:
            _state(kept)


def _use(assumed: Assumptions) -> None:
    """Take the assumptions over to today's data."""
    saved_address.show(None)
    assume_section.restore(assumed)


def _changed(kept: Summary, again: Summary, names: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "figure": [scenarios.BY_NAME[name].label for name in names],
            "kept": [scenarios.shown(name, kept[name], scenarios.currency(kept)) for name in names],
            "again": [scenarios.shown(name, again[name], scenarios.currency(again)) for name in names],
        }
    )


def _state(kept: Kept) -> None:
    """Put it aside, or undo that."""
    with (
        st.expander(
            said.AGAIN if kept.withdrawn else said.ASIDE, key=f"fallback-state-{kept.scenario_id}",
            icon=":material/undo:" if kept.withdrawn else ":material/archive:",
        ),
        st.form(f"fallback-state-form-{kept.scenario_id}", border=False),
    ):  # fmt: skip
        if not kept.withdrawn:
            parts.plain(said.ASIDE_NOTE, "muted", key="fallback-aside-note")
        who = st.text_input(
            said.WHO, max_chars=LONGEST_NAME, key=fresh(f"fallback-state-who-{kept.scenario_id}"), width=420
        )
        send = commands.restore_scenario if kept.withdrawn else commands.withdraw_scenario
        if st.form_submit_button(said.AGAIN if kept.withdrawn else said.ASIDE, key="fallback-state-send"):
            sent(who, lambda: send(scenario_id=kept.scenario_id, name=who.strip()), PLACE)


def _beside(view: View, found: Sequence[Kept]) -> None:
    """The answer shown now beside one or two saved ones."""
    page = view.page
    by_id = {each.scenario_id: each for each in found if each.scenario_id != view.opened_scenario}
    if not by_id:
        return
    chosen = st.multiselect(
        said.COMPARE, list(by_id), max_selections=_MOST_BESIDE, help=said.COMPARE_HELP, key="fallback-beside",
        placeholder=said.OPEN_PLACEHOLDER, width=560,
        format_func=lambda scenario_id: said.option(by_id[scenario_id], page.now.reporting_zone),
    )  # fmt: skip
    if not chosen:
        return
    figures: list[tuple[str, Summary]] = [(said.PRESENT, scenarios.summary(view.answer, view.facts))]
    assumed: list[tuple[str, Assumptions]] = [(said.PRESENT, view.assumed)]
    for scenario_id in chosen:
        figures.append((by_id[scenario_id].name, by_id[scenario_id].summary))
        try:
            found_again = restored(page, scenario_id)
        except ValueError as error:
            parts.plain(said.unreadable(str(error)), key=f"fallback-beside-unreadable-{scenario_id}")
            continue
        if found_again is not None:
            assumed.append((by_id[scenario_id].name, found_again[1]))
    exact = pd.DataFrame([{"answer": called, **scenarios.exact(kept)} for called, kept in figures])
    table(
        view, scenarios.side_by_side(figures), said.SIDE_COLUMNS, said.FIGURES_ALT, "side-by-side", file=exact
    )  # fmt: skip
    apart = scenarios.assumed_differently(assumed)
    if apart.empty:
        parts.plain(said.SAME_ASSUMED, "muted", key="fallback-same-assumed")
        return
    parts.plain(said.ASSUMED_APART, "strong", key="fallback-assumed-apart")
    table(view, apart, said.SIDE_COLUMNS, said.ASSUMED_ALT, "assumed-differently")

"""How well customers are served: satisfaction, resolution, evaluations, transfers, teams."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import parts, queries, words
from dashboard.colours import site_styles
from dashboard.names import by_name, display_names
from dashboard.quality import context, estimates, panels, questions, sections
from dashboard.quality import words as said
from dashboard.quality.context import PAGE, TEAMS, View
from dashboard.quality.questions import TEAM_MEASURES
from dashboard.scope import sums
from dashboard.scope.bar import scope_bar
from dashboard.scope.opening import opened
from dashboard.store import State

if TYPE_CHECKING:
    from dashboard.scope.scope import Known, Scope
    from dashboard.store import Reply, Store

REFRESH_S = 60


@st.fragment(run_every=REFRESH_S)
def quality_page() -> None:
    """The whole page."""
    page = opened(said.TITLE)
    if page is None:
        return
    store, reply, known = page.store, page.choices, page.known
    measure, note = context.own_choice(TEAMS, list(TEAM_MEASURES))
    own = {TEAMS: [measure] if measure != next(iter(TEAM_MEASURES)) else []}
    scope = scope_bar(PAGE, known, page.site_names, page.topic_names, own)
    if note:
        parts.plain(note, "muted", key="note-own")
    page.as_of(PAGE)
    answers = ask(store, reply.state, scope, known, measure, reply)
    if answers.state is State.UNREACHABLE:
        parts.unreachable(answers)
        return
    frame = queries.dated(answers.frames["weeks"])
    if frame.empty:
        parts.plain(words.NOTHING_IN_SCOPE, key="nothing-in-scope")
        return
    view = viewed(reply, scope, known, answers)
    answer(view)
    sections.legend(view, "legend")
    parts.plain(said.HOLLOW, "muted", key="hollow")
    sections.satisfaction(view, answers.frames["asked"])
    sections.resolution(view)
    sections.evaluation(view)
    sections.transfers(view)
    sections.teams(view, TEAM_MEASURES[measure], answers.frames.get("teams"))


def ask(store: Store, state: State, scope: Scope, known: Known, measure: str, reply: Reply) -> Reply:
    """Everything the page asks, in one go."""
    today = queries.status(reply).today
    asked = {"weeks": questions.weeks(scope, known), "asked": questions.asked(scope, known)}
    teams = questions.teams(scope, known, TEAM_MEASURES[measure], today)
    return sums.answers(store, state, asked | ({"teams": teams} if teams else {}))


def viewed(reply: Reply, scope: Scope, known: Known, answers: Reply) -> View:
    """The answers with what is needed to show them."""
    sites, now = reply.frames["sites"], queries.status(reply)
    frame = queries.dated(answers.frames["weeks"])
    names = display_names(sites)
    bought = set(sites["site"][~sites["in_house"].astype(bool)])
    return View(
        scope=scope,
        known=known,
        now=now,
        frame=frame,
        figures=estimates.bounced_by(estimates.by_site(frame, now.today), bought),
        names=names,
        styles=site_styles(set(names) | set(frame["site"])),
        order=by_name(set(frame["site"]), names),
        simulated=set(sites["site"][sites["simulated"]]),
        bought=bought,
    )


def answer(view: View) -> None:
    """The page's answer in a few sentences."""
    picked = (
        estimates.one(view.figures, name)
        for name in (
            "csat", "csat_response_rate", "first_contact_resolution", "critical_accuracy_client", "transfer_rate",
        )
    )  # fmt: skip
    with st.container(key="answer", gap="xxsmall"):
        for number, line in enumerate(said.answer(*picked)):
            parts.plain(line, "strong", key=f"answer-{number}")
        panels.lines([*sections.apart(view), sections.provisional(view)], "apart")


quality_page()

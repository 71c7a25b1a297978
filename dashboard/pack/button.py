"""The button that hands out a week's pack. Made when it is pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import queries
from dashboard.charts import is_so_far
from dashboard.colours import site_styles
from dashboard.names import display_names
from dashboard.pack import contents, document, questions
from dashboard.pack import words as said
from dashboard.scope import sums
from dashboard.scope.bar import week_option
from dashboard.store import State

if TYPE_CHECKING:
    from datetime import date

    from dashboard.scope.scope import Known, Scope
    from dashboard.store import Reply, Store


def pack_button(store: Store, choices: Reply, scope: Scope, week: date | None = None, *, key: str) -> None:
    """A download of the pack of `week`, within the filters of `scope`; without a week, one to choose.

    choices: the answer to `sums.choices`. Draws nothing while there are no weeks.
    """
    known = sums.known(choices)
    if not known.weeks:
        return
    now = queries.status(choices)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"pack-{key}"):
        if week is None:
            last = scope.last if scope.last in known.weeks else known.weeks[-1]
            over = [start for start in known.weeks if start <= last and not is_so_far(start, now.today)]
            options = list(known.weeks[::-1])
            week = st.selectbox(
                said.WEEK,
                options,
                index=options.index(over[-1] if over else last),
                format_func=week_option,
                key=f"pack-week-{key}",
                width=280,
            )
        chosen = week
        st.download_button(
            said.BUTTON,
            lambda: made(store, choices, known, scope, chosen).encode("utf-8"),
            said.file_name(chosen, demo=bool(now.simulated_sites)),
            "text/html",
            icon=":material/print:",
            help=said.BUTTON_HELP,
            key=f"pack-button-{key}",
            on_click="ignore",
        )


def made(store: Store, choices: Reply, known: Known, scope: Scope, week: date) -> str:
    """The file of a week. Raises RuntimeError when the store is away."""
    reply = sums.answers(store, choices.state, questions.all_of(scope, known, week))
    if reply.state is State.UNREACHABLE:
        raise RuntimeError(f"the store cannot be reached: {'; '.join(reply.tried)}")
    sites, now = choices.frames["sites"], queries.status(choices)
    names = display_names(sites)
    topics = dict(zip(choices.frames["topics"]["topic"], choices.frames["topics"]["name"], strict=True))
    frame = queries.dated(reply.frames["weeks"])
    rolled = choices.frames["rolled"].iloc[0]
    weeks = contents.by_week(frame, set(sites["site"][~sites["in_house"].astype(bool)]))
    pack = contents.pack(
        weeks,
        week,
        now,
        scope,
        names,
        topics,
        made_of=(queries.instant(rolled["contacts_at"]), queries.instant(rolled["answers_at"])),
        changes=reply.frames["changes"],
        gaps=reply.frames["gaps"],
    )
    return document.html(pack, weeks, site_styles(set(names) | set(frame["site"])), names, now.today)

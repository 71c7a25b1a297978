"""What a contact costs at every provider and in-house, what a month is expected to cost, and what was promised."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard import parts
from dashboard.cost import filters, questions
from dashboard.cost import words as said
from dashboard.cost.accrual_section import accrual
from dashboard.cost.bill_section import bills
from dashboard.cost.contact_section import costs
from dashboard.cost.in_house_section import in_house
from dashboard.cost.level_section import levels
from dashboard.cost.questions import RESOLUTION
from dashboard.cost.split_section import split
from dashboard.cost.terms_section import agreements
from dashboard.cost.view import view_of
from dashboard.scope import own, sums
from dashboard.scope.behind import TOO_WIDE
from dashboard.scope.opening import opened
from dashboard.store import State

if TYPE_CHECKING:
    from dashboard.cost.view import View

REFRESH_S = 60


@st.fragment(run_every=REFRESH_S)
def cost() -> None:
    """The whole page."""
    page = opened(said.TITLE)
    if page is None:
        return
    store, state = page.store, page.choices.state
    there = sums.answers(store, state, {"there": questions.THERE_IS, "months": questions.MONTHS})
    if there.state is State.UNREACHABLE:
        parts.unreachable(there)
        return
    months = [pd.Timestamp(month).date() for month in there.frames["months"]["month"]]
    if not months:
        not_yet(begun=bool(there.frames["there"]["documents"].iloc[0]))
        return
    answer = st.container(key="cost-answer", gap="xxsmall")
    choice = filters.month_choice(months, page.now.today)
    chosen = own.settle(filters.PAGE, [choice])[filters.MONTH]
    period, scope = filters.bar(page.known, choice, chosen, page.site_names, page.topic_names, page.now.today)
    found = sums.answers(store, state, questions.questions(scope, page.known, period))
    if found.state is State.UNREACHABLE:
        parts.unreachable(found)
        return
    currency = str(there.frames["there"]["currency"].iloc[0])
    view = view_of(page.choices, page.now, scope, page.known, period, found.frames, page.topic_names, currency)
    if not view.rows:
        parts.plain(said.NOTHING, key="cost-nothing")
        return
    with answer:
        above(view)
    costs(view)
    split(view)
    accrual(view)
    levels(view)
    bills(view)
    in_house(view)
    agreements(view)
    page.as_of(filters.PAGE)


def not_yet(*, begun: bool) -> None:
    """Nothing costs anything yet: because no document says what, or because it is being computed."""
    if begun:
        st.info(said.COMPUTING, icon=":material/hourglass_top:")
        return
    st.info(said.BEGIN_TITLE, icon=":material/payments:")
    st.markdown(said.BEGIN)
    st.code(said.BEGIN_COMMANDS, language="bash")
    parts.plain(said.BEGIN_AFTER, "muted", key="cost-begin")


def above(view: View) -> None:
    """The answer, before everything else, and what is provisional or missing in it."""
    for number, line in enumerate(said.answer(view.rows, view.currency, view.period)):
        parts.plain(line, "strong", key=f"cost-answer-{number}")
    for number, line in enumerate(notes(view)):
        parts.plain(line, "muted", key=f"cost-note-{number}")


def notes(view: View) -> list[str]:
    """What the reader must know of the figures."""
    bills = view.frames["bills"]
    of_month = bills[pd.to_datetime(bills["month"]).dt.date == view.period.month]
    in_view = {row.key for row in view.rows}
    still_open = [str(name) for name in of_month["provider"][~of_month["is_closed"].astype(bool)] if name in in_view]
    lines = said.standing(view.period, still_open, view.missing)
    final_on = view.period.last + pd.Timedelta(days=sums.metric(RESOLUTION).final_after_days)
    if final_on >= view.now.today and any(row.resolved is not None for row in view.rows):
        lines.append(said.resolution_provisional(date.fromordinal(final_on.toordinal())))
    if view.missing and any(row.issues.per_issue for row in view.rows):
        lines.append(said.repeats_missing(view.missing))
    if view.behind.too_wide:
        lines.append(TOO_WIDE)
    return lines


cost()

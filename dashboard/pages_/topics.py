"""What people ask about, how well each provider answers it, and what drove a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard import parts, queries, words
from dashboard.names import by_name, display_names
from dashboard.scope import own, sums
from dashboard.scope.bar import scope_bar
from dashboard.scope.behind import TOO_WIDE, Behind
from dashboard.scope.opening import opened
from dashboard.store import Reply, State
from dashboard.topics import cells, drivers, filters, questions, sections, training
from dashboard.topics import words as said
from dashboard.topics.sections import View

if TYPE_CHECKING:
    from dashboard.scope.scope import Known, Scope
    from dashboard.topics.drivers import Change

REFRESH_S = 60


@st.fragment(run_every=REFRESH_S)
def topics() -> None:
    """The whole page."""
    page = opened(said.TITLE)
    if page is None:
        return
    store, reply, now, known = page.store, page.choices, page.now, page.known
    answer = st.container(key="topics-answer", gap="xxsmall")
    chosen = own.settle(filters.PAGE, filters.CHOICES)
    scope = scope_bar(filters.PAGE, known, page.site_names, page.topic_names, own.query(filters.CHOICES, chosen))
    with st.container(horizontal=True, gap="medium", key="topics-own"):
        sections.control(said.WHO, filters.WHO, said.WHOS)
        sections.control(said.AGAINST, filters.AGAINST, said.AGAINSTS)
    spans = filters.spans(scope, known, now.today, chosen["against"])
    found = sums.answers(store, reply.state, questions.questions(scope, known, spans))
    if found.state is State.UNREACHABLE:
        parts.unreachable(found)
        return
    view = view_of(reply, scope, known, spans, chosen, page.topic_names)
    parts.plain(said.compared(spans, chosen["against"]), "muted", key="topics-compared")
    if view.behind.too_wide:
        parts.plain(TOO_WIDE, "muted", key="topics-too-wide")
    frames = {name: cells.owned(frame, view.owners) for name, frame in found.frames.items() if "site" in frame}
    everybody, mine = frames["now"], view.in_view(frames["now"])
    if not mine["offered"].sum() and not mine["handled"].sum():
        parts.plain(words.NOTHING_IN_SCOPE, key="nothing")
        return
    after, before = (view.in_view(frames[name]) if name in frames else None for name in ("after", "before"))
    days = days_of(found)
    contacts = drivers.contacts(before, after, *days) if before is not None and after is not None else None
    with answer:
        above(view, mine, contacts)
    trained = st.container(key="topics-training")
    sections.figures(view, everybody)
    sections.mix(view, mine, mine if after is None else after, before)
    sections.change(view, changed(chosen["change"], contacts, before, after), days)
    sections.unmapped(cells.unmapped(mine, page.topic_names))
    page.as_of(filters.PAGE)
    # Last: the first screen of a process waits for its library, and nothing else should.
    screen = training.screen(everybody, view.whos)
    with answer:
        parts.plain(said.stand_out(screen), key="topics-stand-out")
    with trained:
        sections.needs(view, screen)


def view_of(
    reply: Reply, scope: Scope, known: Known, spans: filters.Spans, chosen: dict[str, str], topic_names: dict[str, str]
) -> View:
    """What all figures of the page share."""
    sites = reply.frames["sites"]
    names = display_names(sites)
    by_provider = chosen["by"] == "provider"
    owners = dict(zip(sites["site"], sites["provider" if by_provider else "site"], strict=True))
    in_view = scope.sites_of(known)
    called: dict[str, str] = {provider: provider for provider in known.providers} if by_provider else names
    whos = by_name({str(owners.get(site, site)) for site in in_view}, called)
    return View(
        behind=Behind(scope, known),
        now=queries.status(reply),
        spans=spans,
        chosen=chosen,
        owners=owners,
        whos=tuple(whos),
        called=called,
        topics=topic_names,
        simulated=frozenset(sites["site"][sites["simulated"] & sites["site"].isin(in_view)]),
    )


def days_of(found: Reply) -> tuple[int, int]:
    """Days with contacts before and after."""
    frames = [found.frames.get(name) for name in ("before_days", "after_days")]
    before, after = (0 if frame is None else int((frame["offered"] > 0).sum()) for frame in frames)
    return before, after


def changed(
    figure: str, contacts: Change | None, before: pd.DataFrame | None, after: pd.DataFrame | None
) -> Change | None:
    """The change that was chosen."""
    if figure == "contacts" or before is None or after is None:
        return contacts
    return drivers.handle_hours(before, after) if figure == "handle_hours" else drivers.handle_time(before, after)


def above(view: View, mine: pd.DataFrame, contacts: Change | None) -> None:
    """The answer, before everything else."""
    totals = mine.groupby("topic")["offered"].sum().sort_values(ascending=False)
    total = float(totals.sum())
    if total:
        largest = said.topic_name(str(totals.index[0]), view.topics)
        line = said.answer(largest, float(totals.iloc[0]) / total, total, said.moved(contacts, view.topics))
        parts.plain(line, "strong", key="topics-answer")


topics()

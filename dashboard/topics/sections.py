"""The figures of the Topics page, one function each: chart, sentence, explanation, files, contacts behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import contact_links, contact_measures, parts
from dashboard import format as text
from dashboard.contact_filters import ARRIVAL
from dashboard.figures import explain, shown, take_away
from dashboard.scope import behind, own, sums
from dashboard.scope.scope import NONE
from dashboard.topics import cells, charts, drivers, filters, training
from dashboard.topics import words as said

if TYPE_CHECKING:
    import pandas as pd

    from dashboard.queries import Status
    from dashboard.scope.behind import Behind, Query
    from dashboard.topics.filters import Span, Spans
    from dashboard.topics.training import Need, Screen

MOST_NEEDS = 5
MOST_LISTED = 40


@dataclass(frozen=True)
class View:
    """What the page looks at. whos: providers or sites in view, in the order shown; called: their names."""

    behind: Behind
    now: Status
    spans: Spans
    chosen: dict[str, str]
    owners: dict[str, str]
    whos: tuple[str, ...]
    called: dict[str, str]
    topics: dict[str, str]
    simulated: frozenset[str]

    def sites(self, who: str | None) -> list[str] | None:
        """The sites in view of a provider, or the site itself; None for all in view."""
        if who is None:
            return None
        in_view = self.behind.scope.sites_of(self.behind.known)
        return [site for site in in_view if self.owners.get(site, site) == who]

    def link(
        self, topic: str | None, who: str | None, measure: str, clock: str = ARRIVAL, span: Span | None = None
    ) -> Query | None:
        """The contacts of a topic and a provider or site; none where a list could not tell them."""
        if topic == NONE:
            return None
        first, end = span or self.spans.now
        last = end - timedelta(days=1)
        return self.behind.query(first, last, measure=measure, clock=clock, sites=self.sites(who), topic=topic)

    def in_view(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of sites in view."""
        return frame[frame["site"].isin(self.behind.scope.sites_of(self.behind.known))]


def mix(view: View, now: pd.DataFrame, after: pd.DataFrame, before: pd.DataFrame | None) -> None:
    """What people ask about, in all and at each provider or site, and how that changed."""
    st.subheader(said.MIX, anchor=False)
    rows = cells.mix(after, before, view.whos)
    order = cells.topics_in_order(view.in_view(now))[: cells.MOST_TOPICS]
    with st.grid(2, min_column_width=430, gap="medium", key="topics-mix") as grid:
        with grid.cell():
            bars = charts.topic_bars(rows, order, view.topics)
            behind.shown(
                bars, filters.PAGE, "topics-bars", ("topic",),
                lambda mark: view.link(mark["topic"], None, "offered", span=view.spans.after),
            )  # fmt: skip
            tools(view, bars, "topics", "offered")
        with grid.cell():
            chart = charts.mix_grid(rows, order, view.whos, view.topics, view.called)
            behind.shown(chart, filters.PAGE, "topics-shares", ("topic", "who"), lambda mark: view.link(
                mark["topic"], mark["who"], "offered", span=view.spans.after
            ))  # fmt: skip
            tools(view, chart, "topic-mix", None, rows)


def tools(view: View, chart: Any, name: str, metric: str | None, frame: pd.DataFrame | None = None) -> None:
    """What stands under a chart: definition and files."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"topics-tools-{name}"):
        if metric:
            explain.popover(sums.metric(metric), view.now, key=f"topics-{name}", final=final(view, metric))
        take_away.chart_buttons(chart, name, demo=bool(view.simulated), key=f"topics-{name}")
        if frame is not None:
            take_away.table_buttons(frame, name, view.simulated, key=f"topics-{name}")


def final(view: View, metric: str) -> bool:
    """Whether nothing to come changes the figure over the chosen weeks."""
    return shown.is_final(sums.metric(metric), view.spans.now[1] - timedelta(days=1), view.now.today)


def figures(view: View, now: pd.DataFrame) -> None:
    """A figure by topic and provider or site, beside the others."""
    st.subheader(said.GRID, anchor=False)
    control(said.FIGURE, filters.FIGURE, said.FIGURES)
    figure = view.chosen["figure"]
    rows = cells.figures(now, sums.metric(figure), view.whos)
    order = [topic for topic in cells.topics_in_order(view.in_view(now)) if topic in set(rows["topic"])]
    if not order:
        parts.plain(text.NO_DATA, "muted", key="topics-no-figures")
        return
    chart = charts.figure_grid(rows, figure, order[: cells.MOST_TOPICS], view.whos, view.topics, view.called)
    measure, clock = contact_measures.behind(figure)
    behind.shown(
        chart, filters.PAGE, "topics-figures", ("topic", "who"),
        lambda mark: view.link(mark["topic"], mark["who"], measure, clock),
    )  # fmt: skip
    parts.plain(f"{said.CLICK} {said.THIN}", "muted", key="topics-thin")
    tools(view, chart, f"topic-{figure.replace('_', '-')}", figure, rows.drop(columns="strength"))


def control(label: str, choice: own.Choice, names: dict[str, str]) -> None:
    """One choice of the page."""
    st.segmented_control(
        label, choice.options, format_func=lambda value: names[value], key=own.key(filters.PAGE, choice.name),
        width="content",
    )  # fmt: skip


def change(view: View, told: drivers.Change | None, days: tuple[int, int]) -> None:
    """What drove the change of a total."""
    st.subheader(said.DRIVERS, anchor=False)
    control(said.CHANGE, filters.CHANGE, said.CHANGES)
    figure = view.chosen["change"]
    if told is None or view.spans.after is None:
        parts.plain(said.NOTHING_TO_COMPARE, "muted", key="topics-no-change")
        return
    parts.plain(said.driver_line(told, figure, view.topics), key="topics-driver-line")
    if days[0] != days[1]:
        parts.plain(said.days_differ(*days), "muted", key="topics-days")
    measure, clock = ("offered", ARRIVAL) if figure == "contacts" else ("handled", "completion")
    chart = charts.waterfall(told, figure, view.topics)
    behind.shown(
        chart, filters.PAGE, "topics-change", ("topic",),
        lambda mark: view.link(mark["topic"] or None, None, measure, clock, view.spans.after),
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="topics-tools-change"):
        with st.popover(said.HOW_DRIVERS, icon=":material/info:", type="tertiary", key="explain-topics-change"):
            for number, line in enumerate(said.HOW[figure]):
                parts.plain(line, key=f"topics-how-{number}")
        take_away.chart_buttons(
            chart, f"change-{figure.replace('_', '-')}", demo=bool(view.simulated), key="topics-change"
        )


def needs(view: View, told: Screen) -> None:
    """Where training may help, as sentences with the contacts behind them."""
    st.subheader(said.TRAINING, anchor=False)
    if not told.needs:
        parts.plain(said.NO_NEEDS, key="topics-no-needs")
    for number, one in enumerate(told.needs[:MOST_NEEDS]):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"topics-need-{number}"):
            parts.plain(sentence(view, one), key=f"topics-need-line-{number}")
            measure, clock = contact_measures.behind(one.measure)
            query = view.link(one.topic, one.who, measure, clock)
            if query is not None:
                st.page_link(contact_links.PAGE, label=said.SEE, icon=":material/list_alt:", query_params=query)
    if len(told.needs) > MOST_NEEDS:
        with st.expander(said.ALL_NEEDS, key="topics-all-needs"):
            for number, one in enumerate(told.needs[MOST_NEEDS:MOST_LISTED]):
                parts.plain(sentence(view, one), key=f"topics-more-need-{number}")
    parts.plain(said.screened(told), "muted", key="topics-screened")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="topics-tools-training"):
        with st.popover(said.HOW_TRAINING, icon=":material/info:", type="tertiary", key="explain-topics-training"):
            for number, line in enumerate(said.HOW_TRAINING_LINES):
                parts.plain(line, key=f"topics-how-training-{number}")
        if told.needs:
            take_away.table_buttons(training.table(told), "topics-training", view.simulated, key="topics-training")


def sentence(view: View, one: Need) -> str:
    """A need in words."""
    return said.need(one, view.called.get(one.who, one.who), said.topic_name(one.topic, view.topics))


def unmapped(rows: pd.DataFrame) -> None:
    """Codes that mean none of the company's topics."""
    if rows.empty:
        return
    st.subheader(said.UNMAPPED, anchor=False)
    parts.plain(said.unmapped(rows), key="topics-unmapped")
    st.page_link("pages_/health.py", label=said.HEALTH_LINK, icon=":material/monitor_heart:")

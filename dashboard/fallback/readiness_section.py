"""Readiness: who in-house covers which work and when, how much hangs on one provider, and the exit plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard import format as text
from dashboard import parts
from dashboard.fallback import readiness, readiness_charts, readiness_questions
from dashboard.fallback import readiness_words as said
from dashboard.figures import take_away
from dashboard.names import by_name
from dashboard.scope import sums
from dashboard.store import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.fallback.readiness import Dependency, Hour, Plan
    from dashboard.scope.opening import Opened

KEY = "fallback-readiness"
ROW_HEIGHT = 32
MOST_ROWS = 14
MOST_PAIRS = 14
MOST_HOLES = 6
PALE, FULL = 0.04, 0.55
"""How strong the colour is where nobody and where most agents are."""


def draw(page: Opened) -> None:
    """The whole part. It is about in-house and all providers, whatever slice is looked at."""
    found = sums.answers(page.store, page.choices.state, readiness_questions.questions(page.now))
    if found.state is State.UNREACHABLE:
        parts.unreachable(found)
        return
    frames = found.frames
    cover(page, frames["agents"], frames["volume"])
    dependencies(page, frames["mix"])
    plans(page, frames["plans"])


def cover(page: Opened, agents: pd.DataFrame, volume: pd.DataFrame) -> None:
    """Holes in sentences, a day of the week as a chart, the whole week as a table."""
    st.subheader(said.COVER, anchor=False, help=said.COVER_HELP)
    sites = page.choices.frames["sites"]
    own = [str(site) for site in sites["site"][sites["in_house"].astype(bool)]]
    hours = readiness.cover(agents, volume, page.now.reporting_zone)
    if line := said.NO_SITE if not own else said.NO_CONTACTS if not hours else said.NO_AGENTS if agents.empty else None:
        parts.plain(line, key=f"{KEY}-no-cover")
        return
    holes = readiness.holes(hours)
    for number, one in enumerate(holes[:MOST_HOLES]):
        parts.plain(said.hole(one), "strong", key=f"{KEY}-hole-{number}")
    if len(holes) > MOST_HOLES:
        parts.plain(said.more_holes(len(holes) - MOST_HOLES), key=f"{KEY}-more-holes")
    if not holes:
        parts.plain(said.NO_HOLES, "strong", key=f"{KEY}-no-holes")
    for number, line in enumerate(_notes(page, own, agents)):
        parts.plain(line, "muted", key=f"{KEY}-note-{number}")
    days = sorted({hour.weekday for hour in hours})
    worst = holes[0].weekdays[0] if holes else days[0]
    day = st.segmented_control(
        said.DAY, days, default=worst, format_func=lambda each: said.SHORT_DAYS[each], key=f"{KEY}-day", width="content"
    )
    one_day(page, hours, worst if day is None else day)
    week(page, hours)


def _notes(page: Opened, own: Sequence[str], agents: pd.DataFrame) -> list[str]:
    """What is missing in the figures."""
    lines = []
    if silent := [site for site in own if site not in set(agents["site"])]:
        lines.append(said.silent([page.site_names.get(site, site) for site in by_name(silent, page.site_names)]))
    first, _ = readiness_questions.span(page.now)
    if page.known.weeks[0] > first:
        lines.append(said.begins(page.known.weeks[0]))
    return lines


def one_day(page: Opened, hours: Sequence[Hour], day: int) -> None:
    """A chart of one day of the week, of the work with most contacts."""
    pairs = list(dict.fromkeys(hour.pair for hour in hours if hour.weekday == day))
    shown = [hour for hour in hours if hour.weekday == day and hour.pair in set(pairs[:MOST_PAIRS])]
    most = max((hour.agents for hour in shown), default=0.0) or 1.0
    data = pd.DataFrame(
        {
            "row": [said.pair(hour.pair) for hour in shown], "hour": [said.hour(hour.hour) for hour in shown],
            "shown": [said.agents(hour) for hour in shown], "hole": [hour.is_hole for hour in shown],
            "strength": [FULL if hour.is_hole else PALE + (FULL - PALE) * hour.agents / most for hour in shown],
            "tip": [said.cell(hour) for hour in shown],
        }
    )  # fmt: skip
    numbers = [hour.hour for hour in shown]
    empty = sum(hour.is_hole for hour in hours if hour.weekday == day)
    chart = readiness_charts.cover(
        data, [said.pair(pair) for pair in pairs[:MOST_PAIRS]],
        [said.hour(number) for number in range(min(numbers), max(numbers) + 1)],
        (said.CHART, f"{said.WEEKDAYS[day]}s, by hour", said.chart_description(day, len(pairs), empty)),
    )  # fmt: skip
    spec = take_away.spec(chart)
    st.vega_lite_chart(spec, key=f"{KEY}-cover", width="stretch")
    take_away.chart_buttons(spec, "fallback-cover", demo=bool(page.now.simulated_sites), key=f"{KEY}-cover")
    parts.plain(said.LEGEND, "muted", key=f"{KEY}-legend")
    if len(pairs) > MOST_PAIRS:
        parts.plain(said.more_pairs(len(pairs) - MOST_PAIRS), "muted", key=f"{KEY}-more-pairs")


def week(page: Opened, hours: Sequence[Hour]) -> None:
    """Every hour of the week."""
    frame = pd.DataFrame(
        {
            "queue": [said.queue_name(hour.pair.queue) for hour in hours],
            "language": [said.language_name(hour.pair.language) for hour in hours],
            "kind": [said.KINDS[hour.pair.calls] for hour in hours],
            "day": [said.SHORT_DAYS[hour.weekday] for hour in hours],
            "hour": [said.hour(hour.hour) for hour in hours],
            "contacts": [hour.contacts for hour in hours],
            "bought": [hour.bought for hour in hours],
            "agents": [hour.agents for hour in hours],
            "hole": ["✕" if hour.is_hole else "" for hour in hours],
        }
    )
    labels = {"queue": said.QUEUE, "language": said.LANGUAGE, "kind": said.KIND, "day": said.DAY, "hour": said.HOUR}
    number = st.column_config.NumberColumn
    columns = {name: st.column_config.TextColumn(label) for name, label in (labels | {"hole": said.HOLE}).items()}
    columns |= {
        "contacts": number(said.CONTACTS, format="%,d"), "bought": number(said.BOUGHT, format="%,d"),
        "agents": number(said.AGENTS, format="%.2f"),
    }  # fmt: skip
    with st.expander(said.AS_TABLE, key=f"{KEY}-week"):
        _table(page, frame, columns, "cover", said.COVER_ALT)


def dependencies(page: Opened, mix: pd.DataFrame) -> None:
    """Shares of the provider that has most, by queue and language and by topic."""
    st.subheader(said.DEPENDENCY, anchor=False, help=said.DEPENDENCY_HELP)
    pairs, topics = readiness.dependencies(mix)
    if not pairs:
        parts.plain(said.NO_CONTACTS, key=f"{KEY}-no-mix")
        return
    marked = sorted((each for each in pairs[1:] if each.is_marked), key=lambda each: -each.share)
    line = said.depends(pairs[0], marked, len(pairs) - 1, page.topic_names)
    parts.plain(line, "strong", key=f"{KEY}-depends")
    _dependency_table(page, pairs, "dependency", said.DEPENDENCY_ALT)
    with st.expander(said.BY_TOPIC, key=f"{KEY}-topics"):
        _dependency_table(page, topics, "dependency-by-topic", said.TOPICS_ALT)


def _dependency_table(page: Opened, rows: Sequence[Dependency], name: str, alt: str) -> None:
    frame = pd.DataFrame(
        {
            "what": [said.what(each, page.topic_names) for each in rows],
            "contacts": [each.contacts for each in rows],
            "provider": [each.provider for each in rows],
            "share": [each.share for each in rows],
            "in_house": [each.in_house for each in rows],
            "mark": [said.mark(each) for each in rows],
        }
    )
    number, words = st.column_config.NumberColumn, st.column_config.TextColumn
    columns = {
        "what": words(said.WHAT, pinned=True), "contacts": number(said.CONTACTS, format="%,d"),
        "provider": words(said.PROVIDER), "share": number(said.SHARE, format="percent"),
        "in_house": number(said.IN_HOUSE, format="percent"), "mark": words(said.MARK),
    }  # fmt: skip
    _table(page, frame, columns, name, alt)


def plans(page: Opened, frame: pd.DataFrame) -> None:
    """What is overdue in words, and every provider's plan."""
    st.subheader(said.PLANS, anchor=False)
    found = readiness.plans(frame, page.choices.frames["sites"], page.now.today)
    if not found:
        parts.plain(said.NO_PROVIDERS, key=f"{KEY}-no-providers")
        return
    late = [plan for plan in found if plan.is_overdue]
    for number, plan in enumerate(late):
        parts.plain(said.overdue_line(plan), "strong", key=f"{KEY}-overdue-{number}")
    if not late:
        parts.plain(said.PLANS_WELL, "strong", key=f"{KEY}-plans-well")
    parts.plain(said.rule(), "muted", key=f"{KEY}-rule")
    _table(page, _plan_rows(found), _plan_columns(), "exit-plans", said.PLANS_ALT)


def _plan_rows(found: Sequence[Plan]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "provider": [plan.provider for plan in found],
            "overdue": [said.overdue(plan) for plan in found],
            "owner": [plan.owner for plan in found],
            "where": [plan.where for plan in found],
            "updated": [None if plan.updated is None else text.day(plan.updated) for plan in found],
            "age_days": pd.array([plan.age_days for plan in found], dtype="Int64"),
            "drilled": [None if plan.drilled is None else text.day(plan.drilled) for plan in found],
            "drill": [None if plan.drill is None else said.DRILLS.get(plan.drill, plan.drill) for plan in found],
        }
    )


def _plan_columns() -> dict[str, Any]:
    words = st.column_config.TextColumn
    return {
        "provider": words(said.PROVIDER_NAME, pinned=True), "overdue": words(said.OVERDUE), "owner": words(said.OWNER),
        "where": words(said.WHERE), "updated": words(said.UPDATED),
        "age_days": st.column_config.NumberColumn(said.AGE, format="%,d"), "drilled": words(said.DRILLED),
        "drill": words(said.DRILL),
    }  # fmt: skip


def _table(page: Opened, frame: pd.DataFrame, columns: dict[str, Any], name: str, alt: str) -> None:
    take_away.table_buttons(frame, f"fallback-{name}", page.now.simulated_sites, key=f"{KEY}-{name}")
    st.dataframe(
        frame, hide_index=True, column_config=columns, placeholder=text.NO_DATA, row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (min(len(frame), MOST_ROWS) + 1) + 4, key=f"table-{KEY}-{name}", alt=alt,
    )  # fmt: skip

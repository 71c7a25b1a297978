"""The case: whether it is time. Criteria by week, the standing and why, like for like, and since the last review."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard import parts
from dashboard.fallback import case_rows, charts, drawn
from dashboard.fallback import case_words as said
from models.fallback.answer_parts import Problem
from models.fallback.case_answer import needed, told

if TYPE_CHECKING:
    from altair import LayerChart

    from dashboard.fallback.view import View
    from models.fallback.answer_parts import TheCase
    from models.fallback.facts import Facts

SINCE = ("criterion", "before", "now", "change")
LOOKS = {
    said.GOOD: charts.GREEN, said.BETWEEN: charts.BLUE, said.BAD: charts.RED, said.THIN: charts.GREY,
    said.UNKNOWN: charts.GREY, "ok": charts.GREEN, "building": charts.ORANGE, "exit_watch": charts.RED,
}  # fmt: skip


def draw(view: View) -> None:
    """The whole part."""
    case = view.answer.case
    if isinstance(case, Problem):
        st.info(said.BY_WEEK, icon=":material/rule:")
        parts.plain(case.text, key="fallback-case-problem")
    else:
        reasons(view, case)
        by_week(view, case)
    if view.facts.criteria:
        limits(view)
    like_for_like(view)
    since(view)


def reasons(view: View, case: TheCase) -> None:
    """Why the standing is what it is."""
    st.subheader(said.WHY, anchor=False)
    known = told(view.facts.criteria)
    by_name = {each.name: each for each in known}
    last = case.verdicts[-1]
    opened, enough = sum(why.open_since is not None for why in last.reasons), needed(len(known))
    with st.container(key="fallback-reasons", gap="xxsmall"):
        parts.plain(said.count(opened, enough), "strong", key="fallback-case-count")
        for number, why in enumerate(last.reasons):
            parts.plain(said.reason(by_name[why.criterion], why), key=f"fallback-reason-{number}")
        if not last.reasons:
            parts.plain(said.ALL_WELL, key="fallback-case-well")
        parts.plain(said.rule(enough, len(known)), "muted", key="fallback-case-rule")


def by_week(view: View, case: TheCase) -> None:
    """Marks by week as a chart, and the same with values as a table."""
    facts = view.facts
    st.subheader(said.BY_WEEK, anchor=False)
    rows = case_rows.long(facts, case)
    drawn.chart(view, drawing(facts, case, rows), "case", key="case")
    parts.plain(said.LEGEND, "muted", key="fallback-case-legend")
    text = st.column_config.TextColumn
    labels = {f"c{place}": text(each.label) for place, each in enumerate(facts.criteria)}
    columns = {"week": text(said.WEEK, pinned=True), "standing": text(said.STANDING), **labels}
    drawn.table(view, case_rows.wide(facts, case), columns, "criteria", said.TABLE_ALT, file=rows, key="criteria")


def drawing(facts: Facts, case: TheCase, rows: pd.DataFrame) -> LayerChart:
    """Marks by week. rows: `case_rows.long`."""
    told = (
        said.CHART,
        said.chart_description(len(facts.weeks), len(facts.criteria), said.standing(case.standing)),
    )
    return charts.marks(_marks(rows), [said.STANDING, *dict.fromkeys(rows["label"])], LOOKS, told)


def _marks(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of criteria as the chart takes them, the standing of each week before them."""
    week = [said.short_week(each) for each in rows["week"]]
    criteria = pd.DataFrame(
        {
            "week": week, "row": rows["label"], "state": rows["judged"],
            "mark": [said.MARKS[each] for each in rows["judged"]], "tip": rows["told"],
        }
    )  # fmt: skip
    standing = pd.DataFrame(
        {
            "week": week, "row": said.STANDING, "state": rows["standing"],
            "mark": [said.STANDING_MARKS[each] for each in rows["standing"]],
            "tip": [said.STANDING_NAMES[each] for each in rows["standing"]],
        }
    ).drop_duplicates()  # fmt: skip
    return pd.concat([standing, criteria], ignore_index=True)


def limits(view: View) -> None:
    """What is bad, what is good again, and who says so."""
    with st.expander(said.LIMITS, key="fallback-limits"):
        text = st.column_config.TextColumn
        columns = {name: text(said.COLUMNS[name]) for name in ("criterion", "bad", "good", "source")}
        columns["least"] = st.column_config.NumberColumn(said.COLUMNS["least"], format="%,d")
        drawn.table(view, case_rows.limits(view.facts), columns, "limits", said.LIMITS_ALT, key="limits")


def like_for_like(view: View) -> None:
    """Sentences, each with its interval beside the raw difference."""
    st.subheader(said.LIKE, anchor=False, help=said.LIKE_HELP)
    if not view.facts.compared:
        parts.plain(said.NO_COMPARISON, key="fallback-like-none")
    with st.container(key="fallback-like", gap="xxsmall"):
        for number, one in enumerate(view.facts.compared):
            parts.plain(said.compared(one, view.facts.in_house_name), key=f"fallback-like-{number}")


def since(view: View) -> None:
    """What became of the criteria since both sides last met."""
    st.subheader(said.SINCE, anchor=False)
    review = case_rows.last_review(view.facts)
    if review is None:
        line = said.NO_REVIEW_YET if view.facts.contract else said.NO_REVIEW
        parts.plain(line, key="fallback-since-none")
        return
    found, weeks = case_rows.since(view.facts, review)
    parts.plain(said.since_review(review, weeks), key="fallback-since")
    if not weeks or not found:
        return
    shown = pd.DataFrame(
        [
            {
                "criterion": one.criterion.label, "before": said.value(one.criterion, one.before),
                "now": said.value(one.criterion, one.now), "change": said.moved(one),
            }
            for one in found
        ]
    )  # fmt: skip
    file = pd.DataFrame(
        [
            {
                "criterion": one.criterion.name, "review": review, "before": one.before, "now": one.now,
                "change": one.change,
            }
            for one in found
        ]
    )  # fmt: skip
    columns = {name: st.column_config.TextColumn(said.COLUMNS[name]) for name in SINCE}
    drawn.table(view, shown, columns, "since-review", said.SINCE_ALT, file=file, key="since")

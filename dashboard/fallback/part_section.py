"""Which part: the base to keep in-house and the peak to buy, and which topics first with the people there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard import format as text
from dashboard import parts
from dashboard.fallback import money_words as said
from dashboard.fallback.money_drawn import chart
from dashboard.fallback.price_section import is_demo, problem, simulated
from dashboard.figures import take_away
from models.fallback.answer import Problem

if TYPE_CHECKING:
    from dashboard.fallback.view import View
    from models.fallback.answer import WhichPart
    from models.fallback.which_first import WhichFirst


def draw(view: View) -> None:
    """The split by load, and the topics."""
    st.subheader(said.PART, anchor=False)
    part = view.answer.part
    if isinstance(part, Problem):
        problem(part, said.NO_PART, "part")
        return
    currency = view.facts.currency
    with st.container(gap="xxsmall", key="fallback-part-answer"):
        parts.plain(said.keep(part, currency), "strong", key="fallback-keep")
        parts.plain(said.shares(part), key="fallback-keep-shares")
        if uneven := said.uneven(part):
            parts.plain(uneven, key="fallback-keep-uneven")
    arguments: dict[str, Any] = {
        "loads": part.curve[0].tolist(), "reached": part.curve[1].tolist(), "base": part.split.best.base,
        "critical": part.split.critical_share, "description": said.curve_description(part),
    }  # fmt: skip
    chart("duration", arguments, "load-duration", demo=is_demo(view))
    splits(view, part)
    for number, line in enumerate(said.CAVEATS):
        parts.plain(line, "muted", key=f"fallback-part-caveat-{number}")
    parts.plain(said.TOPICS, "strong", key="fallback-topics-title")
    if isinstance(part.topics, Problem):
        parts.plain(part.topics.text, key="fallback-problem-topics")
    else:
        topics(view, part, part.topics)
    for number, line in enumerate(part.told):
        parts.plain(line, "muted", key=f"fallback-topics-told-{number}")


def splits(view: View, part: WhichPart) -> None:
    """What each way to split costs over the weeks measured."""
    split = part.split
    costs = {"all_bought": split.all_bought, "all_own": split.all_own, "best": split.best.cost}
    frame = pd.DataFrame({"way": list(costs), "cost": list(costs.values())})
    frame = frame.assign(more=frame["cost"] - split.best.cost)
    currency = view.facts.currency
    number = st.column_config.NumberColumn
    st.dataframe(
        frame.assign(way=[said.SPLITS[way] for way in frame["way"]], cost=frame["cost"].round(0),
                     more=frame["more"].round(0)),
        hide_index=True,
        width="content",
        height="content",
        column_config={
            "way": st.column_config.TextColumn("Way", width="medium"),
            "cost": number(f"Cost of these weeks, {currency}", format="%,.0f", width="medium"),
            "more": number(f"More than the split, {currency}", format="%,.0f", width="medium"),
        },
        key="table-fallback-splits",
        alt=said.SPLIT_ALT,
    )  # fmt: skip


def topics(view: View, part: WhichPart, found: WhichFirst) -> None:
    """The choices in words, and every topic with its marks."""
    currency = view.facts.currency
    for place, (choice, best) in enumerate(((found.best, True), (found.greedy, False))):
        line = said.chosen(choice.people, choice.benefit, len(choice.topics), currency, part.people, best=best)
        parts.plain(line, key=f"fallback-choice-{place}")
    frame = by_topic(view, found)
    take_away.table_buttons(
        frame.assign(currency=currency), "fallback-topics", simulated(view), key="fallback-topics"
    )  # fmt: skip
    number, words = st.column_config.NumberColumn, st.column_config.TextColumn
    labels = said.TOPIC_COLUMNS
    shown = frame.assign(
        best=[said.YES if chosen else said.NO for chosen in frame["best"]],
        greedy=[said.picked(None if text.is_missing(place) else int(place)) for place in frame["greedy"]],
        amount=frame["amount"].astype(float).round(0),
    )
    st.dataframe(
        shown[list(labels)],
        hide_index=True,
        placeholder=text.NO_DATA,
        height=min(430, 38 + 30 * len(shown)),
        row_height=30,
        column_config={
            "name": words(labels["name"], pinned=True),
            "contacts": number(labels["contacts"], format="%,.0f"),
            "amount": number(f"{labels['amount']}, {currency}", format="%,.0f"),
            "people": number(labels["people"], format="%,.0f", help=said.TOPIC_HELP["people"]),
            "best": words(labels["best"], help=said.TOPIC_HELP["best"]),
            "greedy": words(labels["greedy"], help=said.TOPIC_HELP["greedy"]),
        },
        key="table-fallback-topics",
        alt=said.TOPICS_ALT,
    )


def by_topic(view: View, found: WhichFirst) -> pd.DataFrame:
    """One row per topic; best: chosen; greedy: its place among those picked. Chosen ones first."""
    known = {one.name: one for one in view.facts.topics} | {one.topic: one for one in view.facts.topics}
    places = {name: place for place, name in enumerate(found.greedy.topics, start=1)}
    rows = []
    for name, people in found.alone.items():
        one = known.get(name)
        rows.append(
            {
                "name": one.name if one else name, "contacts": one.contacts if one else None,
                "amount": one.amount if one else None, "people": people, "best": name in found.best.topics,
                "greedy": places.get(name),
            }
        )  # fmt: skip
    frame = pd.DataFrame(rows, columns=["name", "contacts", "amount", "people", "best", "greedy"])
    return frame.sort_values(["best", "contacts"], ascending=[False, False], ignore_index=True)

"""Like for like on the page: who is compared with whom, a chart and a table of differences, and each in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard import parts
from dashboard.compare import card_section, charts, fair_words, words
from dashboard.compare.choice import IN_HOUSE
from dashboard.compare.questions import OUTCOMES
from dashboard.figures import take_away
from models.fairness.verdict import Verdict
from models.metrics.catalogue import BY_NAME

if TYPE_CHECKING:
    from dashboard.compare.answers import Answers
    from dashboard.compare.differences import Difference

_SILENT = (Verdict.PRACTICALLY_THE_SAME, Verdict.CANNOT_TELL_YET)


def leading_sentences(found: Answers) -> list[tuple[int, str]]:
    """Who only looks better, then what else matters, each with its place in the order of interest."""
    told = [one for one in found.differences if matters(one)]
    looks = sorted((one for one in told if one.only_looks_better), key=lambda one: -abs(one.result.z or 0.0))
    seen: set[str] = set()
    said = []
    for one in looks:
        if (unit := one.only_looks_better or "") not in seen:
            seen.add(unit)
            said.append((5 + 10 * len(seen), fair_words.leading(one, found.units)))
    rest = [one for one in told if one not in looks and one.one not in seen]
    return said + [(55, fair_words.leading(one, found.units)) for one in rest]


def draw(found: Answers) -> None:
    """Heading, the pair, the charts, and each difference in words."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="fair-heading"):
        st.subheader(words.LIKE_FOR_LIKE, anchor=False, width="content")
        pair_choice(found)
        if found.differences:
            take_away.table_buttons(rows(found), "like-for-like", card_section.simulated(found), key="fair")
        with st.popover(words.HOW, icon=":material/info:", type="tertiary", key="how-fair"):
            parts.plain(fair_words.FAIR_HELP, key="fair-help")
    if not found.pairs:
        parts.plain(words.NO_PAIR, key="no-pair")
        return
    if not found.differences:
        parts.plain(words.NOT_FINAL, key="not-final")
        return
    forests(found)
    for pair in dict.fromkeys((one.one, one.other) for one in found.differences):
        in_words(found, pair)


def pair_choice(found: Answers) -> None:
    """Two to compare; without a choice every bought one with the company's own."""
    options = found.units.ordered(set(found.units.sites) - {IN_HOUSE})
    if found.units.sites[IN_HOUSE]:
        options = [IN_HOUSE, *options]
    for name, placeholder in (("one", words.DEFAULT_PAIR), ("other", words.DEFAULT_OTHER)):
        key = f"compare-{name}"
        if st.session_state.get(key) not in options:
            st.session_state[key] = None
        st.selectbox(
            words.ONE if name == "one" else words.OTHER,
            options,
            format_func=found.units.called,
            index=None,
            placeholder=placeholder,
            key=key,
            label_visibility="collapsed",
            width=190,
        )


def forests(found: Answers) -> None:
    """A chart for each outcome that could be compared for any pair."""
    with st.grid(4, min_column_width=300, gap="medium", key="compare-forests") as grid:
        for name in OUTCOMES:
            told = [one for one in found.differences if one.metric.name == name]
            if not any(one.result.difference is not None for one in told):
                continue
            with grid.cell():
                chart = charts.forest(told, found.units, BY_NAME[name])
                st.altair_chart(chart, key=f"forest-{name}")
                take_away.chart_buttons(
                    chart, f"like-for-like-{name}", demo=bool(found.simulated), key=f"forest-{name}"
                )
    parts.plain(words.FOREST, "muted", key="forest-mark")


def in_words(found: Answers, pair: tuple[str, str]) -> None:
    """One pair: what stands out, and the rest behind a click."""
    told = [one for one in found.differences if (one.one, one.other) == pair]
    loud = [one for one in told if matters(one)]
    quiet = [one for one in told if not matters(one)]
    places = sorted(found.units.sites)
    key = f"{places.index(pair[0])}-{places.index(pair[1])}"
    with st.container(gap="xxsmall", key=f"pair-{key}"):
        parts.plain(fair_words.pair(*pair, found.units), "strong", key=f"pair-name-{key}")
        for number, one in enumerate(loud):
            line(found, one, f"{key}-{number}")
        if quiet:
            with st.expander(fair_words.fair_rest(quiet), key=f"pair-rest-{key}"):
                for number, one in enumerate(quiet, len(loud)):
                    line(found, one, f"{key}-{number}")


def matters(one: Difference) -> bool:
    """Whether it stands out and is large enough to matter."""
    return one.stands_out and one.verdict not in _SILENT


def line(found: Answers, one: Difference, key: str) -> None:
    """One difference: the verdict, the sentence, and what it rests on."""
    loud = matters(one)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"fair-line-{key}"):
        label = f"{'● ' if loud else ''}{one.metric.label}: {words.verdict(one)}"
        parts.plain(label, "strong" if loud else "body", key=f"fair-verdict-{key}")
        parts.plain(fair_words.fair(one, found.units), "body" if loud else "muted", key=f"fair-says-{key}")
        with st.popover("", icon=":material/info:", type="tertiary", key=f"fair-how-{key}"):
            parts.plain(fair_words.fair_basis(one, found.units), key=f"fair-basis-{key}")


def rows(found: Answers) -> pd.DataFrame:
    """Every difference with plain numbers, to take away."""
    return pd.DataFrame(
        [
            {
                "one": one.one,
                "other": one.other,
                "metric": one.metric.name,
                "verdict": words.verdict(one),
                "stands_out": one.stands_out,
                "difference": one.result.difference,
                "low": one.result.interval.low if one.result.interval else None,
                "high": one.result.interval.high if one.result.interval else None,
                "one_same_mix": one.result.a,
                "other_same_mix": one.result.b,
                "plain_difference": one.result.crude_difference,
                "share_compared": one.result.coverage,
                "n_one": one.n_one,
                "n_other": one.n_other,
                "says": fair_words.fair(one, found.units),
            }
            for one in found.differences
        ]
    )

"""What the Compare page works out from its answers, once for all its sections."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard import health_words
from dashboard.charts import is_so_far
from dashboard.compare import questions, scorecard, signals
from dashboard.compare.choice import IN_HOUSE, Choice
from dashboard.compare.differences import Difference, differences
from dashboard.compare.units import Units, units_of
from dashboard.names import display_names
from dashboard.queries import Status, dated, status
from dashboard.scope import sums
from dashboard.scope.behind import Behind
from dashboard.scope.scope import Known, Scope
from dashboard.store import State, Store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from dashboard.compare.scorecard import Cell
    from dashboard.compare.signals import Collapsed, Moved
    from dashboard.compare.watched import Watched
    from dashboard.store import Reply


@dataclass(frozen=True)
class Answers:
    """Everything the sections show. weekly: sums by unit and week, with the weeks before those in view."""

    now: Status
    choice: Choice
    units: Units
    shown: list[str]
    """Units with something in view, the company's own first."""
    weekly: pd.DataFrame
    sums: tuple[str, ...]
    """Its columns that are sums or keys; the others are figures made of them."""
    weeks: list[date]
    """Weeks in view, oldest first."""
    cells: list[Cell]
    """The scorecard of `week()`."""
    lines: list[Watched]
    moved: list[Moved]
    collapsed: list[Collapsed]
    silent: set[tuple[str, date]]
    changed: list[str]
    """What of the weeks in view came out otherwise after they were closed."""
    pairs: list[tuple[str, str]]
    differences: list[Difference]
    simulated: frozenset[str]
    """Units that hold sites of a simulator."""
    behind: Behind = field(default_factory=lambda: Behind(Scope(), Known()))

    def weekly_sums(self) -> pd.DataFrame:
        """The sums without the figures made of them."""
        return self.weekly[[name for name in self.weekly if name in self.sums]]

    def week(self) -> date:
        """The week of the scorecard."""
        return card_week(self.weeks, self.choice, self.now)


def card_week(weeks: list[date], choice: Choice, now: Status) -> date:
    """The week of the scorecard: the one chosen, else the last that is over."""
    if choice.week is not None and choice.week in weeks:
        return choice.week
    over = [week for week in weeks if not is_so_far(week, now.today)]
    return over[-1] if over else weeks[-1]


def answered(store: Store, first: Reply, scope: Scope, known: Known, choice: Choice) -> Answers | Reply | None:
    """Ask, and work it out; None when there is nothing within the filters, the reply itself when the store is away.

    first: the answer to `sums.choices`.
    """
    now = status(first)
    asked = questions.week_questions(scope, known, choice.shown)
    reply = sums.answers(store, first.state, asked)
    mixes = sums.answers(store, first.state, questions.mix_questions(scope, known, now.today))
    for one in (reply, mixes):
        if one.state is State.UNREACHABLE:
            return one
    found: Answers | None = worked_out(
        reply.frames,
        questions.by_outcome(mixes.frames),
        first.frames["sites"],
        scope.span(known),
        now,
        choice,
        scorecard.targets(first),
    )
    return found and replace(found, behind=Behind(scope, known))


@st.cache_data(
    ttl=120,
    max_entries=32,
    show_spinner=False,
    hash_funcs={Status: lambda now: (now.today, now.reporting_zone, now.service_level_s)},
)
def worked_out(
    frames: Mapping[str, pd.DataFrame],
    mixes: Mapping[str, pd.DataFrame],
    sites: pd.DataFrame,
    span: tuple[date, date],
    now: Status,
    choice: Choice,
    aims: Mapping[str, float],
) -> Answers | None:
    """The same for everybody who looks at the same: it is pure arithmetic on the answers."""
    first, end = span
    units = units_of(sites, choice.by)
    members = {unit: of for unit, of in units.sites.items() if unit != IN_HOUSE}
    by_site = questions.weekly(dict(frames))
    weekly = scorecard.by_unit(by_site, members, ["week_start"])
    in_view = weekly[(weekly["week_start"] >= first) & (weekly["week_start"] < end)]
    if in_view.empty:
        return None
    shown = units.ordered(in_view["unit"])
    start = min(weekly["week_start"])
    weeks = [stamp.date() for stamp in pd.date_range(start, max(weekly["week_start"]), freq="7D")]
    silent = signals.unknown_weeks(frames["gaps"], members, now.reporting_zone)
    metrics = signals.watched_metrics(choice.shown)
    figures = scorecard.with_figures(weekly, metrics)
    lines = signals.watch_all(figures, shown, metrics, weeks, silent, now.today)
    days = scorecard.by_unit(questions.daily(dict(frames)), members, ["date"])
    pairs = units.pairs(choice.pair, shown)
    made_up = set(sites["site"][sites["simulated"].fillna(False).astype(bool)])
    in_view_weeks = [week for week in weeks if first <= week < end and week >= min(in_view["week_start"])]
    week = card_week(in_view_weeks, choice, now)
    return Answers(
        now=now,
        choice=choice,
        units=units,
        shown=shown,
        weekly=figures,
        sums=tuple(weekly.columns),
        weeks=in_view_weeks,
        cells=scorecard.cards(weekly, shown, list(choice.shown), week, now.today, silent, aims),
        lines=lines,
        moved=signals.moved(lines, first),
        collapsed=signals.collapsed_days(days, shown, first, now.today),
        silent=silent,
        changed=health_words.changed_weeks(
            dated(frames["changes"]),
            by_site[by_site["week_start"].isin(in_view_weeks)],
            display_names(sites),
            now.reporting_zone,
        ),
        pairs=pairs,
        differences=differences(mixes, pairs, units) if pairs else [],
        simulated=frozenset(unit for unit, of in members.items() if made_up & set(of)),
    )

"""Questions to the sums by day, put together from the catalogue: what is summed, by what, within which scope.

Everything of a user's goes through `literals.render`; column names come from the catalogue and from here only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard.literals import render
from dashboard.queries import STATUS, store_identity
from dashboard.scope.scope import NONE, Known, Scope
from dashboard.store import Reply, State, Store
from models.metrics.catalogue import BY_NAME
from models.metrics.views import summed
from models.rollups import WEEK
from models.schema import macro_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from models.metrics.metric import Metric

KNOWN_TTL_S = 60
SUMS_TTL_S = 15

KEYS = {
    "site": "site",
    "provider": "provider",
    "date": "date",
    "week_start": WEEK,
    "queue": "coalesce(queue, $none)",
    "channel": "coalesce(channel, $none)",
    "language": "coalesce(language, $none)",
    "topic": "coalesce(topic, $none)",
    "band": "band",
    "team": "team",
    "bin": "bin",
    "starts_at": "starts_at",
}
"""What sums can be asked by, as SQL."""
_MIXED = ("queue", "channel", "language", "topic")
DIMENSIONS = {
    "day_sums": _MIXED,
    "day_arrivals": _MIXED,
    "day_completions": _MIXED,
    "day_agents": (),
    "day_waits": ("queue", "channel"),
    "day_quarters": ("queue", "channel", "language"),
    "day_teams": ("channel", "language", "topic"),
}
"""By view: which filters it knows. A page says so when one it does not know is set."""


def question(scope: Scope, known: Known, by: Sequence[str], columns: Sequence[str], *, of: str = "day_sums") -> str:
    """The question for sums of these columns, one row for each combination of `by`. of: a view of DIMENSIONS."""
    # Weeks are added up already; a scope is made of whole ones.
    weekly = of == "day_sums" and "date" not in by
    where, values = scope.conditions(known, columns=DIMENSIONS[of], day="week_start" if weekly else "date")
    keys = ", ".join("week_start" if weekly and name == "week_start" else f"{KEYS[name]} as {name}" for name in by)
    source = "week_sums" if weekly else of
    if "provider" in by:
        source = f"(select d.*, s.provider from {source} d join sites s using (site))"
    statement = f"select {keys + ', ' if keys else ''}{summed(tuple(columns))} from {source} where {where}"
    if by:
        statement += f" group by {', '.join(str(n + 1) for n in range(len(by)))}"
    if "$none" in statement:
        values["none"] = NONE
    return render(statement, **values)


def with_metrics(frame: pd.DataFrame, metrics: Sequence[Metric]) -> pd.DataFrame:
    """A frame of sums with a column of each metric and of its n (`NAME` and `NAME_n`), by the catalogue's own SQL.

    Evaluated by DuckDB, so that a page computes no number in a way of its own.
    """
    missing = sorted({name for metric in metrics for name in metric.sums} - set(frame.columns))
    if missing:
        raise ValueError(f"the frame lacks the sums {', '.join(missing)}")
    parts = [f"({metric.sql})::double as {metric.name}" for metric in metrics if metric.name not in frame]
    parts += [f"({metric.n_sql})::double as {metric.name}_n" for metric in metrics]
    with _engine().cursor() as engine:
        engine.register("frame", frame)
        return engine.execute(f"select *, {', '.join(parts)} from frame").df()


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """An engine of the process; every use has a connection of its own to it."""
    import duckdb

    engine = duckdb.connect(config={"threads": 1})
    engine.execute(macro_sql("ratio"))
    return engine


CHOICES = """
    select
        list(distinct queue order by queue) as queues,
        list(distinct channel order by channel) as channels,
        list(distinct language order by language) as languages,
        list(distinct topic order by topic) as topics,
        bool_or(queue is null) as no_queue,
        bool_or(channel is null) as no_channel,
        bool_or(language is null) as no_language,
        bool_or(topic is null) as no_topic,
        min(week_start) as first_week,
        max(week_start) as last_week
    from week_sums
"""
_SITES = "select site, name, provider, in_house, simulated, time_zone from sites order by name, site"
_TOPICS = "select topic, name from topics"
_TARGETS = "select metric, target from targets"
ROLLED = """
    select
        (select max("at") from rolled_up where kind = 'contacts') as contacts_at,
        (select max("at") from rolled_up where kind = 'answers') as answers_at
"""


@st.cache_data(ttl=KNOWN_TTL_S, max_entries=8, show_spinner=False, hash_funcs={Store: store_identity})
def choices(store: Store) -> Reply:
    """What there is to choose from, the sites, the topics' names, targets, and how old the sums are."""
    asked = {"choices": CHOICES, "sites": _SITES, "topics": _TOPICS, "targets": _TARGETS, "rolled": ROLLED}
    return store.ask(asked | {"status": STATUS})


@st.cache_data(ttl=SUMS_TTL_S, max_entries=64, show_spinner=False, hash_funcs={Store: store_identity})
def answers(store: Store, state: State, questions: dict[str, str]) -> Reply:
    """Answers to questions of this module, for all viewers who ask the same."""
    del state
    # The same question under two names is asked once.
    reply = store.ask({sql: sql for sql in dict.fromkeys(questions.values())})
    return replace(reply, frames={name: reply.frames[sql] for name, sql in questions.items() if sql in reply.frames})


def known(reply: Reply) -> Known:
    """What there is to choose from, out of the answer to `choices`. Without weeks there is nothing yet."""
    row, sites = reply.frames["choices"].iloc[0], reply.frames["sites"]
    weeks: tuple[date, ...] = ()
    if not pd.isna(row["first_week"]):
        starts = pd.date_range(row["first_week"], row["last_week"], freq="7D")
        weeks = tuple(start.date() for start in starts)
    return Known(
        sites=tuple(sites["site"]),
        providers={str(name): tuple(group["site"]) for name, group in sites.groupby("provider", sort=True)},
        weeks=weeks,
        queues=_values(row, "queues", "no_queue"),
        channels=_values(row, "channels", "no_channel"),
        languages=_values(row, "languages", "no_language"),
        topics=_values(row, "topics", "no_topic"),
    )


def _values(row: pd.Series, name: str, none: str) -> tuple[str, ...]:
    listed = row[name]
    # Of an empty store there is no list at all.
    found = tuple(str(value) for value in listed) if isinstance(listed, Iterable) else ()
    return (*found, NONE) if found and bool(row[none]) else found


def metric(name: str) -> Metric:
    """A metric of the catalogue by its name."""
    return BY_NAME[name]

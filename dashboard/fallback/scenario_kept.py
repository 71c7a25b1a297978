"""Answers and decisions as the store has them. Facts are large: they are asked for one answer at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard import queries
from dashboard.fallback.scenarios import Summary, summary_of
from dashboard.literals import render
from dashboard.store import Reply, State, Store

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

TTL_S = 5
MOST = 500
SCENARIOS = f"""
    select
        scenario_id, saved_at, name, provider, saved_by, note, summary::varchar as summary,
        version, known_upto, withdrawn
    from scenarios
    where provider = $provider
    order by saved_at desc, scenario_id
    limit {MOST}
"""
ONE = "select facts::varchar as facts, assumed::varchar as assumed from scenarios where scenario_id = $scenario"
DECISIONS = f"""
    select
        decision_id, provider, decided_on, decided_by, verdict, why, scenario_id, expected::varchar as expected,
        noted_at, replaced_by
    from decisions
    where provider = $provider
    order by decided_on desc, noted_at desc, decision_id
    limit {MOST}
"""


@dataclass(frozen=True)
class Kept:
    """An answer that was saved, without what it rests on. saved_at: UTC. summary: empty where it cannot be read."""

    scenario_id: str
    saved_at: datetime
    name: str
    provider: str
    saved_by: str
    note: str
    summary: Summary
    version: str
    known_upto: int
    withdrawn: bool


@dataclass(frozen=True)
class Decision:
    """What was decided about a provider. expected: headline figures; empty where they cannot be read."""

    decision_id: str
    provider: str
    decided_on: date
    decided_by: str
    verdict: str
    why: str
    scenario_id: str | None
    expected: Summary
    noted_at: datetime
    replaced_by: str | None


@st.cache_data(ttl=TTL_S, max_entries=32, show_spinner=False, hash_funcs={Store: queries.store_identity})
def of_provider(store: Store, state: State, provider: str) -> Reply:
    """Saved answers and decisions of a provider. state: of the page, so that another one asks anew."""
    del state
    return store.ask({name: render(sql, provider=provider) for name, sql in _QUESTIONS.items()})


_QUESTIONS = {"scenarios": SCENARIOS, "decisions": DECISIONS}


@st.cache_data(ttl=300, max_entries=8, show_spinner=False, hash_funcs={Store: queries.store_identity})
def _one(store: Store, state: State, scenario_id: str) -> Reply:
    del state
    return store.ask({"one": render(ONE, scenario=scenario_id)})


def one(store: Store, state: State, scenario_id: str) -> tuple[str, str] | None:
    """Facts and assumptions of a saved answer, as JSON; None when there is no such one or the store is away."""
    reply = _one(store, state, scenario_id)
    if reply.state is State.UNREACHABLE or reply.frames["one"].empty:
        # The next call may find the store again.
        _one.clear()
        return None
    row = reply.frames["one"].iloc[0]
    return str(row["facts"]), str(row["assumed"])


def forget() -> None:
    """Something was written: what is known is asked anew."""
    of_provider.clear()


def scenarios(reply: Reply) -> list[Kept]:
    """Saved answers, newest first."""
    return [
        Kept(
            str(row["scenario_id"]), _instant(row["saved_at"]), str(row["name"]), str(row["provider"]),
            str(row["saved_by"]), _text(row["note"]), _figures(row["summary"]), str(row["version"]),
            int(row["known_upto"]), bool(row["withdrawn"]),
        )
        for row in _rows(reply, "scenarios")
    ]  # fmt: skip


def decisions(reply: Reply) -> list[Decision]:
    """Decisions, newest first, replaced ones too."""
    return [
        Decision(
            str(row["decision_id"]), str(row["provider"]), pd.Timestamp(row["decided_on"]).date(),
            str(row["decided_by"]), str(row["verdict"]), _text(row["why"]), _text(row["scenario_id"]) or None,
            _figures(row["expected"]), _instant(row["noted_at"]), _text(row["replaced_by"]) or None,
        )
        for row in _rows(reply, "decisions")
    ]  # fmt: skip


def standing(found: Sequence[Decision]) -> Decision | None:
    """The newest that no other replaces; None when nothing was decided."""
    return next((decision for decision in found if decision.replaced_by is None), None)


def _rows(reply: Reply, name: str) -> list[Mapping[Hashable, Any]]:
    frame = reply.frames.get(name)
    return [] if frame is None else list(frame.to_dict("records"))


def _instant(value: object) -> datetime:
    found = queries.instant(value)
    if found is None:
        raise TypeError(f"expected an instant, got {value!r}")
    return found


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def _figures(value: Any) -> Summary:
    try:
        return summary_of(_text(value))
    except ValueError:
        return {}

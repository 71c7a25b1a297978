"""What happened since the decision that holds, against what was expected when it was taken."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard import format as text
from dashboard import parts
from dashboard.fallback import decide_words as said
from dashboard.fallback import money_words, scenario_kept, scenarios
from dashboard.fallback.scenario_section import table
from dashboard.store import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.fallback.scenario_kept import Decision
    from dashboard.fallback.view import View
    from models.fallback.facts import Facts, Month

_COMES_HOME = ("partial", "full")


def draw(view: View) -> None:
    """Nothing decided, too early, or figures side by side."""
    page = view.page
    reply = scenario_kept.of_provider(page.store, page.choices.state, view.facts.slice.provider)
    if reply.state is State.UNREACHABLE:
        return
    decision = scenario_kept.standing(scenario_kept.decisions(reply))
    st.subheader(said.SINCE, anchor=False)
    if decision is None:
        parts.plain(said.SINCE_NONE, "muted", key="fallback-after-none")
        return
    months = whole_months(view.facts, decision.decided_on)
    if not months:
        first = next_month(decision.decided_on)
        parts.plain(said.too_early(decision.decided_on, first), key="fallback-too-early")
        return
    if not decision.expected:
        parts.plain(said.NOTHING_KEPT, key="fallback-nothing-kept")
        return
    parts.plain(said.since(decision, len(months)), key="fallback-after")
    then = decision.expected.get("slice")
    if isinstance(then, str) and then != scenarios.sliced(view.facts):
        parts.plain(said.other_slice(then), "strong", key="fallback-other-slice")
    if is_part_of_all(decision, view.facts):
        parts.plain(said.PART_HOME, "muted", key="fallback-part-home")
    elif any(expected_contacts(decision, view.facts, month.month) is None for month in months):
        parts.plain(said.MOVING, "muted", key="fallback-moving")
    unit = view.facts.currency
    figures, each = compared(decision, view.facts, months), by_month(decision, view.facts, months)
    table(view, compared_shown(figures, unit), said.SINCE_COLUMNS, said.SINCE_ALT, "after", file=figures)
    table(view, months_shown(each, unit), said.MONTHS_COLUMNS, said.MONTHS_ALT, "after-by-month", file=each)


def next_month(day: date) -> date:
    """First day of the first month that begins on that day or later."""
    if day.day == 1:
        return day
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def whole_months(facts: Facts, decided_on: date) -> list[Month]:
    """Months that began on the day of the decision or later and are over."""
    first = next_month(decided_on)
    return [month for month in facts.months if month.month >= first and month.whole]


def is_part_of_all(decision: Decision, facts: Facts) -> bool:
    """Whether part of the work was to come home, but all of it was asked about: which part nobody knows."""
    work = facts.slice
    narrowed = work.sites or work.queues or work.channels or work.languages or work.topics or work.share < 1
    return decision.verdict == "partial" and not narrowed and (work.first_hour, work.end_hour) == (0, 24)


def expected_contacts(decision: Decision, facts: Facts, month: date) -> float | None:
    """Contacts of a month the provider was to have: all before any move, none once the work is home.

    None where nobody knows, as in months in which it moves with people as they come.
    """
    volume = _number(decision, "contacts_month")
    if decision.verdict not in _COMES_HOME or volume is None:
        return volume
    home_on = _day(decision, "home_on" if decision.expected.get("home_on") else "people_ready")
    if home_on is None or is_part_of_all(decision, facts):
        return None
    if home_on <= month:
        return 0.0
    moves_on = _day(decision, "moves_on")
    if moves_on is not None:
        return volume if month < moves_on else None
    if home_on >= next_month(month.replace(day=2)):
        return volume
    days = (next_month(month.replace(day=2)) - month).days
    return volume * (home_on - month).days / days


def by_month(decision: Decision, facts: Facts, months: Sequence[Month]) -> pd.DataFrame:
    """Contacts and cost of one at the provider, expected and so, month by month, newest first; None: not known."""
    cost = _number(decision, "provider_per_contact")
    rows = [
        (month.month, month.contacts, expected_contacts(decision, facts, month.month), _each(month), cost)
        for month in reversed(months)
    ]
    return pd.DataFrame(rows, columns=["month", "contacts", "expected", "cost", "expected_cost"], dtype=object)


def months_shown(frame: pd.DataFrame, unit: str) -> pd.DataFrame:
    """The same as people read it."""
    return pd.DataFrame(
        {
            "month": [text.month(month) for month in frame["month"]],
            **{name: [scenarios.shown("contacts_month", value, unit) for value in frame[name]]
               for name in ("contacts", "expected")},
            **{name: [money_words.each(value, unit) for value in frame[name]] for name in ("cost", "expected_cost")},
        }
    )  # fmt: skip


def compared(decision: Decision, facts: Facts, months: Sequence[Month]) -> pd.DataFrame:
    """Expected and actual, of the last whole month and of now, by a headline figure's name; None: not known."""
    last = months[-1]
    levels = [each.own for each in facts.compared if each.metric == "service_level"]
    rows = [
        ("contacts_month", expected_contacts(decision, facts, last.month), last.contacts),
        ("provider_per_contact", _number(decision, "provider_per_contact"), _each(last)),
        ("service_level", _level(decision, facts), levels[0] if levels else None),
        ("agents", _people(decision, facts), scenarios.agents_at_most(facts)),
    ]
    return pd.DataFrame(rows, columns=["figure", "expected", "actual"], dtype=object)


def compared_shown(frame: pd.DataFrame, unit: str) -> pd.DataFrame:
    """The same as people read it, with the difference."""
    rows = list(frame.itertuples(index=False, name=None))
    return pd.DataFrame(
        {
            "figure": [said.FIGURES[name] for name, _, _ in rows],
            "expected": [scenarios.shown(name, expected, unit) for name, expected, _ in rows],
            "actual": [scenarios.shown(name, actual, unit) for name, _, actual in rows],
            "difference": [_difference(name, expected, actual, unit) for name, expected, actual in rows],
        }
    )


def _level(decision: Decision, facts: Facts) -> float | None:
    """In-house was to keep what staffing is planned for; without a target, what it had."""
    return facts.service_level if facts.service_level is not None else _number(decision, "service_level")


def _people(decision: Decision, facts: Facts) -> float | None:
    """As many as then, and once people were to be ready the gap filled; None where nobody knows."""
    agents = _number(decision, "agents")
    if decision.verdict not in _COMES_HOME or agents is None:
        return agents
    ready_on, gap = _day(decision, "people_ready"), _number(decision, "gap")
    if ready_on is None or gap is None or is_part_of_all(decision, facts):
        return None
    return agents + gap if ready_on <= facts.today else agents


def _each(month: Month) -> float | None:
    return month.amount / month.contacts if month.amount is not None and month.contacts else None


def _difference(name: str, expected: float | None, actual: float | None, unit: str) -> str:
    if expected is None or actual is None:
        return text.NO_DATA
    apart = actual - expected
    points = f"{100 * abs(apart):.1f} pp"
    size = points if name == "service_level" else scenarios.shown(name, abs(apart), unit)
    return f"±{size}" if not any(mark in "123456789" for mark in size) else f"{'+' if apart > 0 else '−'}{size}"


def _number(decision: Decision, name: str) -> float | None:
    value = decision.expected.get(name)
    return value if isinstance(value, float) else None


def _day(decision: Decision, name: str) -> date | None:
    value = decision.expected.get(name)
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None

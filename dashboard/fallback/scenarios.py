"""Answers as they are kept: their headline figures, what they rest on restored, and several of them side by side.

Pure. A kept answer is reckoned again from its facts and assumptions; its kept figures only show whether a later program
says something else.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
from pydantic import ValidationError

from dashboard import format as text
from dashboard.fallback import case_words, money_words
from models.fallback.answer import Problem
from models.fallback.assumptions import SPECS, Assumed, Assumptions
from models.fallback.facts import Facts

if TYPE_CHECKING:
    from models.fallback.answer import Answer, AtWhatPrice, DayAnswer, FromWhen, WhichPart

Value = float | str | None
Summary = Mapping[str, Value]
Unit = Literal["text", "standing", "contacts", "people", "money", "price", "date", "month", "share"]
NEVER = "not within the months looked at"
_LONGEST = 2000
"""Characters of a figure that is text, as the store takes them."""
_SAME = 1e-6
"""Figures this near to each other, as a share, are the same: binary floats differ from machine to machine."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A headline figure of an answer: its name as kept, and how people read it."""

    name: str
    label: str
    unit: Unit


FIGURES: tuple[Figure, ...] = (
    Figure("slice", "Work asked about", "text"),
    Figure("standing", "Exit criteria", "standing"),
    Figure("moved", "Contacts asked about, next seven days", "contacts"),
    Figure("absorbable", "Of them, in-house can take now", "contacts"),
    Figure("absorbable_pooled", "The same, if everybody could do everything", "contacts"),
    Figure("gap", "Agents short at the widest gap", "people"),
    Figure("need", "Experienced people it takes", "people"),
    Figure("hires", "People to hire", "people"),
    Figure("people_ready", "People ready on", "date"),
    Figure("notice_by", "Notice to be given by", "date"),
    Figure("moves_on", "Month in which work begins to move", "date"),
    Figure("home_on", "First day at home", "date"),
    Figure("contacts_month", "Contacts a month", "contacts"),
    Figure("npv", "Net present value, month by month", "money"),
    Figure("payback", "Paid back in month, month by month", "month"),
    Figure("formula_npv", "Net present value, by the plain formula", "money"),
    Figure("formula_payback", "Paid back in month, by the plain formula", "month"),
    Figure("one_off", "One-off cost", "money"),
    Figure("provider_per_contact", "A contact at the provider", "price"),
    Figure("own_per_contact", "A contact in-house, in full", "price"),
    Figure("break_even", "Price of a contact at which it breaks even", "price"),
    Figure("base", "Base to keep in-house, agents", "people"),
    Figure("peak", "Peak to buy, agents", "people"),
    Figure("topics", "Topics to bring home first", "text"),
    Figure("service_level", "In-house service level", "share"),
    Figure("agents", "In-house agents there at the busiest time", "people"),
)
BY_NAME = {figure.name: figure for figure in FIGURES}


def summary(answer: Answer, facts: Facts) -> dict[str, Value]:
    """The headline figures of an answer by the names of FIGURES, and its currency; None where a part has no answer."""
    found: dict[str, Value] = dict.fromkeys(BY_NAME)
    found |= {"slice": sliced(facts), "currency": facts.currency}
    if not isinstance(answer.case, Problem):
        found["standing"] = answer.case.standing.value
    if not isinstance(answer.days, Problem):
        found |= _of_days(answer.days)
    if not isinstance(answer.when, Problem):
        found |= _of_when(answer.when)
    if not isinstance(answer.price, Problem):
        found |= _of_price(answer.price)
    if not isinstance(answer.part, Problem):
        found |= _of_part(answer.part, topic_names(facts))
    levels = [each.own for each in facts.compared if each.metric == "service_level"]
    found["service_level"] = levels[0] if levels else None
    found["agents"] = agents_at_most(facts)
    return {name: _kept(value) for name, value in found.items()}


def _of_days(days: Sequence[DayAnswer]) -> dict[str, Value]:
    apart, as_one = (sum(day.absorbable[way] for day in days) for way in (0, 1))
    widest = max((float(day.gap[0].max()) for day in days if day.gap[0].size), default=0.0)
    return {
        "moved": sum(day.moved for day in days), "absorbable": apart, "absorbable_pooled": as_one, "gap": widest,
    }  # fmt: skip


def _of_when(when: FromWhen) -> dict[str, Value]:
    home = when.home
    return {
        "need": float(when.need), "hires": float(when.hires), "people_ready": when.people_ready.isoformat(),
        "notice_by": home.notice_by.isoformat() if home else None,
        "home_on": home.home_on.isoformat() if home else None,
    }  # fmt: skip


def _of_price(price: AtWhatPrice) -> dict[str, Value]:
    formula = price.outcome
    moves_on = next((month.begins for month in price.months if month.share_home > 0), None)
    return {
        "moves_on": moves_on.isoformat() if moves_on else None,
        "contacts_month": price.case.volume, "npv": price.npv, "payback": _month(price.payback),
        "formula_npv": formula.npv, "formula_payback": _month(formula.payback), "one_off": formula.one_off,
        "provider_per_contact": price.provider_per_contact, "own_per_contact": price.own_per_contact,
        "break_even": price.break_even,
    }  # fmt: skip


def _of_part(part: WhichPart, names: Mapping[str, str]) -> dict[str, Value]:
    topics = None
    if not isinstance(part.topics, Problem):
        topics = "; ".join(names.get(topic, topic) for topic in part.topics.best.topics)[:_LONGEST]
    return {"base": float(part.split.best.base), "peak": part.split.best.peak, "topics": topics}


def _month(month: int | None) -> Value:
    return NEVER if month is None else float(month)


def _kept(value: Value) -> Value:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def topic_names(facts: Facts) -> dict[str, str]:
    """What topics are called."""
    return {topic.topic: topic.name for topic in facts.topics}


def agents_at_most(facts: Facts) -> float | None:
    """In-house agents there in the busiest quarter-hour of the days to come; None without any day."""
    sums = [sum(row) for day in facts.days for row in zip(*(pool.agents for pool in day.pools), strict=True)]
    return max(sums, default=None)


def sliced(facts: Facts) -> str:
    """Which work is asked about, in words. Holds names of users' own."""
    work = facts.slice
    lists = {
        "sites": work.sites, "queues": work.queues, "channels": work.channels, "languages": work.languages,
        "topics": work.topics,
    }  # fmt: skip
    parts = [f"{name} {', '.join(chosen)}" for name, chosen in lists.items() if chosen]
    if (work.first_hour, work.end_hour) != (0, 24):
        parts.append(f"from {work.first_hour:02d}:00 to {work.end_hour:02d}:00")
    if work.share < 1:
        parts.append(f"{100 * work.share:g}% of it")
    told = f"{facts.provider_name}: {'; '.join(parts) if parts else 'all of its work'}"
    return told if len(told) <= _LONGEST else f"{told[: _LONGEST - 1]}…"


def shown(name: str, value: Value, currency: str) -> str:
    """A headline figure as people read it."""
    unit = BY_NAME[name].unit if name in BY_NAME else "text"
    if value is None:
        return text.NO_DATA
    if isinstance(value, str):
        if unit == "date":
            try:
                return text.day(date.fromisoformat(value))
            except ValueError:
                return value
        return case_words.STANDING_NAMES.get(value, value) if unit == "standing" else value
    match unit:
        case "money":
            return money_words.amount(value, currency)
        case "price":
            return money_words.each(value, currency)
        case "share":
            return text.share(value)
        case "people":
            return f"{value:,.1f}".removesuffix(".0")
        case _:
            return f"{value:,.0f}"


def currency(figures: Summary) -> str:
    """The currency of an answer's figures."""
    return str(figures.get("currency") or "")


def facts_of(kept: str) -> Facts:
    """The facts of a kept answer. Raises ValueError, in words, when this program cannot read them."""
    try:
        return Facts.model_validate_json(kept)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{where or 'the facts'}: {first['msg']}") from error


def assumptions_of(kept: str) -> Assumptions:
    """The assumptions of a kept answer; one this program has and the kept answer does not is not said.

    Raises ValueError for what is no object of values with sources.
    """
    given = _object(kept)
    found: dict[str, Assumed] = {}
    for spec in SPECS:
        one = given.get(spec.name)
        if one is None:
            found[spec.name] = Assumed(None, "not known when this was saved")
            continue
        value = one.get("value") if isinstance(one, dict) else None
        if not isinstance(one, dict) or isinstance(value, bool) or not isinstance(value, int | float | None):
            raise ValueError(f"{spec.label}: expected a value with its source")
        found[spec.name] = Assumed(None if value is None else float(value), str(one.get("source", "")))
    return found


def summary_of(kept: str) -> dict[str, Value]:
    """Figures as kept; what is neither number nor text is left out. Raises ValueError for what is no object."""
    return {
        name: float(value) if isinstance(value, int | float) else value
        for name, value in _object(kept).items()
        if value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))
    }


def _object(kept: str) -> dict[str, Any]:
    try:
        found = json.loads(kept)
    except ValueError as error:
        raise ValueError("expected a JSON object") from error
    if not isinstance(found, dict):
        raise ValueError("expected a JSON object")
    return found


def exact(figures: Summary) -> dict[str, Value]:
    """Headline figures as they are, for files: all of FIGURES and the currency; what is no number where one belongs
    is not known."""
    words = ("text", "standing", "date")
    found = {figure.name: figures.get(figure.name) for figure in FIGURES}
    return {
        name: value if BY_NAME[name].unit in words or isinstance(value, float) else None
        for name, value in found.items()
    } | {"currency": currency(figures)}


def changed(kept: Summary, again: Summary) -> list[str]:
    """Names of headline figures that come out otherwise than they were kept; what was not kept then is left out."""
    return [
        figure.name for figure in FIGURES if figure.name in kept and not _same(kept[figure.name], again[figure.name])
    ]


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=_SAME, abs_tol=_SAME)
    return one == other


PLACES = ("first", "second", "third")


def side_by_side(answers: Sequence[tuple[str, Summary]]) -> pd.DataFrame:
    """Headline figures of up to three answers, a column for each: (what it is called, its figures)."""
    rows: dict[str, list[str]] = {"figure": ["Answer", *(figure.label for figure in FIGURES)]}
    for place, (called, figures) in zip(PLACES, answers, strict=False):
        said = [shown(figure.name, figures.get(figure.name), currency(figures)) for figure in FIGURES]
        rows[place] = [called, *said]
    return pd.DataFrame(rows)


def assumed_differently(answers: Sequence[tuple[str, Assumptions]]) -> pd.DataFrame:
    """Assumptions in which up to three answers differ, a column for each; without rows when they differ in none."""
    places = PLACES[: len(answers)]
    rows = []
    for spec in SPECS:
        values = [assumed[spec.name].value for _, assumed in answers]
        if not all(_same(value, values[0]) for value in values):
            told = [text.NO_DATA if value is None else spec.shown(value) for value in values]
            rows.append([spec.label, *told])
    head = [["Answer", *(called for called, _ in answers)]] if rows else []
    return pd.DataFrame([*head, *rows], columns=["assumption", *places], dtype=object)

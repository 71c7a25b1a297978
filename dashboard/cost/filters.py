"""What the Cost page looks at: a calendar month of the reporting zone, and the filters that cost is told by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import address, words
from dashboard import format as text
from dashboard.cost import words as said
from dashboard.scope import own
from dashboard.scope.bar import choice
from dashboard.scope.scope import Scope, read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.scope.scope import Known

PAGE = "cost"
MONTH = "month"
LISTS = ("providers", "sites", "channels", "topics")
ELSEWHERE = ("queue", "language", "from", "to")
"""Filters of other pages that mean nothing here."""


@dataclass(frozen=True)
class Period:
    """A month by its first day. today: of the reporting zone."""

    month: date
    today: date

    @property
    def last(self) -> date:
        """Its last day."""
        return next_month(self.month) - timedelta(days=1)

    @property
    def before(self) -> date:
        """First day of the month before."""
        return (self.month - timedelta(days=1)).replace(day=1)

    @property
    def is_running(self) -> bool:
        """Whether it is not over."""
        return self.last >= self.today

    @property
    def until(self) -> date:
        """Its last day that has begun."""
        return min(self.last, self.today)

    @property
    def name(self) -> str:
        """What it is called."""
        return text.month(self.month)


def next_month(month: date) -> date:
    """First day of the month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def month_choice(months: Sequence[date], today: date) -> own.Choice:
    """The months there are to choose from, the default first: the last one that is over, else the newest."""
    newest = sorted(months, reverse=True)
    default = next((month for month in newest if next_month(month) <= today), newest[0])
    ordered = [default, *(month for month in newest if month != default)]
    return own.Choice(MONTH, tuple(f"{month:%Y-%m}" for month in ordered))


def bar(
    known: Known, months: own.Choice, chosen: str, site_names: Mapping[str, str], topic_names: Mapping[str, str],
    today: date,
) -> tuple[Period, Scope]:  # fmt: skip
    """Draw the filters and return what they say, kept in step with the address."""
    query = address.asked()
    notes = [words.unknown_filter(name) for name in ELSEWHERE if name in query]
    asked, more = read({name: values for name, values in query.items() if name not in ELSEWHERE}, known, (MONTH,))
    notes += more
    given = {MONTH: query[MONTH]} if query.get(MONTH) else {}
    address.fill(PAGE, asked.to_query() | given, notes, {name: list(getattr(asked, name)) for name in LISTS})
    names = {"sites": site_names, "topics": topic_names}
    picked: dict[str, tuple[str, ...]] = {}
    options = sorted(months.options, reverse=True)
    with st.grid(5, min_column_width=180, gap="small", key=f"{PAGE}-filters") as grid:
        with grid.cell():
            st.selectbox(
                said.MONTH, options, key=own.key(PAGE, MONTH), format_func=lambda value: option(value, today)
            )  # fmt: skip
        for name in LISTS:
            with grid.cell():
                picked[name] = choice(PAGE, name, known, names)
    address.say(notes)
    scope = Scope(picked["providers"], picked["sites"], channels=picked["channels"], topics=picked["topics"])
    kept = {name: values for name, values in own.query([months], {MONTH: chosen}).items() if values}
    address.write(PAGE, scope.to_query() | kept, asked.to_query() | given, notes)
    return Period(first_day(chosen), today), scope


def first_day(month: str) -> date:
    """The first day of `2026-11`."""
    return date.fromisoformat(f"{month}-01")


def option(month: str, today: date) -> str:
    """A month as the filter offers it."""
    first = first_day(month)
    return text.month(first) + (f" ({words.SO_FAR})" if next_month(first) > today else "")

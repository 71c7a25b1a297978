"""The demand: what is expected of the slice in the next seven days, and what would come again less or more often."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import parts
from dashboard.fallback import charts, day_choice, drawn, words
from dashboard.fallback import demand_words as said
from models.fallback.assumptions import BY_NAME
from models.fallback.business_case import contacts_per_issue
from models.fallback.facts import QUARTERS

if TYPE_CHECKING:
    from altair import LayerChart

    from dashboard.fallback.view import View
    from models.fallback.facts import Day, Facts, PoolDay

REPEATS = ("volume", "fcr_own", "fcr_provider", "returning")


def draw(view: View) -> None:
    """The whole part."""
    st.subheader(said.EXPECTED, anchor=False)
    number = day_choice.chosen(view.facts)
    if number is None:
        parts.plain(said.NO_DAYS, key="fallback-demand-none")
    else:
        of_day(view, view.facts.days[number])
        totals(view)
    repeats(view)


def of_day(view: View, day: Day) -> None:
    """A chart for each pool with any of the work, of a day that has begun only what is to come."""
    pools = [pool for pool in day.pools if left(day, pool.moved) > 0]
    if not pools:
        parts.plain(said.none_on(day.day), key="fallback-demand-none-on")
        return
    low, moved, high = (
        sum(left(day, getattr(pool, name)) for pool in pools) for name in ("moved_low", "moved", "moved_high")
    )
    parts.plain(said.total(day.day, moved, low, high, day.passed), key="fallback-demand-total")
    numbers = _open(day, pools)
    with st.grid(min(2, len(pools)), min_column_width=430, gap="small", key="fallback-demand") as grid:
        for place, pool in enumerate(pools):
            with grid.cell():
                drawn.chart(view, drawing(view.facts, day, pool, numbers), f"demand-{place + 1}", key=f"demand-{place}")


def drawing(facts: Facts, day: Day, pool: PoolDay, numbers: range) -> LayerChart:
    """What is expected of a pool in these quarter-hours."""
    data = charts.quarters(
        numbers, value=[pool.moved[n] for n in numbers], low=[pool.moved_low[n] for n in numbers],
        high=[pool.moved_high[n] for n in numbers],
    )  # fmt: skip
    name = words.pool(pool.kind, pool.language)
    busiest = words.quarter(max(numbers, key=lambda n: pool.moved[n]))
    description = said.description(
        name, float(data["value"].sum()), words.quarter(numbers[0]), words.quarter(numbers[-1] + 1), busiest
    )
    return charts.expected(data, (name, said.unit(day.day, facts.zone), description))


def totals(view: View) -> None:
    """One row per day."""
    facts = view.facts
    pools = list(
        dict.fromkeys((pool.kind, pool.language) for day in facts.days for pool in day.pools if any(pool.moved))
    )
    rows, exact = [], []
    for day in facts.days:
        of_pool = {(pool.kind, pool.language): left(day, pool.moved) for pool in day.pools}
        sums = {
            name: sum(left(day, getattr(pool, row)) for pool in day.pools)
            for name, row in (("total", "moved"), ("low", "moved_low"), ("high", "moved_high"))
        }
        rows.append(
            {
                "day": words.day_option(day.day, facts.today),
                **{f"p{place}": round(of_pool.get(pool, 0.0)) for place, pool in enumerate(pools)},
                **{name: round(value) for name, value in sums.items()}, "basis": said.basis(day.basis),
            }
        )  # fmt: skip
        exact += [
            {
                "day": day.day, "quarter_hour": words.quarter(number), "kind": pool.kind, "language": pool.language,
                "expected": pool.moved[number], "low": pool.moved_low[number], "high": pool.moved_high[number],
            }
            for pool in day.pools
            for number in range(day.passed, QUARTERS)
            if pool.moved_high[number] > 0
        ]  # fmt: skip
    st.subheader(said.TOTALS, anchor=False)
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    columns = {
        "day": text(said.COLUMNS["day"], pinned=True),
        **{f"p{place}": number(words.pool(*pool), format="%,d") for place, pool in enumerate(pools)},
        "total": number(said.COLUMNS["total"], format="%,d"),
        "low": number(said.COLUMNS["low"], format="%,d", help=said.BAND_HELP),
        "high": number(said.COLUMNS["high"], format="%,d", help=said.BAND_HELP),
        "basis": text(said.COLUMNS["basis"], help=said.BASIS_HELP),
    }
    file = pd.DataFrame(exact) if exact else None
    drawn.table(view, pd.DataFrame(rows), columns, "demand", said.TOTALS_ALT, file=file, key="demand")


def repeats(view: View) -> None:
    """Contacts an issue takes there and here, in a sentence."""
    st.subheader(said.REPEATS, anchor=False)
    given = {name: view.assumed[name].value for name in REPEATS}
    problem = next((text for name, value in given.items() if (text := BY_NAME[name].problem(value))), None)
    volume, own, provider, returning = given.values()
    if problem or volume is None or own is None or provider is None or returning is None:
        parts.plain(said.repeats_unknown(problem or ""), key="fallback-repeats")
        return
    at_home = volume * contacts_per_issue(own, returning) / contacts_per_issue(provider, returning)
    parts.plain(said.repeats(volume, at_home, own, provider, returning), key="fallback-repeats")


def left(day: Day, row: tuple[float, ...]) -> float:
    """Sum of a row over what of the day is to come."""
    return float(np.sum(row[day.passed :]))


def _open(day: Day, pools: list[PoolDay]) -> range:
    """From the first quarter-hour with any of the work that is to come to the last."""
    some = [
        n for n in range(day.passed, QUARTERS) if any(pool.moved_high[n] > 0 or pool.moved[n] > 0 for pool in pools)
    ]
    return range(some[0], some[-1] + 1)

"""Contacts offered by site, day and quarter-hour of the reporting zone, read from the sums by day."""

from __future__ import annotations

import duckdb
import numpy as np

from models.forecast.days import Days
from models.forecast.site_history import GROUPS

_COUNTS = """
    select
        site,
        starts_at,
        sum(offered)::double as offered,
        coalesce(sum(offered) filter (channel = 'voice'), 0)::double as voice,
        coalesce(sum(offered) filter (channel in ('chat', 'messaging')), 0)::double as chat
    from day_quarters
    where date between $first and $last
    group by site, starts_at
    having sum(offered) > 0
"""


def read_counts(connection: duckdb.DuckDBPyConnection, days: Days) -> dict[str, np.ndarray]:
    """By site: shape (GROUPS, days, SLOTS), contacts offered; 0 where nobody came, NaN where there is no such slot.

    Sites without any contact on these days are not among them. Raises duckdb.Error.
    """
    rows = connection.execute(_COUNTS, {"first": days.dates[0], "last": days.dates[-1]}).fetchnumpy()
    places, numbers, within = days.places(np.asarray(rows["starts_at"]))
    sites = np.asarray(rows["site"], dtype=object)
    empty = days.table()
    found: dict[str, np.ndarray] = {}
    for site in sorted(set(sites[within].tolist())):
        own = within & (sites == site)
        table = np.stack([empty] * len(GROUPS))
        for group, name in enumerate(GROUPS):
            table[group, places[own], numbers[own]] = np.asarray(rows[name], dtype=np.float64)[own]
        found[site] = table
    return found

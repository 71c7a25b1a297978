"""What the Today page asks of the forecasts ingest keeps."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from dashboard.literals import render
from dashboard.queries import STATUS, store_identity
from dashboard.store import Reply, State, Store

STATUS_TTL_S = 5
TTL_S = 20
ERROR_DAYS = 28

SITES = "select site, name, provider, in_house, simulated, time_zone from sites order by name, site"
FORECAST = """
    select site, starts_at, mean, low, high, plan_mean, actual
    from forecasts
    where date = $day
    order by site, starts_at
"""
STAFFING = """
    select site, starts_at, required, planned, staffed, usual, voice_required, chat_required
    from staffing_plan
    where date = $day
    order by site, starts_at
"""
DAYS = """
    select
        site,
        arg_max(made_at, version) as made_at,
        arg_max(counted_until, version) as counted_until,
        arg_max(mean, version) filter (method is not null) as mean,
        arg_max(low, version) filter (method is not null) as low,
        arg_max(high, version) filter (method is not null) as high,
        arg_max(level, version) filter (method is not null) as level,
        arg_max(basis, version) filter (method is not null) as basis,
        arg_max(left_out, version) filter (method is not null) as left_out,
        max(mean) filter (is_plan) as plan_mean,
        arg_max(coalesce(reason, ''), version) as reason
    from forecast_versions
    where date = $day
    group by site
    order by site
"""
ERRORS = """
    select
        site,
        sum(n) as n,
        count(*) as days,
        sum(offered) as offered,
        ratio(sum(plan_wape * offered), sum(offered)) as plan_wape,
        ratio(sum(plan_bias * offered), sum(offered)) as plan_bias,
        ratio(sum(plan_coverage * n), sum(n)) as plan_coverage,
        ratio(sum(update_wape * offered), sum(offered)) as update_wape
    from forecast_errors
    where date >= $first and date < $day
    group by site
    order by site
"""
ADHERENCE = "select site, adherence, n from line_adherence where date = $day order by site"


def questions(day: date) -> dict[str, str]:
    """Everything the page asks of a day of the reporting zone, by name."""
    return {
        "forecast": render(FORECAST, day=day),
        "staffing": render(STAFFING, day=day),
        "days": render(DAYS, day=day),
        "adherence": render(ADHERENCE, day=day),
        "errors": render(ERRORS, day=day, first=day - timedelta(days=ERROR_DAYS)),
    }


@st.cache_data(ttl=STATUS_TTL_S, max_entries=8, show_spinner=False, hash_funcs={Store: store_identity})
def opened(store: Store) -> Reply:
    """What ingest says of itself, and the sites."""
    return store.ask({"status": STATUS, "sites": SITES})


@st.cache_data(ttl=TTL_S, max_entries=8, show_spinner=False, hash_funcs={Store: store_identity})
def of_day(store: Store, state: State, day: date) -> Reply:
    """Forecasts, staffing and errors."""
    del state
    return store.ask(questions(day))

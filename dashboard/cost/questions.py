"""What the Cost page asks. Amounts are added up as decimals there and told as text, so that none becomes a float."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dashboard.literals import render
from dashboard.scope import sums
from dashboard.scope.scope import NONE
from models.metrics.views import summed, sums_of

if TYPE_CHECKING:
    from dashboard.cost.filters import Period
    from dashboard.literals import Value
    from dashboard.scope.scope import Known, Scope

RESOLUTION = "first_contact_resolution"
OCCUPANCY = "occupancy"

THERE_IS = """
    select
        (select count(*) from contracts) + (select count(*) from in_house_figures) as documents,
        (select any_value(own_currency) from costed_months) as currency
"""
MONTHS = "select distinct month from costed_months"

_AMOUNTS = """
    coalesce(sum(contacts), 0)::bigint as contacts, coalesce(sum(handle_ms), 0)::bigint as handle_ms,
    sum(amount)::varchar as amount, sum(labour)::varchar as labour, sum(constant_amount)::varchar as constant,
    count(*) filter (amount is null)::bigint as unknown,
    count(*) filter (constant_amount is null)::bigint as constant_unknown
"""
_DAYS = """
    select month, provider, in_house, coalesce(site, '') as site, date, {amounts}
    from cost_days
    where month in ($month, $before) {rest}
    group by month, provider, in_house, site, date
    order by month, date, provider, site
"""
_CELLS = """
    select
        provider, in_house, coalesce(site, '') as site, coalesce(channel, $nothing) as channel,
        coalesce(topic, $nothing) as topic, {amounts}
    from cost_days
    where month = $month {rest}
    group by provider, in_house, site, channel, topic
    order by provider, site, channel, topic
"""
_WORK = """
    select site, sum(contacts)::bigint as contacts, sum(handle_ms)::bigint as handle_ms
    from day_work
    where date >= $month and date <= $last {rest}
    group by site
"""
_ISSUES = """
    select
        month, site, coalesce(sum(issues), 0)::bigint as issues, coalesce(sum(contacts), 0)::bigint as contacts,
        sum(amount)::varchar as amount, count(*) filter (amount is null)::bigint as unknown,
        coalesce(sum(contacts) filter (by_site <> site), 0)::bigint as elsewhere
    from (
        select issue_month as month, owner_site as site, site as by_site, topic, issues, contacts, amount
        from issue_costs
    )
    where month in ($month, $before) {rest}
    group by month, site
"""
_RESOLVED = """
    select date_trunc('month', date)::date as month, site, {sums}
    from day_repeats
    where date >= $before and date <= $last {rest}
    group by 1, site
"""
_AGENTS = """
    select site, {sums}
    from day_agents
    where date >= $month and date <= $last {rest}
    group by site
"""
_BILLS = """
    select
        provider, month, until_date, is_closed, currency, subtotal::varchar as subtotal, minimum::varchar as minimum,
        effect::varchar as effect, effect_on_bill::varchar as effect_on_bill, claim_by, total::varchar as total,
        own_total::varchar as own_total, constant_total::varchar as constant_total, rate::varchar as rate,
        array_to_string(notes, chr(10)) as notes, trouble, own_currency
    from expected_bills
    where month in ($month, $before)
    order by provider, month
"""
_LINES = """
    select
        provider, charge, kind, unit, bill_date, quantity::varchar as quantity, rate::varchar as rate,
        amount::varchar as amount, currency, note
    from expected_bill_lines
    where month = $month
    order by provider, kind = 'minimum', charge, bill_date
"""
_LEVELS = """
    select
        provider, metric, target::varchar as target, weight::varchar as weight, value::double as value, n, counts, met,
        score::varchar as score, amount::varchar as amount, state, needed::double as needed,
        at_stake::varchar as at_stake, save_by, currency
    from contract_levels
    where month = $month
    order by provider, weight desc, metric
"""
_CORRECTIONS = """
    select provider, charge, kind, was::varchar as was, "is"::varchar as now, correction::varchar as correction
    from bill_corrections
    where month = $month
    order by provider, charge
"""
_CONTRACTS = """
    select
        provider, reference, time_zone, owner_ours, owner_theirs, notice_days, ends_to, earliest_end,
        ending_fee::varchar as ending_fee, assistance_days, close_days
    from contracts
    order by provider
"""
_TERMS = """
    select provider, from_date, until_date, currency, terms::varchar as terms
    from contract_terms
    where from_date <= $last and (until_date is null or until_date > $month)
    order by provider, from_date
"""
_REVIEWS = """
    select provider, on_date, about
    from contract_reviews
    where on_date >= $today
    order by provider, on_date
"""
_FIGURES = """
    select site, from_date, until_date, kind, figure, amount::varchar as amount, currency
    from in_house_figures
    where from_date <= $last and (until_date is null or until_date > $month)
    order by site, from_date
"""


def questions(scope: Scope, known: Known, period: Period) -> dict[str, str]:
    """Everything the page asks of a month, by name."""
    month: dict[str, Value] = {"month": period.month}
    both = month | {"before": period.before}
    whole = month | {"last": period.last}
    everywhere = replace(scope, channels=(), topics=())
    resolved = sums_of([sums.metric(RESOLUTION)])
    agents = sums_of([sums.metric(OCCUPANCY)])
    return {
        "days": _asked(_DAYS, both, scope, known, amounts=_AMOUNTS, by_provider=True),
        "cells": _asked(_CELLS, month | {"nothing": NONE}, scope, known, amounts=_AMOUNTS, by_provider=True),
        "own": _asked(_DAYS, both, everywhere, known, amounts=_AMOUNTS, by_provider=True),
        "work": _asked(_WORK, whole, scope, known),
        "issues": _asked(_ISSUES, both, replace(scope, channels=()), known),
        "resolved": _asked(_RESOLVED, {"before": period.before, "last": period.last}, scope, known,
                           sums=summed(resolved)),
        "agents": _asked(_AGENTS, whole, everywhere, known, sums=summed(agents)),
        "bills": render(_BILLS, **both),
        "lines": render(_LINES, **month),
        "levels": render(_LEVELS, **month),
        "corrections": render(_CORRECTIONS, **month),
        "contracts": _CONTRACTS,
        "terms": render(_TERMS, **whole),
        "reviews": render(_REVIEWS, today=period.today),
        "figures": render(_FIGURES, **whole),
    }  # fmt: skip


def _asked(
    statement: str, values: dict[str, Value], scope: Scope, known: Known, *, by_provider: bool = False, **parts: str
) -> str:
    """A question within the scope. by_provider: what a provider's bill holds without a site is in it as well."""
    found, given = scope.besides_weeks(known, columns=("channel", "topic"))
    if by_provider and scope.providers and "sites" in given:
        found = found.replace(
            "list_contains($sites, site)",
            "(list_contains($sites, site) or (site is null and list_contains($providers, provider)))",
        )
        given["providers"] = list(scope.providers)
    return render(statement.format(rest=f"and {found}" if found else "", **parts), **values, **given)

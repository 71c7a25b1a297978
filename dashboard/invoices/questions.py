"""What the Invoices page asks. Amounts leave the store as text, so that no binary float touches them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from dashboard import queries
from dashboard.literals import render
from dashboard.store import Reply, State, Store
from models.billing.months import last_day

TTL_S = 5
MOST_BILLS = 2_000
MOST_SHOWN = 200
"""Contacts of a step that the page shows; the file has all of them."""
_NEAR = timedelta(days=40)
"""A contact that ended in a month may have arrived so long before, and one of another month lies about there."""

SITES = "select site, name, provider, simulated from sites order by name, site"
BILLS = f"""
    select
        bill_id, provider, month, number, received, currency, loaded_at, loaded_by, items::varchar as items,
        total::varchar as total, exchange_rate::varchar as exchange_rate, checked_at, billed::varchar as billed,
        expected::varchar as expected, difference::varchar as difference, in_own, within_tolerance, dispute_by,
        trouble, state, withdrawn_by, withdrawn_at, withdrawn_note,
        (select any_value(own_currency) from expected_bills) as own_currency
    from bills
    order by month desc, provider, loaded_at desc
    limit {MOST_BILLS}
"""
CONTRACTS = "select provider, document from contracts order by provider"
EXPECTED = """
    select
        provider, month, until_date, currency, subtotal::varchar as subtotal, minimum::varchar as minimum,
        effect_on_bill::varchar as effect, total::varchar as total, trouble
    from expected_bills
    order by month desc, provider
"""
STATE = "select state, trouble from bills where bill_id = $bill"
STEPS = f"""
    select
        step, reason, charge, quantity::varchar as quantity, amount::varchar as amount,
        len(contacts)::bigint as contacts, contacts[1:{MOST_SHOWN}] as first_contacts
    from bill_steps
    where bill_id = $bill
    order by step
"""
CONTACTS_OF_STEPS = """
    select step, reason, charge, unnest(contacts) as contact_id
    from bill_steps
    where bill_id = $bill
    order by step
"""
LINES = """
    select
        line, bill_date, charge, kind, quantity::varchar as quantity, rate::varchar as rate, amount::varchar as amount
    from bill_lines
    where bill_id = $bill
    order by line
"""
EXPECTED_LINES = """
    select
        bill_date, charge, kind, unit, quantity::varchar as quantity, rate::varchar as rate, amount::varchar as amount,
        note
    from expected_bill_lines
    where provider = $provider and month = $month
    order by bill_date nulls last, charge, kind
"""
CORRECTIONS = """
    select charge, kind, was::varchar as was, "is"::varchar as "is", correction::varchar as correction
    from bill_corrections
    where provider = $provider and month = $month
    order by charge, kind
"""
DISPUTES = """
    select dispute_id, "at", name, state, reasons, amount::varchar as amount, note, is_last
    from disputes
    where bill_id = $bill
    order by "at", is_last, dispute_id
"""
CONTACTS = """
    select contact_id, site, arrived_at, outcome, handle_s
    from contacts
    where last_event_at >= $start and first_event_at < $end and list_contains($contacts, contact_id)
"""


@st.cache_data(ttl=TTL_S, max_entries=8, show_spinner=False, hash_funcs={Store: queries.store_identity})
def overview(store: Store) -> Reply:
    """Every bill, contract and month, and what ingest says of itself."""
    return store.ask(
        {"status": queries.STATUS, "sites": SITES, "bills": BILLS, "contracts": CONTRACTS, "expected": EXPECTED}
    )


@st.cache_data(ttl=TTL_S, max_entries=32, show_spinner=False, hash_funcs={Store: queries.store_identity})
def one(store: Store, state: State, bill_id: str, provider: str, month: date) -> Reply:
    """All that is known of a bill."""
    del state
    of_bill = {"steps": STEPS, "lines": LINES, "disputes": DISPUTES}
    of_month = {"expected": EXPECTED_LINES, "corrections": CORRECTIONS}
    return store.ask(
        {name: render(sql, bill=bill_id) for name, sql in of_bill.items()}
        | {name: render(sql, provider=provider, month=month) for name, sql in of_month.items()}
    )


@st.cache_data(ttl=60, max_entries=32, show_spinner=False, hash_funcs={Store: queries.store_identity})
def contacts(store: Store, state: State, month: date, wanted: tuple[str, ...]) -> Reply:
    """What the store has of contacts a step is about."""
    del state
    start, end = (datetime.combine(day, time(), UTC) for day in (month - _NEAR, last_day(month) + _NEAR))
    return store.ask({"contacts": render(CONTACTS, start=start, end=end, contacts=list(wanted))})


def contacts_of_steps(store: Store, bill_id: str) -> Reply:
    """All contacts of all steps, for a file."""
    return store.ask({"contacts": render(CONTACTS_OF_STEPS, bill=bill_id)})


def checked(store: Store, bill_id: str) -> Reply:
    """Whether a bill is checked by now; never from a cache."""
    return store.ask({"bill": render(STATE, bill=bill_id)})


def forget() -> None:
    """Something was written: what is known is asked anew."""
    overview.clear()
    one.clear()

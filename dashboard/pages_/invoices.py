"""Bills of providers: what was billed, what was expected, why they differ, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import address, parts, queries
from dashboard.invoices import bill as bills
from dashboard.invoices import filters, load_section, one_section, overview, questions
from dashboard.invoices import words as said
from dashboard.store import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.invoices.bill import Bill
    from dashboard.invoices.filters import Filters
    from dashboard.store import Reply


def invoices() -> None:
    """The whole page."""
    store = parts.store()
    if store is None:
        return
    reply = questions.overview(store)
    parts.heading(said.TITLE, reply)
    if reply.state is State.UNREACHABLE:
        parts.unreachable(reply)
        return
    parts.notices(reply)
    live = reply.state is State.LIVE
    now, contracts = queries.status(reply), bills.contracts(reply)
    loaded = bills.bills(reply.frames["bills"])
    if not contracts and not loaded:
        nothing_agreed(store_is_empty=now.last_event_at is None)
        return
    found = in_order([*loaded, *bills.missing(reply.frames["expected"], loaded)])
    asked = asked_for(found)
    if not live:
        parts.plain(said.STOPPED, "strong", key="inv-stopped")
    opened = next((bill for bill in loaded if bill.bill_id == asked.bill), None)
    if opened is not None:
        one_section.draw(store, reply, opened, contracts.get(opened.provider), asked)
    elif asked.do == filters.LOAD and live:
        load_section.draw(store, found, contracts, now, asked)
    else:
        if not loaded:
            no_bills(live=live)
        if found:
            overview.draw(found, asked.opening(), now.today, simulated(reply), live=live)


def asked_for(found: Sequence[Bill]) -> Filters:
    """What the address says."""
    asked, notes = filters.read(
        address.asked(),
        providers={bill.provider for bill in found},
        months={f"{bill.month:%Y-%m}" for bill in found},
        states=set(bills.STATES),
        bills={bill.bill_id for bill in found if bill.bill_id},
    )
    address.say(notes)
    if notes:
        overview.go(asked)
    return asked


def in_order(found: Sequence[Bill]) -> list[Bill]:
    """The newest month first, and in it what needs doing."""
    return sorted(found, key=lambda bill: (-bill.month.toordinal(), bills.STATES.index(bill.state), bill.provider))


def simulated(reply: Reply) -> set[str]:
    """Sites a simulator plays."""
    sites = reply.frames["sites"]
    return set(sites["site"][sites["simulated"].astype(bool)])


def nothing_agreed(*, store_is_empty: bool) -> None:
    """Designed state: there is no contract."""
    if store_is_empty:
        parts.empty(None)
        return
    st.info(said.NO_CONTRACT_TITLE, icon=":material/contract:")
    st.markdown(said.NO_CONTRACT)
    st.code(said.NO_CONTRACT_COMMANDS, language="bash")


def no_bills(*, live: bool) -> None:
    """Designed state: there are contracts, and no bill."""
    st.info(said.NO_BILLS_TITLE, icon=":material/receipt_long:")
    parts.plain(said.NO_BILLS, key="inv-no-bills")
    if live:
        st.button(
            said.LOAD_A_BILL, icon=":material/upload_file:", type="primary", key="inv-first",
            on_click=overview.go, args=(filters.Filters(do=filters.LOAD),),
        )  # fmt: skip
        parts.plain(said.NO_BILLS_HINT, "muted", key="inv-no-bills-hint")
        st.code(said.NO_BILLS_COMMAND, language="bash")


invoices()

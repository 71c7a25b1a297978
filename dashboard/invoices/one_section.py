"""One bill: what its check found, from billed to expected, the contacts behind each reason, line by line."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from dashboard import contact_links, contact_words, money, parts, queries
from dashboard import format as text
from dashboard.figures import take_away
from dashboard.invoices import bill as bills
from dashboard.invoices import charts, dispute_section, lines, questions, statement_section
from dashboard.invoices import words as said
from dashboard.names import display_names
from dashboard.store import State
from models.billing.months import last_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.invoices.bill import Bill, Step
    from dashboard.invoices.filters import Filters
    from dashboard.invoices.lines import Compared
    from dashboard.queries import Status
    from dashboard.store import Reply, Store
    from models.terms.contract import Contract

CHECK_EVERY_S = 2
QUANTITIES = ("billed_quantity", "expected_quantity")
MOST_HEIGHT = 430


def draw(store: Store, reply: Reply, bill: Bill, contract: Contract | None, asked: Filters) -> None:
    """The whole of a bill."""
    now = queries.status(reply)
    contact_links.own_link(said.BACK, asked.opening().to_query(), icon=":material/arrow_back:", key="inv-back")
    head(bill, now)
    if bill.state == "being checked":
        wait(store, bill.bill_id)
        return
    answer = questions.one(store, reply.state, bill.bill_id, bill.provider, bill.month)
    if answer.state is State.UNREACHABLE:
        parts.unreachable(answer)
        return
    steps, turns = bills.steps(answer.frames["steps"]), bills.turns(answer.frames["disputes"])
    simulated = set(reply.frames["sites"]["site"][reply.frames["sites"]["simulated"].astype(bool)])
    compared = lines.compared(answer.frames["lines"], answer.frames["expected"], effect(reply, bill))
    live = reply.state is State.LIVE
    if bill.billed is not None:
        bridge(bill, steps, simulated)
        contacts(store, reply, bill, steps, simulated)
    by_line(bill, compared, simulated, is_checked=bill.billed is not None)
    corrections(answer.frames["corrections"], bill)
    dispute_section.draw(bill, steps, turns, now, live=live)
    if bill.billed is not None:
        whole = statement_section.Whole(
            bill, contract, tuple(steps), tuple(compared), tuple(turns), now, bool(simulated)
        )
        statement_section.draw(store, whole)
    if live and bill.state != "withdrawn":
        dispute_section.withdraw(bill)


def head(bill: Bill, now: Status) -> None:
    """Which bill it is, and the answer."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="inv-head"):
        parts.plain(said.subject(bill), "strong", key="inv-subject")
        badge(bill)
    parts.plain(said.facts(bill, now.reporting_zone), "muted", key="inv-facts")
    if bill.state == "withdrawn":
        parts.plain(said.withdrawn(bill, now.reporting_zone), key="inv-withdrawn")
    if bill.trouble:
        st.warning(said.TROUBLE, icon=":material/warning:")
        parts.plain(bill.trouble, key="inv-trouble")
    if bill.difference is None:
        return
    with st.container(horizontal=True, gap="large", key="inv-totals"):
        for name, amount in ((said.BILLED, bill.billed), (said.EXPECTED, bill.expected)):
            st.metric(name, money.shown(amount, bill.unit), width="content")
        st.metric(said.DIFFERENCE, money.shown(bill.difference, bill.unit, signed=True), width="content")
    line = said.verdict(bill)
    if not bill.within_tolerance:
        line += f" {said.deadline(bill, now.today)}"
    parts.plain(line, "strong", key="inv-verdict")


def badge(bill: Bill) -> None:
    """The state in words, with a sign."""
    colour = {
        bills.TOO_MUCH: "red", bills.TOO_LITTLE: "blue", "disputed": "orange", "not checked": "orange",
        "agrees": "green", "dispute settled": "green",
    }.get(bill.state, "gray")  # fmt: skip
    st.badge(said.STATES[bill.state], color=colour)  # type: ignore[arg-type]


@st.fragment(run_every=CHECK_EVERY_S)
def wait(store: Store, bill_id: str) -> None:
    """A bill that is being checked: the page goes on once it is."""
    st.info(said.CHECKING, icon=":material/hourglass_top:")
    frame = questions.checked(store, bill_id).frames.get("bill")
    if frame is not None and len(frame) and frame["state"].iloc[0] != "being checked":
        questions.forget()
        st.rerun()


def effect(reply: Reply, bill: Bill) -> Decimal:
    """The malus or bonus that must be on the bill."""
    for row in bills.records(reply.frames["expected"]):
        if row["provider"] == bill.provider and bills.day_of(row["month"]) == bill.month:
            return money.parsed(row["effect"]) or Decimal(0)
    return Decimal(0)


def bridge(bill: Bill, steps: Sequence[Step], simulated: set[str]) -> None:
    """The walk from billed to expected, as a chart and as a table."""
    rest = money.total(step.amount for step in steps if step.reason == "unexplained")
    if rest:
        st.error(f"{said.SHORT['unexplained']}:", icon=":material/report:")
        parts.plain(said.unexplained(rest, bill.unit), "strong", key="inv-unexplained")
    is_exact = bills.exact(bill, steps)
    if not steps:
        parts.plain(said.sums_line(bill, steps, is_exact=is_exact), "muted", key="inv-sums")
        return
    chart = charts.waterfall(bill, steps)
    st.altair_chart(chart, key="inv-bridge")
    take_away.chart_buttons(chart, "bill-bridge", demo=bool(simulated), key="inv-bridge")
    st.subheader(said.STEPS, anchor=False)
    frame = steps_frame(steps)
    st.dataframe(
        frame, hide_index=True, height="content", placeholder="", alt=said.STEPS_ALT, key="inv-steps",
        column_config={
            "reason": st.column_config.TextColumn(said.STEP_COLUMNS["reason"]),
            "charge": st.column_config.TextColumn(said.STEP_COLUMNS["charge"]),
            "quantity": st.column_config.NumberColumn(
                said.STEP_COLUMNS["quantity"], format=money.column(frame["quantity"], 0), width="small"
            ),
            "amount": st.column_config.NumberColumn(
                f"{said.STEP_COLUMNS['amount']}, {bill.unit}", format=money.column(frame["amount"])
            ),
            "contacts": st.column_config.NumberColumn(said.STEP_COLUMNS["contacts"], format="%,d", width="small"),
        },
    )  # fmt: skip
    parts.plain(said.sums_line(bill, steps, is_exact=is_exact), "body" if is_exact else "strong", key="inv-sums")
    take_away.table_buttons(frame, "bill-reasons", simulated, key="inv-steps")


def steps_frame(steps: Sequence[Step]) -> pd.DataFrame:
    """The reasons as a table, with exact amounts."""
    return pd.DataFrame(
        {
            "reason": [said.sentence(step.reason) for step in steps],
            "charge": [step.charge for step in steps],
            "quantity": pd.Series([step.quantity.normalize() or None for step in steps], dtype=object),
            "amount": pd.Series([step.amount for step in steps], dtype=object),
            "contacts": [step.contacts for step in steps],
        }
    )


def contacts(store: Store, reply: Reply, bill: Bill, steps: Sequence[Step], simulated: set[str]) -> None:
    """The contacts behind a step, each with its link."""
    with_contacts = [step for step in steps if step.contacts]
    if not with_contacts:
        return
    st.subheader(said.CONTACTS, anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="inv-contacts-choice"):
        place = st.selectbox(
            said.OF_STEP, range(len(with_contacts)), format_func=lambda n: said.step_option(with_contacts[n]),
            key=f"inv-step-{bill.bill_id}", width=460,
        )  # fmt: skip
        st.download_button(
            said.ALL_CONTACTS, lambda: all_contacts(store, bill), f"backstop-bill-contacts{demo(simulated)}.csv",
            "text/csv", icon=":material/download:", type="tertiary", key="inv-all-contacts", on_click="ignore",
        )  # fmt: skip
    step = with_contacts[place]
    now, names = queries.status(reply), display_names(reply.frames["sites"])
    found = questions.contacts(store, reply.state, bill.month, step.first_contacts).frames.get("contacts")
    rows = contacts_frame(step, found, bill, names, now.reporting_zone)
    column = st.column_config
    st.dataframe(
        rows, hide_index=True, height=min(MOST_HEIGHT, 38 + 30 * len(rows)), row_height=30, placeholder="",
        alt=said.CONTACTS_ALT, key="inv-contacts",
        column_config={
            **{name: column.TextColumn(label) for name, label in said.CONTACT_COLUMNS.items()},
            "handle_s": column.NumberColumn(said.CONTACT_COLUMNS["handle_s"], format="%,.0f", width="small"),
            "link": column.LinkColumn(said.CONTACT_COLUMNS["link"], display_text=said.OPEN_CONTACT, width="small"),
        },
    )  # fmt: skip
    parts.plain(said.first_of(len(rows), step.contacts), "muted", key="inv-contacts-of")


def contacts_frame(
    step: Step, found: pd.DataFrame | None, bill: Bill, names: dict[str, str], zone: str
) -> pd.DataFrame:  # fmt: skip
    """The first contacts of a step, in the order of the bill, with what the store has of each."""
    known = {} if found is None else {str(row["contact_id"]): row for row in bills.records(found)}
    days = (bill.month, last_day(bill.month))
    rows = []
    for contact in step.first_contacts:
        row = known.get(contact)
        site = str(row["site"]) if row else ""
        query = contact_links.contact_link(contact, site or None, *days)
        rows.append(
            {
                "contact": contact,
                "arrived": text.moment(queries.instant(row["arrived_at"]), zone) if row else said.NOT_OURS,
                "site": names.get(site, site),
                "outcome": contact_words.OUTCOMES.get(str(row["outcome"]), str(row["outcome"])) if row else "",
                "handle_s": row["handle_s"] if row else None,
                "link": f"contacts?{urlencode(query, doseq=True)}",
            }
        )
    return pd.DataFrame(rows)


def all_contacts(store: Store, bill: Bill) -> bytes:
    """All contacts of all steps as a file. Raises RuntimeError when the store is away."""
    reply = questions.contacts_of_steps(store, bill.bill_id)
    if reply.state is State.UNREACHABLE:
        raise RuntimeError(f"the store cannot be reached: {'; '.join(reply.tried)}")
    frame = reply.frames["contacts"]
    frame = frame.assign(bill=bill.number, provider=bill.provider, why=[said.sentence(str(r)) for r in frame["reason"]])
    return take_away.csv(frame[["provider", "bill", "step", "reason", "why", "charge", "contact_id"]], ())


def by_line(bill: Bill, compared: Sequence[Compared], simulated: set[str], *, is_checked: bool) -> None:
    """Billed against expected, by day and charge."""
    st.subheader(said.BY_LINE, anchor=False)
    if bill.in_own:
        parts.plain(said.in_own(bill.unit, bill.currency), "muted", key="inv-in-own")
    billed = money.total(line.billed for line in compared)
    if bill.total is not None and bill.total != billed:
        parts.plain(said.stated_total(bill.total, billed, bill.currency), "strong", key="inv-stated")
    different = [line for line in compared if line.difference]
    shown = list(compared)
    if is_checked and different and len(different) < len(compared) and st.toggle(said.ONLY_DIFFERENT, key="inv-only"):
        shown = different
    frame = lines_frame(shown)
    number = st.column_config.NumberColumn
    st.dataframe(
        frame, hide_index=True, height=min(MOST_HEIGHT, 38 + 30 * len(frame)), row_height=30, placeholder="",
        alt=said.LINES_ALT, key="inv-lines",
        column_config={
            **{name: st.column_config.TextColumn(said.LINE_COLUMNS[name]) for name in ("day", "charge")},
            **{name: number(said.LINE_COLUMNS[name], format=money.column(frame[name], 0)) for name in QUANTITIES},
            **{
                name: number(f"{said.LINE_COLUMNS[name]}, {bill.currency}", format=money.column(frame[name]))
                for name in ("billed", "expected", "difference")
            },
        },
    )  # fmt: skip
    total = said.lines_total(billed, money.total(line.expected for line in compared), bill.currency)
    parts.plain(total, "muted", key="inv-lines-total")
    take_away.table_buttons(frame, "bill-lines", simulated, key="inv-lines")


def lines_frame(compared: Sequence[Compared]) -> pd.DataFrame:
    """The lines as a table, with exact amounts."""
    amounts = (*QUANTITIES, "billed", "expected", "difference")
    return pd.DataFrame(
        {
            "day": [line.day.isoformat() if line.day else said.WHOLE_MONTH for line in compared],
            "charge": [said.KINDS.get(line.kind, line.charge) for line in compared],
            **{name: pd.Series([getattr(line, name) for line in compared], dtype=object) for name in amounts},
        }
    )


def corrections(frame: pd.DataFrame, bill: Bill) -> None:
    """What changed after the month was closed."""
    if frame.empty:
        return
    st.subheader(said.CORRECTIONS, anchor=False)
    parts.plain(said.CORRECTIONS_NOTE, "muted", key="inv-corrections-note")
    rows = bills.records(frame)
    amounts = ("was", "is", "correction")
    shown = pd.DataFrame(
        {"charge": [str(row["charge"]) for row in rows]}
        | {name: pd.Series([money.parsed(row[name]) for row in rows], dtype=object) for name in amounts}
    )
    number = st.column_config.NumberColumn
    st.dataframe(
        shown, hide_index=True, height="content", key="inv-corrections", alt=said.CORRECTIONS,
        column_config={"charge": said.CORRECTION_COLUMNS["charge"]}
        | {
            name: number(f"{said.CORRECTION_COLUMNS[name]}, {bill.currency}", format=money.column(shown[name]))
            for name in amounts
        },
    )  # fmt: skip


def demo(simulated: set[str]) -> str:
    """What the name of a file of simulated data ends with."""
    return "-demo" if simulated else ""

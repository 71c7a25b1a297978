"""Disputing a bill, what became of it, and withdrawing a bill that was loaded by mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard import format as text
from dashboard import money, parts
from dashboard.desk import DeskError
from dashboard.invoices import bill as bills
from dashboard.invoices import commands, questions
from dashboard.invoices import words as said
from dashboard.invoices.commands import LONGEST_NAME, LONGEST_NOTE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from dashboard.invoices.bill import Bill, Step, Turn
    from dashboard.queries import Status

OUTCOMES = ("accepted", "partly accepted", "rejected", "withdrawn")


def draw(bill: Bill, steps: Sequence[Step], turns: Sequence[Turn], now: Status, *, live: bool) -> None:
    """What can be done next, and all that was done."""
    can_act = live and bill.state != "withdrawn" and bill.difference is not None
    if not turns and not can_act:
        return
    st.subheader(said.DISPUTE, anchor=False)
    last = turns[-1] if turns else None
    if can_act:
        if last is None:
            begin(bill, steps)
        elif last.state == "open":
            outcome(last, bill)
        else:
            again(last)
    if turns:
        history(turns, bill, now)


def begin(bill: Bill, steps: Sequence[Step]) -> None:
    """The form that opens a dispute."""
    reasons = list(dict.fromkeys(step.reason for step in steps))
    too_much = list(dict.fromkeys(step.reason for step in steps if step.amount > 0))
    worth_it = bill.state == bills.TOO_MUCH
    if not worth_it:
        parts.plain(said.NOTHING_TO_DISPUTE, "muted", key="inv-nothing-to-dispute")
    with (
        st.expander(said.SEND_DISPUTE, expanded=worth_it, icon=":material/flag:", key="inv-dispute"),
        st.form("inv-dispute-form", border=False),
    ):
        chosen = st.multiselect(
            said.REASONS_LABEL, reasons, default=too_much, format_func=said.sentence, key=f"inv-reasons-{bill.bill_id}"
        )
        preset = str(bill.difference) if bill.difference and bill.difference > 0 else ""
        amount = st.text_input(
            f"{said.AMOUNT}, {bill.unit}", money.plain(preset), key=f"inv-amount-{bill.bill_id}", width=240
        )
        name, note = who(f"dispute-{bill.bill_id}")
        if st.form_submit_button(said.SEND_DISPUTE, type="primary", key="inv-dispute-send"):
            sent(name, amount, lambda given: commands.dispute(bill.bill_id, chosen, given, name.strip(), note.strip()))


def outcome(last: Turn, bill: Bill) -> None:
    """The form for what became of an open dispute."""
    with (
        st.expander(said.SEND_OUTCOME, expanded=True, icon=":material/gavel:", key="inv-outcome"),
        st.form("inv-outcome-form", border=False),
    ):
        state = st.segmented_control(
            said.OUTCOME, OUTCOMES, default="accepted", required=True, format_func=said.TURNS.__getitem__,
            key=f"inv-outcome-{last.dispute_id}",
        )  # fmt: skip
        preset = money.plain(str(last.amount)) if last.amount is not None else ""
        amount = st.text_input(
            f"{said.CREDITED}, {bill.unit}", preset, key=f"inv-credited-{last.dispute_id}", width=240,
            help=said.CREDITED_HELP,
        )  # fmt: skip
        name, note = who(f"outcome-{last.dispute_id}")
        if st.form_submit_button(said.SEND_OUTCOME, type="primary", key="inv-outcome-send"):
            credits_ = amount if state in ("accepted", "partly accepted") else ""
            sent(
                name,
                credits_,
                lambda given: commands.turn(last.dispute_id, str(state), given, name.strip(), note.strip()),
            )


def again(last: Turn) -> None:
    """The undo of an outcome."""
    with (
        st.expander(said.OPEN_AGAIN, icon=":material/undo:", key="inv-again"),
        st.form("inv-again-form", border=False),
    ):
        parts.plain(said.OPEN_AGAIN_NOTE, "muted", key="inv-again-note")
        name, note = who(f"again-{last.dispute_id}")
        if st.form_submit_button(said.OPEN_AGAIN, key="inv-again-send"):
            before = last.amount
            sent(name, "", lambda _: commands.turn(last.dispute_id, "open", before, name.strip(), note.strip()))


def withdraw(bill: Bill) -> None:
    """The form that withdraws a bill."""
    with (
        st.expander(said.WITHDRAW, icon=":material/delete:", key="inv-withdraw"),
        st.form("inv-withdraw-form", border=False),
    ):
        parts.plain(said.WITHDRAW_NOTE, "muted", key="inv-withdraw-note")
        name, note = who(f"withdraw-{bill.bill_id}", said.WITHDRAW_WHY)
        if st.form_submit_button(said.SEND_WITHDRAW, key="inv-withdraw-send"):
            if not note.strip():
                st.warning(said.WHY_NEEDED, icon=":material/edit:")
                return
            sent(name, "", lambda _: commands.withdraw(bill.bill_id, name.strip(), note.strip()))


def who(key: str, why: str = said.NOTE) -> tuple[str, str]:
    """Who does it, and what there is to say of it."""
    name = st.text_input(said.NAME, max_chars=LONGEST_NAME, key=f"inv-name-{key}", width=420)
    return name, st.text_area(why, max_chars=LONGEST_NOTE, key=f"inv-note-{key}", height=80)


def sent(name: str, amount: str, send: Callable[[Decimal | None], None]) -> None:
    """Have ingest write it down, and show what became of it."""
    if not name.strip():
        st.warning(said.NAME_NEEDED, icon=":material/edit:")
        return
    try:
        send(money.typed(amount))
    except (DeskError, ValueError) as error:
        parts.plain(said.not_done(str(error)), "strong", key="inv-not-done")
        return
    questions.forget()
    st.rerun()


def history(turns: Sequence[Turn], bill: Bill, now: Status) -> None:
    """Every turn, oldest first."""
    parts.plain(said.HISTORY, "strong", key="inv-history")
    frame = pd.DataFrame(
        {
            "at": [text.moment(turn.at, now.reporting_zone) for turn in turns],
            "state": [said.TURNS.get(turn.state, turn.state) for turn in turns],
            "amount": pd.Series([turn.amount for turn in turns], dtype=object),
            "name": [turn.name for turn in turns],
            "note": [turn.note for turn in turns],
            "reasons": ["; ".join(said.SHORT.get(reason, reason) for reason in turn.reasons) for turn in turns],
        }
    )
    column = st.column_config
    st.dataframe(
        frame, hide_index=True, height="content", placeholder="", alt=said.HISTORY_ALT, key="inv-turns",
        column_config={
            **{name: column.TextColumn(label) for name, label in said.HISTORY_COLUMNS.items()},
            "amount": column.NumberColumn(
                f"{said.HISTORY_COLUMNS['amount']}, {bill.unit}", format=money.column(frame["amount"])
            ),
        },
    )  # fmt: skip

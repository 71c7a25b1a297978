"""The buttons that hand out a bill's statement. Made when they are pressed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import parts
from dashboard.invoices import questions, statement
from dashboard.invoices import words as said
from dashboard.invoices.statement import Whole
from dashboard.store import State

if TYPE_CHECKING:
    from dashboard.store import Store


def draw(store: Store, whole: Whole) -> None:
    """The statement as HTML and as CSV."""
    st.subheader(said.STATEMENT, anchor=False)
    parts.plain(said.STATEMENT_NOTE, "muted", key="inv-statement-note")
    with st.container(horizontal=True, gap="small", key="inv-statement"):
        st.download_button(
            said.STATEMENT_HTML, lambda: statement.html(whole, contacts(store, whole)).encode(), f"{name(whole)}.html",
            "text/html", icon=":material/print:", key="inv-statement-html", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            said.STATEMENT_CSV, lambda: statement.csv(whole, contacts(store, whole)), f"{name(whole)}.csv", "text/csv",
            icon=":material/download:", key="inv-statement-csv", on_click="ignore",
        )  # fmt: skip


def contacts(store: Store, whole: Whole) -> dict[int, list[str]]:
    """All contacts of each step. Raises RuntimeError when the store is away."""
    reply = questions.contacts_of_steps(store, whole.bill.bill_id)
    if reply.state is State.UNREACHABLE:
        raise RuntimeError(f"the store cannot be reached: {'; '.join(reply.tried)}")
    found: dict[int, list[str]] = {}
    for step, contact in zip(reply.frames["contacts"]["step"], reply.frames["contacts"]["contact_id"], strict=True):
        found.setdefault(int(step), []).append(str(contact))
    return found


def name(whole: Whole) -> str:
    """The file's name: letters and digits of provider and number alone."""
    told = re.sub(r"[^A-Za-z0-9]+", "-", f"{whole.bill.provider}-{whole.bill.number}").strip("-")[:80].lower()
    return f"backstop-bill-{told or whole.bill.bill_id}{'-demo' if whole.demo else ''}"


__all__ = ["Whole", "draw"]

"""What of a bill's files will be kept: the first rows, and what they add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard import money, parts
from dashboard.invoices import load_words as said
from dashboard.invoices import upload
from dashboard.invoices import words as common
from models.billing.months import segments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.invoices.draft import Draft
    from models.billing.bill import BilledLine, Item
    from models.terms.contract import Contract

PREVIEW = 10
NUMBERS = ("quantity", "rate", "amount")


def preview(draft: Draft, contract: Contract) -> None:
    """The first lines as they will be kept, or all that is wrong."""
    read = upload.read(contract, draft.month, draft.lines, draft.mapping, draft.items, draft.items_mapping)
    if read.problems:
        draft.wrong += read.problems
        return
    currency = segments(contract, draft.month)[-1].terms.currency
    amount = money.total(line.amount for line in read.lines)
    parts.plain(said.found(len(read.lines), amount, currency, len(read.items)), "strong", key="inv-found")
    if draft.total is not None and draft.total != amount:
        parts.plain(said.apart(draft.total, amount, currency), key="inv-apart")
    with st.grid(2, min_column_width=430, gap="medium", key="inv-preview-grid") as grid:
        with grid.cell():
            parts.plain(said.PREVIEW, "muted", key="inv-preview-title")
            first_of(lines_frame(read.lines[:PREVIEW]), said.PREVIEW_ALT, "inv-preview")
        if read.items:
            with grid.cell():
                parts.plain(said.PREVIEW_ITEMS, "muted", key="inv-preview-items-title")
                first_of(items_frame(read.items[:PREVIEW]), said.PREVIEW_ITEMS, "inv-preview-items")


def first_of(frame: pd.DataFrame, alt: str, key: str) -> None:
    """A few rows as they will be kept; numbers stand as text, exactly as they were read."""
    right = {
        name: st.column_config.TextColumn(said.PREVIEW_COLUMNS[name], alignment="right" if name in NUMBERS else None)
        for name in frame.columns
    }
    st.dataframe(frame, hide_index=True, height="content", alt=alt, key=key, column_config=right)


def lines_frame(lines: Sequence[BilledLine]) -> pd.DataFrame:
    """Lines as they were read."""
    return pd.DataFrame(
        {
            "day": [line.day.isoformat() if line.day else common.WHOLE_MONTH for line in lines],
            "charge": [common.KINDS.get(line.kind, line.charge) for line in lines],
            "quantity": [money.quantity(line.quantity) for line in lines],
            "rate": [money.number(line.rate) if line.rate is not None else "" for line in lines],
            "amount": [money.number(line.amount) for line in lines],
        }
    )


def items_frame(items: Sequence[Item]) -> pd.DataFrame:
    """Contacts as they were read."""
    return pd.DataFrame(
        {
            "contact": [item.contact_id for item in items],
            "day": [item.day.isoformat() for item in items],
            "charge": [item.charge for item in items],
        }
    )

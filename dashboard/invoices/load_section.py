"""Loading a bill: what is on it, its files, which column is what, every mistake, and then handing it in."""

from __future__ import annotations

import time
import zlib
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard import contact_links, money, parts
from dashboard import format as text
from dashboard.desk import DeskError
from dashboard.invoices import bill as bills
from dashboard.invoices import commands, overview, questions, upload
from dashboard.invoices import load_words as said
from dashboard.invoices import words as common
from dashboard.invoices.commands import LONGEST_NAME
from dashboard.invoices.draft import Draft
from dashboard.invoices.load_preview import preview
from models.billing.bill_file import CHARGE, ITEM_COLUMNS, LINE_COLUMNS
from models.billing.months import segments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.invoices.bill import Bill
    from dashboard.invoices.filters import Filters
    from dashboard.queries import Status
    from dashboard.store import Store
    from models.terms.contract import Contract

MONTHS = 24
"""So many months back a bill can be for."""
WAIT_S = 30
LOOK_S = 0.5


def draw(
    store: Store, found: Sequence[Bill], contracts: Mapping[str, Contract], now: Status, asked: Filters
) -> None:  # fmt: skip
    """The form. found: bills, and months without one."""
    contact_links.own_link(common.BACK, asked.opening().to_query(), icon=":material/arrow_back:", key="inv-back")
    st.subheader(said.TITLE, anchor=False)
    if not contracts:
        parts.plain(said.NO_CONTRACTS, key="inv-no-contracts")
        return
    parts.plain(said.INTRO, "muted", key="inv-load-intro")
    draft = facts(found, contracts, now)
    contract = contracts[draft.provider]
    how = st.segmented_control(said.HOW, (said.FILE, said.TYPED), default=said.FILE, required=True, key="inv-how")
    if how == said.TYPED:
        typed(draft, contract)
    else:
        from_file(draft, contract)
    if draft.lines:
        preview(draft, contract)
    for number, line in enumerate(warnings(draft, found)):
        parts.plain(line, "muted", key=f"inv-warning-{number}")
    if draft.wrong:
        st.error(said.MISTAKES, icon=":material/error:")
        for number, line in enumerate(draft.wrong):
            parts.plain(line, key=f"inv-wrong-{number}")
    if st.button(said.SEND, type="primary", icon=":material/upload_file:", key="inv-send"):
        send(store, draft, asked)


def facts(found: Sequence[Bill], contracts: Mapping[str, Contract], now: Status) -> Draft:
    """What stands at the head of a bill."""
    providers = list(contracts)
    given = st.session_state.pop("inv-new", None)
    waiting = next((bill for bill in reversed(found) if bill.state == bills.NOT_LOADED), None)
    if given is None and waiting is not None and "inv-new-provider" not in st.session_state:
        given = (waiting.provider, f"{waiting.month:%Y-%m}")
    months = months_back(now.today)
    if given is not None and given[0] in providers and given[1] in months:
        st.session_state["inv-new-provider"], st.session_state["inv-new-month"] = given
    with st.grid(4, min_column_width=230, gap="small", key="inv-facts-grid") as grid:
        with grid.cell():
            provider = st.selectbox(said.PROVIDER, providers, key="inv-new-provider")
        with grid.cell():
            month = st.selectbox(
                said.MONTH, list(months), format_func=lambda name: text.month(months[name]), key="inv-new-month"
            )
        with grid.cell():
            number = st.text_input(said.NUMBER, max_chars=LONGEST_NAME, key="inv-new-number")
        with grid.cell():
            received = st.date_input(said.RECEIVED, now.today, max_value=now.today, key="inv-new-received")
        with grid.cell():
            total = st.text_input(said.TOTAL, help=said.TOTAL_HELP, key="inv-new-total")
        with grid.cell():
            rate = st.text_input(said.RATE, help=said.RATE_HELP, key="inv-new-rate")
        with grid.cell():
            name = st.text_input(said.NAME, max_chars=LONGEST_NAME, key="inv-new-name")
    draft = Draft(str(provider), months[str(month)], number.strip(), received, name=name.strip())
    for what, label, value in (("total", said.TOTAL, total), ("rate", said.RATE, rate)):
        try:
            setattr(draft, what, money.typed(value))
        except ValueError as error:
            draft.wrong.append(said.bad_number(label, str(error)))
    return draft


def months_back(today: date) -> dict[str, date]:
    """Months by `2026-11`, the last one that is over first."""
    found, month = [], today.replace(day=1)
    for _ in range(MONTHS):
        found.append(month)
        month = (month - pd.Timedelta(days=1)).replace(day=1)
    return {f"{month:%Y-%m}": month for month in [*found[1:], found[0]]}


def from_file(draft: Draft, contract: Contract) -> None:
    """Lines and contacts out of files, and which column is what."""
    with st.grid(2, min_column_width=330, gap="medium", key="inv-files") as grid:
        with grid.cell():
            lines = st.file_uploader(
                said.LINES_FILE, type=["csv", "txt"], help=said.LINES_HELP, max_upload_size=24, key="inv-lines-file"
            )
        with grid.cell():
            items = st.file_uploader(
                said.ITEMS_FILE, type=["csv", "txt"], help=said.ITEMS_HELP, max_upload_size=24, key="inv-items-file"
            )
    unknown: dict[str, None] = {}
    for file, what, known, label in (
        (lines, "lines", LINE_COLUMNS, said.COLUMNS_OF_LINES), (items, "items", ITEM_COLUMNS, said.COLUMNS_OF_ITEMS),
    ):  # fmt: skip
        if file is None:
            continue
        table = upload.table(file.getvalue(), what)
        if table.problem:
            draft.wrong.append(table.problem)
            continue
        chosen = columns(table.header, known, label, what)
        if what == "lines":
            draft.lines, draft.mapping = table.text, chosen
        else:
            draft.items, draft.items_mapping = table.text, chosen
        of_kind = chosen.get("kind", "")
        for name in upload.unknown_charges(table.text, chosen["charge"], of_kind, contract, draft.month):
            unknown[name] = None
    draft.mapping |= charges(list(unknown), contract, draft.month)


def columns(header: Sequence[str], known: Mapping[str, Sequence[str]], label: str, what: str) -> dict[str, str]:
    """Which column is what; empty for none."""
    guessed = upload.guessed(header, known)
    options = ["", *dict.fromkeys(name for name in header if name)]
    # Another file asks anew: what was chosen for the one before means nothing in it.
    of = zlib.crc32("\n".join(header).encode())
    lacking = any(not guessed[name] for name in upload.NEEDED & set(known))
    chosen = {}
    with st.expander(label, expanded=lacking, key=f"inv-columns-{what}"):
        parts.plain(said.COLUMNS_NOTE, "muted", key=f"inv-columns-note-{what}")
        with st.grid(3, min_column_width=200, gap="small", key=f"inv-columns-grid-{what}") as grid:
            for name in known:
                with grid.cell():
                    chosen[name] = st.selectbox(
                        said.FIELDS[name], options, index=options.index(guessed[name]),
                        format_func=lambda column: column or said.NO_COLUMN, key=f"inv-column-{what}-{name}-{of}",
                    )  # fmt: skip
    return {name: column or "" for name, column in chosen.items()}


def charges(unknown: Sequence[str], contract: Contract, month: date) -> dict[str, str]:
    """Which charge of the contract an unknown name is."""
    if not unknown:
        return {}
    names = agreed_names(contract, month)
    parts.plain(said.CHARGES, "strong", key="inv-charges")
    parts.plain(said.CHARGES_NOTE, "muted", key="inv-charges-note")
    chosen = {}
    for number, name in enumerate(unknown):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"inv-charge-row-{number}"):
            parts.plain(name, key=f"inv-charge-name-{number}")
            picked = st.selectbox(
                said.CHARGES, ["", *names], format_func=lambda value: value or said.NOT_AGREED, width=300,
                label_visibility="collapsed", key=f"inv-charge-{number}-{name[:80]}",
            )  # fmt: skip
        if picked:
            chosen[f"{CHARGE}{name}"] = picked
    return chosen


def agreed_names(contract: Contract, month: date) -> list[str]:
    """The charges of the contract in a month."""
    return list(dict.fromkeys(charge.name for part in segments(contract, month) for charge in part.terms.charges))


def typed(draft: Draft, contract: Contract) -> None:
    """Lines typed into a table. Numbers are text there, so that none becomes a binary float."""
    parts.plain(said.TYPED_NOTE, "muted", key="inv-typed-note")
    names = agreed_names(contract, draft.month)
    empty = pd.DataFrame({name: pd.Series([None] * 3, dtype=object) for name in upload.TYPED})
    column = st.column_config
    edited = st.data_editor(
        empty, num_rows="dynamic", hide_index=True, placeholder="", key="inv-typed",
        column_config={
            **{name: column.TextColumn(said.FIELDS[name]) for name in ("date", "quantity", "rate", "amount")},
            "charge": column.SelectboxColumn(said.FIELDS["charge"], options=names),
            "kind": column.SelectboxColumn(said.FIELDS["kind"], options=list(said.KINDS)),
        },
    )  # fmt: skip
    rows = [
        {name: None if text.is_missing(value) else value for name, value in row.items()}
        for row in bills.records(edited)
    ]
    if any(value for row in rows for value in row.values()):
        draft.lines = upload.typed_csv(rows)


def warnings(draft: Draft, found: Sequence[Bill]) -> list[str]:
    """What is no mistake, and may be one."""
    standing = [
        bill for bill in found if bill.bill_id and bill.provider == draft.provider and bill.state != "withdrawn"
    ]
    if any(bill.number == draft.number for bill in standing):
        draft.wrong.append(said.again(draft.number, draft.provider))
    elif any(bill.month == draft.month for bill in standing):
        return [said.second(text.month(draft.month), draft.provider)]
    return []


def send(store: Store, draft: Draft, asked: Filters) -> None:
    """Hand the bill in, wait for its check, and open it."""
    missing = [
        line for line, value in (
            (said.LINES_NEEDED, draft.lines), (said.NUMBER_NEEDED, draft.number), (said.NAME_NEEDED, draft.name),
        ) if not value
    ]  # fmt: skip
    for line in missing if not draft.wrong else missing[1:]:
        st.warning(line, icon=":material/edit:")
    if draft.wrong or missing or draft.received is None:
        return
    with st.status(said.SENDING) as status:
        try:
            bill_id = commands.load(
                provider=draft.provider, month=draft.month, number=draft.number, received=draft.received,
                name=draft.name, lines_csv=draft.lines, items_csv=draft.items, total=draft.total,
                exchange_rate=draft.rate, mapping=draft.mapping, items_mapping=draft.items_mapping,
            )  # fmt: skip
        except DeskError as error:
            status.update(label=said.NOT_LOADED, state="error", expanded=True)
            for number, line in enumerate(str(error).splitlines()):
                parts.plain(line, key=f"inv-refused-{number}")
            return
        began = time.monotonic()
        while (waited := time.monotonic() - began) < WAIT_S:
            status.update(label=common.load_wait(int(waited)))
            frame = questions.checked(store, bill_id).frames.get("bill")
            if frame is not None and len(frame) and frame["state"].iloc[0] != "being checked":
                break
            time.sleep(LOOK_S)
    questions.forget()
    for name in ("number", "total", "rate"):
        st.session_state.pop(f"inv-new-{name}", None)
    overview.go(asked.opening(bill_id))
    st.rerun()

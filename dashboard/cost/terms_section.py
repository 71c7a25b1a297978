"""What was agreed with each provider: ends, reviews, and the terms that hold in the month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st
from pydantic import ValidationError

from dashboard import agreed, parts
from dashboard import format as text
from dashboard.cost import contract_words as said
from dashboard.cost import money
from models.terms.contract import Ending, Terms
from models.terms.ending import first_end

if TYPE_CHECKING:
    from datetime import date

    from dashboard.cost.view import View


def agreements(view: View) -> None:
    """Each provider in view with a contract."""
    if not view.providers:
        return
    st.subheader(said.AGREEMENTS, anchor=False)
    for place, provider in enumerate(view.providers):
        row = view.of("contracts", provider).iloc[0]
        with st.container(border=True, key=f"cost-agreed-{place}", gap="xsmall"):
            parts.plain(provider, "strong", key=f"cost-agreed-name-{place}")
            parts.plain(said.notice(row, ends_on(row, view.now.today)), key=f"cost-notice-{place}")
            parts.plain(said.reviews(view.of("reviews", provider)), key=f"cost-reviews-{place}")
            for number, terms in view.of("terms", provider).iterrows():
                with st.container(key=f"cost-terms-{place}-{number}", gap="xxsmall"):
                    for which, line in enumerate(lines(terms)):
                        parts.plain(line, "muted" if which else "body", key=f"cost-terms-{place}-{number}-{which}")
            fee = money.parsed(row["ending_fee"])
            ending = agreed.ending(fee, row["assistance_days"], str(view.of("terms", provider)["currency"].iloc[0])
                                   if len(view.of("terms", provider)) else view.currency)  # fmt: skip
            parts.plain(f"{said.owners(row)} {ending}".strip(), "muted", key=f"cost-owners-{place}")


def ends_on(row: pd.Series, today: date) -> date | None:
    """The last day of the contract, were notice given today."""
    earliest = None if pd.isna(row["earliest_end"]) else pd.Timestamp(row["earliest_end"]).date()
    try:
        return first_end(Ending(notice_days=int(row["notice_days"]), to=row["ends_to"], earliest=earliest), today)
    except ValidationError:
        return None


def lines(row: pd.Series) -> list[str]:
    """The terms of a row in words."""
    until = None if pd.isna(row["until_date"]) else pd.Timestamp(row["until_date"]).date()
    heading = f"In force from {text.day(pd.Timestamp(row['from_date']).date())}"
    heading += f" until before {text.day(until)}:" if until else ":"
    try:
        return [heading, *agreed.terms(Terms.model_validate_json(str(row["terms"])))]
    except ValidationError:
        return [heading, said.UNREADABLE]

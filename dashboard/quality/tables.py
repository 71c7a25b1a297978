"""The tables of the Quality page: figures as people read them, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard import words
from dashboard.figures import shown
from dashboard.quality import teams
from dashboard.quality import words as said
from dashboard.quality.estimates import ALL
from models.metrics.catalogue import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from dashboard.quality.questions import TeamMeasure

SHORT = {
    "csat_mean": "Mean",
    "csat_response_rate": "Response (CSAT)",
    "nps_response_rate": "Response (NPS)",
    "ces_response_rate": "Response (effort)",
    "csat": "Satisfied",
    "nps": "NPS",
    "first_contact_resolution": "First contact",
    "repeat_rate_1d": "Repeats 1 d",
    "repeat_rate": "Repeats 7 d",
    "repeat_rate_30d": "Repeats 30 d",
    "claimed_resolution": "Agents say",
    "survey_resolution": "Customers say",
    "qa_score_client": "Score, company",
    "qa_score_provider": "Score, provider",
    "critical_accuracy_client": "No critical error, company",
    "critical_accuracy_provider": "No critical error, provider",
    "critical_accuracy_customer": "… to the customer",
    "critical_accuracy_business": "… to the business",
    "critical_accuracy_compliance": "… to compliance",
    "calibration_agreement": "Agree on criticals",
}
"""Headings of columns, where the label is too long for one."""
INTERVAL = "95 % interval"
WITHOUT_INTERVAL = ("csat_response_rate", "nps_response_rate", "ces_response_rate", "known_customer_share")
WITHOUT_N = ("csat_mean", "csat_response_rate", "nps_response_rate", "ces_response_rate", "repeat_rate")


def by_site(
    figures: pd.DataFrame, metrics: Sequence[str], names: Mapping[str, str], order: Sequence[str]
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """One row per site and one for all together, and how its columns are shown."""
    sites = [*order, ALL] if len(order) > 1 else list(order)
    rows = {(row["site"], row["metric"]): row for row in figures.to_dict("records")}
    table: dict[str, list[Any]] = {
        "site": [words.ALL_SITES if site == ALL else names.get(site, site) for site in sites]
    }
    columns: dict[str, Any] = {"site": st.column_config.TextColumn("Site", width=130, pinned=True)}
    for name in metrics:
        metric = BY_NAME[name]
        found = [rows.get((site, name)) for site in sites]
        heading = SHORT.get(name, metric.label)
        table[name] = [None if row is None else shown.scaled(metric, row["value"]) for row in found]
        columns[name] = st.column_config.NumberColumn(heading, format=shown.FORMATS[metric.unit], help=metric.label)
        if name not in WITHOUT_INTERVAL:
            table[f"{name}_interval"] = [
                None if row is None or pd.isna(row["low"]) else said.interval(metric, row["low"], row["high"])
                for row in found
            ]
            columns[f"{name}_interval"] = st.column_config.TextColumn(INTERVAL, help=metric.label, width=118)
        if name not in WITHOUT_N:
            table[f"{name}_n"] = [None if row is None or not row["n"] else row["n"] for row in found]
            columns[f"{name}_n"] = st.column_config.NumberColumn("n", format="%,d", help=f"n of {metric.label}")
    return pd.DataFrame(table), columns


def export(figures: pd.DataFrame, metrics: Collection[str], names: Mapping[str, str]) -> pd.DataFrame:
    """The same rows to take away, one per site and metric, numbers as they are."""
    rows = figures[figures["metric"].isin(metrics)]
    return rows.assign(
        name=[words.ALL_SITES if site == ALL else names.get(site, site) for site in rows["site"]],
        label=[BY_NAME[name].label for name in rows["metric"]],
        unit=[BY_NAME[name].unit for name in rows["metric"]],
    )


def of_teams(rows: pd.DataFrame, measure: TeamMeasure, names: Mapping[str, str]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """One row per team, most above what is expected first."""
    ordered = rows.sort_values(["ratio", "site", "team"], ascending=[False, True, True], na_position="last")
    table = pd.DataFrame(
        {
            "team": ordered["team"],
            "site": [names.get(site, site) for site in ordered["site"]],
            "place": [teams.PLACES[value] for value in ordered["place"]],
            "observed": ordered["observed"],
            "expected": ordered["expected"],
            "ratio": ordered["ratio"],
            "interval": [
                None if pd.isna(low) else f"{low:.2f} to {high:.2f}"
                for low, high in zip(ordered["ratio_low"], ordered["ratio_high"], strict=True)
            ],
            "share": 100 * ordered["share"],
            "n": ordered["n"],
        }
    )
    number, label = st.column_config.NumberColumn, st.column_config.TextColumn
    columns: dict[str, Any] = {
        "team": label("Team", width=150, pinned=True),
        "site": label("Site", width=110),
        "place": label("Place", width=130, help="Where the team lies in the funnel, over-dispersion allowed for."),
        "observed": number("Observed", format="%,d", help=f"{measure.what.capitalize()}.", width="small"),
        "expected": number("Expected", format="%,.1f", help=said.EXPECTED, width="small"),
        "ratio": number("Observed ÷ expected", format="%.2f", width="small"),
        "interval": label(INTERVAL, width=118, help="Of the ratio, by chance alone."),
        "share": number("Share", format="%.1f%%", width="small"),
        "n": number("n", format="%,d", width="small"),
    }
    return table, columns

"""The sections of the Quality page: each a question, its charts, what they say, its table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import format as text
from dashboard import parts
from dashboard.charts import legend as site_legend
from dashboard.names import by_name
from dashboard.quality import estimates, panels, peers, questions, silence, tables
from dashboard.quality import teams as team_funnel
from dashboard.quality import words as said
from dashboard.quality.context import PAGE, TEAMS
from dashboard.quality.estimates import ALL, LITTLE, one
from models.metrics.catalogue import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    import altair as alt
    import pandas as pd

    from dashboard.quality.context import View
    from dashboard.quality.questions import TeamMeasure

COMPARED = ("csat", "first_contact_resolution", "critical_accuracy_client", "transfer_rate")
"""What sites are said to stand apart in, in the page's answer."""
NARROW, WIDE = 360, 520


def apart(view: View) -> list[str]:
    """Sites clearly better or worse than the others or than they were, in the figures of the answer."""
    lines, drifts = [], []
    weeks = estimates.by_week(view.frame, COMPARED, view.now.today)
    for name in COMPARED:
        metric = BY_NAME[name]
        lines += said.stands_apart(peers.apart(view.figures, metric), metric, view.names)
        drifts += said.drifted(peers.drifted(estimates.of(weeks, name), metric), metric, view.names, peers.RECENT)
    return [*lines, *([said.CROSSED] if lines else []), *drifts]


def provisional(view: View) -> str:
    """From which week on surveys, repeats and evaluations are not final."""
    starts = sorted(set(view.frame["week_start"]))
    since = {}
    for what, name in (("surveys and repeats", "csat"), ("evaluations", "qa_score_client")):
        final = set(questions.final_weeks(BY_NAME[name], starts, view.now.today))
        open_weeks = [start for start in starts if start not in final]
        if open_weeks:
            since[what] = min(open_weeks)
    return said.provisional(since)


def satisfaction(view: View, asked: pd.DataFrame) -> None:
    """CSAT, NPS and effort with their response rates."""
    st.subheader(said.SATISFACTION, anchor=False)
    if not any(one(view.figures, name) is not None for name in ("csat", "nps", "ces")):
        parts.plain(said.NO_SURVEYS, "muted", key="no-surveys")
        return
    with st.grid(3, min_column_width=NARROW, gap="medium", key="satisfaction") as grid:
        for name, rate in (("csat", "csat_response_rate"), ("nps", "nps_response_rate"), ("ces", "ces_response_rate")):
            with grid.cell():
                row, response = one(view.figures, name), one(view.figures, rate)
                if row is None:
                    parts.plain(
                        f"{BY_NAME[name].label}: {text.NO_DATA.removeprefix('– ')}.", "muted", key=f"none-{name}"
                    )
                    continue
                says = [f"All together {said.figure(row, response=None if response is None else response['value'])}."]
                more = silence.sentences(asked) if name == "csat" else []
                dots(view, name, says=[*says, *little(row, "answers")], more=more)
    with st.grid(2, min_column_width=WIDE, gap="medium", key="satisfaction-more") as grid:
        with grid.cell():
            by_week(view, "csat")
        with grid.cell():
            histogram(view)
    table(view, questions.SATISFACTION, "satisfaction")
    panels.links(view, said.BEHIND_SATISFACTION, "satisfaction")


def histogram(view: View) -> None:
    """All five answers, site by site."""
    columns = [f"csat_{step}" for step in range(1, 6)]
    counts = view.frame.groupby("site")[columns].sum(min_count=1).reset_index()
    answered = set(counts["site"][counts[columns].sum(axis=1) > 0])
    row = one(view.figures, "csat_mean")
    order = [site for site in view.order if site in answered]
    drawn = panels.drawn("answers", {"counts": counts, "names": view.names, "order": order})
    says = [f"Mean {said.figure(row)}."] if row is not None else []
    panels.chart(drawn, BY_NAME["csat_mean"], view, key="answers", says=says)


def resolution(view: View) -> None:
    """Repeats, beside what agents and customers say."""
    st.subheader(said.RESOLUTION, anchor=False)
    row = one(view.figures, "first_contact_resolution")
    if row is None:
        parts.plain(said.NO_RESOLUTION, "muted", key="no-resolution")
        return
    weeks = sorted(set(view.frame["week_start"]))
    left_out = sum(start > row["last"] for start in weeks)
    kinds = {
        "first_contact_resolution": "No repeat within 7 days",
        "claimed_resolution": "Solved, as the agents say",
        "survey_resolution": "Solved, as the customers say",
    }
    with st.grid(2, min_column_width=WIDE, gap="medium", key="resolution") as grid:
        with grid.cell():
            drawn = compared(view, kinds, "first_contact_resolution", said.THREE_WAYS)
            final, metric = bool(row["final"]), BY_NAME["first_contact_resolution"]
            panels.chart(drawn, metric, view, key="solved", n=row["n"], final=final)
        with grid.cell():
            by_week(view, "first_contact_resolution")
    known = one(view.figures, "known_customer_share")
    lines = [said.repeats_span(row["first"], row["last"], left_out)] if row["final"] else [said.NO_FINAL_WEEK]
    panels.lines([*claims(view), *lines, *([said.known_customers(known)] if known is not None else [])], "resolution")
    table(view, questions.RESOLUTION, "resolution")
    panels.links(view, said.BEHIND_RESOLUTION, "resolution")


def claims(view: View) -> list[str]:
    """For each site what the agents say beside what happened."""
    lines = []
    for site in view.order:
        solved, claimed, heard = (
            one(view.figures, name, site)
            for name in ("first_contact_resolution", "claimed_resolution", "survey_resolution")
        )
        if solved is not None and claimed is not None:
            customers = None if heard is None else float(heard["value"])
            lines.append(
                said.claims_gap(view.names.get(site, site), float(claimed["value"]), float(solved["value"]), customers)
            )
    return lines


def evaluation(view: View) -> None:
    """QA scores and critical errors by who evaluated."""
    st.subheader(said.EVALUATION, anchor=False)
    made = [one(view.figures, name) for name in ("qa_score_client", "qa_score_provider")]
    if not any(row is not None for row in made):
        parts.plain(said.NO_EVALUATIONS, "muted", key="no-evaluations")
        return
    pairs = (
        ("qa", "QA score, by who evaluated", "qa_score", (said.SCORE_INTERVAL,)),
        ("critical", "No critical error, by who evaluated", "critical_accuracy", ()),
    )
    with st.grid(2, min_column_width=WIDE, gap="medium", key="evaluation") as grid:
        for key, heading, stem, more in pairs:
            kinds = {f"{stem}_client": "The company", f"{stem}_provider": "The provider"}
            metric = BY_NAME[f"{stem}_client"]
            with grid.cell():
                drawn = compared(view, kinds, metric.name, heading)
                says = [
                    f"{label}: {said.figure(row)}."
                    for name, label in kinds.items()
                    if (row := one(view.figures, name)) is not None
                ]
                panels.chart(drawn, metric, view, key=key, says=says, more=more)
    panels.lines(calibration(view), "calibration")
    table(view, questions.EVALUATION, "evaluation")
    panels.links(view, said.BEHIND_EVALUATION, "evaluation")


def calibration(view: View) -> list[str]:
    """How providers score against the company on the same contacts, and whether they agree on criticals."""
    lines = []
    for site in view.order:
        row = one(view.figures, "calibration_gap", site)
        if row is None or text.is_missing(row["low"]):
            continue
        name, value = view.names.get(site, site), float(row["value"])
        if row["low"] > 0:
            spread = estimates.gap_spread(view.frame[view.frame["site"] == site])
            lines.append(said.provider_higher(name, value, row["low"], row["high"], row["n"], spread))
        else:
            lines.append(said.scores_agree(name, value, row["low"], row["high"], row["n"]))
    agreed = one(view.figures, "calibration_agreement")
    if agreed is not None:
        lines.append(said.agreement(agreed))
    return lines


def transfers(view: View) -> None:
    """What is handed on, and what comes back to the company."""
    st.subheader(said.TRANSFERS, anchor=False)
    row = one(view.figures, "transfer_rate")
    if row is None:
        parts.plain(said.NO_HANDLED, "muted", key="no-handled")
        return
    bought = view.figures[view.figures["site"].isin(view.bought)]
    with st.grid(3, min_column_width=NARROW, gap="medium", key="transfers") as grid:
        with grid.cell():
            dots(view, "transfer_rate", says=[f"All together {said.figure(row)}."])
        with grid.cell():
            if estimates.of(bought, "bounce_back_rate")["value"].notna().any():
                dots(view, "bounce_back_rate", figures=bought)
            else:
                parts.plain(said.NO_BOUGHT, "muted", key="no-bought")
        with grid.cell():
            by_week(view, "transfer_rate")
    table(view, questions.TRANSFERS, "transfers")
    panels.links(view, said.BEHIND_TRANSFERS, "transfers")


def teams(view: View, measure: TeamMeasure, frame: pd.DataFrame | None) -> None:
    """The funnel: which teams differ by more than chance and the usual spread."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="teams-head"):
        st.subheader(said.TEAMS, anchor=False, width="content")
        st.selectbox(
            said.TEAM_MEASURE,
            list(questions.TEAM_MEASURES),
            format_func=lambda name: questions.TEAM_MEASURES[name].label,
            key=f"{PAGE}-{TEAMS}",
            width=280,
        )
    legend(view, "legend-teams")
    if frame is None:
        parts.plain(said.NO_FINAL_WEEK, "muted", key="no-final-week")
        return
    placed = team_funnel.place(frame, measure)
    sites = view.scope.sites_of(view.known)
    rows = placed.rows[placed.rows["site"].isin(sites)]
    if rows.empty:
        parts.plain(said.NO_TEAMS, "muted", key="no-teams")
        return
    shown = rows[rows["place"] != ""]
    if shown.empty or len(placed.told) < team_funnel.LEAST_TEAMS:
        parts.plain(said.few_teams(len(placed.told)), "muted", key="few-teams")
    else:
        drawn = panels.drawn(
            "funnel",
            {"placed": placed, "shown": shown, "measure": measure, "styles": view.styles, "names": view.names},
        )
        outside = shown[shown["place"] != "inside"].sort_values("ratio", ascending=False)
        more = [said.EXPECTED, said.spread(placed.phi, placed.tau2)]
        says = said.funnel(outside, len(shown), len(rows) - len(shown), view.names, measure)
        panels.chart(
            drawn,
            BY_NAME[measure.metric],
            view,
            key="funnel",
            says=says,
            more=more,
            legend=drawn_legend(view),
            rows=measure.rows,
        )
    notes = [said.EXPECTED]
    if placed.unnamed:
        notes.append(said.unnamed(placed.unnamed, measure.counted))
    if view.scope.queues:
        notes.append(said.TEAMS_KNOW_NO_QUEUE)
    panels.lines(notes, "teams")
    table_rows, columns = tables.of_teams(rows, measure, view.names)
    panels.table(table_rows, columns, rows, view.simulated, title=measure.axis, alt=said.TEAMS_ALT, key="teams")


def compared(view: View, kinds: dict[str, str], metric: str, heading: str) -> dict[str, Any]:
    """Figures of several kinds side by side, site by site."""
    return panels.drawn(
        "compared",
        {
            "rows": view.figures,
            "kinds": kinds,
            "metric": BY_NAME[metric],
            "heading": heading,
            "styles": view.styles,
            "names": view.names,
            "order": view.order,
        },
    )


def legend(view: View, key: str) -> None:
    """Colour and shape of every site in view."""
    st.altair_chart(drawn_legend(view), key=key, width="content")


def drawn_legend(view: View) -> alt.LayerChart:
    """The same, for files."""
    return site_legend(view.order, dict(view.styles), dict(view.names))


def dots(
    view: View,
    name: str,
    *,
    figures: pd.DataFrame | None = None,
    says: Sequence[str] = (),
    more: Sequence[str] = (),
) -> None:
    """One figure by site with its interval."""
    metric = BY_NAME[name]
    rows = estimates.of(view.figures if figures is None else figures, name)
    whole = one(view.figures, name)
    order = by_name(set(rows["site"]) - {ALL}, dict(view.names))
    drawn = panels.drawn(
        "by_site", {"rows": rows, "metric": metric, "styles": view.styles, "names": view.names, "order": order}
    )
    n, final = (None, None) if whole is None else (float(whole["n"]), bool(whole["final"]))
    panels.chart(drawn, metric, view, key=name, n=n, final=final, says=says, more=more)


def by_week(view: View, name: str) -> None:
    """One figure by site and week."""
    metric = BY_NAME[name]
    rows = estimates.by_week(view.frame, (name,), view.now.today)
    told = rows[rows["value"].notna()]
    if told.empty:
        parts.plain(f"{metric.label}: {text.NO_DATA.removeprefix('– ')}.", "muted", key=f"none-weeks-{name}")
        return
    drawn = panels.drawn("by_week", {"rows": told, "metric": metric, "styles": view.styles, "names": view.names})
    panels.chart(drawn, metric, view, key=f"{name}-weeks", legend=drawn_legend(view))


def table(view: View, metrics: Sequence[str], key: str) -> None:
    """The figures of a section by site."""
    rows, columns = tables.by_site(view.figures, metrics, view.names, view.order)
    export = tables.export(view.figures, metrics, view.names)
    panels.table(rows, columns, export, view.simulated, title=said.BY_SITE_TABLE, alt=said.BY_SITE_ALT, key=key)


def little(row: pd.Series, what: str) -> list[str]:
    """Says so when a figure rests on little."""
    return [said.too_little(row["n"], what)] if row["n"] < LITTLE else []

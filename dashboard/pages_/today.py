"""Today against the plan: contacts expected and come, agents required and there, and how good the forecasts are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard import format as text
from dashboard import parts, queries
from dashboard.figures import take_away
from dashboard.names import display_names
from dashboard.scope import own
from dashboard.store import State
from dashboard.today import charts, questions
from dashboard.today import words as said
from dashboard.today.outlook import Outlook, outlook

if TYPE_CHECKING:
    from dashboard.queries import Status
    from dashboard.store import Reply

PAGE = "today"
REFRESH_S = 30


@st.fragment(run_every=REFRESH_S)
def today() -> None:
    """The whole page."""
    store = parts.store()
    if store is None:
        return
    reply = questions.opened(store)
    parts.heading(said.TITLE, reply)
    if reply.state is State.UNREACHABLE:
        parts.unreachable(reply)
        return
    parts.notices(reply)
    now = queries.status(reply)
    found = questions.of_day(store, reply.state, now.today)
    if found.state is State.UNREACHABLE:
        parts.unreachable(found)
        return
    days = found.frames["days"]
    if days.empty:
        if now.last_event_at is None:
            parts.empty(queries.health(store, reply.state, now.asked_at).frames.get("refused"))
        else:
            st.info(said.NOT_YET, icon=":material/hourglass_top:")
        return
    names = display_names(reply.frames["sites"])
    outlooks = {str(site): _outlook(found, str(site), now) for site in days["site"]}
    site = _site(list(outlooks), names)
    _head(site, found, outlooks[site], now)
    _charts(site, found, reply, now)
    _table(found, outlooks, names, reply, now)


def _rows(frame: pd.DataFrame, site: str) -> pd.DataFrame:
    return frame[frame["site"] == site].reset_index(drop=True)


def _outlook(found: Reply, site: str, now: Status) -> Outlook:
    return outlook(_rows(found.frames["forecast"], site), _rows(found.frames["staffing"], site), now.asked_at)


def _site(sites: list[str], names: dict[str, str]) -> str:
    """Which site the charts show; in the address."""
    choices = (own.Choice("site", tuple(sites)),)
    chosen = own.settle(PAGE, choices)
    st.segmented_control(
        said.SITE, sites, format_func=lambda site: names.get(site, site), key=own.key(PAGE, "site"), width="content",
        required=True,
    )  # fmt: skip
    query = {name: values for name, values in own.query(choices, chosen).items() if values}
    if {name: st.query_params.get_all(name) for name in st.query_params} != query:
        st.query_params.from_dict(query)
    return chosen["site"]


def _head(site: str, found: Reply, view: Outlook, now: Status) -> None:
    """The day in five figures, and what they rest on."""
    row = _rows(found.frames["days"], site).iloc[0]
    if pd.isna(row["mean"]):
        parts.plain(said.NONE_OF_SITE, key="today-none")
        parts.plain(str(row["reason"]), "muted", key="today-reason")
        return
    errors = _rows(found.frames["errors"], site)
    error = float(errors["plan_wape"].iloc[0]) if len(errors) and pd.notna(errors["plan_wape"].iloc[0]) else None
    short_at = text.moment(view.short_at, now.reporting_zone)[-5:] if view.short_at else ""
    numbers = (
        (said.EXPECTED_TODAY, said.end_of_day(row["mean"], row["low"], row["high"])),
        (said.SO_FAR, text.count(view.come)),
        (said.AGAINST_PLAN, said.against_plan(view.come, view.planned)),
        (said.LEFT, text.count(round(view.left))),
        (said.SHORT, said.short(view.short, short_at)),
        (said.ERROR, text.share(error)),
    )
    with st.grid(len(numbers), min_column_width=170, gap="small", key="today-figures"):
        for label, value in numbers:
            st.metric(label, value)
    basis = [f"{pd.Timestamp(day):%d %b}" for day in row["basis"]] if row["basis"] is not None else []
    left_out = [f"{pd.Timestamp(day):%d %b}" for day in row["left_out"]] if row["left_out"] is not None else []
    made = said.made(queries.instant(row["made_at"]), queries.instant(row["counted_until"]), now.reporting_zone)
    parts.plain(f"{made} {said.basis(basis, left_out)}", "muted", key="today-made")


def _charts(site: str, found: Reply, reply: Reply, now: Status) -> None:
    forecast, staffing = _rows(found.frames["forecast"], site), _rows(found.frames["staffing"], site)
    sites = reply.frames["sites"]
    simulated = set(sites["site"][sites["simulated"]])
    for frame, draw, name in ((forecast, charts.contacts, "contacts"), (staffing, charts.agents, "agents")):
        if frame.empty:
            continue
        chart = draw(frame, now.asked_at, now.reporting_zone)
        charts.legend(name)
        st.altair_chart(chart, key=f"today-{name}", width="stretch")
        with st.container(horizontal=True, gap="small", key=f"today-under-{name}"):
            take_away.chart_buttons(chart, f"today-{name}", demo=site in simulated, key=f"today-{name}")
            take_away.table_buttons(frame, f"today-{name}", simulated, key=f"today-{name}")
    with st.popover(said.EXPLAIN, icon=":material/info:", type="tertiary", key="explain-today"):
        for line in said.EXPLAINED:
            st.markdown(line)


def _table(found: Reply, outlooks: dict[str, Outlook], names: dict[str, str], reply: Reply, now: Status) -> None:
    """All sites side by side."""
    st.subheader(said.SITES_TITLE, anchor=False)
    days, errors, adherence = (found.frames[name].set_index("site") for name in ("days", "errors", "adherence"))
    rows = []
    for site, view in outlooks.items():
        day = days.loc[site]
        error = errors.loc[site].to_dict() if site in errors.index else {}
        rows.append(
            {
                "site": site,
                "name": names.get(site, site),
                "expected": day["mean"],
                "plan": day["plan_mean"],
                "so_far": view.come,
                "planned_so_far": view.planned,
                "left": view.left,
                "short": view.short,
                "short_at": text.moment(view.short_at, now.reporting_zone)[-5:] if view.short_at else "",
                "adherence": 100 * float(adherence["adherence"].get(site, float("nan"))),
                "wape": 100 * error.get("plan_wape", float("nan")),
                "bias": 100 * error.get("plan_bias", float("nan")),
                "reason": str(day["reason"]) if pd.isna(day["mean"]) else "",
            }
        )
    frame = pd.DataFrame(rows)
    config = st.column_config
    whole = {
        "expected": said.EXPECTED_TODAY, "plan": said.PLANNED, "so_far": said.SO_FAR,
        "planned_so_far": "Planned so far", "left": said.LEFT, "short": "Agents short",
    }  # fmt: skip
    st.dataframe(
        frame.drop(columns="site"), hide_index=True, height="content", placeholder=text.NO_DATA, key="today-sites",
        alt=said.SITES_ALT,
        column_config={
            "name": config.TextColumn(said.SITE),
            **{name: config.NumberColumn(label, format="%,.0f") for name, label in whole.items()},
            "short_at": config.TextColumn("Shortest at"),
            "adherence": config.NumberColumn(said.ADHERENCE, format="%.0f%%", help=said.ADHERENCE_HELP),
            "wape": config.NumberColumn(f"{said.ERROR} (WAPE)", format="%.1f%%"),
            "bias": config.NumberColumn("Bias", format="%+.1f%%"),
            "reason": config.TextColumn("No forecast because"),
        },
    )  # fmt: skip
    sites = reply.frames["sites"]
    take_away.table_buttons(frame, "today-sites", set(sites["site"][sites["simulated"]]), key="today-sites")


today()

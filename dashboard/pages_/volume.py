"""How much came in and when, what campaigns added, and what is still open."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard import format as text
from dashboard import parts, queries, words
from dashboard.names import display_names
from dashboard.scope import own, sums
from dashboard.scope.bar import scope_bar
from dashboard.scope.behind import TOO_WIDE, Behind
from dashboard.scope.opening import opened
from dashboard.store import Reply, State
from dashboard.volume import filters, questions, sections, series
from dashboard.volume import words as said
from dashboard.volume.sections import View

if TYPE_CHECKING:
    from datetime import datetime

    from dashboard.scope.scope import Known, Scope

REFRESH_S = 60


@st.fragment(run_every=REFRESH_S)
def volume() -> None:
    """The whole page."""
    page = opened(said.TITLE)
    if page is None:
        return
    store, reply, known = page.store, page.choices, page.known
    answer = st.container(key="volume-answer", gap="xxsmall")
    choices = filters.choices(known.weeks)
    chosen = own.settle(filters.PAGE, choices)
    scope = scope_bar(filters.PAGE, known, page.site_names, page.topic_names, own.query(choices, chosen))
    first, end = scope.span(known)
    lines = {"all": 1, "provider": len(known.providers), "site": len(scope.sites_of(known))}[chosen["line"]]
    shown = filters.fitting(first, end, chosen["grain"], lines)
    day = own_row(chosen, shown, end)
    now, by_day = queries.status(reply).asked_at, (end - first).days > 14
    asked = questions_of(scope, known, now, chosen["grain"], chosen["line"], by_day=by_day)
    found = sums.answers(store, reply.state, asked)
    if found.state is State.UNREACHABLE:
        parts.unreachable(found)
        return
    view = view_of(reply, scope, known, found, (day, day + timedelta(days=1)) if day else (shown, end), chosen)
    if not found.frames["days"]["offered"].sum() and not found.frames["intervals"]["transferred"].sum():
        parts.plain(words.NOTHING_IN_SCOPE, key="nothing")
        return
    with answer:
        above(found)
    notes(view, found, lines, limited=None if day else shown)
    intervals(view, found)
    rest(view, found)
    page.as_of(filters.PAGE)


def own_row(chosen: dict[str, str], first: date, end: date) -> date | None:
    """The grain, the lines and, for quarter-hours, one day."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="volume-own"):
        for choice, label, names in ((filters.GRAIN, said.GRAIN, said.GRAINS), (filters.LINE, said.LINE, said.LINES)):
            st.segmented_control(
                label,
                choice.options,
                format_func=names.__getitem__,
                key=own.key(filters.PAGE, choice.name),
                width="content",
            )
        if chosen["grain"] != "quarter":
            return None
        days = [(first + timedelta(days=n)).isoformat() for n in range((end - first).days)]
        options = ["", *days] if chosen["day"] in ("", *days) else ["", chosen["day"], *days]
        st.selectbox(
            said.DAY, options, key=own.key(filters.PAGE, "day"), width=220,
            format_func=day_option,
        )  # fmt: skip
    if not chosen["day"]:
        return None
    if chosen["day"] not in days:
        parts.plain(said.outside(text.day(date.fromisoformat(chosen["day"]))), "muted", key="volume-outside")
        return None
    return date.fromisoformat(chosen["day"])


def day_option(day: str) -> str:
    """A day as the choice offers it."""
    return f"{date.fromisoformat(day):%a} {text.day(date.fromisoformat(day))}" if day else said.WHOLE


def questions_of(scope: Scope, known: Known, now: datetime, grain: str, line: str, *, by_day: bool) -> dict[str, str]:
    """Everything the page asks, by name."""
    return {
        "intervals": questions.intervals(scope, known, grain, line),
        "days": questions.intervals(scope, known, "day", "all"),
        "heat": questions.heat(scope, known),
        "backlog": questions.backlog(scope, known, by_day=by_day),
        "open": questions.open_now(scope, known, now),
        "gaps": questions.gaps(scope, known),
    }


def view_of(
    reply: Reply, scope: Scope, known: Known, found: Reply, shown: tuple[date, date], chosen: dict[str, str]
) -> View:
    """What all figures of the page share."""
    now, sites = queries.status(reply), reply.frames["sites"]
    first, _ = scope.span(known)
    days = found.frames["days"]
    began = [pd.Timestamp(day).date() for day, n in zip(days["date"], days["offered"], strict=True) if n]
    # In the first week there is, days before the first contact are not empty: they are not there.
    since = series.midnight(min(began), now.reporting_zone) if began and first == known.weeks[0] else None
    in_view = set(scope.sites_of(known))
    return View(
        behind=Behind(scope, known),
        now=now,
        names=display_names(sites),
        simulated=frozenset(sites["site"][sites["simulated"] & sites["site"].isin(in_view)]),
        grain=chosen["grain"],
        line=chosen["line"],
        shown=shown,
        since=since,
        until=queries.instant(reply.frames["rolled"]["contacts_at"].iloc[0]) or now.asked_at,
    )


def above(found: Reply) -> None:
    """The answer, before everything else."""
    by_day, heat, open_ = found.frames["days"], with_mean(found.frames["heat"]), found.frames["open"]
    total = float(by_day["offered"].sum())
    days = int((by_day["offered"] > 0).sum())
    shares = [
        float(by_day[name].sum()) / total if total else None for name in ("answered", "abandoned", "campaign_offered")
    ]
    busiest = said.busiest(heat.iloc[int(heat["mean"].argmax())]) if heat["mean"].max() > 0 else None
    parts.plain(said.answer(total, days, shares[0], shares[1], busiest, shares[2]), "strong", key="volume-answer")
    old = int(open_.loc[open_["age"] > 0, "contacts"].sum())
    parts.plain(said.open_now(int(open_["contacts"].sum()), old), key="volume-open")


def notes(view: View, found: Reply, lines: int, limited: date | None) -> None:
    """What the reader must know of limits, filters that cannot apply, and silent feeds."""
    first, end = view.span
    with st.container(key="volume-notes", gap="xxsmall"):
        if limited and limited > first:
            line = said.limited(view.grain, limited, (end - limited).days, lines)
            parts.plain(line, "muted", key="volume-limited")
        if view.behind.scope.topics:
            what = "Hours and backlog" if view.grain != "quarter" else "Quarter-hours, hours and backlog"
            parts.plain(said.filter_unknown(["topic"], what), "muted", key="volume-filter")
        if view.behind.too_wide:
            parts.plain(TOO_WIDE, "muted", key="volume-too-wide")
        gaps = found.frames["gaps"]
        begin, over = (pd.Timestamp(series.midnight(day, view.zone)).tz_localize(None) for day in view.shown)
        gaps = gaps[(gaps["starts_at"] < over) & (gaps["ends_at"] > begin)]
        for number, line in enumerate(said.gap_lines(gaps, view.names, view.zone)):
            parts.plain(line, "muted", key=f"volume-gap-{number}")
        if len(gaps):
            st.page_link("pages_/health.py", label=said.HEALTH_LINK, icon=":material/monitor_heart:")


def intervals(view: View, found: Reply) -> None:
    """Charts and the table by interval."""
    answered = series.keyed(found.frames["intervals"], view.grain)
    answered = answered.assign(line="all") if view.line == "all" else answered.rename(columns={view.line: "line"})
    grid = series.intervals(view.grain, *view.shown, view.zone, view.since, view.until)
    data = series.complete(answered, grid, sorted(set(answered["line"])), questions.COLUMNS)
    if data.empty:
        parts.plain(words.NOTHING_IN_SCOPE, key="volume-no-intervals")
        return
    for number, line in enumerate(series.clock_changes(*view.shown, view.zone) if view.grain == "quarter" else []):
        parts.plain(line, "muted", key=f"volume-clock-{number}")
    sections.interval_charts(view, data)
    line = said.TRANSFER_CLOCK + (f" {said.PROVISIONAL}" if data["so_far"].any() and view.grain != "quarter" else "")
    parts.plain(line, "muted", key="volume-marks")
    sections.table(view, data)


def rest(view: View, found: Reply) -> None:
    """By weekday and hour, by campaign, and what is open."""
    first, end = view.span
    over = min(end, view.now.today)
    from_day = max(first, view.since.astimezone(ZoneInfo(view.zone)).date()) if view.since else first
    heat = with_mean(found.frames["heat"])
    if len(heat):
        sections.heat(view, heat, series.days_without(found.frames["days"], from_day, over))
    by_day = (end - first).days > 14
    with st.grid(2, min_column_width=430, gap="medium", key="volume-pairs") as grid:
        with grid.cell():
            sections.campaigns(view, campaign_weeks(found.frames["days"], view))
        with grid.cell():
            data = backlog_of(found.frames["backlog"], view, by_day=by_day)
            if len(data):
                sections.backlog(view, data, by_day=by_day)
    sections.open_now(view, found.frames["open"])


def with_mean(heat: pd.DataFrame) -> pd.DataFrame:
    """Contacts an hour; no data where there was no such hour."""
    hours = heat["hours"].astype("float64")
    return heat.assign(hours=hours, mean=(heat["offered"].astype("float64") / hours).where(hours > 0))


def campaign_weeks(frame: pd.DataFrame, view: View) -> pd.DataFrame:
    """Weeks oldest first, with the share the catalogue defines."""
    days = [pd.Timestamp(day).date() for day in frame["date"]]
    mondays = [day - timedelta(days=day.weekday()) for day in days]
    by_week = (
        frame[["offered", "campaign_offered"]].assign(week_start=mondays).groupby("week_start").sum().reset_index()
    )
    weeks = sums.with_metrics(by_week, [sums.metric("campaign_share")]).sort_values("week_start", ignore_index=True)
    starts = [pd.Timestamp(start).date() for start in weeks["week_start"]]
    today = view.now.today
    labels = [text.week_days(day) + (f" ({words.SO_FAR})" if day + timedelta(days=7) > today else "") for day in starts]
    campaign = weeks["campaign_offered"].fillna(0)
    return weeks.assign(week_start=starts, label=labels, campaign_offered=campaign, steady=weeks["offered"] - campaign)


def backlog_of(frame: pd.DataFrame, view: View, *, by_day: bool) -> pd.DataFrame:
    """The backlog of the chosen weeks, up to now."""
    first, end = view.span
    if by_day:
        return series.daily_backlog(frame, first, min(end, view.now.today + timedelta(days=1)), view.now.today)
    return series.quarter_backlog(frame, series.intervals("quarter", first, end, view.zone, view.since, view.until))


volume()

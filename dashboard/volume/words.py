"""The sentences of the Volume page. Those with a site's own words go to `parts.plain` or into a table's cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboard import format as text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    import pandas as pd

TITLE = "Volume"
FIGURES = {
    "offered": "Offered",
    "answered": "Answered",
    "abandoned": "Abandoned",
    "transferred": "Transferred",
}
GRAINS = {"quarter": "Quarter-hour", "day": "Day", "week": "Week"}
GRAIN = "By"
LINES = {"all": "Together", "provider": "By provider", "site": "By site"}
LINE = "Lines"
DAY = "Day"
WHOLE = "All days shown"
OF = "Of"
CONTACTS = "Contacts"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKDAY = "Weekday"
MEAN = "Mean"
INTERVALS = "Interval by interval"
TABLE = "Table"
TABLE_ALT = "One row per interval, newest first, with what was offered, answered, abandoned, handed on."
HEAT = "Contacts an hour by weekday and hour"
HEAT_CLICK = "A click opens the contacts of the latest such day in these weeks."
STEADY, CAMPAIGN = "Steady", "From campaigns"
CAMPAIGNS = "Steady and campaign contacts"
CAMPAIGN_UNITS = "contacts offered a week; above each bar the campaigns' share"
CAMPAIGN_SHARE = "Campaign share"
BACKLOG = "Backlog"
BACKLOG_DAYS = "contacts open, by day"
MOST, AT_END = "Most at once", "At the end of the day"
OPEN = "Open"
NOW = "Open now, by age"
AGES = ("0 to 24 h", "24 to 48 h", "48 h and more")
AGE_HELP = "Time since they arrived, of contacts that wait or are in conversation at this moment."
SEE_WAITING, SEE_TALKING = "See those who wait", "See those in conversation"
SEE = "See these contacts"
HEALTH_LINK = "See the gaps on Data health"
HOW_BACKLOG = "How the backlog is counted"
HOW_BACKLOG_LINES = (
    "Contacts offered so far less contacts that left the work to be done, added up quarter-hour by quarter-hour from "
    "the first day in the store.",
    "A contact leaves it when it ends, is abandoned or leaves the queue. One whose end nobody told leaves it when it "
    "is given up on: a day after its last event, in written channels a week after.",
    "What was open before the first day in the store is not known and not in it.",
    "It is never below zero. Where a site's clock told an end before its beginning, zero is shown and a note says so.",
)
HOW_NOW = (
    "Counted from the contacts themselves, not from sums: those with events within the last 168 hours that wait or "
    "are in conversation at this moment. Older ones without an end are given up on by then."
)
PROVISIONAL = "Dashed to a hollow point: the interval is not over."
TRANSFER_CLOCK = "Transfers count when handling ended; the others when the contact arrived."
NO_CAMPAIGNS = "No contact of these weeks came from a campaign."
CHOOSE_CELL = "Choose a number of the table for the contacts behind it, or click a chart."
ALL_OF_WEEK = "A click opens all contacts offered in that week: lists do not tell campaigns apart."
DST_TWICE = (
    "On {day} the clocks were put back: the hour before {hour} comes twice and is labelled with its offset from UTC."
)
DST_MISSING = "On {day} the clocks were put forward: the hour before {hour} did not exist and is not shown."


def answer(
    total: float,
    days: int,
    answered: float | None,
    abandoned: float | None,
    busiest: str | None,
    campaign: float | None,
) -> str:
    """What the page says, in a sentence or two."""
    said = f"{text.count(total)} contacts were offered on {days:,} {'day' if days == 1 else 'days'}"
    if days:
        said += f", {text.count(round(total / days))} a day"
    said += f"; {text.share(answered)} were answered, {text.share(abandoned)} abandoned."
    if busiest:
        said += f" {busiest}"
    if campaign:
        said += f" {text.share(campaign)} came from campaigns."
    return said


def busiest(row: pd.Series) -> str:
    """The busiest hour of the week."""
    hour = int(row["local_hour"])
    day = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")[int(row["weekday"]) - 1]
    return f"Busiest: {day} {hour:02d} to {hour + 1:02d} o’clock, {row['mean']:,.0f} an hour."


def open_now(total: int, old: int) -> str:
    """What is open at this moment."""
    if not total:
        return "Nobody waits or is in conversation at this moment."
    said = f"{total:,} {'contact is' if total == 1 else 'contacts are'} open at this moment, "
    return said + ("none of them for more than 24 hours." if not old else f"{old:,} of them for more than 24 hours.")


def split(waiting: int, talking: int) -> str:
    """Of the open contacts of an age, how many wait."""
    return f"{waiting:,} waiting · {talking:,} in conversation"


def unit(column: str, grain: str, zone: str) -> str:
    """The unit of an interval chart."""
    of = {"quarter": f"contacts a quarter-hour, {zone}", "day": "contacts a day", "week": "contacts a week"}[grain]
    return of + (", when handling ended" if column == "transferred" else "")


def figure_line(column: str, total: float, rate: float | None, lines: Sequence[tuple[str, float]]) -> str:
    """What a chart of intervals adds up to."""
    said = f"{text.count(total)} in all"
    if rate is not None and not text.is_missing(rate):
        of = "handled" if column == "transferred" else "offered"
        said += f", {text.share(rate)} of those {of}"
    if len(lines) > 1:
        said += ": " + "; ".join(f"{name} {text.count(value)}" for name, value in lines)
    return said + "."


def limited(grain: str, first: date, days: int, lines: int) -> str:
    """Not all of the chosen weeks fit the chart."""
    why = "for one line" if lines == 1 else f"for {lines} lines"
    what = "Quarter-hours" if grain == "quarter" else "Days"
    return (
        f"{what} are shown for the last {days:,} {'day' if days == 1 else 'days'} of the chosen weeks {why}, "
        f"from {text.day(first)}; more could not be read. Choose days or weeks to see all of them."
    )


def filter_unknown(names: Iterable[str], what: str) -> str:
    """A filter that cannot be applied to this figure."""
    return f"{what}: not kept by {' and '.join(names)}, so that filter does not apply here."


def outside(day: str) -> str:
    """The day in the address is not in the days shown."""
    return f"{day} is not among the days shown; all of them are."


def heat_units(zone: str) -> str:
    """What the heat map counts."""
    return f"mean contacts offered an hour; hours of {zone}"


def heat_tip(row: pd.Series) -> str:
    """A cell of the heat map in words."""
    hour = int(row["local_hour"])
    if text.is_missing(row["mean"]):
        return text.NO_DATA
    return (
        f"{hour:02d} to {hour + 1:02d} o’clock: {row['mean']:,.1f} an hour "
        f"({text.count(row['offered'])} contacts in {row['hours']:,.4g} hours)"
    )


def left_out(days: Sequence[date], zone: str) -> str:
    """Which days the means leave out."""
    said = f"Mean over the days on which anything arrived that had the hour in {zone}; holidays count like other days."
    if not days:
        return said
    listed = ", ".join(f"{day:%a} {day.day} {day:%b}" for day in days[:6])
    more = f" and {len(days) - 6:,} more" if len(days) > 6 else ""
    return f"{said} Left out, as nothing arrived all day (closed, or unknown): {listed}{more}."


def gap_lines(rows: pd.DataFrame, names: dict[str, str], zone: str) -> list[str]:
    """Sites that were silent although open, in the days shown: volume there is unknown."""
    lines = []
    for site, gaps in rows.groupby("site", sort=True):
        hours = gaps["minutes"].sum() / 60
        first = gaps["starts_at"].min().tz_localize("UTC")
        when = f"first on {text.weekday(first, zone)}"
        lines.append(
            f"{names.get(str(site), str(site))} sent nothing for {hours:,.1f} h although open ({when}): "
            "its volume there is unknown, not zero."
        )
    return lines


def campaign_line(share: float | None, row: pd.Series | None) -> str:
    """What the campaign chart shows."""
    if not share or row is None:
        return NO_CAMPAIGNS
    return (
        f"{text.share(share)} of the contacts came from campaigns, most in the week "
        f"{text.week_days(row['week_start'])} with {text.share(row['campaign_share'])}."
    )


def backlog_quarters(zone: str) -> str:
    """What the fine backlog shows."""
    return f"contacts open at the end of each quarter-hour, {zone}"


def backlog_line(most: float, label: str, left: float | None) -> str:
    """What the backlog chart shows."""
    line = f"At most {text.count(most)} contacts were open at once, {label}"
    if left is None or text.is_missing(left):
        return f"{line}."
    return f"{line}; at the end of a day {'none' if not left else 'at most ' + text.count(left)}."


def below_zero(times: int) -> str:
    """Where the sum fell below zero."""
    return f"In {times:,} {'interval' if times == 1 else 'intervals'} ends came before beginnings; zero is shown there."


def lines_description(column: str, grain: str, lines: int, data: pd.DataFrame, zone: str) -> str:
    """A chart of intervals for those who do not see it."""
    grid = data.drop_duplicates("key")
    return (
        f"Line chart: {FIGURES[column].lower()} contacts by {GRAINS[grain].lower()} in {zone}, "
        f"{lines:,} {'line' if lines == 1 else 'lines'}, {len(grid):,} intervals "
        f"from {grid['label'].iloc[0]} to {grid['label'].iloc[-1]}."
    )


def heat_description(data: pd.DataFrame, zone: str) -> str:
    """The heat map for those who do not see it."""
    if data.empty:
        return "Heat map without data."
    top = data.iloc[int(data["mean"].argmax())]
    return f"Heat map: mean contacts an hour by weekday and hour in {zone}. {busiest(top)}"


def campaigns_description(data: pd.DataFrame) -> str:
    """The campaign chart for those who do not see it."""
    return f"Stacked bars: contacts offered in each of {len(data):,} weeks, steady and from campaigns."


def backlog_description(data: pd.DataFrame) -> str:
    """The backlog chart for those who do not see it."""
    what = "days" if "most" in data else "quarter-hours"
    top: Any = data["most" if "most" in data else "open"].max()
    return f"Line chart: backlog over {len(data):,} {what}, at most {text.count(top)} contacts open at once."

"""What the Today page says. Sentences with names of sites in them go to `parts.plain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text

if TYPE_CHECKING:
    from datetime import datetime

TITLE = "Today"
SITE = "Site"
EXPECTED_TODAY = "Expected today"
SO_FAR = "So far"
AGAINST_PLAN = "Against the plan"
LEFT = "Still to come"
SHORT = "Most short of agents"
ERROR = "Forecast error"
ADHERENCE = "Line adherence"
ADHERENCE_HELP = (
    "How closely the agents there followed those required, by quarter-hour of today so far: 1 less the absolute "
    "differences over the agents required."
)
CONTACTS_TITLE = "Contacts by quarter-hour"
CONTACTS_ALT = "Contacts expected with a band, planned and come, by quarter-hour of the day."
AGENTS_TITLE = "Agents by quarter-hour"
AGENTS_ALT = "Agents required, usually there and there today, by quarter-hour of the day."
COME, EXPECTED, PLANNED, BAND = "Come", "Expected", "Plan", "Band"
REQUIRED, STAFFED, USUAL = "Required", "There", "Usually there"
CONTACTS_UNIT = "Contacts offered · quarter-hours of {zone}"
AGENTS_UNIT = "Agents available, busy or in wrap-up · quarter-hours of {zone}"
SITES_TITLE = "All sites"
SITES_ALT = (
    "Sites with contacts expected, planned and come, the quarter-hour most short of agents, and the forecast's error."
)
CONTACTS_LEGEND = "● come · solid line: expected, with its band · dashed line: plan · upright line: now"
AGENTS_LEGEND = "solid line: required · grey area: there · dashed line: usually there · upright line: now"
NOT_YET = (
    "No forecast yet. Ingest makes one a minute or so after the sums by day are there, and needs two weeks of history."
)
NONE_OF_SITE = "There is no forecast of this site for today."
EXPLAIN = "How this is worked out"
EXPLAINED = (
    "**Expected**: the mean of the same quarter-hour of the last four same weekdays, without holidays and days on "
    "which the feed was silent; during the day drawn towards what has come so far. The **plan** is the first forecast "
    "of the day. The **band** is to hold nine of ten quarter-hours.",
    "**Required**: the fewest agents with whom calls meet the service level, the limits on abandonment and occupancy "
    "(Erlang A, with patience and handle time of the last four weeks), all calls of a site as one queue, and chats by "
    "slots. It is a lower bound where agents have different skills.",
    "**There**: agents available, busy or in wrap-up, by time. Rosters are not known here; **usually there** is the "
    "mean of the same weekdays.",
    "**Error** (WAPE): the sum of absolute errors by quarter-hour over the contacts offered, of the last 28 days. "
    "Days that were over before there was a forecast are forecast afterwards, from the days before them alone. "
    "On few contacts a quarter-hour chance alone makes it large.",
)


def basis(days: list[str], left_out: list[str]) -> str:
    """Which days the forecast rests on."""
    line = f"Rests on {', '.join(days)}." if days else ""
    return f"{line} Left out: {', '.join(left_out)}." if left_out else line


def made(at: datetime | None, until: datetime | None, zone: str) -> str:
    """How old the forecast is."""
    if at is None:
        return ""
    counted = f", with what came until {text.moment(until, zone)}" if until else ""
    return f"Forecast of {text.moment(at, zone)}{counted}."


def end_of_day(mean: float, low: float, high: float) -> str:
    """Where the day will end."""
    return f"{text.count(round(mean))} ({text.count(round(low))} to {text.count(round(high))})"


def against_plan(come: float, planned: float) -> str:
    """Contacts until now beside those planned until now."""
    if planned <= 0:
        return text.NO_DATA
    change = come / planned - 1
    return f"{'+' if change >= 0 else '−'}{abs(change) * 100:.0f}%"


def short(agents: float, at: str) -> str:
    """The quarter-hour in which most agents are missing."""
    return f"{text.count(round(agents))} at {at}" if agents > 0 else "none"

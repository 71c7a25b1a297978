"""The sentences of the Data health page. Those with a site's or a message's own words go to `parts.plain`."""

from __future__ import annotations

import shlex
from datetime import timedelta
from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard.queries import instant
from models.metrics.catalogue import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    import pandas as pd

STATES = {
    "ok": "● Up to date",
    "late": "◑ Late",
    "unknown": "? Unknown",
    "closed": "○ Closed",
    "quiet": "· Quiet",
    "no_feed": "– No feed yet",
    "refusing": "✕ Refusing",
}
"""A sign and a word each, so that colour is never needed."""
TROUBLE = ("refusing", "unknown", "late")
STATES_HELP = "  \n".join(
    (
        "**Up to date**: events come, and soon after they happen.",
        "**Late**: half of the latest events came over 5 minutes late, or over 1,000 messages wait in the broker.",
        "**Unknown**: open, but nothing came for 15 minutes. The numbers since then are unknown, not zero.",
        "**Closed**: nothing came for 15 minutes and nothing was expected.",
        "**Quiet**: nothing came for 15 minutes; opening was just now, or the hours are not known yet.",
        "**Refusing**: over 1 % of what came in the last hour could not be used.",
    )
)

FEEDS = "Feeds"
FEEDS_ALT = "One row per site: state of its feed, events per minute, delay, clock, and what went wrong in 24 hours."
EVENTS_HELP = "Events stored per minute, mean of the last 5 minutes."
MINUTES_HELP = "Events stored in each of the last 60 minutes. Every site has its own scale."
LEFT_HELP = "Messages of the site still in the broker when ingest last read from it."
LATE_HELP = "Over the last hour: received − happened. History loaded (over 7 days old) is left out."
SKEW_HELP = (
    "From the least of received − happened over the last hour. Below zero the site's clock is ahead, at least so far; "
    "a site whose every event takes longer than 5 seconds has a clock behind or sends late."
)
REPEATS_HELP = "Messages of the last 24 hours that told again what was known. They change no number."
ORDER_HELP = "Events of the last 24 hours older than one of the same contact that came before. They change no number."
SILENT_HELP = "Messages of the last 24 hours that were understood and say nothing Backstop counts."
REFUSED_HELP = "Messages of the last 24 hours that could not be used. See below."
HISTORY_HELP = "Events of the last hour that came over 7 days after they happened."

REFUSED = "Refused messages"
NONE_REFUSED = "No message was refused."
BY_CLASS_ALT = "Refused messages counted by site, code and reason."
LATEST = "Latest messages"
LATEST_ALT = "The latest refused messages, those nobody has dealt with first."
LATEST_NOTE = "Customer identifiers are hidden. Those nobody has dealt with come first."
MESSAGE = "Message in full"
MESSAGE_PLACEHOLDER = "Choose a message by its id"
REPLAY_NOTE = "On the machine that runs Backstop, show its bytes, or try again once the cause is mended:"
NO_TEXT = "(no bytes)"
OPEN_MESSAGE = "open"
OPEN_HELP = "Neither replayed nor dismissed."

TOPICS = "Topic codes not mapped"
ALL_MAPPED = "Every topic code of the last 28 days is one of the company's topics."
NO_TOPICS = (
    "No topic list is configured: codes count as the sites send them. To compare topics across sites, "
    "add to backstop.toml:"
)
TOPICS_TOML = """[topics.billing]
name = "Billing"

[sites.north.topics]
RECHNUNG = "billing"  # the site's code = the company's topic"""
TOPICS_NOTE = "Add the code under [sites.SITE.topics], or under [topics] if it is a topic of the company's own."
TOPICS_ALT = "Topic codes as sent in the last 28 days, with the number of contacts and when they came."

GAPS = "Gaps of the last 8 days"
NO_GAPS = "No site was silent while it was open."
GAPS_NOTE = "Nothing came although the site was open. Its numbers of that time are unknown, not zero."
GAPS_ALT = "Stretches in which a site sent nothing although it was open."
STRETCHES = {"known": "Events came", "unknown": "Unknown: open, but nothing came", "closed": "Closed"}
GOES_ON = "goes on"
HOURS = {
    "configured": "opening hours as configured",
    "learned": "hours learned from the last 4 weeks",
    "unknown": "hours not known before 3 weeks of events",
}
HOURS_TOML_NOTE = "Tell the hours in backstop.toml with open under [sites.SITE]."

PROVISIONAL = "What can still change"
OPEN_ALT = "Contacts without an end, by site."
OPEN_NONE = "No contact is open."
END_UNKNOWN_HELP = (
    "Nothing came for 24 hours (messaging, email, cases: 7 days) and no end was told. Of contacts that came in the "
    "last 28 days."
)
CHANGES = "Changes to closed weeks"
NO_CHANGES = "No figure of a closed week has changed."
CHANGES_ALT = "Figures of closed weeks that changed: what they were, what they are and since when."
CHANGES_LINK = "See all changes to closed weeks"
WEEK = "Week"
ALL_WEEKS = "All weeks"

LOG = "What ingest said"
LOG_ALT = "The last 50 entries of ingest's log, newest first."
NO_LOG = "Ingest has not said anything yet."
LOG_STATES = {
    "consuming": "Receiving",
    "waiting_for_broker": "Waiting for the broker",
    "waiting_for_room": "Disk full",
    "stopped": "Stopped",
    "notice": "Notice",
}

FIGURES = {
    "answered_in_target": "answered in target",
    "answered_wait_s": "wait of answered, sum",
    "abandoned_wait_s": "wait of abandoned, sum",
    "handle_s": "handle time, sum",
}
"""What the catalogue has no name for, since it makes figures of it."""
MOST_NOTES = 5


def verdict(feed: pd.DataFrame) -> str:
    """The page's answer in one sentence. Counts only."""
    states = feed["state"].tolist()
    troubled = sum(state in TROUBLE for state in states)
    total = len(states)
    if troubled:
        return f"{troubled} of {total} {_plural('feed', total)} cannot be trusted right now."
    parts = [
        f"{states.count(state)} {word}"
        for state, word in (("ok", "up to date"), ("closed", "closed"), ("quiet", "quiet"), ("no_feed", "not started"))
        if state in states
    ]
    return f"No fault in {total} {_plural('feed', total)}: {', '.join(parts)}."


def site_line(name: str, site: pd.Series, now: datetime, zone: str) -> str | None:
    """What is wrong with one site's feed, in a sentence."""
    last = instant(site["last_event_at"])
    match site["state"]:
        case "unknown":
            return (
                f"{name}: nothing since {text.moment(last, zone)} ({text.ago(last, now)}), though it is open. "
                "Its numbers since then are unknown, not zero."
            )
        case "late":
            line = f"{name}: its latest events came {text.delay(site['lateness_now_s'])} after they happened."
            left = site["messages_left"]
            return (
                line if text.is_missing(left) or not left else f"{line} {text.count(left)} messages wait in the broker."
            )
        case "refusing":
            return (
                f"{name}: {text.count(site['refused_24h'])} messages refused in the last 24 hours. "
                "What they would have told is missing from the numbers."
            )
    return None


def timeline_description(sites: int, gaps: int) -> str:
    """The chart for those who do not see it. The table below it lists the gaps."""
    return (
        f"Timeline of 8 days for {sites} {_plural('site', sites)}: {gaps} {_plural('gap', gaps)}, listed in the table."
    )


def clock_line(name: str, skew_s: float | None) -> str | None:
    """A clock that is ahead spoils times that are computed, and the order of events."""
    if skew_s is None or text.is_missing(skew_s) or skew_s >= -1:
        return None
    return f"{name}: its clock is at least {text.delay(-skew_s)} ahead."


def clock(skew_s: float | None) -> str:
    """The clock of a site in a table's cell."""
    if skew_s is None or text.is_missing(skew_s):
        return ""
    if skew_s < -1:
        return f"{text.delay(-skew_s)} ahead"
    return f"{text.delay(skew_s)} behind" if skew_s > 5 else "in step"


def hours(feed: pd.DataFrame, names: Mapping[str, str]) -> str:
    """How it is known when the sites are open."""
    kinds = {
        kind: [names.get(site, site) for site in feed["site"][feed["hours"] == kind]]
        for kind in HOURS
        if (feed["hours"] == kind).any()
    }
    if len(kinds) == 1:
        return f"All sites: {HOURS[next(iter(kinds))]}."
    return "; ".join(f"{', '.join(called)}: {HOURS[kind]}" for kind, called in kinds.items()) + "."


def weeks_open(today: date) -> str:
    """Which weeks are not final."""
    monday = today - timedelta(days=today.weekday())
    return (
        f"{text.week(monday)} ({text.week_days(monday)}) is still running. {text.week(monday - timedelta(days=7))} "
        f"is provisional until the end of {text.day(monday + timedelta(days=6))}: events may come up to 7 days late."
    )


def figure(measure: str) -> str:
    """The name of a figure of a week."""
    if measure in FIGURES:
        return FIGURES[measure]
    return BY_NAME[measure].label.lower() if measure in BY_NAME else measure


def amount(measure: str, value: float | None) -> str:
    """A figure of a week as people read it."""
    return text.duration(value) if _is_seconds(measure) else text.count(value)


def _is_seconds(measure: str) -> bool:
    return measure.endswith("_s")


def changed_weeks(changes: pd.DataFrame, shown: pd.DataFrame, names: Mapping[str, str], zone: str) -> list[str]:
    """For the weeks shown that changed: what their figures were when they closed and what they are. Newest first."""
    in_view = set(zip(shown["site"], shown["week_start"], strict=True))
    lines = []
    weeks = list(dict.fromkeys(zip(changes["site"], changes["week_start"], strict=True)))
    for site, start in weeks:
        rows = changes[(changes["site"] == site) & (changes["week_start"] == start)]
        if (site, start) in in_view and (said := _moved(rows)):
            since = instant(rows["since"].iloc[0])
            on = f" on {text.weekday(since, zone)}" if since else ""
            lines.append(
                f"Week {start.isocalendar().week} of {names.get(site, site)} changed after it closed: {said}{on}."
            )
    more = len(lines) - MOST_NOTES
    return lines[:MOST_NOTES] + ([f"{more} more {_plural('week', more)} changed."] if more > 0 else [])


def _moved(rows: pd.DataFrame) -> str:
    """The first three figures of a week that moved; sums of seconds only where no count did."""
    counts: list[str] = []
    seconds: list[str] = []
    for measure, steps in rows.groupby("measure", sort=False):
        name = str(measure)
        was, now = steps["was"].iloc[-1], steps["is"].iloc[0]  # the newest come first
        if was != now:
            into = seconds if _is_seconds(name) else counts
            into.append(f"{figure(name)} {amount(name, was)} → {amount(name, now)}")
    return ", ".join((counts or seconds)[:3])


def commands(location: str) -> str:
    """How to deal with one refused message, to paste into a shell."""
    quoted = shlex.quote(location)
    return f"uv run backstop quarantine show {quoted}\nuv run backstop quarantine replay {quoted}"


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"

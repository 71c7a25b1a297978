"""What the live desk says. Sentences with names of users or sites in them go to `parts.plain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text

if TYPE_CHECKING:
    from datetime import datetime

BY = {"site": "Site", "queue": "Queue", "language": "Language", "channel": "Channel"}
ROWS = "Rows"
WHEN = "Moment"
NOW, PAST = "Now", "A past moment"
FILTERS = "Filters"
WALL = "Wall screen"
LEAVE_WALL = "Leave the wall screen"
DAY = "Day"
TIME = "Time of day"
EARLIER, LATER = "15 minutes earlier", "15 minutes later"
BACK_TO_NOW = "Back to now"
BOARD_ALT = (
    "The board: who waits, how the day goes and what agents do, one row each; what needs attention first. Choose a row "
    "to see its parts and the contacts behind it."
)
ATTENTION = "Attention"
WAITING, LONGEST, OVER = "Waiting", "Longest wait", "Over target"
TALKING = "Talking"
OFFERED, ANSWERED, ABANDONED, LEFT = "Offered", "Answered", "Abandoned", "Left queue"
LEVEL, RECENT = "SL today", "SL 30 min"
DAY_END = "SL at day's end"
AVAILABLE, BUSY, WRAP_UP, BREAK, OTHER, OFFLINE = "Available", "Busy", "Wrap-up", "Break", "Other work", "Offline"
OCCUPANCY = "Occupancy"
CHATS, CHATS_EACH = "Chats", "Chats each"
STATES = {
    "available": AVAILABLE, "busy": BUSY, "wrap_up": WRAP_UP, "break": BREAK, "other": OTHER, "offline": OFFLINE,
}  # fmt: skip
OFFLINE_HELP = "Agents who told a state in the last 24 hours and are offline now."
UNKNOWN = "unknown"
WELL = "● In order"
SEE_HEALTH = "Data health"
NONE_HERE = "Nobody waits, talks or has come today within these filters."
DETAILS = "Parts of"
CLOSE = "Close"
AGENTS = "Agents"
AGENTS_ALT = "Agents by team and state."
NO_AGENTS = "No agent has told a state in the last 24 hours."
TEAM, NO_TEAM = "Team", "(no team named)"
PARTS_ALT = "Queues, languages and channels of the row, the longest wait first."
LEVEL_HELP = (
    "Service level: contacts answered within the target / contacts answered + abandoned, of those who entered the "
    "queue today, or in the last 30 minutes. Fewer than 5 in the half hour show nothing."
)
OCCUPANCY_HELP = "Busy and wrap-up / busy, wrap-up and available, over the agents' last 30 minutes."
CHATS_HELP = "Chats and messages in progress for each agent who holds at least one."
DAY_END_HELP = (
    "Where today's service level ends if contacts come as forecast and are answered as in the last 30 minutes, or as "
    "today so far where those are too few."
)
PAST_NOTE = "As it was, by what is known now; corrections that came later are in it."


def why(kind: str, target_s: float | None, since: str) -> str:
    """Why a row needs attention, with a sign that does not hang on colour."""
    if kind == "silent":
        return f"■ Feed silent since {since}" if since else "■ Feed silent"
    if kind == "wait":
        return f"▲ Waits over {target_s:g} s" if target_s is not None else "▲ Waits too long"
    return "▼ Service level low" if kind == "level" else ""


def refused(messages: int) -> str:
    """Messages that could not be used."""
    return f"{messages:,} messages of the last 24 hours could not be used."


def more_rows(rows: int) -> str:
    """What a wall has no room for."""
    return f"And {rows:,} more that need attention less."


def silent(name: str, since: datetime | None, now: datetime, zone: str) -> str:
    """A site whose feed fell silent: what stands there is not known, rather than zero."""
    heard = f" Last heard at {text.moment(since, zone)} ({text.ago(since, now)})." if since else ""
    return f"{name} has fallen silent although it should be open: who waits there is unknown.{heard}"


def as_was(at: datetime, zone: str) -> str:
    """The moment on the board."""
    return f"The board as it was on {text.moment(at, zone)}"


def before_data(first: datetime, zone: str) -> str:
    """A moment before anything was told."""
    return f"Nothing is known of that moment: the first event is of {text.moment(first, zone)}."

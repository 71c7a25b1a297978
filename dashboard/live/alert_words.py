"""What the live desk says of alerts. Sentences with names of sites or users in them go to `parts.plain`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard import format as text

ACKNOWLEDGE = "Acknowledge"
NAME, NOTE = "Your name", "What is being done"
NAME_NEEDED = "A name is needed: who looks after it?"
CONTACTS = "Contacts"
ALL_SITES = "All sites"
HISTORY = "Alerts of the last 7 days"
HISTORY_ALT = "Episodes of alerts of the last 7 days, those that go on first."
STATES = {"open": "Alert", "clearing": "Clearing", "unknown": "Unknown: feed silent", "cleared": "Cleared"}
COLUMNS = {
    "opened": "Opened", "where": "Where", "what": "What", "state": "State", "cleared": "Cleared",
    "by": "Acknowledged by", "note": "Note", "episode": "Episode",
}  # fmt: skip
_SHOWN = 4


def amount(value: float | None, unit: str) -> str:
    """A figure in its unit."""
    if value is None:
        return "unknown"
    if unit == "share":
        return text.share(value)
    return text.duration(value) if unit == "seconds" else text.count(value)


def what(label: str, value: str, direction: str, threshold: str) -> str:
    """The figure beside its threshold."""
    return f"{label} {value}, {'limit' if direction == 'above' else 'at least'} {threshold}"


def seen(clock: str) -> str:
    """When the figure was seen, where that is a while ago."""
    return f"(at {clock})"


def since(clock: str, lasts: str) -> str:
    """When it opened."""
    return f"since {clock} ({lasts})"


def acknowledged(name: str, clock: str, note: str) -> str:
    """Who looks after it."""
    return f"{name} looks after it since {clock}" + (f": {note}" if note else ".")


def not_acknowledged(why: str) -> str:
    """It was not written down."""
    return f"Not acknowledged: {why}."


def more(count: int) -> str:
    """Those that are not drawn."""
    return f"and {count:,} more; see the table below."


def could_take(told: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """A line for each queue and own site with somebody free for it."""
    if "pools" not in told:
        return []
    lines = []
    for pool in told["pools"]:
        of = ", ".join(part for part in (pool["queue"], pool["language"]) if part) or "no queue named"
        for site in pool["sites"]:
            level, then = site["service_level"], site["service_level_then"]
            line = f"In-house could take over {of}: {site['idle']} free at {names.get(site['site'], site['site'])}"
            if level is not None and then is not None:
                change = f"{text.share(level, 0)} to {text.share(then, 0)}"
                line += f"; with all of it the service level there would go from {change}"
            lines.append(line + ".")
    return lines[:_SHOWN] or ["In-house, nobody is free who has handled what waits there."]

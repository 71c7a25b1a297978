"""The sentences of the Contacts page. Those with a site's own words go to `parts.plain` or into a table's cell."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from dashboard import format as text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

TITLE = "Contacts"

OUTCOMES = {
    "answered": "Answered",
    "abandoned": "Abandoned",
    "left_queue": "Left the queue",
    "left_menu": "Left in the menu",
    "waiting": "Waiting",
    "in_menu": "In the menu",
    "unknown_end": "End unknown",
    "unknown_start": "Start not received",
    "excluded": "Excluded",
}
REASONS = {
    "callback": "callback",
    "voicemail": "voicemail",
    "overflow": "overflow",
    "closed": "closed",
    "other": "other reason",
    "hung_up": "hung up",
    "self_served": "self-served",
}
CLOCKS = {"arrival": "When they arrived", "completion": "When handling ended"}
ENDED = "Handling ended"
CLOCK = "Days by"
CLOCK_HELP = (
    "Volumes, service level and waits count a contact on the day it arrived; handle time, transfers and resolution "
    "on the day its handling ended."
)
WHICH = "Which contacts"
FROM = "From"
TO = "To"
QUEUE, CHANNEL, LANGUAGE, TOPIC, OUTCOME, AGENT = "Queue", "Channel", "Language", "Topic", "Outcome", "Agent"
TEAM = "Team"
FILTERS = {
    "queue": QUEUE,
    "channel": CHANNEL,
    "language": LANGUAGE,
    "topic": TOPIC,
    "outcome": OUTCOME,
    "agent": AGENT,
    "team": TEAM,
}
ALL = "All"
CLEAR = "Clear all filters"
WHOLE_DAY = "Show the whole day"
OPEN_ONE = "Open a contact"
OPEN_PLACEHOLDER = "Open a contact by its id"
LIST = "List"
LIST_ALT = "One row per contact, newest first. Choosing a row opens the contact."
CSV = "CSV"
PARQUET = "Parquet"
NO_ROWS = "No contact meets these filters."
NO_ROWS_DO = "Choose other days or sites, or clear the filters."
TOO_LONG = "The store did not answer this question in time. Choose fewer days or sites."
CHOOSE_CELL = "Choose a number for the contacts behind it, or click a point of a chart."
BEHIND_TODAY = {
    "waiting": "Waiting now",
    "offered": "Offered today",
    "not_in_target": "Not in target today",
    "abandoned": "Abandoned today",
}
BEHIND_OPEN = {
    "waiting": "See those who wait",
    "talking": "See those who talk",
    "end_not_told": "See those whose end is unknown",
}
SEE_CONTACTS = "See these contacts"
TOO_LONG_ONE = "The store did not answer in time. Reload the page to try again."
AT_AND_DAYS = "The address asks for a quarter-hour and for days. The days were left out."

CONTACT = "Contact"
ANY_SITE = "any site"
HEALTH_LINK = "See the refused messages"
BACK = "Back to the list"
NOT_FOUND = "No contact has this id"
NOT_FOUND_DO = (
    "The id may be another site's, or none of its events has come in yet. Events that could not be used are on the "
    "Data health page."
)
SEVERAL = "Several sites have a contact of this id"
TIMELINE = "Timeline"
EVENTS = "Events"
EVENTS_ALT = "One row per event: when it happened, when it was received, what it says and where it stood in Kafka."
ORDER = "Order"
ORDERS = {"happened": "As happened", "received": "As received"}
EVENTS_NOTE = (
    "Exact repeats are counted on the Data health page and not kept. “Late” marks an event received after a later one."
)
NO_EVENTS = (
    "The raw events of this contact were removed, as the settings say (BACKSTOP_KEEP_EVENTS_DAYS). "
    "What they told of the contact stays."
)
JOURNEY = "Journey"
NO_JOURNEY = "It was not transferred and did not come by transfer."
CUSTOMER = "Same customer, 30 days before and after"
NO_CUSTOMER = "The site did not say who the customer is."
NO_OTHERS = "No other contact of this customer."
RELATIONS = {"previous": "Came from", "onward": "Handed on to", "initial": "Began as", "same": "Same journey"}
ORDER_MARK = "late"
CORRECTION = "correction"
CORRECTED = "corrected since"
TOLD_AGAIN = "same id, other content"

EVENT_TYPES = {
    "contact.started": "Reached the menu",
    "contact.offered": "Entered the queue",
    "contact.answered": "Answered by an agent",
    "contact.held": "Hold ended",
    "contact.transferred": "Transferred",
    "contact.abandoned": "Abandoned",
    "contact.left_queue": "Left the queue",
    "contact.left_menu": "Left in the menu",
    "contact.completed": "Conversation ended",
    "contact.wrapped_up": "After-contact work ended",
    "contact.classified": "Classified",
    "contact.excluded": "Excluded",
    "chat.message": "Chat message",
    "contact.surveyed": "Survey answered",
    "contact.evaluated": "Evaluated",
}
PHASES = {
    "menu": "Menu",
    "waiting": "Waiting",
    "talking": "Conversation",
    "hold": "Hold",
    "wrap_up": "After-contact work",
}
PHASE, EVENT, LASTED, NOTE, DELAY = "Phase", "Event", "Lasted", "Note", "Delay"
HAPPENED_AT, RECEIVED_AT = "Happened at", "Received at"
LANE_HAPPENED = "Events, as happened"
LANE_RECEIVED = "Events, as received"
KINDS = {
    "arrival": "arrival",
    "answer": "answer",
    "end": "end",
    "hold": "hold or transfer",
    "message": "chat message",
    "note": "other",
}


def reversed_days(first: date, last: date) -> str:
    """The URL's range ends before it begins."""
    return f"The address asks for {text.day(first)} to {text.day(last)}, which ends before it begins. It was left out."


def reversed_widgets(first: date, last: date) -> str:
    """The chosen range ends before it begins."""
    return f"{text.day(first)} is after {text.day(last)}; the days between them are shown."


def quarter_hour(at: datetime, zone: str) -> str:
    """Which quarter-hour alone is looked at."""
    end = (at + timedelta(minutes=15)).astimezone(ZoneInfo(zone))
    return f"Only {text.weekday(at, zone)}, {at.astimezone(ZoneInfo(zone)):%H:%M} to {end:%H:%M} {zone}."


def found(contacts: int, shown: int, asked_at: datetime, zone: str) -> str:
    """How many there are and how many of them are listed."""
    noun = "contact" if contacts == 1 else "contacts"
    as_of = f"as of {text.moment(asked_at, zone)} {zone}"
    how_many = f"{text.count(contacts)} {noun}, newest first"
    if shown < contacts:
        how_many = f"The newest {text.count(shown)} of {text.count(contacts)} {noun}"
    return f"{how_many}, {as_of}. Tick a row to open the contact."


def file_help(contacts: int, most: int) -> str:
    """What is in the file."""
    if contacts > most:
        return (
            f"The newest {text.count(most)} of {text.count(contacts)} contacts: a file holds no more. Instants in UTC."
        )
    return f"All {text.count(contacts)} contacts of these filters. Instants in UTC."


def download(kind: str) -> str:
    """The button that makes a file."""
    return f"Download {kind}"


def cut_off(contacts: int, most: int) -> str:
    """Said beside the buttons when the file does not hold all."""
    return f"Files hold the newest {text.count(most)} of {text.count(contacts)}."


def outcome(row: Mapping[str, Any] | pd.Series) -> str:
    """How a contact ended, in words."""
    said = OUTCOMES.get(row["outcome"], str(row["outcome"]))
    if row["outcome"] in ("left_queue", "left_menu") and not text.is_missing(row["left_reason"]):
        where = "Left queue" if row["outcome"] == "left_queue" else "Left menu"
        return f"{where}: {REASONS.get(row['left_reason'], row['left_reason'])}"
    if row["outcome"] == "excluded" and not text.is_missing(row["excluded_reason"]):
        return f"{said}: {row['excluded_reason']}"
    if row["outcome"] == "answered" and row["end_unknown"]:
        return f"{said}, end unknown"
    return said


def course(row: pd.Series, names: Mapping[str, str]) -> list[str]:
    """A contact's course in one to three sentences."""
    lines = []
    queue = "" if text.is_missing(row["queue"]) else f" in {row['queue']}"
    waited = "" if text.is_missing(row["wait_s"]) else f" after waiting {text.duration(row['wait_s'])}{queue}"
    agent = "an agent" if text.is_missing(row["agent_id"]) else str(row["agent_id"])
    match row["outcome"]:
        case "answered":
            lines.append(f"Answered by {agent}{waited}.")
        case "abandoned":
            lines.append(f"The customer gave up{waited or queue}.")
        case "left_queue":
            where = REASONS.get(row["left_reason"], row["left_reason"])
            lines.append(f"Left the queue{waited or queue}: {where}.")
        case "left_menu":
            lines.append(f"Ended in the menu: {REASONS.get(row['left_reason'], row['left_reason'])}.")
        case "waiting":
            lines.append(f"Is waiting{queue}.")
        case "in_menu":
            lines.append("Is in the menu.")
        case "excluded":
            lines.append(f"Counts in no figure. The site's reason: {row['excluded_reason']}.")
        case "unknown_start":
            lines.append("Only later events have come in; how it began is not known.")
        case _:
            lines.append(f"Its end was never told{queue and ', last seen'}{queue}.")
    if not text.is_missing(row["handle_s"]):
        parts = [
            f"{label} {text.duration(row[column])}"
            for label, column in (("talk", "talk_s"), ("hold", "hold_s"), ("after-contact work", "wrap_up_s"))
            if not text.is_missing(row[column])
        ]
        lines.append(f"Handle time {text.duration(row['handle_s'])}: {', '.join(parts)}.")
    if row["outcome"] == "answered" and row["end_unknown"]:
        lines.append("No end was told.")
    if row["transfers"]:
        queue_and_site = row["transferred_to_queue"], names.get(row["transferred_to_site"], row["transferred_to_site"])
        to = " at ".join(str(part) for part in queue_and_site if not text.is_missing(part))
        lines.append(f"Transferred to {to}." if to else "Transferred.")
    return lines


def timeline_units(zone: str) -> str:
    """What the axis counts."""
    return f"time of day, {zone}; bars are phases, marks are events"


def lasted(seconds: float, *, goes_on: bool) -> str:
    """How long a phase lasted."""
    return f"{text.duration(seconds)} so far" if goes_on else text.duration(seconds)


def timeline_description(phases: Sequence[tuple[str, float]], events: int, late: int) -> str:
    """The chart for those who do not see it. Holds nothing that users made up."""
    lasted = ", ".join(f"{PHASES[phase].lower()} {text.duration(seconds)}" for phase, seconds in phases)
    noun = "event" if events == 1 else "events"
    order = f", {late} of them received out of order" if late else ", all received in order"
    return f"Timeline of one contact: {lasted or 'no phase known'}; {events} {noun}{order}. The table lists them."


def not_in_chart(count: int) -> str:
    """What lies too far off for the chart's scale."""
    noun = "event" if count == 1 else "events"
    return f"{count} {noun} long after the contact: in the table only."


def received_far_off(seconds: float) -> str:
    """Why the lane of reception is not drawn."""
    return f"Received up to {text.duration(seconds)} after it happened, too late for this scale: see the table."


def related_line(row: Mapping[str, Any], name: str) -> str:
    """Another contact, in a line."""
    parts = [name, row["queue"], row["channel"], outcome(row).lower()]
    if not text.is_missing(row["wait_s"]):
        parts.append(f"waited {text.duration(row['wait_s'])}")
    return " · ".join(str(part) for part in parts if not text.is_missing(part)) + f" · {row['contact_id']}"


def customer_total(others: int, shown: int) -> str:
    """How many contacts the customer has had."""
    noun = "contact" if others == 1 else "contacts"
    if shown < others:
        return f"{others} other {noun}; the {shown} nearest in time."
    return f"{others} other {noun}."


def week_behind(label: str, site: str, week: str) -> str:
    """Which contacts a link of the week table leads to."""
    return f"{label} · {site} · {week}"

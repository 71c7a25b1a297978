"""Every sentence a user reads. Those with something made up by users or sites in them go to `parts.plain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text

if TYPE_CHECKING:
    from datetime import datetime

PRODUCT = "Backstop"
LIVE_TITLE = "Live"
HEALTH_TITLE = "Data health"

INGEST_STATES = {
    "consuming": "Receiving",
    "waiting_for_broker": "Waiting for the broker",
    "waiting_for_room": "Disk full",
    "stopped": "Ingest stopped",
}
UNKNOWN_INGEST_STATE = "Ingest has not reported"
READ_FROM_FILE = "Ingest is stopped"
DEMO = "Demo data"

EMPTY_TITLE = "Nothing has come in yet"
EMPTY_BODY = (
    "The store is there and answers, but it holds no events. Either publish events to a site's topic "
    "(`contacts.` and the site's id), or import a contact log you already have:"
)
IMPORT_COMMAND = "uv run backstop import FILE --mapping MAPPING --site SITE"
EMPTY_HINT = "This page fills by itself as soon as the first event is stored. No reload is needed."
ALL_REFUSED = "Messages did come in, but none could be used. The reasons, most frequent first:"

UNREACHABLE_TITLE = "The store cannot be reached"
UNREACHABLE_TRIED = "What was tried:"
UNREACHABLE_DO = "What to do: start Backstop, or look at the log of the process that should be serving the store."
UP_COMMAND = "uv run backstop up"
UNREACHABLE_HINT = "The page tries again by itself every few seconds."
BAD_SETTINGS_TITLE = "The settings cannot be read"

WAITING = "Waiting"
LONGEST_WAIT = "Longest wait"
IN_CONVERSATION = "Talking"
OFFERED_TODAY = "Offered today"
ANSWERED = "Answered"
ABANDONED = "Abandoned"
N_LABEL = "n of service level"
IN_CONVERSATION_HELP = "Contacts that an agent has answered and that have not ended."
N_HELP = "Contacts answered or abandoned today: what the service level is a share of."
NOBODY_SHORT = "–"
QUEUE = "Queue"
CHANNEL = "Channel"
IN_HOUSE = "in-house"
ALL_SITES = "All sites"
COMPARE_LINK = "Compare the weeks"
QUEUES_ALT = "Queues of this site in which somebody waits or talks, longest wait first."
NOBODY_NOW = "Nobody is waiting or talking."
NO_QUEUE = "(no queue named)"
REFUSED_TITLE = "Messages refused in the last 24 hours"
SITES = "Sites"
FROM_WEEK = "From week"
TO_WEEK = "To week"
CHOOSE_SITES = "All sites"
SO_FAR = "so far"
DEMO_MARK = "demo"
OPEN_MARK = "Hollow point, dashed line: the week is not over."
DOWNLOAD = "Download CSV"
DOWNLOAD_PARQUET = "Parquet"
CHART_AS = "Chart as"
WHAT_IS_THIS = "What is this?"
FINAL = "Final: nothing that is still to come changes it."
PROVISIONAL = "Provisional: what is still to come can change it."
VARIANTS = "Other ways to count it"
PROVIDERS = "Providers"
QUEUES = "Queues"
CHANNELS = "Channels"
LANGUAGES = "Languages"
TOPICS = "Topics"
ANY = "All"
MORE_FILTERS = "More filters"
NOTHING_IN_SCOPE = "No contacts within these filters."
SUMS_NOT_YET = "Sums by day are being made; this page fills within seconds."


def rests_on(n: float) -> str:
    """How many contacts a figure rests on."""
    return f"Rests on n = {text.count(n)}."


def sums_as_of(contacts: datetime | None, answers: datetime | None, zone: str) -> str:
    """How old the sums of the week pages are."""
    parts = []
    if contacts:
        parts.append(f"volume, waits and handling as of {text.moment(contacts, zone)}")
    if answers:
        parts.append(f"answers, evaluations and repeats as of {text.moment(answers, zone)}")
    line = " · ".join(parts)
    return f"{line[0].upper()}{line[1:]}." if parts else SUMS_NOT_YET


def stale(last: datetime | None, now: datetime, zone: str) -> str:
    """Why the numbers stand still."""
    as_of = f"Last data as of {text.moment(last, zone)} ({text.ago(last, now)})." if last else "It holds no data."
    return f"{READ_FROM_FILE}. {as_of} The numbers below come from the store's file and do not move."


def waiting_for_broker(since: datetime | None, now: datetime) -> str:
    """Why the numbers stand still although ingest runs."""
    when = f" since {text.duration((now - since).total_seconds())}" if since else ""
    return f"Ingest cannot reach Kafka{when}; nothing new comes in until it can. It keeps trying."


def waiting_for_room(since: datetime | None, now: datetime) -> str:
    """Why the numbers stand still although messages arrive."""
    when = f" since {text.duration((now - since).total_seconds())}" if since else ""
    return (
        f"Ingest has no room on its disk{when}: nothing new is stored, and nothing is lost while Kafka keeps it. "
        "Make room; it goes on by itself."
    )


def ingest_stopping() -> str:
    """The store is served, but ingest says that it stopped."""
    return "Ingest says that it has stopped; nothing new comes in until it is started again."


def freshness(event_at: datetime | None, commit_at: datetime | None, now: datetime, zone: str) -> str:
    """The age of the data, in one line."""
    return (
        f"Last event {text.ago(event_at, now)} · last received {text.ago(commit_at, now)} · "
        f"as of {text.moment(now, zone)} {zone}"
    )


def demo(sites: tuple[str, ...], only_simulated: bool, clock_speed: float, clock_is_own: bool) -> str:
    """Who made the data, of which sites unless of all, and how its time differs from ours."""
    made = "made by the simulator, not by customers"
    sentence = made.capitalize() if only_simulated else f"{', '.join(sites)}: {made}"
    if clock_is_own:
        sentence += " · on a clock of its own"
    return sentence if clock_speed == 1 else f"{sentence} · time runs {clock_speed:g} times as fast"


def site_age(event_at: datetime | None, received_at: datetime | None, now: datetime) -> str:
    """The age of one site's data."""
    if event_at is None and received_at is None:
        return "has not sent anything yet"
    return f"last event {text.ago(event_at, now)} · received {text.ago(received_at, now)}"


def nothing_today(first: datetime, last: datetime, contacts: int, zone: str) -> str:
    """There is history, but not of today."""
    return (
        f"No contact has arrived today. The store holds {contacts:,} contacts "
        f"from {text.moment(first, zone)} to {text.moment(last, zone)}."
    )


def service_level_help(seconds: float | None) -> str:
    """What today's service level is."""
    target = "the target" if seconds is None else f"{seconds:g} s"
    return (
        f"Today so far: contacts answered within {target} / contacts answered + abandoned, "
        "by the moment they entered the queue."
    )


def unknown_filter(name: str) -> str:
    """A name in the URL that is not a filter."""
    return f"The address names “{_short(name)}”, which is not a filter here. It was left out."


def dropped_filter(name: str, value: str) -> str:
    """A value in the URL that names nothing known."""
    return f"The address asks for {name} “{_short(value)}”, which is not known here. It was left out."


def reversed_weeks(first: str, last: str) -> str:
    """The URL's range ends before it begins."""
    return f"The address asks for weeks from {first} to {last}, which ends before it begins. Both were left out."


def reversed_widgets(first: str, last: str) -> str:
    """The chosen range ends before it begins."""
    return f"{first} is after {last}; the weeks between them are shown."


def _short(value: str) -> str:
    clean = "".join(c if c.isprintable() else "�" for c in value)
    return clean if len(clean) <= 40 else clean[:39] + "…"

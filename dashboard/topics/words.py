"""The sentences of the Topics page. Those with a site's or topic's own words go to `parts.plain` or a table's cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard.figures import shown
from dashboard.scope.scope import NONE
from dashboard.scope.sums import metric

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from dashboard.topics.drivers import Change, Step
    from dashboard.topics.filters import Span, Spans
    from dashboard.topics.training import Need, Screen

TITLE = "Topics"
NO_TOPIC = "(no topic)"
WHO = "Compare"
WHOS = {"provider": "Providers", "site": "Sites"}
AGAINST = "Against"
AGAINSTS = {"before": "As many weeks before", "halves": "First half of these weeks"}
FIGURE = "Figure"
FIGURES = {
    "average_handle_time_s": "Handle time",
    "first_contact_resolution": "First-contact resolution",
    "csat": "Satisfaction",
}
CHANGE = "Change in"
CHANGES = {"contacts": "Contacts", "handle_hours": "Handle hours", "handle_time": "Handle time"}
CHANGE_UNITS = {"contacts": "contacts", "handle_hours": "hours of handling", "handle_time": "seconds a contact"}
MIX = "What people ask about"
MIX_CHART = "Contacts by topic"
MIX_SHARE = "Mix of topics"
MIX_SHARE_UNITS = "share of the contacts offered to each, and its change in percentage points"
GRID = "How topics go"
DRIVERS = "What drove the change"
TRAINING = "Topics that need training"
UNMAPPED = "Topic codes nobody has mapped"
HEALTH_LINK = "Map them: see Data health"
BEFORE, AFTER = "Before", "These weeks"
ALL_TOGETHER = "All together"
REST = "Other topics"
TOPIC, CONTACTS, SHARE = "Topic", "Contacts", "Share"
SEE = "See these contacts"
TABLE_ALT = "One row per topic and provider or site."
CLICK = "A click on a cell opens its contacts."
THIN = "Italic with a tilde, without colour: fewer than 30 contacts on either side."
PARTS = {
    "days": "Days with contacts",
    "volume": "Contacts handled",
    "mix": "Mix of topics and who took them",
}
HOW_DRIVERS = "How this is split"
HOW = {
    "contacts": (
        "The change of contacts is split exactly into days and topics: what more or fewer days with any contacts bring "
        "at the earlier rate, and, for each topic, how many more or fewer came on each day.",
    ),
    "handle_hours": (
        "The change of hours is split exactly into three kinds of parts.",
        "Volume: more or fewer contacts handled, at the earlier mean.",
        "Mix: more or fewer of the long topics, or of those who take longer.",
        "Rate, topic by topic: the same topic at the same provider or site took longer or shorter.",
        "A topic that is new or gone is all mix. Clock completion: a contact counts when its handling ended.",
    ),
    "handle_time": (
        "The change of the mean is split exactly into two kinds of parts.",
        "Mix: more or fewer of the long topics, or of those who take longer.",
        "Rate, topic by topic: the same topic at the same provider or site took longer or shorter.",
        "A topic that is new or gone is all mix. Clock completion: a contact counts when its handling ended.",
    ),
}
ALL_NEEDS = "The others that stand out"
HOW_TRAINING = "How this is found"
HOW_TRAINING_LINES = (
    "Each provider or site is held against all others on the same topic, channel by channel and language by language, "
    "weighted by its own mix of these. Both sides need at least 30 contacts.",
    "Looked at: first-contact resolution, satisfaction, transfers. With so many comparisons some differ by chance: of "
    "those listed about one in twenty does (Benjamini-Hochberg over the whole screen).",
    "Contacts with work unlike anybody else's, by channel or language, are not compared.",
)
NOTHING_TO_COMPARE = "There are no earlier weeks to compare with: choose later weeks, or more of them."
TOO_LITTLE = "There are too few contacts to hold providers or sites against each other topic by topic."
NO_NEEDS = "No provider or site stands out for the worse on any topic."


def topic_name(topic: str, names: Mapping[str, str]) -> str:
    """The company's name of a topic, else its code."""
    return NO_TOPIC if topic == NONE else names.get(topic) or topic


def days(span: Span) -> str:
    """`24 Aug – 20 Sep 2026`."""
    from datetime import timedelta

    last = span[1] - timedelta(days=1)
    start = f"{span[0].day} {span[0]:%b}" + (f" {span[0].year}" if span[0].year != last.year else "")
    return f"{start} – {text.day(last)}"


def compared(spans: Spans, asked: str) -> str:
    """Which weeks are compared, and why if not those that were asked for."""
    left = " The week that is not over is left out." if spans.open_week else ""
    if spans.after is None or spans.before is None:
        return NOTHING_TO_COMPARE + left
    weeks = "1 week" if spans.weeks == 1 else f"{spans.weeks} weeks"
    line = f"Compared: {days(spans.after)} against {days(spans.before)}, {weeks} each."
    if spans.halves and asked == "before":
        line += " There are not as many weeks before the chosen ones, so their second half is held against their first."
    return line + left


def answer(largest: str, share: float, total: float, more: str) -> str:
    """What the page says."""
    return f"{largest} is the largest topic: {text.share(share)} of {text.count(total)} contacts.{more}"


def stand_out(screen: Screen) -> str:
    """Whether anything stands out for the worse."""
    count = len(screen.needs)
    if not count:
        return NO_NEEDS if screen.compared else TOO_LITTLE
    return f"{count:,} {'figure stands' if count == 1 else 'figures stand'} out for the worse and may need training."


def moved(change: Change | None, names: Mapping[str, str]) -> str:
    """How the contacts changed, for the answer."""
    if change is None or not change.before:
        return ""
    part = change.change / change.before
    if abs(part) < 0.005:
        return " Contacts stayed about the same."
    line = f" Contacts {'rose' if part > 0 else 'fell'} by {abs(part):.0%}"
    topics = [step for step in change.steps if step.topic and (step.amount > 0) == (part > 0)]
    return line + (f", most of all {topic_name(topics[0].topic or '', names)}." if topics else ".")


def step_label(step: Step, names: Mapping[str, str], figure: str) -> str:
    """A step of the waterfall."""
    if step.part in PARTS:
        return PARTS[step.part]
    name = topic_name(step.topic, names) if step.topic else REST
    return name if figure == "contacts" else f"{name}: time each"


def amount(figure: str, value: float) -> str:
    """An amount of a change, with its sign."""
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    size = abs(value)
    if figure == "contacts":
        return f"{sign}{size:,.0f}"
    return f"{sign}{size:,.1f} h" if figure == "handle_hours" else f"{sign}{size:,.1f} s"


def level(figure: str, value: float) -> str:
    """What a total came to."""
    if figure == "contacts":
        return f"{text.count(value)} contacts"
    return f"{value:,.1f} h" if figure == "handle_hours" else text.duration(value)


def driver_line(change: Change, figure: str, names: Mapping[str, str]) -> str:
    """The change and its largest parts, in a sentence."""
    line = (
        f"{CHANGES[figure]}: {level(figure, change.before)} before, {level(figure, change.after)} in these weeks "
        f"({amount(figure, change.change)})."
    )
    largest = sorted(change.steps, key=lambda step: -abs(step.amount))[:3]
    if not largest:
        return line
    told = ", ".join(f"{step_label(step, names, figure)} {amount(figure, step.amount)}" for step in largest)
    return f"{line} Largest parts: {told}."


def days_differ(before: int, after: int) -> str:
    """The spans have different numbers of days with contacts."""
    return f"Contacts came on {after:,} days of these weeks and on {before:,} days of those before."


def need(found: Need, who: str, topic: str) -> str:
    """Where training may help, in a sentence."""
    size, low, high = (100 * value for value in (abs(found.difference), found.low, found.high))
    low, high = sorted((abs(low), abs(high)))
    doing = {
        "first_contact_resolution": "fewer of every 100 contacts are solved at first contact than at the others",
        "csat": "fewer of every 100 customers who answer are satisfied than at the others",
        "transfer_rate": "more of every 100 contacts are handed on than at the others",
    }[found.measure]
    of = {"first_contact_resolution": "contacts", "csat": "answers", "transfer_rate": "contacts"}[found.measure]
    return (
        f"{who}, {topic}: {size:.1f} {doing} ({low:.1f} to {high:.1f}). "
        f"{text.share(found.value)} of {found.n:,} {of} against {text.share(found.peers)}, like for like."
    )


def screened(told: Screen) -> str:
    """How much was looked at."""
    line = f"{told.compared:,} comparisons of a topic, a provider or site and a figure"
    if told.too_few:
        line += f"; {told.too_few:,} with too few contacts"
    if told.unlike:
        line += f"; {told.unlike:,} whose channels or languages hardly anybody else serves"
    return f"{line}."


def cell(figure: str, row: pd.Series) -> str:
    """A cell of the grid of topics in words."""
    one = metric(figure)
    line = f"{shown.value(one, row['value'])}, n = {text.count(row['n'])}"
    if text.is_missing(row["peers"]):
        return f"{line}; nobody else has it"
    return f"{line}; others {shown.value(one, row['peers'])} (n = {text.count(row['peers_n'])})"


def grid_units(figure: str) -> str:
    """What the colours of the grid of topics say."""
    if figure == "average_handle_time_s":
        return "blue ▼ shorter, orange ▲ longer than the others on the same topic; n below"
    return "blue ▲ better, orange ▼ worse than the others on the same topic, in percentage points; n below"


def grid_description(figure: str, topics: int, whos: int) -> str:
    """The grid of topics for those who do not see it."""
    return (
        f"Table of colours: {FIGURES[figure].lower()} of {topics:,} topics at {whos:,} providers or sites, each beside "
        "its difference from the others and the number of contacts."
    )


def unmapped(rows: pd.DataFrame) -> str:
    """Codes that mean nothing yet."""
    codes = ", ".join(
        f"{code} ({text.count(n)})" for code, n in list(zip(rows["code"], rows["contacts"], strict=True))[:8]
    )
    more = f" and {len(rows) - 8:,} more" if len(rows) > 8 else ""
    return (
        f"{text.count(rows['contacts'].sum())} contacts of these weeks carry a topic code that means none of the "
        f"company’s topics: {codes}{more}. They count under the code as sent."
    )

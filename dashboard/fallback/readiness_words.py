"""The words of readiness. Those with names of users' own go to `parts.plain` or into a table's cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard.fallback.readiness import MOST_DAYS, MUCH, PAUSE_HOURS
from dashboard.fallback.readiness_questions import DAYS
from dashboard.scope.scope import NONE
from dashboard.topics.words import topic_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from dashboard.fallback.readiness import Dependency, Hole, Hour, Pair, Plan

COVER = "Who could take it: cover in-house by hour"
COVER_HELP = (
    f"In-house agents who took contacts of the queue and language in the last {DAYS} days, and how many of them are "
    "usually there: the mean over these weeks. Somebody counts as there in an hour in which they answered, and between "
    f"two of them at most {PAUSE_HOURS} hours apart. One who does several kinds of work counts for each: the numbers "
    "must not be added up."
)
DAY = "Day of the week"
CHART = "In-house agents usually there"
QUEUE, LANGUAGE, KIND, HOUR = "Queue", "Language", "By", "Hour"
CONTACTS, BOUGHT, AGENTS, HOLE = "Contacts", "With providers", "Agents usually there", "Hole"
LEGEND = (
    "Cells are hours in which at least one contact a week comes, whoever takes it. ✕ 0 marks a hole: a provider has "
    "contacts and nobody in-house was there in any of the weeks. <1 is somebody in some of the weeks."
)
AS_TABLE = "The whole week as a table"
COVER_ALT = (
    "One row per queue, language, kind and hour of the week: contacts, those with providers, agents usually there."
)
NO_SITE = "No site is in-house, so nobody covers anything."
NO_AGENTS = (
    f"Nothing is known of cover: no in-house contact of the last {DAYS} days says which agent took it. Cover needs "
    "`agent_id` in the events of answered contacts."
)
NO_CONTACTS = f"No contacts came in the last {DAYS} days, so there is nothing to cover."
NO_HOLES = "There is no hole: whenever a provider has contacts, somebody in-house is usually there who does such work."
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORT_DAYS = tuple(day[:3] for day in WEEKDAYS)
KINDS = {True: "calls", False: "in writing"}

DEPENDENCY = "How much hangs on one provider"
DEPENDENCY_HELP = (
    f"Share of the contacts of the last {DAYS} days that went to the one provider that has most of them. Marked from "
    f"more than {100 * MUCH:.0f}% on."
)
EVERYTHING = "Everything"
WHAT, PROVIDER, SHARE, IN_HOUSE, MARK = "What", "Provider with most", "Its share", "In-house", "Dependency"
MARKED, THIN = f"▲ more than {100 * MUCH:.0f}%", "~ few contacts"
BY_TOPIC = "By topic"
DEPENDENCY_ALT = (
    "One row per queue and language: contacts, the provider with most of them, its share, that of in-house."
)
TOPICS_ALT = "One row per topic: contacts, the provider with most of them, its share, that of in-house."

PLANS = "Exit plans"
PROVIDER_NAME = "Provider"
PLANS_ALT = "One row per provider: who answers for the exit plan, where it is, its age, and the last drill."
NO_PROVIDERS = "No work is bought in, so no exit plan is needed."
PLANS_WELL = "Every provider has an exit plan from within a year, and a drill as well."
OWNER, WHERE, UPDATED, AGE, DRILLED, DRILL, OVERDUE = (
    "Who answers for it", "Where", "Up to date on", "Age, days", "Last drill", "Kind of drill", "What is overdue",
)  # fmt: skip
DRILLS = {"simulated": "reckoned here", "for_real": "for real"}
NO_CONTRACT, NO_PLAN = "no contract is configured, and so no exit plan", "no exit plan"
NO_DRILL = "never drilled"
FINE = "nothing"
_MOST_NAMED = 5


def pair(one: Pair) -> str:
    """`orders · de · calls`."""
    return f"{work(one.queue, one.language)} · {KINDS[one.calls]}"


def work(queue: str, language: str) -> str:
    """`orders · de`."""
    return f"{queue_name(queue)} · {language_name(language)}"


def queue_name(queue: str) -> str:
    """A queue, or that none is told."""
    return "no queue told" if queue == NONE else queue


def language_name(language: str) -> str:
    """A language, or that none is told."""
    return "language not told" if language == NONE else language


def hour(number: int) -> str:
    """`08:00`."""
    return f"{number:02d}:00"


def agents(one: Hour) -> str:
    """What stands in a cell."""
    if one.is_hole:
        return "✕ 0"
    if 0 < one.agents < 1:
        return "<1"
    return f"{one.agents:.0f}"


def cell(one: Hour) -> str:
    """The same in full, for whoever points at it."""
    return (
        f"{one.agents:,.1f} agents usually there; {one.contacts:,} contacts in {DAYS} days, {one.bought:,} of them "
        "with providers"
    )


def chart_description(day: int, pairs: int, empty: int) -> str:
    """Of the chart, for those who do not see it."""
    holes = "no hour is a hole" if not empty else f"{_counted(empty, 'hour is a hole', 'hours are holes')}"
    kinds = _counted(pairs, "kind of work", "kinds of work")
    return f"Agents usually there on {WEEKDAYS[day]}s by hour for {kinds}; {holes}."


def more_pairs(count: int) -> str:
    """Not all fit."""
    return f"{_counted(count, 'kind', 'kinds')} of work with fewer contacts: in the table."


def hole(one: Hole) -> str:
    """Who is missing where, as a sentence."""
    when = "at any time" if one.always else f"on {_days(one.weekdays)}"
    if not one.whole_day:
        when += " " + _listed([f"{hour(first)}–{hour(end % 24)}" for first, end in one.hours])
    contacts = _counted(one.contacts, "contact", "contacts")
    return (
        f"Nobody in-house for {queue_name(one.pair.queue)} ({KINDS[one.pair.calls]}) in "
        f"{language_name(one.pair.language)} {when}: {contacts} with providers in {DAYS} days."
    )


def more_holes(count: int) -> str:
    """Not all are named."""
    return f"And {_counted(count, 'more hole', 'more holes')}, in the table."


def silent(sites: Sequence[str]) -> str:
    """Own sites of which nothing is known."""
    return f"Not counted: no agent of {_listed(sites)} answered anything in these {DAYS} days, as far as is told."


def begins(first: date) -> str:
    """There is less than four weeks of data."""
    return f"Data begin in the week of {text.day(first)}: means over four weeks are too low."


def depends(total: Dependency, marked: Sequence[Dependency], of: int, names: Mapping[str, str]) -> str:
    """How much hangs on whom."""
    if total.provider is None:
        return f"All {text.count(total.contacts)} contacts of the last {DAYS} days came to in-house sites."
    line = (
        f"{total.provider} has most of what is bought in: {text.share(total.share)} of all "
        f"{text.count(total.contacts)} contacts; in-house takes {text.share(total.in_house)}. "
    )
    named = [f"{what(each, names)} ({each.provider}, {text.share(each.share)})" for each in marked]
    if not named:
        return f"{line}No queue and language hangs on one provider for more than {100 * MUCH:.0f}%."
    shown = named[:_MOST_NAMED] + ([f"{len(named) - _MOST_NAMED:,} more"] if len(named) > _MOST_NAMED else [])
    kinds = "queue and language hangs" if of == 1 else "queues and languages hang"
    return f"{line}{len(marked):,} of {of:,} {kinds} on one provider for more than {100 * MUCH:.0f}%: {_listed(shown)}."


def what(one: Dependency, names: Mapping[str, str]) -> str:
    """What a dependency is about."""
    if one.pair is not None:
        return work(*one.pair)
    return EVERYTHING if one.topic is None else topic_name(one.topic, names)


def mark(one: Dependency) -> str:
    """In words, as no colour says it."""
    return THIN if one.is_thin else MARKED if one.is_marked else ""


def overdue(plan: Plan) -> str:
    """What has to be done about a provider's plan, without its name."""
    lines = []
    if plan.is_missing:
        lines.append(NO_PLAN if plan.has_contract else NO_CONTRACT)
    if plan.is_old:
        lines.append(f"the plan is {text.count(plan.age_days)} days old")
    if plan.since_drill is None:
        lines.append(NO_DRILL)
    elif plan.drill_is_due:
        lines.append(f"no drill in {text.count(plan.since_drill)} days")
    return "; ".join(lines) or FINE


def overdue_line(plan: Plan) -> str:
    """The same with the name."""
    return f"{plan.provider}: {overdue(plan)}."


def rule() -> str:
    """When something is overdue."""
    return f"Overdue is a plan older than {MOST_DAYS} days, and a provider not drilled for as long."


def _days(weekdays: Sequence[int]) -> str:
    if len(weekdays) > 2 and list(weekdays) == list(range(weekdays[0], weekdays[-1] + 1)):
        return f"{WEEKDAYS[weekdays[0]]}s to {WEEKDAYS[weekdays[-1]]}s"
    return _listed([f"{WEEKDAYS[day]}s" for day in weekdays])


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"

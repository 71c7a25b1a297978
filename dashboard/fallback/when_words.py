"""The words of from when: hiring against notice, and what to do until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text

if TYPE_CHECKING:
    from datetime import date

    from models.fallback.answer_parts import FromWhen
    from models.fallback.homecoming import Homecoming

CAPACITY = "What those hired can do"
CLASSES = "Classes"
CALENDAR = "Calendar"
CALENDAR_FILE = "Calendar file"
AS_TABLE = "By week"
LEGEND = "Solid: work of those hired, in experienced people. Dotted: heads. Dashed: what is needed."
UNIT = "people, by week from a decision today"
LAW = (
    "Whether people of the provider come over by law when the work does is not considered: ask a lawyer before notice "
    "is given."
)
NO_CONTRACT = "No contract with this provider is configured, so its notice and its end are not considered."
NOTHING_TO_COME = "No review, notice or other date is known."
CLASSES_ALT = "One row per class: the day it begins, its size, and when it has finished training and nesting."
CALENDAR_ALT = "One row per date, soonest first: what happens or has to be done, and why."
WEEKS_ALT = "One row per week from the decision: work of those hired in experienced people, heads, and the need."
DECISION, CLASS, PEOPLE, NOTICE, END, HOME, REVIEW, HELP_ENDS, SHORT = (
    "Decision", "Class", "People", "Notice", "End of contract", "Home", "Review", "Assistance ends", "People short",
)  # fmt: skip
COLUMNS = {
    "date": "Date", "kind": "What", "about": "Details", "in_days": "In days", "number": "Class", "begins": "Begins",
    "size": "People", "done": "With customers alone from", "week": "Week", "capacity": "Experienced people",
    "headcount": "People", "need": "Needed",
}  # fmt: skip


def told(when: FromWhen, in_house: str) -> list[str]:
    """All that is said of it, who has to be hired first."""
    agreed = contract(when.home) if when.home else NO_CONTRACT
    return [line for line in (needed(when), anyway(when, in_house), ready(when), agreed) if line]


def needed(when: FromWhen) -> str:
    """Who has to be hired."""
    if not when.need:
        there = "no more are short with this work than without it in any" if when.short_anyway else (
            "those who are there cover every"
        )  # fmt: skip
        return (
            f"Nobody has to be hired: {there} quarter-hour of the next seven days, also by the high end of the "
            "forecast’s band."
        )
    agents = f"{when.agents_short:,} {'agent is' if when.agents_short == 1 else 'agents are'}"
    people = f"{when.need:,} experienced {'person' if when.need == 1 else 'people'}"
    count = len(when.classes)
    classes = "one class" if count == 1 else f"{count:,} classes"
    hires = f"{when.hires:,} {'hire' if when.hires == 1 else 'hires'}"
    return (
        f"In the worst quarter-hour of the next seven days {agents} short for this work. By the high end of the "
        f"forecast’s band, and with those who are away, it takes {people}: {hires} in {classes}, as some leave and new "
        "people are slower."
    )


def anyway(when: FromWhen, in_house: str) -> str | None:
    """What in-house lacks without this work; None when it lacks nobody."""
    if not when.short_anyway:
        return None
    agents = f"{when.short_anyway:,} {'agent' if when.short_anyway == 1 else 'agents'}"
    return (
        f"{in_house} is short of up to {agents} for its own work in those days. They are not counted here: taking the "
        "work over makes those hours no worse, hiring for them makes them better."
    )


def ready(when: FromWhen) -> str:
    """When they can do it."""
    if not when.need:
        return ""
    line = f"Decided today, they can do it from {text.day(when.people_ready)} on, in week {when.ready_week:,}"
    if when.short_again_week is None:
        return f"{line}."
    return f"{line}; from week {when.short_again_week:,} on too many have left again, unless hiring goes on."


def contract(home: Homecoming) -> str:
    """What the notice does to it."""
    given = (
        f"With notice given by {text.day(home.notice_by)} the contract ends on {text.day(home.last_day)}, and the work "
        f"is home from {text.day(home.home_on)} on."
    )
    if home.waits_for == "people":
        sooner = (
            f" Given today it could end on {text.day(home.notice_only)}, before people are ready."
            if home.notice_only < home.last_day
            else ""
        )
        return f"{given}{sooner}"
    idle = f" People are ready {home.idle_days:,} days before." if home.idle_days > 0 else ""
    return f"It waits for the notice. {given}{idle}"


def description(hires: int, need: int, ready: date, weeks: int) -> str:
    """The chart for those who do not see it."""
    return (
        f"Line chart over {weeks} weeks: work of {hires} hires in experienced people, which reaches the {need} needed "
        f"in the week of {text.day(ready)}."
    )


def begins(number: int, size: int) -> str:
    """A class."""
    return f"Class {number:,} begins, {size:,} {'person' if size == 1 else 'people'}"


def last_notice(home: Homecoming) -> str:
    """The deadline that matters."""
    return f"Last day to give notice for an end on {text.day(home.last_day)}"


def at_once(home: Homecoming) -> str:
    """What notice given today would do."""
    return f"First possible end, if notice were given today; people are ready on {text.day(home.people_ready)}"


def earliest(day: date) -> str:
    """A bound of the contract."""
    return f"The contract cannot end before {text.day(day)}"


READY = "People ready"
LAST_DAY = "Last day of the provider"
PEOPLE_READY = "Own people can do all of it"
FIRST_DAY = "First day of own people"
ASSISTED = "Last day on which the provider has to help"
SHORT_AGAIN = "Too many have left again, unless hiring goes on"
DECIDED = "Decided today, as assumed here"

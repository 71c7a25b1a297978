"""What saved answers, decisions and what became of them say. Sentences with a name in them go to `parts.plain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard.fallback.memo_words import VERDICTS

if TYPE_CHECKING:
    from datetime import date

    from dashboard.fallback.scenario_kept import Decision, Kept
    from models.fallback.facts import Facts

SAVED = "Saved answers"
SAVE = "Save this answer"
SAVE_NOTE = (
    "Kept with it: everything measured as known now, every assumption with its source, and the program's version, so "
    "that it can be reckoned again."
)
NAME_OF_ANSWER, WHO, NOTE = "What to call it", "Your name", "Note"
NAME_OF_ANSWER_NEEDED = "Please give it a name: that is how it is found again."
WHO_NEEDED = "Please give your name: who did it is kept with it."
WRITTEN = "Written down."
NOT_LIVE = "Nothing can be written while ingest is stopped; what is kept can be read."
NONE_SAVED = "No answer about this provider has been saved yet."
SHOW_ASIDE = "Show those put aside"
OPEN, OPEN_PLACEHOLDER = "Open a saved answer", "Choose one"
SHOW_PAGE = "Show the whole page from it"
USE_ASSUMED = "Use its assumptions on today's data"
ASIDE, AGAIN = "Put it aside", "Take it back"
ASIDE_NOTE = "It is kept, and can be taken back."
GONE = "This answer cannot be read: it is not in the store, or the store is away."
SAME_AGAIN = "Reckoned again from what it rests on: the same figures."
COMPARE, COMPARE_HELP = "Side by side", "Two or three of them, with the answer shown now."
PRESENT = "The answer shown now"
SAME_ASSUMED = "They rest on the same assumptions."
ASSUMED_APART = "Assumptions that differ"
FIGURES_ALT = "One row per headline figure, a column for each answer."
ASSUMED_ALT = "One row per assumption that differs, a column for each answer."
CHANGED_ALT = "One row per figure: as kept, and as this program reckons it."
SAVED_ALT = "One row per saved answer: when, by whom, on which data, and its headline figures."
SIDE_COLUMNS = {"figure": "Figure", "assumption": "Assumption", "first": "First", "second": "Second", "third": "Third"}
CHANGED_COLUMNS = {"figure": "Figure", "kept": "As kept", "again": "By this program"}
SAVED_COLUMNS = {
    "name": "Name", "saved_at": "Saved", "saved_by": "By", "note": "Note", "work": "Work asked about",
    "standing": "Exit criteria", "npv": "Net present value", "home_on": "First day at home", "version": "Program",
    "known_upto": "Data up to batch", "state": "State",
}  # fmt: skip
IN_USE, PUT_ASIDE = "in use", "put aside"

DECISION = "The decision"
WRITE = "Write the decision"
VERDICT, WHY, WHEN = "Decided", "Why", "Decided on"
WHY_NEEDED = "Please say why: it is kept with the decision."
VERDICT_NEEDED = "Please choose what was decided."
RESTS_ON, NOT_SAVED = "It rests on", "the answer shown now, not saved"
INSTEAD_OF, NOTHING = "It holds instead of", "no earlier decision"
SHORT = {"keep": "Keep", "watch": "Watch", "partial": "Partial", "full": "Full"}
NO_DECISION = "Nothing has been decided about this provider yet."
HISTORY, HISTORY_ALT = "Decisions so far", "One row per decision: when, what, why, by whom, and whether it still holds."
HISTORY_COLUMNS = {
    "decided_on": "Decided on", "verdict": "Decided", "decided_by": "By", "why": "Why", "rests_on": "Rests on",
    "noted_at": "Written", "state": "State",
}  # fmt: skip
HOLDS, REPLACED, EARLIER = "holds", "replaced by a later one", "earlier"
TAKE_AWAY = "To take away"
MEMO, WORKBOOK = "Memo, to print", "Spreadsheet with formulas"
TAKE_NOTE = "The memo prints on A4. In the spreadsheet, yellow cells can be changed and the money follows."

SINCE = "What happened since"
SINCE_NONE = "Once a decision is written, this says what came of it."
SINCE_ALT = "One row per figure: what was expected when it was decided, what is so now, and the difference."
SINCE_COLUMNS = {"figure": "Figure", "expected": "Expected", "actual": "Now", "difference": "Difference"}
MONTHS_ALT = "One row per whole month since the decision: contacts and cost of one at the provider."
MONTHS_COLUMNS = {
    "month": "Month", "contacts": "Contacts at the provider", "expected": "Expected", "cost": "Cost of a contact",
    "expected_cost": "Expected",
}  # fmt: skip
CONTACTS = "Contacts a month at the provider"
COST = "A contact at the provider"
LEVEL = "In-house service level"
PEOPLE = "In-house agents there at the busiest time"
FIGURES = {"contacts_month": CONTACTS, "provider_per_contact": COST, "service_level": LEVEL, "agents": PEOPLE}
PART_HOME = (
    "Which part was to come home was not kept as a number, so contacts and people of later months have no expected "
    "value."
)
MOVING = (
    "The work moves with people as they come. How much of it in which month was not kept, so months in which it moves, "
    "or of which nobody knows, have no expected contacts."
)
NOTHING_KEPT = "No figures were kept with this decision, so nothing can be held against it."


def not_done(error: str) -> str:
    """Ingest did not write it down."""
    return f"Not done: {error}"


def option(kept: Kept, zone: str) -> str:
    """A saved answer in a list."""
    aside = f" · {PUT_ASIDE}" if kept.withdrawn else ""
    return f"{kept.name} · {text.moment(kept.saved_at, zone)} · {kept.saved_by}{aside}"


def rests_on(kept: Kept, facts: Facts, zone: str) -> str:
    """On which data a saved answer was worked out, when, by whom and by which program."""
    return (
        f"Worked out on data as of {text.moment(facts.asked_at, facts.zone)} {facts.zone}, up to batch "
        f"{kept.known_upto:,}; saved by {kept.saved_by} on {text.moment(kept.saved_at, zone)} with Backstop "
        f"{kept.version}."
    )


def other_version(kept: Kept, now: str) -> str:
    """The program changed since."""
    return f"This is Backstop {now}, so figures may differ from those kept by {kept.version}."


def differ(number: int) -> str:
    """What reckoning again came to, when it is not the same."""
    return f"Reckoned again, {number:,} {'figure differs' if number == 1 else 'figures differ'} from what was kept."


def unreadable(error: str) -> str:
    """This program cannot read what was kept."""
    return f"This program cannot read what it rests on ({error}). Its figures as kept stand in the list."


def looking_at(kept_name: str) -> str:
    """The page shows a saved answer."""
    return f"This page shows the saved answer “{kept_name}”, not today's data."


def decided(decision: Decision) -> str:
    """A decision in a sentence."""
    told = VERDICTS.get(decision.verdict, decision.verdict)
    return f"{text.day(decision.decided_on)}, {decision.decided_by}: {told}."


def choice(decision: Decision) -> str:
    """A decision in a list."""
    return f"{text.day(decision.decided_on)} · {SHORT.get(decision.verdict, decision.verdict)} · {decision.decided_by}"


def too_early(decided_on: date, first_month: date) -> str:
    """No whole month has passed yet."""
    return (
        f"Too early to tell: no whole month has passed since {text.day(decided_on)}. "
        f"The first one is {text.month(first_month)}."
    )


def other_slice(then: str) -> str:
    """The decision was about other work than the page shows."""
    return f"It was decided about other work ({then}) than is chosen above: choose that to compare like with like."


def since(decision: Decision, months: int) -> str:
    """How long ago."""
    passed = "month has" if months == 1 else "months have"
    return f"{months:,} whole {passed} passed since {text.day(decision.decided_on)}."

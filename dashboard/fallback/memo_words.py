"""What the memo and the spreadsheet say. Sentences with names of users' own are escaped or written as text there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard.fallback import money_words, when_words, words
from dashboard.fallback.scenarios import NEVER, topic_names
from models.fallback.answer import Problem

if TYPE_CHECKING:
    from models.fallback.answer import Answer, AtWhatPrice, DayAnswer, FromWhen, TheCase, WhichPart
    from models.fallback.assumptions import Assumptions
    from models.fallback.facts import Facts

TITLE = "Should it come home?"
CASE, TAKE, WHEN, PRICE, PART = "The case", "Can in-house take it now", "From when", "At what price", "Which part"
DECISION, ASSUMED, BASIS = "The decision", "What is assumed", "What this rests on"
NO_DECISION = "No decision has been written yet."
YES, NO = "yes", "no"
UNITS = {"share": "share", "money": "amount", "times": "times"}
VERDICTS = {
    "keep": "Keep: the work stays with the provider",
    "watch": "Watch: it stays, and is looked at again",
    "partial": "Partial: part of the work comes home",
    "full": "Full: all of the work comes home",
}

SUMMARY = "The answer in figures"
LIVE = "Live: change the yellow cells of the sheet Assumptions and these change with them"
ANSWERED = "As the page answered; these do not change with the sheet"
ASSUMPTIONS = "What is assumed"
ASSUMPTIONS_NOTE = (
    "Yellow cells can be changed: the sheet Months refers to them by name. The others were used by the page."
)
ASSUMPTION_COLUMNS = (
    "Assumption",
    "Value",
    "Unit",
    "Expected",
    "Where it comes from",
    "Used in Months",
    "What is wrong",
)
OUT_OF_REASON = "Out of reason"
RAMP = "Share of the work own people can do"
RAMP_NOTE = "From hiring, training and pace; after the last month all of it."
MONTHS = "Whether it pays, month by month"
MONTHS_NOTE = (
    "Month 0 is the one-off cost and is not discounted: net present value is the sum of cash x discount factor. The "
    "NPV function of spreadsheets would shift each amount by a month."
)
INPUTS, READY, NOT_READY = "Inputs", "complete", "an input is missing"
OWN_CONTACTS = "Contacts a month in-house"
OWN_AGENTS = "Agents needed"
ONE_OFF = "One-off cost"
OWN_MONTH = "Own people, a month"
STEADY = "Saved in a steady month"
RATE = "Discount rate a month"
NPV = "Net present value"
PAYBACK = "Paid back in month"
DISCOUNTED = "Paid back in month, discounted"
BREAK_EVEN = "Price of a contact at which it breaks even"
NO_PRICE = "no price does"
MONTH_COLUMNS = (
    "Month", "Own people can do", "Provider still paid", "If all stayed", "Provider", "Own people", "Saved",
    "Saved so far", "Discount factor", "Present value", "Present value so far", "Paid back", "Paid back, discounted",
    "Factor x not paid",
)  # fmt: skip
WAY_HOME = "The way home, month by month"
WAY_HOME_NOTE = (
    "As the page answered, with notice, the contract's minimum, idle time and overtime; the sheet Months is the plain "
    "formula without them. Saved = if all stayed - provider - overtime - hired - one-off."
)
WAY_COLUMNS = (
    "Month", "Begins", "At home", "Provider", "Of that for nothing", "Hours in idle time", "Overtime hours", "Overtime",
    "Hired people", "One-off", "If all stayed", "Saved", "Saved so far",
)  # fmt: skip
ABSORB = "Can in-house take it now, by quarter-hour"
ABSORB_NOTE = (
    "Pools apart is the answer given; as one is what would fit if everybody could do everything. Chats count by how "
    "many an agent holds at once."
)
ABSORB_COLUMNS = (
    "Day", "From", "Kind", "Pool", "Contacts asked about", "Fit", "Agents there", "Needed for own work",
    "Needed with all", "Short", "Service level, own", "Service level, all", "Abandoned, own", "Abandoned, all",
)  # fmt: skip
KINDS = {"voice": "calls", "chat": "chats, in places"}
AS_ONE = "all as one"
CRITERIA = "Exit criteria by week"
SOURCES = "What this rests on"


def ramp_month(month: int) -> str:
    """A row of the ramp."""
    return f"Month {month}"


def problem(part: object) -> str:
    """Why a part has no answer; nothing when it has one."""
    return f"No answer: {part.text}" if isinstance(part, Problem) else ""


def npv_as_answered(npv: float, currency: str, payback: int | None) -> str:
    """What the month by month path comes to."""
    back = f"paid back in month {payback}" if payback is not None else f"paid back {NEVER}"
    return f"Net present value {money_words.amount(npv, currency)}, {back}."


def case(part: TheCase | Problem, facts: Facts) -> str:
    """The standing in a sentence."""
    if isinstance(part, Problem):
        return problem(part)
    called = {criterion.name: criterion.label for criterion in facts.criteria}
    reasons = part.verdicts[-1].reasons if part.verdicts else ()
    is_open = [called.get(each.criterion, each.criterion) for each in reasons if each.open_since is not None]
    told = words.STANDINGS[part.standing]
    if not is_open:
        return f"{facts.provider_name}: {told}. No exit criterion is open."
    return f"{facts.provider_name}: {told}. Open: {', '.join(is_open)}."


def take(part: tuple[DayAnswer, ...] | Problem) -> str:
    """What in-house can take, in a sentence."""
    if isinstance(part, Problem):
        return problem(part)
    moved, fits = sum(day.moved for day in part), sum(day.absorbable[0] for day in part)
    if not moved:
        return "None of this work is expected in the next seven days."
    people = max(day.people[0] for day in part)
    short = f" {people:,} more people would be needed for all of it." if people else ""
    return (
        f"In-house can take {fits:,.0f} of {moved:,.0f} contacts of the next seven days "
        f"({text.share(fits / moved, 0)}) with the people it has.{short}"
    )


def when(part: FromWhen | Problem) -> str:
    """Who has to be hired, when they are ready, and what the contract does to it."""
    if isinstance(part, Problem):
        return problem(part)
    contract = when_words.contract(part.home) if part.home else when_words.NO_CONTRACT
    return " ".join(line for line in (when_words.needed(part), when_words.ready(part), contract) if line)


def price(part: AtWhatPrice | Problem, assumed: Assumptions, currency: str) -> str:
    """Whether it pays, in a sentence or two."""
    if isinstance(part, Problem):
        return problem(part)
    return f"{money_words.pays(part, assumed, currency)} {money_words.break_even(part, currency)}"


def part_home(part: WhichPart | Problem, facts: Facts) -> str:
    """Which part, in a sentence or two."""
    if isinstance(part, Problem):
        return problem(part)
    kept = money_words.keep(part, facts.currency)
    if isinstance(part.topics, Problem):
        return f"{kept} Which topics first: {part.topics.text}"
    names = topic_names(facts)
    chosen = ", ".join(names.get(topic, topic) for topic in part.topics.best.topics)
    return f"{kept} With {part.people:,} people, first: {chosen}." if chosen else f"{kept} {too_few(part.people)}"


def too_few(people: int) -> str:
    """No topic comes home first."""
    return f"No topic first: none pays that {people:,} people could do."


def headline(answer: Answer, facts: Facts, assumed: Assumptions) -> list[str]:
    """The answer, a sentence for each question."""
    unit = facts.currency
    return [
        case(answer.case, facts), take(answer.days), when(answer.when), price(answer.price, assumed, unit),
        part_home(answer.part, facts),
    ]  # fmt: skip


def as_of(facts: Facts) -> str:
    """On which data, and by which program."""
    return (
        f"Data as of {text.moment(facts.asked_at, facts.zone)} {facts.zone}, up to batch {facts.known_upto:,}; "
        f"Backstop {facts.version}."
    )


BY_DAY = "By day"
DAY_COLUMNS = (
    "Day", "Contacts asked about", "Band", "Fit", "Fit, were everybody able to do everything", "Agents short at most",
    "People to be added",
)  # fmt: skip
MEMO_MONTHS = (
    "Month", "Begins", "At home", "Provider", "Overtime", "Hired people", "One-off", "If all stayed", "Saved",
    "Saved so far",
)  # fmt: skip
SWING_COLUMNS = ("Input", "A tenth lower", "A tenth higher")
SPLIT_COSTS, SPLIT_COLUMNS = "What these weeks cost", ("Way", "Cost")
TOPIC_COLUMNS = ("Topic", "People on its own", "In the best choice")
EXPECTED = "What was expected when it was decided"
ASSUMED_HEAD = ("Assumption", "Value", "Where it comes from", "What is wrong")
DEMO = "Demo data: made by a simulator, not by customers"


def noted(when_noted: str) -> str:
    """When a decision was written down."""
    return f"Written down {when_noted}."


def months_told(currency: str) -> str:
    """Above the table of months."""
    return f"Month by month, {currency}: the first year, then every twelfth month and the last"

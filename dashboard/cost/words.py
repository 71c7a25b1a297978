"""The sentences of the Cost page. Those with names of users' own go to `parts.plain` or into a table's cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard.cost import money
from dashboard.cost.parties import figure_of, ranked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

    from dashboard.cost.filters import Period
    from dashboard.cost.parties import Row

TITLE = "Cost"
MONTH = "Month"
OWN = "In-house"
SEE = "See these contacts"
CHOOSE_CELL = "Choose a row of the table for the contacts behind it."
WHO = "Who"
TABLE = "What a contact costs"
TABLE_ALT = "One row per provider and one for in-house: cost, contacts, cost per contact, minute, issue and resolution."
BY_SITE = "By site"
SITES_ALT = "The same by site: cost, contacts, cost per contact, minute, issue and resolution."
NO_CHANNEL = "(no channel)"
SPLIT = "By topic and channel"
TOPIC_GRID = "Cost of a contact by topic"
CHANNEL_GRID = "Cost of a contact by channel"
SPLIT_TABLE = "As a table"
SPLIT_ALT = "One row per topic or channel and provider: contacts, cost, cost per contact."
SPLIT_CLICK = (
    "The colour says how a provider's cost compares with that of all others on the same topic or channel together, "
    "as does the second line. A click opens the contacts. ~ marks fewer than 30 contacts on either side."
)
DAY = "Day"
SO_FAR = "Up to this day"
OF_DAY = "On this day"
ACCRUAL = "Through the month"
ACCRUAL_ALT = "One row per day: cost of the day and of the month up to it, of each provider and in-house."
NO_CONTRACT = "no contract with it is configured"
NO_FIGURES = "no in-house cost is given for it"
NO_STATES = "no states of agents, so nobody knows its hours and what they cost"
NOT_COMPUTED = "not computed yet, or no rate of exchange is known"

BEGIN_TITLE = "Nothing says what contacts cost"
BEGIN = (
    "Costs follow from contracts with providers and from what in-house agents cost. Both are documents in a folder "
    "`terms` beside the settings: `terms/contracts/NAME.toml` for each provider, and `terms/in-house.toml`. These "
    "write examples to begin with:"
)
BEGIN_COMMANDS = (
    "mkdir -p terms/contracts\n"
    "uv run backstop terms example contract > terms/contracts/example.toml\n"
    "uv run backstop terms example in-house > terms/in-house.toml\n"
    "uv run backstop terms check"
)
BEGIN_AFTER = (
    "Then start Backstop again: documents are read when it starts. The README explains every key, under “What a "
    "contact costs: the documents”."
)
COMPUTING = "Costs are being computed for the first time; this page fills by itself within a minute or two."
NOTHING = "Nothing was handled and nothing costs anything in this month within these filters."

HELP = {
    "cost": "Providers: the bill to expect by the contract. In-house: productive hours (available, busy, after-contact "
    "work) at their full cost. In the company's currency.",
    "contacts": "Contacts an agent handled and that were over in the month, outbound too: n of the cost per contact.",
    "per_contact": "Numerator: cost of the month. Denominator: contacts handled. Days of the reporting zone, by when "
    "handling ended.",
    "interval": "95 % interval of the cost per contact, by day: contacts of a day are alike, and bills have lines by "
    "day (ratio of sums, linearised, t with days − 1 degrees). – where there are fewer than two days.",
    "per_minute": "Numerator: cost of the month. Denominator: minutes of talk, hold and after-contact work; minutes of "
    "chats held at once count each.",
    "per_issue": "Numerator: cost so far of all contacts of issues begun in the month, wherever they were handled. "
    "Denominator: those issues. An issue is what one customer comes for about one topic, each contact within 7 days of "
    "the one before; its repeats are charged to the site where it began. Provisional while repeats can come.",
    "issues": "Issues that began in the month: n of the cost per issue.",
    "per_resolution": "Cost per contact ÷ first-contact resolution: what it costs until nobody comes again, if repeats "
    "cost the same.",
    "resolved": "First-contact resolution of the month: contacts nobody came again about within 7 days ÷ resolvable "
    "contacts. By arrival, final 8 days after.",
    "change": "Cost per contact against that of the month before, all of it.",
    "constant": "The same, with all amounts at the rates of exchange of the first month there is.",
}
HOW = "How cost is counted"
HOW_LINES = (
    f"Cost. {HELP['cost']}",
    "A bill is shared out over the work it is for: what is counted by contact goes to those contacts, what is counted "
    "by hours to the site and there by handle time, everything else by handle time.",
    f"Per contact. {HELP['per_contact']}",
    f"95 % interval. {HELP['interval']}",
    f"Per minute. {HELP['per_minute']}",
    f"Per issue. {HELP['per_issue']}",
    f"Per resolution. {HELP['per_resolution']} {HELP['resolved']}",
    "A provider's month is final once the contract's days for late events have passed: what changes later is shown as "
    "a correction. In-house cost follows the states of agents and can change as long as these come late.",
    "A malus that must be claimed apart from the bill is not in the cost.",
)


def per_cell(currency: str) -> dict[str, str]:
    """Headings of the table of costs."""
    return {
        "who": WHO,
        "cost": f"Cost, {currency}",
        "contacts": "Contacts (n)",
        "per_contact": f"Per contact, {currency}",
        "interval": "95 % interval",
        "change": "Change",
        "constant": "At constant rates",
        "per_minute": f"Per minute, {currency}",
        "per_issue": f"Per issue, {currency}",
        "issues": "Issues (n)",
        "per_resolution": f"Per resolution, {currency}",
        "resolved": "First-contact resolution",
        "note": "Note",
    }


def interval(low: float, high: float) -> str:
    """An interval of money."""
    return f"{low:,.2f} – {high:,.2f}".replace("-", "−")


def change(share: Decimal | None) -> str:
    """A relative change of a cost, in words too."""
    if share is None:
        return text.NO_DATA
    if abs(share) < 0.0005:
        return "the same"
    return f"{'▲' if share > 0 else '▼'} {100 * abs(share):.1f}% {'dearer' if share > 0 else 'cheaper'}"


def answer(rows: Sequence[Row], currency: str, period: Period) -> list[str]:
    """Who is cheapest and dearest by contact and by resolution, and whether the order is another."""
    contact, resolution = ranked(rows, "per_contact"), ranked(rows, "per_resolution")
    if not contact:
        return [f"Nobody’s cost is known for {period.name}."]
    if len(contact) == 1:
        only = contact[0]
        line = f"{period.name}: a contact at {only.name} costs {money.shown(only.now.per_contact, currency)}"
        per = only.per_resolution
        return [f"{line}, a resolution {money.shown(per, currency)}." if per else f"{line}."]
    lines = [
        f"{period.name}: a contact costs least at {_priced(contact[0], 'per_contact', currency)} and most at "
        f"{_priced(contact[-1], 'per_contact', currency)}".removesuffix(",")
        + "."
    ]
    if len(resolution) < 2:
        return [*lines, "Cost per resolution cannot be compared: first-contact resolution is not known yet."]
    ends = (
        f"Per resolution {_priced(resolution[0], 'per_resolution', currency)} is cheapest and "
        f"{_priced(resolution[-1], 'per_resolution', currency)} dearest: "
    )
    both = {row.key for row in resolution}
    order, by_contact = [row.name for row in resolution], [row.name for row in contact if row.key in both]
    same = order == by_contact
    return [*lines, ends + ("the order is the same." if same else f"the order changes to {', '.join(order)}.")]


def _priced(row: Row, figure: str, currency: str) -> str:
    return f"{row.name}, {money.shown(figure_of(row, figure), currency)},"


def standing(period: Period, open_bills: Sequence[str], missing: Sequence[Row]) -> list[str]:
    """What is provisional, and what is not known."""
    lines = []
    if period.is_running:
        lines.append(f"Provisional: so far, up to {text.day(period.until)}; the month runs to {text.day(period.last)}.")
    elif open_bills:
        lines.append(f"Provisional: not closed yet for {', '.join(open_bills)}; late events can still change it.")
    lines += [f"No data for {row.name}: {row.reason}." for row in missing]
    return lines


def repeats_missing(missing: Sequence[Row]) -> str:
    """Cost per issue lacks what is handled where nobody knows the cost."""
    return (
        f"Cost per issue leaves out repeats handled at {', '.join(row.name for row in missing)}: their cost is unknown."
    )


def resolution_provisional(final_on: date) -> str:
    """First-contact resolution can still change."""
    return f"First-contact resolution, and with it cost per resolution, is provisional until {text.day(final_on)}."


def elsewhere(rows: Sequence[Row]) -> str:
    """Whose issues are repeated at others."""
    told = [
        f"{row.name} {text.share(row.issues.elsewhere / row.issues.contacts)}" for row in rows if row.issues.contacts
    ]
    return f"Of the contacts of their issues, handled at other sites: {'; '.join(told)}." if told else ""


def filters_apply(what: str) -> str:
    """Filters that a section cannot apply."""
    return f"{what} are not told by channel or topic: those filters do not apply here."


def grid_units(currency: str) -> str:
    """Under the title of a grid."""
    return f"{currency} a contact handled; below it the difference from all others together, and n"


def grid_description(what: str, rows: int, whos: int) -> str:
    """A grid for those who do not see it."""
    return f"Table of colours: cost of a contact of {rows:,} {what} at {whos:,}."


def cell_tip(value: str, n: int, peers: str, peers_n: int) -> str:
    """A cell of a grid in words."""
    return f"{value} over {n:,} contacts; all others {peers} over {peers_n:,}"


def accrual_units(currency: str, zone: str) -> str:
    """What the lines of the month count."""
    return f"{currency} so far, by day of the month in {zone}"


def accrual_line(now: str, until: date, before: str | None, same_day: str | None, since: date | None) -> str:
    """What a line of the month says. since: the first day of the month before that is known, if not its first."""
    said = f"{now} so far, up to {text.day(until)}"
    if before is None:
        return f"{said}."
    same = f"{same_day} by the same day, " if same_day is not None else ""
    return f"{said}; the month before{_since(since)} {same}{before} in all."


def accrual_whole(now: str, before: str | None, since: date | None) -> str:
    """The same of a month that is over."""
    return f"{now} in all" + (f"; the month before{_since(since)} {before}." if before is not None else ".")


def _since(day: date | None) -> str:
    return f" (known from {text.day(day)} on)" if day else ""


def accrual_description(name: str, days: int, now: str, before: str) -> str:
    """The lines of the month for those who do not see them."""
    return f"Line chart: cost of {name} added up over {days:,} days of {now}, and in a lighter line of {before}."

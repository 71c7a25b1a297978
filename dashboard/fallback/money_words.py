"""What the sections about assumptions, price and the part to keep say. With a name in it: shown by `parts.plain`."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard.cost import in_house_words, money
from models.fallback.assumptions import BY_NAME
from models.fallback.base_peak import seat_use

if TYPE_CHECKING:
    from models.fallback.answer import AtWhatPrice, MonthCost, WhichPart
    from models.fallback.assumptions import Assumptions, Spec
    from models.fallback.business_case import Swing

ASSUMED = "What is assumed"
DECIDES, REST = "What decides most", {"people": "People", "time": "Time", "work": "Work", "money": "Money"}
UNITS = {
    "share": "%", "weeks": "weeks", "people": "people", "months": "months", "seconds": "seconds",
    "contacts": "contacts", "hours": "hours", "times": "",
}  # fmt: skip
UNSAID = {"people": "Nobody said: the gap at the peak is taken."}
ALL_BACK = "Back to what was measured"
ONE_BACK = "Back"
ASSUMED_HELP = (
    "Everything below is worked out with these values. Those that are measured or written in a document are filled in; "
    "change any of them to see what follows. Changes are yours alone until you save a scenario."
)

PRICE = "At what price"
NO_PRICE = "No price can be worked out yet."
NO_PART = "Which part to keep cannot be worked out yet."
CUMULATIVE = "Saved against staying, added up"
COMPARED = "Spent since the decision, added up"
STAY, HOME = "All stays with the provider", "The work comes home"
TORNADO = "What decides"
BREAK_EVENS = "How the break-even price moves"
MONTHS = "Month by month"
NEVER_MIXED = "Three in-house prices, never mixed"
NOTES = (
    "An hour of the work is counted at one of three prices, never at a mean of them: "
    "idle time first, while there is any; then people hired for it; overtime for what they cannot do.",
    "The work moves as those hired come up to pace, all of it on the day home. A contract that lets no work go before "
    "it ends costs more than this.",
    *(
        f"{in_house_words.PRICES[name]}: {in_house_words.HELP[name]}"
        for name in ("idle", "overtime", "hire")
    ),
    "Amounts are estimates in the company's currency, worked out in floating point. What is owed stands on the "
    "Invoices page, to the cent.",
)  # fmt: skip
COLUMNS = {
    "month": "Month", "begins": "Begins", "share_home": "Share at home", "bill": "Provider's bill",
    "stranded": "of it stranded", "idle_hours": "Idle hours used", "overtime": "Overtime", "hired": "Hired",
    "one_off": "One-off", "stay": "If all stayed", "cash": "Saved", "cumulative": "Saved, added up",
}  # fmt: skip
HELP = {
    "month": "From the decision; 0 is what is paid once.",
    "share_home": "Of the work asked about, what own people handle.",
    "bill": "What the provider is paid, with the minimum that is left.",
    "stranded": "Paid for nothing, up to the contract's minimum.",
    "idle_hours": "Hours of the work done in time that is paid anyway: they cost nothing more.",
    "overtime": "Pay for overtime hours.",
    "hired": "Full cost of people hired, with leads.",
    "one_off": "Hiring, exit fee, setting up.",
    "stay": "What the provider would be paid if nothing changed.",
    "cash": "If all stayed, less everything paid. Negative: costs more than staying.",
    "cumulative": "The same, added up since the decision.",
}
MONTHS_ALT = "One row per month from the decision: bill, stranded minimum, overtime, people hired, and what is saved."

PART = "Which part"
CURVE = "How many agents the work takes, and for how much of the time"
CURVE_UNITS = "agents at work on it, by share of quarter-hours with any of it in the weeks measured"
BASE = "Base to keep"
CRITICAL = "Own seat pays from here up"
SPLITS = {"all_bought": "All bought", "all_own": "All in-house", "best": "Base kept, rest bought"}
SPLIT_ALT = "One row per way to split: its cost over the weeks measured."
CAVEATS = (
    "The provider must agree to take the peaks alone: peaks cost more to staff, so the price may rise.",
    "A contract's minimum can make bought hours cost more than their price; a smaller pool needs more agents for the "
    "same load.",
)
TOPICS = "Which topics first"
TOPIC_COLUMNS = {
    "name": "Topic", "contacts": "Contacts a month", "amount": "Paid for them a month", "people": "People alone",
    "best": "Best choice", "greedy": "Simple choice",
}  # fmt: skip
TOPIC_HELP = {
    "people": "More people it would take on its own, shrinkage included. Topics that share a pool take fewer together.",
    "best": "The set that is worth most with the people there are: solved exactly.",
    "greedy": "Most worth for one more person first, one after the other: easy to explain, never better.",
}
TOPICS_ALT = "One row per topic: its contacts, the people it takes, and whether either choice brings it home."
YES, NO = "● yes", "○ no"


def amount(value: float | None, currency: str, places: int = 0) -> str:
    """`1,234 EUR`, rounded; a true minus."""
    if value is None or not math.isfinite(value):
        return text.NO_DATA
    return money.shown(Decimal(repr(float(value))), currency, places)


def each(value: float | None, currency: str) -> str:
    """Of one contact or hour: `5.40 EUR`."""
    return amount(value, currency, 2)


def short(value: float) -> str:
    """`1.02 M`, `−824 k`, `12`: beside a bar."""
    size = abs(value)
    said = f"{size / 1e6:,.2f} M" if size >= 999_500 else f"{size / 1e3:,.0f} k" if size >= 10_000 else f"{size:,.0f}"
    return f"−{said}" if value < 0 and said != "0" else said


def title(edited: int, wrong: int) -> str:
    """The label of the assumptions, with how many are not as measured."""
    told = [ASSUMED]
    if edited:
        told.append(f"{edited} {'is' if edited == 1 else 'are'} yours")
    if wrong:
        told.append(f"{wrong} to mend")
    return " · ".join(told)


def field(spec: Spec, currency: str) -> str:
    """A field's label, with its unit."""
    unit = currency if spec.unit == "money" else UNITS[spec.unit]
    return spec.label if not unit or unit in spec.label.casefold() else f"{spec.label}, {unit}"


def unsaid(name: str) -> str | None:
    """What holds where nobody said a value that nobody has to say; None where somebody has to."""
    return UNSAID.get(name)


def yours(spec: Spec, was: float | None) -> str:
    """What stands beside a value somebody changed."""
    return "yours (nobody said it before)" if was is None else f"yours (was {spec.shown(was)})"


def source(given: str) -> str:
    """Where a value comes from."""
    return f"From: {given}" if given else "Nobody said where it comes from"


def pays(price: AtWhatPrice, assumed: Assumptions, currency: str) -> str:
    """The answer in one sentence."""
    months = len(price.months) - 1
    worth = amount(abs(price.npv), currency)
    rate = assumed["discount"].value
    at = f"at a discount of {BY_NAME['discount'].shown(rate)} a year" if rate is not None else "discounted"
    gain = "brings" if price.npv >= 0 else "costs"
    whole = f"coming home {gain} {worth} against staying, {at}."
    if price.payback is None:
        return f"It never pays back within {months} months: {whole}"
    if price.npv < 0:
        return f"What it costs is back in month {price.payback} of {months} months, but too late to pay: {whole}"
    return f"It pays back in month {price.payback} of {months} months: {whole}"


def break_even(price: AtWhatPrice, currency: str) -> str:
    """From which price on it pays, against today's."""
    today = each(price.case.price, currency)
    if price.break_even is None:
        return f"At no price does it break even; a contact costs {today} at the provider today."
    apart = price.case.price - price.break_even
    way = "above" if apart > 0 else "below"
    beside = "just that" if abs(apart) < 0.005 else f"{each(abs(apart), currency)} {way} it"
    return (
        f"Counted from when own people are there, it breaks even at {each(price.break_even, currency)} a contact; the "
        f"provider costs {today} today, {beside}."
    )


def contrary(price: AtWhatPrice) -> str | None:
    """That the months and the break-even price disagree, if they do."""
    if (price.npv >= 0) == (price.outcome.npv >= 0):
        return None
    if price.npv < 0:
        return (
            "The two disagree: the months also pay own people from their first day in training on, and as many as "
            "the peaks take; the break-even price leaves both out. Go by the months."
        )
    return (
        "The two disagree: idle time and overtime that own people have anyway make the months cheaper than the "
        "break-even price, which has all hired, says. Go by the months, as long as that time is there."
    )


def steady(price: AtWhatPrice, currency: str) -> str:
    """What a contact costs once everything runs."""
    own, there = price.own_per_contact, price.provider_per_contact
    if not there:
        return "The provider's contacts cost nothing by what is assumed, so no share can be told."
    less = "less" if own <= there else "more"
    return (
        f"Once everything runs, a contact costs {each(own, currency)} in-house in full and {each(there, currency)} at "
        f"the provider: in-house {text.share(abs(own / there - 1))} {less}."
    )


def formula(price: AtWhatPrice, currency: str) -> str:
    """How the case in one formula differs from the months."""
    payback = price.outcome.payback
    back = "never pays back" if payback is None else f"pays back in month {payback}"
    return (
        "The break-even price and what decides are of the case in one formula: people for the hours of a mean month, "
        f"all hired in full, and no wait for them. There it takes "
        f"{price.outcome.agents:,} agents, {amount(price.outcome.one_off, currency)} once, "
        f"{amount(price.outcome.steady, currency)} saved a month once it runs, net present value "
        f"{amount(price.outcome.npv, currency)}; it {back}. The months above also wait for "
        "people, let the work move as they come up to pace, hire for the peaks, and count idle time, overtime and the "
        "contract's minimum."
    )


def decides(swings: tuple[Swing, ...], npv: float, currency: str) -> list[str]:
    """What a tornado says, in words."""
    if not swings or not swings[0].swing:
        return ["None of the inputs changes the net present value."]
    first = swings[0]
    lines = [
        f"{first.driver[0].upper()}{first.driver[1:]} decides most: from a tenth less to a tenth more the net present "
        f"value moves by {amount(first.swing, currency)}."
    ]
    turning = [one.driver for one in swings if min(one.low, one.high) < 0 <= max(one.low, one.high)]
    now = "a gain" if npv >= 0 else "a loss"
    other = "a loss" if npv >= 0 else "a gain"
    if turning:
        lines.append(f"A tenth more or less of {_listed(turning)} turns {now} into {other}: be sure of these first.")
    else:
        lines.append(f"No single input turns {now} into {other} when it is a tenth more or less.")
    return lines


def end(way: str, shown: str) -> str:
    """What stands at a bar's end: which way the input went, and the value then."""
    return f"{'−' if way == 'lower' else '+'}10 %: {shown}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def compared_description(price: AtWhatPrice, currency: str) -> str:
    """The chart of what was spent, in words."""
    stay = sum(month.stay for month in price.months)
    home = stay - sum(month.cash for month in price.months)
    return (
        f"Two lines by month from the decision. After {len(price.months) - 1} months staying has cost "
        f"{amount(stay, currency)}, coming home {amount(home, currency)}."
    )


def cumulative_description(months: tuple[MonthCost, ...], payback: int | None, currency: str) -> str:
    """The chart of what is saved, in words."""
    total = sum(month.cash for month in months)
    back = "It does not get back to nothing." if payback is None else f"It is back at nothing in month {payback}."
    return f"One line by month from the decision, ending at {amount(total, currency)}. {back}"


def tornado_description(swings: tuple[Swing, ...], currency: str) -> str:
    """The tornado in words, bar by bar."""
    told = "; ".join(
        f"{one.driver} a tenth lower {amount(one.low, currency)}, higher {amount(one.high, currency)}" for one in swings
    )
    return f"A bar for each input, what decides most first. Net present value: {told}."


def keep(part: WhichPart, currency: str) -> str:
    """The split in one sentence."""
    best, split = part.split.best, part.split
    prices = (
        f"an own hour costs {each(part.own_hour, currency)}, worked or not, a bought one "
        f"{each(part.bought_hour, currency)}"
    )
    if not best.base:
        why = (
            "more than a bought one, whatever its use"
            if split.critical_share > 1
            else f"so a seat must be used {text.share(split.critical_share)} of the time, and none is"
        )
        return f"Buy it all, up to {best.peak:,.0f} agents at the peak: {prices}, {why}."
    if not best.peak:
        return f"Keep all of it: {best.base:,} agents; {prices}, and every seat is used enough."
    agents = "agent" if best.base == 1 else "agents"
    return (
        f"Keep a base of {best.base:,} {agents} in-house and buy the rest, up to {math.ceil(best.peak - 1e-9):,} more "
        f"at the peak: {prices}, so a seat pays when used at least {text.share(split.critical_share)} of the time. "
        f"The last of them is used {text.share(part.last_used[0])} of it, one more would be "
        f"{text.share(seat_use(part.curve[0], best.base + 1))}."
    )


def shares(part: WhichPart) -> str:
    """How much of the hours is done where."""
    best = part.split.best
    worked = best.own_hours + best.bought_hours
    if not best.base or not worked:
        return f"All {worked:,.0f} hours worked {over(part)} are bought."
    return (
        f"Of {worked:,.0f} hours worked {over(part)}, {text.share(best.own_share)} are in-house, where "
        f"{text.share(part.split.use)} of the paid hours are used."
    )


def over(part: WhichPart) -> str:
    """The days the split rests on."""
    return f"from {text.day(part.first)} to {text.day(part.last)}"


def uneven(part: WhichPart) -> str | None:
    """What the curve does not see: within a quarter-hour contacts come unevenly. None without a base."""
    _, by_chance = part.last_used
    if math.isnan(by_chance):
        return None
    told = (
        f"Within a quarter-hour contacts come unevenly: if those that find every own agent busy go to the provider at "
        f"once, the last seat is used {text.share(by_chance)} of the time (Erlang B)."
    )
    if by_chance >= part.split.critical_share:
        return f"{told} It still pays."
    return (
        f"{told} That is less than the {text.share(part.split.critical_share)} it pays from, so let contacts wait a "
        "little for own agents before they overflow, or keep fewer."
    )


def curve_description(part: WhichPart) -> str:
    """The load-duration curve in words."""
    loads = part.curve[0]
    return (
        f"A falling line: {loads.max():,.1f} agents at the busiest quarter-hour, {loads.min():,.1f} at the quietest. "
        f"The base is {part.split.best.base:,} agents; an own seat pays when used from "
        f"{text.share(part.split.critical_share)} of the time on."
    )


def chosen(people: float, benefit: float, topics: int, currency: str, of: int, *, best: bool) -> str:
    """What a choice takes and brings."""
    which = "The best choice" if best else "The simple choice"
    if not topics:
        return f"{which} brings no topic home: none pays that {of:,} people could do."
    return (
        f"{which} brings {topics:,} {'topic' if topics == 1 else 'topics'} home with {people:,.0f} of {of:,} people, "
        f"worth {amount(benefit, currency)} a month."
    )


UNMOVED = "None of the inputs moves the break-even price."


def moved(price: AtWhatPrice, low: float, high: float, currency: str) -> str:
    """How far the break-even price can go, against today's price."""
    if price.case.price > high:
        stands = "so today's price stays above it whichever of them is a tenth off"
    elif price.case.price < low:
        stands = "so today's price stays below it whichever of them is a tenth off"
    else:
        stands = f"and today's price, {each(price.case.price, currency)}, lies in between: it can go either way"
    return (
        f"With one input a tenth off, the break-even price goes from {each(low, currency)} to {each(high, currency)}, "
        f"{stands}."
    )


def moved_description(now: float, low: float, high: float, currency: str) -> str:
    """The bars of the break-even price in words."""
    return (
        f"A bar for each input but the price. The break-even price, {each(now, currency)} now, goes from "
        f"{each(low, currency)} to {each(high, currency)}."
    )


def picked(place: int | None) -> str:
    """When the simple choice takes a topic."""
    return NO if place is None else f"{YES}, {place}."

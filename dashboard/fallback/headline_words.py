"""The answer in one sentence, and what of it nobody knows. Plain text: names and reasons can be users' own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard.fallback import words
from models.fallback.answer_parts import Problem

if TYPE_CHECKING:
    from datetime import date

    from models.fallback.answer_parts import Answer, AtWhatPrice, DayAnswer, FromWhen
    from models.fallback.facts import Facts

NOTHING_TO_COME = "none of this work is expected in the next seven days"


def lines(facts: Facts, answer: Answer) -> list[str]:
    """The sentence first, as far as it is known; then a sentence for each part of it that is not."""
    told = [_taken(facts, answer), _when(facts, answer), _price(facts, answer)]
    known = [part for part, is_known in told if is_known]
    unknown = [part for part, is_known in told if not is_known]
    sentence = "; ".join(known)
    first = [f"{sentence[0].upper()}{sentence[1:]}."] if sentence else []
    return [*first, *unknown]


def _taken(facts: Facts, answer: Answer) -> tuple[str, bool]:
    if isinstance(answer.days, Problem):
        return f"Whether {facts.in_house_name} can take it now is not known. {answer.days.text}", False
    expected = [day for day in answer.days if day.moved > 0]
    if not expected:
        return NOTHING_TO_COME, True
    day = next((day for day in expected if day.day == facts.today), expected[0])
    return f"{facts.in_house_name} {_can_take(day)} {_which_day(facts, day)}", True


def _can_take(day: DayAnswer) -> str:
    asked, fits = max(1, round(day.moved)), whole(day.absorbable[0])
    all_of_it = day.absorbable[0] >= day.moved - 1e-9
    if asked == 1:
        return "can take the one contact" if all_of_it else "cannot take the one contact"
    if all_of_it:
        return f"can take all {asked:,} contacts"
    # What is not quite all never reads as all.
    return (
        f"can take {min(fits, asked - 1):,} of {asked:,} contacts"
        if fits
        else f"can take none of the {asked:,} contacts"
    )


def _which_day(facts: Facts, day: DayAnswer) -> str:
    between = words.hours(facts.slice.first_hour, facts.slice.end_hour)
    between = f" {between}" if between else ""
    if day.day != facts.today:
        return f"expected on {words.short_day(day.day)}{between}, today having none left"
    passed = next((each.passed for each in facts.days if each.day == day.day), 0)
    if passed and day.quarters and passed > 4 * facts.slice.first_hour:
        return f"still expected today{between} from {words.quarter(passed)} on"
    return f"expected today{between}"


def _when(facts: Facts, answer: Answer) -> tuple[str, bool]:
    when = answer.when
    if isinstance(when, Problem):
        return f"From when it can take all of it is not known. {when.text}", False
    day = home_on(when)
    if not when.hires:
        if when.home is None and day <= facts.today:
            return "all of it from today on, with nobody hired", True
        return f"all of it from {text.day(day)}, with nobody hired{_why(when)}", True
    hires = f"{when.hires:,} hire" if when.hires == 1 else f"{when.hires:,} hires"
    return f"all of it from {text.day(day)} with {hires}{_why(when)}", True


def _why(when: FromWhen) -> str:
    if when.home is None:
        return " (no contract says when it can end)"
    return " (the notice is what it waits for)" if when.home.waits_for == "notice" else ""


def home_on(when: FromWhen) -> date:
    """First day of own people."""
    return when.people_ready if when.home is None else when.home.home_on


def _price(facts: Facts, answer: Answer) -> tuple[str, bool]:
    price = answer.price
    if isinstance(price, Problem):
        return f"Whether it pays is not known. {price.text}", False
    at = f"{price.provider_per_contact:,.2f} {facts.currency} a contact"
    if price.payback is not None and price.npv < 0:
        return f"what it costs is back only in month {price.payback:,}, too late to pay, at {at}", True
    if price.payback is not None:
        return f"it pays back in month {price.payback:,} at {at}", True
    return f"it does not pay back within {price.case.months:,} months at {at}{_break_even(facts, price)}", True


def _break_even(facts: Facts, price: AtWhatPrice) -> str:
    if price.break_even is None or not math.isfinite(price.break_even):
        return " (no price would make it pay)"
    return f" (it would at {price.break_even:,.2f} {facts.currency})" if price.break_even > 0 else ""


def whole(contacts: float) -> int:
    """Contacts that fit, never rounded up."""
    return math.floor(contacts + 1e-9)

"""The whole answer about a slice: should it come home, can it, from when, at what price, and which part.

Pure: the same facts and assumptions give the same answer. Every part stands for itself; where something is missing or
out of reason the part is a `Problem` in plain words.
"""

from __future__ import annotations

from models.fallback.answer_parts import (
    Answer,
    AtWhatPrice,
    DayAnswer,
    FromWhen,
    MonthCost,
    Problem,
    TheCase,
    WhichPart,
)
from models.fallback.assumptions import Assumptions, problems
from models.fallback.case_answer import the_case
from models.fallback.day_answer import day_answers, outage_of
from models.fallback.facts import Facts
from models.fallback.part_answer import which_part
from models.fallback.price_answer import at_what_price
from models.fallback.week import week_of
from models.fallback.when_answer import from_when

__all__ = [
    "Answer",
    "AtWhatPrice",
    "DayAnswer",
    "FromWhen",
    "MonthCost",
    "Problem",
    "TheCase",
    "WhichPart",
    "answer",
    "outage_of",
]


def answer(facts: Facts, assumed: Assumptions) -> Answer:
    """All parts. assumed: one value for each of `assumptions.SPECS`, also where it is unknown or out of reason."""
    week = week_of(facts, assumed)
    when = from_when(facts, assumed, week)
    return Answer(
        the_case(facts),
        week if isinstance(week, Problem) else day_answers(week),
        when,
        at_what_price(facts, assumed, week, when),
        which_part(facts, assumed, week),
        problems(assumed),
    )

"""What nobody can measure and somebody has to assume, each with its bounds, its unit and where it comes from.

What is measured or written in a document is the default where there is one; what is published elsewhere is so only for
durations and shares, never for money.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Group = Literal["people", "time", "money", "work"]
Unit = Literal["share", "weeks", "people", "money", "months", "seconds", "contacts", "hours", "times"]


@dataclass(frozen=True, slots=True)
class Spec:
    """One assumption. low, high: bounds, both allowed unless said; default None: the answer waits for a value."""

    name: str
    label: str
    unit: Unit
    group: Group
    low: float
    high: float
    default: float | None
    source: str
    help: str = ""
    low_open: bool = False
    """The low bound itself is not allowed."""
    high_open: bool = False
    whole: bool = False

    def problem(self, value: float | None) -> str | None:
        """What is wrong with a value, as a sentence for beside its field; None when nothing is."""
        if value is None:
            return f"{self.label}: nobody has said it yet; expected {self.expected}."
        if not math.isfinite(value):
            return f"{self.label}: expected {self.expected}, got no number."
        too_low = value < self.low or (self.low_open and value == self.low)
        too_high = value > self.high or (self.high_open and value == self.high)
        if too_low or too_high or (self.whole and value != int(value)):
            return f"{self.label}: expected {self.expected}, got {self.shown(value)}."
        return None

    def shown(self, value: float) -> str:
        """A value as it stands beside its field."""
        return f"{value * 100:.4g} %" if self.unit == "share" else f"{value:,g}"

    @property
    def expected(self) -> str:
        """The bounds in words."""
        low = f"{'more than ' if self.low_open else ''}{self.shown(self.low)}"
        if math.isinf(self.high):
            return low if self.low_open else f"{low} or more"
        return f"{low} to {'less than ' if self.high_open else ''}{self.shown(self.high)}" + (
            ", a whole number" if self.whole else ""
        )


_PUBLISHED = "published: 1,800 agents in 8 centres; replace by your own"
SPECS: tuple[Spec, ...] = (
    Spec("recruiting_weeks", "Weeks from decision to a class's first day", "weeks", "time", 0, 104, 5,
         "published: 34 days to fill a post; replace by your own", whole=True),
    Spec("class_size", "People in a class", "people", "people", 1, 500, 12, "usual for one trainer", whole=True),
    Spec("classes_every_weeks", "Weeks from one class to the next", "weeks", "time", 1, 52, 3,
         "one trainer and room", whole=True),
    Spec("training_weeks", "Weeks of training", "weeks", "time", 0, 52, 6, _PUBLISHED, whole=True),
    Spec("nesting_weeks", "Weeks with customers, with somebody beside", "weeks", "time", 0, 26, 2, _PUBLISHED,
         whole=True),
    Spec("nesting_share", "Pace meanwhile", "share", "time", 0, 1, 0.3, _PUBLISHED),
    Spec("first_pace", "Pace in the first month after that", "share", "time", 0, 1, 0.53, _PUBLISHED, low_open=True),
    Spec("ramp_months", "Months until full pace", "months", "time", 1, 36, 7, _PUBLISHED, whole=True),
    Spec("training_attrition", "Leave during training", "share", "people", 0, 1, 0.1, "usual", high_open=True),
    Spec("early_leaving", "Leave in each of the first four months", "share", "people", 0, 1, 0.05,
         "published; replace by your own", high_open=True),
    Spec("leaving", "Leave in a month after that", "share", "people", 0, 1, 0.025, "published; replace by your own",
         high_open=True),
    Spec("shrinkage", "Shrinkage", "share", "people", 0, 1, None, "in-house cost document", high_open=True,
         help="Share of paid time in which people are not there for contacts."),
    Spec("overtime_share", "Overtime people can do", "share", "people", 0, 1, 0.05,
         "5 % of paid hours; ask who plans them"),
    Spec("volume", "Contacts a month", "contacts", "work", 0, math.inf, None, "measured", low_open=True),
    Spec("price", "What one costs at the provider", "money", "money", 0, math.inf, None, "bills expected"),
    Spec("handle_s", "Handle time in-house", "seconds", "work", 0, 86_400, None, "measured on the same topics",
         low_open=True),
    Spec("fcr_own", "First-contact resolution in-house", "share", "work", 0, 1, None, "measured on the same topics",
         low_open=True),
    Spec("fcr_provider", "First-contact resolution at the provider", "share", "work", 0, 1, None, "measured",
         low_open=True),
    Spec("returning", "Come again when not resolved", "share", "work", 0, 1, 1.0,
         "all, as first-contact resolution is measured by who comes again"),
    Spec("occupancy", "Occupancy of those added for it", "share", "work", 0, 1, None, "worked out for the days ahead",
         low_open=True, help="Share of the time they are there for contacts in which they have one."),
    Spec("annual_cost", "An agent, in full, a year", "money", "money", 0, math.inf, None, "in-house cost document"),
    Spec("hours", "Productive hours of an agent a year", "hours", "work", 0, 8760, None, "in-house cost document",
         low_open=True),
    Spec("hire_cost", "Recruiting and training one", "money", "money", 0, math.inf, None, "in-house cost document"),
    Spec("attrition", "Agents who leave in a year", "share", "people", 0, 5, None, "in-house cost document"),
    Spec("overtime", "Overtime pay, as a multiple", "times", "money", 1, 5, 1.25, "in-house cost document"),
    Spec("exit_fee", "Exit fee", "money", "money", 0, math.inf, 0, "contract"),
    Spec("set_up", "Setting up: seats, systems, project", "money", "money", 0, math.inf, 0,
         "nobody said; 0 until somebody does"),
    Spec("dual_months", "Months both are paid", "months", "time", 0, 24, 1, "usual at a hand-over", whole=True),
    Spec("discount", "Discount rate a year", "share", "money", 0, 1, 0.08, "usual; ask finance"),
    Spec("months", "Months looked ahead", "months", "time", 1, 120, 36, "three years", whole=True),
    Spec("people", "People to bring topics home with", "people", "people", 0, 10_000, None, "the gap at the peak"),
)  # fmt: skip
BY_NAME: Mapping[str, Spec] = {spec.name: spec for spec in SPECS}


@dataclass(frozen=True, slots=True)
class Assumed:
    """A value and where it comes from."""

    value: float | None
    source: str


Assumptions = Mapping[str, Assumed]
"""One for each of SPECS."""


def problems(assumed: Assumptions) -> dict[str, str]:
    """What is wrong, by name, with those that are given or must be."""
    found = {spec.name: spec.problem(assumed[spec.name].value) for spec in SPECS}
    return {name: text for name, text in found.items() if text is not None}

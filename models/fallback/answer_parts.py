"""What an answer is made of: each part, and why there is none. `answer` makes them and gives them all by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from models.fallback.absorb import Bounds
from models.fallback.base_peak import BasePeak
from models.fallback.business_case import Case, Outcome, Swing
from models.fallback.exit_watch import Standing, Verdict
from models.fallback.homecoming import Homecoming
from models.fallback.which_first import WhichFirst
from models.staffing.arrays import Floats


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a part has no answer. assumption: the one to mend, by name in `assumptions.SPECS`; None: it is none."""

    text: str
    assumption: str | None = None


@dataclass(frozen=True, slots=True)
class TheCase:
    """Exit criteria over the weeks (a verdict for each of `Facts.weeks`), and the standing now."""

    verdicts: tuple[Verdict, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class DayAnswer:
    """Whether in-house can take one day's work. quarters: numbers of the quarter-hours in it (hours of the slice with
    any work, and of today only what is to come); the rows of everything here are of these.

    voice, chat: pools apart and as one, None without such work; chat is in slots, `slots` to an agent.
    """

    day: date
    quarters: tuple[int, ...]
    voice: Bounds | None
    chat: Bounds | None
    slots: int
    moved: float
    """Contacts asked about; low and high by the forecast's band."""
    moved_low: float
    moved_high: float
    absorbable: tuple[float, float]
    """Of them, what fits: pools apart (the answer given), and were everybody able to do everything."""
    people: tuple[int, int]
    """To be added at the widest gap of agents, shrinkage included: apart, and as one."""
    gap: tuple[Floats, Floats]
    """Agents short, by quarter-hour: apart, and as one."""


@dataclass(frozen=True, slots=True)
class FromWhen:
    """Hiring against notice."""

    need: int
    """Experienced people it takes with the band's high demand: at the widest gap of the week, or for all its hours."""
    agents_short: int
    """The gap itself, without shrinkage, with the demand expected, beyond what is short without this work."""
    hires: int
    classes: tuple[tuple[int, int], ...]
    """Week from the decision, and size."""
    capacity: Floats
    """By week from the decision, in experienced people."""
    headcount: Floats
    ready_week: int
    short_again_week: int | None
    home: Homecoming | None
    """None without a contract: then people_ready alone holds."""
    people_ready: date
    wait_weeks: int = 0
    """Weeks by which hiring is put off, as the notice takes longer than people do; within everything above."""
    need_by_hours: int = 0
    """What the short hours of the week take, at a person's productive hours in one; `need` is never less."""
    short_anyway: int = 0
    """Agents in-house is short of at its worst quarter-hour without this work; they are not in `need`."""


@dataclass(frozen=True, slots=True)
class MonthCost:
    """A month of the way home, in the company's currency. month 0: one-off cost."""

    month: int
    begins: date
    share_home: float
    """Of the slice, what own people handle."""
    bill: float
    """What the provider is paid for the slice, minimum that is left with it included."""
    stranded: float
    """Of that, what is paid for nothing: up to the minimum."""
    idle: float
    """Hours done in time that is paid anyway: cost nothing more."""
    overtime_hours: float
    overtime: float
    hired: float
    """Full cost of those hired, with leads by steps."""
    one_off: float
    stay: float
    """What the provider would be paid if all stayed."""

    @property
    def cash(self) -> float:
        """Against staying: positive is saved."""
        return self.stay - (self.bill + self.overtime + self.hired + self.one_off)


@dataclass(frozen=True, slots=True)
class AtWhatPrice:
    """The case in one formula (`outcome`, which the tornado varies), and month by month with all its steps."""

    case: Case
    outcome: Outcome
    break_even: float | None
    tornado: tuple[Swing, ...]
    months: tuple[MonthCost, ...]
    npv: float
    """Of `months`."""
    payback: int | None
    own_per_contact: float
    """Steady, in full, of a contact handled in-house."""
    provider_per_contact: float


@dataclass(frozen=True, slots=True)
class WhichPart:
    """What to keep and what to buy by load, and which topics first by people."""

    first: date
    """The days the split rests on: this, and …"""
    last: date
    curve: tuple[Floats, Floats]
    """Of agents at work in them; see `base_peak.duration_curve`."""
    split: BasePeak
    last_used: tuple[float, float]
    """Share of the time in which the base's last seat works: by the curve, and as contacts come at random and those
    that find every own agent busy go to the provider at once (Erlang B). NaN without a base."""
    own_hour: float
    bought_hour: float
    topics: WhichFirst | Problem
    people: int
    told: tuple[str, ...] = ()
    """Sentences about topics that are left out, or that do not pay."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Each part, or why there is none."""

    case: TheCase | Problem
    days: tuple[DayAnswer, ...] | Problem
    """The next seven days, or of today on what is left."""
    when: FromWhen | Problem
    price: AtWhatPrice | Problem
    part: WhichPart | Problem
    problems: dict[str, str]
    """What is wrong with assumptions, by name; see `assumptions.problems`."""

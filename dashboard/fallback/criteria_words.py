"""What the exit criteria are called and where their limits come from, and sentences about what nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text
from models.forecast.forecast import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from models.metrics.metric import Metric

FROM_CONTRACT = "contract: bad beyond the value with the full malus, good at its target"
FROM_TARGETS = "settings: bad 5 points beyond the target, good at it"
DELIVERED = "Handled against committed volume"
MINIMUM_UNITS = "contract: minimum of a month by its days; bad below 95 %, good from 98 %"
LOCKED_FORECAST = "contract: locked forecast of a month by its days; bad below 95 %, good from 98 %"
PLAN_FORECAST = "plan forecast of those days, as the contract commits to no volume; bad below 95 %, good from 98 %"
INCIDENTS = "Severe incidents in four weeks"
INCIDENTS_SOURCE = (
    "usual: high or critical ones, and those about customers' data; bad with more than one, good with none"
)
TURNOVER = "Agents gone within four weeks"
TURNOVER_SOURCE = "usual: not seen for two weeks; bad above a quarter of the team, good up to 15 %"
SILENCE = "Hours without any contact though many were due"
SILENCE_SOURCE = "usual: bad above 4 hours a week, good up to 1"

NO_SITES = "Nobody of this name runs a site, or none of the sites chosen is one of theirs."
NO_OWN_SITES = "There is no in-house site: nothing can come home to anybody, and nothing is compared."
NO_CONTRACT = (
    "There is no contract with this provider: targets stand in for its levels, and notice and price are not known."
)
NO_WEEKS = "No week of this work is over yet."
NO_CRITERIA_LIMITS = "Neither a contract nor a target says what service level is too low, so none is an exit criterion."
NO_COMMITMENT = "Neither the contract nor a plan of past days says what volume was committed to."
NO_COST = "The cost of in-house people is not given for every in-house site, so prices are of those that have it."
NO_OWN_COST = "Nobody has said what in-house people cost."
NO_DOCUMENT = "The in-house cost document cannot be read here: attrition, hiring and leads are taken from no document."
WHOLE_WORK = "Criteria and comparison are of all hours of this work, not of the hours or share chosen."
TOPICS_IN_QUARTERS = "Quarter-hours do not know topics: they are scaled by each queue's share of the topics in 28 days."
SPLIT_COST = (
    "A bill is told apart by channel and topic only: queues, languages, hours and the share are split by contacts."
)
NO_HANDLE_TIMES = "None of this work was handled in the last 28 days, so nobody knows how long it takes."
NO_PRESENCE = "In-house sites have told nothing of their agents in the last weeks, so nobody is known to be there."
NO_SLOTS = "Nobody told how many chats an agent holds at once: one at a time is taken."
FOREIGN_COST = "In-house cost is in another currency than the company's and is left out."

_REASONS = {
    Reason.CLOSED: "the site is closed",
    Reason.LEFT_OUT: "it is a holiday",
    Reason.TOO_FEW_DAYS: "too few such weekdays are known",
    Reason.TOO_FEW_SLOTS: "too few such quarter-hours are known",
}


def level(metric: Metric) -> str:
    """A promised level."""
    return f"{metric.label} (seconds)" if metric.unit == "seconds" else metric.label


def alike(metric: Metric) -> str:
    """A metric against in-house."""
    return f"{metric.label} against in-house, like for like"


def alike_source(margin: float) -> str:
    """Where the limits of such a difference come from."""
    return (
        f"Compare page: surely worse by more than {100 * margin:g} points, which is what matters in practice, on the "
        "same topics, channels and languages; good when it may be as good"
    )


def no_forecast(site: str, days: Sequence[date], reason: Reason) -> str:
    """Why days have no forecast."""
    listed = ", ".join(text.day(day) for day in days)
    return f"{site} has no forecast for {listed}: {_REASONS[reason]}. Its contacts of these days are not in the demand."


def written(share: float) -> str:
    """What is left out of the demand."""
    return (
        f"{text.share(share)} of this work is e-mail, cases or of no known channel: it can wait and takes no agent by "
        "quarter-hour."
    )


def no_months(months: Sequence[date]) -> str:
    """Months without an amount."""
    return f"What this work cost is not known for {', '.join(text.month(month) for month in months)}."


def many_agents(days: int, weeks: int) -> str:
    """That agents are looked at over less than usual."""
    return (
        f"There are so many contacts that skills are told from {days} days instead of 14, and presence from {weeks} "
        f"{'week' if weeks == 1 else 'weeks'} instead of 4."
    )


def bad_contract() -> str:
    """The contract as stored is not one this program reads."""
    return "The contract cannot be read by this version of the program."

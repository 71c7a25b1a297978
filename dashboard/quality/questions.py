"""What the Quality page asks: sums by site and week, by kind of work, by team. Never contacts."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from dashboard.figures.shown import is_final
from dashboard.scope import sums
from models.metrics.catalogue import BY_NAME
from models.metrics.views import sums_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.scope.scope import Known, Scope
    from models.metrics.metric import Metric

SATISFACTION = (
    "csat", "csat_mean", "csat_response_rate", "nps", "nps_response_rate", "ces", "ces_response_rate",
)  # fmt: skip
RESOLUTION = (
    "first_contact_resolution", "repeat_rate_1d", "repeat_rate", "repeat_rate_30d", "known_customer_share",
    "claimed_resolution", "survey_resolution",
)  # fmt: skip
EVALUATION = (
    "qa_score_client", "qa_score_provider", "critical_accuracy_client", "critical_accuracy_provider",
    "critical_accuracy_customer", "critical_accuracy_business", "critical_accuracy_compliance",
    "calibration_gap", "calibration_agreement",
)  # fmt: skip
TRANSFERS = ("transfer_rate", "transferred_away_rate", "bounce_back_rate")
METRICS = tuple(BY_NAME[name] for name in (*SATISFACTION, *RESOLUTION, *EVALUATION, *TRANSFERS))
COLUMNS = (*sums_of(METRICS), "calibration_gap2_milli")
_TEAM_SUM = re.compile(r"team_\w+")
_ASKED = ("answered", "csat_responses", "csat_satisfied")


@dataclass(frozen=True)
class TeamMeasure:
    """What teams are compared by: events that should not happen (`x`) among what they are counted of (`of`).

    All count what went wrong, so that more than expected is worse on every one of the funnels. rows: the contacts that
    did, by their name in `contact_measures`, where they are not those behind the metric.
    """

    metric: str
    label: str
    axis: str
    events: str
    what: str
    x: str
    of: str
    counted: str
    rows: str | None = None

    @property
    def sums(self) -> tuple[str, ...]:
        """The sums it is made of."""
        return tuple(dict.fromkeys(_TEAM_SUM.findall(f"{self.x} {self.of}")))


TEAM_MEASURES = {
    "first-contact": TeamMeasure(
        "first_contact_resolution", "First-contact resolution", "Repeats within 7 days", "repeats",
        "contacts whose customer came again within 7 days", "team_repeated_7d", "team_resolvable", "contacts",
    ),
    "satisfaction": TeamMeasure(
        "csat", "Customer satisfaction", "Answers that are not satisfied", "unsatisfied answers",
        "answers below 4 of 5", "team_csat_responses - team_csat_satisfied", "team_csat_responses", "answers",
    ),
    "critical-errors": TeamMeasure(
        "critical_accuracy_client", "Critical errors", "Contacts with a critical error", "contacts with an error",
        "evaluated contacts with a critical error, whoever evaluated", "team_critical", "team_evaluated",
        "evaluated contacts", rows="critical_any",
    ),
    "transfers": TeamMeasure(
        "transfer_rate", "Transfers", "Contacts handed on", "transfers",
        "handled contacts that were handed on", "team_transferred", "team_handled", "contacts",
    ),
}  # fmt: skip
"""By their name in the address; the first is shown without a choice."""


def weeks(scope: Scope, known: Known) -> str:
    """Every sum the page needs, by site and week."""
    return sums.question(scope, known, ("site", "week_start"), COLUMNS)


def asked(scope: Scope, known: Known) -> str:
    """Who could have answered and who did, by site, topic and channel: for weighting."""
    return sums.question(scope, known, ("site", "topic", "channel"), _ASKED)


def teams(scope: Scope, known: Known, measure: TeamMeasure, today: date) -> str | None:
    """Sums by team and kind of work, of all sites: what is expected of a team does not hang on the sites chosen.

    Repeats only of weeks that are final. None when there is no such week in view.
    """
    wide = replace(scope, sites=(), providers=())
    if measure.metric == "first_contact_resolution":
        final = final_weeks(BY_NAME[measure.metric], _weeks(scope, known), today)
        if not final:
            return None
        wide = replace(wide, first=min(final), last=max(final))
    return sums.question(wide, known, ("site", "team", "channel", "language", "topic"), measure.sums, of="day_teams")


def final_weeks(metric: Metric, starts: Sequence[date], today: date) -> list[date]:
    """Those of the weeks that nothing still to come changes."""
    return [start for start in starts if is_final(metric, start + timedelta(days=6), today)]


def _weeks(scope: Scope, known: Known) -> list[date]:
    first, end = scope.span(known)
    return [start for start in known.weeks if first <= start < end]

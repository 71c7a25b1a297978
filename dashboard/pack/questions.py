"""What a week's pack asks: sums by site and week of a quarter of a year, changes of closed weeks, gaps of the feeds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from dashboard.quality.questions import COLUMNS as QUALITY_COLUMNS
from dashboard.queries import WEEK_CHANGES
from dashboard.scope import sums
from models.metrics.catalogue import BY_NAME
from models.metrics.views import sums_of

if TYPE_CHECKING:
    from datetime import date

    from dashboard.scope.scope import Known, Scope

WEEKS = 13
FAMILIES = {
    "Volume": ("offered", "answered", "abandoned"),
    "Accessibility": ("service_level", "abandonment_rate", "average_speed_of_answer_s"),
    "Handling": ("average_handle_time_s", "transfer_rate", "bounce_back_rate", "first_response_s"),
    "Resolution": ("first_contact_resolution", "repeat_rate_30d", "claimed_resolution", "survey_resolution"),
    "Satisfaction": ("csat", "csat_response_rate", "nps", "ces"),
    "Evaluations": (
        "qa_score_client", "qa_score_provider", "critical_accuracy_client", "critical_accuracy_provider",
        "calibration_gap",
    ),
}  # fmt: skip
CHARTS = (
    "offered", "service_level", "abandonment_rate", "average_handle_time_s", "first_contact_resolution", "csat",
    "qa_score_client", "transfer_rate",
)  # fmt: skip
METRICS = tuple(BY_NAME[name] for names in FAMILIES.values() for name in names)
COLUMNS = tuple(dict.fromkeys((*sums_of(METRICS), *QUALITY_COLUMNS)))
_GAPS = "select site, starts_at, ends_at, minutes, running from feed_gaps order by starts_at, site"


def all_of(scope: Scope, known: Known, week: date) -> dict[str, str]:
    """Every question of the pack of this week."""
    span = replace(scope, first=week - timedelta(weeks=WEEKS - 1), last=week)
    return {
        "weeks": sums.question(span, known, ("site", "week_start"), COLUMNS),
        "changes": WEEK_CHANGES,
        "gaps": _GAPS,
    }

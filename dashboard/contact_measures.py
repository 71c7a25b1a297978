"""Which contacts stand behind a number: conditions on the rows of view `contacts`, by name.

The names are those of the figures of `site_week` and `contact_counts`, so that a number and the list behind it
agree. Conditions are constants: what comes from outside picks one by its name and is never part of it. In them `$start`
and `$end` are the instants between which contacts are looked for.
"""

from __future__ import annotations

from typing import NamedTuple


class Rows(NamedTuple):
    """Contacts that count in a figure: what they are called, and the condition that finds them."""

    label: str
    condition: str


def _among(source: str, where: str) -> str:
    """Found by the macro that the sums are made with."""
    ids = f"select site, contact_id from {source}($start, $end) where {where}"
    return f"(site, contact_id) in ({ids})"


def _counted(where: str) -> str:
    return _among("counts_within", where)


def _answered(instrument: str, where: str = "true") -> str:
    return _among("surveyed_within", f"instrument = '{instrument}' and {where}")


def _evaluated(side: str, where: str = "true") -> str:
    return _among("evaluated_within", f"evaluator = '{side}' and {where}")


def _critical(kind: str) -> Rows:
    return Rows(
        f"Critical error ({kind}) per client", _evaluated("client", f"list_contains(critical_errors, '{kind}')")
    )


_INBOUND = "coalesce(direction, 'inbound') = 'inbound'"
_COUNTS = f"{_INBOUND} and outcome <> 'excluded'"
_HANDLED = f"{_INBOUND} and outcome = 'answered' and handled_at is not null and handle_s is not null"

MEASURES: dict[str, Rows] = {
    "offered": Rows("Offered", f"{_COUNTS} and was_offered"),
    "campaign_offered": Rows("Offered of a campaign", _counted("campaign_offered = 1")),
    "answered": Rows("Answered", f"{_INBOUND} and outcome = 'answered'"),
    "answered_in_target": Rows("Answered within the target", _counted("answered_in_target = 1")),
    "not_in_target": Rows(
        "Not answered within the target", _counted("answered + abandoned = 1 and coalesce(answered_in_target, 0) = 0")
    ),
    "not_in_own_target": Rows(
        "Missed by the site's own definition", _counted("own_level_of = 1 and own_level_good = 0")
    ),
    "service_level_n": Rows("Answered or abandoned", f"{_INBOUND} and outcome in ('answered', 'abandoned')"),
    "abandoned": Rows("Abandoned", f"{_INBOUND} and outcome = 'abandoned'"),
    "abandoned_late": Rows("Abandoned, not at once", _counted("abandoned = 1 and coalesce(abandoned_short, 0) = 0")),
    "left_queue": Rows("Left the queue otherwise", f"{_INBOUND} and outcome = 'left_queue'"),
    "called_back": Rows("Left for a callback", _counted("called_back = 1")),
    "left_menu": Rows("Left in the menu", f"{_INBOUND} and outcome = 'left_menu'"),
    "waiting": Rows("Waiting", f"{_INBOUND} and outcome = 'waiting'"),
    "talking": Rows(
        "Talking", "outcome = 'answered' and not end_unknown and completed_at is null and wrapped_up_at is null"
    ),
    "handled": Rows("Handled", _HANDLED),
    "worked": Rows("Handled, outbound too", _among("worked_within", "true")),
    "transferred": Rows("Transferred", f"{_HANDLED} and transfers > 0"),
    "transferred_away": Rows("Transferred to another site", _counted("transferred_away = 1")),
    "bounced_back": Rows("Sent back in-house", _counted("bounced_back = 1")),
    "resolved": Rows("Resolved per agent", f"{_HANDLED} and resolved"),
    "not_resolved": Rows("Not resolved per agent", f"{_HANDLED} and not resolved"),
    "repeated_1d": Rows("Came again within 1 day", _among("repeats", "repeated_1d = 1")),
    "repeated_7d": Rows("Came again within 7 days", _among("repeats", "repeated_7d = 1")),
    "repeated_30d": Rows("Came again within 30 days", _among("repeats", "repeated_30d = 1")),
    "unknown_customer": Rows("Customer not known", _counted("answered = 1 and answered_known_customer = 0")),
    "csat_answered": Rows("Satisfaction answered", _answered("csat")),
    "csat_unsatisfied": Rows("Not satisfied", _answered("csat", "share_of_scale < 0.75")),
    "nps_answered": Rows("Recommendation answered", _answered("nps")),
    "nps_detractors": Rows("Would not recommend", _answered("nps", "share_of_scale <= 0.6")),
    "ces_answered": Rows("Effort answered", _answered("ces")),
    "ces_disagreed": Rows("Not made easy", _answered("ces", "share_of_scale < 0.666")),
    "resolved_denied": Rows("Not resolved per customer", _answered("resolved", "share_of_scale < 0.5")),
    "evaluated_client": Rows("Evaluated by the client", _evaluated("client")),
    "evaluated_provider": Rows("Evaluated by the provider", _evaluated("provider")),
    "critical_client": Rows("Critical error per client", _evaluated("client", "len(critical_errors) > 0")),
    "critical_provider": Rows("Critical error per provider", _evaluated("provider", "len(critical_errors) > 0")),
    "critical_any": Rows("Critical error per anybody", _among("evaluated_within", "len(critical_errors) > 0")),
    "critical_customer": _critical("customer"),
    "critical_business": _critical("business"),
    "critical_compliance": _critical("compliance"),
    "calibrated": Rows("Scored to compare evaluators", _among("evaluated_within", "calibration_id is not null")),
    "first_responses": Rows("Chat with a first answer", _counted("first_responses = 1")),
    "chats": Rows("Chats", f"{_COUNTS} and channel in ('chat', 'messaging')"),
    "unknown_end": Rows("End unknown", f"{_INBOUND} and outcome = 'unknown_end' and was_offered"),
    "end_not_told": Rows("Any contact whose end was not told", "end_unknown"),
    "excluded": Rows("Excluded", f"{_INBOUND} and outcome = 'excluded'"),
}

CLOCKS = {"arrival": "arrived_at", "completion": "handled_at"}
"""The instant by which a contact belongs to a day."""

BEHIND: dict[str, str] = {
    "service_level": "not_in_target",
    "sl_ignore_within_T": "not_in_target",
    "sl_ignore_short": "not_in_target",
    "sl_positive": "not_in_target",
    "sl_answered_only": "not_in_target",
    "sl_flowout": "not_in_target",
    "sl_own": "not_in_own_target",
    "abandonment_rate": "abandoned",
    "abandonment_rate_net": "abandoned_late",
    "average_speed_of_answer_s": "answered",
    "average_wait_s": "service_level_n",
    "longest_wait_s": "service_level_n",
    "offered": "offered",
    "answered": "answered",
    "abandoned": "abandoned",
    "left_queue": "left_queue",
    "handled": "handled",
    "left_menu": "left_menu",
    "unknown_end": "unknown_end",
    "excluded": "excluded",
    "campaign_share": "campaign_offered",
    "callback_rate": "called_back",
    "average_handle_time_s": "handled",
    "average_talk_s": "handled",
    "average_hold_s": "handled",
    "average_wrap_up_s": "handled",
    "transfer_rate": "transferred",
    "transferred_away_rate": "transferred_away",
    "bounce_back_rate": "bounced_back",
    "occupancy": "handled",
    "concurrency": "chats",
    "slot_utilisation": "chats",
    "first_contact_resolution": "repeated_7d",
    "repeat_rate": "repeated_7d",
    "repeat_rate_1d": "repeated_1d",
    "repeat_rate_30d": "repeated_30d",
    "known_customer_share": "unknown_customer",
    "claimed_resolution": "not_resolved",
    "csat": "csat_unsatisfied",
    "csat_mean": "csat_answered",
    "csat_response_rate": "csat_answered",
    "nps": "nps_detractors",
    "nps_response_rate": "nps_answered",
    "ces": "ces_disagreed",
    "ces_response_rate": "ces_answered",
    "survey_resolution": "resolved_denied",
    "qa_score_client": "evaluated_client",
    "qa_score_provider": "evaluated_provider",
    "critical_accuracy_client": "critical_client",
    "critical_accuracy_provider": "critical_provider",
    "critical_accuracy_customer": "critical_customer",
    "critical_accuracy_business": "critical_business",
    "critical_accuracy_compliance": "critical_compliance",
    "calibration_gap": "calibrated",
    "calibration_agreement": "calibrated",
    "first_response_s": "first_responses",
    "first_response_joined_s": "first_responses",
    "average_response_s": "chats",
    "turns_answered": "chats",
    "closing_s": "chats",
}
"""By metric of the catalogue, the contacts to look at. Behind a rate: those that went wrong."""


BEHIND_N = {
    "answered + abandoned": "service_level_n",
    "offered": "offered",
    "answered": "answered",
    "handled": "handled",
    "csat_responses": "csat_answered",
    "nps_responses": "nps_answered",
    "ces_responses": "ces_answered",
    "qa_client_contacts": "evaluated_client",
    "qa_provider_contacts": "evaluated_provider",
    "qa_client_milli_max": "evaluated_client",
    "qa_provider_milli_max": "evaluated_provider",
    "calibrations": "calibrated",
}
"""By denominator, the contacts that make it up."""


def behind(column: str) -> tuple[str, str]:
    """The contacts behind a metric of the catalogue, or behind its n (`NAME_n`), and the clock they are counted by."""
    from models.metrics.catalogue import BY_NAME

    metric = BY_NAME[column.removesuffix("_n")]
    measure = (
        BEHIND[metric.name] if column == metric.name else BEHIND_N.get(metric.denominator or "", BEHIND[metric.name])
    )
    return measure, "completion" if metric.clock == "completion" else "arrival"

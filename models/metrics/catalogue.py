"""The catalogue: every metric, in the order in which people look for them.

Definitions follow the field's; where vendors differ each variant has a name of its own. A threshold counts what lies
on it. Ratios are ratios of sums.
"""

from __future__ import annotations

from models.metrics.metric import Metric, Missing

_ARRIVED = "answered + abandoned"

VOLUME = (
    Metric(
        "offered", "Offered", "volume", "contacts", "Contacts that entered a queue.",
        "offered", None, "contacts offered", None, "arrival",
    ),
    Metric(
        "answered", "Answered", "volume", "contacts", "Offered contacts that reached an agent.",
        "answered", None, "contacts answered", None, "arrival",
    ),
    Metric(
        "abandoned", "Abandoned", "volume", "contacts", "Offered contacts whose customer gave up waiting.",
        "abandoned", None, "contacts abandoned", None, "arrival", better="lower",
    ),
    Metric(
        "left_queue", "Left the queue otherwise", "volume", "contacts",
        "Offered contacts that went to callback, voicemail, overflow or a closed desk.",
        "left_queue", None, "contacts that left the queue", None, "arrival",
    ),
    Metric(
        "handled", "Handled", "volume", "contacts", "Answered contacts whose handling has ended.",
        "handled", None, "contacts handled", None, "completion",
    ),
    Metric(
        "left_menu", "Ended in the menu", "volume", "contacts", "Contacts that ended before any queue.",
        "left_menu", None, "contacts that ended in the menu", None, "arrival",
    ),
    Metric(
        "unknown_end", "End unknown", "volume", "contacts",
        "Offered contacts whose end was never told: nothing more came for a day (written channels: a week).",
        "unknown_end", None, "contacts with an unknown end", None, "arrival", better="lower",
    ),
    Metric(
        "excluded", "Excluded", "volume", "contacts", "Contacts their site declared not to be any.",
        "excluded", None, "contacts excluded", None, "arrival",
    ),
    Metric(
        "campaign_share", "Campaign share", "volume", "share", "Share of offered contacts that a campaign caused.",
        "campaign_offered", "offered", "contacts offered because of a campaign", "contacts offered", "arrival",
    ),
    Metric(
        "callback_rate", "Callback rate", "volume", "share", "Share of offered contacts that took a callback.",
        "called_back", "offered", "contacts that left the queue for a callback", "contacts offered", "arrival",
    ),
)  # fmt: skip

ACCESSIBILITY = (
    Metric(
        "service_level", "Service level", "accessibility", "share",
        "Share of answered and abandoned contacts that were answered within {target} (sl_negative). "
        "Who gave up counts against it.",
        "answered_in_target", _ARRIVED, "contacts answered within {target}", "contacts answered + abandoned",
        "arrival", better="higher",
    ),
    Metric(
        "sl_ignore_within_T", "Service level, quick abandons left out", "accessibility", "share",
        "As the service level, but who gave up within {target} does not count.",
        "answered_in_target", "answered + abandoned - abandoned_in_target", "contacts answered within {target}",
        "contacts answered + abandoned later than {target}", "arrival", better="higher", variant_of="service_level",
    ),
    Metric(
        "sl_ignore_short", "Service level, short abandons left out", "accessibility", "share",
        "As the service level, but who gave up within {short} does not count.",
        "answered_in_target", "answered + abandoned - abandoned_short", "contacts answered within {target}",
        "contacts answered + abandoned later than {short}", "arrival", better="higher", variant_of="service_level",
    ),
    Metric(
        "sl_positive", "Service level, quick abandons as met", "accessibility", "share",
        "As the service level, but who gave up within {target} counts as met.",
        "answered_in_target + abandoned_in_target", _ARRIVED,
        "contacts answered or abandoned within {target}", "contacts answered + abandoned", "arrival",
        better="higher", variant_of="service_level",
    ),
    Metric(
        "sl_answered_only", "Service level, answered only", "accessibility", "share",
        "Share of answered contacts that were answered within {target}. Who gave up does not count at all.",
        "answered_in_target", "answered", "contacts answered within {target}", "contacts answered", "arrival",
        better="higher", variant_of="service_level",
    ),
    Metric(
        "sl_flowout", "Service level, left otherwise as missed", "accessibility", "share",
        "As the service level, but who left the queue for a callback, voicemail or overflow counts against it too.",
        "answered_in_target", "answered + abandoned + left_queue", "contacts answered within {target}",
        "contacts answered + abandoned + left otherwise", "arrival", better="higher", variant_of="service_level",
    ),
    Metric(
        "sl_own", "Service level as the site reports it", "accessibility", "share",
        "The service level by the definition and threshold the site's provider uses itself.",
        "own_level_good", "own_level_of", "contacts its definition counts as met", "contacts its definition counts",
        "arrival", better="higher", variant_of="service_level",
    ),
    Metric(
        "abandonment_rate", "Abandonment rate", "accessibility", "share",
        "Share of offered contacts whose customer gave up waiting.",
        "abandoned", "offered", "contacts abandoned", "contacts offered", "arrival", better="lower",
    ),
    Metric(
        "abandonment_rate_net", "Abandonment rate, short abandons left out", "accessibility", "share",
        "Share of offered contacts whose customer gave up after more than {short}; who gave up sooner does not count.",
        "abandoned - abandoned_short", "offered - abandoned_short", "contacts abandoned later than {short}",
        "contacts offered less those abandoned within {short}", "arrival", better="lower",
        variant_of="abandonment_rate",
    ),
    Metric(
        "average_speed_of_answer_s", "Average speed of answer", "accessibility", "seconds",
        "Mean wait in queue of answered contacts.",
        "answered_wait_ms / 1000.0", "answered", "seconds waited by answered contacts", "contacts answered",
        "arrival", better="lower",
    ),
    Metric(
        "average_wait_s", "Average wait", "accessibility", "seconds",
        "Mean wait in queue of answered and abandoned contacts.",
        "(coalesce(answered_wait_ms, 0) + coalesce(abandoned_wait_ms, 0)) / 1000.0", _ARRIVED,
        "seconds waited by answered and abandoned contacts", "contacts answered + abandoned", "arrival",
        better="lower",
    ),
    Metric(
        "longest_wait_s", "Longest wait", "accessibility", "seconds",
        "Longest wait in queue of an answered or abandoned contact.",
        "longest_wait_ms / 1000.0", None, "the longest wait", None, "arrival", better="lower", n=_ARRIVED,
        largest=True,
    ),
)  # fmt: skip

HANDLING = (
    Metric(
        "average_handle_time_s", "Average handle time", "handling", "seconds",
        "Mean of conversation, holds and after-contact work.",
        "handle_ms / 1000.0", "handled", "seconds of talk + hold + after-contact work", "contacts handled",
        "completion",
    ),
    Metric(
        "average_talk_s", "Talk", "handling", "seconds", "Mean conversation without holds.",
        "talk_ms / 1000.0", "handled", "seconds of talk", "contacts handled", "completion",
        variant_of="average_handle_time_s",
    ),
    Metric(
        "average_hold_s", "Hold", "handling", "seconds", "Mean time on hold.",
        "hold_ms / 1000.0", "handled", "seconds on hold", "contacts handled", "completion",
        variant_of="average_handle_time_s",
    ),
    Metric(
        "average_wrap_up_s", "After-contact work", "handling", "seconds", "Mean after-contact work.",
        "wrap_up_ms / 1000.0", "handled", "seconds of after-contact work", "contacts handled", "completion",
        variant_of="average_handle_time_s",
    ),
    Metric(
        "transfer_rate", "Transfer rate", "handling", "share", "Share of handled contacts that were handed on.",
        "transferred", "handled", "contacts handed on at least once", "contacts handled", "completion",
        better="lower",
    ),
    Metric(
        "transferred_away_rate", "Handed to another site", "handling", "share",
        "Share of handled contacts that were handed to another site.",
        "transferred_away", "handled", "contacts handed to another site", "contacts handled", "completion",
        better="lower", variant_of="transfer_rate",
    ),
    Metric(
        "bounce_back_rate", "Bounced back in-house", "handling", "share",
        "Share of contacts handled by a bought site that came back to one of the company's own.",
        "bounced_back", "handled", "contacts handed to an in-house site", "contacts handled", "completion",
        better="lower", variant_of="transfer_rate",
    ),
    Metric(
        "occupancy", "Occupancy", "handling", "share",
        "Share of their time ready or at work in which agents had a contact. Concurrency does not raise it.",
        "busy_ms + wrapping_up_ms", "busy_ms + wrapping_up_ms + available_ms", "agent time busy or in wrap-up",
        "agent time busy, in wrap-up or available", "overlap", n="agents",
    ),
    Metric(
        "concurrency", "Chat concurrency", "handling", "ratio",
        "Chats an agent held at once, on average over the time with at least one.",
        "chat_ms", "with_chat_ms", "time of chats in progress", "agent time with at least one chat", "overlap",
        n="agents",
    ),
    Metric(
        "slot_utilisation", "Slot utilisation", "handling", "share",
        "Share of the chats that agents could have held which they did hold.",
        "coalesce(chat_ms, 0)", "slot_ms", "time of chats in progress", "slots of agents who take several, by time",
        "overlap", n="agents",
    ),
)  # fmt: skip

_FORWARD = "Looks forward from each contact, at every site and channel; the site of the first contact answers for it."

OUTCOME = (
    Metric(
        "first_contact_resolution", "First-contact resolution", "outcome", "share",
        "Share of resolvable contacts whose customer did not come again about the same topic within 7 days. "
        + _FORWARD,
        "resolvable - repeated_7d", "resolvable", "contacts without a repeat within 7 days",
        "contacts answered, ended, not handed on, of a known customer", "arrival", better="higher",
        final_after_days=8,
    ),
    Metric(
        "repeat_rate", "Repeat rate, 7 days", "outcome", "share",
        "Share of resolvable contacts whose customer came again about the same topic within 7 days.",
        "repeated_7d", "resolvable", "contacts with a repeat within 7 days",
        "contacts answered, ended, not handed on, of a known customer", "arrival", better="lower",
        final_after_days=8,
    ),
    Metric(
        "repeat_rate_1d", "Repeat rate, 1 day", "outcome", "share",
        "Share of resolvable contacts whose customer came again about the same topic within a day.",
        "repeated_1d", "resolvable", "contacts with a repeat within a day",
        "contacts answered, ended, not handed on, of a known customer", "arrival", better="lower",
        final_after_days=2, variant_of="repeat_rate",
    ),
    Metric(
        "repeat_rate_30d", "Repeat rate, 30 days", "outcome", "share",
        "Share of resolvable contacts whose customer came again about the same topic within 30 days.",
        "repeated_30d", "resolvable", "contacts with a repeat within 30 days",
        "contacts answered, ended, not handed on, of a known customer", "arrival", better="lower",
        final_after_days=31, variant_of="repeat_rate",
    ),
    Metric(
        "known_customer_share", "Known customers", "outcome", "share",
        "Share of answered contacts whose customer is known: what repeats can be seen of.",
        "answered_known_customer", "answered", "answered contacts of a known customer", "contacts answered",
        "arrival", better="higher",
    ),
    Metric(
        "claimed_resolution", "Solved, as the agents say", "outcome", "share",
        "Share of contacts about which an agent said solved or not that they said solved.",
        "claimed_resolved", "claims", "contacts said to be solved", "contacts about which something was said",
        "completion", better="higher",
    ),
    Metric(
        "csat", "Customer satisfaction", "outcome", "share",
        "Share of answers in the upper quarter of the scale: 4 and 5 of 5.",
        "csat_satisfied", "csat_responses", "satisfied answers", "answers", "arrival", better="higher",
        final_after_days=8,
    ),
    Metric(
        "csat_mean", "Customer satisfaction, mean", "outcome", "score", "Mean answer on a scale of 1 to 5.",
        "csat_1 + 2 * csat_2 + 3 * csat_3 + 4 * csat_4 + 5 * csat_5", "csat_responses",
        "sum of the answers, brought to 1 to 5", "answers", "arrival", better="higher", final_after_days=8,
        variant_of="csat",
    ),
    Metric(
        "csat_response_rate", "Response rate (CSAT)", "outcome", "share",
        "Share of answered contacts whose customer answered the satisfaction survey.",
        "coalesce(csat_responses, 0)", "answered", "answers", "contacts answered", "arrival", better="higher",
        final_after_days=8, variant_of="csat",
    ),
    Metric(
        "nps", "Net promoter score", "outcome", "points",
        "Share of promoters (9 and 10 of 10) less that of detractors (0 to 6), in points from -100 to 100.",
        "100 * (nps_promoters - nps_detractors)", "nps_responses", "promoters less detractors, times 100", "answers",
        "arrival", better="higher", final_after_days=8,
    ),
    Metric(
        "nps_response_rate", "Response rate (NPS)", "outcome", "share",
        "Share of answered contacts whose customer answered the promoter question.",
        "coalesce(nps_responses, 0)", "answered", "answers", "contacts answered", "arrival", better="higher",
        final_after_days=8, variant_of="nps",
    ),
    Metric(
        "ces", "Low effort", "outcome", "share",
        "Share of answers that agree it was easy: in the upper third of the scale, 5 to 7 of 7.",
        "ces_agreed", "ces_responses", "answers that agree", "answers", "arrival", better="higher",
        final_after_days=8,
    ),
    Metric(
        "ces_response_rate", "Response rate (effort)", "outcome", "share",
        "Share of answered contacts whose customer answered the effort question.",
        "coalesce(ces_responses, 0)", "answered", "answers", "contacts answered", "arrival", better="higher",
        final_after_days=8, variant_of="ces",
    ),
    Metric(
        "survey_resolution", "Solved, as the customers say", "outcome", "share",
        "Share of answers to “was it solved?” that say yes.",
        "resolved_said", "resolved_responses", "answers that say yes", "answers", "arrival", better="higher",
        final_after_days=8,
    ),
    Metric(
        "qa_score_client", "QA score, by the company", "outcome", "share",
        "Points reached of the points that applied, in evaluations the company made.",
        "qa_client_milli_points", "qa_client_milli_max", "points reached", "points that applied", "arrival",
        better="higher", n="qa_client_contacts", final_after_days=15,
    ),
    Metric(
        "qa_score_provider", "QA score, by the provider", "outcome", "share",
        "Points reached of the points that applied, in evaluations the provider made of its own contacts.",
        "qa_provider_milli_points", "qa_provider_milli_max", "points reached", "points that applied", "arrival",
        better="higher", n="qa_provider_contacts", final_after_days=15,
    ),
    Metric(
        "critical_accuracy_client", "Critical-error accuracy, by the company", "outcome", "share",
        "Share of contacts the company evaluated in which it found no critical error.",
        "qa_client_contacts - qa_client_critical", "qa_client_contacts", "contacts without a critical error",
        "contacts evaluated by the company", "arrival", better="higher", final_after_days=15,
    ),
    Metric(
        "critical_accuracy_provider", "Critical-error accuracy, by the provider", "outcome", "share",
        "Share of contacts the provider evaluated in which it found no critical error.",
        "qa_provider_contacts - qa_provider_critical", "qa_provider_contacts", "contacts without a critical error",
        "contacts evaluated by the provider", "arrival", better="higher", final_after_days=15,
    ),
    Metric(
        "critical_accuracy_customer", "Customer-critical accuracy", "outcome", "share",
        "Share of contacts the company evaluated without an error critical to the customer.",
        "qa_client_contacts - qa_client_critical_customer", "qa_client_contacts",
        "contacts without an error critical to the customer", "contacts evaluated by the company", "arrival",
        better="higher", final_after_days=15, variant_of="critical_accuracy_client",
    ),
    Metric(
        "critical_accuracy_business", "Business-critical accuracy", "outcome", "share",
        "Share of contacts the company evaluated without an error critical to the business.",
        "qa_client_contacts - qa_client_critical_business", "qa_client_contacts",
        "contacts without an error critical to the business", "contacts evaluated by the company", "arrival",
        better="higher", final_after_days=15, variant_of="critical_accuracy_client",
    ),
    Metric(
        "critical_accuracy_compliance", "Compliance-critical accuracy", "outcome", "share",
        "Share of contacts the company evaluated without an error critical to compliance.",
        "qa_client_contacts - qa_client_critical_compliance", "qa_client_contacts",
        "contacts without an error critical to compliance", "contacts evaluated by the company", "arrival",
        better="higher", final_after_days=15, variant_of="critical_accuracy_client",
    ),
    Metric(
        "calibration_gap", "Calibration gap", "outcome", "points",
        "How much higher the provider scores than the company, on contacts both evaluated; points of a hundred.",
        "calibration_gap_milli / 1000.0", "calibrations", "provider's score less the company's, summed",
        "contacts both evaluated", "arrival", final_after_days=15,
    ),
    Metric(
        "calibration_agreement", "Calibration agreement", "outcome", "share",
        "Share of contacts both evaluated on which they agree whether there was a critical error.",
        "calibrations_agreed", "calibrations", "contacts on which both agree", "contacts both evaluated", "arrival",
        better="higher", final_after_days=15, variant_of="calibration_gap",
    ),
)  # fmt: skip

CHAT = (
    Metric(
        "first_response_s", "First response", "chat", "seconds",
        "Mean time from a customer's first message to the first one an agent wrote. Bots do not stop it.",
        "first_response_ms / 1000.0", "first_responses", "seconds to the first answer",
        "answered chats in which an agent wrote", "arrival", better="lower",
    ),
    Metric(
        "first_response_joined_s", "First response after joining", "chat", "seconds",
        "Mean time from an agent's joining to the first message they wrote.",
        "joined_response_ms / 1000.0", "joined_responses", "seconds from joining to the first message",
        "answered chats in which an agent wrote", "arrival", better="lower", variant_of="first_response_s",
    ),
    Metric(
        "average_response_s", "Average response", "chat", "seconds",
        "Mean time from the first unanswered message of a customer to an agent's next one.",
        "response_ms / 1000.0", "responses", "seconds to answers", "turns of customers that were answered",
        "arrival", better="lower",
    ),
    Metric(
        "turns_answered", "Turns answered", "chat", "share",
        "Share of customers' turns (messages in a row) that an agent answered within 7 days.",
        "responses", "turns", "turns answered", "turns of customers", "arrival", better="higher",
    ),
    Metric(
        "closing_s", "Time to close", "chat", "seconds",
        "Mean time from a customer's last message to the end of the conversation.",
        "closing_ms / 1000.0", "closings", "seconds from the last message to the end", "chats that ended",
        "completion",
    ),
)  # fmt: skip

CATALOGUE = (*ACCESSIBILITY, *VOLUME, *HANDLING, *OUTCOME, *CHAT)
BY_NAME = {metric.name: metric for metric in CATALOGUE}

_PRICE = "a price, which is no event: "
MISSING = (
    Missing("contact_rate", "Contact rate", "orders, customers or policies of the period to divide by"),
    Missing("utilisation", "Utilisation", "paid hours of the agents"),
    Missing("adherence", "Schedule adherence", "agents' schedules"),
    Missing("conformance", "Schedule conformance", "agents' schedules"),
    Missing("shrinkage", "Shrinkage", "paid hours of the agents"),
    Missing("line_adherence", "Line adherence", "required heads, which are no event: view line_adherence tells it"),
    Missing("attrition", "Attrition", "agents who were hired and who left, with dates"),
    Missing("forecast_error", "Forecast error", "a forecast, which is no event: view forecast_errors tells it"),
    Missing("cost_per_contact", "Cost per contact", _PRICE + "view cost_days tells amount / contacts"),
    Missing("cost_per_handle_minute", "Cost per handled minute", _PRICE + "view cost_days tells amount / handle_ms"),
    Missing("cost_per_resolution", "Cost per resolution", _PRICE + "cost per contact / first-contact resolution"),
    Missing("cost_of_repeats", "Cost of repeats", _PRICE + "view issue_costs tells contacts beyond issues"),
    Missing("cost_per_productive_hour", "Cost per productive hour", _PRICE + "view in_house_figures tells it"),
)
"""What of the field's metrics the contract's events cannot carry."""

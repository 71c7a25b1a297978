"""Every sentence of the Quality page. Those with names of sites or teams in them go to `parts.plain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard.figures import shown
from models.metrics.catalogue import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import pandas as pd

    from dashboard.quality.peers import Apart
    from dashboard.quality.questions import TeamMeasure
    from models.fairness.intervals import Interval
    from models.metrics.metric import Metric

TITLE = "Quality"
SATISFACTION = "Are customers satisfied?"
RESOLUTION = "Is it solved at first contact?"
EVALUATION = "What do evaluations find?"
TRANSFERS = "How much is handed on?"
TEAMS = "Which teams stand out?"
TEAM_MEASURE = "Teams compared by"
THREE_WAYS = "Solved, three ways to tell"
ANSWERS = "Satisfaction, all five answers"
FINAL = "final"
NOT_FINAL = "provisional"
HOLLOW = "Hollow point, dashed line: the week is provisional, what is still to come can change it."
BY_SITE_TABLE = "By site"
BY_SITE_ALT = "One row per site and one for all together, with the interval and n of every figure."
CROSSED = "The mix of work is not levelled here: sites with the harder topics look worse than they are."

NO_SURVEYS = "No data: no customer answered a survey about these contacts. Surveys come as events `contact.surveyed`."
NO_EVALUATIONS = (
    "No data: nobody evaluated any of these contacts. Evaluations come as events `contact.evaluated`, "
    "from the company and from the provider."
)
NO_RESOLUTION = (
    "No data: no answered contact of a known customer in view. Repeats are seen where events carry `customer_id`."
)
NO_HANDLED = "No data: the handling of no contact in view has ended."
NO_TEAMS = "No data: no agent of these contacts told a team. Teams come with events `agent.state_changed`."
NO_BOUGHT = "No data: no bought site in view."
TEAMS_ALT = "One row per team: observed, expected, their ratio with its interval, the share and n."
NO_FINAL_WEEK = (
    "None of the weeks in view is final for repeats: contacts of the last 8 days can still come again. "
    "Choose earlier weeks."
)
TEAMS_KNOW_NO_QUEUE = "Teams are not kept by queue: the filter of queues does not hold here."
EXPECTED = (
    "Expected is what all teams of all sites together would have with this team's topics, channels and languages "
    "(indirect standardisation). Each team is compared with 1, never with another team: each has a mix of its own. "
    "What only one team does tells nothing about it: there it is compared with itself."
)
NON_RESPONSE_NOTE = "So do not end a contract on satisfaction alone."
SCORE_INTERVAL = (
    "The spread of single scores is not kept: the interval is that of a yes or no with the same mean, at most so wide."
)
BEHIND_SATISFACTION = {
    "csat": "Contacts not satisfied",
    "nps": "Contacts that would not recommend",
    "csat_response_rate": "All with an answer",
}
"""Links, by the metric whose contacts they lead to."""
BEHIND_RESOLUTION = {
    "first_contact_resolution": "Contacts that came again within 7 days",
    "claimed_resolution": "Contacts not solved, as agents say",
    "survey_resolution": "Contacts not solved, as customers say",
}
BEHIND_EVALUATION = {
    "critical_accuracy_client": "Contacts with a critical error",
    "qa_score_client": "Contacts the company evaluated",
    "calibration_gap": "Contacts both sides evaluated",
}
BEHIND_TRANSFERS = {
    "transfer_rate": "Contacts handed on",
    "bounce_back_rate": "Contacts sent back in-house",
}


def interval(metric: Metric, low: float | None, high: float | None) -> str:
    """`78.8% to 79.9%`."""
    if text.is_missing(low) or text.is_missing(high):
        return text.NO_DATA
    return f"{shown.value(metric, low)} to {shown.value(metric, high)}"


def figure(row: pd.Series, *, response: float | None = None) -> str:
    """`79.3% (78.8% to 79.9%; n = 21,301)`, with the share of contacts that answered where there is one."""
    metric = BY_NAME[row["metric"]]
    spread = f"{interval(metric, row['low'], row['high'])}; " if not text.is_missing(row["low"]) else ""
    answered = f"; {text.share(response)} answered" if response is not None and not text.is_missing(response) else ""
    return f"{shown.value(metric, row['value'])} ({spread}n = {text.count(row['n'])}{answered})"


def answer(
    csat: pd.Series | None,
    response: pd.Series | None,
    solved: pd.Series | None,
    client: pd.Series | None,
    transfers: pd.Series | None,
) -> list[str]:
    """The page's answer: one line per question, only of what there is data for."""
    lines = []
    if csat is not None:
        rate = None if response is None else response["value"]
        lines.append(f"Of the customers who answered, {figure(csat, response=rate)} were satisfied.")
    if solved is not None:
        lines.append(f"At first contact {figure(solved)} were solved: no repeat about the topic within 7 days.")
    if client is not None:
        lines.append(f"The company found no critical error in {figure(client)} of the contacts it evaluated.")
    if transfers is not None:
        lines.append(f"Handed on were {figure(transfers)} of handled contacts.")
    return lines


def stands_apart(found: Sequence[Apart], metric: Metric, names: Mapping[str, str]) -> list[str]:
    """Which sites are clearly better or worse than the others together, in one sentence; none, no sentence."""
    told = []
    for verdict in dict.fromkeys(each.verdict for each in found):
        sites = "; ".join(
            f"{names.get(each.site, each.site)} {shown.value(metric, each.value)} against "
            f"{shown.value(metric, each.others)} ({_change(metric, each.interval)})"
            for each in found
            if each.verdict is verdict
        )
        told.append(f"{verdict} {sites}")
    return [f"{metric.label}, each site against the others together: {'. '.join(map(_capital, told))}."] if told else []


def drifted(found: Sequence[Apart], metric: Metric, names: Mapping[str, str], weeks: int) -> list[str]:
    """Which sites are clearly better or worse than they were."""
    return [
        f"{names.get(each.site, each.site)}, {metric.label[:1].lower() + metric.label[1:]}: {each.verdict} in the last "
        f"{weeks} final weeks than before: {shown.value(metric, each.value)} after {shown.value(metric, each.others)} "
        f"({_change(metric, each.interval)})."
        for each in found
    ]


def silent(bounds: Interval, response: float) -> str:
    """What those who did not answer could change."""
    return (
        f"{text.share(response)} of answered contacts answered. If none of the others was satisfied it would be "
        f"{text.share(bounds.low)}, if all were {text.share(bounds.high)}: the figure speaks for those who answer."
    )


def provisional(since: Mapping[str, date]) -> str:
    """From which week on what can still change."""
    told = ", ".join(f"{what} from {text.week(start)}" for what, start in since.items())
    return f"Provisional: {told}. What is still to come can change them." if told else ""


def weighted(value: float, low: float, high: float, coverage: float) -> str:
    """Satisfaction weighted back to all contacts."""
    cover = (
        ""
        if coverage > 0.999
        else f" Covers {text.share(coverage)} of contacts: the others are of groups nobody answered in."
    )
    return (
        f"Weighted by topic and channel, as if all had answered alike: {text.share(value)} "
        f"({text.share(low)} to {text.share(high)}).{cover}"
    )


def too_little(n: float, what: str) -> str:
    """A figure rests on little."""
    return f"Rests on {text.count(n)} {what}: too little to tell sites apart."


def repeats_span(first: date, last: date, left_out: int) -> str:
    """Which weeks repeats rest on."""
    weeks = f"{text.week(first)} to {text.week(last)}" if first != last else text.week(first)
    plural = "week is" if left_out == 1 else "weeks are"
    more = f" {left_out} later {plural} provisional and left out: repeats are still to come." if left_out else ""
    return f"Repeats rest on the weeks {weeks}.{more}"


def claims_gap(name: str, claimed: float, solved: float, said: float | None) -> str:
    """What the agents say beside what happened."""
    gap = 100 * (claimed - solved)
    sign = "more" if gap > 0 else "less"
    customers = "" if said is None else f"; the customers who were asked say {text.share(said)}"
    return (
        f"{name}: agents say {text.share(claimed)} solved, {abs(gap):.1f} points {sign} than the "
        f"{text.share(solved)} that did not come again within 7 days{customers}."
    )


def known_customers(row: pd.Series) -> str:
    """How much repeats can be seen of."""
    return f"The customer is known in {figure(row)} of answered contacts; repeats of the others cannot be seen."


def provider_higher(name: str, gap: float, low: float, high: float, n: float, spread: float | None) -> str:
    """The provider scores itself higher on the same contacts."""
    apart = "" if spread is None else f", single contacts {spread:.1f} apart (standard deviation)"
    return (
        f"{name} scores itself {gap:.1f} points higher than the company does on the same {text.count(n)} contacts "
        f"({low:.1f} to {high:.1f}{apart})."
    )


def scores_agree(name: str, gap: float, low: float, high: float, n: float) -> str:
    """On the same contacts both score alike, or the provider lower."""
    if high < 0:
        return (
            f"{name} scores itself {-gap:.1f} points lower than the company does on the same {text.count(n)} contacts."
        )
    return (
        f"{name}: on the {text.count(n)} contacts both evaluated no difference can be told "
        f"({gap:+.1f} points, {low:.1f} to {high:.1f})."
    )


def agreement(row: pd.Series) -> str:
    """Whether both see the same critical errors."""
    return f"On {figure(row)} of the contacts both evaluated they agree whether there was a critical error."


def few_teams(count: int) -> str:
    """Too few teams for a funnel."""
    noun = "team" if count == 1 else "teams"
    return f"Enough is expected of {count} {noun} only: a funnel needs three. The table has them all."


def funnel(outside: pd.DataFrame, told: int, little: int, names: Mapping[str, str], measure: TeamMeasure) -> list[str]:
    """What the funnel says."""
    lines = []
    if outside.empty:
        lines.append(f"All {told} teams lie inside the limits: they differ no more than teams usually do.")
    for row in outside.to_dict("records"):
        more = "more" if row["ratio"] > 1 else "fewer"
        sure = "beyond the 99.8 % limits" if row["place"] == "beyond 99.8 %" else "beyond the 95 % limits, worth a look"
        lines.append(
            f"{row['team']} ({names.get(row['site'], row['site'])}): {row['observed']:,.0f} {measure.events} where "
            f"{row['expected']:,.1f} were expected of its work, {abs(100 * (row['ratio'] - 1)):.0f} % {more}; {sure}."
        )
    if not outside.empty:
        inside = told - len(outside)
        lines.append(f"The other {inside} lie inside the limits." if inside else "No team lies inside the limits.")
    if little:
        lines.append(f"{little} {'team has' if little == 1 else 'teams have'} too little to tell.")
    return lines


def spread(phi: float, tau2: float) -> str:
    """How wide the limits were made."""
    if tau2 == 0:
        return "Teams differ no more than chance makes them; the limits are those of chance."
    return (
        f"Teams differ {phi:.1f} times as much as chance makes them; the limits were widened by that (over-dispersion)."
    )


def unnamed(n: float, what: str) -> str:
    """What belongs to no team."""
    return f"{text.count(n)} {what} of agents without a named team are left out."


def by_site_description(metric: Metric, sites: int) -> str:
    """The chart for those who do not see it. Holds nothing that users made up, as all below."""
    return (
        f"Dot chart: {metric.label} with its 95 % interval for {sites} {_sites(sites)}; the table below holds the same."
    )


def by_week_description(metric: Metric, sites: int, starts: Sequence[date]) -> str:
    """See above."""
    span = f", from {text.week(starts[0])} to {text.week(starts[-1])}" if starts else ""
    return f"Line chart: {metric.label} by week for {sites} {_sites(sites)}{span}. Provisional weeks are hollow."


def compared_description(heading: str, kinds: Sequence[str], sites: int) -> str:
    """See above."""
    return f"Dot chart: {heading} for {sites} {_sites(sites)}: {', '.join(kinds)}, each with its 95 % interval."


def answers_description(sites: int) -> str:
    """See above."""
    return f"Stacked bars: the share of answers 1, 2, 3, 4 and 5 for {sites} {_sites(sites)}."


def funnel_description(measure: TeamMeasure, count: int) -> str:
    """See above."""
    return (
        f"Funnel plot of {count} teams: observed over expected {measure.events} by expected {measure.events}, "
        "with limits of 95 % and 99.8 %; the table below holds the same."
    )


def _change(metric: Metric, ends: Interval) -> str:
    return f"{shown.change(metric, ends.low)} to {shown.change(metric, ends.high)}"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _sites(count: int) -> str:
    return "site" if count == 1 else "sites"

"""What the Compare page asks the sums by day, and the answers as frames of sums."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from dashboard.figures import shown
from dashboard.queries import WEEK_CHANGES
from dashboard.scope import sums
from models.fairness.control import BASELINE
from models.metrics.catalogue import BY_NAME
from models.metrics.views import sums_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.scope.scope import Known, Scope
    from models.metrics.metric import Metric

OUTCOMES = (
    "first_contact_resolution", "csat", "critical_accuracy_client", "transfer_rate", "average_handle_time_s",
)  # fmt: skip
"""What is compared like for like."""
JUDGED = (
    "service_level", "average_handle_time_s", "first_contact_resolution", "csat", "critical_accuracy_client",
    "transfer_rate",
)  # fmt: skip
"""What is watched for signals: one metric for each thing a site answers for, so that one cause counts once."""
OWN_LEVEL = (
    "own_level_good", "own_level_of", "answered_in_own_target", "abandoned_in_own_target", "abandoned_own_short",
    "answered_in_target", "answered", "abandoned", "left_queue", "abandoned_in_target", "abandoned_short",
)  # fmt: skip
"""What a bridge between two service levels is made of."""
DAY = ("offered", "answered", "abandoned", "answered_in_target")
STRATA = ("topic", "channel", "language", "band")
GAPS = "select site, starts_at, ends_at from feed_gaps"


def history(scope: Scope, known: Known) -> Scope:
    """The scope with the weeks before it that set the usual range of its first ones."""
    first, _ = scope.span(known)
    return replace(scope, first=first - timedelta(weeks=BASELINE))


def week_questions(scope: Scope, known: Known, metrics: Sequence[Metric]) -> dict[str, str]:
    """Sums by site and week of what is shown and what is watched, by site and day of volume; gaps and changes."""
    wide = history(scope, known)
    wanted = [*metrics, *(BY_NAME[name] for name in JUDGED)]
    of_contacts = tuple(dict.fromkeys((*sums_of([m for m in wanted if m.clock != "overlap"]), *OWN_LEVEL)))
    asked = {
        "contacts": sums.question(wide, known, ("site", "week_start"), of_contacts),
        "days": sums.question(wide, known, ("site", "date"), DAY, of="day_arrivals"),
        "gaps": GAPS,
        "changes": WEEK_CHANGES,
    }
    if of_agents := sums_of([m for m in wanted if m.clock == "overlap"]):
        asked["agents"] = sums.question(wide, known, ("site", "week_start"), of_agents, of="day_agents")
    return asked


def final_scope(scope: Scope, known: Known, metric: Metric, today: date) -> Scope | None:
    """The weeks in view in which nothing still to come changes the metric, for all sites; None when there are none."""
    first, end = scope.span(known)
    last = end - timedelta(weeks=1)
    while last >= first and not is_final(metric, last, today):
        last -= timedelta(weeks=1)
    return replace(scope, sites=(), providers=(), first=first, last=last) if last >= first else None


def is_final(metric: Metric, week: date, today: date) -> bool:
    """Whether a week is over and nothing still to come changes the metric in it."""
    return shown.is_final(metric, week + timedelta(days=6), today)


def mix_questions(scope: Scope, known: Known, today: date) -> dict[str, str]:
    """Sums by site and stratum over the final weeks of the outcomes; one question for those final at the same time.

    Means are asked by day as well: contacts of a day are alike.
    """
    together: dict[tuple[int, bool], list[Metric]] = {}
    for name in OUTCOMES:
        metric = BY_NAME[name]
        together.setdefault((metric.final_after_days, metric.unit == "share"), []).append(metric)
    asked = {}
    for (_, shares), metrics in together.items():
        final = final_scope(scope, known, metrics[0], today)
        if final is None:
            continue
        # What is on one clock is asked of that clock's sums alone: a third of the rows.
        completed = all(metric.clock == "completion" for metric in metrics)
        columns = tuple(dict.fromkeys((*sums_of(metrics), "handled" if completed else "answered")))
        by = ("site", *STRATA) if shares else ("site", "date", *STRATA[:3])
        source = "day_completions" if completed else "day_sums"
        asked["+".join(metric.name for metric in metrics)] = sums.question(final, known, by, columns, of=source)
    return asked


def by_outcome(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The answers to `mix_questions` by outcome."""
    return {name: frame for names, frame in frames.items() for name in names.split("+")}


def weekly(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per site and week with every sum that was asked."""
    frame = _dated(frames["contacts"], "week_start")
    if "agents" in frames:
        frame = frame.merge(_dated(frames["agents"], "week_start"), on=["site", "week_start"], how="left")
    return frame


def daily(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per site and day."""
    return _dated(frames["days"], "date")


def summed(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Rows added up by keys; what is a largest value stays the largest; nothing at all stays nothing."""
    columns = [str(name) for name in frame if name not in (*keys, "site", "week_start", "date", "unit")]
    groups = frame.groupby(keys, sort=True)
    total = groups[columns].sum(min_count=1)
    for name in columns:
        if name.startswith("longest_"):
            total[name] = groups[name].max()
    return total.reset_index()


def _dated(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame.assign(**{column: [pd.Timestamp(value).date() for value in frame[column]]})

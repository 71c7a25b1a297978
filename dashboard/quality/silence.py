"""Who did not answer the satisfaction question, and what that could change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.quality import words as said

if TYPE_CHECKING:
    import pandas as pd

    from models.fairness.surveys import Survey

_COLUMNS = ["answered", "csat_responses", "csat_satisfied"]


def surveys(asked: pd.DataFrame) -> dict[tuple[object, object], Survey]:
    """Who could have answered, who did and who was satisfied: by topic and channel.

    Everybody an agent answered could have: events do not tell who was asked.
    """
    from models.fairness.surveys import Survey

    counted = asked.groupby(["topic", "channel"], dropna=False)[_COLUMNS].sum().reset_index()
    return {
        (row["topic"], row["channel"]): Survey(
            max(row["answered"], row["csat_responses"]), row["csat_responses"], row["csat_satisfied"]
        )
        for row in counted.to_dict("records")
    }


def sentences(asked: pd.DataFrame) -> list[str]:
    """The bounds if the silent were all or none of them satisfied, and the share weighted back to all contacts."""
    from models.fairness.surveys import Survey, non_response_bounds, weighted_for_non_response

    groups = surveys(asked)
    every = list(groups.values())
    whole = Survey(
        sum(group.asked for group in every),
        sum(group.answered for group in every),
        sum(group.positive for group in every),
    )
    bounds, rate, weighted = non_response_bounds(whole), whole.response_rate, weighted_for_non_response(groups)
    lines = [said.silent(bounds, rate), said.NON_RESPONSE_NOTE] if bounds and rate is not None else []
    if weighted:
        ends = weighted.estimate.interval
        lines.append(said.weighted(weighted.estimate.value, ends.low, ends.high, weighted.coverage))
    return lines

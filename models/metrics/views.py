"""The analysts' views and macros that are made from the catalogue."""

from __future__ import annotations

from collections.abc import Iterable

from models.metrics.catalogue import CATALOGUE, MISSING
from models.metrics.metric import CLOCKS, Metric
from models.rollups import WEEK

_LARGEST = {name for metric in CATALOGUE if metric.largest for name in metric.numerator.split()[:1]}
_OF_CONTACTS = tuple(metric for metric in CATALOGUE if metric.clock != "overlap")
"""Metrics that know queue, channel, language and topic."""
_ALSO = ("waiting", "abandoned_in_own_target", "abandoned_own_short", "answered_in_own_target", "handle_s2")
_ZERO = (
    "offered", "answered", "answered_in_target", "abandoned", "left_queue", "left_menu", "waiting", "unknown_end",
    "excluded", "handled",
)  # fmt: skip
"""Counts that are 0 where nothing happened, rather than empty."""


def sums_of(metrics: Iterable[Metric]) -> tuple[str, ...]:
    """Every column of sums that some of them need."""
    return tuple(dict.fromkeys(name for metric in metrics for name in metric.sums))


def summed(names: tuple[str, ...]) -> str:
    """Select list that sums columns under their own names."""
    parts = [f"coalesce({added(name)}, 0)" if name in _ZERO else added(name) for name in names]
    return ",\n        ".join(f"{part} as {name}" for part, name in zip(parts, names, strict=True))


def added(name: str) -> str:
    """How rows of a column of sums become one: added up, or the largest of them. Empty where there is nothing."""
    return f"max({name})" if name in _LARGEST else f"sum({name})::bigint"


def computed(metrics: tuple[Metric, ...]) -> str:
    """Select list of metrics over columns already summed. A count that is its own column stands there already."""
    return ",\n    ".join(f"{metric.sql} as {metric.name}" for metric in metrics if metric.sql != metric.name)


def _by(name: str, keys: str, source: str, comment: str, metrics: tuple[Metric, ...] = CATALOGUE) -> list[str]:
    statement = f"""create or replace view {name} as
select
    *,
    {computed(metrics)},
    -- Seconds, as they were called before sums were kept in milliseconds.
    answered_wait_ms / 1000.0 as answered_wait_s,
    abandoned_wait_ms / 1000.0 as abandoned_wait_s,
    handle_ms / 1000.0 as handle_s,
    talk_ms / 1000.0 as talk_s
from (
    select
        {keys},
        {summed((*sums_of(metrics), *_ALSO))}
    from {source}
    group by {", ".join(key.split(" as ")[-1] for key in keys.split(", "))}
);"""
    comments = [f"comment on view {name} is '{comment}';"]
    comments += [f"comment on column {name}.{metric.name} is '{explained(metric)}';" for metric in metrics]
    return [statement, *comments]


def explained(metric: Metric) -> str:
    """A definition in one line, for a comment in SQL."""
    words = {"target": "the target", "short": "the short limit"}
    text = metric.sentence.format(**words)
    if metric.of:
        text += f" {metric.what.format(**words)} / {metric.of.format(**words)}."
    text += f" Clock {CLOCKS[metric.clock].split(':')[0]}."
    if metric.final_after_days:
        text += f" Provisional for {metric.final_after_days} days."
    return text.replace("'", "''")


_ALL = "(from day_sums union all by name select * exclude (team) from day_agents)"
_ALL_WEEKS = f"(from week_sums union all by name select {WEEK} as week_start, * exclude (team, date) from day_agents)"
VIEWS = ("site_week", "site_day", "topic_week", "metrics")


def view_sql() -> list[str]:
    """Statements that create the views, in order."""
    statements = [
        *_by(
            "site_week",
            "site, week_start",
            _ALL_WEEKS,
            "One row per site and week (Monday to Sunday) of the reporting zone: every sum and every metric of the "
            "catalogue.",
        ),
        *_by("site_day", "site, date", _ALL, "One row per site and day of the reporting zone: every sum and metric."),
        *_by(
            "topic_week",
            "site, topic, channel, language, week_start",
            "week_sums",
            "One row per site, topic, channel, language and week of the reporting zone: every sum and metric that "
            "knows topics.",
            _OF_CONTACTS,
        ),
    ]
    return [*statements, *_metric_list()]


def _metric_list() -> list[str]:
    rows = []
    for metric in CATALOGUE:
        row = (
            metric.name, metric.label, metric.family, metric.unit, metric.clock, metric.better or "",
            metric.numerator, metric.denominator or "", explained(metric), metric.variant_of or "", "",
        )  # fmt: skip
        rows.append(_values(row))
    rows += [_values((m.name, m.label, "", "", "", "", "", "", "", "", m.needs)) for m in MISSING]
    listed = ",\n    ".join(rows)
    return [
        f"""create or replace view metrics as
select
    metric, label,
    nullif(family, '') as family, nullif(unit, '') as unit, nullif(clock, '') as clock, nullif(better, '') as better,
    nullif(numerator, '') as numerator, nullif(denominator, '') as denominator,
    nullif(definition, '') as definition, nullif(variant_of, '') as variant_of, nullif(needs, '') as needs
from (values
    {listed}
) listed(metric, label, family, unit, clock, better, numerator, denominator, definition, variant_of, needs);""",
        "comment on view metrics is 'One row per metric of the catalogue: its definition over the sums of day_sums "
        "and day_agents. Those with needs cannot be told from the events; needs says what is missing.';",
    ]


def _values(row: tuple[str, ...]) -> str:
    quoted = ", ".join("'" + value.replace("''", "'").replace("'", "''") + "'" for value in row)
    return f"({quoted})"

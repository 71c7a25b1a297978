"""The figures of the live desk that a rule may watch, and the rules there are when none are configured.

A figure is a sum over what ingest looks at every few seconds, a ratio of two sums, or the largest of a column. Rates
are those of the catalogue, over the same sums.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from models.alerts.rule import Rule

About = Literal["contacts", "agents", "feed"]
Unit = Literal["contacts", "seconds", "share", "agents"]


@dataclass(frozen=True, slots=True)
class LiveMetric:
    """One live figure: `counted` summed, over `among` summed for a share; `n` is what is summed for what it rests on.

    about: whose rows they are: contacts by site, queue, language and channel; agents and the feed by site only.
    """

    name: str
    label: str
    about: About
    unit: Unit
    sentence: str
    counted: tuple[str, ...]
    n: tuple[str, ...]
    among: tuple[str, ...] | None = None
    largest: bool = False

    def of(self, rows: Iterable[Mapping[str, Any]]) -> tuple[float | None, float]:
        """Its value over rows of sums, and what it rests on. A share of nothing is None; without rows a count is 0."""
        listed = list(rows)
        if self.largest:
            value: float | None = max((_sum([row], self.counted) for row in listed), default=0.0)
        else:
            value = _sum(listed, self.counted)
        if self.among is not None and value is not None:
            whole = _sum(listed, self.among)
            value = value / whole if whole else None
        return value, _sum(listed, self.n)


def _sum(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...]) -> float:
    return float(sum(row[column] or 0 for row in rows for column in columns))


LIVE_METRICS = (
    LiveMetric(
        "waiting", "Waiting", "contacts", "contacts", "Contacts that wait for an agent.", ("waiting",), ("waiting",)
    ),
    LiveMetric(
        "longest_wait_s", "Longest wait", "contacts", "seconds",
        "How long the contact has waited that waits longest; 0 when nobody does.",
        ("longest_wait_s",), ("waiting",), largest=True,
    ),
    LiveMetric(
        "waiting_over_target", "Waiting beyond the target", "contacts", "contacts",
        "Contacts that have waited longer than the target of the service level.",
        ("waiting_over_target",), ("waiting",),
    ),
    LiveMetric(
        "service_level", "Service level today", "contacts", "share",
        "Share answered within the target, of contacts answered and abandoned, since midnight.",
        ("answered_in_target",), ("answered", "abandoned"), ("answered", "abandoned"),
    ),
    LiveMetric(
        "recent_service_level", "Service level, 30 minutes", "contacts", "share",
        "The same of contacts that arrived in the last 30 minutes.",
        ("recent_answered_in_target",), ("recent_answered", "recent_abandoned"),
        ("recent_answered", "recent_abandoned"),
    ),
    LiveMetric(
        "abandonment_rate", "Abandonment rate today", "contacts", "share",
        "Share of offered contacts whose customer gave up, since midnight.",
        ("abandoned",), ("offered",), ("offered",),
    ),
    LiveMetric(
        "recent_abandonment_rate", "Abandonment rate, 30 minutes", "contacts", "share",
        "The same of contacts that arrived in the last 30 minutes.",
        ("recent_abandoned",), ("recent_offered",), ("recent_offered",),
    ),
    LiveMetric(
        "in_conversation", "In conversation", "contacts", "contacts",
        "Contacts that are with an agent.", ("in_conversation",), ("in_conversation",),
    ),
    LiveMetric(
        "available_agents", "Available agents", "agents", "agents",
        "Agents who are free for a contact.", ("available",), ("at_work",),
    ),
    LiveMetric(
        "occupancy", "Occupancy, 30 minutes", "agents", "share",
        "Share of the last 30 minutes that agents at work spent on contacts and after-contact work.",
        ("recent_busy_ms", "recent_wrapping_up_ms"), ("recently_at_work",),
        ("recent_busy_ms", "recent_wrapping_up_ms", "recent_available_ms"),
    ),
    LiveMetric(
        "silent_s", "Feed silent", "feed", "seconds",
        "How long the site has sent nothing although it is open (view `feed`, state unknown); otherwise 0.",
        ("silent_s",), (),
    ),
)  # fmt: skip
LIVE_BY_NAME = {metric.name: metric for metric in LIVE_METRICS}


def watchable(rule: Rule) -> Rule:
    """The rule when live figures can be held against it. Raises ValueError that names the key and what was expected."""
    metric = LIVE_BY_NAME.get(rule.metric)
    if metric is None:
        close = get_close_matches(rule.metric, LIVE_BY_NAME, 1)
        meant = f"; did you mean {close[0]}?" if close else "."
        raise ValueError(f"metric: no live figure {rule.metric!r}{meant} Expected one of {', '.join(LIVE_BY_NAME)}")
    if rule.periods is not None:
        raise ValueError("periods: a live figure has none; expected hold_s and clear_hold_s, in seconds")
    if rule.min_n and metric.unit != "share":
        raise ValueError(f"min_n: {metric.name} is no share, few contacts make it no less certain; expected none")
    named = [part for part in ("queue", "language", "channel") if getattr(rule.scope, part) is not None]
    if named and metric.about != "contacts":
        raise ValueError(f"scope.{named[0]}: {metric.name} is known by site only; expected a scope of a site, or none")
    for key, threshold in (("opens", rule.opens), ("clears", rule.clears)):
        if threshold < 0 or (metric.unit == "share" and threshold > 1):
            wanted = "a share from 0 to 1, for example 0.8" if metric.unit == "share" else "0 or more"
            raise ValueError(f"{key}: {threshold:g} is out of reach of {metric.name}; expected {wanted}")
    return rule


def named(rules: object) -> object:
    """Rules as configured by name, each with its name in it. Raises ValueError when one says another name."""
    if not isinstance(rules, dict):
        return rules
    found: dict[Any, Any] = {}
    for name, rule in rules.items():
        if isinstance(rule, dict):
            if rule.get("name", name) != name:
                raise ValueError(f"{name}.name: {rule['name']!r} is another name; expected none, the key is the name")
            rule = rule | {"name": name}
        found[name] = rule
    return found


def default_rules() -> dict[str, Rule]:
    """What is watched when nothing is configured: each site's longest wait on the phone, service level and feed."""
    made = (
        {
            "name": "long_wait", "metric": "longest_wait_s", "scope": {"channel": "voice"}, "direction": "above",
            "opens": 300, "clears": 120, "hold_s": 30, "clear_hold_s": 60,
        },
        {
            "name": "low_service_level", "metric": "recent_service_level", "direction": "below", "opens": 0.6,
            "clears": 0.75, "hold_s": 300, "clear_hold_s": 300, "min_n": 20,
        },
        {
            "name": "silent_feed", "metric": "silent_s", "direction": "above", "opens": 600, "clears": 0,
            "clear_hold_s": 60,
        },
    )  # fmt: skip
    return {rule.name: watchable(rule) for rule in map(Rule.model_validate, made)}

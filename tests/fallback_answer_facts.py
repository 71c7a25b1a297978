"""Facts and assumptions built by hand, for tests of the whole answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from models.fallback.assumptions import SPECS, Assumed, Assumptions
from models.fallback.facts import QUARTERS, Day, Facts, OwnCost, PoolDay, Slice, Worked
from models.terms.contract import Contract

TODAY = date(2026, 6, 1)
VALUES: Mapping[str, float] = {
    "shrinkage": 0.3, "volume": 20_000, "price": 5.4, "handle_s": 312, "fcr_own": 0.8, "fcr_provider": 0.7,
    "occupancy": 0.8, "annual_cost": 55_000, "hours": 1400, "hire_cost": 8000, "attrition": 0.3,
}  # fmt: skip


def assumed(**given: float | None) -> Assumptions:
    """Those of VALUES and defaults, but for what is given."""
    return {
        spec.name: Assumed(given[spec.name] if spec.name in given else VALUES.get(spec.name, spec.default), "a test")
        for spec in SPECS
    }


def row(level: float | Mapping[int, float], first: int = 32, end: int = 72) -> tuple[float, ...]:
    """A row of a day: one level from one quarter-hour to before another, or numbers by quarter-hour."""
    if isinstance(level, Mapping):
        return tuple(float(level.get(at, 0.0)) for at in range(QUARTERS))
    return tuple(float(level) if first <= at < end else 0.0 for at in range(QUARTERS))


def pool(kind: str = "voice", language: str = "de", **given: Any) -> PoolDay:
    """20 contacts a quarter-hour of their own, 12 asked about, 10 agents, 08:00 to 18:00."""
    moved = given.pop("moved", row(12))
    rows = {"own": row(20), "moved": moved, "agents": row(10), "able": row(12)}
    band = {"moved_low": tuple(0.8 * each for each in moved), "moved_high": tuple(1.2 * each for each in moved)}
    times = {"own_aht_s": 300.0, "moved_aht_s": 312.0, "moved_aht_provider_s": 330.0, "patience_s": 180.0}
    return PoolDay(**{"kind": kind, "language": language, **rows, **band, **times, **given})


def week(*pools: PoolDay, passed: int = 0) -> tuple[Day, ...]:
    """Seven days alike; of the first some quarter-hours are over."""
    return tuple(
        Day(day=TODAY + timedelta(days=number), passed=0 if number else passed, pools=pools) for number in range(7)
    )


def contract(notice_days: int = 90, *, to: str = "any_day", minimum: Mapping[str, Any] | None = None) -> Contract:
    """A price for each call, 5.40."""
    terms: dict[str, Any] = {
        "from": date(2025, 1, 1), "currency": "EUR", "charges": [{"kind": "contact", "name": "calls", "rate": "5.40"}],
    }  # fmt: skip
    if minimum:
        terms["minimum"] = minimum
    return Contract.model_validate(
        {
            "version": 1, "provider": "Rila", "owners": {"ours": "A", "theirs": "B"},
            "ending": {"notice_days": notice_days, "to": to}, "terms": [terms],
        }
    )  # fmt: skip


WORKED = Worked(
    first=TODAY - timedelta(weeks=8),
    last=TODAY - timedelta(days=1),
    contacts=12 * 40 * 56,
    agents=(12 * 312 / 900,) * (40 * 56),
)
"""Of 12 contacts a quarter-hour, 08:00 to 18:00, as in `pool`."""


def facts(days: Sequence[Day] | None = None, **given: Any) -> Facts:
    """A provider's work of one pool of calls, all else plain."""
    plain: dict[str, Any] = {
        "asked_at": datetime(2026, 6, 1, 6, tzinfo=UTC), "today": TODAY, "zone": "Europe/Berlin", "currency": "EUR",
        "version": "1", "known_upto": 7, "slice": Slice(provider="rila"), "provider_name": "Rila",
        "in_house_name": "In-house", "service_level": 0.8, "threshold_s": 20.0, "max_abandonment": 0.05,
        "max_occupancy": 0.9, "days": tuple(week(pool()) if days is None else days), "own_cost": OwnCost(),
        "occupancy": 0.8, "free_hours": 300.0, "handle_s": 330.0, "own_handle_s": 312.0, "worked": WORKED,
    }  # fmt: skip
    return Facts(**{**plain, **given})

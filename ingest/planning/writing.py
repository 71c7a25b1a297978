"""What a run made, as rows of the store's tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from ingest.arrow import insert_arrow
from ingest.planning.staffing import Required, SiteWork
from models.forecast.forecast import Forecast
from models.forecast.site_history import DayForecast
from models.forecast.slots import LABELS

_TYPES: dict[str, pa.DataType] = {
    "version": pa.int64(),
    "site": pa.string(),
    "date": pa.date32(),
    "method": pa.string(),
    "reason": pa.string(),
    "basis": pa.list_(pa.date32()),
    "left_out": pa.list_(pa.date32()),
    "silent": pa.bool_(),
    **dict.fromkeys(("made_at", "counted_until", "starts_at"), pa.timestamp("us")),
    **dict.fromkeys(("voice_required", "chat_slots", "chat_required", "required"), pa.int64()),
}
"""Of columns that are not floats."""

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Plan:
    """The agents a forecast takes. usual: who is there, by label, shape (96,), NaN where unknown.

    contacts: by kind of work, and required: by slot to come, in the order in which they pass; empty without a forecast.
    """

    contacts: Mapping[str, np.ndarray]
    required: Required
    work: SiteWork
    usual: np.ndarray


@dataclass(frozen=True, eq=False)
class Made:
    """A forecast of a site's day, with the agents it takes unless it was made afterwards.

    starts: of every slot of the day, by number, UTC.
    """

    version: int
    site: str
    forecast: DayForecast
    starts: Mapping[int, datetime]
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Staffed:
    """Agents who were there in a quarter-hour that starts then, UTC."""

    version: int
    site: str
    date: date
    starts_at: datetime
    agents: float


def slots_to_come(forecast: DayForecast, starts: Mapping[int, datetime]) -> list[int]:
    """Numbers of the slots that had not begun when the forecast was made. Empty without a forecast."""
    if not isinstance(forecast.offered, Forecast):
        return []
    until = forecast.counted_until
    return [n for n in forecast.offered.slots if until is None or starts[n] >= until]


def write(connection: duckdb.DuckDBPyConnection, made: Sequence[Made], staffed: Sequence[Staffed]) -> None:
    """Append it. Belongs into a transaction. Raises duckdb.Error."""
    tables = {
        "forecast_version": [_version_row(each) for each in made],
        "forecast_slot": [row for each in made for row in _slot_rows(each)],
        "plan_slot": [row for each in made for row in _plan_rows(each)],
        "staffed_slot": [asdict(each) | {"starts_at": _utc(each.starts_at)} for each in staffed],
    }
    for table, rows in tables.items():
        if rows:
            columns = {name: pa.array([row[name] for row in rows], _TYPES.get(name, pa.float64())) for name in rows[0]}
            insert_arrow(connection, f"private.{table}", pa.table(columns))


def _version_row(made: Made) -> Row:
    found, until = made.forecast.offered, made.forecast.counted_until
    row: Row = {
        "version": made.version, "site": made.site, "date": found.day, "made_at": _utc(found.made_at),
        "counted_until": _utc(until) if until else None, "basis": list(found.basis),
        "left_out": list(made.forecast.left_out),
    }  # fmt: skip
    if isinstance(found, Forecast):
        total = found.total
        return row | {
            "method": found.method.value, "reason": None, "mean": total.mean, "low": total.low, "high": total.high,
            "level": found.level, "factor": found.factor, "weight": found.weight,
        }  # fmt: skip
    none = dict.fromkeys(("method", "mean", "low", "high", "level", "factor", "weight"))
    return row | none | {"reason": found.reason.value}


def _slot_rows(made: Made) -> list[Row]:
    found = made.forecast.offered
    if not isinstance(found, Forecast):
        return []
    kept = set(slots_to_come(made.forecast, made.starts)) | made.forecast.silent
    return [
        {
            "version": made.version, "site": made.site, "date": found.day, "starts_at": _utc(made.starts[number]),
            "mean": mean, "low": low, "high": high, "silent": number in made.forecast.silent,
        }
        for number, mean, low, high in zip(found.slots, found.mean, found.low, found.high, strict=True)
        if number in kept
    ]  # fmt: skip


def _plan_rows(made: Made) -> list[Row]:
    if (plan := made.plan) is None:
        return []
    work, total = plan.work, plan.required.total
    common: Row = {
        "version": made.version, "site": made.site, "date": made.forecast.day,
        "voice_aht_s": work.voice.aht_s, "voice_patience_s": _finite(work.voice.patience_s),
        "chat_aht_s": work.chat.aht_s, "chat_patience_s": _finite(work.chat.patience_s), "chat_slots": work.chat_slots,
    }  # fmt: skip
    return [
        common
        | {
            "starts_at": _utc(made.starts[number]),
            "voice": float(plan.contacts["voice"][n]),
            "chat": float(plan.contacts["chat"][n]),
            "voice_required": _at(plan.required.voice, n),
            "chat_required": _at(plan.required.chat, n),
            "required": _at(total, n),
            "usual": _finite(float(plan.usual[number % LABELS])),
        }
        for n, number in enumerate(slots_to_come(made.forecast, made.starts))
    ]


def _at(agents: np.ndarray | None, place: int) -> int | None:
    return None if agents is None else int(agents[place])


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)

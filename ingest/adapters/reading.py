"""Reading vendors' JSON: every value is checked, and what is wrong is said with its path in the message."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any, TypeAlias

from ingest.adapters.base import NotUnderstoodError

Json: TypeAlias = dict[str, Any]

CODE = 128
"""Longest `Code` of the contract."""
_ID = 64
# Up to three ids of a vendor and the name of a fact make one id of the contract, which may have 256 characters.
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)\Z", re.ASCII)
_NOT_TEXT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_SHOWN = 60
YEAR_S = 31_536_000
"""Longest duration of the contract, seconds."""


def wrong(where: str, found: object, expected: str) -> NotUnderstoodError:
    """The error for a value that cannot be used."""
    if isinstance(found, (dict, list)):
        shown = f"a JSON {'object' if isinstance(found, dict) else 'array'}"
    elif found is None:
        shown = "nothing"
    else:
        shown = ascii(found) if isinstance(found, (str, bool, float)) else "a number"
        shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
    return NotUnderstoodError(f"{where}: {shown}; expected {expected}")


def parse(message: bytes, expected: str) -> Json:
    """The JSON object a message is."""
    try:
        document = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise NotUnderstoodError(f"not JSON: {error}; expected {expected}") from None
    return as_object(document, "message", expected)


def as_object(value: object, where: str, expected: str = "a JSON object") -> Json:
    """The value when it is an object."""
    if not isinstance(value, dict):
        raise wrong(where, value, expected)
    return value


def objects(parent: Json, key: str, where: str) -> list[tuple[str, Json]]:
    """The objects of an array with the path of each; none when the array is missing."""
    value = parent.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong(f"{where}{key}", value, "an array of objects")
    return [(f"{where}{key}[{n}].", as_object(item, f"{where}{key}[{n}]")) for n, item in enumerate(value)]


def text(parent: Json, key: str, where: str = "", longest: int = _ID) -> str | None:
    """A string without blanks around it; None when missing or empty."""
    value = parent.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise wrong(f"{where}{key}", value, "a string")
    value = value.strip()
    if len(value) > longest or _NOT_TEXT.search(value):
        raise wrong(f"{where}{key}", value, f"at most {longest} characters, none of them control characters")
    return value or None


def needed(parent: Json, key: str, where: str = "") -> str:
    """A string that must be there."""
    value = text(parent, key, where)
    if value is None:
        raise wrong(f"{where}{key}", parent.get(key), "a string that is not empty")
    return value


def time(parent: Json, key: str, where: str = "") -> datetime | None:
    """A moment written as ISO 8601 with its offset, in UTC; None when missing."""
    value = text(parent, key, where)
    if value is None:
        return None
    expected = "a date and time with its offset, for example 2026-03-01T09:30:00.250Z"
    if not _TIME.match(value):
        raise wrong(f"{where}{key}", value, expected)
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong(f"{where}{key}", value, expected) from None


def seconds_of_ms(value: object, where: str) -> float:
    """A duration of at most a year given in milliseconds, in seconds."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= YEAR_S * 1000:
        raise wrong(where, value, "milliseconds, from 0 to a year")
    return value / 1000


def ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return int(moment.timestamp() * 1000)

"""Reading Amazon Connect's JSON: typed values by name, and where in the document one could not be read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.adapters.base import NotUnderstoodError

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_S = 31_536_000
MAX_ID = 100
"""Longest id taken: ids of events are made of up to two and may have 256 characters. Connect's own have 36."""


class Part:
    """One object of a document. Names are found in any case, as the vendor's own samples mix them; null is absent."""

    def __init__(self, fields: dict[str, Any], path: str = "") -> None:
        self._fields = {name.lower(): (name, value) for name, value in fields.items() if value is not None}
        self.path = path

    def __bool__(self) -> bool:
        return bool(self._fields)

    def has(self, *names: str) -> bool:
        """Whether all of these are given."""
        return all(name.lower() in self._fields for name in names)

    def part(self, *names: str) -> Part:
        """The object under the first of these names; an empty one where none is given."""
        for name in names:
            path, value = self._find(name)
            if value is not None:
                return Part(_an_object(value, path), path)
        return Part({}, self._where(names[0]))

    def parts(self, name: str) -> Iterator[Part]:
        """The objects of a list."""
        path, value = self._find(name)
        if value is None:
            return
        if not isinstance(value, list):
            raise NotUnderstoodError(f"{path}: {shown(value)}; expected a list")
        for number, item in enumerate(value):
            yield Part(_an_object(item, f"{path}[{number}]"), f"{path}[{number}]")

    def text(self, *names: str, longest: int = 128) -> str | None:
        """A name or code under the first of these names that is given; blank is absent."""
        for name in names:
            path, value = self._find(name)
            if value is None:
                continue
            if not isinstance(value, str) or _CONTROL.search(value) or len(value.strip()) > longest:
                raise NotUnderstoodError(
                    f"{path}: {shown(value)}; expected at most {longest} characters without control characters"
                )
            if stripped := value.strip():
                return stripped
        return None

    def choice(self, name: str, allowed: Iterable[str]) -> str:
        """One of the vendor's own words, in capitals."""
        value = (self.text(name) or "").upper()
        if value not in allowed:
            path, found = self._find(name)
            raise NotUnderstoodError(f"{path}: {shown(found)}; expected one of {', '.join(allowed)}")
        return value

    def identifier(self, name: str) -> str | None:
        """An id, or the last part of an ARN."""
        value = self.text(name, longest=2048)
        if value is None:
            return None
        last = value.rsplit("/", 1)[-1].strip()
        if not 0 < len(last) <= MAX_ID:
            path, _ = self._find(name)
            raise NotUnderstoodError(f"{path}: {shown(value)}; expected an id or ARN of 1 to {MAX_ID} characters")
        return last

    def needed_identifier(self, name: str) -> str:
        """An id that must be there."""
        return self.identifier(name) or self._missing(name, "an id")

    def time(self, name: str) -> str | None:
        """A point in time, in the vendor's own digits: seconds and milliseconds both occur."""
        path, value = self._find(name)
        if value is None:
            return None
        if isinstance(value, str) and _TIME.match(value):
            try:
                datetime.fromisoformat(value)
            except ValueError:
                pass
            else:
                return value
        raise NotUnderstoodError(
            f"{path}: {shown(value)}; expected RFC 3339 with offset, for example 2026-03-01T09:30:00Z"
        )

    def needed_time(self, name: str) -> str:
        """A point in time that must be there."""
        return self.time(name) or self._missing(name, "a time, RFC 3339 with offset")

    def seconds(self, name: str) -> float | None:
        """A length of time the vendor measured."""
        return self.number(name, _YEAR_S, "seconds")

    def number(self, name: str, highest: float, unit: str) -> float | None:
        """A number from 0 to the highest that makes sense."""
        path, value = self._find(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= highest:
            raise NotUnderstoodError(f"{path}: {shown(value)}; expected 0 to {highest:g} {unit}")
        return float(value)

    def _find(self, name: str) -> tuple[str, Any]:
        found, value = self._fields.get(name.lower(), (name, None))
        return self._where(found), value

    def _where(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def _missing(self, name: str, expected: str) -> Any:
        raise NotUnderstoodError(f"{self._where(name)}: missing or empty; expected {expected}")


def shown(value: object) -> str:
    """A found value, short and printable."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _an_object(value: object, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotUnderstoodError(f"{path}: {shown(value)}; expected an object")
    return value


def milliseconds(time: str) -> int:
    """A point in time as whole milliseconds since 1970."""
    return (datetime.fromisoformat(time) - _EPOCH) // timedelta(milliseconds=1)


def later(a: str, b: str) -> str:
    """The later of two times, the first when they are equal."""
    return b if datetime.fromisoformat(b) > datetime.fromisoformat(a) else a

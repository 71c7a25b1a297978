"""Reading vendors' JSON: every value is checked, and what is wrong is said with its path in the message.

A refusal never repeats what names a customer: values of fields that do (`private`) are not shown at all, and of
other values addresses and long runs of digits are left out, as a mapping at the site may be wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeAlias

from ingest.adapters.base import NotUnderstoodError

Json: TypeAlias = dict[str, Any]

CODE = 128
"""Longest `Code` of the contract."""
ID = 64
"""Longest id of a vendor: up to three and the name of a fact make one id of the contract, of at most 256."""
YEAR_S = 31_536_000
"""Longest duration of the contract, seconds."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:?\d\d)\Z", re.ASCII)
_TIME_EXPECTED = "a date and time from 1970 on with its offset, RFC 3339, for example 2026-03-01T09:30:00.250Z"
NOT_TEXT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""Control characters and lone surrogates, which no text of the contract may hold."""
_TRACE = re.compile(r"\S*@\S*|\+\d[\d ()/.-]{5,}|\d{5,}", re.ASCII)
_SHOWN = 60
# A longer text is cut before traces are looked for, so that the search takes no time.
_LOOKED_AT = 500


def masked(said: str) -> str:
    """A text without what may name a customer: e-mail addresses, phone numbers, long runs of digits."""
    return _TRACE.sub(lambda found: "<address>" if "@" in found[0] else f"<{len(found[0])} digits>", said)


def shown(value: object, *, private: bool = False) -> str:
    """A found value for an error text: short, printable, and without what may name a customer."""
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return f"a JSON {'object' if isinstance(value, dict) else 'array'}"
    if private:
        return f"a text of {len(value):,} characters" if isinstance(value, str) else "not a text"
    if isinstance(value, str):
        said = ascii(masked(value[:_LOOKED_AT]))
    elif isinstance(value, bool):
        said = str(value).lower()
    else:
        said = masked(str(value))
    return said if len(said) <= _SHOWN else f"{said[:_SHOWN]}..."


def wrong(where: str, found: object, expected: str, *, private: bool = False) -> NotUnderstoodError:
    """The error for a value that cannot be used. private: the value may name a customer."""
    return NotUnderstoodError(f"{where}: {shown(found, private=private)}; expected {expected}")


def parse(message: bytes | str, expected: str) -> Json:
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


def ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


class Part:
    """One object of a document: values by name, in any case of letters as vendors mix them; null is absent."""

    def __init__(self, fields: Json, path: str = "") -> None:
        """path: where the object is in the message, for error texts."""
        self._fields = {name.lower(): (name, value) for name, value in fields.items() if value is not None}
        self.path = path

    def __bool__(self) -> bool:
        return bool(self._fields)

    def has(self, *names: str) -> bool:
        """Whether all of these are given."""
        return all(name.lower() in self._fields for name in names)

    def value(self, name: str) -> Any:
        """Whatever is under this name, unchecked."""
        return self._fields.get(name.lower(), (name, None))[1]

    def wrong(self, name: str, expected: str, *, private: bool = False) -> NotUnderstoodError:
        """The error for the value under this name."""
        return wrong(self.where(name), self.value(name), expected, private=private)

    def where(self, name: str) -> str:
        """The path of a value, spelt as the message does."""
        found = self._fields.get(name.lower(), (name, None))[0]
        return f"{self.path}.{found[:_SHOWN]}" if self.path else found[:_SHOWN]

    def part(self, *names: str) -> Self:
        """The object under the first of these names; an empty one where none is given."""
        name = next((each for each in names if self.has(each)), names[0])
        value = self.value(name)
        return type(self)({} if value is None else as_object(value, self.where(name)), self.where(name))

    def parts(self, name: str) -> Iterator[Self]:
        """The objects of an array; none when it is missing."""
        found = self.value(name)
        if found is None:
            return
        if not isinstance(found, list):
            raise self.wrong(name, "an array of objects")
        for number, item in enumerate(found):
            path = f"{self.where(name)}[{number}]"
            yield type(self)(as_object(item, path), path)

    def text(self, *names: str, longest: int = CODE, private: bool = False) -> str | None:
        """A string without blanks around it under the first of these names that says something."""
        for name in names:
            value = self.value(name)
            if value is None:
                continue
            if not isinstance(value, str):
                raise self.wrong(name, "a string", private=private)
            value = value.strip()
            if len(value) > longest or NOT_TEXT.search(value):
                expected = f"at most {longest} characters, none of them control characters"
                raise self.wrong(name, expected, private=private)
            if value:
                return value
        return None

    def needed(self, name: str, expected: str = "a string that is not empty", longest: int = ID) -> str:
        """A string that must be there."""
        found = self.text(name, longest=longest)
        if found is None:
            raise self.wrong(name, expected)
        return found

    def choice(self, name: str, allowed: Iterable[str]) -> str:
        """One of the vendor's own words, in capitals."""
        found = (self.text(name) or "").upper()
        if found not in allowed:
            raise self.wrong(name, f"one of {', '.join(allowed)}")
        return found

    def instant(self, name: str) -> str | None:
        """A point in time, RFC 3339 in the vendor's own digits: seconds and milliseconds both occur."""
        found = self.value(name)
        if found is None:
            return None
        if not isinstance(found, str) or not _TIME.match(found):
            raise self.wrong(name, _TIME_EXPECTED)
        found = found.upper()
        if found[-5] in "+-":
            found = f"{found[:-2]}:{found[-2:]}"
        try:
            if datetime.fromisoformat(found).astimezone(UTC) >= EPOCH:
                return found
        except (ValueError, OverflowError):
            pass
        raise self.wrong(name, _TIME_EXPECTED)

    def needed_instant(self, name: str) -> str:
        """A point in time that must be there."""
        found = self.instant(name)
        if found is None:
            raise self.wrong(name, _TIME_EXPECTED)
        return found

    def time(self, name: str) -> datetime | None:
        """A point in time in UTC."""
        found = self.instant(name)
        return None if found is None else datetime.fromisoformat(found).astimezone(UTC)

    def needed_time(self, name: str) -> datetime:
        """A point in time in UTC that must be there."""
        return datetime.fromisoformat(self.needed_instant(name)).astimezone(UTC)

    def number(self, name: str, highest: float, unit: str) -> float | None:
        """A number from 0 to the highest that makes sense."""
        found = self.value(name)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= highest:
            raise self.wrong(name, f"0 to {highest:,} {unit}")
        return float(found)

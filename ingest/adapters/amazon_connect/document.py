"""What Amazon Connect's JSON has of its own: ids that are the last part of an ARN, and times as text."""

from __future__ import annotations

from datetime import datetime

from ingest.adapters.reading import YEAR_S, Part, ms

MAX_ID = 100
"""Longest id taken: ids of events are made of up to two and may have 256 characters. Connect's own have 36."""
_MAX_ARN = 2048


class Document(Part):
    """One object of a document."""

    def identifier(self, name: str) -> str | None:
        """An id, or the last part of an ARN."""
        value = self.text(name, longest=_MAX_ARN)
        if value is None:
            return None
        last = value.rsplit("/", 1)[-1].strip()
        if not 0 < len(last) <= MAX_ID:
            raise self.wrong(name, f"an id or ARN of 1 to {MAX_ID} characters")
        return last

    def needed_identifier(self, name: str) -> str:
        """An id that must be there."""
        found = self.identifier(name)
        if found is None:
            raise self.wrong(name, "an id")
        return found

    def seconds(self, name: str) -> float | None:
        """A length of time the vendor measured."""
        return self.number(name, YEAR_S, "seconds")


def milliseconds(time: str) -> int:
    """A point in time as whole milliseconds since 1970."""
    return ms(datetime.fromisoformat(time))


def later(a: str, b: str) -> str:
    """The later of two times, the first when they are equal."""
    return b if datetime.fromisoformat(b) > datetime.fromisoformat(a) else a

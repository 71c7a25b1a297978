"""Dates of a way home, soonest first: notices, reviews, deadlines, classes. As rows and as a calendar file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from dashboard.fallback import when_words as said
from models.fallback.answer_parts import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from models.fallback.answer_parts import FromWhen
    from models.fallback.facts import Facts

LONGEST_LINE = 75
"""Octets of a line of a calendar file (RFC 5545, 3.1)."""


@dataclass(frozen=True, order=True)
class Entry:
    """A date. kind: one of the words; about: plain text, can be a user's own."""

    on: date
    kind: str
    about: str


def entries(facts: Facts, when: FromWhen | Problem) -> list[Entry]:
    """All that is still to come, soonest first. Without an answer: what the contract says alone."""
    found = [] if isinstance(when, Problem) else _way_home(facts.today, when)
    if facts.contract is not None:
        found += [Entry(review.on, said.REVIEW, review.about) for review in facts.contract.reviews]
        earliest = facts.contract.ending.earliest
        if earliest is not None:
            found.append(Entry(earliest, said.END, said.earliest(earliest)))
    return sorted(entry for entry in found if entry.on >= facts.today)


def _way_home(today: date, when: FromWhen) -> list[Entry]:
    found = [Entry(today, said.DECISION, said.DECIDED)]
    if when.hires:
        found += [
            Entry(today + timedelta(weeks=week), said.CLASS, said.begins(number, size))
            for number, (week, size) in enumerate(when.classes, 1)
        ]
        found.append(Entry(when.people_ready, said.PEOPLE, said.PEOPLE_READY))
    if when.short_again_week is not None:
        found.append(Entry(today + timedelta(weeks=when.short_again_week), said.SHORT, said.SHORT_AGAIN))
    home = when.home
    if home is None:
        return found
    found += [
        Entry(home.notice_by, said.NOTICE, said.last_notice(home)),
        Entry(home.last_day, said.END, said.LAST_DAY),
        Entry(home.home_on, said.HOME, said.FIRST_DAY),
    ]
    if home.assisted_until > home.last_day:
        found.append(Entry(home.assisted_until, said.HELP_ENDS, said.ASSISTED))
    if home.notice_only < home.last_day:
        found.append(Entry(home.notice_only, said.END, said.at_once(home)))
    return found


def frame(found: Sequence[Entry], today: date) -> pd.DataFrame:
    """One row per date."""
    return pd.DataFrame(
        [
            {"date": entry.on, "in_days": (entry.on - today).days, "kind": entry.kind, "about": entry.about}
            for entry in found
        ]
    )


def ics(found: Sequence[Entry], provider: str, made_at: datetime) -> bytes:
    """An iCalendar file with a whole day for each (RFC 5545). made_at: UTC."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Backstop//Fallback//EN", "CALSCALE:GREGORIAN"]
    for entry in found:
        own = hashlib.sha256(f"{provider}\0{entry.on}\0{entry.kind}\0{entry.about}".encode("utf-8", "replace"))
        lines += [
            "BEGIN:VEVENT",
            f"UID:{own.hexdigest()[:32]}@backstop",
            f"DTSTAMP:{made_at:%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{entry.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{entry.on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(f'{provider}: {entry.kind}')}",
            f"DESCRIPTION:{_text(entry.about)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _text(value: str) -> str:
    """Text that cannot end its line or its field."""
    for mark, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        value = value.replace(mark, escaped)
    return "".join(each for each in value if each.isprintable())


def _folded(line: str) -> bytes:
    """A line in pieces no longer than allowed, never within a character."""
    pieces, piece = list[bytes](), b""
    for each in line:
        octets = each.encode("utf-8", "replace")
        if len(piece) + len(octets) > LONGEST_LINE:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"

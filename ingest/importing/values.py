"""One value of a row, text or typed (Parquet), as the type the mapping gives its column.

A parser returns the value or raises ValueError saying what was expected; nulls never reach it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from ingest.importing.times import DAY_US, EPOCH_DAY, SECOND_US, utc_of, wall_of

if TYPE_CHECKING:
    from ingest.importing.mapping import Column

Parser = Callable[[Any], Any]

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_HMS = re.compile(r"(-?)(?:([0-9]+):)?([0-9]{1,2}):([0-9]{2}(?:\.[0-9]+)?)")
_EXACT = 2**53
_SECONDS = {"s": 1.0, "ms": 0.001, "min": 60.0}


class Wall(int):
    """An instant read off the local clock, microseconds: its zone has still to be applied."""


class Utc(int):
    """An instant with a known offset, microseconds of UTC."""


class _NotAccepted:
    """The one value of a text that its column's `accept` does not match."""


NOT_ACCEPTED = _NotAccepted()
_KEPT = 1 << 17  # values a parser remembers; a day has 86,400 seconds


def reader(column: Column) -> Parser:
    """How a column's values are read: text to str, integer to int, number to float, duration to seconds,
    date to days since 1970-01-01, time to microseconds of the day, instant to Wall or Utc. None stands
    for a null without a condition, NOT_ACCEPTED for a value that `accept` does not match."""
    parse = _parser(column.type, column.format, column.unit)
    nulls = frozenset(() if column.null_when else column.null)
    accept = column.accept

    def read(value: Any) -> Any:
        text = value if type(value) is str else text_of(value)
        if text in nulls:
            return None
        if accept is not None and accept.fullmatch(text) is None:
            return NOT_ACCEPTED
        return parse(value)

    return read if nulls or accept is not None else parse


@cache
def _parser(type_: str, format_: str | None, unit: str) -> Parser:
    """Columns alike share a parser, and what it remembers: a log repeats its times, dates and durations."""
    if type_ == "text":
        return text_of
    if type_ == "instant":  # different in every row
        return _instant(format_ or "iso")
    parse: Parser = {"integer": _integer, "number": _number}.get(type_, text_of)
    if type_ == "date":
        parse = _date(format_ or "%Y-%m-%d")
    elif type_ == "time":
        parse = _time(format_ or "%H:%M:%S")
    elif type_ == "duration":
        parse = _duration(unit)
    return lru_cache(maxsize=_KEPT, typed=True)(parse)


def text_of(value: Any) -> str:
    """A value as text. A whole float loses its `.0`: so pandas writes integers that stand beside a null."""
    if type(value) is str:
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return str(value)


def _integer(value: Any) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float | Decimal) and math.isfinite(value) and int(value) == value and abs(int(value)) < _EXACT:
        return int(value)
    raise ValueError("an integer")


def _number(value: Any) -> float:
    is_text = isinstance(value, str) and _NUMBER.fullmatch(value)
    if not is_text and (isinstance(value, bool) or not isinstance(value, int | float | Decimal)):
        raise ValueError("a number")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("a finite number")
    return number


def _duration(unit: str) -> Parser:
    def parse(value: Any) -> float:
        if isinstance(value, timedelta):
            return value.total_seconds()
        if unit == "h:m:s":
            match = _HMS.fullmatch(value) if isinstance(value, str) else None
            if match is None:
                raise ValueError("a duration as h:m:s or m:s")
            sign, hours, minutes, seconds = match.groups()
            return (int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)) * (-1 if sign else 1)
        try:
            # Dividing keeps 1234 ms at 1.234 where multiplying by 0.001 would not.
            return _number(value) / 1000 if unit == "ms" else _number(value) * _SECONDS[unit]
        except ValueError:
            raise ValueError(f"a duration as a number ({unit})") from None

    return parse


def _strptime(value: Any, format_: str, what: str) -> datetime:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    try:
        return datetime.strptime(value, format_)
    except (ValueError, TypeError):
        raise ValueError(f"{what} as {format_}") from None


def _date(format_: str) -> Parser:
    def parse(value: Any) -> int:
        if isinstance(value, date):
            return value.toordinal() - EPOCH_DAY
        moment = _strptime(value, format_, "a date")
        # strptime reads 99111 with %y%m%d as 1999-11-01: a digit went missing, and a guess is no date.
        if _plain(moment.strftime(format_)) != _plain(str(value)):
            raise ValueError(f"a date as {format_}")
        return moment.toordinal() - EPOCH_DAY

    return parse


def _plain(text: str) -> str:
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", text).casefold()


def _time(format_: str) -> Parser:
    def parse(value: Any) -> int:
        if isinstance(value, timedelta):
            micros = value // timedelta(microseconds=1)
            if not 0 <= micros < DAY_US:
                raise ValueError("a time of day")
            return micros
        moment = value if isinstance(value, time) else _strptime(value, format_, "a time of day")
        seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
        return seconds * SECOND_US + moment.microsecond

    return parse


def _instant(format_: str) -> Parser:
    factor = {"unix_s": SECOND_US, "unix_ms": 1000}.get(format_)

    def parse(value: Any) -> Wall | Utc:
        if isinstance(value, datetime):
            moment = value
        elif factor is not None:
            return Utc(round(_number(value) * factor))
        elif format_ == "iso":
            try:
                moment = datetime.fromisoformat(value)
            except (ValueError, TypeError):
                raise ValueError("an ISO 8601 date and time, for example 2026-03-29T02:30:00+02:00") from None
        else:
            moment = _strptime(value, format_, "a date and time")
        return Wall(wall_of(moment)) if moment.tzinfo is None else Utc(utc_of(moment))

    return parse

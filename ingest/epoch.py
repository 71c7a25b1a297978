"""Microseconds since 1970, UTC: the form times have between decoding and the store."""

from __future__ import annotations

from datetime import datetime, timedelta

EPOCH = datetime(1970, 1, 1)


def microseconds(at: datetime) -> int:
    """Of a UTC time without a zone."""
    return (at - EPOCH) // timedelta(microseconds=1)


def instant(count: int) -> datetime:
    """The UTC time, without a zone."""
    return EPOCH + timedelta(microseconds=count)

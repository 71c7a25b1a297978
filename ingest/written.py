"""What people write, as it is kept: names, notes, reasons."""

from __future__ import annotations

import unicodedata

from ingest.migrate import StoreError


def written(what: str, given: str, least: int, most: int, *, lines: bool = False) -> str:
    """Text without what would move a cursor or turn the direction of other text.

    what: its name, for the error. least, most: characters it may have in the end. lines: whether it may have several;
    otherwise every run of space is one space. Raises StoreError.
    """
    text = "".join(mark for mark in given if mark == "\n" or unicodedata.category(mark)[0] != "C").strip()
    if not lines:
        text = " ".join(text.split())
    if not least <= len(text) <= most:
        raise StoreError(f"{what}: expected {least} to {most} characters, got {len(text)}")
    return text

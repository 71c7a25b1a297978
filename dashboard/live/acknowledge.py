"""Saying from a page that an alert is being looked after."""

from __future__ import annotations

from pathlib import Path

from dashboard import desk

LONGEST_NAME = 80
LONGEST_NOTE = 500


class NotAcknowledgedError(Exception):
    """It was not written down, or nobody knows whether it was; the text is for whoever asked."""


def acknowledge(data_dir: Path, episode: str, name: str, note: str = "", deadline_s: float = desk.DEADLINE_S) -> None:
    """Have ingest write down who looks after an episode. Raises NotAcknowledgedError, by the deadline (seconds)."""
    try:
        desk.ask(data_dir, "acknowledge", {"episode": episode, "name": name, "note": note}, deadline_s)
    except desk.DeskError as error:
        raise NotAcknowledgedError(str(error)) from error

"""Reading a scenario file: TOML into a Scenario. Every problem is named with file, line and key, all at once."""

from __future__ import annotations

from pathlib import Path

from ingest.simulator.scenario.whole import Scenario
from models.documents import reading

MAX_BYTES = 256_000


def load(path: Path) -> Scenario:
    """The scenario in a file. Raises DocumentError."""
    return reading.load(path, Scenario, MAX_BYTES).value


def read(text: str, name: str) -> Scenario:
    """The scenario in a text; errors call it `name`. Raises DocumentError."""
    return reading.read(text, name, Scenario).value

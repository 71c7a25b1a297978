"""What `demo --keep DIR` keeps beside the store, so that the same world can be gone on with."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import duckdb

from models.settings import SettingsError

_FILE = "demo.json"


@dataclass(frozen=True, slots=True)
class Kept:
    """What makes a world the same one, and how far its clock went."""

    scenario: str
    """Digest of the scenario's text."""
    made_by: str
    """Version of Backstop: another may play the same scenario differently."""
    begins: str
    """Date of its first day."""
    seed: int
    reached: str
    """What the clock showed last, RFC 3339."""

    def write(self, folder: Path) -> None:
        """Keep it."""
        temporary = folder / f"{_FILE}.new"
        temporary.write_text(json.dumps(asdict(self), indent=2) + "\n", "utf-8")
        temporary.replace(folder / _FILE)


def digest(scenario: Path) -> str:
    """Digest of a scenario file."""
    return sha256(scenario.read_bytes()).hexdigest()


def made_by() -> str:
    """This version of Backstop."""
    return version("backstop")


def kept_in(folder: Path, scenario: Path) -> Kept | None:
    """What an earlier demo kept there; None for a new or empty folder. Raises SettingsError for any other."""
    path = folder / _FILE
    try:
        if not folder.exists() or not any(folder.iterdir()):
            return None
        kept = Kept(**json.loads(path.read_text("utf-8")))
        datetime.fromisoformat(kept.reached)
    except FileNotFoundError:
        raise SettingsError(
            f"--keep {folder}: holds files, but no demo that could be gone on with ({path} is missing): "
            "expected a new or empty folder, or one of an earlier demo"
        ) from None
    except (OSError, TypeError, ValueError) as error:
        raise SettingsError(f"--keep {folder}: {path} cannot be read: {error}; expected a new folder") from error
    if (kept.scenario, kept.made_by) != (digest(scenario), made_by()):
        raise SettingsError(
            f"--keep {folder}: holds a demo of another scenario or of another version of Backstop ({kept.made_by}), "
            "whose contacts would differ from those kept: expected a new folder"
        )
    return kept


def messages_in(store: Path) -> int:
    """Messages a store has taken in so far; 0 where there is none. Raises SettingsError."""
    if not store.exists():
        return 0
    try:
        with duckdb.connect(store, read_only=True) as connection:
            row = connection.execute("select sum(events + repeats + refused) from sites").fetchone()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise SettingsError(f"{store} cannot be read; is another Backstop running on it? ({reason})") from error
    return int(row[0] or 0) if row else 0

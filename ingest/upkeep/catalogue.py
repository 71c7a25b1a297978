"""All commands a running ingest can be given."""

from __future__ import annotations

from ingest.upkeep import quarantine, replay, retain
from ingest.upkeep.work import AnyCommand

COMMANDS: tuple[AnyCommand, ...] = (
    quarantine.LIST,
    quarantine.SHOW,
    replay.REPLAY,
    quarantine.DISMISS,
    quarantine.REOPEN,
    retain.RETAIN,
)

"""All commands a running ingest can be given."""

from __future__ import annotations

from ingest.upkeep import alerts, quarantine, replay, retain
from ingest.upkeep.work import AnyCommand

COMMANDS: tuple[AnyCommand, ...] = (
    quarantine.LIST,
    quarantine.SHOW,
    replay.REPLAY,
    quarantine.DISMISS,
    quarantine.REOPEN,
    retain.RETAIN,
    alerts.LIST,
    alerts.ACKNOWLEDGE,
)

DESK_COMMANDS: tuple[AnyCommand, ...] = (alerts.ACKNOWLEDGE,)
"""Those that the dashboard may give."""

"""All commands a running ingest can be given."""

from __future__ import annotations

from ingest.upkeep import alerts, bills, fallback, quarantine, replay, retain
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
    bills.LOAD,
    bills.LIST,
    bills.SHOW,
    bills.WITHDRAW,
    bills.DISPUTE,
    bills.TURN,
    fallback.KEEP,
    fallback.WITHDRAW,
    fallback.RESTORE,
    fallback.LIST,
    fallback.SHOW,
    fallback.DECIDE,
    fallback.DECISIONS,
    fallback.DRILL,
    fallback.DRILLS,
)

DESK_COMMANDS: tuple[AnyCommand, ...] = (
    alerts.ACKNOWLEDGE,
    bills.LOAD,
    bills.WITHDRAW,
    bills.DISPUTE,
    bills.TURN,
    fallback.KEEP,
    fallback.WITHDRAW,
    fallback.RESTORE,
    fallback.DECIDE,
    fallback.DRILL,
)
"""Those that the dashboard may give."""

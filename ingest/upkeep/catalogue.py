"""All commands a running ingest can be given."""

from __future__ import annotations

from ingest.upkeep import alerts, bills, quarantine, replay, retain
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
)

DESK_COMMANDS: tuple[AnyCommand, ...] = (alerts.ACKNOWLEDGE, bills.LOAD, bills.WITHDRAW, bills.DISPUTE, bills.TURN)
"""Those that the dashboard may give."""

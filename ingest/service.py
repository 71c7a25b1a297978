"""The ingest process: the store, its server and the pipeline, from start to a clean stop."""

from __future__ import annotations

import signal
from typing import Any

import structlog

from ingest.decoding.apart import decoder_for
from ingest.garbage import Garbage
from ingest.pipeline import Pipeline
from ingest.serving import serve
from ingest.stopping import Stopped, Stopping
from ingest.store import Store
from ingest.upkeep.catalogue import COMMANDS, DESK_COMMANDS
from ingest.upkeep.control import Control, desk_socket_path, socket_path
from models.settings import Settings, SettingsError

log: Any = structlog.get_logger("ingest")


def run_ingest(settings: Settings, stopping: Stopped | None = None) -> None:
    """Run until SIGTERM or SIGINT (or `stopping` is set). Raises StoreError and SettingsError.

    settings must hold the broker's address and the three secrets.
    """
    stopping = stopping or _told_by_signals()
    if not settings.bootstrap_servers:
        raise SettingsError(
            "no broker: give --bootstrap-servers HOST:PORT or BACKSTOP_BOOTSTRAP_SERVERS "
            "(`backstop up` starts one of its own)"
        )
    secrets = {name: getattr(settings, name) for name in ("dashboard_token", "analyst_token", "customer_key")}
    missing = [name for name, value in secrets.items() if value is None]
    if missing:
        raise SettingsError(f"missing: {', '.join('BACKSTOP_' + name.upper() for name in missing)}")
    store = Store.open(settings)
    try:
        served = serve(
            store.connection,
            host=settings.store_host,
            port=settings.store_port,
            tokens={
                "dashboard": secrets["dashboard_token"].get_secret_value(),
                "analyst": secrets["analyst_token"].get_secret_value(),
            },
            memory_limit=settings.memory_limit,
        )
        log.info("store served", address=served.address, memory_limit=settings.memory_limit)
        try:
            decoder = decoder_for(settings, secrets["customer_key"].get_secret_value())
            decoder.warm_up()
            Garbage.seldom()
            controls = [
                Control.start(socket_path(settings), COMMANDS),
                Control.start(desk_socket_path(settings), DESK_COMMANDS),
            ]
            try:
                Pipeline(settings, store, decoder, stopping.is_set, controls=controls).run()
            finally:
                for control in controls:
                    control.close()
                decoder.close()
            log.info("stopping")
            store.note("stopped", "ingest was stopped")
        finally:
            served.stop()
    finally:
        store.close()
    log.info("stopped")


def _told_by_signals() -> Stopped:
    stopping = Stopping()
    stopping.listen(signal.SIGTERM, signal.SIGINT)
    return stopping

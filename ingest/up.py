"""`backstop up`: broker, ingest and dashboard, until Ctrl-C."""

from __future__ import annotations

from rich.console import Console

from ingest.supervisor import (
    Supervisor,
    dashboard_answers,
    dashboard_url,
    environment,
    refuse_taken,
    store_answers,
    with_ports,
)
from models.settings import Settings

INGEST_STOP_S = 60.0
DASHBOARD_STOP_S = 5.0
DRAIN_S = 30.0


def run_up(settings: Settings, console: Console) -> int:
    """Run everything until Ctrl-C or SIGTERM. Returns the exit code; 1 when a child ended by itself."""
    with Supervisor(settings.data_dir / "logs", console) as running:
        settings = with_ports(settings, refuse_taken)
        running.stack.callback(
            console.print, "Stopped. The store is kept in", str(settings.store_path), highlight=False
        )
        own_broker = settings.bootstrap_servers is None
        if own_broker:
            address = running.start_broker(settings.broker_port)
            settings = settings.model_copy(update={"bootstrap_servers": address})
        # The embedded broker forgets everything when it stops, so ingest empties it first.
        drain_s = DRAIN_S if own_broker else settings.drain_on_stop_s
        shared = environment(settings) | {"BACKSTOP_DRAIN_ON_STOP_S": str(drain_s)}
        running.start("ingest", ["ingest.cli", "ingest"], shared, INGEST_STOP_S)
        running.start("dashboard", ["dashboard.launch"], shared, DASHBOARD_STOP_S)
        running.stack.callback(console.print, "Stopping …", highlight=False)
        if not running.wait_until(lambda: store_answers(settings) and dashboard_answers(settings), "store and pages"):
            return 0 if running.stopping.is_set() else 1
        print_addresses(settings, own_broker, console)
        console.print("Ctrl-C stops all of it.", style="dim")
        while not running.stopping.wait(0.5):
            if running.ended():
                running.report_ended()
                return 1
    return 0


def print_addresses(
    settings: Settings, own_broker: bool, console: Console, how: str = "backstop attach prints how"
) -> None:
    """Where everything is."""
    kind = "embedded, in memory" if own_broker else "yours"
    console.print(f"Dashboard  {dashboard_url(settings)}", highlight=False)
    console.print(f"Store      {settings.store_address}  ({how})", highlight=False, soft_wrap=True)
    console.print(f"Broker     {settings.bootstrap_servers}  ({kind})", highlight=False)

"""The command line of alerts: `backstop alerts list` and `backstop alerts acknowledge`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated

import typer

from ingest.alerting.message import amount, clean
from ingest.upkeep import alerts, report
from ingest.upkeep.client import run
from ingest.upkeep.commands import DataDir, plain_errors, progress, settings_of
from models.alerts.live import LIVE_BY_NAME

alerts_app = typer.Typer(no_args_is_help=True, help="Alerts: see which are open, say that one is being looked after.")


@alerts_app.command("list")
def list_alerts(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON for each alert.")] = False,
    data_dir: DataDir = None,
) -> None:
    """List alerts, the newest first."""
    with plain_errors(), progress() as on_step:
        found = run(settings_of(data_dir), alerts.LIST, alerts.Listing(everything, limit), on_step)
    for line in (json.dumps(report.builtin(alert)) for alert in found) if as_json else listing(found):
        typer.echo(line)


@alerts_app.command("acknowledge")
def acknowledge_alert(
    episode: Annotated[str, typer.Argument(metavar="EPISODE", help="Id of the alert, as `list` prints it.")],
    name: Annotated[str, typer.Option(help="Who looks after it.")],
    note: Annotated[str, typer.Option(help="What there is to say of it.")] = "",
    data_dir: DataDir = None,
) -> None:
    """Say that an open alert is being looked after. Once only."""
    with plain_errors(), progress() as on_step:
        done = run(settings_of(data_dir), alerts.ACKNOWLEDGE, alerts.Acknowledge(episode, name, note), on_step)
    where = f" at {clean(done.site)}" if done.site else ""
    typer.echo(f"alert {done.episode} ({clean(done.rule)}{where}) acknowledged")


def listing(found: list[alerts.Alert]) -> Iterator[str]:
    """The alerts as columns."""
    if not found:
        yield "no alerts"
        return
    yield from report.columns([_cells(alert) for alert in found])


def _cells(alert: alerts.Alert) -> tuple[str, ...]:
    metric = LIVE_BY_NAME.get(alert.metric)
    unit = metric.unit if metric else ""
    scope = (alert.site, alert.queue, alert.language, alert.channel)
    return (
        alert.episode,
        f"{alert.opened_at:%Y-%m-%d %H:%M:%S}Z",
        alert.state,
        clean(alert.rule),
        ", ".join(clean(part) for part in scope if part),
        f"{alert.metric} {amount(alert.last_value, unit)} ({alert.direction} {amount(alert.threshold, unit)})",
        f"{clean(alert.acknowledged_by)}: {clean(alert.note or '', 200)}" if alert.acknowledged_by else "",
    )


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.add_typer(alerts_app, name="alerts")

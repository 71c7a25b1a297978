"""The command line. Arguments in, one function call, plain errors out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from pydantic import SecretStr
from rich.console import Console

from ingest import logs, terms
from ingest.importing.errors import ImportProblem
from ingest.migrate import StoreError
from ingest.producer import PublishError
from ingest.service import run_ingest
from ingest.serving import ServingError
from ingest.upkeep import alert_commands, bill_commands, fallback_commands
from ingest.upkeep import commands as upkeep
from models import contract
from models.documents.reading import DocumentError
from models.quack import attach_statement, load_statements
from models.settings import Settings, SettingsError, load_settings, with_secrets

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)

Servers = Annotated[
    str | None,
    typer.Option("--bootstrap-servers", metavar="HOST:PORT", help="Kafka to use; without it: our own."),
]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where store, secrets and logs are kept.")]


class Progress(StrEnum):
    """How a simulation tells how far it is."""

    BAR = "bar"
    JSON = "json"


console = Console()
errors = Console(stderr=True)


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except (SettingsError, DocumentError, StoreError, ServingError, ImportProblem, PublishError) as error:
        errors.print(f"backstop: {error}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from error


def _settings(servers: str | None = None, data_dir: Path | None = None) -> Settings:
    given = {"bootstrap_servers": servers, "data_dir": data_dir}
    return load_settings(**{name: value for name, value in given.items() if value is not None})


@app.command()
def up(bootstrap_servers: Servers = None, data_dir: DataDir = None) -> None:
    """Start broker, ingest and dashboard; print their addresses; stop all of them on Ctrl-C."""
    from ingest.up import run_up

    with _plain_errors():
        settings = with_secrets(_settings(bootstrap_servers, data_dir))
        raise typer.Exit(run_up(settings, console))


@app.command()
def ingest(bootstrap_servers: Servers = None, data_dir: DataDir = None) -> None:
    """Read events from Kafka into the store and serve it, until stopped."""
    with _plain_errors():
        settings = with_secrets(_settings(bootstrap_servers, data_dir))
        logs.configure(settings.log_format)
        run_ingest(settings)


@app.command()
def dashboard(data_dir: DataDir = None) -> None:
    """Serve the pages, until stopped."""
    with _plain_errors():
        settings = _settings(None, data_dir)
        environment = {"BACKSTOP_DATA_DIR": str(settings.data_dir.resolve())}
    # A process of its own: the pages never share one with what writes the store.
    command = [sys.executable, "-m", "dashboard.launch"]
    raise typer.Exit(subprocess.run(command, env=dict(os.environ) | environment, check=False).returncode)


@app.command()
def demo(
    speed: Annotated[float, typer.Option(min=1, max=1000, help="How many times as fast as real time it goes on.")] = 1,
    keep: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep the store in this folder, and go on with it the next time."),
    ] = None,
    present: Annotated[
        bool, typer.Option("--now", help="Show the present, also at night and on Sundays, when hardly anybody calls.")
    ] = False,
    weeks: Annotated[int, typer.Option(min=1, max=52, help="Full weeks of history before the running one.")] = 12,
    scenario: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Another company than the one that comes with Backstop.")
    ] = None,
) -> None:
    """Show Backstop with a simulated company: weeks of history, then live, until Ctrl-C. Needs nothing else."""
    from ingest.simulator.demo.demo import DemoOrder, run_demo
    from ingest.simulator.playing.command import DEMO

    with _plain_errors():
        raise typer.Exit(run_demo(DemoOrder(scenario or DEMO, weeks, speed, keep, present), console))


@app.command()
def simulate(
    begins: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="First day; from its midnight in the scenario's zone."),
    ] = None,
    ends: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="The day after the last; without it: on and on.")
    ] = None,
    scenario: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The company; without it: the one that comes with Backstop.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed is another world; the same is the same, event by event.")] = 1,
    bootstrap_servers: Servers = None,
    speed: Annotated[
        float | None,
        typer.Option(min=0.001, max=1000, help="How many times as fast as real time; the past is sent at once."),
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write what really happened, and the bills, to this folder.")
    ] = None,
    output: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write lines of JSON to this file, - for stdout; not to Kafka.")
    ] = None,
    print_sites: Annotated[
        bool, typer.Option("--print-sites", help="Print the scenario's sites for backstop.toml, and end.")
    ] = False,
    progress: Annotated[Progress, typer.Option(help="bar: a bar or lines for people; json: lines for a program.")] = (
        Progress.BAR
    ),
) -> None:
    """Play a simulated company to Kafka: its past at once, then on in time. Ctrl-C stops it at once."""
    from ingest.simulator.playing import command

    with _plain_errors():
        chosen = scenario or command.DEMO
        if print_sites:
            typer.echo(command.sites_toml(command.load_scenario(chosen)), nl=False)
            return
        if begins is None:
            raise SettingsError("--from is missing: expected the first day, for example --from 2026-03-02")
        settings = _settings(bootstrap_servers)
        logs.configure(settings.log_format)
        order = command.Order(
            chosen, begins, ends, seed, speed, truth, output, as_json=progress is Progress.JSON
        )  # fmt: skip
        command.run_simulation(order, settings, errors)


@app.command("import")
def import_log(
    files: Annotated[list[Path], typer.Argument(help="Call logs: CSV, TSV, whitespace separated or Parquet.")],
    mapping: Annotated[Path, typer.Option(help="What the columns mean; see ingest/importing/README.md.")],
    site: Annotated[str, typer.Option(help="The site the calls belong to.")],
    bootstrap_servers: Servers = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check, send nothing.")] = False,
    refused: Annotated[Path | None, typer.Option(help="Write refused rows, with reasons, to this CSV.")] = None,
) -> None:
    """Publish a historical call log as events to the site's topic. Running it again changes no number."""
    from ingest.importing import run_import

    with _plain_errors():
        settings = _settings(bootstrap_servers)
        report = run_import(files, mapping, site, settings, dry_run=dry_run, refused_file=refused, console=console)
        raise typer.Exit(1 if report.rows_refused or report.rows_undelivered else 0)


@app.command()
def adapters() -> None:
    """List the systems whose native messages can be read, and which messages."""
    from ingest.adapters.catalogue import ADAPTERS
    from ingest.adapters.command import listing

    typer.echo(listing(ADAPTERS.values()))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="Native messages: JSON, JSON lines, or one message a line.")],
    adapter: Annotated[str, typer.Option(help="Name of the adapter; `backstop adapters` lists them.")],
    site: Annotated[str, typer.Option(help="Site the messages are taken to come from.")] = "site",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the events in full, a line of JSON a message.")
    ] = False,
) -> None:
    """Show what each native message of a file becomes, or why it is refused. Needs no broker and no store."""
    from ingest.adapters.catalogue import ADAPTERS
    from ingest.adapters.check import CheckError, check_file
    from ingest.adapters.command import show

    with _plain_errors():
        if adapter not in ADAPTERS:
            raise SettingsError(f"--adapter {adapter}: expected one of {', '.join(ADAPTERS)}")
        try:
            passed = show(check_file(file, ADAPTERS[adapter], site), as_json=as_json)
        except CheckError as error:
            raise SettingsError(str(error)) from error
        raise typer.Exit(0 if passed else 1)


@app.command()
def schema(
    part: Annotated[str, typer.Argument(help="asyncapi, jsonschema, or the name of one event type.")] = "asyncapi",
) -> None:
    """Print the event contract for those who send: the AsyncAPI document, or JSON Schemas."""
    with _plain_errors():
        typer.echo(json.dumps(contract.document(part), indent=2))


@app.command()
def attach(data_dir: DataDir = None) -> None:
    """Print three lines to paste into any DuckDB: load, attach with the analyst's token, ask."""
    with _plain_errors():
        settings = with_secrets(_settings(None, data_dir), ("analyst_token",))
        typer.echo("; ".join(load_statements()) + ";")
        typer.echo(f"{attach_statement(settings.store_address, _secret(settings.analyst_token))};")
        typer.echo("from store.query('from site_week order by week_start desc, site');")


def _secret(value: SecretStr | None) -> str:
    if value is None:
        raise SettingsError("a secret is missing")
    return value.get_secret_value()


@app.command()
def health(data_dir: DataDir = None) -> None:
    """Exit 0 when the store is served and ingest is reading, 1 with the reason when not."""
    with _plain_errors():
        settings = with_secrets(_settings(None, data_dir), ("dashboard_token",))
        with duckdb.connect() as client:
            try:
                for statement in load_statements():
                    client.execute(statement)
                client.execute(attach_statement(settings.store_address, _secret(settings.dashboard_token)))
                row = client.execute("from store.query('select state, detail from ingest_status')").fetchone()
            except duckdb.Error as error:
                typer.echo(f"store at {settings.store_address} does not answer: {error}")
                raise typer.Exit(1) from error
        state, detail = row or ("unknown", "ingest has not said anything yet")
        typer.echo(f"{state}: {detail}")
        raise typer.Exit(0 if state == "consuming" else 1)


upkeep.register(app)
alert_commands.register(app)
bill_commands.register(app)
fallback_commands.register(app)
terms.register(app)


if __name__ == "__main__":
    app()

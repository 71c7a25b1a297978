"""The command line. Arguments in, one function call, plain errors out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from pydantic import SecretStr
from rich.console import Console

from ingest import logs
from ingest.importing.errors import ImportProblem
from ingest.migrate import StoreError
from ingest.service import run_ingest
from ingest.serving import ServingError
from models import contract
from models.quack import attach_statement, load_statements
from models.settings import Settings, SettingsError, load_settings, with_secrets

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)

Servers = Annotated[
    str | None,
    typer.Option("--bootstrap-servers", metavar="HOST:PORT", help="Kafka to use; without it: our own."),
]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where store, secrets and logs are kept.")]

console = Console()
errors = Console(stderr=True)


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except (SettingsError, StoreError, ServingError, ImportProblem) as error:
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


if __name__ == "__main__":
    app()

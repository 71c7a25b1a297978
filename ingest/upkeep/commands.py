"""The command line of upkeep: `backstop quarantine ...`, `backstop rebuild` and `backstop retain`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.console import Console

from ingest import logs
from ingest.migrate import StoreError
from ingest.upkeep import quarantine, report
from ingest.upkeep import retain as retention
from ingest.upkeep.client import run
from ingest.upkeep.replay import REPLAY
from ingest.upkeep.work import OnStep
from models.documents.reading import DocumentError
from models.settings import Settings, SettingsError, load_settings

quarantine_app = typer.Typer(no_args_is_help=True, help="Messages that could not be used: see them, replay them.")

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where store, secrets and logs are kept.")]
Site = Annotated[str | None, typer.Option("--site", help="Only those of this site.")]
Code = Annotated[str | None, typer.Option("--code", help="Only those refused with this code, for example bad_field.")]
Ids = Annotated[
    list[str] | None, typer.Argument(metavar="ID...", help="topic[partition]@offset, as `list` prints them.")
]

errors = Console(stderr=True)


@contextmanager
def plain_errors() -> Iterator[None]:
    """What was expected to go wrong is told in a line, and ends with exit code 2."""
    try:
        yield
    except (SettingsError, DocumentError, StoreError, duckdb.Error, OSError) as error:
        errors.print(f"backstop: {error}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from error


def settings_of(data_dir: Path | None) -> Settings:
    """The settings of a command of upkeep, with logs as these say. Raises SettingsError."""
    settings = load_settings(**({} if data_dir is None else {"data_dir": data_dir}))
    logs.configure(settings.log_format)
    return settings


@contextmanager
def progress() -> Iterator[OnStep]:
    """Shows on stderr how far a command is."""
    with report.progress(errors) as on_step:
        yield on_step


def _which(ids: list[str] | None, site: str | None, code: str | None, everything: bool = False) -> quarantine.Which:
    if not ids and site is None and code is None and not everything:
        raise SettingsError("which messages? expected IDs, --site, --code or --all")
    return quarantine.Which(ids or [], site, code)


@quarantine_app.command("list")
def list_quarantine(
    site: Site = None,
    code: Code = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that were replayed or dismissed.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON for each message.")] = False,
    data_dir: DataDir = None,
) -> None:
    """List messages that could not be used, the newest first."""
    with plain_errors(), progress() as on_step:
        asked = quarantine.Listing(quarantine.Which([], site, code), everything, limit)
        found = run(settings_of(data_dir), quarantine.LIST, asked, on_step)
    lines = report.json_lines(found) if as_json else report.listing(found)
    for line in lines:
        typer.echo(line)


@quarantine_app.command("show")
def show_quarantine(
    location: Annotated[str, typer.Argument(metavar="ID", help="topic[partition]@offset, as `list` prints it.")],
    raw: Annotated[bool, typer.Option("--raw", help="Write the bytes of the message to stdout, nothing else.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Show why a message could not be used, and its bytes."""
    with plain_errors(), progress() as on_step:
        found = run(settings_of(data_dir), quarantine.SHOW, quarantine.Which([location]), on_step)
        if raw and len(found) > 1:
            raise StoreError(f"{location} means {len(found)} messages, of topics made anew: see them without --raw")
        if raw and found[0].about.removed:
            raise StoreError(f"the bytes of {location} were removed by retention")
    if raw:
        sys.stdout.buffer.write(found[0].value or b"")
        return
    for line in report.shown(found):
        typer.echo(line)


@quarantine_app.command("replay")
def replay_quarantine(
    ids: Ids = None,
    site: Site = None,
    code: Code = None,
    everything: Annotated[bool, typer.Option("--all", help="All that are open.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Decode open messages again, now that the cause is mended. Exit code 1 when some are still refused."""
    with plain_errors(), progress() as on_step:
        done = run(settings_of(data_dir), REPLAY, _which(ids, site, code, everything), on_step)
    for line in [json.dumps(report.builtin(done))] if as_json else report.replayed(done):
        typer.echo(line)
    raise typer.Exit(1 if done.still_refused or done.without_bytes else 0)


@quarantine_app.command("dismiss")
def dismiss_quarantine(
    ids: Ids = None,
    site: Site = None,
    code: Code = None,
    why: Annotated[str, typer.Option(help="The reason, kept in the log of ingest that readers see.")] = "",
    data_dir: DataDir = None,
) -> None:
    """Put messages aside that nothing can be done about. They stay in the store; `reopen` takes it back."""
    with plain_errors(), progress() as on_step:
        asked = quarantine.Aside(_which(ids, site, code), why[:500])
        done = run(settings_of(data_dir), quarantine.DISMISS, asked, on_step)
    typer.echo(report.changed(done, "dismissed", "had been dealt with before"))


@quarantine_app.command("reopen")
def reopen_quarantine(ids: Ids = None, site: Site = None, code: Code = None, data_dir: DataDir = None) -> None:
    """Take back that messages were dismissed."""
    with plain_errors(), progress() as on_step:
        done = run(settings_of(data_dir), quarantine.REOPEN, _which(ids, site, code), on_step)
    typer.echo(report.changed(done, "open again", "were not dismissed"))


def rebuild(
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep the rebuilt store as this new file.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put the rebuilt store in place and keep the old one beside it.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Derive everything again from the raw events and compare. Exit code 1 when anything differs. Stop ingest first."""
    from ingest.upkeep.rebuild import rebuild as rebuilt

    with plain_errors(), progress() as on_step:
        done = rebuilt(settings_of(data_dir), on_step, output, replace=replace)
    for line in report.rebuilt(done):
        typer.echo(line)
    raise typer.Exit(0 if done.is_equal else 1)


def retain(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would be removed.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Remove raw events and bytes of refused messages that are older than the settings keep. No number changes."""
    with plain_errors(), progress() as on_step:
        settings = settings_of(data_dir)
        done = run(settings, retention.RETAIN, retention.Retain(dry_run), on_step)
    for line in report.retained(done, dry_run=dry_run):
        typer.echo(line)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.add_typer(quarantine_app, name="quarantine")
    app.command()(rebuild)
    app.command()(retain)

"""The command line of what is kept of the Fallback page: `backstop scenarios`, `... decisions` and `... drills`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from ingest.alerting.message import clean
from ingest.fallback.checked import Figures
from ingest.fallback.decisions import VERDICTS, Noted
from ingest.fallback.drills import KINDS, Held
from ingest.upkeep import fallback, report
from ingest.upkeep.bill_commands import day_of
from ingest.upkeep.client import run
from ingest.upkeep.commands import DataDir, plain_errors, progress, settings_of
from models.fallback.assumptions import BY_NAME
from models.settings import Settings

scenarios_app = typer.Typer(no_args_is_help=True, help="Saved answers of the Fallback page: see them, put them aside.")
decisions_app = typer.Typer(no_args_is_help=True, help="What was decided about providers, and why.")
drills_app = typer.Typer(no_args_is_help=True, help="Drills: a provider going dark, reckoned or for real.")

ScenarioId = Annotated[str, typer.Argument(metavar="SCENARIO", help="Its id, as `list` prints it.")]
Who = Annotated[str, typer.Option("--name", help="Who says so.")]
Of = Annotated[str, typer.Option("--provider", help="Whom it is about.")]
OfOnly = Annotated[str | None, typer.Option("--provider", help="About this provider only.")]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
On = Annotated[str | None, typer.Option("--on", help="The day. Default: today.")]


@scenarios_app.command("list")
def list_scenarios(
    provider: OfOnly = None,
    limit: Limit = 100,
    everything: Annotated[bool, typer.Option("--all", help="Also those that were withdrawn.")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """List saved answers, the newest first."""
    with plain_errors(), progress() as on_step:
        asked = fallback.Listing(provider, limit, everything)
        found = run(settings_of(data_dir), fallback.LIST, asked, on_step)
    rows = [
        (one.scenario_id, f"{one.saved_at:%Y-%m-%d}", clean(one.provider), clean(one.name), clean(one.saved_by),
         "withdrawn" if one.withdrawn else "")
        for one in found
    ]  # fmt: skip
    _say(_json_lines(found) if as_json else _columns(rows, "no scenarios"))


@scenarios_app.command("show")
def show_scenario(scenario_id: ScenarioId, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Show what a saved answer came to and what was assumed; with --json also all facts it rests on."""
    with plain_errors(), progress() as on_step:
        found = run(settings_of(data_dir), fallback.SHOW, fallback.Show(scenario_id), on_step)
    _say(_json_lines([found]) if as_json else shown(found))


@scenarios_app.command("withdraw")
def withdraw_scenario(scenario_id: ScenarioId, name: Who, data_dir: DataDir = None) -> None:
    """Put a saved answer aside; it is kept."""
    with plain_errors(), progress() as on_step:
        run(settings_of(data_dir), fallback.WITHDRAW, fallback.Turn(scenario_id, name), on_step)
    typer.echo(f"scenario {scenario_id} withdrawn")


@scenarios_app.command("restore")
def restore_scenario(scenario_id: ScenarioId, name: Who, data_dir: DataDir = None) -> None:
    """Take a saved answer back that was put aside."""
    with plain_errors(), progress() as on_step:
        run(settings_of(data_dir), fallback.RESTORE, fallback.Turn(scenario_id, name), on_step)
    typer.echo(f"scenario {scenario_id} restored")


@decisions_app.command("list")
def list_decisions(
    provider: OfOnly = None,
    limit: Limit = 100,
    everything: Annotated[bool, typer.Option("--all", help="Also those that were replaced.")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """List decisions, the newest first."""
    with plain_errors(), progress() as on_step:
        asked = fallback.Listing(provider, limit, everything)
        found = run(settings_of(data_dir), fallback.DECISIONS, asked, on_step)
    rows = [
        (one.decision_id, str(one.decided_on), clean(one.provider), one.verdict, clean(one.decided_by),
         "replaced" if one.replaced_by else "", clean(one.why))
        for one in found
    ]  # fmt: skip
    _say(_json_lines(found) if as_json else _columns(rows, "no decisions"))


@decisions_app.command("note")
def note_decision(
    provider: Of,
    name: Annotated[str, typer.Option("--name", help="Who decided.")],
    verdict: Annotated[str, typer.Option(help=f"What: {', '.join(VERDICTS)}.")],
    why: Annotated[str, typer.Option(help="The reasons.")],
    on: On = None,
    scenario: Annotated[str | None, typer.Option(help="Id of the saved answer it rests on.")] = None,
    replaces: Annotated[str | None, typer.Option(help="Id of the decision it holds instead of.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Write a decision down. It expects what the saved answer it rests on came to."""
    with plain_errors(), progress() as on_step:
        settings = settings_of(data_dir)
        expected: Figures = {}
        if scenario is not None:
            expected = run(settings, fallback.SHOW, fallback.Show(scenario), on_step).summary
        asked = Noted(provider, _day(settings, on), name, verdict, why, expected, scenario, replaces)
        done = run(settings, fallback.DECIDE, asked, on_step)
    typer.echo(f"decision {done.id} noted")


@drills_app.command("list")
def list_drills(provider: OfOnly = None, limit: Limit = 100, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List drills, the newest first."""
    with plain_errors(), progress() as on_step:
        found = run(settings_of(data_dir), fallback.DRILLS, fallback.Listing(provider, limit), on_step)
    rows = [
        (one.drill_id, str(one.held_on), clean(one.provider), one.kind.replace("_", " "), clean(one.held_by),
         clean(one.outcome))
        for one in found
    ]  # fmt: skip
    _say(_json_lines(found) if as_json else _columns(rows, "no drills"))


@drills_app.command("note")
def note_drill(
    provider: Of,
    name: Annotated[str, typer.Option("--name", help="Who held it.")],
    outcome: Annotated[str, typer.Option(help="What came of it.")],
    kind: Annotated[str, typer.Option(help=f"How: {', '.join(KINDS)}.")] = "for_real",
    on: On = None,
    data_dir: DataDir = None,
) -> None:
    """Write down a drill that was held."""
    with plain_errors(), progress() as on_step:
        settings = settings_of(data_dir)
        asked = Held(provider, _day(settings, on), name, kind, outcome)
        done = run(settings, fallback.DRILL, asked, on_step)
    typer.echo(f"drill {done.id} noted")


def shown(found: fallback.Shown) -> Iterator[str]:
    """What a saved answer came to, and what was assumed."""
    one = found.scenario
    yield f"{clean(one.name)}, about {clean(one.provider)}{', withdrawn' if one.withdrawn else ''}"
    yield (
        f"saved {one.saved_at:%Y-%m-%d %H:%M} UTC by {clean(one.saved_by)}, by Backstop {clean(one.version)}, "
        f"from what was known up to batch {one.known_upto:,}"
    )
    if one.note:
        yield clean(one.note, len(one.note))
    yield "It came to"
    yield from (f"  {clean(name)}: {_figure(value)}" for name, value in found.summary.items())
    yield "Assumed"
    for name, assumption in found.assumed.items():
        spec = BY_NAME.get(name)
        value = "not said" if assumption.value is None else (
            spec.shown(assumption.value) if spec else f"{assumption.value:,g}"
        )  # fmt: skip
        yield f"  {spec.label if spec else clean(name)}: {value} ({clean(assumption.source)})"


def _figure(value: float | str | None) -> str:
    if value is None:
        return "not known"
    return clean(value) if isinstance(value, str) else str(value)


def _columns(rows: Sequence[Sequence[str]], none: str) -> Iterator[str]:
    if not rows:
        yield none
        return
    yield from report.columns(rows)


def _json_lines(found: Iterable[Any]) -> Iterator[str]:
    return (json.dumps(report.builtin(one)) for one in found)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)


def _day(settings: Settings, given: str | None) -> date:
    if given is None:
        return settings.clock.now().astimezone(ZoneInfo(settings.reporting_zone)).date()
    return day_of("--on", given)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.add_typer(scenarios_app, name="scenarios")
    app.add_typer(decisions_app, name="decisions")
    app.add_typer(drills_app, name="drills")

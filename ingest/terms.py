"""The command line of contracts, in-house cost and rates of exchange: `backstop terms check` and `... example`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from ingest.upkeep.commands import plain_errors
from models.settings import SettingsError, SiteSettings, load_settings
from models.terms.contract import Contract, Ending, ExitPlan, Terms
from models.terms.ending import first_end
from models.terms.exchange import ExchangeRates
from models.terms.folder import Documents, load_documents, sites_of
from models.terms.in_house import InHouseCosts

terms_app = typer.Typer(no_args_is_help=True, help="Contracts, in-house cost and rates of exchange, as documents.")

_EXAMPLES = files("models.terms") / "examples"
_ENDS = {"any_day": "any day", "month_end": "the end of a month", "quarter_end": "the end of a quarter",
         "year_end": "the end of a year"}  # fmt: skip


class Example(StrEnum):
    """The kinds of document."""

    CONTRACT = "contract"
    IN_HOUSE = "in-house"
    RATES = "rates"


@terms_app.command("check")
def check_terms(
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="Where they are. Default: as the settings say.")
    ] = None,
) -> None:
    """Read all documents and say what they hold, or everything that is wrong with them."""
    with plain_errors():
        settings = load_settings()
        chosen = folder or settings.terms_folder
        if chosen is None:
            raise SettingsError("no folder of documents: expected FOLDER, BACKSTOP_TERMS_DIR or `terms` beside the "
                                "settings file")  # fmt: skip
        found = load_documents(chosen, settings.sites, settings.currency)
        for line in listing(found, settings.sites, settings.clock.now()):
            typer.echo(line)


@terms_app.command("example")
def print_example(kind: Annotated[Example, typer.Argument(help="Which document.")]) -> None:
    """Print a document to start from, every line explained."""
    typer.echo((_EXAMPLES / f"{kind}.toml").read_text("utf-8"), nl=False)


def listing(found: Documents, sites: Mapping[str, SiteSettings], now: datetime) -> Iterator[str]:
    """What the documents hold, as lines."""
    covered: set[str] = set()
    for contract in found.contracts:
        own = sites_of(contract, sites)
        covered.update(own)
        yield f"{contract.provider}: {', '.join(own)}"
        yield from (f"  {line}" for line in _contract(contract, now.astimezone(ZoneInfo(contract.time_zone)).date()))
    bare = [site for site, known in sites.items() if not known.in_house and site not in covered]
    if bare:
        yield f"Without a contract: {', '.join(bare)}"
    yield from _in_house(found.in_house, sites)
    yield from _rates(found.rates)


def _contract(contract: Contract, today: date) -> Iterator[str]:
    current = contract.in_force(today)
    for terms in contract.terms:
        yield f"from {terms.on}{' (now)' if terms is current else ''}: {_terms(terms)}"
    coming = sorted((review.on, review.about) for review in contract.reviews if review.on >= today)
    yield f"next review {coming[0][0]}: {coming[0][1]}" if coming else "no review ahead"
    yield _notice(contract.ending, today)
    yield _exit_plan(contract.exit_plan)


def _terms(terms: Terms) -> str:
    parts = [f"{charge.name} ({charge.kind})" for charge in terms.charges]
    parts += [f"minimum of {terms.minimum.kind}"] if terms.minimum else []
    parts += [f"promised {', '.join(level.metric for level in terms.service_levels)}"] if terms.service_levels else []
    parts += [f"malus up to {terms.bonus.malus:%}, bonus up to {terms.bonus.bonus:%}"] if terms.bonus else []
    return f"{terms.currency}; {'; '.join(parts)}"


def _notice(ending: Ending, today: date) -> str:
    return f"notice {ending.notice_days} days to {_ENDS[ending.to]}; given today it ends on {first_end(ending, today)}"


def _exit_plan(plan: ExitPlan | None) -> str:
    return f"exit plan updated {plan.updated}: {plan.owner}; {plan.where}" if plan else "no exit plan"


def _in_house(costs: InHouseCosts | None, sites: Mapping[str, SiteSettings]) -> Iterator[str]:
    if costs is None:
        if any(site.in_house for site in sites.values()):
            yield "No in-house cost"
        return
    yield "In-house cost"
    for period in costs.periods:
        yield f"  from {period.on}: {period.currency}; {', '.join(period.sites) or 'all in-house sites'}"


def _rates(rates: ExchangeRates | None) -> Iterator[str]:
    if rates is None:
        return
    yield f"Rates of exchange: {rates.source}"
    for currency in sorted({rate.currency for rate in rates.rates}):
        days = [rate.on for rate in rates.rates if rate.currency == currency]
        spread = f"{len(days):,} days from {min(days)} to {max(days)}" if len(days) > 1 else f"1 day, {days[0]}"
        yield f"  {currency}: {spread}"


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.add_typer(terms_app, name="terms")

"""The folder of documents: `contracts/*.toml`, `in-house.toml` and `rates.toml`, held against the settings.

All problems of all files are told at once, also those that only two of them together have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from models.documents.near import did_you_mean
from models.documents.reading import Document, DocumentError, load
from models.settings import Settings, SiteSettings
from models.terms.contract import Contract
from models.terms.exchange import ExchangeRates
from models.terms.in_house import InHouseCosts

CONTRACTS, IN_HOUSE, RATES = "contracts", "in-house.toml", "rates.toml"
_MAX_BYTES = 1_000_000
_MAX_BYTES_OF_RATES = 16_000_000

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Documents:
    """What the folder says; of what it does not hold, nothing."""

    contracts: tuple[Contract, ...] = ()
    in_house: InHouseCosts | None = None
    rates: ExchangeRates | None = None


def documents_of(settings: Settings) -> Documents:
    """What the folder of these settings says. Raises DocumentError."""
    folder = settings.terms_folder
    return load_documents(folder, settings.sites, settings.currency) if folder else Documents()


def load_documents(folder: Path, sites: Mapping[str, SiteSettings], currency: str) -> Documents:
    """What a folder says. `sites`, `currency`: those of the settings. Raises DocumentError with all problems."""
    problems = list(_strangers(folder))
    contracts = [
        read
        for path in sorted((folder / CONTRACTS).glob("*.toml"))
        if not path.name.startswith(".") and (read := _loaded(path, Contract, _MAX_BYTES, problems))
    ]
    in_house = _loaded(folder / IN_HOUSE, InHouseCosts, _MAX_BYTES, problems)
    rates = _loaded(folder / RATES, ExchangeRates, _MAX_BYTES_OF_RATES, problems)
    problems += _unlike_settings(contracts, sites)
    problems += _unlike_currency(contracts, rates, currency)
    if rates or not (folder / RATES).exists():
        problems += _without_rates(contracts, in_house, rates, currency)
    if in_house:
        problems += _unlike_own_sites(in_house, sites)
    if problems:
        raise DocumentError(*problems)
    return Documents(
        tuple(read.value for read in contracts), in_house.value if in_house else None, rates.value if rates else None
    )


def sites_of(contract: Contract, sites: Mapping[str, SiteSettings]) -> tuple[str, ...]:
    """The sites a contract is for: those it names, or all of its provider."""
    return contract.sites or tuple(site for site in sites if _provider(site, sites) == contract.provider)


def _provider(site: str, sites: Mapping[str, SiteSettings]) -> str:
    return sites[site].provider or site


def _loaded(path: Path, model: type[Model], max_bytes: int, problems: list[str]) -> Document[Model] | None:
    if path.name in (IN_HOUSE, RATES) and not path.exists():
        return None
    try:
        return load(path, model, max_bytes, exact=True)
    except DocumentError as error:
        problems += error.problems
        return None


def _strangers(folder: Path) -> Iterator[str]:
    """Files where nothing reads them: what they say would be missed in silence."""
    if not folder.is_dir():
        yield f"{folder}: no such folder"
        return
    if (folder / CONTRACTS).exists() and not (folder / CONTRACTS).is_dir():
        yield f"{folder / CONTRACTS}: expected a folder"
    for path in sorted(folder.glob("*.toml")):
        if path.name not in (IN_HOUSE, RATES) and not path.name.startswith("."):
            meant = did_you_mean(path.stem, (Path(IN_HOUSE).stem, Path(RATES).stem))
            yield f"{path}: no such document{meant or f'; contracts are in {folder / CONTRACTS}'}"


def _unlike_settings(contracts: list[Document[Contract]], sites: Mapping[str, SiteSettings]) -> Iterator[str]:
    bought = {site: _provider(site, sites) for site, known in sites.items() if not known.in_house}
    taken: dict[str, str] = {}
    for read in contracts:
        contract = read.value
        if contract.provider not in bought.values():
            yield read.problem(("provider",), _no_provider(contract.provider, sites, bought.values()))
        for number, site in enumerate(contract.sites):
            if problem := _no_site_of(contract, site, sites):
                yield read.problem(("sites", number), problem)
        yield from _strange_sites_of_charges(read, sites)
        for site in sorted({*contract.sites, *sites_of(contract, sites)}):
            if site in taken:
                at = ("sites", contract.sites.index(site)) if contract.sites else ("provider",)
                yield read.problem(at, f"site {site!r} has a contract already, in {taken[site]}")
            elif site in bought:
                taken[site] = read.name
            elif site in sites and not contract.sites and contract.provider in bought.values():
                yield read.problem(
                    ("sites",), f"{site!r} is an in-house site of this provider: expected its other sites, by name"
                )


def _strange_sites_of_charges(read: Document[Contract], sites: Mapping[str, SiteSettings]) -> Iterator[str]:
    own = sites_of(read.value, sites)
    for number, terms in enumerate(read.value.terms):
        for which, charge in enumerate(terms.charges):
            for place, site in enumerate(charge.sites):
                if site not in own:
                    at = ("terms", number, "charges", which, "sites", place)
                    yield read.problem(at, f"{site!r} is no site of this contract{did_you_mean(site, own)}")


def _no_provider(provider: str, sites: Mapping[str, SiteSettings], providers: Iterable[str]) -> str:
    if any(_provider(site, sites) == provider for site in sites):
        return f"all sites of {provider!r} are in-house: expected none of them in a contract"
    known = sorted(set(providers))
    listed = f": expected one of {', '.join(known)}" if known else ""
    return f"no site of the settings has the provider {provider!r}{did_you_mean(provider, known) or listed}"


def _no_site_of(contract: Contract, site: str, sites: Mapping[str, SiteSettings]) -> str | None:
    if site not in sites:
        return f"no site {site!r} in the settings{did_you_mean(site, sites)}"
    if sites[site].in_house:
        return f"{site!r} is an in-house site: expected a site of {contract.provider}"
    if (provider := _provider(site, sites)) != contract.provider:
        return f"{site!r} is a site of {provider!r}: expected one of {contract.provider!r}"
    return None


def _unlike_own_sites(read: Document[InHouseCosts], sites: Mapping[str, SiteSettings]) -> Iterator[str]:
    own = [site for site, known in sites.items() if known.in_house]
    for number, period in enumerate(read.value.periods):
        for place, site in enumerate(period.sites):
            at = ("periods", number, "sites", place)
            if site not in sites:
                yield read.problem(at, f"no site {site!r} in the settings{did_you_mean(site, own)}")
            elif site not in own:
                yield read.problem(at, f"{site!r} is no in-house site")


def _unlike_currency(
    contracts: list[Document[Contract]], rates: Document[ExchangeRates] | None, currency: str
) -> Iterator[str]:
    for read in contracts:
        for number, terms in enumerate(read.value.terms):
            rule, other = terms.exchange.rule, terms.currency
            if (rule == "same") == (other == currency):
                continue
            yield read.problem(
                ("terms", number, "exchange", "rule"),
                f'{currency} is the company\'s currency already: expected rule = "same"'
                if other == currency
                else f'the company has {currency} and these terms {other}: expected another rule than "same"',
            )
    for number, rate in enumerate(rates.value.rates if rates else ()):
        if rates and rate.currency == currency:
            yield rates.problem(("rates", number, "currency"), f"{currency} is the company's currency: expected others")
            break


def _without_rates(
    contracts: list[Document[Contract]],
    in_house: Document[InHouseCosts] | None,
    rates: Document[ExchangeRates] | None,
    currency: str,
) -> Iterator[str]:
    given = {currency} | ({rate.currency for rate in rates.value.rates} if rates else set())
    for read in contracts:
        for number, terms in enumerate(read.value.terms):
            if terms.exchange.rule in ("invoice_day", "month_average") and terms.currency not in given:
                at = ("terms", number, "exchange", "rule")
                yield read.problem(at, f"expected rates of {terms.currency} in {RATES}")
    for number, period in enumerate(in_house.value.periods if in_house else ()):
        if in_house and period.currency not in given:
            yield in_house.problem(
                ("periods", number, "currency"),
                f"expected {currency} as in the settings, or rates of {period.currency}",
            )

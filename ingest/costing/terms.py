"""Contracts, in-house cost and rates as the store holds them: replaced at every start, like the settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from ingest.arrow import insert_arrow
from models.billing.in_house import unit_cost
from models.settings import SiteSettings
from models.terms.charge import PerAgent, PerContact, PerHour, PerMinute
from models.terms.folder import sites_of

if TYPE_CHECKING:
    from models.terms.charge import Charge
    from models.terms.contract import Contract, Terms
    from models.terms.folder import Documents
    from models.terms.in_house import InHouse

_TABLES = ("contract", "in_house_cost", "in_house_figure", "exchange_rate", "charge_rule")
_PLACES = Decimal("0.000001")


def write(connection: duckdb.DuckDBPyConnection, documents: Documents, sites: Mapping[str, SiteSettings]) -> None:
    """Replace what the store knows of the terms. Use within a transaction."""
    run = connection.execute
    for table in _TABLES:
        run(f"delete from private.{table}")
    for contract in documents.contracts:
        run("insert into private.contract values (?, ?)", [contract.provider, contract.model_dump_json(by_alias=True)])
        for rule in rules(contract, sites):
            names = ", ".join(rule)
            places = ", ".join("?" for _ in rule)
            run(f"insert into private.charge_rule ({names}) values ({places})", list(rule.values()))
    for period in documents.in_house.periods if documents.in_house else ():
        of_sites = period.sites or tuple(site for site, known in sites.items() if known.in_house)
        for site in of_sites:
            run(
                "insert into private.in_house_cost (site, from_date, currency, document) values (?, ?, ?, ?)",
                [site, period.on, period.currency, period.model_dump_json(by_alias=True)],
            )
            for kind, figure, amount in figures(period):
                run(
                    "insert into private.in_house_figure values (?, ?, ?, ?, ?, ?)",
                    [site, period.on, kind, figure, amount.quantize(_PLACES), period.currency],
                )
    if documents.rates:
        given = documents.rates.rates
        columns: dict[str, Any] = {
            "on_date": pa.array([rate.on for rate in given], pa.date32()),
            "currency": pa.array([rate.currency for rate in given], pa.string()),
            "rate": pa.array([rate.rate for rate in given], pa.decimal128(18, 6)),
        }
        insert_arrow(connection, "private.exchange_rate", pa.table(columns))


def figures(period: InHouse) -> list[tuple[str, str, Decimal]]:
    """What a full-time agent costs in a year part by part, and what follows: kind, name, amount."""
    cost = unit_cost(period)
    hours = {
        "paid_hours": cost.paid_hours,
        "present_hours": cost.present_hours,
        "available_hours": cost.available_hours,
    }
    prices = {
        "per_paid_hour": cost.per_paid_hour,
        "per_available_hour": cost.per_available_hour,
        "labour_per_available_hour": cost.labour_per_available_hour,
        "overtime_per_available_hour": cost.overtime_per_available_hour,
    }
    return [
        *(("part of a year", name, amount) for name, amount in cost.parts.items()),
        ("year", "annual", cost.annual),
        *(("hours of a year", name, amount) for name, amount in hours.items()),
        *(("price", name, amount) for name, amount in prices.items()),
    ]


def rules(contract: Contract, sites: Mapping[str, SiteSettings]) -> list[dict[str, Any]]:
    """A row per charge, site and terms, in the columns of private.charge_rule."""
    found = []
    ends = [later.on for _, later in pairwise(contract.terms)]
    for terms, until in zip(contract.terms, [*ends, None], strict=True):
        for charge in terms.charges:
            for site in charge.sites or sites_of(contract, sites):
                found.append(_rule(contract, terms, until, charge, site))
    return found


def _rule(contract: Contract, terms: Terms, until: date | None, charge: Charge, site: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "provider": contract.provider,
        "charge": charge.name,
        "site": site,
        # Fixed fees with an overage and baselines count contacts too.
        "kind": "contact" if charge.kind in ("fixed", "baseline") else charge.kind,
        "time_zone": contract.time_zone,
        "from_date": terms.on,
        "until_date": until,
        "queues": list(charge.queues),
        "channels": list(charge.channels),
        "languages": list(charge.languages),
        "topics": list(charge.topics),
        "short_ms": 0,
        "repeat_hours": None,
        "parts": [],
        "started_ms": 0,
        "minimum_ms": 0,
        "states": [],
    }
    if isinstance(charge, PerContact | PerMinute):
        row |= {"short_ms": int(charge.short_s * 1000), "repeat_hours": charge.repeat_hours}
    if isinstance(charge, PerMinute):
        row |= {"parts": list(charge.parts), "started_ms": charge.started_s * 1000}
        row |= {"minimum_ms": charge.minimum_s * 1000}
    if isinstance(charge, PerHour | PerAgent):
        row |= {"states": list(charge.states)}
    return row

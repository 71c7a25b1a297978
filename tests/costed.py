"""Stores with contracts, and what their months come to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingest.costing.checks import Checks
from ingest.costing.months import Months, run_all
from ingest.store import Store
from tests.rolled import roll_up

HEAD = """
version = 1
provider = "{provider}"
time_zone = "{zone}"
owners = {{ ours = "Ann", theirs = "Bob" }}
ending = {{ notice_days = 90 }}
"""
IN_HOUSE = """
version = 1
[[periods]]
from = 2026-01-01
currency = "EUR"
pay = 30000
on_cost = 0.2
working_days = 250
hours_per_day = 8
absence_days = 50
shrinkage = 0.1
"""
"""36,000 a year for 1,440 available hours: 25.00 an hour."""


def contract_text(*terms: str, provider: str = "Acme", zone: str = "UTC", head: str = "") -> str:
    """A contract; each of `terms` is the inside of a table [[terms]]."""
    parts = "".join(f"\n[[terms]]\n{each}\n" for each in terms)
    return HEAD.format(provider=provider, zone=zone) + head + parts


def terms_text(charges: str, since: str = "2026-01-01", more: str = "") -> str:
    """Terms in euros: `more` are further keys of theirs, `charges` tables [[terms.charges]]."""
    return f'from = {since}\ncurrency = "EUR"\n{more}\n{charges}'


def charge(**keys: Any) -> str:
    """A charge called work, unless it has a name."""
    named = {"name": "work", **keys}
    return "[[terms.charges]]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in named.items())


def write_documents(folder: Path, contracts: Mapping[str, str], in_house: str = "", rates: str = "") -> Path:
    """A folder of documents; `contracts` by file name."""
    (folder / "contracts").mkdir(parents=True, exist_ok=True)
    for name, text in contracts.items():
        (folder / "contracts" / f"{name}.toml").write_text(text, "utf-8")
    for name, text in (("in-house", in_house), ("rates", rates)):
        if text:
            (folder / f"{name}.toml").write_text(text, "utf-8")
    return folder


def computed(store: Store) -> int:
    """Roll up, compute every month that is due, check every bill. Returns how many months came out another way."""
    roll_up(store)
    connection = store.connection.cursor()
    try:
        months = Months(connection, store.settings, store.documents)
        done = run_all(months)
        checks = Checks(connection, months)
        for bill in checks.due():
            checks.check(bill)
        return done
    finally:
        connection.close()


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value)

"""The documents of the simulated company: what its providers' contracts say, and what its own people cost.

The contracts are those the simulator bills by (`truth/bills.py`). All else in them is made up.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.simulator.playing.command import toml_text
from models.terms.folder import CONTRACTS, IN_HOUSE

if TYPE_CHECKING:
    from ingest.simulator.scenario.whole import Billing, Scenario, Site

_REVIEWS = 8
_QUARTER = timedelta(weeks=13)
_SINCE = "2020-01-01"
_PLANNED = (timedelta(weeks=3), timedelta(weeks=60))
"""How long before the first day the exit plans of the first contracts were updated; the others have none."""

_CONTRACT = """\
# Made up, as the whole company is. The charge is what this provider bills by.
version = 1
provider = {provider}
sites = [{site}]
reference = {reference}
time_zone = "UTC"
tolerance = 0
dispute_days = 30

[owners]
ours = {ours}
theirs = {theirs}

[ending]
notice_days = 90
to = "month_end"
assistance_days = 60
{exit_plan}{reviews}
[[terms]]
from = {since}
currency = {currency}
rounding = {{ quantity_places = 2, amount_places = 2, per = "day", mode = "half_up" }}
{exchange}
[[terms.charges]]
{charge}
{minimum}
[[terms.service_levels]]
metric = "service_level"
target = 0.90
worst = 0.80
best = 0.98
weight = 0.4

[[terms.service_levels]]
metric = "csat"
target = 0.70
worst = 0.60
best = 0.80
weight = 0.3

[[terms.service_levels]]
metric = "first_contact_resolution"
target = 0.90
worst = 0.85
best = 0.95
weight = 0.3

# The malus is claimed apart, so the bill is what was delivered at its price.
[terms.bonus]
shape = "score"
malus = 0.08
claim_days = 30
"""

_IN_HOUSE = """\
# Made up, as the whole company is.
version = 1

[[periods]]
from = {since}
currency = {currency}
pay = 34000
on_cost = 0.21
bonus = 0.03
seat = 4800
facilities = 3000
administration = 600
lead = {{ pay = 55000, span = 12 }}
quality = {{ pay = 50000, span = 40 }}
planning = {{ pay = 48000, span = 60 }}
attrition = 0.3
recruiting = 2500
training_weeks = 6
working_days = 260
hours_per_day = 7.7
absence_days = 55
shrinkage = 0.12
"""

_MINIMUM = """
# So little that it never matters here.
[terms.minimum]
kind = "amount"
amount = 50
"""


def write_terms(folder: Path, scenario: Scenario, begins: date) -> None:
    """Write the documents of a demo that begins on this day. A folder that is there stays as it is."""
    if folder.exists():
        return
    (folder / CONTRACTS).mkdir(parents=True)
    minimum = _MINIMUM
    planned = iter(_PLANNED)
    for site_id, site in scenario.sites.items():
        if site.billing is not None and not site.in_house:
            exit_plan = _exit_plan(site, scenario, begins, next(planned, None))
            text = _contract(site_id, site, site.billing, scenario, begins, minimum, exit_plan)
            (folder / CONTRACTS / f"{site_id}.toml").write_text(text, "utf-8")
            minimum = ""
    if any(site.in_house for site in scenario.sites.values()):
        text = _IN_HOUSE.format(since=_SINCE, currency=toml_text(scenario.currency))
        (folder / IN_HOUSE).write_text(text, "utf-8")


def _contract(
    site_id: str, site: Site, billing: Billing, scenario: Scenario, begins: date, minimum: str, exit_plan: str
) -> str:
    return _CONTRACT.format(
        provider=toml_text(site.provider),
        site=toml_text(site_id),
        reference=toml_text(f"Services agreement, {site.name}"),
        ours=toml_text(f"Vendor management, {_company(scenario)}"),
        theirs=toml_text(f"Account management, {site.provider}"),
        exit_plan=exit_plan,
        reviews=_reviews(begins),
        since=_SINCE,
        currency=toml_text(billing.currency),
        exchange=_exchange(billing, scenario),
        charge=_charge(billing),
        minimum=minimum,
    )


def _company(scenario: Scenario) -> str:
    return next((own.provider for own in scenario.sites.values() if own.in_house), scenario.name)


def _exit_plan(site: Site, scenario: Scenario, begins: date, before: timedelta | None) -> str:
    """Empty: nobody has made one."""
    if before is None:
        return ""
    owner = toml_text(f"Vendor management, {_company(scenario)}")
    where = toml_text(f"Continuity folder, {site.name}")
    return f"\n[exit_plan]\nowner = {owner}\nwhere = {where}\nupdated = {begins - before}\n"


def _reviews(begins: date) -> str:
    """One a quarter, the last of a year about prices too."""
    about = ["Quarterly review", "Quarterly review", "Quarterly review", "Yearly review, with prices"]
    return "".join(
        f'\n[[reviews]]\non = {begins + _QUARTER * (number + 1)}\nabout = "{about[number % 4]}"\n'
        for number in range(_REVIEWS)
    )


def _exchange(billing: Billing, scenario: Scenario) -> str:
    if billing.currency == scenario.currency:
        return ""
    return '# Made up too: one for one.\nexchange = { rule = "contract_rate", rate = 1 }\n'


def _charge(billing: Billing) -> str:
    """The same as `Bills` computes: by day, contacts or minutes without short ones, or hours."""
    names = {"contact": "Contacts handled", "minute": "Minutes of contacts", "hour": "Productive hours"}
    lines = [f'kind = "{billing.unit}"', f'name = "{names[billing.unit]}"', f"rate = {billing.rate:f}"]
    match billing.unit:
        case "contact":
            lines += [f"short_s = {billing.short_s}"]
        case "minute":
            lines += [f"short_s = {billing.short_s}", 'parts = ["talk", "hold", "wrap_up"]', "started_s = 0"]
        case "hour":
            lines += ['states = ["available", "busy", "wrap_up"]']
    return "\n".join(lines)

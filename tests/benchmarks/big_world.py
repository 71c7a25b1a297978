"""The company of the big store: sites and providers, topics, queues, opening hours, and how its contacts are spread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from models.settings import Settings

ZONE = "Europe/Berlin"
TOPICS = (
    "delivery_delay", "refund", "invoice", "password", "product_question", "cancellation", "damaged", "address_change",
    "contract", "complaint",
)  # fmt: skip
QUEUES = ("orders", "billing", "care", "technical")
TEAMS = 6


@dataclass(frozen=True)
class Place:
    """A site. share: of all contacts; drift: how much more it does at the end of the year than at its beginning."""

    site: str
    provider: str
    in_house: bool
    agents: int
    share: float
    wait: float
    drift: float = 0.0
    reports: str | None = None


PLACES = (
    Place("hamburg", "Own", True, 150, 0.15, 0.8),
    Place("leipzig", "Own", True, 120, 0.12, 0.9),
    Place("graz", "Own", True, 70, 0.06, 1.0, -0.2),
    Place("sofia", "Balkan Care", False, 140, 0.13, 1.1, 0.2, "sl_ignore_short"),
    Place("varna", "Balkan Care", False, 90, 0.08, 1.3, 0.1, "sl_ignore_short"),
    Place("pune", "Sahyadri", False, 150, 0.14, 1.2, 0.3, "sl_positive"),
    Place("nagpur", "Sahyadri", False, 80, 0.07, 1.5, 0.0, "sl_positive"),
    Place("dublin", "Liffey", False, 100, 0.09, 1.0, -0.1),
    Place("tunis", "Carthage", False, 110, 0.10, 1.4, 0.1, "sl_answered_only"),
    Place("leeds", "Aire", False, 60, 0.06, 1.8, -0.3, "sl_flowout"),
)


def settings(data_dir: Path, **more: Any) -> Settings:
    """The settings under which ingest knows the company. more: as of Settings."""
    sites: Mapping[str, Any] = {
        place.site: {
            "name": place.site.capitalize(),
            "provider": place.provider,
            "in_house": place.in_house,
            "open": [
                {"days": "Mon-Fri", "opens": "07:00", "closes": "22:00"},
                {"days": "Sat,Sun", "opens": "08:00", "closes": "20:00"},
            ],
            **({"reports": {"definition": place.reports}} if place.reports else {}),
        }
        for place in PLACES
    }
    return Settings(
        data_dir=data_dir,
        reporting_zone=ZONE,
        sites=sites,
        topics={topic: {"name": topic.replace("_", " ").capitalize()} for topic in TOPICS},
        **more,
    )


def as_toml(now: datetime) -> str:
    """The same settings as a file for BACKSTOP_CONFIG. now: what the clock shows when the file is used at once."""
    lines = [f'reporting_zone = "{ZONE}"', f"# The store's year ends at {now.isoformat()}."]
    for place in PLACES:
        lines += [
            f"[sites.{place.site}]",
            f'name = "{place.site.capitalize()}"',
            f'provider = "{place.provider}"',
            f"in_house = {str(place.in_house).lower()}",
            'open = [{ days = "Mon-Fri", opens = "07:00", closes = "22:00" }, '
            '{ days = "Sat,Sun", opens = "08:00", closes = "20:00" }]',
        ]
        if place.reports:
            lines.append(f'reports = {{ definition = "{place.reports}" }}')
    for topic in TOPICS:
        lines += [f"[topics.{topic}]", f'name = "{topic.replace("_", " ").capitalize()}"']
    return "\n".join(lines) + "\n"


_HEAD = """version = 1
provider = "{provider}"
time_zone = "{zone}"
owners = {{ ours = "Vendor management", theirs = "Account management" }}
ending = {{ notice_days = 90 }}
[[terms]]
from = 2020-01-01
currency = "EUR"
[[terms.service_levels]]
metric = "service_level"
target = 0.8
worst = 0.7
best = 0.9
weight = 0.5
[[terms.service_levels]]
metric = "csat"
target = 0.75
worst = 0.65
best = 0.85
weight = 0.5
[terms.bonus]
shape = "score"
malus = 0.08
bonus = 0.02
"""
_STEPS = "[{ upto = 50000, rate = 3.80 }, { upto = 100000, rate = 3.40 }, { rate = 3.10 }]"
_CHARGES = {
    "Balkan Care": 'kind = "minute"\nrate = 0.56\nstarted_s = 60\nshort_s = 10',
    "Sahyadri": f'kind = "contact"\nshort_s = 10\nrepeat_hours = 24\ntiers = {{ kind = "marginal", steps = {_STEPS} }}',
    "Liffey": 'kind = "hour"\nrate = 31.50',
    "Carthage": 'kind = "baseline"\nfee = 210000\nbaseline = 70000\ndead_band = 0.1\nadditional = [{ rate = 2.4 }]\n'
    "reduced = [{ rate = 1.2 }]",
    "Aire": 'kind = "fte"\nagents = 40\nfee = 4100\nhours = 160',
}
"""How each provider is paid: every way of counting is there once."""
_IN_HOUSE = """version = 1
[[periods]]
from = 2020-01-01
currency = "EUR"
pay = 34000
on_cost = 0.21
bonus = 0.03
seat = 4800
facilities = 3000
lead = { pay = 55000, span = 12 }
attrition = 0.3
recruiting = 2500
training_weeks = 6
working_days = 260
hours_per_day = 7.7
absence_days = 55
shrinkage = 0.12
"""


def write_terms(folder: Path) -> None:
    """Write the company's contracts and in-house cost."""
    (folder / "contracts").mkdir(parents=True, exist_ok=True)
    for number, (provider, charge) in enumerate(_CHARGES.items()):
        text = _HEAD.format(provider=provider, zone=ZONE if number % 2 else "UTC")
        text += f'[[terms.charges]]\nname = "Work"\n{charge}\n'
        (folder / "contracts" / f"{provider.lower().replace(' ', '-')}.toml").write_text(text, "utf-8")
    (folder / "in-house.toml").write_text(_IN_HOUSE, "utf-8")

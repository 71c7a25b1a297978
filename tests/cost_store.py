"""A store with a few contacts, a contract and in-house cost, whose costs are small enough to work out by hand.

October 2026: south is paid 2.00 for each of 4 contacts of 200 s; north has an agent for 2 hours at 30.00 and handles 2
contacts, one of them of the customer south had the day before; east handles 1 and has no contract. November has begun.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ingest.costing.months import Months, run_all
from ingest.store import Store
from models.settings import load_settings, with_secrets
from tests import rolled
from tests.dashboard_store import log
from tests.topic_store import Talk, events

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HOSTILE = "<script>alert(1)</script> **bold** :red[x] [a](http://evil.example)"
NOW = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
MONDAY = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
NOVEMBER = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
SITES = {
    "north": {"name": "North", "provider": "Own", "in_house": True},
    "south": {"name": HOSTILE, "provider": HOSTILE},
    "east": {"name": "East", "provider": "Third"},
}
TOPICS: dict[str, dict[str, str]] = {"billing": {"name": "Bills"}, "returns": {"name": "Returns"}}
CONTRACT = f"""
version = 1
provider = "{HOSTILE}"
reference = "{HOSTILE}"
time_zone = "Europe/Berlin"
close_days = 3

[owners]
ours = "Ann"
theirs = "Ben"

[ending]
notice_days = 90

[[reviews]]
on = 2026-12-01
about = "{HOSTILE}"

[[terms]]
from = 2026-01-01
currency = "EUR"

[[terms.charges]]
kind = "contact"
name = "{HOSTILE}"
rate = 2

[[terms.service_levels]]
metric = "first_contact_resolution"
target = 0.9
worst = 0.6
best = 1
weight = 1

[terms.bonus]
shape = "score"
malus = 0.1
claim_days = 30
"""
IN_HOUSE = """
version = 1

[[periods]]
from = 2026-01-01
currency = "EUR"
pay = 36000
on_cost = 0
working_days = 250
hours_per_day = 8
absence_days = 50
shrinkage = 0.25
"""


def talks() -> list[Talk]:
    """The contacts."""
    return [
        Talk("south", MONDAY, "billing", customer="k1"),
        Talk("south", MONDAY + timedelta(hours=1), "billing", customer="k2"),
        Talk("south", MONDAY + timedelta(hours=2), "returns", customer="k3"),
        Talk("south", TUESDAY, "returns", customer="k4", channel="chat"),
        Talk("north", TUESDAY + timedelta(minutes=10), "billing", customer="k1"),
        Talk("north", TUESDAY + timedelta(minutes=50), "returns", customer="k5"),
        Talk("east", TUESDAY, "billing", customer="k6"),
        Talk("south", NOVEMBER, "billing", customer="k7"),
        Talk("south", NOVEMBER + timedelta(hours=1), "billing", customer="k8"),
    ]


def states() -> list[dict[str, Any]]:
    """An agent of north is there for two hours."""
    return [
        {
            "specversion": "1.0", "id": f"ann/{state}", "source": "north", "type": "agent.state_changed",
            "time": (TUESDAY + timedelta(hours=hours)).isoformat(), "subject": "ann", "data": {"state": state},
        }
        for hours, state in ((0, "available"), (2, "offline"))
    ]  # fmt: skip


def made(
    folder: Path, *, contract: str | None = CONTRACT, in_house: str | None = IN_HOUSE, with_states: bool = True,
    compute: bool = True, now: datetime = NOW, later: Sequence[Talk] = (),
) -> Path:  # fmt: skip
    """The store's file, closed, its costs computed. later: contacts that come when October is closed."""
    terms = folder / "terms"
    (terms / "contracts").mkdir(parents=True)
    if contract is not None:
        (terms / "contracts" / "one.toml").write_text(contract, "utf-8")
    if in_house is not None:
        (terms / "in-house.toml").write_text(in_house, "utf-8")
    settings = with_secrets(
        load_settings(
            data_dir=folder, terms_dir=terms, sites=SITES, topics=TOPICS, reporting_zone="Europe/Berlin",
            **rolled.standing_at(now),
        )
    )  # fmt: skip
    store = Store.open(settings)
    rolled.commit(store, [*events(talks()), *(states() if with_states else [])])
    rolled.roll_up(store)
    if compute:
        run_all(Months(store.connection, settings, store.documents))
    if later:
        rolled.commit(store, events([*talks(), *later]))
        rolled.roll_up(store)
        run_all(Months(store.connection, settings, store.documents))
    log(store.connection, "consuming", "3 topics", now)
    store.close()
    return settings.store_path

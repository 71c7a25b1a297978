"""A small store of which everything a fallback rests on can be reckoned by hand.

At 10:00 on every day of six weeks: South (bought) has four calls about billing of 300 s and two about returns of 600 s;
North (in-house) two calls about billing of 200 s and two chats about it of 100 s. All wait 10 s.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import queries
from dashboard.names import display_names
from dashboard.scope import sums
from dashboard.scope.opening import Opened
from dashboard.store import Store
from ingest.costing.months import Months, run_all
from ingest.store import Store as Written
from models.settings import load_settings, with_secrets
from tests import rolled
from tests.dashboard_store import log
from tests.topic_store import Talk, events

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from models.settings import Settings

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 11, 20)
FIRST = date(2026, 10, 5)
PROVIDER = "Bought & <b>Co</b>"
SITES = {
    "north": {"name": "North", "provider": "Own", "in_house": True},
    "south": {"name": "South", "provider": PROVIDER},
}
CONTRACT = f"""
version = 1
provider = "{PROVIDER}"
time_zone = "Europe/Berlin"

[owners]
ours = "Ann"
theirs = "Ben"

[ending]
notice_days = 90
fee = 1234.5

[[terms]]
from = 2026-01-01
currency = "EUR"

[[terms.charges]]
kind = "contact"
name = "Calls"
rate = 2.00

[terms.minimum]
kind = "units"
units = 300

[[terms.service_levels]]
metric = "service_level"
target = 0.9
worst = 0.8
best = 0.98
weight = 1
"""
IN_HOUSE = """
version = 1

[[periods]]
from = 2020-01-01
currency = "EUR"
pay = 40000
on_cost = 0.25
lead = { pay = 60000, span = 10 }
attrition = 0.2
recruiting = 1000
training_weeks = 5.2
working_days = 200
hours_per_day = 8
absence_days = 0
shrinkage = 0.25
overtime = 1.5
"""


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """By the wall clock of the reporting zone."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


def talks(until: date = TODAY) -> list[Talk]:
    """Of every day from FIRST to the one before."""
    found = []
    for ahead in range((until - FIRST).days):
        ten = at(FIRST + timedelta(days=ahead), 10)
        found += [Talk("south", ten + timedelta(seconds=n), talk_s=300.0) for n in range(4)]
        found += [Talk("south", ten + timedelta(seconds=10 + n), topic="returns", talk_s=600.0) for n in range(2)]
        found += [Talk("north", ten + timedelta(seconds=n)) for n in range(2)]
        found += [Talk("north", ten + timedelta(seconds=20 + n), channel="chat", talk_s=100.0) for n in range(2)]
    return found


def shifts() -> list[dict[str, Any]]:
    """Ann is in from 9:30 to 11:30 every day at either site; Bob was at South until 25 October."""
    found = []
    for ahead in range((TODAY - FIRST).days):
        day = FIRST + timedelta(days=ahead)
        for site, agent in (("north", "ann"), ("south", "ann"), ("south", "bob")):
            if agent == "bob" and day > date(2026, 10, 25):
                continue
            for state, when in (("available", at(day, 9, 30)), ("offline", at(day, 11, 30))):
                found.append(
                    _event(
                        site, f"{agent}/{when.isoformat()}", "agent.state_changed", agent, when, state=state, slots=2
                    )
                )
    return found


def incident(name: str, day: date, severity: str) -> dict[str, Any]:
    """Reported by South at noon."""
    return _event(
        "south", name, "site.incident_reported", name, at(day, 12), kind="outage", severity=severity, incident_id=name
    )


def _event(site: str, event_id: str, wire: str, subject: str, when: datetime, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": event_id, "source": site, "type": wire, "time": when.isoformat(),
        "subject": subject, "data": data,
    }  # fmt: skip


def settings_of(folder: Path, *, agreed: bool = True, sites: dict[str, Any] | None = None, **more: Any) -> Settings:
    """Settings of a folder, with contract and in-house cost beside them unless nothing is agreed."""
    terms = folder / "terms"
    (terms / "contracts").mkdir(parents=True)
    if agreed:
        (terms / "contracts" / "south.toml").write_text(CONTRACT)
        (terms / "in-house.toml").write_text(IN_HOUSE)
    return with_secrets(
        load_settings(
            data_dir=folder, terms_dir=terms, sites=SITES if sites is None else sites,
            reporting_zone="Europe/Berlin", **rolled.standing_at(NOW), **more,
        )
    )  # fmt: skip


def written(settings: Settings, told: Iterable[Talk], more: Iterable[dict[str, Any]] = ()) -> None:
    """The store's file with all of it, summed up and costed."""
    store = Written.open(settings)
    listed = [*events(told), *more]
    for start in range(0, len(listed), 5_000):
        rolled.commit(store, listed[start : start + 5_000])
    rolled.roll_up(store)
    run_all(Months(store.connection, store.settings, store.documents))
    log(store.connection, "consuming", "2 topics", NOW)
    store.close()


def page_of(settings: Settings) -> tuple[Store, Opened]:
    """What a page starts from, read from the file: nobody serves it."""
    st.cache_data.clear()
    store = Store("quack:localhost:1", settings.store_path, "nobody listens")
    reply = sums.choices(store)
    topics = reply.frames["topics"]
    names = dict(zip(topics["topic"], topics["name"], strict=True))
    return store, Opened(
        store, reply, queries.status(reply), sums.known(reply), display_names(reply.frames["sites"]), names
    )

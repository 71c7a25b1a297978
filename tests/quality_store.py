"""A store of three sites whose surveys, evaluations, repeats, transfers and teams are known, rolled up by ingest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ingest.store import Store
from models.settings import load_settings, with_secrets
from tests.builders import T0, event
from tests.dashboard_store import TOKEN, log
from tests.rolled import commit, roll_up, standing_at

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

DAY_S = 86_400
NOW = T0 + timedelta(days=24, hours=6)
"""Thursday of the fourth week: T0 is Monday, 2 March 2026, 9 o'clock UTC."""
HOSTILE = "<script>alert(1)</script> **b** :red[x] $x$ [a](http://evil.example)"
SITES = {"north": ("Hafenmarkt", True), "south": ("Rila Contact", False), "west": (HOSTILE, False)}


def settings(path: Path, names: dict[str, str] | None = None) -> Any:
    """Settings of the store, its clock standing at NOW."""
    called = {"north": "North", "south": "South", "west": HOSTILE} | (names or {})
    sites = {
        site: {"name": called[site], "provider": provider, "in_house": own} for site, (provider, own) in SITES.items()
    }
    read = load_settings(data_dir=path, sites=sites, reporting_zone="UTC", dashboard_token=TOKEN, **standing_at(NOW))
    return with_secrets(read)


def write(path: Path, events: Iterable[dict[str, Any]]) -> Path:
    """A closed store with these events and their sums."""
    store = Store.open(settings(path))
    commit(store, list(events))
    roll_up(store)
    log(store.connection, "consuming", "3 topics", datetime.now(UTC))
    file: Path = store.settings.store_path
    store.close()
    return file


def contacts(
    *, surveys: bool = True, evaluations: bool = True, teams: bool = True, weeks: int = 4, per_day: int = 12
) -> list[dict[str, Any]]:
    """Contacts of every weekday. West satisfies less, repeats more and scores itself 10 points higher."""
    events: list[dict[str, Any]] = []
    number = 0
    for day in range(weeks * 7):
        if day % 7 > 4 or T0 + timedelta(days=day) > NOW:
            continue
        for site in SITES:
            for n in range(per_day):
                number += 1
                events += _contact(site, f"{site}-{number}", day, n, surveys=surveys, evaluations=evaluations)
            if teams:
                events += [
                    _at(site, event("agent.state_changed", f"{site}-ann", day * DAY_S - 600, team=f"{site}-{HOSTILE}")),
                    _at(site, event("agent.state_changed", f"{site}-ben", day * DAY_S - 600, team=f"{site}-two")),
                ]
    return [body | {"id": f"{body['source']}/{body['id']}/{body['time']}"} for body in events]


def _contact(site: str, contact: str, day: int, n: int, *, surveys: bool, evaluations: bool) -> list[dict[str, Any]]:
    at = day * DAY_S + n * 300
    bad = site == "west" and n % 2 == 0
    # The customer of a repeated contact comes the next day, with the same topic.
    customer = f"{site}-{day // 2 if bad and n < 4 else day}-{n}"
    topic = HOSTILE if n == 5 else "billing" if n % 3 else "delivery"
    events = [
        event("offered", contact, at, queue="care", language="en", topic=topic, customer_id=customer),
        event("answered", contact, at + 10, agent_id=f"{site}-{'ann' if n % 2 else 'ben'}"),
        event("completed", contact, at + 200),
        event("wrapped_up", contact, at + 230),
        event("classified", contact, at + 240, topic=topic, resolved=True),
    ]
    if site == "south" and n == 7:
        events.append(event("transferred", contact, at + 150, to_site="north", to_queue="care"))
    if surveys and n < 8:
        score = 2.0 if bad else 5.0 if n % 4 else 3.0
        events += [
            event("contact.surveyed", contact, at + 900, instrument="csat", score=score),
            event(
                "contact.surveyed", contact, at + 901, instrument="nps", score=3.0 if bad else 10.0, scale_min=0.0,
                scale_max=10.0,
            ) | {"id": f"{contact}/nps"},
            event("contact.surveyed", contact, at + 902, instrument="ces", score=6.0, scale_max=7.0)
            | {"id": f"{contact}/ces"},
        ]  # fmt: skip
    if evaluations and n < 2:
        both = {"evaluation_id": "e", "calibration_id": f"k-{contact}"}
        events.append(event("contact.evaluated", contact, at + 3600, score=80.0 + n, **both))
        if site != "north":
            own = 90.0 + n + (day % 2) if site == "west" else 80.0 + n + (day % 3 - 1)
            events.append(
                event("contact.evaluated", contact, at + 3700, evaluator="provider", score=own, **both)
                | {"id": f"{contact}/own"}
            )
    return [_at(site, body) for body in events]


def _at(site: str, body: dict[str, Any]) -> dict[str, Any]:
    return body | {"source": site}

"""A company with two providers as the Fallback page meets it: a store of six weeks, its documents, ingest and pages.

Every afternoon from 14:00 to 17:00 South (bought) has four calls a quarter-hour of 600 s, North (in-house) one of
400 s; once an hour somebody hangs up on either side, and some call again. Ann and Cid are in at North from 13:30 to
17:30.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tests import fallback_gather_store as small
from tests.fallback_gather_store import FIRST, NOW, PROVIDER, TODAY, at
from tests.served_pages import CONFIG, DATA, PAGES_LOG, serving
from tests.topic_store import Talk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from models.settings import Settings

OTHER = "Acme"
"""A provider without a contract; the first by name."""
SITES: dict[str, Any] = {**small.SITES, "east": {"name": "East", "provider": OTHER}}
HOURS, QUARTERS = range(14, 17), range(0, 60, 15)


def config() -> str:
    """The sites as a settings file has them."""
    lines = ['reporting_zone = "Europe/Berlin"', 'currency = "EUR"']
    for site, told in SITES.items():
        lines += [f"[sites.{site}]", f'name = "{told["name"]}"', f'provider = "{told["provider"]}"']
        lines += ["in_house = true"] if told.get("in_house") else []
    return "\n".join(lines)


def talks() -> list[Talk]:
    """Of every day from FIRST to yesterday."""
    found = []
    for day in _days():
        found.append(Talk("east", at(day, HOURS[0])))
        for hour in HOURS:
            found += [Talk(site, at(day, hour, 20), ended="abandoned") for site in ("north", "south")]
            for minute in QUARTERS:
                # Who calls at the end of the hour does so again: of South's all, of North's in the last hour.
                who = day, hour, minute % QUARTERS[-1]
                found += [
                    Talk("south", at(day, hour, minute + 3 * n), talk_s=600.0, customer=f"s/{who}/{n}")
                    for n in range(4)
                ]
                own = who if hour == HOURS[-1] else (day, hour, minute)
                found.append(Talk("north", at(day, hour, minute), talk_s=400.0, customer=f"n/{own}"))
    return found


def shifts() -> list[dict[str, Any]]:
    """Who is in at North; Ann takes every call, ten seconds after it came."""
    states = []
    for day in _days():
        for agent in ("ann", "cid"):
            states += [(agent, at(day, 13, 30), "available"), (agent, at(day, 17, 30), "offline")]
        for came in (at(day, hour, minute) for hour in HOURS for minute in QUARTERS):
            answered = came + timedelta(seconds=10)
            states += [("ann", answered, "busy"), ("ann", answered + timedelta(seconds=400), "available")]
    return [
        {
            "specversion": "1.0", "id": f"{agent}/{when.isoformat()}", "source": "north",
            "type": "agent.state_changed", "time": when.isoformat(), "subject": agent,
            "data": {"state": state, "slots": 1},
        }
        for agent, when, state in states
    ]  # fmt: skip


def _days() -> list[date]:
    return [FIRST + timedelta(days=ahead) for ahead in range((TODAY - FIRST).days)]


@contextmanager
def running(folder: Path, make_settings: Callable[..., Settings]) -> Iterator[str]:
    """Broker, ingest and pages over such a store, all within a folder that exists; yields the pages' address."""
    data = folder / DATA
    data.mkdir()
    (folder / CONFIG).write_text(config(), "utf-8")
    small.written(small.settings_of(data, sites=SITES), talks(), shifts())
    with serving(folder, SITES, NOW, make_settings) as url:
        yield url


__all__ = ["PAGES_LOG", "PROVIDER", "running"]

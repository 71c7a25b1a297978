"""A store with contacts of known topics, times and outcomes, folded, stored and summed up by ingest itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ingest.store import Store
from tests import rolled
from tests.dashboard_store import log

if TYPE_CHECKING:
    from pathlib import Path

    from models.settings import Settings


@dataclass(frozen=True)
class Talk:
    """One contact: `ended` is answered, abandoned, waiting or talking; stars: the customer's answer, 1 to 5."""

    site: str
    at: datetime
    topic: str | None = "billing"
    ended: str = "answered"
    talk_s: float = 200.0
    channel: str = "voice"
    language: str = "en"
    customer: str | None = None
    campaign: str | None = None
    stars: int | None = None
    handed_on: bool = False
    more: dict[str, Any] = field(default_factory=dict)


def events(talks: Iterable[Talk]) -> list[dict[str, Any]]:
    """What the sites would send of them."""
    found = []
    for number, talk in enumerate(talks):
        contact = f"c{number}"

        def at(kind: str, after_s: float, contact: str = contact, talk: Talk = talk, **data: Any) -> dict[str, Any]:
            return {
                "specversion": "1.0",
                "id": f"{contact}/{kind}",
                "source": talk.site,
                "type": f"contact.{kind}",
                "time": (talk.at + timedelta(seconds=after_s)).isoformat(),
                "subject": contact,
                "data": {name: value for name, value in data.items() if value is not None},
            }

        found.append(
            at(
                "offered", 0, channel=talk.channel, queue="main", direction="inbound", language=talk.language,
                topic=talk.topic, campaign=talk.campaign, customer_id=talk.customer,
            )
        )  # fmt: skip
        if talk.ended == "abandoned":
            found.append(at("abandoned", 30))
        if talk.ended in ("answered", "talking"):
            found.append(at("answered", 10, agent_id="ann"))
        if talk.ended == "answered":
            if talk.handed_on:
                found.append(at("transferred", 10 + talk.talk_s, to_queue="care"))
            found.append(at("completed", 10 + talk.talk_s, talk_s=talk.talk_s))
            found.append(at("wrapped_up", 10 + talk.talk_s, wrap_up_s=0.0))
        if talk.stars is not None:
            found.append(at("surveyed", 600, instrument="csat", score=float(talk.stars), scale_min=1.0, scale_max=5.0))
    return found


def made(settings: Settings, talks: Iterable[Talk], now: datetime) -> Path:
    """The store's file, closed. Settings need a clock that stands at `now` (`rolled.standing_at`)."""
    store = Store.open(settings)
    listed = events(talks)
    for start in range(0, len(listed), 5_000):
        rolled.commit(store, listed[start : start + 5_000])
    rolled.roll_up(store)
    log(store.connection, "consuming", "2 topics", now)
    store.close()
    return settings.store_path

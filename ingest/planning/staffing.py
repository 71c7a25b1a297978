"""How many agents a site's calls and chats take, from what its last weeks were like.

Calls by Erlang A, chats by the slots of agents who hold several. Both are planned apart: where the same agents do both,
fewer are enough. The queues and languages of a site are taken as one: where agents know only some, it takes more.
E-mail and cases can wait and take no agent who has to be there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np

from models.settings import Settings
from models.staffing import Targets, agents_required, chat_agents, mean_patience_s, offered_load

WORK_DAYS = 28
"""Days before today that handle times and patience are measured on."""
_SLOTS_DAYS = 7
_QUARTERS_PER_HOUR = 4

_WORK = """
    select
        site,
        case when channel = 'voice' then 'voice' else 'chat' end as kind,
        sum(handle_ms) / nullif(sum(handled), 0) / 1000.0 as aht_s,
        (coalesce(sum(answered_wait_ms), 0) + coalesce(sum(abandoned_wait_ms), 0)) / 1000.0 as waited_s,
        coalesce(sum(abandoned), 0)::bigint as abandoned
    from day_quarters
    where date between $first and $last and channel in ('voice', 'chat', 'messaging')
    group by all
"""
_SLOTS = """
    select site, mode(slots)
    from private.agent_change
    where occurred_at >= $since and slots > 1
    group by site
"""


@dataclass(frozen=True, slots=True)
class Work:
    """Calls or chats of a site. aht_s: mean handle time, None if none was handled; patience_s: inf if none hung up."""

    aht_s: float | None = None
    patience_s: float = math.inf


@dataclass(frozen=True, slots=True)
class SiteWork:
    """What a site's agents do. chat_slots: chats at once."""

    voice: Work = Work()
    chat: Work = Work()
    chat_slots: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Required:
    """Agents by quarter-hour, of one shape; None where there is work and it is not known how long it takes."""

    voice: np.ndarray | None
    chat: np.ndarray | None

    @property
    def total(self) -> np.ndarray | None:
        """For calls and chats together."""
        return None if self.voice is None or self.chat is None else self.voice + self.chat


def targets_of(settings: Settings) -> Targets:
    """What the settings plan staffing for."""
    return Targets(
        service_level=settings.planned_service_level,
        threshold_s=settings.service_level_s,
        max_abandonment=settings.plan.abandonment_cap,
        max_occupancy=settings.plan.occupancy_cap,
    )


def read_work(connection: duckdb.DuckDBPyConnection, today: date) -> dict[str, SiteWork]:
    """By site, measured on the days before today. Raises duckdb.Error."""
    since = today - timedelta(days=WORK_DAYS)
    rows = connection.execute(_WORK, {"first": since, "last": today - timedelta(days=1)}).fetchall()
    told_since = today - timedelta(days=_SLOTS_DAYS)
    slots = dict(connection.execute(_SLOTS, {"since": told_since}).fetchall())
    found: dict[str, dict[str, Work]] = {}
    for site, kind, aht_s, waited_s, abandoned in rows:
        patience = float(mean_patience_s(waited_s, abandoned)) if waited_s > 0 else math.inf
        found.setdefault(site, {})[kind] = Work(aht_s or None, patience)
    return {site: SiteWork(**kinds, chat_slots=slots.get(site, 1)) for site, kinds in found.items()}


def required(contacts: Mapping[str, np.ndarray], work: SiteWork, targets: Targets) -> Required:
    """Agents for so many calls ("voice") and chats ("chat") a quarter-hour, arrays of one shape."""
    voice, chat = (contacts[kind] * _QUARTERS_PER_HOUR for kind in ("voice", "chat"))
    return Required(_for_calls(voice, work.voice, targets), _for_chats(chat, work.chat, work.chat_slots, targets))


def _for_calls(per_hour: np.ndarray, work: Work, targets: Targets) -> np.ndarray | None:
    if not per_hour.any():
        return np.zeros(per_hour.shape, dtype=np.int64)
    if work.aht_s is None:
        return None
    erlangs = offered_load(per_hour, work.aht_s)
    return agents_required(erlangs, work.aht_s, targets, patience_s=work.patience_s)


def _for_chats(per_hour: np.ndarray, work: Work, slots: int, targets: Targets) -> np.ndarray | None:
    if not per_hour.any():
        return np.zeros(per_hour.shape, dtype=np.int64)
    if work.aht_s is None:
        return None
    return chat_agents(per_hour, work.aht_s, slots, targets, patience_s=work.patience_s).agents

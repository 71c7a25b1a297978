"""What the company's own sites could take over of the contacts that wait at a provider's site, right now.

An agent can take a contact who answered one of the same queue and language in the last 28 days. What it would do to
an own site is told by Erlang A for those of its agents at work who can: with the load they have, as their states of the
last 30 minutes tell, and with all of the provider's calls in that queue and language on top. It takes them for one team
without other work than they do now, so it is a first estimate and no promise. What is no call has no estimate: chats
are held side by side.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import duckdb
import structlog

from ingest.alerting.look import Look, Looking, Row, covers, literal
from models import schema
from models.alerts.rule import Scope
from models.staffing import erlang_a, mean_patience_s

log: Any = structlog.get_logger("alerts")

Key: TypeAlias = tuple[str | None, str | None]
"""Queue and language."""

_HANDLED_WITHIN = timedelta(days=28)
_SKILLS_S = 900.0
"""Who can do what is asked for this often at most."""
_RECENT_S = 1800.0
_VOICE = ("voice", None)


@dataclass(frozen=True, slots=True)
class Pool:
    """Contacts of one queue and language at a provider's site; offered in the last 30 minutes, and calls among them.

    calls: None where none of what waits or came is a call.
    """

    key: Key
    waiting: int
    offered: int
    calls: int | None


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent of an own site who is at work. load: share of the last 30 minutes spent on contacts, 0 to 1."""

    site: str
    agent_id: str
    idle: bool
    load: float


@dataclass(frozen=True, slots=True)
class Skill:
    """What an agent did in one queue and language, calls or not: sums over 28 days.

    agent_id: None for nobody, and for all agents of other sites than the own ones together.
    """

    site: str
    key: Key
    calls: bool
    agent_id: str | None
    answered: int
    handled: int
    handle_s: float
    waited_s: float
    abandoned: int


def could_take(
    pools: Iterable[Pool], agents: Collection[Agent], skills: Collection[Skill], target_s: float
) -> dict[str, Any]:
    """As JSON: idle agents who can take something, and each pool with each own site where somebody idle can.

    agents: of own sites only; skills: of all sites; target_s: the target of the service level, seconds. Shares are 0
    to 1, loads in erlangs; None where nothing can be said.
    """
    told, takers = [], set[tuple[str, str | None]]()
    by_key, by_agent = defaultdict[Key, list[Skill]](list), defaultdict[tuple[str, str | None], list[Skill]](list)
    for skill in skills:
        by_key[skill.key].append(skill)
        by_agent[skill.site, skill.agent_id].append(skill)
    for pool in sorted(pools, key=lambda pool: -pool.waiting):
        can = {(skill.site, skill.agent_id) for skill in by_key[pool.key] if skill.answered}
        by_site: dict[str, list[Agent]] = defaultdict(list)
        for agent in agents:
            if (agent.site, agent.agent_id) in can:
                by_site[agent.site].append(agent)
        sites = []
        for site, team in sorted(by_site.items()):
            idle = [agent for agent in team if agent.idle]
            if idle:
                takers |= {(agent.site, agent.agent_id) for agent in idle}
                own = [skill for agent in team for skill in by_agent[agent.site, agent.agent_id]]
                counts = {"site": site, "idle": len(idle), "at_work": len(team)}
                sites.append(counts | _effect(pool, team, own, by_key[pool.key], target_s))
        told.append(
            {
                "queue": pool.key[0],
                "language": pool.key[1],
                "waiting": pool.waiting,
                "offered_per_hour": pool.offered * 3600 / _RECENT_S,
                "calls_per_hour": None if pool.calls is None else pool.calls * 3600 / _RECENT_S,
                "sites": sites,
            }
        )
    return {"idle": len(takers), "pools": told}


def _effect(
    pool: Pool, team: Sequence[Agent], own: Iterable[Skill], alike: Iterable[Skill], target_s: float
) -> dict[str, float | None]:
    """Loads of a site's team, and its service level with its own and with the provider's on top.

    own: what the team did, of any queue; alike: what anybody did in the pool's.
    """
    own, alike = ([skill for skill in listed if skill.calls] for listed in (own, alike))
    own_s, more_s = _handle_s(own), _handle_s(skill for skill in own if skill.key == pool.key) or _handle_s(alike)
    load = sum(agent.load for agent in team)
    told: dict[str, float | None] = {
        "erlangs": round(load, 2), "more_erlangs": None, "service_level": None, "service_level_then": None
    }  # fmt: skip
    if pool.calls is None or not own_s or not more_s:
        return told
    more = pool.calls / _RECENT_S * more_s
    patience = float(mean_patience_s(sum(s.waited_s for s in alike), sum(s.abandoned for s in alike)))
    patience = patience if patience > 0 else math.inf
    rate = load / own_s + more / more_s
    mixed_s = (load + more) / rate if rate else own_s
    level = erlang_a(len(team), [load, load + more], [own_s, mixed_s], patience).service_level(target_s)
    now, then = (None if math.isnan(value) else round(float(value), 3) for value in level)
    return told | {"more_erlangs": round(more, 2), "service_level": now, "service_level_then": then}


def _handle_s(skills: Iterable[Skill]) -> float | None:
    listed = list(skills)
    handled = sum(skill.handled for skill in listed)
    return sum(skill.handle_s for skill in listed) / handled if handled else None


class Relief:
    """Asks the store for what `could_take` wants to know. Belongs to the thread that looks."""

    def __init__(self, looking: Looking, target_s: float) -> None:
        self._looking, self._target_s = looking, target_s
        self._skills: list[Skill] = []
        self._skills_due = 0.0
        self._there: tuple[datetime, list[Agent]] | None = None

    def __call__(self, look: Look, scope: Scope) -> Mapping[str, Any] | None:
        """Of what waits at a provider's site; None at an own one. An alert never fails for want of this."""
        site = look.sites.get(str(scope.site))
        if site is None or site.in_house:
            return None
        pools = _pools(look, scope)
        homes = sorted(name for name, other in look.sites.items() if other.in_house and not other.silent)
        try:
            agents = self._agents(look.instant, homes) if pools else []
            skills = self._known_skills(look.instant) if agents else []
            return could_take(pools, agents, skills, self._target_s)
        except (duckdb.Error, ValueError) as error:
            log.error("what could be taken over is not known", site=scope.site, error=str(error))
            return None

    def _agents(self, instant: datetime, sites: Sequence[str]) -> list[Agent]:
        """Asked for once an instant, however many alerts open at it."""
        if self._there is None or self._there[0] != instant:
            query = schema.ingest_sql("alert_idle").replace("{instant}", literal(instant))
            rows = self._looking.ask(query, {"sites": list(sites)})
            found = [
                Agent(row["site"], row["agent_id"], row["idle"], row["loaded_ms"] / max(1, row["present_ms"]))
                for row in rows
            ]
            self._there = (instant, found)
        return self._there[1]

    def _known_skills(self, instant: datetime) -> list[Skill]:
        if time.monotonic() >= self._skills_due:
            query = schema.ingest_sql("alert_skills").replace("{from_at}", literal(instant - _HANDLED_WITHIN))
            rows = self._looking.ask(query.replace("{to_at}", literal(instant)))
            self._skills = [_skill(row) for row in rows]
            self._skills_due = time.monotonic() + _SKILLS_S
        return self._skills


def _skill(row: Row) -> Skill:
    return Skill(
        row["site"], (row["queue"], row["language"]), row["calls"], row["agent_id"], row["answered"],
        row["handled"], row["handle_ms"] / 1000, row["waited_ms"] / 1000, row["abandoned"],
    )  # fmt: skip


def _pools(look: Look, scope: Scope) -> list[Pool]:
    """Queues and languages of a site in which somebody waits who is of the scope."""
    rows: dict[Key, list[Row]] = defaultdict(list)
    for row in look.contacts:
        if row["site"] == scope.site and covers(scope, row):
            rows[row["queue"], row["language"]].append(row)
    found = []
    for key, parts in rows.items():
        waiting = sum(row["waiting"] or 0 for row in parts)
        if waiting:
            calls = [row for row in parts if row["channel"] in _VOICE and (row["waiting"] or row["recent_offered"])]
            offered, called = (sum(row["recent_offered"] or 0 for row in listed) for listed in (parts, calls))
            found.append(Pool(key, waiting, offered, called if calls else None))
    return found

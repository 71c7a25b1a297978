"""The agents and team leads of one site: who is there, who leaves and comes, and what each does on a day."""

from __future__ import annotations

import math
from collections import OrderedDict
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ingest.simulator.scenario.when import local_ms

if TYPE_CHECKING:
    from ingest.simulator.floor.places import Contact, Queue
    from ingest.simulator.scenario.staff import Group, ShiftPattern
    from ingest.simulator.scenario.whole import Site

_MINUTE_MS = 60_000
_MONTH_DAYS = 30.44
_BREAK_AT, _LUNCH_AT, _TRAINING_AT, _BREAK_AGAIN_AT = 0.25, 0.48, 0.62, 0.78
"""Where in a shift breaks, lunch and training lie, as shares of it."""

Activity = tuple[int, str, int]
"""Planned instant (ms), state, length (ms; 0 for the end of the shift)."""


class Agent:
    """One agent or team lead. What it is doing is the floor's business."""

    __slots__ = (
        "contacts", "due", "group", "handle", "handle_base", "hired", "id", "lead", "load", "number", "on", "pattern",
        "plan", "resolved", "resolved_base", "resting", "rests", "since_ms", "site_id", "state", "state_no", "talking",
        "team", "training_left", "wanted",
    )  # fmt: skip

    def __init__(self, site_id: str, number: int, group: Pool, pattern: ShiftPattern, hired: date) -> None:
        self.site_id = site_id
        self.id = f"{site_id}-a{number}"
        self.number = number
        self.group = group
        self.pattern = pattern
        self.hired = hired
        self.lead = False
        self.team = ""
        self.training_left = 0
        self.handle_base = 1.0
        self.resolved_base = 0.0
        self.handle = 1.0
        """Factor on handle time today."""
        self.resolved = 0.0
        """Added to the log-odds of solving an issue today."""
        self.plan: list[Activity] = []
        self.due: Activity | None = None
        self.on = False
        self.resting = False
        """On a break, at lunch or in training, with its end planned."""
        self.rests = 0
        """How many of these there were: tells an end that is still planned from one that was cut short."""
        self.load = 0
        """Contacts held, wrap-up included."""
        self.talking = 0
        self.contacts: list[Contact] = []
        self.state = "offline"
        """The state last written; `wanted` is what it should be, and why."""
        self.wanted: tuple[str, str | None] = ("offline", None)
        self.state_no = 0
        self.since_ms = 0


class Pool:
    """The agents of one group and those of them who are free, longest idle first, by how many chats they hold."""

    __slots__ = ("agents", "free", "name", "queues", "rules", "slots")

    def __init__(self, rules: Group) -> None:
        self.rules = rules
        self.name = rules.name
        self.slots = rules.slots
        self.agents: list[Agent] = []
        self.queues: list[Queue] = []
        """What it serves, its own queue first."""
        self.free: list[OrderedDict[Agent, None]] = [OrderedDict() for _ in range(rules.slots)]

    def take(self) -> Agent | None:
        """Whose turn it is: the least loaded, and of those the longest idle."""
        for waiting in self.free:
            if waiting:
                return waiting.popitem(last=False)[0]
        return None


class Crew:
    """Everyone of one site."""

    def __init__(self, site_id: str, site: Site, seed: int, start: date, volume: float) -> None:
        self._site_id = site_id
        self._people = site.people
        self._zone = ZoneInfo(site.time_zone)
        self._random = Random(f"{seed}/{site_id}/people")
        self._serial = 0
        self.pools = [Pool(group) for group in site.groups]
        self.leads: list[Agent] = []
        self._replacements: list[tuple[date, Agent]] = []
        for pool in self.pools:
            size = max(1, round(pool.rules.agents * volume))
            for number, pattern in enumerate(_patterns(pool.rules.shifts, size)):
                agent = self._new(pool, pattern, self._past(start))
                agent.team = f"{site_id}-{pool.name}-{number // pool.rules.team_size + 1}"
                pool.agents.append(agent)
            if pool.rules.shifts[0].hours < 24:
                self._add_leads(pool, start)

    def _add_leads(self, pool: Pool, start: date) -> None:
        for team in dict.fromkeys(agent.team for agent in pool.agents):
            patterns = [shift for shift in pool.rules.shifts if shift.share]
            lead = self._new(pool, patterns[len(self.leads) % len(patterns)], self._past(start))
            lead.team, lead.lead = team, True
            self.leads.append(lead)

    def _new(self, pool: Pool, pattern: ShiftPattern, hired: date) -> Agent:
        self._serial += 1
        people, random = self._people, self._random
        agent = Agent(self._site_id, self._serial, pool, pattern, hired)
        sigma = math.sqrt(math.log1p(people.agent_spread**2))
        agent.handle_base = math.exp(random.gauss(0, sigma) - sigma**2 / 2) if sigma else 1.0
        agent.resolved_base = random.gauss(0, people.agent_resolved) if people.agent_resolved else 0.0
        return agent

    def _past(self, start: date) -> date:
        """A day of hiring of somebody who is there at the start."""
        months = self._random.expovariate(1 / self._people.tenure_months) if self._people.tenure_months else 0.0
        return start - timedelta(days=round(months * _MONTH_DAYS))

    def everyone(self) -> list[Agent]:
        """Agents and team leads."""
        return [agent for pool in self.pools for agent in pool.agents] + self.leads

    def headcount(self) -> int:
        """Agents employed, leads not counted."""
        return sum(len(pool.agents) for pool in self.pools)

    def turn_over(self, day: date, leaves_per_month: float) -> tuple[int, int, int]:
        """Let people go and come before a day begins. Returns agents left, leads left, agents hired."""
        random, people = self._random, self._people
        by_day, leads_by_day = _daily(leaves_per_month), _daily(people.leads_leave_per_month)
        left = leads_left = hired = 0
        for pool in self.pools:
            for agent in list(pool.agents):
                # Nobody leaves in the middle of something: contacts may go on over midnight.
                if by_day and not agent.on and not agent.load and random.random() < by_day:
                    pool.agents.remove(agent)
                    self._replacements.append((day + timedelta(days=people.hire_after_days), agent))
                    left += 1
        for number, lead in enumerate(self.leads):
            if leads_by_day and not lead.on and random.random() < leads_by_day:
                follower = self._new(lead.group, lead.pattern, day)
                follower.team, follower.lead = lead.team, True
                self.leads[number] = follower
                leads_left += 1
        for due, leaver in [entry for entry in self._replacements if entry[0] <= day]:
            self._replacements.remove((due, leaver))
            follower = self._new(leaver.group, leaver.pattern, day)
            follower.team, follower.training_left = leaver.team, people.training_days
            leaver.group.agents.append(follower)
            hired += 1
        return left, leads_left, hired

    def plan(self, agent: Agent, day: date, absent: float) -> tuple[int, list[Activity]] | bool:
        """An agent's day: the instant it begins (ms) and what lies ahead. True when absent, False on a day off."""
        if day.weekday() not in agent.pattern.days:
            return False
        if absent and self._random.random() < absent:
            return True
        pattern, people = agent.pattern, self._people
        begin = local_ms(day, pattern.starts, self._zone)
        if pattern.hours >= 24:
            return begin, []
        length = round(pattern.hours * 60 * _MINUTE_MS)
        end = begin + length
        if agent.training_left:
            agent.training_left -= 1
            return begin, [(begin, "training", length), (end, "offline", 0)]
        # Not everybody rests at once.
        stagger = (agent.number % 7 - 3) * 10 * _MINUTE_MS
        rests = [
            (_BREAK_AT, "break", people.break_minutes),
            (_LUNCH_AT, "lunch", people.lunch_minutes if pattern.hours > 6 else 0),
            (_BREAK_AGAIN_AT, "break", people.break_minutes if pattern.hours > 6 else 0),
        ]
        days = sorted(pattern.days)
        if people.training_hours_per_week and day.weekday() == days[agent.number % len(days)]:
            rests.append((_TRAINING_AT, "training", people.training_hours_per_week * 60))
        rests.sort()
        plan = [
            (begin + round(share * length) + stagger, state, round(minutes * _MINUTE_MS))
            for share, state, minutes in rests
            if minutes
        ]
        plan.append((end, "offline", 0))
        return begin + round((self._random.random() * 4 - 2) * _MINUTE_MS), plan

    def refresh(self, agent: Agent, day: date, handle: float, resolved: float) -> None:
        """Set how well an agent works on a day: own speed, experience, and the site's craft of that day."""
        people = self._people
        worked = (day - agent.hired).days
        green = max(0.0, 1 - worked / people.ramp_days) if people.ramp_days else 0.0
        agent.handle = agent.handle_base * handle * (1 + (people.ramp_handle - 1) * green)
        agent.resolved = agent.resolved_base + resolved + people.ramp_resolved * green


def _daily(per_month: float) -> float:
    """Probability of a day from that of a month."""
    return 1 - (1 - per_month) ** (1 / _MONTH_DAYS) if per_month < 1 else 1.0


def _patterns(shifts: list[ShiftPattern], size: int) -> list[ShiftPattern]:
    """Shifts of so many people, in the shares given and mixed as evenly as can be."""
    chosen: list[ShiftPattern] = []
    whole = sum(shift.share for shift in shifts)
    counts = [0] * len(shifts)
    for number in range(1, size + 1):
        lacking = [shift.share / whole * number - count for shift, count in zip(shifts, counts, strict=True)]
        pick = max(range(len(shifts)), key=lacking.__getitem__)
        counts[pick] += 1
        chosen.append(shifts[pick])
    return chosen

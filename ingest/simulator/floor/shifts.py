"""The working day: people log in, rest, train, go home; and what a free agent does next."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ingest.simulator.scenario.when import local_ms

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.simulator.floor.crew import Activity, Agent
    from ingest.simulator.floor.floor import Floor
    from ingest.simulator.floor.places import Place

_FREE = frozenset({"available", "other_work"})

Login = tuple["Agent", "list[Activity]"]


class Shifts:
    """Plans every site's days and moves its agents from state to state; each is in one state at a time."""

    def __init__(
        self, floor: Floor, places: list[Place], start_ms: int, new_day: Callable[[Place, date], None]
    ) -> None:
        """new_day is told of each site's local day before it is planned."""
        self._floor = floor
        self._start_ms = start_ms
        self._new_day = new_day
        self._place_of = {place.id: place for place in places}
        self.absent: dict[str, float] = {place.id: place.site.people.absent for place in places}
        self.leaves: dict[str, float] = {place.id: place.site.people.leaves_per_month for place in places}
        floor.freed = self.freed
        floor.enter = self.enter

    def open(self, place: Place, day: date) -> None:
        """Begin with a site on a local day, night shifts of the day before included."""
        self._plan(place, day - timedelta(days=1), counted=False)
        self._floor.at(self._start_ms, self._midnight, (place, day))

    def _midnight(self, ms: int, what: tuple[Place, date]) -> None:
        del ms
        place, day = what
        self._new_day(place, day)
        left, leads_left, hired = place.crew.turn_over(day, self.leaves[place.id])
        place.tally.left += left
        place.tally.leads_left += leads_left
        place.tally.hired += hired
        self._plan(place, day)
        tomorrow = day + timedelta(days=1)
        self._floor.at(local_ms(tomorrow, 0, ZoneInfo(place.site.time_zone)), self._midnight, (place, tomorrow))

    def _plan(self, place: Place, day: date, *, counted: bool = True) -> None:
        absent, crew = self.absent[place.id], place.crew
        for agent in crew.everyone():
            plan = crew.plan(agent, day, absent)
            if isinstance(plan, bool):
                if plan and counted and not agent.lead:
                    place.tally.planned += 1
                    place.tally.absent += 1
                continue
            begin, activities = plan
            ahead = [entry for entry in activities if entry[0] >= self._start_ms]
            if activities and not ahead:
                continue
            if counted and not agent.lead:
                place.tally.planned += 1
            crew.refresh(agent, day, place.handle, place.resolved)
            self._floor.at(max(begin, self._start_ms), self._log_in, (agent, ahead))

    def _log_in(self, ms: int, login: Login) -> None:
        agent, plan = login
        if agent.on:
            return
        agent.on = True
        agent.plan = plan
        self._go_on(ms, agent)

    def _go_on(self, ms: int, agent: Agent) -> None:
        """Look forward to what is planned next, and until then be there for contacts."""
        if agent.plan:
            activity = agent.plan.pop(0)
            if activity[0] <= ms:
                self._begin(ms, agent, activity)
                return
            self._floor.at(activity[0], self._due, (agent, activity))
        self.freed(ms, agent)

    def _due(self, ms: int, what: tuple[Agent, Activity]) -> None:
        agent, activity = what
        if agent.load:
            # First finish what is in hand, and take nothing new.
            agent.due = activity
            if agent.load < agent.group.slots:
                agent.group.free[agent.load].pop(agent, None)
        else:
            self._begin(ms, agent, activity)

    def _begin(self, ms: int, agent: Agent, activity: Activity) -> None:
        _, state, length = activity
        agent.due = None
        agent.group.free[0].pop(agent, None)
        if state == "offline":
            agent.on = False
            self.enter(ms, agent, "offline")
        elif self._is_dark(agent):
            self._go_on(ms, agent)
        else:
            agent.resting = True
            agent.rests += 1
            self.enter(ms, agent, state)
            self._floor.at(ms + length, self._rested, (agent, agent.rests))

    def _rested(self, ms: int, what: tuple[Agent, int]) -> None:
        agent, rest = what
        if agent.resting and agent.rests == rest:
            agent.resting = False
            self._go_on(ms, agent)

    def freed(self, ms: int, agent: Agent) -> None:
        """An agent has a place free: what is due, a waiting contact, or waiting for one."""
        if agent.due is not None:
            if not agent.load:
                self._begin(ms, agent, agent.due)
            elif not agent.talking:
                self.enter(ms, agent, "wrap_up")
            return
        if not agent.on or self._is_dark(agent):
            return
        if agent.lead:
            self.enter(ms, agent, "other_work")
            return
        pool = agent.group
        while agent.load < pool.slots:
            contact = self._floor.next_for(pool)
            if contact is None:
                pool.free[agent.load][agent] = None
                break
            self._floor.answer(ms, contact, agent)
        if not agent.load:
            self.enter(ms, agent, "available")
        elif not agent.talking:
            self.enter(ms, agent, "wrap_up")

    def enter(self, ms: int, agent: Agent, state: str, reason: str | None = None) -> None:
        """Have an agent enter a state; nothing happens when it is in it already.

        Who becomes free is told a moment later, unless taken by then: nobody is in two states at one instant.
        """
        agent.wanted = state, reason
        if agent.state == state:
            return
        if state in _FREE:
            self._floor.at(max(ms, agent.since_ms) + 1, self._settle, (agent, agent.wanted))
        elif ms <= agent.since_ms:
            self._floor.at(agent.since_ms + 1, self._settle, (agent, agent.wanted))
        else:
            self._write(ms, agent, state, reason)

    def _settle(self, ms: int, what: tuple[Agent, tuple[str, str | None]]) -> None:
        agent, wanted = what
        if agent.wanted == wanted and agent.state != wanted[0]:
            self._write(ms, agent, *wanted)

    def _write(self, ms: int, agent: Agent, state: str, reason: str | None) -> None:
        place = self._place_of[agent.site_id]
        if place.bills is not None and not agent.lead:
            place.bills.worked(agent.state, agent.since_ms, ms)
        agent.state = state
        agent.since_ms = ms
        agent.state_no += 1
        facts = f'"state":"{state}","team":"{agent.team}"'
        if reason or agent.lead:
            facts += f',"reason":"{reason or "team_lead"}"'
        if agent.group.slots > 1:
            facts += f',"slots":{agent.group.slots}'
        place.writer.state(ms, agent.id, agent.state_no, facts)

    def go_dark(self, ms: int, place: Place) -> None:
        """Everybody of a site is cut off: conversations end, nobody is there."""
        place.dark = True
        for agent in place.crew.everyone():
            if not agent.on:
                continue
            for contact in list(agent.contacts):
                self._floor.cut_off(ms, contact)
            for free in agent.group.free:
                free.pop(agent, None)
            due, agent.due = agent.due, None
            rested, agent.resting = agent.resting, False
            if due is not None and due[1] == "offline":
                agent.on = False
            elif due is not None or rested:
                self._go_on(ms, agent)
            self.enter(ms, agent, "offline", "outage")

    def come_back(self, ms: int, place: Place) -> None:
        """The site works again; whoever is on shift goes on."""
        place.dark = False
        for agent in place.crew.everyone():
            if agent.on:
                self.freed(ms, agent)

    def _is_dark(self, agent: Agent) -> bool:
        return self._place_of[agent.site_id].dark

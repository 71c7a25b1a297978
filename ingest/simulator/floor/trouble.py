"""What befalls the sites: drift, outages, incidents. Told to the truth; the events only show what it does."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ingest.simulator.scenario.plants import Drift, Incident, Outage

if TYPE_CHECKING:
    from ingest.simulator.floor.floor import Floor
    from ingest.simulator.floor.places import Place
    from ingest.simulator.floor.shifts import Shifts
    from ingest.simulator.scenario.whole import Scenario

_MINUTE_MS = 60_000
_QUARTER_MS = 15 * _MINUTE_MS
_QUARTERS_AFTER = 16
"""The aftermath of an outage is watched for four hours."""


class Trouble:
    """Schedules what the scenario plants."""

    def __init__(
        self, scenario: Scenario, floor: Floor, shifts: Shifts, places: dict[str, Place], start: date, start_ms: int
    ) -> None:
        self._floor = floor
        self._shifts = shifts
        self._places = places
        self._start = start
        self._drifts = [plant for plant in scenario.plants if isinstance(plant, Drift)]
        self.outages: list[dict[str, Any]] = []
        zone = ZoneInfo(scenario.time_zone)
        for plant in scenario.plants:
            if isinstance(plant, Outage):
                begins = plant.begins.instant_ms(start, zone)
                if begins >= start_ms:
                    floor.at(begins, self._outage_begins, plant)
        for incident in scenario.incidents:
            at_ms = incident.at.instant_ms(start, zone)
            if at_ms >= start_ms:
                floor.at(at_ms, self._incident, (incident, False))
                if incident.hours:
                    floor.at(at_ms + int(incident.hours * 60 * _MINUTE_MS), self._incident, (incident, True))

    def new_day(self, place: Place, day: date) -> None:
        """Set how well a site works on this day."""
        craft, people = place.site.craft, place.site.people
        handle, resolved, satisfied = craft.handle, craft.resolved, craft.satisfied
        score, absent, leaves = place.site.evaluations.score, people.absent, people.leaves_per_month
        for drift in self._drifts:
            if drift.site == place.id:
                part = drifted(drift, day, self._start)
                handle *= 1 + drift.handle * part
                resolved += drift.resolved * part
                satisfied += drift.satisfied * part
                score += drift.score * part
                absent = min(1.0, absent + drift.absent * part)
                leaves = min(1.0, leaves + drift.leaves_per_month * part)
        place.handle, place.resolved, place.satisfied, place.score = handle, resolved, satisfied, score
        self._shifts.absent[place.id], self._shifts.leaves[place.id] = absent, leaves

    def _outage_begins(self, ms: int, outage: Outage) -> None:
        place = self._places[outage.site]
        self._shifts.go_dark(ms, place)
        end_ms = ms + int(outage.minutes * _MINUTE_MS)
        name = f"outage-{len(self.outages) + 1}"
        facts = _incident_facts("outage", "critical", name, "Site is dark", ended=False)
        place.writer.incident(ms, name, facts, ended=False)
        record: dict[str, Any] = {"plant": outage, "site": place.id, "begins_ms": ms, "ends_ms": end_ms, "quarters": []}
        self.outages.append(record)
        watched = [place]
        if outage.divert_to is not None:
            other = self._places[outage.divert_to]
            watched.append(other)
            record["divert_to"] = outage.divert_to
            record["diverted_from_ms"] = ms + int(outage.divert_after_minutes * _MINUTE_MS)
            if record["diverted_from_ms"] < end_ms:
                self._floor.at(record["diverted_from_ms"], self._divert, (place, other))
        self._floor.at(end_ms, self._outage_ends, (outage, name))
        quarters = (end_ms - ms) // _QUARTER_MS + _QUARTERS_AFTER
        for number in range(quarters + 1):
            self._floor.at(ms + number * _QUARTER_MS, self._look, (record, watched))

    def _divert(self, ms: int, sites: tuple[Place, Place]) -> None:
        del ms
        dark, other = sites
        dark.diverts_to = other

    def _outage_ends(self, ms: int, what: tuple[Outage, str]) -> None:
        outage, name = what
        place = self._places[outage.site]
        place.diverts_to = None
        facts = _incident_facts("outage", "critical", name, "Site is dark", ended=True)
        place.writer.incident(ms, name, facts, ended=True)
        self._shifts.come_back(ms, place)

    def _look(self, ms: int, what: tuple[dict[str, Any], list[Place]]) -> None:
        record, watched = what
        seen: dict[str, Any] = {"at_ms": ms}
        for place in watched:
            weeks = place.weeks
            seen[place.id] = {
                name: sum(getattr(tally, name) for tally in weeks)
                for name in ("offered", "answered", "answered_in_target", "abandoned", "left_queue", "diverted_here")
            } | {"waiting": sum(queue.waits for queue in place.queues)}
        record["quarters"].append(seen)

    def _incident(self, ms: int, what: tuple[Incident, bool]) -> None:
        incident, ended = what
        facts = _incident_facts(incident.kind, incident.severity, incident.id, incident.description, ended=ended)
        self._places[incident.site].writer.incident(ms, incident.id, facts, ended=ended)


def drifted(drift: Drift, day: date, start: date) -> float:
    """How far a drift has gone on a day, 0 to 1, in weekly steps."""
    days = (day - drift.begins.date(start)).days
    return 0.0 if days < 0 else min(1.0, (days // 7 + 1) / drift.weeks)


def _incident_facts(kind: str, severity: str, name: str, description: str, *, ended: bool) -> str:
    over = "true" if ended else "false"
    return (
        f'"kind":"{kind}","severity":"{severity}","incident_id":"{name}",'
        f'"description":{json.dumps(description)},"ended":{over}'
    )

"""A whole world at play: demand, floor, shifts and trouble of all sites on one clock, then their delivery."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ingest.simulator.delivery.delivery import Delivery
from ingest.simulator.floor.aftermath import Aftermath, diverted
from ingest.simulator.floor.crew import Crew
from ingest.simulator.floor.demand import Arrival, Demand, days_from
from ingest.simulator.floor.floor import Floor
from ingest.simulator.floor.opening import Opening
from ingest.simulator.floor.places import Contact, Place, Queue, Subject
from ingest.simulator.floor.shifts import Shifts
from ingest.simulator.floor.trouble import Trouble
from ingest.simulator.floor.writer import Writer
from ingest.simulator.scenario.plants import KinderServiceLevel, Overbilling
from ingest.simulator.scenario.when import local_ms
from ingest.simulator.truth import truth
from ingest.simulator.truth.bills import Bills
from ingest.simulator.truth.tally import tally_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.simulator.dispatch import Dispatch
    from ingest.simulator.scenario.whole import Scenario

_SPAN_MS = 300_000
_MOST_EVENTS = 1000
_CLOSING_MINUTES = 10
"""So long after closing time who still waits is sent away."""


class World:
    """Plays a scenario from a start to an end. The same scenario, seed and start give the same events."""

    def __init__(
        self, scenario: Scenario, seed: int, start: datetime, end: datetime | None = None, folder: Path | None = None
    ) -> None:
        """start, end: aware; no end plays on for ever. folder: where itemised bills are written while it plays."""
        self.scenario = scenario
        self.seed = seed
        self.sites = list(scenario.sites)
        self._zone = ZoneInfo(scenario.time_zone)
        self.start_ms = round(start.timestamp() * 1000)
        self.end_ms = round(end.timestamp() * 1000) if end else 1 << 62
        self.start_day = start.astimezone(self._zone).date()
        self.reached_ms = self.start_ms
        self._tick_ms = self.start_ms + _SPAN_MS
        self._out: list[Dispatch] = []
        self._random = Random(f"{seed}/floor")
        self.subjects = [Subject(no, name, rules) for no, (name, rules) in enumerate(scenario.topics.items())]
        opening = Opening(self._zone, self._random)
        self._floor = Floor(self._random, opening, scenario.service_level_s * 1000)
        self.places = {site_id: self._place(no, site_id) for no, site_id in enumerate(self.sites)}
        for place in self.places.values():
            place.transfers_to = self.places[place.site.transfers_to or place.id]
        self._demand = Demand(scenario, seed, self.start_day)
        self._queues = [
            self.places[stream.site].queue_of(stream.line, stream.language) for stream in self._demand.streams
        ]
        self._campaigns = [stream.campaign.name if stream.campaign else None for stream in self._demand.streams]
        aftermath = Aftermath(self._floor, self._random, scenario.surveys, scenario.repeats, opening)
        for subject in self.subjects:
            shares = [
                (queue, stream.contacts_per_week * stream.topic_weights[subject.no])
                for stream, queue in zip(self._demand.streams, self._queues, strict=True)
                if stream.campaign is None
            ]
            aftermath.serve(subject.no, shares)
        self._shifts = Shifts(self._floor, list(self.places.values()), self.start_ms, self._new_day)
        self.trouble = Trouble(scenario, self._floor, self._shifts, self.places, self.start_day, self.start_ms)
        self.delivery = Delivery([scenario.sites[site].delivery for site in self.sites], self.sites, seed)
        self._plant(folder)
        for place in self.places.values():
            self._shifts.open(place, start.astimezone(ZoneInfo(place.site.time_zone)).date())

    def _place(self, no: int, site_id: str) -> Place:
        site = self.scenario.sites[site_id]
        crew = Crew(site_id, site, self.seed, self.start_day, self.scenario.volume)
        return Place(no, site_id, site, crew, Writer(no, site_id, self._out), len(self.subjects))

    def _plant(self, folder: Path | None) -> None:
        for place in self.places.values():
            mine = [plant for plant in self.scenario.plants if plant.site == place.id]
            for plant in mine:
                if isinstance(plant, KinderServiceLevel):
                    place.short_ms = plant.short_s * 1000
                    place.provider_target_ms = (plant.threshold_s or self.scenario.service_level_s) * 1000
            if place.site.billing is not None:
                planted = next((plant for plant in mine if isinstance(plant, Overbilling)), None)
                begins = planted.begins.instant_ms(self.start_day, self._zone) if planted else 0
                random = Random(f"{self.seed}/{place.id}/bills")
                items = folder / "bills" if folder else None
                place.bills = Bills(place.id, place.site.billing, planted, begins, random, items)

    def play(self) -> Iterator[tuple[int, list[Dispatch]]]:
        """Batches in order of sending: the instant (ms) up to which everything is handed on, and the events."""
        floor, out = self._floor, self._out
        for day in days_from(self.start_day):
            self._customers_midnight(day)
            for arrivals in self._demand.day(day):
                for arrival in arrivals:
                    ms = arrival[0]
                    if ms >= self._tick_ms:
                        yield from self._go_on_to(ms)
                    if self.start_ms <= ms < self.end_ms:
                        floor.run_until(ms)
                        self._arrive(arrival)
                        if len(out) >= _MOST_EVENTS:
                            yield self._hand_on(ms)
            midnight = local_ms(day + timedelta(days=1), 0, self._zone)
            yield from self._go_on_to(midnight)
            if midnight >= self.end_ms:
                floor.run_until(self.end_ms)
                yield self._hand_on(self.end_ms)
                yield self.end_ms, self.delivery.rest()
                return

    def _go_on_to(self, ms: int) -> Iterator[tuple[int, list[Dispatch]]]:
        """Batches of whole spans up to an instant, or to the end."""
        while self._tick_ms <= ms and self._tick_ms < self.end_ms:
            self._floor.run_until(self._tick_ms)
            yield self._hand_on(self._tick_ms)
            self._tick_ms += _SPAN_MS

    def _hand_on(self, ms: int) -> tuple[int, list[Dispatch]]:
        self.reached_ms = ms
        batch = self._out.copy()
        self._out.clear()
        return ms, self.delivery.push(batch, ms)

    def _arrive(self, arrival: Arrival) -> None:
        ms, stream, topic, customer, patience_ms, talk, wrap = arrival
        queue = self._queues[stream]
        target = diverted(queue) if queue.place.diverts_to else queue
        contact = Contact(target.place.next_id(), target, self.subjects[topic], customer, patience_ms, talk, wrap)
        contact.campaign = self._campaigns[stream]
        if target is not queue:
            contact.kind = "diverted"
            target.place.tally.diverted_here += 1
        self._floor.arrive(ms, contact)

    def _new_day(self, place: Place, day: date) -> None:
        self.trouble.new_day(place, day)

    def _customers_midnight(self, day: date) -> None:
        """Begin a day of the customers: a new week's counts on Mondays, and closing time to come."""
        midnight = local_ms(day, 0, self._zone)
        if day.weekday() == 0 or day == self.start_day:
            self._floor.at(max(midnight, self.start_ms), self._new_week, day)
        for place in self.places.values():
            for queue in place.queues:
                if day.weekday() in queue.line.days and queue.line.closes < 1440:
                    closing = local_ms(day, queue.line.closes + _CLOSING_MINUTES, self._zone)
                    if closing >= self.start_ms:
                        self._floor.at(closing, self._close, queue)

    def _new_week(self, ms: int, day: date) -> None:
        del ms
        for place in self.places.values():
            if place.week_starts:
                place.tally = tally_of(len(self.subjects))
                place.weeks.append(place.tally)
            place.week_starts.append(day)
            place.headcounts.append(place.crew.headcount())

    def _close(self, ms: int, queue: Queue) -> None:
        if queue.waits:
            for contact in [*queue.urgent, *queue.waiting]:
                if contact.waits:
                    self._floor.send_away(ms, contact, "closed")

    @property
    def open_contacts(self) -> int:
        """Contacts that are not over."""
        return self._floor.open_contacts

    @property
    def scheduled(self) -> int:
        """What is yet to happen by the floor's agenda."""
        return self._floor.scheduled

    def write_truth(self, folder: Path) -> None:
        """Write truth.json, the bills and what providers report of themselves, as of now."""
        truth.write(self, folder)

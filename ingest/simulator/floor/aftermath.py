"""What follows a contact: solved or not, its closing code, surveys, evaluations, and customers who come again."""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate
from typing import TYPE_CHECKING

from ingest.simulator.floor.odds import probability
from ingest.simulator.floor.places import Contact, Place, Queue, Subject

if TYPE_CHECKING:
    from random import Random

    from ingest.simulator.floor.crew import Agent
    from ingest.simulator.floor.floor import Floor
    from ingest.simulator.floor.opening import Opening
    from ingest.simulator.scenario.work import Repeats, Surveys

_HOUR_MS = 3_600_000
_DAY_MS = 86_400_000
_UNSOLVED = -1.8
"""Log-odds of satisfaction lost when the issue is not solved."""
_SATISFIED_SCORES = ((5, 0.6), (4, 1.0))
_UNSATISFIED_SCORES = ((1, 0.35), (2, 0.6), (3, 1.0))
_CRITICAL = ("customer", "business", "compliance")


class Aftermath:
    """Decides outcomes from topic, agent and site, and schedules what comes later."""

    def __init__(
        self,
        floor: Floor,
        random: Random,
        surveys: Surveys,
        repeats: Repeats,
        opening: Opening,
    ) -> None:
        self._floor = floor
        self._random = random
        self._surveys = surveys
        self._repeats = repeats
        self._opening = opening
        self._choices: dict[tuple[int, str], tuple[list[Queue], list[float]]] = {}
        floor.aftermath = self

    def serve(self, subject_no: int, queues: list[tuple[Queue, float]]) -> None:
        """Say where contacts of a topic go, with weights; customers who come again are sent there by language."""
        for language in dict.fromkeys(queue.language for queue, _ in queues):
            fitting = [(queue, weight) for queue, weight in queues if queue.language == language and weight]
            if fitting:
                weights = list(accumulate(weight for _, weight in fitting))
                self._choices[subject_no, language] = [queue for queue, _ in fitting], weights

    def finish(self, ms: int, contact: Contact, agent: Agent) -> None:
        """A contact is finished: write its wrap-up and closing code, draw what follows."""
        place, subject, tally = contact.queue.place, contact.subject, contact.queue.place.tally
        if contact.wrap_ms:
            place.writer.contact(ms, "w", contact.id, f'"wrap_up_s":{contact.wrap_ms / 1000}')
        handle_ms = ms - contact.answered_ms
        tally.handled += 1
        tally.talk_ms += handle_ms - contact.hold_ms - contact.wrap_ms
        tally.hold_ms += contact.hold_ms
        tally.wrap_ms += contact.wrap_ms
        if contact.handed_on:
            facts = f'"topic":"{subject.name}","disposition":"handed_on"'
            place.writer.contact(ms, "k", contact.id, facts)
            return
        random = self._random.random
        chance = probability(subject.resolved + agent.resolved)
        resolved = random() < chance
        liking = subject.satisfied + place.satisfied + (0.0 if resolved else _UNSOLVED)
        liking -= self._surveys.wait_per_minute * (contact.answered_ms - contact.offered_ms) / 60_000
        pleased = probability(liking)
        satisfied = random() < pleased
        topic = tally.topics[subject.no]
        topic.handled += 1
        topic.handle_ms += handle_ms
        topic.resolved_p += chance
        topic.satisfied_p += pleased
        topic.resolved += resolved
        topic.satisfied += satisfied
        tally.resolved += resolved
        tally.satisfied += satisfied
        claimed = resolved or random() < place.site.craft.claims_solved
        tally.claimed += claimed
        closing, said = ("solved", "true") if claimed else ("open", "false")
        facts = f'"topic":"{subject.name}","disposition":"{closing}","resolved":{said}'
        place.writer.contact(ms, "k", contact.id, facts)
        if not resolved:
            self._maybe_again(ms, contact)
        self._maybe_survey(ms, contact, resolved, satisfied)
        self._maybe_evaluate(ms, contact)

    def gave_up(self, ms: int, contact: Contact) -> None:
        """A customer who gave up waiting still has the issue."""
        self._maybe_again(ms, contact)

    def _maybe_again(self, ms: int, contact: Contact) -> None:
        repeats = self._repeats
        if self._random.random() >= repeats.returns:
            return
        choice = self._choices.get((contact.subject.no, contact.queue.language))
        days = self._random.expovariate(1 / repeats.mean_days)
        if choice is None or days > repeats.within_days:
            return
        queues, weights = choice
        queue = queues[min(bisect(weights, self._random.random() * weights[-1]), len(queues) - 1)]
        talk, wrap = contact.talk, contact.wrap
        again = (queue, contact.subject, contact.customer, talk, wrap)
        self._floor.at(self._opening.next_open(queue, ms + int(days * _DAY_MS)), self._come_again, again)

    def _come_again(self, ms: int, again: tuple[Queue, Subject, int, float, float]) -> None:
        queue, subject, customer, talk, wrap = again
        queue = diverted(queue)
        patience_ms = int(self._random.expovariate(1 / (queue.line.patience_s * 1000))) + 1
        contact = Contact(queue.place.next_id(), queue, subject, customer, patience_ms, talk, wrap)
        contact.kind = "again"
        queue.place.tally.came_again += 1
        self._floor.arrive(ms, contact)

    def _maybe_survey(self, ms: int, contact: Contact, resolved: bool, satisfied: bool) -> None:
        surveys, random = self._surveys, self._random.random
        answers = surveys.response * (surveys.chat_factor if contact.queue.is_chat else 1.0)
        if not satisfied:
            answers *= surveys.unhappy_factor
        if random() >= answers:
            return
        place, drawn = contact.queue.place, random()
        scores = _SATISFIED_SCORES if satisfied else _UNSATISFIED_SCORES
        score = next(value for value, upto in scores if drawn < upto)
        found = [("csat", score, 1, 5)]
        if random() < surveys.nps:
            found.append(("nps", min(10, max(0, 2 * score - 1 + int(3 * random()))), 0, 10))
        if random() < surveys.ces:
            found.append(("ces", min(7, max(1, score + int(3 * random()))), 1, 7))
        if random() < surveys.solved:
            found.append(("resolved", int(resolved), 0, 1))
        delay = int(self._random.expovariate(1 / (surveys.mean_delay_hours * _HOUR_MS))) + 60_000
        place.tally.surveyed += 1
        place.tally.surveyed_satisfied += satisfied
        self._floor.at(ms + delay, self._survey, (place, contact.id, found))

    def _survey(self, ms: int, answer: tuple[Place, str, list[tuple[str, int, int, int]]]) -> None:
        place, contact_id, found = answer
        for instrument, score, low, high in found:
            facts = f'"instrument":"{instrument}","score":{score}.0,"scale_min":{low}.0,"scale_max":{high}.0'
            place.writer.surveyed(ms, contact_id, facts, instrument)

    def _maybe_evaluate(self, ms: int, contact: Contact) -> None:
        place = contact.queue.place
        rules, drawn = place.site.evaluations, self._random.random()
        if drawn >= rules.calibration + rules.client + rules.provider:
            return
        calibration = drawn < rules.calibration
        if calibration:
            evaluators = ["provider", "client"]
        else:
            evaluators = ["client" if drawn < rules.calibration + rules.client else "provider"]
        critical = self._random.random() < rules.critical
        quality = min(100.0, max(0.0, self._random.gauss(place.score, 7) - (20 if critical else 0)))
        place.tally.evaluated += 1
        place.tally.critical += critical
        error = f'"{self._random.choice(_CRITICAL)}"' if critical else ""
        for evaluator in evaluators:
            kind = rules.lenient if evaluator == "provider" else 0.0
            score = round(min(100.0, max(0.0, quality + kind + self._random.gauss(0, 2))), 1)
            # A lenient evaluator also overlooks half of the critical errors.
            seen = error if evaluator == "client" or kind <= 0 or self._random.random() < 0.5 else ""
            facts = (
                f'"evaluator":"{evaluator}","evaluation_id":"{contact.id}-{evaluator}","form":"standard",'
                f'"score":{score},"max_score":100.0,"critical_errors":[{seen}]'
            )
            if calibration:
                facts += f',"calibration_id":"{contact.id}-calibration"'
            delay = int((0.5 + 2.5 * self._random.random()) * _DAY_MS)
            self._floor.at(ms + delay, self._evaluate, (place, contact.id, facts, evaluator))

    def _evaluate(self, ms: int, made: tuple[Place, str, str, str]) -> None:
        place, contact_id, facts, evaluator = made
        place.writer.evaluated(ms, contact_id, facts, evaluator)


def diverted(queue: Queue) -> Queue:
    """Where a contact for this queue goes now: elsewhere while its site is dark and diverted."""
    other = queue.place.diverts_to
    if other is None:
        return queue
    channel, language = queue.line.channel, queue.language
    return other.find(queue.name, channel, language) or other.find(None, channel, language) or queue

"""The floor: contacts wait, are answered, held, handed on, finished and given up, site by site, in order of time.

A discrete-event simulation. Every handler is called with the instant (ms) and writes its events as it goes,
so the events come out in order of time. A queue is first in, first out, behind contacts that were handed on
or called back; an agent takes what has waited longest of all it serves, a contact the agent idle longest.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from ingest.simulator.floor.places import GONE, TALKING, WAITING, WRAPPING, Contact

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from ingest.simulator.floor.aftermath import Aftermath
    from ingest.simulator.floor.crew import Agent, Pool
    from ingest.simulator.floor.opening import Opening

_FIRST_REPLY_S = (4.0, 30.0)
_MESSAGE_GAP_S = 75.0
_SHORTEST_TALK_MS = 500


class Floor:
    """All sites and their contacts."""

    def __init__(self, random: Random, opening: Opening, target_ms: float) -> None:
        self._agenda: list[tuple[int, int, Callable[[int, Any], None], Any]] = []
        self._turn = 0
        self._random = random.random
        self._exponential = random.expovariate
        self._opening = opening
        self._target_ms = target_ms
        self.freed: Callable[[int, Agent], None]
        self.enter: Callable[[int, Agent, str], None]
        self.aftermath: Aftermath
        self.open_contacts = 0

    def at(self, ms: int, handler: Callable[[int, Any], None], subject: Any) -> None:
        """Have a handler called at an instant."""
        self._turn += 1
        heappush(self._agenda, (ms, self._turn, handler, subject))

    @property
    def scheduled(self) -> int:
        """Entries of the agenda."""
        return len(self._agenda)

    def run_until(self, ms: int) -> None:
        """Handle everything before an instant."""
        agenda = self._agenda
        while agenda and agenda[0][0] < ms:
            now, _, handler, subject = heappop(agenda)
            handler(now, subject)

    def arrive(self, ms: int, contact: Contact) -> None:
        """A customer reaches the site: the menu first, where there is one."""
        line = contact.queue.line
        self.open_contacts += 1
        if line.menu_s and not contact.kind:
            facts = f'{contact.queue.facts_menu},"customer_id":"cust-{contact.customer}"'
            contact.queue.place.writer.contact(ms, "s", contact.id, facts)
            self.at(ms + int(self._exponential(1 / line.menu_s) * 1000) + 1000, self._leave_menu, contact)
        else:
            self.offer(ms, contact)

    def _leave_menu(self, ms: int, contact: Contact) -> None:
        if self._random() < contact.queue.line.leaves_menu:
            contact.queue.place.writer.contact(ms, "m", contact.id, '"reason":"hung_up"')
            contact.queue.place.tally.left_menu += 1
            contact.state = GONE
            self.open_contacts -= 1
        else:
            self.offer(ms, contact)

    def offer(self, ms: int, contact: Contact) -> None:
        """A contact enters its queue: answered at once when somebody is free."""
        queue = contact.queue
        place = queue.place
        contact.offered_ms = ms
        contact.tally = tally = place.tally
        self._write_offer(ms, contact)
        if contact.kind == "callback":
            tally.callbacks += 1
        else:
            tally.offered += 1
            if contact.campaign:
                tally.campaign += 1
        if queue.is_chat:
            contact.messages = 1
            place.writer.message(ms, contact.id, 1, '"sender":"customer"')
        if not queue.waits:
            for pool in queue.pools:
                agent = pool.take()
                if agent is not None:
                    self.answer(ms, contact, agent)
                    if agent.load < pool.slots and agent.due is None:
                        pool.free[agent.load][agent] = None
                    return
        line = queue.urgent if contact.goes_first else queue.waiting
        while line and line[0].state != WAITING:
            line.popleft()
        line.append(contact)
        queue.waits += 1
        if contact.kind != "callback":
            self.at(ms + contact.patience_ms, self._abandon, contact)
            if (callback := queue.line.callback) is not None and contact.kind != "transferred":
                self.at(ms + int(callback.after_s * 1000), self._offer_callback, contact)

    def _write_offer(self, ms: int, contact: Contact) -> None:
        queue = contact.queue
        facts = queue.facts_back if contact.kind == "callback" else queue.facts
        if queue.is_chat or queue.line.menu_s:
            facts += f',"topic":"{contact.subject.name}"'
        if contact.campaign:
            facts += f',"campaign":"{contact.campaign}"'
        if contact.goes_first:
            facts += ',"priority":1'
        if contact.initial_id:
            facts += f',"initial_contact_id":"{contact.initial_id}","previous_contact_id":"{contact.previous_id}"'
        queue.place.writer.contact(ms, "o", contact.id, f'{facts},"customer_id":"cust-{contact.customer}"')

    def answer(self, ms: int, contact: Contact, agent: Agent) -> None:
        """An agent takes a contact."""
        queue, subject, tally = contact.queue, contact.subject, contact.tally
        place = queue.place
        contact.state = TALKING
        contact.agent = agent
        contact.answered_ms = ms
        wait = ms - contact.offered_ms
        if contact.kind != "callback":
            tally.answered += 1
            tally.answered_wait_ms += wait
            if wait <= self._target_ms:
                tally.answered_in_target += 1
            if place.provider_target_ms is not None and wait <= place.provider_target_ms:
                tally.answered_in_provider_target += 1
        place.writer.contact(ms, "a", contact.id, f'"agent_id":"{agent.id}","wait_s":{wait / 1000}')
        talk = contact.talk * subject.talk_ms * agent.handle
        if queue.is_chat:
            talk *= 1 + place.site.craft.chat_slowdown * agent.load
            low, high = _FIRST_REPLY_S
            self.at(ms + int((low + (high - low) * self._random()) * 1000), self._message, contact)
        talk_ms = max(_SHORTEST_TALK_MS, int(talk))
        if subject.held and not queue.is_chat and self._random() < subject.held:
            contact.hold_ms = int(self._exponential(subject.hold_rate)) + 1000
            contact.hold_at_ms = ms + int(talk_ms * self._random())
            self.at(contact.hold_at_ms + contact.hold_ms, self._hold_ends, contact)
        agent.load += 1
        agent.talking += 1
        agent.contacts.append(contact)
        self.enter(ms, agent, "busy")
        self.at(ms + talk_ms + contact.hold_ms, self._conversation_ends, contact)

    def next_for(self, pool: Pool) -> Contact | None:
        """Take the contact a free agent of a pool should answer: handed on before fresh, then the longest wait."""
        chosen: Contact | None = None
        for queue in pool.queues:
            if queue.waits:
                head = queue.head()
                if head is not None and (chosen is None or _before(head, chosen)):
                    chosen = head
        if chosen is not None:
            chosen.queue.waits -= 1
            # Its place in the deque is dropped with the next look at the head.
            chosen.state = TALKING
        return chosen

    def _hold_ends(self, ms: int, contact: Contact) -> None:
        if contact.state == TALKING:
            self._tell_hold(ms, contact)

    def _tell_hold(self, ms: int, contact: Contact) -> None:
        contact.was_held = True
        facts = f'"hold_s":{contact.hold_ms / 1000},"agent_id":"{contact.agent.id}"'
        contact.queue.place.writer.contact(ms, "h", contact.id, facts, 1)

    def _message(self, ms: int, contact: Contact) -> None:
        if contact.state != TALKING:
            return
        contact.messages += 1
        by_agent = contact.messages % 2 == 0
        facts = f'"sender":"agent","agent_id":"{contact.agent.id}"' if by_agent else '"sender":"customer"'
        contact.queue.place.writer.message(ms, contact.id, contact.messages, facts)
        self.at(ms + int((0.4 + 1.2 * self._random()) * _MESSAGE_GAP_S * 1000), self._message, contact)

    def _conversation_ends(self, ms: int, contact: Contact) -> None:
        if contact.state == TALKING:
            self.complete(ms, contact, "customer" if self._random() < 0.7 else "agent")

    def complete(self, ms: int, contact: Contact, ended_by: str) -> None:
        """The conversation is over; a transfer is decided, wrap-up begins."""
        agent, queue, subject = contact.agent, contact.queue, contact.subject
        place = queue.place
        contact.state = WRAPPING
        cut = ended_by == "system"
        if cut and contact.hold_ms and not contact.was_held:
            # The hold was under way, or not begun.
            contact.hold_ms = max(0, ms - contact.hold_at_ms)
            if contact.hold_ms:
                self._tell_hold(ms, contact)
        contact.talk_ms = ms - contact.answered_ms - contact.hold_ms
        if not cut and subject.transferred and contact.kind != "transferred":
            self._maybe_transfer(ms, contact)
        facts = f'"talk_s":{contact.talk_ms / 1000},"hold_s":{contact.hold_ms / 1000},"ended_by":"{ended_by}"'
        place.writer.contact(ms, "c", contact.id, facts)
        agent.talking -= 1
        contact.wrap_ms = 0 if cut else int(subject.wrap_ms * contact.wrap * agent.handle)
        if contact.wrap_ms:
            if not agent.talking:
                self.enter(ms, agent, "wrap_up")
            self.at(ms + contact.wrap_ms, self.wrapped, contact)
        else:
            self.wrapped(ms, contact)

    def cut_off(self, ms: int, contact: Contact) -> None:
        """The line drops: a conversation ends at once, wrap-up too."""
        if contact.state == TALKING:
            self.complete(ms, contact, "system")
        elif contact.state == WRAPPING:
            contact.wrap_ms = ms - contact.answered_ms - contact.hold_ms - contact.talk_ms
            self.wrapped(ms, contact)

    def _maybe_transfer(self, ms: int, contact: Contact) -> None:
        queue, subject = contact.queue, contact.subject
        place = queue.place
        if self._random() >= subject.transferred * place.site.craft.transferred:
            return
        target = place.transfers_to.find(subject.transfer_queue, queue.line.channel, queue.language)
        if target is None or target is queue or target.place.dark or not self._opening.is_open(target, ms):
            return
        onward = Contact(
            target.place.next_id(), target, subject, contact.customer, contact.patience_ms, contact.talk, contact.wrap
        )
        onward.kind = "transferred"
        onward.campaign = contact.campaign
        onward.initial_id = contact.initial_id or contact.id
        onward.previous_id = contact.id
        warm = "true" if self._random() < 0.4 else "false"
        facts = f'"to_queue":"{target.name}","to_site":"{target.place.id}","to_contact_id":"{onward.id}","warm":{warm}'
        place.writer.contact(ms, "t", contact.id, facts, 1)
        contact.handed_on = True
        place.tally.transferred_away += 1
        target.place.tally.transferred_here += 1
        # After the conversation's own end, which is written next at the same instant.
        self.at(ms, self.arrive, onward)

    def wrapped(self, ms: int, contact: Contact) -> None:
        """After-contact work is over: the contact is finished and the agent has a place free."""
        if contact.state != WRAPPING:
            return
        agent, place = contact.agent, contact.queue.place
        contact.state = GONE
        self.open_contacts -= 1
        self.aftermath.finish(ms, contact, agent)
        pool = agent.group
        if agent.load < pool.slots:
            pool.free[agent.load].pop(agent, None)
        agent.load -= 1
        agent.contacts.remove(contact)
        place.work.done(contact.answered_ms, ms, pool.slots)
        if place.bills is not None:
            place.bills.handled(ms, contact)
        self.freed(ms, agent)

    def _abandon(self, ms: int, contact: Contact) -> None:
        if contact.state != WAITING:
            return
        self._leave(contact)
        wait = ms - contact.offered_ms
        place, tally = contact.queue.place, contact.tally
        place.writer.contact(ms, "b", contact.id, f'"wait_s":{wait / 1000}')
        tally.abandoned += 1
        if wait <= self._target_ms:
            tally.abandoned_in_target += 1
        if wait <= place.short_ms:
            tally.abandoned_short += 1
        if place.provider_target_ms is not None and wait <= place.provider_target_ms:
            tally.abandoned_in_provider_target += 1
        if place.bills is not None:
            place.bills.abandoned(ms, contact)
        self.aftermath.gave_up(ms, contact)

    def _leave(self, contact: Contact) -> None:
        contact.state = GONE
        contact.queue.waits -= 1
        self.open_contacts -= 1

    def _offer_callback(self, ms: int, contact: Contact) -> None:
        callback = contact.queue.line.callback
        if contact.state != WAITING or callback is None or self._random() >= callback.accepted:
            return
        self.send_away(ms, contact, "callback")
        new_id = contact.queue.place.next_id()
        back = Contact(new_id, contact.queue, contact.subject, contact.customer, 0, contact.talk, contact.wrap)
        back.kind = "callback"
        back.initial_id = contact.initial_id or contact.id
        back.previous_id = contact.id
        self.at(ms + int(callback.delay_minutes * 60_000 * (0.5 + self._random())), self.arrive, back)

    def send_away(self, ms: int, contact: Contact, reason: str) -> None:
        """A waiting contact leaves the queue without an agent and without giving up."""
        self._leave(contact)
        wait = ms - contact.offered_ms
        contact.queue.place.writer.contact(ms, "l", contact.id, f'"reason":"{reason}","wait_s":{wait / 1000}')
        if contact.kind != "callback":
            contact.tally.left_queue += 1
        if reason == "closed":
            contact.tally.closed += 1


def _before(one: Contact, other: Contact) -> bool:
    """Whether one is answered before the other: handed on or called back first, then the longer wait."""
    return (one.goes_first, -one.offered_ms) > (other.goes_first, -other.offered_ms)

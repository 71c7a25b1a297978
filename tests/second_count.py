"""Headline metrics counted a second time, in plain Python from the events as they were sent: no SQL, none of our sums.

Contacts are folded by tests/reference_fold.py, which was written from the contract. Everything is by site and week
(from Monday) of the reporting zone, on the clocks the definitions name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.reference_fold import fold

Event = dict[str, Any]
Cell = tuple[str, date]
"""Site and Monday."""
Figures = dict[str, float | None]

_DAY = timedelta(days=1)


@dataclass
class Contact:
    """What was told of one contact: its events by type, each the one that counts, and what the fold makes of them."""

    site: str
    events: dict[str, list[Event]]
    course: dict[str, Any]
    offered: Event | None = None
    arrived_at: datetime = datetime.min
    handled_at: datetime | None = None
    customer: str | None = None
    topic: str | None = None
    counts: bool = field(default=False)

    def first(self, fact: str) -> Event | None:
        found = self.events.get(f"contact.{fact}", [])
        return min(found, key=lambda e: (_at(e), e["id"])) if found else None

    def last(self, fact: str) -> Event | None:
        found = self.events.get(f"contact.{fact}", [])
        return max(found, key=lambda e: (_at(e), e["id"])) if found else None


@dataclass
class Counting:
    """How to count. topics: the company's code for each site's own, where they differ."""

    zone: ZoneInfo
    now: datetime
    target_s: float = 20
    short_s: float = 5
    topics: dict[tuple[str, str], str] = field(default_factory=dict)

    def cell(self, site: str, at: datetime) -> Cell:
        day = at.astimezone(self.zone).date()
        return site, day - timedelta(days=day.weekday())


def _at(event: Event) -> datetime:
    return datetime.fromisoformat(event["time"]).astimezone(UTC)


def told_last(events: Iterable[Event]) -> list[Event]:
    """Each id of a site once, in its highest revision."""
    best: dict[tuple[str, str], Event] = {}
    for event in events:
        key = event["source"], event["id"]
        if key not in best or event.get("revision", 0) > best[key].get("revision", 0):
            best[key] = event
    return list(best.values())


def contacts_of(events: Iterable[Event], counting: Counting) -> dict[tuple[str, str], Contact]:
    """All inbound contacts, by site and id."""
    grouped: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        if event["type"].startswith(("contact.", "chat.")):
            grouped[event["source"], event["subject"]].append(event)
    found = {}
    for (site, name), mine in grouped.items():
        by_type: dict[str, list[Event]] = defaultdict(list)
        for event in mine:
            by_type[event["type"]].append(event)
        course = [e for e in mine if e["type"] not in ("contact.surveyed", "contact.evaluated")]
        if not course:
            continue
        contact = Contact(site, by_type, fold(course, counting.now)[name])
        started = contact.first("started")
        contact.offered = contact.first("offered")
        births = [born["data"] for born in (contact.offered, started) if born is not None]
        if next((b["direction"] for b in births if b.get("direction")), "inbound") != "inbound":
            continue
        begun = contact.offered or started
        contact.arrived_at = _at(begun) if begun else min(map(_at, course))
        ended = contact.last("wrapped_up") or contact.last("completed")
        contact.handled_at = _at(ended) if ended else None
        contact.customer = next((b["customer_id"] for b in births if b.get("customer_id")), None)
        said = contact.last("classified")
        words = [said["data"]] if said else []
        topic = next((b["topic"] for b in [*words, *births] if b.get("topic")), None)
        contact.topic = counting.topics.get((site, topic), topic) if topic else None
        contact.counts = contact.course["outcome"] != "excluded" and any(
            contact.first(fact) for fact in ("offered", "answered", "abandoned", "left_queue")
        )
        found[site, name] = contact
    return found


def count(events: Iterable[Event], counting: Counting) -> dict[Cell, Figures]:
    """All figures, by site and week."""
    told = told_last(events)
    contacts = contacts_of(told, counting)
    sums: dict[Cell, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for contact in contacts.values():
        _volume(contact, counting, sums)
        _handling(contact, counting, sums)
        _answers(contact, counting, sums)
        _responses(contact, counting, sums)
    _repeats(list(contacts.values()), counting, sums)
    _agents(told, counting, sums)
    return {cell: _figures(each) for cell, each in sums.items()}


def _volume(contact: Contact, counting: Counting, sums: Any) -> None:
    here, outcome, wait = sums[counting.cell(contact.site, contact.arrived_at)], contact.course["outcome"], None
    here["offered"] += contact.counts
    wait = contact.course["wait_s"]
    if outcome == "answered":
        here["answered"] += 1
        here["answered_wait"] += wait or 0
        here["answered_in_target"] += wait is not None and wait <= counting.target_s
    elif outcome == "abandoned":
        here["abandoned"] += 1
        here["abandoned_in_target"] += wait is not None and wait <= counting.target_s
        here["abandoned_short"] += wait is not None and wait <= counting.short_s
    elif outcome == "left_queue":
        here["left_queue"] += 1


def _handling(contact: Contact, counting: Counting, sums: Any) -> None:
    course = contact.course
    if course["outcome"] != "answered" or contact.handled_at is None or course["talk_s"] is None:
        return
    here = sums[counting.cell(contact.site, contact.handled_at)]
    here["handled"] += 1
    here["handle"] += course["talk_s"] + (course["hold_s"] or 0) + (course["wrap_up_s"] or 0)
    here["transferred"] += bool(contact.events.get("contact.transferred"))


def _answers(contact: Contact, counting: Counting, sums: Any) -> None:
    """What customers answered and evaluators found, for the week in which the contact arrived."""
    if contact.course["outcome"] == "excluded":
        return
    here = sums[counting.cell(contact.site, contact.arrived_at)]
    latest: dict[str, Event] = {}
    for event in sorted(contact.events.get("contact.surveyed", []), key=lambda e: (_at(e), e["id"])):
        if _at(event) < contact.arrived_at + 30 * _DAY:
            latest[event["data"]["instrument"]] = event
    for instrument, event in latest.items():
        said = event["data"]
        low, high = said["scale_min"], said["scale_max"]
        if instrument == "csat":
            here["csat"] += 1
            here["satisfied"] += said["score"] >= low + 0.75 * (high - low)
        elif instrument == "nps":
            here["nps"] += 1
            share = (said["score"] - low) / (high - low)
            here["promoters"] += share >= 0.9
            here["detractors"] += share <= 0.6
    for side in ("client", "provider"):
        versions: dict[str, Event] = {}
        mine = [e for e in contact.events.get("contact.evaluated", []) if e["data"]["evaluator"] == side]
        for event in sorted(mine, key=lambda e: (_at(e), e.get("revision", 0), e["id"])):
            if _at(event) < contact.arrived_at + 90 * _DAY:
                versions[event["data"]["evaluation_id"]] = event
        if versions:
            here[f"{side}_contacts"] += 1
            here[f"{side}_critical"] += any(e["data"].get("critical_errors") for e in versions.values())
            here[f"{side}_points"] += sum(e["data"]["score"] for e in versions.values())
            here[f"{side}_max"] += sum(e["data"]["max_score"] for e in versions.values())


def _responses(contact: Contact, counting: Counting, sums: Any) -> None:
    """Turns of the customer, each in the week in which it began."""
    begun = contact.offered or contact.first("started")
    if contact.course["outcome"] == "excluded" or not begun or begun["data"]["channel"] not in ("chat", "messaging"):
        return
    asked: datetime | None = None
    for message in sorted(contact.events.get("chat.message", []), key=lambda e: (_at(e), e["id"])):
        sender = message["data"]["sender"]
        if sender == "customer":
            asked = asked or _at(message)
        elif sender == "agent" and asked is not None:
            here = sums[counting.cell(contact.site, asked)]
            here["responses"] += 1
            here["response"] += (_at(message) - asked).total_seconds()
            asked = None


def _repeats(contacts: list[Contact], counting: Counting, sums: Any) -> None:
    visits: dict[tuple[str, str | None], list[datetime]] = defaultdict(list)
    for contact in contacts:
        birth = contact.offered
        if birth is None or not contact.counts or contact.customer is None:
            continue
        if not birth["data"].get("previous_contact_id") and not birth["data"].get("initial_contact_id"):
            visits[contact.customer, contact.topic].append(_at(birth))
    for contact in contacts:
        done = contact.last("completed")
        if contact.course["outcome"] != "answered" or contact.customer is None or done is None:
            continue
        if contact.events.get("contact.transferred"):
            continue
        here, ended = sums[counting.cell(contact.site, contact.arrived_at)], _at(done)
        again = [at - ended for at in visits[contact.customer, contact.topic] if at > ended]
        here["resolvable"] += 1
        for days in (1, 7, 30):
            here[f"repeated_{days}d"] += any(after <= days * _DAY for after in again)


def _agents(told: list[Event], counting: Counting, sums: Any) -> None:
    """Time of agents by state, split where weeks begin."""
    changes: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in told:
        if event["type"] == "agent.state_changed":
            changes[event["source"], event["subject"]].append(event)
    for (site, _), mine in changes.items():
        mine.sort(key=lambda e: (_at(e), e["id"]))
        for event, after in zip(mine, [*mine[1:], None], strict=True):
            if event["data"]["state"] == "offline":
                continue
            begins = _at(event)
            ends = min(_at(after) if after else counting.now, begins + _DAY, counting.now)
            while begins < ends:
                cell = counting.cell(site, begins)
                next_week = datetime.combine(cell[1] + timedelta(weeks=1), time(), counting.zone).astimezone(UTC)
                here = min(ends, next_week)
                sums[cell][event["data"]["state"]] += (here - begins).total_seconds()
                begins = here


def _ratio(above: float, below: float) -> float | None:
    return above / below if below else None


def _figures(n: defaultdict[str, float]) -> Figures:
    reached = n["answered"] + n["abandoned"]
    busy = n["busy"] + n["wrap_up"]
    return {
        "offered": n["offered"],
        "answered": n["answered"],
        "abandoned": n["abandoned"],
        "handled": n["handled"],
        "service_level": _ratio(n["answered_in_target"], reached),
        "sl_ignore_within_T": _ratio(n["answered_in_target"], reached - n["abandoned_in_target"]),
        "sl_ignore_short": _ratio(n["answered_in_target"], reached - n["abandoned_short"]),
        "sl_positive": _ratio(n["answered_in_target"] + n["abandoned_in_target"], reached),
        "sl_answered_only": _ratio(n["answered_in_target"], n["answered"]),
        "sl_flowout": _ratio(n["answered_in_target"], reached + n["left_queue"]),
        "abandonment_rate": _ratio(n["abandoned"], n["offered"]),
        "abandonment_rate_net": _ratio(n["abandoned"] - n["abandoned_short"], n["offered"] - n["abandoned_short"]),
        "average_speed_of_answer_s": _ratio(n["answered_wait"], n["answered"]),
        "average_handle_time_s": _ratio(n["handle"], n["handled"]),
        "transfer_rate": _ratio(n["transferred"], n["handled"]),
        "first_contact_resolution": _ratio(n["resolvable"] - n["repeated_7d"], n["resolvable"]),
        "repeat_rate_1d": _ratio(n["repeated_1d"], n["resolvable"]),
        "repeat_rate": _ratio(n["repeated_7d"], n["resolvable"]),
        "repeat_rate_30d": _ratio(n["repeated_30d"], n["resolvable"]),
        "csat": _ratio(n["satisfied"], n["csat"]),
        "nps": _ratio(100 * (n["promoters"] - n["detractors"]), n["nps"]),
        "qa_score_client": _ratio(n["client_points"], n["client_max"]),
        "qa_score_provider": _ratio(n["provider_points"], n["provider_max"]),
        "critical_accuracy_client": _ratio(n["client_contacts"] - n["client_critical"], n["client_contacts"]),
        "critical_accuracy_provider": _ratio(n["provider_contacts"] - n["provider_critical"], n["provider_contacts"]),
        "occupancy": _ratio(busy, busy + n["available"]),
        "average_response_s": _ratio(n["response"], n["responses"]),
    }

"""The text of each event, as compact JSON. One writer for a site; no text in it needs escaping.

Formatted by hand rather than by a JSON library: the floor must write well over 100,000 events a second.
Event ids are the subject's id and the kind of fact, so that the same contact never has two alike.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.simulator.dispatch import Dispatch

_SECONDS = [f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}" for second in range(86_400)]
_MILLIS = [f".{milli:03}Z" for milli in range(1000)]
_DAY_MS = 86_400_000
_TYPES = {
    "s": "contact.started",
    "m": "contact.left_menu",
    "o": "contact.offered",
    "a": "contact.answered",
    "h": "contact.held",
    "t": "contact.transferred",
    "b": "contact.abandoned",
    "l": "contact.left_queue",
    "c": "contact.completed",
    "w": "contact.wrapped_up",
    "k": "contact.classified",
}


class Stamps:
    """RFC 3339 text of instants in milliseconds; quick for instants of the same day."""

    def __init__(self) -> None:
        self._day = -1
        self._date = ""
        self._last_ms = -1
        self._last = ""

    def __call__(self, ms: int) -> str:
        """For example 2026-09-01T09:00:12.345Z."""
        # One handler often writes several events of its instant.
        if ms == self._last_ms:
            return self._last
        day, rest = divmod(ms, _DAY_MS)
        if day != self._day:
            self._day = day
            self._date = datetime.fromtimestamp(day * 86_400, UTC).strftime("%Y-%m-%dT")
        self._last_ms = ms
        self._last = self._date + _SECONDS[rest // 1000] + _MILLIS[rest % 1000]
        return self._last


class Writer:
    """Appends the events of one site to a list that all sites share."""

    def __init__(self, site_no: int, site: str, out: list[Dispatch]) -> None:
        self._no = site_no
        self._put = out.append
        self.stamp = Stamps()
        self._heads = {kind: f'","source":"{site}","type":"{name}","time":"' for kind, name in _TYPES.items()}
        self._message = f'","source":"{site}","type":"chat.message","time":"'
        self._surveyed = f'","source":"{site}","type":"contact.surveyed","time":"'
        self._evaluated = f'","source":"{site}","type":"contact.evaluated","time":"'
        self._state = f'","source":"{site}","type":"agent.state_changed","time":"'
        self._incident = f'","source":"{site}","type":"site.incident_reported","time":"'
        self._site = site

    def contact(self, ms: int, kind: str, contact_id: str, data: str, number: int | str = "") -> None:
        """A fact of a contact: `kind` is a key of the table above, `data` the members of its JSON object."""
        self._put(
            (
                ms,
                self._no,
                contact_id,
                f'{{"specversion":"1.0","id":"{contact_id}.{kind}{number}{self._heads[kind]}{self.stamp(ms)}'
                f'","subject":"{contact_id}","simulated":true,"data":{{{data}}}}}',
            )
        )

    def message(self, ms: int, contact_id: str, number: int, data: str) -> None:
        """A chat message, the how many-th of its contact."""
        self._any(ms, f"{contact_id}.g{number}", self._message, contact_id, data)

    def surveyed(self, ms: int, contact_id: str, data: str, instrument: str) -> None:
        """A survey answer."""
        self._any(ms, f"{contact_id}.v-{instrument}", self._surveyed, contact_id, data)

    def evaluated(self, ms: int, contact_id: str, data: str, evaluator: str) -> None:
        """A quality evaluation."""
        self._any(ms, f"{contact_id}.q-{evaluator}", self._evaluated, contact_id, data)

    def state(self, ms: int, agent_id: str, number: int, data: str) -> None:
        """An agent's change of state, the how many-th of that agent."""
        self._any(ms, f"{agent_id}.{number}", self._state, agent_id, data)

    def incident(self, ms: int, incident_id: str, data: str, *, ended: bool) -> None:
        """An incident of the site."""
        number = f"{self._site}-{incident_id}.{'end' if ended else 'begin'}"
        self._any(ms, number, self._incident, self._site, data)

    def _any(self, ms: int, event_id: str, head: str, subject: str, data: str) -> None:
        self._put(
            (
                ms,
                self._no,
                subject,
                f'{{"specversion":"1.0","id":"{event_id}{head}{self.stamp(ms)}'
                f'","subject":"{subject}","simulated":true,"data":{{{data}}}}}',
            )
        )

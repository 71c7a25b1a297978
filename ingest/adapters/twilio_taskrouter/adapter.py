"""Twilio TaskRouter: events of tasks, reservations and workers.

A task is a contact. A transfer to a queue keeps the task, so the visit it begins is a contact named by task and
transfer. Of the attributes, which are the site's own, only names that Twilio's documents use are read: `from`,
`direction`, `channelType`, `taskType`, `call_sid`, `selected_language`, `customers.customer_id` and of Flex Insights
`conversations.campaign`, `.outcome`, `.abandoned` and `.hang_up_by`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ingest.adapters.base import Adapter, Told, event
from ingest.adapters.reading import CODE, Json, Part, masked, ms, wrong
from ingest.adapters.twilio_taskrouter.message import Fields

_CHANNELS = {
    "voice": "voice",
    "video": "video",
    "chat": "chat",
    "web": "chat",
    "sms": "messaging",
    "whatsapp": "messaging",
    "messenger": "messaging",
    "facebook": "messaging",
    "email": "email",
    "callback": "callback",
}
_LEFT = re.compile(
    r"\b(hang[- ]?up|hung[- ]?up|abandon(ed)?|(caller|customer|user) (left|disconnected|cancell?ed))\b", re.IGNORECASE
)
_STATES = (
    ("offline|logged out", "offline"),
    ("unavailable|not ready", "other_work"),
    ("wrap[- ]?up|after[- ]?call|acw", "wrap_up"),
    ("lunch", "lunch"),
    ("break", "break"),
    ("training|coaching", "training"),
    ("meeting", "meeting"),
    ("busy|reserved|on a call", "busy"),
    ("available|idle|ready", "available"),
)
_QUEUE = "QUEUE"


class _Said:
    """One event and what it is about."""

    def __init__(self, fields: Fields, site: str) -> None:
        self.fields = fields
        self.site = site
        self.at = fields.time()
        self.transfer = fields.text("tasktransfersid", "transfersid")
        self.to_queue = (fields.text("transfertype") or "").upper() == _QUEUE

    def fact(self, contact: str, fact: str, key: object = "", **data: Any) -> dict[str, Any]:
        """A fact about a contact."""
        name = f"{contact}/{fact}/{key}" if key else f"{contact}/{fact}"
        return event(self.site, f"contact.{fact}", contact, name, self.at.isoformat(), **data)

    @property
    def rank(self) -> int | None:
        """Revision of how a contact ended. A task that was transferred ends with its last agent.

        So the agents' reservations, which say when each part of it ended, count more than the task does.
        """
        return 1 if self.fields.kind.startswith("reservation.") else None

    @property
    def task(self) -> str:
        """The task."""
        return self.fields.needed("tasksid")

    @property
    def contact(self) -> str:
        """The task, or the queue visit a transfer of it began."""
        return f"{self.task}/{self.transfer}" if self.transfer and self.to_queue else self.task

    def arrival(self) -> dict[str, Any]:
        """What is known of a contact on arrival."""
        attributes = self.fields.attributes()
        direction = _attribute(attributes, "direction")
        return {
            "channel": self._channel(attributes),
            "direction": direction if direction in ("inbound", "outbound", "internal") else None,
            "language": _attribute(attributes, "selected_language", longest=CODE),
            "customer_id": _attribute(attributes, "customers", "customer_id", longest=256)
            or _attribute(attributes, "from", longest=256),
        }

    def _channel(self, attributes: Json) -> str:
        task = self.fields.text("taskchanneluniquename")
        words = (
            "callback" if _attribute(attributes, "taskType") == "callback" else None,
            _attribute(attributes, "channelType"),
            task,
            # A call that TwiML's Enqueue made a task of names itself.
            "voice" if _attribute(attributes, "call_sid") else None,
        )
        for word in words:
            if word and word.lower() in _CHANNELS:
                return _CHANNELS[word.lower()]
        raise wrong("taskchanneluniquename", task, f"one of {', '.join(_CHANNELS)}, or the attribute channelType")

    def offered(self, contact: str, queue: str) -> dict[str, Any]:
        """The contact entered a queue."""
        priority = self.fields.text("taskpriority") or ""
        return self.fact(
            contact,
            "offered",
            ms(self.at),
            queue=queue,
            campaign=_attribute(self.fields.attributes(), "conversations", "campaign", longest=CODE),
            priority=int(priority) if re.fullmatch(r"[0-9]{1,3}|1000", priority) else None,
            initial_contact_id=self.task if contact != self.task else None,
            **self.arrival(),
        )


def _attribute(attributes: Json, *path: str, longest: int = 64) -> str | None:
    found: object = attributes
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    # What a site puts there is its own affair: other than text is not what these names mean.
    if not isinstance(found, str) or len(found) > longest:
        return None
    return Part({path[-1]: found}, ".".join(("taskattributes", *path[:-1]))).text(
        path[-1], longest=longest, private=True
    )


def _created(said: _Said) -> list[dict[str, Any]]:
    return [said.fact(said.task, "started", **said.arrival())]


def _entered(said: _Said) -> list[dict[str, Any]]:
    # A transfer names the queue by its sid only, and a queue must have one name.
    queue = said.fields.text("taskqueuesid", "taskqueuename", longest=CODE)
    if queue is None:
        raise wrong("taskqueuesid", None, "TaskQueueSid or TaskQueueName of the queue entered")
    return [said.offered(said.contact, queue)]


def _accepted(said: _Said) -> list[dict[str, Any]]:
    reservation = said.fields.needed("reservationsid")
    return [said.fact(said.contact, "answered", reservation, agent_id=said.fields.text("workersid"))]


def _wrapping(said: _Said) -> list[dict[str, Any]]:
    who = (_attribute(said.fields.attributes(), "conversations", "hang_up_by") or "").lower()
    ended_by = who if who in ("customer", "agent", "system") else None
    return [said.fact(said.contact, "completed", ms(said.at), revision=said.rank, ended_by=ended_by)]


def _done(said: _Said) -> list[dict[str, Any]]:
    outcome = _attribute(said.fields.attributes(), "conversations", "outcome", longest=CODE)
    facts = [said.fact(said.contact, "wrapped_up", ms(said.at), revision=said.rank)]
    if outcome:
        facts.append(said.fact(said.contact, "classified", ms(said.at), disposition=outcome))
    return facts


def _canceled(said: _Said) -> list[dict[str, Any]]:
    reason = said.fields.text("taskcanceledreason", "taskreason", "reason", longest=1000) or ""
    told = _attribute(said.fields.attributes(), "conversations", "abandoned")
    if _LEFT.search(reason) or told == "Yes":
        return [said.fact(said.contact, "abandoned")]
    return [said.fact(said.contact, "left_queue", reason="other")]


def _transfer_begun(said: _Said) -> list[dict[str, Any]]:
    # The socket's transfer does not say what the task is, and without a channel there is no contact to offer.
    if said.contact == said.task or not said.fields.text("taskchanneluniquename"):
        return []
    return [said.offered(said.contact, said.fields.needed("transferto"))]


def _transfer_failed(said: _Said) -> list[dict[str, Any]]:
    return [said.fact(said.contact, "left_queue", reason="other")] if said.contact != said.task else []


def _transferred(said: _Said) -> list[dict[str, Any]]:
    new = said.contact if said.contact != said.task else None
    mode = (said.fields.text("transfermode") or "").upper()
    return [
        said.fact(
            said.task,
            "transferred",
            said.transfer or ms(said.at),
            to_queue=said.fields.text("transferto") if new else None,
            to_contact_id=new,
            warm={"WARM": True, "COLD": False}.get(mode),
        )
    ]


def _activity(said: _Said) -> list[dict[str, Any]]:
    worker = said.fields.needed("workersid")
    name = said.fields.text("workeractivityname", longest=CODE)
    available = said.fields.flag("workeravailable", "workeractivityavailable", "activityavailable")
    known = (state for words, state in _STATES if name and re.search(rf"\b({words})\b", name, re.IGNORECASE))
    state = next(known, None)
    if available is not None and (state is None or available != (state == "available")):
        # Whether work is handed to the worker weighs more than what the site calls the activity.
        state = "available" if available else state if state not in (None, "available") else "other_work"
    if state is None:
        return []
    made = f"{worker}/state/{ms(said.at)}"
    return [event(said.site, "agent.state_changed", worker, made, said.at.isoformat(), state=state, reason=name)]


_TELLS: dict[str, Callable[[_Said], list[dict[str, Any]]]] = {
    "task.created": _created,
    "task-queue.entered": _entered,
    "reservation.accepted": _accepted,
    "reservation.wrapup": _wrapping,
    "reservation.completed": _done,
    "task.wrapup": _wrapping,
    "task.completed": _done,
    "task.canceled": _canceled,
    "task.transfer-initiated": _transfer_begun,
    "task.transfer-completed": _transferred,
    "task.transfer-failed": _transfer_failed,
    "task.transfer-canceled": _transfer_failed,
    "worker.activity.update": _activity,
}


def _tell(message: bytes, site: str) -> Told:
    fields = Fields(message)
    tell = _TELLS.get(fields.kind)
    if tell is None:
        return Told(nothing=f"{masked(fields.kind)}: changes no contact and no agent's state")
    events = tell(_Said(fields, site))
    if events:
        return Told(tuple(events))
    return Told(nothing=f"{fields.kind}: says no more than other events, or not which state or queue is meant")


ADAPTER = Adapter(
    "twilio_taskrouter",
    "Twilio TaskRouter",
    ("event callbacks as JSON", "events of the REST API", "Event Streams messages", "events of the SDK's socket"),
    _tell,
)

"""A Twilio TaskRouter event in any of the forms Twilio sends it, as one flat set of fields.

Field names are the callback's in lower case without underscores: `TaskSid`, `task_sid` and the `sid` of a nested
`task` are all `tasksid`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from ingest.adapters.base import NotUnderstoodError
from ingest.adapters.reading import EPOCH, ID, Json, Part, as_object, parse, shown, wrong

_EXPECTED = "a TaskRouter event with EventType"
_STREAM = "com.twilio.taskrouter."
_NESTED = {"task": "task", "worker": "worker", "reservation": "reservation", "tasktransfer": "transfer"}
_FIRST_MS, _PAST_MS = 946_684_800_000, 4_102_444_800_000
_MS_FROM = 100_000_000_000
"""Numbers from here on are milliseconds: as seconds they lie in the year 5138."""
_TIMES = ("timestampms", "eventdatems", "timestamp", "eventdate")
_OWN_TIMES = {"worker": ("datestatuschanged", "dateupdated")}


class Fields:
    """The fields of one event."""

    def __init__(self, message: bytes) -> None:
        document = _lowered(parse(message, _EXPECTED), "message")
        self.kind, self._all = _flat(document)
        self._texts = Part({name: _digits(value) for name, value in self._all.items()})

    def text(self, *names: str, longest: int = ID) -> str | None:
        """The first of the fields that says something; numbers as text."""
        return self._texts.text(*names, longest=longest)

    def needed(self, *names: str) -> str:
        """A field that must be there."""
        found = self.text(*names)
        if found is None:
            raise wrong(names[0], None, f"the {names[0]} of a {self.kind}")
        return found

    def flag(self, *names: str) -> bool | None:
        """A truth value, which form fields write as text."""
        for name in names:
            value = self._all.get(name)
            if isinstance(value, bool):
                return value
            if isinstance(value, str) and value.lower() in ("true", "false"):
                return value.lower() == "true"
        return None

    def attributes(self) -> Json:
        """The site's own attributes of the task."""
        found = self._all.get("taskattributes")
        if found is None or found == "":
            return {}
        if isinstance(found, str):
            try:
                found = json.loads(found)
            except (ValueError, RecursionError):
                raise wrong("taskattributes", found, "JSON", private=True) from None
        return as_object(found, "taskattributes")

    def time(self) -> datetime:
        """When it happened: the event's own time, or where the message is a bare resource when that changed."""
        own = _OWN_TIMES.get(self.kind.partition(".")[0], ("dateupdated",))
        for name in (*_TIMES, *own):
            value = self._all.get(name)
            if value is not None and value != "":
                return _moment(name, value)
        raise wrong("timestamp", None, "TimestampMs, Timestamp, event_date or, of a bare resource, date_updated")


def _moment(name: str, value: object) -> datetime:
    expected = "a time from 2000 to 2100 as ISO 8601 with offset, seconds or milliseconds since 1970"
    number: float | None = None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            try:
                read = datetime.fromisoformat(value)
                number = None if read.tzinfo is None else (read - EPOCH) / timedelta(milliseconds=1)
            except (ValueError, OverflowError):
                number = None
            if number is None or not _FIRST_MS <= number < _PAST_MS:
                raise wrong(name, value, expected) from None
            return read.astimezone(UTC)
    # Not a number is in no range.
    if number is None or not 0 <= number < _PAST_MS:
        raise wrong(name, value, expected)
    milliseconds = number if number >= _MS_FROM else number * 1000
    if milliseconds < _FIRST_MS:
        raise wrong(name, value, expected)
    return EPOCH + timedelta(milliseconds=milliseconds)


def _digits(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53 else value


def _lowered(document: Json, where: str) -> Json:
    lowered: Json = {}
    for name, value in document.items():
        key = name.replace("_", "").lower()
        if key in lowered:
            raise NotUnderstoodError(f"{where}: {shown(name)} twice; expected each field once")
        lowered[key] = value
    return lowered


def _flat(document: Json) -> tuple[str, Json]:
    """Type and fields: of a callback, an event of the REST API, an Event Streams message or one of the SDK's socket."""
    fields = dict(document)
    envelope = Part(document)
    kind = envelope.text("eventtype", longest=ID)
    streamed = document.get("type")
    if kind is None and isinstance(streamed, str) and streamed.startswith(_STREAM):
        kind = envelope.needed("type").removeprefix(_STREAM)
        data = _lowered(as_object(document.get("data"), "data"), "data")
        inner = _lowered(as_object(data.get("payload"), "data.payload"), "data.payload")
        # The event's time is the payload's; the envelope's says when it was sent on.
        fields = inner
    elif kind is not None and "eventdata" in document:
        found = document["eventdata"]
        fields |= _lowered(as_object(found, "event_data"), "event_data")
    if kind is None:
        raise wrong("EventType", None, _EXPECTED)
    kind = kind.lower()
    resource = kind.partition(".")[0]
    if "payload" in document:
        payload = _lowered(as_object(document["payload"], "payload"), "payload")
        # The socket sends the bare resource, whose own fields lack its name.
        own = "transfer" if kind.startswith("task.transfer") else "task" if resource == "task-queue" else resource
        fields = payload | fields
        _name(fields, payload, own)
    for nested, prefix in _NESTED.items():
        if isinstance(fields.get(nested), dict):
            _name(fields, _lowered(fields[nested], nested), prefix)
    return kind, fields


def _name(fields: Json, resource: Json, prefix: str) -> None:
    for key, value in resource.items():
        fields.setdefault(key if key.startswith(prefix) else prefix + key, value)

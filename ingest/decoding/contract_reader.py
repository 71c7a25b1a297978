"""The contract's own reading of one message, for all that is not in perfect order, and its words for a refusal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ValidationError

from ingest.decoding.fast_reader import DATA_STRUCTS, STRUCTS
from ingest.decoding.messages import RefusedError
from models.events import EVENT, event_classes

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN = 80
_HIDDEN = frozenset({"customer_id"})


def ask_contract(value: bytes) -> tuple[Any, int, list[str] | None]:
    """The event as a struct of the fast reader, its time in microseconds, the names of fields it does not know.

    Raises RefusedError.
    """
    try:
        event = EVENT.validate_json(value)
    except ValidationError as error:
        raise _explained(error, value) from None
    except RecursionError:
        raise RefusedError("not_json", "nested too deeply to be read") from None
    facts: BaseModel = event.data
    unknown = sorted(name[:_SHOWN] for name in facts.model_extra or ())[:32]
    known = {name: getattr(facts, name) for name in type(facts).model_fields}
    envelope = {name: getattr(event, name) for name in type(event).model_fields if name not in ("type", "time", "data")}
    struct = STRUCTS[event.type](**envelope, time=event.time.isoformat(), data=DATA_STRUCTS[event.type](**known))
    return struct, (event.time - _EPOCH) // timedelta(microseconds=1), unknown or None


def short(value: object) -> str:
    """A value as a refusal shows it."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _explained(error: ValidationError, value: bytes) -> RefusedError:
    """The refusal that says best what is wrong; customer identifiers are never repeated in it."""
    problems = error.errors(include_url=False)
    first = problems[0]
    match first["type"]:
        case "json_invalid":
            try:
                value.decode("utf-8")
            except UnicodeDecodeError as bad:
                return RefusedError("not_utf8", f"byte {bad.start} is not UTF-8; expected a JSON document in UTF-8")
            return RefusedError("not_json", f"{first['ctx']['error']}; expected a JSON document")
        case "union_tag_invalid":
            known = ", ".join(event_classes())
            return RefusedError("unknown_type", f"type: {short(first['ctx']['tag'])} is not one of {known}")
        case "union_tag_not_found" | "dict_type" | "model_type" if not first["loc"]:
            if not isinstance(first["input"], dict):
                found = type(first["input"]).__name__
                return RefusedError("not_cloudevents", f"expected a CloudEvents JSON object, got {found}")
            return RefusedError("not_cloudevents", "type: missing; expected the CloudEvents attribute as text")
    parts = []
    for problem in problems[:5]:
        field = ".".join(str(step) for step in problem["loc"][1:])
        given = problem["input"]
        if problem["type"] == "missing" or _HIDDEN & set(map(str, problem["loc"])) or isinstance(given, dict):
            shown = ""
        else:
            shown = f", got {short(given)}"
        parts.append(f"{field}: {problem['msg']}{shown}")
    envelope = all(len(problem["loc"]) > 1 and problem["loc"][1] != "data" for problem in problems)
    return RefusedError("not_cloudevents" if envelope else "bad_field", "; ".join(parts))

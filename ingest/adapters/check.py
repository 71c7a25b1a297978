"""`backstop check`: what each native message of a file becomes, or why it is refused. No broker, no store."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ingest.adapters.base import Adapter, NotUnderstoodError
from ingest.adapters.reading import masked
from models.events import EVENT, event_classes

_MAX_BYTES = 256_000_000
_KEYED_LINE = re.compile(rb"^(?:Event|event):\s", re.MULTILINE)
_MAX_PROBLEMS, _MAX_SAID = 10, 1000
_TYPES = event_classes()
_BLANK_LINES = re.compile(rb"\r?\n(?:[ \t]*\r?\n)+")


class CheckError(Exception):
    """The file cannot be checked; the message says why and what was expected."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one native message: events, or why there are none."""

    number: int
    """Of the message in the file, from 1."""
    events: tuple[dict[str, Any], ...] = ()
    nothing: str = ""
    refused: str = ""


def check_file(path: Path, adapter: Adapter, site: str) -> Iterator[Checked]:
    """Translate every message of a file and hold the events against the contract. Raises CheckError."""
    try:
        size = path.stat().st_size
        if size > _MAX_BYTES:
            raise CheckError(f"{path}: {size:,} bytes; expected at most {_MAX_BYTES:,}: check it in parts")
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise CheckError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    for number, message in enumerate(messages(content), 1):
        yield check(number, message, adapter, site)


def messages(content: bytes) -> Iterator[bytes]:
    """The native messages of a file: one JSON document, a JSON array, JSON lines, blocks of `Key: Value`, or lines."""
    text = content.removeprefix(b"\xef\xbb\xbf").strip()
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        pieces = _BLANK_LINES.split(text) if _KEYED_LINE.search(text) else text.splitlines()
        yield from (piece for piece in pieces if piece.strip())
        return
    if isinstance(document, list):
        yield from (json.dumps(item).encode() for item in document)
    else:
        yield text


def check(number: int, message: bytes, adapter: Adapter, site: str) -> Checked:
    """What becomes of one message."""
    try:
        told = adapter.tell(message, site)
    except NotUnderstoodError as error:
        return Checked(number, refused=str(error))
    for event in told.events:
        try:
            EVENT.validate_json(json.dumps(event))
        except (ValidationError, RecursionError) as error:
            return Checked(number, refused=_refusal(event, error))
    return Checked(number, told.events, told.nothing)


def _refusal(event: dict[str, Any], error: ValidationError | RecursionError) -> str:
    kind = event.get("type")
    kind = kind if isinstance(kind, str) and kind in _TYPES else "event"
    if isinstance(error, RecursionError):
        return f"{kind}: nested too deeply; expected data of plain values"
    found = error.errors(include_url=False, include_input=False)
    said = "; ".join(f"{_place(p['loc'])}: {p['msg']}" for p in found[:_MAX_PROBLEMS])
    # A message of pydantic's can repeat a value, such as the type.
    said = masked(said[:_MAX_SAID])
    return f"{kind}: {said}"


def _place(steps: tuple[int | str, ...]) -> str:
    # The first step names the event type, which is said already.
    return ".".join(map(str, steps[1:])) or "type"

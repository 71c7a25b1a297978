"""Reading a document: TOML into its model. Every problem is named with file, line and key, all at once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from models.documents.shape import followed
from models.documents.toml_lines import Lines, Place
from models.documents.words import described, safe, written

MAX_PROBLEMS = 20

_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

Model = TypeVar("Model", bound=BaseModel)


class DocumentError(Exception):
    """A document that cannot be used. The message has one line for each problem."""

    def __init__(self, *problems: str) -> None:
        """Each names its file and what is wrong."""
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Document(Generic[Model]):
    """What a document says, and where."""

    name: str
    text: str
    value: Model

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.text)

    def problem(self, place: Place, words: str) -> str:
        """Something wrong that only others than its model can know, as a line of a DocumentError."""
        return _problem(self.name, self._lines, place, words)


def load(path: Path, model: type[Model], max_bytes: int, *, exact: bool = False) -> Document[Model]:
    """The document in a file. `exact`: numbers with a point become decimals, digit by digit. Raises DocumentError."""
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DocumentError(f"{path}: cannot be read: {reason}") from error
    if len(data) > max_bytes:
        raise DocumentError(f"{path}: too large: expected at most {max_bytes:,} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError(f"{path}:{line}: not UTF-8: expected a text file in this encoding") from error
    return read(text, str(path), model, exact=exact)


def read(text: str, name: str, model: type[Model], *, exact: bool = False) -> Document[Model]:
    """The document in a text; errors call it `name`. Raises DocumentError."""
    text = text.removeprefix("\ufeff")
    try:
        raw = tomllib.loads(text, parse_float=_decimal if exact else float)
    except ValueError as error:
        raise DocumentError(f"{name}:{_not_toml(text, error)}") from None
    except RecursionError:
        raise DocumentError(f"{name}:1: arrays or inline tables are nested too deeply") from None
    try:
        return Document(name, text, model.model_validate(raw))
    except ValidationError as error:
        items = [item for item in error.errors(include_url=False) if not _follows_from_others(item)]
    found = [(item, *followed(model, item)) for item in items]
    lines = Lines(text)
    found.sort(key=lambda problem: lines.of(problem[1]))
    shown = [
        _problem(name, lines, place, described(item, place, expected)) for item, place, expected in found[:MAX_PROBLEMS]
    ]
    if (more := len(found) - MAX_PROBLEMS) > 0:
        shown.append(f"{name}: and {more} more")
    raise DocumentError(*shown)


def _problem(name: str, lines: Lines, place: Place, words: str) -> str:
    where = f"{written(place)}: " if place else ""
    return f"{name}:{lines.of(place)}: {where}{words}"


def _follows_from_others(item: ErrorDetails) -> bool:
    """Of an array whose elements are wrong pydantic may say too that it has too few of them."""
    return item["type"] == "too_short" and len(item["input"]) >= item["ctx"]["min_length"]


def _decimal(text: str) -> Any:
    try:
        return Decimal(text)
    except InvalidOperation:
        # Its power of ten is beyond what decimals hold, so beyond every bound too.
        return Decimal("-inf" if text.startswith("-") else "inf")


def _not_toml(text: str, error: ValueError) -> str:
    """Line and reason of a syntax error."""
    message = str(error)
    if not (found := _POSITION.search(message)):
        # Python reads no decimal number this long; it is the only value tomllib fails on without a position.
        long = re.search(r"[0-9_]{4300,}", text)
        return f"{text.count(chr(10), 0, long.start() if long else 0) + 1}: a number with too many digits"
    message = safe(message[: found.start()])
    if message in ("Invalid value", "Expected newline or end of document after a statement"):
        message += '; text, and times such as "08:30", must stand in quotes'
    if found[1]:
        return f"{found[1]}: not TOML: {message} (column {found[2]})"
    return f"{text.rstrip().count(chr(10)) + 1}: not TOML: {message} (at the end of the file)"

"""Reading a scenario file: TOML into a Scenario. Every problem is named with file, line and key, all at once."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ingest.importing.errors import did_you_mean
from ingest.simulator.scenario.toml_lines import Lines, Place
from ingest.simulator.scenario.whole import Scenario
from models.events import SITE_PATTERN

MAX_BYTES = 256_000
MAX_PROBLEMS = 20
_LONGEST_VALUE = 60
_LONGEST_TEXT = 400

_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_BARE = re.compile(r"[A-Za-z0-9_-]{1,60}")
_NAME = "a name of up to 63 letters, digits, dots, dashes and underscores, the first a letter or digit"
_PATTERNS = {
    SITE_PATTERN: _NAME,
    r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$": 'a language tag such as "en" or "pt-BR"',
    r"^[^\x00-\x1f\x7f]+$": "text without line breaks and control characters",
    "^[A-Z]{3}$": 'three capital letters such as "EUR"',
}
_EXPECTED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_parsing_size": "a smaller number",
    "float_type": "a number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "finite_number": "a finite number",
    "string_type": "text in quotes",
    "list_type": "an array",
    "tuple_type": "an array",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "string_too_short": "text of {min_length} or more characters",
    "string_too_long": "text of at most {max_length} characters",
    "decimal_max_digits": "at most {max_digits} digits",
    "decimal_whole_digits": "at most {whole_digits} digits before the point",
    "decimal_max_places": "at most {decimal_places} digits after the point",
}


class ScenarioError(Exception):
    """A scenario file that cannot be used. The message has one line for each problem."""


def load(path: Path) -> Scenario:
    """The scenario in a file. Raises ScenarioError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ScenarioError(f"{path}: cannot be read: {reason}") from error
    if len(data) > MAX_BYTES:
        raise ScenarioError(f"{path}: too large: expected at most {MAX_BYTES:,} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ScenarioError(f"{path}:{line}: not UTF-8: expected a text file in this encoding") from error
    return read(text, str(path))


def read(text: str, name: str) -> Scenario:
    """The scenario in a text; errors call it `name`. Raises ScenarioError."""
    text = text.removeprefix("\ufeff")
    try:
        raw = tomllib.loads(text)
        lines = Lines(text)
    except ValueError as error:
        raise ScenarioError(f"{name}:{_not_toml(text, error)}") from None
    except RecursionError:
        raise ScenarioError(f"{name}:1: arrays or inline tables are nested too deeply") from None
    try:
        return Scenario.model_validate(raw)
    except ValidationError as error:
        found = [(item, *_followed(item)) for item in error.errors(include_url=False)]
    found.sort(key=lambda problem: lines.of(problem[1]))
    shown = [
        f"{name}:{lines.of(place)}: {_written(place)}: {_described(item, place, expected)}"
        for item, place, expected in found[:MAX_PROBLEMS]
    ]
    if (more := len(found) - MAX_PROBLEMS) > 0:
        shown.append(f"{name}: and {more} more")
    raise ScenarioError("\n".join(shown))


def _not_toml(text: str, error: ValueError) -> str:
    """Line and reason of a syntax error."""
    message = str(error)
    if not (found := _POSITION.search(message)):
        # Python reads no decimal number this long; it is the only value tomllib fails on without a position.
        long = re.search(r"[0-9_]{4300,}", text)
        return f"{text.count(chr(10), 0, long.start() if long else 0) + 1}: a number with too many digits"
    message = _safe(message[: found.start()])
    if message in ("Invalid value", "Expected newline or end of document after a statement"):
        message += '; text, and times such as "08:30", must stand in quotes'
    if found[1]:
        return f"{found[1]}: not TOML: {message} (column {found[2]})"
    return f"{text.rstrip().count(chr(10)) + 1}: not TOML: {message} (at the end of the file)"


def _followed(item: ErrorDetails) -> tuple[Place, Any]:
    """An error's place in the file, and the type expected there; for an unknown key that of the table around it."""
    loc, kind = item["loc"], item["type"]
    if kind == "extra_forbidden" or loc[-1:] == ("[key]",):
        place, expected = _walked(loc[:-1])
        return (*place, loc[-1]) if kind == "extra_forbidden" else place, expected
    place, expected = _walked(loc)
    return (*place, "kind") if kind.startswith("union_tag_") else place, expected


def _walked(loc: Place) -> tuple[Place, Any]:
    # Pydantic's own places also name the member of a union it chose; the file has no key for that.
    place: Place = ()
    expected: Any = Scenario
    for step in loc:
        members = _tags(expected)
        if step in members:
            expected = members[str(step)]
            continue
        place = (*place, step)
        if step in _fields(expected):
            expected = _peeled(expected.model_fields[str(step)].annotation)
        else:
            # Of a list's only argument, or of a table's names and values the latter.
            expected = _peeled(next(reversed(get_args(expected)), None)) if not members else None
    return place, expected


def _described(item: ErrorDetails, place: Place, expected: Any) -> str:
    """An error of pydantic in the words of the file."""
    kind, value, bounds = item["type"], item["input"], item.get("ctx", {})
    if kind == "extra_forbidden":
        known = _fields(expected)
        return "no such key" + (did_you_mean(str(place[-1]), known) or f"; keys here: {', '.join(known)}")
    if kind.startswith("union_tag_"):
        choice = f"one of {', '.join(_tags(expected))}"
        if "kind" in value:
            return f"expected {choice}; got {_shown(value['kind'])}"
        return f"this key is needed: {choice}"
    if kind == "missing":
        return f"this {'element' if isinstance(place[-1], int) else 'key'} is needed"
    if kind in ("too_short", "too_long"):
        bound = f"{bounds['min_length']} or more" if kind == "too_short" else f"at most {bounds['max_length']}"
        return f"expected {bound} entries; got {bounds['actual_length']}"
    if kind == "list_type" and isinstance(value, dict) and _fields(next(iter(get_args(expected)), None)):
        name = _written(place)
        return f"expected an array of tables, each under [[{name}]]; got a table, as by [{name}]"
    if kind == "literal_error":
        text = "expected " + bounds["expected"].replace("'", "")
    elif kind == "string_pattern_mismatch":
        text = "expected " + _PATTERNS.get(bounds["pattern"], f"text that matches {bounds['pattern']}")
    elif kind in _EXPECTED:
        text = "expected " + _EXPECTED[kind].format_map({name: _shown(bound) for name, bound in bounds.items()})
    else:
        text = item["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
    # Errors about a table as a whole say what they found; so do some about text.
    told = isinstance(value, dict | list)
    if isinstance(value, str) and repr(value) in text:
        text, told = text.replace(repr(value), _shown(value)), True
    text = _safe(text)
    if text.startswith("expected"):
        return f"{text}; got {_shown(value)}"
    return text if told else f"{text} (got {_shown(value)})"


def _peeled(expected: Any) -> Any:
    """A type without its constraints, and without None beside it."""
    if get_origin(expected) is Annotated:
        return _peeled(get_args(expected)[0])
    if get_origin(expected) in (Union, UnionType):
        others = [member for member in get_args(expected) if member is not type(None)]
        return _peeled(others[0]) if len(others) == 1 else expected
    return expected


def _fields(expected: Any) -> list[str]:
    """The keys of a table; none for anything else."""
    expected = _peeled(expected)
    return list(expected.model_fields) if isinstance(expected, type) and issubclass(expected, BaseModel) else []


def _tags(expected: Any) -> dict[str, type[BaseModel]]:
    """The tables that one with a key `kind` can be; none for anything else."""
    members = get_args(expected) if get_origin(expected) in (Union, UnionType) else ()
    tables = [member for member in members if "kind" in _fields(member)]
    return {get_args(table.model_fields["kind"].annotation)[0]: table for table in tables}


def _written(place: Place) -> str:
    """A place as in `sites.leeds.lines[0].queue`."""
    text = ""
    for step in place:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f"{'.' if text else ''}{step if _BARE.fullmatch(step) else _shown(step)}"
    return text


def _shown(value: Any) -> str:
    """A value as it may stand in a message."""
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "an array"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return repr(value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}…")
    if isinstance(value, int) and abs(value) >= 10**_LONGEST_VALUE:
        return f"a number of more than {_LONGEST_VALUE} digits"
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return f"{value:.0f}"
    return str(value)


def _safe(text: str) -> str:
    """A message that may hold text of the file."""
    cut = text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in cut)

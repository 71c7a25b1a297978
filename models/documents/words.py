"""Mistakes in a document, in words: what was expected, and what stands there."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from pydantic_core import ErrorDetails

from models.documents.near import did_you_mean
from models.documents.shape import element, keys, tags
from models.documents.toml_lines import Place
from models.events import SITE_PATTERN

_LONGEST_VALUE = 60
_LONGEST_TEXT = 400

_BARE = re.compile(r"[A-Za-z0-9_-]{1,60}")
_NAME = "a name of up to 63 letters, digits, dots, dashes and underscores, the first a letter or digit"
PATTERNS = {
    SITE_PATTERN: _NAME,
    r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$": 'a language tag such as "en" or "pt-BR"',
    r"^[^\x00-\x1f\x7f]+$": "text without line breaks and control characters",
    "^[A-Z]{3}$": 'three capital letters such as "EUR"',
    r"^\d{4}-(0[1-9]|1[0-2])$": 'a month such as "2026-11"',
}
"""What models ask of text, in words."""
_EXPECTED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_parsing_size": "a smaller number",
    "float_type": "a number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "finite_number": "a finite number",
    "string_type": "text in quotes",
    "date_type": "a date such as 2026-03-01, without quotes",
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


def described(item: ErrorDetails, place: Place, expected: Any) -> str:
    """An error of pydantic in the words of the file."""
    kind, value, bounds = item["type"], item["input"], item.get("ctx", {})
    if kind == "extra_forbidden":
        known = keys(expected)
        return "no such key" + (did_you_mean(str(place[-1]), known) or f"; keys here: {', '.join(known)}")
    if kind.startswith("union_tag_"):
        choice = f"one of {', '.join(tags(expected))}"
        if "kind" in value:
            return f"expected {choice}; got {shown(value['kind'])}"
        return f"this key is needed: {choice}"
    if kind == "missing":
        return f"this {'element' if isinstance(place[-1], int) else 'key'} is needed"
    if kind in ("too_short", "too_long"):
        bound = f"{bounds['min_length']} or more" if kind == "too_short" else f"at most {bounds['max_length']}"
        return f"expected {bound} entries; got {bounds['actual_length']}"
    if kind in ("list_type", "tuple_type") and isinstance(value, dict) and _holds_tables(expected):
        name = written(tuple(step for step in place if isinstance(step, str)))
        return f"expected an array of tables, each under [[{name}]]; got a table, as by [{name}]"
    if kind == "literal_error":
        text = "expected " + bounds["expected"].replace("'", "")
    elif kind == "string_pattern_mismatch":
        text = "expected " + PATTERNS.get(bounds["pattern"], f"text that matches {bounds['pattern']}")
    elif kind in _EXPECTED:
        text = "expected " + _EXPECTED[kind].format_map({name: shown(bound) for name, bound in bounds.items()})
    else:
        text = item["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
    # Errors about a table as a whole say what they found; so do some about text.
    told = isinstance(value, dict | list)
    if isinstance(value, str) and repr(value) in text:
        text, told = text.replace(repr(value), shown(value)), True
    text = safe(text)
    if text.startswith("expected") and not (kind == "value_error" and isinstance(value, dict)):
        return f"{text}; got {shown(value)}"
    return text if told else f"{text} (got {shown(value)})"


def _holds_tables(expected: Any) -> bool:
    inner = element(expected)
    return bool(keys(inner) or tags(inner))


def written(place: Place) -> str:
    """A place as in `sites.leeds.lines[0].queue`."""
    text = ""
    for step in place:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f"{'.' if text else ''}{step if _BARE.fullmatch(step) else shown(step)}"
    return text


def shown(value: Any) -> str:
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
    if isinstance(value, Decimal):
        return _shown_decimal(value)
    return str(value)


def _shown_decimal(value: Decimal) -> str:
    """A decimal as it was written, but for powers of ten."""
    if not value.is_finite():
        return str(value).lower()
    # Written out only where that is short: 1e999999999 would fill the memory.
    text = f"{value:f}" if abs(value.adjusted()) < _LONGEST_VALUE else str(value)
    return text if len(text) <= _LONGEST_VALUE + 2 else f"a number of more than {_LONGEST_VALUE} digits"


def safe(text: str) -> str:
    """A message that may hold text of the file."""
    cut = text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in cut)

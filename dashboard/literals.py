"""Values as SQL literals: quack's `query()` takes one text and no bound parameters.

`render` is the only place where a value meets a statement. Statements are constants of this package with
`$name` where a value belongs; replacing is one pass, so a value that looks like `$name` stays a value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

Value = str | int | date | datetime | Sequence[str]

_PLACEHOLDER = re.compile(r"\$([a-z][a-z0-9_]*)")


def literal(value: Value) -> str:
    """The SQL literal of one value. Instants must know their zone and are written in UTC."""
    if isinstance(value, bool) or value is None:
        raise TypeError(f"no literal for {value!r}")
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return f"({value:d})"
    if isinstance(value, datetime):
        if value.tzinfo is None or value.utcoffset() is None:
            raise ValueError(f"{value!r} has no time zone")
        in_utc = value - (value.utcoffset() or value - value)
        return f"timestamp '{in_utc.replace(tzinfo=None).isoformat(sep=' ', timespec='microseconds')}'"
    if isinstance(value, date):
        return f"date '{value.isoformat()}'"
    if isinstance(value, Sequence) and all(isinstance(item, str) for item in value):
        return "[" + ", ".join(_text(item) for item in value) + "]::varchar[]"
    raise TypeError(f"no literal for {type(value).__name__}")


def render(statement: str, **values: Value) -> str:
    """The statement with every `$name` replaced by its literal. Missing and unused names are errors."""
    wanted = set(_PLACEHOLDER.findall(statement))
    if wanted != set(values):
        raise ValueError(f"statement wants {sorted(wanted)}, given {sorted(values)}")
    return _PLACEHOLDER.sub(lambda match: literal(values[match[1]]), statement)


def _text(text: str) -> str:
    # A NUL would end the statement inside DuckDB's parser, so it is spelled as a function call. Text that
    # is not valid Unicode raises here rather than somewhere behind the socket.
    text.encode("utf-8")
    parts = ["'" + part.replace("'", "''") + "'" for part in text.split("\0")]
    return parts[0] if len(parts) == 1 else "(" + " || chr(0) || ".join(parts) + ")"

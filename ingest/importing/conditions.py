"""Conditions of a mapping, such as `outcome = 'HANG' and q_time > 0`: parsed once, never evaluated as Python.

    condition  = test { "and" test }
    test       = column ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) literal
               | column "is null" | column "is not null"
    literal    = 'text' (a quote inside is doubled) | number
    column     = name | "name with + or blanks"

A comparison with a null value is never true, as in SQL; only `is null` is.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Predicate = Callable[[Sequence[Any]], bool]

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^']|'')*')
      | (?P<quoted>"[^"]+")
      | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?![\w.]))
      | (?P<operator><=|>=|!=|=|<|>)
      | (?P<word>[^\W\d][\w.]*)
    )""",
    re.VERBOSE,
)
NUMERIC = frozenset({"integer", "number", "duration"})


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison; `literal` is None for `is null` and `is not null`."""

    __test__ = False  # not a test case, whatever pytest makes of its name

    column: str
    operator: str
    literal: str | int | float | None


@dataclass(frozen=True, slots=True)
class Condition:
    """Several tests, all of which must hold."""

    text: str
    tests: tuple[Test, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns named, in order, each once."""
        return tuple(dict.fromkeys(test.column for test in self.tests))

    def check_types(self, types: Mapping[str, str]) -> None:
        """Raise ValueError when a literal does not fit its column. `types`: column to type, default text."""
        for test in self.tests:
            kind = types.get(test.column, "text")
            if test.literal is None:
                continue
            if kind in NUMERIC:
                if isinstance(test.literal, str):
                    raise ValueError(f"{test.column} is of type {kind}: compare it with a number")
            elif kind == "text":
                if not isinstance(test.literal, str):
                    raise ValueError(
                        f"{test.column} is text: compare it with '{test.literal}' in single quotes, "
                        f'or give [columns.{test.column}] type = "integer"'
                    )
                if test.operator not in ("=", "!="):
                    raise ValueError(f"{test.column} is text: only = and != compare text")
            else:
                raise ValueError(f"{test.column} is of type {kind}: only 'is null' and 'is not null' apply")

    def compile(self, positions: Mapping[str, int]) -> Predicate:
        """A function of a row's typed values (nulls are None) that says whether all tests hold."""
        parts = [_predicate(test, positions[test.column]) for test in self.tests]
        if len(parts) == 1:
            return parts[0]
        return lambda row: all(part(row) for part in parts)


def _predicate(test: Test, at: int) -> Predicate:
    if test.operator == "is null":
        return lambda row: row[at] is None
    if test.operator == "is not null":
        return lambda row: row[at] is not None
    compare, literal = _OPERATORS[test.operator], test.literal
    return lambda row: row[at] is not None and compare(row[at], literal)


def parse_condition(text: str) -> Condition:
    """Read a condition. Raises ValueError naming the position and what was expected there."""
    tokens = _tokens(text)
    tests: list[Test] = []
    at = 0

    def take(what: str, *kinds: str) -> tuple[str, str]:
        nonlocal at
        kind, token, position = tokens[at] if at < len(tokens) else ("end", "the end", len(text))
        if kind not in kinds:
            raise ValueError(f"expected {what} at character {position + 1} of {text!r}, found {token}")
        at += 1
        return kind, token

    while True:
        _, column = take("a column", "word", "quoted")
        kind, symbol = take("=, !=, <, <=, >, >=, is null or is not null", "operator", "is")
        if kind == "is":
            negated = at < len(tokens) and tokens[at][0] == "not"
            at += negated
            take("null", "null")
            tests.append(Test(column, "is not null" if negated else "is null", None))
        else:
            kind, literal = take("'text' in single quotes or a number", "text", "number")
            value = literal if kind == "text" else float(literal) if "." in literal else int(literal)
            tests.append(Test(column, symbol, value))
        if at == len(tokens):
            return Condition(text, tuple(tests))
        take("and", "and")


def _tokens(text: str) -> list[tuple[str, str, int]]:
    """Kind, text (unquoted) and position of each token; and, is, not, null are kinds of their own."""
    found: list[tuple[str, str, int]] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            raise ValueError(f"cannot read {text[start:]!r} at character {start + 1} of {text!r}")
        kind, token = match.lastgroup, match.group(match.lastgroup)
        if kind == "text":
            token = token[1:-1].replace("''", "'")
        elif kind == "quoted":
            token = token[1:-1]
        elif kind == "word" and token.lower() in ("and", "is", "not", "null"):
            kind = token = token.lower()
        found.append((kind, token, match.start(match.lastgroup)))
        at = match.end()
    return found

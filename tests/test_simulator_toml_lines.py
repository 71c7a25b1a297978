"""The line of every key, however the TOML is written."""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.documents.toml_lines import Lines, Place

KEYS = st.text(alphabet="ab1-_. é=#[]\"'\\\n\t", max_size=4)
TEXTS = st.text(alphabet="ab é=#[]{}\"'\\\n,", max_size=6)
SCALARS = (
    st.integers(-(10**12), 10**12)
    | st.booleans()
    | st.floats(allow_nan=False)
    | TEXTS
    | st.dates(min_value=datetime.date(1900, 1, 1))
    | st.times()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)
TABLES = st.dictionaries(KEYS, VALUES | st.lists(st.dictionaries(KEYS, VALUES, max_size=3), max_size=3), max_size=4)


class Writer:
    """Writes a table as TOML in styles chosen at random, and notes the line of everything."""

    def __init__(self, choose: Callable[[list[Any]], Any]) -> None:
        self.choose = choose
        self.text = ""
        self.lines: dict[Place, int] = {}

    def note(self, place: Place) -> None:
        self.lines[place] = self.text.count("\n") + 1

    def gap(self) -> str:
        return str(self.choose(["", " ", "\t "]))

    def end(self) -> None:
        self.text += self.choose(["\n", " # a = 1\n", "\n\n", "\n# [a]\n", "\n  \t\n"])

    def section(self, place: Place, table: dict[str, Any], header: str = "") -> None:
        """A table under its header (none at the top): its pairs, then the tables in it under their own headers."""
        later = [key for key, value in table.items() if self.may_have_header(value)]
        pairs = [key for key in table if key not in later]
        # A header may come after those of the tables in it, and be left out when nothing else is in it.
        last = bool(later) and header.startswith("[") and not header.startswith("[[") and self.choose([False, True])
        if not last:
            self.head(place, header, table, pairs)
        for key in later:
            value = table[key]
            path = ".".join([*([header.strip("[]")] if header else []), self.key(key)])
            if isinstance(value, list):
                for number, element in enumerate(value):
                    self.section((*place, key, number), element, f"[[{path}]]")
            else:
                self.section((*place, key), value, f"[{path}]")
        if last and (pairs or self.choose([True, False])):
            self.head(place, header, table, pairs)

    def head(self, place: Place, header: str, table: dict[str, Any], pairs: list[str]) -> None:
        if header:
            self.text += self.gap()
            self.note(place)
            self.text += header
            self.end()
        for key in pairs:
            self.pair(place, "", key, table[key])

    def may_have_header(self, value: Any) -> bool:
        tables = isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
        return (tables or isinstance(value, dict)) and bool(self.choose([True, True, False]))

    def pair(self, place: Place, before: str, key: str, value: Any, inline: bool = False) -> None:
        """`before` is the dotted key so far."""
        dotted = before + self.key(key)
        if isinstance(value, dict) and value and self.choose([True, False]):
            for number, (inner, item) in enumerate(value.items()):
                if inline and number:
                    self.text += ","
                self.pair((*place, key), f"{dotted}{self.gap()}.{self.gap()}", inner, item, inline)
            return
        self.text += self.gap()
        self.note((*place, key))
        self.text += f"{dotted}{self.gap()}={self.gap()}"
        self.value((*place, key), value)
        if not inline:
            self.end()

    def value(self, place: Place, value: Any) -> None:
        if isinstance(value, dict):
            self.text += "{"
            for number, (key, item) in enumerate(value.items()):
                self.text += "," if number else ""
                self.pair(place, "", key, item, inline=True)
            self.text += self.gap() + "}"
        elif isinstance(value, list):
            self.text += "["
            for number, item in enumerate(value):
                self.text += self.choose(["", "\n", " # , ]\n\n"])
                self.note((*place, number))
                self.value((*place, number), item)
                self.text += self.choose(["", "\n"]) + ("," if number + 1 < len(value) else self.choose(["", ",\n"]))
            self.text += "]"
        else:
            self.text += self.scalar(value)

    def scalar(self, value: Any) -> str:
        if isinstance(value, bool | str):
            styles = [json.dumps(value, ensure_ascii=False)]
            if isinstance(value, str):
                escaped = value.replace("\\", "\\\\").replace('"', '\\"')
                styles.append(f'"""\n{escaped}"""')
                if "'" not in value:
                    styles += [f"'''\n{value}'''"] + ([] if "\n" in value else [f"'{value}'"])
            return str(self.choose(styles))
        return value.isoformat() if isinstance(value, datetime.date | datetime.time) else repr(value)

    def key(self, key: str) -> str:
        styles = [json.dumps(key, ensure_ascii=False)]
        if re.fullmatch("[A-Za-z0-9_-]+", key):
            styles.append(key)
        if "'" not in key and "\n" not in key:
            styles.append(f"'{key}'")
        return str(self.choose(styles))


@settings(max_examples=300, deadline=None)
@given(TABLES, st.data(), st.sampled_from(["\n", "\r\n"]))
def test_every_key_is_found_on_its_line(table: dict[str, Any], data: st.DataObject, newline: str) -> None:
    writer = Writer(lambda options: data.draw(st.sampled_from(options)))
    writer.section((), table)
    text = writer.text.replace("\n", newline)
    assert tomllib.loads(text) == table, text
    lines = Lines(text)
    assert {place: lines.of(place) for place in writer.lines} == writer.lines, text


@pytest.mark.parametrize(
    ("text", "place", "line"),
    [
        ("", ("a",), 1),
        ("\n\na.b = 1", ("a",), 3),
        ("a.b = 1\n\na.c = 2", ("a",), 1),
        ("[a.b]\n[a]\nc = 1", ("a",), 2),
        ("[a.b]\n[a]\nc = 1", ("a", "missing"), 2),
        ("[a.b]\n[a]\nc = 1", ("a", "b"), 1),
        ("[[a]]\n[[a.b]]\n\n[[a.b]]\n[[a]]\n[a.b.c]\nd = 1", ("a", 0, "b", 1), 4),
        ("[[a]]\n[[a.b]]\n\n[[a.b]]\n[[a]]\n[a.b.c]\nd = 1", ("a", 1, "b", "c", "d"), 7),
        ("[[a]]\n[[a]]\nb = 1", ("a",), 1),
        ("[[a]]\n[[a]]\nb = 1", ("a", 1, "missing", 5), 2),
        ('a = """\n\n"""\nb = [\n\n1,\n{c = 2}]', ("b", 1, "c"), 7),
        ('[ "a b" . \'c\' ]\n"\\u0041" = 1', ("a b", "c", "A"), 2),
        ("# \u2028\u0085\u000b é\r\na = 1", ("a",), 2),
    ],
)
def test_the_line_of_what_is_there_and_of_what_is_missing(text: str, place: Place, line: int) -> None:
    assert Lines(text).of(place) == line

"""On which line of a TOML text a key stands. `tomllib` reads the values but does not say."""

from __future__ import annotations

import tomllib

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

Place = tuple[str | int, ...]
"""Keys and numbers of array elements, from the top of the file."""


class Lines:
    """The line, from 1, of every key and array element of a TOML text that `tomllib` has read."""

    def __init__(self, text: str) -> None:
        """Reads the text."""
        self._lines: dict[Place, int] = {(): 1}
        self._lengths: dict[Place, int] = {}
        tree = Parser(Language(tree_sitter_toml.language())).parse(text.encode("utf-8", "replace"))
        for node in tree.root_node.named_children:
            if node.type == "pair":
                self._pair((), node)
            elif node.type in ("table", "table_array_element"):
                self._table(node)

    def of(self, place: Place) -> int:
        """Where this stands or, when it is not there, what it would stand in."""
        while place not in self._lines:
            place = place[:-1]
        return self._lines[place]

    def _table(self, node: Node) -> None:
        header, *pairs = node.named_children
        *outer, last = _keys(header)
        place: Place = ()
        for key in outer:
            place = (*place, key)
            self._lines.setdefault(place, _line(node))
            if place in self._lengths:
                place = (*place, self._lengths[place] - 1)
        place = (*place, last)
        if node.type == "table_array_element":
            self._lines.setdefault(place, _line(node))
            number = self._lengths.get(place, 0)
            self._lengths[place] = number + 1
            place = (*place, number)
        # Not setdefault: the header of a table may come after those of the tables in it.
        self._lines[place] = _line(node)
        for pair in pairs:
            if pair.type == "pair":
                self._pair(place, pair)

    def _pair(self, place: Place, node: Node) -> None:
        key, *values = node.named_children
        for part in _keys(key):
            place = (*place, part)
            self._lines.setdefault(place, _line(key))
        for value in values:
            self._value(place, value)

    def _value(self, place: Place, node: Node) -> None:
        inner = [child for child in node.named_children if child.type != "comment"]
        if node.type == "inline_table":
            for pair in inner:
                self._pair(place, pair)
        elif node.type == "array":
            for number, element in enumerate(inner):
                self._lines[(*place, number)] = _line(element)
                self._value((*place, number), element)


def _line(node: Node) -> int:
    return node.start_point.row + 1


def _keys(node: Node) -> list[str]:
    parts = []
    while node.type == "dotted_key":
        node, last = node.named_children
        parts.append(last)
    texts = [(part.text or b"").decode("utf-8") for part in (node, *reversed(parts))]
    return [next(iter(tomllib.loads(f"{text}=0"))) if text[:1] in ("'", '"') else text for text in texts]

"""How a site is drawn: one colour and one shape, the same on every page and from run to run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PALETTE = ("#2F7BD9", "#D0670C", "#17936A", "#9B5DE5", "#DB4361", "#0B8FA3", "#A6761D", "#C445A5")
"""Readable on the light and on the dark background alike (3:1 at least; a test holds this)."""
SHAPES = (
    "circle",
    "square",
    "triangle-up",
    "diamond",
    "cross",
    "triangle-down",
    "triangle-right",
    "triangle-left",
)


@dataclass(frozen=True)
class Style:
    """Colour and shape of one site. The shape repeats what the colour says."""

    colour: str
    shape: str


def site_styles(sites: Iterable[str]) -> dict[str, Style]:
    """A style for every site.

    A site's id picks its place, so that filters and new sites hardly ever change it: only where two ids
    pick the same place does the later in the alphabet move on to the next free one. Past eight sites
    colours come again with other shapes.
    """
    styles: dict[str, Style] = {}
    taken: set[int] = set()
    size = len(PALETTE)
    for site in sorted(set(sites)):
        lap = len(styles) // size
        if len(styles) % size == 0:
            taken = set()
        place = int.from_bytes(hashlib.sha256(site.encode("utf-8", "replace")).digest()[:4]) % size
        while place in taken:
            place = (place + 1) % size
        taken.add(place)
        styles[site] = Style(PALETTE[place], SHAPES[(place + lap) % size])
    return styles

"""What the address of the Invoices page says: which bills, one of them, or a bill to load. Untrusted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dashboard import words
from dashboard.scope.scope import MOST_VALUES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

PAGE = "invoices"
LOAD = "load"
NAMES = ("provider", "month", "state", "bill", "do")


@dataclass(frozen=True)
class Filters:
    """Providers, months (`2026-11`) and states; none: all. bill: the one opened. do: `load` or nothing."""

    providers: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    bill: str = ""
    do: str = ""

    def to_query(self) -> dict[str, list[str]]:
        """The URL's query, without what is empty."""
        query = {
            "provider": list(self.providers),
            "month": list(self.months),
            "state": list(self.states),
            "bill": [self.bill] if self.bill else [],
            "do": [self.do] if self.do else [],
        }
        return {name: values for name, values in query.items() if values}

    def opening(self, bill: str = "", do: str = "") -> Filters:
        """The same with a bill opened, or something else to do, or neither."""
        return replace(self, bill=bill, do=do)


def read(
    query: Mapping[str, Sequence[str]], *, providers: Collection[str], months: Collection[str],
    states: Collection[str], bills: Collection[str],
) -> tuple[Filters, list[str]]:  # fmt: skip
    """What a URL asks for, and a note (plain text) for everything dropped."""
    notes = [words.unknown_filter(name) for name in query if name not in NAMES][:5]

    def among(name: str, known: Collection[str]) -> tuple[str, ...]:
        asked = list(dict.fromkeys(query.get(name, ())[:MOST_VALUES]))
        notes.extend([words.dropped_filter(name, value) for value in asked if value not in known][:5])
        return tuple(sorted(value for value in asked if value in known))

    def last(name: str, known: Collection[str]) -> str:
        values = query.get(name, ())
        if values and values[-1] not in known:
            notes.append(words.dropped_filter(name, values[-1]))
        return values[-1] if values and values[-1] in known else ""

    return (
        Filters(
            among("provider", providers), among("month", months), among("state", states), last("bill", bills),
            last("do", (LOAD,)),
        ),
        notes,
    )  # fmt: skip

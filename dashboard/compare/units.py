"""What is compared: sites or providers, each with its sites, and the company's own sites together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard.compare.choice import IN_HOUSE
from dashboard.names import display_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from dashboard.compare.choice import By


@dataclass(frozen=True)
class Units:
    """names: what each unit is called. sites: the sites of each. own: units that are the company's own."""

    by: By
    names: dict[str, str]
    sites: dict[str, tuple[str, ...]]
    own: frozenset[str]

    def called(self, unit: str) -> str:
        """The unit's name; the company's own sites together have a constant one."""
        return self.names.get(unit, unit)

    def within(self, unit: str) -> str:
        """The unit's name inside a sentence."""
        return "in-house" if unit == IN_HOUSE else self.called(unit)

    def ordered(self, units: Iterable[str]) -> list[str]:
        """The company's own first, then as people look for names."""
        return sorted(set(units), key=lambda unit: (unit not in self.own, self.called(unit).casefold(), unit))

    def pairs(self, chosen: tuple[str, str] | None, shown: Iterable[str]) -> list[tuple[str, str]]:
        """Who is compared with whom: the two chosen, else each bought unit in view with all in-house sites."""
        if chosen:
            return [chosen]
        if not self.sites.get(IN_HOUSE):
            return []
        return [(unit, IN_HOUSE) for unit in self.ordered(shown) if not self.is_own(unit)]

    def is_own(self, unit: str) -> bool:
        """Whether the company runs it itself."""
        return unit == IN_HOUSE or unit in self.own


def units_of(sites: pd.DataFrame, by: By) -> Units:
    """The sites of a store by themselves or by provider."""
    names = display_names(sites)
    in_house = tuple(str(site) for site in sites["site"][sites["in_house"].fillna(False).astype(bool)])
    if by == "site":
        members = {str(site): (str(site),) for site in sites["site"]}
    else:
        members = {str(name): tuple(group["site"]) for name, group in sites.groupby("provider", sort=True)}
        names = {name: name for name in members}
    own = frozenset(unit for unit, of in members.items() if set(of) <= set(in_house))
    return Units(by, {**names, IN_HOUSE: "In-house"}, {**members, IN_HOUSE: in_house}, own)

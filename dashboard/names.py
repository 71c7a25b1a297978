"""What sites are called on the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd


def display_names(sites: pd.DataFrame) -> dict[str, str]:
    """Names by site id; where two sites share a name the id tells them apart."""
    often = sites["name"].value_counts()
    return {
        str(site): str(name) if often[name] == 1 else f"{name} ({site})"
        for site, name in zip(sites["site"], sites["name"], strict=True)
    }


def by_name(sites: Iterable[str], names: dict[str, str]) -> list[str]:
    """Site ids in the order in which people look for their names."""
    return sorted(sites, key=lambda site: ((names.get(site) or site).casefold(), site))

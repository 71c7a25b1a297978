"""What all sections of the Cost page share, put together from the answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from dashboard import words as common
from dashboard.colours import Style, site_styles
from dashboard.compare.choice import IN_HOUSE
from dashboard.cost import words as said
from dashboard.cost.parties import Asked, Row
from dashboard.names import by_name, display_names
from dashboard.scope.behind import Behind

if TYPE_CHECKING:
    from dashboard.cost.filters import Period
    from dashboard.queries import Status
    from dashboard.scope.behind import Query
    from dashboard.scope.scope import Known, Scope
    from dashboard.store import Reply

OWN_COLOUR = Style("#8A94A3", "circle")
"""Of all in-house sites together, where they have no one name that a colour belongs to."""


@dataclass(frozen=True)
class View:
    """The month and what is known of it. rows: providers and in-house, cheapest first; site_rows: their sites."""

    behind: Behind
    now: Status
    period: Period
    currency: str
    frames: dict[str, pd.DataFrame]
    rows: tuple[Row, ...]
    site_rows: tuple[Row, ...]
    names: dict[str, str]
    topics: dict[str, str]
    styles: dict[str, Style]
    simulated: frozenset[str]

    @property
    def foreign(self) -> bool:
        """Whether any amount of the two months is in another currency than the company's."""
        used = {*self.frames["bills"]["currency"].dropna(), *self.frames["figures"]["currency"].dropna()}
        return bool(used - {self.currency, ""})

    @property
    def missing(self) -> list[Row]:
        """Who handled contacts at a cost nobody knows."""
        return [row for row in self.rows if row.now.amount is None]

    @property
    def providers(self) -> list[str]:
        """Providers in view with a contract, by name."""
        there = set(self.frames["contracts"]["provider"])
        return sorted((row.key for row in self.rows if row.key in there and not row.in_house), key=str.casefold)

    def called(self, key: str) -> str:
        """What a party is called."""
        return next((row.name for row in (*self.rows, *self.site_rows) if row.key == key), key)

    def of(self, frame: str, provider: str) -> pd.DataFrame:
        """The rows of an answer that are of a provider."""
        rows = self.frames[frame]
        return rows[rows["provider"] == provider].reset_index(drop=True)

    def bill(self, provider: str) -> pd.Series | None:
        """What the provider's bill of the month ought to be."""
        bills = self.of("bills", provider)
        found = bills[pd.to_datetime(bills["month"]).dt.date == self.period.month]
        return None if found.empty else found.iloc[0]

    def contacts(
        self, sites: tuple[str, ...] | None = None, *, topic: str | None = None, channel: str | None = None,
        day: date | None = None,
    ) -> Query:  # fmt: skip
        """The contacts behind a number of the month, or of one day of it."""
        query = self.behind.query(
            day or self.period.month, day or self.period.until, measure="worked", clock="completion", sites=sites,
            topic=topic,
        )  # fmt: skip
        return query | ({"channel": [channel]} if channel else {})


def view_of(
    reply: Reply, now: Status, scope: Scope, known: Known, period: Period, frames: dict[str, pd.DataFrame],
    topics: dict[str, str], fallback_currency: str,
) -> View:  # fmt: skip
    """Everything the sections need. fallback_currency: the company's, where no bill tells it."""
    sites = reply.frames["sites"]
    names = display_names(sites)
    in_view = set(scope.sites_of(known))
    chosen = sites[sites["site"].isin(in_view)]
    own_of = dict(zip(sites["site"], sites["in_house"].fillna(False).astype(bool), strict=True))
    told = [value for value in frames["bills"]["own_currency"].dropna() if value]
    asked = Asked({name: frames[name] for name in ("days", "issues", "resolved", "work")}, period.month)
    reasons = {site: site_reason(frames, site, own_of[site], provider_of(sites, site)) for site in in_view}
    own = tuple(by_name((site for site in in_view if own_of[site]), names))
    owners = {provider_of(sites, site) for site in own}
    rows = []
    for provider in dict.fromkeys(chosen["provider"]):
        of = tuple(site for site in chosen["site"][chosen["provider"] == provider] if not own_of[site])
        if of:
            why = reasons[of[0]]
            rows.append(asked.row(str(provider), str(provider), of, in_house=False, site=False, reason=why))
    if own:
        name = f"{owners.copy().pop()} ({common.IN_HOUSE})" if len(owners) == 1 else said.OWN
        why = "; ".join(dict.fromkeys(f"{names[site]}: {reasons[site]}" for site in own if reasons[site]))
        rows.append(asked.row(IN_HOUSE, name, own, in_house=True, site=False, reason=why or said.NOT_COMPUTED))
    by_site = [
        asked.row(site, names[site], (site,), in_house=own_of[site], site=True, reason=reasons[site])
        for site in by_name(in_view, names)
    ]
    styles = site_styles(known.providers)
    alone = len(owners) == 1 and owners.isdisjoint(row.key for row in rows)
    styles = {**styles, IN_HOUSE: styles[owners.copy().pop()] if alone else OWN_COLOUR}
    return View(
        Behind(scope, known), now, period, str(told[0]) if told else fallback_currency, frames,
        tuple(sorted(filter(_worked, rows), key=_cheapest)), tuple(sorted(filter(_worked, by_site), key=_cheapest)),
        names, topics, styles, frozenset(chosen["site"][chosen["simulated"].astype(bool)]),
    )  # fmt: skip


def _worked(row: Row) -> bool:
    return bool(row.now.contacts or row.now.amount)


def _cheapest(row: Row) -> tuple[bool, object, str]:
    cost = row.now.per_contact
    return cost is None, cost or 0, row.name.casefold()


def provider_of(sites: pd.DataFrame, site: str) -> str:
    """Who runs a site."""
    return str(sites["provider"][sites["site"] == site].iloc[0])


def site_reason(frames: dict[str, pd.DataFrame], site: str, in_house: bool, provider: str) -> str:
    """Why nobody knows what a site costs, if that is so."""
    if not in_house:
        if provider not in set(frames["contracts"]["provider"]):
            return said.NO_CONTRACT
        bills = frames["bills"][frames["bills"]["provider"] == provider]
        trouble = [str(value) for value in bills["trouble"].dropna() if value]
        return trouble[-1] if trouble else said.NOT_COMPUTED
    if site not in set(frames["figures"]["site"]):
        return said.NO_FIGURES
    agents = frames["agents"][frames["agents"]["site"] == site]
    columns = ("available_ms", "busy_ms", "wrapping_up_ms")
    if not sum(int(agents[name].fillna(0).sum()) for name in columns):
        return said.NO_STATES
    return said.NOT_COMPUTED

"""What a contact costs at each provider, in-house and at each site: sums first, one division last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from dashboard.compare.choice import IN_HOUSE
from dashboard.cost import money
from dashboard.cost.questions import RESOLUTION
from dashboard.scope import sums
from models.fairness.handle_times import mean_by_day
from models.fairness.sums import Totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from models.fairness.intervals import Interval

_MS_OF_MINUTE = 60_000


@dataclass(frozen=True)
class Sums:
    """What was done and what it cost. An amount is None where any part of it is unknown, or nothing was done."""

    contacts: int = 0
    handle_ms: int = 0
    amount: Decimal | None = None
    labour: Decimal | None = None
    constant: Decimal | None = None

    @property
    def per_contact(self) -> Decimal | None:
        """Cost of a contact handled."""
        return money.per(self.amount, self.contacts)

    @property
    def per_contact_constant(self) -> Decimal | None:
        """The same at the rates of the first month."""
        return money.per(self.constant, self.contacts)

    @property
    def per_minute(self) -> Decimal | None:
        """Cost of a minute of talk, hold and after-contact work."""
        return None if self.amount is None or not self.handle_ms else self.amount * _MS_OF_MINUTE / self.handle_ms


@dataclass(frozen=True)
class Issues:
    """Issues that began in a month, and what all their contacts cost so far, wherever they were handled."""

    issues: int = 0
    contacts: int = 0
    elsewhere: int = 0
    amount: Decimal | None = None

    @property
    def per_issue(self) -> Decimal | None:
        """Cost of an issue."""
        return money.per(self.amount, self.issues)


@dataclass(frozen=True)
class Row:
    """One provider, all in-house sites together, or one site. key: stands for it in charts; name: what it is called.

    reason: why its cost is unknown, as text. resolved, resolved_n: first-contact resolution and its n.
    """

    key: str
    name: str
    in_house: bool
    sites: tuple[str, ...]
    now: Sums
    before: Sums
    interval: Interval | None = None
    issues: Issues = Issues()
    resolved: float | None = None
    resolved_n: int = 0
    reason: str = ""

    @property
    def per_resolution(self) -> Decimal | None:
        """Cost of a contact over the share of contacts that nobody came again about."""
        return money.per(self.now.per_contact, self.resolved)

    @property
    def change(self) -> Decimal | None:
        """Relative change of the cost of a contact against the month before."""
        return _change(self.now.per_contact, self.before.per_contact)

    @property
    def change_constant(self) -> Decimal | None:
        """The same at constant rates of exchange."""
        return _change(self.now.per_contact_constant, self.before.per_contact_constant)


def _change(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    return None if now is None or not before else now / before - 1


def keyed(frame: pd.DataFrame) -> pd.DataFrame:
    """The answer with who each row is of (`who`): the provider, or all in-house sites together."""
    who = [IN_HOUSE if own else str(name) for name, own in zip(frame["provider"], frame["in_house"], strict=True)]
    return frame.assign(who=pd.Series(who, index=frame.index, dtype=object))


def summed(frame: pd.DataFrame) -> Sums:
    """Rows of amounts as one."""
    if frame.empty:
        return Sums()

    def known(column: str, unknown: str) -> Decimal | None:
        # Labour is only known in-house, and there where the cost is.
        return None if frame[unknown].any() else money.total(money.parsed(value) for value in frame[column])

    return Sums(
        int(frame["contacts"].sum()),
        int(frame["handle_ms"].sum()),
        known("amount", "unknown"),
        known("labour", "unknown"),
        known("constant", "constant_unknown"),
    )


def interval(frame: pd.DataFrame) -> Interval | None:
    """95 % interval of the cost of a contact, by days: those of a day are alike, and a bill's lines are of days.

    Cost of a day without contacts counts with the day with contacts before it, so that all cost is in it.
    """
    if frame.empty or frame["unknown"].any():
        return None
    days: list[list[float]] = []
    early = 0.0
    for _, of_day in frame.groupby("date", sort=True):
        cost = float(sum((money.parsed(value) or Decimal(0) for value in of_day["amount"]), Decimal(0)))
        if contacts := int(of_day["contacts"].sum()):
            days.append([cost + early, contacts])
            early = 0.0
        elif days:
            days[-1][0] += cost
        else:
            early += cost
    found = mean_by_day(Totals(*day) for day in days)
    return None if found is None else found.interval


def issues_of(frame: pd.DataFrame) -> Issues:
    """Issues of some sites as one."""
    if frame.empty:
        return Issues()
    amount = None if frame["unknown"].any() else money.total(money.parsed(value) for value in frame["amount"])
    issues, contacts, elsewhere = (int(frame[name].sum()) for name in ("issues", "contacts", "elsewhere"))
    return Issues(issues, contacts, elsewhere, amount)


def resolution(frame: pd.DataFrame) -> tuple[float | None, int]:
    """First-contact resolution of some sites, and its n, by the catalogue."""
    if frame.empty:
        return None, 0
    metric = sums.metric(RESOLUTION)
    row = sums.with_metrics(frame[list(metric.sums)].sum().to_frame().T, [metric]).iloc[0]
    n = int(row[f"{metric.name}_n"])
    return (float(row[metric.name]), n) if n else (None, 0)


@dataclass(frozen=True)
class Asked:
    """The answers that rows are made of: `days`, `issues`, `resolved`, `work`."""

    frames: Mapping[str, pd.DataFrame]
    month: date

    def row(self, key: str, name: str, sites: tuple[str, ...], *, in_house: bool, site: bool, reason: str) -> Row:
        """site: of one site, not of a provider with what its bill holds without a site."""
        days = keyed(self.frames["days"])
        of = days["site"].isin(sites) if site else days["who"] == key
        is_now = _is(days["month"], self.month)
        mine = {name: frame[frame["site"].isin(sites)] for name, frame in self.frames.items() if name != "days"}
        now = summed(days[of & is_now])
        if days[of & is_now].empty and len(mine["work"]):
            work = mine["work"]
            now = Sums(int(work["contacts"].sum()), int(work["handle_ms"].sum()))
        resolved = mine["resolved"]
        share, n = resolution(resolved[_is(resolved["month"], self.month)])
        return Row(
            key, name, in_house, sites, now, summed(days[of & ~is_now]), interval(days[of & is_now]),
            issues_of(mine["issues"][_is(mine["issues"]["month"], self.month)]), share, n,
            reason if now.amount is None else "",
        )  # fmt: skip


def _is(months: pd.Series, month: date) -> pd.Series:
    return pd.to_datetime(months).dt.date == month


def ranked(rows: Iterable[Row], figure: str) -> list[Row]:
    """Rows with this figure (`per_contact` or `per_resolution`), cheapest first."""
    known = [(value, row) for row in rows if (value := figure_of(row, figure)) is not None]
    return [row for _, row in sorted(known, key=lambda pair: pair[0])]


def figure_of(row: Row, figure: str) -> Decimal | None:
    """The figure of a row."""
    return row.per_resolution if figure == "per_resolution" else row.now.per_contact

"""What a month of a party is computed from: sums by day, read from the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from ingest.rollup.changed import KINDS
from models.billing.delivered import Delivered, Level
from models.billing.months import last_day
from models.metrics.catalogue import BY_NAME
from models.metrics.metric import Metric
from models.metrics.views import summed, sums_of
from models.terms.charge import PerResolution
from models.terms.contract import Contract

_ROLLUPS = (
    "'billing', 'hours', 'work', 'repeats', 'issues', 'agents', 'arrivals', 'completions', 'surveys', 'evaluations'"
)
_PLACES = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Work:
    """What agents of a site handled on a day of the reporting zone, by channel and topic."""

    day: date
    site: str
    channel: str | None
    topic: str | None
    contacts: int
    handle_ms: int


@dataclass(frozen=True, slots=True)
class Paid:
    """What a charge counted by contact was paid for, by where it was."""

    bill_day: date
    charge: str
    day: date
    site: str
    channel: str | None
    topic: str | None
    units: int


@dataclass(frozen=True, slots=True)
class IssueWork:
    """Contacts of a month by the issue they belong to."""

    issue_month: date
    owner_site: str
    site: str
    channel: str | None
    topic: str | None
    issues: int
    contacts: int
    handle_ms: int


class Sums:
    """Questions about the sums by day, on the connection of who computes."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def months(self) -> dict[date, int]:
        """First day of every month with work or hours, and the newest build among its days and those beside it."""
        rows = self._all(
            f"""
            with built as (
                select date, max(build) as build from private.rolled_day where of_table in ({_ROLLUPS}) group by date
            )
            select m, max(build)
            from (
                -- A bill's day may be another than the reporting zone's.
                select distinct date_trunc('month', date + days::integer)::date as m, build
                from built cross join range(-1, 2) near(days)
            )
            group by m
            order by m
            """
        )
        return {month: int(build) for month, build in rows}

    def are_complete(self, month: date, today: date) -> bool:
        """Whether all kinds of sums know every contact of the month, by the same definitions, a day or less ago."""
        marks = self._all(
            "select last_version, until_date, settings from private.rolled_up "
            "qualify row_number() over (partition by kind order by build desc) = 1"
        )
        if len(marks) < len(KINDS) or len({settings for *_, settings in marks}) > 1:
            return False
        ((newest,),) = self._all(
            "select coalesce(max(version), 0) from private.contact_version "
            "where last_at >= $first::date - 1 and first_at < $last::date + 2",
            first=month, last=last_day(month),
        )  # fmt: skip
        return all(version >= newest and until >= today - timedelta(days=1) for version, until, _ in marks)

    def days(self) -> tuple[date, date] | None:
        """First and last day with work; None without any."""
        ((first, last),) = self._all("select min(date), max(date) from day_work")
        return (first, last) if first else None

    def work(self, sites: Sequence[str], month: date) -> list[Work]:
        """By day, site, channel and topic."""
        rows = self._all(
            "select date, site, channel, topic, sum(contacts)::bigint, sum(handle_ms)::bigint from day_work "
            "where list_contains($sites, site) and date between $first and $last group by all order by all",
            sites=list(sites), first=month, last=last_day(month),
        )  # fmt: skip
        return [Work(*row) for row in rows]

    def paid(self, contract: Contract, month: date) -> list[Paid]:
        """What charges by contact and minute count."""
        rows = self._all(
            "select bill_date, charge, date, site, channel, topic, sum(units)::bigint from day_billing "
            "where provider = $provider and bill_date between $first and $last "
            "and date between $first - 2 and $last + 2 group by all order by all",
            provider=contract.provider, first=month, last=last_day(month),
        )  # fmt: skip
        return [Paid(*row) for row in rows]

    def hours(self, contract: Contract, month: date) -> list[tuple[date, str, str, int]]:
        """Day of the bill, charge, site, milliseconds."""
        return self._all(
            "select bill_date, charge, site, sum(span_ms)::bigint from day_hours "
            "where provider = $provider and bill_date between $first and $last "
            "and date between $first - 2 and $last + 2 group by all order by all",
            provider=contract.provider, first=month, last=last_day(month),
        )  # fmt: skip

    def resolutions(self, contract: Contract, sites: Sequence[str], month: date) -> list[Delivered]:
        """Of charges by resolution; days of the reporting zone."""
        found: dict[tuple[date, str], Delivered] = {}
        for terms in contract.terms:
            for charge in (each for each in terms.charges if isinstance(each, PerResolution)):
                rows = self._all(
                    f"select date, sum(resolvable - repeated_{charge.window_days}d)::bigint from day_repeats "
                    "where list_contains($sites, site) and date between $first and $last "
                    "and (len($queues) = 0 or list_contains($queues, queue)) "
                    "and (len($channels) = 0 or list_contains($channels, channel)) "
                    "and (len($languages) = 0 or list_contains($languages, language)) "
                    "and (len($topics) = 0 or list_contains($topics, topic)) group by date",
                    sites=list(charge.sites or sites), first=month, last=last_day(month),
                    queues=list(charge.queues), channels=list(charge.channels),
                    languages=list(charge.languages), topics=list(charge.topics),
                )  # fmt: skip
                for day, count in rows:
                    if contract.in_force(day) is terms:
                        found[day, charge.name] = Delivered(day, charge.name, count or 0)
        return list(found.values())

    def productive(self, sites: Sequence[str], month: date) -> dict[tuple[date, str], int]:
        """Milliseconds agents were available, busy or in after-contact work, by day and site."""
        rows = self._all(
            "select date, site, sum(available_ms + busy_ms + wrapping_up_ms)::bigint from day_agents "
            "where list_contains($sites, site) and date between $first and $last group by all",
            sites=list(sites), first=month, last=last_day(month),
        )  # fmt: skip
        return {(day, site): ms or 0 for day, site, ms in rows}

    def issues(self, sites: Sequence[str], month: date) -> list[IssueWork]:
        """By the month the issue began in, who it began with, and who handled the contact."""
        rows = self._all(
            "select date_trunc('month', issue_date)::date, owner_site, site, channel, topic, "
            "sum(issues)::bigint, sum(contacts)::bigint, sum(handle_ms)::bigint from day_issues "
            "where list_contains($sites, site) and date between $first and $last group by all order by all",
            sites=list(sites), first=month, last=last_day(month),
        )  # fmt: skip
        return [IssueWork(*row) for row in rows]

    def levels(self, metrics: Sequence[str], sites: Sequence[str], days: Sequence[date]) -> dict[str, Level]:
        """Metrics of these sites over these days together, to 6 places."""
        wanted = [BY_NAME[name] for name in dict.fromkeys(metrics)]
        if not wanted or not days:
            return {}
        figures = ", ".join(f"{metric.sql}, {metric.n_sql}" for metric in wanted)
        ((*found,),) = self._all(
            f"select {figures} from (select {summed(sums_of(wanted))} from "
            f"(select * exclude (date) from ({_source(wanted)}) "
            "where list_contains($sites, site) and list_contains($days, date)))",
            sites=list(sites), days=list(days),
        )  # fmt: skip
        values = zip(wanted, found[::2], found[1::2], strict=True)
        return {metric.name: Level(_exact(value), int(n or 0)) for metric, value, n in values}

    def _all(self, query: str, **bound: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, bound or None).fetchall()


def _source(metrics: Sequence[Metric]) -> str:
    if any(metric.clock == "overlap" for metric in metrics):
        return "from day_sums union all by name select * exclude (team) from day_agents"
    return "from day_sums"


def _exact(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(_PLACES)

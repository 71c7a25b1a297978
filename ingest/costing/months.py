"""Computing what is due: every month of every party whose sums by day, or whose terms, changed since."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

import duckdb
import structlog

from ingest.costing.month import Month, exchanged, in_house_costs, issue_costs, places_of, provider_costs
from ingest.costing.reading import Sums
from ingest.costing.writing import mark, write, write_earn_back
from ingest.transaction import transaction
from models.billing.delivered import Delivered, Level
from models.billing.earn_back import EarnBack, Settled, earn_back
from models.billing.exchange import MissingRateError
from models.billing.expected import at_pace, expected
from models.billing.invoice import Invoice, invoice
from models.billing.months import days, last_day, month_terms
from models.billing.stake import Stake, at_stake
from models.settings import Settings
from models.terms.contract import Contract, Exchange
from models.terms.folder import Documents, sites_of

log = structlog.get_logger("costing")

OWN = ""
"""The party that is the company's own sites."""
RUNNING_EVERY_S = 600.0
_OWN_CLOSE_DAYS = 10
_BY_CONTACT = {"contact", "fixed", "baseline", "resolution"}


class Due(NamedTuple):
    """A month to compute. source_build: the newest build of its days."""

    party: str
    month: date
    source_build: int


class Months:
    """Computes months on a connection of its own thread."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings, documents: Documents) -> None:
        self._connection = connection
        self._settings = settings
        self._documents = documents
        self._sums = Sums(connection)
        self._terms = digest(documents, settings)
        self._contracts = {contract.provider: contract for contract in documents.contracts}
        self._computed_at: dict[tuple[str, date], float] = {}
        self._own_sites = tuple(site for site, known in settings.sites.items() if known.in_house)

    def due(self) -> list[Due]:
        """Months to compute, the newest first. Raises duckdb.Error."""
        known = self._sums.days()
        if known is None:
            return []
        upto = {
            (party, month): (build, terms)
            for party, month, build, terms in self._connection.execute(
                "select party, month, arg_max(source_build, rowid), arg_max(terms, rowid) "
                "from private.costed_upto group by all"
            ).fetchall()
        }
        first = known[0].replace(day=1)
        found = []
        for month, build in self._sums.months().items():
            if not first <= month <= self._today("UTC") + timedelta(days=1):
                continue
            for party in self._parties():
                if self._is_due(upto.get((party, month)), party, month, build):
                    found.append(Due(party, month, build))
        return sorted(found, key=lambda due: (due.month, due.party), reverse=True)

    def _is_due(self, upto: tuple[int, str] | None, party: str, month: date, build: int) -> bool:
        """A month that runs changes all the time, and each time it is kept anew: so now and then only."""
        if upto is None or upto[1] != self._terms or self._has_ended(party, month):
            return True
        lately = time.monotonic() - self._computed_at.get((party, month), -RUNNING_EVERY_S) < RUNNING_EVERY_S
        return upto[0] != build and not (lately and month == self._today("UTC").replace(day=1))

    def compute(self, due: Due) -> bool:
        """Compute a month and append it where it came out another way. Returns whether it did. Raises duckdb.Error."""
        began = time.monotonic()
        if due.party == OWN:
            month, stakes = self._own(due.month), list[Stake]()
        else:
            month, stakes = self._of(self._contracts[due.party], due.month)
        last = self._connection.execute(
            "select digest from private.costed_month where party = ? and month = ? order by build desc limit 1",
            [due.party, due.month],
        ).fetchone()
        changed = last is None or last[0] != month.digest
        with transaction(self._connection):
            if changed:
                write(self._connection, month, stakes, self._terms, self.now())
                if due.party in self._contracts:
                    write_earn_back(self._connection, due.party, self._earned_back(self._contracts[due.party]))
            mark(self._connection, due.party, due.month, due.source_build, self._terms, self.now())
        self._computed_at[due.party, due.month] = began
        log.debug("month computed", of=due.party, month=str(due.month), changed=changed, s=time.monotonic() - began)
        return changed

    def contract(self, provider: str) -> Contract | None:
        """The contract with a provider."""
        return self._contracts.get(provider)

    def sites(self, contract: Contract) -> tuple[str, ...]:
        """The sites a contract is for."""
        return sites_of(contract, self._settings.sites)

    def is_over(self, party: str, month: date) -> bool:
        """Whether a month has ended where its bill counts its days."""
        return self._progress(party, month)[0]

    def bill(self, contract: Contract, month: date) -> Invoice:
        """What the bill of a month ought to be. Raises ValueError without terms, duckdb.Error."""
        found, _ = self._of(contract, month)
        if found.bill is None:
            raise ValueError(found.trouble or f"nothing is known of {month:%Y-%m}")
        return found.bill

    def _parties(self) -> list[str]:
        return [*self._contracts, *([OWN] if self._documents.in_house and self._own_sites else [])]

    def _has_ended(self, party: str, month: date) -> bool:
        """Whether it was computed as running, or open, and is over, or to be closed, by now."""
        last = self._last(party, month)
        return last is not None and last != self._progress(party, month)

    def _last(self, party: str, month: date) -> tuple[bool, bool] | None:
        """Whether a month was over, and closed, when it was computed last."""
        row = self._connection.execute(
            "select until_date is null, is_closed from private.costed_month where party = ? and month = ? "
            "order by build desc limit 1",
            [party, month],
        ).fetchone()
        return (bool(row[0]), bool(row[1])) if row else None

    def _progress(self, party: str, month: date) -> tuple[bool, bool]:
        """Whether the month is over, and whether it is closed: then it stays so."""
        contract = self._contracts.get(party)
        today = self._today(contract.time_zone if contract else self._settings.reporting_zone)
        end = last_day(month)
        if today > end and (last := self._last(party, month)) and last[1]:
            return last
        close_days = contract.close_days if contract else _OWN_CLOSE_DAYS
        closes = today > end + timedelta(days=close_days)
        # Not while sums of it are still to be made: what they add later would pass for a correction.
        return today > end, closes and self._sums.are_complete(month, today)

    def _of(self, contract: Contract, month: date) -> tuple[Month, list[Stake]]:
        over, closed = self._progress(contract.provider, month)
        until = None if over else self._today(contract.time_zone)
        sites = sites_of(contract, self._settings.sites)
        work = self._sums.work(sites, month)
        paid, hours = self._sums.paid(contract, month), self._sums.hours(contract, month)
        delivered = [
            *(Delivered(row.bill_day, row.charge, row.units) for row in paid),
            *(Delivered(day, charge, ms) for day, charge, _, ms in hours),
            *self._sums.resolutions(contract, sites, month),
        ]
        base = self._base()
        try:
            terms = month_terms(contract, month)
        except ValueError as error:
            costs = places_of(work, is_known=False)
            return Month(contract.provider, month, until, closed, "", costs, (), trouble=str(error)), []
        excluded = {day for span in terms.excluded for day in days(span.first, span.last)}
        counted = [day for day in days(month, until or last_day(month)) if day not in excluded]
        metrics = [level.metric for level in terms.service_levels]
        metrics += [gate.metric for gate in terms.bonus.gates] if terms.bonus else []
        levels = self._sums.levels(metrics, sites, counted)
        exchange = exchanged(terms.currency, terms.exchange, self._documents.rates, month, base)
        bill = self._bill(contract, month, delivered, levels, until)
        costs = provider_costs(bill, work, paid, hours, sites, exchange)
        by_contact = all(charge.kind in _BY_CONTACT for charge in terms.charges)
        issues = issue_costs(costs, self._sums.issues(sites, month), by_contact=by_contact)
        rounded = bill.own.amount if exchange.rate is not None else None
        constant = None if exchange.constant is None else bill.total * exchange.constant
        found = Month(
            contract.provider, month, until, closed, terms.currency, costs, issues, bill, exchange.rate, rounded,
            constant, exchange.trouble, bill.effect.notes,
        )  # fmt: skip
        if until is None or not terms.service_levels:
            return found, []
        ahead = at_pace(contract, month, delivered, until)
        fees = sum(line.amount for line in expected(contract, month, ahead))
        known = (until - month).days + 1
        left = {name: level.n * (last_day(month) - until).days // known for name, level in levels.items()}
        return found, at_stake(terms, bill.subtotal + bill.minimum, fees, levels, left, until)  # type: ignore[arg-type]

    def _earned_back(self, contract: Contract) -> list[EarnBack]:
        """Of each month that is over, as it was computed last."""
        rows = self._connection.execute(
            """
            select m.month, m.effect, bool_and(l.met) filter (l.counts)
            from (
                from private.costed_month where party = ?
                qualify row_number() over (partition by month order by build desc) = 1
            ) m
            left join private.expected_level l on l.build = m.build
            where m.until_date is null and m.effect is not null
            group by all
            """,
            [contract.provider],
        ).fetchall()
        settled = [Settled(month, max(-effect, Decimal(0)), bool(met)) for month, effect, met in rows]
        found: list[EarnBack] = []
        for month in settled:
            bonus = month_terms(contract, month.month).bonus
            within = bonus.earn_back_months if bonus else 0
            found += [row for row in earn_back(settled, within) if row.month == month.month]
        return found

    def _bill(
        self, contract: Contract, month: date, delivered: Sequence[Delivered], levels: dict[str, Level],
        until: date | None,
    ) -> Invoice:  # fmt: skip
        try:
            return invoice(contract, month, delivered, levels, self._documents.rates, until)
        except MissingRateError:
            # In its own currency it is known all the same.
            same = [terms.model_copy(update={"exchange": Exchange()}) for terms in contract.terms]
            plain = contract.model_copy(update={"terms": tuple(same)})
            return invoice(plain, month, delivered, levels, None, until)

    def _own(self, month: date) -> Month:
        over, closed = self._progress(OWN, month)
        documents = self._documents.in_house
        assert documents is not None  # noqa: S101 - no party of this name without.
        sites, own = self._own_sites, self._settings.currency
        work = self._sums.work(sites, month)
        rule = {True: Exchange(), False: Exchange(rule="month_average")}
        exchanges = {
            currency: exchanged(currency, rule[currency == own], self._documents.rates, month, self._base())
            for currency in {period.currency for period in documents.periods}
        }
        costs, notes = in_house_costs(documents, work, self._sums.productive(sites, month), sites, exchanges)
        issues = issue_costs(costs, self._sums.issues(sites, month), by_contact=False)
        amounts = [cost.amount for cost in costs.values()]
        total = None if None in amounts else sum(amount for amount in amounts if amount is not None)
        constants = [cost.constant for cost in costs.values()]
        constant = None if None in constants else sum(amount for amount in constants if amount is not None)
        trouble = next((exchange.trouble for exchange in exchanges.values() if exchange.trouble), None)
        until = None if over else self._today(self._settings.reporting_zone)
        return Month(
            OWN, month, until, closed, own, costs, issues, None, None, total,  # type: ignore[arg-type]
            constant, trouble, tuple(notes),  # type: ignore[arg-type]
        )  # fmt: skip

    def _base(self) -> date:
        """The month at whose rates constant-currency amounts are: the first there is work of."""
        known = self._sums.days()
        return known[0].replace(day=1) if known else self._today("UTC").replace(day=1)

    def _today(self, zone: str) -> date:
        return self._settings.clock.now().astimezone(ZoneInfo(zone)).date()

    def now(self) -> datetime:
        """The present, UTC without a zone."""
        return self._settings.clock.now().astimezone(UTC).replace(tzinfo=None)


def run_all(months: Months, stopped: Callable[[], bool] = lambda: False) -> int:
    """Compute what is due. Returns how many months came out another way. Raises duckdb.Error."""
    done = 0
    for due in months.due():
        if stopped():
            break
        done += months.compute(due)
    return done


def digest(documents: Documents, settings: Settings) -> str:
    """What computing depends on besides the sums."""
    told: Iterable[str] = (
        # What is planned about leaving a provider changes no amount.
        *(contract.model_dump_json(exclude={"exit_plan"}) for contract in documents.contracts),
        documents.in_house.model_dump_json() if documents.in_house else "",
        documents.rates.model_dump_json() if documents.rates else "",
        settings.currency,
        repr(sorted((site, known.provider, known.in_house) for site, known in settings.sites.items())),
    )
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]

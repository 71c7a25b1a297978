"""Holding bills against what was expected, again whenever that changes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import duckdb

from ingest.costing.bills import kept
from ingest.costing.months import Months
from ingest.transaction import transaction
from models.billing.bill import Bill, Known
from models.billing.bridge import Bridge, bridge
from models.billing.months import last_day
from models.terms.contract import Contract

_DUE = """
    select b.bill_id
    from private.bill b
    anti join private.bill_withdrawn using (bill_id)
    left join (
        select bill_id, arg_max(expected_build, build) as expected_build from private.bill_check group by bill_id
    ) c using (bill_id)
    left join (select party, month, max(build) as build from private.costed_month group by all) m
        on m.party = b.provider and m.month = b.month
    where c.bill_id is null or c.expected_build is distinct from coalesce(m.build, 0)
    order by b.loaded_at
"""
_PLACES = Decimal("0.0001")
_NEAR = timedelta(days=2)


class Checks:
    """Checks bills, on the connection of who computes months."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, months: Months) -> None:
        self._connection = connection
        self._months = months

    def due(self) -> list[str]:
        """Bills that were not held against what is expected now. Raises duckdb.Error."""
        return [bill_id for (bill_id,) in self._connection.execute(_DUE).fetchall()]

    def check(self, bill_id: str) -> None:
        """Hold a bill against what is expected. Raises duckdb.Error."""
        provider, bill = kept(self._connection, bill_id)
        contract = self._months.contract(provider)
        ((build,),) = self._connection.execute(
            "select coalesce(max(build), 0) from private.costed_month where party = ? and month = ?",
            [provider, bill.month],
        ).fetchall()
        found: Bridge | None = None
        trouble = None
        if contract is None:
            trouble = f"there is no contract with {provider} any more"
        elif not self._months.is_over(provider, bill.month):
            trouble = f"{bill.month:%B %Y} is not over: the bill is held against what is expected once it is"
        else:
            try:
                found = bridge(contract, self._months.bill(contract, bill.month), bill, self._known(contract, bill))
            except ValueError as error:
                trouble = str(error)
        self._write(bill_id, build, found, trouble)

    def _known(self, contract: Contract, bill: Bill) -> list[Known]:
        """Contacts the bill lists, and those that are to be paid, by charge."""
        listed = sorted({item.contact_id for item in bill.items})
        if not listed:
            return []
        rows = self._connection.execute(
            "select contact_id, charge, bill_date, units, unpaid "
            "from charged_within($from_at::timestamp, $to_at::timestamp) where provider = $provider",
            {
                "provider": contract.provider,
                "from_at": datetime.combine(bill.month - _NEAR, datetime.min.time()),
                "to_at": datetime.combine(last_day(bill.month) + _NEAR, datetime.min.time()),
            },
        ).fetchall()
        found = [Known(contact, charge, day, int(units or 0), unpaid) for contact, charge, day, units, unpaid in rows]
        seen = {contact.contact_id for contact in found}
        others = [contact for contact in listed if contact not in seen]
        return found + self._others(contract, others, {item.charge for item in bill.items})

    def _others(self, contract: Contract, contacts: Sequence[str], charges: set[str]) -> list[Known]:
        """Contacts listed that no charge of the month is for: not answered, of another month, or without an end."""
        if not contacts:
            return []
        rows = self._connection.execute(
            "select contact_id, outcome, handled_at::date from contacts "
            "where list_contains($contacts, contact_id) and list_contains($sites, site)",
            {"contacts": list(contacts), "sites": list(self._months.sites(contract))},
        ).fetchall()
        found = []
        for contact, outcome, day in rows:
            unanswered = outcome in ("abandoned", "left_queue", "left_menu", "excluded")
            unpaid = "abandoned" if unanswered else None if day is not None else "unproven"
            found += [Known(contact, charge, day, 0, unpaid) for charge in charges]  # type: ignore[arg-type]
        return found

    def _write(self, bill_id: str, build: int, found: Bridge | None, trouble: str | None) -> None:
        digest = hashlib.sha256(repr((found, trouble)).encode()).hexdigest()[:16]
        run = self._connection.execute
        now = self._months.now()
        with transaction(self._connection):
            ((number,),) = run("select coalesce(max(build), 0) + 1 from private.bill_check").fetchall()
            run(
                "insert into private.bill_check values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    number, bill_id, now, build, found and found.billed, found and found.expected,
                    found and found.in_own, found and found.within_tolerance, found and found.dispute_by, trouble,
                    digest,
                ],
            )  # fmt: skip
            for place, step in enumerate(found.steps if found else (), 1):
                run(
                    "insert into private.bill_step values (?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        number, bill_id, place, step.reason, step.charge, step.quantity,
                        step.amount.quantize(_PLACES), list(step.contacts),
                    ],
                )  # fmt: skip

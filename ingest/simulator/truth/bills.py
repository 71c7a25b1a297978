"""What a provider delivered by its contract, and what it bills: the same, unless overbilling is planted.

A day's bill line is a quantity at the contract's rate: contacts, minutes (milliseconds summed over the day, then
rounded to hundredths) or hours (likewise). Days and months are UTC. Amounts are rounded to cents, half up.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

    from ingest.simulator.floor.places import Contact
    from ingest.simulator.scenario.plants import Overbilling
    from ingest.simulator.scenario.whole import Billing

_DAY_MS = 86_400_000
_CENT = Decimal("0.01")
_BILLED_STATES = {"available", "busy", "wrap_up"}
REASONS = ("abandoned", "short", "twice")
_EPOCH = date(1970, 1, 1)


class Bills:
    """The deliveries and bills of one site."""

    def __init__(
        self,
        site: str,
        rules: Billing,
        planted: Overbilling | None,
        planted_ms: int,
        random: Random,
        folder: Path | None,
    ) -> None:
        """planted_ms: overbilling begins here. folder: where itemised bills go as contacts end; None keeps none."""
        self._site = site
        self._rules = rules
        self._planted = planted
        self._planted_ms = planted_ms
        self._random = random.random
        self._folder = folder
        # By UTC day and reason ("" for what is right): the units delivered or claimed, in contacts or milliseconds.
        self._quantities: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._items: tuple[str, Any] | None = None

    def handled(self, ms: int, contact: Contact) -> None:
        """An agent finished a contact."""
        if self._rules.unit == "hour":
            return
        planted = self._planted if ms >= self._planted_ms else None
        units = contact.talk_ms + contact.hold_ms + contact.wrap_ms
        if contact.talk_ms < self._rules.short_s * 1000:
            if planted and planted.short and self._random() < planted.short:
                self._bill(ms, contact, units, "short")
            return
        self._bill(ms, contact, units, "")
        if planted and planted.twice and self._random() < planted.twice:
            self._bill(ms, contact, units, "twice")

    def abandoned(self, ms: int, contact: Contact) -> None:
        """A customer gave up waiting; nothing may be billed for that."""
        planted = self._planted if ms >= self._planted_ms else None
        if self._rules.unit != "hour" and planted and planted.abandoned and self._random() < planted.abandoned:
            self._bill(ms, contact, ms - contact.offered_ms, "abandoned")

    def worked(self, state: str, since_ms: int, ms: int) -> None:
        """An agent was in a state for this time."""
        if self._rules.unit != "hour" or state not in _BILLED_STATES:
            return
        while since_ms < ms:
            day = since_ms // _DAY_MS
            until = min(ms, (day + 1) * _DAY_MS)
            self._quantities[day][""] += until - since_ms
            since_ms = until

    def _bill(self, ms: int, contact: Contact, units_ms: int, reason: str) -> None:
        self._quantities[ms // _DAY_MS][reason] += 1 if self._rules.unit == "contact" else units_ms
        if self._folder is not None:
            ended = datetime.fromtimestamp(ms // 1000, UTC)
            writer = self._itemised(self._folder, f"{ended:%Y-%m}")
            writer.writerow([contact.id, f"{ended:%Y-%m-%dT%H:%M:%SZ}", contact.queue.name, units_ms / 1000])

    def _itemised(self, folder: Path, month: str) -> Any:
        if self._items is None or self._items[0] != month:
            self.close()
            folder.mkdir(parents=True, exist_ok=True)
            file = (folder / f"{self._site}-{month}-items.csv").open("w", encoding="utf-8", newline="")
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["contact_id", "ended_at", "queue", "seconds"])
            self._items = month, (file, writer)
        return self._items[1][1]

    def close(self) -> None:
        """Finish the itemised bill that is being written."""
        if self._items is not None:
            self._items[1][0].close()
            self._items = None

    def flush(self) -> None:
        """Have what is itemised so far on disk."""
        if self._items is not None:
            self._items[1][0].flush()

    def lines(self) -> list[dict[str, Any]]:
        """One line a day: `right` and `billed` quantities and amounts, and the amount each reason adds."""
        found = []
        for day in sorted(self._quantities):
            raw = self._quantities[day]
            upto = raw.get("", 0)
            right = amount = self._amount(upto)
            reasons = {}
            for reason in REASONS:
                if raw.get(reason):
                    upto += raw[reason]
                    # Each reason is what the bill grows by when it is added, so that they sum to the cent.
                    grown = self._amount(upto)
                    reasons[reason] = {"quantity": str(self._quantity(raw[reason])), "amount": str(grown - amount)}
                    amount = grown
            found.append(
                {
                    "date": (_EPOCH + timedelta(days=day)).isoformat(),
                    "quantity": str(self._quantity(raw.get("", 0))),
                    "amount": str(right),
                    "billed_quantity": str(self._quantity(upto)),
                    "billed_amount": str(amount),
                    "reasons": reasons,
                }
            )
        return found

    def write(self, folder: Path) -> list[dict[str, Any]]:
        """Write one bill a month, SITE-YYYY-MM.csv. Returns for each month what is right, billed and planted."""
        folder.mkdir(parents=True, exist_ok=True)
        self.flush()
        months: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in self.lines():
            months[line["date"][:7]].append(line)
        found = []
        for month, lines in months.items():
            rows = [
                [line["date"], self._rules.unit, line["billed_quantity"], self._rules.rate, line["billed_amount"]]
                for line in lines
            ]
            with (folder / f"{self._site}-{month}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(["date", "unit", "quantity", "rate", "amount"])
                writer.writerows(rows)
            total = sum((Decimal(line["amount"]) for line in lines), Decimal())
            billed = sum((Decimal(line["billed_amount"]) for line in lines), Decimal())
            reasons: dict[str, dict[str, Decimal]] = {}
            for line in lines:
                for reason, extra in line["reasons"].items():
                    known = reasons.setdefault(reason, {"quantity": Decimal(), "amount": Decimal()})
                    known["quantity"] += Decimal(extra["quantity"])
                    known["amount"] += Decimal(extra["amount"])
            found.append(
                {
                    "month": month,
                    "unit": self._rules.unit,
                    "rate": str(self._rules.rate),
                    "currency": self._rules.currency,
                    "right_amount": str(total),
                    "billed_amount": str(billed),
                    "overbilled": {
                        reason: {name: str(value) for name, value in extra.items()} for reason, extra in reasons.items()
                    },
                }
            )
        return found

    def _quantity(self, raw: int) -> Decimal:
        match self._rules.unit:
            case "contact":
                return Decimal(raw)
            case "minute":
                return (Decimal(raw) / 60_000).quantize(_CENT, ROUND_HALF_UP)
            case "hour":
                return (Decimal(raw) / 3_600_000).quantize(_CENT, ROUND_HALF_UP)

    def _amount(self, raw: int) -> Decimal:
        return (self._quantity(raw) * self._rules.rate).quantize(_CENT, ROUND_HALF_UP)

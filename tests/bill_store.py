"""A store with a contract, contacts of which every amount can be reckoned by hand, and bills that were checked."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ingest.costing.bills import Received
from ingest.costing.checks import Checks
from ingest.costing.months import Months, run_all
from ingest.store import Store
from ingest.upkeep import bills
from ingest.upkeep.work import finished
from models.settings import load_settings, with_secrets
from tests import rolled
from tests.dashboard_store import log
from tests.topic_store import Talk, events

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ingest.upkeep.work import Work
    from models.settings import Settings

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OCTOBER = date(2026, 10, 1)
PROVIDER = "Bought & <b>Co</b>"
HOSTILE = "<script>alert(1)</script> **bold** :red[x] [a](http://evil.example)"
CONTRACT = f"""
version = 1
provider = "{PROVIDER}"
reference = "Agreement {HOSTILE}"
time_zone = "Europe/Berlin"
tolerance = 1
dispute_days = 30

[owners]
ours = "Ann, buying"
theirs = "Ben, {HOSTILE}"

[ending]
notice_days = 90
to = "month_end"

[[terms]]
from = 2026-01-01
currency = "EUR"

[[terms.charges]]
kind = "contact"
name = "Calls"
short_s = 10
rate = 2.00
"""
SITES = {
    "north": {"name": "North", "provider": "Own", "in_house": True},
    "south": {"name": "South", "provider": PROVIDER},
}
LINES = """date,description,qty,price,net
2026-10-05,Calls,12,2.00,24.00
2026-10-06,Calls,6,2.00,12.00
"""
"""October as the provider bills it: two contacts of the 5th twice, and one of the 6th that nobody answered."""
_FIFTH, _SIXTH = (datetime(2026, 10, day, 9, 0, tzinfo=UTC) for day in (5, 6))
ITEMS = "contact_id,ended_at\n" + "".join(
    f"c{number},{day}\n"
    for number, day in [
        *((n, "2026-10-05") for n in range(10)), (0, "2026-10-05"), (1, "2026-10-05"),
        *((n, "2026-10-06") for n in range(10, 16)),
    ]
)  # fmt: skip
EXPECTED, BILLED = Decimal(30), Decimal(36)


def talks() -> list[Talk]:
    """Ten contacts on 5 October, five and an abandoned one on the 6th, four in September: 30.00 and 8.00 EUR."""
    september = datetime(2026, 9, 28, 9, 0, tzinfo=UTC)
    return [
        *(Talk("south", _FIFTH + timedelta(minutes=n)) for n in range(10)),
        *(Talk("south", _SIXTH + timedelta(minutes=n)) for n in range(5)),
        Talk("south", _SIXTH + timedelta(minutes=30), ended="abandoned"),
        *(Talk("south", september + timedelta(minutes=n)) for n in range(4)),
    ]


def settings_of(folder: Path, *, agreed: bool = True) -> Settings:
    """Settings of a folder, with the contract beside them; its clock stands at NOW."""
    terms = folder / "terms"
    (terms / "contracts").mkdir(parents=True)
    if agreed:
        (terms / "contracts" / "south.toml").write_text(CONTRACT)
    return with_secrets(
        load_settings(
            data_dir=folder, terms_dir=terms, sites=SITES, reporting_zone="Europe/Berlin", **rolled.standing_at(NOW)
        )
    )


class Books:
    """An open store whose months are computed. Use as a context; the file is to be served once it is closed."""

    def __init__(self, folder: Path, *, agreed: bool = True) -> None:
        self.store = Store.open(settings_of(folder, agreed=agreed))
        self.path = self.store.settings.store_path
        rolled.commit(self.store, events(talks()))
        self.store.rollups.run_all()
        self.months = Months(self.store.connection, self.store.settings, self.store.documents)
        run_all(self.months)
        log(self.store.connection, "consuming", "2 topics", NOW)

    def __enter__(self) -> Books:
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()

    def load(self, number: str = "B-1", lines: str = LINES, items: str = ITEMS, **more: Any) -> str:
        """Hand a bill in and check it; returns its id."""
        given: dict[str, Any] = {
            "month": OCTOBER,
            "received": date(2026, 11, 2),
            "provider": PROVIDER,
            "name": "Ann",
        } | more
        asked = Received(number=number, lines_csv=lines, items_csv=items, **given)
        bill_id = self.do(bills.load(self.store, _no_decoder, asked)).bill_id
        self.check()
        return str(bill_id)

    def check(self) -> None:
        """Hold every bill that was not against what was expected."""
        checks = Checks(self.store.connection, self.months)
        for bill_id in checks.due():
            checks.check(bill_id)

    def do(self, work: Work[Any]) -> Any:
        """All of a command."""
        return finished(work, lambda _: None)

    def dispute(self, bill_id: str, note: str = "", amount: Decimal | None = None) -> str:
        """Dispute a bill; returns the dispute's id."""
        asked = bills.Dispute(bill_id, "Ann", ["twice"], amount, note)
        return str(self.do(bills.dispute(self.store, _no_decoder, asked)).id)

    def turn(self, dispute_id: str, state: str, amount: Decimal | None = None) -> None:
        """What became of it."""
        self.do(bills.turn(self.store, _no_decoder, bills.Turn(dispute_id, state, "Ben", amount)))

    def withdraw(self, bill_id: str, note: str) -> None:
        """Loaded by mistake."""
        self.do(bills.withdraw(self.store, _no_decoder, bills.Withdraw(bill_id, "Ann", note)))


def _no_decoder() -> Any:
    raise AssertionError("bills need no decoder")


@contextmanager
def desk(folder: Path, answers: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Something that listens where ingest would: gives these answers one after the other, yields what it is asked."""
    asked: list[dict[str, Any]] = []
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(folder / "desk.sock"))
        listener.listen()

        def answer() -> None:
            for one in answers:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client, client.makefile("rwb") as both:
                    asked.append(json.loads(both.readline()))
                    both.write(json.dumps(one).encode() + b"\n")

        threading.Thread(target=answer, daemon=True).start()
        yield asked

"""The demo world's bills: the one that bills too much differs by what was planted, to the cent; the others agree."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingest.costing.bills import Received
from ingest.decoding.decoder import Decoder
from ingest.simulator.demo.terms import write_terms
from ingest.simulator.playing.command import DEMO
from ingest.simulator.scenario.file import load
from ingest.simulator.world import World
from ingest.store import Store
from ingest.upkeep import bills
from ingest.upkeep.work import finished
from models.settings import load_settings, with_secrets
from tests.builders import KEY
from tests.costed import computed
from tests.rolled import standing_at
from tests.worlds import store_all

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

START = datetime(2026, 8, 31, tzinfo=ZoneInfo("Europe/Berlin"))
END = START + timedelta(weeks=9)
MONTHS = (date(2026, 9, 1), date(2026, 10, 1))
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class World9:
    """Nine weeks of the demo, its bills loaded and checked."""

    truth: dict[str, Any]
    bills: Rows
    steps: Rows
    expected: Rows
    costs: Rows
    issues: Rows


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World9:
    """With the demo's own delivery: late, lost, repeated and malformed messages, skewed clocks."""
    folder = tmp_path_factory.mktemp("costing")
    scenario = load(DEMO)
    write_terms(folder / "terms", scenario, START.date())
    sites = {
        name: {"provider": site.provider, "in_house": site.in_house, "time_zone": site.time_zone}
        for name, site in scenario.sites.items()
    }
    clock = standing_at(END.astimezone(UTC) + timedelta(days=8))
    settings = with_secrets(
        load_settings(data_dir=folder, terms_dir=folder / "terms", reporting_zone="Europe/Berlin", sites=sites, **clock)
    )
    played = World(scenario, 11, START, END, folder)
    store = Store.open(settings)
    try:
        store_all(store, Decoder(KEY, 3600, 1_000_000), played, list(played.play()))
        played.write_truth(folder)
        for site, known in scenario.sites.items():
            for month in MONTHS if known.billing else ():
                load_bill(store, folder / "bills", site, known.provider, month)
        computed(store)

        def rows(query: str) -> Rows:
            result = store.connection.execute(query)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

        return World9(
            json.loads((folder / "truth.json").read_text()),
            rows("from bills"),
            rows("from bill_steps join (select bill_id, provider, month from bills) using (bill_id)"),
            rows("from expected_bills"),
            rows("select party, month, sum(amount) as amount from private.cost_day group by all"),
            rows("select party, month, sum(amount) as amount from private.issue_cost group by all"),
        )
    finally:
        store.close()


def load_bill(store: Store, folder: Path, site: str, provider: str, month: date) -> None:
    """As the provider sends it, with its items where it has them."""
    items = folder / f"{site}-{month:%Y-%m}-items.csv"
    asked = Received(
        provider=provider,
        month=month,
        number=f"{site}-{month:%Y-%m}",
        received=date(2026, 11, 3),
        lines_csv=(folder / f"{site}-{month:%Y-%m}.csv").read_text(),
        name="Ann",
        items_csv=items.read_text() if items.exists() else "",
    )
    done = finished(bills.load(store, lambda: pytest.fail("no decoder is needed"), asked), print)
    assert done.lines > 20


def planted(world: World9, site: str, month: date) -> dict[str, Any]:
    (found,) = (each for each in world.truth["bills"][site] if each["month"] == f"{month:%Y-%m}")
    return dict(found)


@pytest.mark.parametrize("month", MONTHS)
@pytest.mark.parametrize(
    ("site", "provider"), [("leeds", "Larkfield Service"), ("sofia", "Rila Contact"), ("pune", "Tamarind Care")]
)
def test_a_bill_differs_by_what_was_planted_and_by_nothing_else(
    world: World9, site: str, provider: str, month: date
) -> None:
    (bill,) = (each for each in world.bills if (each["provider"], each["month"]) == (provider, month))
    truth = planted(world, site, month)
    assert bill["billed"] == Decimal(truth["billed_amount"])
    assert bill["expected"] == Decimal(truth["right_amount"])
    found = {
        step["reason"]: (step["quantity"], step["amount"])
        for step in world.steps
        if (step["provider"], step["month"]) == (provider, month)
    }
    assert found == {
        reason: (Decimal(extra["quantity"]), Decimal(extra["amount"])) for reason, extra in truth["overbilled"].items()
    }
    assert bill["state"] == ("differs" if truth["overbilled"] else "agrees")


def test_the_overbilling_is_there_to_be_found(world: World9) -> None:
    reasons = {step["reason"] for step in world.steps}
    assert reasons == {"twice", "abandoned"}


def test_every_cent_of_a_bill_is_some_contacts_cost_and_some_issues(world: World9) -> None:
    """The minimum never binds and the malus is claimed apart, so cost is what the bill ought to be."""
    totals = {(each["provider"], each["month"]): each["own_total"] for each in world.expected}
    totals = {key: total for key, total in totals.items() if key[1] in MONTHS}
    for shared in (world.costs, world.issues):
        found = {(each["party"], each["month"]): each["amount"] for each in shared}
        assert {key: found[key] for key in totals} == totals
    own = {each["month"]: each["amount"] for each in world.costs if each["party"] == ""}
    assert own == {each["month"]: each["amount"] for each in world.issues if each["party"] == ""}
    assert all(amount > 0 for month, amount in own.items() if month in MONTHS)

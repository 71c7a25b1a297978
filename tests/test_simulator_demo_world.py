"""The demo world holds what its truth file says, and each planted fact can be found again in the events or bills."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import mean
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingest.simulator.playing.command import DEMO
from ingest.simulator.scenario.file import load
from ingest.simulator.world import World

pytestmark = pytest.mark.slow

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 8, 31, tzinfo=BERLIN)
WEEKS = 12
BILLED = ("contact.answered", "contact.completed", "contact.wrapped_up", "contact.abandoned")


@dataclass
class Played:
    """What the tests need of twelve weeks, kept small while they are played."""

    truth: dict[str, Any]
    folder: Path
    events: int = 0
    times: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Instants by site and type."""
    pune: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    """Pune's contacts by id and type."""
    offered: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    incidents: list[dict[str, Any]] = field(default_factory=list)

    def weeks(self, site: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.truth["sites"][site]["weeks"]
        return found

    def plant(self, kind: str) -> dict[str, Any]:
        (found,) = (plant for plant in self.truth["plants"] if plant["kind"] == kind)
        return dict(found)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("truth")
    scenario = load(DEMO)
    # Perfect delivery, so that every event can be found; how awkward it is has tests of its own.
    sites = {
        name: site.model_copy(update={"delivery": type(site.delivery)(latency_s=0.2)})
        for name, site in scenario.sites.items()
    }
    world = World(scenario.model_copy(update={"sites": sites}), 11, START, START + timedelta(weeks=WEEKS), folder)
    played = Played({}, folder)
    for _, batch in world.play():
        played.events += len(batch)
        for _, site_no, key, text in batch:
            site = world.sites[site_no]
            if '"agent.state_changed"' in text[:120] or '"chat.message"' in text[:120]:
                continue
            event = json.loads(text)
            kind = event["type"]
            played.times[site + " " + kind].append(event["time"])
            if site == "pune" and kind in BILLED:
                played.pune[key][kind] = event
            if kind == "contact.offered":
                played.offered[site].append(event)
            if kind == "site.incident_reported":
                played.incidents.append(event)
    world.write_truth(folder)
    played.truth = json.loads((folder / "truth.json").read_text())
    return played


def test_it_has_the_size_it_should_have(demo: Played) -> None:
    """Twelve weeks have to be in the store within 90 seconds, and still be enough to compare sites by."""
    assert 1_000_000 < demo.events < 1_300_000
    for site in demo.truth["sites"]:
        assert all(week["answered"] > 1200 for week in demo.weeks(site)), site
        assert len(demo.weeks(site)) == WEEKS


def test_no_site_is_swamped_or_idle(demo: Played) -> None:
    for site in demo.truth["sites"]:
        for week in demo.weeks(site):
            assert 0.005 < week["abandoned"] / week["offered"] < 0.15, (site, week["week"])


def test_one_site_looks_better_only_because_of_its_topics(demo: Played) -> None:
    plant = demo.plant("easy_topics")
    assert (plant["site"], plant["than"]) == ("pune", "dublin")
    for name in ("resolved", "satisfied"):
        found = plant[name]
        assert found["looks_better"]
        assert not found["is_better"]
        assert found["raw"][0] - found["raw"][1] > 0.02
        assert found["same_topics"][1] - found["same_topics"][0] > 0.03


def test_one_site_drifts_from_week_seven_and_no_other(demo: Played) -> None:
    assert demo.plant("drift")["begins"] == (START.date() + timedelta(weeks=6)).isoformat()

    def rate(site: str, name: str, first: int, last: int) -> float:
        weeks = demo.weeks(site)[first - 1 : last]
        return float(sum(week[name] for week in weeks) / sum(week["handled"] for week in weeks))

    for name in ("resolved", "satisfied"):
        drop = {site: rate(site, name, 1, 6) - rate(site, name, 10, 12) for site in demo.truth["sites"]}
        assert drop.pop("sofia") > 0.06
        assert max(map(abs, drop.values())) < 0.03
    slower = rate("sofia", "talk_ms", 10, 12) / rate("sofia", "talk_ms", 1, 6)
    assert slower > 1.08


def test_one_site_is_dark_for_five_hours_and_its_contacts_go_elsewhere(demo: Played) -> None:
    plant = demo.plant("outage")
    begins, ends = plant["begins"], plant["ends"]
    day = (START.date() + timedelta(weeks=8, days=2)).isoformat()
    assert begins == datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=BERLIN).astimezone(ZoneInfo("UTC")).strftime(
        "%Y-%m-%dT%H:%M:%S.000Z"
    )
    for kind in ("contact.answered", "contact.held", "contact.wrapped_up"):
        during = [time for time in demo.times[f"leeds {kind}"] if begins < time < ends]
        assert during == [], kind
    after_diversion = [time for time in demo.times["leeds contact.offered"] if plant["diverted_from"] < time < ends]
    assert after_diversion == []
    quarters = plant["cumulative_by_quarter"]
    first, last = quarters[0], quarters[-1]
    diverted = last["dublin"]["diverted_here"] - first["dublin"]["diverted_here"]
    assert diverted == sum(week["diverted_here"] for week in demo.weeks("dublin")) > 80
    offered = [q["leeds"]["offered"] for q in quarters]
    assert offered == sorted(offered)
    reported = [e for e in demo.incidents if e["source"] == "leeds"]
    assert [(e["time"], e["data"]["ended"]) for e in reported] == [(begins, False), (ends, True)]


def bills(demo: Played, site: str) -> dict[str, list[dict[str, str]]]:
    return {
        path.stem[-7:]: list(csv.DictReader(path.open()))
        for path in sorted((demo.folder / "bills").glob(f"{site}-20*.csv"))
        if not path.stem.endswith("items")
    }


def test_every_bill_adds_up_and_only_one_provider_bills_too_much(demo: Played) -> None:
    for site, months in demo.truth["bills"].items():
        written = bills(demo, site)
        assert list(written) == [month["month"] for month in months]
        for month in months:
            lines = written[month["month"]]
            assert sum(Decimal(line["amount"]) for line in lines) == Decimal(month["billed_amount"])
            extra = sum((Decimal(reason["amount"]) for reason in month["overbilled"].values()), Decimal())
            assert Decimal(month["billed_amount"]) - Decimal(month["right_amount"]) == extra
            if site != "pune":
                assert not month["overbilled"]
    assert set(demo.truth["bills"]) == {"leeds", "sofia", "pune"}
    assert [month["month"] for month in demo.plant("overbilling")["months"]] == ["2026-09", "2026-10", "2026-11"]


def test_what_is_billed_too_much_can_be_found_contact_by_contact(demo: Played) -> None:
    right: Counter[str] = Counter()
    for story in demo.pune.values():
        if "contact.completed" in story and story["contact.completed"]["data"]["talk_s"] >= 10:
            ended = story.get("contact.wrapped_up", story["contact.completed"])["time"]
            right[ended[:7]] += 1
    for month in demo.truth["bills"]["pune"]:
        path = demo.folder / "bills" / f"pune-{month['month']}-items.csv"
        items = Counter(row["contact_id"] for row in csv.DictReader(path.open()))
        twice = sum(count - 1 for count in items.values())
        abandoned = sum("contact.abandoned" in demo.pune[contact] for contact in items)
        short = sum(
            demo.pune[contact]["contact.completed"]["data"]["talk_s"] < 10
            for contact in items
            if "contact.completed" in demo.pune[contact]
        )
        planted = {reason: int(extra["quantity"]) for reason, extra in month["overbilled"].items()}
        assert {"twice": twice, "abandoned": abandoned, "short": short} == {
            reason: planted.get(reason, 0) for reason in ("twice", "abandoned", "short")
        }
        assert Decimal(month["right_amount"]) == right[month["month"]] * Decimal("1.90")
        assert len(items) == right[month["month"]] + abandoned + short


def test_one_provider_reports_a_kinder_service_level(demo: Played) -> None:
    plant = demo.plant("kinder_service_level")
    with (demo.folder / "reports" / "sofia.csv").open() as report:
        told = {row["week_start"]: row["service_level"] for row in csv.DictReader(report)}
    assert len(told) == WEEKS
    for week, counts in zip(plant["weeks"], demo.weeks("sofia"), strict=True):
        good, of = week["reported_of"]
        assert float(told[week["starts"]]) == week["reported"] == round(good / of, 6)
        assert (good, of) == (counts["answered_in_provider_target"], counts["answered"])
        assert week["sl_negative_of"] == [counts["answered_in_target"], counts["answered"] + counts["abandoned"]]
        assert week["reported"] > week["sl_negative"]
    gaps = [week["reported"] - week["sl_negative"] for week in plant["weeks"]]
    assert mean(gaps) > 0.03


def test_campaign_work_can_be_told_from_steady_work(demo: Played) -> None:
    days: Counter[date] = Counter()
    sites = set()
    for site, found in demo.offered.items():
        for event in found:
            if event["data"].get("campaign"):
                assert event["data"]["campaign"] == "autumn-sale"
                days[datetime.fromisoformat(event["time"]).astimezone(BERLIN).date()] += 1
                sites.add(site)
    assert sites >= {"leeds", "sofia", "berlin"}
    first, last = min(days), max(days)
    assert first >= START.date() + timedelta(weeks=2, days=1)
    # A call back or a transfer may come the day after.
    assert (last - first).days <= 13


def test_people_come_and_go(demo: Played) -> None:
    left = {site: sum(week["left"] for week in demo.weeks(site)) for site in demo.truth["sites"]}
    hired = sum(week["hired"] for site in demo.truth["sites"] for week in demo.weeks(site))
    assert left["pune"] + left["sofia"] + left["leeds"] > left["berlin"] + left["dublin"]
    assert hired > 0
    assert all(week["planned"] > week["absent"] > 0 for site in demo.truth["sites"] for week in demo.weeks(site))

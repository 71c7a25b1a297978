"""Metrics by example: what was told, and what every number of it is, worked out by hand in tests/metric_cases/*.toml.

A case is one site, `north`, unless `sites` names others; with `everywhere` all of them tell the same. An event is
"TIME SUBJECT[@SITE] FACT [FIELD=VALUE...]", the time on Monday, 2 March 2026 unless it has a date, in UTC; fields it
does not name have the values of tests/builders.py. Expected are figures of the week (`week`, or `weeks` by site), of
all days the site has sums of (`days`), and quarter-hours (`quarters`); a fraction is written as one, and "no data" is
what a ratio is whose denominator is empty. Cases of the same clock and reporting zone share a store, each with sites of
its own.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ingest.store import Store
from models.metrics.catalogue import BY_NAME, CATALOGUE
from models.settings import load_settings, with_secrets
from tests.builders import T0, event
from tests.rolled import Event, commit, roll_up, standing_at

FOLDER = Path(__file__).parent / "metric_cases"
ENVELOPE = ("id", "revision")
OWN_NAMES = ("to_site",)
"""Fields whose value is a site of the case."""


class Case(NamedTuple):
    """One case; slug: what its sites' names begin with in the store it shares."""

    slug: str
    told: dict[str, Any]

    @property
    def sites(self) -> dict[str, dict[str, Any]]:
        return self.told.get("sites") or {"north": {}}

    @property
    def group(self) -> tuple[str, datetime]:
        now = datetime.fromisoformat(self.told.get("now", "2026-07-01T00:00:00")).replace(tzinfo=UTC)
        return self.told.get("zone", "UTC"), now

    @property
    def figures(self) -> Iterator[tuple[str, Any]]:
        """Every expected figure."""
        places = [self.told.get("week", {}), *self.told.get("weeks", {}).values(), *self.told.get("days", {}).values()]
        for place in places:
            yield from place.items()

    def name_of(self, site: str) -> str:
        return f"{self.slug}-{site}"

    def events(self) -> Iterator[Event]:
        for n, line in enumerate(self.told["events"]):
            if self.told.get("everywhere"):
                for site in self.sites:
                    yield self.event(line, n, site)
            else:
                yield self.event(line, n, "north")

    def event(self, line: str, n: int, site: str) -> Event:
        time, subject, fact, *fields = line.split()
        subject, _, other = subject.partition("@")
        at = datetime.fromisoformat(time if "T" in time else f"2026-03-02T{time}").replace(tzinfo=UTC)
        values = {name: value_of(text) for name, _, text in (field.partition("=") for field in fields)}
        envelope = {name: str(values.pop(name)) for name in ENVELOPE if name in values}
        for name in OWN_NAMES:
            if name in values:
                values[name] = self.name_of(values[name])
        if "customer_id" in values:
            values["customer_id"] = f"{values['customer_id']} of {self.slug}"
        body = event(fact, subject, (at - T0).total_seconds(), **values)
        return body | {"id": f"{subject}/{n}", "source": self.name_of(other or site)} | envelope


def value_of(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def cases() -> list[Case]:
    """All cases there are, in the order of their files."""
    found = [
        (path.stem, n, case)
        for path in sorted(FOLDER.glob("*.toml"))
        for n, case in enumerate(tomllib.loads(path.read_text("utf-8"))["case"])
    ]
    return [Case(f"{stem}{n}", case) for stem, n, case in found]


CASES = cases()
Told = dict[tuple[str, datetime], Store]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A store for each clock and zone, in which all cases of it are told in one batch."""
    opened: Told = {}
    for zone, now in sorted({case.group for case in CASES}):
        mine = [case for case in CASES if case.group == (zone, now)]
        sites = {case.name_of(site): known for case in mine for site, known in case.sites.items()}
        folder = tmp_path_factory.mktemp("cases")
        settings = load_settings(data_dir=folder, reporting_zone=zone, sites=sites, **standing_at(now))
        opened[zone, now] = store = Store.open(with_secrets(settings))
        commit(store, [body for case in mine for body in case.events()])
        roll_up(store)
    yield opened
    for store in opened.values():
        store.connection.close()


def rows(store: Store, query: str, *bound: Any) -> list[dict[str, Any]]:
    result = store.connection.execute(query, list(bound))
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def is_as_expected(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether a row holds these figures; says which it does not."""
    wanted = {name: figure(value) for name, value in expected.items()}
    assert {name: found[name] for name in wanted} == wanted
    return True


def figure(value: Any) -> Any:
    if value == "no data":
        return None
    if isinstance(value, str) and value.count("-") != 2:
        whole, _, parts = value.partition("/")
        return pytest.approx(float(Fraction(whole) / Fraction(parts or 1)), rel=1e-12, abs=1e-12)
    if isinstance(value, str):
        return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    return value


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.slug}: {case.told['name']}")
def test_the_figures_of_a_case_are_those_worked_out_by_hand(stores: Told, case: Case) -> None:
    store, told = stores[case.group], case.told
    assert told["why"]
    week = date.fromisoformat(told.get("week_start", "2026-03-02"))
    weeks = {"north": told["week"]} if "week" in told else told.get("weeks", {})
    for site, expected in weeks.items():
        (found,) = rows(store, "from site_week where site = $1 and week_start = $2", case.name_of(site), week)
        assert is_as_expected(found, expected), site
    if "days" in told:
        found_days = {
            str(row["date"]): row for row in rows(store, "from site_day where site = $1", case.name_of("north"))
        }
        ended = {day for day, row in found_days.items() if row["offered"] or row["handled"] or row["agents"]}
        assert ended == set(told["days"])
        for day, expected in told["days"].items():
            assert is_as_expected(found_days[day], expected), day
    if "quarters" in told:
        query = "from day_quarters where site = $1 order by starts_at"
        for quarter, expected in zip(rows(store, query, case.name_of("north")), told["quarters"], strict=True):
            assert is_as_expected(quarter, expected)


# --- that there is a case of everything -------------------------------------------------------------------


def shown(kind: str) -> set[str]:
    """Metrics a figure of which is expected by a case of this kind."""
    return {name for case in CASES if case.told["kind"] == kind for name, _ in case.figures} & set(BY_NAME)


def test_every_metric_has_a_plain_case() -> None:
    plain = {
        name
        for case in CASES
        if case.told["kind"] == "plain"
        for name, value in case.figures
        if value not in ("no data", "0")
    }
    assert set(BY_NAME) - plain == set()


def test_every_metric_has_a_case_in_which_there_is_nothing_to_count_and_ratios_then_have_no_data() -> None:
    empty = {(name, value) for case in CASES if case.told["kind"] == "empty" for name, value in case.figures}
    ratios = {metric.name for metric in CATALOGUE if metric.denominator or metric.largest}
    assert {name for name in ratios if (name, "no data") not in empty} == set()
    assert {name for name in set(BY_NAME) - ratios if (name, "0") not in empty} == set()


def test_every_metric_has_a_case_on_the_border_of_what_it_counts() -> None:
    """Each has at least the border of its days, and many a threshold."""
    assert set(BY_NAME) - shown("boundary") == set()

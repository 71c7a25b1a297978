"""The folder of documents is read whole or not at all, and held against the settings."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from ingest.cli import app
from ingest.costing.months import digest
from ingest.simulator.demo.terms import write_terms
from ingest.simulator.playing.command import DEMO, load_scenario, sites_toml
from ingest.simulator.scenario.file import read as read_scenario
from ingest.simulator.scenario.whole import Scenario
from models.documents.reading import DocumentError
from models.settings import Settings, SiteSettings, load_settings
from models.terms.charge import PerContact, PerHour, PerMinute
from models.terms.contract import Contract, Ending, Rounding
from models.terms.ending import first_end
from models.terms.folder import Documents, documents_of, load_documents, sites_of

SITES = {
    "north": SiteSettings(provider="Own", in_house=True),
    "south": SiteSettings(provider="Example BPO"),
    "west": SiteSettings(provider="Example BPO"),
    "east": SiteSettings(provider="Other"),
    "lone": SiteSettings(),
}
CONTRACT = """\
version = 1
provider = "Example BPO"
owners = { ours = "a", theirs = "b" }
ending = { notice_days = 90 }
[[terms]]
from = 2026-01-01
currency = "EUR"
charges = [{ kind = "contact", name = "n", rate = 1 }]
"""
IN_HOUSE = (files("models.terms") / "examples" / "in-house.toml").read_text("utf-8")
RATES = (files("models.terms") / "examples" / "rates.toml").read_text("utf-8")


def folder(at: Path, **documents: str) -> Path:
    """A folder with these contracts, and with `in_house` and `rates`."""
    shutil.rmtree(at / "terms", ignore_errors=True)
    (at / "terms" / "contracts").mkdir(parents=True)
    for name, text in documents.items():
        place = {"in_house": "in-house.toml", "rates": "rates.toml"}.get(name, f"contracts/{name}.toml")
        (at / "terms" / place).write_text(text, "utf-8")
    return at / "terms"


def problems(at: Path, sites: Mapping[str, SiteSettings] = SITES, currency: str = "EUR") -> list[str]:
    with pytest.raises(DocumentError) as caught:
        load_documents(at, sites, currency)
    return [problem.removeprefix(f"{at}/") for problem in caught.value.problems]


def test_every_document_may_be_left_out(tmp_path: Path) -> None:
    assert load_documents(folder(tmp_path), SITES, "EUR") == Documents()
    found = load_documents(folder(tmp_path, b=CONTRACT, in_house=IN_HOUSE, rates=RATES), SITES, "EUR")
    assert [contract.provider for contract in found.contracts] == ["Example BPO"]
    assert found.in_house
    assert found.rates
    assert sites_of(found.contracts[0], SITES) == ("south", "west")


def test_what_is_no_document_is_not_read(tmp_path: Path) -> None:
    at = folder(tmp_path, **{".hidden": "x", "._south": "x"})
    (at / "contracts" / "notes.txt").write_text("x")
    (at / ".in-house.toml").write_text("x")
    assert load_documents(at, SITES, "EUR") == Documents()


def test_a_document_where_nothing_reads_it_is_named(tmp_path: Path) -> None:
    at = folder(tmp_path)
    (at / "inhouse.toml").write_text(IN_HOUSE)
    (at / "south.toml").write_text(CONTRACT)
    assert problems(at) == [
        "inhouse.toml: no such document, did you mean 'in-house'?",
        f"south.toml: no such document; contracts are in {at / 'contracts'}",
    ]
    assert problems(tmp_path / "nowhere") == [f"{tmp_path / 'nowhere'}: no such folder"]
    (at / "inhouse.toml").unlink()
    (at / "south.toml").unlink()
    (at / "contracts").rmdir()
    (at / "contracts").write_text("")
    assert problems(at) == ["contracts: expected a folder"]


def test_the_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    at = folder(tmp_path, a="version = 2\n", b="x = ", c=CONTRACT.replace("BPO", "BPOO"), in_house="", rates="y = 1")
    found = problems(at)
    starts = ["contracts/a.toml:1: version", "contracts/b.toml:1: not TOML", "in-house.toml:1: version",
              "rates.toml:1: y: no such key", "contracts/c.toml:2: provider"]  # fmt: skip
    assert all(any(line.startswith(start) for line in found) for start in starts), found


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Example BPO", "Exmple BPO", "2: provider: no site of the settings has the provider 'Exmple BPO', "
         "did you mean 'Example BPO'?"),
        ("Example BPO", "Nobody", "2: provider: no site of the settings has the provider 'Nobody': expected one of "
         "Example BPO, Other, lone"),
        ("Example BPO", "Own", "2: provider: all sites of 'Own' are in-house: expected none of them in a contract"),
        ("owners", 'sites = ["south",\n"wst"]\nowners',
         "4: sites[1]: no site 'wst' in the settings, did you mean 'west'?"),
        ("owners", 'sites = ["east"]\nowners', "3: sites[0]: 'east' is a site of 'Other': expected one of "
         "'Example BPO'"),
        ("owners", 'sites = ["north"]\nowners', "3: sites[0]: 'north' is an in-house site: expected a site of "
         "Example BPO"),
        ('name = "n"', 'name = "n", sites = ["south", "est"]', "8: terms[0].charges[0].sites[1]: 'est' is no site of "
         "this contract, did you mean 'west'?"),
        ('"EUR"', '"USD"', '5: terms[0].exchange.rule: the company has EUR and these terms USD: expected another rule '
         'than "same"'),
        ('"EUR"', '"USD"\nexchange = { rule = "invoice_day" }',
         "8: terms[0].exchange.rule: expected rates of USD in rates.toml"),
        ('"EUR"', '"USD"\nexchange.rule = "month_average"',
         "8: terms[0].exchange.rule: expected rates of USD in rates.toml"),
        ('"EUR"', '"EUR"\nexchange.rule = "month_average"', "8: terms[0].exchange.rule: EUR is the company's currency "
         'already: expected rule = "same"'),
    ],
)  # fmt: skip
def test_a_contract_that_does_not_fit_is_named_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in CONTRACT
    assert problems(folder(tmp_path, x=CONTRACT.replace(old, new))) == [f"contracts/x.toml:{message}"]


def test_a_site_has_one_contract(tmp_path: Path) -> None:
    south = CONTRACT.replace("owners", 'sites = ["south"]\nowners')
    at = folder(tmp_path, a=south, b=CONTRACT, c=south.replace("south", "west"))
    assert problems(at) == [
        f"contracts/b.toml:2: provider: site 'south' has a contract already, in {at}/contracts/a.toml",
        f"contracts/c.toml:3: sites[0]: site 'west' has a contract already, in {at}/contracts/b.toml",
    ]
    assert len(load_documents(folder(tmp_path, a=south, c=south.replace("south", "west")), SITES, "EUR").contracts) == 2


def test_a_provider_with_an_in_house_site_too_names_the_others(tmp_path: Path) -> None:
    mixed = {"a": SiteSettings(provider="Example BPO", in_house=True), "b": SiteSettings(provider="Example BPO")}
    assert problems(folder(tmp_path, x=CONTRACT), mixed) == [
        "contracts/x.toml:1: sites: 'a' is an in-house site of this provider: expected its other sites, by name"
    ]
    named = CONTRACT.replace("owners", 'sites = ["b"]\nowners')
    assert load_documents(folder(tmp_path, x=named), mixed, "EUR").contracts[0].sites == ("b",)


def test_in_house_cost_is_of_in_house_sites(tmp_path: Path) -> None:
    text = IN_HOUSE.replace('# sites = ["north"]', 'sites = ["north", "nrth", "south"]')
    assert problems(folder(tmp_path, in_house=text)) == [
        "in-house.toml:9: periods[0].sites[1]: no site 'nrth' in the settings, did you mean 'north'?",
        "in-house.toml:9: periods[0].sites[2]: 'south' is no in-house site",
    ]


def test_another_currency_needs_a_rate_and_the_own_has_none(tmp_path: Path) -> None:
    dollars = CONTRACT.replace('"EUR"', '"USD"\nexchange.rule = "invoice_day"')
    assert load_documents(folder(tmp_path, x=dollars, rates=RATES), SITES, "EUR").contracts
    costs = IN_HOUSE.replace("EUR", "CHF")
    assert problems(folder(tmp_path, in_house=costs, rates=RATES)) == [
        "in-house.toml:10: periods[0].currency: expected EUR as in the settings, or rates of CHF"
    ]
    assert problems(folder(tmp_path, rates=RATES), currency="GBP") == [
        "rates.toml:10: rates[2].currency: GBP is the company's currency: expected others"
    ]


def test_rates_that_cannot_be_read_are_not_said_to_be_missing_too(tmp_path: Path) -> None:
    dollars = CONTRACT.replace('"EUR"', '"USD"\nexchange.rule = "invoice_day"')
    (found,) = problems(folder(tmp_path, x=dollars, rates="version ="))
    assert found.startswith("rates.toml:1: not TOML")


def test_the_folder_is_beside_the_settings_unless_they_name_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "backstop.toml").write_text("")
    monkeypatch.setenv("BACKSTOP_CONFIG", str(tmp_path / "backstop.toml"))
    assert load_settings().terms_folder is None
    assert documents_of(load_settings()) == Documents()
    at = folder(tmp_path, rates=RATES)
    assert load_settings().terms_folder == at
    assert documents_of(load_settings()).rates
    assert load_settings(terms_dir=tmp_path / "other").terms_folder == tmp_path / "other"
    with pytest.raises(DocumentError, match="other: no such folder"):
        documents_of(load_settings(terms_dir=tmp_path / "other"))


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings with the sites of the examples."""
    (tmp_path / "backstop.toml").write_text(
        'clock_since = 2026-11-23T10:00:00Z\nclock_shows = 2026-11-23T10:00:00Z\n[sites.north]\nin_house = true\n'
        '[sites.south]\nprovider = "Example BPO"\n[sites.east]\n'
    )  # fmt: skip
    monkeypatch.setenv("BACKSTOP_CONFIG", str(tmp_path / "backstop.toml"))
    return tmp_path


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["terms", *words])
    return result.exit_code, result.output


def test_the_examples_are_valid_and_check_says_what_they_hold(company: Path) -> None:
    texts = {kind: run("example", kind) for kind in ("contract", "in-house", "rates")}
    assert {code for code, _ in texts.values()} == {0}
    at = folder(company, south=texts["contract"][1], in_house=texts["in-house"][1], rates=texts["rates"][1])
    expected = """\
Example BPO: south
  from 2026-03-01 (now): EUR; Calls (contact); Chat minutes (minute); Account management (fixed); minimum of units; \
promised service_level, first_contact_resolution; malus up to 8%, bonus up to 4%
  next review 2027-01-14: Quarterly review, indexation
  notice 90 days to the end of a month; given today it ends on 2027-03-31
  exit plan updated 2026-09-01: Ann Example, vendor management; Intranet, Continuity, Example BPO
Without a contract: east
In-house cost
  from 2026-01-01: EUR; all in-house sites
Rates of exchange: European Central Bank, reference rates
  GBP: 1 day, 2026-03-31
  USD: 3 days from 2026-03-30 to 2026-04-01
"""
    assert run("check") == (0, expected)
    assert run("check", str(at)) == (0, expected)


def test_check_says_when_there_is_no_exit_plan(company: Path) -> None:
    folder(company, south=CONTRACT)
    assert "\n  no exit plan\n" in run("check")[1]


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ('{ owner = "a", where = "b" }', "exit_plan.updated: this key is needed"),
        ('{ owner = "", where = "b", updated = 2026-01-01 }', "exit_plan.owner: "),
        ('{ owner = "a", where = "b", updated = "soon" }', "exit_plan.updated: "),
        ('{ owner = "a", where = "b", updated = 2026-01-01, drilled = 2026-01-01 }', "exit_plan.drilled: no such key"),
    ],
)
def test_half_an_exit_plan_is_none(tmp_path: Path, plan: str, message: str) -> None:
    (found,) = problems(folder(tmp_path, x=CONTRACT.replace("ending", f"exit_plan = {plan}\nending")))
    assert found.startswith(f"contracts/x.toml:4: {message}"), found


def test_a_new_exit_plan_changes_no_amount(tmp_path: Path) -> None:
    """Months are computed again when what they depend on changed; this is nothing of it."""
    plan = 'exit_plan = { owner = "a", where = "b", updated = 2026-01-01 }\nending'
    known = Settings(sites=dict(SITES))
    digests = [
        digest(load_documents(folder(tmp_path, x=text), SITES, "EUR"), known)
        for text in (CONTRACT, CONTRACT.replace("ending", plan), CONTRACT.replace("rate = 1", "rate = 2"))
    ]
    assert digests[0] == digests[1] != digests[2]


def test_check_names_everything_that_is_wrong(company: Path) -> None:
    assert run("check")[0] == 2
    at = folder(company, south="version = 1\n", in_house="version = 2\n")
    code, said = run("check")
    assert code == 2
    assert f"backstop: {at}/contracts/south.toml:1: provider: this key is needed" in said
    assert f"{at}/in-house.toml:1: version: expected 1; got 2" in said
    folder(company)
    assert run("check") == (0, "Without a contract: south, east\nNo in-house cost\n")


@pytest.mark.parametrize(
    ("ending", "given", "expected"),
    [
        (Ending(notice_days=90, to="any_day"), "2026-11-23", "2027-02-21"),
        (Ending(notice_days=90), "2026-11-23", "2027-02-28"),
        (Ending(notice_days=0), "2028-02-01", "2028-02-29"),
        (Ending(notice_days=30, to="quarter_end"), "2026-11-23", "2026-12-31"),
        (Ending(notice_days=40, to="quarter_end"), "2026-11-23", "2027-03-31"),
        (Ending(notice_days=0, to="year_end"), "2026-01-01", "2026-12-31"),
        (Ending(notice_days=0, to="month_end", earliest=date(2027, 6, 10)), "2026-01-01", "2027-06-30"),
    ],
)
def test_a_contract_ends_on_the_first_day_its_notice_reaches(ending: Ending, given: str, expected: str) -> None:
    assert first_end(ending, date.fromisoformat(given)) == date.fromisoformat(expected)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 1461), st.sampled_from(["month_end", "year_end"]))
def test_notice_is_never_shorter_than_agreed(given_on: date, days: int, to: Any) -> None:
    ending = Ending(notice_days=days, to=to)
    end = first_end(ending, given_on)
    assert end >= given_on + timedelta(days=days)
    assert (end + timedelta(days=1)).day == 1
    assert first_end(ending, given_on + timedelta(days=1)) >= end


def demo_documents(scenario: Scenario, at: Path) -> Documents:
    write_terms(at, scenario, date(2026, 8, 31))
    known = Settings(**tomllib.loads(sites_toml(scenario)))
    return load_documents(at, known.sites, known.currency)


def by_site(documents: Documents) -> dict[str, Contract]:
    return {site: contract for contract in documents.contracts for site in contract.sites}


def test_the_demos_contracts_are_those_its_providers_bill_by(tmp_path: Path) -> None:
    scenario = load_scenario(DEMO)
    found = demo_documents(scenario, tmp_path / "terms")
    contracts = by_site(found)
    bought = {site: known for site, known in scenario.sites.items() if known.billing}
    assert set(contracts) == set(bought)
    for site, known in bought.items():
        (terms,) = contracts[site].terms
        (charge,) = terms.charges
        assert known.billing
        assert isinstance(charge, PerContact | PerMinute | PerHour)
        assert (charge.kind, charge.rate) == (known.billing.unit, known.billing.rate)
        assert terms.currency == known.billing.currency
        assert (terms.on, terms.rounding) == (date(2020, 1, 1), Rounding())
        assert contracts[site].time_zone == "UTC"
        assert isinstance(charge, PerHour) or charge.short_s == Decimal(str(known.billing.short_s))
        if isinstance(charge, PerMinute):
            assert (charge.started_s, charge.minimum_s, len(charge.parts)) == (0, 0, 3)
        assert terms.bonus
        # A malus that is claimed apart leaves the bill as the simulator writes it.
        assert terms.bonus.claim_days == 30
        assert [review.on for review in contracts[site].reviews][:2] == [date(2026, 11, 30), date(2027, 3, 1)]
    assert sum(contract.terms[0].minimum is not None for contract in contracts.values()) == 1
    assert found.in_house


def test_of_the_demos_exit_plans_one_is_fresh_one_is_old_and_one_is_missing(tmp_path: Path) -> None:
    contracts = by_site(demo_documents(load_scenario(DEMO), tmp_path / "terms"))
    plans = [contracts[site].exit_plan for site in ("leeds", "sofia", "pune")]
    year_ago = date(2026, 11, 23) - timedelta(days=365)
    assert [plan and plan.updated < year_ago for plan in plans] == [False, True, None]


WORLD = """\
version = 1
name = 'Say "hello" {0}'
time_zone = "Europe/Berlin"
[topics.a]
talk_s = 10
[shapes.b]
hours = [0, 0, 0, 0, 0, 0, 0, 0, 5, 9, 10, 9, 7, 6, 7, 8, 7, 5, 3, 2, 0, 0, 0, 0]
weekdays = [1, 1, 1, 1, 1, 1, 1]
[sites."x.1"]
name = 'Café "{name}"'
provider = '\\\\{provider}'
time_zone = "UTC"
billing = { unit = "contact", rate = 4.25, currency = "USD", short_s = 2.5 }
[sites.y]
name = "y"
provider = "y"
time_zone = "UTC"
billing = { unit = "minute", rate = "0.5", currency = "GBP" }
"""


def test_other_worlds_are_written_too_whatever_their_names_and_currencies(tmp_path: Path) -> None:
    found = demo_documents(read_scenario(WORLD, "w"), tmp_path / "terms")
    contracts = by_site(found)
    assert contracts["x.1"].provider == r"\\{provider}"
    assert contracts["x.1"].terms[0].exchange.rule == "same"
    assert contracts["y"].terms[0].exchange.rule == "contract_rate"
    assert found.in_house is None


def test_documents_one_changed_in_a_kept_demo_stay(tmp_path: Path) -> None:
    scenario = load_scenario(DEMO)
    write_terms(tmp_path / "terms", scenario, date(2026, 8, 31))
    (tmp_path / "terms" / "in-house.toml").write_text("mine")
    write_terms(tmp_path / "terms", scenario, date(2026, 8, 31))
    assert (tmp_path / "terms" / "in-house.toml").read_text() == "mine"

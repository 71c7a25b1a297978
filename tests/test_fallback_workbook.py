"""The spreadsheet of the Fallback page: recalculated by another program, it says what the business case says."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import formulas
import openpyxl
import pandas as pd
import pytest

from dashboard.fallback import memo_words as said
from dashboard.fallback import workbook
from dashboard.fallback.scenarios import NEVER
from dashboard.fallback.view import View
from dashboard.fallback.workbook_money import MOST_MONTHS, USED
from models.fallback.answer import Answer, AtWhatPrice, MonthCost, Problem
from models.fallback.assumptions import SPECS, Assumed
from models.fallback.business_case import Case, break_even_price, outcome, tornado
from models.fallback.facts import Facts, Slice

if TYPE_CHECKING:
    from pathlib import Path

    from dashboard.scope.opening import Opened

HOSTILE = '=HYPERLINK("http://evil.example","x")'
CASE = Case(
    volume=35_000, price=5.4, handle_min=5.2, fcr_own=0.81, fcr_provider=0.65, returning=0.6, occupancy=0.8,
    available_hours=1389.1, annual_cost=57_500, attrition=0.3, hire_cost=9700, exit_fee=100_000, set_up=60_000,
    dual_months=2, ramp=(0.53, 0.65, 0.75, 0.83, 0.9, 0.95), discount=0.08, months=36,
)  # fmt: skip
FACTS = Facts(
    asked_at=datetime(2026, 11, 23, 12, tzinfo=UTC), today=date(2026, 11, 23), zone="Europe/Berlin", currency="EUR",
    version="0.1.0", known_upto=41, slice=Slice(provider=HOSTILE), provider_name=HOSTILE, in_house_name="Own",
    service_level=0.8, threshold_s=20, max_abandonment=0.05, max_occupancy=0.9, missing=("=1+1 is not known.",),
)  # fmt: skip
SITES = pd.DataFrame({"site": ["sofia"], "provider": [HOSTILE], "in_house": [False], "simulated": [True]})
UNKNOWN = Problem("nothing is known of it.")


def viewed(case: Case | None = CASE) -> View:
    """A view that has an answer about money alone."""
    price: AtWhatPrice | Problem = UNKNOWN
    if case is not None:
        months = (
            MonthCost(0, date(2026, 11, 23), 0, 0, 0, 0, 0, 0, 0, 450_000, 0),
            MonthCost(1, date(2026, 12, 23), 0.5, 100_000, 5000, 12, 30, 1500, 60_000, 0, 189_000),
        )
        price = AtWhatPrice(
            case, outcome(case), break_even_price(case), tuple(tornado(case)), months, -1234.5, None, 4.76, case.price
        )
    assumed = {spec.name: Assumed(spec.default, HOSTILE) for spec in SPECS}
    answer = Answer(UNKNOWN, UNKNOWN, UNKNOWN, price, UNKNOWN, {"price": "=2+2"})
    page = cast("Opened", SimpleNamespace(choices=SimpleNamespace(frames={"sites": SITES})))
    return View(page, FACTS, assumed, answer)


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def place(book: Any, name: str) -> tuple[str, str]:
    """Sheet and first cell of a name."""
    ((sheet, cells),) = book.defined_names[name].destinations
    return sheet, cells.replace("$", "").partition(":")[0]


class Reckoned:
    """The file in an independent program, which reckons every formula from the inputs."""

    def __init__(self, content: bytes, path: Path) -> None:
        path.write_bytes(content)
        self.file, self.book = path.name, opened(content)
        self.model = formulas.ExcelModel().loads(str(path)).finish()

    def cell(self, name: str) -> str:
        sheet, cell = place(self.book, name)
        return f"'[{self.file}]{sheet.upper()}'!{cell}"

    def results(self, **inputs: float | str) -> dict[str, Any]:
        """Results by name, after somebody typed these values into inputs."""
        solved = self.model.calculate(inputs={self.cell(name): value for name, value in inputs.items()})
        return {name: solved[self.cell(name)].value[0, 0] for name in self.book.defined_names if name[:4] == "out_"}


@pytest.fixture(scope="module")
def reckoned(tmp_path_factory: pytest.TempPathFactory) -> Reckoned:
    return Reckoned(workbook.document(viewed()), tmp_path_factory.mktemp("book") / "book.xlsx")


def agrees(found: dict[str, Any], case: Case) -> None:
    expected = outcome(case)
    assert found["out_ready"] == said.READY
    assert found["out_npv"] == pytest.approx(expected.npv)
    assert found["out_agents"] == expected.agents
    assert found["out_contacts"] == pytest.approx(expected.contacts)
    assert found["out_one_off"] == pytest.approx(expected.one_off)
    assert found["out_steady"] == pytest.approx(expected.steady)
    assert found["out_payback"] == (expected.payback if expected.payback is not None else NEVER)
    discounted = expected.discounted_payback
    assert found["out_discounted"] == (discounted if discounted is not None else NEVER)
    price = break_even_price(case)
    assert found["out_break_even"] == (pytest.approx(price) if price is not None else said.NO_PRICE)


def test_the_formulas_come_to_what_the_business_case_comes_to(reckoned: Reckoned) -> None:
    assert outcome(CASE).payback is not None
    agrees(reckoned.results(), CASE)


@pytest.mark.parametrize(
    ("name", "value", "case"),
    [
        ("in_price", 4.6, replace(CASE, price=4.6)),
        ("in_dual_months", 0, replace(CASE, dual_months=0)),
        ("in_months", 120, replace(CASE, months=120)),
        ("in_months", 1, replace(CASE, months=1)),
        ("in_handle_s", 360, replace(CASE, handle_min=6)),
        ("in_discount", 0.2, replace(CASE, discount=0.2)),
    ],
)
def test_a_changed_input_changes_the_result_as_the_business_case_would(
    name: str, value: float, case: Case, reckoned: Reckoned
) -> None:
    agrees(reckoned.results(**{name: value}), case)


def test_an_input_that_is_missing_is_said_instead_of_a_number(reckoned: Reckoned) -> None:
    assert set(reckoned.results(in_price="").values()) == {said.NOT_READY}


def test_without_an_answer_about_money_the_sheet_waits_for_inputs() -> None:
    content = workbook.document(viewed(None))
    shown = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    sheet, cell = place(opened(content), "out_npv")
    assert shown[sheet][cell].value == said.NOT_READY
    assert shown["Way home"]["A4"].value == f"No answer: {UNKNOWN.text}"
    assert shown["Absorb"]["A4"].value == f"No answer: {UNKNOWN.text}"


def test_programs_that_do_not_reckon_again_show_the_same_figures() -> None:
    content = workbook.document(viewed())
    shown = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    sheet, cell = place(opened(content), "out_npv")
    assert shown[sheet][cell].value == pytest.approx(outcome(CASE).npv)
    cash = [row[6].value for row in shown["Months"].iter_rows(min_row=18, max_row=18 + CASE.months)]
    assert cash == pytest.approx(list(outcome(CASE).cash))
    assert sum(outcome(CASE).cash) == pytest.approx(shown["Months"].cell(row=18 + CASE.months, column=8).value)


def test_text_of_users_stays_text() -> None:
    book = opened(workbook.document(viewed()))
    found = 0
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.hyperlink is None
                if isinstance(cell.value, str) and ("evil" in cell.value or "is not known" in cell.value):
                    assert cell.data_type == "s"
                    found += 1
    assert found > len(SPECS)


def test_every_input_has_a_name_and_refuses_what_is_out_of_reason() -> None:
    book = opened(workbook.document(viewed()))
    assert {name for name in book.defined_names if name.startswith("in_")} == {
        *(f"in_{name}" for name in USED), "in_ramp",
    }  # fmt: skip
    checked = {str(rule.sqref) for rule in book["Assumptions"].data_validations.dataValidation}
    assert {place(book, f"in_{name}")[1] for name in USED} == checked
    assert book["Months"].max_row == 17 + MOST_MONTHS + 1


def test_the_same_answer_is_the_same_file() -> None:
    assert workbook.document(viewed()) == workbook.document(viewed())


def test_a_file_is_named_by_letters_and_digits_and_says_that_it_is_a_demo() -> None:
    name = workbook.file_name(viewed(), "fallback", "xlsx")
    assert name == "backstop-fallback-hyperlink-http-evil-example-x-2026-11-23-demo.xlsx"

"""The money in the spreadsheet: inputs with names, the business case month by month in formulas that refer to them.

The formulas are those of `models.fallback.business_case`, which tests hold them to. Month 0 is not discounted, as
there: the NPV function of spreadsheets would shift every amount by a month, so it is not used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard.fallback import memo_words as said
from dashboard.fallback.scenarios import NEVER
from models.fallback.answer import Problem
from models.fallback.assumptions import BY_NAME, SPECS

if TYPE_CHECKING:
    from dashboard.fallback.view import View
    from dashboard.fallback.workbook_paper import Sheet
    from models.fallback.answer import AtWhatPrice
    from models.fallback.assumptions import Spec
    from models.fallback.business_case import Case

USED = (
    "volume", "price", "handle_s", "fcr_own", "fcr_provider", "returning", "occupancy", "annual_cost", "hours",
    "hire_cost", "attrition", "exit_fee", "set_up", "dual_months", "discount", "months",
)  # fmt: skip
"""Assumptions the formulas refer to, as in_NAME."""
_FIELDS = {"hours": "available_hours"}
MOST_MONTHS = int(BY_NAME["months"].high)
_TOP = 5
_FIRST = 17
"""Row of month 0 on the sheet Months."""


@dataclass(frozen=True, slots=True)
class Result:
    """A live result: what it is called, the formula that shows it on another sheet, its look and what it comes to."""

    label: str
    formula: str
    look: str
    told: float | str | None


def price_of(view: View) -> AtWhatPrice | None:
    """The answer about money, where there is one."""
    return None if isinstance(view.answer.price, Problem) else view.answer.price


def assumptions(sheet: Sheet, view: View) -> None:
    """Every assumption in a cell of its own; those of the formulas first, and can be changed."""
    sheet.put(0, 0, said.ASSUMPTIONS, "title")
    sheet.put(1, 0, said.ASSUMPTIONS_NOTE, "plain")
    sheet.heads(_TOP - 1, said.ASSUMPTION_COLUMNS, (44, 16, 10, 26, 52, 14, 44))
    order = [BY_NAME[name] for name in USED] + [spec for spec in SPECS if spec.name not in USED]
    row = _TOP
    for row, spec in enumerate(order, _TOP):
        used = spec.name in USED
        value = _given(view, spec)
        sheet.put(row, 0, spec.label)
        look = {"share": "share", "money": "price"}.get(spec.unit, "number")
        if value is not None:
            sheet.put(row, 1, value, f"in_{look}" if used else look)
        elif used:
            sheet.sheet.write_blank(row, 1, None, sheet.formats[f"in_{look}"])
        else:
            sheet.put(row, 1, None)
        sheet.line_at(row, 2, (
            said.UNITS.get(spec.unit, spec.unit), spec.expected, view.assumed[spec.name].source,
            said.YES if used else said.NO, view.answer.problems.get(spec.name, ""),
        ))  # fmt: skip
        if used:
            sheet.named(f"in_{spec.name}", row, 1)
            _bounded(sheet, row, spec)
    _ramp(sheet, view, row + 3)


def _given(view: View, spec: Spec) -> float | None:
    """A value as the case has it, else as it was assumed."""
    price = price_of(view)
    if price is not None and spec.name in USED:
        if spec.name == "handle_s":
            return price.case.handle_min * 60
        return float(getattr(price.case, _FIELDS.get(spec.name, spec.name)))
    return view.assumed[spec.name].value


def _bounded(sheet: Sheet, row: int, spec: Spec) -> None:
    """The sheet refuses what is out of reason, in the words of the page."""
    kind = "integer" if spec.whole else "decimal"
    if spec.high == float("inf"):
        rule = {"criteria": ">" if spec.low_open else ">=", "value": spec.low}
    else:
        hair = 0 if spec.whole else 1e-9
        low, high = spec.low + hair * spec.low_open, spec.high - hair * spec.high_open
        rule = {"criteria": "between", "minimum": low, "maximum": high}
    sheet.sheet.data_validation(row, 1, row, 1, {
        "validate": kind, **rule, "error_title": said.OUT_OF_REASON,
        "error_message": f"Expected {spec.expected}."[:255],
    })  # fmt: skip


def _ramp(sheet: Sheet, view: View, row: int) -> None:
    """Share of the work own agents can do in month 1, 2, …; a cell each, under one name."""
    price = price_of(view)
    # Without a case nobody knows it: an empty cell, which the check of the inputs counts as missing.
    shares: list[float | None] = [None] if price is None else list(price.case.ramp) or [1.0]
    sheet.put(row, 0, said.RAMP, "strong")
    sheet.put(row + 1, 0, said.RAMP_NOTE, "muted")
    for month, share in enumerate(shares, 1):
        at = row + 1 + month
        sheet.put(at, 0, said.ramp_month(month))
        if share is None:
            sheet.sheet.write_blank(at, 1, None, sheet.formats["in_share"])
        else:
            sheet.put(at, 1, share, "in_share")
    sheet.named("in_ramp", row + 2, 1, row + 1 + len(shares))


def months(sheet: Sheet, view: View) -> dict[str, Result]:
    """The case month by month, live. Returns its results by name."""
    sheet.put(0, 0, said.MONTHS, "title")
    sheet.put(1, 0, said.MONTHS_NOTE, "plain")
    price = price_of(view)
    told_results = _told_results(price)
    found = {}
    for row, (name, label, formula, look) in enumerate(_results(), 3):
        sheet.put(row, 0, label, "label")
        guarded = f"={formula}" if name == "out_ready" else f'=IF({_READY},{formula},"{said.NOT_READY}")'
        value = told_results.get(name, said.NOT_READY)
        sheet.formula(row, 4, guarded, look, value)
        sheet.named(name, row, 4)
        found[name] = Result(label, f"={name}", look, value)
    sheet.heads(_FIRST - 1, said.MONTH_COLUMNS, (8, 11, 13, 15, 15, 15, 15, 16, 10, 15, 16, 9, 11, 13))
    told_months = _told(price) if price is not None else []
    for month in range(MOST_MONTHS + 1):
        row = _FIRST + month
        sheet.put(row, 0, month, "whole")
        values = told_months[month] if month < len(told_months) else _NOTHING
        for column, ((formula, look), value) in enumerate(zip(_formulas(month, row + 1), values, strict=True), 1):
            sheet.formula(row, column, formula, look, value)
    return found


_READY = f'out_ready="{said.READY}"'
_NOTHING: tuple[float | str, ...] = (*[""] * 10, 0, 0, "")


def _column(letter: str) -> str:
    """All months of a column, month 0 too."""
    return f"${letter}${_FIRST + 1}:${letter}${_FIRST + MOST_MONTHS + 1}"


def _results() -> list[tuple[str, str, str, str]]:
    """Name, label, formula without its sign and look of each result."""
    given = ",".join(f"ISNUMBER(in_{name})" for name in USED)
    per_issue = "(1/(1-(1-in_{0})*in_returning))"
    # The net present value is straight in the price: what is spent, over contacts that are not paid for any more.
    freed = f"(in_volume*SUM({_column('N')}))"
    spent = f"(out_one_off+out_own*(SUM({_column('I')})-1))"
    return [
        ("out_ready", said.INPUTS,
         f'IF(AND({given},COUNT(in_ramp)=ROWS(in_ramp)),"{said.READY}","{said.NOT_READY}")', "text"),
        ("out_contacts", said.OWN_CONTACTS,
         f"in_volume*{per_issue.format('fcr_own')}/{per_issue.format('fcr_provider')}", "whole"),
        ("out_agents", said.OWN_AGENTS,
         "ROUNDUP(MAX(0,out_contacts*in_handle_s/3600/in_occupancy/(in_hours/12)-0.000000001),0)", "whole"),
        ("out_one_off", said.ONE_OFF, "out_agents*in_hire_cost+in_exit_fee+in_set_up", "money"),
        ("out_own", said.OWN_MONTH, "out_agents*(in_annual_cost+in_attrition*in_hire_cost)/12", "money"),
        ("out_steady", said.STEADY, "in_volume*in_price-out_own", "money"),
        ("out_rate", said.RATE, "(1+in_discount)^(1/12)-1", "factor"),
        ("out_npv", said.NPV, f"SUM({_column('J')})", "money"),
        ("out_payback", said.PAYBACK, f'IFERROR(MATCH(1,{_column("L")},0)-1,"{NEVER}")', "whole"),
        ("out_discounted", said.DISCOUNTED, f'IFERROR(MATCH(1,{_column("M")},0)-1,"{NEVER}")', "whole"),
        ("out_break_even", said.BREAK_EVEN, f'IF({freed}>0,{spent}/{freed},"{said.NO_PRICE}")', "price"),
    ]  # fmt: skip


def _told_results(price: AtWhatPrice | None) -> dict[str, float | str]:
    """What each result comes to, by its name, as the page answered."""
    if price is None:
        return {}
    case, out = price.case, price.outcome
    return {
        "out_ready": said.READY, "out_contacts": out.contacts, "out_agents": out.agents, "out_one_off": out.one_off,
        "out_own": case.volume * case.price - out.steady, "out_steady": out.steady, "out_rate": _rate(case),
        "out_npv": out.npv, "out_payback": _or(out.payback, NEVER),
        "out_discounted": _or(out.discounted_payback, NEVER),
        "out_break_even": _or(price.break_even, said.NO_PRICE),
    }  # fmt: skip


def _formulas(month: int, row: int) -> list[tuple[str, str]]:
    """Formula and look of a month's cells, from the second column on. row: counted from 1."""
    if not month:
        first = [
            ("", "share"), ("", "share"), ("", "money"), ("", "money"), ("", "money"), ("-out_one_off", "money"),
            (f"G{row}", "money"), ("1", "factor"), (f"G{row}", "money"), (f"J{row}", "money"), ("0", "whole"),
            ("0", "whole"), ("0", "factor"),
        ]  # fmt: skip
        return [(f'=IF({_READY},{formula},"")' if formula else '=""', look) for formula, look in first]
    counts = f"AND({_READY},$A{row}<=in_months)"
    cells = [
        (f"IF($A{row}<=ROWS(in_ramp),INDEX(in_ramp,MIN($A{row},ROWS(in_ramp))),1)", "share"),
        (f"IF($A{row}<=in_dual_months,1,1-B{row})", "share"),
        ("in_volume*in_price", "money"),
        (f"D{row}*C{row}", "money"),
        ("out_own", "money"),
        (f"D{row}-E{row}-F{row}", "money"),
        (f"H{row - 1}+G{row}", "money"),
        (f"1/(1+out_rate)^$A{row}", "factor"),
        (f"G{row}*I{row}", "money"),
        (f"K{row - 1}+J{row}", "money"),
        (f"IF(H{row}>=0,1,0)", "whole"),
        (f"IF(K{row}>=0,1,0)", "whole"),
        (f"I{row}*(1-C{row})", "factor"),
    ]
    return [
        (f"=IF({counts},{formula},{'0' if column in _FLAGS else _EMPTY})", look)
        for column, (formula, look) in enumerate(cells)
    ]


_FLAGS = {10, 11}
_EMPTY = '""'


def _told(price: AtWhatPrice) -> list[tuple[float | str, ...]]:
    """What the cells of each month come to, by the outcome: for programs that do not reckon a file again."""
    case, out = price.case, price.outcome
    rate, stay = _rate(case), case.volume * case.price
    rows: list[tuple[float | str, ...]] = []
    so_far = worth = 0.0
    for month, cash in enumerate(out.cash):
        factor = 1 / (1 + rate) ** month
        so_far, worth = so_far + cash, worth + cash * factor
        if not month:
            rows.append((*[""] * 5, cash, so_far, factor, cash, worth, 0, 0, 0))
            continue
        able = case.ramp[month - 1] if month <= len(case.ramp) else 1.0
        own = stay - out.steady
        paid = stay - own - cash
        still = 1.0 if month <= case.dual_months else 1 - able
        rows.append((
            able, still, stay, paid, own, cash, so_far, factor, cash * factor, worth, int(so_far >= 0),
            int(worth >= 0), factor * (1 - still),
        ))  # fmt: skip
    return rows


def _rate(case: Case) -> float:
    """A month's discount rate."""
    return float((1 + case.discount) ** (1 / 12) - 1)


def _or(value: float | None, otherwise: str) -> float | str:
    return otherwise if value is None else value


def way_home(sheet: Sheet, view: View) -> None:
    """The richer path, month by month as it was answered; what is saved is summed by formulas."""
    sheet.put(0, 0, said.WAY_HOME, "title")
    sheet.put(1, 0, said.WAY_HOME_NOTE, "plain")
    price = price_of(view)
    if price is None:
        sheet.put(3, 0, said.problem(view.answer.price), "plain")
        return
    sheet.heads(4, said.WAY_COLUMNS, (8, 13, 10, 14, 14, 14, 11, 14, 14, 14, 14, 14, 15))
    so_far = 0.0
    for row, month in enumerate(price.months, 5):
        line = row + 1
        so_far += month.cash
        sheet.line(
            row,
            (month.month, month.begins, month.share_home, month.bill, month.stranded, month.idle, month.overtime_hours,
             month.overtime, month.hired, month.one_off, month.stay),
            ("whole", "date", "share", "money", "money", "number", "number", "money", "money", "money", "money"),
        )  # fmt: skip
        sheet.formula(row, 11, f"=K{line}-(D{line}+H{line}+I{line}+J{line})", "money", month.cash)
        sheet.formula(row, 12, f"=SUM($L$6:L{line})", "money", so_far)
    sheet.put(2, 0, said.npv_as_answered(price.npv, view.facts.currency, price.payback), "plain")

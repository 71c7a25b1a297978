"""A sheet as the spreadsheet's parts write it: text as text, numbers as numbers, what is not known in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_range_abs

from dashboard import format as text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter import Workbook

_LONGEST = 32_000
"""Characters of a cell; a spreadsheet takes 32,767."""
Cell = str | float | int | date | None


@dataclass
class Sheet:
    """One sheet, with the workbook's formats by name and the book itself for names of cells."""

    book: Any
    sheet: Any
    name: str
    formats: dict[str, Any]

    def put(self, row: int, column: int, value: Cell, look: str = "") -> None:
        """Write a value, never a formula. Rows and columns count from 0."""
        form = self.formats[look] if look else None
        if isinstance(value, str):
            self.sheet.write_string(row, column, value[:_LONGEST], form or self.formats["text"])
        elif isinstance(value, date):
            self.sheet.write_datetime(row, column, value, self.formats["date"])
        elif value is None or not math.isfinite(value):
            self.sheet.write_string(row, column, text.NO_DATA, self.formats["right"])
        else:
            self.sheet.write_number(row, column, value, form or self.formats["number"])

    def formula(self, row: int, column: int, formula: str, look: str, told: float | str | None) -> None:
        """Write a formula of this program, and what it comes to for those who do not reckon it again."""
        value = "" if told is None or (isinstance(told, float) and not math.isfinite(told)) else told
        self.sheet.write_formula(row, column, formula, self.formats[look], value)

    def line(self, row: int, values: Sequence[Cell], looks: Sequence[str] = ()) -> None:
        """Values side by side from the first column on."""
        self.line_at(row, 0, values, looks)

    def line_at(self, row: int, first: int, values: Sequence[Cell], looks: Sequence[str] = ()) -> None:
        """Values side by side from a column on."""
        for place, value in enumerate(values):
            self.put(row, first + place, value, looks[place] if place < len(looks) else "")

    def heads(self, row: int, labels: Sequence[str], widths: Sequence[float]) -> None:
        """Heads of columns, which stay in sight, and how wide the columns are."""
        for column, (label, width) in enumerate(zip(labels, widths, strict=True)):
            self.put(row, column, label, "head")
            self.sheet.set_column(column, column, width)
        self.sheet.freeze_panes(row + 1, 0)
        self.sheet.repeat_rows(row)

    def named(self, name: str, row: int, column: int, last_row: int | None = None) -> None:
        """Give a cell, or some beneath each other, a name for formulas."""
        where = xl_range_abs(row, column, row if last_row is None else last_row, column)
        # A single cell is not written as a range of one.
        first, _, last = where.partition(":")
        self.book.define_name(name, f"='{self.name}'!{first if first == last or not last else where}")


class Paper:
    """The workbook with its formats."""

    def __init__(self, book: Workbook, currency: str) -> None:
        self.book = book
        wrapped = {"valign": "top"}
        looks: dict[str, dict[str, Any]] = {
            "text": {**wrapped, "text_wrap": True},
            "right": {**wrapped, "align": "right", "font_color": "#5B6472"},
            "title": {"bold": True, "font_size": 15},
            "strong": {**wrapped, "bold": True, "text_wrap": True},
            "muted": {**wrapped, "font_color": "#5B6472", "text_wrap": True},
            "label": {"bold": True},
            "plain": {"font_color": "#5B6472"},
            "head": {"bold": True, "text_wrap": True, "bottom": 1, "valign": "bottom"},
            "number": {**wrapped, "num_format": "#,##0.##"},
            "whole": {**wrapped, "num_format": "#,##0"},
            "money": {**wrapped, "num_format": f'#,##0 "{_quoted(currency)}"'},
            "price": {**wrapped, "num_format": f'#,##0.00 "{_quoted(currency)}"'},
            "share": {**wrapped, "num_format": "0.0%"},
            "factor": {**wrapped, "num_format": "0.0000"},
            "date": {**wrapped, "num_format": "d mmm yyyy", "align": "left"},
        }
        # Inputs look the same in every sheet program: blue on yellow, with a frame, and not locked.
        for name in ("number", "share", "price"):
            looks[f"in_{name}"] = {
                **looks[name], "bg_color": "#FFF8D6", "font_color": "#1F3FBF", "border": 1, "border_color": "#C9CED8",
                "locked": False,
            }  # fmt: skip
        self.formats = {name: book.add_format(look) for name, look in looks.items()}

    def sheet(self, name: str) -> Sheet:
        """A new sheet, ready to be printed on A4."""
        made = self.book.add_worksheet(name)
        made.set_paper(9)
        made.set_landscape()
        made.fit_to_pages(1, 0)
        made.set_footer("&L&A&RPage &P of &N")
        made.hide_gridlines(2)
        return Sheet(self.book, made, name, self.formats)


def _quoted(currency: str) -> str:
    return "".join(mark for mark in currency if mark.isalnum())[:8]

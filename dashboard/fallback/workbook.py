"""The answer as a spreadsheet: the money in live formulas on inputs that can be changed, the rest as it was answered.

Whatever people made up is written as text: nothing of theirs becomes a formula or a link.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from xlsxwriter import Workbook

from dashboard.fallback import workbook_money, workbook_sheets
from dashboard.fallback.drawn import simulated
from dashboard.fallback.workbook_paper import Paper

if TYPE_CHECKING:
    from dashboard.fallback.view import View

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def document(view: View) -> bytes:
    """The whole file: Summary, Assumptions, Months, Way home, Absorb, Criteria, Sources."""
    out = io.BytesIO()
    with Workbook(
        out,
        {
            "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        },
    ) as book:  # fmt: skip
        # The same answer is the same file.
        book.set_properties({"title": "Fallback", "created": view.facts.asked_at.replace(tzinfo=None)})
        paper = Paper(book, view.facts.currency)
        summary, assumptions, months, way, absorb, criteria, sources = (paper.sheet(name) for name in NAMES)
        workbook_money.assumptions(assumptions, view)
        results = workbook_money.months(months, view)
        workbook_money.way_home(way, view)
        workbook_sheets.summary(summary, view, results)
        workbook_sheets.absorb(absorb, view)
        workbook_sheets.criteria(criteria, view)
        workbook_sheets.sources(sources, view)
    return out.getvalue()


NAMES = ("Summary", "Assumptions", "Months", "Way home", "Absorb", "Criteria", "Sources")


def file_name(view: View, what: str, ending: str) -> str:
    """The name of a file of this answer: letters and digits of the provider alone, and the day."""
    told = re.sub(r"[^A-Za-z0-9]+", "-", view.facts.slice.provider).strip("-")[:60].lower()
    demo = "-demo" if simulated(view) else ""
    return f"backstop-{what}-{told or 'provider'}-{view.facts.today.isoformat()}{demo}.{ending}"

"""The sheets of the spreadsheet that hold the answer as it was given: summary, absorb, criteria, sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard.fallback import case_words, scenarios, words
from dashboard.fallback import memo_words as said
from models.fallback.answer import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dashboard.fallback.view import View
    from dashboard.fallback.workbook_money import Result
    from dashboard.fallback.workbook_paper import Cell, Sheet
    from models.fallback.absorb import Absorbed
    from models.fallback.answer import DayAnswer
    from models.fallback.facts import Criterion

_LOOKS = {"money": "money", "price": "price", "share": "share", "contacts": "whole", "month": "whole"}


def summary(sheet: Sheet, view: View, results: Mapping[str, Result]) -> None:
    """The sentences, the live results, and the headline figures as they were answered."""
    facts = view.facts
    sheet.sheet.set_column(0, 0, 50)
    sheet.sheet.set_column(1, 1, 70)
    sheet.put(0, 0, f"{said.TITLE} {facts.provider_name}", "title")
    sheet.put(1, 0, scenarios.sliced(facts), "plain")
    sheet.put(2, 0, said.as_of(facts), "plain")
    row = 4
    for sentence in said.headline(view.answer, facts, view.assumed):
        sheet.put(row, 0, sentence, "label")
        row += 1
    row += 1
    sheet.put(row, 0, said.LIVE, "strong")
    for result in results.values():
        row += 1
        sheet.put(row, 0, result.label)
        sheet.formula(row, 1, result.formula, result.look, result.told)
    row += 2
    sheet.put(row, 0, said.ANSWERED, "strong")
    figures = scenarios.summary(view.answer, facts)
    for figure in scenarios.FIGURES:
        row += 1
        value = figures[figure.name]
        sheet.put(row, 0, figure.label)
        told: Cell = value if isinstance(value, float) else scenarios.shown(figure.name, value, facts.currency)
        sheet.put(row, 1, told, _LOOKS.get(figure.unit, "number") if isinstance(value, float) else "")


def absorb(sheet: Sheet, view: View) -> None:
    """Every pool and quarter-hour of the days to come."""
    sheet.put(0, 0, said.ABSORB, "title")
    sheet.put(1, 0, said.ABSORB_NOTE, "plain")
    days = view.answer.days
    if isinstance(days, Problem):
        sheet.put(3, 0, said.problem(days), "plain")
        return
    sheet.heads(3, said.ABSORB_COLUMNS, (13, 8, 16, 22, 12, 10, 10, 12, 12, 8, 12, 12, 12, 12))
    looks = ("date", "", "", "", "number", "number", "number", "whole", "whole", "whole", *["share"] * 4)
    for row, cells in enumerate((cells for day in days for cells in _of_day(day)), 4):
        sheet.line(row, cells, looks)


def _of_day(day: DayAnswer) -> Iterator[tuple[Cell, ...]]:
    for kind, bounds in (("voice", day.voice), ("chat", day.chat)):
        if bounds is None:
            continue
        pools = [(pool.name, pool) for pool in bounds.separate]
        if len(pools) > 1:
            pools.append((said.AS_ONE, bounds.pooled))
        for name, pool in pools:
            for place, quarter in enumerate(day.quarters):
                yield (day.day, words.quarter(quarter), said.KINDS[kind], name, *_cells(pool, place))


def _cells(pool: Absorbed, place: int) -> tuple[Cell, ...]:
    rows = (
        pool.moved, pool.absorbable, pool.rostered, pool.need_own, pool.need_all, pool.gap, pool.service_level_own,
        pool.service_level_all, pool.abandonment_own, pool.abandonment_all,
    )  # fmt: skip
    return tuple(float(row[place]) for row in rows)


def criteria(sheet: Sheet, view: View) -> None:
    """Each criterion's figure by week, its limits, and the standing."""
    facts, case = view.facts, view.answer.case
    sheet.put(0, 0, said.CRITERIA, "title")
    sheet.put(1, 0, said.case(case, facts), "plain")
    if not facts.criteria or not facts.weeks:
        sheet.put(3, 0, text.NO_DATA, "plain")
        return
    labels = [criterion.label for criterion in facts.criteria]
    sheet.heads(3, ("Week from", "Standing", *labels), (16, 16, *[18] * len(labels)))
    sheet.line(
        4, ("Bad", "", *(case_words.limit(criterion, criterion.opens, bad=True) for criterion in facts.criteria))
    )
    sheet.line(
        5, ("Good", "", *(case_words.limit(criterion, criterion.clears, bad=False) for criterion in facts.criteria))
    )
    sheet.line(6, ("From", "", *(criterion.source for criterion in facts.criteria)))
    standings = {} if isinstance(case, Problem) else dict(zip(facts.weeks, case.verdicts, strict=False))
    looks = ["share" if criterion.unit == "share" else "number" for criterion in facts.criteria]
    for place, week in enumerate(facts.weeks):
        verdict = standings.get(week)
        values = [_seen(criterion, place) for criterion in facts.criteria]
        told = case_words.standing(verdict.standing) if verdict else text.NO_DATA
        sheet.line(7 + place, (week, told, *values), ("date", "", *looks))


def _seen(criterion: Criterion, place: int) -> float | None:
    if place >= len(criterion.weeks) or not criterion.weeks[place].fed:
        return None
    return criterion.weeks[place].value


def sources(sheet: Sheet, view: View) -> None:
    """Which data, which program, which documents, and what nobody knows."""
    sheet.put(0, 0, said.SOURCES, "title")
    sheet.sheet.set_column(0, 0, 34)
    sheet.sheet.set_column(1, 1, 100)
    for row, (what, told) in enumerate(basis(view), 2):
        sheet.put(row, 0, what, "strong")
        sheet.put(row, 1, told)


def basis(view: View) -> list[tuple[str, str]]:
    """What the answer rests on, in words: label and text. Holds names of users' own."""
    facts = view.facts
    contract = facts.contract
    days = sorted({day for each in facts.days for day in each.basis})
    found = [
        ("Work asked about", scenarios.sliced(facts)),
        ("Data", said.as_of(facts)),
        ("In-house", facts.in_house_name),
        ("Contract", "none is configured" if contract is None else contract.reference or "has no reference"),
        ("Staffing is planned for", _targets(view)),
        ("Forecast", f"mean of like days among {len(days)} from {text.day(days[0])} to {text.day(days[-1])}"
         if days else "none"),
    ]  # fmt: skip
    if facts.weeks:
        found.append(("Exit criteria", f"{len(facts.weeks)} weeks from {text.day(facts.weeks[0])}"))
    if facts.months:
        found.append(
            ("Cost", f"{text.month(facts.months[0].month)} to {text.month(facts.months[-1].month)}, bills expected")
        )
    return [*found, *(("Not known", sentence) for sentence in facts.missing)]


def _targets(view: View) -> str:
    facts = view.facts
    parts = []
    if facts.service_level is not None:
        parts.append(f"{text.share(facts.service_level, 0)} answered within {facts.threshold_s:g} s")
    if facts.max_abandonment is not None:
        parts.append(f"at most {text.share(facts.max_abandonment, 0)} abandoned")
    if facts.max_occupancy is not None:
        parts.append(f"occupancy of at most {text.share(facts.max_occupancy, 0)}")
    return ", ".join(parts) or "no target is set"

"""The memo: the answer and the decision as one HTML file that prints on A4.

No script, nothing fetched, everything made up by users escaped. Charts are those of the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashboard import format as text
from dashboard.fallback import (
    absorb_rows,
    absorb_words,
    case_rows,
    case_words,
    charts,
    decide_words,
    headline_words,
    money_words,
    price_charts,
    price_section,
    scenarios,
    when_calendar,
    when_section,
    when_words,
    words,
    workbook_sheets,
)
from dashboard.fallback import memo_words as said
from dashboard.fallback.drawn import simulated
from dashboard.figures import take_away
from dashboard.pack.document import inline
from dashboard.paper import templates
from models.fallback.answer import Problem
from models.fallback.assumptions import SPECS

if TYPE_CHECKING:
    from markupsafe import Markup

    from dashboard.fallback.scenario_kept import Decision
    from dashboard.fallback.view import View
    from models.fallback.answer import AtWhatPrice, DayAnswer, WhichPart

TEMPLATE = "memo.html.jinja"
CHART_WIDTH = 560
_YEARLY = 12
NO_BREAK, NO_BREAK_HYPHEN = "\u00a0", "\u2011"
NAMES_WIDTH = 215
"""For the names of what decides, in fonts that may be wider than those measured."""
_ENVIRONMENT = templates(Path(__file__).parent)


@dataclass(frozen=True)
class Drawing:
    """A chart, and what it shows in words."""

    svg: Markup
    told: str


def document(view: View, decision: Decision | None) -> str:
    """The whole file. decision: the one that holds; None: none was written."""
    facts = view.facts
    return _ENVIRONMENT.get_template(TEMPLATE).render(
        said=said,
        provider=facts.provider_name,
        work=scenarios.sliced(facts),
        as_of=said.as_of(facts),
        demo=bool(simulated(view)),
        headline=headline_words.lines(facts, view.answer),
        decision=_decision(decision, view),
        parts=[_case(view), _take(view), _when(view), _price(view), _part(view)],
        assumed=_assumed(view),
        basis=workbook_sheets.basis(view),
    )


def _decision(decision: Decision | None, view: View) -> dict[str, Any] | None:
    if decision is None:
        return None
    figures = [
        (
            figure.label,
            scenarios.shown(figure.name, decision.expected[figure.name], scenarios.currency(decision.expected)),
        )
        for figure in scenarios.FIGURES
        if decision.expected.get(figure.name) is not None
    ]
    noted = text.moment(decision.noted_at, view.page.now.reporting_zone)
    return {
        "told": decide_words.decided(decision), "why": decision.why, "noted": said.noted(noted), "expected": figures,
    }  # fmt: skip


def _section(title: str, sentence: str, **more: Any) -> dict[str, Any]:
    """A part: its sentence first, then lines, charts and tables (head, rows, places of columns with numbers)."""
    return {"title": title, "sentence": sentence, "lines": [], "charts": [], "tables": []} | more


def _table(caption: str, head: list[str], rows: list[list[str]], *, words_first: int = 1) -> dict[str, Any]:
    """words_first: how many columns, from the left, are words."""
    return {"caption": caption, "head": head, "rows": rows, "words": words_first}


def _case(view: View) -> dict[str, Any]:
    facts, case = view.facts, view.answer.case
    lines = [case_words.compared(one, facts.in_house_name) for one in facts.compared]
    sentence = said.case(case, facts)
    if isinstance(case, Problem):
        return _section(said.CASE, sentence, lines=lines)
    by_name = {criterion.name: criterion for criterion in facts.criteria}
    reasons = [case_words.reason(by_name[why.criterion], why) for why in case.verdicts[-1].reasons]
    limits = case_rows.limits(facts)
    # The number alone, in one piece: the column is narrow, and a week's days would take six lines of it.
    numbers = [text.week(week).replace("-", NO_BREAK_HYPHEN) for week in reversed(facts.weeks)]
    weeks = case_rows.wide(facts, case).assign(week=numbers)
    labels = [facts.criteria[int(name[1:])].label for name in weeks.columns[2:]]
    told = ["criterion", "bad", "good", "source"]
    tables = [
        _table(case_words.BY_WEEK, [case_words.WEEK, case_words.STANDING, *labels],
               weeks.fillna("").astype(str).to_numpy().tolist(), words_first=99),
        _table(case_words.LIMITS, [case_words.COLUMNS[name] for name in told],
               limits[told].astype(str).to_numpy().tolist(), words_first=99),
    ]  # fmt: skip
    return _section(said.CASE, sentence, lines=[*reasons, *lines], tables=tables)


def _take(view: View) -> dict[str, Any]:
    days = view.answer.days
    sentence = said.take(days)
    if isinstance(days, Problem):
        return _section(said.TAKE, sentence)
    rows = [
        [
            words.short_day(day.day).replace(" ", NO_BREAK), f"{day.moved:,.0f}",
            f"{day.moved_low:,.0f} – {day.moved_high:,.0f}",
            f"{day.absorbable[0]:,.0f}", f"{day.absorbable[1]:,.0f}",
            f"{float(day.gap[0].max()) if day.gap[0].size else 0.0:,.0f}", f"{day.people[0]:,}",
        ]
        for day in days
    ]  # fmt: skip
    tables = [_table(said.BY_DAY, list(said.DAY_COLUMNS), rows)]
    busiest = max(days, key=lambda day: day.moved, default=None)
    charts_ = [] if busiest is None or not busiest.moved else _take_charts(view, busiest)
    return _section(said.TAKE, sentence, charts=charts_, lines=[absorb_words.BOUNDS], tables=tables)


def _take_charts(view: View, day: DayAnswer) -> list[Drawing]:
    """Agents there and needed on the day with most of the work."""
    found = []
    for kind, bounds, slots in absorb_rows.kinds(day):
        rows = absorb_rows.agents(bounds, slots)
        short = int((bounds.gap[0] > 0).sum())
        told = (
            absorb_words.kind_title(kind, len(bounds.separate)), absorb_words.unit(day.day, view.facts.zone),
            absorb_words.description(kind, max(rows["there"]), max(rows["own"]), max(rows["all"]), short),
        )  # fmt: skip
        drawing = charts.agents(charts.quarters(day.quarters, **rows), absorb_words.NAMES, told)
        found.append(_inline(drawing, f"agents-{kind}"))
    return found


def _when(view: View) -> dict[str, Any]:
    when, facts = view.answer.when, view.facts
    lines, drawings, tables = [when_words.LAW], list[Any](), []
    coming = when_calendar.entries(facts, when)
    if coming:
        rows = [[text.day(entry.on), entry.kind, entry.about] for entry in coming]
        columns = [when_words.COLUMNS[name] for name in ("date", "kind", "about")]
        tables.append(_table(when_words.CALENDAR, columns, rows, words_first=3))
    if isinstance(when, Problem):
        return _section(said.WHEN, said.problem(when), lines=lines, tables=tables)
    first, *rest = when_words.told(when, facts.in_house_name)
    if when.hires:
        drawings.append(_inline(when_section.drawing(view, when, when_words.CAPACITY), "capacity"))
    return _section(said.WHEN, first, lines=[*rest, *lines], charts=drawings, tables=tables)


def _price(view: View) -> dict[str, Any]:
    price, unit = view.answer.price, view.facts.currency
    sentence = said.price(price, view.assumed, unit)
    if isinstance(price, Problem):
        return _section(said.PRICE, sentence)
    lines = [
        money_words.steady(price, unit), *money_words.decides(price.tornado, price.outcome.npv, unit),
        money_words.formula(price, unit),
    ]  # fmt: skip
    swings = [
        [one.driver, money_words.amount(one.low, unit), money_words.amount(one.high, unit)] for one in price.tornado
    ]
    tables = [
        _table(said.months_told(unit), list(said.MEMO_MONTHS), _months(price), words_first=2),
        _table(money_words.TORNADO, list(said.SWING_COLUMNS), swings),
    ]
    return _section(said.PRICE, sentence, lines=lines, charts=_price_charts(price, unit), tables=tables)


def _months(price: AtWhatPrice) -> list[list[str]]:
    """The first year by month, then every twelfth and the last."""
    frame = price_section.by_month(price)
    last = len(frame) - 1
    shown = frame[(frame["month"] <= _YEARLY) | (frame["month"] % _YEARLY == 0) | (frame.index == last)]
    names = ("bill", "overtime", "hired", "one_off", "stay", "cash", "cumulative")
    return [
        [
            f"{row['month']:,}", f"{row['begins']:%b}{NO_BREAK}{row['begins']:%Y}",
            text.share(float(row["share_home"]), 0),
            *(money_words.amount(float(row[name]), "").strip() for name in names),
        ]
        for row in shown.to_dict("records")
    ]  # fmt: skip


def _price_charts(price: AtWhatPrice, unit: str) -> list[Drawing]:
    saved = price_charts.cumulative(
        price_section.cumulated(price, unit), price.payback, unit,
        money_words.cumulative_description(price.months, price.payback, unit),
    )  # fmt: skip
    drawings = [_inline(saved, "saved")]
    if price.tornado:
        bars = price_charts.bars(
            price_section.swung(price.tornado, unit), price.outcome.npv, money_words.TORNADO,
            f"net present value, {unit}, with one input a tenth lower (−) or higher (+)",
            money_words.tornado_description(price.tornado, unit),
        )  # fmt: skip
        drawings.append(_inline(bars.configure_axisY(minExtent=NAMES_WIDTH), "tornado"))
    return drawings


def _part(view: View) -> dict[str, Any]:
    part, unit = view.answer.part, view.facts.currency
    sentence = said.part_home(part, view.facts)
    if isinstance(part, Problem):
        return _section(said.PART, sentence)
    split = part.split
    costs = (("all_bought", split.all_bought), ("all_own", split.all_own), ("best", split.best.cost))
    rows = [[money_words.SPLITS[name], money_words.amount(cost, unit)] for name, cost in costs]
    tables = [_table(said.SPLIT_COSTS, list(said.SPLIT_COLUMNS), rows)]
    if not isinstance(part.topics, Problem):
        names = scenarios.topic_names(view.facts)
        topics = [
            [names.get(name, name), f"{people:,.0f}", said.YES if name in part.topics.best.topics else said.NO]
            for name, people in part.topics.alone.items()
        ]
        tables.append(_table(money_words.TOPICS, list(said.TOPIC_COLUMNS), topics))
    uneven = money_words.uneven(part)
    lines = [money_words.shares(part), *([uneven] if uneven else []), *money_words.CAVEATS, *part.told]
    return _section(said.PART, sentence, lines=lines, charts=_part_charts(part), tables=tables)


def _part_charts(part: WhichPart) -> list[Drawing]:
    curve = price_charts.duration(
        part.curve[0].tolist(), part.curve[1].tolist(), part.split.best.base, part.split.critical_share,
        money_words.curve_description(part),
    )  # fmt: skip
    return [_inline(curve, "load")]


def _inline(chart: Any, name: str) -> Drawing:
    spec = take_away.spec(chart.properties(width=CHART_WIDTH))
    return Drawing(inline(take_away.svg(spec), name), str(spec["description"]))


def _assumed(view: View) -> list[tuple[str, str, str, str]]:
    """Label, value with its unit, source, and what is wrong with it."""
    rows = []
    for spec in SPECS:
        given = view.assumed[spec.name]
        unsaid = money_words.unsaid(spec.name) if given.value is None else None
        if given.value is None:
            told = text.NO_DATA
        elif spec.unit == "money":
            told = money_words.each(given.value, view.facts.currency)
        else:
            told = spec.shown(given.value)
        wrong = "" if unsaid else view.answer.problems.get(spec.name, "")
        rows.append((money_words.field(spec, view.facts.currency), told, unsaid or given.source, wrong))
    return rows

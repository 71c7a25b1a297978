"""Charts of the Invoices page: rows in, an Altair chart out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, cast

import altair as alt
import pandas as pd

from dashboard import money
from dashboard.charts import INHERITED, SVG
from dashboard.invoices import words as said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.invoices.bill import Bill, Step

TOTAL, MORE, LESS = "#5B7083", "#D0670C", "#2F7BD9"
ROW = 34
AROUND = 70
"""For title and axis, which the page takes out of the height."""
ROOM = Decimal("0.14")
"""Beyond the longest bar, for its label, as a share of the axis."""
NEAR = Decimal("0.5")
"""Where all levels lie beyond this share of the highest, the axis begins near them: else no step could be seen."""


def waterfall(bill: Bill, steps: Sequence[Step]) -> alt.LayerChart:
    """From billed to expected, a bar for each reason; labels say which way it goes and how much."""
    rows = levels(bill, steps)
    low, high = axis(rows)
    data = pd.DataFrame(
        {
            "order": range(len(rows)),
            "name": [name for name, _, _, _ in rows],
            "start": [float(max(start, low)) for _, start, _, _ in rows],
            "end": [float(end) for _, _, end, _ in rows],
            "right": [float(max(start, end)) for _, start, end, _ in rows],
            "label": [label for _, _, _, label in rows],
            "way": ["total" if place in (0, len(rows) - 1) else "more" if end < start else "less"
                    for place, (_, start, end, _) in enumerate(rows)],
        }
    )  # fmt: skip
    y = alt.Y("order:O", axis=None, scale=alt.Scale(paddingInner=0.3, paddingOuter=0.15))
    domain = [float(low), float(high)]
    scale = alt.Scale(domain=domain, nice=False, zero=False)
    x = alt.X("start:Q", title=None, scale=scale, axis=alt.Axis(format=",.0f", tickCount=5))
    colour = alt.Color(
        "way:N", legend=None, scale=alt.Scale(domain=["total", "more", "less"], range=[TOTAL, MORE, LESS])
    )
    tooltip = [alt.Tooltip("name:N", title="Step"), alt.Tooltip("label:N", title="Amount")]
    base = alt.Chart(data).encode(y=y, tooltip=tooltip)
    bars = base.mark_bar().encode(x=x, x2="end:Q", color=colour)
    amounts = base.mark_text(align="left", dx=6, fill=INHERITED, fontSize=13).encode(
        x=alt.X("right:Q", scale=scale), text="label:N"
    )
    names = alt.Chart(data).mark_text(align="right", fill=INHERITED, fontSize=13, limit=210, x=-8).encode(
        y=y, text="name:N"
    )  # fmt: skip
    subtitle = said.begins_at(low, bill.unit) if low else bill.unit
    title = alt.TitleParams(text=said.BRIDGE, subtitle=subtitle, subtitleColor=INHERITED, anchor="start", frame="group")
    return cast("alt.LayerChart", alt.layer(bars, amounts, names)).properties(
        title=title, height=ROW * len(rows) + AROUND, usermeta=SVG,
        padding={"left": 220, "top": 0, "right": 8, "bottom": 0}, description=said.bridge_description(bill, steps),
    )  # fmt: skip


def levels(bill: Bill, steps: Sequence[Step]) -> list[tuple[str, Decimal, Decimal, str]]:
    """Name, where a bar starts and ends, and its label: billed, each reason, expected."""
    at = bill.billed or Decimal(0)
    rows = [(said.BILLED, Decimal(0), at, money.number(at))]
    several = len({step.charge for step in steps if step.charge}) > 1
    for step in steps:
        name = said.SHORT.get(step.reason, step.reason) + (f" · {step.charge}" if several and step.charge else "")
        sign = "▼" if step.amount > 0 else "▲"
        rows.append((name, at, at - step.amount, f"{sign} {money.number(-step.amount, signed=True)}"))
        at -= step.amount
    return [*rows, (said.EXPECTED, Decimal(0), at, money.number(at))]


def axis(rows: Sequence[tuple[str, Decimal, Decimal, str]]) -> tuple[Decimal, Decimal]:
    """Where the axis begins and ends."""
    reached = [end for _, _, end, _ in rows]
    low, high = min(reached), max(reached)
    begins = Decimal(0)
    if low > NEAR * high and high > low:
        # Half of the axis is what differs, so that a total is still seen to be longer than a step.
        begins = _rounded_down(low - (high - low))
    low = min(begins, low) if begins <= 0 else begins
    high = max(high, Decimal(0))
    return min(low, Decimal(0)) if begins == 0 else low, high + ROOM * ((high - low) or Decimal(1))


def _rounded_down(amount: Decimal) -> Decimal:
    """To two leading digits, never below 0."""
    if amount <= 0:
        return Decimal(0)
    step = Decimal(10) ** (amount.adjusted() - 2)
    return amount // step * step

"""How columns of `site_week` are presented: label, unit, definition. The arithmetic is in `models/sql`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dashboard import format as text

ARRIVAL = "arrival: the contact counts in the week it entered the queue"
COMPLETION = "completion: the contact counts in the week its handling ended"


@dataclass(frozen=True)
class Measure:
    """One column shown: `n` names the column that holds the denominator, for ratios."""

    column: str
    label: str
    unit: Literal["share", "seconds", "contacts"]
    sentence: str
    numerator: str
    denominator: str | None
    clock: str
    n: str | None = None
    from_zero: bool = True

    @property
    def unit_text(self) -> str:
        """The unit as the axis says it."""
        return {"share": "% of contacts", "seconds": "seconds", "contacts": "contacts"}[self.unit]

    def show(self, value: float | None) -> str:
        """A value as people read it."""
        if self.unit == "share":
            return text.share(value)
        return text.duration(value) if self.unit == "seconds" else text.count(value)

    def help(self, zone: str, service_level_s: float | None) -> str:
        """Definition, numerator, denominator, clock and zone. Constant words and validated settings only."""
        target = "the target" if service_level_s is None else f"{service_level_s:g} s"
        lines = [self.sentence.format(target=target), f"Numerator: {self.numerator.format(target=target)}."]
        if self.denominator:
            lines.append(f"Denominator: {self.denominator}. Without any, there is no data.")
        lines += [f"Clock: {self.clock}.", f"Weeks: Monday to Sunday, {zone}."]
        return "  \n".join(lines)


MEASURES = (
    Measure(
        "service_level",
        "Service level",
        "share",
        "Share of answered and abandoned contacts that were answered within {target}.",
        "contacts answered within {target}",
        "contacts answered + abandoned",
        ARRIVAL,
        n="service_level_n",
        from_zero=False,
    ),
    Measure(
        "abandonment_rate",
        "Abandonment rate",
        "share",
        "Share of offered contacts whose customer gave up waiting.",
        "contacts abandoned",
        "contacts offered",
        ARRIVAL,
        n="offered",
    ),
    Measure(
        "average_speed_of_answer_s",
        "Average speed of answer",
        "seconds",
        "Mean wait in queue of answered contacts.",
        "seconds waited by answered contacts",
        "contacts answered",
        ARRIVAL,
        n="answered",
    ),
    Measure(
        "average_handle_time_s",
        "Average handle time",
        "seconds",
        "Mean of conversation, holds and after-contact work.",
        "seconds of talk + hold + after-contact work",
        "contacts handled",
        COMPLETION,
        n="handled",
        from_zero=False,
    ),
    Measure(
        "offered",
        "Offered",
        "contacts",
        "Contacts that entered a queue.",
        "contacts offered",
        None,
        ARRIVAL,
    ),
    Measure(
        "answered",
        "Answered",
        "contacts",
        "Offered contacts that reached an agent.",
        "contacts answered",
        None,
        ARRIVAL,
    ),
    Measure(
        "abandoned",
        "Abandoned",
        "contacts",
        "Offered contacts whose customer gave up waiting.",
        "contacts abandoned",
        None,
        ARRIVAL,
    ),
    Measure(
        "left_queue",
        "Left the queue otherwise",
        "contacts",
        "Offered contacts that went to callback, voicemail, overflow or a closed desk.",
        "contacts that left the queue",
        None,
        ARRIVAL,
    ),
)
BY_COLUMN = {measure.column: measure for measure in MEASURES}

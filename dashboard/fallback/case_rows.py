"""The exit criteria of a slice as rows: how each week was judged, by the rules the standing follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from dashboard.fallback import case_words as said
from models.fallback.case_answer import rule_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.fallback.answer_parts import TheCase
    from models.fallback.facts import Criterion, Facts, Seen

REVIEW_WEEKS = 4


@dataclass(frozen=True)
class Since:
    """A criterion before a review and now: means over up to four weeks each, None without any."""

    criterion: Criterion
    before: float | None
    now: float | None

    @property
    def change(self) -> float | None:
        """Now less before."""
        return None if self.before is None or self.now is None else self.now - self.before

    @property
    def worse(self) -> bool | None:
        """Whether it moved to the bad side; None where it did not move or nobody knows."""
        if not self.change:
            return None
        return (self.change > 0) == (self.criterion.direction == "above")


def judged(criterion: Criterion, seen: Seen) -> str:
    """One of `case_words.JUDGED`."""
    if not seen.fed:
        return said.UNKNOWN
    if seen.value is None or seen.n < criterion.min_n:
        return said.THIN
    rule = rule_of(criterion)
    if rule.is_bad(seen.value):
        return said.BAD
    return said.GOOD if rule.is_good(seen.value) else said.BETWEEN


def long(facts: Facts, case: TheCase) -> pd.DataFrame:
    """One row per week and criterion, oldest first: what was seen and how it was judged."""
    rows = [
        {
            "week": week, "standing": str(verdict.standing), "criterion": criterion.name, "label": criterion.label,
            "value": seen.value if seen.fed else None, "n": seen.n if seen.fed else None, "fed": seen.fed,
            "judged": judged(criterion, seen), "opens": criterion.opens, "clears": criterion.clears,
            "least_n": criterion.min_n, "unit": criterion.unit,
            "told": said.cell(criterion, seen, judged(criterion, seen)),
        }
        for number, (week, verdict) in enumerate(zip(facts.weeks, case.verdicts, strict=True))
        for criterion in facts.criteria
        for seen in criterion.weeks[number : number + 1]
    ]  # fmt: skip
    return pd.DataFrame(rows)


def wide(facts: Facts, case: TheCase) -> pd.DataFrame:
    """One row per week, newest first: the standing and each criterion in words."""
    rows = []
    for number, (week, verdict) in enumerate(zip(facts.weeks, case.verdicts, strict=True)):
        row = {"week": said.week(week), "standing": said.standing(verdict.standing)}
        for place, criterion in enumerate(facts.criteria):
            if number < len(criterion.weeks):
                seen = criterion.weeks[number]
                row[f"c{place}"] = said.cell(criterion, seen, judged(criterion, seen))
        rows.append(row)
    return pd.DataFrame(rows[::-1])


def limits(facts: Facts) -> pd.DataFrame:
    """One row per criterion: what is bad, what is good again, and who says so."""
    return pd.DataFrame(
        [
            {
                "criterion": criterion.label,
                "bad": said.limit(criterion, criterion.opens, bad=True),
                "good": said.limit(criterion, criterion.clears, bad=False),
                "least": criterion.min_n,
                "source": criterion.source,
            }
            for criterion in facts.criteria
        ]
    )


def last_review(facts: Facts) -> date | None:
    """The last day both sides met; None without a contract or a review that is over."""
    held = [review.on for review in facts.contract.reviews if review.on < facts.today] if facts.contract else []
    return max(held, default=None)


def since(facts: Facts, review: date) -> tuple[list[Since], int]:
    """What became of each criterion since a review, and how many weeks are over since."""
    before = [number for number, week in enumerate(facts.weeks) if week + timedelta(days=7) <= review][-REVIEW_WEEKS:]
    after = [number for number, week in enumerate(facts.weeks) if week >= review]
    found = [
        Since(each, _mean(each.weeks, before), _mean(each.weeks, after[-REVIEW_WEEKS:])) for each in facts.criteria
    ]
    return found, len(after)


def _mean(weeks: Sequence[Seen], numbers: Sequence[int]) -> float | None:
    """Mean of those that somebody knows, each week alike."""
    known = [
        seen.value for number in numbers for seen in weeks[number : number + 1] if seen.fed and seen.value is not None
    ]
    return sum(known) / len(known) if known else None

"""A verdict follows from interval and margin alone, whichever way is better, and says when it cannot be told."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.fairness.intervals import Interval
from models.fairness.verdict import Verdict, more_contacts, verdict

intervals = st.tuples(st.floats(-1, 1), st.floats(0, 1)).map(
    lambda pair: Interval(pair[0] - pair[1], pair[0] + pair[1])
)
margins = st.floats(0.001, 0.5)
TURNED = {
    Verdict.CLEARLY_BETTER: Verdict.CLEARLY_WORSE,
    Verdict.SLIGHTLY_BETTER: Verdict.SLIGHTLY_WORSE,
    Verdict.SLIGHTLY_WORSE: Verdict.SLIGHTLY_BETTER,
    Verdict.CLEARLY_WORSE: Verdict.CLEARLY_BETTER,
}


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (2, 9, "clearly better"),
        (1.9, 9, "slightly better"),
        (0.1, 1.9, "practically the same"),
        (-2, 2, "practically the same"),
        (0, 2.1, "cannot tell yet"),
        (-2.1, 0, "cannot tell yet"),
        (-9, 9, "cannot tell yet"),
        (-2.1, -0.1, "slightly worse"),
        (-9, -2, "clearly worse"),
    ],
)
def test_verdicts_at_their_borders(low: float, high: float, said: str) -> None:
    assert verdict(Interval(low, high), 2) == said
    assert verdict(Interval(-high, -low), 2, higher_is_better=False) == said


@settings(deadline=None)
@given(intervals, margins)
def test_where_lower_is_better_the_verdict_turns_round(difference: Interval, margin: float) -> None:
    said = verdict(difference, margin)
    assert verdict(difference, margin, higher_is_better=False) is TURNED.get(said, said)


@settings(deadline=None)
@given(intervals, margins)
def test_a_wider_interval_never_says_more_clearly(difference: Interval, margin: float) -> None:
    wider = verdict(Interval(difference.low - 1, difference.high + 1), margin)
    if verdict(difference, margin) is Verdict.CANNOT_TELL_YET:
        assert wider is Verdict.CANNOT_TELL_YET
    if wider is Verdict.CLEARLY_BETTER:
        assert verdict(difference, margin) is Verdict.CLEARLY_BETTER


def test_more_contacts_by_hand() -> None:
    """4 +/- 8 of 100 contacts, margin 2: half as wide, so four times as many; one more, as 0 itself does not tell."""
    assert more_contacts(Interval(-4, 12), 2, 100) == 301
    assert more_contacts(Interval(-4, 4), 2, 100) == 301
    assert more_contacts(Interval(1, 3), 2, 100) == 0


@settings(deadline=None)
@given(intervals, margins, st.integers(1, 1_000_000))
def test_with_so_many_more_contacts_something_can_be_told(difference: Interval, margin: float, contacts: int) -> None:
    more = more_contacts(difference, margin, contacts)
    assert (more == 0) == (verdict(difference, margin) is not Verdict.CANNOT_TELL_YET)
    middle, half = (difference.low + difference.high) / 2, (difference.high - difference.low) / 2
    assume(more < 1e12)
    # One more still, for rounding.
    narrower = half * math.sqrt(contacts / (contacts + more + 1))
    then = verdict(Interval(middle - narrower, middle + narrower), margin)
    assert more == 0 or then is not Verdict.CANNOT_TELL_YET


@pytest.mark.parametrize("margin", [0, -1, math.nan])
def test_a_margin_must_be_above_nothing(margin: float) -> None:
    with pytest.raises(ValueError, match="expected margin"):
        verdict(Interval(0, 1), margin)


def test_contacts_must_be_above_nothing() -> None:
    with pytest.raises(ValueError, match="expected contacts to be above 0, got 0"):
        more_contacts(Interval(-1, 1), 0.5, 0)

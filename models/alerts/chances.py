"""How often a rule of k bad ones among n periods opens by chance alone, which says whether it is fit to be used."""

from __future__ import annotations


def false_alarm(*, bad: int, of: int, missed: float, periods: int = 52) -> float:
    """Chance, 0 to 1, that at least once in so many periods `bad` of the last `of` are bad.

    missed: chance that a single period is bad though nothing is wrong, each on its own. Exact: a walk over what the
    last of - 1 periods may have been. Raises ValueError unless 1 <= bad <= of <= 16, missed is from 0 to 1 and
    periods at least 0.
    """
    if not 1 <= bad <= of <= 16:
        raise ValueError(f"expected 1 <= bad <= of <= 16, got bad {bad} and of {of}")
    if not 0 <= missed <= 1:
        raise ValueError(f"expected missed to be a chance from 0 to 1, got {missed}")
    if periods < 0:
        raise ValueError(f"expected periods to be at least 0, got {periods}")
    # By the last periods as bits, the newest lowest: how likely they are and no alarm yet.
    quiet = {0: 1.0}
    alarm = 0.0
    for _ in range(periods):
        after: dict[int, float] = {}
        for past, chance in quiet.items():
            for newest, likely in ((0, 1 - missed), (1, missed)):
                window = past << 1 | newest
                if window.bit_count() >= bad:
                    alarm += chance * likely
                else:
                    kept = window & ((1 << (of - 1)) - 1)
                    after[kept] = after.get(kept, 0.0) + chance * likely
        quiet = after
    return min(alarm, 1.0)

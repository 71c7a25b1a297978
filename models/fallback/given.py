"""Assumptions as numbers, for arithmetic that cannot go on without them."""

from __future__ import annotations

from models.fallback.answer_parts import Problem
from models.fallback.assumptions import BY_NAME, Assumptions


class OutOfReasonError(ValueError):
    """What was assumed or is known allows no answer; `problem` is the sentence for the reader."""

    def __init__(self, text: str, assumption: str | None = None) -> None:
        super().__init__(text)
        self.problem = Problem(text, assumption)


def number(assumed: Assumptions, name: str) -> float:
    """A value within its bounds. Raises OutOfReasonError with the sentence for its field otherwise."""
    value = assumed[name].value
    text = BY_NAME[name].problem(value)
    if value is None or text is not None:
        raise OutOfReasonError(text or "", name)
    return value


def whole(assumed: Assumptions, name: str) -> int:
    """The same of an assumption that counts."""
    return int(number(assumed, name))

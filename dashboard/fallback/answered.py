"""The answer about a slice, worked out once for all viewers with the same facts and assumptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from models.fallback.answer import answer

if TYPE_CHECKING:
    from models.fallback.answer_parts import Answer
    from models.fallback.assumptions import Assumptions
    from models.fallback.facts import Facts

TTL_S = 600
_APART = {"asked_at", "known_upto", "version"}
"""What facts hold besides what an answer follows from."""


def answered(facts: Facts, assumed: Assumptions) -> Answer:
    """The answer; of the same facts asked for a moment later it is the same."""
    given = tuple(sorted((name, one.value) for name, one in assumed.items()))
    return _answer(facts.model_dump_json(exclude=_APART), given, facts, assumed)


@st.cache_resource(ttl=TTL_S, max_entries=24, show_spinner=False)
def _answer(
    facts_json: str, given: tuple[tuple[str, float | None], ...], _facts: Facts, _assumed: Assumptions
) -> Answer:  # fmt: skip
    # Nothing of an answer can be changed, so that everybody may hold the same one.
    del facts_json, given
    return answer(_facts, _assumed)

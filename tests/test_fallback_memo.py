"""The memo of the Fallback page: one file that needs nothing else, with the sentence first and every text escaped."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from xml.etree import ElementTree as ET

import pytest
from markupsafe import escape

from dashboard.fallback import headline_words, memo, scenarios, workbook
from dashboard.fallback import memo_words as said
from dashboard.fallback.money_words import UNSAID
from dashboard.fallback.scenario_kept import Decision
from models.fallback.answer import answer
from models.fallback.assumptions import SPECS
from models.fallback.facts import Slice
from tests.fallback_facts import agreement, assumed, facts
from tests.fallback_sections import view

if TYPE_CHECKING:
    from dashboard.fallback.view import View

HOSTILE = "<script>alert(1)</script> **bold** & :red[x]"
NOW = SimpleNamespace(reporting_zone="Europe/Berlin")


def dated(shown: View) -> View:
    """The same, on a page that knows its zone."""
    return replace(shown, page=replace(shown.page, now=cast("Any", NOW)))


def decision(**changes: Any) -> Decision:
    given: dict[str, Any] = {
        "decision_id": "d1", "provider": "Rila Contact", "decided_on": date(2026, 11, 24), "decided_by": HOSTILE,
        "verdict": "partial", "why": HOSTILE, "scenario_id": None, "noted_at": datetime(2026, 11, 24, 8, tzinfo=UTC),
        "expected": {"npv": -1234.5, "home_on": "2027-10-01", "topics": HOSTILE, "currency": "EUR"},
        "replaced_by": None,
    }  # fmt: skip
    return Decision(**given | changes)


def test_the_sentence_comes_first_and_every_part_follows() -> None:
    shown = dated(view(facts()))
    told = memo.document(shown, None)
    first = headline_words.lines(shown.facts, shown.answer)[0]
    places = [told.index(f"{part}</h2>") for part in (said.CASE, said.TAKE, said.WHEN, said.PRICE, said.PART)]
    assert 0 < told.index(first) < places[0]
    assert places == sorted(places)
    assert said.NO_DECISION in told
    assert said.DEMO in told
    assert said.as_of(shown.facts) in told
    for spec in SPECS:
        assert spec.label.replace("'", "&#39;") in told


def test_what_is_wrong_with_assumptions_has_a_column_where_something_is() -> None:
    """Nobody has to say how many people bring topics home."""
    known = facts()
    whole = memo.document(dated(view(known)), None)
    assert said.ASSUMED_HEAD[3] not in whole
    assert UNSAID["people"] in whole
    given = assumed(known, shrinkage=1.0)
    wrong = memo.document(dated(replace(view(known), assumed=given, answer=answer(known, given))), None)
    assert said.ASSUMED_HEAD[3] in wrong
    assert "Shrinkage: expected 0 % to less than 100 %, got 100 %." in wrong


def test_it_is_one_file_that_is_well_formed_and_fetches_nothing() -> None:
    told = memo.document(dated(view(facts())), decision())
    root = ET.fromstring(told.replace("<!DOCTYPE html>", ""))  # noqa: S314 - this program's own text
    assert root.tag == "html"
    assert "<script" not in told
    assert not re.search(r"(src|href)=[\"'](?!#)", told.replace("xlink:", ""))
    figures = list(root.iter("figure"))
    assert len(figures) >= 5
    assert all(len(figure.get("aria-label", "")) > 20 for figure in figures)
    ids = re.findall(r'\bid="([^"]+)"', told)
    assert len(ids) == len(set(ids))


def test_what_people_made_up_is_escaped() -> None:
    known = facts(provider_name=HOSTILE, in_house_name=HOSTILE, contract=agreement(reference=HOSTILE),
                  slice=Slice(provider=HOSTILE, queues=(HOSTILE,)), missing=(HOSTILE,))  # fmt: skip
    told = memo.document(dated(view(known)), decision())
    assert "<script" not in told
    assert told.count("&lt;script&gt;") > 6


def test_a_decision_is_told_with_what_was_expected_of_it() -> None:
    told = memo.document(dated(view(facts())), decision(decided_by="Ann", why="Because\nit drifts"))
    assert "24 Nov 2026, Ann: Partial: part of the work comes home." in told
    assert "Because\nit drifts" in told
    assert "−1,234 EUR" in told or "−1,235 EUR" in told
    assert "1 Oct 2027" in told
    assert said.NO_DECISION not in told


@pytest.mark.parametrize(
    "changes",
    [
        {"days": ()},
        {"criteria": (), "weeks": ()},
        {"contract": None},
        {"months": (), "topics": ()},
        {"own_handle_s": None, "occupancy": None},
    ],
)
def test_a_part_without_an_answer_says_why(changes: dict[str, Any]) -> None:
    shown = dated(view(facts(**changes)))
    told = memo.document(shown, None)
    problems = [
        part for part in (getattr(shown.answer, name) for name in ("case", "days", "when", "price", "part"))
        if said.problem(part)
    ]  # fmt: skip
    for part in problems:
        assert str(escape(part.text)) in told
    assert "Traceback" not in told
    assert workbook.document(shown)[:2] == b"PK"


def test_headline_figures_are_flat_and_finite_whatever_is_missing() -> None:
    for changes in ({}, {"days": ()}, {"months": ()}, {"criteria": (), "weeks": ()}):
        shown = view(facts(**cast("Any", changes)))
        found = scenarios.summary(shown.answer, shown.facts)
        assert set(found) == {*scenarios.BY_NAME, "currency"}
        assert all(value is None or isinstance(value, str) or abs(value) < 1e15 for value in found.values())


def test_what_an_answer_rests_on_gives_the_same_answer_again() -> None:
    shown = view(facts())
    again = scenarios.facts_of(shown.facts.model_dump_json(by_alias=True))
    assert again == shown.facts
    figures = scenarios.summary(shown.answer, shown.facts)
    assert scenarios.changed(figures, scenarios.summary(view(again).answer, again)) == []
    assert scenarios.changed(figures | {"npv": 1.0, "topics": "none"}, figures) == ["npv", "topics"]


def test_assumptions_kept_by_an_earlier_program_are_read_as_far_as_they_go() -> None:
    found = scenarios.assumptions_of('{"price": {"value": 4.5, "source": "contract"}, "luck": {"value": 1}}')
    assert (found["price"].value, found["price"].source) == (4.5, "contract")
    assert found["volume"].value is None
    assert set(found) == {spec.name for spec in SPECS}
    for wrong in ("[]", "no", '{"price": 4}', '{"price": {"value": "4"}}', '{"price": {"value": true}}'):
        with pytest.raises(ValueError, match="expected"):
            scenarios.assumptions_of(wrong)
    with pytest.raises(ValueError, match="asked_at"):
        scenarios.facts_of("{}")


def test_answers_side_by_side_say_what_differs() -> None:
    one, other = view(facts()), view(facts(), price=4.0)
    frame = scenarios.side_by_side([
        ("=Now", scenarios.summary(one.answer, one.facts)), ("Cheaper", scenarios.summary(other.answer, other.facts)),
    ])  # fmt: skip
    assert list(frame.columns) == ["figure", "first", "second"]
    assert frame.iloc[0].tolist() == ["Answer", "=Now", "Cheaper"]
    price = frame[frame["figure"] == "A contact at the provider"].iloc[0]
    assert (price["first"], price["second"]) == ("5.40 EUR", "4.00 EUR")
    apart = scenarios.assumed_differently([("=Now", one.assumed), ("Cheaper", other.assumed)])
    assert apart["assumption"].tolist() == ["Answer", "What one costs at the provider"]
    assert scenarios.assumed_differently([("A", one.assumed), ("B", one.assumed)]).empty
    exact = scenarios.exact({"npv": 12.0, "payback": scenarios.NEVER, "topics": "Billing", "currency": "EUR"})
    assert (exact["npv"], exact["payback"], exact["topics"], exact["hires"]) == (12.0, None, "Billing", None)

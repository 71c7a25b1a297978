"""A document means exactly what is written, and whatever is wrong with it is named with file, line and key."""

from __future__ import annotations

import re
from decimal import Decimal
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from models.documents.near import did_you_mean
from models.documents.reading import DocumentError, read
from models.documents.words import PATTERNS
from models.terms.contract import Contract
from models.terms.exchange import ExchangeRates
from models.terms.in_house import InHouseCosts

EXAMPLES = files("models.terms") / "examples"
MODELS: dict[str, type[BaseModel]] = {"contract": Contract, "in-house": InHouseCosts, "rates": ExchangeRates}
TEXTS = {name: (EXAMPLES / f"{name}.toml").read_text("utf-8") for name in MODELS}
HEAD = 'version = 1\nprovider = "X"\nowners = { ours = "a", theirs = "b" }\nending = { notice_days = 90 }\n'
TERMS = '[[terms]]\nfrom = 2026-01-01\ncurrency = "EUR"\n'
CHARGE = '[[terms.charges]]\nkind = "contact"\nname = "n"\n'
RATE = "rate = 3.80\n"


def problems(text: str, model: type[BaseModel] = Contract) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        read(text, "c.toml", model, exact=True)
    assert str(caught.value).splitlines() == list(caught.value.problems)
    return list(caught.value.problems)


@pytest.mark.parametrize("written", ["3.80", "0.1", "123456789.123456", "1_000.5", "38e-1", "4"])
def test_a_rate_is_read_digit_by_digit(written: str) -> None:
    text = HEAD + TERMS + CHARGE + f"rate = {written}\n"
    (charge,) = read(text, "c.toml", Contract, exact=True).value.terms[0].charges
    assert charge.kind == "contact"
    assert str(charge.rate) == str(Decimal(written))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD.replace("90", "90.0§") + TERMS + CHARGE + RATE, "ending.notice_days: expected a whole number; got 90.0"),
        (HEAD.replace("90", '90, earliest = "2026-01-01"§') + TERMS + CHARGE + RATE,
         "ending.earliest: expected a date such as 2026-03-01, without quotes; got '2026-01-01'"),
        (HEAD + TERMS.replace("-01\n", "-01T00:00:00§\n") + CHARGE + RATE,
         "terms[0].from: expected a date such as 2026-03-01, without quotes; got 2026-01-01 00:00:00"),
        (HEAD + TERMS.replace("from", "§on") + CHARGE + RATE,
         "terms[0].on: no such key; keys here: from, currency, charges, minimum, service_levels, bonus, excluded, "
         "relief, indexation, exchange, rounding"),
        (HEAD + TERMS.replace("]]\nfrom = 2026-01-01", "]]§") + CHARGE + RATE,
         "terms[0].from: this key is needed"),
        (HEAD + TERMS.replace("from", "form§") + CHARGE + RATE, "terms[0].form: no such key, did you mean 'from'?"),
        (HEAD + TERMS + CHARGE.replace('"contact"', '"contct"§') + RATE, "terms[0].charges[0].kind: expected one of "
         "contact, minute, hour, fte, resolution, fixed, baseline; got 'contct'"),
        (HEAD + TERMS + CHARGE.replace(']]\nkind = "contact"', "]]§") + RATE, "terms[0].charges[0].kind: this key is "
         "needed: one of contact, minute, hour, fte, resolution, fixed, baseline"),
        (HEAD + TERMS + CHARGE + "rate = 3.8000001§\n",
         "terms[0].charges[0].rate: expected at most 6 digits after the point; got 3.8000001"),
        (HEAD + TERMS + CHARGE + "rate = 0.00§\n", "terms[0].charges[0].rate: expected more than 0; got 0.00"),
        (HEAD + TERMS + CHARGE + "rate = true§\n", "terms[0].charges[0].rate: expected a number; got true"),
        (HEAD + TERMS + CHARGE + "rate = nan§\n", "terms[0].charges[0].rate: expected a finite number; got nan"),
        (HEAD + TERMS + CHARGE + "rate = 1e99999999999999999999§\n",
         "terms[0].charges[0].rate: expected a finite number; got infinity"),
        (HEAD + TERMS + CHARGE + "rate = 1e999999999§\n",
         "terms[0].charges[0].rate: expected at most 15 digits; got 1E+999999999"),
        (HEAD + TERMS + CHARGE + f"rate = 1.{'1' * 5000}§\n",
         "terms[0].charges[0].rate: expected at most 15 digits; got a number of more than 60 digits"),
        (HEAD + TERMS + CHARGE + RATE + CHARGE.replace("[[terms.charges]]", "[[terms.charges]]§").replace('"n"', '"m"'),
         "terms[0].charges[1]: expected either `rate` or `tiers`"),
        (HEAD + TERMS + CHARGE + "\ntiers = { kind = \"marginal\",§ steps = [{ rate = 1 }, { rate = 2 }] }",
         "terms[0].charges[0].tiers: expected `upto` in every band but the last, which has none"),
        (HEAD + TERMS + CHARGE + RATE + "[[terms.minimum]]§\n", "terms[0].minimum: expected a table; got an array"),
        (HEAD + TERMS + CHARGE + RATE + "[terms.service_levels]§\n", "terms[0].service_levels: expected an array of "
         "tables, each under [[terms.service_levels]]; got a table, as by [terms.service_levels]"),
        (HEAD + TERMS + "[terms.charges]§\nkind = 'contact'\n", "terms[0].charges: expected an array of tables, each "
         "under [[terms.charges]]; got a table, as by [terms.charges]"),
        (HEAD + TERMS + CHARGE + RATE + "[terms.minimum]§\nkind = 'amount'\nunits = 5\n",
         "terms[0].minimum: expected `amount` for kind amount, and none of the others"),
        (HEAD + TERMS + CHARGE + RATE + "[terms.minimum]\nkind = 'forecast'\nshare = 0.9\n"
         "forecasts = [\n{ month = '2026-13'§, units = 1, locked_on = 2026-01-01 }]\n",
         "terms[0].minimum.forecasts[0].month: expected a month such as \"2026-11\"; got '2026-13'"),
        (HEAD + TERMS + CHARGE + RATE + "[[terms.service_levels]]\nmetric = 'service_lvel'§\ntarget = 0.8\n"
         "worst = 0.7\nbest = 0.9\nweight = 1\n",
         "terms[0].service_levels[0].metric: 'service_lvel' is no metric, did you mean 'service_level'?"),
        (HEAD + TERMS + "charges§ = []\n", "terms[0].charges: expected 1 or more entries; got 0"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(text: str, message: str) -> None:
    line = text[: text.index("§")].count("\n") + 1
    assert f"c.toml:{line}: {message}" in problems(text.replace("§", ""))


def test_a_mistake_of_the_whole_document_stands_for_itself() -> None:
    both = HEAD + (TERMS + CHARGE + RATE) * 2
    assert problems(both) == ["c.toml:1: expected terms whose `from` rises from one to the next"]


def test_the_day_that_has_two_rates_is_named() -> None:
    again = TEXTS["rates"].replace("2026-03-30", "2026-03-31")
    expected = "c.toml:1: expected one rate for a day and currency; USD has two of 2026-03-31"
    assert problems(again, ExchangeRates) == [expected]


def test_a_wrong_element_does_not_make_an_array_too_short() -> None:
    found = problems(HEAD + TERMS + CHARGE)
    assert found == ["c.toml:8: terms[0].charges[0]: expected either `rate` or `tiers`"]


def test_a_problem_only_others_know_of_is_shown_like_the_rest() -> None:
    document = read(HEAD + TERMS + CHARGE + RATE, "c.toml", Contract, exact=True)
    assert document.problem(("terms", 0, "charges", 0, "rate"), "why?") == "c.toml:11: terms[0].charges[0].rate: why?"
    assert document.problem(("terms", 0, "exchange", "rule"), "why?") == "c.toml:5: terms[0].exchange.rule: why?"
    assert document.problem((), "why?") == "c.toml:1: why?"


def test_every_pattern_of_the_models_is_put_in_words() -> None:
    found = {
        pattern
        for model in MODELS.values()
        for pattern in re.findall(r"'pattern': (?:'([^']*)')", str(model.model_json_schema()))
    }
    assert len(found) >= 3
    # The schema shows them as Python writes them, with every backslash twice.
    assert {pattern.replace("\\\\", "\\") for pattern in found} <= set(PATTERNS)


def test_only_a_near_name_is_suggested() -> None:
    assert did_you_mean("lesds", ["leeds", "pune"]) == ", did you mean 'leeds'?"
    assert did_you_mean("x", ["leeds", "pune"]) == ""


@settings(max_examples=200, deadline=None)
@given(st.text() | st.text(alphabet='ab=[]{}.,"\n#1e-', max_size=40), st.booleans())
def test_no_text_makes_the_reader_raise_anything_else(text: str, exact: bool) -> None:
    for model in MODELS.values():
        with pytest.raises(DocumentError) as caught:
            read(text, "c.toml", model, exact=exact)
        assert all(re.match(r"c\.toml:\d+: .", problem, re.DOTALL) for problem in caught.value.problems)


NASTY = ["", "x", '"x"', "-1", "nan", "1e400", "-1e99999999999999999999", "0.5", "true", "[]", "{}", "[[1]]",
         "{a = {b = 1}}", "2026-01-01", "2026-01-01T10:00:00Z", "12:00:00"]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_is_wrong_every_problem_has_a_line(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(list(MODELS)))
    lines = TEXTS[name].splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        number = data.draw(st.integers(0, len(lines) - 1))
        old, edit = lines[number], data.draw(st.sampled_from(["gone", "twice", *NASTY]))
        lines[number] = {"gone": "", "twice": f"{old}\n{old}"}.get(edit, f"{old.split('=')[0]}= {edit}")
    text = "\n".join(lines)
    try:
        read(text, "c.toml", MODELS[name], exact=True)
    except DocumentError as error:
        for line in error.problems:
            found = re.fullmatch(r"c\.toml(?::(\d+): (?!: ).+|: and \d+ more)", line)
            assert found, line
            assert 1 <= int(found[1] or 1) <= text.count("\n") + 1
            jargon = re.search(r"(?i)input|extra|valid|union|none\b|instance|dict\b|Decimal", line)
            assert not jargon or "not TOML" in line or "none" in line, line

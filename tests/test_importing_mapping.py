"""A mapping file says what is wrong with it, where; conditions are read once and mean what they say."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ingest.importing import ImportProblem, mapping
from ingest.importing.conditions import parse_condition
from ingest.importing.load import load_mapping
from ingest.importing.rows import check_columns, read_rows
from ingest.importing.translate import Translated, Translator

BANK = Path(__file__).parent / "mappings" / "anonymous_bank.toml"
README = Path(mapping.__file__).with_name("README.md")


def broken(tmp_path: Path, old: str, new: str) -> str:
    """The message for the bank's mapping with one thing changed."""
    text = BANK.read_text()
    assert old in text
    path = tmp_path / "m.toml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ImportProblem) as caught:
        load_mapping(path)
    return str(caught.value)


def line_with(text: str) -> int:
    return next(number for number, line in enumerate(BANK.read_text().splitlines(), 1) if text in line)


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        (
            'delimiter = "\\t"',
            'delimeter = "\\t"',
            ["line {}", "input.delimeter", "did you mean 'delimiter'"],
        ),
        (
            'zone = "Asia/Jerusalem"',
            'zone = "Asia/Jerusalen"',
            ["line {}", "time.zone", "'Asia/Jerusalen'", "IANA"],
        ),
        ('ambiguous = "earlier"', 'ambiguous = "first"', ["line {}", "'first'", "'earlier' or 'later'"]),
        ("next_day_after_h = 12", 'next_day_after_h = "12"', ["line {}", "'12'", "valid number"]),
        (
            'null_when = "q_time = 0"',
            'null_when = "q_time = "',
            ["line {}", "columns.q_start.null_when", "the end"],
        ),
        ('null_when = "q_time = 0"', "null_when = \"q_time = '0'\"", ["line {}", "compare it with a number"]),
        (
            'accept = "[0-9]+"',
            'accept = "[0-9"',
            ["line {}", "columns.customer_id.accept", "regular expression"],
        ),
        (
            'priority = { column = "priority" }',
            'priority = { column = "type" }',
            ["line {}", "expected integer"],
        ),
        (
            'constant = "voice"',
            'constant = "phone"',
            ["line {}", "fields.channel.constant", "'phone'", "'voice'"],
        ),
        ('reason = "hung_up"', 'reason = "bored"', ["line {}", "endings.1.reason", "'bored'", "'hung_up'"]),
        (
            'offered = "q_start"',
            'ofered = "q_start"',
            ["line {}", "endings.2.ofered", "did you mean 'offered'"],
        ),
        ('wait_s = "q_time"', 'wait_s = "q_tme"', ["line {}", "'q_tme'", "expected duration", "'q_time'"]),
        ("when = \"outcome = 'PHANTOM'\"", 'when = "outcome > 3"', ["line {}", "outcome is text"]),
        (
            'contact_id = "{file}-{vru+line}',
            'contact_id = "{file}-{vru+line',
            ["line {}", "contact_id", "brace"],
        ),
    ],
)
def test_a_mistake_is_named_with_line_key_value_and_what_was_expected(
    tmp_path: Path, old: str, new: str, parts: list[str]
) -> None:
    message = broken(tmp_path, old, new)
    for part in parts:
        assert part.format(line_with(old)) in message
    assert str(tmp_path / "m.toml") in message


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    assert "time.zone: this key is needed" in broken(tmp_path, 'zone = "Asia/Jerusalem"', "")
    assert "needs `offered`" in broken(tmp_path, 'offered = "q_start"\n', "")
    assert "needs a `reason`" in broken(tmp_path, 'reason = "PHANTOM"', "")


def test_text_that_is_no_toml_is_said_with_its_line(tmp_path: Path) -> None:
    assert "at line 4" in broken(tmp_path, 'started = "vru_entry"', 'started = "vru_entry')


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ImportProblem, match="cannot be read"):
        load_mapping(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("text", "row", "holds"),
    [
        ("a = 'x' and n > 0", ("x", 1), True),
        ("a = 'x' and n > 0", ("x", 0), False),
        ("a != 'x'", ("y", 0), True),
        ("a != 'x'", (None, 0), False),
        ("a is null", (None, 0), True),
        ("n is not null", ("", None), False),
        ("n <= -1.5", ("", -2), True),
        ("a = 'it''s'", ("it's", 0), True),
        ("\"a\" = 'and'", ("and", 0), True),
    ],
)
def test_a_condition_means_what_it_says(text: str, row: tuple[object, ...], holds: bool) -> None:
    condition = parse_condition(text)
    condition.check_types({"n": "integer"})
    assert condition.compile({"a": 0, "n": 1})(row) is holds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a =",
        "a = b",
        "a = 'x' or n > 0",
        "a = 'x",
        "__import__('os')",
        "a is",
        "n > 1e5",
        "n > 0 and",
        "a == 1",
    ],
)
def test_anything_else_is_no_condition(text: str) -> None:
    with pytest.raises(ValueError, match="character"):
        parse_condition(text)


def test_every_key_of_the_mapping_is_documented() -> None:
    text = README.read_text()
    sections: list[Any] = [
        mapping.Mapping, mapping.Input, mapping.Time, mapping.Column,
        mapping.Fields, mapping.Source, mapping.Ending,
    ]  # fmt: skip
    classes = [cls for cls in vars(mapping).values() if isinstance(cls, type)]
    assert {cls for cls in classes if issubclass(cls, mapping.Section)} == {mapping.Section, *sections}
    for section in sections:
        for key, field in section.model_fields.items():
            assert f"| `{key}` | {field.description}" in text


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)


def test_the_documented_bank_mapping_is_the_one_used() -> None:
    real = tomllib.loads(BANK.read_text())

    def within(part: Any, whole: Any) -> bool:
        if isinstance(part, dict):
            return isinstance(whole, dict) and all(k in whole and within(v, whole[k]) for k, v in part.items())
        return bool(part == whole)

    for block in blocks("toml")[:-1]:
        assert within(tomllib.loads(block), real), block


def test_the_short_example_works_as_documented(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(blocks("toml")[-1])
    (tmp_path / "log.csv").write_text(blocks("csv")[0])
    rules = load_mapping(tmp_path / "m.toml")
    columns = rules.used_columns()
    check_columns(tmp_path / "log.csv", rules.input, columns)
    translator = Translator(rules, columns, "site")
    found = [
        translator.translate("log", row)
        for batch in read_rows(tmp_path / "log.csv", rules.input, columns)
        for row in batch.rows
    ]
    assert all(isinstance(row, Translated) for row in found)
    events = [json.loads(event) for row in found if isinstance(row, Translated) for event in row.events]
    assert [(e["type"], e["subject"], e["time"]) for e in events] == [
        ("contact.offered", "crm-7", "2026-03-29T00:58:00Z"),
        ("contact.answered", "crm-7", "2026-03-29T01:00:30Z"),
        ("contact.completed", "crm-7", "2026-03-29T01:01:31Z"),
        ("contact.offered", "crm-8", "2026-03-29T01:01:00Z"),
        ("contact.abandoned", "crm-8", "2026-03-29T01:01:20Z"),
    ]

"""Files of every format give the same rows, with their line numbers, and what is no row is said."""

from __future__ import annotations

import gzip
from datetime import date, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.importing import ImportProblem
from ingest.importing.load import load_mapping
from ingest.importing.mapping import Input
from ingest.importing.rows import BLOCK_BYTES, BadLine, check_columns, read_rows, stem_of
from ingest.importing.translate import Translator

MAPPING = """
contact_id = "{id}"
started = "start"
[input]
INPUT
[time]
zone = "Europe/Berlin"
ambiguous = "earlier"
date = "day"
first = "start"
[columns]
day = { type = "date" }
start = { type = "time" }
wait = { type = "duration" }
grade = { type = "integer" }
customer = { null = ["0"] }
[fields]
channel = { constant = "voice" }
queue = { column = "queue" }
priority = { column = "grade" }
customer_id = { column = "customer" }
[[endings]]
kind = "abandoned"
offered = "start"
at = "start + wait"
wait_s = "wait"
"""
NAMES = ["id", "day", "start", "wait", "grade", "queue", "customer"]
ROWS = [
    ["a1", "2026-03-01", "07:02:47", "12", "2", "billing", "4711"],
    ["a2", "2026-03-01", "23:59:50", "0.5", "0", "sales", "0"],
]


def all_rows(path: Path, source: Input, columns: list[str]) -> list[tuple[int, tuple[Any, ...]]]:
    check_columns(path, source, columns)
    return [pair for batch in read_rows(path, source, columns) for pair in zip(batch.lines, batch.rows, strict=True)]


def events(tmp_path: Path, file: Path, source: str) -> list[bytes]:
    (tmp_path / "m.toml").write_text(MAPPING.replace("INPUT", source))
    rules = load_mapping(tmp_path / "m.toml")
    columns = rules.used_columns()
    translator = Translator(rules, columns, "site")
    found: list[bytes] = []
    for _, row in all_rows(file, rules.input, list(columns)):
        result = translator.translate("log", row)
        found += result.events  # type: ignore[union-attr]
    return found


def test_every_format_gives_the_same_events(tmp_path: Path) -> None:
    table = [NAMES, *ROWS]
    csv = tmp_path / "log.csv"
    csv.write_text("\n".join(",".join(f'"{value}"' for value in row) for row in table) + "\n")
    expected = events(tmp_path, csv, 'format = "delimited"')
    assert len(expected) == 6

    tsv = tmp_path / "log.tsv"
    tsv.write_text("\r\n".join("\t".join(f" {value} " for value in row) for row in table))
    assert events(tmp_path, tsv, 'format = "delimited"\ndelimiter = "\\t"') == expected

    packed = tmp_path / "log.csv.gz"
    packed.write_bytes(gzip.compress(csv.read_bytes()))
    assert events(tmp_path, packed, 'format = "delimited"') == expected

    wide = tmp_path / "log.txt"
    wide.write_text("\n".join("  ".join(row) + " \t " for row in table) + "\n\n")
    assert events(tmp_path, wide, 'format = "whitespace"') == expected

    headless = tmp_path / "headless.txt"
    headless.write_text("\n".join(";".join(row) for row in ROWS))
    assert events(tmp_path, headless, f'format = "delimited"\ndelimiter = ";"\ncolumns = {NAMES}') == expected

    wider = tmp_path / "wide.txt"
    wider.write_text("\n".join(" ".join(row) for row in ROWS))
    assert events(tmp_path, wider, f'format = "whitespace"\ncolumns = {NAMES}') == expected

    latin = tmp_path / "latin.csv"
    latin.write_text(csv.read_text(), encoding="utf-16")
    assert events(tmp_path, latin, 'format = "delimited"\nencoding = "utf-16"') == expected

    typed = tmp_path / "log.parquet"
    columns: dict[str, Any] = {
        "id": ["a1", "a2"],
        "day": [date(2026, 3, 1)] * 2,
        "start": [time(7, 2, 47), time(23, 59, 50)],
        "wait": [12.0, 0.5],
        "grade": pa.array([2, 0], pa.int8()),
        "queue": pa.array(["billing", "sales"]).dictionary_encode(),
        "customer": [4711.0, 0.0],
    }
    pq.write_table(pa.table(columns), typed)
    assert events(tmp_path, typed, 'format = "parquet"') == expected


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("id,outcome\n1,x\n")
    with pytest.raises(
        ImportProblem, match=r"no column 'outcom', did you mean 'outcome'\?; columns in the file: id, outcome"
    ):
        check_columns(path, Input(format="delimited"), ["id", "outcom"])


def test_a_column_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("id,id\n1,2\n")
    with pytest.raises(ImportProblem, match="'id' stands there more than once"):
        check_columns(path, Input(format="delimited"), ["id"])


@pytest.mark.parametrize("content", [b"", b"id,x\n\xff\xfe,1\n"])
def test_a_file_that_cannot_be_read_to_its_end_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(content)
    with pytest.raises(ImportProblem, match=r"log\.csv"):
        all_rows(path, Input(format="delimited"), ["id", "x"])


def test_lines_are_numbered_over_blocks_blank_lines_and_lines_that_are_no_rows(tmp_path: Path) -> None:
    lines = ["id,text", *(f"{number},{'x' * 50}" for number in range(2, 60_002))]
    assert sum(map(len, lines)) > 2 * BLOCK_BYTES
    wrong = (3, 20_000, 20_001, 59_999)
    for number in wrong:
        lines[number - 1] = "1,2,3"
    for number in (5, 40_000):
        lines[number - 1] = ""
    path = tmp_path / "log.csv"
    path.write_text("\n".join(lines))
    batches = list(read_rows(path, Input(format="delimited"), ["id"]))
    assert len(batches) > 2
    read = [(line, row) for batch in batches for line, row in zip(batch.lines, batch.rows, strict=True)]
    assert read == [(n, (str(n),)) for n in range(2, 60_002) if n not in (*wrong, 5, 40_000)]
    assert [bad for batch in batches for bad in batch.bad] == [
        BadLine(number, "1,2,3", "2 values, found 3") for number in wrong
    ]


def test_a_stray_quote_never_hides_the_rows_behind_it(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text('id,x\n1,a\n2,"b\n3,c\n4,d"\n5,e\n6\n7,"f\n8,g\n')
    batches = list(read_rows(path, Input(format="delimited"), ["id"]))
    assert [(batch.lines, batch.rows) for batch in batches] == [([2, 6], [("1",), ("5",)])]
    assert [(bad.line, bad.expected) for batch in batches for bad in batch.bad] == [
        (3, "no line break within a value (a stray quote?)"),
        (7, "2 values, found 1"),
        (8, "no line break within a value (a stray quote?)"),
    ]
    unquoted = list(read_rows(path, Input(format="delimited", quote=""), ["id"]))
    assert unquoted[0].lines == [2, 3, 4, 5, 6, 8, 9]


def test_a_whitespace_line_with_too_few_values_is_no_row(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("id x\n1 2\n\n3\n4 5\n")
    batches = list(read_rows(path, Input(format="whitespace"), ["x"]))
    assert [(batch.lines, batch.rows, batch.bad) for batch in batches] == [
        ([2, 5], [("2",), ("5",)], [BadLine(4, "3", "2 values, found 1")])
    ]


@pytest.mark.parametrize(("name", "stem"), [("january.txt", "january"), ("a.b.csv.gz", "a.b"), ("log", "log")])
def test_the_stem_is_the_name_without_its_endings(name: str, stem: str) -> None:
    assert stem_of(Path("x") / name) == stem

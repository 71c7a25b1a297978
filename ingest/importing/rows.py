"""Files of a call log as batches of rows, streamed: CSV, TSV, whitespace-separated text and Parquet.

pyarrow does the reading, so quoting, encodings and `.gz` are its business; memory is a few blocks of
input whatever the file's size. Text gives text, Parquet gives typed values, nothing gives None.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from ingest.importing.errors import ImportProblem
from models.documents.near import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ingest.importing.mapping import Input

BLOCK_BYTES = 1 << 20
BATCH_ROWS = 8192
_NO_DELIMITER = "\x1f"  # a character no text log contains: the whole line becomes one value


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no row: it has too many or too few values."""

    line: int
    text: str
    expected: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of one file. `lines` count from 1 with the header, in Parquet without one.

    `bytes_read` says how far the file, as stored, is read.
    """

    rows: list[tuple[Any, ...]]
    lines: list[int]
    bad: list[BadLine]
    bytes_read: int


def stem_of(path: Path) -> str:
    """The file's name without its endings: `january` for january.txt and january.txt.gz."""
    name = path.name.removesuffix(".gz")
    return name.rpartition(".")[0] or name


def check_columns(path: Path, source: Input, columns: Sequence[str]) -> None:
    """Raise ImportProblem unless the file can be opened and has each of the columns exactly once."""
    found = Counter(_names(path, source))
    missing = [name for name in columns if name not in found]
    if missing:
        told = "; ".join(f"no column {name!r}{did_you_mean(name, found)}" for name in missing)
        raise ImportProblem(f"{path}: {told}; columns in the file: {', '.join(found)}")
    twice = [name for name in columns if found[name] > 1]
    if twice:
        raise ImportProblem(f"{path}: column {', '.join(map(repr, twice))} stands there more than once")


def read_rows(path: Path, source: Input, columns: Sequence[str]) -> Iterator[Batch]:
    """The file's rows with the values of `columns`, in that order. Blank lines are no rows.

    Raises ImportProblem when the file cannot be read to its end (encoding, broken quotes or compression).
    """
    read = {"delimited": _delimited, "whitespace": _whitespace, "parquet": _parquet}[source.format]
    try:
        yield from read(path, source, columns)
    except (OSError, pa.ArrowException, UnicodeError) as error:
        raise ImportProblem(f"{path}: cannot be read as {_said(source)}: {error}") from error


def _said(source: Input) -> str:
    return source.format if source.format == "parquet" else f"{source.format} {source.encoding} text"


def _names(path: Path, source: Input) -> list[str]:
    """The column names a file has, or the mapping gives it."""
    try:
        if source.format == "parquet":
            with pa.parquet.ParquetFile(path) as file:
                return list(file.schema_arrow.names)
        if source.format == "whitespace" and source.columns is None:
            with path.open("rb") as raw:
                return _header(_lines(path, raw, source))
        return _trimmed(_raw_names(path, source), source)
    except (OSError, pa.ArrowException, UnicodeError) as error:
        raise ImportProblem(f"{path}: cannot be read as {_said(source)}: {error}") from error


def _stream(path: Path, raw: BinaryIO) -> Any:
    file: Any = raw
    plain: Any = pa.PythonFile(file, mode="r")
    return pa.input_stream(plain, compression="gzip") if path.suffix == ".gz" else plain


def _open(
    path: Path, raw: BinaryIO, source: Input, bad: list[tuple[int, str, int]], names: list[str] | None
) -> pyarrow.csv.CSVStreamingReader:
    """A streaming reader of text columns; lines with the wrong number of values go to `bad`."""

    def refuse(row: Any) -> Literal["skip"]:
        bad.append((row.number, row.text, row.actual_columns))
        return "skip"

    whole_lines = source.format == "whitespace"
    return pyarrow.csv.open_csv(
        _stream(path, raw),
        read_options=pyarrow.csv.ReadOptions(
            use_threads=False,  # the line numbers of bad rows are known only then
            block_size=BLOCK_BYTES,
            encoding=source.encoding,
            column_names=["line"] if whole_lines else source.columns,
        ),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=_NO_DELIMITER if whole_lines else source.delimiter,
            quote_char=False if whole_lines else source.quote or False,
            newlines_in_values=bool(source.quote) and not whole_lines,
            ignore_empty_lines=False,  # they count as lines
            invalid_row_handler=refuse,
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(["line"] if whole_lines else names or [], pa.string())
        ),
    )


def _delimited(path: Path, source: Input, columns: Sequence[str]) -> Iterator[Batch]:
    names = _raw_names(path, source)
    at = [_trimmed(names, source).index(name) for name in columns]
    bad: list[tuple[int, str, int]] = []
    record, extra = (1 if source.columns is not None else 2), 0  # extra: line breaks within values so far
    with path.open("rb") as raw:
        for chunk in _open(path, raw, source, bad, names):
            arrays: list[Any] = list(chunk.columns)
            if source.trim:
                arrays = [pc.utf8_trim_whitespace(array) for array in arrays]
            kept = zip(*(arrays[position].to_pylist() for position in at), strict=True)
            rows, lines, told = [], [], []
            wrong = {number: (text, found) for number, text, found in bad}
            for row, filled, breaks in zip(kept, _filled(arrays), _breaks(chunk.columns), strict=True):
                while record in wrong:
                    text, found = wrong[record]
                    told.append(BadLine(record + extra, text, f"{len(names)} values, found {found}"))
                    extra += text.count("\n")
                    record += 1
                if breaks:
                    # A stray quote swallows the rows up to the next one: never take them for a value.
                    told.append(BadLine(record + extra, str(row), "no line break within a value (a stray quote?)"))
                elif filled:
                    rows.append(row)
                    lines.append(record + extra)
                extra += breaks
                record += 1
            bad[:] = [item for item in bad if item[0] >= record]  # those of a block read ahead
            yield Batch(rows, lines, told, raw.tell())
        if bad:
            left = [BadLine(n + extra, text, f"{len(names)} values, found {found}") for n, text, found in bad]
            yield Batch([], [], left, raw.tell())


def _filled(arrays: list[Any]) -> list[bool]:
    """For each row whether it has any value: a blank line comes as a row without one."""
    empty: Any = pa.scalar("")
    filled: Any = pc.not_equal(arrays[0], empty)
    for array in arrays[1:]:
        filled = pc.or_(filled, pc.not_equal(array, empty))
    return list(filled.to_pylist())


def _breaks(arrays: Sequence[Any]) -> list[int]:
    """For each row the number of line breaks within its values."""
    total: Any = pc.count_substring(arrays[0], "\n")
    for array in arrays[1:]:
        total = pc.add(total, pc.count_substring(array, "\n"))
    return list(total.to_pylist())


def _trimmed(names: list[str], source: Input) -> list[str]:
    return [name.strip() for name in names] if source.trim else names


def _raw_names(path: Path, source: Input) -> list[str]:
    # Types are inferred here only to be thrown away: pyarrow has no way to ask for the names alone.
    if source.columns is not None:
        return list(source.columns)
    with path.open("rb") as raw:
        return list(_open(path, raw, source, [], None).schema.names)


def _lines(path: Path, raw: BinaryIO, source: Input) -> Iterator[Any]:
    """The lines of a text file, block by block, blanks around them cut."""
    for chunk in _open(path, raw, source, [], None):
        column: Any = chunk.column(0)
        yield pc.utf8_trim_whitespace(column)


def _header(lines: Iterator[Any]) -> list[str]:
    first = next(lines, None)
    return [] if first is None or not len(first) else str(first[0]).split()


def _whitespace(path: Path, source: Input, columns: Sequence[str]) -> Iterator[Batch]:
    names = _names(path, source)
    at = [names.index(name) for name in columns]
    line = 0
    with path.open("rb") as raw:
        for texts in _lines(path, raw, source):
            rows, lines, bad = [], [], []
            for values in pc.utf8_split_whitespace(texts).to_pylist():
                line += 1
                if (line == 1 and source.columns is None) or values in ([], [""]):
                    continue
                if len(values) != len(names):
                    bad.append(BadLine(line, " ".join(values), f"{len(names)} values, found {len(values)}"))
                else:
                    rows.append(tuple(values[position] for position in at))
                    lines.append(line)
            yield Batch(rows, lines, bad, raw.tell())


def _parquet(path: Path, source: Input, columns: Sequence[str]) -> Iterator[Batch]:
    size = path.stat().st_size
    with pa.parquet.ParquetFile(path) as file:
        total, number = file.metadata.num_rows, 0
        for chunk in file.iter_batches(batch_size=BATCH_ROWS, columns=list(columns)):
            lists = [_typed(chunk.column(name), source.trim) for name in columns]
            rows = list(zip(*lists, strict=True))
            lines = list(range(number + 1, number + 1 + len(rows)))
            number += len(rows)
            yield Batch(rows, lines, [], size * number // max(total, 1))


def _typed(array: Any, trim: bool) -> list[Any]:
    """Values of a Parquet column. Not-a-number is how pandas writes a null."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_floating(array.type):
        array = pc.if_else(pc.is_nan(array), None, array)
    elif trim and (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        array = pc.utf8_trim_whitespace(array)
    elif pa.types.is_timestamp(array.type) and array.type.unit == "ns":
        array = array.cast(pa.timestamp("us", array.type.tz), safe=False)
    return list(array.to_pylist())

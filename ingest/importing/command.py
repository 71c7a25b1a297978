"""The import from beginning to end: check, translate all, then publish in order of time."""

from __future__ import annotations

import gc
import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from ingest.importing import publish as sending
from ingest.importing.errors import ImportProblem
from ingest.importing.instants import Refusal
from ingest.importing.load import load_mapping
from ingest.importing.report import ImportReport, RefusedRow, Tally
from ingest.importing.rows import check_columns, read_rows, stem_of
from ingest.importing.stage import Stage
from ingest.importing.translate import Ignored, Translator
from models.documents.near import did_you_mean
from models.events import SITE_PATTERN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import Console

    from ingest.importing.mapping import Mapping
    from models.settings import Settings

_GC_THRESHOLD = 200_000
"""Millions of short-lived objects and no cycles: looking for some takes a tenth of the time."""


def run_import(
    files: list[Path],
    mapping: Path,
    site: str,
    settings: Settings,
    *,
    dry_run: bool,
    refused_file: Path | None,
    console: Console,
) -> ImportReport:
    """Publish a call log as events to the site's topic, and say what was done.

    Running it again changes no number. Everything is read and translated before the first event is sent.
    Raises ImportProblem when the mapping, a file or Kafka stops it as a whole; a row that cannot be used
    is refused and counted.
    """
    began = time.monotonic()
    _check_arguments(files, site, refused_file)
    rules = load_mapping(mapping)
    columns = rules.used_columns()
    for file in files:
        check_columns(file, rules.input, columns)
    if settings.sites and site not in settings.sites:
        console.print(escape(f"note: no site {site!r} in the settings{did_you_mean(site, settings.sites)}"))
    topic = settings.topic_prefix + site
    with (
        Tally(refused_file) as tally,
        Stage(settings.memory_limit) as stage,
        _rare_gc(),
        _progress(console) as bar,
    ):
        rows_read = _translate_all(files, rules, Translator(rules, columns, site), columns, stage, tally, bar)
        for repeat in stage.take_repeats():
            first = f"{files[repeat.first_file]}, line {repeat.first_line}"
            row = RefusedRow(
                files[repeat.file], repeat.line, rules.contact_id, repeat.contact_id,
                f"a contact id no other row has; {first} has it",
            )  # fmt: skip
            tally.refuse(row, (), ())
        rows, events, endings = stage.counts()
        delivery = sending.Delivery(rows, events, None)
        if not dry_run and rows:

            def say(text: str) -> None:
                bar.console.print(escape(text))

            with sending.connected(settings, site, say) as producer:
                task = bar.add_task("publishing", total=rows, rows=0, rate="", refused=tally.refused_rows)
                sent_from = time.monotonic()

                def progress(done: int, sent: int) -> None:
                    rate = sent / max(time.monotonic() - sent_from, 0.001)
                    bar.update(task, completed=done, rows=done, rate=f"{rate:,.0f} events/s")

                delivery = sending.publish(producer, topic, stage.in_order(), progress)
    report = ImportReport(
        site=site,
        topic=topic,
        dry_run=dry_run,
        rows_read=rows_read,
        rows_published=delivery.rows,
        rows_ignored=tally.ignored.total(),
        rows_refused=tally.refused_rows,
        rows_undelivered=rows - delivery.rows,
        events=delivery.events,
        events_undelivered=events - delivery.events,
        endings=endings,
        ignored=dict(tally.ignored),
        notes=dict(tally.notes),
        unmapped=dict(tally.unmapped),
        refused=tuple(tally.refused),
        error=delivery.error,
        seconds=time.monotonic() - began,
    )
    report.print(console)
    return report


def _check_arguments(files: list[Path], site: str, refused_file: Path | None) -> None:
    if not re.fullmatch(SITE_PATTERN, site):
        raise ImportProblem(f"site {site!r}: expected at most 63 letters, digits, '.', '_' and '-' ({SITE_PATTERN})")
    if not files:
        raise ImportProblem("no files to import")
    resolved = [file.resolve() for file in files]
    for file, path in zip(files, resolved, strict=True):
        if not file.is_file():
            raise ImportProblem(f"{file}: there is no such file")
        if resolved.count(path) > 1:
            raise ImportProblem(f"{file}: given twice")
    if refused_file is not None and refused_file.resolve() in resolved:
        raise ImportProblem(f"{refused_file}: refused rows would be written over a file to import")


def _translate_all(
    files: list[Path],
    rules: Mapping,
    translator: Translator,
    columns: tuple[str, ...],
    stage: Stage,
    tally: Tally,
    bar: Progress,
) -> int:
    """Translate every row of every file into the stage. Gives the number of rows read."""
    sizes = [file.stat().st_size for file in files]
    task: TaskID = bar.add_task("reading", total=sum(sizes), rows=0, rate="", refused=0)
    read = before = 0
    for number, file in enumerate(files):
        stem = stem_of(file)
        for batch in read_rows(file, rules.input, columns):
            for line, values in zip(batch.lines, batch.rows, strict=True):
                result = translator.translate(stem, values)
                if isinstance(result, Refusal):
                    refused = RefusedRow(file, line, result.column, result.value, result.expected)
                    tally.refuse(refused, columns, values)
                elif isinstance(result, Ignored):
                    tally.ignored[result.rule] += 1
                else:
                    stage.add(number, line, result)
                    if result.notes:
                        tally.note(result.notes)
            for bad in batch.bad:
                tally.refuse(RefusedRow(file, bad.line, "", "", bad.expected), ("line",), (bad.text,))
            read += len(batch.rows) + len(batch.bad)
            # Files are read ahead: nothing is done before its last row is.
            done = min(before + batch.bytes_read, sum(sizes) - 1)
            bar.update(task, completed=done, rows=read, refused=tally.refused_rows)
        before += sizes[number]
    bar.update(task, completed=before)
    return read


def _progress(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[rows]:,} rows {task.fields[rate]} {task.fields[refused]:,} refused"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )


@contextmanager
def _rare_gc() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(_GC_THRESHOLD, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)

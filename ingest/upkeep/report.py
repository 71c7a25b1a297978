"""What upkeep says on a terminal. Text that came from outside never reaches it as control characters."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ingest.upkeep.quarantine import Changed, Listed, Quarantined, Shown
from ingest.upkeep.rebuild import Rebuilt
from ingest.upkeep.replay import Replayed
from ingest.upkeep.retain import Retained
from ingest.upkeep.work import OnStep, Step

_LINE_EVERY_S = 5.0


@contextmanager
def progress(console: Console) -> Iterator[OnStep]:
    """Shows steps: as a bar on a terminal, as a line now and then elsewhere; nothing for what is done at once."""
    if console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("", total=None, visible=False)

            def draw(step: Step) -> None:
                bar.update(task, description=step.what, completed=step.done, total=step.total or None, visible=True)

            yield draw
        return
    told_at = time.monotonic()

    def tell(step: Step) -> None:
        nonlocal told_at
        if time.monotonic() - told_at > _LINE_EVERY_S:
            told_at = time.monotonic()
            of = f"{step.done:,} of {step.total:,} " if step.total else ""
            console.print(f"{of}{step.what}", markup=False, highlight=False)

    yield tell


def builtin(value: Any) -> Any:
    """The value as JSON has it."""
    return msgspec.to_builtins(value)


def json_lines(found: Listed) -> Iterator[str]:
    """A line of JSON for each message."""
    return (json.dumps(builtin(message)) for message in found.messages)


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows of cells as columns of text."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def listing(found: Listed) -> Iterator[str]:
    """The messages as columns."""
    if not found.messages:
        yield "nothing in quarantine"
        return
    rows = [_cells(message) for message in found.messages]
    widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]]
    for row in rows:
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
    if found.total > len(rows):
        yield f"… and {found.total - len(rows):,} more; --limit shows more of them"


def _cells(message: Quarantined) -> tuple[str, ...]:
    state = message.state if message.state == "open" else f"{message.state} {_at(message.settled_at)}"
    return (message.location, _at(message.received_at), _size(message), state, message.code, _reason(message))


def _reason(message: Quarantined) -> str:
    return _printable(message.reason.removeprefix(f"{message.location}: "))


def _size(message: Quarantined) -> str:
    return "removed" if message.removed else "no value" if message.bytes is None else f"{message.bytes:,} bytes"


def _at(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S}Z" if instant else ""


def shown(found: list[Shown]) -> Iterator[str]:
    """Messages in full: text as text, anything else as a hex dump."""
    for n, one in enumerate(found):
        if n:
            yield ""
        about = one.about
        yield f"{about.location}  (site {about.site}, topic id {one.topic_id})"
        yield f"refused:  {_at(about.received_at)}  {about.code}"
        yield f"reason:   {_reason(about)}"
        yield f"state:    {about.state} {_at(about.settled_at)}".rstrip()
        if one.key is not None:
            yield f"key:      {_printable(one.key.decode('utf-8', 'backslashreplace'))}"
        yield f"message:  {_size(about)}"
        if one.value is not None:
            yield from _body(one.value)


def _body(value: bytes) -> Iterator[str]:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        for start in range(0, len(value), 16):
            line = value[start : start + 16]
            text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in line)
            yield f"{start:08x}  {line.hex(' '):<47}  {text}"
        return
    yield from (_printable(line) for line in text.split("\n"))


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\t" else c.encode("unicode_escape").decode() for c in text)


def replayed(done: Replayed) -> Iterator[str]:
    """The report of a replay."""
    if not done.messages and not done.without_bytes:
        yield "nothing to replay" + (
            f" ({done.settled_before:,} were dealt with before)" if done.settled_before else ""
        )
        return
    yield (
        f"{done.replayed:,} of {done.messages:,} messages accepted now: "
        f"{done.accepted:,} new events, {done.repeats:,} that were known"
    )
    if done.settled_before:
        yield f"{done.settled_before:,} had been dealt with before"
    if done.without_bytes:
        yield f"{done.without_bytes:,} cannot be replayed: their bytes were removed by retention"
    if done.still_refused:
        codes = ", ".join(f"{code} {count:,}" for code, count in sorted(done.codes.items()))
        yield f"{done.still_refused:,} are still refused: {codes}"
        for message in done.still:
            yield f"  {_printable(message.reason)}"
        if done.still_refused > len(done.still):
            yield f"  … and {done.still_refused - len(done.still):,} more"


def changed(done: Changed, what: str, others: str) -> str:
    """The report of a change of state."""
    rest = f"; {done.others:,} {others}" if done.others else ""
    return f"{done.messages:,} messages {what}{rest}"


def retained(done: Retained, *, dry_run: bool) -> Iterator[str]:
    """The report of retention."""
    went = "would be removed" if dry_run else "removed"
    yield f"{done.events:,} raw events {went}, of contacts that ended before {_at(done.events_before)}"
    yield f"bytes of {done.messages:,} refused messages {went}, refused before {_at(done.messages_before)}"
    if not dry_run:
        yield f"the store has {done.bytes_after / 1e6:,.1f} MB, it had {done.bytes_before / 1e6:,.1f} MB"
        if (done.events or done.messages) and not done.checkpointed:
            yield "the space is not free yet, for want of room or because of a reader; the next checkpoint frees it"


def rebuilt(done: Rebuilt) -> Iterator[str]:
    """The report of a rebuild."""
    yield f"{done.contacts:,} contacts derived from {done.events:,} raw events"
    if done.taken_over:
        yield f"{done.taken_over:,} of them started from what the store knew: retention has removed events of that time"
    width = max(len(relation.name) for relation in done.compared)
    for relation in done.compared:
        line = f"  {relation.name.ljust(width)}  {relation.equal:>12,} equal"
        if not relation.is_equal:
            line += f", {relation.only_old:,} only in the store, {relation.only_new:,} only in the rebuilt one"
        yield line
        for example in relation.examples:
            what = f"{example.row}: {example.column}".rstrip(": ")
            yield _printable(f"    {what}: was {example.was}, is {example.now}")
    yield "the rebuilt store is the same" if done.is_equal else "the rebuilt store is NOT the same"
    if done.kept:
        yield f"it is in place now; the old one is kept as {done.kept}"
    elif done.file:
        yield f"it is kept as {done.file}"

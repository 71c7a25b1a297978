"""How the command line shows adapters and what they make of a file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import typer

from ingest.adapters.base import Adapter
from ingest.adapters.check import Checked

_SHOWN = 60


def listing(adapters: Iterable[Adapter]) -> str:
    """One block for each adapter: its name, the system, and the kinds of messages it takes."""
    return "\n".join(
        line
        for adapter in adapters
        for line in (f"{adapter.name:20} {adapter.system}", *(f"{'':20}   {kind}" for kind in adapter.messages))
    )


def show(found: Iterable[Checked], *, as_json: bool) -> bool:
    """Print what became of each message. True when none was refused."""
    counts = {"messages": 0, "events": 0, "nothing": 0, "refused": 0}
    for checked in found:
        counts["messages"] += 1
        counts["events"] += len(checked.events)
        counts["refused"] += bool(checked.refused)
        counts["nothing"] += not (checked.refused or checked.events)
        typer.echo(_as_json(checked) if as_json else _as_text(checked))
    summary = (
        f"{counts['messages']:,} messages: {counts['events']:,} events, {counts['nothing']:,} messages say nothing, "
        f"{counts['refused']:,} refused"
    )
    typer.echo(summary, err=as_json)
    return not counts["refused"]


def _as_json(checked: Checked) -> str:
    if checked.refused:
        return json.dumps({"message": checked.number, "refused": checked.refused})
    return json.dumps({"message": checked.number, "events": checked.events, "nothing": checked.nothing})


def _as_text(checked: Checked) -> str:
    head = f"{checked.number:>6}  "
    if checked.refused:
        return f"{head}refused: {_plain(checked.refused)}"
    if not checked.events:
        return f"{head}nothing: {_plain(checked.nothing)}"
    return "\n".join((head if n == 0 else " " * len(head)) + _event(event) for n, event in enumerate(checked.events))


def _event(event: dict[str, Any]) -> str:
    data = event.get("data")
    facts = " ".join(f"{name}={_short(value)}" for name, value in data.items()) if isinstance(data, dict) else ""
    return _plain(f"{event['time']}  {event['type']:20} {_short(event['subject'])}  {facts}".rstrip())


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _plain(text: str) -> str:
    """Without control characters: what a vendor sends must not steer a terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)

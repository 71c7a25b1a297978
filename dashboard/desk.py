"""Asking ingest to write something down: what is done with an alert, bills, and what is kept of the Fallback page.

Ingest listens for it at `desk.sock` in the data directory: a line of JSON there, lines of JSON back. It takes these
commands and no others from the dashboard.
"""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from models.settings import SettingsError, load_settings

LONGEST_REQUEST = 32 << 20
DEADLINE_S = 5.0
_LONGEST_ANSWER = 1 << 20


class DeskError(Exception):
    """It was not written down, or nobody knows whether it was; the text is for whoever asked."""


def ask(data_dir: Path, command: str, args: dict[str, Any], deadline_s: float = DEADLINE_S) -> Any:
    """What ingest answers to a command. Raises DeskError, by the deadline (seconds)."""
    request = json.dumps({"command": command, "args": args}).encode() + b"\n"
    if len(request) > LONGEST_REQUEST:
        raise DeskError(f"it is too large: {len(request):,} bytes, expected at most {LONGEST_REQUEST:,}")
    until = time.monotonic() + deadline_s
    with closing(socket.socket(socket.AF_UNIX)) as client:
        client.settimeout(deadline_s)
        try:
            _connect(client, data_dir)
        except OSError as error:
            raise DeskError(f"ingest cannot be reached, it may be stopped ({error.strerror})") from error
        try:
            client.sendall(request)
            told = _answer(client, until)
        except (OSError, ValueError) as error:
            raise DeskError("ingest gave no answer in time; see whether it was noted all the same") from error
    if "error" in told:
        raise DeskError(str(told["error"]))
    return told["result"]


def ask_ingest(command: str, args: dict[str, Any], deadline_s: float = DEADLINE_S) -> Any:
    """What the ingest of the settings here answers to a command. Raises DeskError, by the deadline (seconds)."""
    try:
        folder = load_settings().data_dir
    except SettingsError as error:
        raise DeskError(str(error)) from error
    return ask(folder, command, args, deadline_s)


def _connect(client: socket.socket, data_dir: Path) -> None:
    """By way of the open folder: the path itself may be too long for a socket."""
    folder = os.open(data_dir, os.O_RDONLY)
    try:
        short = Path(f"/proc/self/fd/{folder}")
        client.connect(str((short if short.exists() else data_dir) / "desk.sock"))
    finally:
        os.close(folder)


def _answer(client: socket.socket, until: float) -> dict[str, Any]:
    """The last word: a result or an error. Raises OSError, ValueError."""
    got = b""
    while len(got) < _LONGEST_ANSWER:
        client.settimeout(max(0.001, until - time.monotonic()))
        more = client.recv(65_536)
        got += more
        for line in got.split(b"\n")[:-1]:
            told = json.loads(line)
            if isinstance(told, dict) and ("result" in told or "error" in told):
                return told
        if not more:
            break
    raise ValueError("no answer")

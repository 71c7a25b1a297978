"""Saying from a page that an alert is being looked after: the one thing the dashboard may ask of ingest.

Ingest listens for it at `desk.sock` in the data directory: a line of JSON there, lines of JSON back.
"""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import closing
from pathlib import Path
from typing import Any

LONGEST_NAME = 80
LONGEST_NOTE = 500
_DEADLINE_S = 5.0
_LONGEST_ANSWER = 1 << 16


class NotAcknowledgedError(Exception):
    """It was not written down, or nobody knows whether it was; the text is for whoever asked."""


def acknowledge(data_dir: Path, episode: str, name: str, note: str = "", deadline_s: float = _DEADLINE_S) -> None:
    """Have ingest write down who looks after an episode. Raises NotAcknowledgedError, by the deadline (seconds)."""
    asked = {"command": "acknowledge", "args": {"episode": episode, "name": name, "note": note}}
    until = time.monotonic() + deadline_s
    with closing(socket.socket(socket.AF_UNIX)) as client:
        client.settimeout(deadline_s)
        try:
            _connect(client, data_dir)
        except OSError as error:
            raise NotAcknowledgedError(f"ingest cannot be reached, it may be stopped ({error.strerror})") from error
        try:
            client.sendall(json.dumps(asked).encode() + b"\n")
            told = _answer(client, until)
        except (OSError, ValueError) as error:
            raise NotAcknowledgedError(
                "ingest gave no answer in time; see whether it was noted all the same"
            ) from error
    if "error" in told:
        raise NotAcknowledgedError(str(told["error"]))


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
        more = client.recv(4096)
        got += more
        for line in got.split(b"\n")[:-1]:
            told = json.loads(line)
            if isinstance(told, dict) and ("result" in told or "error" in told):
                return told
        if not more:
            break
    raise ValueError("no answer")

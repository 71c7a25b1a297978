"""Large batches decoded in a process of their own, beside reading and committing.

Decoding is Python and so are half of reading and of committing: in one process they take turns. What goes over
is the messages' bytes, what comes back is the table of events and the contacts' states. A small batch is decoded
here, since going over costs more than it takes. Decoding has no effects: when the process dies, a batch is done
again.
"""

from __future__ import annotations

import contextlib
import json
import marshal
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from itertools import repeat
from multiprocessing.connection import Connection
from threading import Lock
from typing import Any

import pyarrow as pa
import structlog

from ingest.decoding.decoder import Decoder
from ingest.decoding.messages import Decoded, Message, Messages, Origin, Refusal
from ingest.decoding.translation import foreign_systems
from models.settings import Settings

_WORTH_IT = 2_000
"""Messages from which going over is cheaper than decoding here."""
_STOP_S = 5.0
_PAUSE_S = 10.0
"""Before another process is started after one has ended: one that cannot start must not be tried all the time."""
_COUNTS = ("repeats", "messages", "silent", "out_of_order")

log: Any = structlog.get_logger("decode")


def decoder_for(settings: Settings, customer_key: str) -> Decoder | ApartDecoder:
    """The decoder that suits the machine: with one core alone there is nothing to gain."""
    kind = ApartDecoder if (os.cpu_count() or 1) > 1 else Decoder
    return kind(customer_key, settings.future_tolerance_s, settings.max_message_bytes, foreign_systems(settings))


class ApartDecoder:
    """As `Decoder`, with the same results. Close it, or the other process stays until this one ends."""

    def __init__(
        self, customer_key: str, future_tolerance_s: float, max_message_bytes: int, systems: dict[str, str]
    ) -> None:
        self._arguments = [customer_key, future_tolerance_s, max_message_bytes, systems]
        self._here = Decoder(customer_key, future_tolerance_s, max_message_bytes, systems)
        self._lock = Lock()
        self._line: Connection | None = None
        self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "ingest.decoding.apart", str(theirs.fileno())]
            self.process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        self._socket = ours
        self._line = Connection(os.dup(ours.fileno()))
        # Over the line and not the command line, which everybody on the machine can read.
        self._line.send_bytes(json.dumps(self._arguments).encode())
        self._is_ready = False

    def _ready(self) -> bool:
        """Whether the other process has started; until then it is quicker to decode here."""
        if self._line is None:
            if time.monotonic() >= self._again_at:
                self._start()
        elif not self._is_ready and self._line.poll():
            try:
                self._line.recv_bytes()
                self._is_ready = True
            except (OSError, EOFError) as error:
                self._give_up(self._line, error)
        return self._is_ready

    def _give_up(self, broken: Connection, error: Exception) -> None:
        with self._lock:
            if self._line is broken:  # The batch on its way and the one being decoded both notice.
                log.error("the decoding process ended", error=repr(error), another_after_s=_PAUSE_S)
                self.close()
                self._line, self._is_ready = None, False
                self._again_at = time.monotonic() + _PAUSE_S

    def warm_up(self) -> None:
        """Make the first batch as fast as the others."""
        self._here.warm_up()

    def decode(self, messages: Messages, received_at: datetime) -> Decoded:
        """Decode a batch in this process: what is on its way to the other one is not disturbed."""
        return self._here.decode(messages, received_at)

    def begin(self, messages: Messages, received_at: datetime) -> Callable[[], Decoded]:
        """Send a batch over; what is returned waits for the result. One may be sent while another is decoded."""
        if sum(len(found) for _, found in messages) < _WORTH_IT or not self._ready():
            return self._here.begin(messages, received_at)
        line = self._line
        if line is None:  # It ended just now.
            return self._here.begin(messages, received_at)
        parts = [(tuple(origin), [m[0] for m in found], [m[2] for m in found]) for origin, found in messages]
        try:
            line.send_bytes(marshal.dumps((received_at.isoformat(), parts)))
        except OSError as error:
            self._give_up(line, error)
            return self._here.begin(messages, received_at)
        return lambda: self._received(line, messages, received_at)

    def _received(self, line: Connection, messages: Messages, received_at: datetime) -> Decoded:
        try:
            told, events = line.recv_bytes(), line.recv_bytes()
        except (OSError, EOFError) as error:
            self._give_up(line, error)
            return self._here.decode(messages, received_at)
        states, refused, simulated, counts = marshal.loads(told)  # noqa: S302 - our own process
        refusals = []
        by_offset: dict[int, dict[int, Message]] = {}
        for part, offset, code, reason in refused:
            origin, found = messages[part]
            if part not in by_offset:
                by_offset[part] = {message.offset: message for message in found}
            refusals.append(Refusal(origin, by_offset[part][offset], code, reason))
        table = pa.ipc.open_stream(pa.py_buffer(events)).read_all()
        return Decoded(table, states, refusals, simulated=simulated, **{name: Counter(c) for name, c in counts.items()})

    def close(self) -> None:
        """End the other process."""
        # Not closed: another thread may be at it, and its number could be given to something else meanwhile.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        try:
            self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _answer(decoder: Decoder, request: bytes) -> tuple[bytes, pa.Buffer]:
    received_at, parts = marshal.loads(request)  # noqa: S302 - from the process that started this one
    messages = [
        (Origin(*origin), list(map(Message, offsets, repeat(None), values))) for origin, offsets, values in parts
    ]
    decoded = decoder.decode(messages, datetime.fromisoformat(received_at))
    place = {id(origin): number for number, (origin, _) in enumerate(messages)}
    refused = [(place[id(r.origin)], r.message.offset, r.code, r.reason) for r in decoded.refusals]
    counts = {name: dict(getattr(decoded, name)) for name in _COUNTS}
    told = marshal.dumps((dict(decoded.states), refused, decoded.simulated, counts))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, decoded.events.schema) as out:
        out.write_table(decoded.events)
    return told, sink.getvalue()


def _serve(line: Connection) -> None:
    """Decode until the other side is gone."""
    import gc

    decoder = Decoder(*json.loads(line.recv_bytes()))
    decoder.warm_up()
    gc.freeze()
    gc.disable()
    line.send_bytes(b"ready")
    while True:
        try:
            request = line.recv_bytes()
            told, events = _answer(decoder, request)
            line.send_bytes(told)
            line.send_bytes(events)
        except (OSError, EOFError):
            return
        del request, told, events
        gc.collect()  # Between two batches there is next to nothing to look at.


if __name__ == "__main__":
    # Ctrl-C reaches the whole group; the process that started this one says when it is over.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _serve(Connection(int(sys.argv[1])))

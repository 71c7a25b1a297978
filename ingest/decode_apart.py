"""Large batches decoded in a process of their own, beside reading and committing.

Decoding is Python and so are half of reading and of committing: in one process they take turns. What goes over
is the messages' bytes, what comes back is the table of events and the contacts' states. A small batch is decoded
here, since going over costs more than it takes. Decoding has no effects: when the process dies, a batch is done
again.
"""

from __future__ import annotations

import json
import marshal
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from datetime import datetime
from itertools import repeat
from multiprocessing.connection import Connection
from threading import Lock
from typing import Any

import pyarrow as pa
import structlog

from ingest.decode import Decoder
from ingest.messages import Decoded, Message, Messages, Origin, Refusal
from ingest.native import foreign_systems
from models.settings import Settings

_WORTH_IT = 2_000
"""Messages from which going over is cheaper than decoding here."""
_STOP_S = 5.0
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
        self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "ingest.decode_apart", str(theirs.fileno())]
            self.process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        self._line = Connection(ours.detach())
        # Over the line and not the command line, which everybody on the machine can read.
        self._line.send_bytes(json.dumps(self._arguments).encode())

    def warm_up(self) -> None:
        """Make the first batch as fast as the others."""
        self._here.warm_up()

    def decode(self, messages: Messages, received_at: datetime) -> Decoded:
        """Decode a batch received at one instant (UTC). Never raises for the content of a message."""
        if sum(len(found) for _, found in messages) < _WORTH_IT:
            return self._here.decode(messages, received_at)
        with self._lock:
            try:
                return self._sent_over(messages, received_at)
            except (OSError, EOFError) as error:
                log.error("the decoding process ended, starting another", error=repr(error))
                self.close()
                self._start()
        return self._here.decode(messages, received_at)

    def _sent_over(self, messages: Messages, received_at: datetime) -> Decoded:
        parts = [(tuple(origin), [m[0] for m in found], [m[2] for m in found]) for origin, found in messages]
        self._line.send_bytes(marshal.dumps((received_at.isoformat(), parts)))
        states, refused, simulated, counts = marshal.loads(self._line.recv_bytes())  # noqa: S302 - our own process
        events = pa.ipc.open_stream(pa.py_buffer(self._line.recv_bytes())).read_all()
        refusals = []
        by_offset: dict[int, dict[int, Message]] = {}
        for part, offset, code, reason in refused:
            origin, found = messages[part]
            if part not in by_offset:
                by_offset[part] = {message.offset: message for message in found}
            refusals.append(Refusal(origin, by_offset[part][offset], code, reason))
        return Decoded(
            events, states, refusals, simulated=simulated, **{name: Counter(c) for name, c in counts.items()}
        )

    def close(self) -> None:
        """End the other process."""
        self._line.close()
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
    while True:
        try:
            request = line.recv_bytes()
        except EOFError:
            return
        told, events = _answer(decoder, request)
        line.send_bytes(told)
        line.send_bytes(events)
        del request, told, events
        gc.collect()  # Between two batches there is next to nothing to look at.


if __name__ == "__main__":
    # Ctrl-C reaches the whole group; the process that started this one says when it is over.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _serve(Connection(int(sys.argv[1])))

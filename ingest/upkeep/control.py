"""How a command reaches a running ingest, which alone has the store open: a unix socket in the data directory.

Who may open the data directory may give commands. A request and its answers are lines of JSON: one
`{"command": ..., "args": ...}`, then any number of `{"step": ...}`, then a `{"result": ...}` or an
`{"error": ...}`. Each client has a thread that only talks; the work is done by whoever calls `Request.run`,
piece by piece, so a client that is slow, silent or gone never holds up ingest.
"""

from __future__ import annotations

import contextlib
import os
import queue
import select
import socket
import socketserver
import stat
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import structlog

from ingest.decoding.messages import Decodes
from ingest.migrate import StoreError
from ingest.store import Store
from ingest.upkeep.work import AnyCommand, Work
from models.settings import Settings, SettingsError

log: Any = structlog.get_logger("ingest")

MAX_REQUEST_BYTES = 32 << 20
MAX_CLIENTS = 16
_STRETCH_S = 0.1
"""Small pieces are done one after the other for this long before ingest goes on."""
_PATIENCE_S = 10.0
"""A client that neither sends its request nor takes its answer in this time is given up."""
_LOOK_S = 0.2
_LONGEST_PATH = 100
_STOPPING = "ingest is stopping; what was not done yet can be asked for again"


def socket_path(settings: Settings) -> Path:
    """Where ingest listens."""
    return settings.data_dir / "ingest.sock"


def desk_socket_path(settings: Settings) -> Path:
    """Where ingest listens to the dashboard, which may give DESK_COMMANDS of the catalogue, nothing else."""
    return settings.data_dir / "desk.sock"


@contextlib.contextmanager
def socket_address(path: Path) -> Iterator[str]:
    """The path, or where it is too long for a socket (about 100 bytes) a shorter way to the same place.

    Raises StoreError when the system knows none.
    """
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        short = Path(f"/proc/self/fd/{folder}")
        if not short.exists():
            raise StoreError(f"{path} is too long for a socket: expected at most {_LONGEST_PATH} bytes")
        yield str(short / path.name)
    finally:
        os.close(folder)


class Request:
    """What a client asked for. `run` belongs to the thread that may use the store."""

    def __init__(self, command: AnyCommand, args: Any) -> None:
        self.is_over = False
        self.is_abandoned = threading.Event()
        """Set when the client is gone: then the work ends with the piece under way."""
        self._command, self._args = command, args
        self._work: Work[Any] | None = None
        self._told: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()

    def run(self, store: Store, decoder: Decodes) -> None:
        """Do some of the work: at least one piece. Never raises for what goes wrong in it: the client is told."""
        until = time.monotonic() + _STRETCH_S
        while not self.is_over:
            if self.is_abandoned.is_set():
                log.info("command given up: its client is gone", command=self._command.name)
                return self._end(None)
            self._piece(store, decoder)
            if time.monotonic() > until:
                break
        return None

    def _piece(self, store: Store, decoder: Decodes) -> None:
        try:
            if self._work is None:
                log.info("command", command=self._command.name)
                self._work = self._command.work(store, lambda: decoder, self._args)
            self._told.put(_line({"step": next(self._work)}))
        except StopIteration as done:
            self._end({"result": done.value})
        except (StoreError, SettingsError, duckdb.Error) as error:
            self._end({"error": str(error)})
        except Exception as error:
            log.exception("command failed", command=self._command.name)
            self._end({"error": f"{type(error).__name__}: {error}; the log of ingest says where"})

    def refuse(self, reason: str) -> None:
        """End it with this reason, wherever it is."""
        self._end({"error": reason})

    def _end(self, answer: dict[str, Any] | None) -> None:
        if self.is_over:
            return
        self.is_over = True
        if self._work is not None:
            self._work.close()
        if answer is not None:
            self._told.put(_line(answer))
        self._told.put(None)

    def answers(self, wait_s: float) -> Iterator[bytes]:
        """Lines for the client, an empty one whenever there was none for so long; ends with the request."""
        while True:
            try:
                told = self._told.get(timeout=wait_s)
            except queue.Empty:
                yield b""
                continue
            if told is None:
                return
            yield told


class _Client(socketserver.BaseRequestHandler):
    """Talks to one client, in a thread of its own."""

    server: _Server
    request: socket.socket

    def handle(self) -> None:
        # A client that goes away in the middle of anything is nothing to speak of.
        with contextlib.suppress(OSError):
            self.request.settimeout(_PATIENCE_S)
            with self.server.room() as is_room:
                self._talk(is_room)

    def _talk(self, is_room: bool) -> None:
        try:
            if not is_room:
                raise StoreError(f"ingest is busy with {MAX_CLIENTS} other commands; try again in a moment")
            asked = self.server.understood(_received_line(self.request))
        except StoreError as error:
            self.request.sendall(_line({"error": str(error)}))
            self._hear_out()
            return
        try:
            self.server.take(asked)
            for line in asked.answers(_LOOK_S):
                if line:
                    self.request.sendall(line)
                elif self._is_gone():
                    break
        finally:
            asked.is_abandoned.set()

    def _hear_out(self) -> None:
        """Let the client take its answer: closing with something unread would take it away again."""
        self.request.shutdown(socket.SHUT_WR)
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until and self.request.recv(65_536):
            pass

    def _is_gone(self) -> bool:
        readable, _, _ = select.select([self.request], [], [], 0)
        return bool(readable) and not self.request.recv(4096)


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = MAX_CLIENTS

    def __init__(self, address: str, commands: Iterable[AnyCommand]) -> None:
        self._commands = {command.name: command for command in commands}
        self._rooms = threading.BoundedSemaphore(MAX_CLIENTS)
        self._lock = threading.Lock()
        self._new: list[Request] = []
        self._is_closed = False
        super().__init__(address, _Client)

    @contextlib.contextmanager
    def room(self) -> Iterator[bool]:
        """Whether there is room for one more client; kept for the length of the block."""
        is_room = self._rooms.acquire(blocking=False)
        try:
            yield is_room
        finally:
            if is_room:
                self._rooms.release()

    def understood(self, line: bytes) -> Request:
        """The request of a line. Raises StoreError."""
        try:
            asked = msgspec.json.decode(line, type=_Asked)
            command = self._commands.get(asked.command)
            if command is None:
                raise StoreError(
                    f"the running ingest does not know the command {asked.command!r}: "
                    "it may be of another version of Backstop, restart it"
                )
            return Request(command, msgspec.json.decode(asked.args, type=command.asked))
        except msgspec.MsgspecError as error:
            raise StoreError(f"the request cannot be read: {error}") from error

    def take(self, request: Request) -> None:
        """Hand the request to whoever asks next."""
        with self._lock:
            if not self._is_closed:
                self._new.append(request)
                return
        request.refuse(_STOPPING)

    def taken(self, *, last: bool = False) -> list[Request]:
        """What came since the last time; after the last time nothing more is taken."""
        with self._lock:
            found, self._new = self._new, []
            self._is_closed = self._is_closed or last
        return found


class _Asked(msgspec.Struct):
    command: str
    args: msgspec.Raw


class Control:
    """The commands of a running ingest. Make it with `start`."""

    def __init__(self, path: Path, server: _Server | None) -> None:
        self._path, self._server = path, server
        self._running: list[Request] = []

    @classmethod
    def start(cls, path: Path, commands: Iterable[AnyCommand]) -> Control:
        """Listen, in place of a killed ingest that left its socket behind: call it with the store open.

        Where no socket can be made ingest does without, and the log says why.
        """
        try:
            if path.exists() and not stat.S_ISSOCK(path.stat().st_mode):
                raise StoreError("there is something else than a socket at this path")
            path.unlink(missing_ok=True)
            # The mode is that of the file from the moment it is there.
            before = os.umask(0o177)
            try:
                with socket_address(path) as address:
                    server = _Server(address, commands)
            finally:
                os.umask(before)
        except (OSError, StoreError) as error:
            log.warning("commands cannot reach this ingest while it runs", path=str(path), error=str(error))
            return cls(path, None)
        threading.Thread(target=server.serve_forever, args=(_LOOK_S,), name="control", daemon=True).start()
        return cls(path, server)

    def pending(self) -> list[Request]:
        """Requests with work left to do: `run` each once, then let ingest go on. Never waits."""
        if self._server is not None:
            self._running += self._server.taken()
        self._running = [request for request in self._running if not request.is_over]
        return list(self._running)

    def close(self) -> None:
        """Tell all clients that ingest stops, and listen no more; again does nothing."""
        server, self._server = self._server, None
        if server is None:
            return
        for request in [*self._running, *server.taken(last=True)]:
            request.refuse(_STOPPING)
        server.shutdown()
        server.server_close()
        self._path.unlink(missing_ok=True)


def _line(value: dict[str, Any]) -> bytes:
    return msgspec.json.encode(value) + b"\n"


def _received_line(client: socket.socket) -> bytes:
    """The one line a client sends. Raises StoreError when it is too long or takes too long."""
    until, got = time.monotonic() + _PATIENCE_S, bytearray()
    while not got.endswith(b"\n"):
        if len(got) > MAX_REQUEST_BYTES:
            raise StoreError(f"the request is too long; expected at most {MAX_REQUEST_BYTES:,} bytes")
        if time.monotonic() > until:
            raise StoreError(f"the request did not come within {_PATIENCE_S:.0f} s")
        more = client.recv(65_536)
        if not more:
            raise StoreError("the request ends in the middle")
        got += more
    return bytes(got)

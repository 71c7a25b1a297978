"""A store whose clock a test moves, with rules held against it step by step; and receivers of notifications."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message as Letter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ingest.alerting.could_take import Relief
from ingest.alerting.evaluator import Evaluator
from ingest.alerting.look import Looking
from ingest.alerting.records import Records
from ingest.store import Store
from models.settings import Settings
from tests.builders import T0, event
from tests.rolled import Event, commit, move_clock, standing_at

ALWAYS_OPEN = [{"days": "daily", "opens": "00:00", "closes": "24:00"}]
LONG_WAIT = {
    "metric": "longest_wait_s", "direction": "above", "opens": 300, "clears": 120, "hold_s": 30, "clear_hold_s": 60,
}  # fmt: skip
EVERY_S = 10
_SENDS_EVERY_S = 300


def at(source: str, *bodies: Event) -> list[Event]:
    """Events as those of another site."""
    return [body | {"source": source} for body in bodies]


def waiting(contact: str, after_s: float = 0, site: str = "north", **data: Any) -> Event:
    """A contact that waits from then on."""
    return event("offered", contact, after_s, **data) | {"source": site}


def alive(after_s: float, site: str = "north") -> Event:
    """Something that only says that the site still sends."""
    return event("agent.state_changed", f"nobody-{after_s}", after_s, state="offline") | {"source": site}


class Desk:
    """Rules held against a store, at seconds after T0."""

    def __init__(self, settings: Settings, channels: Iterable[str] = ("webhook",)) -> None:
        self.settings = settings
        self.store = Store.open(settings)
        self.channels = tuple(channels)
        self.evaluator = self._begun()

    def _begun(self) -> Evaluator:
        cursor = self.store.connection.cursor()
        looking = Looking(cursor)
        evaluator = Evaluator(
            list(self.store.settings.alerts.values()),
            looking,
            Records(cursor, self.channels),
            Relief(looking, self.settings.service_level_s),
            timedelta(seconds=90),
        )
        evaluator.begin(self.store.settings.clock.now())
        return evaluator

    def restart(self, **settings: Any) -> None:
        """Another process goes on with the same store."""
        now = self.store.settings.clock.now()
        self.store.close()
        self.settings = self.settings.model_copy(update=standing_at(now) | settings)
        self.store = Store.open(self.settings)
        self.evaluator = self._begun()

    def commit(self, *events: Event) -> None:
        commit(self.store, events)

    def step(self, after_s: float, *, behind: bool = False) -> None:
        """One evaluation."""
        move_clock(self.store, T0 + timedelta(seconds=after_s))
        self.evaluator.evaluate(T0 + timedelta(seconds=after_s), behind=behind)

    def run(self, from_s: float, to_s: float, every_s: float = EVERY_S, *, alive_at: str | None = "north") -> None:
        """Evaluations from then to then, both included; alive_at: a site that sends something now and then."""
        moment, heard = from_s, from_s - _SENDS_EVERY_S
        while moment <= to_s:
            move_clock(self.store, T0 + timedelta(seconds=moment))
            if alive_at and moment - heard >= _SENDS_EVERY_S:
                self.commit(alive(moment, alive_at))
                heard = moment
            self.step(moment)
            moment += every_s

    def ask(self, query: str) -> list[Any]:
        return self.store.connection.cursor().execute(query).fetchall()

    def events(self) -> list[tuple[str, float]]:
        """What happened to episodes, and when: seconds after T0."""
        rows = self.ask('select event, "at" from private.alert_event order by "at", event')
        return [(name, (moment - T0.replace(tzinfo=None)).total_seconds()) for name, moment in rows]

    def due(self) -> list[tuple[str, str]]:
        """What was to be sent, and where to."""
        return [
            (event, channel)
            for event, channel in self.ask(
                'select event, channel from private.alert_sent where attempt = 0 order by "at", channel'
            )
        ]

    def alerts(self, *columns: str) -> list[Any]:
        return self.ask(f"select {', '.join(columns)} from alerts order by opened_at, site")

    def close(self) -> None:
        self.store.close()


@contextmanager
def desk(make_settings: Callable[..., Settings], now: datetime = T0, **settings: Any) -> Iterator[Desk]:
    """A desk with the settings given, open at T0."""
    channels = settings.pop("channels", ("webhook",))
    wanted = {"alerts": {"long_wait": LONG_WAIT}, "sites": {"north": {"in_house": True, "open": ALWAYS_OPEN}}}
    made = Desk(make_settings(**standing_at(now), **(wanted | settings)), channels)
    try:
        yield made
    finally:
        made.close()


@dataclass
class Posted:
    """One request that a webhook got."""

    key: str | None
    body: dict[str, Any]
    headers: Mapping[str, str]
    path: str


@dataclass
class Receiver:
    """A webhook. answers: what it says to the next requests, 200 when there is none; (status, headers, body)."""

    url: str = ""
    posted: list[Posted] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    wait: threading.Event | None = None


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A webhook on this machine."""
    got = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            got.posted.append(Posted(self.headers["Idempotency-Key"], body, dict(self.headers), self.path))
            if got.wait is not None:
                got.wait.wait(20)
            status, headers, said = got.answers.pop(0) if got.answers else (200, {}, b"ok")
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def do_GET(self) -> None:
            got.posted.append(Posted(None, {}, dict(self.headers), self.path))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    got.url = f"http://127.0.0.1:{server.server_address[1]}/services/T0/SECRET"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield got
    finally:
        if got.wait is not None:
            got.wait.set()
        server.shutdown()
        server.server_close()


@dataclass
class Mailbox:
    """A mail server. refuse: a line to answer to a command (by its first word) instead of taking it."""

    port: int = 0
    letters: list[Letter] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    refuse: dict[str, bytes] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A mail server on this machine that takes everything and speaks no TLS."""
    got = Mailbox()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 sink\r\n")
            to: list[str] = []
            while line := self.rfile.readline():
                command = line.decode("ascii", "replace").strip()
                word = command.split(" ")[0].upper()
                got.commands.append(command)
                if word == "RCPT" and word not in got.refuse:
                    to.append(command.partition("<")[2].rstrip(">"))
                if word == "DATA" and word not in got.refuse:
                    self.wfile.write(b"354 go on\r\n")
                    text = b""
                    while (part := self.rfile.readline()) != b".\r\n":
                        text += part
                    got.letters.append(message_from_bytes(text))
                    got.recipients.append(to)
                    self.wfile.write(got.refuse.get("AFTER", b"250 taken") + b"\r\n")
                    continue
                self.wfile.write(got.refuse.get(word, b"221 bye" if word == "QUIT" else b"250 ok") + b"\r\n")
                if word == "QUIT":
                    return

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    server = Server(("127.0.0.1", 0), Handler)
    got.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield got
    finally:
        server.shutdown()
        server.server_close()

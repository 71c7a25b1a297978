"""Child processes under one supervisor: started with a log each, watched, stopped in the right order.

Every child has a session of its own, so Ctrl-C reaches only the supervisor, and on Linux the kernel ends
the children when the supervisor is killed. The first signal stops everything in order; a second one is
for the impatient and kills.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

from rich.console import Console

from ingest.broker import EmbeddedBroker, die_with_parent, free_port
from ingest.stopping import Stopping
from models.settings import Settings, SettingsError

READY_S = 60.0
_LOOK_S = 0.1


@dataclass
class Child:
    """One child process and where it writes its log."""

    name: str
    process: subprocess.Popen[bytes]
    log_path: Path

    def stop(self, within_s: float, stopping: Stopping) -> None:
        """Ask it to stop; kill it when it does not in its time, or in a hurry."""
        if self.process.poll() is None and within_s > 0:
            self.process.terminate()
            until = time.monotonic() + within_s
            while self.process.poll() is None and time.monotonic() < until and not stopping.is_urgent:
                try:
                    self.process.wait(_LOOK_S)
                except subprocess.TimeoutExpired:
                    continue
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def last_words(self) -> str:
        """The end of its log."""
        lines = self.log_path.read_text("utf-8", "replace").splitlines()
        return "\n".join(lines[-5:])


class Supervisor:
    """Starts children and, as a context, stops them again, the last one first."""

    def __init__(self, logs: Path, console: Console) -> None:
        self.logs = logs
        self.console = console
        self.stopping = Stopping()
        self.stack = ExitStack()
        """What is to be done at the end, children included, in reverse."""
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        self.stopping.listen(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        self.logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stack.__exit__(kind, error, trace)

    def start_broker(self, port: int) -> str:
        """Start the embedded broker; it is stopped when its turn comes. Gives its address."""
        broker = EmbeddedBroker(port, self.logs / "broker.log")
        self.stack.callback(broker.stop)
        self._children.append(Child("broker", broker.process, self.logs / "broker.log"))
        return broker.address

    def start(
        self, name: str, module: list[str], environment: dict[str, str], stop_s: float, *, piped: bool = False
    ) -> Child:
        """Start a Python module. stop_s: how long it may take to stop; 0 kills it. piped: keep its stdout for us."""
        log_path = self.logs / f"{name}.log"
        with log_path.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *module],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if piped else log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        child = Child(name, process, log_path)
        self.stack.callback(child.stop, stop_s, self.stopping)
        self._children.append(child)
        return child

    def ended(self) -> Child | None:
        """A child that ended by itself, if there is one."""
        return next((child for child in self._children if child.process.poll() is not None), None)

    def wait_until(self, ready: Callable[[], bool], what: str) -> bool:
        """Wait until ready. False, having said why, when a child ended or time is up; False also when stopping."""
        until = time.monotonic() + READY_S
        while not self.stopping.is_set():
            if self.ended():
                self.report_ended()
                return False
            if ready():
                return True
            if time.monotonic() > until:
                self.console.print(f"{what} not ready within {READY_S:.0f} s; see {self.logs}", style="red")
                return False
            self.stopping.wait(_LOOK_S)
        return False

    def report_ended(self) -> None:
        """Say which child ended by itself, and its last words."""
        child = self.ended()
        if child is not None:
            code = child.process.poll()
            self.console.print(f"{child.name} ended by itself (exit {code}). The end of {child.log_path}:", style="red")
            self.console.print(child.last_words(), markup=False, highlight=False)


def with_ports(settings: Settings, on_taken: Callable[[str, int], int]) -> Settings:
    """Fill in the ports that were left to us; on_taken is told which of the others are taken and gives another."""
    ports = {}
    for name, host in (("store_port", settings.store_host), ("dashboard_port", settings.dashboard_host)):
        port = getattr(settings, name)
        if port == 0:
            ports[name] = free_port()
        elif answers(host, port):
            ports[name] = on_taken(name, port)
    return settings.model_copy(update=ports)


def refuse_taken(name: str, port: int) -> int:
    """For `with_ports`: a taken port is an error. Raises SettingsError."""
    raise SettingsError(
        f"port {port} is taken: is Backstop already running? Choose another with BACKSTOP_{name.upper()} (0 picks one)"
    )


def environment(settings: Settings) -> dict[str, str]:
    """The environment of the children: ours with the settings made here on top."""
    made: dict[str, str] = {
        "BACKSTOP_DATA_DIR": str(settings.data_dir.resolve()),
        "BACKSTOP_BOOTSTRAP_SERVERS": settings.bootstrap_servers or "",
        "BACKSTOP_STORE_PORT": str(settings.store_port),
        "BACKSTOP_DASHBOARD_PORT": str(settings.dashboard_port),
        "BACKSTOP_LOG_FORMAT": "json",
        "PYTHONUNBUFFERED": "1",
    }
    return dict(os.environ) | made


def store_answers(settings: Settings) -> bool:
    """Whether the store is served."""
    return answers(settings.store_host, settings.store_port)


def dashboard_answers(settings: Settings) -> bool:
    """Whether the pages are served."""
    try:
        with urlopen(dashboard_url(settings) + "/_stcore/health", timeout=1) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def dashboard_url(settings: Settings) -> str:
    """Where a browser on this machine finds the pages."""
    return f"http://{reachable(settings.dashboard_host)}:{settings.dashboard_port}"


def reachable(host: str) -> str:
    """The address to try for a server that listens on every interface."""
    return "localhost" if host in ("0.0.0.0", "::", "") else host  # noqa: S104


def answers(host: str, port: int) -> bool:
    """Whether someone listens there."""
    try:
        with socket.create_connection((reachable(host), port), timeout=0.5):
            return True
    except OSError:
        return False

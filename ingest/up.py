"""`backstop up`: broker, ingest and dashboard as children of one supervisor, stopped in the right order.

Every child has a session of its own, so Ctrl-C reaches only the supervisor, and on Linux the kernel ends
the children when the supervisor is killed.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

from rich.console import Console

from ingest.broker import EmbeddedBroker, die_with_parent, free_port
from models.settings import Settings, SettingsError

_STOP_S = {"dashboard": 5.0, "ingest": 60.0}
_READY_S = 60.0
_DRAIN_S = 30.0


@dataclass
class Child:
    """One child process and where it writes its log."""

    name: str
    process: subprocess.Popen[bytes]
    log_path: Path

    def stop(self) -> None:
        """Ask it to stop; kill it when it does not in its time."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_STOP_S[self.name])
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def last_words(self) -> str:
        """The end of its log."""
        lines = self.log_path.read_text("utf-8", "replace").splitlines()
        return "\n".join(lines[-5:])


def run_up(settings: Settings, console: Console) -> int:
    """Run everything until Ctrl-C or SIGTERM. Returns the exit code; 1 when a child ended by itself."""
    stopping = threading.Event()

    def stop(_: int, __: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    logs = settings.data_dir / "logs"
    logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings = _with_ports(settings)
    with ExitStack() as stack:
        stack.callback(console.print, "Stopped. The store is kept in", str(settings.store_path), highlight=False)
        own_broker = settings.bootstrap_servers is None
        if own_broker:
            broker = EmbeddedBroker(settings.broker_port, logs / "broker.log")
            stack.callback(broker.stop)
            settings = settings.model_copy(update={"bootstrap_servers": broker.address})
        # The embedded broker forgets everything when it stops, so ingest empties it first.
        drain_s = _DRAIN_S if own_broker else settings.drain_on_stop_s
        environment = _environment(settings) | {"BACKSTOP_DRAIN_ON_STOP_S": str(drain_s)}
        children: list[Child] = []
        for name, command in (("ingest", ["ingest.cli", "ingest"]), ("dashboard", ["dashboard.launch"])):
            child = _start(name, command, environment, logs / f"{name}.log")
            stack.callback(child.stop)
            children.append(child)
        stack.callback(console.print, "Stopping …", highlight=False)
        if not _wait_ready(settings, children, stopping):
            return _report_failure(children, console) if not stopping.is_set() else 0
        _print_addresses(settings, own_broker, console)
        while not stopping.wait(0.5):
            if any(child.process.poll() is not None for child in children):
                return _report_failure(children, console)
    return 0


def _with_ports(settings: Settings) -> Settings:
    """Fill in the ports that were left to us, and say early which of the others are taken."""
    ports = {}
    for name, host in (("store_port", settings.store_host), ("dashboard_port", settings.dashboard_host)):
        port = getattr(settings, name)
        if port == 0:
            ports[name] = free_port()
        elif _answers(host, port):
            raise SettingsError(
                f"port {port} is taken: is Backstop already running? Choose another with "
                f"BACKSTOP_{name.upper()} (0 picks one)"
            )
    return settings.model_copy(update=ports)


def _environment(settings: Settings) -> dict[str, str]:
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


def _start(name: str, module: list[str], environment: dict[str, str], log_path: Path) -> Child:
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
    return Child(name, process, log_path)


def _wait_ready(settings: Settings, children: list[Child], stopping: threading.Event) -> bool:
    until = time.monotonic() + _READY_S
    health = f"http://{_reachable(settings.dashboard_host)}:{settings.dashboard_port}/_stcore/health"
    while time.monotonic() < until and not stopping.is_set():
        if any(child.process.poll() is not None for child in children):
            return False
        if _answers(settings.store_host, settings.store_port):
            try:
                with urlopen(health, timeout=1) as answer:
                    if answer.status == 200:
                        return True
            except (URLError, OSError):
                pass
        stopping.wait(0.1)
    return False


def _reachable(host: str) -> str:
    """The address to try for a server that listens on every interface."""
    return "localhost" if host in ("0.0.0.0", "::", "") else host  # noqa: S104


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((_reachable(host), port), timeout=0.5):
            return True
    except OSError:
        return False


def _report_failure(children: list[Child], console: Console) -> int:
    for child in children:
        code = child.process.poll()
        if code is not None:
            console.print(f"{child.name} ended by itself (exit {code}). The end of {child.log_path}:", style="red")
            console.print(child.last_words(), markup=False, highlight=False)
            break
    else:
        console.print(f"not ready within {_READY_S:.0f} s; see {children[0].log_path.parent}", style="red")
    return 1


def _print_addresses(settings: Settings, own_broker: bool, console: Console) -> None:
    host = _reachable(settings.dashboard_host)
    kind = "embedded, in memory" if own_broker else "yours"
    console.print(f"Dashboard  http://{host}:{settings.dashboard_port}", highlight=False)
    console.print(f"Store      {settings.store_address}  (backstop attach prints how)", highlight=False)
    console.print(f"Broker     {settings.bootstrap_servers}  ({kind})", highlight=False)
    console.print("Ctrl-C stops all of it.", style="dim")

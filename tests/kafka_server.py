"""Apache Kafka itself, for what the embedded broker cannot do: keep data, add partitions, transactions.

    uv run python -m tests.kafka_server                 starts one, prints its address, Ctrl-C ends it
    uv run python -m tests.kafka_server COMMAND...      runs the command against one, ends with its exit status
    uv run python -m tests.kafka_server --fetch         only makes sure that it can be started

The server is the version of docker-compose.yml. Maven fetches it from Maven Central, once, to the user's cache.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from ingest.broker import die_with_parent, free_port

GIVEN = "BACKSTOP_TEST_BOOTSTRAP_SERVERS"
"""Environment variable: a running Kafka on which the tests marked `broker` are to run."""

_FETCH_S = 300
_READY_S = 60
_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>backstop</groupId><artifactId>kafka-for-tests</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{kafka}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
"""
_PROPERTIES = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "PLAINTEXT",
    # As in docker-compose.yml: a topic is made on purpose.
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    # Tests send messages that are too long for ingest.
    "message.max.bytes": "20000000",
}


class KafkaUnavailableError(Exception):
    """Apache Kafka cannot be started here; the message says what is missing."""


def version() -> str:
    """The version docker-compose.yml runs."""
    compose = (Path(__file__).parent.parent / "docker-compose.yml").read_text("utf-8")
    found = re.search(r"image: apache/kafka:([0-9.]+)", compose)
    if found is None:
        raise KafkaUnavailableError("docker-compose.yml names no version of apache/kafka")
    return found[1]


def libraries() -> Path:
    """The folder with the server's jars, fetched when it is not there yet. Raises KafkaUnavailableError."""
    for tool in ("java", "mvn"):
        if shutil.which(tool) is None:
            raise KafkaUnavailableError(f"there is no {tool}: apt-get install default-jre-headless maven")
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = caches / "backstop-tests" / f"kafka-{version()}"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as fetched:
            _fetch(Path(fetched))
            # In one step, so that a fetch cut short leaves nothing that looks complete.
            (Path(fetched) / "libs").rename(folder)
    return folder


def _fetch(folder: Path) -> None:
    (folder / "pom.xml").write_text(_POM.format(kafka=version()))
    command = ["mvn", "-B", "-q", "dependency:copy-dependencies", f"-DoutputDirectory={folder / 'libs'}"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_FETCH_S)
    except subprocess.TimeoutExpired as error:
        raise KafkaUnavailableError(f"Maven did not fetch Kafka {version()} within {_FETCH_S} s") from error
    if done.returncode:
        raise KafkaUnavailableError(
            f"Maven could not fetch Kafka {version()}: {done.stdout[-500:]}{done.stderr[-500:]}"
        )


class KafkaServer:
    """One broker, its own controller, on loopback, with its data in a folder: stop and start it as you like."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        """Prepare the folder. Raises KafkaUnavailableError."""
        self.port = port or free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.log_path = folder / "kafka.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._jars = libraries()
        self._configuration = folder / "server.properties"
        folder.mkdir(parents=True, exist_ok=True)
        controller = f"127.0.0.1:{free_port()}"
        properties = _PROPERTIES | {
            "controller.quorum.voters": f"1@{controller}",
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "log.dirs": str(folder / "data"),
        }
        self._configuration.write_text("".join(f"{name}={value}\n" for name, value in properties.items()))
        if not (folder / "data").exists():
            self._java(["kafka.tools.StorageTool", "format", "-t", "q1Sh-9_ISia_zwGINzRvyQ", "-c"]).wait(_READY_S)

    def _java(self, arguments: list[str]) -> subprocess.Popen[bytes]:
        with self.log_path.open("ab") as log:
            return subprocess.Popen(
                [
                    "java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{self._jars}/*",
                    *arguments, str(self._configuration),
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, preexec_fn=die_with_parent,
            )  # fmt: skip

    def start(self) -> KafkaServer:
        """Start it and wait until it answers. Raises KafkaUnavailableError."""
        self.process = self._java(["kafka.Kafka"])
        until = time.monotonic() + _READY_S
        while time.monotonic() < until and self.process.poll() is None:
            try:
                KafkaAdminClient(bootstrap_servers=self.address, bootstrap_timeout_ms=1000).close()
            except KafkaError:
                time.sleep(0.1)
            else:
                return self
        self.kill()
        raise KafkaUnavailableError(f"Kafka did not start: {self.log_path.read_text('utf-8', 'replace')[-2000:]}")

    def stop(self) -> None:
        """Let it write what it has and end; kill it when it does not."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def main(arguments: list[str]) -> int:
    """See the head of this file."""
    try:
        if arguments == ["--fetch"]:
            print(libraries())
            return 0
        with tempfile.TemporaryDirectory() as folder:
            server = KafkaServer(Path(folder)).start()
            try:
                return _run(arguments, server.address)
            finally:
                server.stop()
    except KafkaUnavailableError as error:
        print(f"Apache Kafka is not to be had: {error}", file=sys.stderr)
        return 3


def _run(command: list[str], address: str) -> int:
    if command:
        with subprocess.Popen(command, env=dict(os.environ) | {GIVEN: address}) as running:
            # Whoever ends this process means the command; Ctrl-C reaches it by itself.
            signal.signal(signal.SIGTERM, lambda *_: running.terminate())
            signal.signal(signal.SIGINT, lambda *_: None)
            return running.wait()
    print(address, flush=True)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

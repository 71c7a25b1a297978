"""Events to the site's topic: keyed by contact, acknowledged by all replicas, each delivery checked.

Two kinds of trouble only: a broker that is not there yet is waited for, saying so; a delivery that fails
for good stops the sending, and what was not delivered is counted. Sending all of it again is safe.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from ingest.importing.errors import ImportProblem
from ingest.kafka import client_options, ensure_topic, when_reachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ingest.importing.stage import Staged
    from models.settings import Settings

LINGER_MS = 50
BATCH_BYTES = 512 * 1024
IN_FLIGHT_EVENTS = 20_000
"""Events sent and not yet acknowledged, at most: bounds memory when the broker is slower than we are."""
DELIVERY_TIMEOUT_MS = 120_000
REQUEST_TIMEOUT_MS = 30_000
CLOSE_S = 2.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the broker acknowledged. A row is delivered when all its events are."""

    rows: int
    events: int
    error: str | None
    """Why sending stopped early; None when everything was delivered."""


@contextmanager
def connected(settings: Settings, site: str, say: Callable[[str], None]) -> Iterator[KafkaProducer]:
    """A producer for the site's topic: waits for the broker and makes the topic when it is absent.

    Raises ImportProblem when Kafka refuses for good (credentials, rights).
    """
    options = client_options(_addressed(settings))
    topic = settings.topic_prefix + site

    def connect() -> KafkaProducer:
        admin = KafkaAdminClient(**options)
        try:
            if ensure_topic(admin, topic, settings.topic_partitions):
                say(f"topic {topic} made with {settings.topic_partitions} partitions")
        finally:
            admin.close()
        return KafkaProducer(
            **options,
            acks="all",
            linger_ms=LINGER_MS,
            batch_size=BATCH_BYTES,
            delivery_timeout_ms=DELIVERY_TIMEOUT_MS,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
            max_block_ms=DELIVERY_TIMEOUT_MS,
            allow_auto_create_topics=False,
        )

    def waiting(reason: str, wait_s: float) -> None:
        servers = ", ".join(options["bootstrap_servers"])
        say(f"waiting for Kafka at {servers}, next try in {wait_s:.3g} s: {reason}")

    try:
        producer = when_reachable(connect, waiting)
    except KafkaError as error:
        raise ImportProblem(f"Kafka refuses topic {topic}: {type(error).__name__}: {error}") from error
    if producer is None:  # pragma: no cover - nobody stops the wait
        raise ImportProblem("stopped while waiting for Kafka")
    try:
        yield producer
    finally:
        # What was not delivered is counted by now: a dead broker must neither hold us up nor hide that.
        with suppress(KafkaError):
            producer.close(timeout=CLOSE_S)


def _addressed(settings: Settings) -> Settings:
    """Settings with an address: without one, that of the broker `backstop up` starts."""
    if settings.bootstrap_servers:
        return settings
    if settings.broker_port == 0:
        raise ImportProblem("which Kafka? Give bootstrap_servers, since broker_port = 0 lets the broker pick its port")
    return settings.model_copy(update={"bootstrap_servers": f"127.0.0.1:{settings.broker_port}"})


def publish(
    producer: KafkaProducer, topic: str, rows: Iterable[Staged], progress: Callable[[int, int], None]
) -> Delivery:
    """Send rows in the order given and wait until all are acknowledged. Stops at the first failed delivery.

    `progress` is told rows and events acknowledged so far. The producer stays open.
    """
    waiting: deque[tuple[list[Any], bool]] = deque()  # futures of one row, and whether all were sent
    in_flight = delivered_rows = delivered_events = 0
    error: str | None = None
    stuck = False
    limit_s = (DELIVERY_TIMEOUT_MS + REQUEST_TIMEOUT_MS) / 1000

    def settle(limit: int) -> None:
        """Wait for the oldest rows until no more than `limit` events are under way."""
        nonlocal in_flight, delivered_rows, delivered_events, error, stuck
        while waiting and in_flight > limit:
            futures, whole = waiting.popleft()
            in_flight -= len(futures)
            arrived = 0
            for future in futures:
                try:
                    future.get(timeout=0 if stuck else limit_s)
                    arrived += 1
                except KafkaError as failure:
                    # kafka-python 3.0.12 never completes some futures when the broker goes while a request
                    # is under way. One such wait is enough: what is not acknowledged by then is undelivered.
                    stuck = stuck or not future.is_done
                    error = error or f"{type(failure).__name__}: {failure}"
            delivered_events += arrived
            delivered_rows += whole and arrived == len(futures)
        progress(delivered_rows, delivered_events)

    for row in rows:
        key = row.contact_id.encode()
        futures: list[Any] = []
        try:
            for event in row.events:
                futures.append(producer.send(topic, value=event, key=key))
        except KafkaError as failure:
            error = error or f"{type(failure).__name__}: {failure}"
        waiting.append((futures, len(futures) == len(row.events)))
        in_flight += len(futures)
        if in_flight > IN_FLIGHT_EVENTS:
            settle(IN_FLIGHT_EVENTS // 2)
        if error is not None:
            break
    settle(-1)
    return Delivery(delivered_rows, delivered_events, error)

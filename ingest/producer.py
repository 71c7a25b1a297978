"""Publishing to Kafka: a producer that waited for its broker, and the deliveries it still owes.

Two kinds of trouble only: a broker that is not there yet is waited for, saying so; a delivery that fails
for good is the end, and what was not delivered is counted. Sending all of it again is safe.
"""

from __future__ import annotations

import time
from collections import deque
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from ingest.kafka import client_options, ensure_topic, make_producer, when_reachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from models.settings import Settings

LINGER_MS = 50
BATCH_BYTES = 512 * 1024
IN_FLIGHT_EVENTS = 20_000
"""Events sent and not yet acknowledged, at most: bounds memory when the broker is slower than we are."""
DELIVERY_TIMEOUT_MS = 120_000
REQUEST_TIMEOUT_MS = 30_000
CLOSE_S = 2.0

_LOOK_S = 0.2

Of = TypeVar("Of")


class PublishError(Exception):
    """Nothing, or nothing more, can be published; the message says where and why."""


def addressed(settings: Settings) -> Settings:
    """Settings with an address: without one, that of the broker `backstop up` starts. Raises PublishError."""
    if settings.bootstrap_servers:
        return settings
    if settings.broker_port == 0:
        raise PublishError("which Kafka? Give bootstrap_servers, since broker_port = 0 lets the broker pick its port")
    return settings.model_copy(update={"bootstrap_servers": f"127.0.0.1:{settings.broker_port}"})


@contextmanager
def connected(
    settings: Settings,
    sites: Sequence[str],
    say: Callable[[str], None],
    stopped: Callable[[], bool] = lambda: False,
    linger_ms: int = LINGER_MS,
) -> Iterator[KafkaProducer]:
    """A producer for the topics of these sites: waits for the broker and makes topics that are absent.

    linger_ms: how long it gathers messages for one request, unless flushed.
    Raises PublishError when Kafka refuses for good (credentials, rights), or when stopped while waiting.
    """
    reached = addressed(settings)
    options = client_options(reached)
    topics = [settings.topic_prefix + site for site in sites]

    def connect() -> KafkaProducer:
        admin = KafkaAdminClient(**options)
        try:
            for topic in topics:
                if ensure_topic(admin, topic, settings.topic_partitions):
                    say(f"topic {topic} made with {settings.topic_partitions} partitions")
        finally:
            admin.close()
        return make_producer(
            reached,
            acks="all",
            linger_ms=linger_ms,
            batch_size=BATCH_BYTES,
            delivery_timeout_ms=DELIVERY_TIMEOUT_MS,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
            max_block_ms=DELIVERY_TIMEOUT_MS,
        )

    def waiting(reason: str, wait_s: float) -> None:
        servers = ", ".join(options["bootstrap_servers"])
        say(f"waiting for Kafka at {servers}, next try in {wait_s:.3g} s: {reason}")

    try:
        producer = when_reachable(connect, waiting, stopped)
    except KafkaError as error:
        noun = "topic" if len(topics) == 1 else "topics"
        raise PublishError(f"Kafka refuses {noun} {', '.join(topics)}: {type(error).__name__}: {error}") from error
    if producer is None:
        raise PublishError("stopped while waiting for Kafka")
    try:
        yield producer
    finally:
        _close(producer)


def _close(producer: KafkaProducer) -> None:
    """Let go. What was not delivered is counted by now: a dead broker must neither hold us up nor hide that."""
    try:
        producer.close(timeout=CLOSE_S)
    except KafkaError:
        # The client gives up half-closed, and would complain of itself later: when it is collected.
        producer._sender.force_close()
        producer._sender.join(CLOSE_S)
        with suppress(KafkaError):
            producer.close(timeout=0)


class Deliveries(Generic[Of]):
    """What was sent and is not acknowledged yet: futures in groups, oldest first."""

    def __init__(self, settled: Callable[[Of, int], None], hurried: Callable[[], bool] = lambda: False) -> None:
        """settled is told each group and how many of its events arrived, in the order they were added.

        While hurried says so, an acknowledgement is waited for no longer than CLOSE_S.
        """
        self.under_way = 0
        self.error: str | None = None
        """The first failure."""
        self._settled = settled
        self._hurried = hurried
        self._groups: deque[tuple[Of, list[Any]]] = deque()
        self._stuck = False

    def add(self, of: Of, futures: list[Any]) -> None:
        """Take in a group that was sent."""
        self._groups.append((of, futures))
        self.under_way += len(futures)

    def fail(self, failure: BaseException) -> None:
        """Note a failure; the first one counts."""
        self.error = self.error or f"{type(failure).__name__}: {failure}"

    def settle(self, limit: int) -> None:
        """Wait for the oldest groups until no more than `limit` events are under way; -1 waits for all.

        Groups at the front whose last event has been acknowledged are taken off in any case.
        """
        while self._groups and (self.under_way > limit or self._is_done(self._groups[0][1])):
            of, futures = self._groups.popleft()
            self.under_way -= len(futures)
            arrived = 0
            for future in futures:
                if future.succeeded() or self._arrives(future):
                    arrived += 1
            self._settled(of, arrived)

    @staticmethod
    def _is_done(futures: list[Any]) -> bool:
        return not futures or bool(futures[-1].is_done)

    def _arrives(self, future: Any) -> bool:
        began = time.monotonic()
        limit_s = (DELIVERY_TIMEOUT_MS + REQUEST_TIMEOUT_MS) / 1000
        while not future.is_done and not self._stuck:
            with suppress(KafkaError):
                future.get(timeout=_LOOK_S)
            # kafka-python 3.0.12 never completes some futures when the broker goes while a request is
            # under way. One such wait is enough: what is not acknowledged by then is undelivered.
            waited_s = time.monotonic() - began
            self._stuck = not future.is_done and waited_s > (CLOSE_S if self._hurried() else limit_s)
        if future.succeeded():
            return True
        self.fail(future.exception or TimeoutError("Kafka did not acknowledge what was sent"))
        return False

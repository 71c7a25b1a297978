"""The rows of a call log to the site's topic: keyed by contact, acknowledged by all replicas, each delivery checked."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kafka.errors import KafkaError

from ingest import producer as kafka_producer
from ingest.importing.errors import ImportProblem
from ingest.producer import Deliveries, PublishError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kafka import KafkaProducer

    from ingest.importing.stage import Staged
    from models.settings import Settings


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the broker acknowledged. A row is delivered when all its events are."""

    rows: int
    events: int
    error: str | None
    """Why sending stopped early; None when everything was delivered."""


@contextmanager
def connected(settings: Settings, site: str, say: Callable[[str], None]) -> Iterator[KafkaProducer]:
    """A producer for the site's topic. Raises ImportProblem when Kafka refuses for good (credentials, rights)."""
    try:
        with kafka_producer.connected(settings, [site], say) as producer:
            yield producer
    except PublishError as error:
        raise ImportProblem(str(error)) from error


def publish(
    producer: KafkaProducer, topic: str, rows: Iterable[Staged], progress: Callable[[int, int], None]
) -> Delivery:
    """Send rows in the order given and wait until all are acknowledged. Stops at the first failed delivery.

    `progress` is told rows and events acknowledged so far. The producer stays open.
    """
    delivered_rows = delivered_events = 0

    def settled(events_of_row: int, arrived: int) -> None:
        nonlocal delivered_rows, delivered_events
        delivered_events += arrived
        delivered_rows += arrived == events_of_row

    deliveries = Deliveries[int](settled)
    limit = kafka_producer.IN_FLIGHT_EVENTS
    for row in rows:
        key = row.contact_id.encode()
        futures: list[Any] = []
        try:
            for event in row.events:
                futures.append(producer.send(topic, value=event, key=key))
        except KafkaError as failure:
            deliveries.fail(failure)
        deliveries.add(len(row.events), futures)
        if deliveries.under_way > limit:
            deliveries.settle(limit // 2)
            progress(delivered_rows, delivered_events)
        if deliveries.error is not None:
            break
    deliveries.settle(-1)
    progress(delivered_rows, delivered_events)
    return Delivery(delivered_rows, delivered_events, deliveries.error)

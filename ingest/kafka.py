"""How Backstop speaks to Kafka: connection settings, waiting for a broker, making topics."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.cluster import ClusterMetadata
from kafka.errors import KafkaError, TopicAlreadyExistsError

from models.settings import Settings

Result = TypeVar("Result")

FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 10.0


def client_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments every Kafka client of Backstop is made with."""
    options: dict[str, Any] = {
        "bootstrap_servers": (settings.bootstrap_servers or "").split(","),
        "security_protocol": settings.kafka_security_protocol,
        "client_id": "backstop",
        # Who waits for a broker wants to be told soon; `when_reachable` does the waiting.
        "bootstrap_timeout_ms": 2000,
    }
    if settings.kafka_ssl_cafile:
        options["ssl_cafile"] = str(settings.kafka_ssl_cafile)
    if settings.kafka_sasl_mechanism:
        options["sasl_mechanism"] = settings.kafka_sasl_mechanism
        options["sasl_plain_username"] = settings.kafka_sasl_username
        password = settings.kafka_sasl_password
        options["sasl_plain_password"] = password.get_secret_value() if password else None
    return options


def make_consumer(settings: Settings, **options: Any) -> KafkaConsumer:
    """A consumer that never makes a topic: asking after one somebody deletes must not bring it back."""
    made = KafkaConsumer(**client_options(settings), **options)
    _make_no_topics(made._cluster)
    return made


def make_producer(settings: Settings, **options: Any) -> KafkaProducer:
    """A producer that never makes a topic."""
    made = KafkaProducer(**client_options(settings), **options)
    _make_no_topics(made._metadata)
    return made


def _make_no_topics(metadata: ClusterMetadata) -> None:
    # kafka-python 3.0 takes `allow_auto_create_topics` and does not hand it on to where it is read.
    metadata.config["allow_auto_create_topics"] = False


def when_reachable(
    connect: Callable[[], Result],
    on_wait: Callable[[str, float], None],
    stopped: Callable[[], bool] = lambda: False,
) -> Result | None:
    """Call until it succeeds, waiting ever longer between tries. None when stopped first.

    on_wait is told the reason and the seconds until the next try. Errors Kafka calls final are raised.
    """
    wait_s = FIRST_WAIT_S
    while not stopped():
        try:
            return connect()
        except KafkaError as error:
            if not error.retriable:
                raise
            on_wait(f"{type(error).__name__}: {error}", wait_s)
        until = time.monotonic() + wait_s
        while time.monotonic() < until and not stopped():
            time.sleep(min(0.1, wait_s))
        wait_s = min(wait_s * 2, LONGEST_WAIT_S)
    return None


def ensure_topic(admin: KafkaAdminClient, topic: str, partitions: int) -> bool:
    """Make the topic if it is not there. True when it was made. Replication is the broker's default."""
    if any(found["name"] == topic and not found["error_code"] for found in describe(admin, [topic])):
        return False
    try:
        admin.create_topics([NewTopic(topic, partitions, -1)])
    except TopicAlreadyExistsError:
        return False
    return True


def describe(admin: KafkaAdminClient, topics: list[str] | None = None) -> list[dict[str, Any]]:
    """Topics with `name`, `topic_id` and `partitions`; all of them when none is named."""
    return list(admin.describe_topics(topics))

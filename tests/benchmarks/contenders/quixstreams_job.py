# /// script
# requires-python = ">=3.11"
# dependencies = ["quixstreams==3.28.1", "duckdb==1.5.5", "pandas==3.1.1", "pyarrow==26.0.1"]
# ///
"""quixstreams doing its simplest Kafka-to-DuckDB job: JSON in, a batching sink, a frame inserted per batch.

It validates, folds and remembers nothing. Arguments: broker, database file, number of events, topics by comma.
Prints `reading` at its first message, since joining a consumer group takes long with some brokers. Run with
`uv run --no-project --script`: its dependencies do not go together with ours.
"""

import json
import sys
import time
from typing import Any

import duckdb
import pandas as pd
from quixstreams import Application
from quixstreams.sinks import BatchingSink, SinkBatch

COLUMNS = ["id", "source", "type", "happened", "subject", "data"]


class DuckSink(BatchingSink):  # type: ignore[misc]
    """Inserts what was gathered at each commit of offsets."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.db = duckdb.connect(path)
        self.db.execute(f"create table event ({' varchar, '.join(COLUMNS)} varchar)")

    def add(self, *arguments: Any, **named: Any) -> None:
        """Say that it begins, once."""
        print("reading", flush=True)
        self.add = super().add  # type: ignore[method-assign]
        super().add(*arguments, **named)

    def write(self, batch: SinkBatch) -> None:
        """Insert a batch."""
        values = [item.value for item in batch]
        rows = [(e["id"], e["source"], e["type"], e["time"], e["subject"], json.dumps(e["data"])) for e in values]
        frame = pd.DataFrame(rows, columns=COLUMNS)  # noqa: F841 - DuckDB finds it by its name
        self.db.execute("insert into event select * from frame")


def main(broker: str, path: str, total: int, topics: list[str]) -> None:
    """Read so many events into the table `event`."""
    app = Application(
        broker,
        consumer_group=f"contender-{time.time_ns()}",
        auto_offset_reset="earliest",
        auto_create_topics=False,
        use_changelog_topics=False,
        commit_every=20_000,
        loglevel="WARNING",
    )
    sink = DuckSink(path)
    for topic in topics:
        app.dataframe(app.topic(topic, value_deserializer="json")).sink(sink)
    app.run(count=total, collect=False)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4].split(","))

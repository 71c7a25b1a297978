"""The loop one writes first: kafka-python, json.loads, a pandas frame inserted into DuckDB.

It validates, folds and remembers nothing. Arguments: broker, database file, number of events, topics by comma.
Prints `reading` when it begins.
"""

import json
import sys

import duckdb
import pandas as pd
from kafka import KafkaConsumer, TopicPartition

COLUMNS = ["id", "source", "type", "happened", "subject", "data"]


def main(broker: str, path: str, total: int, topics: list[str]) -> None:
    """Read so many events into the table `event`."""
    db = duckdb.connect(path)
    db.execute(f"create table event ({' varchar, '.join(COLUMNS)} varchar)")
    consumer = KafkaConsumer(bootstrap_servers=broker, enable_auto_commit=False)
    consumer.assign([TopicPartition(topic, n) for topic in topics for n in range(4)])
    consumer.seek_to_beginning()
    print("reading", flush=True)
    count = 0
    while count < total:
        rows = []
        for batch in consumer.poll(timeout_ms=500, max_records=20_000).values():
            for record in batch:
                e = json.loads(record.value)
                rows.append((e["id"], e["source"], e["type"], e["time"], e["subject"], json.dumps(e["data"])))
        if rows:
            frame = pd.DataFrame(rows, columns=COLUMNS)  # noqa: F841 - DuckDB finds it by its name
            db.execute("insert into event select * from frame")
            count += len(rows)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4].split(","))

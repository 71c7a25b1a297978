"""Playing a world by the clock: to Kafka or a file, with progress."""

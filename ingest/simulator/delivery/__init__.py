"""The way from the floor to Kafka, and what goes wrong on it."""

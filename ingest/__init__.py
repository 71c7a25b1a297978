"""Kafka in, DuckDB out, and the command line. The only package that writes the store."""

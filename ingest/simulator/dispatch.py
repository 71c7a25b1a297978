"""What passes between the simulated floor, its delivery and Kafka: one event on its way."""

from __future__ import annotations

Dispatch = tuple[int, int, str, str]
"""Instant in milliseconds since 1970 (UTC), number of the site in the scenario, key, message text.

The instant is when the event happened where the floor hands it on, and when it is to be sent after the
delivery. Plain tuples, since a hundred thousand of them pass every second.
"""

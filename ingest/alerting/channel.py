"""What a channel is: something that takes a message, or says in words why it did not."""

from __future__ import annotations

from typing import Protocol

from ingest.alerting.message import Message

TIMEOUT_S = 10.0
"""For every step of talking to a receiver."""


class ChannelError(Exception):
    """The message was not taken, or nobody knows whether it was. The text holds no secret."""


class Channel(Protocol):
    """Where messages go."""

    @property
    def name(self) -> str:
        """webhook or mail."""

    def send(self, message: Message) -> str:
        """Send it once; returns what the receiver said. Raises ChannelError."""

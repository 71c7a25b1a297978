"""A thread that sends what the outbox of a channel holds: in order, each attempt written down before and after."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import structlog

from ingest.alerting.channel import Channel, ChannelError
from ingest.alerting.message import Message, message
from ingest.alerting.outbox import Outbox, Unsent
from ingest.room import NoRoomError, look_for_room
from models.settings import Settings

log: Any = structlog.get_logger("alerts")

_LOOK_S = 30.0
"""What is due is known from this process; what is due again is looked for this often."""
_SHORTLY_S = 1.0
_WAIT_FOR_END_S = 3.0


class Sender:
    """Sends until closed. now: the present of the store's clock."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        path: Path,
        channel: Channel,
        settings: Settings,
        now: Callable[[], datetime],
    ) -> None:
        self._connection = connection.cursor()
        self._outbox = Outbox(self._connection, channel.name)
        self._path, self._channel, self._settings, self._now = path, channel, settings, now
        self._woken = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"send {channel.name}", daemon=True)

    def start(self) -> None:
        """Begin with what was left by the last run."""
        self._thread.start()

    def wake(self) -> None:
        """There is something to send."""
        self._woken.set()

    def close(self) -> None:
        """Send no more. A receiver that is slow is not waited for long: what came of it counts as unknown."""
        self._ending.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(_WAIT_FOR_END_S)
        if not self._thread.is_alive():
            self._connection.close()

    def _work(self) -> None:
        first = True
        while not self._ending.is_set():
            try:
                if first:
                    self._outbox.give_up_old(self._now())
                    first = False
                wait_s = self.send_due()
            except (NoRoomError, duckdb.Error) as error:
                if self._ending.is_set():
                    return
                # Without a record of the attempt nothing is sent: it could not be told from one that was not made.
                log.error("alerts not sent, trying again", channel=self._channel.name, error=str(error))
                wait_s = _LOOK_S
            except Exception:
                log.exception("alerts not sent, trying again", channel=self._channel.name)
                wait_s = _LOOK_S
            self._woken.wait(wait_s)
            self._woken.clear()

    def send_due(self) -> float:
        """Try all that is due now. Returns for how many seconds nothing will be. Raises duckdb.Error, NoRoomError."""
        tried = 0
        for unsent in self._outbox.unsent(self._now()):
            if self._ending.is_set() or unsent.not_before > self._now():
                break
            self._try(unsent)
            tried += 1
        # What waited for what was just tried, the clearing for the opening say.
        return _SHORTLY_S if tried else _LOOK_S if not (left := self._until_next()) else left

    def _until_next(self) -> float | None:
        now = self._now()
        next_ = min((unsent.not_before for unsent in self._outbox.unsent(now)), default=None)
        if next_ is None:
            return None
        return min(_LOOK_S, max(_SHORTLY_S, (next_ - now).total_seconds()))

    def _try(self, unsent: Unsent) -> None:
        look_for_room(self._path)
        attempt = self._outbox.begin(unsent, self._now())
        try:
            said, ok = self._channel.send(self._worded(unsent)), True
        except ChannelError as error:
            said, ok = str(error), False
        except Exception as error:
            # A message that cannot be made must not keep others from being sent.
            log.exception("alert cannot be sent", channel=self._channel.name, episode=unsent.episode)
            said, ok = type(error).__name__, False
        given_up = self._outbox.end(unsent, attempt, self._now(), ok=ok, detail=said)
        tell = log.info if ok else log.error if given_up else log.warning
        tell(
            "alert sent" if ok else "alert given up" if given_up else "alert not sent, trying again",
            channel=self._channel.name, key=f"{unsent.episode}-{unsent.event}", attempt=attempt, detail=said,
        )  # fmt: skip

    def _worded(self, unsent: Unsent) -> Message:
        return message(unsent.about, self._settings)

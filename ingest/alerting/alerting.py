"""Alerts beside a running ingest: a thread that holds rules against figures, and one for each channel that sends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import structlog

from ingest.alerting.channel import Channel
from ingest.alerting.could_take import Relief
from ingest.alerting.evaluator import Evaluator
from ingest.alerting.look import Looking
from ingest.alerting.mail import Mail, Server
from ingest.alerting.records import Records
from ingest.alerting.sender import Sender
from ingest.alerting.webhook import Webhook
from ingest.room import NoRoomError, look_for_room
from models.alerts.live import LIVE_BY_NAME
from models.settings import Settings

log: Any = structlog.get_logger("alerts")

EVERY_S = 5.0
_SHARE_OF_TIME = 0.1
"""An evaluation that takes long is made less often, so that no more than this of the time goes into it."""
_AT_LEAST_EVERY_S = 30.0
_UNSEEN_AFTER_S = 90.0
"""Longer than the longest pause there is on purpose."""
_WAIT_FOR_END_S = 10.0


def channels_of(settings: Settings) -> list[Channel]:
    """Where these settings send notifications to."""
    found: list[Channel] = []
    if settings.webhook_url is not None:
        found.append(Webhook(settings.webhook_url.get_secret_value()))
    if settings.smtp_host is not None and settings.mail_from is not None:
        password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
        server = Server(settings.smtp_host, settings.smtp_port, settings.smtp_starttls, settings.smtp_user, password)
        found.append(Mail(server, settings.mail_from, settings.mail_to))
    return found


def evaluator_for(
    connection: duckdb.DuckDBPyConnection, settings: Settings, channels: list[Channel]
) -> Evaluator:  # fmt: skip
    """An evaluator of the rules of these settings, on a cursor that is its thread's own."""
    rules = list(settings.alerts.values())
    watched = {LIVE_BY_NAME[rule.metric].about for rule in rules}
    looking = Looking(connection, with_agents="agents" in watched)
    return Evaluator(
        rules,
        looking,
        Records(connection, [channel.name for channel in channels]),
        Relief(looking, settings.service_level_s),
        timedelta(seconds=_UNSEEN_AFTER_S * settings.clock_speed),
    )


class Alerting:
    """Use as a context, with the store open. behind: whether the store is not what goes on now."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, path: Path, settings: Settings, behind: Callable[[], bool]
    ) -> None:
        self._parent, self._path, self._settings, self._behind = connection, path, settings, behind
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="alerts", daemon=True)
        self._senders: list[Sender] = []
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._evaluator: Evaluator | None = None
        self._has_begun = False
        self.evaluations = 0
        """How many there were."""

    def __enter__(self) -> Self:
        channels = channels_of(self._settings)
        self._connection = self._parent.cursor()
        self._evaluator = evaluator_for(self._connection, self._settings, channels)
        now = self._settings.clock.now
        self._senders = [Sender(self._parent, self._path, channel, self._settings, now) for channel in channels]
        for sender in self._senders:
            sender.start()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join(_WAIT_FOR_END_S)
        for sender in self._senders:
            sender.close()
        if self._connection is not None and not self._thread.is_alive():
            self._connection.close()

    def _work(self) -> None:
        wait_s = 0.0
        while not self._ending.wait(wait_s):
            began = time.monotonic()
            try:
                look_for_room(self._path)
                self._evaluate()
            except (NoRoomError, duckdb.Error) as error:
                if not self._ending.is_set():
                    log.error("alerts not evaluated, trying again", error=str(error))
            except Exception:
                # Ingest goes on without alerts rather than not at all; the log says so again and again.
                log.exception("alerts not evaluated, trying again")
            wait_s = min(max(EVERY_S, (time.monotonic() - began) / _SHARE_OF_TIME), _AT_LEAST_EVERY_S)

    def _evaluate(self) -> None:
        if self._evaluator is None:
            return
        now = self._settings.clock.now()
        due = False
        if not self._has_begun:
            due = self._evaluator.begin(now)
            self._has_begun = True
        due |= self._evaluator.evaluate(now, behind=self._behind())
        self.evaluations += 1
        if due:
            for sender in self._senders:
                sender.wake()

"""A process that holds rules against a store and sends what is due, and that may kill itself at a given step.

python -m tests.alert_child DATA_DIR WEBHOOK_URL SMTP_PORT ROUND [STEP]
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from ingest.alerting import records
from ingest.alerting.alerting import channels_of, evaluator_for
from ingest.alerting.outbox import Outbox
from ingest.alerting.sender import Sender
from ingest.store import Store
from ingest.transaction import transaction
from models.settings import Settings, load_settings, with_secrets

STEPS = (
    "evaluated", "before the commit", "committed", "webhook: attempt kept", "webhook: sent", "webhook: result kept",
    "mail: attempt kept", "mail: sent", "mail: result kept", "all sent",
)  # fmt: skip
RULE = {"metric": "longest_wait_s", "direction": "above", "opens": 300, "clears": 120}


def settings_of(data_dir: Path, url: str, smtp_port: int) -> Settings:
    """Of parent and child alike."""
    return with_secrets(
        load_settings(
            data_dir=data_dir,
            store_port=0,
            alerts={"long_wait": RULE},
            webhook_url=url,
            smtp_host="127.0.0.1",
            smtp_port=smtp_port,
            smtp_starttls=False,
            mail_from="backstop@example.com",
            mail_to=("desk@example.com",),
        )
    )


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _killing(kill_at: str) -> None:
    """Put the kill at its step."""

    def after(step: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def done(self: Any, *arguments: Any, **named: Any) -> Any:
            found = work(self, *arguments, **named)
            if kill_at == (f"{self._channel}: {step}" if isinstance(self, Outbox) else step):
                _kill()
            return found

        return done

    @contextmanager
    def cut_short(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
        with transaction(connection):
            yield
            if kill_at == "before the commit" and _events(connection):
                _kill()

    records.transaction = cut_short  # type: ignore[attr-defined]
    records.Records.write = after("committed", records.Records.write)  # type: ignore[method-assign]
    Outbox.begin = after("attempt kept", Outbox.begin)  # type: ignore[method-assign]
    Outbox.end = after("result kept", Outbox.end)  # type: ignore[method-assign]


def _events(connection: duckdb.DuckDBPyConnection) -> int:
    return int(connection.execute("select count(*) from private.alert_event").fetchall()[0][0])


def main(data_dir: str, url: str, smtp_port: str, round_: str, kill_at: str = "") -> None:
    settings = settings_of(Path(data_dir), url, int(smtp_port))
    store = Store.open(settings)
    channels = channels_of(settings)
    evaluator = evaluator_for(store.connection.cursor(), settings, channels)
    now = settings.clock.now()
    evaluator.begin(now)
    evaluator.evaluate(now, behind=False)
    if kill_at == "evaluated":
        _kill()
    _killing(kill_at)
    evaluator.evaluate(now + timedelta(seconds=1), behind=False)

    def later() -> datetime:
        """Every round is so much later that what failed is due again."""
        return settings.clock.now() + timedelta(hours=5 * int(round_))

    for channel in channels:
        send = channel.send

        def sent(message: Any, send: Callable[..., str] = send, name: str = channel.name) -> str:
            said = send(message)
            if kill_at == f"{name}: sent":
                _kill()
            return said

        channel.send = sent  # type: ignore[method-assign]
        sender = Sender(store.connection, store.path, channel, settings, later)
        sender.send_due()
        sender.close()
    if kill_at == "all sent":
        _kill()
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

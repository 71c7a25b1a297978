"""What is to be sent, and what came of every attempt, so that a kill at any instant loses nothing.

An attempt is written down before it is made and its result after. Killed between the two, nobody knows whether the
message went out: it is sent again, with the same key (`Message.key`), by which a receiver tells a repeat. That is the
only way a message goes out twice. Attempts are spaced further and further, up to hours; after the last the message is
given up, and view `alert_notifications` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from ingest.transaction import transaction

ATTEMPTS = 12
_FIRST_WAIT_S = 10.0
_LONGEST_WAIT_S = 4 * 3600.0
_GIVEN_UP_AFTER = timedelta(days=7)
"""What could not be tried for so long, for want of a configured channel say, is no news any more."""
_SHOWN = 200

_UNSENT = """
    with told as (
        select
            episode,
            event,
            max(attempt) as attempts,
            min("at") as due_at,
            arg_max("at", row(attempt, ok is not null)) as last_at
        from private.alert_sent
        where channel = $channel
        group by episode, event
        having not coalesce(bool_or(ok), false) and not bool_or(is_last)
    )
    select
        t.episode, t.event, t.attempts, t.due_at, t.last_at, e.rule, e.metric, e.direction, e.threshold, e.site,
        e.queue, e.language, e.channel, e."at", e.value, e.n, e.note, e.could_take, o."at" as opened_at
    from told t
    join private.alert_event e on e.episode = t.episode and e.event = t.event
    left join private.alert_event o on o.episode = t.episode and o.event = 'opened'
    -- Of an episode the opening first.
    qualify t.due_at = min(t.due_at) over (partition by t.episode)
    order by t.due_at, t.episode, t.event
"""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A message that has not gone out. event: the row of its event, by column; not_before: when to try next (UTC)."""

    episode: str
    event: str
    attempts: int
    not_before: datetime
    about: dict[str, Any]


def wait_s(attempts: int) -> float:
    """Seconds from one attempt to the next, after so many: 10, 30, 90 and so on up to four hours."""
    return 0.0 if attempts == 0 else min(_FIRST_WAIT_S * 3.0 ** (attempts - 1), _LONGEST_WAIT_S)


class Outbox:
    """Of one channel. Belongs to one thread, with a cursor of its own."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, channel: str) -> None:
        self._connection, self._channel = connection, channel

    def unsent(self, now: datetime) -> list[Unsent]:
        """All that has to go out, in the order in which to try. Raises duckdb.Error."""
        done = self._connection.execute(_UNSENT, {"channel": self._channel})
        names = [column[0] for column in done.description or ()]
        found = []
        for row in done.fetchall():
            about = dict(zip(names, row, strict=True))
            last = about["last_at"].replace(tzinfo=UTC)
            # An attempt in the future was made by a clock that has been put back.
            waited_from = last if last <= now else now - timedelta(seconds=_LONGEST_WAIT_S)
            attempts = about["attempts"]
            not_before = waited_from + timedelta(seconds=wait_s(attempts))
            found.append(Unsent(about["episode"], about["event"], attempts, not_before, about))
        return sorted(found, key=lambda unsent: unsent.not_before > now)

    def begin(self, unsent: Unsent, now: datetime) -> int:
        """Write down that it is tried now. Returns the number of the attempt. Raises duckdb.Error."""
        attempt = unsent.attempts + 1
        self._write(unsent, attempt, now, None, False, "sending")
        return attempt

    def end(self, unsent: Unsent, attempt: int, now: datetime, *, ok: bool, detail: str) -> bool:
        """Write down what came of it. Whether it is given up. Raises duckdb.Error."""
        is_last = not ok and attempt >= ATTEMPTS
        said = f"given up after {attempt} attempts: {detail}" if is_last else detail
        self._write(unsent, attempt, now, ok, is_last, said[:_SHOWN])
        return is_last

    def give_up_old(self, now: datetime) -> int:
        """Give up what was due long ago and never could be sent. Returns how many. Raises duckdb.Error."""
        old = [unsent for unsent in self.unsent(now) if self._is_old(unsent, now)]
        with transaction(self._connection):
            for unsent in old:
                self._write(unsent, unsent.attempts, now, False, True, "given up: it was due too long ago")
        return len(old)

    def _is_old(self, unsent: Unsent, now: datetime) -> bool:
        return bool(now - unsent.about["due_at"].replace(tzinfo=UTC) > _GIVEN_UP_AFTER)

    def _write(self, unsent: Unsent, attempt: int, now: datetime, ok: bool | None, is_last: bool, detail: str) -> None:
        self._connection.execute(
            "insert into private.alert_sent values (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                unsent.episode, unsent.event, self._channel, attempt, now.astimezone(UTC).replace(tzinfo=None), ok,
                is_last, detail,
            ],
        )  # fmt: skip

"""What the store keeps of alerts: states that were last, events of episodes, and what is to be sent of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

import duckdb
import structlog

from ingest.transaction import transaction
from models.alerts.rule import Rule, Scope
from models.alerts.state import Event, State, Transition

log: Any = structlog.get_logger("alerts")

Figure: TypeAlias = tuple[str, Scope]
"""A rule's name and the part of the work it is held against."""

EVENTS = {Event.OPENED: "opened", Event.TOLD: "told", Event.CLOSED: "cleared"}
"""Events by the names the store has for them; acknowledged is the fourth."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one observation changed: the state to be kept (None: as it was), and what happened to the episode."""

    rule: Rule
    scope: Scope
    state: State | None
    value: float | None
    n: float | None
    at: datetime
    told: tuple[Transition, ...] = ()
    could_take: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """An episode that goes on, with the figure it is about."""

    figure: Figure
    episode: str
    metric: str
    direction: str


_ENDED = """
    insert into private.alert_event by name
    select * replace ('cleared' as event, $at::timestamp as "at", null as value, null as n, null as could_take,
        $note as note)
    from private.alert_event
    where episode = $episode and event = 'opened'
"""
# Who was to be told of the opening.
_ENDED_DUE = """
    insert into private.alert_sent
    select distinct episode, 'cleared', channel, 0, $at::timestamp, null::boolean, false, 'due'
    from private.alert_sent
    where episode = $episode and event in ('opened', 'told') and list_contains($channels::varchar[], channel)
"""


class Records:
    """Belongs to one thread, with a cursor of its own. channels: where notifications go to."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, channels: Sequence[str]) -> None:
        self._connection = connection
        self._channels = tuple(channels)

    def states(self) -> dict[Figure, State]:
        """The states that were kept last; one that cannot be read is left out, and the log says so."""
        rows = self._connection.execute(
            "select state from private.alert_state qualify row_number() over (partition by rule, scope "
            "order by rowid desc) = 1"
        ).fetchall()
        found: dict[Figure, State] = {}
        for (written,) in rows:
            try:
                state = State.from_dict(json.loads(written))
            except ValueError as error:
                log.error("the state of an alert cannot be read", state=written[:200], error=str(error))
                continue
            found[state.rule, state.scope] = state
        return found

    def standing(self) -> list[Standing]:
        """Episodes that were opened and not cleared."""
        rows = self._connection.execute(
            "select rule, site, queue, language, channel, episode, metric, direction from private.alert_event "
            "where event = 'opened' "
            "and episode not in (select episode from private.alert_event where event = 'cleared')"
        ).fetchall()
        return [
            Standing(
                (rule, Scope(site=site, queue=queue, language=language, channel=channel)), episode, metric, direction
            )
            for rule, site, queue, language, channel, episode, metric, direction in rows
        ]

    def begin(self, known: Iterable[Figure], ended: Iterable[tuple[str, str]], at: datetime) -> bool:
        """Keep the latest states of known figures only, and clear the episodes (id, why) that have ended meanwhile.

        Whether something is to be sent now. Raises duckdb.Error.
        """
        run = self._connection.execute
        wanted = {(rule, _scope(scope)) for rule, scope in known}
        due = False
        with transaction(self._connection):
            run(
                "delete from private.alert_state where rowid not in "
                "(select max(rowid) from private.alert_state group by rule, scope)"
            )
            there = run("select rule, scope from private.alert_state").fetchall()
            for rule, scope in set(there) - wanted:
                run("delete from private.alert_state where rule = ? and scope = ?", [rule, scope])
            for episode, why in ended:
                bound = {"episode": episode, "at": _naive(at)}
                run(_ENDED, bound | {"note": why})
                due |= bool(run(_ENDED_DUE, bound | {"channels": list(self._channels)}).fetchall()[0][0])
        return due

    def write(self, changes: Sequence[Change]) -> bool:
        """All of it in one transaction. Whether something is to be sent now. Raises duckdb.Error."""
        if not changes:
            return False
        due = False
        with transaction(self._connection):
            for change in changes:
                if change.state is not None:
                    self._write_state(change, change.state)
                for transition in change.told:
                    if transition.event is not None:
                        self._write_event(change, transition)
                        due |= self._write_due(transition)
        return due

    def _write_state(self, change: Change, state: State) -> None:
        self._connection.execute(
            "insert into private.alert_state values (?, ?, ?, ?, ?, ?)",
            [
                _naive(change.at), state.rule, _scope(state.scope), json.dumps(state.to_dict()), change.value,
                change.n,
            ],
        )  # fmt: skip

    def _write_event(self, change: Change, transition: Transition) -> None:
        if transition.event is None:
            return
        rule, opened = change.rule, transition.event is Event.OPENED
        values: dict[str, Any] = {
            "episode": transition.episode,
            "rule": rule.name,
            "metric": rule.metric,
            "direction": rule.direction,
            "threshold": rule.clears if transition.event is Event.CLOSED else rule.opens,
            **change.scope.model_dump(),
            "event": EVENTS[transition.event],
            "at": _naive(transition.at),
            "value": transition.value,
            "n": transition.n,
            "could_take": json.dumps(change.could_take) if opened and change.could_take is not None else None,
        }
        names = ", ".join(f'"{name}"' for name in values)
        self._connection.execute(
            f"insert into private.alert_event ({names}) values ({', '.join('?' * len(values))})", list(values.values())
        )

    def _write_due(self, transition: Transition) -> bool:
        if not (transition.notify and transition.event):
            return False
        for channel in self._channels:
            self._connection.execute(
                "insert into private.alert_sent values (?, ?, ?, 0, ?, null, false, 'due')",
                [transition.episode, EVENTS[transition.event], channel, _naive(transition.at)],
            )
        return bool(self._channels)


def _scope(scope: Scope) -> str:
    return json.dumps(scope.model_dump(), sort_keys=True)


def _naive(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)

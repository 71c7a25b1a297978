"""Alerts on the live desk: what goes on, why, who looks after it, and acknowledging over the socket."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dashboard.live import alert_words as said
from tests.dashboard_store import Contact, Server, Site, add_contacts, add_quarter_hours, add_sites, create
from tests.test_dashboard_contacts import links
from tests.test_dashboard_pages import live, markdown, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = datetime.now(UTC).replace(tzinfo=None)
TAKE = {
    "idle": 3,
    "pools": [
        {"queue": "[Billing](x)", "language": "de", "waiting": 4, "offered_per_hour": 8.0, "calls_per_hour": 8.0,
         "sites": [{"site": "berlin", "idle": 3, "at_work": 5, "erlangs": 2.0, "more_erlangs": 1.0,
                    "service_level": 0.9, "service_level_then": 0.62}]},
    ],
}  # fmt: skip
pytestmark = pytest.mark.usefixtures("fresh_caches")


def told(episode: str, event: str, ago_s: float, **more: Any) -> dict[str, Any]:
    about = {
        "episode": episode, "rule": "waits", "site": "manila", "metric": "longest_wait_s", "direction": "above",
        "event": event, "at": NOW - timedelta(seconds=ago_s), "value": 95.0, "n": 4.0, "threshold": 60.0,
    }  # fmt: skip
    return about | more


@pytest.fixture
def serve(tmp_path: Path, serve_file: Callable[[Path], Server]) -> Callable[..., Server]:
    """Serves a store with somebody waiting and these rows of alert events."""

    def start(*events: dict[str, Any]) -> Server:
        path = tmp_path / "backstop.duckdb"
        connection = create(path)
        add_sites(connection, [Site("berlin", "Berlin", "Own", True), Site("manila", "**Manila**", "Northwind")])
        add_quarter_hours(connection, {NOW.year - 1, NOW.year})
        waits = Contact("manila", (NOW - timedelta(seconds=95)).replace(tzinfo=UTC), "waiting", 0, None, None)
        add_contacts(connection, [waits], NOW.replace(tzinfo=UTC))
        for event in events:
            names = ", ".join(f'"{name}"' for name in event)
            marks = ", ".join(f"${n + 1}" for n in range(len(event)))
            connection.execute(f"insert into private.alert_event ({names}) values ({marks})", list(event.values()))
        connection.close()
        return serve_file(path)

    return start


def test_what_goes_on_is_shown_with_reason_relief_and_a_way_to_its_contacts(serve: Callable[..., Server]) -> None:
    serve(told("e1", "opened", 120, queue="<b>q</b>", could_take=json.dumps(TAKE)))
    app = live()
    shown = texts(app)
    assert "Longest wait 1 min 35 s, limit 1 min 00 s" in shown
    assert "**Manila** · <b>q</b>" in shown
    assert (
        "[Billing](x), de: 3 free at Berlin; with all of it the service level there would go from 90% to 62%" in shown
    )
    assert "[Billing](x)" not in markdown(app)
    query = links(app)[said.CONTACTS]
    assert (query["site"], query["measure"], query["queue"]) == (["manila"], ["waiting"], ["<b>q</b>"])


def test_what_has_cleared_is_in_the_table_alone(serve: Callable[..., Server]) -> None:
    serve(told("e1", "opened", 500), told("e1", "cleared", 60, value=10.0))
    app = live()
    assert "Longest wait 1 min 35 s" not in texts(app)
    table = app.dataframe[-1].value
    assert table["state"].tolist() == [said.STATES["cleared"]]


def test_who_looks_after_it_is_said(serve: Callable[..., Server]) -> None:
    serve(told("e1", "opened", 500), told("e1", "acknowledged", 60, name="Ada", note="calling them"))
    app = live()
    assert "Ada looks after it since" in texts(app)
    assert "calling them" in texts(app)
    assert not [button for button in app.button if button.label == said.ACKNOWLEDGE]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[list[dict[str, Any]]]:
    """Something that listens where ingest would, and writes down what it is asked."""
    asked: list[dict[str, Any]] = []
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(tmp_path / "desk.sock"))
        listener.listen()

        def answer() -> None:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client, client.makefile("rwb") as both:
                asked.append(json.loads(both.readline()))
                both.write(b'{"result": null}\n')

        threading.Thread(target=answer, daemon=True).start()
        yield asked


def form(app: Any, name: str) -> Any:
    app.text_input(key="ack-name-e1").set_value(name)
    app.text_area(key="ack-note-e1").set_value("on it")
    (send,) = [button for button in app.button if button.label == said.ACKNOWLEDGE]
    return send.click().run()


def test_acknowledging_asks_ingest_with_name_and_note(serve: Callable[..., Server], desk: list[dict[str, Any]]) -> None:
    serve(told("e1", "opened", 120))
    app = form(live(), "  Ada ")
    assert not app.exception
    assert desk == [{"command": "acknowledge", "args": {"episode": "e1", "name": "Ada", "note": "on it"}}]


def test_a_name_is_needed_and_ingest_that_is_away_is_said(serve: Callable[..., Server]) -> None:
    serve(told("e1", "opened", 120))
    app = form(live(), "  ")
    assert [element.value for element in app.warning] == [said.NAME_NEEDED]
    app = form(live(), "Ada")
    assert "Not acknowledged: ingest cannot be reached" in texts(app)

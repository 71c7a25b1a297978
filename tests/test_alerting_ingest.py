"""The real ingest: an alert of events from a broker reaches a webhook and a mailbox, and a page acknowledges it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.live.acknowledge import acknowledge
from ingest.alerting.alerting import Alerting
from ingest.store import Store
from models.settings import Settings
from tests.alert_desk import mailbox, receiver
from tests.builders import event
from tests.ingesting import Ingest, ask
from tests.pipelines import HasAddress, Site, settings_for, wait_until
from tests.rolled import commit

Make = Callable[..., Settings]
WAITING = {"metric": "waiting", "direction": "above", "opens": 1, "clears": 0}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def now(seconds_ago: float = 0) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds_ago)).isoformat()


def bodies(fact: str, count: int = 2) -> list[dict[str, Any]]:
    return [event(fact, f"c{n}") | {"time": now(5 if fact == "offered" else 0)} for n in range(count)]


@pytest.mark.slow
def test_an_alert_is_told_acknowledged_and_cleared(broker: HasAddress, make_settings: Make, tmp_path: Path) -> None:
    site = Site(broker)
    settings = settings_for(make_settings, site)
    data_dir = tmp_path / "running"
    with receiver() as web, mailbox() as box:
        running = Ingest(
            settings, data_dir, alerts=json.dumps({"queue": WAITING}), webhook_url=web.url, smtp_host="127.0.0.1",
            smtp_port=box.port, smtp_starttls="false", mail_from="b@example.com", mail_to="a@example.com,c@example.com",
        )  # fmt: skip
        try:
            running.wait_until_said("partitions taken up")
            site.send(*bodies("offered"))
            wait_until(lambda: web.posted and box.letters, "both to be told")
            (episode,) = {posted.body["episode"] for posted in web.posted}
            acknowledge(data_dir, episode, "Ann", "on it")
            site.send(*bodies("answered"))
            wait_until(lambda: len(web.posted) == len(box.letters) == 2, "the clearing to be told")
            assert [posted.key for posted in web.posted] == [f"{episode}-opened", f"{episode}-cleared"]
            assert web.url not in running.said()
            running.stop()
        finally:
            running.kill() if running.process.poll() is None else None
        assert ask(data_dir, "select rule, site, state, acknowledged_by, note from alerts") == [
            ("queue", site.name, "cleared", "Ann", "on it")
        ]
        found = ask(data_dir, "select event, channel, attempts, state from alert_notifications order by all")
        assert found == [
            (event_, channel, 1, "sent") for event_ in ("cleared", "opened") for channel in ("mail", "webhook")
        ]
        assert not (data_dir / "desk.sock").exists()


def test_while_ingest_is_behind_nothing_opens(make_settings: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.alerting.alerting.EVERY_S", 0.05)
    monkeypatch.setattr("ingest.alerting.alerting._SHARE_OF_TIME", 1.0)
    store = Store.open(make_settings(alerts={"queue": WAITING}))
    commit(store, bodies("offered"))
    is_behind = True
    with Alerting(store.connection, store.path, store.settings, lambda: is_behind) as alerting:
        wait_until(lambda: alerting.evaluations > 3, "some evaluations")
        assert store.connection.cursor().execute("select count(*) from alerts").fetchall() == [(0,)]
        is_behind = False
        wait_until(
            lambda: store.connection.cursor().execute("select count(*) from alerts").fetchall() == [(1,)], "an alert"
        )
    store.close()


def test_trouble_in_an_evaluation_ends_neither_ingest_nor_alerts(
    make_settings: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ingest.alerting.alerting.EVERY_S", 0.05)
    monkeypatch.setattr("ingest.alerting.alerting._SHARE_OF_TIME", 1.0)
    store = Store.open(make_settings(alerts={"queue": WAITING}))
    commit(store, bodies("offered"))
    failing = iter([KeyError("what nobody expected")] * 3)

    def behind() -> bool:
        for error in failing:
            raise error
        return False

    with Alerting(store.connection, store.path, store.settings, behind):
        wait_until(
            lambda: store.connection.cursor().execute("select count(*) from alerts").fetchall() == [(1,)], "an alert"
        )
    assert "alerts not evaluated, trying again" in "".join(capsys.readouterr())
    store.close()

"""Rules and channels as configured: what is accepted, and what is refused with the field that is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.alerts.live import LIVE_BY_NAME
from models.settings import SettingsError, load_settings

RULE = {"metric": "waiting", "direction": "above", "opens": 5, "clears": 2}
MAIL = {"SMTP_HOST": "mail.example.com", "MAIL_FROM": "backstop@example.com", "MAIL_TO": "desk@example.com"}


def given(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"BACKSTOP_{name}", value)


def test_without_rules_there_are_three_and_an_empty_table_means_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(load_settings().alerts) == ["long_wait", "low_service_level", "silent_feed"]
    given(monkeypatch, ALERTS="{}")
    assert load_settings().alerts == {}


def test_rules_in_the_file_replace_them_and_have_the_name_of_their_table() -> None:
    Path("backstop.toml").write_text(
        '[alerts."Queue is long"]\nmetric = "waiting"\ndirection = "above"\nopens = 5\nclears = 2\n'
        'scope = { site = "south" }\nquiet = [{ days = "Sat,Sun", begins = "20:00", ends = "08:00" }]\n'
    )
    (rule,) = load_settings().alerts.values()
    assert (rule.name, rule.metric, rule.scope.site, len(rule.quiet)) == ("Queue is long", "waiting", "south", 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"metric": "wating"}, "alerts.busy: .*metric: no live figure 'wating'; did you mean waiting?"),
        ({"metric": "nps"}, f"Expected one of {', '.join(LIVE_BY_NAME)}"),
        ({"clears": 5}, r"alerts.busy: .*clears to be below opens \(5\)"),
        ({"opens": -1, "clears": -2}, "alerts.busy: .*opens: -1 is out of reach of waiting; expected 0 or more"),
        ({"min_n": 3}, "alerts.busy: .*min_n: waiting is no share"),
        ({"periods": {"bad": 1, "of": 2, "good": 1}}, "alerts.busy: .*periods: a live figure has none"),
        (
            {"metric": "occupancy", "opens": 90, "clears": 80},
            "opens: 90 is out of reach of occupancy; expected",
        ),
        (
            {"metric": "available_agents", "scope": {"queue": "billing"}},
            "alerts.busy: .*scope.queue: available_agents is known by site only",
        ),
        ({"name": "other"}, "alerts: .*busy.name: 'other' is another name"),
        ({"hold": 3}, "alerts.busy.hold: Extra inputs"),
        ({"direction": "up"}, "alerts.busy.direction: "),
        ({"zone": "Mars/Olympus"}, "alerts.busy.zone: .*not an IANA time zone"),
    ],
)
def test_a_rule_that_cannot_be_held_is_refused_by_name_and_key(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], said: str
) -> None:
    given(monkeypatch, ALERTS=json.dumps({"busy": RULE | change}))
    with pytest.raises(SettingsError, match=said):
        load_settings()


def test_a_rule_without_a_threshold_is_told_which(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, ALERTS=json.dumps({"busy": {k: v for k, v in RULE.items() if k != "clears"}}))
    with pytest.raises(SettingsError, match=r"alerts.busy.clears: Field required"):
        load_settings()


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://example.com/x", "https://", "http://host/with space", "https://host/line\nbreak",
        "https://user:hunter2@example.com/x", "javascript:alert(1)", "https://host:99999/x", "nothing",
    ],
)  # fmt: skip
def test_an_address_that_is_not_of_the_web_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    given(monkeypatch, WEBHOOK_URL=url)
    with pytest.raises(SettingsError, match="webhook_url: ") as refused:
        load_settings()
    assert url.removeprefix("https://") not in str(refused.value) or url == "https://"
    assert "hunter2" not in str(refused.value)


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, **MAIL, WEBHOOK_URL="https://hooks.example.com/T/SECRET", SMTP_USER="u", SMTP_PASSWORD="SECRET")
    settings = load_settings()
    assert "SECRET" not in repr(settings)
    assert settings.webhook_url is not None
    assert settings.webhook_url.get_secret_value().endswith("SECRET")


def test_receivers_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, **MAIL | {"MAIL_TO": "a@example.com, b@example.com"})
    assert load_settings().mail_to == ("a@example.com", "b@example.com")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"MAIL_FROM": ""}, "mail_from"),
        ({"MAIL_TO": ""}, "mail_to: needed with smtp_host"),
        ({"MAIL_TO": "desk@example.com\r\nBcc: all@example.com"}, r"mail_to.0: .*is not an e-mail address"),
        ({"MAIL_TO": "Desk <desk@example.com>"}, "mail_to.0: "),
        ({"MAIL_FROM": "nobody"}, "mail_from: .*is not an e-mail address"),
        ({"MAIL_FROM": "a@b@c"}, "mail_from: "),
        ({"SMTP_USER": "u"}, "smtp_password: expected both"),
        ({"SMTP_USER": "u", "SMTP_PASSWORD": "p", "SMTP_STARTTLS": "false"}, "smtp_starttls: "),
        ({"SMTP_PORT": "0"}, "smtp_port: "),
    ],
)
def test_settings_of_e_mail_that_do_not_fit_together_are_refused(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, str], said: str
) -> None:
    given(monkeypatch, **MAIL | change)
    with pytest.raises(SettingsError, match=said):
        load_settings()

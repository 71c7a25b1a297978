"""Notifications arrive as they should, are tried again when they do not, and names in them are nothing but text."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.header import decode_header, make_header
from typing import Any

import pytest

from ingest.alerting.alerting import channels_of
from ingest.alerting.channel import Channel, ChannelError
from ingest.alerting.mail import Mail, Server
from ingest.alerting.message import Message, amount, clean, duration, message
from ingest.alerting.outbox import ATTEMPTS, Outbox, wait_s
from ingest.alerting.sender import Sender
from ingest.alerting.webhook import Webhook, payload
from ingest.store import Store
from models.settings import Settings
from tests.alert_desk import Mailbox, mailbox, receiver
from tests.builders import T0
from tests.pipelines import wait_until

Make = Callable[..., Settings]
EVIL = (
    "<!channel> <https://evil.example|click> *bold* _x_ `y` @here :smile: [a](http://evil.example) www.evil.example\r\n"
    "Bcc: all@evil.example\r\n\r\nbody\x1b[31m\u202egnp.exe\x00"
)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


class Now:
    """A clock for attempts."""

    def __init__(self) -> None:
        self.at = T0

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def add(store: Store, episode: str, event: str, channels: tuple[str, ...], at: datetime = T0, **more: Any) -> None:
    """An event as the evaluator leaves it, due on channels."""
    values: dict[str, Any] = {
        "episode": episode, "rule": "long_wait", "metric": "longest_wait_s", "direction": "above",
        "threshold": 300.0, "site": "south", "event": event, "at": at.replace(tzinfo=None), "value": 412.0, "n": 3.0,
    } | more  # fmt: skip
    names = ", ".join(f'"{name}"' for name in values)
    store.connection.execute(
        f"insert into private.alert_event ({names}) values ({', '.join('?' * len(values))})", list(values.values())
    )
    for channel in channels:
        store.connection.execute(
            "insert into private.alert_sent values (?, ?, ?, 0, ?, null, false, 'due')",
            [episode, event, channel, at.replace(tzinfo=None)],
        )


def sender(store: Store, channel: Channel, now: Callable[[], datetime]) -> Sender:
    return Sender(store.connection, store.path, channel, store.settings, now)


def states(store: Store) -> list[tuple[str, str, int, str]]:
    query = "select event, channel, attempts, state from alert_notifications order by event, channel"
    return [tuple(row) for row in store.connection.execute(query).fetchall()]


def said(**about: Any) -> Message:
    told: dict[str, Any] = {
        "episode": "e1", "event": "opened", "rule": "long_wait", "metric": "longest_wait_s", "direction": "above",
        "threshold": 300.0, "site": "south", "queue": None, "language": None, "channel": None,
        "at": T0.replace(tzinfo=None), "value": 412.0, "n": 3.0, "note": None, "could_take": None,
        "opened_at": T0.replace(tzinfo=None),
    }  # fmt: skip
    return message(told | about, Settings(sites={"south": {"name": about.pop("name", "Manila")}}))


@contextmanager
def mail_to(box: Mailbox) -> Iterator[Mail]:
    yield Mail(
        Server("127.0.0.1", box.port, starttls=False), "backstop@example.com", ("a@example.com", "b@example.com"), 5
    )


# --- what is said ------------------------------------------------------------------------------------------


def test_a_message_says_what_where_and_how_bad() -> None:
    opened = said(queue="Billing", language="de")
    assert opened.title == "Alert: Longest wait at Manila, Billing, de is 6 min 52 s, above 5 min"
    assert opened.lines == ("Rule long_wait, 2026-03-02 09:00 UTC", "Episode e1")
    cleared = said(event="cleared", at=(T0 + timedelta(minutes=14)).replace(tzinfo=None), value=3.0, n=0.0)
    assert cleared.title == "Cleared after 14 min: Longest wait at Manila"
    assert "It is 3 s now" in cleared.lines
    share = said(metric="recent_service_level", direction="below", value=0.512, threshold=0.6, n=41.0)
    assert share.title == "Alert: Service level, 30 minutes at Manila is 51.2 %, below 60.0 %"
    assert "Of 41 contacts" in share.lines


def test_what_in_house_could_take_is_said_by_queue() -> None:
    told = (
        '{"idle": 3, "pools": [{"queue": "Billing", "language": "de", "waiting": 6, "offered_per_hour": 60, "sites": '
        '[{"site": "home", "idle": 3, "at_work": 12, "erlangs": 8, "more_erlangs": 5, "service_level": 0.97, '
        '"service_level_then": 0.71}]}]}'
    )
    assert (
        "Billing, de: 3 free at home; with all of it the service level there would go from 97 % to 71 %"
        in said(could_take=told).lines
    )
    assert "In-house: nobody is free who has handled what waits" in said(could_take='{"idle": 0, "pools": []}').lines


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (412, "6 min 52 s"),
        (3600, "1 h"),
        (11_100, "3 h 5 min"),
        (187_200, "2 d 4 h"),
    ],
)
def test_durations_read_well(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_amounts_have_their_unit() -> None:
    assert [amount(0.5, "share"), amount(14, "contacts"), amount(None, "share")] == ["50.0 %", "14", "unknown"]


# --- the webhook -------------------------------------------------------------------------------------------


def test_a_webhook_gets_text_and_plain_blocks_with_the_key_twice(store: Store) -> None:
    with receiver() as web:
        add(store, "e1", "opened", ("webhook",))
        now = Now()
        sending = sender(store, Webhook(web.url), now)
        sending.send_due()
        sending.send_due()
        (posted,) = web.posted
        assert posted.key == posted.body["idempotency_key"] == "e1-opened"
        assert (posted.body["episode"], posted.body["event"]) == ("e1", "opened")
        assert posted.path == "/services/T0/SECRET"
        texts = [posted.body["blocks"][0]["text"], *posted.body["blocks"][1]["elements"]]
        assert {text["type"] for text in texts} == {"plain_text"}
        assert states(store) == [("opened", "webhook", 1, "sent")]
        sending.close()


def test_no_name_becomes_markup_a_mention_or_a_link() -> None:
    body = payload(said(site=EVIL, queue=EVIL))
    assert not set(body["text"].split(":", 1)[1]) & set("<>*_`@[]|\r\n\x1b\x00\u202e&#")
    assert "evil.example" not in body["text"]
    assert body["parse"] == "none"
    assert body["mrkdwn"] is False
    assert body["link_names"] is False
    for block in body["blocks"]:
        for text in [block["text"]] if "text" in block else block["elements"]:
            assert (text["type"], text["emoji"]) == ("plain_text", False)
            assert "\x1b" not in text["text"]
            assert "\u202e" not in text["text"]
    assert "\n" not in body["blocks"][0]["text"]["text"]


def test_rule_names_are_text_too() -> None:
    body = payload(said(rule="<!here>", metric="made_up"))
    assert body["blocks"][1]["elements"][0]["type"] == "plain_text"
    assert "<!here>" not in body["text"]


def test_a_redirect_is_a_failure_and_is_not_followed() -> None:
    with receiver() as web, receiver() as elsewhere:
        for status in (301, 302, 303, 307, 308):
            web.answers = [(status, {"Location": elsewhere.url}, b"")]
            with pytest.raises(ChannelError, match=f"answered {status}: redirects are not followed"):
                Webhook(web.url).send(said())
        assert elsewhere.posted == []


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        ((404, {}, b"no_service"), "answered 404: no_service"),
        ((500, {}, b"<html>/services/T0/SECRET</html>"), "answered 500"),
        ((429, {"Retry-After": "30"}, b"rate_limited"), "answered 429: rate_limited"),
    ],
)
def test_a_refusal_is_told_without_the_address(answer: tuple[int, dict[str, str], bytes], detail: str) -> None:
    with receiver() as web:
        web.answers = [answer]
        with pytest.raises(ChannelError) as refused:
            Webhook(web.url).send(said())
        assert str(refused.value) == detail


def test_nobody_there_and_nobody_who_answers_are_told_without_the_address() -> None:
    with receiver() as web:
        gone = web.url
    with pytest.raises(ChannelError, match=r"^ConnectionRefusedError: Connection refused$"):
        Webhook(gone).send(said())
    with receiver() as web:
        web.wait = threading.Event()
        with pytest.raises(ChannelError, match=r"^no answer in time$"):
            Webhook(web.url, timeout_s=0.3).send(said())
    with pytest.raises(ChannelError) as refused:
        Webhook("http://no-such-host.invalid/SECRET").send(said())
    assert "SECRET" not in str(refused.value)


# --- e-mail ------------------------------------------------------------------------------------------------


def test_a_letter_goes_to_all_and_its_id_is_the_same_each_time() -> None:
    with mailbox() as box, mail_to(box) as mail:
        assert mail.send(said()) == "taken"
        mail.send(said())
        mail.send(said(event="cleared"))
        first, again, cleared = box.letters
        assert first["Message-ID"] == again["Message-ID"] == "<e1-opened@example.com>"
        assert cleared["In-Reply-To"] == "<e1-opened@example.com>"
        assert first["To"] == "a@example.com, b@example.com"
        assert box.recipients[0] == ["a@example.com", "b@example.com"]
        assert first["Subject"] == said().title
        assert "Rule long_wait" in str(first.get_payload())


def test_no_name_becomes_a_header() -> None:
    with mailbox() as box, mail_to(box) as mail:
        mail.send(said(site=EVIL, queue="ümlaut\nX-Evil: 1", rule=EVIL))
        (letter,) = box.letters
        assert letter["Bcc"] is None
        assert letter["X-Evil"] is None
        assert box.recipients == [["a@example.com", "b@example.com"]]
        assert "ümlaut X-Evil: 1" in str(make_header(decode_header(letter["Subject"])))


@pytest.mark.parametrize(
    ("refuse", "detail"),
    [
        ({"MAIL": b"451 later, secret"}, "SMTPSenderRefused 451"),
        ({"RCPT": b"550 nobody"}, r"all recipients refused \(550\)"),
        ({"AFTER": b"554 no"}, "SMTPDataError 554"),
    ],
)
def test_a_letter_that_is_not_taken_is_told_by_its_code(refuse: dict[str, bytes], detail: str) -> None:
    with mailbox() as box, mail_to(box) as mail:
        box.refuse = refuse
        with pytest.raises(ChannelError, match=f"^{detail}$"):
            mail.send(said())


def test_a_server_that_hangs_up_after_taking_a_letter_has_taken_it() -> None:
    with mailbox() as box, mail_to(box) as mail:
        box.refuse = {"QUIT": b"500 what"}
        assert mail.send(said()) == "taken"


def test_nothing_is_sent_in_the_clear_where_encryption_is_wanted() -> None:
    with mailbox() as box:
        server = Server("127.0.0.1", box.port, starttls=True, user="u", password="hunter2")
        with pytest.raises(ChannelError, match=r"^SMTPNotSupportedError$"):
            Mail(server, "backstop@example.com", ("a@example.com",), 5).send(said())
        assert box.letters == []
        assert not [command for command in box.commands if command.startswith(("AUTH", "MAIL"))]
        assert "hunter2" not in repr(server)


def test_the_channels_are_those_of_the_settings(make_settings: Make) -> None:
    assert channels_of(make_settings()) == []
    both = make_settings(
        webhook_url="https://hooks.example.com/x", smtp_host="mail.example.com", mail_from="a@example.com",
        mail_to=("b@example.com",),
    )  # fmt: skip
    assert [channel.name for channel in channels_of(both)] == ["webhook", "mail"]


# --- again and again ---------------------------------------------------------------------------------------


def test_pauses_between_attempts_grow_to_hours() -> None:
    pauses = [wait_s(attempts) for attempts in range(ATTEMPTS)]
    assert pauses[:4] == [0, 10, 30, 90]
    assert max(pauses) == 4 * 3600
    assert 12 * 3600 < sum(pauses) < 24 * 3600


def test_a_failure_is_tried_again_after_its_pause_and_not_before(store: Store) -> None:
    with receiver() as web:
        add(store, "e1", "opened", ("webhook",))
        now = Now()
        sending = sender(store, Webhook(web.url), now)
        web.answers = [(503, {}, b"")] * 3
        tried = []
        for _ in range(140):
            before = len(web.posted)
            sending.send_due()
            if len(web.posted) > before:
                tried.append((now.at - T0).total_seconds())
            now.pass_(1)
        assert tried == [0, 10, 40, 130]
        assert {posted.key for posted in web.posted} == {"e1-opened"}
        assert states(store) == [("opened", "webhook", 4, "sent")]
        sending.close()


def test_after_the_last_attempt_it_is_given_up_and_readers_see_why(store: Store) -> None:
    with receiver() as web:
        add(store, "e1", "opened", ("webhook",))
        now = Now()
        sending = sender(store, Webhook(web.url), now)
        web.answers = [(404, {}, b"no_service")] * 100
        for _ in range(ATTEMPTS + 5):
            sending.send_due()
            now.pass_(4 * 3600 + 1)
        assert len(web.posted) == ATTEMPTS
        assert states(store) == [("opened", "webhook", ATTEMPTS, "given_up")]
        ((detail,),) = store.connection.execute("select detail from alert_notifications").fetchall()
        assert detail == f"given up after {ATTEMPTS} attempts: answered 404: no_service"
        sending.close()


def test_an_episode_is_told_in_order_and_one_that_fails_holds_up_no_other(store: Store) -> None:
    with receiver() as web:
        add(store, "e1", "opened", ("webhook",))
        add(store, "e1", "cleared", ("webhook",), T0 + timedelta(seconds=5))
        add(store, "e2", "opened", ("webhook",), T0 + timedelta(seconds=1))
        now = Now()
        now.pass_(5)
        sending = sender(store, Webhook(web.url), now)
        web.answers = [(500, {}, b"")]
        sending.send_due()
        assert [posted.key for posted in web.posted] == ["e1-opened", "e2-opened"]
        now.pass_(10)
        sending.send_due()
        sending.send_due()
        assert [posted.key for posted in web.posted[2:]] == ["e1-opened", "e1-cleared"]
        sending.close()


def test_each_channel_has_attempts_of_its_own(store: Store) -> None:
    with receiver() as web, mailbox() as box, mail_to(box) as mail:
        add(store, "e1", "opened", ("mail", "webhook"))
        web.answers = [(500, {}, b"")]
        now = Now()
        both: list[Sender] = [sender(store, Webhook(web.url), now), sender(store, mail, now)]
        for one in both:
            one.send_due()
        assert states(store) == [("opened", "mail", 1, "sent"), ("opened", "webhook", 1, "due")]
        now.pass_(11)
        for one in both:
            one.send_due()
            one.close()
        assert (len(web.posted), len(box.letters)) == (2, 1)


def test_a_clock_put_back_does_not_hold_up_what_is_due(store: Store) -> None:
    with receiver() as web:
        add(store, "e1", "opened", ("webhook",))
        now = Now()
        sending = sender(store, Webhook(web.url), now)
        web.answers = [(500, {}, b"")]
        sending.send_due()
        now.pass_(-86_400)
        sending.send_due()
        assert len(web.posted) == 2
        sending.close()


def test_a_channel_that_is_configured_later_is_not_told_of_what_was_before(store: Store) -> None:
    with mailbox() as box, mail_to(box) as mail:
        add(store, "e1", "opened", ("webhook",))
        sending = sender(store, mail, Now())
        sending.send_due()
        assert box.letters == []
        sending.close()


def test_what_was_due_a_week_ago_is_given_up(store: Store) -> None:
    add(store, "old", "opened", ("webhook",), T0 - timedelta(days=8))
    add(store, "new", "opened", ("webhook",))
    outbox = Outbox(store.connection.cursor(), "webhook")
    assert outbox.give_up_old(T0) == 1
    assert [unsent.episode for unsent in outbox.unsent(T0)] == ["new"]


def test_the_thread_sends_when_woken_and_a_slow_receiver_does_not_hold_up_its_end(store: Store) -> None:
    with receiver() as web:
        sending = sender(store, Webhook(web.url, timeout_s=20), Now())
        sending.start()
        time.sleep(0.3)
        add(store, "e1", "opened", ("webhook",))
        sending.wake()
        wait_until(lambda: web.posted, "the webhook to be told")
        wait_until(lambda: states(store) == [("opened", "webhook", 1, "sent")], "the result to be kept")
        web.wait = threading.Event()
        add(store, "e2", "opened", ("webhook",))
        sending.wake()
        wait_until(lambda: len(web.posted) == 2, "the webhook to be told again")
        began = time.monotonic()
        sending.close()
        assert time.monotonic() - began < 6


def test_names_are_cut_and_stay_on_one_line() -> None:
    assert clean("a\tb\nc \u200bd") == "a b c d"
    assert len(clean("x" * 500)) == 80

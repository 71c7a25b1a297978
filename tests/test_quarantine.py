"""Messages of the quarantine: listed, shown, decoded again once the cause is mended, put aside and taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ingest import cli
from ingest.decoding.decoder import Decoder
from ingest.decoding.messages import Message, Origin
from ingest.migrate import StoreError
from ingest.receipts import Batch, Partition
from ingest.store import Store
from ingest.upkeep import replay as replaying
from ingest.upkeep.quarantine import Aside, Which, dismiss, reopen
from ingest.upkeep.replay import Replayed, replay
from ingest.upkeep.work import Step, finished
from models.settings import Settings
from tests.builders import KEY, T0, answered_call, encoded, event, records

Make = Callable[..., Settings]
Events = list[dict[str, Any] | bytes | None]
NOW = T0 + timedelta(days=30)


class Site:
    """A store with messages of a site in it; the topic can be made anew."""

    def __init__(self, store: Store) -> None:
        self.store, self.offset, self.topic_id = store, 0, "topic-1"

    def send(self, *bodies: dict[str, Any] | bytes | None, decoder: Decoder | None = None) -> None:
        """Commit one batch."""
        (found,) = records(bodies, start=self.offset)
        self.offset += len(bodies)
        origin = Origin("north", "contacts.north", self.topic_id, 0)
        decoded = (decoder or usual()).decode([(origin, found[1])], NOW)
        here = Partition("contacts.north", self.topic_id, 0)
        self.store.commit(Batch(decoded, {here: self.offset}, NOW))

    def rows(self, query: str) -> list[Any]:
        self.store.rollups.run("contacts")
        return self.store.connection.execute(query).fetchall()

    def replay(self, *ids: str, decoder: Decoder | None = None, **which: Any) -> Replayed:
        made = decoder or usual()
        return finished(replay(self.store, lambda: made, Which(list(ids), **which)), lambda _: None)

    def everything(self) -> list[Any]:
        """What readers see, and what is settled."""
        return [
            self.rows(f"from {name} order by all")
            for name in ("contacts", "events", "sites", "site_week", "private.refused", "private.refused_settled")
        ]


def usual() -> Decoder:
    return Decoder(KEY, future_tolerance_s=3600, max_message_bytes=1_000_000)


def strict() -> Decoder:
    """Refuses what is longer than a few bytes: the cause that will be mended."""
    return Decoder(KEY, future_tolerance_s=3600, max_message_bytes=10)


@pytest.fixture
def site(store: Store) -> Site:
    return Site(store)


def test_what_was_refused_for_a_setting_is_accepted_once_that_is_mended(site: Site) -> None:
    site.send(*answered_call("c1"))
    site.send(*answered_call("c2"), b"{", decoder=strict())
    assert site.rows("select count(*) from contacts") == [(1,)]
    done = site.replay()
    assert (done.messages, done.replayed, done.accepted, done.repeats, done.still_refused) == (5, 4, 4, 0, 1)
    assert site.rows("select contact_id, outcome, wait_s from contacts order by 1") == [
        ("c1", "answered", 10.0),
        ("c2", "answered", 10.0),
    ]
    assert site.rows("select kafka_offset, how from private.refused_settled order by 1") == [
        (n, "replayed") for n in range(4, 8)
    ]
    (still,) = done.still
    assert (still.location, still.code) == ("contacts.north[0]@8", "not_json")
    assert "contacts.north[0]@8" in still.reason
    assert done.codes == {"not_json": 1}


def test_the_same_numbers_as_if_nothing_had_been_refused(site: Site, make_settings: Make, tmp_path: Any) -> None:
    calls = [e for n in range(20) for e in answered_call(f"c{n}", n * 50)]
    site.send(*calls[:30])
    site.send(*calls[30:], decoder=strict())
    site.replay()
    smooth = Site(Store.open(make_settings(data_dir=tmp_path / "smooth")))
    smooth.send(*calls)
    query = "from contacts order by all"
    assert site.rows(query) == smooth.rows(query)
    week = "select offered, answered, service_level from site_week"
    assert site.rows(week) == smooth.rows(week)
    smooth.store.close()


def test_replaying_twice_changes_nothing(site: Site) -> None:
    site.send(*answered_call("c1"), b"{", decoder=strict())
    site.replay()
    before = site.everything()
    done = site.replay()
    assert site.everything() == before
    assert (done.messages, done.replayed, done.accepted, done.still_refused, done.settled_before) == (1, 0, 0, 1, 4)


def test_what_is_still_refused_is_not_quarantined_twice_nor_counted_twice(site: Site) -> None:
    site.send(b"{", b"[]")
    before = site.everything()
    for _ in range(3):
        assert site.replay().still_refused == 2
    assert site.everything() == before
    assert site.rows("select refused from sites") == [(2,)]


def test_a_replay_of_what_came_again_meanwhile_counts_as_repeats(site: Site) -> None:
    site.send(*answered_call("c1"), decoder=strict())
    site.send(*answered_call("c1"))
    contacts = site.rows("from contacts")
    done = site.replay()
    assert (done.replayed, done.accepted, done.repeats) == (4, 0, 4)
    assert site.rows("from contacts") == contacts
    assert site.rows("select count(*) from events") == [(4,)]


def test_positions_are_left_alone(site: Site) -> None:
    site.send(*answered_call("c1"), decoder=strict())
    before = site.store.positions()
    site.replay()
    assert site.store.positions() == before


def test_only_the_messages_meant_are_replayed(site: Site) -> None:
    site.send(*answered_call("c1"), decoder=strict())
    site.send(b"{")
    assert site.replay("contacts.north[0]@1").messages == 1
    assert site.replay(code="not_json").messages == 1
    assert site.replay(site="south").messages == 0
    assert site.replay(site="north", code="too_long").messages == 3
    assert site.rows("select count(*) from events") == [(4,)]


def test_a_name_that_is_nobodys_is_an_error_before_anything_is_done(site: Site) -> None:
    site.send(*answered_call("c1"), decoder=strict())
    with pytest.raises(StoreError, match=r"not in quarantine: contacts.north\[0\]@77; expected topic"):
        site.replay("contacts.north[0]@0", "contacts.north[0]@77")
    assert site.rows("select count(*) from events") == [(0,)]


def test_messages_of_a_topic_made_anew_are_told_apart(site: Site) -> None:
    site.send(event("offered", "c1"), decoder=strict())
    site.topic_id, site.offset = "topic-2", 0
    site.send(event("offered", "c2"), decoder=strict())
    done = site.replay("contacts.north[0]@0")
    assert (done.messages, done.accepted) == (2, 2)
    settled = site.rows("select kafka_topic_id from private.refused_settled order by 1")
    assert settled == [("topic-1",), ("topic-2",)]


def test_a_tombstone_stays_refused_and_removed_bytes_are_said_to_be_removed(site: Site) -> None:
    site.send(None, event("offered", "c1"), decoder=strict())
    site.store.connection.execute("update private.refused set message = null where kafka_offset = 1")
    done = site.replay()
    assert (done.messages, done.codes, done.without_bytes) == (1, {"empty": 1}, 1)
    assert site.rows("from private.refused_settled") == []


def test_a_replay_that_fails_in_the_middle_leaves_a_piece_whole_or_out(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "PIECE_MESSAGES", 3)
    site.send(*(event("offered", f"c{n}") for n in range(9)), decoder=strict())
    made = usual()
    work = replay(site.store, lambda: made, Which())
    assert next(work) == Step(0, 9, "messages decoded again")
    assert next(work) == Step(3, 9, "messages decoded again")

    def broken(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("ingest.receipts._insert", broken)
        with pytest.raises(OSError, match="the disk is full"):
            next(work)
    both = "select (select count(*) from events), (select count(*) from private.refused_settled)"
    assert site.rows(both) == [(3, 3)]
    assert site.replay().accepted == 6
    assert site.rows(both) == [(9, 9)]


def test_pieces_are_bounded_in_bytes_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.send(*(event("offered", f"c{n}") for n in range(6)), decoder=strict())
    size = site.rows("select max(octet_length(message)) from private.refused")[0][0]
    monkeypatch.setattr(replaying, "PIECE_BYTES", 2 * size)
    made, steps = usual(), list[Step]()
    finished(replay(site.store, lambda: made, Which()), steps.append)
    assert [step.done for step in steps] == [0, 2, 4]


def test_what_happens_between_two_pieces_is_respected(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "PIECE_MESSAGES", 2)
    site.send(*(event("offered", f"c{n}") for n in range(6)), decoder=strict())
    made = usual()
    work = replay(site.store, lambda: made, Which())
    next(work)
    assert site.replay().accepted == 6  # Another client was faster.
    assert finished(work, lambda _: None).accepted == 0
    assert site.rows("select count(*) from private.refused_settled") == [(6,)]
    site.send(event("answered", "c0", 9))
    assert site.rows("select count(*) from events") == [(7,)]


def test_after_a_replay_ingest_goes_on_and_a_restart_reads_on(make_settings: Make) -> None:
    settings = make_settings()
    site = Site(Store.open(settings))
    site.send(event("offered", "c1"), decoder=strict())
    site.replay()
    site.send(event("answered", "c1", 9))
    site.store.close()
    site.store = Store.open(settings)
    site.send(event("completed", "c1", 60))
    assert site.rows("select outcome, wait_s, talk_s from contacts") == [("answered", 9.0, 51.0)]
    assert site.replay().settled_before == 1
    site.store.close()


def test_dismissed_messages_are_not_replayed_until_they_are_opened_again(site: Site) -> None:
    site.send(event("offered", "c1"), event("offered", "c2"), decoder=strict())
    one = Which(["contacts.north[0]@0"])
    done = finished(dismiss(site.store, usual, Aside(one, "a test of theirs")), lambda _: None)
    assert (done.messages, done.others) == (1, 0)
    assert finished(dismiss(site.store, usual, Aside(one)), lambda _: None).messages == 0
    assert site.rows("select detail from private.ingest_log where state = 'notice'") == [
        ("1 messages in quarantine dismissed: a test of theirs",)
    ]
    assert site.replay().accepted == 1
    assert finished(reopen(site.store, usual, Which()), lambda _: None).messages == 1
    assert finished(reopen(site.store, usual, Which()), lambda _: None).messages == 0
    assert site.replay().accepted == 1
    done = finished(reopen(site.store, usual, Which()), lambda _: None)
    assert (done.messages, done.others) == (0, 2)


def backstop(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["quarantine", *arguments])


@pytest.fixture
def told(make_settings: Make) -> Settings:
    """A store at rest with two messages nobody can use and one that can be used now."""
    settings = make_settings()
    site = Site(Store.open(settings))
    site.send(b'{"a":"\x1b[31m"}', b"\xff\xfe\x00" + bytes(range(20)))
    site.send(event("offered", "c1", customer_id="anna"), decoder=strict())
    site.store.close()
    return settings


def test_the_list_names_each_message_and_the_reason(told: Settings) -> None:
    result = backstop("list", "--data-dir", str(told.data_dir))
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) == 3
    assert all("contacts.north[0]@" in line for line in lines)
    assert any("too_long" in line and "expected at most 10" in line for line in lines)
    only = backstop("list", "--code", "not_utf8", "--json", "--data-dir", str(told.data_dir))
    (message,) = [json.loads(line) for line in only.stdout.splitlines()]
    assert (message["location"], message["bytes"], message["state"]) == ("contacts.north[0]@1", 23, "open")
    short = backstop("list", "--limit", "1", "--data-dir", str(told.data_dir))
    assert "2 more" in short.stdout


def test_a_message_is_shown_as_text_or_bytes_and_never_as_control_characters(told: Settings) -> None:
    text = backstop("show", "contacts.north[0]@0", "--data-dir", str(told.data_dir)).stdout
    assert r"\x1b[31m" in text
    assert "\x1b" not in text
    dump = backstop("show", "contacts.north[0]@1", "--data-dir", str(told.data_dir)).stdout
    assert "00000000  ff fe 00 00 01 02" in dump
    raw = backstop("show", "contacts.north[0]@1", "--raw", "--data-dir", str(told.data_dir))
    assert raw.stdout_bytes == b"\xff\xfe\x00" + bytes(range(20))
    long = backstop("show", "contacts.north[0]@2", "--data-dir", str(told.data_dir)).stdout
    expected = encoded(event("offered", "c1", customer_id="anna")).decode()
    assert expected in long


def test_replay_exits_1_while_something_stays_refused(told: Settings) -> None:
    result = backstop("replay", "--all", "--data-dir", str(told.data_dir))
    assert result.exit_code == 1
    assert "1 of 3 messages accepted now: 1 new events" in result.stdout
    assert "2 are still refused: not_json 1, not_utf8 1" in result.stdout
    assert backstop("dismiss", "--code", "not_utf8", "--data-dir", str(told.data_dir)).exit_code == 0
    assert backstop("dismiss", "contacts.north[0]@0", "--data-dir", str(told.data_dir)).exit_code == 0
    after = backstop("replay", "--all", "--data-dir", str(told.data_dir))
    assert (after.exit_code, after.stdout) == (0, "nothing to replay (3 were dealt with before)\n")
    assert backstop("list", "--data-dir", str(told.data_dir)).stdout == "nothing in quarantine\n"
    rest = backstop("list", "--all", "--data-dir", str(told.data_dir)).stdout
    assert rest.count("dismissed") == 2
    assert rest.count("replayed") == 1


def test_wrong_use_is_answered_plainly(told: Settings) -> None:
    folder = str(told.data_dir)
    for arguments, said in (
        (["replay", "--data-dir", folder], "which messages?"),
        (["dismiss", "--data-dir", folder], "which messages?"),
        (["show", "contacts.north[0]@99", "--data-dir", folder], "not in quarantine"),
        (["list", "--data-dir", f"{folder}-other"], "no store at"),
    ):
        result = backstop(*arguments)
        assert result.exit_code == 2, result.output
        assert said in result.stderr


@pytest.mark.slow
def test_a_quarantine_of_a_hundred_thousand_goes_in_pieces(site: Site) -> None:
    bodies = [encoded(event("offered", f"c{n}", n % 5000)) for n in range(100_000)]
    origin = Origin("north", "contacts.north", "topic-1", 0)
    refused = strict().decode([(origin, [Message(n, None, body) for n, body in enumerate(bodies)])], NOW)
    site.store.commit(Batch(refused, {Partition("contacts.north", "topic-1", 0): 100_000}, NOW))
    made, steps = usual(), list[Step]()
    done = finished(replay(site.store, lambda: made, Which()), steps.append)
    assert (done.replayed, done.accepted) == (100_000, 100_000)
    assert len(steps) == 20
    assert site.rows("select count(*) from contacts") == [(100_000,)]

"""Refused messages, topics, changes of closed weeks and ingest's log as views; what of a message is never shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.serving import serve
from models.quack import attach_statement, load_statements
from models.schema import reader_sql
from tests.dashboard_store import Contact, Site, add_contacts, add_sites, create, log
from tests.feed_store import add_refused, insert, record_week, settle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 18, 14, 7, tzinfo=UTC)
MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
DAY = timedelta(days=1)
HARMLESS = '{"time":"2026-10-13T09:00:00.123+02:00","wait_s":12.5,"company":"x","mechanic":"y","from_queue":"z"}'
Store = duckdb.DuckDBPyConnection


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with create(tmp_path / "backstop.duckdb") as connection:
        yield connection


@pytest.fixture(scope="module")
def macros() -> Store:
    connection = duckdb.connect()
    connection.execute(next(sql for sql in reader_sql() if "macro masked" in sql))
    return connection


def rows(connection: Store, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def masked(connection: Store, message: str) -> str:
    ((shown,),) = connection.execute("select masked($1)", [message]).fetchall()
    return str(shown)


# --- masked -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ('{"customer_id": "C-1 \\"x\\" y", "queue": "Billing"}', '{"customer_id": •••, "queue": "Billing"}'),
        ('{"Caller":{"n":"J}","a":["x"]},"queue":"B"}', '{"Caller":•••,"queue":"B"}'),
        ('{"caller":{"a":{"b":{"c":1}}},"queue":"x"}', '{"caller":•••'),  # deeper than it can follow: all the rest
        ('{"customer_id":"never clos', '{"customer_id":•••'),
        ('{"from":"sip:jane","to":null,"ani":4,"n":1}', '{"from":•••,"to":•••,"ani":•••,"n":1}'),
        ('{"CustomerEndpoint":{"Address":"a"},"to_queue":"q"}', '{"CustomerEndpoint":•••,"to_queue":"q"}'),
        ("{'phone': 'abc', 'q': 1}", "{'phone': •••, 'q': 1}"),
        ("phone=020 7946&queue=Billing", "phone=•••&queue=Billing"),
        ("CallerIDNum: 555\r\nCallerIDName: Jane Doe\r\nQueue: q", "CallerIDNum: •••\r\nCallerIDName: •••\r\nQueue: q"),
        ("<Caller><Name>Jane</Name></Caller><Queue>q</Queue>", "<Caller><Name>•••</Name></Caller><Queue>q</Queue>"),
        ('{"m":"{\\"customer\\":\\"Jane\\",\\"q\\":1}"}', '{"m":"{\\"customer\\":•••\\",\\"q\\":1}"}'),
        ("write to jane.doe+x@example.com now", "write to ••• now"),
        ("call 12345 or 1234", "call ••• or 1234"),
        ("call +44 20 7946 0958", "call •••"),
        ("call 0171 123 4567", "call •••"),
        ("call (555) 123-4567", "call •••"),
        (HARMLESS, HARMLESS),
        ('{"access_token":"abc","queue":"q"}', '{"access_token":•••,"queue":"q"}'),
        ("", ""),
    ],
)  # fmt: skip
def test_what_may_name_a_customer_is_hidden_and_the_rest_stays(macros: Store, message: str, shown: str) -> None:
    assert masked(macros, message) == shown


@pytest.mark.parametrize("start", range(1960, 2001))
def test_a_number_or_address_cut_in_half_does_not_show_its_first_half(macros: Store, start: int) -> None:
    filler = ("word " * 500)[: start - 1] + " "
    for secret in ("987654321", "jane.doe@example.com"):
        shown = masked(macros, filler + secret + " end" * 50)
        assert len(shown) <= 2000
        assert "98" not in shown
        assert "jane" not in shown


@given(st.text(max_size=200), st.text(alphabet="0123456789", min_size=5, max_size=30))
def test_no_five_digits_in_a_row_are_ever_shown(macros: Store, around: str, digits: str) -> None:
    import re

    shown = masked(macros, around.replace("\0", "") + digits + around[::-1].replace("\0", ""))
    assert not re.search(r"[0-9]{5}", shown)


def test_no_message_has_no_text(macros: Store) -> None:
    assert rows(macros, "select masked(null)") == [(None,)]


@pytest.mark.parametrize(
    ("reason", "shared"),
    [
        ("contacts.a[0]@12345: data.wait_s: expected a number, got 'x y'", "data.wait_s: expected a number, got …"),
        ("message of 12,345 bytes; expected at most 1,000", "message of … bytes; expected at most …"),
        ("expected UTF-8", "expected UTF-8"),
        ("RFC 3339, for example 2026-11-02T09:30:00+00:00, got 'x'", "RFC 3339, for example …, got …"),
        ("time: 7,200 s ahead (2026-11-18T14:07:00Z)", "time: … s ahead (…)"),
    ],
)
def test_reasons_of_one_kind_are_one(macros: Store, reason: str, shared: str) -> None:
    assert macros.execute("select reason_class($1)", [reason]).fetchall() == [(shared,)]


# --- quarantine ---------------------------------------------------------------------------------------------


def test_a_message_is_shown_masked_and_bytes_that_are_no_text_as_such(store: Store) -> None:
    bodies = {
        1: b'{"customer_id":"C1","q":"x"}',
        2: b"\xff\xfe{\x00",
        3: "phone 0044123456".encode("utf-16-le"),
        4: None,
        5: b"",
    }
    for offset, body in bodies.items():
        add_refused(store, "leeds", offset, NOW, body)
    shown = dict(rows(store, "select kafka_offset, message_shown from quarantine"))
    assert shown[1] == '{"customer_id":•••,"q":"x"}'
    assert shown[2] == "not UTF-8: \\xFF\\xFE{"
    assert shown[3] == "phone •••"
    assert shown[4] is None
    assert shown[5] == ""
    assert rows(store, "select location, bytes from quarantine where kafka_offset = 1") == [
        ("contacts.leeds[0]@1", len(bodies[1] or b""))
    ]


def test_of_several_settlements_the_last_counts(store: Store) -> None:
    for offset in (1, 2):
        add_refused(store, "leeds", offset, NOW)
    settle(store, 1, NOW + DAY, "dismissed")
    settle(store, 1, NOW, "replayed")
    found = rows(store, "select kafka_offset, settled_how, settled_at from quarantine order by 1")
    assert found == [(1, "dismissed", (NOW + DAY).replace(tzinfo=None)), (2, None, None)]


def test_the_bytes_of_a_message_are_served_to_nobody(store: Store) -> None:
    add_refused(store, "leeds", 1, NOW, b'{"phone":"+442079460958","say":"secret-word jane@example.com"}')
    served = serve(store, host="localhost", port=0, tokens={"analyst": "analyst-token-000002"}, memory_limit="500MB")
    client = duckdb.connect()
    for statement in load_statements():
        client.execute(statement)
    client.execute(attach_statement(served.address, "analyst-token-000002"))

    def ask(query: str) -> list[tuple[Any, ...]]:
        return client.execute("from store.query($1)", [query]).fetchall()

    try:
        assert "message" not in {name for name, *_ in ask("describe quarantine")}
        assert ask("select message_shown from quarantine") == [('{"phone":•••,"say":"secret-word •••"}',)]
        assert ask("select masked('call 0123456')") == [("call •••",)]
        for query in (
            "select message from quarantine",
            "select message from private.refused",
            "select masked(message) from private.refused",
            "select masked(message) from quarantine",
            "select masked(decode(message)) from refused",
            "from query('select message from private.refused')",
            "select error(message_shown) from quarantine",
            "select (message_shown)::integer from quarantine",
        ):
            with pytest.raises(duckdb.Error) as caught:
                ask(query)
            assert "0958" not in str(caught.value)
            assert "jane" not in str(caught.value)
    finally:
        client.close()
        served.stop()


# --- topics -------------------------------------------------------------------------------------------------


def classify(store: Store, site: str, code: str, first: int, last: int) -> None:
    """Give contacts of a site by number the topic code the site sent."""
    store.execute(
        "update private.contact_version set started = {'at': first_at, 'id': 's', 'channel': 'voice', "
        "'direction': 'inbound', 'language': null, 'topic': $1, 'customer_id': null, 'revision': 0} "
        "where site = $2 and contact_id between $3 and $4",
        [code, site, f"{first:07d}-{site}", f"{last:07d}-{site}"],
    )


def test_codes_that_mean_no_topic_are_listed_with_their_contacts(store: Store) -> None:
    store.execute("create or replace macro present() as timestamp '2026-11-18 14:07:00'")
    old = [Contact("leeds", NOW - 29 * DAY)]
    add_contacts(store, [*(Contact("leeds", NOW - n * timedelta(minutes=1)) for n in range(6)), *old], NOW)
    classify(store, "leeds", "RECH", 0, 2)
    classify(store, "leeds", "X1", 3, 3)
    classify(store, "leeds", "X9", 4, 5)
    classify(store, "leeds", "X8", 6, 6)  # No longer comes.
    assert rows(store, "from unmapped_topics") == []  # no topics are configured
    insert(store, "topic", topic="billing", name="Billing")
    insert(store, "topic", topic="X1", name="A code of the company's own")
    insert(store, "topic_code", site="leeds", code="RECH", topic="billing")
    insert(store, "topic_code", site="other", code="X9", topic="billing")
    naive = NOW.replace(tzinfo=None)
    minute = timedelta(minutes=1)
    assert rows(store, "from unmapped_topics") == [("leeds", "X9", 2, naive - 5 * minute, naive - 4 * minute)]
    assert rows(store, "from topics order by topic")[1] == ("billing", "Billing")


def test_contacts_without_a_topic_are_not_unmapped(store: Store) -> None:
    add_contacts(store, [Contact("leeds", NOW)], NOW)
    insert(store, "topic", topic="billing", name="Billing")
    assert rows(store, "from unmapped_topics") == []


# --- weeks, open contacts, log ------------------------------------------------------------------------------


def test_each_figure_of_a_closed_week_that_moved_is_a_row(store: Store) -> None:
    closed = MONDAY + 7 * DAY
    record_week(store, "leeds", MONDAY, closed, answered=1932, handle_s=100.0)
    assert rows(store, "from week_changes") == []
    record_week(store, "leeds", MONDAY, closed + DAY, answered=1934, handle_s=100.0000001)
    record_week(store, "leeds", MONDAY, closed + 2 * DAY, answered=1933, handle_s=None)  # type: ignore[arg-type]
    record_week(store, "berlin", MONDAY, closed + DAY, answered=5)
    naive = closed.replace(tzinfo=None)
    query = 'select measure, was, "is", since, closed_at from week_changes order by since, measure'
    assert rows(store, query) == [
        ("answered", 1932, 1934, naive + DAY, naive),
        ("answered", 1934, 1933, naive + 2 * DAY, naive),
        ("handle_s", 100.0000001, None, naive + 2 * DAY, naive),
    ]


def test_open_contacts_are_told_apart_from_those_whose_end_is_unknown(store: Store) -> None:
    store.execute("create or replace macro present() as timestamp '2026-11-18 14:07:00'")
    add_contacts(
        store,
        [
            Contact("leeds", NOW - timedelta(minutes=5), "waiting", 0, None, None),
            Contact("leeds", NOW - timedelta(minutes=9), "answered", 10, None, None),
            Contact("leeds", NOW - timedelta(minutes=9), "answered", 10),
            Contact("leeds", NOW - 2 * DAY, "waiting", 0, None, None),
            Contact("leeds", NOW - 2 * DAY, "answered", 10, None, None),
            Contact("leeds", NOW - 27 * DAY, "waiting", 0, None, None),
            # Too long ago to be told.
            Contact("leeds", NOW - 29 * DAY, "waiting", 0, None, None),
            Contact("berlin", NOW, "abandoned"),
        ],
        NOW,
    )
    assert rows(store, "from open_contacts") == [("leeds", 1, 1, 3, (NOW - timedelta(minutes=9)).replace(tzinfo=None))]


def test_the_log_is_what_ingest_said(store: Store) -> None:
    log(store, "notice", "disk full", NOW)
    assert ("notice", "disk full") in rows(store, "select state, detail from ingest_log")


def test_a_site_says_whose_messages_it_sends(store: Store) -> None:
    add_sites(store, [Site("leeds", "Leeds")])
    store.execute("update private.site set system = 'asterisk'")
    add_contacts(store, [Contact("berlin", NOW)], NOW)
    assert rows(store, "select site, system from sites order by site") == [
        ("berlin", "cloudevents"), ("leeds", "asterisk"),
    ]  # fmt: skip

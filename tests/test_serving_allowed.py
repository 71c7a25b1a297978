"""What analysts write runs over the served store, and the process that serves it goes on writing."""

from __future__ import annotations

import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pytest

from ingest.serving import Served, ServingError, serve
from models.quack import attach_statement, load_statements
from models.schema import migrations, reader_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TOKEN = "analyst-token-000002"


def make_store(path: Path) -> duckdb.DuckDBPyConnection:
    """A store with two sites and three contacts: answered after 10 s and 30 s, abandoned after 60 s."""
    store = duckdb.connect(str(path))
    for step in migrations():
        store.execute(step.sql)
    for statement in reader_sql():
        store.execute(statement)
    store.execute("insert into private.setting values ('reporting_zone', 'UTC'), ('service_level_s', '20')")
    store.execute(
        "insert into private.site (site, name, provider, in_house, time_zone) values "
        "('north', 'North', 'in-house', true, 'UTC'), ('south', 'South', 'Acme', false, 'Europe/Berlin')"
    )
    store.execute(
        "insert into private.batch_site by name select 1 as batch, 'north' as site, 5 as accepted, 0 as repeats, "
        "0 as refused, timestamp '2026-11-02 09:00' as committed_at, "
        "timestamp '2026-11-02 08:00' as first_occurred_at, timestamp '2026-11-02 08:59' as last_occurred_at"
    )
    rows = [
        ("north", "n1", "2026-11-02 08:00:00", "answered", 10),
        ("north", "n2", "2026-11-02 08:20:00", "answered", 30),
        ("south", "s1", "2026-11-02 09:40:00", "abandoned", 60),
    ]
    for version, (site, contact, offered, outcome, wait) in enumerate(rows):
        store.execute(
            "insert into private.contact_version by name "
            "select $1::bigint as version, $2 as site, $3 as contact_id, $4::timestamp as first_at, "
            "first_at + to_seconds($5) as last_at, "
            "struct_pack(\"at\" := first_at, id := 'o', channel := 'voice', "
            "direction := 'inbound', queue := 'q', "
            "language := 'en', topic := 'bill', campaign := null, priority := null, customer := null, "
            "initial_contact_id := null, previous_contact_id := null) as offered, "
            "case when $6 = 'answered' then struct_pack(\"at\" := last_at, id := 'a', agent_id := 'x', "
            "wait_s := $5::double) end as answered, "
            "case when $6 = 'abandoned' then struct_pack(\"at\" := last_at, id := 'b', "
            "wait_s := $5::double) end as abandoned",
            [version, site, contact, offered, wait, outcome],
        )
    return store


def attach(served: Served, token: str = TOKEN) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for statement in load_statements():
        connection.execute(statement)
    connection.execute(attach_statement(served.address, token))
    return connection


def ask(connection: duckdb.DuckDBPyConnection, statement: str) -> list[tuple[object, ...]]:
    return connection.execute("from store.query($1)", [statement]).fetchall()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with make_store(tmp_path_factory.mktemp("allowed") / "backstop.duckdb") as store:
        yield store


@pytest.fixture(scope="module")
def served(store: duckdb.DuckDBPyConnection) -> Iterator[Served]:
    served = serve(store, host="localhost", port=0, tokens={"analyst": TOKEN}, memory_limit="500MB")
    yield served
    served.stop()


@pytest.fixture(scope="module")
def connection(served: Served) -> Iterator[duckdb.DuckDBPyConnection]:
    with attach(served) as connection:
        yield connection


ANSWERS: dict[str, tuple[str, list[tuple[object, ...]]]] = {
    "count": ("select count(*) from contacts", [(3,)]),
    "qualified_by_schema": ("select count(*) from main.contacts", [(3,)]),
    "qualified_by_store": ("select count(*) from backstop.main.contacts", [(3,)]),
    "qualified_by_store_only": ("select count(*) from backstop.contacts", [(3,)]),
    "upper_case": ("SELECT COUNT(*) FROM \"CONTACTS\" WHERE LOWER(SITE) = 'north'", [(2,)]),
    "from_first": ("from contacts select site where contact_id = 's1'", [("south",)]),
    "table_statement": ("select count(*) from (table contacts)", [(3,)]),
    "values": ("values (1, 'a'), (2, 'b')", [(1, "a"), (2, "b")]),
    "trailing_semicolon": ("select 1;", [(1,)]),
    "comments": ("/* why */ select 1 -- and how", [(1,)]),
    "group_by_all": (
        "select site, count(*) n from contacts group by all order by all",
        [("north", 2), ("south", 1)],
    ),
    "rollup": (
        "select site, count(*) from contacts group by rollup (site) order by site nulls last",
        [("north", 2), ("south", 1), (None, 3)],
    ),
    "filtered_aggregate": ("select count(*) filter (site = 'north') from contacts", [(2,)]),
    "window": (
        "select contact_id, row_number() over (partition by site order by contact_id desc) from contacts order by 1",
        [("n1", 2), ("n2", 1), ("s1", 1)],
    ),
    "named_window_and_lag": (
        "select contact_id, lag(contact_id) over w from contacts window w as (order by contact_id) order by 1",
        [("n1", None), ("n2", "n1"), ("s1", "n2")],
    ),
    "qualify": (
        "select contact_id from contacts "
        "qualify row_number() over (partition by site order by contact_id) = 1 order by 1",
        [("n1",), ("s1",)],
    ),
    "cte": ("with x as (select site from contacts) select count(*) from x", [(3,)]),
    "cte_in_another_case": ("with Waits as (select 1 as a) select a from WAITS", [(1,)]),
    "cte_with_an_odd_name": (
        'with "weekly ""x"" é" as (select 1 as a) select a from "weekly ""x"" é"',
        [(1,)],
    ),
    "ctes_on_ctes": ("with a as (select 1 as x), b as (select x + 1 as x from a) select x from b", [(2,)]),
    "recursive_cte": (
        "with recursive x as (select 1 as i union all select i + 1 from x where i < 5) select sum(i) from x",
        [(15,)],
    ),
    "join": ("select count(*) from contacts join sites using (site)", [(3,)]),
    "self_join": ("select count(*) from contacts a join contacts b on a.site = b.site", [(5,)]),
    "asof_join": (
        "select x, y from (values (5)) a(x) asof join (values (1), (4), (9)) b(y) on a.x >= b.y",
        [(5, 4)],
    ),
    "lateral_join": ("select x, y from (values (2)) a(x), lateral (select x * 2 as y)", [(2, 4)]),
    "anti_join": ("select count(*) from sites anti join contacts using (site)", [(0,)]),
    "correlated_subquery": (
        "select count(*) from sites s where exists (select 1 from contacts c where c.site = s.site)",
        [(2,)],
    ),
    "union": ("select site from sites union select site from contacts order by 1", [("north",), ("south",)]),
    "standard_pivot": (
        "select north, south from (select site from contacts) pivot (count(*) for site in ('north', 'south'))",
        [(2, 1)],
    ),
    "unpivot": ("select v from (select 1 as a, 2 as b) unpivot (v for k in (a, b)) order by v", [(1,), (2,)]),
    "date_trunc": (
        "select date_trunc('week', timestamp '2026-11-04 12:00')::varchar",
        [("2026-11-02 00:00:00",)],
    ),
    "time_bucket": (
        "select time_bucket(interval '15 minutes', timestamp '2026-11-04 12:17')::varchar",
        [("2026-11-04 12:15:00",)],
    ),
    "date_parts": (
        "select extract(hour from timestamp '2026-11-04 12:17'), dayname(date '2026-11-04')",
        [(12, "Wednesday")],
    ),
    "date_diff": (
        "select date_diff('minute', timestamp '2026-11-04 12:00', timestamp '2026-11-04 12:17')",
        [(17,)],
    ),
    "date_arithmetic": (
        "select strftime(timestamp '2026-11-04 12:00' - interval 1 day, '%Y-%m-%d')",
        [("2026-11-03",)],
    ),
    "time_zone": (
        "select (timestamp '2026-07-01 12:00' at time zone 'UTC' at time zone 'Europe/Berlin')::varchar",
        [("2026-07-01 14:00:00",)],
    ),
    "present": ("select abs(epoch(present() - (now() at time zone 'UTC'))) < 1", [(True,)]),
    "now": ("select now() > timestamptz '2020-01-01', current_date > date '2020-01-01'", [(True, True)]),
    "quantiles": (
        "select quantile_cont(x, 0.5), quantile_disc(x, [0.25, 0.75]) from range(5) t(x)",
        [(2.0, [1, 3])],
    ),
    "median_and_mode": (
        "select median(x), mode(x), mad(x) from (values (1), (1), (4)) t(x)",
        [(1.0, 1, 0.0)],
    ),
    "regression": ("select regr_slope(y, x), corr(y, x) from (values (1, 2), (2, 4)) t(x, y)", [(2.0, 1.0)]),
    "arg_max": ("select arg_max(site, contact_id) from contacts", [("south",)]),
    "histogram": ("select histogram(x) from (values (1), (1), (2)) t(x)", [({1: 2, 2: 1},)]),
    "string_agg": ("select string_agg(contact_id, ',' order by contact_id) from contacts", [("n1,n2,s1",)]),
    "strings": (
        "select upper('a') || lpad('1', 3, '0') || regexp_extract('q-12', '\\d+') || format('{:.1f}', 2.0)",
        [("A001122.0",)],
    ),
    "lists": ("select list_sort([3, 1, 2]), [1, 2, 3][2:], len([1, 2])", [([1, 2, 3], [2, 3], 2)]),
    "list_aggregate": ("select list(site order by site)[1] from contacts", [("north",)]),
    "lambdas": (
        "select list_transform([1, 2], lambda x: x * 10), list_filter([1, 2], lambda x: x > 1), "
        "list_reduce([1, 2, 3], lambda a, b: a + b)",
        [([10, 20], [2], 6)],
    ),
    "list_comprehension": ("select [x * 2 for x in [1, 2, 3] if x > 1]", [([4, 6],)]),
    "structs": ("select {'a': 1, 'b': 'x'}.b, struct_pack(a := 1).a, row(1, 2)[1]", [("x", 1, 1)]),
    "maps": ("select map {'a': 1}['a'], map_keys(map {'a': 1})", [(1, ["a"])]),
    "unnest_in_select": ("select unnest([1, 2])", [(1,), (2,)]),
    "unnest_in_from": ("select x from unnest([1, 2]) t(x)", [(1,), (2,)]),
    "range": (
        "select count(*) from range(timestamp '2026-01-01', timestamp '2026-01-02', interval 15 minutes)",
        [(96,)],
    ),
    "generate_series": ("select max(generate_series) from generate_series(1, 5)", [(5,)]),
    "json_on_literals": (
        """select '{"a": [1, 2]}'::json->>'$.a[1]', json_extract_string('{"b": "x"}', '$.b'), """
        "to_json([1])::varchar",
        [("2", "x", "[1]")],
    ),
    "json_each": ("""select count(*) from json_each('{"a": 1, "b": 2}')""", [(2,)]),
    "our_macro": ("select ratio(1, 4), ratio(1, 0)", [(0.25, None)]),
    "casts": (
        "select try_cast('x' as int), '1'::decimal(5, 2)::varchar, cast(1 as boolean)",
        [(None, "1.00", True)],
    ),
    "case_and_coalesce": (
        "select case when 1 > 2 then 'a' else coalesce(null, nullif(1, 1)::varchar, 'b') end",
        [("b",)],
    ),
    "between_like_in": (
        "select 2 between 1 and 3, 'abc' ilike 'A%', 1 in (1, 2), 1 is distinct from null",
        [(True,) * 4],
    ),
    "star_expressions": (
        "select * exclude (b) replace (a + 1 as a) from (select 1 as a, 2 as b, 3 as c)",
        [(2, 3)],
    ),
    "columns_expression": ("select min(columns(*)) from (values (1, 2), (3, 0)) t(a, b)", [(1, 0)]),
    "sample": ("select count(*) from (from contacts using sample 100%)", [(3,)]),
    "order_limit_offset": (
        "select contact_id from contacts order by contact_id desc limit 1 offset 1",
        [("n2",)],
    ),
    "distinct_on": ("select distinct on (site) site from contacts order by site", [("north",), ("south",)]),
    "group_by_ordinal_and_having": ("select site from contacts group by 1 having count(*) > 1", [("north",)]),
    "random_and_uuid": ("select random() < 1, length(uuid()::varchar)", [(True, 36)]),
    "hashes": ("select md5('a') = md5('a'), sha256('a') = sha256('b')", [(True, False)]),
    "describe": ("select column_name from (describe sites) limit 2", [("site",), ("name",)]),
    "summarize": ("select count(*) from (summarize sites)", [(14,)]),
    "information_schema": (
        "select count(*) from information_schema.tables where table_schema = 'main' and table_name = 'contacts'",
        [(1,)],
    ),
    "duckdb_views": ("select count(*) from duckdb_views() where view_name = 'contacts'", [(1,)]),
    "duckdb_columns": (
        "select count(*) from duckdb_columns where table_name = 'sites' and column_name = 'provider'",
        [(1,)],
    ),
    "literal_that_names_the_private_schema": (
        """select '"table_name":"private"', '"schema_name":"private"', 'private.event'""",
        [('"table_name":"private"', '"schema_name":"private"', "private.event")],
    ),
    "literal_that_names_a_function": (
        """select '"function_name":"getenv"', 'getenv(1)', '"id":"VARIANT"', '\\"function_name":"x"'""",
        [('"function_name":"getenv"', "getenv(1)", '"id":"VARIANT"', '\\"function_name":"x"')],
    ),
    "column_names_like_keys": (
        'select function_name, "table_name" from (select 1 as function_name, 2 as table_name)',
        [(1, 2)],
    ),
    "column_named_like_a_statement": ('select 1 as "drop", 2 as "insert"', [(1, 2)]),
    "literal_with_semicolons": (
        "select ';drop view contacts;', '/* x */'",
        [(";drop view contacts;", "/* x */")],
    ),
    "text_that_starts_with_insert_in_a_literal": ("select 'insert into x'", [("insert into x",)]),
    "unicode": ("select 'Grüße 日本 🦆' as \"Gruß\"", [("Grüße 日本 🦆",)]),
    "long_or_chain": ("select true where false" + " or 1 = 1" * 2_000, [(True,)]),
    "long_in_list": ("select 999 in (" + ", ".join(map(str, range(5_000))) + ")", [(True,)]),
    "many_columns": (
        "select count(*) from (select " + ", ".join(f"{i} as c{i}" for i in range(1_000)) + ")",
        [(1,)],
    ),
    "text_up_to_the_limit": ("select length('" + "x" * (50_000 - 17) + "')", [(49_983,)]),
    "deep_but_usual_nesting": ("select " + "(" * 50 + "1" + " + 1)" * 50, [(51,)]),
    "chain_of_100_concatenations": ("select length(''" + " || 'a'" * 100 + ")", [(100,)]),
}


@pytest.mark.parametrize(("statement", "answer"), ANSWERS.values(), ids=ANSWERS.keys())
def test_an_analysts_statement_gets_its_answer(
    connection: duckdb.DuckDBPyConnection, statement: str, answer: list[tuple[object, ...]]
) -> None:
    assert ask(connection, statement) == answer


@pytest.mark.parametrize(
    "view",
    [
        "contacts",
        "contact_counts",
        "site_week",
        "site_today",
        "queue_now",
        "events",
        "quarantine",
        "sites",
        "ingest_status",
    ],
)
def test_every_view_is_read_described_and_summarized(connection: duckdb.DuckDBPyConnection, view: str) -> None:
    columns = [row[0] for row in ask(connection, f"describe {view}")]
    assert len(columns) > 1
    assert [row[0] for row in ask(connection, f"summarize {view}")] == columns
    assert len(ask(connection, f"select * from {view}")) == ask(connection, f"select count(*) from {view}")[0][0]


def test_show_tables_lists_the_views_and_no_private_table(connection: duckdb.DuckDBPyConnection) -> None:
    names = {row[0] for row in ask(connection, "show tables")}
    assert {"contacts", "sites", "site_week"} <= names
    assert not names & {"event", "refused", "token", "allowed"}
    assert ask(connection, "show all tables")


def test_the_attached_form_reads_the_views(connection: duckdb.DuckDBPyConnection) -> None:
    assert len(connection.execute("select * from store.contacts limit 5").fetchall()) == 3
    assert connection.execute("select contact_id from store.main.contacts where site = 'south'").fetchall() == [("s1",)]
    rows = connection.execute("select site, count(*) from store.contacts group by all order by all").fetchall()
    assert rows == [("north", 2), ("south", 1)]
    assert connection.execute("describe store.sites").fetchall()[0][0] == "site"


def test_a_client_transaction_stays_local_and_reads(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("begin")
    assert ask(connection, "select count(*) from contacts") == [(3,)]
    assert connection.execute("select count(*) from store.contacts").fetchall() == [(3,)]
    connection.execute("commit")
    assert ask(connection, "select count(*) from contacts") == [(3,)]


def test_a_large_result_arrives_whole(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute(
        "select count(*), sum(x) from store.query('select range as x from range(1000000)')"
    ).fetchall()
    assert rows == [(1_000_000, 499_999_500_000)]


def test_the_writer_goes_on_while_clients_read(store: duckdb.DuckDBPyConnection, served: Served) -> None:
    """Arrow tables, transactions and checkpoints work with external access off and settings locked."""
    with attach(served) as connection:
        for number in range(20):
            batch = pa.table({"at": ["2026-11-02 09:00:00"], "state": ["running"], "detail": [str(number)]})
            writer = store.cursor()
            writer.begin()
            writer.register("batch", batch)
            writer.execute('insert into private.ingest_log select "at"::timestamp, state, detail from batch')
            assert ask(connection, "select count(*) from contacts") == [(3,)]
            writer.unregister("batch")
            writer.commit()
            writer.execute("checkpoint")
            writer.close()
    with attach(served) as connection:
        assert store.execute("select count(*) from private.ingest_log").fetchall() == [(20,)]
        assert ask(connection, "select count(*) from duckdb_tables() where table_name = 'ingest_log'") == [(1,)]
    store.begin()
    store.execute("delete from private.ingest_log")
    store.rollback()
    assert store.execute("select count(*) from private.ingest_log").fetchall() == [(20,)]


def test_a_committed_row_is_seen_by_the_next_statement(
    store: duckdb.DuckDBPyConnection, connection: duckdb.DuckDBPyConnection
) -> None:
    counted = "select count(*) from quarantine"
    assert ask(connection, counted) == [(0,)]
    refused = "('north', 'not_json', 'x', '2026-01-01', 'a'::blob, null, 'contacts.north', 'id', 0, 1, 1)"
    store.execute(f"insert into private.refused values {refused}")
    assert ask(connection, counted) == [(1,)]
    store.execute("delete from private.refused")
    assert ask(connection, counted) == [(0,)]


def test_files_and_settings_are_closed_for_the_server_itself(store: duckdb.DuckDBPyConnection, served: Served) -> None:
    assert served.port > 0
    with pytest.raises(duckdb.PermissionException):
        store.execute("from read_text('/etc/hostname')")
    with pytest.raises(duckdb.InvalidInputException, match="locked"):
        store.execute("set global enable_external_access = true")


def test_clients_at_the_same_time_get_their_own_answers(served: Served) -> None:
    def counted(number: int) -> list[object]:
        with attach(served) as connection:
            return [ask(connection, f"select {number} + {turn}")[0][0] for turn in range(25)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(counted, range(8)))
    assert answers == [[number + turn for turn in range(25)] for number in range(8)]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Serve a store of its own, with the given arguments instead of the usual ones."""
    with make_store(tmp_path / "backstop.duckdb") as store:
        running: list[Served] = []

        def start(**given: object) -> Served:
            usual = {"host": "localhost", "port": 0, "tokens": {"analyst": TOKEN}, "memory_limit": "500MB"}
            running.append(serve(store, **(usual | given)))  # type: ignore[arg-type]
            return running[-1]

        yield start
        for served in running:
            served.stop()


def test_stopping_frees_the_port_and_stopping_again_does_nothing(serving: Callable[..., Served]) -> None:
    served = serving()
    assert served.address == f"quack:localhost:{served.port}"
    assert "analyst" not in repr(served)
    served.stop()
    served.stop()
    with pytest.raises(duckdb.Error):
        attach(served)
    with socket.create_server(("localhost", served.port)):
        pass


def test_another_address_than_loopback_is_served_when_asked_for(serving: Callable[..., Served]) -> None:
    served = serving(host="0.0.0.0")  # noqa: S104
    with duckdb.connect() as connection:
        for statement in load_statements():
            connection.execute(statement)
        connection.execute(attach_statement(f"quack:127.0.0.1:{served.port}", TOKEN))
        assert ask(connection, "select count(*) from contacts") == [(3,)]


def test_a_port_in_use_is_named(serving: Callable[..., Served]) -> None:
    with (
        socket.create_server(("localhost", 0)) as other,
        pytest.raises(ServingError, match=rf"localhost:{other.getsockname()[1]}.*BACKSTOP_STORE_PORT"),
    ):
        serving(port=other.getsockname()[1])


@pytest.mark.parametrize("tokens", [{}, {"analyst": "short"}, {"analyst": TOKEN, "dashboard": ""}])
def test_missing_and_short_tokens_are_refused(serving: Callable[..., Served], tokens: dict[str, str]) -> None:
    with pytest.raises(ServingError, match="tokens of at least 16 characters"):
        serving(tokens=tokens)


@pytest.mark.parametrize("end", ["pass", "store.close()", "served.stop()", "raise SystemExit(3)"])
def test_a_process_ends_whether_or_not_it_stops_serving(tmp_path: Path, end: str) -> None:
    script = f"""
import duckdb
from ingest.serving import serve
store = duckdb.connect({str(tmp_path / "empty.duckdb")!r})
served = serve(store, host="localhost", port=0, tokens={{"a": {TOKEN!r}}}, memory_limit="500MB")
{end}
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert ended.stderr == ""
    assert ended.returncode == (3 if "SystemExit" in end else 0)

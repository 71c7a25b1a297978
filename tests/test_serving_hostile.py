"""Nothing a client sends to the served store changes it, reads what is not served or ends the server."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from models.quack import attach_statement, load_statements

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DASHBOARD, ANALYST = "dashboard-token-0001", "analyst-token-000002"

SERVER = """
import sys
import duckdb
from ingest.serving import serve
from models.schema import migrations, reader_sql

store = duckdb.connect(sys.argv[1])
for step in migrations():
    store.execute(step.sql)
for statement in reader_sql():
    store.execute(statement)
store.execute("insert into private.setting values ('reporting_zone', 'UTC')")
store.execute(
    "insert into private.site by name select 'north' as site, 'North' as name, 'in-house' as provider, "
    "true as in_house, 'UTC' as time_zone"
)
store.execute("insert into private.contact_replaced select range from range(3000)")
store.execute(
    "insert into private.refused values "
    "('north', 'not_json', 'x', '2026-01-01', 'classified'::blob, null, 'contacts.north', 'id', 0, 1, 1)"
)
df = secret = store.sql("select 'a Python variable of the server'")
served = serve(
    store,
    host="localhost",
    port=0,
    tokens={"dashboard": sys.argv[2], "analyst": sys.argv[3]},
    memory_limit="500MB",
)
print(served.address, flush=True)
for line in sys.stdin:
    if line.strip() == "stop":
        break
    tables = store.execute(
        "select schema_name, table_name from duckdb_tables() "
        "where database_name = current_database() order by all"
    ).fetchall()
    print(
        [
            (name, store.execute(f'select count(*), bit_xor(hash(t)) from "{schema}"."{name}" t').fetchall())
            for schema, name in tables
        ],
        store.execute("select list(sql order by sql) from duckdb_views() where not internal").fetchall(),
        store.execute("select list(function_name order by 1) from duckdb_functions() where not internal")
        .fetchall(),
        store.execute("select list(database_name order by all) from duckdb_databases()").fetchall(),
        store.execute("select list(name || value order by name) from duckdb_settings()").fetchall(),
        flush=True,
    )
served.stop()
store.close()
"""


class Server:
    """The store in a process of its own, so that a crash is seen."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(path), DASHBOARD, ANALYST],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()

    def contents(self) -> str:
        """Counts and hashes of every table, the views, macros, databases and settings."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("contents\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()


def client(address: str, token: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for statement in load_statements():
        connection.execute(statement)
    connection.execute(attach_statement(address, token))
    return connection


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Ends by checking that nothing changed and that the server still runs and stops cleanly."""
    server = Server(tmp_path_factory.mktemp("served") / "backstop.duckdb")
    before = server.contents()
    assert "contact_replaced" in before
    yield server
    assert server.process.poll() is None
    assert server.contents() == before
    server.process.communicate("stop\n", timeout=30)
    assert server.process.returncode == 0


@pytest.fixture(scope="module")
def connection(server: Server) -> Iterator[duckdb.DuckDBPyConnection]:
    with client(server.address, ANALYST) as connection:
        yield connection


def ask(connection: duckdb.DuckDBPyConnection, statement: str) -> list[tuple[object, ...]]:
    return connection.execute("from store.query($1)", [statement]).fetchall()


WRITES = {
    "insert": "insert into private.setting values ('a', 'b')",
    "insert_in_capitals_after_space": "\n\t INSERT INTO private.setting VALUES ('a', 'b')",
    "insert_after_comment": "/* */ insert into private.setting values ('a', 'b')",
    "insert_returning": "insert into private.setting values ('a', 'b') returning *",
    "insert_or_replace": "insert or replace into private.setting values ('a', 'b')",
    "update": "update private.setting set value = 'x'",
    "delete": "delete from private.setting",
    "truncate": "truncate private.setting",
    "merge": ("merge into private.setting t using (select 'a' as name) s on t.name = s.name when matched then delete"),
    "create_table": "create table x (i int)",
    "create_table_as": "create table x as select 1",
    "create_temporary_table": "create temp table x as select 1",
    "create_view": "create or replace view contacts as select 1",
    "create_macro": "create or replace macro ratio(a, b) as 42",
    "create_table_macro": "create macro x() as table select 1",
    "create_schema": "create schema x",
    "create_sequence": "create sequence x",
    "create_type": "create type x as enum ('a')",
    "create_index": "create index x on private.setting (name)",
    "create_secret": "create secret x (type s3, key_id 'a', secret 'b')",
    "create_trigger_like_function": "create function x(a) as a",
    "drop_view": "drop view contacts",
    "drop_schema": "drop schema private cascade",
    "alter_table": "alter table private.setting add column x int",
    "alter_view": "alter view contacts rename to c",
    "comment_on": "comment on view contacts is 'x'",
    "dml_in_cte": "with x as (insert into private.setting values ('a', 'b') returning *) select * from x",
    "delete_in_cte": "with x as (delete from private.setting returning *) select * from x",
    "cte_before_insert": "with x as (select 'a', 'b') insert into private.setting select * from x",
    "two_statements": "select 1; drop view contacts",
    "two_statements_write_first": "drop view contacts; select 1",
    "two_selects": "select 1; select 2",
    "statement_hidden_by_comment": "select 1 --;\n; drop view contacts",
    "explain_analyze_delete": "explain analyze delete from private.setting",
    "explain_analyze_select": "explain analyze select 1",
    "prepare": "prepare x as delete from private.setting",
    "execute": "execute x",
    "deallocate": "deallocate x",
    "pivot_that_makes_a_type": "pivot contacts on channel using count(*)",
    "begin": "begin transaction",
    "commit": "commit",
    "rollback": "rollback",
}

COMMANDS = {
    "copy_to": "copy contacts to '/tmp/stolen.csv'",
    "copy_query_to": "copy (select 1) to '/tmp/stolen.parquet' (format parquet)",
    "copy_from": "copy private.setting from '/etc/passwd'",
    "copy_database": "copy from database backstop to guard",
    "export": "export database '/tmp/stolen'",
    "import": "import database '/tmp/stolen'",
    "attach": "attach '/tmp/stolen.duckdb' as x",
    "attach_memory": "attach ':memory:' as x",
    "attach_quack": "attach 'quack:localhost:9' as x (token 'abcdefgh')",
    "detach": "detach guard",
    "use": "use guard",
    "set": "set memory_limit = '1MB'",
    "set_global": "set global lock_configuration = false",
    "set_hook": "set global quack_authorization_function = 'quack_nop_authorization'",
    "set_variable": "set variable x = 1",
    "reset": "reset memory_limit",
    "pragma": "pragma memory_limit = '1MB'",
    "pragma_call": "pragma database_list",
    "pragma_import": "pragma import_database('/tmp/stolen')",
    "call": "call duckdb_settings()",
    "call_stop": "call quack_stop('quack:localhost:9494')",
    "call_checkpoint": "call force_checkpoint()",
    "install": "install spatial",
    "load": "load '/tmp/stolen.duckdb_extension'",
    "update_extensions": "update extensions",
    "vacuum": "vacuum",
    "analyze": "analyze",
    "checkpoint": "checkpoint",
    "force_checkpoint": "force checkpoint",
    "explain": "explain select 1",
    "no_statement": "",
    "only_a_semicolon": ";",
    "only_a_comment": "-- select 1",
}

FILES = {
    "read_csv": "from read_csv('/etc/passwd')",
    "read_csv_in_capitals": "from \"READ_CSV\"('/etc/passwd')",
    "read_csv_qualified": "from system.main.read_csv('/etc/passwd')",
    "read_csv_auto": "from read_csv_auto('/etc/passwd')",
    "read_text": "from read_text('/etc/passwd')",
    "read_blob": "from read_blob('/etc/*')",
    "read_json": "from read_json('/etc/passwd')",
    "read_ndjson_objects": "from read_ndjson_objects('/etc/passwd')",
    "read_parquet": "from read_parquet('https://example.org/x.parquet')",
    "parquet_scan": "from parquet_scan('x.parquet')",
    "parquet_metadata": "from parquet_metadata('x.parquet')",
    "read_duckdb": "from read_duckdb('backstop.duckdb')",
    "glob": "from glob('/etc/*')",
    "sniff_csv": "from sniff_csv('/etc/passwd')",
    "read_text_in_scalar_subquery": "select (select content from read_text('/etc/passwd'))",
    "read_text_in_lateral": "select * from range(1) r, lateral (select * from read_text('/etc/passwd'))",
    "read_text_in_cte": "with x as (from read_text('/etc/passwd')) from x",
    "read_text_in_order": "select 1 order by (select content from read_text('/etc/passwd'))",
    "read_text_in_limit": "select 1 limit (select count(*) from read_text('/etc/passwd'))",
    "read_text_in_describe": "describe select * from read_text('/etc/passwd')",
    "read_text_in_union": "select 'a' union all select content from read_text('/etc/passwd')",
    "path": "from '/etc/passwd'",
    "quoted_path": 'select * from "/etc/passwd"',
    "relative_file": "from 'backstop.duckdb'",
    "http": "from 'http://localhost:9/x.csv'",
    "s3": "from 's3://bucket/x.parquet'",
    "path_in_subquery": "select (select count(*) from '/etc/passwd')",
    "path_in_exists": "select 1 where exists (from '/etc/passwd.csv')",
    "path_in_join": "select * from contacts join '/etc/passwd.csv' on true",
    "path_as_view_of_main": 'select * from main."/etc/passwd.csv"',
    "path_summarized": "summarize '/etc/passwd.csv'",
    "path_described": "describe '/etc/passwd.csv'",
    "path_named_by_unreached_cte": (
        "select * from (with \"/etc/passwd.csv\" as (select 1) select 1) x, '/etc/passwd.csv'"
    ),
    "python_variable": "from df",
}

FUNCTIONS = {
    "quack_stop": "from quack_stop('quack:localhost:9494')",
    "quack_serve": "from quack_serve('quack:localhost:0', token := 'abcdefgh')",
    "quack_query": "from quack_query('quack:localhost:9', 'select 1', token := 'abcdefgh')",
    "quack_query_by_name": "from quack_query_by_name('store', 'select 1')",
    "quack_active_connections": "from quack_active_connections()",
    "quack_server_list": "from quack_server_list()",
    "quack_clear_cache": "from quack_clear_cache()",
    "quack_identify": "from quack_identify(name := 'x')",
    "quack_check_token": "select quack_check_token('a', 'b', 'b')",
    "quack_nop_authorization": "select quack_nop_authorization('a', 'b')",
    "whoami": "from whoami()",
    "query_with_dml": "from query('drop view contacts')",
    "query_with_private": "from query('select * from private.event')",
    "query_table": "from query_table('private.event')",
    "query_table_of_list": "from query_table(['private.event'])",
    "histogram_macro_that_takes_a_table": "from histogram('private.refused', code)",
    "histogram_values_macro": "from histogram_values(private.refused, code)",
    "json_execute_serialized_sql": "from json_execute_serialized_sql(json_serialize_sql('select 1'))",
    "json_serialize_sql": "select json_serialize_sql('select 1')",
    "json_serialize_plan": "select json_serialize_plan('select * from private.event')",
    "getenv": "select getenv('HOME')",
    "getenv_quoted": "select \"GetEnv\"('HOME')",
    "getenv_as_method": "select 'HOME'.getenv()",
    "getenv_in_lambda": "select list_transform(['HOME'], lambda x: getenv(x))",
    "getenv_in_filter": "select count(*) filter (getenv('HOME') = 'x')",
    "getenv_in_window": "select sum(1) over (order by getenv('HOME'))",
    "getenv_in_a_cte_of_that_name": "with getenv as (select 1) select getenv('HOME') from getenv",
    "current_setting": "select current_setting('secret_directory')",
    "getvariable": "select getvariable('x')",
    "duckdb_settings": "from duckdb_settings()",
    "duckdb_settings_in_subquery": "select (select max(value) from duckdb_settings())",
    "pg_settings": "from pg_settings",
    "pg_settings_qualified": "from pg_catalog.pg_settings",
    "pg_settings_hidden_by_unreached_cte": ("select * from (with pg_settings as (select 1) select 1) x, pg_settings"),
    "duckdb_secrets": "from duckdb_secrets()",
    "which_secret": "from which_secret('s3://x', 's3')",
    "duckdb_logs": "from duckdb_logs",
    "duckdb_databases": "from duckdb_databases()",
    "duckdb_prepared_statements": "from duckdb_prepared_statements()",
    "duckdb_temporary_files": "from duckdb_temporary_files()",
    "pragma_storage_info": "from pragma_storage_info('private.event')",
    "pragma_table_info": "from pragma_table_info('private.event')",
    "pragma_show": "from pragma_show('private.event')",
    "duckdb_table_sample": "from duckdb_table_sample('private.event')",
    "seq_scan": "from seq_scan('private.event')",
    "summary": "from summary((from contacts))",
    "checkpoint": "from checkpoint()",
    "force_checkpoint": "from force_checkpoint()",
    "enable_logging": "from enable_logging()",
    "enable_profiling": "from enable_profiling()",
    "write_log": "select write_log('x')",
    "nextval": "select nextval('x')",
    "setseed": "select setseed(0.5)",
    "sleep": "select sleep_ms(100000)",
    "pg_sleep": "select pg_sleep(100)",
    "arrow_scan": "from arrow_scan(0, 0, 0)",
    "python_map_function": "from python_map_function(0)",
    "pandas_scan": "from pandas_scan(0)",
    "aggregate_state": "select finalize('x')",
    "compression": "select __internal_decompress_string(1)",
    "unknown_function": "select no_such_function(1)",
    "hook_called_by_client": "select guard.main.authorize('a', 'b')",
}

PRIVATE = {
    "table": "select * from private.event",
    "upper_case": "select * from PRIVATE.EVENT",
    "quoted": 'select * from "private"."event"',
    "quoted_upper_case": 'select * from "PRIVATE".event',
    "with_spaces": "select * from private . event",
    "with_comment_between": "select * from private/**/./**/event",
    "with_line_breaks": "select * from private\n.\r\n\tevent",
    "catalogue_qualified": "select * from backstop.private.event",
    "catalogue_qualified_quoted": 'select * from "Backstop"."Private"."Event"',
    "from_first": "from private.event",
    "table_statement": "table private.event",
    "in_scalar_subquery": "select (select count(*) from private.event)",
    "in_exists": "select 1 where exists (select 1 from private.event)",
    "in_in": "select 1 where 1 in (select batch from private.event)",
    "in_join": "select * from contacts, private.event",
    "in_join_condition": ("select * from contacts c join contacts d on (select count(*) from private.event) = 0"),
    "in_union": "select site from contacts union select site from private.event",
    "in_cte": "with x as (select * from private.event) select * from x",
    "in_cte_of_that_name": "with event as (select 1) select * from private.event",
    "in_recursive_cte": ("with recursive x as (select site from private.event union select site from x) from x"),
    "in_list_comprehension": "select [y for y in (select list(site) from private.event)]",
    "in_having": "select 1 group by 1 having (select count(*) from private.event) = 0",
    "in_qualify": "select 1 qualify row_number() over (order by (select count(*) from private.event)) = 1",
    "bytes": "select message from private.refused",
    "described": "describe private.event",
    "summarized": "summarize private.event",
    "shown": "show private.event",
    "tables_of_it": "show tables from private",
    "unqualified": "select * from event",
    "pivoted": "from private.event pivot (count(*) for site in ('north'))",
    "unpivoted": "from private.event unpivot (v for k in (site, type))",
    "sampled": "from private.event using sample 1",
    "positional_join": "from contacts positional join private.event",
    "asof_join": ("from contacts c asof join private.event e on c.site = e.site and c.offered_at >= e.occurred_at"),
    "type_of_it": "select null::private.event",
    "function_of_it": "select private.x(1)",
    "guard": "from guard.main.token",
    "guard_short": "from guard.token",
    "guard_allowed": "from guard.main.allowed",
    "temporary": "from temp.main.x",
    "semicolon_and_spaces": "  ; ;select * from private.event;  ",
}

TRICKS = {
    "nul_character": "select 1\0; drop view contacts",
    "nul_in_literal": "select 'a\0b'",
    "no_break_space": "drop\u00a0view\u00a0contacts",
    "zero_width_space": "drop\u200b view contacts",
    "full_width_letters": "\uff44\uff52\uff4f\uff50 view contacts",
    "right_to_left_override": "select 1 \u202e; drop view contacts",
    "byte_order_mark": "\ufeffdrop view contacts",
    "unclosed_literal": "select '",
    "unclosed_comment": "select 1 /*",
    "many_unclosed_comments": "select 1" + "/*" * 20_000,
    "literal_that_looks_like_the_answer": "select '\"error\":false'; drop view contacts",
    "alias_that_looks_like_the_answer": 'select 1 as "error", private.x() as "function_name"',
    "escaped_quotes": "select '\\', getenv('HOME'), '",
    "dollar_quotes": "select $a$ ' $a$, getenv('HOME')",
    "unicode_escape": "select U&'\\0041', getenv('HOME')",
    "quote_in_function_name": 'select "abs"",""x"(1)',
    "quote_in_refused_name": "select * from \"x'); drop view contacts; select ('\"",
    "long_text": "select '" + "x" * 10_000_000 + "'",
    "long_text_of_ors": "select true" + " or true" * 20_000,
    "long_name": "select " + "x" * 40_000 + "(1)",
    "variant_of_deep_json": "select (repeat('[', 1000000) || repeat(']', 1000000))::json::variant",
    "variant_within_struct": "select null::struct(a variant[])",
    "deep_json_structure": "select json_structure(repeat('{\"a\":', 1000000))",
    "deep_json_merge_patch": ("select json_merge_patch(repeat('{\"a\":', 300000) || '1' || repeat('}', 300000), '{}')"),
    "deep_json_tree": "from json_tree(repeat('[', 300000) || repeat(']', 300000))",
    "deep_json_pretty": "select json_pretty(repeat('[', 30000) || repeat(']', 30000))",
    "deep_json_contains": "select json_contains(repeat('[', 300000) || repeat(']', 300000), '1')",
    "deep_json_transform": ("select json_transform('1', repeat('[', 300000) || '\"int\"' || repeat(']', 300000))"),
    "deep_from_json": "select from_json('1', repeat('[', 300000) || '\"int\"' || repeat(']', 300000))",
}

NESTED = {
    "parentheses": lambda n: "select " + "(" * n + "1" + ")" * n,
    "unclosed_parentheses": lambda n: "select " + "(" * n,
    "lists": lambda n: "select " + "[" * n + "1" + "]" * n,
    "structs": lambda n: "select " + "{'a':" * n + "1" + "}" * n,
    "subqueries_in_from": lambda n: "select * from " + "(select * from " * n + "contacts" + ")" * n,
    "scalar_subqueries": lambda n: "select " + "(select " * n + "1" + ")" * n,
    "calls": lambda n: "select " + "abs(" * n + "1" + ")" * n,
    "plus": lambda n: "select 1" + "+1" * n,
    "concatenation": lambda n: "select ''" + "||''" * n,
    "not": lambda n: "select " + "not " * n + "true",
    "case": lambda n: "select " + "case when true then " * n + "1" + " end" * n,
    "casts": lambda n: "select 1" + "::int" * n,
    "list_types": lambda n: "select null::int" + "[]" * n,
    "struct_types": lambda n: "select null::" + "struct(a " * n + "int" + ")" * n,
    "joins": lambda n: "select 1 from contacts" + ", contacts" * n,
    "ctes": lambda n: (
        "with a0 as (select 1 x)" + "".join(f", a{i} as (from a{i - 1})" for i in range(1, n)) + f" from a{n - 1}"
    ),
    "lambdas": lambda n: "select " + "list_transform([1], lambda x: " * n + "1" + ")" * n,
    "describes": lambda n: "from (describe " * n + "select 1" + ")" * n,
    "or_and": lambda n: "select " + "true or (true and (" * n + "true" + "))" * n,
}

HOSTILE = {
    f"{group}-{name}": statement
    for group, statements in {
        "write": WRITES,
        "command": COMMANDS,
        "file": FILES,
        "function": FUNCTIONS,
        "private": PRIVATE,
        "trick": TRICKS,
    }.items()
    for name, statement in statements.items()
}


@pytest.mark.parametrize("statement", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_statement_is_refused_and_the_connection_stays_usable(
    server: Server, connection: duckdb.DuckDBPyConnection, statement: str
) -> None:
    with pytest.raises(duckdb.Error, match=r"refused: |Authorization failed"):
        ask(connection, statement)
    assert ask(connection, "select 1") == [(1,)]
    assert server.process.poll() is None


@pytest.mark.parametrize("times", [1_000, 5_000, 40_000])
@pytest.mark.parametrize("nested", NESTED.values(), ids=NESTED.keys())
def test_deep_nesting_never_ends_the_server(
    server: Server, connection: duckdb.DuckDBPyConnection, nested: Any, times: int
) -> None:
    try:
        ask(connection, nested(times))
    except duckdb.Error:
        pass
    else:
        assert len(nested(times)) <= 50_000
    assert ask(connection, "select 1") == [(1,)]
    assert server.process.poll() is None


@pytest.mark.parametrize(
    "statement",
    [
        "insert into store.private.setting values ('a', 'b')",
        "insert into store.setting values ('a', 'b')",
        "insert into store.private.contact_replaced select range from range(100000)",
        "insert into store.contacts select * from store.contacts",
        "create table store.x (i int)",
        "create table store.x as select 1 as i",
        "create or replace table store.x as select range as i from range(10000)",
        "create view store.x as select 1",
        "create or replace view store.contacts as select 1",
        "create schema store.x",
        "drop view store.contacts",
        "drop table store.private.setting",
        "drop schema store.private",
        "alter table store.private.setting add column x int",
        "delete from store.private.setting",
        "update store.private.setting set value = 'x'",
        "truncate store.private.setting",
        "copy store.private.setting from '/etc/hostname'",
        "select * from store.private.setting",
        "select * from store.setting",
        "select * from store.private.refused",
    ],
)
def test_writing_and_private_tables_through_the_attached_database_are_refused(server: Server, statement: str) -> None:
    before = server.contents()
    with client(server.address, ANALYST) as connection:
        with pytest.raises(duckdb.Error):
            connection.execute(statement).fetchall()
        assert ask(connection, "select 1") == [(1,)]
    assert server.contents() == before


def test_rows_written_within_a_client_transaction_do_not_arrive(server: Server) -> None:
    before = server.contents()
    with client(server.address, ANALYST) as connection:
        connection.execute("begin")
        with pytest.raises(duckdb.Error, match="Authorization failed"):
            connection.execute("insert into store.private.setting values ('a', 'b')")
        connection.execute("commit")
    assert server.contents() == before


@pytest.mark.parametrize(
    "token",
    ["", "wrong-token-000000000", DASHBOARD[:-1], DASHBOARD + " ", DASHBOARD.upper(), "' or true --", "null"],
)
def test_a_wrong_token_opens_nothing(server: Server, token: str) -> None:
    with pytest.raises(duckdb.Error, match=r"Authentication failed|Could not find a Quack authentication token"):
        client(server.address, token)
    assert server.process.poll() is None


@pytest.mark.parametrize("token", [DASHBOARD, ANALYST])
def test_each_given_token_opens_the_store(server: Server, token: str) -> None:
    with client(server.address, token) as connection:
        assert ask(connection, "select count(*) from quarantine") == [(1,)]


def test_a_refusal_says_what_is_wrong(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.Error, match="read-only: only SELECT statements are allowed"):
        ask(connection, "drop view contacts")
    with pytest.raises(duckdb.Error, match='function "getenv" is not served'):
        ask(connection, "select getenv('HOME')")
    with pytest.raises(duckdb.Error, match='schema "private" is not served'):
        ask(connection, "select * from private.event")
    with pytest.raises(duckdb.Error, match="at most 50000 characters"):
        ask(connection, "select '" + "x" * 50_000 + "'")


def test_neither_token_nor_hash_is_in_the_store_file(server: Server) -> None:
    files = b"".join(path.read_bytes() for path in server.path.parent.iterdir() if path.is_file())
    assert len(files) > 10_000
    for token in (DASHBOARD, ANALYST):
        assert token.encode() not in files
        assert hashlib.sha256(token.encode()).hexdigest().encode() not in files


def test_hashes_cannot_be_found_in_the_catalogue(connection: duckdb.DuckDBPyConnection) -> None:
    assert ask(connection, "select count(*) from duckdb_functions() where database_name = 'guard'") == [(0,)]
    assert ask(connection, "select count(*) from duckdb_tables() where database_name = 'guard'") == [(0,)]
    assert ask(connection, "select count(*) from duckdb_columns() where database_name = 'guard'") == [(0,)]

"""Serving the live store over quack: every client reads, none writes.

DuckDB lets one process open a file for writing and shuts all others out, so the process that writes the
store also answers the questions about it. Who may connect is decided by a token; what a statement may do is
decided by `models/sql/serving/authorize.sql` before it runs: one SELECT at a time, functions and tables by
allow-list, the views of schema `main` and the catalogue, nothing else.

What cannot be prevented: a statement that is allowed may still ask for too much (`range(1e12)`, a product of
two large tables). It shares the processors with ingest until it is done or this process ends, because quack
offers no way to cancel it. The memory limit covers tables, sorts and aggregates, not the strings and lists a
function makes: `repeat('a', 1e8)` over many rows takes what the machine has, so limit the process as well.
Rights cannot differ by token, because quack does not tell the authorization which token it is for.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import hashlib
import os
import secrets
import socket
import threading
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING

import duckdb

from models.quack import load_statements, quoted
from models.schema import serving_sql

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_EXPRESSION_DEPTH = 200
"""Nesting beyond this is an error. Planning time explodes with it: 300 terms of `||` took seconds."""

_LOCKED_SETTINGS = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    # Otherwise an unknown table name is looked up among this process's Python variables.
    "python_enable_replacements": "false",
    "lock_configuration": "true",
}
"""Set once the server runs, the lock last. Afterwards no setting of this DuckDB instance can be changed."""


class ServingError(Exception):
    """The store cannot be served; the message says why and what to do."""


@dataclass(frozen=True)
class Served:
    """A store that is being served, until `stop`."""

    address: str
    port: int
    _connection: duckdb.DuckDBPyConnection = field(repr=False)
    _stopped: threading.Event = field(default_factory=threading.Event, repr=False)

    def stop(self) -> None:
        """Stop answering and close all clients' connections; again does nothing."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        atexit.unregister(self.stop)
        # A store that was closed before has taken its server along.
        with contextlib.suppress(duckdb.ConnectionException):
            self._connection.execute(f"call quack_stop({quoted(self.address)})")
            self._connection.close()


def serve(
    connection: duckdb.DuckDBPyConnection,
    *,
    host: str,
    port: int,
    tokens: Mapping[str, str],
    memory_limit: str,
) -> Served:
    """Serve the migrated store that `connection` has open for writing; port 0 picks a free one.

    `tokens` maps a name to a token that may connect. The connection and its cursors go on as before, except
    that settings are locked and files and network are out of reach (registered Arrow tables are neither).
    """
    if not tokens or any(len(token) < 16 for token in tokens.values()):
        raise ServingError("the store needs tokens of at least 16 characters, for example BACKSTOP_ANALYST_TOKEN")
    own = connection.cursor()
    store = own.execute("select current_database()").fetchall()[0][0]
    for statement in load_statements():
        own.execute(statement)
    _create_guard(own, store, tokens)
    own.execute(f"set global memory_limit = {quoted(memory_limit)}")
    own.execute(f"set global max_expression_depth = {MAX_EXPRESSION_DEPTH}")
    own.execute("set global quack_authentication_function = 'guard.main.authenticate'")
    own.execute("set global quack_authorization_function = 'guard.main.authorize'")
    port = _free_port(host, port)
    address = f"quack:{host}:{port}"
    # The server's own token opens nothing: authentication looks at the hashes only.
    own.execute(
        f"call quack_serve({quoted(address)}, token := {quoted(secrets.token_urlsafe(32))}, "
        f"allow_other_hostname := {'false' if _is_loopback(host) else 'true'})"
    )
    served = Served(address, port, own)
    # The server's threads are DuckDB's, not Python's: a process that does not stop it hangs at its end.
    atexit.register(served.stop)
    for name, value in _LOCKED_SETTINGS.items():
        own.execute(f"set global {name} = {value}")
    return served


def _create_guard(own: duckdb.DuckDBPyConnection, store: str, tokens: Mapping[str, str]) -> None:
    """Create what the hooks need in a database of its own: in memory, so that no hash reaches the store's
    file, and hidden, so that no client's catalogue lists it. Temporary objects would not do: quack calls the
    hooks from a connection of its own.
    """
    own.execute("attach ':memory:' as guard (hidden true)")
    own.execute("create table guard.main.token (hash varchar not null)")
    own.executemany(
        "insert into guard.main.token values ($1)",
        [[hashlib.sha256(token.encode()).hexdigest()] for token in tokens.values()],
    )
    own.execute(serving_sql("allowed"), {"store": store})
    own.execute(serving_sql("authenticate"))
    own.execute(serving_sql("authorize"))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _free_port(host: str, port: int) -> int:
    """The port if nobody listens on it, a free one for 0."""
    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        if port:
            with socket.socket(family, kind, number) as caller:
                caller.settimeout(1)
                if caller.connect_ex(address) == 0:
                    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        with socket.socket(family, kind, number) as probe:
            # As the server itself binds: connections left over from one that was killed are then no hindrance.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            probe.bind(address)
            return int(probe.getsockname()[1])
    except OSError as error:
        raise ServingError(
            f"the store cannot be served on {host}:{port}: {error.strerror or error}; "
            "stop what uses the port or set BACKSTOP_STORE_HOST and BACKSTOP_STORE_PORT"
        ) from error

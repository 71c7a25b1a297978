"""Giving a command: to the ingest that runs, or when none does, to the store itself."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import msgspec

from ingest.decoding.decoder import Decoder
from ingest.decoding.translation import foreign_systems
from ingest.migrate import StoreError
from ingest.store import Store
from ingest.upkeep.control import MAX_REQUEST_BYTES, socket_address, socket_path
from ingest.upkeep.work import Answer, Asked, Command, OnStep, Step, finished
from models.settings import Settings, SettingsError, with_secrets

_WAIT_S = 5.0
_STARTING_S = 10.0


class NotRunningError(Exception):
    """No ingest listens in this data directory."""


class _Told(msgspec.Struct):
    step: Step | None = None
    result: msgspec.Raw = msgspec.Raw()
    error: str | None = None


def run(settings: Settings, command: Command[Asked, Answer], args: Asked, on_step: OnStep) -> Answer:
    """Have the command done by the ingest that runs; else open the store and do the same work here.

    Raises StoreError and SettingsError; a store that does not exist is not made.
    """
    until = time.monotonic() + _STARTING_S
    while True:
        try:
            return ask(settings, command, args, on_step)
        except NotRunningError:
            pass
        if not settings.store_path.exists():
            raise StoreError(f"there is no store at {settings.store_path} yet")
        try:
            store = Store.open(settings)
            break
        except StoreError:
            # An ingest that is just starting has the store open already and does not listen yet.
            if time.monotonic() > until:
                raise
    try:
        return finished(command.work(store, lambda: decoder_of(settings), args), on_step)
    finally:
        store.close()


def ask(settings: Settings, command: Command[Asked, Answer], args: Asked, on_step: OnStep) -> Answer:
    """Have the running ingest do it. Raises NotRunningError when none listens, StoreError for what it answers."""
    line = msgspec.json.encode({"command": command.name, "args": args}) + b"\n"
    if len(line) > MAX_REQUEST_BYTES:
        raise StoreError("too much was named at once; name less, or choose with --site or --code")
    path = socket_path(settings)
    with socket.socket(socket.AF_UNIX) as client:
        try:
            with socket_address(path) as address:
                client.connect(address)
        except (FileNotFoundError, ConnectionRefusedError):
            raise NotRunningError from None
        except OSError as error:
            raise StoreError(f"ingest cannot be reached at {path}: {error}") from error
        try:
            client.sendall(line)
            for told in _answers(client, on_step):
                if told.error is not None:
                    raise StoreError(told.error)
                if bytes(told.result):
                    return msgspec.json.decode(told.result, type=command.answer)
                if told.step is not None:
                    on_step(told.step)
        except OSError as error:
            raise StoreError(f"ingest stopped answering: {error}") from error
        except msgspec.MsgspecError as error:
            raise StoreError(f"ingest's answer cannot be read ({error}): it may be of another version") from error
    raise StoreError("ingest ended before it had answered; what it had not done yet can be asked for again")


def _answers(client: socket.socket, on_step: OnStep) -> Iterator[_Told]:
    """What ingest says, until it hangs up. While it says nothing, `on_step` is told so."""
    client.settimeout(_WAIT_S)
    rest = bytearray()
    while True:
        try:
            got = client.recv(1 << 20)
        except TimeoutError:
            on_step(Step(0, 0, "waiting for ingest"))
            continue
        if not got:
            return
        *lines, last = got.split(b"\n")
        for line in lines:
            yield msgspec.json.decode(bytes(rest) + line, type=_Told)
            rest.clear()
        rest += last


def decoder_of(settings: Settings) -> Decoder:
    """The decoder of these settings. Raises SettingsError without the key of customer identifiers."""
    key: Any = with_secrets(settings, ("customer_key",)).customer_key
    if key is None:
        raise SettingsError("missing: BACKSTOP_CUSTOMER_KEY")
    return Decoder(
        key.get_secret_value(), settings.future_tolerance_s, settings.max_message_bytes, foreign_systems(settings)
    )

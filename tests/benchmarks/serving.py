"""A copy of a store that `big_store` made, served by ingest as of the store's own present, with events coming in."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.benchmarks import big_store
from tests.benchmarks.common import attached, running_broker, running_ingest
from tests.benchmarks.load import producing


@dataclass(frozen=True)
class Served:
    """A store under load. settings: of its processes; ahead: its clock of the machine's."""

    process: subprocess.Popen[bytes]
    address: str
    settings: dict[str, str]
    ahead: timedelta


@contextmanager
def copied(store: Path | None, contacts: int) -> Iterator[tuple[Path, datetime]]:
    """A copy of the store that may be changed, and the store's present. Made when there is none; None: in passing."""
    with tempfile.TemporaryDirectory(dir=store.parent if store else None) as folder:
        whole = store or Path(folder) / "store"
        if not (whole / "made.json").exists():
            big_store.build(whole, contacts)
        told = json.loads((whole / "made.json").read_text("utf-8"))
        print(f"{told['contacts']:,} contacts, {told['file_mib']:,} MiB")
        copy = Path(folder) / "copy"
        shutil.copytree(whole, copy)
        yield copy, datetime.fromisoformat(told["now"])


@contextmanager
def serving(data: Path, made: datetime, rate: int) -> Iterator[Served]:
    """Ingest on the store, its clock set back to its present, and so many events a second. rate: 0 for none."""
    since = datetime.now(UTC)
    settings = {
        "BACKSTOP_CONFIG": str(data / "backstop.toml"),
        "BACKSTOP_CLOCK_SINCE": since.isoformat(),
        "BACKSTOP_CLOCK_SHOWS": made.isoformat(),
    }
    with ExitStack() as stack:
        broker = stack.enter_context(running_broker())
        process, address = stack.enter_context(running_ingest(broker.address, data, **settings))
        began = time.monotonic()
        attached(address, timeout_s=300).close()
        print(f"served after {time.monotonic() - began:.1f} s", flush=True)
        if rate:
            stack.enter_context(producing(broker.address, rate, made - since))
        yield Served(process, address, settings, made - since)

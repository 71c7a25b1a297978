"""The pages as a process of their own and a Chromium to look at them, for tests and benchmarks."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ingest.broker import free_port
from tests.dashboard_store import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Browser

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
IN_A_BROWSER = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed"),
]
"""Marks of a module whose tests need Chromium."""


@contextmanager
def running_pages(settings: Mapping[str, str], log: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """`dashboard.launch` with these environment variables and a free port; what it says goes to log.

    Yields the process and its address once it answers. It runs in log's folder, where no settings file lies.
    """
    port = free_port()
    own = {"BACKSTOP_DASHBOARD_PORT": str(port), "PYTHONPATH": str(ROOT)}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard.launch"],
            env=os.environ | dict(settings) | own,
            cwd=log.parent,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://localhost:{port}"
            wait_for(address)
            yield process, address
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_for(address: str) -> None:
    """Until the server there answers."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
        except OSError:
            # Not there yet, or too busy to answer in time.
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"{address} did not come up")


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """A headless browser for the length of the block."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()

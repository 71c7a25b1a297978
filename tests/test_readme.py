"""The README is true: its tables are those of the code, and every command in it is run by a test."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.cli import app
from models.documents.reading import read
from models.settings import Settings
from models.terms.charge import PerContact
from models.terms.contract import Contract
from models.terms.exchange import ExchangeRates
from models.terms.in_house import InHouseCosts
from tests.readme_documents import document_table
from tests.readme_tables import alerts_table, macros_table, metrics_table, settings_table, site_table, views_table

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
SETTINGS, _, DOCUMENTS = README.partition("## What a contact costs: the documents\n")
"""What comes before the section about documents, and that section with what follows."""

RUN_ELSEWHERE = {
    "uv run backstop demo": "test_demo.py",
    "uv run backstop simulate --scenario world.toml --from 2026-08-31 --to 2026-09-28 --seed 7 --truth truth": (
        "test_simulator_publish.py"
    ),
    "uv run backstop up": "test_up.py",
    "uv run backstop up --bootstrap-servers localhost:9092": "test_up.py",
    "uv run backstop import calls.csv --mapping mapping.toml --site north": "test_up.py",
    "uv run backstop attach": "test_up.py",
    "uv run backstop check messages.jsonl --adapter amazon_connect": "test_adapters.py",
    "uv run backstop health": "test_up.py",
    "uv run backstop quarantine list": "test_quarantine.py",
    'uv run backstop quarantine show "contacts.south[0]@17"': "test_quarantine.py",
    "uv run backstop quarantine replay --site south": "test_quarantine.py",
    "uv run backstop alerts list": "test_alerting_acknowledge.py",
    'uv run backstop alerts acknowledge 3f0c9a51d2b7e884 --name Ann --note "calling Manila"': (
        "test_alerting_acknowledge.py"
    ),
    "uv run backstop terms check": "test_terms.py",
    "uv run backstop rebuild": "test_rebuild.py",
    "uv run backstop retain --dry-run": "test_retain.py",
    "uv run backstop ingest --bootstrap-servers localhost:9092": "test_kill.py",
    "uv run backstop dashboard": "test_dashboard_browser.py",
    "uv run pytest": "../.ci/run",
    "docker compose up --build --wait": "test_compose.py",
}
"""Commands that need more than this file, and where they are run."""


SMALL = {
    "bench_ingest": ["--events", "400", "--rounds", "1"],
    "bench_freshness": ["--seconds", "2", "--rate", "50"],
    "bench_simulator": ["--days", "1", "--rounds", "1"],
    "bench_memory": ["--events", "400", "--parts", "2"],
}
"""Arguments with which a benchmark is done at once."""


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines()]


def test_there_are_commands() -> None:
    assert COMMANDS[:1] == ["uv run backstop demo"]
    assert set(RUN_ELSEWHERE) <= set(COMMANDS)


@pytest.mark.parametrize("command", [c for c in COMMANDS if c not in RUN_ELSEWHERE])
def test_the_command_runs(command: str) -> None:
    words = shlex.split(command)
    if words[:3] == ["uv", "run", "backstop"]:
        result = CliRunner().invoke(app, words[3:])
        assert result.exit_code == 0, result.output
    else:
        assert words[:4] == ["uv", "run", "python", "-m"], command
        small = SMALL[words[4].rpartition(".")[2]]
        done = subprocess.run(
            [sys.executable, "-m", *words[4:], *small], cwd=ROOT, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        assert "ratio" in done.stdout


@pytest.mark.parametrize(("command", "place"), RUN_ELSEWHERE.items())
def test_a_command_run_elsewhere_is_named_there(command: str, place: str) -> None:
    text = (ROOT / "tests" / place).resolve().read_text("utf-8")
    words = shlex.split(command)
    names = ["docker-compose.yml"] if words[0] == "docker" else words[2:4]
    assert any(name in text for name in names)


def test_the_test_command_of_ci_is_that_of_the_readme() -> None:
    assert "uv run pytest" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_the_tables_are_current() -> None:
    assert views_table() in README
    assert macros_table() in README
    assert metrics_table() in README
    assert settings_table() in README
    assert site_table() in README
    assert alerts_table() in README
    for document in (Contract, InHouseCosts, ExchangeRates):
        assert document_table(document) in DOCUMENTS


def test_the_settings_example_is_valid() -> None:
    *_, example = blocks("toml", SETTINGS)
    assert Settings(**tomllib.loads(example)).sites["north"].in_house
    for part in blocks("toml", SETTINGS):
        Settings(**tomllib.loads(part))


def test_the_contract_is_what_the_sentence_before_it_says() -> None:
    (example,) = blocks("toml", DOCUMENTS)
    contract = read(example, "contract.toml", Contract, exact=True).value
    (charge,) = contract.terms[0].charges
    assert isinstance(charge, PerContact)
    assert (str(charge.rate), str(charge.short_s)) == ("3.80", "10")


def test_the_files_it_points_to_exist() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), target

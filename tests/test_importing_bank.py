"""The bank's three months, translated, give the figures that were computed from the raw rows."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingest.importing.load import load_mapping
from ingest.importing.rows import check_columns, read_rows, stem_of
from ingest.importing.translate import Translated, Translator

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data" / "anonymous_bank"
JERUSALEM = ZoneInfo("Asia/Jerusalem")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"the bank's call log is not at {DATA}"),
]


@pytest.fixture(scope="module")
def months() -> dict[str, list[Translated]]:
    """Every row of every month; none is ignored or refused."""
    rules = load_mapping(ROOT / "tests" / "mappings" / "anonymous_bank.toml")
    columns = rules.used_columns()
    translator = Translator(rules, columns, "bank")
    found: dict[str, list[Translated]] = {}
    for path in sorted(DATA.glob("*.txt")):
        check_columns(path, rules.input, columns)
        rows = found[stem_of(path)] = []
        for batch in read_rows(path, rules.input, columns):
            assert not batch.bad
            for line, values in zip(batch.lines, batch.rows, strict=True):
                result = translator.translate(stem_of(path), values)
                assert isinstance(result, Translated), f"{path}, line {line}: {result}"
                rows.append(result)
    return found


def summed(rows: list[Translated]) -> dict[str, Any]:
    """The figures of expected.json, from the events alone."""
    kinds, types, hours, dates = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    waits: dict[str, list[float]] = {"answered": [], "abandoned": []}
    service: list[float] = []
    agents: set[str] = set()
    without_agent = 0
    for row in rows:
        kinds[row.kind] += 1
        events = {event["type"].removeprefix("contact."): event for event in map(json.loads, row.events)}
        local = datetime.fromisoformat(events["started"]["time"]).astimezone(JERUSALEM)
        hours[str(local.hour)] += 1
        dates[local.strftime("%y%m%d")] += 1
        types[events["started"]["data"]["topic"]] += 1
        if row.kind in waits:
            waits[row.kind].append(events[row.kind]["data"]["wait_s"])
        if row.kind == "answered":
            service.append(events["completed"]["data"]["talk_s"])
            agent = events["answered"]["data"].get("agent_id")
            agents |= {agent} - {None}
            without_agent += agent is None
    return {
        "rows": len(rows),
        "outcome": {
            "AGENT": kinds["answered"],
            "HANG": kinds["abandoned"] + kinds["left_menu"],
            "PHANTOM": kinds["excluded"],
        },
        "type": dict(types),
        "n": len(service),
        "sum": sum(service),
        "abandoned_in_queue_q_time_gt_0": kinds["abandoned"],
        "hung_up_before_queue_q_time_0": kinds["left_menu"],
        "answered_within_20s": sum(wait <= 20 for wait in waits["answered"]),
        "wait_seconds_answered_sum": sum(waits["answered"]),
        "wait_seconds_abandoned_sum": sum(waits["abandoned"]),
        "max_wait_seconds": max(waits["answered"] + waits["abandoned"]),
        "calls_by_hour_of_vru_entry": dict(hours),
        "rows_by_date": dict(dates),
        "distinct_servers": len(agents) + (without_agent > 0),  # the figure counts NO_SERVER as one
        "agent_without_server": without_agent,
    }


@pytest.mark.parametrize("month", ["january", "february", "march"])
def test_a_month_has_the_figures_of_its_raw_rows(months: dict[str, list[Translated]], month: str) -> None:
    expected = json.loads((DATA / "expected.json").read_text())[month]
    expected |= {key: expected["agent_service_seconds"][key] for key in ("n", "sum")}
    found = summed(months[month])
    assert found == {key: expected[key] for key in found}


def test_the_quarter_has_its_known_oddities(months: dict[str, list[Translated]]) -> None:
    rows = [row for month in months.values() for row in month]
    assert len(rows) == len({row.contact_id for row in rows}) == 103_744
    assert sum(len(row.events) for row in rows) == 387_219
    notes = Counter((note.kind, note.column) for row in rows for note in row.notes)
    assert notes == {
        ("not_used", "customer_id"): 76,
        ("unmapped", "type"): 2,
        ("next_day", "ser_exit"): 70,
        ("next_day", "ser_start"): 9,
        ("next_day", "q_start"): 3,
        ("next_day", "q_exit"): 3,
    }


def test_no_conversation_lasts_longer_by_its_instants_than_its_source_says(
    months: dict[str, list[Translated]],
) -> None:
    """A day too many or too few would show here: service time is measured, and the instants agree with it."""
    for rows in months.values():
        for row in rows:
            if row.kind == "answered":
                answered, completed = (json.loads(event) for event in row.events[-2:])
                lasted = datetime.fromisoformat(completed["time"]) - datetime.fromisoformat(answered["time"])
                assert lasted.total_seconds() == completed["data"]["talk_s"], row.contact_id

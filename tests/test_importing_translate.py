"""A row of a call log becomes the events its mapping says: the bank's cases, and clock changes."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.importing.instants import Note, Refusal
from ingest.importing.load import load_mapping
from ingest.importing.translate import Ignored, Translated, Translator
from models.events import EVENT

BANK = load_mapping(Path(__file__).parent / "mappings" / "anonymous_bank.toml")
COLUMNS = BANK.used_columns()
ROW = {
    "vru+line": "AA0101", "call_id": "33118", "customer_id": "27997683", "priority": "2", "type": "PS",
    "date": "990101", "vru_entry": "6:55:20", "vru_exit": "6:55:26",
    "q_start": "6:55:26", "q_exit": "6:55:43", "q_time": "17", "outcome": "AGENT",
    "ser_start": "6:55:42", "ser_exit": "6:56:37", "ser_time": "54", "server": "MICHAL",
}  # fmt: skip
NO_QUEUE = {"q_start": "0:00:00", "q_exit": "0:00:00", "q_time": "0"}
NO_SERVICE = {"ser_start": "0:00:00", "ser_exit": "0:00:00", "ser_time": "0"}


def bank(**changed: str | None) -> Translated | Ignored | Refusal:
    row = ROW | changed
    return Translator(BANK, COLUMNS, "bank").translate("january", [row[name] for name in COLUMNS])


def facts(result: object) -> dict[str, tuple[str, dict[str, Any]]]:
    """Time and data by fact; every event is checked against the contract first."""
    assert isinstance(result, Translated), result
    events = [json.loads(event) for event in result.events]
    for event, value in zip(events, result.events, strict=True):
        EVENT.validate_json(value)
        assert event["subject"] == result.contact_id
        assert event["id"] == f"{result.contact_id}/{event['type'].removeprefix('contact.')}"
        assert event["source"] == "bank"
    return {event["type"].removeprefix("contact."): (event["time"], event["data"]) for event in events}


def times(result: object) -> dict[str, str]:
    return {fact: time for fact, (time, _) in facts(result).items()}


def test_an_answered_call_gives_started_offered_answered_and_completed() -> None:
    result = bank()
    about = {
        "channel": "voice",
        "direction": "inbound",
        "language": "he",
        "topic": "PS",
        "customer_id": "27997683",
    }
    assert facts(result) == {
        "started": ("1999-01-01T04:55:20Z", about),
        "offered": ("1999-01-01T04:55:26Z", about | {"queue": "agents", "priority": 2}),
        "answered": ("1999-01-01T04:55:42Z", {"agent_id": "MICHAL", "wait_s": 17.0}),
        "completed": ("1999-01-01T04:56:37Z", {"talk_s": 54.0}),
    }
    assert isinstance(result, Translated)
    assert result.contact_id == "january-AA0101-33118"
    assert result.notes == ()


def test_a_call_served_without_waiting_is_offered_when_the_service_starts() -> None:
    assert times(bank(**NO_QUEUE))["offered"] == "1999-01-01T04:55:42Z"
    assert times(bank(**NO_QUEUE, **NO_SERVICE)) == {
        "started": "1999-01-01T04:55:20Z",
        "offered": "1999-01-01T04:55:26Z",
        "answered": "1999-01-01T04:55:26Z",
        "completed": "1999-01-01T04:55:26Z",
    }


def test_an_answered_call_without_service_times_is_answered_when_it_left_the_queue() -> None:
    found = facts(bank(**NO_SERVICE))
    assert found["answered"] == ("1999-01-01T04:55:43Z", {"agent_id": "MICHAL", "wait_s": 17.0})
    assert found["completed"] == ("1999-01-01T04:55:43Z", {"talk_s": 0.0})


def test_no_server_means_that_the_agent_is_unknown() -> None:
    assert "agent_id" not in facts(bank(server="NO_SERVER"))["answered"][1]


def test_a_hang_up_in_the_queue_is_an_abandonment_with_the_wait_the_source_measured() -> None:
    found = facts(bank(outcome="HANG", **NO_SERVICE))
    assert list(found) == ["started", "offered", "abandoned"]
    assert found["abandoned"] == ("1999-01-01T04:55:43Z", {"wait_s": 17.0})


@pytest.mark.parametrize("queue", [NO_QUEUE, {"q_start": "6:55:26", "q_exit": "6:55:26", "q_time": "0"}])
def test_a_hang_up_without_a_wait_left_the_menu(queue: dict[str, str]) -> None:
    found = facts(bank(outcome="HANG", **queue, **NO_SERVICE))
    assert list(found) == ["started", "left_menu"]
    assert found["left_menu"] == ("1999-01-01T04:55:26Z", {"reason": "hung_up"})


def test_a_phantom_row_is_kept_as_an_excluded_contact() -> None:
    found = facts(bank(outcome="PHANTOM"))
    assert list(found) == ["started", "excluded"]
    assert found["excluded"][1] == {"reason": "PHANTOM"}


def test_a_service_past_midnight_ends_on_the_next_day() -> None:
    result = bank(vru_entry="23:50:17", vru_exit="23:50:26", **NO_QUEUE, ser_start="23:50:26", ser_exit="0:08:00")
    assert times(result)["completed"] == "1999-01-01T22:08:00Z"
    assert isinstance(result, Translated)
    assert result.notes == (Note("next_day", "ser_exit", "0:08:00"),)


def test_midnight_is_a_time_where_the_duration_says_that_something_happened() -> None:
    """The queue entry of february 31056 and the service end of march 36998."""
    queue = bank(
        vru_entry="23:59:54", vru_exit="23:59:54", q_start="0:00:00", q_exit="0:00:27", q_time="27",
        ser_start="0:00:26", ser_exit="0:01:33", ser_time="67",
    )  # fmt: skip
    assert times(queue)["offered"] == "1999-01-01T22:00:00Z"
    assert facts(queue)["answered"] == ("1999-01-01T22:00:26Z", {"agent_id": "MICHAL", "wait_s": 27.0})
    service = bank(
        vru_entry="23:50:17",
        vru_exit="23:50:26",
        **NO_QUEUE,
        ser_start="23:50:26",
        ser_exit="0:00:00",
        ser_time="574",
    )
    assert times(service)["completed"] == "1999-01-01T22:00:00Z"


def test_a_call_that_begins_at_midnight_starts_at_midnight() -> None:
    assert times(bank(vru_entry="0:00:00", vru_exit="0:00:05"))["started"] == "1998-12-31T22:00:00Z"


def test_a_small_step_back_is_no_next_day() -> None:
    """Negative menu time: the menu was left 57 s before it was entered."""
    result = bank(vru_entry="9:48:14", vru_exit="9:47:17", outcome="HANG", **NO_QUEUE, **NO_SERVICE)
    assert times(result)["left_menu"] == "1999-01-01T07:47:17Z"


def test_english_calls_keep_their_topic_and_get_their_language() -> None:
    started = facts(bank(type="PE"))["started"][1]
    assert (started["topic"], started["language"]) == ("PE", "en")


def test_a_code_not_in_the_table_is_kept_and_counted() -> None:
    result = bank(type="AA")
    assert facts(result)["started"][1]["topic"] == "AA"
    assert isinstance(result, Translated)
    assert result.notes == (Note("unmapped", "type", "AA"),)


@pytest.mark.parametrize(("value", "notes"), [("0", ()), ("3.27E+11", (Note("not_used", "customer_id", "3.27E+11"),))])
def test_a_customer_who_is_unknown_or_imprecise_is_left_out(value: str, notes: tuple[Note, ...]) -> None:
    result = bank(customer_id=value)
    assert "customer_id" not in facts(result)["started"][1]
    assert isinstance(result, Translated)
    assert result.notes == notes


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"q_time": "soon"}, Refusal("q_time", "soon", "a duration as a number (s)")),
        ({"q_time": "nan"}, Refusal("q_time", "nan", "a duration as a number (s)")),
        ({"date": "99111"}, Refusal("date", "99111", "a date as %y%m%d")),
        ({"vru_exit": "25:00:00"}, Refusal("vru_exit", "25:00:00", "a time of day as %H:%M:%S")),
        ({"priority": "high"}, Refusal("priority", "high", "an integer")),
        ({"call_id": ""}, Refusal("call_id", "", "a value, since it is part of the contact id")),
        ({"vru_entry": None}, Refusal("vru_entry", "", "a value, since the row's dates follow from it")),
        (
            {"outcome": "LOST"},
            Refusal("outcome, q_time", "outcome=LOST, q_time=17", "a row that one of the endings describes"),
        ),
        (
            {"ser_time": "-3"},
            Refusal("ser_time", "-3", "talk_s: Input should be greater than or equal to 0"),
        ),
        ({"type": "x" * 129}, Refusal("type", "x" * 129, "topic: String should have at most 128 characters")),
        (
            {"call_id": "9" * 256},
            Refusal("file, vru+line, call_id", "january-AA0101-" + "9" * 256 + "/started",
                    "id: String should have at most 256 characters"),
        ),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_used_refuses_the_row_with_its_reason(
    changed: dict[str, str | None], refusal: Refusal
) -> None:
    assert bank(**changed) == refusal


def test_the_same_row_gives_the_same_bytes() -> None:
    first, second = bank(), bank()
    assert isinstance(first, Translated)
    assert first == second


BERLIN = """
contact_id = "{id}"
started = "start"
[input]
format = "delimited"
[time]
zone = "Europe/Berlin"
ambiguous = "{ambiguous}"
nonexistent = "{nonexistent}"
date = "day"
first = "start"
[columns]
day = {{ type = "date" }}
start = {{ type = "time" }}
end = {{ type = "time" }}
[fields]
channel = {{ constant = "voice" }}
[[endings]]
kind = "left_menu"
reason = "hung_up"
at = "end"
"""


def berlin(
    tmp_path: Path,
    day: str,
    start: str,
    end: str,
    ambiguous: str = "earlier",
    nonexistent: str = "shift_forward",
) -> Translated | Ignored | Refusal:
    path = tmp_path / "berlin.toml"
    text = BERLIN.replace("{id}", "{{id}}").format(ambiguous=ambiguous, nonexistent=nonexistent)
    path.write_text(text)
    mapping = load_mapping(path)
    columns = mapping.used_columns()
    row = {"id": "1", "day": day, "start": start, "end": end}
    return Translator(mapping, columns, "bank").translate("x", [row[name] for name in columns])


def test_a_time_the_clock_jumped_over_is_shifted_forward_and_counted(tmp_path: Path) -> None:
    result = berlin(tmp_path, "2026-03-29", "01:59:00", "02:30:00")
    assert times(result) == {"started": "2026-03-29T00:59:00Z", "left_menu": "2026-03-29T01:30:00Z"}
    assert isinstance(result, Translated)
    assert result.notes == (Note("shifted", "end", "02:30:00"),)


def test_a_time_the_clock_jumped_over_can_be_refused(tmp_path: Path) -> None:
    result = berlin(tmp_path, "2026-03-29", "01:59:00", "02:30:00", nonexistent="refuse")
    assert isinstance(result, Refusal)
    assert (result.column, result.value) == ("end", "02:30:00")
    assert "does not exist in Europe/Berlin" in result.expected


@pytest.mark.parametrize(
    ("ambiguous", "start", "end", "expected"),
    [
        ("earlier", "02:10:00", "02:20:00", ("00:10", "00:20")),
        ("later", "02:10:00", "02:20:00", ("01:10", "01:20")),
        ("earlier", "02:50:00", "02:10:00", ("00:50", "01:10")),  # 20 minutes, not minus 40
        ("earlier", "02:50:00", "02:49:00", ("00:50", "00:49")),  # a small step back stays one
        ("later", "01:59:00", "02:01:00", ("23:59", "00:01")),  # 2 minutes, not 62
        ("later", "02:50:00", "03:10:00", ("01:50", "02:10")),
    ],
)
def test_a_time_that_came_twice_is_read_as_the_mapping_says(
    tmp_path: Path, ambiguous: str, start: str, end: str, expected: tuple[str, str]
) -> None:
    result = berlin(tmp_path, "2026-10-25", start, end, ambiguous)
    assert tuple(time[11:16] for time in times(result).values()) == expected
    assert isinstance(result, Translated)
    assert {note.kind for note in result.notes} == {"ambiguous"}


VALUE = st.one_of(
    st.text(max_size=12),
    st.text(string.digits, max_size=8),
    st.from_regex(r"[0-2]?[0-9]:[0-5][0-9]:[0-5][0-9]", fullmatch=True),
    st.sampled_from(["AGENT", "HANG", "PHANTOM", "0", "0:00:00", "990101", "NO_SERVER", "1e9", "-1", "\ud800"]),
    st.none(),
)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(ROW)), VALUE, max_size=3))
def test_any_row_is_published_within_the_contract_or_refused_with_a_reason(
    changed: dict[str, str | None],
) -> None:
    result = bank(**changed)
    if isinstance(result, Translated):
        assert next(iter(facts(result))) == "started"
        assert not any(b"\n" in event for event in result.events)
        assert result == bank(**changed)
    else:
        assert isinstance(result, Refusal)
        assert result.column
        assert result.expected

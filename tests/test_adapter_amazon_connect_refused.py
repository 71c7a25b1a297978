"""Amazon Connect's damaged messages are told within the contract or refused, and its samples are understood."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.adapters.amazon_connect.adapter import ADAPTER
from ingest.adapters.base import NotUnderstoodError
from tests.test_adapter_amazon_connect import GOLDEN, PLAIN, PLAIN_EVENTS, Document, contact_event, tell
from tests.test_adapter_amazon_connect_agents import (
    ANALYSIS,
    AVAILABLE,
    EVALUATION,
    agent_event,
    held_contact,
    snapshot,
)

SAMPLES = Path(__file__).parents[2] / "shared/data/vendor_samples/amazon_connect"


@pytest.mark.parametrize(
    ("message", "says"),
    [
        (b"\xff", "not JSON"),
        (b"[1]", "a JSON array; expected one JSON object"),
        (b'{"a": 1}', "an object with the fields 'a'; expected one of: contact events"),
        (PLAIN | {"Channel": "FAX"}, "Channel: 'FAX'; expected one of VOICE, CHAT, TASK, EMAIL"),
        (PLAIN | {"LastUpdateTimestamp": None}, "LastUpdateTimestamp: nothing; expected a date and time"),
        (PLAIN | {"Queue": PLAIN["Queue"] | {"Duration": -1}}, "Queue.Duration: -1; expected 0 to"),
        (PLAIN | {"Queue": PLAIN["Queue"] | {"Name": None, "ARN": None}}, "Queue: nothing; expected its Name or ARN"),
        (PLAIN | {"Agent": 3}, "Agent: 3; expected a JSON object"),
        (contact_event("DISCONNECTED", "c", "09:00:00", disconnectTimestamp="today"),
         "detail.disconnectTimestamp: 'today'; expected a date and time"),
        (contact_event("QUEUED", "c" * 101, "09:00:00"), "detail.contactId: "),
        (agent_event("NAP", "09:00:00", AVAILABLE), "EventType: 'NAP'; expected one of LOGIN"),
        (agent_event("HEART_BEAT", "09:00:00", AVAILABLE) | {"CurrentAgentSnapshot": snapshot(AVAILABLE) | {
            "Contacts": [{"State": "ENDED"}]}}, "CurrentAgentSnapshot.Contacts[0].StateStartTimestamp: nothing"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_said_with_its_place(message: bytes | Document, says: str) -> None:
    with pytest.raises(NotUnderstoodError, match=re.escape(says)):
        ADAPTER.tell(message if isinstance(message, bytes) else json.dumps(message).encode(), "north")


def test_other_eventbridge_events_say_nothing() -> None:
    assert "Codeartifact" in tell(PLAIN_EVENTS[0] | {"detail-type": "Codeartifact"}).nothing


VALID = [*(document for documents, _ in GOLDEN.values() for document in documents), EVALUATION, ANALYSIS,
         agent_event("STATE_CHANGE", "09:07:00", AVAILABLE, held_contact("ENDED", "09:04:30"),
                     PreviousAgentSnapshot=snapshot(AVAILABLE, held_contact("CONNECTED", "09:02:00")))]  # fmt: skip
json_values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=300),
        st.sampled_from(["\ud800", "\x00", " ", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00+23:59", "CALLBACK",
                         "TRANSFER", "OUTBOUND", "CHAT", "/", 10**400, -0.0, float("nan")]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)  # fmt: skip


def _paths(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([path] if path else []), *(found for key, inner in items for found in _paths(inner, (*path, key)))]


@st.composite
def mutated(draw: st.DrawFn) -> Document:
    document: Document = copy.deepcopy(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(1, 3))):
        paths = _paths(document)
        if not paths:
            break
        *way, last = draw(st.sampled_from(paths))
        place: Any = document
        for step in way:
            place = place[step]
        if draw(st.booleans()):
            place[last] = draw(json_values)
        else:
            del place[last]
    return document


@settings(max_examples=400, deadline=None)
@given(mutated())
def test_a_damaged_message_is_told_within_the_contract_or_not_understood(document: Document) -> None:
    refused = "expected"
    try:
        tell(document)
    except NotUnderstoodError as error:
        refused = str(error)
    assert "expected" in refused


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(), json_values.map(lambda value: json.dumps(value).encode())))
def test_any_bytes_are_told_or_not_understood(message: bytes) -> None:
    refused = "expected"
    try:
        ADAPTER.tell(message, "north")
    except NotUnderstoodError as error:
        refused = str(error)
    assert "expected" in refused


def test_deep_nesting_is_not_understood() -> None:
    with pytest.raises(NotUnderstoodError):
        ADAPTER.tell(b'{"a":' * 200_000, "north")


# The vendor's own samples.


_STRING_OR_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|\.\.\.,?')


def plain_json(text: str) -> str:
    """A published sample without comments, ellipses and commas before a closing bracket."""
    text = _STRING_OR_COMMENT.sub(lambda found: found[1] or "", text)
    # The sample of a heartbeat closes its snapshot twice: once after the status, once where it ends.
    text = re.sub(r"\}\s*\}\s*,(\s*\"Configuration\")", r"},\1", text, count=1) if "HEART_BEAT" in text else text
    return re.sub(r",(?=\s*[}\]])", "", text)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"the vendor's samples are not in {SAMPLES}")
def test_the_vendors_samples_are_understood() -> None:
    types: dict[str, set[str]] = {}
    for path in sorted(SAMPLES.iterdir()):
        document = json.loads(plain_json(path.read_text("utf-8")))
        types[path.name.split(".")[0].removeprefix("aws_connect_")] = {e["type"] for e in tell(document).events}
    assert types == {
        "agent_event_HEART_BEAT": {"agent.state_changed"},
        "contact_event_CONNECTED_TO_AGENT": {"contact.started", "contact.offered", "contact.answered"},
        "contact_event_DISCONNECTED": {"contact.started", "contact.answered", "contact.completed"},
        "contact_lens_chat": {"chat.message"},
        "evaluation_form_output": {"contact.evaluated"},
    }

"""Messages of other systems on a site's topic: translated, refused as a whole, or counted as saying nothing."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from ingest.adapters.catalogue import ADAPTERS
from ingest.decoding.decoder import Decoder
from ingest.decoding.messages import Decoded
from ingest.decoding.translation import foreign_systems
from models.settings import Settings, SettingsError, System, load_settings
from tests.builders import KEY, T0, event, records

BEGINS = int(T0.timestamp())


def line(seconds: int, rest: str) -> bytes:
    return f"{BEGINS + seconds}|{rest}".encode()


def decoded(*messages: bytes | dict[str, object], system: str = "asterisk") -> Decoded:
    return Decoder(KEY, 3600, 1_000_000, {"north": system}).decode(records(list(messages)), T0)


def test_every_adapter_can_be_named_in_the_settings_and_no_other() -> None:
    assert set(get_args(System)) == set(ADAPTERS)
    with pytest.raises(SettingsError, match=r"sites\.north\.system.*amazon_connect"):
        load_settings(sites={"north": {"system": "avaya"}})


def test_sites_that_speak_the_contract_are_not_translated() -> None:
    settings = Settings(sites={"north": {}, "south": {"system": "asterisk"}})
    assert foreign_systems(settings) == {"south": "asterisk"}


def test_events_keep_the_place_of_the_message_they_were_made_of() -> None:
    found = decoded(
        line(0, "call-1|support|NONE|ENTERQUEUE||49170|1"), line(4, "call-1|support|SIP/ann|CONNECT|4|ch|3")
    )
    rows = found.events.to_pylist()
    assert [(row["type"], row["kafka_offset"]) for row in rows] == [("contact.offered", 0), ("contact.answered", 1)]
    assert {row["site"] for row in rows} == {"north"}
    assert found.messages == {"north": 2}


def test_customers_of_other_systems_are_hashed_too() -> None:
    found = decoded(line(0, "call-1|support|NONE|ENTERQUEUE||491700000001|1"))
    (text,) = found.events["data"].to_pylist()
    assert "491700000001" not in str(text)
    assert json.loads(str(text))["customer_id"]


def test_a_message_that_says_nothing_is_counted_not_refused() -> None:
    found = decoded(line(0, "NONE|NONE|NONE|QUEUESTART|"))
    assert (found.silent, found.refusals, found.events.num_rows) == ({"north": 1}, [], 0)


def test_a_message_that_is_not_understood_is_refused_with_its_bytes_and_the_adapter_named() -> None:
    (refusal,) = decoded(b"what is this").refusals
    assert refusal.code == "not_understood"
    assert refusal.reason.startswith("contacts.north[0]@0: asterisk: ")
    assert refusal.message.value == b"what is this"


def test_all_events_of_a_message_are_taken_or_none() -> None:
    """The conversation begins within the tolerance of the receiver's clock and ends beyond it."""
    page = {
        "conversationId": "c1",
        "conversationStart": "2026-03-02T09:00:00.000Z",
        "conversationEnd": "2026-03-02T12:00:00.000Z",
        "participants": [
            {
                "participantId": "p1",
                "purpose": "acd",
                "sessions": [
                    {
                        "sessionId": "s1",
                        "mediaType": "voice",
                        "direction": "inbound",
                        "segments": [
                            {
                                "segmentStart": "2026-03-02T09:00:00.000Z",
                                "segmentEnd": "2026-03-02T12:00:00.000Z",
                                "queueId": "q1",
                                "segmentType": "interact",
                                "disconnectType": "peer",
                            }
                        ],
                    }
                ],
            }
        ],
    }
    message = json.dumps(page).encode()
    assert len(ADAPTERS["genesys_cloud"].tell(message, "north").events) > 1
    found = decoded(message, system="genesys_cloud")
    assert [refusal.code for refusal in found.refusals] == ["in_future"]
    assert found.events.num_rows == 0


def test_events_of_the_contract_are_taken_on_the_topic_of_another_system() -> None:
    found = decoded(event("surveyed"), event("contact.evaluated"), system="amazon_connect")
    assert found.events["type"].to_pylist() == ["contact.surveyed", "contact.evaluated"]
    assert [r.code for r in decoded(event("surveyed") | {"source": "south"}).refusals] == ["wrong_source"]


def test_a_cloudevent_of_another_type_is_the_adapters_business() -> None:
    streamed = {
        "specversion": "1.0",
        "type": "com.twilio.taskrouter.task.created",
        "source": "/x",
        "id": "EV1",
        "time": "2026-03-02T09:00:00.000Z",
        "data": {},
    }
    (refusal,) = decoded(json.dumps(streamed).encode(), system="twilio_taskrouter").refusals
    assert refusal.code == "not_understood"

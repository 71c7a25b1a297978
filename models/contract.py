"""The published description of the event contract, made from the classes: JSON Schemas and an AsyncAPI document."""

from __future__ import annotations

from typing import Any

from models.events import Event, event_classes
from models.settings import Settings, SettingsError

ASYNCAPI_VERSION = "3.0.0"
CONTRACT_VERSION = "1.0.0"


def document(part: str) -> dict[str, Any]:
    """`asyncapi`, `jsonschema` (all, by event type) or the JSON Schema of one event type.

    Raises SettingsError for any other name.
    """
    classes = event_classes()
    if part == "asyncapi":
        return asyncapi()
    if part == "jsonschema":
        return {name: json_schema(event) for name, event in classes.items()}
    if part in classes:
        return json_schema(classes[part])
    raise SettingsError(f"no such part {part!r}; there are asyncapi, jsonschema, {', '.join(classes)}")


def json_schema(event: type[Event[Any]]) -> dict[str, Any]:
    """JSON Schema (2020-12) of one event as it stands on the wire."""
    schema = event.model_json_schema(mode="validation", ref_template="#/$defs/{model}")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def asyncapi() -> dict[str, Any]:
    """AsyncAPI 3.0: one channel per site, one message per fact."""
    prefix = Settings.model_fields["topic_prefix"].default
    messages = {}
    for name, event in event_classes().items():
        messages[name] = {
            "name": name,
            "title": event.__name__,
            "summary": (event.__doc__ or "").strip(),
            "contentType": "application/cloudevents+json",
            "payload": _inlined(event),
            "bindings": {"kafka": {"key": {"type": "string", "description": "The subject of the event."}}},
        }
    return {
        "asyncapi": ASYNCAPI_VERSION,
        "info": {
            "title": "Backstop events",
            "version": CONTRACT_VERSION,
            "description": (
                "Facts about calls and chats, published by each site to a topic of its own as CloudEvents 1.0 "
                "in structured JSON mode. The same id from the same source is a repeat and changes nothing."
            ),
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {
            "site": {
                "address": prefix + "{site}",
                "description": "One topic per site, keyed by subject so that a contact stays in order.",
                "parameters": {"site": {"description": "Id of the site; every event's source must equal it."}},
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "publish": {
                "action": "receive",
                "channel": {"$ref": "#/channels/site"},
                "summary": "Backstop receives what sites publish.",
            }
        },
        "components": {"messages": messages},
    }


def _inlined(event: type[Event[Any]]) -> dict[str, Any]:
    """The schema without references, since a reference inside a payload would be looked up in the document."""
    schema = event.model_json_schema(mode="validation")
    definitions = schema.pop("$defs", {})

    def resolve(node: Any) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                return resolve(definitions[node["$ref"].rsplit("/", 1)[1]])
            return {key: resolve(value) for key, value in node.items()}
        if isinstance(node, list):
            return [resolve(item) for item in node]
        return node

    resolved: dict[str, Any] = resolve(schema)
    return resolved

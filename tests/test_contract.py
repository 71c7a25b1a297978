"""The published contract: what it says is what the classes accept."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from ingest.cli import app
from models.columns import data_fields
from models.contract import asyncapi, document
from models.events import EVENT, data_class, event_classes
from models.settings import SettingsError
from tests.builders import event


@pytest.mark.parametrize("wire", list(event_classes()))
def test_a_valid_event_passes_its_published_json_schema_and_a_broken_one_does_not(wire: str) -> None:
    validator = jsonschema.Draft202012Validator(document(wire))
    body = event(wire)
    validator.validate(body)
    assert EVENT.validate_python(body, strict=False).type == wire
    for missing in ("id", "source", "time", "subject", "data", "specversion", "type"):
        broken = {key: value for key, value in body.items() if key != missing}
        assert not validator.is_valid(broken), missing


@pytest.mark.parametrize("wire", list(event_classes()))
def test_every_field_is_described(wire: str) -> None:
    cls = event_classes()[wire]
    fields = {**cls.model_fields, **data_class(cls).model_fields}
    undescribed = [name for name, field in fields.items() if name not in ("type", "data") and not field.description]
    assert not undescribed
    assert cls.__doc__


def test_event_classes_are_frozen() -> None:
    answered: Any = EVENT.validate_json(json.dumps(event("answered")))
    with pytest.raises(ValueError, match="frozen"):
        answered.id = "other"
    with pytest.raises(ValueError, match="frozen"):
        answered.data.wait_s = 1.0


def test_a_field_name_means_one_type_in_every_fact() -> None:
    assert data_fields()["wait_s"] == "DOUBLE"


def test_the_asyncapi_document_has_a_message_per_fact_and_resolves() -> None:
    described = asyncapi()
    assert described["asyncapi"] == "3.0.0"
    assert set(described["components"]["messages"]) == set(event_classes())

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [r for value in node.values() for r in references(value)]
        return [r for item in node for r in references(item)] if isinstance(node, list) else []

    for reference in references(described):
        target: Any = described
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]
    assert described["channels"]["site"]["address"] == "contacts.{site}"


def test_the_schema_command_prints_json_and_refuses_unknown_names() -> None:
    runner = CliRunner()
    assert json.loads(runner.invoke(app, ["schema"]).stdout)["asyncapi"] == "3.0.0"
    assert set(json.loads(runner.invoke(app, ["schema", "jsonschema"]).stdout)) == set(event_classes())
    wrong = runner.invoke(app, ["schema", "contact.invented"])
    assert wrong.exit_code == 2
    assert "contact.offered" in wrong.output
    with pytest.raises(SettingsError):
        document("contact.invented")

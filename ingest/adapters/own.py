"""Backstop's own events: nothing to translate."""

from __future__ import annotations

from ingest.adapters.base import Adapter, Told
from ingest.adapters.reading import parse


def _tell(message: bytes, site: str) -> Told:
    del site  # An event of another site must be refused by whoever reads it, so it is passed on as it is.
    return Told((parse(message, "a CloudEvents JSON document in UTF-8"),))


ADAPTER = Adapter("cloudevents", "Backstop's own contract", ("CloudEvents 1.0 in structured JSON",), _tell)

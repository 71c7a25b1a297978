"""Backstop's own events: nothing to translate."""

from __future__ import annotations

import json

from ingest.adapters.base import Adapter, NotUnderstoodError, Told


def _tell(message: bytes, site: str) -> Told:
    del site  # An event of another site must be refused by whoever reads it, so it is passed on as it is.
    try:
        document = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise NotUnderstoodError(f"not JSON: {error}; expected a CloudEvents JSON document in UTF-8") from None
    if not isinstance(document, dict):
        raise NotUnderstoodError(f"a JSON {type(document).__name__}; expected a CloudEvents JSON object")
    return Told((document,))


ADAPTER = Adapter("cloudevents", "Backstop's own contract", ("CloudEvents 1.0 in structured JSON",), _tell)

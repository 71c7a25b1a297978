"""Messages of other systems, as the decoder takes them: translated to texts of the contract, or refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

import msgspec

from ingest.adapters.base import Adapter, NotUnderstoodError
from ingest.adapters.catalogue import ADAPTERS
from ingest.adapters.own import ADAPTER as OWN
from ingest.decoding.messages import RefusedError
from models.events import event_classes
from models.settings import Settings

Translate: TypeAlias = Callable[[bytes, str], list[bytes]]
"""A native message and its site to the texts of its events. Raises RefusedError."""

_OWN_TYPE = re.compile(rb'"type"\s*:\s*"(' + b"|".join(re.escape(name.encode()) for name in event_classes()) + rb')"')
_to_json = msgspec.json.Encoder().encode


def foreign_systems(settings: Settings) -> dict[str, str]:
    """The adapter of each site that does not speak the contract, by its name."""
    return {site: known.system for site, known in settings.sites.items() if known.system != OWN.name}


def translations(systems: Mapping[str, str]) -> dict[str, Translate]:
    """How to translate the messages of each site, from its adapter's name."""
    return {site: _translation(ADAPTERS[name]) for site, name in systems.items()}


def _translation(adapter: Adapter) -> Translate:
    def translate(value: bytes, site: str) -> list[bytes]:
        # What a site's system cannot tell (surveys, incidents) may come on the same topic in the contract's own words.
        if _OWN_TYPE.search(value):
            return [value]
        try:
            told = adapter.tell(value, site)
        except NotUnderstoodError as error:
            raise RefusedError("not_understood", f"{adapter.name}: {error}") from None
        return [_to_json(event) for event in told.events]

    return translate

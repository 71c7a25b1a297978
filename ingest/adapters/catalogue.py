"""All adapters by name."""

from __future__ import annotations

from ingest.adapters import own
from ingest.adapters.amazon_connect import adapter as amazon_connect
from ingest.adapters.asterisk import adapter as asterisk
from ingest.adapters.base import Adapter
from ingest.adapters.genesys_cloud import adapter as genesys_cloud
from ingest.adapters.twilio_taskrouter import adapter as twilio_taskrouter

ADAPTERS: dict[str, Adapter] = {
    module.ADAPTER.name: module.ADAPTER for module in (own, amazon_connect, asterisk, genesys_cloud, twilio_taskrouter)
}

"""Messages as Slack's incoming webhooks take them; Mattermost, Rocket.Chat and others do so as well.

Slack shows the blocks, in which text is plain; `text` is for receivers that know no blocks and may look for markup in
it. The key of the message is in the header Idempotency-Key and in the JSON, with the episode and the event.
"""

from __future__ import annotations

import http.client
import json
import re
import urllib.error
import urllib.request
from typing import Any

from ingest.alerting.channel import TIMEOUT_S, ChannelError
from ingest.alerting.message import Message

_LONGEST_BLOCK = 2900
_SAID = re.compile(rb"[a-z][a-z_ ]{0,38}[a-z]")
"""What Slack says of trouble: no_service, invalid_payload. Anything else may hold the address."""


class Webhook:
    """Posts to one address, http or https."""

    name = "webhook"

    def __init__(self, url: str, timeout_s: float = TIMEOUT_S) -> None:
        self._url, self._timeout_s = url, timeout_s
        # Not build_opener, which also knows files and FTP and follows redirects: who could answer for the webhook could
        # then send alerts anywhere, inside the network too.
        self._opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.HTTPDefaultErrorHandler(),
        ):
            self._opener.add_handler(handler)

    def send(self, message: Message) -> str:
        """Post it. Raises ChannelError unless the answer is a 2xx."""
        request = urllib.request.Request(  # noqa: S310 - the settings let http and https through only
            self._url,
            data=json.dumps(payload(message)).encode(),
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Idempotency-Key": message.key,
                "User-Agent": "backstop",
            },
            method="POST",
        )
        try:
            with self._opener.open(request, timeout=self._timeout_s) as answer:
                return f"answered {answer.status}"
        except urllib.error.HTTPError as error:
            with error:
                raise ChannelError(_refusal(error)) from None
        except urllib.error.URLError as error:
            raise ChannelError(_trouble(error.reason)) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ChannelError(_trouble(error)) from None


def payload(message: Message) -> dict[str, Any]:
    """The JSON of a message."""
    details = "\n".join(message.lines)[:_LONGEST_BLOCK]
    return {
        "text": message.plain_title,
        "blocks": [
            {"type": "section", "text": _plain(message.title)},
            {"type": "context", "elements": [_plain(details)]},
        ],
        "mrkdwn": False,
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "idempotency_key": message.key,
        "episode": message.episode,
        "event": message.event,
    }


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text[:_LONGEST_BLOCK], "emoji": False}


def _refusal(error: urllib.error.HTTPError) -> str:
    if 300 <= error.code < 400:
        return f"answered {error.code}: redirects are not followed"
    try:
        said = error.read(200).strip()
    except (OSError, http.client.HTTPException):
        said = b""
    return f"answered {error.code}" + (f": {said.decode('ascii')}" if _SAID.fullmatch(said) else "")


def _trouble(reason: object) -> str:
    """What went wrong on the way, without the address."""
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    if isinstance(reason, OSError) and reason.strerror:
        return f"{type(reason).__name__}: {reason.strerror}"
    return type(reason).__name__ if isinstance(reason, Exception) else "the address cannot be reached"

"""Asterisk's queues: a line of queue_log, or an event of the manager interface (AMI) as text or JSON.

A contact is one call in one queue: its id is `callid/queue`. One message cannot number visits, so:
- a call that enters the same queue again (a dial plan that loops after a timeout) stays one contact, offered at
  its first entry; answered then counts before abandoned, and abandoned before left the queue;
- which queue a call was in before is not known, so initial_contact_id and previous_contact_id stay empty.

Feed one of the two forms, not both. The log is the better one: AMI reports a caller as abandoned also when a
timeout (in newer versions an empty queue, too) sent them out, and does not say which.

States of agents are per queue in Asterisk and per agent in the contract: the last word counts, whatever the
queue. Queue members need one name in all lines: `log_membername_as_agent = yes` in queues.conf.
"""

from __future__ import annotations

import re

from ingest.adapters.asterisk import ami, log
from ingest.adapters.base import Adapter, NotUnderstoodError, Told
from ingest.adapters.reading import shown

_KEYED = re.compile(r"[A-Za-z][A-Za-z0-9_() -]*:")


def _tell(message: bytes, site: str) -> Told:
    try:
        text = message.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise NotUnderstoodError(f"byte {error.start}: {error.reason}; expected UTF-8") from None
    if text.startswith("{"):
        return ami.tell_json(text, site)
    if _KEYED.match(text):
        return ami.tell_text(text, site)
    if "|" in text:
        return log.tell_line(text, site)
    raise NotUnderstoodError(
        f"{shown(text)}: expected a line of queue_log (epoch|callid|queue|agent|event|...), or an AMI event as "
        "lines of `Key: Value` or as a JSON object"
    )


ADAPTER = Adapter(
    "asterisk",
    "Asterisk (app_queue), and FreePBX and others on it",
    ("a line of queue_log", "an AMI event with a time, as text or JSON"),
    _tell,
)

"""Asterisk: the contacts that its queue log makes, worked out by hand. Lines are written for these tests."""

from __future__ import annotations

import pytest

from ingest.adapters.asterisk.adapter import ADAPTER
from tests.adapter_contacts import Row, hold_true, states, tell
from tests.test_adapter_asterisk import CALL, LOG, ami, as_json, log_line

# The lines of LOG in test_adapter_asterisk.py. Asterisk measures wait and call time, and writes neither holds nor
# after-contact work; calls of one caller in two queues are two contacts that are not linked, as no line links them.
GOLDEN = {
    # CONNECT holdtime 12, COMPLETEAGENT calltime 60.
    "c1/sales": Row("voice", "inbound", "sales", "answered", "SIP/101", wait_s=12, talk_s=60, customer="+49301001"),
    # A phone rang in vain at 9 s; the caller waited on and withheld the number.
    "c2/sales": Row("voice", "inbound", "sales", "answered", "Agent/1001", wait_s=30, talk_s=45),
    "c3/sales": Row("voice", "inbound", "sales", "abandoned", wait_s=20, customer="+49301003"),
    # EXITWITHTIMEOUT: the dial plan goes on with the caller.
    "c4/sales": Row("voice", "inbound", "sales", "left_queue", wait_s=60, left_reason="overflow", customer="+49301004"),
    # EXITWITHKEY: a key was pressed; what for (voicemail, callback) only the dial plan knows.
    "c5/sales": Row("voice", "inbound", "sales", "left_queue", wait_s=15, left_reason="other"),
    # EXITEMPTY: no agents were in the queue.
    "c6/night": Row("voice", "inbound", "night", "left_queue", wait_s=2, left_reason="closed"),
    # Blind transfer after 30 s of talk, into another queue: a contact of its own, with its own wait.
    "c7/sales": Row("voice", "inbound", "sales", "answered", "Anna Berg", wait_s=4, talk_s=30, customer="+49301007"),
    "c7/billing": Row("voice", "inbound", "billing", "answered", "SIP/103", wait_s=10, talk_s=20, customer="+49301007"),
    # Attended transfers to a bridge (call time is data4) and by linking channels (data5); CONNECT without an agent.
    "c8/sales": Row("voice", "inbound", "sales", "answered", None, wait_s=2, talk_s=50, customer="+49301008"),
    "c9/sales": Row("voice", "inbound", "sales", "answered", "SIP/101", wait_s=5, talk_s=25, customer="+49301009"),
    # The PBX restarted: the end of these two was never written.
    "c10/sales": Row("voice", "inbound", "sales", "answered", "SIP/101", wait_s=10, customer="+493010010"),
    "c11/sales": Row("voice", "inbound", "sales", "waiting", customer="+493010011"),
    # A timeout leads into a second queue, whose agent transfers (TRANSFER of before Asterisk 12).
    "c12/sales": Row("voice", "inbound", "sales", "left_queue", wait_s=30, left_reason="overflow",
                     customer="+493010012"),
    "c12/overflow": Row("voice", "inbound", "overflow", "answered", "SIP/104", wait_s=4, talk_s=10,
                        customer="+493010012"),
}  # fmt: skip
LINES = [log_line(line) for line in LOG.strip().splitlines()]

STORIES = {
    "the log": (LINES, GOLDEN),
    # The same call by AMI: HoldTime 12, TalkTime 60. Hold and Unhold name a channel only, so no hold is known.
    "AMI": (
        [as_json(message) for message in CALL],
        {"c1/sales": Row("voice", "inbound", "sales", "answered", "Anna Berg", 12, 60, customer="+49301001")},
    ),
    # Abandoned after 9 s, by AMI: without a Join nothing but the end is known of it, not even the channel.
    "AMI without a beginning": (
        [as_json(ami("QueueCallerAbandon", 9, Uniqueid="c2", Queue="sales", HoldTime="9"))],
        {"c2/sales": Row(None, None, None, "abandoned", wait_s=9)},
    ),
    # An agent calls out: no queue, no wait; talk is the call time of the line.
    "outbound": (
        [log_line("0|o1|out|SIP/1|CALLOUTBOUND|+49302||"), log_line("9|o1|out|SIP/1|CONNECT|0|m|9"),
         log_line("49|o1|out|SIP/1|COMPLETECALLER|0|40|1")],
        {"o1/out": Row("voice", "outbound", None, "answered", "SIP/1", wait_s=0, talk_s=40, customer="+49302")},
    ),
    # An agent hangs up during the announcement (AGENTDUMP): the caller waits on until the timeout.
    "agent dumped": (
        [log_line("0|d1|sales|NONE|ENTERQUEUE||5|1"), log_line("7|d1|sales|SIP/1|AGENTDUMP|"),
         log_line("30|d1|sales|NONE|EXITWITHTIMEOUT|1|1|30")],
        {"d1/sales": Row("voice", "inbound", "sales", "left_queue", wait_s=30, left_reason="overflow", customer="5")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_rows_are_those_worked_out_by_hand(story: str) -> None:
    lines, expected = STORIES[story]
    hold_true(ADAPTER, lines, dict(sorted(expected.items())))


def test_states_of_a_shift() -> None:
    lines = [
        "0|NONE|sales|Anna|ADDMEMBER|",
        "600|NONE|sales|Anna|PAUSE|Lunch",
        "2400|NONE|sales|Anna|UNPAUSE|",
        # Talking is not written in the log: between UNPAUSE and REMOVEMEMBER she is available.
        "2500|c1|sales|Anna|CONNECT|5|m|2",
        "3600|NONE|sales|Anna|REMOVEMEMBER|",
    ]
    assert states(tell(ADAPTER, *map(log_line, lines))) == {
        "Anna": [
            ("09:00:00", "available", None),
            ("09:10:00", "lunch", "Lunch"),
            ("09:40:00", "available", None),
            ("10:00:00", "offline", None),
        ]
    }

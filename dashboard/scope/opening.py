"""How every week page begins: its heading, the states in which there is nothing to show, and what can be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import parts, queries, words
from dashboard.names import display_names
from dashboard.scope import sums
from dashboard.store import State

if TYPE_CHECKING:
    from dashboard.queries import Status
    from dashboard.scope.scope import Known
    from dashboard.store import Reply, Store


@dataclass(frozen=True)
class Opened:
    """What a page starts from. choices: the answer to `sums.choices`."""

    store: Store
    choices: Reply
    now: Status
    known: Known
    site_names: dict[str, str]
    topic_names: dict[str, str]

    def as_of(self, page: str) -> None:
        """Say how old the sums are."""
        rolled = self.choices.frames["rolled"].iloc[0]
        made = queries.instant(rolled["contacts_at"]), queries.instant(rolled["answers_at"])
        parts.plain(words.sums_as_of(*made, self.now.reporting_zone), "muted", key=f"{page}-as-of")


def opened(title: str) -> Opened | None:
    """Draw the top of a page; None after saying why there is nothing more to draw."""
    store = parts.store()
    if store is None:
        return None
    reply = sums.choices(store)
    parts.heading(title, reply)
    if reply.state is State.UNREACHABLE:
        parts.unreachable(reply)
        return None
    parts.notices(reply)
    now, known = queries.status(reply), sums.known(reply)
    if not known.weeks:
        if now.last_event_at is None:
            parts.empty(queries.health(store, reply.state, now.asked_at).frames.get("refused"))
        else:
            st.info(words.SUMS_NOT_YET, icon=":material/hourglass_top:")
        return None
    topics = reply.frames["topics"]
    topic_names = dict(zip(topics["topic"], topics["name"], strict=True))
    return Opened(store, reply, now, known, display_names(reply.frames["sites"]), topic_names)

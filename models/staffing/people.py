"""From agents at work to people: those who are absent, and those who chat with several customers at once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from models.staffing.arrays import Floats, Numbers, Whole, above, at_least, rounded_up, share_below_one
from models.staffing.erlang import offered_load
from models.staffing.required import Targets, agents_required


def combined_shrinkage(*shares: Numbers) -> Floats:
    """Share of paid time lost to several causes, each a share of what the ones before leave: 1 - (1 - s)(1 - t)...

    18 % and 12 % make 27.8 %, not 30 %. Raises ValueError for a share outside 0 to below 1.
    """
    left: Floats = np.ones(())
    for share in shares:
        left = left * (1 - share_below_one("shrinkage", share))
    return 1 - left


def scheduled(agents: Numbers, shrinkage: Numbers) -> Floats:
    """People to schedule, unrounded, so that so many are at work: agents / (1 - shrinkage).

    Not agents * (1 + shrinkage): 14 at 30 % take 20, of whom 14 are there. Raises ValueError for negative agents and a
    shrinkage outside 0 to below 1.
    """
    return at_least("agents", agents) / (1 - share_below_one("shrinkage", shrinkage))


def people_scheduled(agents: Numbers, shrinkage: Numbers) -> Whole:
    """The same in whole people, rounded up."""
    return rounded_up(scheduled(agents, shrinkage))


@dataclass(frozen=True, slots=True)
class ChatAgents:
    """What it takes to answer chats; arrays of one shape. `erlangs` and `slots` count chats, `agents` people."""

    erlangs: Floats
    slots: Whole
    agents: Whole


def chat_agents(
    chats_per_hour: Numbers, chat_s: Numbers, concurrency: Numbers, targets: Targets, *, patience_s: Numbers = math.inf
) -> ChatAgents:
    """Agents who hold up to `concurrency` chats each, every chat lasting `chat_s` seconds when they hold that many.

    Measure that time: it grows with the number held, and dividing the time of a lone chat by it promises far too
    much. Slots come from Erlang A (C with endless patience), agents are slots / concurrency rounded up. max_occupancy
    is that of the slots. Raises ValueError for bad numbers, or a concurrency that is not a whole number from 1.
    """
    held = at_least("concurrency", concurrency, 1)
    if (held % 1 != 0).any():
        raise ValueError(f"expected concurrency to be a whole number, got {held[held % 1 != 0].flat[0]}")
    erlangs = offered_load(chats_per_hour, above("chat_s", chat_s))
    slots = agents_required(erlangs, chat_s, targets, patience_s=patience_s)
    agents = -(-slots // held.astype(np.int64))
    return ChatAgents(*np.broadcast_arrays(erlangs, slots, agents))


def concurrency_gain(chat_s: Numbers, alone_s: Numbers, concurrency: Numbers) -> Floats:
    """How many times the chats of an agent who holds one get done by one who holds more: k * alone_s / chat_s."""
    return at_least("concurrency", concurrency, 1) * above("alone_s", alone_s) / above("chat_s", chat_s)

"""How many agents a load takes, and what a number of agents does with it: closed forms on arrays of intervals.

From the formula to the people: `erlang` (B and C), `erlang_a` (customers hang up), `required` (the least agents for
targets, and the square-root rule), `uncertainty` (the rate is not known for sure), `pooling` (queues that share
agents), `people` (absence, and several chats at once). `arrays`, `tails` and `offered_wait` serve these.

All of it is for a steady state within an interval: good where contacts are much shorter than the interval. A backlog
(mail, back office) is not a queue of this kind.
"""

from models.staffing.erlang import ErlangC, erlang_b, erlang_c, offered_load
from models.staffing.erlang_a import PATIENT_FROM, VARIANTS, ErlangA, Variant, Within, erlang_a
from models.staffing.people import (
    ChatAgents,
    chat_agents,
    combined_shrinkage,
    concurrency_gain,
    people_scheduled,
    scheduled,
)
from models.staffing.pooling import CHAIN_LOSS, PooledAgents, PooledLevel, pooled_agents, pooled_service_level
from models.staffing.required import (
    Targets,
    agents_required,
    halfin_whitt_beta,
    halfin_whitt_waiting,
    lines_required,
    mean_patience_s,
    square_root_agents,
)
from models.staffing.uncertainty import (
    Band,
    Expected,
    agents_under_uncertainty,
    expected_under_uncertainty,
    service_level_band,
)

__all__ = [
    "CHAIN_LOSS",
    "PATIENT_FROM",
    "VARIANTS",
    "Band",
    "ChatAgents",
    "ErlangA",
    "ErlangC",
    "Expected",
    "PooledAgents",
    "PooledLevel",
    "Targets",
    "Variant",
    "Within",
    "agents_required",
    "agents_under_uncertainty",
    "chat_agents",
    "combined_shrinkage",
    "concurrency_gain",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "expected_under_uncertainty",
    "halfin_whitt_beta",
    "halfin_whitt_waiting",
    "lines_required",
    "mean_patience_s",
    "offered_load",
    "people_scheduled",
    "pooled_agents",
    "pooled_service_level",
    "scheduled",
    "service_level_band",
    "square_root_agents",
]

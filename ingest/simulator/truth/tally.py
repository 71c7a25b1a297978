"""What really happened, counted while it happens: by site, week and topic. The source of the truth file."""

from __future__ import annotations

from dataclasses import dataclass, field, fields


@dataclass(slots=True)
class TopicTally:
    """Contacts of one topic that an agent finished and did not hand on, at one site in one week."""

    handled: int = 0
    resolved: int = 0
    resolved_p: float = 0.0
    """Sum of the probabilities with which they were solved: the truth behind the chance."""
    satisfied: int = 0
    satisfied_p: float = 0.0
    handle_ms: int = 0


@dataclass(slots=True)
class Tally:
    """One site in one week. Volume and waits on the arrival clock, everything else when it happened."""

    abandoned: int = 0
    """Gave up waiting."""
    abandoned_in_provider_target: int = 0
    """Within the target the provider uses."""
    abandoned_in_target: int = 0
    """Of these within the target."""
    abandoned_short: int = 0
    """Within a few seconds, as its plant says."""
    absent: int = 0
    """Agent-days planned and not worked."""
    answered: int = 0
    """By an agent; callbacks left out."""
    answered_in_provider_target: int = 0
    answered_in_target: int = 0
    answered_wait_ms: int = 0
    """Sum."""
    callbacks: int = 0
    """Calls back, outbound."""
    came_again: int = 0
    """Arrivals of customers with an unsolved issue."""
    campaign: int = 0
    """Offered because of a campaign."""
    claimed: int = 0
    """Finished contacts whose agent said solved."""
    closed: int = 0
    """Left_queue at closing time."""
    critical: int = 0
    """Evaluated contacts with a critical error."""
    diverted_here: int = 0
    """Arrivals meant for a dark site."""
    evaluated: int = 0
    handled: int = 0
    """Finished, callbacks included."""
    hired: int = 0
    """Agents."""
    hold_ms: int = 0
    """Sum."""
    leads_left: int = 0
    left: int = 0
    """Agents."""
    left_menu: int = 0
    left_queue: int = 0
    """Callback taken or closing time."""
    offered: int = 0
    """Inbound, transfers included."""
    planned: int = 0
    """Agent-days."""
    resolved: int = 0
    """Really solved."""
    satisfied: int = 0
    """Really satisfied."""
    surveyed: int = 0
    """Who will answer."""
    surveyed_satisfied: int = 0
    talk_ms: int = 0
    """Sum."""
    transferred_away: int = 0
    transferred_here: int = 0
    wrap_ms: int = 0
    """Sum."""
    topics: list[TopicTally] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """All counts by name, topics left out."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self) if entry.name != "topics"}


def tally_of(topics: int) -> Tally:
    """Counts of a new week."""
    return Tally(topics=[TopicTally() for _ in range(topics)])


def summed(weeks: list[Tally]) -> list[TopicTally]:
    """Counts of each topic over all weeks."""
    sums = [TopicTally() for _ in weeks[0].topics]
    for tally in weeks:
        for whole, topic in zip(sums, tally.topics, strict=True):
            for entry in fields(TopicTally):
                setattr(whole, entry.name, getattr(whole, entry.name) + getattr(topic, entry.name))
    return sums

"""What the drill says. With a name in it: shown by `parts.plain`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dashboard import format as text
from dashboard.fallback.drill_choice import UNREADY

if TYPE_CHECKING:
    from datetime import date

    from dashboard.fallback.drill_choice import Choice, Outages
    from models.fallback.drill import Fluid, Outage
    from models.fallback.drill_runs import Runs
    from models.staffing.arrays import Floats

DRILL = "The drill"
ABOUT = "The provider goes dark at a time of your choice and its contacts come to in-house queues."
DAY, KIND, FROM, UNTIL, REST = "Day", "Contacts", "Dark from", "Until", "For the whole rest of the day"
WARNING, DIVERTED, LIMIT = "Warning", "Diverted (callback, announcement, other providers), %", "Hang-ups allowed, %"
KINDS = {"voice": "Calls", "chat": "Chats"}
WARNINGS = {True: "With warning", False: "Without warning"}
WARNING_HELP = (
    "With warning the share is diverted from the first minute. Without, nothing is diverted in the first "
    f"{15 * UNREADY} minutes: somebody has to notice, decide and switch over."
)
NO_DAYS = "No day ahead has any of this work, so there is no drill to run."
LIMIT_WRONG = "Hang-ups allowed: expected more than 0 % and less than 100 %."
AS_PLANNED, OPEN, CALM = "As chosen", "Nothing diverted", "No outage"
SIMULATED, FLUID = "Simulated, mean", "Fluid"
BAND = "9 of 10 simulated days"
QUEUE, WAIT, LOST = "Waiting at the end of the quarter-hour", "Wait at the end of the quarter-hour", "Hang up"
WAIT_UNITS = "minutes until somebody answers who does not hang up"
LOST_UNITS = "share of what arrives in the quarter-hour; shaded: 9 of 10 simulated days; line: fluid"
BY_QUARTER = "By quarter-hour"
SIMULATE = "Simulate 2,000 days"
SIMULATE_NOTE = "The fluid answer knows no chance. Simulated days do: they show how far a single day can be off."
CANCEL, AGAIN = "Cancel", "Simulate again"
QUEUES = "Simulations run one at a time; another one has its turn …"
CANCELLED = "The simulation was cancelled."
ONE_QUEUE = (
    "By the fluid answer, which knows no chance: one queue for all languages with one handle time, from a calm start. "
    "Were languages kept apart, more would be lost. Quarter-hours are of the reporting zone."
)
NOTE, NOTE_SEND = "Note this drill", "Note it"
NOTE_NAME, NOTE_ON, NOTE_KIND, NOTE_OUTCOME = "Your name", "Held on", "How it was held", "What came of it"
NOTE_KINDS = {"simulated": "Played through here", "for_real": "Held for real"}
NAME_NEEDED, OUTCOME_NEEDED = "Please say who notes it.", "Please say what came of it."
NOTED = "The drill is noted."
NOT_LIVE = "Drills can be noted while ingest runs."
ALT = "One row per quarter-hour: agents, contacts that come, and what is lost, waits and would have to be diverted."
COLUMNS = {
    "time": "Quarter-hour", "agents": "Agents", "own": "Own contacts", "home": "Come home", "diverted": "Diverted",
    "lost": "Hang up", "lost_share": "Hang up, share", "queue": "Waiting at its end", "wait": "Wait at its end",
    "needed": "To be diverted", "low": "Simulated, low", "high": "Simulated, high",
}  # fmt: skip
HELP = {
    "agents": "In-house agents usually there; of chats the chats they can hold at once.",
    "home": "The provider's contacts that come home.",
    "needed": "Share of the provider's contacts to keep away, so that no more hang up than allowed. 100 %: own "
    "contacts alone are too many.",
    "low": "Share that hangs up: on 1 of 20 simulated days less than this.",
    "high": "Share that hangs up: on 1 of 20 simulated days more than this.",
}


def noun(choice: Choice) -> str:
    """calls or chats."""
    return KINDS[choice.kind].lower()


def some(n: float, choice: Choice) -> str:
    """`1 call`, `1,204 chats`."""
    shown = f"{n:,.0f}"
    return f"{shown} {noun(choice)[:-1] if shown == '1' else noun(choice)}"


def _waits(n: float, choice: Choice) -> str:
    return f"{some(n, choice)} {'waits' if f'{n:,.0f}' == '1' else 'wait'}"


def clock(quarter: int) -> str:
    """`10:15` of a quarter-hour's number; `24:00` of the last one's end."""
    return f"{quarter // 4:02d}:{quarter % 4 * 15:02d}"


def day(value: date, today: date) -> str:
    """`Tue 24 Nov 2026`, and whether that is today."""
    return f"{value:%a} {text.day(value)}{' (today)' if value == today else ''}"


def result(choice: Choice, outages: Outages, fluid: Fluid, calm: Fluid) -> str:
    """What happens, in one sentence."""
    lost, offered = float(fluid.lost.sum()), float(fluid.offered.sum())
    when = (
        f"Dark from {clock(choice.dark_from)} to {clock(choice.dark_until)} on {outages.day:%a} {text.day(outages.day)}"
    )
    if lost < 0.5:
        peak = float(fluid.queue.max())
        waits = "there is no queue" if peak < 0.5 else f"up to {peak:,.0f} wait, and nobody hangs up"
        return f"{when}: by the fluid answer {waits}; in-house can take all {some(offered, choice)} of the day."
    usual = float(calm.lost.sum())
    usually = "" if usual < 0.5 else f", {lost - usual:,.0f} of them because of the outage"
    if lost - usual < 0.5:
        usually = ", no more than without the outage"
    return f"{when}: {lost:,.0f} of the day's {some(offered, choice)} hang up ({text.share(lost / offered)}){usually}."


def worst(choice: Choice, fluid: Fluid) -> str | None:
    """The longest queue and wait."""
    at = int(np.argmax(fluid.queue))
    if fluid.queue[at] < 0.5:
        return None
    wait = float(fluid.wait_s[at])
    told = "nobody is there to answer" if math.isinf(wait) else f"the wait is {text.duration(wait)}"
    return f"At worst, at {clock(at + 1)}, {_waits(fluid.queue[at], choice)} and {told}."


def normal(fluid: Fluid, outage: Outage) -> str:
    """When nobody waits any more."""
    if not fluid.queue.any():
        return "There is never a queue."
    if outage.dark_until >= fluid.offered.size:
        return "The provider is not back on this day."
    if fluid.normal_s is None:
        return "It is not normal again on this day."
    if fluid.normal_s <= outage.dark_until * outage.interval_s:
        return f"It is normal again as soon as the provider is back, at {clock(outage.dark_until)}."
    minutes = math.ceil(fluid.normal_s / 60)
    after = fluid.normal_s - outage.dark_until * outage.interval_s
    return f"Normal again at {minutes // 60:02d}:{minutes % 60:02d}, {text.duration(after)} after the provider is back."


def spared(choice: Choice, fluid: Fluid, open_: Fluid) -> str | None:
    """What diverting spares."""
    if not choice.diverted:
        return None
    fewer = float(open_.lost.sum() - fluid.lost.sum())
    ready = "" if choice.warned else f" after the first {15 * UNREADY} minutes"
    return f"Diverting {choice.diverted * 100:g} %{ready} spares {fewer:,.0f} lost {noun(choice)}."


def needed(choice: Choice, shares: Floats, outage: Outage, limit: float) -> str:
    """How much to divert, so that no more hang up than allowed."""
    dark = slice(outage.dark_from, outage.dark_until)
    provider = np.asarray(outage.provider, dtype=np.float64)
    kept, of = float((shares * provider)[dark].sum()), float(provider[dark].sum())
    held = f"To hold hang-ups to {limit * 100:g} %"
    if kept < 0.5:
        return f"{held} nothing needs to be diverted."
    at = int(np.argmax(shares))
    line = (
        f"{held}, {kept:,.0f} of the provider's {of:,.0f} {noun(choice)} must be diverted while it is dark "
        f"({text.share(kept / of)}), at most {text.share(float(shares[at]))} at {clock(at)}."
    )
    if shares[at] >= 1:
        line += " At times own contacts alone are too many: diverting all of the provider's is not enough."
    return line


def endless(choice: Choice) -> str:
    """Without hang-ups there is no limit to hold."""
    return f"Nobody has hung up so far, so these {noun(choice)} are taken to wait for ever: the queue grows instead."


def steady(at: int, agents: float, load: float, share: float, wait_s: float) -> str:
    """Where it leads if the worst quarter-hour went on."""
    if load <= agents:
        return (
            f"Even in the tightest quarter-hour, {clock(at)}, {agents:,.0f} agents suffice for a load of {load:,.1f}."
        )
    return (
        f"If {clock(at)} went on like that ({agents:,.0f} agents for a load of {load:,.1f}), {text.share(share)} would "
        f"hang up and the others wait {text.duration(wait_s)}."
    )


def grows(at: int, per_minute: float) -> str:
    """How fast it piles up where nobody hangs up."""
    return f"In the tightest quarter-hour, {clock(at)}, the queue grows by {per_minute:,.1f} a minute."


def simulated(choice: Choice, runs: Runs, outage: Outage, limit: float | None, seed: int, took_s: float | None) -> str:
    """What the simulated days say, and how to do them again."""
    mean = float(runs.lost.sum(axis=1).mean())
    low, high = runs.lost_band()
    line = (
        f"Over {runs.lost.shape[0]:,} simulated days {mean:,.0f} {noun(choice)} hang up on a mean day, between "
        f"{low:,.0f} and {high:,.0f} on 9 of 10."
    )
    if limit is not None:
        first = runs.normal_from(outage, limit)
        after = np.isfinite(runs.abandonment[outage.dark_until :]).any()
        line += (
            ""
            if not after
            else (
                f" Hang-ups stay above {limit * 100:g} % until the end of the day."
                if first is None
                else f" From {clock(first)} no more than {limit * 100:g} % hang up again."
            )
        )
    took = f" It took {took_s:.1f} s." if took_s is not None else ""
    return f"{line} Seed {seed}: the same choices on the same data give the same days.{took}"


def moved_on(as_of: str) -> str:
    """The data have changed since a simulation."""
    return f"Simulated on the data as of {as_of}; what stands above has moved on since."


def queue_description(choice: Choice, fluid: Fluid, what: str) -> str:
    """A chart by quarter-hour, in words."""
    at = int(np.argmax(fluid.queue))
    return (
        f"{what}. Shaded while the provider is dark, {clock(choice.dark_from)} to "
        f"{clock(choice.dark_until)}. Most wait at {clock(at + 1)}: {some(fluid.queue[at], choice)}."
    )


def lost_description(choice: Choice, runs: Runs, fluid: Fluid) -> str:
    """The chart of hang-ups in words."""
    low, high = runs.lost_band()
    return (
        f"Share of {noun(choice)} that hang up by quarter-hour: a band of simulated days and the fluid line. Over the "
        f"day {fluid.lost.sum():,.0f} by the fluid, {low:,.0f} to {high:,.0f} on 9 of 10 simulated days."
    )


def preset(choice: Choice, outages: Outages, fluid: Fluid) -> str:
    """What to begin the note with."""
    diverted = f", {choice.diverted * 100:g} % diverted {WARNINGS[choice.warned].lower()}" if choice.diverted else ""
    return (
        f"Dark from {clock(choice.dark_from)} to {clock(choice.dark_until)} on {text.day(outages.day)}{diverted}: "
        f"{fluid.lost.sum():,.0f} of {fluid.offered.sum():,.0f} {noun(choice)} would hang up. "
        f"{normal(fluid, outages.planned)}"
    )


def limit_line(limit: float) -> str:
    """The label of the level to hold."""
    return f"allowed: {limit * 100:g} %"


def not_noted(why: str) -> str:
    """Ingest did not write it down."""
    return f"The drill could not be noted: {why}"

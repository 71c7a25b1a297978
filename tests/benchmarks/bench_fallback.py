"""How long a full answer about a provider takes on the Fallback page over a year of a company's contacts.

    uv run python -m tests.benchmarks.bench_fallback [--store DIR] [--contacts 10000000] [--rate 1000] [--rounds 10]
        [--settle 60]

The store is that of `big_store`, copied and served as in `bench_pages`, while events come in. For every provider: what
is known of all its work is gathered, the defaults are assumed and the answer is worked out, as the page does it, but
with nothing in the process's cache: once so, and once with what the page keeps for a quarter of an hour about in-house
people, whoever it was asked for. The baseline, asked in the same rounds of the same store, is the Cost page's whole
set of questions. Questions that are asked beside each other count with the time each of them took.
"""

from __future__ import annotations

import argparse
import logging
import os
import resource
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import streamlit as st

from dashboard import queries
from dashboard.fallback import assume, gather
from dashboard.names import display_names
from dashboard.scope import sums
from dashboard.scope.opening import Opened
from dashboard.store import Reply, State, Store
from models.fallback import week
from models.fallback.answer import answer
from models.fallback.facts import Slice
from models.forecast import seasonal
from tests.benchmarks import big_world
from tests.benchmarks.common import TOKEN, Usage, machine, percentile, sampling
from tests.benchmarks.page_questions import Turn, questions
from tests.benchmarks.serving import Served, copied, serving

if TYPE_CHECKING:
    import pandas as pd

    from models.settings import Settings

TARGET_MS = 2_000
_DEADLINE_S = 60
_SLOWEST = 6
PROVIDERS = tuple(dict.fromkeys(place.provider for place in big_world.PLACES if not place.in_house))


class Timed:
    """A store of which questions are asked one after the other; by name, how many milliseconds each took."""

    def __init__(self, address: str) -> None:
        self.took: dict[str, float] = defaultdict(float)
        self.store = Store(address, Path("nowhere"), TOKEN, deadline_s=_DEADLINE_S)
        self._ask = self.store.ask
        # Not a class of its own: caches know a store by its type.
        self.store.ask = self.ask  # type: ignore[method-assign]

    def ask(self, questions: Mapping[str, str]) -> Reply:
        """Raises RuntimeError for a question without an answer."""
        frames: dict[str, pd.DataFrame] = {}
        for name, sql in questions.items():
            began = time.perf_counter()
            reply = self._ask({name: sql})
            self.took[_named(name)] += (time.perf_counter() - began) * 1000
            if reply.state is not State.LIVE:
                raise RuntimeError(f"no answer to {_named(name)}: {'; '.join(reply.tried)}")
            frames |= reply.frames
        return Reply(State.LIVE, frames)


def _named(name: str) -> str:
    # Sums for several pages are asked under their own text.
    return "like for like" if name.startswith("select") else name


@dataclass(frozen=True)
class Took:
    """Of one answer, milliseconds. asked: of its questions, of which `by_name` are parts; cpu: of this process."""

    gather: float
    asked: float
    answer: float
    cpu: float
    by_name: Mapping[str, float]

    @property
    def whole(self) -> float:
        """What a viewer waits for, without the drawing."""
        return self.gather + self.answer


def answered(timed: Timed, page: Opened, provider: str, settings: Settings, *, people_known: bool = False) -> Took:
    """A full answer about all of a provider's work, from nothing but what there is to choose from.

    people_known: somebody asked lately about another provider or slice, so that in-house people are known.
    """
    if people_known:
        sums.answers.clear()
    else:
        st.cache_data.clear()
    week._worked_out.cache_clear()
    seasonal._dispersion.cache_clear()
    timed.took.clear()
    began, cpu = time.perf_counter(), time.process_time()
    facts = gather.gathered(timed.store, page, Slice(provider=provider), settings)
    gathered = time.perf_counter()
    answer(facts, assume.defaults(facts))
    ended = time.perf_counter()
    if not facts.days or not facts.months:
        raise RuntimeError(f"{provider}: nothing to answer from")
    return Took(
        (gathered - began) * 1000, sum(timed.took.values()), (ended - gathered) * 1000,
        (time.process_time() - cpu) * 1000, dict(timed.took),
    )  # fmt: skip


def opened(store: Store) -> Opened:
    """What the page starts from."""
    reply = sums.choices(store)
    topics = reply.frames["topics"]
    names = dict(zip(topics["topic"], topics["name"], strict=True))
    return Opened(
        store, reply, queries.status(reply), sums.known(reply), display_names(reply.frames["sites"]), names
    )  # fmt: skip


def cost_page(timed: Timed, turn: Turn) -> float:
    """Milliseconds of all questions of the Cost page, one after the other."""
    asked = {each.name: each.sql(turn) for each in questions(turn.now) if each.page == "cost"}
    timed.took.clear()
    timed.ask(asked)
    return sum(timed.took.values())


def _table(called: str, found: Mapping[str, Sequence[Took]], baseline: list[float]) -> None:
    print(f"\n{called}")
    heads = "".join(f"{name + ' p50':>15}{'p95':>7}" for name in ("gather", "questions", "answer", "whole"))
    print(f"{'provider':14}{heads}{'max':>7}{'CPU p50':>9}")
    every = [each for listed in found.values() for each in listed]
    for name, listed in (*found.items(), ("all", every)):
        columns = [[getattr(each, part) for each in listed] for part in ("gather", "asked", "answer", "whole")]
        cells = "".join(f"{percentile(column, 0.5):15,.0f}{percentile(column, 0.95):7,.0f}" for column in columns)
        cpu = percentile([each.cpu for each in listed], 0.5)
        print(f"{name:14}{cells}{max(columns[-1]):7,.0f}{cpu:9,.0f}")
    names = {name for each in every for name in each.by_name}
    slowest = sorted(((percentile([e.by_name.get(n, 0.0) for e in every], 0.5), n) for n in names), reverse=True)
    print("slowest questions, ms p50: " + ", ".join(f"{name} {ms:,.0f}" for ms, name in slowest[:_SLOWEST]))
    whole = [each.whole for each in every]
    base, typical, late = percentile(baseline, 0.5), percentile(whole, 0.5), percentile(whole, 0.95)
    print(
        f"baseline, the Cost page's questions: p50 {base:,.0f} ms, p95 {percentile(baseline, 0.95):,.0f} ms; an answer "
        f"takes {typical / base:.1f} times as long; p95 {late:,.0f} ms, target < {TARGET_MS:,} ms: "
        f"{'met' if late < TARGET_MS else 'missed'}"
    )


def measure(served: Served, data: Path, made: datetime, rounds: int) -> None:
    """Every provider in every round, and the baseline."""
    timed, settings = Timed(served.address), big_world.settings(data)
    first: dict[str, list[Took]] = {provider: [] for provider in PROVIDERS}
    later: dict[str, list[Took]] = {provider: [] for provider in PROVIDERS}
    baseline = []
    answered(timed, opened(timed.store), PROVIDERS[0], settings)  # What is imported and connected once.
    usage: Usage
    with sampling(psutil.Process(served.process.pid)) as usage:
        before, began, load = usage.cpu_s, time.monotonic(), [os.getloadavg()[0]]
        for turn in range(rounds):
            st.cache_data.clear()
            page = opened(timed.store)
            for provider in PROVIDERS:
                first[provider].append(answered(timed, page, provider, settings))
                later[provider].append(answered(timed, page, provider, settings, people_known=True))
            baseline.append(cost_page(timed, Turn(turn, made)))
            load.append(os.getloadavg()[0])
        spent = time.monotonic() - began
    _table("First of a quarter of an hour: nothing is known", first, baseline)
    _table("After somebody's answer about any work: in-house people are known", later, baseline)
    print(
        f"peak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB; ingest: "
        f"{(usage.cpu_s - before) / spent * 100:.0f} % of a core, peak {usage.peak_mib:,.0f} MiB; load of the machine "
        f"{min(load):.1f} to {max(load):.1f}"
    )


def main() -> None:
    """Run and print."""
    # Ended from outside, it ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # Caches of pages complain that there is no page.
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, help="folder of a store that big_store made, or is to make")
    parser.add_argument("--contacts", type=int, default=10_000_000)
    parser.add_argument("--rate", type=int, default=1000, help="events that come in per second, 0 for none")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--settle", type=float, default=60, help="seconds of events before anything is measured")
    options = parser.parse_args()
    print(f"{machine()}, load {os.getloadavg()[0]:.1f}")
    with (
        copied(options.store, options.contacts) as (data, made),
        serving(data, made, options.rate) as served,
    ):
        time.sleep(options.settle)
        measure(served, data, made, options.rounds)


if __name__ == "__main__":
    main()

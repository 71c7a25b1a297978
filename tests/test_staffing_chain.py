"""Erlang B, C and A agree with a birth-death chain of contacts in the system, solved state by state in logarithms."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special

from models.staffing import erlang_a, erlang_b, erlang_c

STATES = 400_000
"""More customers waiting than this are not followed; cases are drawn so that they do not occur."""
CLOSE = 1e-9

sizes = st.one_of(st.integers(1, 60), st.integers(1, 5000))
loads = st.one_of(st.floats(0.1, 3), st.floats(0.9, 1.1))


@dataclass(frozen=True)
class Chain:
    """Shares by number in the system at an arrival: all below n together, then n, n + 1, ..."""

    below: float
    waiting: NDArray[np.float64]


def chain(n: int, a: float, hang_up: float) -> Chain:
    """Arrivals a, completions min(k, n), hang-ups `hang_up` per waiting contact, all per handle time."""
    idle = np.concatenate(([0.0], np.cumsum(np.log(a / np.arange(1, n)))))
    # The number waiting lies around (a - n) / hang_up, with a variance of at most about a / hang_up.
    length = int(max(0.0, a - n) / hang_up + 12 * math.sqrt(max(a, n) / hang_up) + 400)
    assert length <= STATES
    queue = idle[-1] + np.cumsum(np.log(a / (n + hang_up * np.arange(length))))
    top = max(idle.max(), queue.max())
    below, waiting = np.exp(idle - top).sum(), np.exp(queue - top)
    total = below + waiting.sum()
    return Chain(below / total, waiting / total)


@given(n=sizes, load=loads)
@settings(max_examples=150, deadline=None)
def test_blocking_is_that_of_a_chain_that_ends_with_the_last_agent(n: int, load: float) -> None:
    a = n * load
    states = np.concatenate(([0.0], np.cumsum(np.log(a / np.arange(1, n + 1)))))
    expected = math.exp(states[-1] - special.logsumexp(states))
    np.testing.assert_allclose(float(erlang_b(n, a)), expected, rtol=1e-9)


@given(n=sizes, load=st.floats(0.1, 0.995), handles=st.floats(0, 3))
@settings(max_examples=150, deadline=None)
def test_erlang_c_is_a_chain_without_end(n: int, load: float, handles: float) -> None:
    a = n * load
    states = np.concatenate(([0.0], np.cumsum(np.log(a / np.arange(1, n)))))
    # From n on every state is `load` times the one before.
    queue = states[-1] + math.log(a / n) + np.arange(12_000) * math.log(load)
    whole = special.logsumexp(np.concatenate((states, queue)))
    waiting = np.exp(queue - whole)
    places = np.arange(queue.size)
    found = erlang_c(n, a, 60.0)
    np.testing.assert_allclose(float(found.waiting), waiting.sum(), rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(float(found.queue_length), (waiting * places).sum(), rtol=1e-8, atol=1e-300)
    # Who finds k waiting waits for k + 1 completions, and is answered in t unless fewer than that happen.
    late = (waiting * special.pdtr(places, n * handles)).sum()
    np.testing.assert_allclose(float(found.service_level(handles * 60)), 1 - late, atol=1e-9)
    np.testing.assert_allclose(
        float(found.mean_wait_s), (waiting * (places + 1)).sum() * 60 / n, rtol=1e-8, atol=1e-300
    )


@given(
    n=sizes,
    load=loads,
    patience=st.floats(-3, 1.3).map(lambda power: 10.0**power),
    threshold=st.floats(-3, 1).map(lambda power: 10.0**power),
)
@settings(max_examples=250, deadline=None)
def test_erlang_a_is_a_chain_whose_queue_loses_customers(
    n: int, load: float, patience: float, threshold: float
) -> None:
    """patience in handle times, threshold in patiences.

    Who finds k waiting stays behind k + 1 departures at rates n + i / patience, i = 0..k: with patience as the unit
    of time, e^-wait is then a Beta variable with n * patience and k + 1 for parameters.
    """
    a, capacity = n * load, n * patience
    shares = chain(n, a, 1 / patience)
    places = np.arange(shares.waiting.size)
    stays = capacity / (capacity + places + 1)
    found = erlang_a(n, a, 60.0, 60.0 * patience)
    within = found.within(threshold * 60 * patience)
    abandoned = (shares.waiting * (1 - stays)).sum()
    late = (shares.waiting * stays * special.betainc(capacity + 1, places + 1, math.exp(-threshold))).sum()
    still = math.exp(-threshold) * (shares.waiting * special.betainc(capacity, places + 1, math.exp(-threshold))).sum()
    held = stays * (special.digamma(capacity + places + 2) - special.digamma(capacity + 1))
    expected = {
        "waiting": shares.waiting.sum(),
        "abandonment": abandoned,
        "mean wait in patiences": (shares.waiting * places).sum() / a / patience,
        "occupancy": a * (1 - abandoned) / n,
        "wait of the answered in patiences": (shares.waiting * held).sum() / (1 - abandoned),
        "answered within": 1 - abandoned - late,
        "abandoned within": abandoned - (still - late),
    }
    actual = {
        "waiting": found.waiting,
        "abandonment": found.abandonment,
        "mean wait in patiences": found.mean_wait_s / 60 / patience,
        "occupancy": found.occupancy,
        "wait of the answered in patiences": found.mean_wait_answered_s / 60 / patience,
        "answered within": within.answered,
        "abandoned within": within.abandoned,
    }
    for name, value in expected.items():
        np.testing.assert_allclose(float(actual[name]), value, atol=CLOSE, err_msg=name)

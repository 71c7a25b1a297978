"""Simulated days of a drill: started by a button, watched while they run, shown until something else is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import format as text
from dashboard import parts
from dashboard.fallback import drill_words as said
from dashboard.fallback.drill_choice import near
from dashboard.fallback.drill_jobs import Job
from dashboard.fallback.money_drawn import chart
from dashboard.fallback.price_section import is_demo
from models.fallback.drill import fluid

if TYPE_CHECKING:
    from datetime import datetime

    from dashboard.fallback.drill_choice import Choice
    from dashboard.fallback.view import View
    from models.fallback.drill import Fluid, Outage
    from models.fallback.drill_runs import Runs
    from models.staffing.arrays import Floats

KEY = "fallback-drill-job"
WATCH_S = 1.0


@dataclass(frozen=True)
class Simulated:
    """Share that hangs up by quarter-hour: low and high of 9 of 10 days. NaN without contacts."""

    low: Floats
    high: Floats


def simulation(view: View, choice: Choice, outage: Outage, limit: float | None) -> Simulated | None:
    """The button, how far it is, or what came of it."""
    # Data that move on every minute end no simulation: it says as of when it is.
    about = (view.facts.slice.model_dump_json(), view.opened_scenario, choice)
    job: Job | None = st.session_state.get(KEY)
    if job is not None and job.about != about:
        job.cancel()
        job = st.session_state[KEY] = None
    if job is not None and job.running:
        _watched()
        return None
    if job is not None and job.result is not None:
        return _shown(view, choice, job, job.result, outage, limit)
    if job is not None:
        why = job.trouble or said.CANCELLED
        parts.plain(why, "strong", key=f"{KEY}-ended")
    _begin(view, about, outage, said.SIMULATE if job is None else said.AGAIN)
    return None


def _begin(view: View, about: tuple[str, str | None, Choice], outage: Outage, label: str) -> None:
    parts.plain(said.SIMULATE_NOTE, "muted", key=f"{KEY}-note")
    if st.button(label, icon=":material/casino:", key=f"{KEY}-begin"):
        st.session_state[KEY] = Job(about, outage, threshold_s=view.facts.threshold_s).start()
        st.session_state[f"{KEY}-as-of"] = view.facts.asked_at
        st.rerun()


@st.fragment(run_every=WATCH_S)
def _watched() -> None:
    job: Job | None = st.session_state.get(KEY)
    if job is None or not job.running:
        st.rerun()
        return
    told = f"{job.share:.0%} of {job.runs:,} days" if job.share else said.QUEUES
    st.progress(min(1.0, job.share), told)
    st.button(said.CANCEL, icon=":material/close:", key=f"{KEY}-cancel", on_click=job.cancel)


def _shown(view: View, choice: Choice, job: Job, runs: Runs, outage: Outage, limit: float | None) -> Simulated:
    """Band and means of the days simulated, beside the fluid line of the same data."""
    now = fluid(job.outage)
    parts.plain(
        said.simulated(choice, runs, job.outage, limit, job.seed, job.took_s), "strong", key=f"{KEY}-result"
    )  # fmt: skip
    if not _same(job.outage, outage):
        as_of: datetime = st.session_state[f"{KEY}-as-of"]
        parts.plain(said.moved_on(text.moment(as_of, view.facts.zone)), "muted", key=f"{KEY}-moved-on")
    low, high = runs.abandonment_band()
    hours = near(job.outage, now.normal_s)
    arguments: dict[str, Any] = {
        "rows": lost(runs, now, hours), "span": hours, "dark": (choice.dark_from, choice.dark_until),
        "told": (said.LOST, said.LOST_UNITS), "description": said.lost_description(choice, runs, now),
        "band": _band(low, high, hours), "limit": limit, "percent": True,
    }  # fmt: skip
    chart("by_quarter", arguments, "drill-lost", demo=is_demo(view))
    return Simulated(low, high)


def lost(runs: Runs, now: Fluid, hours: tuple[int, int]) -> pd.DataFrame:
    """What the chart of hang-ups takes: the fluid line and the mean of the days, in the middle of quarter-hours."""
    # After a queue more can hang up than arrive in a quarter-hour; the share stays one.
    followed = np.minimum(now.lost_share, 1.0)
    rows = [
        {"at": quarter + 0.5, "line": line, "clock": said.clock(quarter), "value": float(share[quarter]),
         "shown": text.share(float(share[quarter]))}
        for line, share in ((said.FLUID, followed), (said.SIMULATED, runs.abandonment))
        for quarter in range(*hours)
        if np.isfinite(share[quarter])
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _band(low: Floats, high: Floats, hours: tuple[int, int]) -> pd.DataFrame:
    rows = pd.DataFrame({"at": np.arange(low.size) + 0.5, "low": low, "high": high}).iloc[hours[0] : hours[1]]
    return rows.dropna()


def _same(one: Outage, other: Outage) -> bool:
    return all(
        np.array_equal(np.asarray(getattr(one, name)), np.asarray(getattr(other, name)))
        for name in ("own", "provider", "agents", "aht_s", "patience_s")
    )

"""Figures by topic and provider or site, each beside that of its peers on the same topic without itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from dashboard.scope import sums
from dashboard.scope.scope import NONE
from models.metrics.views import sums_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from models.metrics.metric import Metric

LEAST = 30
"""Contacts a figure needs on either side to be coloured."""
FULL = {"share": 0.10, "seconds": 0.25}
"""Difference at which the colour is strongest: percentage points for shares, part of the peers' figure for times."""
MOST_TOPICS = 24


def owned(frame: pd.DataFrame, owners: Mapping[str, str]) -> pd.DataFrame:
    """The sums with who answers for them: the provider of the site, or the site."""
    return frame.assign(who=[owners.get(site, site) for site in frame["site"]])


def topics_in_order(frame: pd.DataFrame) -> list[str]:
    """Topics by contacts, most first."""
    totals = frame.groupby("topic")[["offered", "handled"]].sum()
    totals = totals[(totals["offered"] > 0) | (totals["handled"] > 0)].reset_index()
    return list(totals.sort_values(["offered", "topic"], ascending=[False, True])["topic"])


def unmapped(frame: pd.DataFrame, topics: Collection[str]) -> pd.DataFrame:
    """Codes that mean none of the company's topics, most contacts first. None while no topics are configured."""
    known = {*topics, NONE} if topics else set(frame["topic"])
    totals = frame[~frame["topic"].isin(known)].groupby("topic", as_index=False)["offered"].sum()
    totals = totals[totals["offered"] > 0].rename(columns={"topic": "code", "offered": "contacts"})
    rows: pd.DataFrame = totals.sort_values(["contacts", "code"], ascending=[False, True], ignore_index=True)
    return rows


def figures(frame: pd.DataFrame, metric: Metric, whos: Collection[str]) -> pd.DataFrame:
    """One row per topic and who in `whos`: value, n, peers' value and n, difference, and how strong its colour is.

    frame: sums of everybody, with `who`. thin: too few contacts to say much.
    """
    columns = list(sums_of([metric]))
    own = frame.groupby(["topic", "who"], as_index=False)[columns].sum()
    every = own.groupby("topic")[columns].sum().reindex(own["topic"]).reset_index(drop=True)
    peers = every - own[columns].reset_index(drop=True)
    mine = sums.with_metrics(own, [metric])
    theirs = sums.with_metrics(peers, [metric])
    out = own[["topic", "who"]].assign(
        value=mine[metric.name].to_numpy(),
        n=mine[f"{metric.name}_n"].fillna(0).to_numpy(),
        peers=theirs[metric.name].to_numpy(),
        peers_n=theirs[f"{metric.name}_n"].fillna(0).to_numpy(),
    )
    out = out.assign(difference=out["value"] - out["peers"], thin=(out["n"] < LEAST) | (out["peers_n"] < LEAST))
    full = FULL["share"] if metric.unit == "share" else FULL["seconds"] * out["peers"]
    strength = (out["difference"].abs() / full).clip(upper=1).fillna(0.0)
    out = out.assign(strength=strength.where(~out["thin"], 0.0))
    kept: pd.DataFrame = out[out["who"].isin(list(whos)) & (out["n"] > 0)].reset_index(drop=True)
    return kept


def mix(after: pd.DataFrame, before: pd.DataFrame | None, whos: Collection[str]) -> pd.DataFrame:
    """One row per topic and who: contacts, share of its contacts, and the share before (None without any)."""
    now = _shares(after, whos)
    if before is None:
        return now.assign(before=float("nan"), contacts_before=float("nan"), change=float("nan"))
    then = _shares(before, whos).rename(columns={"share": "before", "offered": "contacts_before"})
    both = now.merge(then, on=["topic", "who"], how="outer")
    both[["offered", "contacts_before"]] = both[["offered", "contacts_before"]].fillna(0.0)
    for column, count in (("share", "offered"), ("before", "contacts_before")):
        # A topic that did not come up had a share of 0, but only where anything came up at all.
        some = both.groupby("who")[count].transform("sum") > 0
        both[column] = both[column].where(~(both[column].isna() & some), 0.0)
    return both.assign(change=both["share"] - both["before"])


def _shares(frame: pd.DataFrame, whos: Collection[str]) -> pd.DataFrame:
    found = frame[frame["who"].isin(list(whos))].groupby(["topic", "who"], as_index=False)["offered"].sum()
    found = found[found["offered"] > 0]
    shares: pd.DataFrame = found.assign(share=found["offered"] / found.groupby("who")["offered"].transform("sum"))
    return shares

"""Shares of small sites, drawn towards what sites are like: empirical Bayes, so that luck does not lead the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats
from statsmodels.stats.meta_analysis import combine_effects  # type: ignore[import-untyped]

from models.fairness.intervals import LEVEL, Interval
from models.fairness.sums import Counts, between

LEAST_SITES = 3
"""How much sites differ cannot be told from fewer."""
STRONGEST = 1e6
"""Largest strength of a prior, in contacts: when sites differ no more than chance the best fit is without bound."""


@dataclass(frozen=True, slots=True)
class Prior:
    """A beta distribution of the sites' true shares: its mean, and its strength in contacts."""

    mean: float
    strength: float

    def __post_init__(self) -> None:
        between("mean", self.mean, 0, 1)
        between("strength", self.strength, 0)


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A site's share from 0 to 1: as counted (None without contacts), and drawn towards the others with its interval.

    weight_on_own, from 0 to 1, is how much the estimate rests on the site's own contacts.
    """

    raw: float | None
    estimate: float
    interval: Interval
    weight_on_own: float


@dataclass(frozen=True, slots=True)
class LogitPool:
    """Random effects on the logit scale: variance between sites, their mean share, and each site's estimate.

    An estimate is None where the site has no contacts.
    """

    tau2: float
    mean: float
    estimates: tuple[float | None, ...]


def fit_prior(sites: Sequence[Counts]) -> Prior | None:
    """The beta-binomial of greatest likelihood (Skellam, JRSS B 1948; 10:257).

    None when there is nothing to tell it from: fewer than three sites with contacts, or all or no contacts count.
    Strength is at most STRONGEST, which it reaches when sites differ no more than chance makes them.
    """
    x, n = _arrays(sites)
    if len(n) < LEAST_SITES or not 0 < x.sum() < n.sum():
        return None

    def minus_log_likelihood(at: np.ndarray) -> tuple[float, np.ndarray]:
        """At the logit of the mean and the log of the strength, with its gradient."""
        mean, strength = special.expit(at[0]), np.exp(at[1])
        a, b = mean * strength, (1 - mean) * strength
        value = np.sum(special.betaln(x + a, n - x + b) - special.betaln(a, b))
        both = special.digamma(n + strength) - special.digamma(strength)
        by_a = np.sum(special.digamma(x + a) - special.digamma(a) - both)
        by_b = np.sum(special.digamma(n - x + b) - special.digamma(b) - both)
        gradient = [mean * (1 - mean) * strength * (by_a - by_b), strength * (mean * by_a + (1 - mean) * by_b)]
        return -float(value), -np.array(gradient)

    pooled = float(special.logit(x.sum() / n.sum()))
    found = optimize.minimize(
        minus_log_likelihood,
        np.array([pooled, np.log(100.0)]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-20.0, 20.0), (np.log(0.01), np.log(STRONGEST))],
        options={"ftol": 1e-15, "gtol": 1e-6},
    )
    return Prior(float(special.expit(found.x[0])), float(np.exp(found.x[1])))


def shrink(site: Counts, prior: Prior, *, level: float = LEVEL) -> Shrunk:
    """(mean * strength + x) / (strength + n), with the middle of its beta distribution as interval."""
    a = prior.mean * prior.strength + site.x
    b = (1 - prior.mean) * prior.strength + site.n - site.x
    tail = (1 - between("level", level, 0, 1)) / 2
    posterior = stats.beta(a, b)
    interval = Interval(float(posterior.ppf(tail)), float(posterior.isf(tail)))
    return Shrunk(site.share, a / (a + b), interval, site.n / (prior.strength + site.n))


def pool_logits(sites: Sequence[Counts]) -> LogitPool | None:
    """DerSimonian & Laird (Control Clin Trials 1986; 7:177) on logits; a second opinion on `fit_prior`.

    With half a contact added to those that count and to those that do not, ln(x / (n-x)), variance 1/x + 1/(n-x)
    (Haldane 1956, Gart & Zweifel 1967). None with fewer than three sites with contacts.
    """
    x, n = _arrays(sites)
    if len(n) < LEAST_SITES:
        return None
    hits, misses = x + 0.5, n - x + 0.5
    logits, variances = np.log(hits / misses), 1 / hits + 1 / misses
    # statsmodels does not cut the moment estimator off at 0 and goes on with a negative variance.
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = combine_effects(logits, variances, method_re="dl")
    tau2 = max(0.0, float(pooled.tau2))
    mean = float(pooled.mean_effect_re if tau2 else pooled.mean_effect_fe)
    own = tau2 / (tau2 + variances)
    drawn = iter(special.expit(own * logits + (1 - own) * mean))
    return LogitPool(tau2, float(special.expit(mean)), tuple(float(next(drawn)) if site.n else None for site in sites))


def _arrays(sites: Sequence[Counts]) -> tuple[np.ndarray, np.ndarray]:
    """x and n of the sites with contacts."""
    used = [site for site in sites if site.n]
    return np.array([site.x for site in used], dtype=np.float64), np.array([site.n for site in used], dtype=np.float64)

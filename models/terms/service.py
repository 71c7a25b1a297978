"""What a provider promises, what is paid or withheld for it, and what does not count."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from models.documents.near import did_you_mean
from models.metrics.catalogue import BY_NAME
from models.terms.values import Figure, Label, Part, Share


def _metric(name: str) -> str:
    if name not in BY_NAME:
        raise ValueError(f"{name!r} is no metric{did_you_mean(name, BY_NAME) or ': the view `metrics` lists them'}")
    return name


Metric = Annotated[str, AfterValidator(_metric)]


class Excluded(Part):
    """Days that do not count: force majeure, maintenance, a fault of the client."""

    first: date = Field(description="First day.")
    last: date = Field(description="Last day.")
    reason: Label = Field(description="Why.")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.last < self.first:
            raise ValueError("expected `last` on or after `first`")
        return self


class ServiceLevel(Part):
    """A promise about a metric over a month. `worst` and `best` are where its score is -1 and 1."""

    metric: Metric = Field(description="The metric, which is also the exact variant: view `metrics` explains each.")
    target: Figure = Field(description="What was promised; shares as 0 to 1.")
    worst: Figure = Field(description="Where the malus is full.")
    best: Figure = Field(description="Where the bonus is full.")
    weight: Share = Field(description="Its weight among all; they sum to 1.")
    at_least: Annotated[int, Field(ge=0)] = Field(0, description="Below so many cases in the month it does not count.")

    @model_validator(mode="after")
    def _is_between(self) -> Self:
        if not (self.worst < self.target < self.best or self.best < self.target < self.worst):
            raise ValueError("expected `target` between `worst` and `best`")
        return self


class Gate(Part):
    """Below it there is no bonus, however good the rest was."""

    metric: Metric = Field(description="The metric.")
    limit: Figure = Field(
        description="The value from which on a bonus is paid; for the better direction of the metric."
    )


class Bonus(Part):
    """What good and bad service do to the fees of a month."""

    shape: Literal["score", "points"] = Field(
        description="score: fees x share x the weighted score, each from -1 at `worst` to 1 at `best`; points: "
        "`per_point` of the fees for each hundredth a share misses its target by, weighted, up to the share; no bonus."
    )
    malus: Share = Field(description="Share of the fees at risk: the most that is withheld.")
    bonus: Share = Field(Decimal(0), description="Share of the fees that is the most paid on top.")
    per_point: Share | None = Field(None, description="For `points`: share of the fees for a hundredth.")
    gates: tuple[Gate, ...] = Field((), strict=False, description="Without these no bonus.")
    earn_back_months: Annotated[int, Field(ge=0, le=12)] = Field(
        0, description="A malus is paid back when each of so many months after it meets every target; 0: never."
    )
    claim_days: Annotated[int, Field(ge=1, le=366)] | None = Field(
        None,
        description="Days after the end of a month within which its malus must be claimed: it is no part of the bill. "
        "Default: the bill is reduced by it.",
    )

    @model_validator(mode="after")
    def _points_have_a_price(self) -> Self:
        if (self.shape == "points") != (self.per_point is not None):
            raise ValueError('expected `per_point` with shape = "points", and only there')
        if self.shape == "points" and self.bonus:
            raise ValueError('expected no `bonus` with shape = "points"')
        return self

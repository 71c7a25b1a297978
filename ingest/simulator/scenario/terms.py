"""Small types every part of a scenario is written with."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from models.events import SITE_PATTERN

# Names go into events as they are, so none may need escaping in JSON.
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
SiteId = Annotated[str, StringConstraints(pattern=SITE_PATTERN)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Label = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Factor = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]
Shift = Annotated[float, Field(ge=-5, le=5, allow_inf_nan=False)]
"""Added to the log-odds of a probability: +0.4 turns 80 % into 86 %, -0.4 into 73 %."""
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0, le=1_000_000_000, allow_inf_nan=False)]


class Part(BaseModel):
    """Base of everything in a scenario: frozen, nothing is converted, and a key nobody knows is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

"""The small types that documents of money are written with. Money and rates are decimal, never binary floats."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
Label = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")]
Money = Annotated[Decimal, Field(ge=0, max_digits=15, decimal_places=4, allow_inf_nan=False, strict=False)]
Rate = Annotated[Decimal, Field(gt=0, max_digits=15, decimal_places=6, allow_inf_nan=False, strict=False)]
Units = Annotated[Decimal, Field(ge=0, max_digits=15, decimal_places=4, allow_inf_nan=False, strict=False)]
Share = Annotated[Decimal, Field(ge=0, le=1, max_digits=9, decimal_places=6, allow_inf_nan=False, strict=False)]
Change = Annotated[Decimal, Field(gt=-1, le=10, max_digits=9, decimal_places=6, allow_inf_nan=False, strict=False)]
Figure = Annotated[Decimal, Field(max_digits=15, decimal_places=6, allow_inf_nan=False, strict=False)]

RoundingMode = Literal["half_up", "half_even", "up", "down"]
ROUNDING = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "up": ROUND_UP, "down": ROUND_DOWN}
"""`half_up` is what invoices use; `half_even` what banks do; `up` and `down` are away from and towards zero."""


class Part(BaseModel):
    """Base of every part of a document: frozen, nothing is converted, and a key nobody knows is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

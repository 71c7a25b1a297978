"""A rule: which figure, of which part of the work, how bad for how long, and when nobody wants to be woken."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from models.hours import Days, MinuteOfDay


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except Exception as error:
        raise ValueError(f"{name!r} is not an IANA time zone, for example Europe/Berlin") from error
    return name


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Threshold = Annotated[float, Field(allow_inf_nan=False)]


class Scope(BaseModel):
    """A part of the work. What is left out is any: of a rule each of them, of a figure all of them together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    site: Name | None = Field(None, description="Id of the site. Default: any.")
    queue: Name | None = Field(None, description="Name of the queue. Default: any.")
    channel: Name | None = Field(None, description="Channel, for example voice. Default: any.")
    language: Name | None = Field(None, description="Language, for example de. Default: any.")

    def covers(self, part: Scope) -> bool:
        """Whether the part lies within this scope."""
        return all(mine is None or mine == its for (_, mine), (_, its) in zip(self, part, strict=True))


class QuietHours(BaseModel):
    """A span of the day in which nobody is notified, by the wall clock of the rule's zone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: Days = Field(frozenset(range(7)), description="Weekdays they begin on.")
    begins: MinuteOfDay = Field(description="Time of day at which they begin.")
    ends: MinuteOfDay = Field(description="Time of day at which they end; at or before beginning that of the next day.")

    def hold_at(self, local: datetime) -> bool:
        """Whether it is quiet when the wall clock shows this."""
        minute, today = local.hour * 60 + local.minute, local.weekday()
        if self.begins < self.ends:
            return today in self.days and self.begins <= minute < self.ends
        since_yesterday = (today - 1) % 7 in self.days and minute < self.ends
        return since_yesterday or (today in self.days and minute >= self.begins)


class Periods(BaseModel):
    """Opening by k bad ones of the last n periods with enough contacts, for figures that come by week or day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bad: int = Field(ge=1, description="Periods beyond `opens`, among the last `of`, that open an alert.")
    of: int = Field(ge=1, le=64, description="How many of the last periods are looked at; thin ones do not count.")
    good: int = Field(ge=1, description="Periods in a row at or beyond `clears` that clear it; thin ones do not count.")
    held: int = Field(0, ge=0, description="Periods after the opening one before which it does not clear.")

    @model_validator(mode="after")
    def _can_come_true(self) -> Self:
        if self.bad > self.of:
            raise ValueError(f"expected bad to be at most of, the periods looked at ({self.of}), got {self.bad}")
        return self


class Rule(BaseModel):
    """When a figure opens an alert and when it clears it.

    A figure counts as bad beyond `opens`, as good at or beyond `clears`; between them an open alert stays open and
    nothing opens. It opens when bad for `hold_s` without a break, or with `periods` when enough of the last are bad.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name = Field(description="What the alert is called; unique among rules, part of an episode's id.")
    metric: Name = Field(description="Name of the figure it watches.")
    scope: Scope = Field(default_factory=Scope, description="Part of the work it watches. Default: any.")
    direction: Literal["above", "below"] = Field(description="On which side of `opens` the figure is bad.")
    opens: Threshold = Field(description="Bad beyond this, in the unit of the metric; shares as 0 to 1.")
    clears: Threshold = Field(description="Good at this or further on the good side of `opens`, in the same unit.")
    hold_s: float = Field(
        0, ge=0, le=31_622_400, allow_inf_nan=False, description="How long it must be bad before it opens, seconds."
    )
    clear_hold_s: float = Field(
        0, ge=0, le=31_622_400, allow_inf_nan=False, description="How long it must be good before it clears, seconds."
    )
    periods: Periods | None = Field(None, description="Counts periods, in place of both times. Default: times.")
    min_n: int = Field(0, ge=0, description="With fewer contacts behind the figure it changes nothing.")
    quiet: tuple[QuietHours, ...] = Field(
        (), description="When nobody is notified; what is still open when they end is told then. The state goes on."
    )
    zone: Annotated[str, AfterValidator(_known_zone)] = Field("UTC", description="IANA time zone of the quiet hours.")

    @model_validator(mode="after")
    def _clears_on_the_good_side(self) -> Self:
        if not (self.clears < self.opens if self.direction == "above" else self.clears > self.opens):
            side = "below" if self.direction == "above" else "above"
            raise ValueError(
                f"expected clears to be {side} opens ({self.opens:g}) in a rule for figures {self.direction} it, "
                f"got {self.clears:g}"
            )
        return self

    @model_validator(mode="after")
    def _held_by_time_or_by_periods(self) -> Self:
        if self.periods is not None and (self.hold_s or self.clear_hold_s):
            raise ValueError("expected either periods or hold_s and clear_hold_s, got both")
        return self

    def is_bad(self, value: float) -> bool:
        """Whether the figure is beyond `opens`."""
        return value > self.opens if self.direction == "above" else value < self.opens

    def is_good(self, value: float) -> bool:
        """Whether the figure is at `clears` or further on the good side."""
        return value <= self.clears if self.direction == "above" else value >= self.clears

    def is_quiet(self, instant: datetime) -> bool:
        """Whether the instant lies in quiet hours; both passes of an hour shown twice do or neither."""
        local = instant.astimezone(ZoneInfo(self.zone))
        return any(span.hold_at(local) for span in self.quiet)

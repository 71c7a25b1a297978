"""The mapping file: how one call log is read as events. Classes of its TOML sections, each key described.

Not here: loading and its error messages (load.py), reading rows (rows.py), making events (translate.py).
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from ingest.importing.conditions import Condition, parse_condition
from models.settings import TimeZone

FILE_STEM = "file"
_PLACE = re.compile(r"\{([^{}]+)\}")


def _condition(value: object) -> object:
    return parse_condition(value) if isinstance(value, str) else value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _pattern(value: object) -> object:
    try:
        return re.compile(value) if isinstance(value, str) else value
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error


Name = Annotated[str, StringConstraints(min_length=1)]
When = Annotated[Condition, BeforeValidator(_condition)]
Pattern = Annotated[re.Pattern[str], BeforeValidator(_pattern)]
Instants = Annotated[list[Name], BeforeValidator(_as_list), Field(min_length=1)]
"""Where an instant stands: the first entry without a null counts. An entry is a column of type time or
instant, or one plus durations: `answered_at + talk`."""


class Section(BaseModel):
    """Base of all sections: a key that is not described is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


class Input(Section):
    """How the files are read."""

    format: Literal["delimited", "whitespace", "parquet"] = Field(
        description="delimited (CSV, TSV), whitespace (columns parted by blanks or tabs) or parquet."
    )
    delimiter: str = Field(",", min_length=1, max_length=1, description="Delimited: the one character between values.")
    quote: str = Field('"', max_length=1, description='Delimited: the character around values; "" for none.')
    columns: list[Name] | None = Field(
        None, description="Names of all columns, for files without a header line. Default: the first line."
    )
    encoding: str = Field("utf-8", description="Encoding of text files, as Python names it.")
    trim: bool = Field(True, description="Cut blanks around every value.")


class Time(Section):
    """How local times become instants."""

    zone: TimeZone = Field(description="IANA zone of all times without an offset.")
    ambiguous: Literal["earlier", "later"] = Field(
        description="When the clock was set back and a time came twice: which of the two is meant."
    )
    nonexistent: Literal["shift_forward", "refuse"] = Field(
        "shift_forward",
        description="When the clock was set forward over a time: shift it by the gap, and count, or refuse.",
    )
    date: Name | None = Field(None, description="Column of type date that belongs to the columns of type time.")
    first: Name | None = Field(
        None,
        description="Column of type time or instant with the first instant of a row; dates follow from it.",
    )
    next_day_after_h: float = Field(
        12,
        gt=0,
        lt=24,
        description="A time of day more than this many hours before the row's first is of the next day.",
    )


class Column(Section):
    """What one column holds. A column without a section is text."""

    type: Literal["text", "integer", "number", "duration", "date", "time", "instant"] = Field(
        "text", description="text, integer, number, duration, date, time (of day) or instant (date and time)."
    )
    format: str | None = Field(
        None,
        description="date, time, instant: strptime format; instant also iso (default), unix_s or unix_ms. "
        "Default for dates %Y-%m-%d, for times %H:%M:%S.",
    )
    unit: Literal["s", "ms", "min", "h:m:s"] = Field("s", description="duration: s, ms, min or h:m:s.")
    null: list[str] = Field(default_factory=list, description="Values that mean 'nothing', besides the empty one.")
    null_when: When | None = Field(
        None, description="The values under `null` mean nothing only in rows for which this condition holds."
    )
    accept: Pattern | None = Field(
        None, description="Regular expression a whole value must match; others are not used, and counted."
    )
    date: Name | None = Field(
        None, description="time: its own date column, instead of the one under [time]; then no day is added."
    )


class Source(Section):
    """Where one field of the events comes from: a constant, or a column."""

    constant: str | int | None = Field(None, description="The same value for every row.")
    column: Name | None = Field(None, description="The column that holds the value.")
    codes: dict[str, str | int] | None = Field(
        None,
        description="The column's codes and what they become. Others are kept and counted as unmapped.",
    )
    otherwise: str | int | None = Field(
        None, description="With codes: the value for codes not listed and for nulls; none is unmapped then."
    )


class Fields(Section):
    """The fields of the events besides times, durations and endings."""

    channel: Source = Field(description="voice, chat, messaging, email, callback, video or case.")
    direction: Source | None = Field(None, description="inbound (the default), outbound or internal.")
    queue: Source | None = Field(None, description="Queue waited in; needed when an ending has `offered`.")
    language: Source | None = Field(None, description="Language of the contact, BCP 47 tag.")
    topic: Source | None = Field(None, description="Topic code.")
    campaign: Source | None = Field(None, description="Campaign that caused the contact.")
    priority: Source | None = Field(None, description="Routing priority, an integer; higher is more urgent.")
    customer_id: Source | None = Field(None, description="The customer at the site; hashed before it is stored.")
    agent_id: Source | None = Field(None, description="The agent who answered, as the site names them.")


class Ending(Section):
    """How the rows for which `when` holds ended, and which events they give. The first that holds counts."""

    when: When | None = Field(None, description="Condition on the row; without it all rows left over.")
    kind: Literal["answered", "abandoned", "left_queue", "left_menu", "excluded", "ignored"] = Field(
        description="answered, abandoned (in the queue), left_queue (callback, overflow, ...), left_menu "
        "(before any queue), excluded (kept and counted, in no metric) or ignored (no event; counted)."
    )
    reason: Name | None = Field(
        None,
        description="left_menu: hung_up, self_served, closed, other. left_queue: callback, voicemail, "
        "overflow, closed, other. excluded: the source's word.",
    )
    offered: Instants | None = Field(None, description="When the contact entered the queue.")
    at: Instants | None = Field(None, description="When the ending happened. Default: the row's first instant.")
    completed: Instants | None = Field(None, description="answered: when the conversation ended.")
    wrapped_up: Instants | None = Field(None, description="answered: when after-contact work ended.")
    wait_s: Name | None = Field(None, description="Duration column: the wait, as the source measured it.")
    talk_s: Name | None = Field(None, description="answered: duration column, conversation without holds.")
    hold_s: Name | None = Field(None, description="answered: duration column, all holds together.")
    wrap_up_s: Name | None = Field(None, description="answered: duration column, after-contact work.")


class Mapping(Section):
    """One mapping file."""

    contact_id: str = Field(
        description="Names the contact: text with {column} and {file}, the file's name without its endings. "
        "No two rows may give the same."
    )
    started: Instants | None = Field(
        None, description="When the customer reached the menu; without it no contact.started is published."
    )
    input: Input = Field(description="How the files are read.")
    time: Time = Field(description="How local times become instants.")
    columns: dict[str, Column] = Field(default_factory=dict, description="What each column holds.")
    fields: Fields = Field(description="The fields of the events.")
    endings: list[Ending] = Field(min_length=1, description="How rows ended, tried in order.")

    def column(self, name: str) -> Column:
        """What a column holds; text when nothing is said."""
        return self.columns.get(name, _TEXT)

    def type_of(self, name: str) -> str:
        """A column's type."""
        return self.column(name).type

    def id_parts(self) -> list[tuple[str, str | None]]:
        """The contact id as pairs of fixed text and the column (or `file`) after it, None at the end."""
        pieces = _PLACE.split(self.contact_id)
        return [(text, pieces[2 * at + 1] if 2 * at + 1 < len(pieces) else None) for at, text in enumerate(pieces[::2])]

    def sources(self) -> dict[str, Source]:
        """The fields that are given, by name."""
        every = {name: getattr(self.fields, name) for name in Fields.model_fields}
        return {name: source for name, source in every.items() if source is not None}

    def used_columns(self) -> tuple[str, ...]:
        """Every column the mapping names anywhere, each once: these are read, and must exist."""
        named: list[str | None] = [place for _, place in self.id_parts() if place != FILE_STEM]
        named += [self.time.date, self.time.first, *self.columns]
        for column in self.columns.values():
            named += [column.date, *(column.null_when.columns if column.null_when else ())]
        named += [source.column for source in self.sources().values()]
        named += terms(self.started)
        for ending in self.endings:
            named += ending.when.columns if ending.when else ()
            for instants in (ending.offered, ending.at, ending.completed, ending.wrapped_up):
                named += terms(instants)
            named += [ending.wait_s, ending.talk_s, ending.hold_s, ending.wrap_up_s]
        return tuple(dict.fromkeys(name for name in named if name is not None))


def terms(instants: list[str] | None) -> list[str]:
    """All columns in a list of instants: `["a", "b + c"]` names a, b and c."""
    return [term for entry in instants or () for term in split_sum(entry)]


def split_sum(entry: str) -> list[str]:
    """`a + b` as its columns. The blanks are needed: a column may have a plus in its name."""
    return [term.strip() for term in entry.split(" + ")]


_TEXT = Column()

"""The macros that tell what a contact is and what it counts as: over a span, of those not ended, and at an instant.

All are made from the same two texts (models/sql/contacts), over the fields of the contact fold. At an instant the facts
that happened later are cut off, so what the live board shows is judged as the scorecards judge it. Of facts told more
than once with other instants (a second completion) the store keeps the one that counts in the end, and what was
corrected counts as corrected.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.fold import FACTS, INSTANTS, FactRule

_JUDGED_FIELDS = ("id", "revision")
"""Fields of every fact that say which of two stands."""
_SPAN = "last_at >= from_at and first_at < to_at"
_NOT_ENDED = (
    'completed."at" is null and wrapped_up."at" is null and excluded."at" is null and (answered."at" is not null or '
    '(abandoned."at" is null and left_queue."at" is null and left_menu."at" is null))'
)


@dataclass(frozen=True)
class _Kind:
    """Which contacts, and as of when. present: an instant as SQL."""

    arguments: str
    where: str
    present: str = "present()"
    is_cut: bool = False


_CONTACTS = {
    "contacts_within": (
        _Kind("from_at, to_at", _SPAN),
        "One row per contact (one queue visit) with events in [from_at, to_at), as all its events so far say. Every "
        "instant of a contact lies between its first and its last event.",
    ),
    "open_within": (
        _Kind("from_at, to_at", f"{_SPAN} and {_NOT_ENDED}"),
        "The contacts of contacts_within whose end has not been told: quick to find among many.",
    ),
    "contacts_at": (
        _Kind(
            "from_at, to_at, instant", "last_at >= from_at and last_at < to_at and first_at <= instant", "instant", True
        ),
        "One row per contact that began by the instant and whose last event, which may be after it, is in "
        "[from_at, to_at): the contact as its events up to the instant say.",
    ),
}
_COUNTS = {
    "counts_within": (
        "contacts_within",
        "One row per inbound contact with events in [from_at, to_at): its share in each sum of the catalogue. Sums by "
        "day, week or anything else are sums of these.",
    ),
    "open_counts_within": (
        "open_within",
        "One row per inbound contact of open_within: its share in each sum of the catalogue.",
    ),
    "counts_at": (
        "contacts_at",
        "One row per inbound contact of contacts_at: its share in each sum of the catalogue, as far as events up to "
        "the instant tell.",
    ),
}
_QUEUES = {
    "queues_at": (
        "counts_at(from_at, to_at, instant)",
        "One row per site, queue, language and channel: who waited and talked at an instant and how that day of the "
        "reporting zone went until then, as far as events up to then tell. Of contacts whose last event is in "
        "[from_at, to_at): 26 hours before the instant and later for the day, 168 hours and later for who still waits. "
        "Sums to be added up.",
    ),
    "queues_open": (
        "(select * from open_counts_within(from_at, to_at) where last_event_at < to_at)",
        "The same as queues_at for an instant that is the present, of contacts whose end has not been told alone: "
        "quick to find who has been open for over a day.",
    ),
}
QUEUES_COMMENTS = {name: comment for name, (_, comment) in _QUEUES.items()}
"""Macros of queues at an instant with what is said of them."""
COMMENTS = {name: comment for table in (_CONTACTS, _COUNTS) for name, (_, comment) in table.items()}
"""Every macro with what is said of it, in the order in which they can be created."""


def statement(name: str, contacts: str, counts: str) -> str:
    """The statement that creates a macro. contacts, counts: the texts of models/sql/contacts. Raises KeyError."""
    if name in _CONTACTS:
        kind, _ = _CONTACTS[name]
        body = contacts.replace("{told}", _told(kind)).replace("{present}", kind.present)
        return f"create or replace macro {name}({kind.arguments}) as table\n{body}"
    of, _ = _COUNTS[name]
    arguments = _CONTACTS[of][0].arguments
    body = counts.replace("{contacts}", f"{of}({arguments})")
    return f"create or replace macro {name}({arguments}) as table\n{body}"


def queues_statement(name: str, queues: str) -> str:
    """The statement that creates a macro of QUEUES_COMMENTS. queues: the text of models/sql/board. Raises KeyError."""
    body = queues.replace("{counts}", _QUEUES[name][0])
    return f"create or replace macro {name}(from_at, to_at, instant) as table\n{body}"


def _told(kind: _Kind) -> str:
    """Fields and not whole facts, so that only those are read from the file that a question needs."""
    columns = ["site", "contact_id", "first_at", f"{_last(kind)} as last_at"]
    for rule in FACTS:
        if rule.keep == "all":
            columns.append(f"{_listed(rule, kind)} as {rule.column}")
            continue
        at = f'{rule.column}."at"'
        for field in ("at", *rule.fields, *_JUDGED_FIELDS):
            value = f'{rule.column}."{field}"'
            columns.append(f"{_upto(at, value, kind)} as {rule.column}_{field}")
    columns += [f"{_upto(name, name, kind)} as {name}" for name in INSTANTS]
    # An instant may be asked for by a query, which a lambda cannot hold: there it is a column.
    source = "private.contact_version" + (" cross join (select instant as now_at)" if kind.is_cut else "")
    listed = ",\n        ".join(columns)
    return (
        f"    select\n        {listed}\n    from (\n"
        # Bounded here, where the table is read, so that a span asked for by a query of its own is skipped to as well.
        f"        select * from {source}\n        where {kind.where}\n    )\n"
        "    anti join private.contact_replaced r using (version)"
    )


def _upto(at: str, value: str, kind: _Kind) -> str:
    return f"case when {at} <= now_at then {value} end" if kind.is_cut else value


def _listed(rule: FactRule, kind: _Kind) -> str:
    return f'list_filter({rule.column}, lambda fact: fact."at" <= now_at)' if kind.is_cut else rule.column


def _last(kind: _Kind) -> str:
    """When something was told last."""
    if not kind.is_cut:
        return "last_at"
    single = [f'{rule.column}."at"' for rule in FACTS if rule.keep != "all"]
    told = [f"case when {at} <= now_at then {at} end" for at in (*single, *INSTANTS)]
    told += [
        f'list_max(list_filter(list_transform({rule.column}, lambda fact: fact."at"), lambda at_: at_ <= now_at))'
        for rule in FACTS
        if rule.keep == "all"
    ]
    # greatest() leaves out what is null.
    return f"case when last_at <= now_at then last_at else greatest(first_at, {', '.join(told)}) end"

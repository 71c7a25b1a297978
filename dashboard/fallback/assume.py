"""What is assumed unless somebody says otherwise: measured or written in a document, each with where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dashboard import format as text
from models.fallback.answer_parts import Problem
from models.fallback.assumptions import SPECS, Assumed, Spec
from models.fallback.week import moved_occupancy, week_of

if TYPE_CHECKING:
    from models.fallback.assumptions import Assumptions
    from models.fallback.facts import Facts, Month

_DOCUMENT = "in-house cost document"
_OWN_COST = {
    "shrinkage": "shrinkage", "annual_cost": "annual", "hours": "hours", "hire_cost": "hire", "attrition": "attrition",
    "overtime": "overtime", "training_weeks": "training_weeks",
}  # fmt: skip
"""Assumptions that stand in the in-house document, and what they are called in `OwnCost`."""


def defaults(facts: Facts) -> Assumptions:
    """One for each of SPECS: measured or from a document, else what the spec says, else unknown."""
    found = {spec.name: _default(spec, facts) for spec in SPECS}
    week = week_of(facts, found)
    occupancy = None if isinstance(week, Problem) else moved_occupancy(week)
    if occupancy is not None:
        # In-house people wait more than those who would be added for this work: one queue of both needs fewer.
        found["occupancy"] = Assumed(occupancy, "worked out: this work by the agents it takes beyond in-house's own")
    return found


def _default(spec: Spec, facts: Facts) -> Assumed:
    found = _of_document(spec, facts) if spec.name in _OWN_COST else _MEASURED.get(spec.name, _nothing)(facts)
    # A figure out of the bounds stays: the field beside it says what is wrong, and where it came from.
    return found if found is not None and found.value is not None else Assumed(spec.default, spec.source)


def _of_document(spec: Spec, facts: Facts) -> Assumed | None:
    value = getattr(facts.own_cost, _OWN_COST[spec.name])
    if value is None:
        return None
    return Assumed(float(round(value)) if spec.whole else value, f"{_DOCUMENT}, of {facts.today:%Y-%m-%d}")


def _nothing(facts: Facts) -> Assumed | None:
    del facts
    return None


def _volume(facts: Facts) -> Assumed | None:
    month = _last_whole(facts)
    if month is not None and month.contacts > 0:
        return Assumed(month.contacts, f"measured: contacts of {text.month(month.month)}")
    by_topic = sum(each.contacts for each in facts.topics)
    return Assumed(by_topic, "measured: contacts of known topics of the last 28 days, per month") if by_topic else None


def _price(facts: Facts) -> Assumed | None:
    month = _last_whole(facts)
    if month is not None and month.amount is not None and month.contacts > 0:
        return Assumed(month.amount / month.contacts, f"bill expected for {text.month(month.month)}, by its contacts")
    known = [each for each in facts.months if each.amount is not None and each.contacts > 0]
    if not known:
        return None
    amount, contacts = sum(each.amount or 0.0 for each in known), sum(each.contacts for each in known)
    return Assumed(amount / contacts, f"bills expected for {len(known)} months, the last of them not over")


def _last_whole(facts: Facts) -> Month | None:
    """The last month that is over and was measured from its first day on."""
    whole = [month for month in facts.months if month.whole]
    return whole[-1] if whole else None


def _handle_s(facts: Facts) -> Assumed | None:
    value = facts.own_handle_s
    return None if value is None else Assumed(value, "measured in-house over 28 days, on this work's topics")


def _fcr_own(facts: Facts) -> Assumed | None:
    value = facts.own_resolution
    return None if value is None else Assumed(value, "measured in-house over 8 weeks, on this work's topics")


def _fcr_provider(facts: Facts) -> Assumed | None:
    return None if facts.resolution is None else Assumed(facts.resolution, "measured over 8 weeks")


def _occupancy(facts: Facts) -> Assumed | None:
    return None if facts.occupancy is None else Assumed(facts.occupancy, "measured in-house over 28 days")


def _returning(facts: Facts) -> Assumed | None:
    return None if facts.returning is None else Assumed(facts.returning, "measured")


def _exit_fee(facts: Facts) -> Assumed | None:
    if facts.contract is None:
        return None
    terms = facts.contract.in_force(facts.today)
    if terms is not None and facts.contract.ending.fee and terms.currency != facts.currency:
        # No rate is known here; a figure in another currency would pass for one in the company's.
        return Assumed(None, f"contract: {facts.contract.ending.fee:f} {terms.currency}; give it in {facts.currency}")
    return Assumed(float(facts.contract.ending.fee), "contract: what ending it costs")


_MEASURED: dict[str, Callable[[Facts], Assumed | None]] = {
    "volume": _volume, "price": _price, "handle_s": _handle_s, "fcr_own": _fcr_own, "fcr_provider": _fcr_provider,
    "returning": _returning, "occupancy": _occupancy, "exit_fee": _exit_fee,
}  # fmt: skip

"""Cost of a resolution rather than of a contact: a model, and a count of issues that knows who began them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PerResolution:
    """Cost of contacts when some must come again; money in the unit of the cost per contact."""

    contacts_per_issue: Decimal
    resolved_share: Decimal
    """Of issues; the others gave up."""
    per_issue: Decimal
    per_resolution: Decimal
    with_loss: Decimal
    """per_resolution and what those who gave up are worth."""


@dataclass(frozen=True, slots=True)
class Handled:
    """A contact and what it cost."""

    customer: str
    topic: str
    owner: str
    """Provider (or site) that handled it."""
    at: datetime
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Issues:
    """Issues that an owner had first."""

    owner: str
    issues: int
    contacts: int
    """All of these issues, whoever handled them."""
    cost: Decimal
    """Likewise."""
    solved_first: int
    """Issues with one contact."""

    @property
    def fcr(self) -> Decimal:
        """Share of issues solved with the first contact."""
        return Decimal(self.solved_first) / self.issues

    @property
    def cost_per_issue(self) -> Decimal:
        """Mean cost of an issue."""
        return self.cost / self.issues


def per_resolution(cost: Decimal, fcr: Decimal, returning: Decimal, loss: Decimal = Decimal(0)) -> PerResolution:
    """The model of methods 3.2, in which every contact resolves with the same chance.

    cost: of a contact. fcr f: share resolved by a contact, above 0. returning q: share of the unresolved who come
    again. loss L: worth of one who gives up. Contacts of an issue 1 / (1 - (1-f)q), resolved f times that, cost of a
    resolution c/f whatever q is, with loss c/f + (1-f)(1-q)L/f. Raises ValueError for shares out of range.
    """
    if not 0 < fcr <= 1:
        raise ValueError(f"expected an fcr above 0 and at most 1, got {fcr}")
    if not 0 <= returning <= 1:
        raise ValueError(f"expected a returning share from 0 to 1, got {returning}")
    contacts = 1 / (1 - (1 - fcr) * returning)
    each = cost / fcr
    return PerResolution(
        contacts_per_issue=contacts,
        resolved_share=fcr * contacts,
        per_issue=cost * contacts,
        per_resolution=each,
        with_loss=each + (1 - fcr) * (1 - returning) * loss / fcr,
    )


def issues_by_owner(contacts: Iterable[Handled], within_days: int, as_of: datetime) -> list[Issues]:
    """Issues and their cost by who had the first contact, in order of owners.

    An issue is what a customer asks about one topic with gaps of at most `within_days` days; the owner of its first
    contact owns all its contacts. Issues whose last contact is less than `within_days` days before `as_of` are left
    out: somebody may yet come again. Contacts after `as_of` are not looked at.
    """
    gap = timedelta(days=within_days)
    by_matter: dict[tuple[str, str], list[Handled]] = defaultdict(list)
    for contact in contacts:
        if contact.at <= as_of:
            by_matter[contact.customer, contact.topic].append(contact)
    by_owner: dict[str, list[list[Handled]]] = defaultdict(list)
    for rows in by_matter.values():
        for issue in _issues(sorted(rows, key=lambda row: row.at), gap):
            if as_of - issue[-1].at >= gap:
                by_owner[issue[0].owner].append(issue)
    return [
        Issues(
            owner,
            len(issues),
            sum(len(issue) for issue in issues),
            sum((row.cost for issue in issues for row in issue), Decimal(0)),
            sum(len(issue) == 1 for issue in issues),
        )
        for owner, issues in sorted(by_owner.items())
    ]


def _issues(rows: list[Handled], gap: timedelta) -> list[list[Handled]]:
    found: list[list[Handled]] = []
    for row in rows:
        if found and row.at - found[-1][-1].at <= gap:
            found[-1].append(row)
        else:
            found.append([row])
    return found

"""Facts about a slice as a demo would give them, made by hand: two languages of calls, one of chats, thirteen weeks.

`facts(**changes)` replaces any field; `assumed(facts)` takes from them what is assumed; `answered(facts)` answers.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import exp
from typing import Any

from models.fallback.answer import answer
from models.fallback.answer_parts import Answer
from models.fallback.assumptions import SPECS, Assumed, Assumptions
from models.fallback.facts import (
    QUARTERS,
    Compared,
    Criterion,
    Day,
    Facts,
    Month,
    OwnCost,
    PoolDay,
    Seen,
    Slice,
    TopicWork,
    Worked,
)
from models.terms.contract import Contract
from tests.agreed import contract, terms

TODAY = date(2026, 11, 24)
ASKED = datetime(2026, 11, 24, 8, 5, tzinfo=UTC)
PASSED = 36
WEEKS = tuple(date(2026, 8, 24) + timedelta(weeks=number) for number in range(13))
PROVIDER = "Rila Contact"


def shaped(total: float, first: int = 32, end: int = 80) -> tuple[float, ...]:
    """A day's total over its quarter-hours: two humps, at ten and at three."""
    weight = [
        exp(-(((quarter - 40) / 7) ** 2)) + 0.8 * exp(-(((quarter - 60) / 8) ** 2)) + 0.15
        if first <= quarter < end
        else 0.0
        for quarter in range(QUARTERS)
    ]
    return tuple(total * each / sum(weight) for each in weight)


def times(row: tuple[float, ...], factor: float) -> tuple[float, ...]:
    """A row, each of it so many times."""
    return tuple(each * factor for each in row)


def staffed(most: int, first: int = 32, end: int = 80) -> tuple[float, ...]:
    """So many agents while it is open, fewer at the ends."""
    return tuple(
        0.0 if not first <= quarter < end else float(most if first + 4 <= quarter < end - 8 else round(most * 0.7))
        for quarter in range(QUARTERS)
    )


def pool(
    language: str = "de", *, kind: Any = "voice", own: float = 900, moved: float = 600, agents: int = 18, **more: Any
) -> PoolDay:
    """A pool of a day from totals."""
    row = shaped(moved)
    given = {
        "kind": kind, "language": language, "slots": 3 if kind == "chat" else 1, "own": shaped(own), "moved": row,
        "moved_low": times(row, 0.85), "moved_high": times(row, 1.15), "agents": staffed(agents),
        "able": staffed(round(agents * 1.2)), "own_aht_s": 318.0, "moved_aht_s": 312.0, "moved_aht_provider_s": 341.0,
        "patience_s": 180.0,
    }  # fmt: skip
    return PoolDay.model_validate(given | more)


def pools(factor: float = 1.0) -> tuple[PoolDay, ...]:
    """Two languages of calls, and chats."""
    return (
        pool("de", own=900 * factor, moved=600 * factor),
        pool("en", own=420 * factor, moved=320 * factor, agents=10),
        pool("en", kind="chat", own=260 * factor, moved=140 * factor, agents=4, own_aht_s=640.0, moved_aht_s=655.0),
    )


def days(*, closed_on_sunday: bool = True) -> tuple[Day, ...]:
    """The next seven days, today first; Saturday is quiet, on Sunday nobody works."""
    found = []
    for number in range(7):
        day = TODAY + timedelta(days=number)
        closed = closed_on_sunday and day.weekday() == 6
        basis = tuple(day - timedelta(weeks=back) for back in range(1, 5))
        made = () if closed else pools(0.35 if day.weekday() == 5 else 1.0 - 0.03 * number)
        found.append(Day(day=day, passed=PASSED if number == 0 else 0, pools=made, basis=basis))
    return tuple(found)


def criterion(name: str, label: str, values: tuple[float | None, ...], **more: Any) -> Criterion:
    """One criterion; None is a week without data."""
    given: dict[str, Any] = {"unit": "share", "direction": "below", "opens": 0.75, "clears": 0.8, "min_n": 200}
    n = more.pop("n", 4200)
    weeks = tuple(Seen(value=value, n=n if value is not None else 0, fed=value is not None) for value in values)
    return Criterion.model_validate(
        given | {"name": name, "label": label, "source": "contract, service level", "weeks": weeks} | more
    )


def criteria() -> tuple[Criterion, ...]:
    """Service and satisfaction that drift from the seventh week on, and others that hold."""
    return (
        criterion("service_level", "Service level",
                  (0.83, 0.83, 0.84, 0.81, 0.82, 0.8, 0.77, 0.74, 0.72, 0.71, 0.7, 0.69, 0.68)),
        criterion("csat_difference", "Satisfaction against in-house",
                  (-0.01, 0.0, -0.02, 0.01, -0.01, -0.03, -0.08, -0.11, -0.13, -0.12, -0.14, -0.15, -0.16),
                  unit="points", opens=-0.1, clears=-0.03, min_n=100, n=310, source="usual"),
        criterion("delivered", "Delivered against committed",
                  (1.02, 1.0, 0.99, 1.01, 1.0, 0.98, 0.99, 0.97, 0.96, 0.97, 0.94, 0.96, 0.97),
                  opens=0.95, clears=0.98, min_n=0, source="contract, minimum"),
        criterion("incidents", "Severe incidents in four weeks",
                  (0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0), unit="count", direction="above", opens=1, clears=0,
                  min_n=0, source="usual"),
        criterion("turnover", "People who left within four weeks",
                  (0.05, 0.06, 0.05, 0.08, 0.07, 0.09, 0.12, 0.15, 0.18, 0.19, 0.2, 0.22, 0.24), direction="above",
                  opens=0.25, clears=0.15, min_n=0, n=62, source="usual"),
        criterion("silence", "Hours without data",
                  (0, 0.25, 0, 0, 0, 0, 0.5, 0, None, 0, 0, 0.25, 0), unit="hours", direction="above", opens=4,
                  clears=1, min_n=0, source="usual"),
    )  # fmt: skip


def agreement(**more: Any) -> Contract:
    """A contract by contact with a minimum, reviews and an end."""
    charge = {"kind": "contact", "rate": "5.40"}
    given: dict[str, Any] = {
        "provider": PROVIDER, "owners": {"ours": "Ann Berg", "theirs": "Ivan Petrov"},
        "ending": {"notice_days": 90, "to": "month_end", "fee": "40000", "assistance_days": 60},
        "reviews": [
            {"on": date(2026, 9, 28), "about": "Quarterly review"},
            {"on": date(2026, 12, 15), "about": "Quarterly review"},
            {"on": date(2027, 3, 16), "about": "Price review"},
        ],
    }  # fmt: skip
    return contract(terms(charge, minimum={"kind": "units", "units": "15000"}), **(given | more))


def months() -> tuple[Month, ...]:
    """Six months, the last one running."""
    firsts = (
        date(2026, 6, 1),
        date(2026, 7, 1),
        date(2026, 8, 1),
        date(2026, 9, 1),
        date(2026, 10, 1),
        date(2026, 11, 1),
    )
    counts = (26_400, 27_100, 26_800, 27_500, 27_300, 19_900)
    return tuple(
        Month(month=first, contacts=count, amount=count * 5.4, bill=count * 5.4, units=count, whole=first.month < 11)
        for first, count in zip(firsts, counts, strict=True)
    )


def topics() -> tuple[TopicWork, ...]:
    """What the work is about."""
    rows = (
        ("billing", "Billing", 9000, 290, 335, 0.78, 0.66, 9.0), ("orders", "Orders", 7800, 300, 330, 0.81, 0.72, 7.5),
        ("technical", "Technical help", 5200, 420, 470, 0.7, 0.58, 6.5),
        ("returns", "Returns", 3300, 280, 285, 0.8, 0.76, 3.2),
        ("other", "Anything else", 2000, 260, 270, 0.82, 0.8, 1.6),
    )  # fmt: skip
    return tuple(
        TopicWork(
            topic=topic, name=name, contacts=count, amount=count * 5.4, own_aht_s=own, provider_aht_s=there,
            own_resolution=solved, provider_resolution=solved_there, peak_erlangs=peak,
        )
        for topic, name, count, own, there, solved, solved_there, peak in rows
    )  # fmt: skip


def worked() -> Worked:
    """Eight weeks of the day there is today but for Sundays, in agents; chats share one."""
    of_day = [
        sum(one.moved[at] * (one.moved_aht_s or 0) / one.slots for one in pools()) / 900 for at in range(QUARTERS)
    ]
    contacts = 48 * sum(sum(one.moved) for one in pools())
    agents = tuple(each for each in of_day if each) * 48
    return Worked(first=TODAY - timedelta(weeks=8), last=TODAY - timedelta(days=1), contacts=contacts, agents=agents)


def facts(**changes: Any) -> Facts:
    """A realistic slice: all the work of one provider. changes: fields to replace."""
    given: dict[str, Any] = {
        "asked_at": ASKED, "today": TODAY, "zone": "Europe/Berlin", "currency": "EUR", "version": "0.7.0",
        "known_upto": 48_211, "slice": Slice(provider=PROVIDER), "provider_name": PROVIDER, "in_house_name": "In-house",
        "service_level": 0.8, "threshold_s": 20.0, "max_abandonment": 0.05, "max_occupancy": 0.9, "weeks": WEEKS,
        "criteria": criteria(),
        "compared": (
            Compared(metric="csat_mean", own=4.31, provider=4.17, raw=-0.19, difference=-0.14, low=-0.2, high=-0.08,
                     comparable=0.93, n=2480),
            Compared(metric="first_contact_resolution", own=0.77, provider=0.7, raw=-0.09, difference=-0.07,
                     low=-0.09, high=-0.05, comparable=0.95, n=21_400),
            Compared(metric="average_handle_time_s", own=315.0, provider=333.0, raw=26.0, difference=18.0, low=12.0,
                     high=24.0, comparable=0.97, n=52_800),
            Compared(metric="service_level", own=0.84, provider=0.72, raw=-0.12, difference=None, low=None, high=None,
                     comparable=None, n=0),
        ),
        "days": days(), "months": months(), "topics": topics(), "worked": worked(),
        "own_cost": OwnCost(full_hour=43.93, direct_hour=21.5, annual=52_000, hours=1510, hire=6_500, lead=68_000,
                            span=12, attrition=0.3, overtime=1.25, shrinkage=0.306, training_weeks=6),
        "occupancy": 0.82, "free_hours": 1450, "handle_s": 341.0, "own_handle_s": 312.0, "resolution": 0.68,
        "own_resolution": 0.77, "contract": agreement(),
        "missing": ("Mail is left out: how long it may wait is not known here.",),
    }  # fmt: skip
    return Facts.model_validate(given | changes)


def assumed(known: Facts, **changes: float | None) -> Assumptions:
    """What is measured where something is, else what the specification says. changes: values of somebody's own."""
    last = [month for month in known.months if month.whole]
    price = None
    if last and last[-1].amount is not None and last[-1].contacts:
        price = last[-1].amount / last[-1].contacts
    cost = known.own_cost
    measured = {
        "volume": last[-1].contacts if last else None, "price": price, "handle_s": known.own_handle_s,
        "fcr_own": known.own_resolution, "fcr_provider": known.resolution, "returning": known.returning,
        "occupancy": known.occupancy, "annual_cost": cost.annual, "hours": cost.hours, "hire_cost": cost.hire,
        "attrition": cost.attrition, "overtime": cost.overtime, "shrinkage": cost.shrinkage,
        "training_weeks": cost.training_weeks,
        "exit_fee": float(known.contract.ending.fee) if known.contract else None,
    }  # fmt: skip
    found = {}
    for spec in SPECS:
        value = measured.get(spec.name)
        found[spec.name] = Assumed(spec.default if value is None else value, spec.source)
    return found | {name: Assumed(value, "yours") for name, value in changes.items()}


def answered(known: Facts, **changes: float | None) -> Answer:
    """The answer about them, with what `assumed` takes."""
    return answer(known, assumed(known, **changes))

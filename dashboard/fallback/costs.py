"""What the slice cost by month and by topic, and what in-house people cost by the documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dashboard.fallback.pools import topic_times
from dashboard.fallback.questions import WORK_DAYS
from dashboard.scope import sums
from models.billing.delivered import UNIT_MS
from models.billing.in_house import WEEKS as PAID_WEEKS
from models.billing.in_house import unit_cost
from models.billing.minimum import locked_forecast
from models.fallback.facts import QUARTERS, Month, OwnCost, TopicWork
from models.metrics.catalogue import BY_NAME

if TYPE_CHECKING:
    from dashboard.fallback.demand import Demand, Expected, Part
    from dashboard.fallback.questions import Frame
    from models.terms.charge import Charge
    from models.terms.contract import Contract
    from models.terms.in_house import InHouse, InHouseCosts

MONTH_DAYS = 365 / 12
_HOUR_MS = 3_600_000
_PRODUCTIVE = ("available_ms", "busy_ms", "wrapping_up_ms")


def fraction(handled: pd.DataFrame, demand: Demand, frame: Frame) -> float:
    """Of the provider's work in these channels and topics, what the slice is by queue, language, hour and share."""
    theirs = handled[~handled["own"]]
    wider, asked = float(theirs["coarse"].sum()), float(theirs["asked"].sum())
    return (asked / wider if wider else 1.0) * demand.in_hours * frame.slice.share


def months(
    costs: pd.DataFrame, bills: pd.DataFrame, units: pd.DataFrame, part: float, charge: str | None, frame: Frame
) -> tuple[Month, ...]:
    """Oldest first. part: see `fraction`. charge: the one whose units are told."""
    by_month = costs.groupby("month")[["contacts", "amount", "unknown"]].sum(min_count=1)
    owed = {_day(month): row for month, row in bills.set_index("month").iterrows()}
    counted = {
        _day(month): float(quantity)
        for month, of, quantity in zip(units["month"], units["charge"], units["quantity"], strict=True)
        if of == charge and not pd.isna(quantity)
    }
    found = []
    for month, row in by_month.sort_index().iterrows():
        first = _day(month)
        bill = owed.get(first)
        own_total = None if bill is None or pd.isna(bill["own_total"]) else float(bill["own_total"])
        known = not pd.isna(row["amount"]) and not row["unknown"]
        found.append(
            Month(
                month=first, contacts=float(row["contacts"]) * part,
                amount=float(row["amount"]) * part if known else None, bill=own_total, units=counted.get(first),
                whole=_next(first) <= frame.today,
            )
        )  # fmt: skip
    return tuple(found)


def first_charge(contract: Contract | None, day: date) -> Charge | None:
    """The charge a minimum of units is counted in: the first with a price for each unit."""
    terms = contract.in_force(day) if contract else None
    if terms is None:
        return None
    return next((each for each in terms.charges if each.kind in ("contact", "minute", "hour", "resolution")), None)


@dataclass(frozen=True)
class Commitment:
    """Units committed to and done by week. locked: from locked forecasts, not from a minimum."""

    committed: Mapping[date, float]
    done: Mapping[date, float]
    locked: bool


def commitment(
    contract: Contract | None, contacts: pd.DataFrame, agents: pd.DataFrame, frame: Frame
) -> Commitment | None:
    """By the contract; None where it commits to no volume. It is of all of the provider's work, as the minimum is."""
    charge = first_charge(contract, frame.today)
    if contract is None or charge is None or not frame.all_sites or not frame.is_whole:
        return None
    committed: dict[date, float] = {}
    locked = False
    for week in frame.weeks:
        total = 0.0
        for day in (week + timedelta(days=ahead) for ahead in range(7)):
            terms = contract.in_force(day)
            least = terms.minimum if terms else None
            month = day.replace(day=1)
            fixed = locked_forecast(terms, month) if terms else None
            if fixed is not None:
                locked, units = True, float(fixed)
            elif least is not None and least.units is not None:
                units = float(least.units)
            else:
                continue
            total += units / (_next(month) - month).days
        committed[week] = total
    if not any(committed.values()):
        return None
    return Commitment(committed, _done(charge.kind, contacts, agents), locked)


def _done(kind: str, contacts: pd.DataFrame, agents: pd.DataFrame) -> dict[date, float]:
    """By week, in the unit of the charge; for a resolution what was handled."""
    if kind == "hour":
        return {
            _day(row["week_start"]): float(sum(row[name] for name in _PRODUCTIVE if not pd.isna(row[name]))) / _HOUR_MS
            for _, row in agents.iterrows()
        }
    name, unit = ("handle_ms", UNIT_MS["minute"]) if kind == "minute" else ("handled", 1)
    return {
        _day(week): float(value) / unit
        for week, value in zip(contacts["week_start"], contacts[name], strict=True)
        if not pd.isna(value)
    }


def handled_by_week(contacts: pd.DataFrame) -> dict[date, float]:
    """Contacts handled."""
    return _done("contact", contacts, contacts)


def planned_by_week(planned: pd.DataFrame, frame: Frame) -> dict[date, float]:
    """Contacts planned, of weeks of which every day has a plan that any day of its weekday has."""
    days = {_day(day): float(value) for day, value in zip(planned["date"], planned["planned"], strict=True)
            if not pd.isna(value)}  # fmt: skip
    open_on = {day.weekday() for day in days}
    found = {}
    for week in frame.weeks:
        of_week = [week + timedelta(days=weekday) for weekday in sorted(open_on)]
        if len(open_on) >= 5 and all(day in days for day in of_week):
            found[week] = sum(days[day] for day in of_week)
    return found


def topics(
    frames: Mapping[str, pd.DataFrame], demand: Demand, frame: Frame, part: float, names: Mapping[str, str]
) -> tuple[TopicWork, ...]:
    """The slice's topics, most contacts first, per month as the last 28 days were. part: see `fraction`."""
    handled, arrived = frames["handled"], frames["arrived"]
    known = arrived[~arrived["own"] & (arrived["asked"] > 0) & (arrived["kind"] != "")]
    monthly = MONTH_DAYS / max(1, (frame.today - frame.since).days)
    theirs, ours = handled[~handled["own"]], handled[handled["own"]]
    own_s = topic_times(ours)
    of_provider = topic_times(theirs.assign(handled=theirs["asked"], handle_ms=theirs["asked_ms"]))
    solved = {own: resolution_by_topic(frames["resolved"], own=own) for own in (True, False)}
    costs = frames["costs"]
    recent = costs[costs["recent"].astype(bool)].groupby("topic")[["amount", "unknown"]].sum(min_count=1)
    peaks = _peaks(known, demand, frame)
    found = []
    for topic, contacts in known.groupby("topic")["asked"].sum().sort_values(ascending=False).items():
        key = str(topic)
        if not key:
            continue
        money = recent.loc[key] if key in recent.index else None
        paid = money is not None and not pd.isna(money["amount"]) and not money["unknown"]
        take = own_s.get(key) or of_provider.get(key)
        found.append(
            TopicWork(
                topic=key, name=names.get(key, key),
                contacts=float(contacts) * demand.in_hours * frame.slice.share * monthly,
                amount=float(money["amount"]) * part * monthly if paid and money is not None else None,
                own_aht_s=own_s.get(key), provider_aht_s=of_provider.get(key),
                own_resolution=solved[True].get(key), provider_resolution=solved[False].get(key),
                peak_erlangs=peaks.get(key, 0.0) * (take or 0.0) / 900,
            )
        )  # fmt: skip
    return tuple(found)


def _peaks(known: pd.DataFrame, demand: Demand, frame: Frame) -> dict[str, float]:
    """Contacts of each topic in its busiest quarter-hour of the days ahead: topics come alike at all hours."""
    found: dict[str, float] = {}
    told = known[known["topic"] != ""]
    whole = _by_part(told)
    by_day: dict[date, dict[Part, Expected]] = {}
    for (day, part), expected in demand.asked.items():
        by_day.setdefault(day, {})[part] = expected
    for topic, rows in told.groupby("topic"):
        share = {part: asked / whole[part] for part, asked in _by_part(rows).items()}
        peak = 0.0
        for parts in by_day.values():
            row = np.zeros(QUARTERS)
            for part, expected in parts.items():
                row += share.get(part, 0.0) * expected.mean
            peak = max(peak, float(row.max()))
        found[str(topic)] = peak * frame.slice.share
    return found


def _by_part(rows: pd.DataFrame) -> dict[Part, float]:
    """Contacts asked about by kind and language."""
    found: dict[Part, float] = {}
    for kind, language, asked in zip(rows["kind"], rows["language"], rows["asked"], strict=True):
        found[str(kind), str(language)] = found.get((str(kind), str(language)), 0.0) + float(asked)
    return found


def resolution_by_topic(rows: pd.DataFrame, *, own: bool) -> dict[str, float]:
    """First-contact resolution by topic. rows: the answer `resolved`."""
    metric = BY_NAME["first_contact_resolution"]
    side = rows[rows["own"] == own]
    if side.empty:
        return {}
    figured = sums.with_metrics(side.reset_index(drop=True), [metric])
    return {
        str(topic): float(value)
        for topic, value in zip(figured["topic"], figured[metric.name], strict=True)
        if not pd.isna(value)
    }


def resolutions(rows: pd.DataFrame) -> tuple[float | None, float | None]:
    """First-contact resolution of the slice, and in-house on the slice's topics, as far as in-house has them."""
    metric = BY_NAME["first_contact_resolution"]
    theirs = rows[~rows["own"].astype(bool)]
    if theirs.empty:
        return None, None
    figured = sums.with_metrics(theirs.reset_index(drop=True), [metric])
    mix = {str(t): float(n) for t, n in zip(figured["topic"], figured[f"{metric.name}_n"], strict=True) if n > 0}
    by_topic, ours = (resolution_by_topic(rows, own=own) for own in (False, True))
    both = {topic: n for topic, n in mix.items() if topic in ours}
    return _weighed(mix, by_topic), _weighed(both, ours)


def _weighed(mix: Mapping[str, float], values: Mapping[str, float]) -> float | None:
    total = sum(mix.values())
    return sum(n * values[topic] for topic, n in mix.items()) / total if total else None


def occupancy(agents: pd.DataFrame, own: Sequence[str]) -> tuple[float | None, float]:
    """Of in-house agents, and their idle hours a month. agents: the answer `agents`, over 28 days."""
    metric = BY_NAME["occupancy"]
    ours = agents.loc[agents["site"].isin(list(own)), list(metric.sums)].sum().to_frame().T
    share = sums.with_metrics(ours, [metric])[metric.name].iloc[0]
    if pd.isna(share):
        return None, 0.0
    return float(share), float(ours["available_ms"].iloc[0]) / _HOUR_MS * MONTH_DAYS / WORK_DAYS


def own_cost(
    figures: pd.DataFrame, agents: pd.DataFrame, document: InHouseCosts | None, frame: Frame, currency: str
) -> OwnCost:
    """Weighed by the sites' productive hours.

    figures: the answer `figures`; what it does not hold is taken from the document.
    """
    weights = {str(row["site"]): float(sum(row[name] for name in _PRODUCTIVE)) for _, row in agents.iterrows()}
    sites = []
    for site, rows in figures.groupby("site"):
        if set(rows["currency"].dropna()) - {currency}:
            continue
        of = {str(name): float(amount) for name, amount in zip(rows["figure"], rows["amount"], strict=True)}
        period = document.in_force(str(site), frame.today) if document else None
        sites.append((weights.get(str(site), 0.0), _site_cost(of, period)))
    if not sites:
        return OwnCost()
    if not any(weight for weight, _ in sites):
        sites = [(1.0, cost) for _, cost in sites]
    return OwnCost(**{name: _mean(name, sites) for name in OwnCost.model_fields})


def _mean(name: str, sites: Sequence[tuple[float, Mapping[str, float | None]]]) -> float | None:
    known = [(weight, value) for weight, cost in sites if (value := cost.get(name)) is not None]
    total = sum(weight for weight, _ in known)
    return sum(weight * value for weight, value in known) / total if total else None


def _site_cost(of: Mapping[str, float], period: InHouse | None) -> dict[str, float | None]:
    paid, available = of["paid_hours"], of["available_hours"]
    labour = of["labour_per_available_hour"]
    found: dict[str, float | None] = {
        "full_hour": of["per_available_hour"],
        "direct_hour": labour * available / paid,
        "annual": of["annual"] - of.get("attrition", 0.0),
        "hours": available,
        "overtime": of["overtime_per_available_hour"] / labour if labour else None,
        "shrinkage": 1 - available / paid,
    }
    if period is not None:
        direct = unit_cost(period).labour
        found |= {
            "hire": float(period.recruiting + period.training_weeks * direct / PAID_WEEKS),
            "lead": float(period.lead.pay * (1 + period.on_cost)) if period.lead else None,
            "span": float(period.lead.span) if period.lead else None,
            "attrition": float(period.attrition),
            "training_weeks": float(period.training_weeks),
        }
    return found


def _day(value: object) -> date:
    return pd.Timestamp(value).date()  # type: ignore[arg-type]


def _next(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)

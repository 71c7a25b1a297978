"""Everything an answer about a slice rests on, asked of the store and put together as `Facts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st
from pydantic import ValidationError

from dashboard.compare import questions as compared_questions
from dashboard.compare.choice import IN_HOUSE
from dashboard.compare.scorecard import targets
from dashboard.fallback import beside, costs, pools, questions, weeks
from dashboard.fallback import criteria_words as said
from dashboard.fallback.demand import demand, silent_hours
from dashboard.fallback.questions import Frame
from dashboard.fallback.worked import worked
from dashboard.queries import store_identity
from dashboard.scope import sums
from dashboard.store import Reply, State, Store
from models.documents.reading import DocumentError
from models.fallback.facts import Facts, OwnCost, Slice
from models.metrics.catalogue import BY_NAME
from models.settings import Settings, load_settings
from models.terms.contract import Contract
from models.terms.folder import documents_of

if TYPE_CHECKING:
    from datetime import date

    from dashboard.fallback.demand import Demand
    from dashboard.scope.opening import Opened
    from models.fallback.facts import Criterion, Month
    from models.forecast.forecast import Reason
    from models.terms.in_house import InHouseCosts

TTL_S = 30
PEOPLE_TTL_S = 900
_ASIDE = 4
"""Sets of questions asked beside each other."""


class _AwayError(Exception):
    """The store is not there; `reply` says how it was tried."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


def facts(store: Store, page: Opened, of: Slice, settings: Settings | None = None) -> Facts | Reply:
    """What is known of the slice; the reply itself when the store is away. settings: by default those there are."""
    try:
        return _facts(store, page.choices.state, of, page.now.today, page, settings)
    except _AwayError as away:
        return away.reply


@st.cache_data(
    ttl=TTL_S, max_entries=32, show_spinner=False,
    hash_funcs={Store: store_identity, Slice: lambda of: of.model_dump_json(), Settings: repr},
)  # fmt: skip
def _facts(store: Store, state: State, of: Slice, today: object, _page: Opened, settings: Settings | None) -> Facts:
    del state, today
    if settings is None:
        settings = load_settings()
    return gathered(store, _page, of, settings)


def gathered(store: Store, page: Opened, of: Slice, settings: Settings) -> Facts:
    """The same, asked now. Raises `_AwayError`."""
    frame, in_house_name = frame_of(page, of)
    base = _base(page, of, settings, in_house_name)
    if not frame.sites:
        return Facts(**base, known_upto=0, missing=(said.NO_SITES,))
    if not page.known.weeks:
        return Facts(**base, known_upto=0, missing=(said.NO_WEEKS, said.NO_HANDLE_TIMES))
    frames = _ask(store, questions.sizes(frame))
    contract, missing = _contract(frames["contracts"], frame)
    limits = _limits(contract, targets(page.choices), frame)
    own_days = float(frames["agents"].loc[frames["agents"]["site"].isin(list(frame.own)), "agent_days"].sum())
    size = frames["sizes"].iloc[0]
    asked = questions.work(frame, tuple(limit.metric.name for limit in limits), planned=not _commits(contract, frame))
    quarters = {"quarters": asked.pop("quarters")}
    # The store takes as long for people, and for the rest, as the forecast and all that follows takes us.
    with ThreadPoolExecutor(_ASIDE) as aside:
        asked_of_people = questions.people(frame, float(size["contacts"]), own_days)
        seen = aside.submit(_ask, store, {"seen": asked_of_people["seen"]})
        there = aside.submit(_there, store, asked_of_people["present"]) if "present" in asked_of_people else None
        mixed, work = aside.submit(_mixed, store, page, frame), aside.submit(_ask, store, asked)
        frames |= _ask(store, quarters)
        expected = demand(frames["quarters"], frame, page.now.asked_at, settings.holidays)
        frames |= work.result()
        silent = silent_hours(frames["by_site"], frame)
        document, trouble = _document(settings)
        cost = costs.own_cost(frames["figures"], frames["agents"], document, frame, settings.currency)
        part = costs.fraction(frames["handled"], expected, frame)
        charge = costs.first_charge(contract, frame.today)
        months = costs.months(
            frames["costs"], frames["bills"], frames["units"], part, charge.name if charge else None, frame
        )
        topics = costs.topics(frames, expected, frame, part, page.topic_names)
        occupancy, free_hours = costs.occupancy(frames["agents"], frame.own)
        take, patient = pools.handling(frames["handled"]), pools.patience(frames["arrived"])
        resolution, own_resolution = costs.resolutions(frames["resolved"])
        alike = beside.compared(mixed.result(), frame, IN_HOUSE)
        frames |= seen.result()
        criteria = _criteria(frame, frames, limits, contract, silent)
        frames |= {} if there is None else {"present": there.result()}
    slots = _slots(frames)
    missing += [] if limits else [said.NO_CRITERIA_LIMITS]
    missing += _missing(page, frame, frames, expected, cost, slots, months)
    missing += [said.NO_DOCUMENT] if trouble and cost != OwnCost() else []
    if not any(each.name == "delivered" and any(seen.value is not None for seen in each.weeks) for each in criteria):
        missing.append(said.NO_COMMITMENT)
    return Facts(
        **base,
        known_upto=0 if pd.isna(size["batch"]) else int(size["batch"]),
        weeks=frame.weeks,
        criteria=criteria,
        compared=alike,
        days=pools.days(
            expected, frame, take, patient,
            pools.present(frames["present"]) if "present" in frames else ({}, {}), slots or 1,
        ),
        months=months,
        topics=topics,
        worked=worked(frames["quarters"], frame, take, slots or 1),
        own_cost=cost,
        occupancy=occupancy,
        free_hours=free_hours,
        handle_s=take[None].provider_s,
        own_handle_s=take[None].moved_s if take[None].own_s else None,
        resolution=resolution,
        own_resolution=own_resolution,
        contract=contract,
        missing=tuple(dict.fromkeys(missing)),
    )  # fmt: skip


def frame_of(page: Opened, of: Slice) -> tuple[Frame, str]:
    """What is asked about, and what in-house is called. Sites that are in-house are not among a provider's to leave."""
    sites = page.choices.frames["sites"]
    is_own = sites["in_house"].fillna(False).astype(bool)
    whole = tuple(sites.loc[(sites["provider"] == of.provider) & ~is_own, "site"])
    chosen = tuple(site for site in whole if not of.sites or site in of.sites)
    owners = sorted(set(sites.loc[is_own, "provider"]))
    frame = Frame(
        of, chosen, tuple(sites.loc[is_own, "site"]), set(chosen) == set(whole), page.now.today,
        page.now.reporting_zone, page.known, page.now.last_commit_at,
    )  # fmt: skip
    return frame, owners[0] if len(owners) == 1 else "In-house"


def _base(page: Opened, of: Slice, settings: Settings, in_house_name: str) -> dict[str, object]:
    """What is known without asking."""
    try:
        program = version("backstop")
    except PackageNotFoundError:
        program = "unknown"
    return {
        "asked_at": page.now.asked_at, "today": page.now.today, "zone": page.now.reporting_zone,
        "currency": settings.currency, "version": program, "slice": of, "provider_name": of.provider,
        "in_house_name": in_house_name, "service_level": settings.planned_service_level,
        "threshold_s": page.now.service_level_s or settings.service_level_s,
        "max_abandonment": settings.plan.abandonment_cap, "max_occupancy": settings.plan.occupancy_cap,
    }  # fmt: skip


def _ask(store: Store, asked: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    reply = store.ask(asked)
    if reply.state is State.UNREACHABLE:
        raise _AwayError(reply)
    return dict(reply.frames)


def _contract(rows: pd.DataFrame, frame: Frame) -> tuple[Contract | None, list[str]]:
    """The one that covers most of the sites, and what is to be said about it."""
    found = []
    for document in rows["document"]:
        try:
            found.append(Contract.model_validate_json(document))
        except ValidationError:
            return None, [said.bad_contract()]
    covering = [each for each in found if not each.sites or set(each.sites) & set(frame.sites)]
    if not covering:
        return None, [said.NO_CONTRACT]
    return max(covering, key=lambda each: len(set(each.sites or frame.sites) & set(frame.sites))), []


def _limits(contract: Contract | None, aims: Mapping[str, float], frame: Frame) -> list[weeks.Limit]:
    terms = contract.in_force(frame.today) if contract else None
    if terms is None or not terms.service_levels:
        return weeks.aim_limits(aims)
    return [
        weeks.Limit(
            BY_NAME[level.metric], float(level.worst), float(level.target), 0, said.FROM_CONTRACT
        )
        for level in terms.service_levels
    ]  # fmt: skip


def _commits(contract: Contract | None, frame: Frame) -> bool:
    """Whether the contract says a volume."""
    terms = contract.in_force(frame.today) if contract else None
    return terms is not None and terms.minimum is not None and terms.minimum.kind != "amount"


def _criteria(
    frame: Frame, frames: Mapping[str, pd.DataFrame], limits: list[weeks.Limit], contract: Contract | None,
    silent: Mapping[date, float],
) -> tuple[Criterion, ...]:  # fmt: skip
    contacts, agents = frames["weeks_contacts"], frames["weeks_overlap"]
    found = weeks.levels(limits, contacts, agents, frame)
    agreed = costs.commitment(contract, contacts, agents, frame)
    if agreed is not None:
        source = said.LOCKED_FORECAST if agreed.locked else said.MINIMUM_UNITS
        found.append(weeks.delivered(agreed.done, agreed.committed, source, frame))
    elif "planned" in frames and frame.is_whole:
        planned = costs.planned_by_week(frames["planned"], frame)
        found.append(weeks.delivered(costs.handled_by_week(contacts), planned, said.PLAN_FORECAST, frame))
    found += weeks.alike(frames["alike"], frames.get("alike_own"), frame)
    found.append(weeks.incidents(frames["incidents"], frame))
    found.append(weeks.turnover(frames["seen"], frame))
    found.append(weeks.silence(silent, frame))
    return tuple(found)


@st.cache_data(ttl=PEOPLE_TTL_S, max_entries=8, show_spinner=False, hash_funcs={Store: store_identity})
def _there(store: Store, sql: str) -> pd.DataFrame:
    """In-house people usually there, the same for every provider: days that are over, which hardly change."""
    return _ask(store, {"present": sql})["present"]


def _mixed(store: Store, page: Opened, frame: Frame) -> dict[str, pd.DataFrame]:
    """Sums by outcome over the last weeks, for comparing like for like the way the Compare page does it."""
    if not frame.own:
        return {}
    sides = [frame.scope(own=own, weeks=questions.ALIKE_WEEKS) for own in (False, True)]
    if not frame.slice.queues:
        # In-house is asked about the same work then, so one look is enough for both.
        sides = [replace(sides[0], sites=(*frame.sites, *frame.own))]
    frames: dict[str, list[pd.DataFrame]] = {}
    for scope in sides:
        asked = compared_questions.mix_questions(scope, page.known, page.now.today)
        asked = {names: sql for names, sql in asked.items() if not set(beside.SHOWN).isdisjoint(names.split("+"))}
        reply = sums.answers(store, page.choices.state, asked)
        if reply.state is State.UNREACHABLE:
            raise _AwayError(reply)
        for name, rows in compared_questions.by_outcome(reply.frames).items():
            frames.setdefault(name, []).append(rows)
    return {name: pd.concat(rows) for name, rows in frames.items()}


def _document(settings: Settings) -> tuple[InHouseCosts | None, bool]:
    """The in-house document, and whether there should have been one that cannot be read."""
    try:
        found = documents_of(settings).in_house
    except (DocumentError, OSError):
        return None, True
    return found, found is None


def _slots(frames: Mapping[str, pd.DataFrame]) -> int | None:
    """Chats an agent holds at once; None: nobody told."""
    told = frames["present"]["slots"].dropna() if "present" in frames else pd.Series(dtype=float)
    return int(told.iloc[0]) if len(told) else None


def _missing(
    page: Opened, frame: Frame, frames: Mapping[str, pd.DataFrame], expected: Demand, cost: OwnCost,
    slots: int | None, months: Sequence[Month],
) -> list[str]:  # fmt: skip
    """Sentences about what nobody knows, most important first."""
    of, found = frame.slice, list[str]()
    found += [] if frame.weeks else [said.NO_WEEKS]
    found += [] if frame.own else [said.NO_OWN_SITES]
    if frame.own and frames["present"].empty:
        found.append(said.NO_PRESENCE)
    handled = frames["handled"]
    if handled.empty or not handled.loc[~handled["own"].astype(bool), "asked"].sum():
        found.append(said.NO_HANDLE_TIMES)
    by_reason: dict[tuple[str, Reason], list[date]] = {}
    for day, site, reason in expected.unknown:
        by_reason.setdefault((site, reason), []).append(day)
    found += [
        said.no_forecast(page.site_names.get(site, site), days, reason) for (site, reason), days in by_reason.items()
    ]
    if expected.written > 0:
        found.append(said.written(expected.written))
    if slots is None and any(kind == "chat" for kind, _ in expected.parts):
        found.append(said.NO_SLOTS)
    if frame.own and frames["figures"].empty:
        found.append(said.NO_OWN_COST)
    elif cost == OwnCost() and frame.own:
        found.append(said.FOREIGN_COST)
    elif set(frames["figures"]["site"]) != set(frame.own):
        found.append(said.NO_COST)
    unknown = [month for month in months if month.amount is None]
    if unknown:
        found.append(said.no_months([each.month for each in unknown]))
    if of.first_hour or of.end_hour < 24 or of.share < 1:
        found.append(said.WHOLE_WORK)
    if of.topics:
        found.append(said.TOPICS_IN_QUARTERS)
    if of.queues or of.languages or of.first_hour or of.end_hour < 24 or of.share < 1:
        found.append(said.SPLIT_COST)
    contacts = float(frames["sizes"].iloc[0]["contacts"])
    agents = frames["agents"]
    days, back = questions.bounded_days(contacts), questions.bounded_weeks(
        float(agents.loc[agents["site"].isin(list(frame.own)), "agent_days"].sum())
    )  # fmt: skip
    if frame.own and (days < questions.MOST_DAYS or back < questions.MOST_WEEKS):
        found.append(said.many_agents(days, back))
    return found

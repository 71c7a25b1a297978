"""The truth of a played world, written beside its events: what happened, what was planted, how it was delivered.

truth.json holds counts by site and week with the names of `tally.Tally`, by site and topic, the plants with
their figures, and the counts of the delivery. bills/ and reports/ hold what providers would send.
"""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.simulator.scenario.plants import Drift, EasyTopics, KinderServiceLevel, Outage, Overbilling
from ingest.simulator.truth.optimum import optimum
from ingest.simulator.truth.tally import Tally, summed

if TYPE_CHECKING:
    from ingest.simulator.floor.places import Place
    from ingest.simulator.world import World

FORMAT = 1


def write(world: World, folder: Path) -> None:
    """Write all of it, replacing what was written before."""
    folder.mkdir(parents=True, exist_ok=True)
    bills = {site: place.bills.write(folder / "bills") for site, place in world.places.items() if place.bills}
    document = {
        "format": FORMAT,
        "scenario": world.scenario.name,
        "seed": world.seed,
        "from": _instant(world.start_ms),
        "reached": _instant(world.reached_ms),
        "time_zone": world.scenario.time_zone,
        "service_level_s": world.scenario.service_level_s,
        "sites": {site_id: _site(world, place) for site_id, place in world.places.items()},
        "plants": _plants(world, bills, folder),
        "bills": bills,
        "delivery": world.delivery.counts(),
    }
    temporary = folder / "truth.json.new"
    temporary.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    temporary.replace(folder / "truth.json")


def _instant(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _site(world: World, place: Place) -> dict[str, Any]:
    names = [subject.name for subject in world.subjects]
    found: dict[str, Any] = {
        "provider": place.site.provider,
        "in_house": place.site.in_house,
        "still_waiting": sum(queue.waits for queue in place.queues),
        "weeks": [
            {"week": number, "starts": starts.isoformat(), "headcount": heads, **tally.counts()}
            for number, (starts, heads, tally) in enumerate(
                zip(place.week_starts, place.headcounts, place.weeks, strict=False), 1
            )
        ],
        "topics": {
            name: {
                "handled": topic.handled,
                "handle_ms": topic.handle_ms,
                "resolved": topic.resolved,
                "resolved_p": _mean(topic.resolved_p, topic.handled),
                "satisfied": topic.satisfied,
                "satisfied_p": _mean(topic.satisfied_p, topic.handled),
            }
            for name, topic in zip(names, summed(place.weeks), strict=True)
            if topic.handled
        },
    }
    if (best := _optimum(world, place)) is not None:
        found["optimum"] = best
    return found


def _optimum(world: World, place: Place) -> dict[str, Any] | None:
    """Only where both prices are known, in one currency."""
    rules, own_hour = place.site.billing, world.scenario.own_hour
    if own_hour is None or rules is None or place.bills is None or rules.currency != world.scenario.currency:
        return None
    paid = sum(float(line["amount"]) for line in place.bills.lines())
    return optimum(place.work, own_hour, paid)


def _mean(total: float, n: int) -> float | None:
    return round(total / n, 6) if n else None


def _plants(world: World, bills: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for plant in world.scenario.plants:
        entry: dict[str, Any] = {"kind": plant.kind, "site": plant.site}
        match plant:
            case Drift():
                day = plant.begins.date(world.start_day)
                entry |= {"begins": day.isoformat(), **plant.model_dump(exclude={"kind", "site", "begins"})}
            case Outage():
                entry |= _outage(world, plant)
            case Overbilling():
                entry["months"] = [month for month in bills[plant.site] if month["overbilled"]]
            case KinderServiceLevel():
                entry |= {"definition": plant.definition, "threshold_s": plant.threshold_s, "short_s": plant.short_s}
                entry["weeks"] = _report(world, plant, folder / "reports")
            case EasyTopics():
                entry |= _easy_topics(world, plant)
        found.append(entry)
    return found


def _outage(world: World, plant: Outage) -> dict[str, Any]:
    record = next((record for record in world.trouble.outages if record["plant"] is plant), None)
    if record is None:
        return {"happened": False}
    kept = {name: value for name, value in record.items() if name not in ("plant", "quarters")}
    for name in [name for name in kept if name.endswith("_ms")]:
        kept[name.removesuffix("_ms")] = _instant(kept.pop(name))
    quarters = [
        {"at": _instant(seen["at_ms"]), **{name: value for name, value in seen.items() if name != "at_ms"}}
        for seen in record["quarters"]
    ]
    return {"happened": True, **kept, "cumulative_by_quarter": quarters}


def service_level(plant: KinderServiceLevel, week: Tally) -> tuple[int, int]:
    """Numerator and denominator of the service level by the provider's own definition."""
    answered, abandoned = week.answered, week.abandoned
    good = week.answered_in_provider_target
    match plant.definition:
        case "sl_answered_only":
            return good, answered
        case "sl_ignore_within_T":
            return good, answered + abandoned - week.abandoned_in_provider_target
        case "sl_ignore_short":
            return good, answered + abandoned - week.abandoned_short
        case "sl_positive":
            return good + week.abandoned_in_provider_target, answered + abandoned


def _report(world: World, plant: KinderServiceLevel, folder: Path) -> list[dict[str, Any]]:
    """Write what the provider reports of its weeks. Returns it beside the company's own counts."""
    place = world.places[plant.site]
    weeks = []
    for starts, week in zip(place.week_starts, place.weeks, strict=False):
        good, of = service_level(plant, week)
        strict = week.answered + week.abandoned
        weeks.append(
            {
                "starts": starts.isoformat(),
                "reported": _mean(good, of),
                "reported_of": [good, of],
                "sl_negative": _mean(week.answered_in_target, strict),
                "sl_negative_of": [week.answered_in_target, strict],
            }
        )
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{plant.site}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["week_start", "service_level"])
        writer.writerows([week["starts"], week["reported"]] for week in weeks)
    return weeks


def _easy_topics(world: World, plant: EasyTopics) -> dict[str, Any]:
    """Raw rates of both sites and the rates both would have on the first one's topics, from true probabilities."""
    mine, other = (summed(world.places[site].weeks) for site in (plant.site, plant.than))
    shared = [(one, two) for one, two in zip(mine, other, strict=True) if one.handled and two.handled]
    weight = sum(one.handled for one, _ in shared)
    found: dict[str, Any] = {"than": plant.than, "comparable": _mean(weight, sum(one.handled for one in mine))}
    for name in ("resolved", "satisfied"):
        raw = [_mean(sum(getattr(t, name) for t in side), sum(t.handled for t in side)) for side in (mine, other)]
        sums = [0.0, 0.0]
        for pair in shared:
            for side, topic in enumerate(pair):
                sums[side] += pair[0].handled * getattr(topic, f"{name}_p") / topic.handled
        alike = [_mean(total, weight) for total in sums]
        found[name] = {"raw": raw, "same_topics": alike, "looks_better": _more(raw), "is_better": _more(alike)}
    return found


def _more(pair: list[float | None]) -> bool:
    first, second = pair
    return first is not None and second is not None and first > second

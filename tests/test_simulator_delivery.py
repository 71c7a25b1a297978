"""The awkward delivery: what it does to events, that it does nothing else, and that it counts what it did."""

from __future__ import annotations

import json
import tomllib
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from math import sqrt
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from ingest.decoding.decoder import Decoder
from ingest.simulator.delivery.damage import FAULTS, KINDS, REFUSED_AS, damaged, shifted
from ingest.simulator.delivery.delivery import Delivery, DeliveryRules
from ingest.simulator.dispatch import Dispatch
from models.events import event_classes
from tests.builders import KEY, T0, event, records

SITES = ("north", "south", "east")
START_MS = int(T0.timestamp()) * 1000
MINUTE_MS = 60_000
LATE_MS = 10 * MINUTE_MS
JITTER_MS = 45_000
SKEW_MS = 30_000
COPIES_MS = 20_000
DECODER = Decoder(KEY, future_tolerance_s=3600, max_message_bytes=1_000_000)
RICH_DATA: dict[str, dict[str, Any]] = {
    "contact.offered": {"language": "de", "topic": "Rückfrage", "priority": 3, "customer_id": "4711", "campaign": "x"},
    "contact.transferred": {"to_queue": "second", "to_site": "south", "to_contact_id": "c2", "warm": True},
    "contact.completed": {"talk_s": 61.5, "hold_s": 0, "ended_by": "agent"},
    "contact.classified": {"topic": "billing", "disposition": None, "resolved": False},
    "contact.evaluated": {"critical_errors": ["customer", "business"], "calibration_id": "k1"},
    "agent.state_changed": {"state": "break", "reason": "lunch", "team": "blue", "slots": 2},
    "site.incident_reported": {"description": "line down", "ended": True},
}
"""Optional fields of some types, so that damage meets every sort of value; other types have the least."""


def text_of(body: dict[str, Any], at_ms: int, site: str = "north") -> str:
    """A message as the floor writes it."""
    at = datetime.fromtimestamp(at_ms // 1000, UTC)
    body |= {"source": site, "time": f"{at:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"}
    body = {name: body[name] for name in body if name != "data"} | {"simulated": True, "data": body["data"]}
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def floor(gaps_and_sites: list[tuple[int, int]]) -> list[Dispatch]:
    """Events so many milliseconds after each other. Every one has a key of its own, which nothing damages."""
    events, at_ms = [], START_MS
    for number, (gap_ms, site) in enumerate(gaps_and_sites):
        at_ms += gap_ms
        text = text_of(event("answered", f"c{number}", agent_id="ann", wait_s=1.5), at_ms, SITES[site])
        events.append((at_ms, site, f"k{number}", text))
    return events


@cache
def steady(number: int) -> list[Dispatch]:
    """Events of three sites in turn, one every 7 ms."""
    return floor([(7, n % 3) for n in range(number)])


def delivered(
    rules: list[DeliveryRules], events: list[Dispatch], cuts: list[int] | None = None, seed: int = 1
) -> tuple[list[Dispatch], Delivery]:
    """All that is sent when the events come in batches cut before these positions."""
    delivery = Delivery(rules, SITES, seed)
    edges = [0, *sorted(cuts or []), len(events)]
    sent = [one for start, end in pairwise(edges) for one in delivery.push(events[start:end])]
    return sent + delivery.rest(), delivery


def rules_with(**faults: Any) -> DeliveryRules:
    return DeliveryRules.model_validate(faults)


def time_ms(text: str) -> int:
    return round(datetime.fromisoformat(json.loads(text)["time"]).timestamp() * 1000)


def refused(site: str, texts: list[str]) -> dict[int, str]:
    """What ingest makes of messages on the topic of a site: the codes of the refused, by position."""
    values = [text.encode("utf-8", "surrogateescape") for text in texts]
    refusals = DECODER.decode(records(values, site=site), T0 + timedelta(days=30)).refusals
    return {refusal.message.offset: refusal.code for refusal in refusals}


def refusal_codes(site: str, texts: list[str]) -> list[str]:
    """The codes of the refused, in order."""
    return list(refused(site, texts).values())


def refused_keys(sent: list[Dispatch]) -> dict[str, str]:
    """The codes of the refused, by key, each message on the topic of its site."""
    codes: dict[str, str] = {}
    for number, site in enumerate(SITES):
        of_site = [one for one in sent if one[1] == number]
        codes |= {of_site[n][2]: code for n, code in refused(site, [one[3] for one in of_site]).items()}
    return codes


def by_key(sent: list[Dispatch]) -> dict[str, list[Dispatch]]:
    groups: dict[str, list[Dispatch]] = defaultdict(list)
    for one in sent:
        groups[one[2]].append(one)
    return groups


def faults(share: float, **only: Any) -> dict[str, dict[str, Any]]:
    """All faults, with delays from which one can tell what was done: late is always by LATE_MS."""
    every: dict[str, dict[str, Any]] = {
        "late": {"minutes": (10, 10)},
        "out_of_order": {"seconds": JITTER_MS / 1000},
        "repeated": {"times": 3, "seconds": COPIES_MS / 1000},
        "missing": {},
        "skew": {"seconds": SKEW_MS / 1000},
        "malformed": {},
    }
    return {fault: every[fault] | {"share": only.get(fault, share)} for fault in every}


def found(events: list[Dispatch], sent: list[Dispatch], rules: list[DeliveryRules]) -> dict[str, dict[str, int]]:
    """What was done to the events, from what was sent alone; malformed by the code they are refused with."""
    counts = {site: Counter[str](sent=0) for site in SITES}
    groups, codes = by_key(sent), refused_keys(sent)
    for at_ms, number, key, text in events:
        rule, tally, messages = rules[number], counts[SITES[number]], groups[key]
        tally["sent"] += len(messages)
        if not messages:
            tally["missing"] += 1
            continue
        first_ms, _, _, first = messages[0]
        delay_ms = first_ms - at_ms - round(rule.latency_s * 1000)
        if key in codes:
            tally["malformed"] += 1
            tally[codes[key]] += 1
            assert (delay_ms, len(messages)) == (0, 1)
            continue
        off_ms = time_ms(first) - at_ms - round(rule.clock_offset_s * 1000)
        assert abs(off_ms) <= SKEW_MS
        assert first == shifted(text, time_ms(first) - at_ms)
        assert 0 <= delay_ms <= LATE_MS + JITTER_MS
        tally["skew"] += off_ms != 0
        tally["late"] += delay_ms >= LATE_MS
        tally["out_of_order"] += delay_ms % LATE_MS > 0
        tally["repeated"] += len(messages) - 1
        for copy_ms, copy_number, _, copy in messages[1:]:
            assert first_ms < copy_ms <= first_ms + COPIES_MS
            assert (copy_number, copy) == (number, first)
    return {site: {name: n for name, n in tally.items() if n} for site, tally in counts.items()}


def told(delivery: Delivery) -> dict[str, dict[str, int]]:
    """The delivery's own counts in the same form."""
    counts = {}
    for site, tally in delivery.counts().items():
        merged = Counter({name: n for name, n in tally.items() if not name.startswith("malformed_")})
        for kind, code in REFUSED_AS.items():
            merged[code] += tally[f"malformed_{kind}"]
        counts[site] = {name: n for name, n in merged.items() if n}
    return counts


SHARE = st.sampled_from([0.0, 0.1, 0.5, 1.0])
RULES = st.builds(
    lambda latency_s, offset_s, shares: rules_with(
        latency_s=latency_s,
        clock_offset_s=offset_s,
        **{fault: rule for fault, rule in faults(0, **shares).items() if rule["share"] is not None},
    ),
    st.sampled_from([0.0, 0.2, 0.2, 3.0]),
    st.sampled_from([0.0, 0.0, -90.25, 1800.0]),
    st.fixed_dictionaries({fault: SHARE | st.none() for fault in FAULTS}),
)
EVENTS = st.lists(st.tuples(st.sampled_from([0, 0, 1, 30, 5_000]), st.integers(0, 2)), max_size=40).map(floor)


@settings(deadline=None)
@given(st.tuples(RULES, RULES, RULES), EVENTS, st.lists(st.integers(0, 40), max_size=6), st.integers(0, 3))
def test_however_the_batches_are_cut_the_same_messages_come_in_order_of_sending_and_are_counted(
    rules: tuple[DeliveryRules, ...], events: list[Dispatch], cuts: list[int], seed: int
) -> None:
    sent, delivery = delivered(list(rules), events, [min(cut, len(events)) for cut in cuts], seed)
    assert [one[0] for one in sent] == sorted(one[0] for one in sent)
    assert told(delivery) == found(events, sent, list(rules))
    whole, other = delivered(list(rules), events, seed=seed)
    assert (sent, delivery.counts()) == (whole, other.counts())


@settings(deadline=None)
@given(st.tuples(RULES, RULES, RULES), EVENTS)
def test_nothing_is_lost_or_added_but_the_missing_and_the_copies(
    rules: tuple[DeliveryRules, ...], events: list[Dispatch]
) -> None:
    sent, delivery = delivered(list(rules), events, list(range(len(events))))
    given_out = Counter(SITES[event[1]] for event in events)
    for site, tally in delivery.counts().items():
        assert tally["sent"] == given_out[site] - tally["missing"] + tally["repeated"]
        assert tally["malformed"] == sum(tally[f"malformed_{kind}"] for kind in KINDS)
        assert tally["held_back"] == 0
    assert sum(tally["sent"] for tally in delivery.counts().values()) == len(sent)


@pytest.mark.parametrize("latencies", [(0.2, 0.2, 0.2), (0, 0.2, 1)])
def test_a_busy_floor_in_small_batches_gives_the_same_as_in_one(latencies: tuple[float, ...]) -> None:
    rules = [rules_with(latency_s=latency_s, **faults(0.2)) for latency_s in latencies]
    sent, _ = delivered(rules, steady(2000), list(range(0, 2000, 7)))
    assert [one[0] for one in sent] == sorted(one[0] for one in sent)
    assert sent == delivered(rules, steady(2000))[0]


def test_without_faults_events_only_take_their_latency() -> None:
    events = steady(300)
    sent, _ = delivered([DeliveryRules()] * 3, events, [100, 101])
    assert sent == [(at_ms + 200, site, key, text) for at_ms, site, key, text in events]


def test_without_faults_and_with_one_latency_nothing_is_held_back() -> None:
    delivery = Delivery([DeliveryRules()] * 3, SITES, 1)
    assert len(delivery.push(steady(300))) == 300
    assert {tally["held_back"] for tally in delivery.counts().values()} == {0}


def test_a_slower_site_is_held_back_until_the_order_is_certain() -> None:
    slow, fast = DeliveryRules(latency_s=1), DeliveryRules(latency_s=0)
    events = floor([(0, 0), (400, 1), (600, 1), (0, 0), (1, 2)])
    delivery = Delivery([slow, fast, fast], SITES, 1)
    assert [one[2] for one in delivery.push(events[:2])] == ["k1"]
    assert delivery.counts()["north"]["held_back"] == 1
    # k0 and k2 are sent at the same millisecond: the older event first.
    assert [one[2] for one in delivery.push(events[2:])] == ["k0", "k2", "k4"]
    assert [one[2] for one in delivery.rest()] == ["k3"]


def test_a_message_is_not_sent_before_one_that_may_still_come() -> None:
    slow, fast = DeliveryRules(latency_s=1), DeliveryRules(latency_s=0)
    delivery = Delivery([slow, fast, fast], SITES, 1)
    assert [one[2] for one in delivery.push(floor([(0, 0), (999, 1)]))] == ["k1"]
    assert [one[0] - START_MS for one in delivery.push(floor([(999, 2)]))] == [999]


def test_the_clock_alone_releases_what_is_due_when_nothing_happens_on_the_floor() -> None:
    delivery = Delivery([rules_with(latency_s=0, late={"share": 1, "minutes": [10, 10]})] * 3, SITES, 1)
    assert delivery.push(floor([(0, 0)])) == []
    assert delivery.push([]) == []
    assert delivery.counts()["north"] == dict.fromkeys(delivery.counts()["north"], 0) | {"held_back": 1}
    assert delivery.push([], clock_ms=START_MS + LATE_MS - 1) == []
    (sent,) = delivery.push([], clock_ms=START_MS + LATE_MS)
    assert sent[0] == START_MS + LATE_MS
    assert (delivery.counts()["north"]["late"], delivery.counts()["north"]["held_back"]) == (1, 0)


def test_delayed_messages_come_before_those_on_time_at_the_same_millisecond() -> None:
    late = rules_with(latency_s=0, late={"share": 1, "minutes": [10, 10]})
    delivery = Delivery([late, *[DeliveryRules(latency_s=0)] * 2], SITES, 1)
    sent = delivery.push(floor([(0, 0), (0, 0), (LATE_MS, 1), (0, 2)]))
    assert [one[2] for one in sent] == ["k0", "k1", "k2", "k3"]


def test_events_before_the_clock_are_refused() -> None:
    events = floor([(0, 0), (5, 0)])
    delivery = Delivery([DeliveryRules()] * 3, SITES, 1)
    delivery.push(events[1:])
    with pytest.raises(ValueError, match="clock"):
        delivery.push(events[:1])
    delivery.rest()
    with pytest.raises(ValueError, match="clock"):
        delivery.push(floor([(99, 0)]))


@pytest.mark.parametrize("sources", [("north",), ("north", "north")])
def test_every_site_needs_rules_and_a_name_of_its_own(sources: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="name of its own"):
        Delivery([DeliveryRules()] * 2, sources, 1)


def struck(**only: Any) -> dict[str, dict[str, tuple[Any, ...]]]:
    """What each fault did, by event key, with all sites under the same faults."""
    events = steady(6000)
    sent, _ = delivered([rules_with(latency_s=0, **only)] * 3, events)
    groups, codes = by_key(sent), refused_keys(sent)
    done: dict[str, dict[str, tuple[Any, ...]]] = {fault: {} for fault in FAULTS}
    for at_ms, _, key, text in events:
        messages = groups[key]
        if not messages:
            done["missing"][key] = ()
            continue
        first_ms, _, _, first = messages[0]
        if key in codes:
            done["malformed"][key] = (first,)
            continue
        if first != text:
            done["skew"][key] = (first,)
        if first_ms >= at_ms + LATE_MS:
            done["late"][key] = ()
        if jitter_ms := (first_ms - at_ms) % LATE_MS:
            done["out_of_order"][key] = (jitter_ms,)
        if messages[1:]:
            done["repeated"][key] = tuple(copy[0] - first_ms for copy in messages[1:])
    return done


def test_switching_a_fault_on_or_off_changes_neither_which_events_another_strikes_nor_how() -> None:
    together = struck(**faults(0.2))
    out_of_reach: set[str] = set()
    for fault in FAULTS:
        alone = struck(**{fault: faults(0.2)[fault]})
        assert {other for other in FAULTS if alone[other]} == {fault}
        assert together[fault] == {key: how for key, how in alone[fault].items() if key not in out_of_reach}
        if fault in ("missing", "malformed"):
            out_of_reach |= alone[fault].keys()


def test_the_faults_of_a_site_depend_on_no_other_site() -> None:
    awkward = rules_with(latency_s=0, **faults(0.2, malformed=0))
    events = steady(3000)
    beside_perfect, _ = delivered([awkward, DeliveryRules(latency_s=0), DeliveryRules(latency_s=0)], events)
    beside_awkward, _ = delivered([awkward] * 3, events)
    for_itself, _ = delivered([awkward] * 3, [event for event in events if event[1] == 0])
    assert [one for one in beside_perfect if one[1] == 0] == [one for one in beside_awkward if one[1] == 0]
    assert for_itself == [one for one in beside_awkward if one[1] == 0]


def test_faults_and_sites_are_struck_independently_of_each_other() -> None:
    """Of 2,000 events a site, 400 are struck by each of two faults: 80 by both, give or take five deviations."""
    done = struck(late=faults(0.2)["late"], skew=faults(0.2)["skew"])
    late, skew = done["late"].keys(), done["skew"].keys()
    tolerance = 5 * sqrt(2000 * 0.04 * 0.96)
    for site in range(3):
        both = sum(f"k{3 * n + site}" in late and f"k{3 * n + site}" in skew for n in range(2000))
        assert abs(both - 80) <= tolerance
    for site in (1, 2):
        assert abs(sum(f"k{3 * n}" in late and f"k{3 * n + site}" in late for n in range(2000)) - 80) <= tolerance


def test_another_seed_strikes_other_events() -> None:
    rules = [rules_with(missing={"share": 0.5})] * 3
    assert delivered(rules, steady(300), seed=1)[0] != delivered(rules, steady(300), seed=2)[0]


@pytest.mark.parametrize("share", [0.002, 0.05, 0.5, 0.97])
def test_shares_are_kept_within_sampling_error(share: float) -> None:
    """Tolerance: five standard deviations of a binomial count; one in a million seeds would miss it."""
    events = steady(30_000)
    per_site = len(events) / 3
    deviation = sqrt(per_site * share * (1 - share))
    for fault in FAULTS:
        _, delivery = delivered([rules_with(**{fault: faults(share)[fault] | {"share": share}})] * 3, events)
        for tally in delivery.counts().values():
            # Repeated: 1 to 3 copies, 2 on average, which adds a variance of 2/3 each.
            times, spread = (
                (2, 2 * deviation + sqrt(per_site * share * 2 / 3)) if fault == "repeated" else (1, deviation)
            )
            assert abs(tally[fault] - times * per_site * share) <= 5 * spread


@pytest.mark.parametrize("fault", FAULTS)
def test_a_share_of_one_strikes_every_event_and_of_nothing_none(fault: str) -> None:
    events = steady(90)
    _, all_struck = delivered([rules_with(**{fault: faults(1)[fault]})] * 3, events)
    assert all(tally[fault] >= 30 for tally in all_struck.counts().values())
    sent, none_struck = delivered([rules_with(**{fault: faults(0)[fault]})] * 3, events)
    assert len(sent) == 90
    assert all(tally[fault] == 0 for tally in none_struck.counts().values())
    tiny, _ = delivered([rules_with(**{fault: faults(5e-324)[fault]})] * 3, events)
    assert tiny == sent


def test_delays_fill_the_range_given_and_never_leave_it() -> None:
    rule = rules_with(latency_s=0, late={"share": 1, "minutes": [5, 10_080]})
    sent, _ = delivered([rule] * 3, steady(3000))
    at_ms = {key: at for at, _, key, _ in steady(3000)}
    delays = [(one[0] - at_ms[one[2]]) / MINUTE_MS for one in sent]
    assert min(delays) >= 5
    assert max(delays) <= 10_080
    quarters = Counter(int((delay - 5) / (10_075 / 4)) for delay in delays)
    assert all(abs(n - 750) <= 5 * sqrt(3000 * 0.25 * 0.75) for n in quarters.values())


def test_out_of_order_events_are_overtaken() -> None:
    rule = rules_with(latency_s=0, out_of_order={"share": 0.1, "seconds": 5})
    sent, _ = delivered([rule] * 3, steady(3000))
    happened = [time_ms(one[3]) for one in sent]
    assert sum(later < earlier for earlier, later in pairwise(happened)) > 100


def test_a_wrong_clock_moves_the_time_of_every_event_of_its_site_and_nothing_else() -> None:
    rules = [rules_with(latency_s=0, clock_offset_s=-90.25), *[DeliveryRules(latency_s=0)] * 2]
    sent, _ = delivered(rules, steady(300))
    for (at_ms, site, key, text), one in zip(steady(300), sent, strict=True):
        assert one[:3] == (at_ms, site, key)
        assert time_ms(one[3]) == at_ms - (90_250 if site == 0 else 0)
        assert json.loads(one[3]) | {"time": ""} == json.loads(text) | {"time": ""}


def test_a_skewed_time_is_off_ahead_or_behind_but_never_right() -> None:
    rule = rules_with(latency_s=0, skew={"share": 1, "seconds": 0.002})
    sent, _ = delivered([rule] * 3, steady(3000))
    off_ms = Counter(time_ms(one[3]) - one[0] for one in sent)
    assert set(off_ms) == {-2, -1, 1, 2}
    assert all(abs(n - 750) <= 5 * sqrt(3000 * 0.25 * 0.75) for n in off_ms.values())


@settings(deadline=None)
@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
    st.integers(-(10**10), 10**10),
    st.sampled_from(["c1", 'a \\"time\\":\\"2026', "ö"]),
)
@example(datetime(2026, 12, 31, 23, 59, 59, 999_000), 1, "c1")
@example(datetime(2028, 2, 29), -1, "c1")
def test_shifting_changes_the_time_to_the_millisecond_and_no_other_character(
    at: datetime, by_ms: int, identifier: str
) -> None:
    def written(when: datetime) -> str:
        time = f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z"
        return f'{{"id":"{identifier}","source":"north","time":"{time}","data":{{"time":"2026-01-01T00:00:00.000Z"}}}}'

    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert shifted(written(at), by_ms) == written(at + timedelta(milliseconds=by_ms))


def test_a_text_without_a_time_is_not_shifted_silently() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        shifted('{"time": "2026-01-01T00:00:00.000Z"}', 5)


def whole(wire: str, rich: bool = True) -> str:
    return text_of(event(wire, **(RICH_DATA.get(wire, {}) if rich else {})), START_MS + 345)


@pytest.mark.parametrize("wire", event_classes())
def test_every_kind_of_damage_is_refused_with_its_code_wherever_it_strikes(wire: str) -> None:
    for text in (whole(wire), whole(wire, rich=False)):
        assert refusal_codes("north", [text]) == []
        places = [place / 997 for place in range(997)]
        for kind in KINDS:
            messages = {damaged(text, kind, place, others) for place in places for others in ([], ["south", "east"])}
            assert refusal_codes("north", sorted(messages)) == [REFUSED_AS[kind]] * len(messages)


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=50)


@settings(deadline=None)
@given(st.sampled_from(KINDS), st.floats(0, 1, exclude_max=True), NAMES)
def test_damage_is_refused_whatever_the_texts_in_the_event(kind: str, place: float, name: str) -> None:
    text = text_of(event("answered", name, agent_id=name, wait_s=0.0), START_MS)
    assert refused("north", [text, damaged(text, kind, place, [])]) == {1: REFUSED_AS[kind]}


def test_a_wrong_type_strikes_a_field_the_contract_knows() -> None:
    text = text_of(event("answered", remark="x", agent_id=None, wait_s=1.5, note={}), START_MS)
    for place in (0, 0.3, 0.6, 0.9):
        assert refused("north", [text, damaged(text, "wrong_type", place, [])]) == {1: "bad_field"}


def test_a_message_is_cut_everywhere_but_never_left_whole_or_empty() -> None:
    text = whole("contact.offered")
    lengths = {len(damaged(text, "cut_off", place / 5000, [])) for place in range(5000)}
    assert lengths == set(range(1, len(text)))


@pytest.mark.parametrize("own", ["other", "north"])
def test_a_lone_site_bears_a_name_that_is_not_its_own(own: str) -> None:
    text = text_of(event("answered"), START_MS, own)
    assert refusal_codes(own, [damaged(text, "wrong_source", 0.5, [])]) == ["wrong_source"]


def test_a_broken_byte_is_one_byte_on_the_wire_and_the_rest_stays_as_it_was() -> None:
    text = whole("contact.offered")
    wire = damaged(text, "not_utf8", 0, []).encode("utf-8", "surrogateescape")
    assert wire.replace(b"\xe4", b"", 1) == text.encode()


def test_malformed_messages_stand_in_for_their_events_and_every_kind_comes() -> None:
    events = steady(600)
    sent, delivery = delivered([rules_with(malformed={"share": 1})] * 3, events)
    assert [one[:3] for one in sent] == [(at_ms + 200, site, key) for at_ms, site, key, _ in events]
    for number, site in enumerate(SITES):
        codes = Counter(refusal_codes(site, [one[3] for one in sent if one[1] == number]))
        tally = delivery.counts()[site]
        assert sum(codes.values()) == tally["malformed"] == 200
        assert all(tally[f"malformed_{kind}"] for kind in KINDS)
        assert codes == {code: n for code, n in told(delivery)[site].items() if code in REFUSED_AS.values()}


def test_rules_are_read_from_a_scenario_file() -> None:
    text = """
        latency_s = 1
        clock_offset_s = -90
        late = { share = 0.02, minutes = [5, 2_880] }
        out_of_order = { share = 0.05, seconds = 20 }
        repeated = { share = 0.01, times = 2, seconds = 30 }
        missing = { share = 0 }
        skew = { share = 1, seconds = 0.5 }
        malformed = { share = 0.001 }
    """
    rules = DeliveryRules.model_validate(tomllib.loads(text))
    assert rules.late is not None
    assert (rules.latency_s, rules.late.minutes) == (1.0, (5.0, 2880.0))


@pytest.mark.parametrize(
    ("wrong", "where", "words"),
    [
        ({"lateness": 1}, ("lateness",), "not permitted"),
        ({"latency_s": -1}, ("latency_s",), "greater than or equal to 0"),
        ({"latency_s": float("nan")}, ("latency_s",), "finite"),
        ({"latency_s": "1"}, ("latency_s",), "number"),
        ({"missing": {"share": 1.5}}, ("missing", "share"), "less than or equal to 1"),
        ({"missing": {}}, ("missing", "share"), "required"),
        ({"missing": {"share": 0.1, "seconds": 1}}, ("missing", "seconds"), "not permitted"),
        ({"late": {"share": 0.1, "minutes": [5, 10_081]}}, ("late", "minutes", 1), "10080"),
        ({"late": {"share": 0.1, "minutes": [0, 5]}}, ("late", "minutes", 0), "greater than 0"),
        ({"late": {"share": 0.1, "minutes": [9, 5]}}, ("late", "minutes"), "shortest delay first"),
        ({"late": {"share": 0.1, "minutes": [9]}}, ("late", "minutes", 1), "required"),
        ({"repeated": {"share": 0.1, "times": 6, "seconds": 1}}, ("repeated", "times"), "less than or equal to 5"),
        ({"out_of_order": {"share": 0.1, "seconds": 0}}, ("out_of_order", "seconds"), "0.001"),
        ({"clock_offset_s": 1e9}, ("clock_offset_s",), "31536000"),
    ],
)
def test_wrong_rules_are_refused_at_their_key(wrong: dict[str, Any], where: tuple[Any, ...], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        DeliveryRules.model_validate(wrong)
    (error,) = refused.value.errors()
    assert error["loc"] == where
    assert words in error["msg"]


def test_every_key_of_the_rules_is_described() -> None:
    models: list[type[BaseModel]] = [DeliveryRules]
    for fault in FAULTS:
        (model, _) = DeliveryRules.model_fields[fault].annotation.__args__  # type: ignore[union-attr]
        models.append(model)
    for model in models:
        assert model.model_config["extra"] == "forbid"
        assert model.model_config["frozen"]
        assert all(field.description for field in model.model_fields.values())

"""What charges are paid for, contact by contact and hour by hour, and which issue a contact belongs to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.store import Store
from models.billing import Handled, issues_by_owner
from models.settings import Settings
from tests.builders import T0, event
from tests.costed import charge, contract_text, terms_text, write_documents
from tests.rolled import Event, commit, roll_up, standing_at

VECTORS = Path(__file__).parent.parent.parent / "shared" / "reference" / "vectors"
HOUR, DAY = 3600, 86_400
NOW = T0 + timedelta(days=60)
Paid = Callable[..., Store]


@pytest.fixture
def paid(make_settings: Callable[..., Settings], tmp_path: Path) -> Iterator[Paid]:
    """Opens a store whose site north has a contract with these terms."""
    stores: list[Store] = []

    def opened(*terms: str, zone: str = "UTC") -> Store:
        folder = write_documents(tmp_path / "terms", {"acme": contract_text(*terms, zone=zone)})
        sites = {"north": {"provider": "Acme"}, "south": {"provider": "Other"}}
        stores.append(Store.open(make_settings(**standing_at(NOW), terms_dir=folder, sites=sites)))
        return stores[0]

    yield opened
    for store in stores:
        store.close()


def handled(
    contact: str, at_s: float, talk_s: float, wrap_s: float = 0, hold_s: float = 0, **offered: Any
) -> list[Event]:
    """A contact offered at `at_s` and answered at once."""
    end = at_s + talk_s + hold_s
    return [
        event("offered", contact, at_s, **offered),
        event("answered", contact, at_s, agent_id="ann"),
        event("completed", contact, end, talk_s=talk_s, hold_s=hold_s),
        event("wrapped_up", contact, end + wrap_s, wrap_up_s=wrap_s),
    ]


def billed(store: Store, columns: str = "contacts, units") -> list[tuple[Any, ...]]:
    roll_up(store)
    sums = ", ".join(f"sum({name})::bigint" for name in columns.split(", "))
    query = f"select bill_date, charge, {sums} from day_billing group by all order by all"
    return store.connection.execute(query).fetchall()


def per_contact(**keys: Any) -> str:
    return terms_text(charge(kind="contact", rate=2, **keys))


def per_minute(**keys: Any) -> str:
    return terms_text(charge(kind="minute", rate=1, **keys))


# --- contacts and minutes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("talk_s", "is_paid"), [(9.999, False), (10, True), (10.001, True)])
def test_a_contact_with_exactly_the_talk_that_is_paid_is_paid(paid: Paid, talk_s: float, is_paid: bool) -> None:
    store = paid(per_contact(short_s=10))
    commit(store, handled("c1", 0, talk_s, wrap_s=60))
    ((_, _, contacts, short),) = billed(store, "contacts, short")
    assert (contacts, short) == (int(is_paid), int(not is_paid))


@pytest.mark.parametrize(
    ("keys", "ms"),
    [
        ({}, 95_000),
        ({"parts": ["talk"]}, 61_000),
        ({"parts": ["talk", "hold"]}, 65_000),
        ({"started_s": 60}, 120_000),
        ({"parts": ["talk"], "started_s": 61}, 61_000),
        ({"parts": ["talk"], "started_s": 60}, 120_000),
        ({"started_s": 6}, 96_000),
        ({"minimum_s": 95}, 95_000),
        ({"minimum_s": 150}, 150_000),
    ],
)
def test_a_minute_is_what_the_contract_says_it_is(paid: Paid, keys: dict[str, Any], ms: int) -> None:
    store = paid(per_minute(**keys))
    commit(store, handled("c1", 0, 61, wrap_s=30, hold_s=4))
    assert billed(store) == [(date(2026, 3, 2), "work", 1, ms)]


def test_what_nobody_answered_or_does_not_count_is_not_paid(paid: Paid) -> None:
    store = paid(per_contact())
    events = [event("offered", "c1"), event("abandoned", "c1", 30)]
    events += [event("offered", "c2"), event("left_queue", "c2", 30)]
    events += [*handled("c3", 0, 100), event("excluded", "c3", 200)]
    events += [event("offered", "c4"), event("answered", "c4", 5)]
    commit(store, events)
    assert billed(store) == []


def test_a_completion_that_was_lost_does_not_cost_the_provider_its_contact(paid: Paid) -> None:
    store = paid(per_minute(short_s=50))
    lost = [body for body in handled("c1", 0, 61, wrap_s=30) if body["type"] != "contact.completed"]
    unanswered = [body for body in handled("c2", 0, 70, wrap_s=30) if body["type"] != "contact.answered"]
    commit(store, lost + unanswered)
    assert billed(store) == [(date(2026, 3, 2), "work", 2, 91_000 + 100_000)]


def test_a_contact_whose_length_cannot_be_known_is_unproven_and_not_paid(paid: Paid) -> None:
    store = paid(per_contact())
    commit(store, [event("offered", "c1"), event("answered", "c1", 5), event("wrapped_up", "c1", 200)])
    assert billed(store, "contacts, unproven") == [(date(2026, 3, 2), "work", 0, 1)]


def test_a_charge_is_for_its_own_work_alone(paid: Paid) -> None:
    store = paid(
        terms_text(
            charge(kind="contact", rate=2, queues=["care"], channels=["chat"])
            + charge(name="german", kind="minute", rate=1, languages=["de"])
            + charge(name="topic", kind="contact", rate=1, topics=["billing"])
        )
    )
    commit(
        store,
        handled("c1", 0, 60, queue="care", channel="chat")
        + handled("c2", 0, 60, queue="care", channel="voice", language="de")
        + handled("c3", 0, 60, topic="billing")
        + [body | {"source": "south"} for body in handled("c4", 0, 60, topic="billing")],
    )
    day = date(2026, 3, 2)
    assert billed(store) == [(day, "german", 1, 60_000), (day, "topic", 1, 1), (day, "work", 1, 1)]


def test_a_repeat_within_the_hours_is_not_paid_and_one_just_after_is(paid: Paid) -> None:
    store = paid(per_contact(repeat_hours=24))
    jane: dict[str, Any] = {"customer_id": "jane", "topic": "billing"}
    commit(
        store,
        handled("c1", 0, 100, **jane)
        # Arrives exactly 24 hours after the end of the first: still a repeat.
        + handled("c2", 100 + DAY, 100, **jane)
        + handled("c3", 200 + 2 * DAY + 0.001, 100, **jane)
        + handled("c4", 300 + 2 * DAY, 100, customer_id="jane", topic="delivery")
        + handled("c5", 300 + 2 * DAY, 100, customer_id="jack", topic="billing")
        + [body | {"source": "south"} for body in handled("d1", 200 + 5 * DAY, 100, **jane)]
        + handled("c6", 300 + 5 * DAY + 1, 100, **jane),
    )
    assert [row[2:] for row in billed(store, "contacts, repeated")] == [(1, 0), (0, 1), (3, 0), (1, 0)]


def test_days_of_the_bill_are_those_of_the_contract_also_when_clocks_change(paid: Paid) -> None:
    store = paid(per_contact(), zone="Europe/Berlin")
    days = [
        # The end of the handling counts. 28 March 23:00 UTC is midnight in Berlin; a day later, 22:00 UTC is.
        ("2026-03-28T22:58:00+00:00", date(2026, 3, 28)),
        ("2026-03-28T22:59:00+00:00", date(2026, 3, 29)),
        ("2026-03-29T21:58:00+00:00", date(2026, 3, 29)),
        ("2026-03-29T21:59:00+00:00", date(2026, 3, 30)),
    ]
    for number, (at, _) in enumerate(days):
        after = (datetime.fromisoformat(at) - T0).total_seconds()
        commit(store, handled(f"c{number}", after, 60))
    expected: dict[date, int] = {}
    for _, day in days:
        expected[day] = expected.get(day, 0) + 1
    assert [(row[0], row[2]) for row in billed(store)] == sorted(expected.items())


def test_from_the_day_of_new_terms_their_charges_count(paid: Paid) -> None:
    new = terms_text(charge(name="new", kind="minute", rate=1), since="2026-03-03")
    store = paid(per_contact(), new)
    commit(store, handled("c1", 15 * HOUR - 60.001, 60) + handled("c2", 15 * HOUR - 60, 60))
    assert billed(store) == [(date(2026, 3, 2), "work", 1, 1), (date(2026, 3, 3), "new", 1, 60_000)]


# --- hours ------------------------------------------------------------------------------------------------


def test_billable_hours_are_split_at_the_contracts_midnight_and_a_day_may_have_25(paid: Paid) -> None:
    terms = terms_text(charge(kind="hour", rate=20, states=["available", "training"]), since="2025-01-01")
    store = paid(terms, zone="America/New_York")
    begin = datetime(2025, 11, 1, 12, tzinfo=UTC)

    def state(name: str, hours: float) -> Event:
        after = (begin - T0).total_seconds() + hours * HOUR
        return event("agent.state_changed", "ann", after, state=name) | {"id": f"ann/{hours}"}

    # New York's 2 November 2025 begins at 4 o'clock UTC and has 25 hours.
    names = ["available", "busy", "training"] + ["available"] * 5 + ["offline"]
    commit(store, [state(name, hours) for name, hours in zip(names, [0, 6, 8, 16, 20, 30, 38, 40, 42], strict=True)])
    roll_up(store)
    rows = store.connection.execute(
        "select bill_date, sum(span_ms) / 3600000.0 from day_hours group by all order by all"
    ).fetchall()
    # The busy hours from 18 to 20 are not billable.
    assert rows == [(date(2025, 11, 1), 14.0), (date(2025, 11, 2), 25.0), (date(2025, 11, 3), 1.0)]


# --- issues -----------------------------------------------------------------------------------------------


def owned(store: Store) -> list[tuple[Any, ...]]:
    roll_up(store)
    return store.connection.execute(
        "select owner_site, site, sum(issues)::bigint, sum(contacts)::bigint from day_issues group by all order by all"
    ).fetchall()


def test_a_contact_within_seven_days_belongs_to_the_issue_before_it_wherever_it_came_to(paid: Paid) -> None:
    store = paid(per_contact())
    jane: dict[str, Any] = {"customer_id": "jane", "topic": "billing"}
    south = [body | {"source": "south"} for body in handled("d1", 100 + 7 * DAY, 100, **jane)]
    commit(store, handled("c1", 0, 100, **jane) + south + handled("c2", 200 + 14 * DAY + 0.001, 100, **jane))
    assert owned(store) == [("north", "north", 2, 2), ("north", "south", 0, 1)]


def test_an_issue_that_goes_on_is_over_after_31_days(paid: Paid) -> None:
    store = paid(per_contact())
    jane: dict[str, Any] = {"customer_id": "jane", "topic": "billing"}
    ends = [day * DAY for day in (0, 6, 12, 18, 24, 30, 31, 36)]
    commit(store, [body for n, at in enumerate(ends) for body in handled(f"c{n}", at - 100, 100, **jane)])
    # The contact exactly 31 days after the first belongs to it still, that of day 36 does not.
    assert owned(store) == [("north", "north", 2, 8)]


def test_a_contact_of_nobody_known_is_an_issue_of_its_own(paid: Paid) -> None:
    store = paid(per_contact())
    commit(store, handled("c1", 0, 100, topic="billing") + handled("c2", 200, 100, topic="billing"))
    assert owned(store) == [("north", "north", 2, 2)]


def test_repeats_are_charged_to_whom_the_worked_example_says(paid: Paid) -> None:
    """vectors/cost_vectors.json, repeat_attribution: computed by SQL and by the yardstick in Python."""
    path = VECTORS / "cost_vectors.json"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    given = json.loads(path.read_text())["repeat_attribution"]
    site = {"B": "north", "I": "south"}
    store = paid(per_contact())
    for number, customer, topic, who, day, _ in given["rows"]:
        after = (datetime.fromisoformat(f"{day}T12:00+00:00").replace(year=2026) - T0).total_seconds()
        bodies = handled(f"c{number}", after, 60, customer_id=customer, topic=topic)
        commit(store, [body | {"source": site[who]} for body in bodies])
    ripe = date.fromisoformat(given["as_of"]).replace(year=2026) - timedelta(days=given["window_days"])
    roll_up(store)
    found = store.connection.execute(
        "select owner_site, sum(issues)::bigint, sum(contacts)::bigint from day_issues where issue_date <= ? "
        "group by all order by all",
        [ripe],
    ).fetchall()
    assert found == [(site[each["owner"]], each["issues"], each["contacts"]) for each in given["expected"]]
    rows = [
        Handled(customer, topic, who, datetime.fromisoformat(day), Decimal(str(cost)))
        for _, customer, topic, who, day, cost in given["rows"]
    ]
    counted = issues_by_owner(rows, given["window_days"], datetime.fromisoformat(given["as_of"]))
    assert [(site[row.owner], row.issues, row.contacts) for row in counted] == found

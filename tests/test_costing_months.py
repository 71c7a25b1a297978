"""What a month is expected to cost, computed from the sums by day: kept, corrected after its close, shared out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.costing.months import Months, run_all
from ingest.costing.writing import drop_passed
from ingest.store import Store
from models.settings import Settings
from tests.builders import T0, event
from tests.costed import IN_HOUSE, charge, computed, contract_text, terms_text, write_documents
from tests.rolled import Event, commit, move_clock, roll_up, standing_at
from tests.test_costing_sums import handled

DAY = 86_400
IN_MARCH = datetime(2026, 3, 20, 12, tzinfo=UTC)
IN_APRIL = datetime(2026, 4, 20, 12, tzinfo=UTC)
PER_CONTACT = terms_text(charge(kind="contact", rate=2))
SITES: dict[str, Any] = {
    "north": {"provider": "Acme"},
    "south": {"provider": "Acme"},
    "home": {"provider": "Us", "in_house": True},
}
Opened = Callable[..., Store]


@pytest.fixture
def opened(make_settings: Callable[..., Settings], tmp_path: Path) -> Iterator[Opened]:
    """Opens the store with a contract of these terms; again with others."""
    stores: list[Store] = []

    def open_with(
        *terms: str, now: datetime = IN_APRIL, zone: str = "UTC", in_house: str = "", rates: str = "", head: str = "",
        **settings: Any,
    ) -> Store:  # fmt: skip
        for before in stores:
            before.close()
        texts = {"acme": contract_text(*terms, zone=zone, head=head)} if terms else {}
        folder = write_documents(tmp_path / "terms", texts, in_house, rates)
        stores[:] = [Store.open(make_settings(**standing_at(now), terms_dir=folder, sites=SITES, **settings))]
        return stores[0]

    yield open_with
    for store in stores:
        store.close()


def ask(store: Store, query: str) -> list[tuple[Any, ...]]:
    return store.connection.execute(query).fetchall()


def at(site: str, bodies: list[Event]) -> list[Event]:
    return [body | {"source": site} for body in bodies]


def calls(number: int, day: int, first: int = 0, **offered: Any) -> list[Event]:
    """So many contacts of a minute, so many days after 2 March."""
    return [
        body for n in range(first, first + number) for body in handled(f"c{day}-{n}", day * DAY + n * 90, 60, **offered)
    ]


def bill(store: Store, *columns: str) -> tuple[Any, ...]:
    (row,) = ask(store, f"select {', '.join(columns)} from expected_bills where month = date '2026-03-01'")
    return row


# --- months -----------------------------------------------------------------------------------------------


def test_a_month_is_what_came_at_its_price(opened: Opened) -> None:
    store = opened(PER_CONTACT)
    commit(store, calls(3, 0) + at("south", calls(2, 1)))
    # March, and April so far.
    assert computed(store) == 2
    assert bill(store, "provider", "subtotal", "total", "own_total", "is_closed") == ("Acme", 10, 10, 10, True)
    lines = ask(store, "select bill_date, charge, quantity, rate, amount from expected_bill_lines order by all")
    assert lines == [(date(2026, 3, 2), "work", 3, 2, 6), (date(2026, 3, 3), "work", 2, 2, 4)]


def test_a_month_that_comes_out_the_same_is_not_kept_again(opened: Opened) -> None:
    store = opened(PER_CONTACT)
    commit(store, calls(3, 0))
    assert computed(store) == 2
    assert computed(store) == 0
    # One that nobody answered changes the day, and nothing that is paid.
    commit(store, [event("offered", "x", 500), event("abandoned", "x", 530)])
    assert computed(store) == 0
    assert ask(store, "select count(*) from private.costed_month") == [(2,)]


def test_a_running_month_is_as_far_as_it_is_and_day_by_day_it_becomes_the_month(opened: Opened) -> None:
    store = opened(terms_text(charge(kind="contact", rate=2) + charge(name="desk", kind="fixed", fee=310)))
    totals = []
    for day in range(30):
        move_clock(store, T0 + timedelta(days=day, hours=12))
        commit(store, calls(1 + day % 3, day))
        computed(store)
        totals.append(bill(store, "subtotal", "until_date"))
    # On 2 March two days' part of the fee; each day ten of the fee, and its contacts.
    contacts = [sum(1 + d % 3 for d in range(day + 1)) for day in range(30)]
    assert totals == [(20 + 10 * day + 2 * contacts[day], date(2026, 3, 2 + day)) for day in range(30)]
    move_clock(store, IN_APRIL)
    computed(store)
    assert bill(store, "subtotal", "until_date") == (310 + 2 * contacts[-1], None)


def test_what_comes_after_a_month_was_closed_is_a_correction_of_its_own(opened: Opened) -> None:
    store = opened(PER_CONTACT, now=datetime(2026, 4, 2, tzinfo=UTC), head="close_days = 3\n")
    commit(store, calls(3, 0))
    computed(store)
    commit(store, calls(1, 1))
    computed(store)
    assert bill(store, "total", "is_closed") == (8, False)
    assert ask(store, "from bill_corrections") == []
    move_clock(store, datetime(2026, 4, 4, tzinfo=UTC))
    computed(store)
    assert bill(store, "total", "is_closed") == (8, True)
    commit(store, [*calls(2, 2), event("excluded", "c0-0", 400)])
    computed(store)
    assert bill(store, "total") == (10,)
    assert ask(store, 'select provider, month, charge, was, "is", correction from bill_corrections') == [
        ("Acme", date(2026, 3, 1), "work", 8, 10, 2)
    ]


def test_a_malus_that_late_events_change_is_a_correction_too(opened: Opened) -> None:
    store = opened(PER_CONTACT + LEVELS)
    commit(store, calls(7, 0, first=10))
    computed(store)
    assert bill(store, "effect_on_bill", "is_closed") == (Decimal("0.7"), True)
    late = [event("offered", "d1"), event("answered", "d1", 60), event("completed", "d1", 80, talk_s=20)]
    commit(store, late)
    computed(store)
    # 7 of 8 in time: three quarters of the way from the target to the best, of 16.00.
    found = ask(store, 'select charge, kind, was, "is", correction from bill_corrections order by charge')
    assert found == [
        ("service levels", "effect", Decimal("0.7"), Decimal("0.6"), Decimal("-0.1")),
        ("work", "contact", 14, 16, 2),
    ]


def test_other_terms_change_the_months_they_hold_in(opened: Opened) -> None:
    store = opened(PER_CONTACT)
    commit(store, calls(3, 0) + calls(4, 20))
    computed(store)
    store = opened(PER_CONTACT, terms_text(charge(kind="contact", rate=5), since="2026-03-16"))
    computed(store)
    assert bill(store, "total") == (3 * 2 + 4 * 5,)


def test_a_month_before_the_first_terms_has_no_bill_and_says_why(opened: Opened) -> None:
    store = opened(terms_text(charge(kind="contact", rate=2), since="2026-05-01"))
    commit(store, calls(3, 0))
    computed(store)
    assert bill(store, "total") == (None,)
    assert "the first begin on 2026-05-01" in bill(store, "trouble")[0]
    assert ask(store, "select sum(contacts), sum(amount) from cost_days") == [(3, None)]


# --- currencies -------------------------------------------------------------------------------------------

RATES = """
version = 1
source = "a bank"
[[rates]]
on = 2026-03-31
currency = "USD"
rate = 0.90
[[rates]]
on = 2026-04-01
currency = "USD"
rate = 0.80
"""


@pytest.mark.parametrize(("rule", "own"), [("invoice_day", "4.80"), ("month_average", "5.40")])
def test_a_bill_in_another_currency_is_told_in_ours_by_the_rule_of_the_contract(
    opened: Opened, rule: str, own: str
) -> None:
    text = PER_CONTACT.replace('"EUR"', '"USD"') + f'[terms.exchange]\nrule = "{rule}"\n'
    store = opened(text, rates=RATES)
    commit(store, calls(3, 0))
    computed(store)
    assert bill(store, "total", "currency", "own_total") == (6, "USD", Decimal(own))
    assert ask(store, "select sum(amount) from cost_days") == [(Decimal(own),)]


def test_without_a_rate_the_bill_is_told_in_its_own_currency_and_what_is_missing_is_said(opened: Opened) -> None:
    text = PER_CONTACT.replace('"EUR"', '"USD"') + '[terms.exchange]\nrule = "month_average"\n'
    store = opened(text, rates=RATES.replace("2026-03-31", "2026-02-27"))
    commit(store, calls(3, 0))
    computed(store)
    total, own, trouble = bill(store, "total", "own_total", "trouble")
    assert (total, own) == (6, None)
    assert "USD" in trouble
    assert "2026-03" in trouble
    assert ask(store, "select sum(contacts), sum(amount) from cost_days") == [(3, None)]


# --- what it was paid for ---------------------------------------------------------------------------------


def test_a_bill_is_shared_out_over_what_it_was_for_and_nothing_is_lost(opened: Opened) -> None:
    store = opened(
        terms_text(
            charge(kind="contact", rate=2, topics=["billing"]) + charge(name="desk", kind="fixed", fee="100.01"),
            more='[terms.minimum]\nkind = "amount"\namount = 200\n',
        )
    )
    commit(store, calls(3, 0, topic="billing") + at("south", calls(4, 1, topic="delivery")))
    computed(store)
    assert bill(store, "subtotal", "minimum", "total") == (Decimal("106.01"), Decimal("93.99"), 200)
    rows = ask(
        store,
        "select topic, sum(contacts)::int, sum(amount) from cost_days where month < '2026-04-01' "
        "group by topic order by topic",
    )
    assert sum(row[2] for row in rows) == 200
    by_topic = {topic: (contacts, amount) for topic, contacts, amount in rows}
    # Its price, the fee of its day (3.22), and by handle time (3 to 4) the fee of days without work and the minimum.
    shared = Decimal("100.01") - Decimal("3.22") - Decimal("3.23") + Decimal("93.99")
    contacts, amount = by_topic["billing"]
    assert contacts == 3
    assert abs(amount - (6 + Decimal("3.22") + shared * 3 / 7)) < Decimal("0.0001")
    assert by_topic["delivery"] == (4, 200 - amount)
    issues = ask(store, "select sum(issues)::int, sum(amount) from issue_costs where month < '2026-04-01'")
    assert issues == [(7, 200)]


def test_the_hours_of_the_own_sites_cost_what_an_hour_costs_in_full(opened: Opened) -> None:
    store = opened(in_house=IN_HOUSE)
    states = [
        event("agent.state_changed", "ann", after, state=state) | {"id": f"ann/{after}"}
        for after, state in ((0, "available"), (3600, "break"), (5400, "busy"), (9000, "offline"))
    ]
    commit(store, at("home", states + calls(4, 0, topic="billing")))
    computed(store)
    # Two productive hours at 25.00, of which the pay alone is 25.00: there is nothing but pay in it.
    assert ask(
        store, "select provider, in_house, sum(amount), sum(labour), sum(contacts)::int from cost_days group by all"
    ) == [("Us", True, 50, 50, 4)]


def test_own_sites_that_tell_no_states_of_agents_have_no_cost_rather_than_none(opened: Opened) -> None:
    store = opened(in_house=IN_HOUSE)
    commit(store, at("home", calls(4, 0)))
    computed(store)
    assert ask(store, "select sum(amount), sum(contacts)::int from cost_days") == [(None, 4)]
    ((notes,),) = ask(store, "select notes from private.costed_month where party = '' and month = date '2026-03-01'")
    assert "no states of agents" in notes[0]


def test_every_price_of_an_own_hour_can_be_computed_again_from_its_parts(opened: Opened) -> None:
    store = opened(in_house=IN_HOUSE)
    figures = {
        (kind, figure): amount
        for kind, figure, amount in ask(store, "select kind, figure, amount from in_house_figures")
    }
    parts = sum(amount for (kind, _), amount in figures.items() if kind == "part of a year")
    assert parts == figures["year", "annual"] == 36_000
    hours = figures["hours of a year", "available_hours"]
    assert hours == 1440
    assert figures["price", "per_available_hour"] == parts / hours == 25


# --- service levels ---------------------------------------------------------------------------------------

LEVELS = """
[[terms.service_levels]]
metric = "service_level"
target = 0.8
worst = 0.7
best = 0.9
weight = 1
[terms.bonus]
shape = "score"
malus = 0.1
bonus = 0.05
"""


def test_a_missed_service_level_reduces_the_bill_and_excluded_days_do_not_count(opened: Opened) -> None:
    excluded = '[[terms.excluded]]\nfirst = 2026-03-04\nlast = 2026-03-04\nreason = "our outage"\n'
    store = opened(PER_CONTACT + LEVELS + excluded)
    late = [
        body
        for n in range(3)
        for body in (
            event("offered", f"d{n}", n * 90),
            event("answered", f"d{n}", n * 90 + 60),
            event("completed", f"d{n}", n * 90 + 80, talk_s=20),
        )
    ]
    outage = [event("offered", f"e{n}", 2 * DAY + n) for n in range(9)]
    outage += [event("abandoned", f"e{n}", 2 * DAY + n + 99) for n in range(9)]
    commit(store, calls(7, 0, first=10) + late + outage)
    computed(store)
    # 7 of 10 in time: the worst there is, so all of the malus, a tenth of 20.00.
    assert ask(store, "select value, n, score, amount from contract_levels where n > 0") == [
        (Decimal("0.7"), 10, -1, -2)
    ]
    assert bill(store, "subtotal", "effect", "effect_on_bill", "total") == (20, -2, -2, 18)


def test_a_malus_that_must_be_claimed_is_no_part_of_the_bill(opened: Opened) -> None:
    store = opened(PER_CONTACT + LEVELS.replace("bonus = 0.05", "claim_days = 30"))
    late = [event("offered", "d1"), event("answered", "d1", 60), event("completed", "d1", 80, talk_s=20)]
    commit(store, late)
    computed(store)
    assert bill(store, "effect", "effect_on_bill", "total", "claim_by") == (
        Decimal("-0.2"), 0, 2, date(2026, 4, 30),
    )  # fmt: skip


def test_while_the_month_runs_it_is_told_what_is_at_stake_and_until_when_it_can_be_saved(opened: Opened) -> None:
    store = opened(PER_CONTACT + LEVELS, now=IN_MARCH)
    late = [
        body
        for n in range(6)
        for body in (event("offered", f"d{n}", n * 90), event("answered", f"d{n}", n * 90 + 60),
                     event("completed", f"d{n}", n * 90 + 80, talk_s=20))
    ]  # fmt: skip
    commit(store, late + calls(14, 1))
    computed(store)
    ((value, n, state, needed, at_stake, save_by),) = ask(
        store, "select value, n, state, needed, at_stake, save_by from contract_levels"
    )
    # 20 in 20 days, so 11 more in the 11 days left: (0.8 x 31 - 14) / 11.
    assert (value, n, state, needed) == (Decimal("0.7"), 20, "at risk", Decimal("0.981818"))
    # A tenth of what 31 contacts cost.
    assert at_stake == Decimal("6.2")
    assert IN_MARCH.date() <= save_by <= date(2026, 3, 31)


def test_a_month_is_not_closed_before_all_its_sums_are_made(opened: Opened) -> None:
    store = opened(PER_CONTACT)
    commit(store, calls(1, 0))
    computed(store)
    store = opened(terms_text(charge(kind="contact", rate=3)), now=datetime(2026, 4, 2, tzinfo=UTC))
    store.connection.execute("delete from private.costed_month")
    commit(store, calls(2, 1))
    move_clock(store, IN_APRIL)
    connection = store.connection.cursor()
    months = Months(connection, store.settings, store.documents)
    for kind in ("contacts", "answers"):
        store.rollups.run(kind)
    commit(store, calls(3, 2))
    # Of long ago repeats are made seldom, and until then what was told last is in none of them.
    run_all(months)
    assert bill(store, "is_closed") == (False,)
    connection.close()
    computed(store)
    assert bill(store, "total", "is_closed") == (18, True)


def test_a_malus_is_earned_back_by_months_that_meet_every_target(opened: Opened) -> None:
    levels = LEVELS.replace("bonus = 0.05", "bonus = 0.05\nearn_back_months = 1")
    store = opened(PER_CONTACT + levels, now=datetime(2026, 6, 20, tzinfo=UTC))
    late = [event("offered", "d1"), event("answered", "d1", 60), event("completed", "d1", 80, talk_s=20)]
    in_may = [
        body | {"time": body["time"].replace("2026-03-02", "2026-05-02"), "subject": "e1", "id": f"e{body['id']}"}
        for body in late
    ]
    commit(store, late + in_may + calls(2, 31))
    computed(store)
    assert ask(store, "select month, malus, earned_back, state, by_month from malus_earned_back order by month") == [
        (date(2026, 3, 1), Decimal("0.2"), Decimal("0.2"), "paid back", date(2026, 4, 1)),
        (date(2026, 4, 1), 0, 0, "none", None),
        (date(2026, 5, 1), Decimal("0.2"), 0, "open", None),
    ]


def test_of_the_own_sites_too_it_is_told_how_far_their_cost_is_known(opened: Opened) -> None:
    store = opened(PER_CONTACT, in_house=IN_HOUSE)
    commit(store, at("home", calls(4, 0)) + calls(1, 0))
    computed(store)
    rows = ask(
        store,
        "select provider, in_house, is_closed, own_total, own_currency, len(notes) from costed_months "
        "where month = date '2026-03-01' order by in_house",
    )
    assert rows == [("Acme", False, True, 2, "EUR", 0), (None, True, True, None, "EUR", 1)]


def test_what_later_builds_replaced_is_deleted_but_not_what_a_month_was_when_it_was_closed(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(PER_CONTACT)
    for n in range(4):
        commit(store, calls(2, n))
        computed(store)
    before = [
        bill(store, "total"),
        ask(store, "from bill_corrections"),
        ask(store, "select sum(amount) from cost_days"),
    ]
    monkeypatch.setattr("ingest.rollup.passed._PASSED_ROWS", 0)
    drop_passed(store.connection)
    assert [
        bill(store, "total"), ask(store, "from bill_corrections"), ask(store, "select sum(amount) from cost_days"),
    ] == before  # fmt: skip
    assert ask(store, "select count(distinct build) from private.expected_line") == [(2,)]
    assert computed(store) == 0


def test_a_running_month_is_computed_now_and_then_only(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened(PER_CONTACT, now=IN_MARCH)
    connection = store.connection.cursor()
    months = Months(connection, store.settings, store.documents)
    for n in range(3):
        commit(store, calls(1, n))
        roll_up(store)
        assert run_all(months) == (1 if n == 0 else 0)
    monkeypatch.setattr("ingest.costing.months.RUNNING_EVERY_S", 0.0)
    assert run_all(months) == 1
    assert bill(store, "total") == (6,)
    connection.close()

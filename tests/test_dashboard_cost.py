"""The Cost page against a real store whose costs are worked out by hand, its states and its address."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import altair as alt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.cost import contract_words, filters, money
from dashboard.cost import words as said
from dashboard.figures import take_away
from tests import cost_store
from tests.cost_store import HOSTILE, MONDAY
from tests.dashboard_store import Server
from tests.test_dashboard_pages import markdown, opened, texts
from tests.topic_store import Talk

if TYPE_CHECKING:
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

Serve: TypeAlias = Callable[..., Server]
pytestmark = pytest.mark.usefixtures("fresh_caches")


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of `cost_store`."""
    return cost_store.made(tmp_path_factory.mktemp("usual"))


@pytest.fixture
def serve(usual: Path, tmp_path: Path, serve_file: Callable[[Path], Server]) -> Serve:
    """Serve that store, or one made otherwise."""
    return lambda **otherwise: serve_file(cost_store.made(tmp_path, **otherwise) if otherwise else usual)


def cost(**query: str | list[str]) -> AppTest:
    return opened("cost", **query)


def table(app: AppTest, *columns: str) -> pd.DataFrame:
    """The first table with these columns."""
    found: pd.DataFrame = next(one.value for one in app.dataframe if set(columns) <= set(one.value.columns))
    return found


def costs(app: AppTest) -> dict[str, dict[str, Any]]:
    """The rows of the table of costs by name."""
    return {row["who"]: dict(row) for _, row in table(app, "who", "per_resolution").iterrows()}


def test_what_a_contact_costs_is_as_worked_out_by_hand(serve: Serve) -> None:
    serve()
    rows = costs(cost())
    south, north, east = rows[HOSTILE], rows["Own (in-house)"], rows["Third"]
    # 4 x 2.00; 800 s are 13 1/3 minutes; of the 4 issues one goes on at north for 30.00; 3 of 4 are solved at once.
    assert (south["cost"], south["contacts"], south["per_contact"]) == (8.0, 4, 2.0)
    assert south["per_minute"] == 0.6
    assert (south["issues"], south["per_issue"]) == (4, 9.5)
    assert (south["resolved"], south["per_resolution"]) == (75.0, 2.67)
    assert south["interval"] == "2.00 – 2.00"
    # 2 hours x 36,000 / 1,200; one of its two contacts belongs to an issue of south.
    assert (north["cost"], north["contacts"], north["per_contact"]) == (60.0, 2, 30.0)
    assert (north["issues"], north["per_issue"]) == (1, 30.0)
    assert (north["resolved"], north["per_resolution"]) == (100.0, 30.0)
    assert pd.isna(east["cost"])
    assert pd.isna(east["per_contact"])
    assert (east["contacts"], east["note"]) == (1, said.NO_CONTRACT)


def test_the_answer_names_the_cheapest_and_the_dearest_and_what_is_unknown(serve: Serve) -> None:
    serve()
    shown = texts(cost())
    assert (
        f"October 2026: a contact costs least at {HOSTILE}, 2.00 EUR, and most at Own (in-house), 30.00 EUR." in shown
    )
    assert "2.67 EUR, is cheapest and Own (in-house), 30.00 EUR, dearest: the order is the same." in shown
    assert f"No data for Third: {said.NO_CONTRACT}." in shown
    assert "Cost per issue leaves out repeats handled at Third" in shown


def test_costs_are_told_by_topic_and_channel(serve: Serve) -> None:
    serve()
    app = cost()
    topics = table(app, "topic", "per_contact")
    assert {(row["topic"], row["who"], row["cost"]) for _, row in topics.iterrows()} == {
        ("Bills", HOSTILE, 4.0),
        ("Bills", "Own (in-house)", 30.0),
        ("Returns", HOSTILE, 4.0),
        ("Returns", "Own (in-house)", 30.0),
    }
    channels = table(app, "channel", "per_contact")
    assert dict(zip(channels["channel"] + channels["who"], channels["contacts"], strict=True)) == {
        f"voice{HOSTILE}": 3, f"chat{HOSTILE}": 1, "voiceOwn (in-house)": 2,
    }  # fmt: skip


def test_the_month_adds_up_day_by_day(serve: Serve) -> None:
    serve()
    days = table(cost(), "day", "c0")
    assert len(days) == 27, "from 5 October, the first day there is anything"
    assert list(days[["c0", "c1"]].iloc[-2:].itertuples(index=False, name=None)) == [(8.0, 60.0), (6.0, 0.0)]
    assert (
        "4.00 EUR so far, up to 10 Nov 2026; the month before (known from 5 Oct 2026 on) 8.00 EUR by the same day"
        in (texts(cost(month="2026-11")))
    )


def test_in_house_prices_are_never_mixed_and_follow_from_their_inputs(serve: Serve) -> None:
    serve()
    app = cost()
    prices = table(app, "unit", "overtime").set_index("unit")
    assert dict(prices["full"]) == {
        "Paid hour": 18.0, "Productive hour": 30.0, "Handled minute": 9.0, "Contact": 30.0,
    }  # fmt: skip
    assert set(prices["idle"]) == {0.0}
    assert list(prices["hire"]) == list(prices["full"])
    assert dict(prices["overtime"])["Productive hour"] == 37.5
    assert "North: 2.0 productive hours × 30.00 EUR = 60.00 EUR; 2 contacts; occupancy" in texts(app)
    inputs = table(app, "figure", "share").set_index("figure")["amount"]
    assert inputs["Pay with on-cost"] == inputs["A full-time agent a year: the sum"] == 36_000


def test_a_missed_level_says_its_malus_and_until_when_it_must_be_claimed(serve: Serve) -> None:
    serve()
    app = cost()
    (level,) = table(app, "level", "standing").to_dict("records")
    # 0.75 is half way from the target to the worst: half of 10 % of 8.00.
    assert (level["target"], level["value"], level["n"]) == ("90.0%", "75.0%", 4)
    assert (level["standing"], level["score"], level["amount"]) == (contract_words.MISSED, -0.5, -0.4)
    assert "needed" not in level
    assert "Malus: 0.40 EUR, not on the bill: it must be claimed until 30 Nov 2026." in texts(app)


def test_the_running_month_says_what_is_needed_and_what_is_provisional(serve: Serve) -> None:
    serve()
    app = cost(month="2026-11")
    (level,) = table(app, "level", "standing").to_dict("records")
    assert level["standing"] in contract_words.STANDINGS.values()
    assert "needed" in level
    shown = texts(app)
    assert "Provisional: so far, up to 10 Nov 2026; the month runs to 30 Nov 2026." in shown
    assert "4.00 EUR so far, up to 10 Nov 2026. Provisional." in shown


def test_a_bill_is_told_charge_by_charge_and_day_by_day(serve: Serve) -> None:
    serve()
    app = cost()
    lines = table(app, "charge", "price")
    assert lines[["charge", "quantity", "price", "amount"]].to_dict("records")[0] == {
        "charge": HOSTILE, "quantity": "4", "price": "2.00", "amount": 8.0,
    }  # fmt: skip
    assert lines["amount"].iloc[-1] == 8.0
    days = table(app, "charge", "day")
    assert list(zip(days["day"], days["quantity"], strict=True)) == [(date(2026, 10, 6), "1"), (date(2026, 10, 5), "3")]
    assert "8.00 EUR. Closed." in texts(app)


def test_what_was_agreed_is_readable_and_nothing_made_up_is_markup(serve: Serve) -> None:
    serve()
    app = cost()
    shown = texts(app)
    assert f"{HOSTILE}: 2.00 EUR for each contact handled." in shown
    assert "malus up to 10% of the fees, no bonus; a malus must be claimed within 30 days" in shown
    assert "Notice: 90 days, to the end of a month. Given today, it ends on 28 Feb 2027." in shown
    assert f"Next reviews: 1 Dec 2026 ({HOSTILE})." in shown
    assert "evil.example" not in markdown(app)


def test_filters_and_the_month_come_from_the_address_and_go_back_to_it(serve: Serve) -> None:
    serve()
    app = cost(month="2026-11", provider=HOSTILE)
    assert set(costs(app)) == {HOSTILE}
    assert costs(app)[HOSTILE]["contacts"] == 2
    app.selectbox(key="cost-own-month").set_value("2026-10").run()
    assert costs(app)[HOSTILE]["contacts"] == 4
    assert "month" not in app.query_params, "the last full month is what holds without a choice"
    app.multiselect(key="cost-topics").set_value(["returns"]).run()
    assert app.query_params["topic"] == "returns"
    assert (costs(app)[HOSTILE]["contacts"], costs(app)[HOSTILE]["cost"]) == (2, 4.0)


def test_a_bad_address_is_dropped_with_a_note(serve: Serve) -> None:
    serve()
    app = cost(month="2020-01", site="nowhere", queue="main", **{"from": "2026-W40"})
    assert texts(app).count("It was left out.") == 4
    assert dict(app.query_params) == {}
    assert costs(app)[HOSTILE]["contacts"] == 4


def test_without_documents_the_page_says_how_to_begin(serve: Serve) -> None:
    serve(contract=None, in_house=None)
    app = cost()
    assert app.info[0].value == said.BEGIN_TITLE
    assert "terms example contract" in app.code[0].value


def test_costs_that_are_not_computed_yet_are_announced(serve: Serve) -> None:
    serve(compute=False)
    assert [one.value for one in cost().info] == [said.COMPUTING]


def test_without_states_of_agents_nobody_knows_what_in_house_costs(serve: Serve) -> None:
    serve(with_states=False)
    app = cost()
    own = costs(app)["Own (in-house)"]
    assert pd.isna(own["cost"])
    assert own["note"] == f"North: {said.NO_STATES}"
    assert "North: no states of agents in this month" in texts(app)


def test_everything_shown_can_be_taken_away(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    tables: dict[str, pd.DataFrame] = {}
    charts: dict[str, Any] = {}
    monkeypatch.setattr(take_away, "table_buttons", lambda frame, *_, key: tables.update({key: frame}))
    monkeypatch.setattr(take_away, "chart_buttons", lambda chart, *_, key, **__: charts.update({key: chart}))
    serve()
    for month in ("2026-10", "2026-11"):
        cost(month=month)
        assert {"cost", "cost-by-site", "cost-topic", "cost-accrual", "cost-levels-0", "cost-bill-0"} <= set(tables)
        for frame in tables.values():
            assert take_away.csv(frame, ())
            assert len(pd.read_parquet(io.BytesIO(take_away.parquet(frame)))) == len(frame)
        for chart in charts.values():
            assert "cost of" in alt.LayerChart.from_dict(chart).to_dict()["description"]
    assert tables["cost"]["cost"].iloc[0] == Decimal("4.000000"), "exact, not a float"


def test_amounts_of_another_currency_are_told_in_both(serve: Serve) -> None:
    abroad = 'currency = "GBP"\nexchange = { rule = "contract_rate", rate = 1.2 }'
    serve(contract=cost_store.CONTRACT.replace('currency = "EUR"', abroad))
    app = cost()
    assert costs(app)[HOSTILE]["per_contact"] == 2.4
    assert "constant" in costs(app)[HOSTILE]
    assert "8.00 GBP = 9.60 EUR at 1.20 EUR each. Closed." in texts(app)
    assert "Malus: 0.40 GBP" in texts(app)


def test_what_changes_after_a_month_was_closed_stands_apart(serve: Serve) -> None:
    serve(later=[Talk("south", MONDAY + timedelta(hours=3), "billing", customer="k9")])
    (row,) = table(cost(), "was", "correction").to_dict("records")
    assert row == {"charge": HOSTILE, "was": 8.0, "now": 10.0, "correction": 2.0}


def test_a_stopped_store_leaves_the_numbers(serve: Serve) -> None:
    server = serve()
    server.stop()
    app = cost()
    assert "Ingest is stopped" in app.warning[0].value
    assert costs(app)[HOSTILE]["cost"] == 8.0


def test_without_a_full_month_the_running_one_is_shown() -> None:
    months = [date(2026, 11, 1)]
    assert filters.month_choice(months, date(2026, 11, 10)).options == ("2026-11",)
    both = [date(2026, 10, 1), date(2026, 11, 1)]
    assert filters.month_choice(both, date(2026, 11, 10)).options == ("2026-10", "2026-11")
    assert filters.month_choice(both, date(2026, 12, 1)).options[0] == "2026-11"


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_an_amount_is_shown_to_the_cent_without_a_trace_of_a_float(amount: Decimal) -> None:
    shown = money.number(amount)
    assert Decimal(shown.replace(",", "").replace("−", "-")) == round(amount, 2)
    assert not shown.startswith("−0.00")

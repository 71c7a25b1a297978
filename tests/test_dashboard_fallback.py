"""The Fallback page's frame and its first parts, over hand-made facts: what it says, in every state there is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import words as shared
from dashboard.fallback import (
    assume,
    case_rows,
    case_words,
    decide_words,
    demand_words,
    filters,
    gather,
    scenario_section,
    when_words,
    words,
)
from dashboard.fallback.filters import ALL_DAY, PARTS, Asked
from dashboard.scope.scope import Known
from dashboard.store import Reply, State
from ingest.broker import free_port
from models.fallback.exit_watch import Standing
from models.fallback.facts import Day, Facts, Seen, Slice
from tests.dashboard_store import (
    Contact,
    Server,
    Site,
    add_contacts,
    add_quarter_hours,
    add_sites,
    create,
    point_to,
)
from tests.fallback_facts import PROVIDER, TODAY, agreement, assumed, criterion, facts, pools
from tests.test_dashboard_pages import markdown, opened, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

pytestmark = pytest.mark.usefixtures("fresh_caches")
HOSTILE = "<script>alert(1)</script> **bold** :red[x] [a](http://evil.example)"
Gathered: TypeAlias = "Callable[..., list[Slice]]"
KNOWN = Known(
    ("s1", "s2", "o1"), {"Acme": ("s1", "s2"), "Other": ("o1",)}, (date(2026, 11, 16),), ("billing", "sales"),
    ("voice",), ("de", "en"), ("t1",),
)  # fmt: skip
HOURS = st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda both: both[0] < both[1])


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One site in-house and three of two providers, with a contact each."""
    return store(
        tmp_path_factory.mktemp("usual"),
        Site("berlin", "Berlin", "Own", True), Site("sofia", "Sofia", PROVIDER, False),
        Site("varna", "Varna", PROVIDER, False), Site("evil", HOSTILE, HOSTILE, False),
    )  # fmt: skip


def store(folder: Path, *sites: Site) -> Path:
    now = datetime.now(UTC)
    path = folder / "backstop.duckdb"
    connection = create(path)
    add_sites(connection, list(sites))
    at = now - timedelta(days=8)
    add_quarter_hours(connection, {at.year, now.year})
    add_contacts(connection, [Contact(site.site, at, queue="billing") for site in sites], now)
    connection.close()
    return path


@pytest.fixture
def gathered(monkeypatch: pytest.MonkeyPatch) -> Gathered:
    """Have the page gather these facts; what it asked for is in the list returned."""

    def give(found: Facts | Reply | None = None, **changes: Any) -> list[Slice]:
        asked: list[Slice] = []

        def gather_(_store: object, _page: object, of: Slice) -> Facts | Reply:
            asked.append(of)
            if isinstance(found, Reply):
                return found
            return (found or facts(**changes)).model_copy(update={"slice": of})

        monkeypatch.setattr(gather, "facts", gather_)
        monkeypatch.setattr(assume, "defaults", assumed)
        return asked

    return give


@pytest.fixture
def served(usual: Path, serve_file: Callable[[Path], Server]) -> Server:
    return serve_file(usual)


def fallback(part: str | None = None, **query: str | list[str]) -> AppTest:
    return opened("fallback", **({"part": part} if part else {}), **query)


def address(app: AppTest) -> dict[str, str]:
    """What the address says, the last value of each name."""
    return {name: values if isinstance(values, str) else values[-1] for name, values in app.query_params.items()}


def each_part(app: AppTest) -> Iterator[tuple[str, AppTest]]:
    """The page with one part after the other."""
    for part in PARTS:
        app.query_params["part"] = part
        app.run()
        assert not app.exception, (part, app.exception)
        yield part, app


def columns(app: AppTest) -> list[set[str]]:
    return [set(frame.value.columns) for frame in app.dataframe]


# --- the frame --------------------------------------------------------------------------------------------


def test_every_part_is_drawn_beneath_the_same_answer(served: Server, gathered: Gathered) -> None:
    gathered()
    for part, app in each_part(fallback(provider=PROVIDER)):
        shown = texts(app)
        assert "In-house can take 838 of 979 contacts still expected today from 09:00 on; all of it from " in shown
        assert f"{PROVIDER}: {words.STANDING_HELP[Standing.EXIT_WATCH]}" in shown
        assert any(words.STANDINGS[Standing.EXIT_WATCH] in element.value for element in app.markdown)
        assert "Mail is left out" in shown
        assert not app.error
        assert address(app).get("part", PARTS[0]) == part


def test_the_first_provider_by_name_is_asked_about_unless_another_is_chosen(served: Server, gathered: Gathered) -> None:
    asked = gathered()
    fallback()
    fallback(provider=PROVIDER)
    assert [each.provider for each in asked] == [HOSTILE, PROVIDER]


def test_what_is_chosen_is_asked_for_and_stands_in_the_address(served: Server, gathered: Gathered) -> None:
    asked = gathered()
    query: dict[str, str | list[str]] = {
        "provider": PROVIDER, "site": "sofia", "queue": "billing", "hours": "8-12", "share": "50", "part": "when",
        "day": "2",
    }  # fmt: skip
    app = opened("fallback", **query)
    wanted = Slice(
        provider=PROVIDER, sites=("sofia",), queues=("billing",), first_hour=8, end_hour=12, share=0.5
    )  # fmt: skip
    assert asked[-1] == wanted
    assert address(app) == query
    app.slider(key="fallback-hours").set_value((9, 17)).run()
    app.number_input(key="fallback-share").set_value(100).run()
    assert (asked[-1].first_hour, asked[-1].end_hour, asked[-1].share) == (9, 17, 1)
    assert address(app)["hours"] == "9-17"
    assert "share" not in address(app)


def test_sites_of_one_provider_are_forgotten_when_another_is_chosen(served: Server, gathered: Gathered) -> None:
    asked = gathered()
    app = fallback(provider=PROVIDER, site=["sofia", "varna"])
    assert asked[-1].sites == ("sofia", "varna")
    app.selectbox(key="fallback-provider").set_value(HOSTILE).run()
    assert not app.exception
    assert asked[-1] == Slice(provider=HOSTILE)


def test_hours_that_are_no_time_at_all_become_one_hour(served: Server, gathered: Gathered) -> None:
    asked = gathered()
    app = fallback(provider=PROVIDER)
    app.slider(key="fallback-hours").set_value((24, 24)).run()
    assert (asked[-1].first_hour, asked[-1].end_hour) == (23, 24)
    assert words.one_hour(23) in texts(app)


def test_what_the_address_asks_for_and_nobody_knows_is_said_and_left_out(served: Server, gathered: Gathered) -> None:
    asked = gathered()
    app = fallback(
        "nonsense", provider=["Nobody", PROVIDER], site="evil", hours="9-3", share="0", **{"from": "2026-W40"}
    )
    shown = texts(app)
    for name, value in {
        "part": "nonsense", "provider": "Nobody", "site": "evil", "hours": "9-3", "share": "0",
    }.items():  # fmt: skip
        assert shared.dropped_filter(name, value) in shown
    assert shared.unknown_filter("from") in shown
    assert asked[-1] == Slice(provider=PROVIDER)


def test_a_store_without_bought_in_work_says_so(tmp_path: Path, serve_file: Callable[[Path], Server]) -> None:
    serve_file(store(tmp_path, Site("berlin", "Berlin", "Own", True)))
    app = fallback()
    assert words.NO_PROVIDER_TITLE in [element.value for element in app.info]
    assert words.NO_PROVIDER in texts(app)


def test_an_empty_store_says_so(tmp_path: Path, serve_file: Callable[[Path], Server]) -> None:
    path = tmp_path / "backstop.duckdb"
    create(path).close()
    serve_file(path)
    assert shared.EMPTY_TITLE in [element.value for element in fallback().info]


def test_a_store_that_cannot_be_reached_is_told_on_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    point_to(monkeypatch, tmp_path / "backstop.duckdb", free_port())
    assert [element.value for element in fallback().error] == [shared.UNREACHABLE_TITLE]


def test_a_store_that_goes_away_while_facts_are_gathered_is_told(served: Server, gathered: Gathered) -> None:
    gathered(Reply(State.UNREACHABLE, {}, ("127.0.0.1: refused",)))
    app = fallback(provider=PROVIDER)
    assert [element.value for element in app.error] == [shared.UNREACHABLE_TITLE]
    assert "127.0.0.1: refused" in texts(app)


def test_a_saved_answer_is_shown_as_it_was_with_a_way_back(
    served: Server, gathered: Gathered, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = gathered()
    kept = facts(in_house_name="Our people")
    monkeypatch.setattr(scenario_section, "asked", lambda _page: ("one", kept, assumed(kept)))
    app = fallback("when", day="3")
    assert not asked
    assert "Our people can take 838 of 979 contacts" in texts(app)
    assert "Nothing here moves." in texts(app)
    assert not app.slider
    assert address(app) == {"part": "when", "day": "3"}
    app.button(key="fallback-to-today").click().run()
    assert not app.exception


def test_a_saved_answer_can_be_sent_by_its_address_and_left_again(
    served: Server, gathered: Gathered, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, kept = gathered(), facts(in_house_name="Our people")
    monkeypatch.setattr(
        scenario_section, "restored", lambda _page, which: (kept, assumed(kept)) if which == "s1" else None
    )
    app = fallback("when", answer="s1")
    assert not asked
    assert "Our people can take 838 of 979 contacts" in texts(app)
    assert address(app) == {"answer": "s1", "part": "when"}
    app.button(key="fallback-to-today").click().run()
    assert not app.exception
    assert asked
    assert address(app) == {"part": "when"}
    gone = fallback("when", answer="<b>none</b>")
    assert decide_words.GONE in texts(gone)
    assert address(gone) == {"part": "when"}


def test_names_of_users_own_are_never_read_as_markdown(served: Server, gathered: Gathered) -> None:
    review = {"on": date(2026, 12, 15), "about": HOSTILE}
    gathered(
        provider_name=HOSTILE, in_house_name=HOSTILE, missing=(HOSTILE,) * 5,
        criteria=(criterion("one", HOSTILE, (0.7,) * 13, source=HOSTILE),), contract=agreement(reviews=[review]),
        days=tuple(Day(day=TODAY, pools=tuple(each.model_copy(update={"language": HOSTILE}) for each in pools()))
                   for _ in range(1)),
    )  # fmt: skip
    for part in ("case", "demand", "now", "when"):
        app = fallback(part, provider=HOSTILE)
        assert HOSTILE in texts(app)
        assert "evil.example" not in markdown(app)


# --- the case ---------------------------------------------------------------------------------------------


def test_the_case_tells_why_and_since_when(served: Server, gathered: Gathered) -> None:
    gathered()
    app = fallback("case", provider=PROVIDER)
    shown = texts(app)
    assert "2 criteria are open; 2 make an exit watch." in shown
    assert (
        "Service level: open since the week of 26 Oct 2026, closes after 4 weeks in a row at 80.0% or more; "
        "last week 68.0%." in shown
    )
    assert "Delivered against committed: 1 of the last 4 valid weeks was below 95.0%, 3 open it; last week 97.0%." in (
        shown
    )
    table = next(each.value for each in app.dataframe if "standing" in each.value.columns)
    assert list(table["standing"])[:5] == ["✕ Exit watch"] * 4 + ["▲ Building up"]
    assert list(table["c0"])[:1] == ["✕ 68.0% bad"]
    assert list(table["c5"])[4] == "? unknown"


def test_like_for_like_stands_with_its_interval_beside_the_raw_difference(served: Server, gathered: Gathered) -> None:
    gathered()
    shown = texts(fallback("case", provider=PROVIDER))
    assert (
        "Customer satisfaction, mean: like for like 4.17 against 4.31 at In-house, −0.14 "
        "(95 % interval −0.20 to −0.08), surely worse. The raw difference is −0.19. "
        "93.0% of its contacts could be compared, n = 2,480." in shown
    )
    assert "Service level: cannot be compared like for like. Raw, it is 72.0% against 84.0%" in shown


def test_what_changed_since_the_last_review_is_told_by_means(served: Server, gathered: Gathered) -> None:
    gathered()
    app = fallback("case", provider=PROVIDER)
    assert "The last review was on 28 Sep 2026. Means of the four weeks before it" in texts(app)
    rows = next(each.value for each in app.dataframe if "change" in each.value.columns)
    # (0.83 + 0.84 + 0.81 + 0.82) / 4, and (0.71 + 0.70 + 0.69 + 0.68) / 4.
    assert dict(rows.iloc[0]) == {
        "criterion": "Service level", "before": "82.5%", "now": "69.5%", "change": "−13.0 pp, ✕ worse",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"contract": None}, case_words.NO_REVIEW),
        ({"contract": agreement(reviews=[])}, case_words.NO_REVIEW_YET),
        ({"compared": ()}, case_words.NO_COMPARISON),
        ({"weeks": (), "criteria": ()}, "No week of this work is over yet"),
        ({"criteria": (criterion("one", "One", (None,) * 13),)}, "Nobody knows any of the exit criteria"),
        ({"criteria": (criterion("one", "One", (0.9,) * 13),)}, case_words.ALL_WELL),
        ({"criteria": (criterion("one", "One", (0.7,) * 13, n=5),)}, "rests on n = 5, fewer than 200"),
        ({"criteria": (criterion("one", "One", (0.9,) * 12 + (None,)),)}, "its feed was silent last week"),
    ],
)
def test_the_case_says_what_it_lacks(changes: dict[str, Any], said: str, served: Server, gathered: Gathered) -> None:
    gathered(**changes)
    assert said in texts(fallback("case", provider=PROVIDER))


# --- the demand and what fits -----------------------------------------------------------------------------


def test_the_demand_is_told_by_day_and_pool(served: Server, gathered: Gathered) -> None:
    gathered()
    app = fallback("demand", provider=PROVIDER, day="1")
    assert "On Wed 25 Nov 1,028 contacts of this work are expected (by the band 874 to 1,182)." in texts(app)
    table = next(each.value for each in app.dataframe if "basis" in each.value.columns)
    assert list(table["total"])[1:6] == [1028, 996, 965, 371, 0]
    assert list(table["p0"])[1] == 582
    assert "A month’s 27,300 contacts at the provider would be " in texts(app)


def test_fewer_repeats_are_fewer_contacts() -> None:
    # 1,000 issues / 0.5 there, / 0.8 here.
    line = demand_words.repeats(2000, 1250, 0.8, 0.5, 1.0)
    assert "2,000 contacts at the provider would be 1,250 in-house, 750 fewer: 80.0% are solved" in line
    assert " 250 more: " in demand_words.repeats(1000, 1250, 0.5, 0.8, 1.0)
    assert ", as many: " in demand_words.repeats(1000, 1000, 0.5, 0.5, 1.0)


@pytest.mark.parametrize("part", ["demand", "now"])
def test_a_closed_day_says_so(part: str, served: Server, gathered: Gathered) -> None:
    gathered()
    app = fallback(part, provider=PROVIDER, day="5")
    assert {"demand": "None of this work is expected on Sun 29 Nov", "now": "On Sun 29 Nov none of this work"}[
        part
    ] in texts(app)


def test_repeats_wait_for_what_nobody_knows(served: Server, gathered: Gathered) -> None:
    gathered(resolution=None)
    shown = texts(fallback("demand", provider=PROVIDER))
    assert "Whether repeats would go away or appear is not known. First-contact resolution at the provider: " in shown


def test_what_fits_is_told_by_pool_apart_and_as_one(served: Server, gathered: Gathered) -> None:
    gathered()
    app = fallback("now", provider=PROVIDER)
    assert "On Tue 24 Nov In-house can take 838 of 979 contacts (85.6%) and keep what is promised; 916 if" in texts(app)
    rows = next(each.value for each in app.dataframe if "level_all" in each.value.columns)
    assert list(rows["pool"]) == ["Calls in de", "Calls in en", "Calls as one pool", "Chats in en"]
    apart, as_one = rows["fits"][:2].sum(), rows["fits"][2]
    assert as_one >= apart
    assert rows["fits"][0] + rows["fits"][1] + rows["fits"][3] == pytest.approx(838.17, abs=0.01)
    assert (rows["level_all"] <= rows["level_own"] + 1e-9).all()
    assert {"quarter", "moved", "fits", "there", "own", "all", "gap"} <= columns(app)[-1]


@pytest.mark.parametrize(
    "changes",
    [{"days": ()}, {"days": tuple(Day(day=TODAY + timedelta(days=n), pools=()) for n in range(7))}],
    ids=["no days", "nothing expected"],
)
def test_a_slice_without_demand_is_a_state_of_its_own(
    changes: dict[str, Any], served: Server, gathered: Gathered
) -> None:
    gathered(**changes)
    for _, app in each_part(fallback(provider=PROVIDER)):
        assert PROVIDER in texts(app)


def test_an_assumption_out_of_reason_leaves_sentences(served: Server, gathered: Gathered) -> None:
    cost = facts().own_cost.model_copy(update={"shrinkage": 1.0, "annual": -1.0})
    gathered(own_cost=cost)
    for _, app in each_part(fallback(provider=PROVIDER)):
        assert "is not known. Shrinkage: expected 0 % to less than 100 %, got 100 %." in texts(app)


# --- from when --------------------------------------------------------------------------------------------


def test_from_when_sets_hiring_against_notice(served: Server, gathered: Gathered) -> None:
    gathered()
    app = fallback("when", provider=PROVIDER)
    shown = texts(app)
    assert "it takes 16 experienced people: 27 hires in 3 classes" in shown
    assert "With notice given by " in shown
    calendar = next(each.value for each in app.dataframe if "in_days" in each.value.columns)
    assert list(calendar["date"]) == sorted(calendar["date"])
    assert {when_words.REVIEW, when_words.NOTICE, when_words.CLASS, when_words.HOME} <= set(calendar["kind"])
    classes = next(each.value for each in app.dataframe if "begins" in each.value.columns)
    assert list(classes["size"]) == [12, 12, 3]
    # Five weeks of recruiting, put off by two: the contract ends with a month, and nobody is to wait for it.
    assert classes["begins"].iloc[0] == TODAY + timedelta(weeks=5 + 2)


def test_without_a_contract_people_alone_decide(served: Server, gathered: Gathered) -> None:
    gathered(contract=None)
    app = fallback("when", provider=PROVIDER)
    assert when_words.NO_CONTRACT in texts(app)
    assert "(no contract says when it can end)" in texts(app)


# --- the address ------------------------------------------------------------------------------------------


@given(
    st.sampled_from(["Acme", "Other"]), st.sets(st.sampled_from(["s1", "s2"])), st.sets(st.sampled_from(["de", "en"])),
    st.one_of(st.just(ALL_DAY), HOURS), st.integers(1, 100),
)  # fmt: skip
def test_what_the_address_says_is_read_back(
    provider: str, sites: set[str], languages: set[str], hours: tuple[int, int], percent: int
) -> None:
    asked = Asked(
        provider, tuple(sorted(sites)) if provider == "Acme" else (), languages=tuple(sorted(languages)), hours=hours,
        percent=percent,
    )  # fmt: skip
    query = asked.to_query("Acme")
    assert filters.read(query, KNOWN, "Acme") == (asked, [])
    assert asked.slice().share == percent / 100


@given(st.dictionaries(st.sampled_from(["provider", "site", "hours", "share", "x"]), st.lists(st.text(), max_size=3)))
def test_no_address_breaks_the_filters(query: dict[str, list[str]]) -> None:
    asked, notes = filters.read(query, KNOWN, "Acme")
    assert asked.provider in KNOWN.providers
    assert isinstance(asked.slice(), Slice)
    assert all(isinstance(note, str) for note in notes)


def test_seen_weeks_are_judged_by_the_rules_of_the_standing() -> None:
    one = criterion("one", "One", ())
    judged = {
        Seen(value=0.7, n=300): case_words.BAD, Seen(value=0.77, n=300): case_words.BETWEEN,
        Seen(value=0.8, n=300): case_words.GOOD, Seen(value=0.1, n=199): case_words.THIN,
        Seen(value=None, n=0): case_words.THIN, Seen(value=0.9, n=300, fed=False): case_words.UNKNOWN,
    }  # fmt: skip
    assert {seen: case_rows.judged(one, seen) for seen in judged} == judged

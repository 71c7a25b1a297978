"""Fair comparison reproduces every reference vector that lies beside the project; without them it says so and skips."""

from __future__ import annotations

import csv
import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from models.fairness.comparison import compare_means, compare_shares
from models.fairness.control import Direction, Rule, rate_chart, share_chart, xmr_chart
from models.fairness.expected import observed_expected, reference_shares
from models.fairness.funnel import Funnel, Place, Team, funnel, share_limits
from models.fairness.handle_times import log_normal_mean, mean_by_day, mean_if_independent
from models.fairness.intervals import Interval, normal_quantile
from models.fairness.sample_sizes import contacts_for_share, contacts_for_share_arcsine
from models.fairness.screening import screen
from models.fairness.shares import share, share_difference
from models.fairness.shrinkage import fit_prior, pool_logits, shrink
from models.fairness.stratified import mantel_haenszel
from models.fairness.sums import Counts, Moments, Totals
from models.fairness.surveys import (
    Survey,
    net_promoter_score,
    non_response_bounds,
    ratings,
    weighted_for_non_response,
)
from models.fairness.verdict import verdict

VECTORS = Path(__file__).parent.parent.parent / "shared" / "reference" / "vectors"

pytestmark = pytest.mark.skipif(not VECTORS.is_dir(), reason=f"no reference vectors in {VECTORS}")

# The vectors took 1.959964 for the normal quantile, hence not closer.
CLOSE = 1e-8


def vectors(name: str) -> Any:
    return json.loads((VECTORS / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def fair() -> Any:
    return vectors("fair_comparison_vectors.json")


@pytest.fixture(scope="module")
def metric() -> Any:
    return vectors("metric_ci_vectors.json")


def ends(interval: Interval | None) -> list[float]:
    assert interval is not None
    return [interval.low, interval.high]


def close(expected: Any, rel: float = CLOSE) -> Any:
    return pytest.approx(expected, rel=rel)


def sides(cells: list[list[Any]]) -> dict[str, dict[str, Counts]]:
    """Counts by provider and stratum, from rows of provider, stratum, n, x."""
    found: dict[str, dict[str, Counts]] = {}
    for provider, stratum, n, x in cells:
        found.setdefault(provider, {})[stratum] = Counts(x, n)
    return found


def whole_mix(*providers: dict[str, Counts]) -> dict[str, float]:
    return {stratum: sum(side[stratum].n for side in providers) for stratum in providers[0]}


def test_the_worked_example_is_standardised_like_for_like(fair: Any) -> None:
    case = fair["simpson_fcr"]
    cells = sides(case["cells"])
    a, b = cells["inhouse"], cells["partnerB"]
    found = compare_shares(a, b, whole_mix(a, b))
    assert (found.crude_a, found.crude_b) == close((case["crude"]["inhouse"], case["crude"]["partnerB"]))
    assert found.crude_difference == close(case["crude_diff"])
    assert (found.a, found.b) == close((case["dsr"]["inhouse"], case["dsr"]["partnerB"]))
    assert (found.difference, found.se, found.z) == close((case["dsr_diff"], case["dsr_diff_se"], case["z"]))
    assert ends(found.interval) == close(case["dsr_diff_ci95"])
    assert found.only_looks_better is True
    said = [int(number) for number in re.findall(r"\d+", case["plain"].replace("1,000", "").replace("95%", ""))]
    assert [round(1000 * (found.difference or 0)), *(round(1000 * end) for end in ends(found.interval))] == said


def test_the_worked_example_against_what_is_expected(fair: Any) -> None:
    case = fair["simpson_fcr"]
    cells = sides(case["cells"])
    reference = reference_shares(cells.values())
    overall = sum(cell.x for side in cells.values() for cell in side.values()) / 20000
    for provider, side in cells.items():
        found = observed_expected(side, reference)
        assert found.expected == close(case["expected"][provider])
        assert found.ratio == close(case["o_over_e"][provider])
        assert (found.ratio or 0) * overall == close(case["indirect_rate"][provider])


def test_the_worked_example_by_mantel_and_haenszel(fair: Any) -> None:
    case = fair["simpson_fcr"]
    cells = sides(case["cells"])
    found = mantel_haenszel(cells["inhouse"], cells["partnerB"])
    assert found is not None
    assert found.difference == close(case["mantel_haenszel_rd"])
    assert found.odds_ratio == close(case["mantel_haenszel_or"])
    assert ends(found.odds_ratio_interval) == close(case["mh_or_ci95"])
    assert found.chi_square == close(case["mh_test_z2"])


def test_the_logistic_model_agrees_with_mantel_and_haenszel(fair: Any) -> None:
    """The vector's regression, computed again here, is within a thousandth of the pooled odds ratio."""
    from statsmodels.genmod.families import Binomial  # type: ignore[import-untyped]
    from statsmodels.genmod.generalized_linear_model import GLM  # type: ignore[import-untyped]

    case = fair["simpson_fcr"]
    rows = [(x, n - x, provider == "inhouse", stratum == "technical") for provider, stratum, n, x in case["cells"]]
    table = np.array(rows, dtype=np.float64)
    fit = GLM(table[:, :2], np.column_stack([np.ones(4), table[:, 2:]]), family=Binomial()).fit(tol=1e-14)
    assert math.exp(fit.params[1]) == close(case["logit_or_inhouse"], 1e-7)
    assert np.exp(fit.conf_int()[1]).tolist() == close(case["logit_or_ci95"], 1e-7)
    cells = sides(case["cells"])
    pooled = mantel_haenszel(cells["inhouse"], cells["partnerB"])
    assert pooled is not None
    assert pooled.odds_ratio == pytest.approx(case["logit_or_inhouse"], abs=1e-3)


def test_the_effect_size_is_that_behind_the_arcsine_sample_size(fair: Any) -> None:
    case = fair["simpson_fcr"]
    z = normal_quantile(0.95) + float(stats.norm.ppf(0.8))
    needed = contacts_for_share_arcsine(case["dsr_diff"], case["dsr"]["partnerB"])
    # The power function's other tail is what keeps the two apart.
    assert z * math.sqrt(2 / needed) == pytest.approx(case["cohens_h"], rel=1e-5)


def test_the_kidney_stones_turn_round(fair: Any) -> None:
    case = fair["simpson_published_kidney_stones"]
    cells = sides(case["cells"])
    a, b = cells["A"], cells["B"]
    found = compare_shares(a, b, whole_mix(a, b))
    assert (found.crude_a, found.crude_b) == close((case["crude"]["A"], case["crude"]["B"]))
    assert (found.a, found.b, found.difference) == close((case["dsr"]["A"], case["dsr"]["B"], case["dsr_diff"]))
    assert found.only_looks_better is True


def test_handle_times_turn_round(fair: Any) -> None:
    case = fair["simpson_aht"]
    cells: dict[str, dict[str, Moments]] = {}
    for provider, stratum, n, mean_s in case["cells"]:
        cells.setdefault(provider, {})[stratum] = Moments(n * mean_s, n, n * mean_s**2 + (n - 1) * 100.0**2)
    found = compare_means(cells["inhouse"], cells["partnerB"], {"billing": 10000, "technical": 10000})
    assert (found.crude_a, found.crude_b) == close((case["crude"]["inhouse"], case["crude"]["partnerB"]))
    assert (found.a, found.b) == close((case["dsr"]["inhouse"], case["dsr"]["partnerB"]))
    assert found.se == close(100 * math.sqrt(2 * (0.25 / 2000 + 0.25 / 8000)))
    slower, faster = (int(percent) for percent in re.findall(r"(\d+)%", case["plain"]))
    assert round(100 * (528 / (found.crude_b or 1) - 1)) == slower
    assert round(100 * (1 - (found.a or 0) / (found.b or 1))) == faster


def test_intervals_of_shares(fair: Any) -> None:
    one = share(20, 100)
    assert one is not None
    assert ends(one.interval) == close(fair["wilson_sql_20_of_100"])
    two = share_difference(Counts(324, 400), Counts(310, 400))
    assert two is not None
    assert ends(two.interval) == close(fair["newcombe_diff"]["ci"])


def test_small_sites_are_drawn_towards_the_others(fair: Any) -> None:
    """The vector's prior is that of greatest likelihood, which its optimiser missed by 2e-6; no moments give it."""
    case = fair["eb_shrinkage"]
    sites = [Counts(row["x"], row["n"]) for row in case["rows"]]
    prior, pool = fit_prior(sites), pool_logits(sites)
    assert prior is not None
    assert pool is not None
    assert (prior.mean, prior.strength) == close((case["mu"], case["M"]), 3e-6)
    assert (prior.mean * prior.strength, (1 - prior.mean) * prior.strength) == close((case["a"], case["b"]), 3e-6)
    assert pool.tau2 == close(case["dl_tau2"])
    for row, site, pooled in zip(case["rows"], sites, pool.estimates, strict=True):
        found = shrink(site, prior)
        assert found.raw == close(row["raw"])
        assert found.estimate == close(row["eb_betabin"], 1e-7)
        assert ends(found.interval) == close([row["lo"], row["hi"]], 1e-7)
        assert found.weight_on_own == close(row["weight_on_own"], 3e-6)
        assert pooled == close(row["eb_dl"])


def check_funnel(found: Funnel | None, rows: list[dict[str, Any]]) -> None:
    assert found is not None
    points = [point for point in found.points if point is not None]
    screened = screen([point.p for point in points])
    for row, point, result in zip(rows, points, screened, strict=True):
        expected = [float(row[name]) for name in ("ratio", "z_unadj", "z_adj", "p_adj")]
        assert [point.ratio, point.z_by_chance, point.z, point.p] == close(expected)
        assert str(point.place_by_chance is Place.BEYOND_998) == str(row["out_unadj_998"])
        assert str(point.place is Place.BEYOND_998) == str(row["out_adj_998"])
        assert result is not None
        assert str(result.stands_out) == str(row["bh_reject_5pct"])


def test_the_funnel_of_twelve_teams(fair: Any) -> None:
    case = fair["funnel_overdispersion"]
    found = funnel([Team(row["O"], row["E"]) for row in case["rows"]])
    check_funnel(found, case["rows"])
    assert found is not None
    assert (found.phi, found.tau2) == close((case["phi"], case["tau2"]))
    assert [point and point.place for point in found.points].count(Place.BEYOND_95) == 1


def test_the_funnel_of_the_table() -> None:
    with (VECTORS / "funnel_vectors.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    check_funnel(funnel([Team(float(row["O"]), float(row["E"])) for row in rows]), rows)


def test_limits_of_shares_in_a_funnel(fair: Any) -> None:
    for row in fair["funnel_binomial_limits_p0_0.8"]:
        found = share_limits(row["n"], row["p0"])
        expected = [row[name] for name in ("lo998", "lo95", "hi95", "hi998")]
        assert [found.low_998, found.low_95, found.high_95, found.high_998] == close(expected)


def test_single_values_on_a_chart(fair: Any) -> None:
    case = fair["xmr"]
    found = xmr_chart(case["data"], baseline=case["baseline_weeks"])
    assert found.centre == close(case["mean"])
    assert found.spread == close(case["mr_bar"])
    assert (found.spread or 0) / 1.128 == close(case["sigma"])
    assert found.range_limit == close(case["mr_ucl"])
    assert list(found.lower) == close([case["lcl"]] * 16)
    assert list(found.upper) == close([case["ucl"]] * 16)
    beyond = [signal for signal in found.signals if signal.rule is Rule.BEYOND_LIMITS]
    assert [signal.index + 1 for signal in beyond] == case["below"]
    assert {signal.direction for signal in beyond} == {Direction.BELOW}


def test_shares_on_a_chart_with_and_without_laney(fair: Any) -> None:
    case = fair["p_vs_laney"]
    weeks = [Counts(x, n) for x, n in zip(case["x"], case["n"], strict=True)]
    plain, laney = share_chart(weeks, laney=False), share_chart(weeks)
    assert plain.centre == laney.centre == close(case["pbar"])
    assert [plain.lower[0], plain.upper[0]] == close(case["p_limits_week1"])
    assert laney.spread == close(case["sigma_z"])
    assert [laney.lower[0], laney.upper[0]] == close(case["laney_limits_week1"])
    beyond = [signal.index + 1 for signal in plain.signals if signal.rule is Rule.BEYOND_LIMITS]
    assert beyond == case["p_signals"]
    assert list(laney.signals) == case["laney_signals"]


def test_complaints_per_thousand_on_a_chart(fair: Any) -> None:
    case = fair["u_chart"]
    weeks = [Totals(events, n / 1000) for events, n in zip(case["complaints"], case["contacts"], strict=True)]
    found = rate_chart(weeks, laney=False)
    assert found.centre == close(case["u_per_1000"])
    assert found.upper[11] == close(case["ucl_wk12"])
    assert found.values[11] == close(case["wk12"])
    assert [signal.index for signal in found.signals if signal.rule is Rule.BEYOND_LIMITS] == [11]
    thirds = [(upper or 0) / 3 - (found.centre or 0) / 3 for upper in found.upper]
    z = [((value or 0) - (found.centre or 0)) / third for value, third in zip(found.values, thirds, strict=True)]
    assert z == close(case["z"])


def test_handle_time_by_day(fair: Any) -> None:
    case = fair["aht_day_cluster"]
    found = mean_by_day(Totals(total_s, n) for _, n, total_s in case["days"])
    assert found is not None
    assert (found.value, found.se) == close((case["ratio"], case["se"]))
    assert ends(found.interval) == close(case["ci95_t"])
    naive = fair["aht_naive"]
    n, sd = naive["n"], naive["sd"]
    independent = mean_if_independent(Moments(n * found.value, n, n * found.value**2 + (n - 1) * sd**2))
    assert independent is not None
    assert independent.se == close(naive["se"])


def test_a_screen_of_ten(fair: Any) -> None:
    case = fair["multiplicity_example"]
    found = [one for one in screen(case["pvals"]) if one is not None]
    assert [one.stands_out for one in found] == case["bh_reject"]
    assert [one.adjusted_p for one in found] == pytest.approx(case["bh_adj"], abs=1e-6)
    # Holm's is stricter: what stands out there stands out here.
    assert all(one.stands_out for one, holm in zip(found, case["holm_reject"], strict=True) if holm)


def test_the_five_definitions_of_service_level_are_shares(metric: Any) -> None:
    case = metric["service_level_definitions"]
    inputs = case["inputs"]
    answered, abandoned, in_time = inputs["answered"], inputs["abandoned"], inputs["answered_within_T"]
    early, late, short = inputs["abandoned_within_T"], inputs["abandoned_after_T"], inputs["abandoned_within_5s"]
    offered = answered + abandoned
    definitions = {
        "f1_answered_or_abandoned_within_over_offered": (in_time + early, offered),
        "f2_answered_within_over_answered": (in_time, answered),
        "f3_answered_within_over_offered": (in_time, offered),
        "f4_answered_within_over_answered_plus_late_abandons": (in_time, answered + late),
        "f5_short_abandon_credit": (in_time + short, offered),
    }
    for (name, (x, n)), published in zip(definitions.items(), case["published_percent"], strict=True):
        found = share(x, n)
        assert found is not None
        assert found.value == close(case[name])
        assert published is None or round(100 * found.value) == published


def test_log_normal_handle_time(metric: Any) -> None:
    case = metric["aht_lognormal_cox"]
    found = log_normal_mean(case["n"], case["sum_ln"], case["sum_ln2"])
    assert found is not None
    assert (found.mean_s, found.geometric_mean_s) == close((case["mean"], case["geo_mean"]))
    assert ends(found.interval_s) == close(case["ci95"])


def test_satisfaction_from_five_counts(metric: Any) -> None:
    case = metric["csat_from_histogram"]
    found = ratings(case["counts"])
    assert found is not None
    assert found.mean.value == close(case["mean"])
    assert (found.mean.se or 0) * math.sqrt(found.answers) == close(case["sd"])
    assert ends(found.mean.interval) == close(case["ci95"])
    assert found.top2.value == close(case["top2"])
    assert ends(found.top2.interval) == close(case["top2_wilson"])


def test_net_promoter_score(metric: Any) -> None:
    case = metric["nps"]
    found = net_promoter_score(case["promoters"] * case["n"], case["detractors"] * case["n"], case["n"])
    assert found is not None
    assert (found.value, found.se) == close((case["nps"], case["se"]))
    assert ends(found.interval) == close(case["ci95"])


def test_sample_sizes(metric: Any) -> None:
    case = metric["sample_size_3pp_at_80pct"]
    assert contacts_for_share(0.03, 0.8) == close(case["normal"])
    assert contacts_for_share_arcsine(0.03, 0.8) == close(case["arcsine_statsmodels"], 1e-7)


def test_those_who_did_not_answer(metric: Any) -> None:
    case = metric["csat_nonresponse_bounds"]
    answered = 10000 * case["response_rate"]
    survey = Survey(10000, answered, answered * case["observed"])
    assert survey.response_rate == close(case["response_rate"])
    assert ends(non_response_bounds(survey)) == close([case["worst"], case["best"]])
    example = case["weighted_example"]
    groups = {
        name: Survey(10000 * part, 10000 * part * rate, 10000 * part * rate * positive)
        for name, rate, positive, part in example["strata"]
    }
    found = weighted_for_non_response(groups)
    assert found is not None
    assert found.estimate.value == close(example["ipw"])
    assert found.coverage == 1
    raw = share(sum(one.positive for one in groups.values()), sum(one.answered for one in groups.values()))
    assert raw is not None
    assert raw.value == close(example["raw_weighted_by_responses"])


def test_verdicts(metric: Any) -> None:
    for row in metric["verdict_rule"]:
        assert verdict(Interval(*row["ci"]), row["margin"]) == row["verdict"]


def test_no_vector_is_forgotten(fair: Any, metric: Any) -> None:
    """Every vector of the files is named in a test above."""
    source = Path(__file__).read_text("utf-8")
    assert [name for name in [*fair, *metric] if f'["{name}"]' not in source] == []

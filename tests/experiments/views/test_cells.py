"""How numbers and comparisons are written."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from experiments.study.statistics import compare_arms
from experiments.views.cells import amount, baseline_mean, comparison, difference, p_value
from experiments.views.results import Results
from simulator.records.measures import MEASURES, PRIMARIES, Measure

MEASURE = {measure.name: measure for measure in MEASURES}


def with_values(results: Results, measure: str, base: list[float], arm: list[float]) -> Results:
    """The results with other values of one measure, in the baseline and in "referral"."""
    final = results.final[results.final["measure"].isin([*PRIMARIES, measure])].copy()
    for name, values in (("baseline", base), ("referral", arm)):
        final.loc[(final["measure"] == measure) & (final["arm"] == name), "value"] = values
    return replace(results, final=final, summary=compare_arms(final, "baseline", PRIMARIES))


def shown(results: Results, measure: str, base: list[float], arm: list[float]) -> str:
    return comparison(with_values(results, measure, base, arm), "referral", MEASURE[measure]).on_one_line()


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.41234, "share", "41.2%"),
        (0.0, "share", "0%"),
        (1_234_567.0, "yuan", "1.23 M yuan"),
        (12_345.0, "yuan", "12.3 k yuan"),
        (1_234.5, "yuan", "1,234 yuan"),
        (-1_234.5, "yuan", "−1,234 yuan"),
        (14.0, "days", "14.0 days"),
        (0.67, "adopters", "0.670"),
        (341.2, "orders", "341"),
        (math.nan, "yuan", "—"),
    ],
)
def test_amounts_have_three_figures_and_a_unit(value: float, unit: str, text: str) -> None:
    assert amount(value, unit) == text


def test_a_p_value_is_never_zero() -> None:
    assert [p_value(p) for p in (0.0, 0.034, 1.0, math.nan)] == ["<0.001", "0.034", "1.000", "—"]


BASE = [10.0, 12.0, 9.0, 14.0, 11.0, 13.0]


class TestComparison:
    def test_a_lift_in_per_cent(self, results: Results) -> None:
        doubled = [20.0, 24.2, 18.0, 28.2, 22.0, 26.1]
        assert shown(results, "orders", BASE, doubled) == "+101% [100, 101]"

    def test_a_difference_where_the_baseline_is_zero(self, results: Results) -> None:
        subsidy = [20_000.0, 21_000.0, 19_000.0, 20_500.0, 19_500.0, 20_000.0]
        assert shown(results, "subsidy", [0.0] * 6, subsidy) == "+20.0 k yuan [19.3, 20.7]"
        assert shown(results, "subsidy_share", [0.0] * 6, [0.01, 0.02] * 3) == "+1.5 pp [0.9, 2.1]"

    def test_identical_and_not_defined(self, results: Results) -> None:
        assert shown(results, "orders", BASE, BASE) == "identical"
        assert shown(results, "orders", [math.nan] * 6, [math.nan] * 6) == "—"

    def test_the_arms_own_level_where_the_baseline_has_none(self, results: Results) -> None:
        text = shown(results, "k_factor", [math.nan] * 6, [0.5, 0.7, 0.6, 0.6, 0.5, 0.7])
        assert text == "mean 0.60 [0.51, 0.69]"

    def test_no_material_effect_is_marked(self, results: Results) -> None:
        nearly = [value * ratio for value, ratio in zip(BASE, [1.001, 0.999] * 3, strict=True)]
        assert shown(results, "orders", BASE, nearly) == "≈ 0.00% [−0.11, 0.11]"

    def test_the_number_of_pairs_where_not_all_count(self, results: Results) -> None:
        assert shown(results, "orders", [math.nan, *BASE[1:]], [2.0 * value for value in BASE]).endswith(" n=5")

    def test_a_bound_that_is_not_zero_never_reads_as_zero(self, results: Results) -> None:
        ratios = [1.012, 1.008, 1.028, 1.0, 1.0022, 1.024]
        arm = [value * ratio for value, ratio in zip(BASE, ratios, strict=True)]
        assert shown(results, "orders", BASE, arm) == "+1.23% [0.04, 2.44]"

    def test_surplus_has_no_lift(self, results: Results) -> None:
        assert "%" not in shown(results, "surplus", BASE, [2.0 * value for value in BASE])
        assert baseline_mean(results, MEASURE["surplus"]) == "—"

    @pytest.mark.parametrize("measure", [m for m in MEASURES if m.is_primary], ids=lambda m: m.name)
    def test_a_difference_has_the_sign_of_its_lift(self, results: Results, measure: Measure) -> None:
        for arm in results.others:
            lift, gap = comparison(results, arm, measure), difference(results.row(arm, measure), measure)
            assert lift.is_unclear == gap.is_unclear
            assert lift.value == "identical" or lift.value.removeprefix("≈ ")[0] == gap.value[0]


def test_one_seed_has_no_interval(new_results: Callable[..., Results]) -> None:
    single = new_results(seeds=[3])
    assert comparison(single, "coupons_blanket", MEASURE["p_two_orders"]).interval == "[—]"

"""The figures hold the data they claim to hold, in the same style for an arm everywhere, and the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from experiments.study.wording import MINUS
from experiments.views import figures, forests
from experiments.views.drawing import label_ends, spread
from experiments.views.results import Results, Timeline, arm_label
from experiments.views.theme import style_of, styles

SHORT = Timeline(burn_in_days=2, campaign_end=8, days=12)


def line(axes: Axes, arm: str) -> Line2D:
    (found,) = (drawn for drawn in axes.get_lines() if drawn.get_label() == arm)
    return found


def heights(axes: Axes, arm: str) -> np.ndarray:
    return np.asarray(line(axes, arm).get_ydata(), dtype=float)


def mean_of(frame: pd.DataFrame, arm: str, x: str, y: str) -> np.ndarray:
    return frame[frame["arm"] == arm].groupby(x)[y].mean().to_numpy()


def drawn(plot: Callable[[Results], Figure | None], results: Results) -> Figure:
    figure = plot(results)
    assert figure is not None
    return figure


class TestAPanelPerArm:
    @pytest.mark.parametrize(
        ("plot", "frame", "x", "y"),
        [
            (figures.adoption, "daily", "day", "adopters_cumulative_share"),
            (figures.retention, "retention", "age_days", "share"),
        ],
    )
    def test_lines_are_means_over_seeds(
        self, results: Results, plot: Callable[[Results], Figure], frame: str, x: str, y: str
    ) -> None:
        table = getattr(results, frame)
        for axes, arm in zip(drawn(plot, results).axes, results.others, strict=True):
            assert axes.get_title("left").replace("\n", " ") == arm_label(arm)
            assert heights(axes, arm) == pytest.approx(mean_of(table, arm, x, y))
            assert heights(axes, "baseline") == pytest.approx(mean_of(table, "baseline", x, y))

    def test_sales_are_averages_of_seven_days(self, results: Results) -> None:
        (axes,) = (axes for axes in figures.sales(results).axes if axes.get_title("left") == "referral")
        by_day = mean_of(results.daily, "referral", "day", "settled_orders")
        assert heights(axes, "referral")[0] == pytest.approx(by_day[:7].mean())
        assert heights(axes, "referral")[-1] == pytest.approx(by_day[-7:].mean())

    def test_bands_are_t_intervals_of_the_paired_difference_and_the_number_is_its_end(self, results: Results) -> None:
        axes = figures.adoption(results).axes[results.others.index("referral")]
        share = results.daily.pivot(index="day", columns=["arm", "seed"], values="adopters_cumulative_share")
        gap = share["referral"] - share["baseline"]
        half = 2.570582 * gap.std(axis=1) / np.sqrt(6)  # t with 5 degrees of freedom
        low, high = share["referral"].mean(axis=1) - half, share["referral"].mean(axis=1) + half
        band = axes.collections[0].get_paths()[0].vertices[:, 1]
        assert [band.min(), band.max()] == pytest.approx([low.min(), high.max()], rel=1e-5)
        (number,) = (text.get_text() for text in axes.texts)
        assert number.startswith(f"{100 * gap.mean(axis=1).iloc[-1]:+.1f} pp [".replace("-", MINUS))

    def test_the_campaign_is_shaded(self, results: Results) -> None:
        for axes in figures.adoption(results).axes:
            (shade,) = axes.patches
            assert (shade.get_x(), shade.get_x() + shade.get_width()) == (30, 120)

    def test_sixteen_arms_have_sixteen_panels_on_the_same_scales(self, new_results: Callable[..., Results]) -> None:
        arms = {"baseline": "", **{f"arm_{i}": "" for i in range(15)}}
        axes = figures.adoption(new_results(arms)).axes
        assert len(axes) == 15
        assert len({(panel.get_xlim(), panel.get_ylim()) for panel in axes}) == 1


class TestLifts:
    def test_points_are_lifts(self, results: Results) -> None:
        for axes, measure in zip(figures.lifts(results).axes, results.primaries, strict=True):
            for arm in results.others:
                (x,) = np.asarray(line(axes, arm).get_xdata(), dtype=float)
                assert x == pytest.approx(results.row(arm, measure)["lift"])

    def test_only_points_that_pass_holm_are_filled(self, results: Results) -> None:
        fills = set()
        for axes, measure in zip(figures.lifts(results).axes, results.primaries, strict=True):
            for arm in results.others:
                is_filled = not same_color(line(axes, arm).get_markerfacecolor(), "white")
                assert is_filled == (results.row(arm, measure)["p_holm"] <= 0.05)
                fills.add(is_filled)
        assert fills == {True, False}


def test_money_shows_each_party_and_they_add_up(results: Results) -> None:
    widths = [np.array([bar.get_width() for bar in axes.patches]) for axes in figures.money(results).axes]
    platform, merchants, total = widths
    assert platform + merchants == pytest.approx(total)
    expected = [
        row["difference"] / 1e3
        for arm in results.others[::-1]
        for measure in results.primaries
        if measure.name == "contribution_total"
        for row in [results.row(arm, measure)]
    ]
    assert total == pytest.approx(expected)
    assert (np.sign(platform) != np.sign(merchants)).all()


def test_cascades_are_pooled_over_seeds(results: Results) -> None:
    (axes,) = drawn(figures.cascade_sizes, results).axes
    pooled = results.cascades[results.cascades["arm"] == "referral"].groupby("size")["n_cascades"].sum()
    share = heights(axes, "referral")
    assert share[0] == 1.0
    assert share[1] == pytest.approx(1.0 - pooled.iloc[0] / pooled.sum())
    assert (np.diff(share) < 0.0).all()


def test_reproduction_leaves_out_generations_with_few_inviters(new_results: Callable[..., Results]) -> None:
    results = new_results()
    results.generations.loc[results.generations["generation"] == 4, "n_followed"] = 1
    reproduction, susceptible = drawn(figures.reproduction, results).axes
    expected = mean_of(results.generations, "referral", "generation", "R")[:4]
    assert heights(reproduction, "referral") == pytest.approx(expected)
    assert len(heights(susceptible, "referral")) == 4


def test_the_largest_cascades_of_all_runs_are_drawn(results: Results) -> None:
    axes = drawn(forests.draw, results).axes
    assert len(axes) == 2 * forests.MOST
    assert [panel.get_title().split()[0] for panel in axes[: forests.MOST]] == ["21", "18", "15", "12", "9", "6"]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=30))
def test_a_tree_is_drawn_in_rings_and_no_two_nodes_meet(ups: list[int]) -> None:
    parent, generation = [0], [0]
    for node, up in enumerate(ups, 1):
        parent.append(up % node)
        generation.append(generation[up % node] + 1)
    order = np.argsort(generation, kind="stable")
    position = np.argsort(order)
    xy = forests.place(position[np.array(parent)[order]], np.array(generation)[order])
    assert np.hypot(*xy.T) == pytest.approx(np.sort(generation))
    gaps = np.hypot(*(xy[:, None] - xy[None, :]).transpose(2, 0, 1)) + 9.0 * np.eye(len(xy))
    assert gaps.min() > 1e-6


def test_an_arm_has_one_style_in_all_figures(results: Results) -> None:
    look = styles(results)
    assert len({style.color for style in look.values()}) == len({style.dashes for style in look.values()}) + 1 == 4
    for plot in figures.PLOTS:
        for axes in drawn(plot.draw, results).axes:
            for found in axes.get_lines():
                if found.get_label() in look:
                    assert same_color(found.get_color(), look[str(found.get_label())].color)


def test_many_arms_stay_apart(new_results: Callable[..., Results]) -> None:
    arms = {f"arm_{i}": "" for i in range(13)}
    look = styles(new_results({"baseline": "", **arms}, seeds=[1, 2]))
    assert len({(style.color, style.dashes) for style in look.values()}) == 14


class TestFiles:
    def test_every_figure_becomes_a_file_and_nothing_else_stays(self, pngs: list[Path]) -> None:
        assert [path.stem for path in pngs] == [plot.name for plot in figures.PLOTS]
        assert sorted(pngs[0].parent.iterdir()) == sorted(pngs)

    def test_same_results_same_bytes(self, pngs: list[Path], new_results: Callable[..., Results]) -> None:
        again = new_results()
        for path, plot in list(zip(pngs, figures.PLOTS, strict=True))[::2]:
            assert path.read_bytes() == figures.png(drawn(plot.draw, again))

    def test_nothing_to_draw_no_file(self, new_results: Callable[..., Results], tmp_path: Path) -> None:
        without = new_results({"baseline": "", "coupons_blanket": ""}, seeds=[1, 2], timeline=SHORT)
        without = replace(without, retention=without.retention.iloc[:0], insights=without.insights.iloc[:0])
        saved = {path.stem for path in figures.save_all(without, tmp_path)}
        assert saved == {"lifts", "money", "adoption", "sales"}

    def test_one_seed_and_names_that_look_like_formulas(self, new_results: Callable[..., Results]) -> None:
        odd = new_results({"baseline": "", "half_$price_^$": "", "a\\b": ""}, seeds=[5], timeline=SHORT)
        for plot in (figures.lifts, figures.adoption):
            assert figures.png(plot(odd)).startswith(b"\x89PNG")

    def test_the_users_style_is_left_alone(self, results: Results) -> None:
        before = rcParams["font.size"], rcParams["axes.spines.top"]
        figures.png(figures.lifts(results))
        assert (rcParams["font.size"], rcParams["axes.spines.top"]) == before


class TestLabelsAtTheEndsOfLines:
    def test_they_do_not_overlap_though_the_lines_do(self) -> None:
        figure = Figure()
        axes = figure.subplots()
        for i in range(6):
            axes.plot([0.0, 1.0], [0.0, 0.01 * i], label=f"twin_{i}")
        axes.set_xlim(0.0, 1.0)
        axes.set_ylim(0.0, 1.0)
        label_ends(axes, {f"twin_{i}": style_of(i) for i in range(6)})
        figure.draw_without_rendering()
        boxes = [Text.get_window_extent(name) for name in axes.texts]  # without the leader, which is counted in
        assert len(boxes) == 6
        assert all(low.y1 <= high.y0 for low, high in pairwise(sorted(boxes, key=lambda box: box.y0)))

    @given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.01, 0.09)), max_size=10))
    def test_spread_out_they_neither_overlap_nor_leave_the_axes(self, labels: list[tuple[float, float]]) -> None:
        wanted = sorted(centre for centre, _ in labels)
        sizes = [size for _, size in labels]
        placed = spread(wanted, sizes)
        edges = [(centre - size / 2, centre + size / 2) for centre, size in zip(placed, sizes, strict=True)]
        assert all(high <= low + 1e-9 for (_, high), (low, _) in pairwise(edges))
        assert all(low >= -1e-9 and high <= 1 + 1e-9 for low, high in edges)

    def test_with_room_they_stay_where_they_are(self) -> None:
        assert spread([0.2, 0.8], [0.1, 0.1]) == pytest.approx([0.2, 0.8])

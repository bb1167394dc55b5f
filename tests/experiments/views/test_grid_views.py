"""The views of a comparison over a grid: maps and lines where they belong, a report that holds every point."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import matplotlib.colors
import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from experiments.study import wording
from experiments.study.branching import k_of_group_buying
from experiments.study.points import compare_points
from experiments.views import grid_answer, grid_figures, grid_forests, talent, tipping, who_pays, whom_to_seed
from experiments.views.grid_report import write_grid_report
from experiments.views.grid_results import GridResults
from experiments.views.grid_terminal import print_grid
from simulator import Scenario
from simulator.records.measures import PRIMARIES

SIZE, DISCOUNT, DEGREE = "mechanics.group_buying.size", "mechanics.group_buying.discount", "social.degree"
AXES = {SIZE: [2, 3, 5], DISCOUNT: [0.1, 0.2, 0.4], DEGREE: [4, 10]}


MEASURED = (
    *PRIMARIES,
    *("k_unsaturated", "n_adopters", "expansion_share", "acceleration_days", "subsidy_per_extra_adopter"),
    *(
        "contribution_platform",
        "contribution_merchants",
        "honest_orders",
        "honest_barred_share",
        "abusers_barred_share",
    ),
    *(trend.measure for trend in talent.TRENDS),
)


def make_forests(axes: dict[str, list[Any]], scenarios: Any) -> pd.DataFrame:
    """At every point a star in each arm, the larger the later the point, and one of a single consumer."""
    rows = [
        {
            **dict(zip(axes, point, strict=True)),
            **{"arm": arm, "seed": 0, "cascade": cascade, "size": size, "consumer": who, "parent": 0},
            **{"generation": int(who > 0), "day": who},
        }
        for place, (point, arm) in enumerate(scenarios)
        for cascade, size in enumerate((place + 2, 1))
        for who in range(size)
    ]
    return pd.DataFrame(rows)


def make_grid(axes: dict[str, list[Any]], k: Any = lambda size, discount, degree: discount * degree) -> GridResults:
    """Made-up results of two arms: K is `k` at each point, all else the same in all arms but for a lift of 20 %."""
    rows, scenarios = [], {}
    for point in product(*axes.values()):
        heads = dict(zip(axes, point, strict=True))
        for arm, lift in (("baseline", 1.0), ("group_buying", 1.2)):
            scenarios[point, arm] = Scenario().replace(
                **{"mechanics.group_buying.enabled": arm != "baseline", **{a: v for a, v in heads.items() if "." in a}}
            )
            for seed, measure in product(range(3), MEASURED):
                value = lift * (1.0 + 0.1 * seed + 0.01 * seed**2 * lift)
                if measure == "k_unsaturated":
                    value = k(*point) if arm != "baseline" else np.nan
                rows.append({**heads, "arm": arm, "seed": seed, "measure": measure, "value": value})
    final = pd.DataFrame(rows)
    return GridResults(
        name="tipping",
        question="Where does it <tip>?",
        baseline="baseline",
        arms={"baseline": "list prices", "group_buying": "together"},
        axes=axes,
        seeds=[0, 1, 2],
        summary=compare_points(final, list(axes), "baseline", PRIMARIES),
        forests=make_forests(axes, scenarios),
        scenarios=scenarios,
        settings={"days": 180},
        command="python -m experiments.compare experiment=tipping",
        versions={"python": "3.13.0"},
        elapsed_seconds=3.0,
    )


@pytest.fixture(scope="module")
def grid() -> GridResults:
    return make_grid(AXES)


def test_a_map_has_a_panel_per_value_and_a_cell_per_point(grid: GridResults) -> None:
    figure = tipping.draw(grid)
    assert figure is not None
    assert [axes.get_title("left").strip() for axes in figure.axes] == ["degree 4", "degree 10"] * 3
    measured = figure.axes[1]
    written = [text.get_text() for text in measured.texts if "." in text.get_text()]
    assert written == [f"{discount * 10:.2f}" for _ in AXES[SIZE] for discount in AXES[DISCOUNT]]
    assert [label.get_text() for label in figure.axes[-1].get_xticklabels()] == ["0.1", "0.2", "0.4"]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["2", "3", "5"]


def test_the_line_runs_where_k_is_one_and_only_there() -> None:
    results = make_grid(AXES, lambda size, discount, degree: 0.5 + discount * 2.5 if degree == 10 else 0.3)
    figure = tipping.draw(results)
    assert figure is not None
    measured = matplotlib.colors.to_rgba(tipping.MEASURED["color"])
    lines = {
        axes.get_title("left").strip(): [
            path.vertices
            for contour in axes.collections
            if tuple(contour.get_edgecolor()[0]) == measured  # type: ignore[index]
            for path in contour.get_paths()
        ]
        for axes in figure.axes[:2]
    }
    assert lines["degree 4"] == []
    ((vertices),) = lines["degree 10"]
    assert vertices[:, 0] == pytest.approx(np.full(len(vertices), 1.0))  # K = 1 at a discount of .2, the second column


def test_two_settings_make_one_panel_and_one_setting_makes_curves() -> None:
    two = make_grid({SIZE: [2, 3], DISCOUNT: [0.1, 0.2]}, lambda *point: 0.5)
    assert len(grid_figures.lifts(two).axes) == len(PRIMARIES)
    for axis in ({DISCOUNT: [0.1, 0.2]}, {"social.kind": ["ring", "random"]}):
        one = make_grid(axis, lambda *point: 0.5)
        panels = grid_figures.lifts(one).axes
        assert len(panels) == len(PRIMARIES)
        (line,) = (line for line in panels[0].get_lines() if line.get_label() == "group buying")
        lifts = [one.row(point, "group_buying", one.primaries[0])["lift"] for point in one.points]
        assert np.asarray(line.get_ydata()) == pytest.approx(lifts)


def test_over_one_setting_or_none_k_is_drawn_with_the_reckoned_one_beside_it() -> None:
    for axes in ({DISCOUNT: [0.1, 0.2, 0.4]}, {}):
        results = make_grid(axes, lambda *point: 0.5)
        figure = tipping.draw(results)
        assert figure is not None
        k, reached = figure.axes
        lines = {str(line.get_label()): np.asarray(line.get_ydata()) for line in k.get_lines()}
        reckoned = [k_of_group_buying(results.scenarios[point, "group_buying"]) for point in results.points]
        assert lines["group buying, reckoned"] == pytest.approx(reckoned)
        assert lines["group buying"] == pytest.approx(np.full(len(results.points), 0.5))
        levels = [results.row(point, "group_buying", results.primaries[1])["level"] for point in results.points]
        assert np.asarray(reached.get_lines()[-1].get_ydata()) == pytest.approx(levels)


def arm_named(results: GridResults, arm: str) -> GridResults:
    """The same results, the arm under another name."""
    return replace(
        results,
        arms={"baseline": "list prices", arm: "other"},
        summary=results.summary.replace({"arm": {"group_buying": arm}}),
        forests=results.forests.replace({"arm": {"group_buying": arm}}),
    )


@pytest.mark.parametrize(
    ("family", "arm"), [(whom_to_seed, "seeding"), (who_pays, "deals_abused"), (talent, "by_data")]
)
def test_trends_have_a_row_per_measure_and_a_line_per_value_of_the_first_setting(family: Any, arm: str) -> None:
    grid = make_grid(AXES)
    assert family.draw(grid) is None, "another arm"
    results = arm_named(grid, arm)
    figure = family.draw(results)
    panels = np.reshape(figure.axes, (len(family.TRENDS), len(AXES[DEGREE])))
    assert [axes.get_title("left").strip() for axes in panels[0]] == ["degree 4", "degree 10"]
    for trend, row in zip(family.TRENDS, panels, strict=True):
        assert trend.label in [text.get_text() for text in row[0].texts]
        for degree, axes in zip(AXES[DEGREE], row, strict=True):
            lines = {str(line.get_label()): np.asarray(line.get_ydata()) for line in axes.get_lines()}
            for size in AXES[SIZE]:
                shown = [trend.read(results, (size, discount, degree), arm)[0] for discount in AXES[DISCOUNT]]
                assert lines[str(size)] == pytest.approx(shown)


def test_one_wide_interval_does_not_make_all_else_flat() -> None:
    results = arm_named(make_grid({DISCOUNT: [0.1, 0.2]}, lambda *point: 0.5), "seeding")
    wide = results.summary["measure"] == "n_adopters"
    results.summary.loc[wide, "high"] = 1e6
    figure = whom_to_seed.draw(results)
    assert figure is not None
    assert figure.axes[0].get_ylim()[1] < 10


def test_forests_show_points_from_the_largest_cascade_to_the_smallest(grid: GridResults) -> None:
    figure = grid_forests.draw(grid)
    assert figure is not None
    rows = np.reshape(figure.axes, (grid_forests.MOST_ROWS, -1))[:, 0]
    sizes = [int(axes.get_title("center").split()[0]) for axes in rows]
    assert sizes == sorted(sizes, reverse=True)
    own = grid.forests.query("arm == 'group_buying' and cascade == 0")["size"]
    assert (sizes[0], sizes[-1]) == (own.max(), own.min())
    assert rows[0].texts[0].get_text() == "group buying, size 5, discount 0.4, degree 10"
    assert grid_forests.draw(replace(grid, forests=grid.forests.query("cascade == 1"))) is None


def test_what_is_not_defined_is_said_so_in_its_cell() -> None:
    axes = {SIZE: [2, 3], DISCOUNT: [0.1, 0.2]}
    figure = tipping.draw(make_grid(axes, lambda size, discount: np.nan if size == 2 else 0.004))
    assert figure is not None
    assert [text.get_text() for text in figure.axes[0].texts] == ["—", "—", "0.00", "0.00", "K, measured"]


def test_many_panels_go_on_in_another_row() -> None:
    axes = {SIZE: [2, 3], DISCOUNT: [0.1, 0.2], DEGREE: [4, 6, 8, 10, 12, 14]}
    figure = grid_figures.lifts(make_grid(axes))
    visible = [panel for panel in figure.axes if panel.get_visible()]
    assert len(visible) == len(PRIMARIES) * 6
    assert len(figure.axes) == len(PRIMARIES) * 10


def test_figures_and_report_are_the_same_bytes_again(tmp_path: Path) -> None:
    grid = make_grid({SIZE: [2, 3], DISCOUNT: [0.1, 0.2]}, lambda *point: 0.5)
    for folder in ("one", "two"):
        paths = grid_figures.save_all(grid, ["tipping"], tmp_path / folder)
        assert [path.name for path in paths] == ["tipping.png", "lifts.png", "forests.png"]
        write_grid_report(grid, paths, tmp_path / folder / "report.html")
    for name in ("tipping.png", "report.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    html = (tmp_path / "one" / "report.html").read_text(encoding="utf-8")
    assert html.count("<img") == 3
    named = html.count('<th><span lang="en">group buying</span><span lang="zh">拼团</span></th>')
    assert named == len(PRIMARIES) * len(grid.points)
    assert html.count('<span lang="zh">拼团（图中：group buying）</span>') == 1, "figures are in English"
    assert "&lt;tip&gt;" in html
    assert "<tip>" not in html
    assert tipping.CAPTION.split(":")[0] in html
    assert "//" not in re.sub(r"base64,[A-Za-z0-9+/=]+", "", html)


@pytest.mark.parametrize("width", [80, 160])
def test_the_terminal_shows_every_point_and_cuts_nothing(grid: GridResults, width: int) -> None:
    file = io.StringIO()
    print_grid(grid, Console(file=file, width=width))
    text = file.getvalue()
    assert "…" not in text
    assert text.count("+2") >= len(grid.points)
    assert max(map(len, text.splitlines())) <= width


def test_the_answer_names_where_the_largest_difference_is(grid: GridResults) -> None:
    clear = replace(grid, summary=grid.summary.assign(verdict=wording.HIGHER))
    counts, most = grid_answer.sentences(clear)
    assert "P(≥ 2 orders) is higher at 18, lower at 0 of 18" in counts
    assert re.search(r"P\(≥ 2 orders\): \+[\d.]+% \[[^]]+\] \(size \d, discount 0.\d, degree \d+\)", most)
    assert all(re.search("[一-鿿]", sentence) for sentence in grid_answer.sentences(clear, "zh"))


def test_no_answer_is_given_where_nothing_can_be_told_from_zero(grid: GridResults) -> None:
    counts, most = grid_answer.sentences(grid)
    assert "higher at 0, lower at 0 of 18" in counts
    assert most.count("none") == len(grid.primaries)

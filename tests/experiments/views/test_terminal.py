"""What the terminal shows: every number whole at every width, and the words for what is not a number."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from experiments.views.cells import comparison
from experiments.views.results import Results
from experiments.views.terminal import print_results


def printed(results: Results, width: int) -> str:
    file = io.StringIO()
    print_results(results, Console(file=file, width=width))
    return file.getvalue()


@pytest.mark.parametrize("width", [80, 100, 160])
def test_no_number_is_cut(results: Results, width: int) -> None:
    text = printed(results, width)
    assert "…" not in text
    assert max(len(line) for line in text.splitlines()) <= width
    for arm in results.others:
        for measure in results.measures:
            shown = comparison(results, arm, measure)
            assert shown.value in text
            assert shown.interval in text


def test_arms_are_split_into_tables_only_where_they_do_not_fit(results: Results) -> None:
    titles = {width: printed(results, width).count("Repurchase (exploratory)") for width in (80, 100, 160)}
    assert titles == {80: 2, 100: 1, 160: 1}


def test_without_colour_there_are_no_escapes(results: Results) -> None:
    assert "\x1b" not in printed(results, 100)


def test_unclear_cells_are_dim(results: Results) -> None:
    file = io.StringIO()
    print_results(results, Console(file=file, width=100, force_terminal=True, color_system="standard"))
    assert "\x1b[2midentical" in file.getvalue()
    assert "\x1b[2m+40.8%" not in file.getvalue()


def test_says_what_is_no_number(results: Results) -> None:
    text = printed(results, 100)
    line = next(line for line in text.splitlines() if line.startswith("K, 90 days"))
    assert "mean" in line
    assert "—" in line
    assert "identical" in text
    assert "not distinguishable from zero" in text


def test_a_file_network_is_said(new_results: Callable[..., Results]) -> None:
    assert "conditional on the network friends.txt" in printed(new_results(network_file="friends.txt"), 160)


def test_names_are_no_markup(new_results: Callable[..., Results]) -> None:
    results = new_results({"baseline": "", "half [bold] price": ""})
    n_families = len(results.families)
    assert printed(results, 160).count("half [bold] price") == 3 + n_families  # a row per primary, a column per family


def test_of_many_arms_only_the_primaries_are_printed(new_results: Callable[..., Results]) -> None:
    results = new_results({name: "" for name in ("baseline", "a", "b", "c", "d", "e")})
    text = printed(results, 160)
    assert "exploratory measures of each arm are in the report" in text
    assert "(exploratory)" not in text
    assert text.count("not distinguishable") + text.count("≈") >= 1

"""The figure of insight: a line for every arm that knows anybody, nothing where nobody is known."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from experiments.views import insight
from experiments.views.results import Results


def test_without_profiles_there_is_nothing_to_draw(new_results: Callable[..., Results], results: Results) -> None:
    assert insight.draw(new_results(insights=results.insights.iloc[:0])) is None


def test_each_quality_has_a_panel_with_the_arms_that_know_it(results: Results) -> None:
    figure = insight.draw(results)
    assert figure is not None
    arms = {line.get_label() for line in figure.axes[0].lines}
    assert arms == set(results.others)
    lines = [[line for line in axes.lines if line.get_label() == "referral"] for axes in figure.axes]
    assert [len(found) for found in lines] == [1] * 4, "what nobody knows, price sensitivity, has no panel"
    assert lines[1][0].get_ydata()[:2] == pytest.approx([9 / 200, 19 / 200])

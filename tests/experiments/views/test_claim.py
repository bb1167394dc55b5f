"""A claim over a grid, and what data earns and costs: words and marks follow from the intervals."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pandas as pd
import pytest

from experiments.study.points import compare_points
from experiments.views import claim, frontier
from experiments.views.claim import FAILS, HOLDS, OPEN, verdict
from experiments.views.grid_results import GridResults
from simulator import Scenario

WEIGHT, COLLECTION = "choice.taste_weight", "privacy.collection"


def made_up(axes: dict[str, list[object]], measures: tuple[str, ...], lift: float = 0.1) -> GridResults:
    """Two arms; the lift of every measure is `lift` times the place of the point, plus a tenth of it by luck."""
    points = list(product(*axes.values()))
    rows = [
        {**dict(zip(axes, point, strict=True)), "arm": arm, "seed": seed, "measure": measure, "value": value}
        for place, point in enumerate(points)
        for seed, measure in product(range(4), measures)
        for arm, value in (("popular_pages", 1.0), ("personalised_pages", 1.0 + lift * place * (1 + 0.1 * (seed % 2))))
    ]
    arms = {"popular_pages": "best sellers", "personalised_pages": "personal"}
    final = pd.DataFrame(rows)
    return GridResults(
        name="claim",
        question="Does it hold?",
        baseline="popular_pages",
        arms=arms,
        axes=axes,
        seeds=list(range(4)),
        summary=compare_points(final, list(axes), "popular_pages", measures[:1]),
        forests=pd.DataFrame(),
        scenarios={(point, arm): Scenario() for point in points for arm in arms},
        settings={},
        command="",
        versions={},
        elapsed_seconds=1.0,
        claim=0.25,
    )


TWO = {COLLECTION: ["orders", "browsing"], WEIGHT: [0.4, 0.8]}


@pytest.mark.parametrize(
    ("low", "high", "claim", "words"),
    [
        (0.41, 0.6, 0.4, HOLDS),
        (0.4, 0.6, 0.4, HOLDS),
        (0.3, 0.6, 0.4, OPEN),
        (0.1, 0.39, 0.4, FAILS),
        (-0.2, 0.1, 0.4, FAILS),
        (float("nan"), float("nan"), 0.4, OPEN),
        (-0.9, -0.8, -0.75, HOLDS),
        (-0.8, -0.7, -0.75, OPEN),
        (-0.5, -0.1, -0.75, FAILS),
    ],
)
def test_a_claim_holds_where_the_whole_interval_is_beyond_it(low: float, high: float, claim: float, words: str) -> None:
    assert verdict(low, high, claim) == words


def test_the_answer_says_where_a_claim_holds() -> None:
    results = made_up(TWO, ("orders_per_shown",))
    (sentence,) = claim.sentences(results)
    assert "personalised pages changes orders per product shown by +25% against popular pages" in sentence
    assert "holds at 1, undecided at 0, does not hold at 3 of 4 points" in sentence
    assert "It holds where collection is browsing; taste_weight is 0.8." in sentence
    assert claim.sentences(replace(results, claim=None)) == []


def test_the_map_of_a_claim_has_its_line_where_it_is_crossed() -> None:
    figure = claim.draw(made_up(TWO, ("orders_per_shown",)))
    assert figure is not None
    (axes,) = figure.axes
    cells = [text.get_text().splitlines() for text in axes.texts if "%" in text.get_text()]
    assert [value for value, *_ in cells] == ["+0%", "+10%", "+21%", "+31%"]
    low, high = cells[2][1].strip("[]").split(", ")
    assert int(low) < 21 < int(high)
    assert axes.collections, "the claimed lift"
    assert not claim.draw(made_up(TWO, ("orders_per_shown",), lift=0.0)).axes[0].collections  # type: ignore[union-attr]
    assert claim.draw(made_up({WEIGHT: [0.4, 0.8]}, ("orders_per_shown",))) is None


def test_the_frontier_has_a_mark_per_arm_where_the_numbers_are() -> None:
    results = made_up({"privacy.leaks.hazard": [0.0, 1.0]}, ("contribution_total", "trust_shift", "consent_share"))
    figure = frontier.draw(results)
    assert figure is not None
    assert len(figure.axes) == 4
    line = next(line for line in figure.axes[1].lines if line.get_label() == "personalised pages")
    assert (line.get_xdata()[0], line.get_ydata()[0]) == pytest.approx((0.105, 0.105))
    assert frontier.draw(made_up(TWO, ("contribution_total", "trust_shift", "consent_share"))) is None


def test_a_claim_may_be_of_the_number_itself() -> None:
    """The arm's own value is 1 plus the made-up lift; nobody asks for the baseline's."""
    results = replace(made_up(TWO, ("leaks_growth",)), claim=1.15, claim_of="level")
    (sentence,) = claim.sentences(results)
    assert sentence.startswith("That personalised pages has a growth of leaks of +115% holds at 2, undecided at 0")
    figure = claim.draw(results)
    assert figure is not None
    assert figure.axes[0].texts[0].get_text() == "+100%\n[100, 100]"

"""The waterfall of a chain and the effects of factors, drawn from real contrasts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from experiments.study.contrasts import Design, compare_contrasts, make_contrasts
from experiments.views import effects, waterfall
from experiments.views.grid_results import GridResults
from experiments.views.report import write_report
from experiments.views.results import Results
from simulator.records.measures import PRIMARIES

PARTIES = ("contribution_platform", "contribution_merchants", "surplus")
CHAIN = ["baseline", "insight", "insight+price"]
SQUARE = ["baseline", "insight", "price", "insight+price"]
ADDS = {"insight": 2.0, "price": -1.0}


def contrasts_of(design: Design, arms: Sequence[str]) -> pd.DataFrame:
    rows = []
    for arm in arms:
        level = 10.0 + sum(ADDS.get(part, 0.0) for part in arm.split("+"))
        for seed, luck in enumerate((0.0, 1.0, -0.5, 0.25)):
            noise = np.random.default_rng([seed, len(arm)]).normal(0, 0.05)
            rows += [(arm, seed, measure, level + luck + noise) for measure in (*PRIMARIES, *PARTIES)]
    final = pd.DataFrame(rows, columns=["arm", "seed", "measure", "value"])
    return compare_contrasts(final, make_contrasts(design, arms, "baseline"), "baseline", PRIMARIES)


def results_of(design: Design, arms: Sequence[str]) -> GridResults:
    table = contrasts_of(design, arms)
    summary = table.rename(columns={"contrast": "arm"})
    words = dict.fromkeys(arms, "")
    return GridResults(
        "full_chain", "?", "baseline", words, {}, [0, 1, 2, 3], summary, pd.DataFrame(), {}, {}, "", {}, 1.0, table
    )


def bars(figure: Figure | None) -> dict[str, tuple[float, float]]:
    """The bars of the first panel: label → where they begin and end."""
    assert figure is not None
    boxes = {c.get_label(): c.patches[0] for c in figure.axes[0].containers if hasattr(c, "patches")}
    return {name: (box.get_y(), box.get_y() + box.get_height()) for name, box in boxes.items()}


def test_each_bar_begins_where_the_one_before_ended() -> None:
    found = bars(waterfall.draw(results_of("steps", CHAIN)))
    assert list(found) == ["insight", "price", "all links"]
    assert found["insight"] == pytest.approx((0.0, 2.0), abs=0.2)
    assert found["price"][0] == pytest.approx(found["insight"][1])
    assert found["all links"] == pytest.approx((0.0, found["price"][1]))
    assert waterfall.draw(results_of("factorial", SQUARE)) is None


def test_effects_stand_where_they_are() -> None:
    figure = effects.draw(results_of("factorial", SQUARE))
    assert figure is not None
    points = {line.get_label(): line.get_xdata()[0] for line in figure.axes[0].lines}
    assert points["insight"] == pytest.approx(0.2, abs=0.02)
    assert points["price"] == pytest.approx(-0.1, abs=0.02)
    assert points["insight × price"] == pytest.approx(0.0, abs=0.03)
    assert effects.draw(results_of("steps", CHAIN)) is None


def test_the_report_has_a_table_of_contrasts(new_results: Callable[..., Results], tmp_path: object) -> None:
    path = tmp_path / "report.html"  # type: ignore[operator]
    write_report(new_results(contrasts=contrasts_of("factorial", SQUARE)), [], path)
    page = path.read_text(encoding="utf-8")
    assert re.search(r"<h2>.*Contrasts.*</h2>", page)
    assert "<th>insight × price</th>" in page

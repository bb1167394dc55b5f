"""The tables of results in the READMEs are those of the reference results."""

from __future__ import annotations

import pandas as pd
import pytest

from experiments import findings
from experiments.reference import REFERENCE
from experiments.views.vocabulary import LANGUAGES, Language, arm_name


@pytest.mark.parametrize("study", findings.STUDIES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_table_has_the_lifts_of_the_summary(study: str, language: Language) -> None:
    summary = pd.read_csv(REFERENCE / study / "summary.csv")
    reached = summary[summary["measure"] == "prospects_reached"].set_index("arm")["lift"]
    lines = list(findings.parts(language)[study]())
    rows = {cells[0]: cells for cells in (line.strip("| ").split(" | ") for line in lines)}
    assert len(rows) == len(lines) == 2 + len(reached), "a row for each arm, below the head"
    for arm in ("bargaining", "all_social"):
        assert rows[arm_name(arm, language)][2].startswith(f"{100 * reached[arm]:+.0f}% [")


def test_what_is_not_distinguishable_from_zero_says_so() -> None:
    (row,) = (line for line in findings.parts("en")["facebook"]() if line.startswith("| personalised |"))
    assert "+2.2% [−1.1, 5.5] (not distinguishable from zero)" in row
    (row,) = (line for line in findings.parts("zh")["facebook"]() if line.startswith("| 千人千面 |"))
    assert "+2.2% [−1.1, 5.5] (不能与零区分)" in row

"""What a comparison found, as one frozen object: all that the views read, and nothing they must look up elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import pandas as pd

from experiments.study import incremental
from experiments.study.matching import Matching
from simulator.records.measures import MEASURES, Family, Measure

REGISTRY = {measure.name: measure for measure in (*MEASURES, *incremental.MEASURES)}
"""All measures by name: those of single runs, then those of pairs."""


@dataclass(frozen=True)
class Timeline:
    """The days of a run: burn-in is day 0 to `burn_in_days` − 1, the campaign lasts to `campaign_end` − 1."""

    burn_in_days: int
    campaign_end: int
    days: int


@dataclass(frozen=True, eq=False)
class Results:
    """A finished comparison of arms.

    Attributes:
        name: The experiment's name, such as "strategies".
        question: The question put to the market, in one sentence.
        baseline: The arm that the others are compared with.
        arms: Arm → what it does, in one line; the order is kept in every view.
        seeds: The seeds that every arm ran with.
        summary: One row per arm × measure, from `experiments.study.statistics.compare_arms`.
        final: Columns arm, seed, measure, value.
        daily: Columns arm, seed, and those of `simulator.records.daily.Daybook.enter`.
        retention: Columns arm, seed, age_days, share, n.
        cascades: Columns arm, seed, size, n_cascades; no rows for runs without invitations.
        generations: Columns arm, seed, generation, adopters, n_followed, R, susceptible_share.
        forests: Columns arm, seed, and those of `simulator.records.cascades.largest_cascades`.
        insights: Columns arm, seed, and those of `simulator.records.insight.insight_quality`.
        timeline: The days of a run.
        network: The social network's numbers, from `Network.describe`.
        network_file: The edge list that the network was read from; None if it was built.
        settings: The baseline's active settings, nested.
        changes: Arm → the settings that differ from the baseline's, nested.
        hashes: Arm → fingerprint of its settings.
        command: The command line that repeats the comparison.
        versions: What it was computed with → version.
        elapsed_seconds: How long it took.
        contrasts: One row per contrast × measure, from `experiments.study.contrasts`; no rows without a design.
        matching: How the arms were made to give away the same; None where they are as they are.
        stop: Why no more seeds were added, where seeds were added until a lift was known well enough; else None.
        confidence: Of all intervals, the one that `compare_arms` uses unless told otherwise.

    Raises:
        ValueError: If the baseline is no arm or the only one, or the summary has other arms or unknown measures.
    """

    name: str
    question: str
    baseline: str
    arms: Mapping[str, str]
    seeds: list[int]
    summary: pd.DataFrame
    final: pd.DataFrame
    daily: pd.DataFrame
    retention: pd.DataFrame
    cascades: pd.DataFrame
    generations: pd.DataFrame
    forests: pd.DataFrame
    insights: pd.DataFrame
    timeline: Timeline
    network: Mapping[str, float | None]
    network_file: str | None
    settings: Mapping[str, Any]
    changes: Mapping[str, Mapping[str, Any]]
    hashes: Mapping[str, str]
    command: str
    versions: Mapping[str, str]
    elapsed_seconds: float
    contrasts: pd.DataFrame = field(default_factory=pd.DataFrame)
    matching: Matching | None = None
    stop: str | None = None
    confidence: ClassVar[float] = 0.95

    def __post_init__(self) -> None:
        if self.baseline not in self.arms:
            raise ValueError(f"baseline '{self.baseline}' is not among the arms {list(self.arms)}")
        if not self.others:
            raise ValueError(f"there is no arm to compare with the baseline '{self.baseline}'; at least one is needed")
        if set(self.summary["arm"]) != set(self.arms):
            raise ValueError(f"the summary has the arms {sorted(set(self.summary['arm']))}, not {sorted(self.arms)}")
        unknown = sorted(set(self.summary["measure"]) - set(REGISTRY))
        if unknown:
            raise ValueError(f"the summary has measures that are not in the registry: {unknown}")

    @property
    def others(self) -> list[str]:
        """The arms that are compared with the baseline."""
        return [arm for arm in self.arms if arm != self.baseline]

    @cached_property
    def measures(self) -> list[Measure]:
        """The measures of the summary, in the registry's order."""
        present = set(self.summary["measure"])
        return [measure for measure in REGISTRY.values() if measure.name in present]

    @cached_property
    def primaries(self) -> list[Measure]:
        """The measures named beforehand."""
        return named_beforehand(self.summary)

    @property
    def families(self) -> dict[Family, list[Measure]]:
        """The measures by what they are about."""
        by_family = {family: [m for m in self.measures if m.family is family] for family in Family}
        return {family: measures for family, measures in by_family.items() if measures}

    def row(self, arm: str, measure: Measure) -> dict[str, Any]:
        """The summary's row for one arm and measure, by column."""
        return self._rows[arm, measure.name]

    @cached_property
    def _rows(self) -> dict[tuple[str, str], dict[str, Any]]:
        records = self.summary.to_dict("records")
        return {(row["arm"], row["measure"]): {str(key): value for key, value in row.items()} for row in records}


def named_beforehand(summary: pd.DataFrame) -> list[Measure]:
    """The primary measures of a summary, in the order of its rows."""
    names = dict.fromkeys(summary.loc[summary["is_primary"].astype(bool), "measure"])
    return [REGISTRY[str(name)] for name in names]


def arm_label(arm: str) -> str:
    """An arm's name as it is shown."""
    return arm.replace("_", " ")

"""Arms compared at every point of a grid: each point paired on its own, all judged together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from experiments.study.statistics import compare_arms, judge_primaries


def compare_points(
    final: pd.DataFrame,
    keys: Sequence[str],
    baseline: str,
    primaries: Sequence[str],
    confidence: float = 0.95,
    heavy_tailed: Collection[str] = (),
    ratios: Mapping[str, tuple[str, str]] | None = None,
) -> pd.DataFrame:
    """Compare every arm with the baseline at the same point.

    Args:
        final: As for `compare_arms`, with the columns `keys` that name the point.
        keys: The settings that vary; without any there is one point.
        baseline, primaries, confidence, heavy_tailed, ratios: As for `compare_arms`.

    Returns:
        The rows of `compare_arms` point by point in order of appearance, `keys` in front; `p_holm` and verdicts after
        Holm over points × arms × primaries.

    Raises:
        ValueError: As for `compare_arms`.
    """
    if not keys:
        return compare_arms(final, baseline, primaries, confidence, heavy_tailed, ratios)
    tables = []
    for _, part in final.groupby(list(keys), sort=False):
        table = compare_arms(part, baseline, primaries, confidence, heavy_tailed, ratios)
        for place, key in enumerate(keys):
            table.insert(place, key, part[key].iloc[0])
        tables.append(table)
    summary = pd.concat(tables, ignore_index=True)
    judge_primaries(summary, 1.0 - confidence)
    return summary

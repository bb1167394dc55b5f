"""How many seeds a lift needs to be seen, by the power of t tests, with arms paired by seed and without.

The pilot's spread stands for that of the study: of log-ratios where all values are positive, as for the lifts of
`statistics.relative_lift`, otherwise of differences as shares of the baseline's mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2, nct
from scipy.stats import t as student_t

from experiments.study.lab import CONFIDENCE

Floats = NDArray[np.float64]

MOST_SEEDS = 10_000_000
"""Beyond so many seeds a lift counts as out of reach."""


class Spread(NamedTuple):
    """How much luck there is in a comparison, on the scale on which a lift of x is `effect(x)`.

    Attributes:
        paired: Standard deviation of the paired difference.
        arm, base: Standard deviations of the arm and of the baseline.
        correlation: Between them, over seeds.
        n: Pairs they rest on.
        is_log: Whether the scale is that of log-ratios; else shares of the baseline's mean.
    """

    paired: float
    arm: float
    base: float
    correlation: float
    n: int
    is_log: bool

    def effect(self, lift: float) -> float:
        """A lift on this scale."""
        return float(np.log1p(lift)) if self.is_log else lift


def spread_of(arm: Floats, base: Floats) -> Spread:
    """The spread in a pilot, values by seed of shape (n_seeds,); NaN where fewer than three pairs are defined."""
    is_pair = ~(np.isnan(arm) | np.isnan(base))
    x, y = arm[is_pair], base[is_pair]
    if x.size < 3 or not y.mean() > 0.0:
        return Spread(np.nan, np.nan, np.nan, np.nan, x.size, False)
    is_log = bool((x > 0.0).all() and (y > 0.0).all())
    x, y = (np.log(x), np.log(y)) if is_log else (x / y.mean(), y / y.mean())
    sd_x, sd_y, sd = (float(v.std(ddof=1)) if np.ptp(v) > 0.0 else 0.0 for v in (x, y, x - y))
    correlation = float(np.corrcoef(x, y)[0, 1]) if sd_x > 0.0 and sd_y > 0.0 else np.nan
    return Spread(sd, sd_x, sd_y, correlation, x.size, is_log)


def paired_power(effect: float, sd: float, n: NDArray[np.intp] | int, alpha: float) -> Floats:
    """Power of the two-sided paired t test with n pairs: exact, by the noncentral t distribution."""
    pairs = np.asarray(n, dtype=np.float64)
    return _power(effect / (sd / np.sqrt(pairs)), pairs - 1, alpha)


def unpaired_power(effect: float, sd_arm: float, sd_base: float, n: NDArray[np.intp] | int, alpha: float) -> Floats:
    """Power of Welch's two-sided t test with n seeds per arm, other seeds for each (degrees of freedom: Welch 1947).

    Fewer than about 10 seeds see a little less than this, since the degrees of freedom are estimated.
    """
    seeds = np.asarray(n, dtype=np.float64)
    variance = sd_arm**2 + sd_base**2
    freedom = (seeds - 1) * variance**2 / (sd_arm**4 + sd_base**4)
    return _power(effect / np.sqrt(variance / seeds), freedom, alpha)


def _power(noncentrality: Floats | float, freedom: Floats, alpha: float) -> Floats:
    """Probability of a significant result with the right sign; one with the wrong sign has not seen the lift."""
    critical = student_t.ppf(1.0 - alpha / 2.0, freedom)
    return np.asarray(nct.sf(critical, freedom, np.abs(noncentrality)))


def fewest(power_of: Callable[[int], Any], power: float) -> float:
    """The fewest seeds, at least 2, with this power; infinite if more than `MOST_SEEDS` are needed."""
    if float(power_of(2)) >= power:
        return 2
    low, high = 2, 4
    while float(power_of(high)) < power:
        if high > MOST_SEEDS:
            return np.inf
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if float(power_of(middle)) >= power else (middle, high)
    return high


def power_table(
    final: pd.DataFrame,
    baseline: str,
    measures: Sequence[str],
    lifts: Sequence[float],
    power: float,
    alpha: float,
) -> pd.DataFrame:
    """Seeds needed, from a pilot.

    Args:
        final: Columns arm, seed, measure, value; every arm with the same seeds.
        baseline: The arm that the others are compared with.
        measures: The measures of interest.
        lifts: Lifts that should be seen, as shares of the baseline.
        power: With which probability.
        alpha: Level of the two-sided test.

    Returns:
        One row per measure, other arm (in order of appearance) and lift:

        - `measure`, `arm`, `lift`
        - `sd_paired`, `sd_arm`, `sd_base`, `correlation`, `n_pilot`, `scale`: see `Spread`.
        - `seeds_paired`, with `_low` and `_high` from the pilot's uncertain spread (χ², 95 %).
        - `seeds_unpaired`: per arm, with other seeds for each.
        - `times_fewer`: `seeds_unpaired` / `seeds_paired`, how many times fewer runs pairing needs.

        Infinite where out of reach; NaN where the pilot does not define the measure or every pair is equal.
    """
    by_run = final.pivot(index="seed", columns=["arm", "measure"], values="value").astype(float)
    arms = [arm for arm in final["arm"].unique() if arm != baseline]
    rows = []
    for measure in measures:
        for arm in arms:
            spread = spread_of(by_run[arm, measure].to_numpy(), by_run[baseline, measure].to_numpy())
            head = {"measure": measure, "arm": arm}
            rows += [
                head | {"lift": lift} | row for lift, row in zip(lifts, _rows(spread, lifts, power, alpha), strict=True)
            ]
    return pd.DataFrame(rows)


def _rows(spread: Spread, lifts: Sequence[float], power: float, alpha: float) -> Iterator[dict[str, Any]]:
    facts = {
        "sd_paired": spread.paired,
        "sd_arm": spread.arm,
        "sd_base": spread.base,
        "correlation": spread.correlation,
        "n_pilot": spread.n,
        "scale": "log-ratio" if spread.is_log else "share of the baseline's mean",
    }
    for lift in lifts:
        effect = spread.effect(lift)
        if not spread.paired > 0.0:
            needed = dict.fromkeys(("seeds_paired", "seeds_paired_low", "seeds_paired_high", "seeds_unpaired"), np.nan)
        else:
            low, high = _sd_bounds(spread)
            sds = {"seeds_paired": spread.paired, "seeds_paired_low": low, "seeds_paired_high": high}
            needed = {name: _paired(effect, sd, power, alpha) for name, sd in sds.items()}
            needed["seeds_unpaired"] = _unpaired(effect, spread, power, alpha)
        yield facts | needed | {"times_fewer": needed["seeds_unpaired"] / needed["seeds_paired"]}


def _paired(effect: float, sd: float, power: float, alpha: float) -> float:
    return fewest(lambda n: paired_power(effect, sd, n, alpha), power)


def _unpaired(effect: float, spread: Spread, power: float, alpha: float) -> float:
    return fewest(lambda n: unpaired_power(effect, spread.arm, spread.base, n, alpha), power)


def _sd_bounds(spread: Spread) -> tuple[float, float]:
    """The interval of the paired standard deviation, as from normal data."""
    freedom = spread.n - 1
    tail = (1.0 - CONFIDENCE) / 2.0
    low, high = (spread.paired * np.sqrt(freedom / chi2.ppf(q, freedom)) for q in (1.0 - tail, tail))
    return float(low), float(high)

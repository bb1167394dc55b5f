"""How right the profiles are, as the log tells it every so often."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.oracle.records import Row

if TYPE_CHECKING:
    from tests.oracle.insight import Insight

EVERY_DAYS = 10
Z90 = 1.6448536269514722


def evaluation(insight: Insight) -> Row:
    """Profiles beside the truth, over those of whom there is a record."""
    taste_weight = insight.world.settings.choice.taste_weight
    known = [c for c in insight.world.consumers if c.profile.n_records > 0]
    believed = {c: insight.beliefs(c) for c in known}
    tastes = [
        (believed[c][k + 1], taste_weight * taste, Z90 * c.profile.variances[k + 1] ** 0.5)
        for c in known
        for k, taste in enumerate(c.taste)
    ]
    alive = {c: insight.repurchase.p_alive(c.profile) for c in known if c.profile.n_orders > 0}
    pairs = [(p, q) for c, p in alive.items() for d, q in alive.items() if not c.is_dormant and d.is_dormant]
    return {
        "n_known": len(known),
        "looks": _mean([c.profile.n_records for c in known]),
        "taste_correlation": _correlation([w for w, _, _ in tastes], [truth for _, truth, _ in tastes]),
        "taste_coverage": _mean([abs(w - truth) <= reach for w, truth, reach in tastes]),
        "price_correlation": _correlation([believed[c][-1] for c in known], [c.price_sensitivity for c in known]),
        "alive_auc": _mean([(p > q) + 0.5 * (p == q) for p, q in pairs]),
    }


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _correlation(a: list[float], b: list[float]) -> float:
    """Not defined where one of the two does not vary."""
    return float(np.corrcoef(a, b)[0, 1]) if len({*a}) > 1 and len({*b}) > 1 else float("nan")

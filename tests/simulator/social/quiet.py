"""Markets in which nobody needs anything: prospects join by themselves only, by the ordinary day."""

from __future__ import annotations

from typing import Any

QUIET: dict[str, Any] = {
    "burn_in_days": 1,
    "post_days": 1,
    "waves_per_day": 1,
    "consumers.prospect_fraction": 1.0,
    "consumers.taste_dimensions": 1,
    "needs.rate": 1e-9,
    "merchants.n_categories": 1,
    "merchants.cohorts": {"one": {"count": 1, "products_each": 1}},
}

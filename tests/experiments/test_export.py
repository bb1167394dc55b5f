"""The exported truth: what its columns mean, exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from experiments import export

SMALL = [
    *("days=24", "burn_in_days=6", "post_days=6", "waves_per_day=4", "consumers.n=300", "needs.rate=.3"),
    *("mechanics.group_buying.cell_size=30", "seeds=1", "workers=1", "test.designs=[consumer,cell]"),
]


def test_its_columns_mean_what_the_card_says(tmp_path: Path) -> None:
    assert export.main([*SMALL, f"out={tmp_path}"]) == 0
    people, links = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("people", "links"))
    assert len(people) == 600
    by_design = [part.reset_index(drop=True) for _, part in people.groupby("design", sort=False)]
    for name in ("orders_everybody", "orders_nobody", "orders_before", "cluster", "n_friends"):
        assert by_design[0][name].equals(by_design[1][name]), f"{name} has nothing to do with the design"
    assert people.groupby(["design", "unit"])["treated"].nunique().max() == 1
    assert (links["consumer"] < links["friend"]).all()
    degrees = np.bincount(np.concatenate([links["consumer"], links["friend"]]), minlength=300)
    assert degrees.tolist() == by_design[0]["n_friends"].tolist()
    assert (people["orders_everybody"] != people["orders_nobody"]).any()
    is_gap = people["orders_observed"] != people["orders_everybody"].where(people["treated"], people["orders_nobody"])
    assert is_gap.any(), "group buying interferes"
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert all(f"{column}" in card for column in people.columns)


def test_without_interference_observed_is_the_outcome_of_ones_own_treatment(tmp_path: Path) -> None:
    """Coupons without friends, ratings, stock, joining along ties or a budget that others use up."""
    alone = [
        *("test.mechanic=coupons", "platform.subsidy_cap_fraction=null", "choice.friends_weight=0"),
        *("experience.rating=0", "joining.imitation=0", "mechanics.coupons.every_days=5"),
    ]
    few = [a for a in SMALL if "group_buying" not in a and "designs" not in a]
    assert export.main([*few, *alone, "test.designs=[consumer]", f"out={tmp_path}"]) == 0
    people = pd.read_parquet(tmp_path / "people.parquet")
    own = people["orders_everybody"].where(people["treated"], people["orders_nobody"])
    assert (people["orders_observed"] == own).all()
    assert (people["orders_everybody"] != people["orders_nobody"]).any()

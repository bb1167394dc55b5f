"""The Complete Journey: the loader on made-up files, the figures by hand, the fit on a market whose truth is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.calibration import coupons as journey
from simulator import Market

GOT = {1: "ABCDE", 2: "ABCDE", 3: "ABCE", 4: "DE"}
"""Campaign → households; the fourth is not personalised."""
REDEEMED = [("A", 1), ("A", 1), ("A", 2), ("A", 3), ("B", 1), ("E", 4)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    kinds = [(1, "Type A"), (2, "Type A"), (3, "Type A"), (4, "Type C")]
    descriptions = [(campaign, kind, "2017-01-01", "2017-02-01") for campaign, kind in kinds]
    tables: dict[str, tuple[list[Any], list[str]]] = {
        "campaigns": ([(c, h) for c, households in GOT.items() for h in households], ["campaign_id", "household_id"]),
        "campaign_descriptions": (descriptions, ["campaign_id", "campaign_type", "start_date", "end_date"]),
        "coupon_redemptions": (
            [(h, 7, c, "2017-01-05") for h, c in REDEEMED],
            ["household_id", "coupon_upc", "campaign_id", "redemption_date"],
        ),
    }
    for name, (rows, columns) in tables.items():
        ending = ".csv.gz" if name == "campaigns" else ".csv"
        pd.DataFrame(rows, columns=columns).to_csv(tmp_path / f"{name}{ending}", index=False)
    return tmp_path


def test_published_figures_by_hand(folder: Path) -> None:
    pairs = journey.read_pairs(folder)
    assert len(pairs) == 16
    assert list(journey.published(pairs).values()) == [3 / 5, 5 / 16, 4 / 14, 1 / 2, 4 / 6]


def test_households_that_got_all_three(folder: Path) -> None:
    expected = [[True, True, True], [True, False, False], [False] * 3, [False] * 3]
    assert journey.three_largest(journey.read_pairs(folder)).tolist() == expected


def test_a_missing_file_or_column_is_named(folder: Path) -> None:
    pd.DataFrame({"campaign_id": [1]}).to_csv(folder / "coupon_redemptions.csv", index=False)
    with pytest.raises(ValueError, match=r"coupon_redemptions\.csv has no column household_id; it has campaign_id"):
        journey.read_pairs(folder)
    (folder / "campaigns.csv.gz").unlink()
    with pytest.raises(ValueError, match=r"neither campaigns\.csv nor campaigns\.csv\.gz"):
        journey.read_pairs(folder)


def test_redemptions_stand_at_the_campaign_of_their_coupon(finished: Any) -> None:
    coupons = {"enabled": True, "every_days": 4, "valid_days": 9, "noticed": 1.0, "min_spend_fen": 1000}
    market: Market = finished({f"mechanics.coupons.{name}": value for name, value in coupons.items()})
    redeemed = journey.redeemed_by_issue(market.log)
    ends = market.log.frame("coupon_ends").query("order != 0")
    issued = market.log.frame("coupons").set_index("id")["day"].loc[ends["cause"]]
    assert redeemed.shape == (300, 5)
    assert redeemed.sum() == len(ends) > 50
    assert redeemed[ends["consumer"], (issued.to_numpy() - 5) // 4].all()


def test_the_fit_finds_the_settings_of_a_market() -> None:
    truth = {"reach": 0.6, "noticed": 0.5}
    everybody = journey.simulated(3000, 1, True, noticed=1.0)
    found = journey.fitted(journey.simulated(3000, 2, True, **truth), everybody)
    n_twice = 3000 * 0.6 * 0.25 * everybody[:, :2].all(axis=1).mean()
    assert found == pytest.approx(truth, rel=4 / np.sqrt(n_twice)), "within four standard errors of the rarer figure"

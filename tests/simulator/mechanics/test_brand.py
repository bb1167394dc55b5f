"""Brand and sameness: what merchants spend, the goodwill it makes, what clutter takes, and what buyers do about it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import Market, final_measures
from simulator.draws import ALWAYS
from simulator.mechanics.brand import STARTS_ALIKE
from simulator.policies.campaigning.campaigning import FOLLOWS
from simulator.records.events.codes import How, Origin

B, C = "mechanics.brand.", "policies.campaigning."
ON: dict[str, Any] = {B + "enabled": True, C + "every_days": 4}


def campaigns(market: Market) -> pd.DataFrame:
    return market.log.frame("campaigns")


def goodwill(market: Market) -> pd.DataFrame:
    """By day and merchant."""
    return campaigns(market).pivot_table(index="day", columns="merchant", values="goodwill_millionths") / 1e6


def test_each_spends_a_share_of_its_recent_sales(finished: Any) -> None:
    market = finished({**ON, "platform.reaction_days": 2, "platform.sales_window_days": 3})
    day = market.scenario.burn_in_days + 4
    orders = market.log.frame("orders")
    seen = orders[orders["day"].between(day - 4, day - 2)]
    turnover = seen.groupby("merchant")["list_fen"].sum()
    today = campaigns(market).query(f"day == {day}").set_index("merchant")["spent_fen"]
    expected = {m: round(0.05 * fen / 3) for m, fen in turnover.items()}
    assert today.to_dict() == {m: fen for m, fen in expected.items() if fen}
    paid = market.log.frame("costs").query(f"origin == {Origin.BRAND} and day == {day}")
    assert paid.set_index("merchant")["cost_fen"].to_dict() == today.to_dict()
    assert final_measures(market.log)["advertising_cost"] == campaigns(market)["spent_fen"].sum() / 100


def test_goodwill_is_refilled_by_the_root_of_spending_and_decays(finished: Any) -> None:
    market = finished({**ON, B + "clutter": 0.0, B + "decay": 0.1})
    rows, stock = campaigns(market), np.zeros(market.scenario.merchants.n_merchants)
    first = market.scenario.burn_in_days
    for day in range(first, market.scenario.days):
        today = rows[rows["day"] == day]
        stock *= math.exp(-0.1)
        stock[today["merchant"]] += (1 - math.exp(-0.1)) * np.sqrt(today["spent_fen"] / (0.15 * 300))
        np.testing.assert_allclose(today["goodwill_millionths"], 1e6 * stock[today["merchant"]], atol=0.51)
    brand = market.mechanics[0]
    np.testing.assert_allclose(brand.goodwill, stock, rtol=1e-12)
    assert rows["day"].max() == market.scenario.campaign_end - 1


def test_a_move_loses_by_the_others_who_run_it(finished: Any) -> None:
    different, alike = (
        goodwill(finished({**ON, B + "alike": share, B + "moves": 1000, B + "clutter": 2.0})) for share in (0.0, 1.0)
    )
    first = different.index.min()  # on the first day spending is the same
    np.testing.assert_allclose(alike.loc[first], math.exp(-2.0) * different.loc[first], atol=2e-6)


def test_who_starts_alike_is_decided_one_by_one(finished: Any) -> None:
    market = finished({**ON, B + "alike": 0.5, "merchants.cohorts": {"small": {"count": 30, "products_each": 1}}})
    begins = campaigns(market).query(f"how == {How.STARTED}")
    luck = market.draws.uniform(STARTS_ALIKE, ALWAYS, begins["merchant"].to_numpy())
    assert np.array_equal(begins["move"] == 0, luck < 0.5)
    assert begins["move"].max() < 8
    assert campaigns(market).groupby("merchant")["move"].nunique().max() == 1, "steady campaigns change nothing"


def test_buyers_turn_to_brands_with_goodwill(finished: Any) -> None:
    """Half of the merchants advertise: they sell more than they did, the others less, and more in all."""
    cohorts = {"merchants.cohorts": {"small": {"count": 8, "products_each": 2}}, "consumers.n": 1000}
    loud = {**ON, **cohorts, C + "reach": 0.5, B + "goodwill_weight": 5.0, B + "decay": 1.0}
    market, quiet = finished(loud), finished(cohorts)
    is_loud = market.draws.uniform(FOLLOWS, ALWAYS, np.arange(8)) < 0.5
    assert set(campaigns(market)["merchant"]) <= set(np.flatnonzero(is_loud))
    sold = [np.bincount(m.log.columns("orders")["merchant"], minlength=8) for m in (market, quiet)]
    assert sold[0][is_loud].sum() > 1.2 * sold[1][is_loud].sum()
    assert sold[0][~is_loud].sum() < sold[1][~is_loud].sum()
    assert sold[0].sum() > sold[1].sum()


def test_goodwill_without_weight_changes_nobody(finished: Any) -> None:
    market, plain = finished({**ON, B + "goodwill_weight": 0.0}), finished()
    for table in ("orders", "ratings", "departures"):
        assert market.log.frame(table).equals(plain.log.frame(table))


def test_measures_of_sameness(finished: Any) -> None:
    measures = final_measures(finished({**ON, B + "alike": 1.0}).log)
    assert measures["sameness"] == measures["commonest_move_share"] == 1
    assert np.isnan(measures["payoff_on_other_moves"])
    market = finished({**ON, B + "alike": 0.0, B + "moves": 1000})
    measures = final_measures(market.log)
    n_today = campaigns(market).groupby("day").size()
    assert measures["sameness"] == pytest.approx((1 / n_today).mean())
    assert measures["moves_copied"] == measures["moves_invented"] == 0


@pytest.mark.parametrize("returns", [False, True])
def test_payoffs_add_up_to_what_merchants_earn_beyond_the_burn_in(finished: Any, returns: bool) -> None:
    """Goods that come back included, which payoffs once forgot."""
    market = finished({**ON, B + "alike": 0.5, "mechanics.returns.enabled": returns})
    measures, s = final_measures(market.log), market.scenario
    moves = campaigns(market)
    n_days, n_common = s.days - s.burn_in_days, 0
    move: dict[int, int] = {}
    for day in range(s.burn_in_days, s.days):
        move |= moves[moves["day"] == day].set_index("merchant")["move"].to_dict()
        counts = pd.Series(move).value_counts()
        common = counts[counts == counts.max()].index.min()
        n_common += sum(m == common for m in move.values())
    n_others = n_days * len(move) - n_common
    assert len(move) == s.merchants.n_merchants
    assert n_common * n_others > 0
    total = n_common * measures["payoff_on_commonest_move"] + n_others * measures["payoff_on_other_moves"]
    burn_in = market.ledger.merchants.sum() / 100 - measures["contribution_merchants"]
    assert total == pytest.approx(measures["contribution_merchants"] - burn_in / s.burn_in_days * n_days)

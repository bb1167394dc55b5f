"""Word of mouth: who talks about what, who hears it, and what comes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import Market, final_measures
from simulator.choice.experience import LoyaltyReason
from simulator.mechanics.word_of_mouth import WordOfMouthSettings
from simulator.records.events.codes import Kind, Origin, Outcome, Reason
from simulator.records.events.ids import id_day, id_kind

W = "mechanics.word_of_mouth."
PLAIN: dict[str, Any] = {
    W + "enabled": True,
    W + "good_talk": 1.0,
    W + "bad_talk": 1.0,
    "invitations.read": 1.0,
    "attention.per_day": 100,
    "choice.appeal": 1.0,
    "experience.quality_noise": 0.0,
    "experience.defect": 0.0,
    "experience.rating": 0.0,
    "merchants.quality_alpha": 4.0,
}
"""Quality is expected at the standard of .8 and found as it is: what a buyer says follows from the product."""


@pytest.fixture(scope="module")
def plain(finished: Any) -> Market:
    market: Market = finished(PLAIN)
    return market


def talk(market: Market) -> pd.DataFrame:
    return market.log.frame("invitations").query(f"origin == {Origin.WORD_OF_MOUTH}")


def tone_of(market: Market) -> np.ndarray[Any, Any]:
    """What a buyer would say of each product in the plain market."""
    surprise = market.products.quality - market.scenario.experience.standard
    return np.where(surprise >= 0.1, 1, np.where(surprise <= -0.1, -1, 0))


def test_the_satisfied_praise_and_the_disappointed_complain(plain: Market) -> None:
    said, tone = talk(plain), tone_of(plain)
    assert set(said["tone"]) == {1, -1}
    assert set(tone) == {1, 0, -1}, "some products surprise nobody, and nobody talks of them"
    assert (said["tone"] == tone[said["product"]]).all()


def test_everybody_surprised_talks_about_the_first_such_order_of_a_day(plain: Market) -> None:
    sold = plain.log.frame("settlements").query(f"outcome == {Outcome.SETTLED}")
    orders = plain.log.frame("orders").set_index("id").loc[sold["cause"]]
    surprising = sold[tone_of(plain)[orders["product"]] != 0]
    s = plain.scenario
    surprising = surprising[surprising["day"].between(s.burn_in_days, s.campaign_end - 1)]
    first = surprising.drop_duplicates(["day", "consumer"])
    assert len(first) < len(surprising)
    told = set(talk(plain)["cause"])
    assert told <= set(first["cause"])
    assert len(told) > 0.9 * len(first), "but for those who happen to tell none of their friends"


def test_it_goes_to_friends_and_is_heard_the_next_day(plain: Market) -> None:
    said = talk(plain)
    for teller, heard in said.groupby("consumer"):
        assert set(heard["invitee"]) <= set(plain.network.friends_of(teller))
    assert said.groupby("cause").size().max() == plain.scenario.mechanics.word_of_mouth.friends_told
    read = said[said["outcome"] == Outcome.READ].assign(sent=lambda rows: id_day(rows["id"].to_numpy()))
    assert (read["day"] > read["sent"]).all()
    first = read.sort_values(["day", "wave"]).groupby("invitee").first()
    assert (first["wave"] == 0).all()
    assert (first["day"] == read.groupby("invitee")["sent"].min() + 1).all()


@pytest.mark.parametrize(("key", "tone"), [("good_talk", 1), ("bad_talk", -1)])
def test_some_talk_more_often_than_others(finished: Any, key: str, tone: int) -> None:
    """Each order is talked about with the probability of its kind."""
    market = finished({**PLAIN, W + key: 0.3, "consumers.n": 1000, "consumers.sociability": 0.95})
    sold = market.log.frame("orders").query(f"day >= {market.scenario.burn_in_days}")
    sold = sold[sold["day"] < market.scenario.campaign_end]
    mine = sold[tone_of(market)[sold["product"]] == tone].drop_duplicates(["day", "consumer"], keep=False)
    share = mine["id"].isin(talk(market)["cause"]).mean()
    assert share == pytest.approx(0.3, abs=4 * np.sqrt(0.3 * 0.7 / len(mine)) + 0.01)


def test_good_talk_brings_friends_to_the_product_and_bad_talk_nobody(plain: Market) -> None:
    came = plain.log.frame("orders").query(f"reason == {Reason.WORD_OF_MOUTH}")
    assert len(came) > 10
    behind = talk(plain).set_index("id").loc[came["cause"]]
    assert (behind["tone"] == 1).all()
    assert (behind["outcome"] == Outcome.READ).all()
    assert np.array_equal(behind["invitee"], came["consumer"])
    assert np.array_equal(behind["product"], came["product"])
    by_invitation = plain.log.frame("orders")
    by_invitation = by_invitation[id_kind(by_invitation["cause"].to_numpy()) == Kind.INVITATION]
    assert set(by_invitation["reason"]) == {Reason.WORD_OF_MOUTH}


def test_prospects_join_by_it_unpaid_and_count_as_organic(finished: Any) -> None:
    market = finished({**PLAIN, "consumers.prospect_fraction": 0.7, "days": 120})
    by_talk = market.log.frame("joins")
    by_talk = by_talk[by_talk["cause"].isin(talk(market)["id"])]
    assert len(by_talk) > 5
    measures = final_measures(market.log)
    assert measures["invited_share"] == 0
    assert measures["k_word_of_mouth"] == measures["k_factor"] > 0
    assert measures["subsidy"] == 0
    assert measures["word_of_mouth_heard"] == (talk(market)["outcome"] == Outcome.READ).sum()
    assert 0 < measures["bad_word_of_mouth_share"] < 1


def test_loyalty_follows_from_orders_and_bad_talk(plain: Market) -> None:
    """Who hears bad things loses loyalty to the merchant, on the record; purchases smooth it away."""
    shifts = plain.log.frame("loyalty_shifts")
    bad = talk(plain).query(f"tone == -1 and outcome == {Outcome.READ}").set_index("id")
    assert sorted(shifts["cause"]) == sorted(bad.index)
    assert np.array_equal(bad.loc[shifts["cause"], "invitee"], shifts["consumer"])
    product = bad.loc[shifts["cause"], "product"].to_numpy()
    assert np.array_equal(plain.products.merchant[product], shifts["merchant"])
    assert set(shifts["reason"]) == {LoyaltyReason.WORD_OF_MOUTH}

    orders = plain.log.frame("orders")
    loyalty = np.zeros((plain.columns.n, plain.scenario.merchants.n_merchants))
    for day in range(plain.scenario.days):
        for shift in shifts[shifts["day"] == day].itertuples():
            before = loyalty[shift.consumer, shift.merchant]
            after = max(before - 0.2, -1.0)
            assert shift.amount_millionths == pytest.approx(1e6 * (after - before), abs=2)
            loyalty[shift.consumer, shift.merchant] = after
        for order in orders[orders["day"] == day].itertuples():
            loyalty[order.consumer] *= 0.875
            loyalty[order.consumer, order.merchant] += 0.125
    assert loyalty.min() < 0
    np.testing.assert_allclose(plain.columns["loyalty"], loyalty, atol=1e-5)


def test_who_hears_bad_things_buys_less_from_the_merchant(finished: Any) -> None:
    """Against the same people, told the same, to whom it means nothing."""
    told = {**PLAIN, W + "good_talk": 0.0, "choice.loyalty_weight": 5.0, "consumers.n": 1000}

    def n_bought_after(loyalty_lost: float) -> int:
        market = finished({**told, W + "loyalty_lost": loyalty_lost})
        shifts = market.log.frame("loyalty_shifts").drop_duplicates(["consumer", "merchant"])
        bought = market.log.frame("orders").merge(shifts, on=["consumer", "merchant"])
        return int((bought["day_x"] > bought["day_y"]).sum())

    assert n_bought_after(1.0) < 0.5 * n_bought_after(0.0)


def test_where_nothing_surprises_nobody_talks(finished: Any) -> None:
    assert len(talk(finished({**PLAIN, W + "satisfied_from": 1.0, W + "disappointed_from": 1.0}))) == 0


def test_it_competes_for_attention(finished: Any) -> None:
    deaf = finished({**PLAIN, "attention.per_day": 0})
    assert set(talk(deaf)["outcome"]) <= {Outcome.CROWDED_OUT, Outcome.UNDER_WAY}
    assert len(deaf.log.frame("loyalty_shifts")) == 0


def test_the_disappointed_talk_more() -> None:
    s = WordOfMouthSettings()
    assert s.bad_talk > s.good_talk

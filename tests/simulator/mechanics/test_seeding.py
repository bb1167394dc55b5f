"""Seeding: who is chosen, what it costs and who pays, and what seeds do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import Market, Scenario, final_measures
from simulator.records.events.codes import Kind, Origin, Outcome, Reason, Way
from simulator.records.events.ids import id_consumer, id_kind
from simulator.social.centrality import betweenness, local_bridges

S = "mechanics.seeding."
ON: dict[str, Any] = {S + "enabled": True, S + "seed_fraction": 0.1}
FRIENDLY = {"invitations.read": 1.0, "choice.appeal": 1.0}


def costs(market: Market) -> pd.DataFrame:
    return market.log.frame("costs")


@pytest.fixture(scope="module")
def seeded(finished: Any) -> Market:
    market: Market = finished({**ON, **FRIENDLY, "consumers.prospect_fraction": 0.6})
    return market


def test_seeds_are_the_set_share_of_those_in_reach_on_the_first_day_of_each_round(finished: Any) -> None:
    market = finished({**ON, S + "every_days": 6, S + "from_day": 1, S + "reach": 0.5})
    in_reach = market.mechanics[0].in_reach
    rounds = costs(market).groupby("day")["consumer"]
    assert rounds.groups.keys() == {6, 12, 18}
    for _, who in rounds:
        assert len(who) == int(0.1 * in_reach.sum())
        assert who.is_unique
        assert in_reach[who].all()


@pytest.mark.parametrize("choose", ["degree", "betweenness", "bridges"])
def test_seeds_stand_out_in_the_network_by_the_measure_chosen(finished: Any, choose: str) -> None:
    market = finished({**ON, S + "choose": choose, "social.kind": "scale_free", "social.degree": 6})
    network = market.network
    score = {
        "degree": network.degrees,
        "betweenness": betweenness(network, market.draws),
        "bridges": local_bridges(network),
    }[choose]
    seeds = costs(market)["consumer"].unique()
    others = np.setdiff1d(np.arange(network.n), seeds)
    assert len(seeds) == 30
    assert score[seeds].min() >= score[others].max()


def test_those_who_stand_alike_are_chosen_by_lot(finished: Any) -> None:
    def seeds(seed: int, **changes: Any) -> set[int]:
        market = finished({**ON, "social.kind": "ring", **changes}, seed)
        return set(costs(market)["consumer"])

    by_degree = seeds(1)
    assert by_degree != seeds(2)
    assert by_degree == seeds(1, **{S + "choose": "random"})
    assert np.mean([*by_degree]) == pytest.approx(150, abs=4 * 300 / np.sqrt(12 * 30))


def test_the_platform_learns_whose_invitations_bring_orders(finished: Any) -> None:
    """In the first round it knows nothing; what referrals and seeds have brought until a morning decides later ones."""
    market = finished(
        {**ON, **FRIENDLY, S + "choose": "learned", S + "every_days": 8, "mechanics.referral.enabled": True}
    )
    orders = market.log.frame("orders")
    brought = orders[id_kind(orders["cause"].to_numpy()) == Kind.INVITATION]
    by = pd.Series(id_consumer(brought["cause"].to_numpy()), index=brought.index)
    for day, who in costs(market).groupby("day")["consumer"]:
        until = by[brought["day"] < day].value_counts().reindex(range(300), fill_value=0)
        assert until[who].min() >= until.drop(who).max()
        assert (until[who].sum() > 0) == (day > 5)
    invitations = market.log.frame("invitations").set_index("id")["origin"]
    assert {Origin.REFERRAL, Origin.SEEDING} <= set(invitations.loc[brought["cause"]])


def test_seeds_recommend_their_product_to_friends(seeded: Market) -> None:
    sent = seeded.log.frame("invitations")
    assert len(sent) > 50
    assert (sent["origin"] == Origin.SEEDING).all()
    product = costs(seeded).set_index("consumer")["product"]
    assert (product.loc[sent["consumer"]].to_numpy() == sent["product"]).all()
    for inviter, friends in sent.groupby("consumer")["invitee"]:
        assert set(friends) <= set(seeded.network.friends_of(inviter))
    share = len(sent) / seeded.network.degrees[product.index].sum()
    expected = seeded.columns["sociability"][product.index].mean()
    assert share == pytest.approx(expected, abs=4 * 0.5 / np.sqrt(len(sent)))


def test_recommendations_bring_friends_who_buy_and_join(seeded: Market) -> None:
    orders = seeded.log.frame("orders")
    brought = orders[id_kind(orders["cause"].to_numpy()) == Kind.INVITATION]
    assert len(brought) > 5
    read = seeded.log.frame("invitations").query(f"outcome == {Outcome.READ}").set_index("id")
    assert (read.loc[brought["cause"], "product"].to_numpy() == brought["product"]).all()
    assert set(brought["cause"]) & set(seeded.log.frame("joins")["cause"])


def test_prospects_among_seeds_join_but_a_gift_is_no_purchase(seeded: Market) -> None:
    seeds, first = costs(seeded)["consumer"], seeded.scenario.burn_in_days
    joined = seeded.columns["joined_day"][seeds]
    assert (joined >= 0).all()
    new = seeds[joined == first]
    assert len(new) > 5
    bought = seeded.columns["n_orders"][new] > 0
    assert not bought.all(), "some seeds never buy"
    sold = seeded.log.frame("settlements").query(f"outcome == {Outcome.SETTLED}")
    assert np.array_equal(np.bincount(sold["consumer"], minlength=300), seeded.columns["n_orders"])
    assert (
        final_measures(seeded.log)["n_adopters"]
        == sold.query(f"is_first and day >= {first}")["consumer"].isin(seeded.log.frame("joins")["consumer"]).sum()
    )


def test_a_seed_likes_its_product_best_of_its_page(finished: Any) -> None:
    """With pages of all products of a category, nothing in it would please the seed more."""
    market = finished({**ON, "platform.slate_size": 50, "days": 14, "merchants.n_categories": 1})
    given = costs(market)
    fit = market.columns["taste"][given["consumer"]].astype(float) @ market.products.attributes.T
    shown = market.products.quality  # not known to anybody, but ratings of a month come near it
    worth = 0.8 * fit + (shown - shown.mean())
    best = worth.argmax(axis=1) == given["product"]
    assert best.mean() > 0.5
    assert given["product"].nunique() > 3


@pytest.mark.parametrize("fee_fen", [0, 700])
@pytest.mark.parametrize("how", ["gift", "none"])
def test_the_platform_pays_seeds_to_the_fen(finished: Any, fee_fen: int, how: str) -> None:
    market = finished({**ON, S + "fee_fen": fee_fen, S + "product": how})
    paid, ledger = costs(market), market.ledger
    assert len(paid) == (30 if fee_fen or how == "gift" else 0), "what costs nothing is not on record"
    assert (paid["merchant"] == -1).all()
    assert (paid["origin"] == Origin.SEEDING).all()
    assert (paid["fee_fen"] == fee_fen).all()
    assert (paid["cost_fen"] == (market.products.cost_fen[paid["product"]] if how == "gift" else 0)).all()
    orders = market.log.frame("orders")  # nothing is refunded here, and all are settled
    spent = int(paid["fee_fen"].sum() + paid["cost_fen"].sum())
    assert ledger.total == 0
    assert ledger.platform == orders["fee_fen"].sum() - orders["subsidy_fen"].sum() - spent
    assert ledger.suppliers == orders["cost_fen"].sum() + paid["cost_fen"].sum()
    balance = np.bincount(paid["consumer"], paid["fee_fen"], 300) - np.bincount(
        orders["consumer"], orders["paid_fen"], 300
    )
    assert np.array_equal(market.columns["balance_fen"], balance)
    assert market.budget.committed_fen == spent + orders["subsidy_fen"].sum()
    measures = final_measures(market.log)
    assert measures["marketing_cost"] == pytest.approx(spent / 100)
    assert measures["subsidy"] == pytest.approx(spent / 100)
    in_window = orders[orders["day"] >= market.scenario.burn_in_days]
    assert measures["contribution_platform"] == pytest.approx((in_window["fee_fen"].sum() - spent) / 100)
    daily = market.datacollector.get_model_vars_dataframe()
    assert daily["subsidy_yuan"].sum() == pytest.approx(spent / 100)


@pytest.mark.parametrize("cap", [0.0, 0.002, 0.01, 0.03])
def test_there_are_as_many_seeds_as_the_budget_can_pay(finished: Any, cap: float) -> None:
    market = finished({**ON, "platform.subsidy_cap_fraction": cap, S + "fee_fen": 500, S + "product": "none"})
    settled = market.log.frame("orders").query(f"day < {market.scenario.burn_in_days}")  # bought alone, so settled
    gmv = int(settled["paid_fen"].sum() + settled["subsidy_fen"].sum())
    assert len(costs(market)) == min(30, int(cap * gmv) // 500)


def test_seeds_and_coupons_share_the_budget(finished: Any) -> None:
    coupons = {"mechanics.coupons.enabled": True, "mechanics.coupons.min_spend_fen": 2000}
    capped = {"platform.subsidy_cap_fraction": 0.02}
    market = finished({**ON, **coupons, **capped, S + "every_days": 5})
    spent = costs(market)[["fee_fen", "cost_fen"]].to_numpy().sum()
    used = market.log.frame("orders")["subsidy_fen"].sum()
    assert spent > 0
    assert used > 0
    assert spent + used <= 0.02 * market.budget.gmv_fen
    alone = finished({**coupons, **capped})
    assert used < alone.log.frame("orders")["subsidy_fen"].sum()


DISCOUNT: dict[str, Any] = {**ON, S + "product": "discount", S + "discount": 0.4, "consumers.prospect_fraction": 0.5}


def seed_orders(market: Market) -> pd.DataFrame:
    return market.log.frame("orders").query(f"reason == {Reason.SEEDING} and subsidy_fen > 0")


def test_a_discount_is_a_sale_that_the_platform_subsidises(finished: Any) -> None:
    market = finished({**DISCOUNT, S + "fee_fen": 700})
    orders, paid = seed_orders(market), costs(market)
    assert len(orders) > 5
    assert (orders["day"] == market.scenario.burn_in_days).all()
    assert (orders["way"] == Way.ALONE).all()
    assert (orders["subsidy_fen"] == np.rint(0.4 * orders["list_fen"])).all()
    assert (orders["paid_fen"] + orders["subsidy_fen"] == orders["list_fen"]).all()
    assert set(orders["id"]) <= set(market.log.columns("settlements")["cause"])
    assert paid[["consumer", "product"]].to_numpy().tolist() == orders[["consumer", "product"]].to_numpy().tolist()
    assert (paid["cost_fen"] == 0).all()
    assert (paid["fee_fen"] == 700).all()
    assert market.ledger.total == 0
    assert market.budget.committed_fen == 700 * len(orders) + orders["subsidy_fen"].sum()
    joined = market.log.frame("joins").query(f"day == {market.scenario.burn_in_days}")
    assert set(joined["consumer"]) & set(orders["consumer"]), "prospects among them are adopters"


def test_only_who_buys_at_the_discount_recommends(finished: Any) -> None:
    market = finished({**DISCOUNT, **FRIENDLY, S + "choose": "random"})
    orders, sent = seed_orders(market).set_index("id"), market.log.frame("invitations")
    assert 0 < len(orders) < 30, "some of those chosen refuse"
    assert len(sent) > 10
    assert set(sent["cause"]) <= set(orders.index)
    assert (orders.loc[sent["cause"], "consumer"].to_numpy() == sent["consumer"]).all()
    assert (orders.loc[sent["cause"], "product"].to_numpy() == sent["product"]).all()


def test_a_larger_discount_makes_more_seeds(finished: Any) -> None:
    n_seeds = [len(seed_orders(finished({**DISCOUNT, S + "discount": discount}))) for discount in (0.01, 0.4, 0.8)]
    assert n_seeds == sorted(set(n_seeds))


@pytest.mark.parametrize("cap", [0.0, 0.01, 0.03])
def test_discounts_and_fees_stay_within_the_budget(finished: Any, cap: float) -> None:
    market = finished({**DISCOUNT, S + "every_days": 5, "platform.subsidy_cap_fraction": cap})
    spent = costs(market)["fee_fen"].sum() + market.log.frame("orders")["subsidy_fen"].sum()
    assert spent == market.budget.committed_fen <= cap * market.budget.gmv_fen
    assert (spent > 0) == (cap > 0)


def test_a_discount_that_nobody_gets_is_no_setting_in_use(tiny_scenario: Scenario) -> None:
    gift, discount = (tiny_scenario.replace(**{**ON, S + "product": how}) for how in ("gift", "discount"))
    assert gift.hash == gift.replace(**{S + "discount": 0.1}).hash
    assert discount.hash != discount.replace(**{S + "discount": 0.1}).hash


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("product", "voucher", "gift, discount or none"),
        ("discount", 1.0, "below 1"),
        ("choose", "hubs", "random, degree, betweenness, bridges or learned"),
        ("seed_fraction", 1.1, "0.0 to 1.0"),
        ("every_days", 0, "1 to 365"),
        ("fee_fen", -1, "0 to 10_000_000"),
        ("invitations", 1001, "0 to 1_000"),
    ],
)
def test_it_refuses_bad_settings(tiny_scenario: Any, key: str, value: Any, words: str) -> None:
    with pytest.raises(ValueError, match=rf"{S}{key}.*{words}"):
        tiny_scenario.replace(**{S + key: value})

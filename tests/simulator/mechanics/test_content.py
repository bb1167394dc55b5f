"""Content: who makes how much at which cost, who sees it, how it wears out, and what it brings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import Market, SettingsError, final_measures
from simulator.records.events.codes import Kind, Maker, Origin, Outcome, Reason
from simulator.records.events.ids import id_day, id_kind

C = "mechanics.content."
ON: dict[str, Any] = {C + "enabled": True}
LOUD: dict[str, Any] = {
    **ON,
    C + "posts": 1.5,
    C + "opens": 0.8,
    C + "audience": 0.3,
    C + "pull": 1.0,
    C + "shares": 0.5,
    C + "ugc": 0.3,
    C + "cell_size": 100,
    "invitations.read": 1.0,
    "choice.appeal": 1.0,
}


def table(market: Market, name: str) -> pd.DataFrame:
    return market.log.frame(name)


@pytest.fixture(scope="module")
def loud(finished: Any) -> Market:
    market: Market = finished(LOUD)
    return market


# Making


def test_every_merchant_makes_pieces_about_its_products_throughout_the_campaign(loud: Market) -> None:
    pieces, s = table(loud, "contents").query(f"maker == {Maker.HAND}"), loud.scenario
    per_day = pieces.groupby(["day", "merchant"]).size()
    assert set(per_day) == {1, 2}
    assert len(per_day) == (s.campaign_end - s.burn_in_days) * len(loud.merchants)
    assert per_day.mean() == pytest.approx(1.5, abs=4 * 0.5 / np.sqrt(len(per_day)))
    assert (loud.products.merchant[pieces["product"]] == pieces["merchant"]).all()
    assert pieces["product"].nunique() == len(loud.products)
    assert (pieces["consumer"] == -1).all()
    assert pieces["quality_permille"].mean() == pytest.approx(500, abs=4 * 1000 / np.sqrt(12 * len(pieces)))
    assert pieces["id"].is_unique
    assert (id_kind(pieces["id"].to_numpy()) == Kind.CONTENT).all()


def test_buyers_post_about_what_they_bought(loud: Market) -> None:
    posts = table(loud, "contents").query(f"maker == {Maker.BUYER}")
    sold = table(loud, "settlements").query(f"outcome == {Outcome.SETTLED}")
    orders = table(loud, "orders").set_index("id").loc[sold["cause"]]
    bought = set(zip(orders["day"], orders["wave"], orders["consumer"], orders["product"], strict=True))
    assert set(zip(posts["day"], posts["wave"], posts["consumer"], posts["product"], strict=True)) <= bought
    s = loud.scenario
    n = orders["day"].between(s.burn_in_days, s.campaign_end - 1).sum()
    assert len(posts) / n == pytest.approx(0.3, abs=4 * np.sqrt(0.3 * 0.7 / n))


@pytest.mark.parametrize("ai_share", [0.0, 0.5, 1.0])
def test_ai_makes_more_at_a_lower_price_of_fewer_themes(finished: Any, ai_share: float) -> None:
    """What a day of making gives: half a piece by hand, or four times as much by AI."""
    market = finished({**ON, C + "posts": 0.5, C + "ai_share": ai_share, C + "ugc": 0.0})
    pieces, costs = table(market, "contents"), table(market, "costs")
    by_hand, by_ai = (pieces[pieces["maker"] == maker] for maker in (Maker.HAND, Maker.AI))
    days = (market.scenario.campaign_end - market.scenario.burn_in_days) * len(market.merchants)
    assert len(by_hand) / days == pytest.approx(0.5 * (1 - ai_share), abs=4 * 0.5 / np.sqrt(days))
    assert len(by_ai) / days == pytest.approx(0.5 * ai_share * 4, abs=4 * 0.5 / np.sqrt(days))
    assert costs["cost_fen"].sum() == 5000 * len(by_hand) + 500 * len(by_ai)
    if len(by_hand):
        assert by_hand["theme"].nunique() > 10
    if len(by_ai):
        assert set(by_ai["theme"]) == {0, 1, 2, 3}


@pytest.mark.parametrize("payer", ["merchants", "platform"])
def test_pieces_are_paid_to_the_fen_by_who_is_to_pay(finished: Any, payer: str) -> None:
    market = finished({**ON, C + "paid_by": payer, C + "posts": 0.8})
    costs, orders = table(market, "costs"), table(market, "orders")
    pieces = table(market, "contents").query(f"maker == {Maker.HAND}")
    assert (costs["cause"].to_numpy() == pieces["id"].to_numpy()).all()
    assert (costs["product"].to_numpy() == pieces["product"].to_numpy()).all()
    assert (costs["origin"] == Origin.CONTENT).all()
    assert (costs["fee_fen"] == 0).all()
    assert (costs["merchant"] == (-1 if payer == "platform" else pieces["merchant"].to_numpy())).all()
    spent = np.bincount(pieces["merchant"], minlength=4) * 5000 * (payer == "merchants")
    earned = orders["paid_fen"] + orders["subsidy_fen"] - orders["fee_fen"] - orders["cost_fen"]
    receipts = np.bincount(orders["merchant"], earned, 4)
    assert np.array_equal(market.ledger.merchants, receipts - spent)
    by_platform = 5000 * len(pieces) if payer == "platform" else 0
    assert market.ledger.platform == orders["fee_fen"].sum() - by_platform
    assert market.ledger.suppliers == orders["cost_fen"].sum() + 5000 * len(pieces)
    assert market.ledger.total == 0
    assert market.budget.committed_fen == by_platform
    measures = final_measures(market.log)
    assert measures["marketing_cost"] == pytest.approx(50 * len(pieces))
    assert measures["subsidy"] == pytest.approx(by_platform / 100)
    daily = market.datacollector.get_model_vars_dataframe()["contribution_total_yuan"].sum()
    assert daily == pytest.approx((orders["paid_fen"].sum() - orders["cost_fen"].sum()) / 100 - 50 * len(pieces))


def test_the_platform_makes_no_more_than_its_budget_pays(finished: Any) -> None:
    capped = {"platform.subsidy_cap_fraction": 0.02}
    market = finished({**ON, **capped, C + "paid_by": "platform", C + "posts": 3.0})
    assert 0 < table(market, "costs")["cost_fen"].sum() <= 0.02 * market.budget.gmv_fen
    free = finished({**ON, **capped, C + "posts": 3.0})
    assert len(table(market, "costs")) < len(table(free, "costs"))


# Seeing


def views_by_age(market: Market) -> pd.Series:
    """Views of merchants' pieces by their age in days, per piece."""
    views, pieces = table(market, "views"), table(market, "contents").set_index("id")
    views = views[pieces.loc[views["cause"], "maker"].to_numpy() != Maker.BUYER]
    age = views["day"] - pieces.loc[views["cause"], "day"].to_numpy()
    n_merchants_pieces = (pieces["maker"] != Maker.BUYER).sum()
    by_age: pd.Series = views.groupby(age)["n_seen"].sum() / n_merchants_pieces
    return by_age


def test_a_piece_reaches_its_share_of_viewers_halved_in_every_half_life(finished: Any) -> None:
    """Few pieces, so that hardly ever two of them meet at one viewer."""
    few = {C + "posts": 0.02, C + "ugc": 0.0, C + "opens": 0.5, C + "audience": 0.2, C + "life_days": 9}
    market = finished(
        {**ON, **few, "consumers.n": 4000, "consumers.prospect_fraction": 0.0, "needs.has_attrition": False}
    )
    n_pieces = len(table(market, "contents"))
    seen = views_by_age(market)
    assert seen.index.max() == 8
    for age, per_piece in seen.items():
        expected = 4000 * 0.5 * 0.2 * 0.5 ** (age / 3)
        error = np.sqrt(expected / n_pieces)
        assert per_piece == pytest.approx(expected, abs=4 * error + 0.05 * expected), age


def test_posts_of_buyers_are_seen_in_their_cell_only(loud: Market) -> None:
    """Each cell's views add up to those of merchants' pieces and of the posts made in it."""
    content = loud.mechanics[0]
    views, pieces = table(loud, "views"), table(loud, "contents").set_index("id")
    seen = views.groupby("cause")["n_seen"].sum()
    posts = pieces[pieces["maker"] == Maker.BUYER]
    assert seen.reindex(posts.index).sum() > 100
    assert content.n_seen.sum(dtype=int) == seen.sum()
    in_cell = [content.n_seen[start : start + 100].sum(dtype=int) for start in (0, 100, 200)]
    for cell, n_seen in enumerate(in_cell):
        own = posts.index[posts["consumer"] // 100 == cell]
        assert seen.reindex(own).sum() <= n_seen


def test_nobody_gives_more_attention_than_there_is(finished: Any, loud: Market) -> None:
    nothing_left = finished({**LOUD, "attention.per_day": 0})
    assert len(table(nothing_left, "views")) == 0
    assert len(table(nothing_left, "contents")) > 0
    rushed = finished({**LOUD, "attention.per_day": 1})
    assert table(rushed, "views")["n_seen"].sum() < table(loud, "views")["n_seen"].sum()
    read = table(rushed, "invitations").query(f"outcome == {Outcome.READ}").groupby("day").size()
    seen = table(rushed, "views").groupby("day")["n_seen"].sum()
    assert (read.add(seen, fill_value=0) <= 300).all()


def test_prospects_and_the_dormant_see_nothing(new_market: Any) -> None:
    market = new_market({**LOUD, C + "opens": 1.0, C + "audience": 1.0, C + "shares": 0.0})
    while market.running:
        before = market.columns["content_seen"].sum(axis=1)
        out = (market.columns["joined_day"] < 0) | market.columns["is_dormant"]
        market.step()
        joined = market.log.today("joins")["consumer"]
        out[joined] = False
        out[market.log.today("departures")["consumer"]] = False
        assert np.array_equal(market.columns["content_seen"].sum(axis=1)[out], before[out])


# Wear-out


@pytest.mark.parametrize("ai_share", [0.0, 1.0])
def test_visits_follow_quality_and_wear_out(finished: Any, ai_share: float) -> None:
    """In a market where all see something every day: visits per view by age of the campaign."""
    everybody = {
        **ON,
        C + "posts": 2.0,
        C + "ai_share": ai_share,
        C + "ai_speed": 1.0,
        C + "themes": 40,
        C + "ai_themes": 1,
        C + "opens": 1.0,
        C + "audience": 1.0,
        C + "ugc": 0.0,
        C + "shares": 0.0,
        C + "pull": 1.0,
        "consumers.n": 2000,
        "consumers.prospect_fraction": 0.0,
        "needs.has_attrition": False,
    }
    market = finished(everybody)
    views, pieces = table(market, "views"), table(market, "contents").set_index("id")
    views["quality"] = pieces.loc[views["cause"], "quality_permille"].to_numpy() / 1000 * views["n_seen"]
    views = views[views["day"] < market.scenario.campaign_end]  # as long as there is something new for everybody
    by_day = views.groupby("day")[["n_seen", "n_came", "quality"]].sum()
    effect = by_day["n_came"] / by_day["quality"]
    age = np.asarray(by_day.index) - market.scenario.burn_in_days
    assert (by_day["n_seen"] == 2000).all()
    if ai_share:  # of the one theme the first day's view is the first
        expected = np.exp(-0.2 * np.maximum(age + 1 - 3, 0))
        error = np.sqrt(expected / by_day["quality"])
        assert (np.abs(effect - expected) <= 4 * error).all()
    else:
        assert effect.min() > 0.8


# What it brings


def test_viewers_come_to_the_product_and_some_buy_it(loud: Market) -> None:
    orders = table(loud, "orders")
    brought = orders[orders["reason"] == Reason.CONTENT]
    assert len(brought) > 50
    pieces, views = table(loud, "contents").set_index("id"), table(loud, "views")
    assert (pieces.loc[brought["cause"], "product"].to_numpy() == brought["product"]).all()
    came = views.groupby(["cause", "day", "wave"])["n_came"].sum()
    bought = brought.groupby(["cause", "day", "wave"]).size()
    assert (bought <= came.reindex(bought.index, fill_value=0)).all()
    assert (~brought["is_needed"]).any()
    measures = final_measures(loud.log)
    assert measures["orders_per_view"] == pytest.approx(len(brought) / views["n_seen"].sum())
    assert measures["views_per_consumer"] == pytest.approx(views["n_seen"].sum() / 300)
    assert measures["contents_made"] == len(pieces)


def test_pieces_passed_on_reach_prospects(loud: Market) -> None:
    sent = table(loud, "invitations")
    assert len(sent) > 100
    assert (sent["origin"] == Origin.CONTENT).all()
    pieces = table(loud, "contents").set_index("id")
    assert (pieces.loc[sent["cause"], "product"].to_numpy() == sent["product"]).all()
    by_view = sent.groupby([id_day(sent["id"].to_numpy()), "cause", "consumer"])
    assert by_view.size().max() == 3
    assert table(loud, "views")["n_shared"].sum() >= by_view.ngroups
    joins = table(loud, "joins")
    assert set(joins["cause"]) & set(sent["id"])


def test_without_pull_and_shares_content_only_costs(finished: Any) -> None:
    silent = finished({**ON, C + "pull": 0.0, C + "shares": 0.0, "choice.appeal": 1.0})
    absent = finished({"choice.appeal": 1.0})
    assert table(silent, "orders").equals(table(absent, "orders"))
    assert table(silent, "views")["n_seen"].sum() > 0


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("paid_by", "viewers", "merchants or platform"),
        ("posts", -1, "0 to 100"),
        ("ai_share", 2, "0.0 to 1.0"),
        ("themes", 0, "1 to 1_000"),
        ("half_life_days", 0, "above 0"),
        ("fresh_views", -1, "0 to 100"),
    ],
)
def test_it_refuses_bad_settings(tiny_scenario: Any, key: str, value: Any, words: str) -> None:
    with pytest.raises(SettingsError, match=rf"{C}{key}.*{words}"):
        tiny_scenario.replace(**{C + key: value})

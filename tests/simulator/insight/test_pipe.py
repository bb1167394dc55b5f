"""The pipe: what is collected, of whom, how old it is, and what it does not touch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator import Market, final_measures
from simulator.bitwise import accounts, events
from simulator.records.insight import insight_quality

BROWSING = {"privacy.collection": "browsing"}
EVERYBODY = {"privacy.consent.kind": "unasked"}


def but_insights(market: Market) -> Any:
    tables = events(market)
    for name in ("insights", "consents"):
        tables.pop(name)
    return tables, accounts(market)


@pytest.mark.parametrize("collection", ["orders", "browsing", "everything"])
def test_collecting_changes_nothing_as_long_as_nobody_decides_on_it(finished: Any, collection: str) -> None:
    settings = {"mechanics.group_buying.enabled": True, "privacy.security.kind": "none", "privacy.leaks.hazard": 0.0}
    assert but_insights(finished({**settings, "privacy.collection": collection})) == but_insights(finished(settings))


def test_without_collection_there_are_no_profiles_and_settings_about_them_do_not_count(tiny_scenario: Any) -> None:
    market = Market(tiny_scenario, rng=1)
    assert not [c.name for c in market.columns if c.owner in ("insight", "consent")]
    changed = tiny_scenario.replace(**{"insight.taste_sd": 0.3, "privacy.consent.kind": "opt_in"})
    assert changed.hash == tiny_scenario.hash
    assert tiny_scenario.replace(**BROWSING).hash != tiny_scenario.hash


@pytest.mark.parametrize("kind", ["opt_in", "opt_out", "unasked"])
def test_records_are_kept_of_members_who_consent(finished: Any, kind: str) -> None:
    market = finished({**BROWSING, "privacy.consent.kind": kind})
    known = market.columns["insight_looks"] > 0
    assert known.any()
    assert market.columns["consents"][known].all()
    assert (market.columns["joined_day"][known] >= 0).all()


@pytest.mark.parametrize("reaction_days", [1, 3, 7])
def test_orders_show_in_profiles_when_they_are_old_enough(new_market: Any, reaction_days: int) -> None:
    market = new_market({"privacy.collection": "orders", **EVERYBODY, "platform.reaction_days": reaction_days})
    for _ in range(14):
        market.step()
    market.pipe.open_day(14)
    orders, settlements = market.log.frame("orders").set_index("id"), market.log.frame("settlements")
    # On a day somebody joins and buys, the record is made in the evening, of a member.
    visible = settlements[settlements["day"] <= 14 - reaction_days]
    n_orders = np.bincount(visible["consumer"], minlength=300)
    spent = np.bincount(visible["consumer"], orders.loc[visible["cause"], "paid_fen"], minlength=300)
    assert n_orders.any()
    everybody = np.arange(300)
    seen = market.pipe.profiles.purchases(everybody)
    assert np.array_equal(seen.n_orders, n_orders)
    assert np.array_equal(seen.spend_fen, spent.astype(np.int64))
    last = visible.groupby("consumer")["day"].max().reindex(everybody, fill_value=-1).to_numpy()
    assert np.array_equal(market.columns["insight_last_day"], last)
    assert np.array_equal(market.columns["insight_looks"], n_orders), "one piece of evidence per order"


def test_browsing_records_every_look_of_a_member(new_market: Any) -> None:
    """Prospects who shop are not members yet; without invitations there are none."""
    market = new_market({**BROWSING, **EVERYBODY})
    for _ in range(10):
        market.step()
    market.pipe.open_day(10)
    examined = market.log.frame("exposures")["n_examined"].sum()
    assert market.columns["insight_looks"].sum() == examined
    assert market.columns["insight_wanted"].sum() == market.log.frame("exposures")["n_carted"].sum()


def test_the_more_is_collected_the_better_it_is_known(finished: Any) -> None:
    settings = {"consumers.n": 1500, "policies.pricing.kind": "promotion_calendar"}
    measured = [
        final_measures(finished({**settings, "privacy.collection": c}).log)
        for c in ("orders", "browsing", "everything")
    ]
    taste = [m["insight_taste_correlation"] for m in measured]
    assert taste == sorted(taste)
    assert taste[-1] > 0.5
    assert measured[2]["insight_price_correlation"] > measured[1]["insight_price_correlation"] + 0.2


def test_insight_grows_with_data(finished: Any) -> None:
    quality = insight_quality(finished({**BROWSING, "consumers.n": 1500}).log)
    assert list(quality["day"]) == [9, 19, 29]
    assert quality["n_known"].is_monotonic_increasing
    assert quality["taste_correlation"].iloc[-1] > quality["taste_correlation"].iloc[0]
    assert quality["taste_coverage"].between(0.8, 0.97).all()


def test_friends_tell_something_where_friends_are_alike(finished: Any) -> None:
    """Social listening finds out along which attributes friends are alike; nothing of it is written in."""
    settings = {"consumers.n": 1500, "privacy.collection": "everything", "insight.refit_days": 5}
    alike = {"social.kind": "communities", "social.taste_homophily": 1.0, "social.mixing_fraction": 0.05}
    found = [finished({**settings, **network}).pipe.readings.explained for network in (alike, {})]
    assert found[0][0] > 0.1, "communities are alike in their first taste"
    assert found[0][1:].max() < 0.05
    assert found[1].max() < 0.05


def test_who_withdraws_is_forgotten(new_market: Any) -> None:
    market = new_market({**BROWSING, **EVERYBODY})
    for _ in range(10):
        market.step()
    who = np.flatnonzero(market.columns["insight_looks"] > 0)[:20]
    market.consent.withdraw(who)
    market.pipe.profiles.erase(who)
    market.run()
    everything = [c.name for c in market.columns if c.owner == "insight"]
    fresh = new_market({**BROWSING, **EVERYBODY})
    for name in everything:
        assert np.array_equal(market.columns[name][who], fresh.columns[name][who]), name
    beliefs = market.pipe.profiles.beliefs(who)
    assert not beliefs.is_known.any()

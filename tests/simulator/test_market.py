"""The market as a whole: repeatable, paired between arms, free of order; and a good Mesa model."""

from __future__ import annotations

import gc
import inspect
import weakref
from collections.abc import Callable
from typing import Any

import mesa
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import Consumer, Market, Merchant, Platform, Scenario, SettingsError
from simulator.bitwise import accounts, columns, events, whole, without
from simulator.records.daily import daily_measures
from tests.examples import worlds
from tests.oracle.scenarios import MECHANICS, scenarios

MarketMaker = Callable[..., Market]

ARMS: dict[str, dict[str, Any]] = {
    "group_buying": {"mechanics.group_buying.enabled": True},
    "coupons": {"mechanics.coupons.enabled": True, "mechanics.coupons.every_days": 4},
    "referral": {"mechanics.referral.enabled": True},
    "promotions": {"policies.pricing.kind": "promotion_calendar"},
    "everything": {
        "mechanics.group_buying.enabled": True,
        "mechanics.coupons.enabled": True,
        "mechanics.coupons.every_days": 4,
        "mechanics.referral.enabled": True,
        "policies.pricing.kind": "promotion_calendar",
        "merchants.stock_units": 8,
        "platform.subsidy_cap_fraction": 0.02,
    },
}


def before(market: Market, day: int) -> dict[str, pa.Table]:
    return {name: table.filter(pc.less(table["day"], day)) for name, table in events(market).items()}


def test_everything_happens_in_the_tiny_market(busy: Market) -> None:
    """What the other tests say about events would be said of nothing in a market where nothing happens."""
    rare = {"trust_shifts": 10, "loyalty_shifts": 10, "departures": 10, "joins": 5, "reviews": 10, "resales": 10}
    rare |= {"leaks": 5, "withdrawals": 5, "consents": 20, "insights": 3}
    rare |= {"returns": 10, "return_ends": 10, "store_visits": 10, "cases": 5, "case_ends": 5, "trends": 1}
    rare |= {"audits": 0}  # they come where data is collected unasked, and then nobody can withdraw
    rare |= {"staff": 0, "shelves": 0, "stock_outs": 0, "redesigns": 0}  # capability, stock and C2M are not on here
    for name, table in events(busy).items():
        assert table.num_rows >= rare.get(name, 30), name


@pytest.mark.parametrize("arm", ARMS)
def test_the_same_seed_gives_the_same_events(finished: MarketMaker, arm: str) -> None:
    one, other = finished(ARMS[arm]), finished(ARMS[arm])
    assert events(one) == events(other)
    for column in one.columns:
        assert one.columns[column.name].tobytes() == other.columns[column.name].tobytes()
    assert one.ledger.merchants.tolist() == other.ledger.merchants.tolist()


def test_another_seed_gives_other_events(finished: MarketMaker) -> None:
    one, other = finished(seed=1), finished(seed=2)
    assert one.log.frame("orders")["consumer"].tolist() != other.log.frame("orders")["consumer"].tolist()


@pytest.mark.parametrize("arm", ARMS)
def test_the_burn_in_is_the_same_in_all_arms(finished: MarketMaker, arm: str) -> None:
    changes = {k: v for k, v in ARMS[arm].items() if not k.startswith(("merchants", "platform"))}
    baseline, other = finished(), finished(changes)
    days = baseline.scenario.burn_in_days
    assert before(baseline, days) == before(other, days)
    assert before(baseline, days + 20) != before(other, days + 20)


@pytest.mark.parametrize("arm", ARMS)
def test_needs_arrive_the_same_under_every_arm(finished: MarketMaker, arm: str) -> None:
    assert np.array_equal(finished().columns["n_needs"], finished(ARMS[arm]).columns["n_needs"])


BUSY = scenarios(frozenset(MECHANICS))
"""Small worlds over every setting, all mechanics on."""


@worlds(4)
@given(scenario=BUSY, seed=st.integers(0, 10_000), size=st.integers(1, 40))
def test_the_size_of_blocks_changes_nothing(scenario: Scenario, seed: int, size: int) -> None:
    expected = whole(Market(scenario, rng=seed).run())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simulator.choice.choose.BLOCK", size)
        assert whole(Market(scenario, rng=seed).run()) == expected


@worlds(4)
@given(scenario=BUSY, seed=st.integers(0, 10_000), n=st.integers(20, 120))
def test_one_more_consumer_without_links_and_needs_changes_nobody(
    tmp_path_factory: pytest.TempPathFactory, scenario: Scenario, seed: int, n: int
) -> None:
    """The stranger may join and be sent coupons, but has no reason to come and nobody to hear of."""
    file = tmp_path_factory.mktemp("town") / "links.txt"
    links = [(i, (i + 1) % n) for i in range(n)] + np.random.default_rng(seed).integers(0, n, (2 * n, 2)).tolist()

    def run(links: list[tuple[int, int]]) -> Market:
        file.write_text("".join(f"{a} {b}\n" for a, b in links), encoding="utf-8")
        # What is a share of the members, or is more where there are more people, or makes people come, is left out.
        shared = {
            "capability.enabled": False,
            "mechanics.brand.enabled": False,
            "mechanics.channels.rent_fen": 0,
            "mechanics.trends.visits": 0.0,
            "mechanics.service.enabled": False,
            "policies.product.kind": "fixed",
            "mechanics.coupons.budget_fen": None,
            "platform.reminder_visit": 0.0,
            "policies.couponing.share": 1.0,
            "privacy.security.kind": "none",
        }
        network = {"kind": "edge_list", "path": str(file)}
        market = Market(scenario.replace(social=network, **shared), rng=seed)
        for stranger in market.consumers[n:]:
            stranger.need_rate = 0.0
        return market.run()

    without_one, with_one = run(links), run([*links, (n, n)])
    assert (len(without_one.consumers), len(with_one.consumers)) == (n, n + 1)
    assert len(with_one.consumers[n].friends) == 0
    tables, expected = without(events(with_one), n), events(without_one)
    assert all(tables[name] == expected[name] for name in expected if name != "consents")  # it counts members
    assert columns(with_one, n) == columns(without_one)
    assert accounts(with_one) == accounts(without_one)


@worlds(3)
@given(scenario=scenarios(frozenset()), seed=st.integers(0, 10_000), order=st.permutations(list(ARMS)))
def test_the_order_in_which_arms_run_changes_nothing(scenario: Scenario, seed: int, order: list[str]) -> None:
    """Nothing stays behind in the process from one market to the next."""
    some = order[:3]
    there, back = ([whole(Market(scenario, rng=seed, **ARMS[arm]).run()) for arm in way] for way in (some, some[::-1]))
    assert there == back[::-1]


def test_the_order_of_mechanics_in_the_settings_does_not_matter(tiny_scenario: Scenario) -> None:
    changes = ARMS["everything"]
    assert tiny_scenario.replace(**changes) == tiny_scenario.replace(**dict(reversed(changes.items())))


def test_two_live_markets_do_not_disturb_each_other(new_market: MarketMaker, finished: MarketMaker) -> None:
    changes = ARMS["everything"]
    alone = events(finished(changes, seed=3))
    one, other = new_market(changes, seed=3), new_market(changes, seed=4)
    while one.running:
        one.step()
        other.step()
    assert events(one) == alone
    assert events(other) == events(finished(changes, seed=4))


def test_no_result_depends_on_mesas_generator_or_numpys(new_market: MarketMaker, finished: MarketMaker) -> None:
    expected = events(finished(ARMS["everything"]))
    market = new_market(ARMS["everything"])
    while market.running:
        market.random.random()
        market.rng.random()
        market.consumers.shuffle()
        np.random.seed(market.day)  # noqa: NPY002 - the point is that it has no effect
        market.step()
    assert events(market) == expected


# Mesa


def test_daily_table_of_the_data_collector_equals_the_one_of_the_log(busy: Market) -> None:
    collected = busy.datacollector.get_model_vars_dataframe().reset_index(drop=True)
    pd.testing.assert_frame_equal(collected, daily_measures(busy.log), check_dtype=False)
    assert collected["day"].tolist() == list(range(30))


def test_a_market_that_forgets_its_events_gives_the_same_daily_table(busy: Market) -> None:
    market = Market(busy.scenario, rng=1, keep_events=False).run()
    pd.testing.assert_frame_equal(
        market.datacollector.get_model_vars_dataframe(), busy.datacollector.get_model_vars_dataframe()
    )
    assert market.log.arrow("orders").num_rows < busy.log.arrow("orders").num_rows
    with pytest.raises(ValueError, match="keep"):
        daily_measures(market.log)


def test_agents_stand_under_their_types(busy: Market) -> None:
    types = busy.agents_by_type
    assert list(types) == [Consumer, Merchant, Platform]
    assert len(types[Consumer]) == 300
    assert [m.index for m in types[Merchant]] == [0, 1, 2, 3]
    assert [m.cohort for m in types[Merchant]] == ["small"] * 3 + ["large"]
    assert list(types[Platform]) == [busy.platform]
    assert len(busy.agents) == 300 + 4 + 1
    ids = [agent.unique_id for agent in busy.agents]
    assert ids == list(range(305))


def test_agents_tell_their_accounts(busy: Market) -> None:
    assert busy.platform.balance_fen == busy.ledger.platform
    assert busy.platform.n_members == int((busy.columns["joined_day"] >= 0).sum())
    assert [m.balance_fen for m in busy.merchants] == busy.ledger.merchants.tolist()
    assert sorted(np.concatenate([m.products for m in busy.merchants]).tolist()) == list(range(10))
    assert "300 consumers" in repr(busy)
    assert "day 30 of 30" in repr(busy)
    assert "small" in repr(busy.merchants[0])
    assert str(busy.platform.n_members) in repr(busy.platform)


def test_batch_run_drives_a_market(tiny_scenario: Scenario, finished: MarketMaker) -> None:
    parameters: dict[str, Any] = {"scenario": [tiny_scenario], "consumers.n": [100, 150]}
    takes_seeds = "rng" in inspect.signature(mesa.batch_run).parameters  # Mesa 3.5; Mesa 3.3 has them as parameters
    seeds: dict[str, Any] = {"rng": 7} if takes_seeds else {}
    rows = mesa.batch_run(
        Market,
        parameters | ({} if takes_seeds else {"rng": [7]}),
        max_steps=1000,
        data_collection_period=1,
        display_progress=False,
        **seeds,
    )
    table = pd.DataFrame(rows)
    for n, of_size in table.groupby("consumers.n"):
        of_size = of_size.drop_duplicates("day")
        assert of_size["day"].tolist() == list(range(30))
        mine = finished({"consumers.n": n}, seed=7).datacollector.get_model_vars_dataframe()
        assert of_size["orders"].tolist() == mine["orders"].tolist()


def test_a_market_steps_to_its_last_day_and_no_further(new_market: MarketMaker) -> None:
    market = new_market()
    for day in range(30):
        assert (market.day, market.running) == (day, True)
        market.step()
    assert (market.day, market.running) == (30, False)
    with pytest.raises(RuntimeError, match="day 29"):
        market.step()
    assert market.day == 30
    assert market.run() is market


def test_a_market_without_a_seed_takes_a_fresh_one_and_keeps_it(tiny_scenario: Scenario) -> None:
    one, other = Market(tiny_scenario, rng=None), Market(tiny_scenario, rng=None)
    assert one.seed != other.seed
    assert events(Market(tiny_scenario, rng=one.seed).run()) == events(one.run())


def test_a_market_keeps_its_scenario(new_market: MarketMaker) -> None:
    market = new_market()
    with pytest.raises(AttributeError, match="keeps the scenario"):
        market.scenario = Scenario()
    assert market.scenario.consumers.n == 300


def test_the_days_of_the_campaign_are_counted_from_its_start(new_market: MarketMaker) -> None:
    market, days = new_market(), []
    while market.running:
        days.append(market.campaign_day)
        market.step()
    assert days == [-1] * 5 + list(range(17)) + [-1] * 8


def test_settings_by_dotted_key_change_the_scenario(tiny_scenario: Scenario) -> None:
    market = Market(tiny_scenario, **{"consumers.n": 50})
    assert len(market.consumers) == 50
    with pytest.raises(SettingsError, match="did you mean 'consumers'"):
        Market(tiny_scenario, **{"consumer.n": 50})


def test_a_finished_market_is_not_kept_alive(new_market: MarketMaker) -> None:
    market = new_market(ARMS["everything"])
    market.step()
    held = weakref.ref(market)
    del market
    gc.collect()
    assert held() is None


def test_setting_a_trait_between_days_has_an_effect(new_market: MarketMaker) -> None:
    market = new_market()
    market.consumers.set("need_rate", 0.0)
    market.run()
    assert market.columns["n_needs"].sum() == 0
    assert market.log.arrow("orders").num_rows == 0


@pytest.mark.parametrize("rng", [-1, 1.5, "one"])
def test_a_seed_that_is_none_is_told(rng: Any) -> None:
    with pytest.raises(SettingsError, match="the seed is a whole number from 0 on"):
        Market(rng=rng)


def test_what_is_no_scenario_is_told() -> None:
    with pytest.raises(SettingsError, match="'x' is no Scenario"):
        Market("x")  # type: ignore[arg-type]

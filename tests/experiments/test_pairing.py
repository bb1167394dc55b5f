"""What pairs the strategies of a study: the same burn-in, the same needs, in any order; and what pairing saves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments import compare, pairing
from experiments.study.arms import Arm, compose_arm
from simulator import Market, Scenario
from simulator.bitwise import accounts, columns, events
from simulator.choice.utility import LUCK, OUTSIDE
from simulator.records.events.codes import Reason
from tests.examples import worlds
from tests.oracle.scenarios import scenarios

STRATEGIES = sorted(path.stem for path in (Path(__file__).parents[2] / "configs/strategy").glob("*.yaml"))
PLAIN: dict[str, Any] = {
    "policies.pricing.kind": "fixed",
    "needs.home_stock": 0.0,
    "policies.couponing.uplift.explore": 0.05,  # at most the share of coupons that any strategy gives away
}
SMALL = scenarios(frozenset()).map(lambda scenario: scenario.replace(**PLAIN))
"""Small worlds over every setting, without a strategy; nobody has at home what they need."""


def arms(base: Scenario) -> list[Arm]:
    assert {"baseline", "group_buying", "referral"} <= set(STRATEGIES)
    # One by one, since without data, say, several are the same market.
    return [compose_arm(name, base.model_dump(mode="json")) for name in STRATEGIES]


def lived(market: Market) -> Any:
    """What has happened, but for what the platform notes about what it knows; and what people are."""
    tables, known = events(market), {c.name for c in market.columns if c.owner in ("insight", "consent")}
    people = {name: values for name, values in columns(market).items() if name not in known}
    return {name: tables[name] for name in tables.keys() - {"insights", "consents"}}, accounts(market), people


def life(arm: Arm, seed: int) -> tuple[Any, Any, pd.DataFrame]:
    """The burn-in of a market; the needs of each day; and the orders for a need of the same day."""
    market, so_far, burned_in = Market(arm.scenario, rng=seed), [], None
    while market.running:
        if market.day == arm.scenario.burn_in_days:
            burned_in = lived(market)
        market.step()
        so_far.append(market.columns["n_needs"].copy())
    arrived = np.diff(so_far, axis=0, prepend=0)
    orders = market.log.frame("orders").query(f"reason == {Reason.NEED} and is_needed")
    orders["category"] = market.products.category[orders["product"]]
    is_new = arrived[orders["day"], orders["consumer"]] > 0
    return burned_in, arrived, orders[is_new].set_index(["consumer", "day"])[["wave", "category"]]


@worlds(1)
@given(base=SMALL, seed=st.integers(0, 10_000))
def test_burn_in_and_needs_are_the_same_under_every_strategy(base: Scenario, seed: int) -> None:
    """Who needs something on which day; and whoever gets it in two arms comes in one wave to one category."""
    (burned_in, needs, met), *others = (life(arm, seed) for arm in arms(base))
    assert needs.any()
    assert burned_in[2].keys() >= {"taste", "joined_day", "satisfaction", "loyalty", "n_orders"}
    for their_burn_in, their_needs, theirs in others:
        assert their_burn_in[:2] == burned_in[:2]
        for name in burned_in[2].keys() & their_burn_in[2].keys():
            assert burned_in[2][name] == their_burn_in[2][name], name
        assert np.array_equal(their_needs, needs)
        both = met.index.intersection(theirs.index)
        assert both.size or met.empty
        assert met.loc[both].equals(theirs.loc[both])


def test_the_order_of_arms_changes_no_result(tmp_path: Path) -> None:
    names = ["baseline", "group_buying_and_coupons", "referral"]
    size = ["consumers.n=150", "days=24", "burn_in_days=4", "post_days=8", "waves_per_day=2", "seeds=2", "workers=1"]

    def run(arms: list[str], folder: Path) -> dict[str, pd.DataFrame]:
        assert compare.main([*size, f"experiment.arms=[{','.join(arms)}]", f"out={folder}"]) == 0
        found = {path.name: pd.read_parquet(path) for path in folder.glob("*.parquet")}
        found["summary"] = pd.read_csv(folder / "summary.csv")
        return {name: table.sort_values(list(table), ignore_index=True) for name, table in found.items()}

    there, back = run(names, tmp_path / "there"), run(names[::-1], tmp_path / "back")
    assert there.keys() == back.keys() >= {"final.parquet", "daily.parquet", "summary"}
    for name, table in there.items():
        pd.testing.assert_frame_equal(table, back[name], check_exact=True)


# The experiment


@pytest.fixture(scope="module")
def two_days() -> list[tuple[Market, pairing.Shopping]]:
    """The same people's first day of shopping, without and with a coupon."""
    coupon = {"enabled": True, "noticed": 1.0, "min_spend_fen": 5000, "face_fen": 1500}
    markets = [Market(pairing.scenario(3000, 12, block), rng=2) for block in ({}, coupon)]
    return [(market, pairing.shop(market)) for market in markets]


def test_utilities_with_the_markets_luck_give_the_markets_choices(
    two_days: list[tuple[Market, pairing.Shopping]],
) -> None:
    """So the probabilities that the other ways of drawing are given are those of the market."""
    for market, day in two_days:
        who, what = np.arange(3000)[:, None], np.arange(12)
        u = day.utility + market.draws.gumbel(LUCK, 1, who, what)
        nothing = market.draws.gumbel(LUCK, 1, who[:, 0], OUTSIDE)
        assert np.array_equal(day.bought, np.where(u.max(axis=1) > nothing, u.argmax(axis=1), pairing.NOTHING))
    assert not np.array_equal(two_days[0][1].utility, two_days[1][1].utility)


def test_the_market_moves_shoppers_to_the_coupon_only() -> None:
    ours, one_uniform, other_luck = pairing.measure(3000, 12, 0.3, seed=2)
    to, away, between = ours
    assert away == between == 0
    assert abs(to - one_uniform[0]) < 4 * np.sqrt(to / 3000), "the gain is the same however choices are drawn"
    assert other_luck[0] - other_luck[1] == pytest.approx(one_uniform[0])
    assert ours.sum() < one_uniform.sum() < other_luck.sum()


@pytest.mark.parametrize("way", [pairing.with_one_uniform, pairing.with_other_luck])
def test_expected_changes_are_those_of_drawing(two_days: list[tuple[Market, pairing.Shopping]], way: Any) -> None:
    before, after = (day for _, day in two_days)
    rng = np.random.default_rng(3)
    n = 100 * len(before.bought)

    luck = rng.random((100, 3000, 1))
    first = (luck > np.cumsum(pairing.probabilities(before.utility), axis=1)).sum(axis=2)
    luck = luck if way is pairing.with_one_uniform else rng.random(luck.shape)
    second = (luck > np.cumsum(pairing.probabilities(after.utility), axis=1)).sum(axis=2)
    seen = pairing.observed(before._replace(bought=first.ravel()), after._replace(bought=second.ravel()))
    share = way(before, after)
    assert (abs(seen - share) < 4 * np.sqrt(share / n) + 1e-12).all()


def test_the_command_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    pairing.main(["--consumers", "500", "--products", "5", "--seeds", "1"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + len(pairing.WAYS)
    assert lines[2].endswith("none | none |")
    assert all(line.count("|") == 6 for line in lines)

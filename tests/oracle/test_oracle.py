"""The engine and the oracle tell the same story: every event, every column, every account."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Market, Scenario
from simulator.agents.needs import ARRIVAL
from simulator.choice.experience import NOISE, TrustReason
from simulator.choice.utility import LUCK
from simulator.draws import Draws
from simulator.records.events.codes import Outcome
from simulator.records.events.tables import TABLES
from tests.examples import worlds
from tests.oracle import run
from tests.oracle.compare import differences, tell
from tests.oracle.luck import ALWAYS, Luck
from tests.oracle.scenarios import MECHANICS, scenarios

SEEDS = st.integers(0, 10_000)


@given(
    seed=st.integers(-(2**40), 2**64),
    day=st.integers(ALWAYS, 2**15),
    who=st.integers(0, 2**28),
    what=st.integers(0, 2**62),
)
def test_luck_is_the_engines(seed: int, day: int, who: int, what: int) -> None:
    luck, draws = Luck(seed), Draws(seed)
    for decision in (ARRIVAL, LUCK, NOISE):
        assert luck.uniform(decision.name, day, who, what) == draws.uniform(decision, day, [who], [what])[0]
        assert luck.gumbel(decision.name, day, who, what) == draws.gumbel(decision, day, [who], [what])[0]
        assert luck.normal(decision.name, day, who, what) == draws.normal(decision, day, [who], [what])[0]


PAIRS = [("returns", "channels"), ("service", "brand"), ("trends", "coupons")]
"""Tried together: what was bought in a store comes back by rules of its own, who is reminded may follow a trend; the
others to save time."""
ALONE = [(name,) for name in MECHANICS if not any(name in pair for pair in PAIRS)]


@pytest.mark.parametrize("on", [(), *ALONE, *PAIRS, MECHANICS], ids=lambda on: "+".join(on) or "none")
def test_same_story(on: tuple[str, ...]) -> None:
    @worlds(5)
    @given(scenario=scenarios(frozenset(on)), seed=SEEDS)
    def compare(scenario: Scenario, seed: int) -> None:
        assert not (found := differences(scenario, seed)), tell(scenario, seed, found)

    compare()


@pytest.mark.slow
@settings(worlds(60), derandomize=False)
@given(scenario=scenarios(), seed=SEEDS)
def test_same_story_in_many_worlds(scenario: Scenario, seed: int) -> None:
    assert not (found := differences(scenario, seed)), tell(scenario, seed, found)


BUSY: dict[str, Any] = {
    "days": 30,
    "burn_in_days": 3,
    "post_days": 5,
    "waves_per_day": 3,
    "consumers.n": 30,
    "needs.rate": 0.6,
    "social.degree": 4,
    "merchants.n_categories": 2,
    "merchants.cohorts": {"small": {"count": 2, "products_each": 2}, "large": {"count": 1, "products_each": 4}},
    "platform.subsidy_cap_fraction": None,
    "platform.slate_size": 3,
}
GROUPS: dict[str, Any] = {"mechanics.group_buying.enabled": True, "mechanics.group_buying.open_cost": -1.0}
COUPONS: dict[str, Any] = {
    "mechanics.coupons.enabled": True,
    "mechanics.coupons.every_days": 3,
    "mechanics.coupons.valid_days": 3,
    "platform.reminder_visit": 1.0,
}
BARGAINS: dict[str, Any] = {
    "mechanics.bargaining.enabled": True,
    "mechanics.bargaining.open_cost": -1.0,
    "mechanics.bargaining.rounded_off": 0.05,
    "mechanics.bargaining.near_miss": 0.05,
    "mechanics.bargaining.platform_share": 0.5,
    "mechanics.bargaining.help": 0.9,
    "consumers.n": 80,
    "social.degree": 12,
    "invitations.read": 0.9,
    "attention.per_day": 6,
}
ALL_ALIKE: dict[str, Any] = {
    "choice.taste_weight": 0.0,
    "choice.quality_weight": 0.0,
    "choice.friends_weight": 0.0,
    "policies.recommendation.kind": "oracle",
    "merchants.cohorts": {"small": {"count": 4, "products_each": 4}, "large": {"count": 2, "products_each": 8}},
}

AWAKE: dict[str, Any] = {"needs.has_attrition": False}
ONE_SHOWN: dict[str, Any] = {"platform.slate_size": 1}

FOUND: dict[str, tuple[dict[str, Any], int]] = {
    "a page has no empty place": (GROUPS | AWAKE | {"needs.retry": 0.0}, 4),
    "equal scores stand in order of product": (ALL_ALIKE, 0),
    "the burn-in has random pages": ({"policies.recommendation.kind": "popular"}, 0),
    "a waking names the order": (GROUPS | ONE_SHOWN | {"needs.retry": 0.0}, 10),
    "who met a need today stays away though a refund opens another": (GROUPS | AWAKE | ONE_SHOWN, 0),
    "of two needs refunded at once the first is open again": (
        GROUPS
        | AWAKE
        | ONE_SHOWN
        | {"mechanics.group_buying.deadline_days": 2, "needs.rate": 1.0, "needs.rate_shape": 5.0},
        22,
    ),
    "an order beside the call is the reminder's": (GROUPS | COUPONS | AWAKE, 1),
}
"""Small worlds in which the two once disagreed, by what the engine, the oracle or the text had wrong."""


@pytest.mark.parametrize("what", FOUND)
def test_once_found(what: str) -> None:
    changes, seed = FOUND[what]
    scenario = Scenario().replace(**(BUSY | changes))
    assert not (found := differences(scenario, seed)), tell(scenario, seed, found)


@pytest.mark.parametrize(
    "others", [{}, GROUPS | COUPONS | {"mechanics.referral.enabled": True}], ids=["alone", "beside"]
)
def test_same_story_of_many_bargains(others: dict[str, Any]) -> None:
    """Drawn worlds seldom have bargains that friends cut often, come about, and narrowly miss; this one has."""
    scenario = Scenario().replace(**(BUSY | others | BARGAINS))
    story = run(scenario, 2)
    assert {end["outcome"] for end in story["bargain_ends"]} == {Outcome.SETTLED, Outcome.LAPSED}
    assert max(end["n_helpers"] for end in story["bargain_ends"]) > 3
    assert {cut["is_new"] for cut in story["cuts"]} == {True, False}
    assert any(shift["reason"] == TrustReason.NEAR_MISS for shift in story["trust_shifts"])
    assert not (found := differences(scenario, 2)), tell(scenario, 2, found)


@pytest.mark.parametrize("kind", ["threshold", "fixed", "percentage"])
def test_same_story_of_coupons_that_pass_from_hand_to_hand(kind: str) -> None:
    shared = {"kind": kind, "percent": 20, "transferable": True, "pass_on": 1.0, "pass_on_days": 1, "noticed": 1.0}
    tiers = {"enabled": True, "refer": 1.0, "tiers": ((2, 900), (3, 1300)), "rewarded_at_most": 4}
    changes = {f"mechanics.coupons.{name}": value for name, value in shared.items()}
    changes |= {f"mechanics.referral.{name}": value for name, value in tiers.items()}
    scenario = Scenario().replace(**(BUSY | COUPONS | AWAKE | changes | {"consumers.n": 80, "choice.appeal": 1.0}))
    events = run(scenario, 2)
    assert sum(end["outcome"] == Outcome.PASSED_ON for end in events["coupon_ends"]) > 20
    assert {900, 1300} & {coupon["face_fen"] for coupon in events["coupons"]}
    assert not (found := differences(scenario, 2)), tell(scenario, 2, found)


def test_pages_of_the_burn_in_are_the_same_under_every_policy() -> None:
    def burn_in(kind: str) -> list[list[int]]:
        scenario = Scenario().replace(**(BUSY | {"policies.recommendation.kind": kind}))
        market = Market(scenario, rng=1)
        for _ in range(scenario.burn_in_days):
            market.step()
        return [market.log.columns("exposures")[name].tolist() for name in TABLES["exposures"]]

    assert burn_in("random") == burn_in("popular") == burn_in("oracle")


def test_a_difference_is_told_readably(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison would notice: a world with another number of consumers who retry."""
    from tests.oracle.consumer import Consumer

    scenario = Scenario().replace(**BUSY)
    monkeypatch.setattr(Consumer, "retry_or_forget", lambda self: setattr(self, "open_need", None))
    found = differences(scenario, 1)
    assert any("exposures" in line and "day" in line and "engine" in line and "oracle" in line for line in found)


def test_run_gives_the_events() -> None:
    events = run(Scenario().replace(**(BUSY | GROUPS | COUPONS)), 3)
    assert events.keys() == TABLES.keys()
    assert events["orders"]
    assert events["group_ends"]

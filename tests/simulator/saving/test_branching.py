"""Branching: an arm that goes on from a saved burn-in is the arm run through; what acted cannot change."""

from __future__ import annotations

from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from omegaconf import OmegaConf

from simulator import Market, Scenario, SettingsError
from simulator.settings import describe
from simulator.state.past import ACT_IN_CAMPAIGNS, is_branch
from tests.simulator.saving.markets import ARMS, EVERYTHING, Changes, MarketMaker, differing, run_to

CONFIGS = Path(__file__).parents[3] / "configs"
STRATEGIES = sorted(path.stem for path in (CONFIGS / "strategy").glob("*.yaml"))


def strategy(name: str, base: Scenario) -> Scenario:
    """An arm as the configs make it."""
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        tree = OmegaConf.merge(base.model_dump(mode="json"), compose(f"strategy/{name}"))
    changes = OmegaConf.to_container(tree)
    assert isinstance(changes, dict)
    changes.pop("description")
    changes.pop("lever", None)
    return Scenario.parse({str(key): value for key, value in changes.items()})


@pytest.fixture(scope="module")
def burned_in(new_market: MarketMaker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny market at the end of its burn-in, in a file."""
    path = tmp_path_factory.mktemp("burned") / "in"
    run_to(new_market(), 5).save(path)
    return path


# Every part has an arm of its own here; of the strategies, which lay parts over each other, some do for each change.
SOME = [name if i % 3 == 0 else pytest.param(name, marks=pytest.mark.slow) for i, name in enumerate(STRATEGIES)]


@pytest.mark.parametrize("arm", [*SOME, *(name for name in ARMS if name != "everything")])
def test_an_arm_that_branches_off_equals_the_arm_run_through(
    tiny_scenario: Scenario, burned_in: Path, arm: str
) -> None:
    scenario = strategy(arm, tiny_scenario) if arm in STRATEGIES else tiny_scenario.replace(**ARMS[arm])
    if scenario.privacy.collection == "none" and scenario.merchants == tiny_scenario.merchants:
        branch = Market.load(burned_in, scenario)
    else:  # data is collected, and shelves run empty, in the burn-in too
        same = {name: getattr(scenario, name).model_dump() for name in ("privacy", "insight", "merchants")}
        branch = run_to(Market(tiny_scenario, rng=1, **same), 5).fork(scenario)
    assert not differing(branch.run(), Market(scenario, rng=1).run())


OTHERWISE: Changes = {
    "days": 33,
    "post_days": 9,
    "burn_in_days": 6,
    "mechanics.referral.enabled": False,
    "mechanics.coupons.face_fen": 700,
    "mechanics.coupons.reach": 0.5,
    "mechanics.group_buying.size": 4,
    "mechanics.group_buying.deadline_days": 1,
    "mechanics.group_buying.tipping_days": 3,
    "mechanics.group_buying.open_cost": -0.5,
    "policies.pricing.kind": "fixed",
    "policies.recommendation.kind": "oracle",
    "platform.wallet_size": 2,
    "platform.reminder_visit": 0.6,
    "platform.coupons_stack_on_groups": True,
    "platform.subsidy_cap_fraction": None,
    "invitations.read": 0.5,
    "attention.per_day": 1,
    "capability.enabled": True,
    "capability.platform_posts": 3,
    "capability.talent.quits": 5.0,
}
"""Something else for all that may change while nothing of it has acted."""


@pytest.mark.parametrize("day", [0, 2, 5])
def test_all_that_acts_in_campaigns_may_change_until_the_burn_in_is_over(new_market: MarketMaker, day: int) -> None:
    for name in ACT_IN_CAMPAIGNS:
        assert any(key == name or key.startswith(f"{name}.") for key in OTHERWISE), name
    base = run_to(new_market(EVERYTHING), day)
    through = new_market({**EVERYTHING, **OTHERWISE})
    assert not differing(base.fork(**OTHERWISE).run(), through.run())


def test_forks_do_not_disturb_each_other(new_market: MarketMaker, finished: MarketMaker) -> None:
    base = run_to(new_market(EVERYTHING), 5)
    other, twin = base.fork(**OTHERWISE), base.fork()
    for _ in range(15):
        other.step()
        base.step()
        twin.step()
        assert not differing(twin, base)
    assert not differing(base.fork().run(), finished(EVERYTHING))
    assert not differing(base.run(), finished(EVERYTHING))


def test_a_setting_that_acted_cannot_change(eventful: Market, burned_in: Path) -> None:
    with pytest.raises(SettingsError, match=r"platform\.take_rate=0\.2 \(so far 0\.03\): acts in the burn-in"):
        Market.load(burned_in, **{"platform.take_rate": 0.2})
    late = r"mechanics\.referral\.refer=0\.3 \(so far 0\.6\): the market has lived 9 days.*until .* after 5 days"
    with pytest.raises(SettingsError, match=late):
        eventful.fork(**{"mechanics.referral.refer": 0.3})
    with pytest.raises(SettingsError, match=r"lived 5 days, so its past .* after 4 days"):
        Market.load(burned_in, burn_in_days=4)
    with pytest.raises(SettingsError, match="did you mean"):
        Market.load(burned_in, **{"platform.takerate": 0.2})


def test_a_setting_that_nothing_uses_may_be_anything(new_market: MarketMaker) -> None:
    market = run_to(new_market(), 9)
    assert not differing(market.fork(**{"merchants.restock_days": 3}), market)


@pytest.mark.parametrize("key", [row.key for row in describe(Scenario)])
def test_every_other_setting_acts_in_the_burn_in(key: str) -> None:
    lived = {"burn_in_days": 5, "days": 30}
    *parents, leaf = key.split(".")
    wanted: Changes = dict(lived)
    block = wanted
    for parent in parents:
        block = block.setdefault(parent, {})
    block[leaf] = 7
    if key.split(".")[0] in ACT_IN_CAMPAIGNS or key in ACT_IN_CAMPAIGNS:
        assert is_branch(5, lived, wanted)
    else:
        with pytest.raises(SettingsError, match=key):
            is_branch(5, lived, wanted)

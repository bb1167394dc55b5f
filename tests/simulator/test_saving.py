"""Saving, loading and branching: a market taken up again goes on as if it had never been put down."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pyarrow as pa
import pytest
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

import simulator
from simulator import Market, Scenario, SettingsError, SnapshotError, final_measures
from simulator.mechanics import MECHANICS
from simulator.policies.pricing import PricingSettings
from simulator.policies.recommendation import RecommendationSettings
from simulator.records.events import TABLES, Reason, id_day
from simulator.settings import describe
from simulator.state import snapshot
from simulator.state.past import ACT_IN_CAMPAIGNS, is_branch

MarketMaker = Callable[..., Market]
Changes = dict[str, Any]

CONFIGS = Path(__file__).parents[2] / "configs"
STRATEGIES = sorted(path.stem for path in (CONFIGS / "strategy").glob("*.yaml"))
KINDS = {
    f"policies.{name}.kind": get_args(block.model_fields["kind"].annotation)
    for name, block in {"pricing": PricingSettings, "recommendation": RecommendationSettings}.items()
}
EVERYTHING: Changes = {
    **{f"mechanics.{name}.enabled": True for name in MECHANICS},
    "mechanics.coupons.every_days": 4,
    "mechanics.coupons.budget_fen": 300_000,
    "mechanics.coupons.transferable": True,
    "mechanics.group_buying.deadline_days": 2,
    "mechanics.referral.refer": 0.6,
    "mechanics.abuse.abusers": 0.3,
    "mechanics.abuse.activity": 0.7,
    "policies.pricing.kind": "promotion_calendar",
    "policies.recommendation.kind": "popular",
    "platform.reaction_days": 2,
    "platform.subsidy_cap_fraction": 0.05,
    "merchants.stock_units": 40,
    "needs.rate": 0.4,
    "invitations.read": 0.95,
    "attention.per_day": 2,
    "attention.fatigue": 0.3,
}
ARMS: dict[str, Changes] = {
    "everything": EVERYTHING,
    **{name: {f"mechanics.{name}.enabled": True} for name in MECHANICS},
    **{f"{key}={kind}": {key: kind} for key, kinds in KINDS.items() for kind in kinds},
}
BUSY_DAY = 12
PRODUCTS = ("offer_fen", "stock", "ratings", "rating_sum_permille")


def state(market: Market) -> Changes:
    """All that can be seen of a market between two days, in a form that compares bit by bit."""
    columns = {f"column {c.name}": market.columns[c.name].tobytes() for c in market.columns}
    products = {f"product {name}": getattr(market.products, name).tobytes() for name in PRODUCTS}
    tables = {f"events {name}": market.log.arrow(name) for name in TABLES}
    today = {f"today {name}": pa.table(market.log.today(name)) for name in TABLES}
    ledger, budget, wallets = market.ledger, market.budget, market.wallets
    return {
        **(columns | products | tables | today),
        "accounts": [ledger.merchants.tolist(), ledger.platform, ledger.escrow, ledger.suppliers],
        "budget": [budget.gmv_fen, budget.committed_fen],
        "wallets": [wallets.state.tolist(), wallets.id.tolist(), wallets.expires_day.tolist()],
        "clock": [market.day, market.tick, market.steps, getattr(market, "time", market.steps), market.running],
        "daily": repr(market.datacollector.get_model_vars_dataframe().to_dict("list")),
        "row of today": repr(market.today),
        "quality": market.quality_above_standard.tolist(),
        "seen": repr(market.observe()),
        "measures": repr(final_measures(market.log)) if not market.running and market.log.keeps else "",
    }


def differing(one: Market, other: Market) -> list[str]:
    """What differs between two markets."""
    a, b = state(one), state(other)
    return [name for name in (a | b) if a.get(name) != b.get(name)]


def run_to(market: Market, day: int) -> Market:
    while market.day < day:
        market.step()
    return market


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "market"


@pytest.fixture(scope="module")
def eventful(new_market: MarketMaker) -> Market:
    """A market in the middle of its campaign, with everything on; to be read only."""
    return run_to(new_market(EVERYTHING), BUSY_DAY)


@pytest.fixture(scope="module")
def saved(eventful: Market, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`eventful` in a file."""
    path = tmp_path_factory.mktemp("saved") / "market"
    eventful.save(path)
    return path


def test_much_is_under_way_in_the_market_that_these_tests_save(finished: MarketMaker, eventful: Market) -> None:
    market = finished(EVERYTHING)
    ends = market.log.frame("group_ends")
    assert ((id_day(ends["cause"]) < BUSY_DAY) & (ends["day"] >= BUSY_DAY)).sum() > 3
    invitations = market.log.frame("invitations")
    assert ((id_day(invitations["id"]) < BUSY_DAY) & (invitations["day"] >= BUSY_DAY)).sum() > 3
    orders = market.log.frame("orders").query(f"day == {BUSY_DAY} and wave == 0")
    assert (orders["reason"] == Reason.LATECOMER).any()
    assert (eventful.wallets.state > 0).sum() > 30
    assert eventful.ledger.escrow > 0
    assert (eventful.products.stock < 10).any()


# Saving and loading


@pytest.mark.parametrize("arm", ["everything", *MECHANICS])
def test_a_market_saved_every_evening_and_loaded_every_morning_lives_the_same_life(
    new_market: MarketMaker, finished: MarketMaker, file: Path, arm: str
) -> None:
    """A mechanic, or any other part, with state that it does not carry fails here."""
    market = new_market(ARMS[arm])
    while market.running:
        market.save(file)
        market = Market.load(file)
        market.step()
    assert not differing(market, finished(ARMS[arm]))


@pytest.mark.parametrize("arm", ARMS)
def test_a_market_saved_in_the_campaign_goes_on_the_same(
    new_market: MarketMaker, finished: MarketMaker, file: Path, arm: str
) -> None:
    run_to(new_market(ARMS[arm]), BUSY_DAY).save(file)
    assert not differing(Market.load(file).run(), finished(ARMS[arm]))


@pytest.mark.parametrize("keep_events", [True, False])
def test_saving_on_any_day_disturbs_nothing(tiny_scenario: Scenario, tmp_path: Path, keep_events: bool) -> None:
    days = (0, 1, 4, 5, 6, BUSY_DAY, 22, 29, 30)
    market = Market(tiny_scenario, rng=3, keep_events=keep_events, **EVERYTHING)
    for day in days:
        run_to(market, day).save(tmp_path / str(day))
        assert not differing(Market.load(tmp_path / str(day)), market)
    for day in days:
        assert not differing(Market.load(tmp_path / str(day)).run(), market)


def carried() -> list[tuple[type[Any], str]]:
    """Every attribute that a class of the simulator says it carries."""
    modules = [importlib.import_module(m.name) for m in pkgutil.walk_packages(simulator.__path__, "simulator.")]
    classes = {c for m in modules for _, c in inspect.getmembers(m, inspect.isclass) if c.__module__ == m.__name__}
    return [(c, name) for c in sorted(classes, key=lambda c: c.__name__) for name in vars(c).get("carried", ())]


@pytest.mark.parametrize(("kind", "name"), carried(), ids=lambda part: getattr(part, "__name__", part))
def test_nothing_is_carried_in_vain(
    monkeypatch: pytest.MonkeyPatch, eventful: Market, kind: type[Any], name: str
) -> None:
    """Without any one of the attributes, what is seen differs at once or within some days: the tests above can fail."""
    whole = eventful.fork()
    monkeypatch.setattr(kind, "carried", tuple(other for other in kind.carried if other != name))
    try:
        part = eventful.fork()
        while not differing(part, whole):
            assert whole.day < BUSY_DAY + 8
            whole.step()
            part.step()
    except (ValueError, IndexError, RuntimeWarning):
        pass  # or the market breaks


def test_what_was_set_from_outside_is_saved(new_market: MarketMaker, file: Path) -> None:
    market = run_to(new_market(), 3)
    market.consumers.select(lambda c: c.index < 100).set("need_rate", 0.0)
    market.save(file)
    assert not differing(Market.load(file).run(), market.run())


def test_the_same_market_gives_the_same_file(new_market: MarketMaker, saved: Path, file: Path) -> None:
    run_to(new_market(EVERYTHING), BUSY_DAY).save(file)
    assert file.read_bytes() == saved.read_bytes()


# Files that are not what they should be


@given(share=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), is_cut=st.booleans())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_noticed_and_named(saved: Path, file: Path, share: float, bit: int, is_cut: bool) -> None:
    content = bytearray(saved.read_bytes())
    place = int(share * len(content))
    content[place] ^= 1 << bit
    file.write_bytes(content[:place] if is_cut else content)
    with pytest.raises(SnapshotError, match=r"market: is (damaged|not a saved market|in format)"):
        Market.load(file)


def test_other_files_and_other_versions_are_refused(saved: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SnapshotError, match=r"market: cannot be read \(No such file"):
        Market.load(file)
    file.write_text("consumers: 3\n")
    with pytest.raises(SnapshotError, match="market: is not a saved market"):
        Market.load(file)
    file.write_bytes(saved.read_bytes().replace(b"saved-market 1 ", b"saved-market 2 ", 1))
    with pytest.raises(SnapshotError, match="is in format 2 of saved markets; this version reads format 1"):
        Market.load(file)
    monkeypatch.setattr(snapshot, "model_version", lambda: "another")
    with pytest.raises(SnapshotError, match=r"was saved by version .*of the model; this is another"):
        Market.load(saved)


def test_a_file_is_written_whole_or_not_at_all(
    eventful: Market, saved: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SnapshotError, match=r"nowhere/market: cannot be written \(No such file"):
        eventful.save(file.parent / "nowhere" / "market")
    file.write_bytes(saved.read_bytes())

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        eventful.fork().run().save(file)
    assert file.read_bytes() == saved.read_bytes()
    assert list(file.parent.iterdir()) == [file]


def test_what_says_nothing_about_its_state_cannot_be_saved(new_market: MarketMaker, file: Path) -> None:
    market = new_market()
    market.budget.gmv_fen = object()  # type: ignore[assignment]
    with pytest.raises(TypeError, match="object is state, but its class does not say in `carried`"):
        market.save(file)
    assert not file.exists()


def test_a_network_file_may_move_but_not_change(new_market: MarketMaker, tmp_path: Path, file: Path) -> None:
    network, moved = tmp_path / "links.txt", tmp_path / "moved.txt"
    network.write_text("".join(f"{i} {(i + step) % 90}\n" for i in range(90) for step in (1, 2, 7)))
    market = run_to(
        new_market({"social.kind": "edge_list", "social.path": str(network), "social.degree": 10, **ARMS["referral"]}),
        9,
    )
    market.save(file)
    network.rename(moved)
    with pytest.raises(SettingsError, match=r"links\.txt: cannot be read"):
        Market.load(file)
    assert not differing(Market.load(file, **{"social.path": str(moved)}).run(), market.run())
    network.write_text(moved.read_text() + "0 45\n")
    with pytest.raises(SettingsError, match=r"social\.digest=.*acts in the burn-in"):
        Market.load(file)


# Branching


def strategy(name: str, base: Scenario) -> Scenario:
    """An arm as the configs make it."""
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        tree = OmegaConf.merge(base.model_dump(mode="json"), compose(f"strategy/{name}"))
    changes = OmegaConf.to_container(tree)
    assert isinstance(changes, dict)
    changes.pop("description")
    return Scenario.parse({str(key): value for key, value in changes.items()})


@pytest.fixture(scope="module")
def burned_in(new_market: MarketMaker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny market at the end of its burn-in, in a file."""
    path = tmp_path_factory.mktemp("burned") / "in"
    run_to(new_market(), 5).save(path)
    return path


@pytest.mark.parametrize("arm", [*STRATEGIES, *(name for name in ARMS if name != "everything")])
def test_an_arm_that_branches_off_equals_the_arm_run_through(
    tiny_scenario: Scenario, burned_in: Path, arm: str
) -> None:
    scenario = strategy(arm, tiny_scenario) if arm in STRATEGIES else tiny_scenario.replace(**ARMS[arm])
    assert not differing(Market.load(burned_in, scenario).run(), Market(scenario, rng=1).run())


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
    late = r"mechanics\.referral\.refer=0\.3 \(so far 0\.6\): the market has lived 12 days.*until .* after 5 days"
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


def test_a_column_that_the_model_does_not_have_is_named(new_market: MarketMaker, file: Path) -> None:
    market = new_market()
    market.columns.add(simulator.state.columns.Column("mood", "guest", np.float32, "of a user"))
    market.save(file)
    with pytest.raises(ValueError, match="no column 'mood' of 'guest'"):
        Market.load(file)

"""Saving and loading: a market taken up again goes on as if it had never been put down; other files are refused."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import simulator
from simulator import Market, Scenario, SettingsError, SnapshotError
from simulator.mechanics import MECHANICS
from simulator.records.events.codes import Reason
from simulator.records.events.ids import id_day
from simulator.state import snapshot
from tests.simulator.saving.markets import ARMS, BUSY_DAY, EVERYTHING, REMEMBERED_BY, MarketMaker, differing, run_to


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


@pytest.mark.parametrize("arm", ["everything", *(pytest.param(name, marks=pytest.mark.slow) for name in MECHANICS)])
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


@pytest.mark.parametrize(("keep_events", "days"), [(True, (0, 5, BUSY_DAY, 29, 30)), (False, (5, 22, 30))])
def test_saving_on_any_day_disturbs_nothing(
    tiny_scenario: Scenario, tmp_path: Path, keep_events: bool, days: tuple[int, ...]
) -> None:
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
    monkeypatch: pytest.MonkeyPatch, new_market: MarketMaker, eventful: Market, kind: type[Any], name: str
) -> None:
    """Without any one of the attributes, what is seen differs at once or within some days: the tests above can fail."""
    other = REMEMBERED_BY.get(kind.__name__)
    if other is not None:
        eventful = run_to(new_market({**EVERYTHING, **other}), BUSY_DAY)
    whole = eventful.fork()
    monkeypatch.setattr(kind, "carried", tuple(other for other in kind.carried if other != name))
    try:
        part = eventful.fork()
        while not differing(part, whole):
            assert whole.day < BUSY_DAY + 13
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


def test_a_column_that_the_model_does_not_have_is_named(new_market: MarketMaker, file: Path) -> None:
    market = new_market()
    market.columns.add(simulator.state.columns.Column("mood", "guest", np.float32, "of a user"))
    market.save(file)
    with pytest.raises(ValueError, match="no column 'mood' of 'guest'"):
        Market.load(file)

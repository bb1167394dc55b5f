"""A mechanic from outside the package runs under the same rules, and one that breaks the contract is told how."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator import Market, Scenario, SettingsError, draws, register_mechanic
from simulator.choice.visits import Looks, Visits
from simulator.contract import CLAUSES, SMALL, ContractBroken, check
from simulator.draws import decision
from simulator.mechanics import MECHANICS, MechanicsSettings
from simulator.mechanics.mechanic import Mechanic, MechanicSettings
from simulator.records.events.codes import Way
from simulator.settings import share
from simulator.trade.quote import Offer

REACH = decision("test_register.sale")


class SaleSettings(MechanicSettings):
    """A sale."""

    discount: float = share(0.3, "what the sale takes off the price")


class Sale(Mechanic):
    """Everything is cheaper for those in reach, from its first day to the end of the campaign."""

    name = "test_sale"
    reached_by = REACH

    def __init__(self, settings: SaleSettings, market: Market) -> None:
        super().__init__(settings, market)
        self.discount = settings.discount

    def offers(self, visits: Visits, looks: Looks) -> list[Offer]:
        at = self.who(looks).nonzero()[0]
        prices = self.market.products.offer_fen[looks.product[at]]
        return [Offer(Way.ALONE, at, (prices * (1.0 - self.discount)).astype("int64"))] if self.is_open else []

    def who(self, looks: Looks):  # type: ignore[no-untyped-def]
        return self.in_reach[looks.consumer]


class ForEverybody(Sale):
    """Forgets its reach."""

    name = "test_for_everybody"

    def who(self, looks: Looks):  # type: ignore[no-untyped-def]
        return looks.consumer >= 0


@pytest.fixture(autouse=True)
def tidy() -> Iterator[None]:
    """Leave the mechanics as they were."""
    yield
    for name in set(MECHANICS) & {Sale.name, ForEverybody.name}:
        del MECHANICS[name]
        del MechanicsSettings.__pydantic_fields__[name]
        delattr(MechanicsSettings, name)
    MechanicsSettings.model_rebuild(force=True)
    Scenario.__pydantic_fields__["mechanics"].default = MechanicsSettings()
    Scenario.model_rebuild(force=True)


def test_a_mechanic_of_ones_own_keeps_the_contract_and_is_set_like_any_other() -> None:
    before = Scenario()
    register_mechanic(Sale, SaleSettings)
    assert len(check("test_sale")) == len(CLAUSES)
    scenario = Scenario().replace(**SMALL, **{"mechanics.test_sale.enabled": True})
    assert "test_sale" in repr(Market(scenario))
    assert "mechanics.test_sale.discount" in scenario._repr_html_()
    assert scenario.active()["mechanics"]["test_sale"]["discount"] == 0.3
    assert Scenario().hash == before.hash, "what is off changes nothing"
    assert Market(before.replace(**SMALL)).mechanics == []
    with pytest.raises(SettingsError, match=r"mechanics.test_sale.discount=2: out of range"):
        scenario.replace(**{"mechanics.test_sale.discount": 2})


@pytest.mark.parametrize("setting", ["invitations.read", "attention.per_day", "platform.wallet_size"])
def test_what_a_stranger_may_make_use_of_tells_its_runs_apart(setting: str) -> None:
    """Two runs of it with other invitations are two runs; where nobody invites they are one."""
    register_mechanic(Sale, SaleSettings)
    without = Scenario().replace(**SMALL)
    scenario = without.replace(**{"mechanics.test_sale.enabled": True})
    block, _, name = setting.partition(".")
    changed = {setting: _another(getattr(getattr(scenario, block), name))}
    assert scenario.replace(**changed).hash != scenario.hash
    assert without.replace(**changed).hash == without.hash


def _another(value: float) -> float:
    return value + 1 if isinstance(value, int) else value / 2


def test_it_may_be_registered_again_but_not_under_a_name_that_is_taken() -> None:
    register_mechanic(Sale, SaleSettings)
    register_mechanic(Sale, SaleSettings)

    class Coupons(Sale):
        name = "coupons"

    with pytest.raises(ValueError, match="'coupons' is there already"):
        register_mechanic(Coupons, SaleSettings)

    class Unsayable(Sale):
        name = "my sale"

    with pytest.raises(ValueError, match="only letters, digits and _"):
        register_mechanic(Unsayable, SaleSettings)


def test_a_broken_clause_is_told_in_words() -> None:
    register_mechanic(ForEverybody, SaleSettings)
    with pytest.raises(ContractBroken, match="reach of zero equals its absence"):
        check("test_for_everybody")
    with pytest.raises(ContractBroken, match="no mechanic is registered as 'nobody'"):
        check("nobody")


def test_a_cell_of_a_notebook_may_declare_its_decisions_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "_decisions", {})
    for _ in range(2):
        exec("decision('cell.luck')", {"__name__": "__main__", "decision": decision})
    with pytest.raises(ValueError, match="declared twice"):
        decision("cell.luck")

"""An agent-based market: consumers, merchants and a platform that sells together (拼团), refers and hands out coupons.

from simulator import Market, Scenario
market = Market(Scenario(), rng=1, **{"mechanics.group_buying.enabled": True}).run()
market.datacollector.get_model_vars_dataframe()["orders"].plot()
"""

from simulator.agents.merchants import Merchant
from simulator.agents.platform import Platform
from simulator.agents.views import Consumer
from simulator.market import Market
from simulator.records.metrics import final_measures
from simulator.register import register_mechanic
from simulator.scenario import Scenario
from simulator.settings import SettingsError
from simulator.state.snapshot import SnapshotError

__all__ = [
    "Consumer",
    "Market",
    "Merchant",
    "Platform",
    "Scenario",
    "SettingsError",
    "SnapshotError",
    "final_measures",
    "register_mechanic",
]

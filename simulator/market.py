"""The market: a Mesa model built from a scenario; each step is one day."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from simulator.agents.consumers import add_traits, initial_joined_day, initial_trust
from simulator.agents.merchants import Merchant, make_products
from simulator.agents.needs import Needs
from simulator.agents.platform import Platform
from simulator.choice.choose import Chooser, Funnel
from simulator.choice.experience import Experience
from simulator.choice.slate import Slates
from simulator.choice.utility import Utility
from simulator.choice.visits import Visits
from simulator.day import simulate_day
from simulator.draws import Draws
from simulator.mechanics import MECHANICS
from simulator.policies.policy import Observations
from simulator.policies.pricing import make_pricing
from simulator.policies.recommendation import make_recommendation
from simulator.records.events import EventLog, Facts, Way
from simulator.scenario import Scenario
from simulator.social.builders import build
from simulator.social.invite import Invitations
from simulator.social.joining import Joining
from simulator.state.columns import Columns
from simulator.trade.admit import SubsidyBudget
from simulator.trade.checkout import Checkout
from simulator.trade.ledger import Ledger
from simulator.trade.quote import Offer, Quotes
from simulator.trade.reminders import Reminders
from simulator.trade.wallet import Wallets


class Market(mesa.Model):
    def __init__(self, scenario: Scenario | None = None, *, rng: int | None = 0, keep_events: bool = True, **settings: Any) -> None:
        super().__init__(rng=rng)
        scenario = scenario or Scenario()
        if settings:
            scenario = scenario.replace(**settings)
        self._market_scenario = scenario
        self.seed = rng
        self.day = 0
        self.wave = 0
        self.draws = Draws(self.seed)
        self._build()

    def _build(self) -> None:
        s, draws = self.scenario2, self.draws
        n, n_categories = s.consumers.n, s.merchants.n_categories
        self.products = make_products(s.merchants, s.consumers.taste_dimensions, draws)
        self.all_products = np.arange(len(self.products))
        self.columns = columns = Columns(n)
        add_traits(columns, s.consumers, s.needs, draws)
        self.network = build(s.social, n, draws, columns["taste"])
        joined = initial_joined_day(columns, s.consumers, draws)
        self.log = log = EventLog(Facts(self.seed, n, int((joined < 0).sum()), s.merchants.n_merchants, len(self.products), s.days, s.burn_in_days, s.campaign_end))
        self.joining = Joining(s.joining, columns, joined, self.network, draws, log)
        self.needs = Needs(s.needs, columns, n_categories, s.waves_per_day, draws, log)
        self.experience = Experience(s.experience, columns, initial_trust(columns, s.consumers, draws), self.products, s.merchants.n_merchants, n_categories, draws, log)
        self.invitations = Invitations(s.invitations, columns, self.network, draws, log)
        self.ledger = Ledger(columns, s.merchants.n_merchants)
        self.budget = SubsidyBudget(s.platform.subsidy_cap_fraction)
        self.wallets = Wallets(n, s.platform.wallet_size, log)
        self.reminders = Reminders(s.platform.reminder_visit, self.wallets, n_categories, s.waves_per_day, draws)
        self.checkout = Checkout(s.platform.take_rate, self.products, self.ledger, self.budget, self.wallets, self.needs, self.joining, self.experience, draws, log)
        self.utility = Utility(s.choice, columns, self.products, self.network, draws)
        self.quotes = Quotes(s.choice, columns, self.products, self.wallets, self.budget)
        self.funnel = Funnel(len(self.products))
        self.pricing = make_pricing(s.policies.pricing)
        truth = lambda who, page: self.utility.systematic(who, page, self.products.quality - s.experience.standard)
        self.slates = Slates(s.platform, self.products, n_categories, make_recommendation(s.policies.recommendation, truth), draws)
        self.chooser = Chooser(self.slates, self.utility, self.quotes, self.funnel)
        self._sold = np.zeros((s.platform.sales_window_days + s.platform.reaction_days, len(self.products)), dtype=np.int64)
        self.mechanics = [kind(getattr(s.mechanics, name), self) for name, kind in MECHANICS.items() if getattr(s.mechanics, name).enabled]

    @property
    def scenario2(self): return self._market_scenario
    @property
    def scenario(self): return self._market_scenario
    @scenario.setter
    def scenario(self, s): pass
    @property
    def tick(self): return self.day * self.scenario.waves_per_day + self.wave
    @property
    def campaign_day(self):
        s = self.scenario
        return self.day - s.burn_in_days if s.burn_in_days <= self.day < s.campaign_end else -1
    def restock(self):
        m = self.scenario.merchants
        if m.stock_units is not None and self.day % m.restock_days == 0:
            self.checkout.restock(m.stock_units)
    def observe(self):
        p = self.products
        return Observations(self.day, self.campaign_day, p.merchant, p.category, p.list_fen, p.cost_fen, self._sold[:self.scenario.platform.sales_window_days].sum(axis=0), p.ratings)
    def offers(self, visits, page):
        return [Offer(Way.ALONE, self.products.offer_fen[page]), *(o for m in self.mechanics for o in m.offers(visits, page))]
    def record_day(self):
        self._sold = np.roll(self._sold, -1, axis=0); self._sold[-1] = self.checkout.units_ordered
        self.log.append("exposures", len(self.products), day=self.day, wave=self.wave, consumer=-1, product=self.all_products, **self.funnel.counts)
        self.funnel.clear()
    def step(self):
        simulate_day(self)
        self.day += 1
        self.running = self.day < self.scenario.days

"""The market: a Mesa model built from a scenario; each step is one day."""

from __future__ import annotations

import secrets
from dataclasses import replace
from functools import partial
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from simulator.agents.consumers import add_traits, initial_joined_day, initial_trust
from simulator.agents.merchants import Merchant, make_products
from simulator.agents.needs import Needs
from simulator.agents.platform import Platform
from simulator.capability.capability import Capability
from simulator.choice.choose import Chooser, Funnel
from simulator.choice.experience import Experience
from simulator.choice.fairness import Fairness
from simulator.choice.slate import Slates
from simulator.choice.utility import Utility
from simulator.choice.visits import NONE, Looks, Visits
from simulator.day import simulate_day
from simulator.draws import Draws, Floats
from simulator.insight.pipe import Pipe
from simulator.insight.profiles import ConsumerProfiles
from simulator.insight.quality import EVERY_DAYS, quality
from simulator.insight.readings import Readings
from simulator.mechanics import MECHANICS
from simulator.policies.campaigning import make_campaigning
from simulator.policies.couponing import make_couponing
from simulator.policies.policy import Observations
from simulator.policies.pricing import make_pricing
from simulator.policies.product import make_designing
from simulator.policies.recommendation import make_recommendation
from simulator.policies.stocking import make_stocking
from simulator.privacy.consent import Consent
from simulator.privacy.governance import Governance
from simulator.records.daily import Daybook
from simulator.records.events.codes import Way
from simulator.records.events.log import EventLog, Facts
from simulator.resumable import Resumable
from simulator.scenario import Scenario
from simulator.settings import SettingsError
from simulator.social.attention import Attention
from simulator.social.invite import Invitations
from simulator.social.joining import Joining
from simulator.social.sharing import shared_network
from simulator.state.columns import Columns
from simulator.trade.admit import SubsidyBudget
from simulator.trade.checkout import Checkout
from simulator.trade.ledger import Ledger
from simulator.trade.quote import Offer, Quotes
from simulator.trade.reminders import Reminders
from simulator.trade.shelves import Shelves
from simulator.trade.wallet import Wallets
from simulator.trade.workshop import Workshop


class Market(Resumable):
    """A market of consumers, merchants and a platform.

    Args:
        scenario: Its settings; the default scenario if None.
        rng: The seed, an integer; None takes a fresh one, kept in `seed`.
        keep_events: Keep the events of all days (needed for the final measures) or only of the current one.
        **settings: Changes to the scenario by dotted key, so that Mesa's `batch_run` can vary them:
            `Market(**{"consumers.n": 500})`.

    Raises:
        SettingsError: If a setting is unknown or out of range, or the seed is no whole number from 0 on.
    """

    def __init__(
        self, scenario: Scenario | None = None, *, rng: int | None = 0, keep_events: bool = True, **settings: Any
    ) -> None:
        scenario = Scenario() if scenario is None else scenario
        if not isinstance(scenario, Scenario):
            raise SettingsError(f"{scenario!r} is no Scenario; changes to the default one are Market(**{{'days': 90}})")
        self._scenario = (scenario.replace(**settings) if settings else scenario).on_network()
        self.seed = secrets.randbits(31) if rng is None else _seed(rng)
        super().__init__(Columns(self._scenario.consumers.n), rng=self.seed)
        self.day = 0
        self.wave = 0
        self.draws = Draws(self.seed)
        self._make_people(keep_events)
        self._make_trade()
        self._make_insight()
        self.capability = Capability(self.scenario.capability, self) if self.scenario.capability.enabled else None
        self._make_choice()
        self.mechanics = [
            kind(getattr(self.scenario.mechanics, name), self)
            for name, kind in MECHANICS.items()
            if getattr(self.scenario.mechanics, name).enabled
        ]
        self.seen = self.observe()
        self._register_agents()
        self.daybook = Daybook(self.log.facts)
        # A book of its own, of a day without events, tells the names of the daily measures.
        self.today = Daybook(self.log.facts).enter(0, self.log.today)
        self.datacollector = mesa.DataCollector({name: partial(_of_today, name) for name in self.today})

    running: bool

    # Mesa 3.5 sets a scenario of its own kind in its constructor; a market has only the one it was built from.
    @property
    def scenario(self) -> Scenario:
        """The settings this market was built from."""
        return self._scenario

    @scenario.setter
    def scenario(self, other: object) -> None:
        if isinstance(other, Scenario):
            raise AttributeError("a market keeps the scenario it was built from; build a new Market for another one")

    def _make_people(self, keep_events: bool) -> None:
        """Consumers, their network, their needs and their memory."""
        s, draws, columns = self.scenario, self.draws, self.columns
        n_categories, n_merchants = s.merchants.n_categories, s.merchants.n_merchants
        self.products = make_products(s.merchants, s.consumers.taste_dimensions, draws)
        self.all_products = np.arange(len(self.products))
        add_traits(columns, s.consumers, s.needs, draws)
        self.network = shared_network(s.social, columns.n, draws, columns["taste"])
        joined_day = initial_joined_day(columns, s.consumers, draws)
        facts = Facts(
            seed=self.seed,
            n_consumers=columns.n,
            n_prospects=int(np.count_nonzero(joined_day < 0)),
            n_merchants=n_merchants,
            n_products=len(self.products),
            days=s.days,
            burn_in_days=s.burn_in_days,
            campaign_end=s.campaign_end,
            catalogue=tuple(np.bincount(self.products.merchant, minlength=n_merchants).tolist()),
        )
        self.log = EventLog(facts, keep=keep_events)
        self.joining = Joining(s.joining, columns, joined_day, self.network, draws, self.log)
        self.needs = Needs(s.needs, columns, n_categories, s.waves_per_day, draws, self.log)
        trust = initial_trust(columns, s.consumers, draws)
        self.experience = Experience(
            s.experience, columns, trust, self.products, n_merchants, n_categories, draws, self.log
        )
        self.attention = Attention(s.attention, columns, draws)
        self.invitations = Invitations(s.invitations, self.attention, self.network, draws, self.log)

    def _make_trade(self) -> None:
        """Accounts, budget, wallets and checkout."""
        s = self.scenario
        self.ledger = Ledger(self.columns, s.merchants.n_merchants)
        self.budget = SubsidyBudget(s.platform.subsidy_cap_fraction)
        has_coupons = s.mechanics.coupons.enabled or s.mechanics.referral.enabled
        self.wallets = Wallets(self.columns.n, s.platform.wallet_size if has_coupons else 0, self.log)
        self.reminders = Reminders(
            s.platform.reminder_visit,
            self.wallets,
            self.attention,
            s.merchants.n_categories,
            s.waves_per_day,
            self.draws,
        )
        self.checkout = Checkout(
            s.platform.take_rate,
            self.products,
            self.ledger,
            self.budget,
            self.wallets,
            self.needs,
            self.joining,
            self.experience,
            self.draws,
            self.log,
        )
        self.stocking = make_stocking(s.policies.stocking, s.waves_per_day)
        self.shelves = Shelves(s.merchants, self.products, self.checkout, self.log)
        product = s.policies.product
        self.designing = make_designing(product)
        self.workshop = Workshop(product.cost_fen, product.lead_days, self.products, self.checkout, self.log)

    def _make_insight(self) -> None:
        """What is collected and learned of consumers, and how policies get to see it."""
        s, collects = self.scenario, self.scenario.privacy.collection != "none"
        self.consent = Consent(s.privacy.consent, self.columns, self.draws) if collects else None
        reads = s.privacy.collection == "everything"
        readings = Readings(s.insight, s.choice.taste_weight, self.columns, self.network, self.draws) if reads else None
        self.pipe = Pipe(
            s.insight,
            s.privacy,
            s.platform.reaction_days,
            s.platform.sales_window_days,
            self.columns,
            self.products,
            self.draws,
            self.consent,
            readings,
        )
        profiles = self.pipe.profiles
        self.governance: Governance | None = None
        if self.consent is not None and isinstance(profiles, ConsumerProfiles):
            self.governance = Governance(self.consent, profiles, self)

    def _make_choice(self) -> None:
        """Prices, pages and choosers."""
        s = self.scenario
        self.utility = Utility(
            s.choice, self.columns, self.products, self.network, self.draws, s.mechanics.abuse.resale
        )
        self.quotes = Quotes(s.choice, self.columns, self.products, self.wallets, self.budget)
        self.funnel = Funnel(len(self.products))
        self.pricing = make_pricing(s.policies.pricing)
        personal = s.policies.pricing.personalised
        self.fairness = Fairness(personal.noticed, personal.trust_lost, self.products, self.experience, self.draws)
        self.couponing = make_couponing(s.policies.couponing)
        self.campaigning = make_campaigning(s.policies.campaigning, s.platform.sales_window_days)
        recommendation = make_recommendation(s.policies.recommendation, self._true_utility)
        self.slates = Slates(s.platform, self.products, s.merchants.n_categories, recommendation, self.draws)
        self.chooser = Chooser(
            self.slates, self.utility, self.quotes, s.experience.standard, self.funnel, self.pipe.see
        )
        self.quality_above_standard: Floats = np.zeros(len(self.products))

    def _register_agents(self) -> None:
        cohorts = self.scenario.merchants.cohorts
        names = [name for name, cohort in cohorts.items() for _ in range(cohort.count)]
        self.merchants = [Merchant(self, index, name) for index, name in enumerate(names)]
        self.platform = Platform(self)

    @property
    def tick(self) -> int:
        """Waves since the start of the run."""
        return self.day * self.scenario.waves_per_day + self.wave

    @property
    def campaign_day(self) -> int:
        """Days since the campaign began; -1 outside it."""
        s = self.scenario
        return self.day - s.burn_in_days if s.burn_in_days <= self.day < s.campaign_end else -1

    def step(self) -> None:
        """Simulate one day.

        Raises:
            RuntimeError: If the scenario's last day is over.
        """
        if not self.running:
            raise RuntimeError(f"the scenario ends after day {self.scenario.days - 1}; build a Market with more days")
        simulate_day(self)
        self.datacollector.collect(self)
        self.day += 1
        self.running = self.day < self.scenario.days

    def run(self) -> Market:
        """Simulate all days that are left."""
        while self.running:
            self.step()
        return self

    def observe(self) -> Observations:
        """What policies may see this morning."""
        is_able = None if self.capability is None else self.capability.is_able
        return self.pipe.observe(self.day, self.day < self.scenario.burn_in_days, self.campaign_day, is_able)

    @property
    def platform_sees(self) -> Observations:
        """What the platform's own policies may see today: without specialists it cannot read profiles."""
        if self.capability is None or self.capability.is_platform_able:
            return self.seen
        return replace(self.seen, profiles=self.pipe.no_profiles)

    def offers(self, visits: Visits, looks: Looks) -> list[Offer]:
        """All ways of buying what the shoppers of a block look at: alone first, then what the mechanics add.

        For those whom a mechanic bars there is the first only, without coupons. A personal price is one for buying
        alone in the app; other ways, and stores, are as dear for everybody.
        """
        everything = np.arange(len(looks))
        price_fen = self.pricing.personal(self.seen, looks.consumer, looks.product, self.draws)
        if price_fen is None:
            price_fen = self.products.offer_fen[looks.product]
        in_store = np.flatnonzero(visits.store[looks.visit] != NONE)
        price_fen[in_store] = self.products.offer_fen[looks.product[in_store]]
        barred = [b for mechanic in self.mechanics if (b := mechanic.bars(looks.consumer)) is not None and b.any()]
        if not barred:
            alone = Offer(Way.ALONE, everything, price_fen)
            return [alone, *(offer for mechanic in self.mechanics for offer in mechanic.offers(visits, looks))]
        free = np.flatnonzero(~np.any(barred, axis=0))
        plain = Offer(Way.ALONE, everything, price_fen, takes_coupons=False)
        alone = Offer(Way.ALONE, free, price_fen[free])
        added = [offer for mechanic in self.mechanics for offer in mechanic.offers(visits, looks.take(free))]
        return [plain, alone, *(replace(offer, at=free[offer.at]) for offer in added)]

    def record_day(self) -> None:
        """Close the books of the day."""
        self.pipe.enter_facts(self.checkout.units_ordered, self.funnel.counts, self.shelves.n_waves_in_stock)
        self.log.append(
            "exposures",
            len(self.products),
            day=self.day,
            wave=self.wave,
            consumer=-1,
            product=self.all_products,
            **self.funnel.counts,
        )
        self.funnel.clear()
        self._evaluate_insight()
        if self.day == self.scenario.days - 1:
            self.invitations.close_run(self.day, self.wave)
        self.today = self.daybook.enter(self.day, self.log.today)

    def _evaluate_insight(self) -> None:
        """Every so often, and at the end, how right the profiles are."""
        profiles, is_last = self.pipe.profiles, self.day == self.scenario.days - 1
        if isinstance(profiles, ConsumerProfiles) and (is_last or self.day % EVERY_DAYS == EVERY_DAYS - 1):
            found = quality(profiles, self.columns, self.scenario.choice.taste_weight)
            self.log.append("insights", 1, day=self.day, wave=self.wave, consumer=-1, **found)

    def _true_utility(self, consumers: NDArray[np.intp], products: NDArray[np.intp]) -> Floats:
        """What only the oracle may know."""
        true_quality = self.products.quality - self.scenario.experience.standard
        return self.utility.systematic(consumers, products, true_quality)

    def __repr__(self) -> str:
        s, mechanics = self.scenario, ", ".join(m.name for m in self.mechanics) or "no mechanics"
        return f"Market(day {self.day} of {s.days}, {s.consumers.n:,} consumers, {mechanics}, seed {self.seed})"


def _seed(rng: object) -> int:
    if not isinstance(rng, (int, np.integer)) or rng < 0:
        raise SettingsError(f"rng={rng!r}: the seed is a whole number from 0 on, or None for a fresh one")
    return int(rng)


def _of_today(measure: str, market: Market) -> float:
    return market.today[measure]

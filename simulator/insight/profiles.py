"""Profiles: what the platform keeps of each consumer who consents."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.draws import ALWAYS, Draws, Floats, decision
from simulator.insight.learning import Evidence, learn, remember
from simulator.insight.repurchase import BgNbd, Counts
from simulator.policies.policy import Beliefs, Purchases
from simulator.settings import Settings, quantity
from simulator.state.columns import Column, Columns

OWNER = "insight"
NOISE = decision("insight.profile_noise")
NEVER = -1
MONTH_DAYS = 30

Rows = NDArray[np.intp]


class InsightSettings(Settings):
    """How the platform learns. What it believes of people beforehand is an assumption of its own, not a fact."""

    appeal_sd: float = quantity(0.5, "how much people are believed to differ in buying at all", ge=0, le=20)
    taste_sd: float = quantity(0.8, "how much they are believed to differ in each taste", ge=0, le=20)
    price_sensitivity: float = quantity(2.0, "believed mean price sensitivity", ge=0, le=20)
    price_sensitivity_sd: float = quantity(0.6, "how much they are believed to differ in it", ge=0, le=20)
    click_margin: float = quantity(1.0, "how far below buying a click is believed to be", ge=0, le=20)
    prior_looks: float = quantity(20.0, "pseudo-looks in a product's click rate", unit="looks", ge=1)
    prior_clicks: float = quantity(0.25, "click rate of these", unit="share", gt=0, lt=1)
    memory: int = quantity(20, "products remembered that a consumer last wanted", unit="products", ge=1, le=200)
    demographics_sd: float = quantity(1.5, "error of the taste that is read off who somebody is", gt=0, le=100)
    device_sd: float = quantity(0.8, "error of the price sensitivity that is read off a device", gt=0, le=100)
    refit_days: int = quantity(
        30, "days between two fits of the repurchase model and of how alike friends are", unit="day", ge=1, le=365
    )
    refit_buyers: int = quantity(
        100, "consumers known to have bought again below which no repurchase model is fitted", unit="consumers", ge=1
    )


class ConsumerProfiles:
    """Weights with their uncertainty, purchases and baskets, one row per consumer.

    Args:
        settings: See there.
        noise_sd: Standard deviation of the noise on each weight that is read.
        columns: Where they are kept, shape (n_consumers, ...).
        n_attributes: Of a product.
        draws: The run's.
    """

    carried = ("repurchase", "day")

    def __init__(
        self, settings: InsightSettings, noise_sd: float, columns: Columns, n_attributes: int, draws: Draws
    ) -> None:
        self.settings, self.noise_sd, self.draws = settings, noise_sd, draws
        self.day = 0
        self.repurchase = BgNbd()
        s, add = settings, columns.add
        self.prior_mean = np.array([0.0] * (n_attributes + 1) + [s.price_sensitivity])
        self.prior_sd = np.array([s.appeal_sd] + [s.taste_sd] * n_attributes + [s.price_sensitivity_sd])
        shape = (columns.n, n_attributes + 2)
        self.n_looks = add(Column("insight_looks", OWNER, np.int32, "pieces of evidence in the profile"))
        self.mean = add(
            Column("insight_mean", OWNER, np.float32, "believed appeal, tastes, price sensitivity", width=shape[1]),
            np.broadcast_to(self.prior_mean, shape),
        )
        self.variance = add(
            Column("insight_variance", OWNER, np.float32, "variance of these beliefs", width=shape[1]),
            np.broadcast_to(self.prior_sd**2, shape),
        )
        self.basket = add(
            Column("insight_basket", OWNER, np.int32, "products last wanted", initial=NEVER, width=s.memory)
        )
        self.n_wanted = add(Column("insight_wanted", OWNER, np.int32, "products ever wanted"))
        self.n_orders = add(Column("insight_orders", OWNER, np.int32, "orders in the profile", "orders"))
        self.first_day = add(Column("insight_first_day", OWNER, np.int16, "day of the first", "day", NEVER))
        self.last_day = add(Column("insight_last_day", OWNER, np.int16, "day of the last", "day", NEVER))
        self.spend_fen = add(Column("insight_spend_fen", OWNER, np.int64, "paid for them", "fen"))

    def learn(self, evidence: Evidence, attributes: Floats, appeal: Floats) -> None:
        """Take in evidence; see `simulator.insight.learning`."""
        learn(evidence, attributes, appeal, self.mean, self.variance, self.n_looks)

    def read(self, consumers: Rows, weights: slice, values: Floats, sd: float) -> None:
        """Take in a direct reading of some weights with a normal error, shape (n, n_weights)."""
        before, variance = self.mean[consumers, weights].astype(np.float64), self.variance[consumers, weights]
        gain = variance / (variance + np.float64(sd) ** 2)
        self.mean[consumers, weights] = before + gain * (values - before)
        self.variance[consumers, weights] = variance * (1 - gain)

    def want(self, consumers: NDArray[np.int32], products: NDArray[np.int32]) -> None:
        """Remember what was wanted; see `simulator.insight.learning`."""
        remember(consumers, products, self.basket, self.n_wanted)

    def buy(self, consumers: Rows, day: int, paid_fen: NDArray[np.int64]) -> None:
        """Enter orders."""
        np.add.at(self.n_orders, consumers, 1)
        np.add.at(self.spend_fen, consumers, paid_fen)
        self.first_day[consumers] = np.where(self.first_day[consumers] < 0, day, self.first_day[consumers])
        self.last_day[consumers] = day

    def open_day(self, last_day: int) -> None:
        """Profiles now tell of everything up to a day; the repurchase model learns from them every `refit_days`."""
        self.day = last_day
        if last_day % self.settings.refit_days == 0:
            known = np.flatnonzero(self.n_orders)
            self.repurchase = self.repurchase.fit(*self._history(known), self.settings.refit_buyers)

    def erase(self, consumers: Rows) -> None:
        """Forget these consumers."""
        self.mean[consumers] = self.prior_mean
        self.variance[consumers] = self.prior_sd**2
        self.basket[consumers] = NEVER
        self.first_day[consumers] = self.last_day[consumers] = NEVER
        for column in (self.n_looks, self.n_wanted, self.n_orders, self.spend_fen):
            column[consumers] = 0

    def beliefs(self, consumers: Rows) -> Beliefs:
        """See `simulator.policies.policy.Profiles`."""
        mean = self.mean[consumers].astype(np.float64)
        if self.noise_sd:
            weights = np.arange(mean.shape[1])
            mean += self.noise_sd * self.draws.normal(NOISE, ALWAYS, consumers[:, None], weights)
        sd = np.sqrt(self.variance[consumers], dtype=np.float64)
        is_known = self.n_looks[consumers] > 0
        return Beliefs(is_known, mean[:, 0], mean[:, 1:-1], mean[:, -1], sd[:, 0], sd[:, 1:-1], sd[:, -1])

    def purchases(self, consumers: Rows) -> Purchases:
        """See `simulator.policies.policy.Profiles`."""
        n_orders = self.n_orders[consumers].astype(np.int64)
        first, last = (days[consumers].astype(np.int64) for days in (self.first_day, self.last_day))
        has = n_orders > 0
        p_alive, per_month = np.full((2, len(consumers)), np.nan)
        p_alive[has] = self.p_alive(consumers[has])
        per_month[has] = self.repurchase.expected(*self._history(consumers[has]), MONTH_DAYS)
        return Purchases(
            n_orders,
            np.where(has, self.day - last, NEVER),
            np.where(has, self.day - first, NEVER),
            self.spend_fen[consumers],
            p_alive,
            per_month,
        )

    def p_alive(self, buyers: Rows) -> Floats:
        """Probability that these consumers, who have a recorded order, still come, shape (n,)."""
        return self.repurchase.p_alive(*self._history(buyers))

    def baskets(self, consumers: Rows) -> NDArray[np.int32]:
        """See `simulator.policies.policy.Profiles`."""
        return self.basket[consumers]

    def _history(self, buyers: Rows) -> tuple[Counts, Counts, Counts]:
        """Repeat purchases, day of the last and days observed since the first, of some who have bought."""
        first, last = (days[buyers].astype(np.int64) for days in (self.first_day, self.last_day))
        return self.n_orders[buyers].astype(np.int64) - 1, last - first, self.day - first


class NoProfiles:
    """The profiles of a platform that records nothing: everybody is anybody."""

    carried = ()

    def __init__(self, settings: InsightSettings, n_attributes: int) -> None:
        self.settings, self.n_attributes = settings, n_attributes

    def beliefs(self, consumers: Rows) -> Beliefs:
        """See `simulator.policies.policy.Profiles`."""
        s, n = self.settings, len(consumers)

        def all_of(value: float, *width: int) -> Floats:
            return np.full((n, *width), value)

        return Beliefs(
            np.zeros(n, dtype=np.bool_),
            *(all_of(0.0), all_of(0.0, self.n_attributes), all_of(s.price_sensitivity)),
            *(all_of(s.appeal_sd), all_of(s.taste_sd, self.n_attributes), all_of(s.price_sensitivity_sd)),
        )

    def purchases(self, consumers: Rows) -> Purchases:
        """See `simulator.policies.policy.Profiles`."""
        none, never = np.zeros(len(consumers), dtype=np.int64), np.full(len(consumers), NEVER, dtype=np.int64)
        unknown = np.full(len(consumers), np.nan)
        return Purchases(none, never, never, none, unknown, unknown)

    def baskets(self, consumers: Rows) -> NDArray[np.int32]:
        """See `simulator.policies.policy.Profiles`."""
        return np.full((len(consumers), 1), NEVER, dtype=np.int32)

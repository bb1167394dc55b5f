"""What the platform believes of one consumer, learned record by record."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tests.oracle.luck import ALWAYS
from tests.oracle.records import Product, Record, single

if TYPE_CHECKING:
    from simulator.insight.profiles import InsightSettings
    from tests.oracle.consumer import Consumer
    from tests.oracle.insight import Insight

FRIENDS_HEARD = 20
FITTED_ON = 20_000
FEWEST = 100


class Profile:
    """Weights of appeal, of each attribute and of the price, each with a variance; wishes; orders."""

    def __init__(self, settings: InsightSettings, n_attributes: int) -> None:
        s = self.settings = settings
        self.weights = [0.0, *[0.0] * n_attributes, single(s.price_sensitivity)]
        sds = [s.appeal_sd, *[s.taste_sd] * n_attributes, s.price_sensitivity_sd]
        self.prior_variances = [sd**2 for sd in sds]
        self.variances = [single(v) for v in self.prior_variances]
        self.n_records = 0
        self.wishes: list[Product] = []
        self.n_orders = self.spend_fen = 0
        self.first_day = self.last_day = -1

    @property
    def tastes(self) -> list[float]:
        return self.weights[1:-1]

    @property
    def basket(self) -> list[Product]:
        """The products last wanted."""
        return self.wishes[-self.settings.memory :]

    def learn(self, record: Record, appeal: float) -> None:
        """Whether utility was above what it is compared with."""
        x = [1.0, *record.attributes, record.log_cut]
        w, v = self.weights, self.variances
        utility = appeal + record.margin + sum(w_k * x_k for w_k, x_k in zip(w, x, strict=True))
        s = sum(v_k * x_k**2 for v_k, x_k in zip(v, x, strict=True))
        p = 1 / (1 + math.exp(-utility)) if utility > 0 else math.exp(utility) / (1 + math.exp(utility))
        reported = record.p_flip + (1 - 2 * record.p_flip) * p
        slope = (1 - 2 * record.p_flip) * p * (1 - p)
        spread = max(reported * (1 - reported), 1e-12)
        h = 1 / (1 + s * slope**2 / spread)
        for k, x_k in enumerate(x):
            g = v[k] * x_k * h
            w[k] = single(w[k] + g * slope * (record.is_above - reported) / spread)
            v[k] = single(v[k] - g * v[k] * x_k * slope**2 / spread)
        self.n_records += 1
        if record.is_wish:
            self.wishes.append(record.product)

    def read(self, k: int, reading: float, sd: float) -> None:
        """Take in a direct reading of a weight."""
        share = self.variances[k] / (self.variances[k] + sd**2)
        self.weights[k] = single(self.weights[k] + share * (reading - self.weights[k]))
        self.variances[k] = single(self.variances[k] - share * self.variances[k])

    def buy(self, day: int, paid_fen: int) -> None:
        """A settled order of that day."""
        self.n_orders += 1
        self.spend_fen += paid_fen
        self.first_day = day if self.first_day < 0 else self.first_day
        self.last_day = day


class Likeness:
    """How alike friends are, and what is read off people when they are first seen."""

    def __init__(self, insight: Insight) -> None:
        self.insight = insight
        n_attributes = len(insight.world.products[0].attributes)
        self.slope = [0.0] * n_attributes
        self.explained = [0.0] * n_attributes

    def heard(self, consumer: Consumer) -> list[float] | None:
        """The mean taste weights of the closest friends of whom there is a record."""
        known = [f.profile.tastes for f in consumer.friends[:FRIENDS_HEARD] if f.profile.n_records > 0]
        return [sum(column) / len(known) for column in zip(*known, strict=True)] if known else None

    def fit(self) -> None:
        """Least squares of a known person's taste weights on what is heard of the friends'."""
        known = [c for c in self.insight.world.consumers if c.profile.n_records > 0][:FITTED_ON]
        pairs = [(c.profile.tastes, heard) for c in known if (heard := self.heard(c))]
        if len(pairs) < FEWEST:
            return
        for k in range(len(self.slope)):
            own, friends = ([pair[side][k] for pair in pairs] for side in (0, 1))
            own, friends = ([x - sum(xs) / len(xs) for x in xs] for xs in (own, friends))
            covariance = sum(a * b for a, b in zip(own, friends, strict=True))
            if covariance > 0:
                own_square, friends_square = (sum(x**2 for x in xs) for xs in (own, friends))
                self.slope[k] = covariance / friends_square
                self.explained[k] = covariance**2 / (own_square * friends_square)
            else:
                self.slope[k] = self.explained[k] = 0.0

    def read_newcomers(self, newcomers: set[Consumer]) -> None:
        """What their friends like, who they are, what device they have; all as of before today's records."""
        for newcomer in newcomers:
            self._read(newcomer)

    def _read(self, newcomer: Consumer) -> None:
        s, luck, profile = self.insight.settings, self.insight.world.luck, newcomer.profile
        heard = self.heard(newcomer)
        if heard:
            for k, mean in enumerate(heard):
                profile.weights[k + 1] = single(profile.weights[k + 1] + self.slope[k] * mean)
                profile.variances[k + 1] = single((1 - self.explained[k]) * profile.variances[k + 1])
        taste_weight = self.insight.world.settings.choice.taste_weight
        for k, taste in enumerate(newcomer.taste):
            error = luck.normal("insight.demographics", ALWAYS, newcomer.row, k)
            profile.read(k + 1, taste_weight * taste + s.demographics_sd * error, s.demographics_sd)
        error = luck.normal("insight.device", ALWAYS, newcomer.row)
        profile.read(len(profile.weights) - 1, newcomer.price_sensitivity + s.device_sd * error, s.device_sd)

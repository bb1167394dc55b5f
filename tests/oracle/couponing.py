"""Whom the couponing policy gives a coupon first."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tests.oracle.consumer import Consumer
    from tests.oracle.world import World

BLIND = ("blanket", "new_customer")


class Couponing:
    """Scores of members; who has none gets nothing."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kind = world.settings.policies.couponing.kind
        self.settings: Any = getattr(world.settings.policies.couponing, self.kind, None)
        self.lots = Lots(self) if self.kind == "uplift" else None

    def open_day(self) -> None:
        """Look at what has become of those who were in a lot."""
        if self.lots:
            self.lots.open_day()

    def scores(self, members: list[Consumer]) -> dict[Consumer, float]:
        """Of these members in reach."""
        if self.kind not in BLIND:
            if not any(c.profile.n_records > 0 for c in self.world.consumers):
                return self._blanket(members)
            if self.kind not in ("rfm", "win_back"):
                members = [c for c in members if c.profile.n_records > 0]
        scores: dict[Consumer, float] = getattr(self, f"_{self.kind}")(members)
        return scores

    def _blanket(self, members: list[Consumer]) -> dict[Consumer, float]:
        return dict.fromkeys(members, 0.0)

    def _new_customer(self, members: list[Consumer]) -> dict[Consumer, float]:
        hidden = self.world.stores.hidden_orders
        return {c: c.joined_day for c in members if c.n_orders == hidden[c]}

    def _price_sensitivity(self, members: list[Consumer]) -> dict[Consumer, float]:
        return {c: self.world.insight.beliefs(c)[-1] for c in members}

    def _rfm(self, members: list[Consumer]) -> dict[Consumer, float]:
        buyers = [c for c in self.world.consumers if c.profile.n_orders > 0]
        scores = {c: 0.0 for c in members if c in buyers}
        for what in ("last_day", "n_orders", "spend_fen"):
            value = {c: getattr(c.profile, what) for c in buyers}
            for c in scores:
                behind = sum(v < value[c] for v in value.values())
                scores[c] += 1 + 5 * behind // len(buyers)
        return scores

    def _win_back(self, members: list[Consumer]) -> dict[Consumer, float]:
        insight = self.world.insight
        scores = {}
        for c in members:
            p = c.profile
            if p.n_orders > 0 and insight.told_until - p.last_day >= self.settings.silent_days:
                alive = insight.repurchase.p_alive(p)
                if_alive = insight.repurchase.orders_per_month(p) / alive
                scores[c] = (1 - alive) * if_alive * p.spend_fen / p.n_orders
        return scores

    def _uplift(self, members: list[Consumer]) -> dict[Consumer, float]:
        assert self.lots
        return self.lots.scores(members)


@dataclass
class Trial:
    """Somebody in a lot, given a coupon or denied one; whether an order followed is known later."""

    consumer: Consumer
    features: list[float]
    gets: bool
    first_day: int
    last_day: int
    has_ordered: bool = False


class Lots:
    """Coupons given and denied by lot, and what is learned from them about whom they move."""

    def __init__(self, couponing: Couponing) -> None:
        self.world, self.settings = couponing.world, couponing.settings
        self.waiting: list[Trial] = []
        self.seen: list[Trial] = []
        self.models: list[Logistic] = []

    def open_day(self) -> None:
        newest = self.world.insight.told_until
        for trial in (t for t in self.waiting if t.last_day == newest and t.consumer.profile.n_records > 0):
            trial.has_ordered = trial.consumer.profile.last_day >= trial.first_day
            self.seen.append(trial)
        self.waiting = [t for t in self.waiting if t.last_day > newest]
        self.seen = self.seen[-self.settings.memory :]

    def scores(self, members: list[Consumer]) -> dict[Consumer, float]:
        """1 for those whom the lot gives one; of those whom it leaves alone, the predicted uplift."""
        with_coupon, without = ([t for t in self.seen if t.gets is gets] for gets in (True, False))
        enough = all(
            sum(t.has_ordered is has for t in arm) >= self.settings.events
            for arm in (with_coupon, without)
            for has in (True, False)
        )
        self.models = Logistic.of(with_coupon, without) if enough else []
        scores = {}
        for c in members:
            lot = self.world.u("couponing.lot", c.row)
            if lot < self.settings.explore:
                scores[c] = 1.0
            elif lot >= 2 * self.settings.explore and not self.models:
                scores[c] = 0.0
            elif lot >= 2 * self.settings.explore:
                if_sent, if_not = (model.chance(self.features(c)) for model in self.models)
                if if_sent > if_not:
                    scores[c] = if_sent - if_not
        return scores

    def issued(self, members: list[Consumer], receivers: list[Consumer], last_day: int) -> None:
        """Put down who was in the lot."""
        for c in members:
            lot = self.world.u("couponing.lot", c.row)
            is_in = lot < 2 * self.settings.explore and (lot >= self.settings.explore or c in receivers)
            if is_in and c.profile.n_records > 0:
                gets = lot < self.settings.explore
                self.waiting.append(Trial(c, self.features(c), gets, self.world.day, last_day))

    def features(self, c: Consumer) -> list[float]:
        p, insight = c.profile, self.world.insight
        appeal, *_, sensitivity = insight.beliefs(c)
        silent = insight.told_until - p.last_day if p.n_orders else self.world.day - c.joined_day
        counts = (silent, p.n_orders, p.spend_fen / max(p.n_orders, 1))
        return [appeal, sensitivity, *(math.log1p(x) for x in counts)]


class Logistic:
    """A penalised logistic regression, found by Newton's method."""

    def __init__(self, trials: list[Trial], mean: np.ndarray, sd: np.ndarray) -> None:
        self.mean, self.sd = mean, sd
        x = np.array([self._row(t.features) for t in trials])
        y = np.array([t.has_ordered for t in trials], dtype=float)
        penalty = np.diag([0.0] + [1.0] * len(mean))
        b = np.zeros(len(mean) + 1)
        for _ in range(100):
            p = 1 / (1 + np.exp(-x @ b))
            step = np.linalg.solve((x.T * (p * (1 - p))) @ x + penalty, x.T @ (y - p) - penalty @ b)
            b += step
            if np.abs(step).max() < 1e-12:
                break
        self.coefficients = np.round(b, 6)

    @classmethod
    def of(cls, *arms: list[Trial]) -> list[Logistic]:
        """One for each arm, features standardised over both."""
        features = np.array([t.features for arm in arms for t in arm])
        sd = features.std(axis=0)
        return [cls(arm, features.mean(axis=0), np.where(sd > 0, sd, 1.0)) for arm in arms]

    def _row(self, features: list[float]) -> np.ndarray:
        return np.array([1.0, *(np.array(features) - self.mean) / self.sd])

    def chance(self, features: list[float]) -> float:
        return float(1 / (1 + np.exp(-self._row(features) @ self.coefficients)))

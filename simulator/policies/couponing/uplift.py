"""Uplift coupons: for those whom a coupon makes order who would not have ordered without (Lo 2002).

At every issue a lot decides over some of the known members: as many are sent a coupon as are denied one. What they have
ordered while it was valid is the experiment from which the two chances of an order, with and without a coupon, are
learned, by one logistic regression each (T-learner: Künzel et al. 2019). Their difference is the uplift.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit

from simulator.draws import Draws, decision
from simulator.policies.couponing.couponing import NEVER, KnowingCouponing
from simulator.policies.policy import Flags, Numbers, Observations, Rows
from simulator.settings import Settings, quantity

LOT = decision("couponing.lot")
N_FEATURES = 5
PRECISION = 1e-10
"""Largest slope of the mean loss at which a fit ends; coefficients are then right far beyond the decimals used."""
DIGITS = 6
"""Decimals of coefficients that are used; sums of another order, on another machine, differ far beyond them."""


class UpliftSettings(Settings):
    """The experiment, and how much of it is enough."""

    explore: float = quantity(
        0.1,
        "share of the known members to whom the lot gives a coupon, and share to whom it denies one",
        unit="share",
        gt=0,
        le=0.5,
    )
    events: int = quantity(
        10 * N_FEATURES,
        "members who ordered, and who did not, with and without a coupon, before an uplift is predicted",
        unit="members",
        source="10 for each feature: Peduzzi et al. 1996",
        ge=1,
    )
    memory: int = quantity(100_000, "members of past lots who are learned from, the latest", unit="members", ge=4)


class Uplift(KnowingCouponing):
    """The highest predicted uplift first; by lot as long as there are too few outcomes to learn from."""

    carried = ("waiting", "past")

    def __init__(self, settings: UpliftSettings) -> None:
        self.settings = settings
        self.waiting: list[dict[str, Any]] = []
        """Lots whose outcome cannot be seen yet: `due` day, `valid_days`, and of each member `consumer`, `features`,
        `has_coupon`."""
        self.past: dict[str, Any] = {
            "features": np.empty((0, N_FEATURES)),
            "has_coupon": np.empty(0, dtype=np.bool_),
            "has_ordered": np.empty(0, dtype=np.bool_),
        }
        """Those whose outcome is known, in order of time."""

    def open_day(self, seen: Observations) -> None:
        """Learn the outcomes of the lots whose coupons' last day is on record by now, but of who withdrew consent."""
        due = [lot for lot in self.waiting if lot["due"] <= seen.day]
        self.waiting = [lot for lot in self.waiting if lot["due"] > seen.day]
        for lot in due:
            is_known = seen.profiles.beliefs(lot["consumer"]).is_known
            silent_days = seen.profiles.purchases(lot["consumer"]).recency_days
            outcome = {**lot, "has_ordered": (silent_days >= 0) & (silent_days < lot["valid_days"])}
            for name, before in self.past.items():
                self.past[name] = np.concatenate([before, outcome[name][is_known]])[-self.settings.memory :]

    def score(self, seen: Observations, consumers: Rows, draws: Draws) -> Numbers:
        is_sent, is_denied = self._lot(seen, consumers, draws)
        is_known = seen.profiles.beliefs(consumers).is_known
        if self._is_enough():
            uplift = self._predict(features(seen, consumers))
            score = np.where(is_known & (uplift > 0), uplift, NEVER)
        else:
            score = np.where(is_known, 0.0, NEVER)
        score[is_sent] = 1.0  # no uplift is as high
        score[is_denied] = NEVER
        return score

    def issued(self, seen: Observations, consumers: Rows, has_coupon: Flags, valid_days: int, draws: Draws) -> None:
        """Note who was in the lot; who drew a coupon that the budget did not reach was not."""
        is_sent, is_denied = self._lot(seen, consumers, draws)
        rows = np.flatnonzero((is_sent & has_coupon) | is_denied)
        if len(rows):
            self.waiting.append(
                {
                    "due": seen.day + valid_days - 1 + seen.profiles_days,
                    "valid_days": valid_days,
                    "consumer": consumers[rows],
                    "features": features(seen, consumers[rows]),
                    "has_coupon": has_coupon[rows],
                }
            )

    def _lot(self, seen: Observations, consumers: Rows, draws: Draws) -> tuple[Flags, Flags]:
        """To whom today's lot gives a coupon, and to whom it denies one."""
        is_known = seen.profiles.beliefs(consumers).is_known
        luck, explore = draws.uniform(LOT, seen.day, consumers), self.settings.explore
        return is_known & (luck < explore), is_known & (explore <= luck) & (luck < 2 * explore)

    def _is_enough(self) -> bool:
        counts = np.bincount(2 * self.past["has_coupon"] + self.past["has_ordered"], minlength=4)
        return int(counts.min()) >= self.settings.events

    def _predict(self, asked: Numbers) -> Numbers:
        """Chance of an order with a coupon less that without, shape (n,)."""
        learned, with_coupon, ordered = (self.past[name] for name in ("features", "has_coupon", "has_ordered"))
        mean, sd = learned.mean(axis=0), learned.std(axis=0)
        scale = np.where(sd > 0, sd, 1.0)
        learned, asked = (learned - mean) / scale, (asked - mean) / scale
        with_one, without = (_chance(learned[arm], ordered[arm], asked) for arm in (with_coupon, ~with_coupon))
        return with_one - without


def features(seen: Observations, consumers: Rows) -> Numbers:
    """What an uplift is predicted from, shape (n, N_FEATURES).

    Believed appeal and price sensitivity, and the logarithms of 1 + days since the last order (since joining for who
    has none), orders, and the mean paid for one in fen.
    """
    believed, bought = seen.profiles.beliefs(consumers), seen.profiles.purchases(consumers)
    silent_days = np.where(bought.n_orders > 0, bought.recency_days, seen.day - seen.joined_day[consumers])
    paid_per_order = bought.spend_fen / np.maximum(bought.n_orders, 1)
    return np.stack(
        [
            believed.appeal,
            believed.price_sensitivity,
            np.log1p(silent_days),
            np.log1p(bought.n_orders),
            np.log1p(paid_per_order),
        ],
        axis=1,
    )


def _chance(learned: Numbers, ordered: Flags, asked: Numbers) -> Numbers:
    """Chance of an order by logistic regression with a penalty of half the sum of squared coefficients."""
    from sklearn.linear_model import LogisticRegression  # takes a second, and only this policy needs it
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):  # sums in one order, however many cores there are
        model = LogisticRegression(C=1.0, solver="newton-cholesky", tol=PRECISION).fit(learned, ordered)
    slopes = np.round(model.coef_[0], DIGITS)
    return np.asarray(expit(np.round(model.intercept_[0], DIGITS) + np.einsum("ij,j->i", asked, slopes)))

"""What pairing by addressed errors saves: who changes their choice when one product out of many gets a coupon.

    python -m experiments.pairing
    python -m experiments.pairing --products 50 --discount 0.1 --seeds 3

The same shoppers with the same luck choose once without and once with the coupon, in the ordinary market, on a day
without a past. Each has an error of their own for each product, so whoever changes changes to the product with the
coupon. Beside it stands what two other ways of drawing choices with the same probabilities would give: one uniform
number per shopper, turned into a choice by the inverse of the cumulated probabilities; and other luck in each world.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from experiments.parser import Parser
from simulator import Market, Scenario

Floats = NDArray[np.float64]
NOTHING = -1
EXACT = 1e-12
"""Shares below this are rounding errors of zero."""

SETTINGS: dict[str, Any] = {
    "days": 3,
    "burn_in_days": 1,
    "post_days": 1,
    "consumers.prospect_fraction": 0.0,
    "social.kind": "ring",
    "social.degree": 2,
    "merchants.n_categories": 1,
    "platform.examination_decay": 0.0,
    "platform.subsidy_cap_fraction": None,
}
"""Everybody is a member and looks at all products; tastes, trust and price sensitivities differ as they always do."""


class Shopping(NamedTuple):
    """One day of shopping.

    Attributes:
        bought: Column of each consumer's choice in `utility`, -1 for nothing; shape (n_consumers,).
        utility: Utility of each product but for its error, nothing being 0; shape (n_consumers, n_products).
        couponed: The product that the coupon fits, the dearest one.
    """

    bought: NDArray[np.int64]
    utility: Floats
    couponed: int


def scenario(n_consumers: int, n_products: int, coupon: dict[str, Any]) -> Scenario:
    """The market; `coupon` holds the settings of the coupon that everybody has, if there is one."""
    size = {
        "consumers.n": n_consumers,
        "platform.slate_size": n_products,
        "merchants.cohorts": {"each": {"count": n_products, "products_each": 1}},
    }
    return Scenario().replace(**SETTINGS, **size, **{f"mechanics.coupons.{key}": coupon[key] for key in coupon})


def shop(market: Market) -> Shopping:
    """Let everybody need something on the first day of the campaign, and nobody before it."""
    market.consumers.set("need_rate", 0.0)
    market.step()
    market.consumers.set("need_rate", 1.0)
    utility = utility_of_newcomers(market)
    market.step()
    orders = market.log.columns("orders")
    bought = np.full(len(utility), NOTHING, dtype=np.int64)
    bought[orders["consumer"]] = orders["product"]
    return Shopping(bought, utility, int(market.products.list_fen.argmax()))


def utility_of_newcomers(market: Market) -> Floats:
    """Utility of each product but for its error, with the coupon, for people without a past.

    They have no friends who bought, no loyalty, no ratings to see, and list prices as reference; what is left of
    the model's utility is taste, trust and price. Shape (n_consumers, n_products).
    """
    s, coupon = market.scenario.choice, market.scenario.mechanics.coupons
    products, columns = market.products, market.columns
    beta, trust = (columns[name].astype(np.float64)[:, None] for name in ("price_sensitivity", "trust"))
    list_fen = products.list_fen
    has_coupon = coupon.enabled & (list_fen >= coupon.min_spend_fen)
    discount = -np.log((list_fen - coupon.face_fen * has_coupon) / list_fen)
    taste = columns["taste"].astype(np.float64) @ products.attributes.T
    own = s.appeal + s.taste_weight * taste + s.trust_weight * (trust - s.trust_standard)
    return np.asarray(own + (beta + s.gain_weight) * discount)


def observed(before: Shopping, after: Shopping) -> Floats:
    """Shares of shoppers who change to the product with the coupon, away from it, and between two others."""
    changed, k = before.bought != after.bought, after.couponed
    to, away = changed & (after.bought == k), changed & (before.bought == k)
    return np.array([to.mean(), away.mean(), (changed & ~to & ~away).mean()])


def probabilities(utility: Floats) -> Floats:
    """Choice probabilities of the products in order, then of nothing; shape (n_consumers, n_products + 1)."""
    return np.asarray(softmax(np.pad(utility, ((0, 0), (0, 1))), axis=1))


def expected(before: Shopping, after: Shopping, same: Floats) -> Floats:
    """The same shares from choice probabilities.

    Args:
        before: Without the coupon.
        after: With it.
        same: Probability of choosing each alternative in both worlds, shape (n_consumers, n_products + 1).
    """
    p, q, k = probabilities(before.utility), probabilities(after.utility), after.couponed
    to, away = (q - same)[:, k].mean(), (p - same)[:, k].mean()
    return np.array([to, away, 1 - same.sum(axis=1).mean() - to - away])


def with_one_uniform(before: Shopping, after: Shopping) -> Floats:
    """What inverse-CDF sampling would give, without sampling: how far the intervals of an alternative overlap."""
    top = [np.cumsum(probabilities(day.utility), axis=1) for day in (before, after)]
    bottom = [np.pad(cumulated, ((0, 0), (1, 0)))[:, :-1] for cumulated in top]
    overlap = np.minimum(*top) - np.maximum(*bottom)
    return expected(before, after, np.maximum(overlap, 0))


def with_other_luck(before: Shopping, after: Shopping) -> Floats:
    """What independent draws in the two worlds would give."""
    return expected(before, after, probabilities(before.utility) * probabilities(after.utility))


WAYS = {
    "an error per shopper and product (this market)": observed,
    "one uniform number per shopper, inverse CDF": with_one_uniform,
    "other luck in each world": with_other_luck,
}


def measure(n_consumers: int, n_products: int, discount: float, seed: int) -> Floats:
    """The shares of changed choices in one world, shape (n_ways, 3)."""
    plain = Market(scenario(n_consumers, n_products, {}), rng=seed)
    dearest = int(plain.products.list_fen.max())
    coupon = {"enabled": True, "noticed": 1.0, "min_spend_fen": dearest, "face_fen": round(discount * dearest)}
    couponed = Market(scenario(n_consumers, n_products, coupon), rng=seed)
    before, after = shop(plain), shop(couponed)
    return np.array([way(before, after) for way in WAYS.values()])


def table(shares: Floats) -> str:
    """A table in Markdown of shares, shape (n_ways, 3)."""
    lines = ["| choices drawn by | change | to the product with the coupon | away from it | between two others |"]
    lines.append("|---|" + "---|" * 4)
    for way, row in zip(WAYS, shares, strict=True):
        lines.append(f"| {way} | " + " | ".join(f"{x:.2%}" if x > EXACT else "none" for x in (row.sum(), *row)) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = Parser("pairing", __doc__)
    parser.add_argument("--consumers", type=int, default=20_000, help="shoppers in each world (default: %(default)s)")
    parser.add_argument("--products", type=int, default=20, help="products on the page (default: %(default)s)")
    parser.add_argument("--discount", type=float, default=0.3, help="the coupon's share of the price (%(default)s)")
    parser.add_argument("--seeds", type=int, default=16, help="worlds (default: %(default)s)")
    a = parser.parse_args(arguments)
    print(table(np.mean([measure(a.consumers, a.products, a.discount, seed) for seed in range(a.seeds)], axis=0)))


if __name__ == "__main__":
    main()

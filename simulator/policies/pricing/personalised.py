"""Personalised prices (大数据杀熟): who is believed to mind the price less pays more, unseen by the others."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from simulator.draws import Draws, decision
from simulator.policies.following import FollowedSettings, follow
from simulator.policies.policy import Beliefs, Ints, Numbers, Observations, Rows
from simulator.policies.pricing.fixed import FixedPrices
from simulator.policies.pricing.pricing import FOLLOWS, whole_fen
from simulator.settings import quantity, share

EXPLORES = decision("pricing.explores")


class PersonalisedSettings(FollowedSettings):
    """How far prices go apart, and what it costs when somebody notices."""

    depth: float = quantity(0.15, "how far a personal price may be from the offer price", unit="share", ge=0, lt=1)
    usual_elasticity: float = quantity(
        2.0, "elasticity of demand (less its sign) for which the offer price is right", gt=1, le=20
    )
    exploration: float = quantity(
        0.02, "random part of a personal price, up or down at most, to learn from", unit="share", ge=0, lt=1
    )
    noticed: float = share(0.1, "probability that a buyer who pays more than the offer price finds out")
    trust_lost: float = quantity(0.1, "trust lost by finding out", unit="share", ge=0, le=1)


class PersonalisedPrices(FixedPrices):
    """The list price for all to see; for whom there is a profile, the markup that their demand is believed to bear."""

    def __init__(self, settings: PersonalisedSettings) -> None:
        self.settings = settings

    def personal(self, seen: Observations, consumers: Rows, products: Rows, draws: Draws) -> Ints | None:
        s = self.settings
        if seen.campaign_day < 0:
            return None
        price = seen.list_fen[products]
        believed = seen.profiles.beliefs(consumers)
        is_personal = believed.is_known & follow(seen, seen.merchant[products], s.reach, draws, FOLLOWS)
        if not is_personal.any():
            return None
        factor = markup(elasticity(seen, believed, products)) / markup(np.array(s.usual_elasticity))
        factor *= 1 + s.exploration * (2 * draws.uniform(EXPLORES, seen.day, consumers, products) - 1)
        asked = whole_fen(price * np.clip(factor, 1 - s.depth, 1 + s.depth))
        asked = np.maximum(asked, np.minimum(seen.cost_fen[products], price))
        return np.where(is_personal, asked, price)


def elasticity(seen: Observations, believed: Beliefs, products: Rows) -> Numbers:
    """Believed elasticity of somebody's demand for a product (less its sign), shape (n,).

    With logit demand it is β·(1 - P(buys)) (McFadden 1974): who likes a product minds its price less. β is taken to be
    measured on the average consumer, so it is the ratio of the two (1 - P) that counts.
    """
    average = seen.appeal[products]
    own = average + believed.appeal + np.einsum("na,na->n", believed.taste, seen.attributes[products])
    return np.asarray(believed.price_sensitivity * expit(-own) / expit(-average))


def markup(elasticity: Numbers) -> Numbers:
    """The best price over cost, e/(e - 1) (Lerner 1934), shape (n,); infinite where e ≤ 1."""
    return np.asarray(np.where(elasticity > 1, elasticity / np.maximum(elasticity - 1, 1e-12), np.inf))

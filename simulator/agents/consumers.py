"""Who the consumers are: their settings and the traits they are born with."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, gammaincinv, logit

from simulator.draws import ALWAYS, Draws, Floats, decision
from simulator.records.events.ids import MAX_CONSUMERS
from simulator.settings import Settings, quantity, share
from simulator.state.columns import Column, Columns

OWNER = "traits"

PROSPECT = decision("consumer.is_prospect")
NEED_RATE = decision("consumer.need_rate")
ATTRITION = decision("consumer.attrition")
PRICE_SENSITIVITY = decision("consumer.price_sensitivity")
TASTE = decision("consumer.taste")
SOCIABILITY = decision("consumer.sociability")
TRUST = decision("consumer.trust")


class ConsumerSettings(Settings):
    """The population. Everybody exists from the start; prospects have not joined yet."""

    n: int = quantity(20_000, "number of consumers", unit="consumers", ge=2, lt=MAX_CONSUMERS)
    prospect_fraction: float = share(0.4, "share of consumers who have not joined at the start")
    taste_dimensions: int = quantity(4, "dimensions of taste and of product attributes", ge=1, le=32)
    price_sensitivity: float = quantity(
        2.0, "median price sensitivity β (utility per log price)", source="trial: elasticity near -2.5", ge=1.5, le=20
    )
    price_sensitivity_sd: float = quantity(0.3, "standard deviation of ln β", source="trial", ge=0, le=2)
    sociability: float = quantity(0.5, "mean probability of sharing with a given friend", source="trial", gt=0, lt=1)
    sociability_concentration: float = quantity(4.0, "concentration α+β of sociability's Beta law", gt=0)
    trust: float = share(0.7, "mean trust in the platform at the start")
    trust_sd: float = quantity(0.1, "standard deviation of trust at the start", unit="share", ge=0, le=0.5)


class NeedSettings(Settings):
    """When people need something, how they come back for it, and when they stop coming."""

    rate: float = quantity(0.05, "mean needs of a consumer per day", unit="1/day", gt=0, le=1)
    rate_shape: float = quantity(0.5, "shape of the Gamma law of need rates over consumers", gt=0)
    conversion: float = quantity(
        1.0,
        "share of needs that end in a purchase, when `rate` and attrition are given per purchase (as in BG/NBD): "
        "the need rate is rate/conversion and attrition per need is p·conversion",
        unit="share",
        gt=0,
        le=1,
    )
    retry: float = share(0.5, "probability that an unmet need is tried again the next day; else it is lost")
    attrition_alpha: float = quantity(0.8, "α of the Beta law of attrition per need", gt=0)
    attrition_beta: float = quantity(15.2, "β of the Beta law of attrition per need", gt=0)
    satisfaction_effect: float = quantity(-2.0, "effect of satisfaction on the logit of attrition", ge=-20, le=20)
    has_attrition: bool = quantity(True, "whether consumers can fall dormant")
    weekend_factor: float = quantity(1.0, "need rate on days 5 and 6 of each week, relative to the others", gt=0, le=10)
    festival_days: tuple[int, ...] = quantity((), "days of shopping festivals", unit="day")
    festival_factor: float = quantity(2.0, "need rate on a festival day, relative to other days", gt=0, le=20)
    home_stock: float = share(0.5, "probability that a purchase without need goes to home stock")


def add_traits(columns: Columns, consumers: ConsumerSettings, needs: NeedSettings, draws: Draws) -> None:
    """Draw everybody's traits and add them as columns."""
    everybody = np.arange(columns.n)

    def add(name: str, meaning: str, values: NDArray[Any], unit: str = "", width: int = 0) -> None:
        columns.add(Column(name, OWNER, np.float32, meaning, unit, width=width, is_settable=True), values)

    rate = gammaincinv(needs.rate_shape, draws.uniform(NEED_RATE, ALWAYS, everybody))
    rate *= needs.rate / needs.rate_shape / needs.conversion
    add("need_rate", "needs per day", rate, "1/day")

    p = betaincinv(needs.attrition_alpha, needs.attrition_beta, draws.uniform(ATTRITION, ALWAYS, everybody))
    p = np.clip(p * needs.conversion, 1e-12, 1 - 1e-12)
    add("attrition_logit", "logit of the probability of falling dormant at a need", logit(p))

    ln_beta = consumers.price_sensitivity_sd * draws.normal(PRICE_SENSITIVITY, ALWAYS, everybody)
    beta = np.maximum(consumers.price_sensitivity * np.exp(ln_beta), MIN_PRICE_SENSITIVITY)
    add("price_sensitivity", "price sensitivity β, utility per log price", beta)

    dimensions = np.arange(consumers.taste_dimensions)
    taste = draws.normal(TASTE, ALWAYS, everybody[:, None], dimensions[None, :])
    add("taste", "taste vector, standard normal", taste, width=consumers.taste_dimensions)

    a = consumers.sociability * consumers.sociability_concentration
    b = consumers.sociability_concentration - a
    sociability = betaincinv(a, b, draws.uniform(SOCIABILITY, ALWAYS, everybody))
    add("sociability", "probability of sharing with a given friend", sociability, "share")


MIN_PRICE_SENSITIVITY = 1.5
"""Below β = 1 consumer surplus has no mean; the floor keeps clear of it."""


def initial_trust(columns: Columns, consumers: ConsumerSettings, draws: Draws) -> Floats:
    """Trust at the start, shape (n,), between 0 and 1."""
    z = draws.normal(TRUST, ALWAYS, np.arange(columns.n))
    return np.clip(consumers.trust + consumers.trust_sd * z, 0.0, 1.0)


def initial_joined_day(columns: Columns, consumers: ConsumerSettings, draws: Draws) -> Floats:
    """0 for members from the start, -1 for prospects, shape (n,). Membership is by u < share, one by one."""
    u = draws.uniform(PROSPECT, ALWAYS, np.arange(columns.n))
    return np.where(u < consumers.prospect_fraction, -1.0, 0.0)

"""How many adopters one adopter should bring by group buying, reckoned from settings alone: a branching process.

There is no threshold in closed form for the whole model: the chance that a group fills, on which buying together
depends, itself depends on how many buy together. What can be reckoned is the first generation, in a market in which
nothing has happened yet:

    K = prospects among one's other friends · (1 − (1 − q)^orders)

with `orders` the orders that invite within the follow-up (the adopter's own, if it did not fill its group, and orders
in groups at later needs, all but those that fill one), and q the probability that such an order wins a given friend:
asked · read · bought. Each factor is the model's own rule, averaged over consumers and products.

Left out are: orders without a need to which an adopter's own friends invite it, and which invite again; that adopters
have more needs than others; that the published chance of filling moves away from its prior; that prospects become
fewer; that friends of friends are friends; attention used up by others; differences in the number of friends; retried
needs, attrition, ratings, loyalty, stock. A group of strangers is taken to be on show at all times. So it is a
yardstick, not a prediction: where the measured line K = 1 departs from it, these are the reasons.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, expit, ndtri
from scipy.stats import binom, qmc

from simulator import Scenario
from simulator.agents.consumers import MIN_PRICE_SENSITIVITY
from simulator.records.cascades import FOLLOW_UP_DAYS

Floats = NDArray[np.float64]

N_POINTS = 2048
"""Consumers averaged over, places of a Sobol sequence (Sobol 1967); a power of 2."""


class People(NamedTuple):
    """Consumers to average over, shape (N_POINTS,) each, and what products are worth to them.

    Attributes:
        saving: Utility of the group price over the list price.
        open_hassle: Utility cost of opening a group.
        join_hassle: Utility cost of joining one.
        sociability: Probability of asking a given friend.
        worth: V of the products of a page, shape (N_POINTS, slate_size).
        is_examined: Which of them are looked at, same shape.
    """

    saving: Floats
    open_hassle: Floats
    join_hassle: Floats
    sociability: Floats
    worth: Floats
    is_examined: NDArray[np.bool_]


def k_of_group_buying(scenario: Scenario) -> float:
    """K of group buying in the first generation; shares and probabilities as they are before the campaign.

    Args:
        scenario: With group buying switched on.

    Returns:
        K; NaN for a network from a file, of which settings do not tell how many friends people have.
    """
    s = scenario.mechanics.group_buying
    people = _people(scenario)
    n_friends = _friends(scenario)
    others = max(n_friends - 1.0, 0.0)  # one friend is the inviter, who has joined
    if np.isnan(n_friends):
        return float("nan")
    asked = _asked(people.sociability, round(n_friends), s.invitations) / n_friends
    wins = asked * scenario.invitations.read * _accepts(scenario, people)
    is_short = (s.size - 2) / (s.size - 1)  # a joiner takes any of the seats but the first, and only the last one fills
    needs = _days(scenario) * scenario.needs.rate / scenario.needs.conversion
    orders = is_short + needs * _buys_in_group(scenario, people) * (s.size - 1) / s.size
    return float(scenario.consumers.prospect_fraction * others * -np.expm1(orders * np.log1p(-wins)))


def _accepts(scenario: Scenario, people: People) -> float:
    """Probability that a prospect without a need buys the product it is invited to, in any way."""
    c = scenario.choice
    join = _joining(scenario, people) + scenario.mechanics.group_buying.friend_bonus
    reserve = c.without_need + c.prospect_reserve
    return float(expit(people.worth[:, 0] - reserve + np.maximum(join, 0.0)).mean())


def _buys_in_group(scenario: Scenario, people: People) -> float:
    """Probability that a need ends in opening a group or joining strangers; else one buys alone, or nothing."""
    s = scenario.mechanics.group_buying
    opening = s.prior_filled * people.saving - (1.0 - s.prior_filled) * s.lapse_cost - people.open_hassle
    together = np.maximum(opening, _joining(scenario, people))
    attraction = np.sum(np.exp(people.worth + np.maximum(together, 0.0)[:, None]) * people.is_examined, axis=1)
    return float(np.mean((together > 0.0) * attraction / (1.0 + attraction)))


def _joining(scenario: Scenario, people: People) -> Floats:
    """Worth of joining a group of which any number of seats may be left, shape (N_POINTS,)."""
    s = scenario.mechanics.group_buying
    is_last = 1.0 / (s.size - 1)
    p = is_last + (1.0 - is_last) * s.prior_filled
    return np.asarray(p * people.saving - (1.0 - p) * s.lapse_cost - people.join_hassle)


def _friends(scenario: Scenario) -> float:
    """Mean number of friends; NaN where settings do not tell."""
    social = scenario.social
    known = {"complete": scenario.consumers.n - 1.0, "edge_list": np.nan}
    return known.get(social.kind, social.degree)


def _asked(sociability: Floats, n_friends: int, at_most: int) -> float:
    """Mean number of friends asked: binomial, cut at `at_most`."""
    more_than = np.arange(min(at_most, n_friends))
    return float(np.sum(binom.sf(more_than[:, None], n_friends, sociability), axis=0).mean())


def _days(scenario: Scenario) -> float:
    """Days of the campaign within the follow-up of an adopter, mean over the adopters whom K counts."""
    last = max(scenario.days - FOLLOW_UP_DAYS, scenario.burn_in_days + 1)
    adopted = np.arange(scenario.burn_in_days, last)
    return float(np.clip(scenario.campaign_end - adopted, 0, FOLLOW_UP_DAYS).mean())


def _people(scenario: Scenario) -> People:
    c, s, group = scenario.consumers, scenario.choice, scenario.mechanics.group_buying
    n_shown = scenario.platform.slate_size
    u = qmc.Sobol(d=4 + 2 * n_shown, rng=np.random.default_rng(0)).random(N_POINTS)
    z = ndtri(np.clip(u, 1e-9, 1.0 - 1e-9))
    beta = np.maximum(c.price_sensitivity * np.exp(c.price_sensitivity_sd * z[:, 0]), MIN_PRICE_SENSITIVITY)
    a = c.sociability * c.sociability_concentration
    ranks = np.arange(1, n_shown + 1)
    return People(
        saving=-(beta + s.gain_weight) * np.log1p(-group.discount),
        open_hassle=group.open_cost + group.cost_sd * z[:, 1],
        join_hassle=group.join_cost + group.cost_sd * z[:, 2],
        sociability=betaincinv(a, c.sociability_concentration - a, u[:, 3]),
        worth=s.appeal + s.trust_weight * (c.trust - s.trust_standard) + s.taste_weight * z[:, 4 : 4 + n_shown],
        is_examined=u[:, 4 + n_shown :] < ranks**-scenario.platform.examination_decay,
    )

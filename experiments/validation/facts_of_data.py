"""Stylised facts of personal data and social influence: direction and order of magnitude (S6 to S10)."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.validation import songs
from experiments.validation.target import (
    Ask,
    Case,
    Finding,
    Floats,
    Judgement,
    Target,
    Worlds,
    between,
    told,
)
from experiments.validation.worlds import BROWSING, MARKETPLACE, PAGES, cases, measure, world


def change(worlds: Worlds, after: str, before: str, name: str) -> Floats:
    """By which share a measure changes from one case to another, by world, shape (n_worlds,)."""
    return measure(worlds, after, name) / measure(worlds, before, name) - 1


def _falls(what: str, published: float, sample: Floats) -> Finding:
    return between(what, published, sample, -1.0, 0.0, "below 0")


# Regulation of privacy (S6)

OBJECT, ASKED = "unless they object", "asked"


def _judge_regulation(ask: Ask, worlds: Worlds) -> Judgement:
    clicks = change(worlds, ASKED, OBJECT, "clicks_per_examined")
    sales = change(worlds, ASKED, OBJECT, "orders_per_shown")
    return Judgement(
        [
            _falls("click rate of personalised pages, consent asked for", -0.65, clicks),
            _falls("orders per product shown, consent asked for", -0.65, sales),
        ]
    )


def _plan_regulation(ask: Ask) -> dict[str, Case]:
    free: dict[str, Any] = {**PAGES, **BROWSING}
    return cases(ask, **{OBJECT: free, ASKED: {**free, "privacy.consent.kind": "opt_in"}})


S6 = Target(
    "S6",
    "Privacy regulation makes targeting less effective",
    "Goldfarb & Tucker 2011",
    _plan_regulation,
    world,
    _judge_regulation,
    is_fact=True,
)

# Without personal data (S7)


def _plan_without(ask: Ask) -> dict[str, Case]:
    free: dict[str, Any] = {**PAGES, **MARKETPLACE}
    return cases(ask, **{"with": {**free, **BROWSING}, "without": free})


def _judge_without(ask: Ask, worlds: Worlds) -> Judgement:
    clicks, orders = (change(worlds, "without", "with", name) for name in ("clicks_per_examined", "orders_per_shown"))
    gini = measure(worlds, "without", "exposure_gini") - measure(worlds, "with", "exposure_gini")
    reason = (
        "people come with a need here, and buy something from a worse page; on a home page most come without one. So "
        "purchases fall by less than clicks, and both by less than published"
    )
    size = "between a half of what was published and all that there is"
    return Judgement(
        [
            _falls("click rate: direction", -0.75, clicks),
            _falls("orders per product shown: direction", -0.86, orders),
            between("click rate: size", -0.75, clicks, -1.0, -0.375, size).known(reason),
            between("orders per product shown: size", -0.86, orders, -1.0, -0.43, size).known(reason),
            between("Gini of exposure rises by", np.nan, gini, 0.0, 1.0, "above 0: exposure concentrates"),
        ]
    )


S7 = Target("S7", "Taking personal data away", "Sun et al. 2024", _plan_without, world, _judge_without, is_fact=True)

# Diversity (S8)


def _judge_diversity(ask: Ask, worlds: Worlds) -> Judgement:
    whole = change(worlds, "personalised", "random", "products_sold_effective")
    own = change(worlds, "personalised", "random", "buyer_diversity")
    reason = (
        "per pair of sales of a buyer personal pages show more of the same; buyers have more different products only "
        "because they buy more often"
    )
    rises = between("individual diversity", np.nan, own, 0.0, 1.0, "above 0").known(reason)
    return Judgement([_falls("aggregate diversity", np.nan, whole), rises])


S8 = Target(
    "S8",
    "Recommenders: individual diversity up, aggregate down",
    "Fleder & Hosanagar 2009",
    lambda ask: cases(ask, random=dict(BROWSING), personalised={**PAGES, **BROWSING}),
    world,
    _judge_diversity,
    is_fact=True,
)

# Leaks (S9)


def _judge_leaks(ask: Ask, worlds: Worlds) -> Judgement:
    spending = measure(worlds, "leaks", "exposed_spending") - 1
    consent = change(worlds, "leaks", "none", "consent_share")
    why = "the level was set to this value; only its sign is asked for"
    level = float(np.nanmean(spending)) if np.isfinite(spending).any() else np.nan
    return Judgement(
        [
            told("spending of the exposed, 30 days", -0.32, level, why),
            _falls("the same: direction", -0.32, spending),
            _falls("share that consents", np.nan, consent),
        ]
    )


S9 = Target(
    "S9",
    "After a leak spending and consent fall",
    "Janakiraman, Lim & Rishika 2018",
    lambda ask: cases(
        ask, none={**PAGES, **BROWSING}, leaks={**PAGES, **BROWSING, "privacy.leaks.hazard": ask.pick(8.0, 2.0)}
    ),
    world,
    _judge_leaks,
    is_fact=True,
)

# Social influence (S10)


def _plan_influence(ask: Ask) -> dict[str, Case]:
    settings, n_worlds = ask.pick((songs.SMALL, 20), (songs.LARGE, 60))
    arms = {"alone": songs.ALONE, "friends and ratings": songs.WEAK, "best sellers on top too": songs.STRONG}
    return {name: Case(n_worlds, {"settings": {**settings, **influence}}) for name, influence in arms.items()}


def _judge_influence(ask: Ask, worlds: Worlds) -> Judgement:
    shares = {name: worlds.of(name, "shares") for name in worlds.cases}
    findings = []
    arms = ask.pick(("best sellers on top too",), ("friends and ratings", "best sellers on top too"))
    for what, rule in (("inequality", songs.inequality), ("unpredictability", songs.unpredictability)):
        for arm in arms:
            rise = rule(shares[arm]) - rule(shares["alone"])
            name = f"{what}: {arm}, less alone"
            findings.append(between(name, np.nan, rise, 0.0, 1.0, "above 0"))
    return Judgement(findings)


S10 = Target(
    "S10",
    "Social influence: inequality and unpredictability",
    "Salganik, Dodds & Watts 2006",
    _plan_influence,
    songs.shares_of_world,
    _judge_influence,
)

"""Stylised facts of merchants: after a leak the loyal react less, advertising in a crowd, deals (S11 to S13)."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.validation.target import Ask, Case, Floats, Found, Judgement, Target, Worlds, between, told
from experiments.validation.worlds import BROWSING, PAGES, TINY, USUAL, cases
from simulator import Market, Scenario
from simulator.records.events.log import EventLog

MONTH = 30

# Leaks and the loyal (S11)


def after_leaks(seed: int, changes: dict[str, Any], hazard: float) -> Found:
    """Spending of the exposed in the month after their first leak, over that of the same people without any leak.

    Loyal are those with more orders before the leak than the median of the exposed.

    Returns:
        loyal, others: the share by which spending changes, NaN where nobody spends.
    """
    with_leaks, without = (
        Market(Scenario().replace(**{**changes, "privacy.leaks.hazard": h}), rng=seed).run().log for h in (hazard, 0.0)
    )
    exposed = with_leaks.frame("exposed").drop_duplicates("consumer").set_index("consumer")["day"]
    exposed = exposed[exposed <= with_leaks.facts.days - MONTH]
    before, after = _spent(with_leaks, exposed)
    _, expected = _spent(without, exposed)
    is_loyal = before > np.median(before) if len(before) else np.zeros(0, dtype=np.bool_)
    groups = {"loyal": is_loyal, "others": ~is_loyal}
    return {
        name: float(after[who].sum() / expected[who].sum() - 1) if expected[who].any() else float("nan")
        for name, who in groups.items()
    }


def _spent(log: EventLog, exposed: Any) -> tuple[Any, ...]:
    """Orders before the leak, and fen spent in the month from it on, of each exposed consumer."""
    orders = log.frame("orders")
    orders["leak"] = orders["consumer"].map(exposed)
    day, leak = orders["day"].astype(float), orders["leak"]
    n_before = orders[day < leak].groupby("consumer").size()
    spent = orders[(day >= leak) & (day < leak + MONTH)].groupby("consumer")["paid_fen"].sum()
    everybody = exposed.index
    return tuple(np.asarray(table.reindex(everybody, fill_value=0)) for table in (n_before, spent))


def _plan_loyal(ask: Ask) -> dict[str, Case]:
    changes, hazard = ask.pick(({**TINY, "consumers.n": 400}, 8.0), (USUAL, 2.0))
    return {"leaks": Case(ask.pick(2, 20), {"changes": {**changes, **PAGES, **BROWSING}, "hazard": hazard})}


def _judge_loyal(ask: Ask, worlds: Worlds) -> Judgement:
    loyal, others = worlds.of("leaks", "loyal"), worlds.of("leaks", "others")
    reason = "a leak costs everybody the same trust, and trust weighs the same whatever one has bought before"
    gap = between("change of spending of the loyal, less that of others", np.nan, loyal - others, 0.0, 1.0, "above 0")
    why = "for comparison: the same people in the same world without leaks"
    means = [
        told(f"spending of {n}, 30 days", np.nan, _mean(x), why) for n, x in (("loyal", loyal), ("others", others))
    ]
    return Judgement([*means, gap.known(reason)])


def _mean(x: Floats) -> float:
    return float(np.nanmean(x)) if np.isfinite(x).any() else float("nan")


S11 = Target(
    "S11",
    "After a leak the loyal react less",
    "Janakiraman, Lim & Rishika 2018",
    _plan_loyal,
    after_leaks,
    _judge_loyal,
    is_fact=True,
)

# Advertising in a crowd (S12)

CLUTTER, ALIKE, REACH = "mechanics.brand.clutter", "mechanics.brand.alike", "policies.campaigning.reach"
SHOPS = {
    "mechanics.brand.enabled": True,
    "merchants.cohorts": {"small": {"count": 20, "products_each": 5}, "large": {"count": 0}},
}
"""Equal merchants, as in `experiment=sameness`."""
HALF_AND_ALL = (("half", 0.5), ("all", 1.0))
VOLUME_AND_CLUTTER = (("volume", 0.0), ("clutter", 1.5))
FEW_AND_MANY = (0.25, 0.75)


def advertised(seed: int, changes: dict[str, Any]) -> Found:
    """Units that each merchant sells in the campaign, and the move that it runs, -1 for none."""
    market = Market(Scenario().replace(**changes), rng=seed).run()
    first, last = market.scenario.burn_in_days, market.scenario.campaign_end
    orders = market.log.frame("orders")
    orders = orders[orders["day"].between(first, last - 1)]
    n = market.scenario.merchants.n_merchants
    moves = np.full(n, -1)
    campaigns = market.log.frame("campaigns")
    moves[campaigns["merchant"]] = campaigns["move"]
    return {"units": np.bincount(orders["merchant"], minlength=n).tolist(), "moves": moves.tolist()}


def _plan_crowd(ask: Ask) -> dict[str, Case]:
    free = {f"{who}, {how}": {REACH: r, CLUTTER: c} for who, r in HALF_AND_ALL for how, c in VOLUME_AND_CLUTTER}
    alike = {f"alike {share}": {ALIKE: share} for share in FEW_AND_MANY}
    return cases(ask, **{name: {**SHOPS, **own} for name, own in {**free, **alike}.items()})


def _judge_crowd(ask: Ask, worlds: Worlds) -> Judgement:
    lost = {how: _ratio(worlds, f"half, {how}", f"all, {how}", first_move=False) for how, _ in VOLUME_AND_CLUTTER}
    few, many = (f"alike {share}" for share in FEW_AND_MANY)
    crowd = _ratio(worlds, few, many, first_move=True)
    reason = "clutter goes with the share of others who run the same move, which does not change with their number"
    return Judgement(
        [
            between(
                "sales of those who advertise, as many others beginning to, beyond what they lose to volume alone",
                np.nan,
                lost["clutter"] / lost["volume"] - 1,
                -1.0,
                0.0,
                "below 0",
            ).known(reason),
            between(
                "sales of those with the first move, as those who run it grow from 1 to 3 in 4",
                np.nan,
                crowd - 1,
                -1.0,
                0.0,
                "below 0: others spend as before",
            ),
        ]
    )


def _ratio(worlds: Worlds, before: str, after: str, first_move: bool) -> Floats:
    """Sales in one case over those in another of merchants who advertise (with the first move) before, by world."""
    ratios = []
    for old, new in zip(worlds.found[before], worlds.found[after], strict=True):
        moves = np.array(old["moves"])
        who = moves == 0 if first_move else moves >= 0
        sold = [float(np.array(found["units"])[who].sum()) for found in (old, new)]
        ratios.append(sold[1] / sold[0] if sold[0] else np.nan)
    return np.array(ratios)


S12 = Target(
    "S12",
    "Advertising in a crowd",
    "Burke & Srull 1988; Danaher, Bonfrer & Dhar 2008",
    _plan_crowd,
    advertised,
    _judge_crowd,
    is_fact=True,
)

# Deals (S13)

CALENDAR = "policies.pricing.promotion_calendar."
DEALS = {
    "policies.pricing.kind": "promotion_calendar",
    CALENDAR + "discount": 0.5,
    CALENDAR + "period_days": 365,
    CALENDAR + "length_days": 14,
    CALENDAR + "reach": 1.0,
}
"""Each merchant sells at half the price for two weeks once a year; some have their weeks in the campaign."""
FOLLOW_UP = 60
LONGER = {"days": 110, "post_days": FOLLOW_UP}
"""What a small world needs for that."""


def deals(seed: int, changes: dict[str, Any]) -> Found:
    """Of those who buy in a deal, share new to the merchant; of these, share who return at full price in 60 days."""
    log = Market(Scenario().replace(**changes), rng=seed).run().log
    orders = log.frame("orders")[["day", "consumer", "merchant", "list_fen", "paid_fen"]]
    key = ["consumer", "merchant"]
    is_deal = orders["paid_fen"] < 0.75 * orders["list_fen"]
    buyers = orders[is_deal & (orders["day"] <= log.facts.days - FOLLOW_UP)].drop_duplicates(key)
    first = orders.groupby(key)["day"].min().rename("first").reset_index()
    buyers = buyers.merge(first, on=key)
    new = buyers[buyers["first"] == buyers["day"]]
    later = orders[~is_deal].merge(new, on=key, suffixes=("", "_deal"))
    gap = later["day"] - later["day_deal"]
    n_back = len(later[(gap > 0) & (gap <= FOLLOW_UP)].drop_duplicates(key))
    return {
        "new": len(new) / len(buyers) if len(buyers) else float("nan"),
        "returned": n_back / len(new) if len(new) else float("nan"),
    }


def _judge_deals(ask: Ask, worlds: Worlds) -> Judgement:
    new, returned = worlds.of("deals", "new"), worlds.of("deals", "returned")
    never = "no figure: what is bought here is paid and delivered at once, so that no voucher can be forgotten"
    return Judgement(
        [
            between("share of a deal's buyers who are new to the merchant", 0.8, new, 0.5, 1.0, "above a half: most"),
            between("of these, return at full price", 0.2, returned, 0.1, 0.4, "half to double what was published"),
            told("vouchers that are never redeemed", 0.22, np.nan, never),
        ]
    )


S13 = Target(
    "S13",
    "Deals bring new customers, few of whom return",
    "Dholakia 2011",
    lambda ask: cases(ask, deals={**DEALS, **ask.pick(LONGER, {})}),
    deals,
    _judge_deals,
    is_fact=True,
)

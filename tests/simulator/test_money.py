"""Money, goods, coupons, groups, invitations and needs in random markets: what must hold whatever the settings are.

Everything is checked from the event log, told once more in the simplest way.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator import Market, Scenario
from simulator.records.events import Kind, Origin, Outcome, Reason, Way, id_consumer, id_day, id_kind

DAYS, BURN_IN = 40, 5

GROUP, COUPONS, REFERRAL = (f"mechanics.{name}." for name in ("group_buying", "coupons", "referral"))
some = st.sampled_from
WORLDS = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 10**6),
        "post_days": some([1, 15]),
        "consumers.n": st.integers(200, 600),
        "consumers.prospect_fraction": some([0.0, 0.3, 0.8]),
        "waves_per_day": some([1, 3, 8]),
        "needs.rate": some([0.05, 0.2, 0.5]),
        "needs.retry": some([0.0, 0.5, 1.0]),
        "needs.home_stock": some([0.0, 0.5, 1.0]),
        "needs.satisfaction_effect": some([-2.0, 5.0]),
        "choice.appeal": some([-1.95, 0.0, 3.0]),
        "social.kind": some(["small_world", "ring", "random", "scale_free", "communities", "complete", "power_law"]),
        "social.degree": some([4, 10]),
        "invitations.attention": some([0, 1, 3]),
        "invitations.read": some([0.6, 1.0]),
        "merchants.stock_units": some([None, 1, 6, 30]),
        "merchants.restock_days": some([1, 7, 90]),
        "merchants.n_categories": some([1, 3]),
        "platform.subsidy_cap_fraction": some([None, 0.0, 0.004, 0.05]),
        "platform.coupons_stack_on_groups": st.booleans(),
        "platform.wallet_size": some([1, 3]),
        "platform.reminder_visit": some([0.1, 1.0]),
        "policies.pricing.kind": some(["fixed", "promotion_calendar"]),
        "policies.recommendation.kind": some(["random", "popular", "oracle"]),
        GROUP + "enabled": some([True, True, False]),
        GROUP + "size": st.integers(2, 5),
        GROUP + "deadline_days": some([1, 2, 5]),
        GROUP + "cell_size": some([10, 100, 1000]),
        GROUP + "open_cost": some([-2.0, 0.3]),
        GROUP + "invitations": some([0, 2, 6]),
        GROUP + "reach": some([0.5, 1.0]),
        GROUP + "from_day": some([0, 4]),
        COUPONS + "enabled": some([True, True, False]),
        COUPONS + "face_fen": some([100, 1500]),
        COUPONS + "min_spend_fen": some([1600, 4500]),
        COUPONS + "valid_days": some([1, 3, 10]),
        COUPONS + "every_days": some([1, 4, 11]),
        COUPONS + "budget_fen": some([None, 0, 30_000]),
        REFERRAL + "enabled": some([True, True, False]),
        REFERRAL + "refer": some([0.2, 1.0]),
        REFERRAL + "inviter_reward_fen": some([0, 500]),
        REFERRAL + "invitee_reward_fen": some([0, 800]),
        REFERRAL + "valid_days": some([1, 7]),
        REFERRAL + "attribution_days": some([1, 14]),
    }
)
FIXED = {
    "days": DAYS,
    "burn_in_days": BURN_IN,
    "merchants.cohorts": {"small": {"count": 3, "products_each": 2}, "large": {"count": 1, "products_each": 3}},
    "social.n_communities": 4,
}


def market_of(world: dict[str, Any]) -> Market:
    changes = {**FIXED, **world}
    seed = changes.pop("seed")
    if changes["social.kind"] != "communities":
        del changes["social.n_communities"]
    if changes["social.kind"] == "complete":
        del changes["social.degree"]
    return Market(Scenario(), rng=seed, **changes)


class Story:
    """The tables of a finished market, with times in ticks (waves since the start) and orders with their ends."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.s = market.scenario
        self.orders = self.timed("orders")
        self.ends = self.timed("settlements")
        assert self.ends["cause"].is_unique, "an order is settled or refunded at most once"
        assert set(self.ends["cause"]) <= set(self.orders["id"])
        end = self.ends.set_index("cause")[["outcome", "tick", "day", "refund_fen", "is_first"]].add_prefix("end_")
        self.orders = self.orders.join(end, on="id")
        self.orders["end_outcome"] = self.orders["end_outcome"].fillna(0).astype(int)
        self.is_settled = self.orders["end_outcome"] == Outcome.SETTLED
        self.is_refunded = self.orders["end_outcome"] == Outcome.REFUNDED
        self.groups = self.timed("groups")
        self.group_ends = self.timed("group_ends")
        self.coupons = self.timed("coupons")
        self.coupon_ends = self.timed("coupon_ends")
        self.invitations = self.timed("invitations")
        self.joins = self.timed("joins")

    def timed(self, table: str) -> pd.DataFrame:
        frame = self.market.log.frame(table)
        frame["tick"] = frame["day"].astype(int) * self.s.waves_per_day + frame["wave"]
        assert frame["tick"].is_monotonic_increasing, f"{table} is in order of occurrence"
        if "id" in frame:
            assert frame["id"].is_unique
            assert np.array_equal(id_consumer(frame["id"].to_numpy()), frame["consumer"])
        return frame


# Every evening


class Evening:
    """Follows a market day by day: what was paid, what settled, what is on the shelves."""

    def __init__(self, market: Market) -> None:
        self.market = market
        n = len(market.products)
        self.stock = market.products.stock.copy()
        self.held: dict[int, tuple[int, int]] = {}
        self.shelf = np.zeros(n, dtype=np.int64)

    def check(self, day: int) -> None:
        m = self.market
        assert m.ledger.total == 0
        orders, ends = m.log.today("orders"), m.log.today("settlements")
        stock_units = m.scenario.merchants.stock_units
        if stock_units is not None and day % m.scenario.merchants.restock_days == 0:
            self.stock = np.maximum(self.stock, stock_units)
        for order, paid, product in zip(orders["id"], orders["paid_fen"], orders["product"], strict=True):
            self.held[order] = (paid, product)
            self.stock[product] -= 1
        for order, outcome, refund in zip(ends["cause"], ends["outcome"], ends["refund_fen"], strict=True):
            paid, product = self.held.pop(order)
            assert refund == (paid if outcome == Outcome.REFUNDED else 0)
            self.stock[product] += outcome == Outcome.REFUNDED
        assert m.ledger.escrow == sum(paid for paid, _ in self.held.values())
        assert (m.products.stock >= 0).all()
        if stock_units is not None:
            assert np.array_equal(m.products.stock, self.stock)
        cap = m.scenario.platform.subsidy_cap_fraction
        if cap is not None:
            assert m.budget.committed_fen <= cap * m.budget.gmv_fen
        assert (m.columns["attention_used"] <= m.scenario.invitations.attention).all()


# At the end


def check_accounts(x: Story) -> None:
    """Every balance follows from the events."""
    o, ledger, n = x.orders, x.market.ledger, x.s.consumers.n
    kept = o[~x.is_refunded]
    spent = np.bincount(kept["consumer"], weights=kept["paid_fen"], minlength=n)
    assert np.array_equal(x.market.columns["balance_fen"], -spent)
    sold = o[x.is_settled]
    earned = sold["paid_fen"] + sold["subsidy_fen"] - sold["fee_fen"] - sold["cost_fen"]
    assert ledger.merchants.tolist() == [int(earned[sold["merchant"] == k].sum()) for k in range(4)]
    assert ledger.platform == sold["fee_fen"].sum() - sold["subsidy_fen"].sum()
    assert ledger.suppliers == sold["cost_fen"].sum()
    assert ledger.escrow == o["paid_fen"][o["end_outcome"] == 0].sum()
    assert (o["paid_fen"] >= 1).all()
    fee = np.rint(x.s.platform.take_rate * (o["paid_fen"] + o["subsidy_fen"]))
    assert np.array_equal(o["fee_fen"], fee)
    assert np.array_equal(o["cost_fen"], x.market.products.cost_fen[o["product"]])
    assert np.array_equal(o["list_fen"], x.market.products.list_fen[o["product"]])
    assert np.array_equal(o["merchant"], x.market.products.merchant[o["product"]])
    alone = o[o["way"] == Way.ALONE]
    assert (alone["end_outcome"] == Outcome.SETTLED).all()
    assert (alone["end_tick"] == alone["tick"]).all()
    first = sold.sort_values("end_tick", kind="stable")
    assert np.array_equal(np.bincount(first["consumer"], minlength=n), x.market.columns["n_orders"])
    assert (sold[sold["end_is_first"].astype(bool)].groupby("consumer").size() == 1).all()
    assert sold["end_is_first"].sum() == sold["consumer"].nunique()


def check_budget(x: Story) -> None:
    """Subsidies come from coupons, and what was promised by any wave stays below the cap on what was sold before."""
    o, cap = x.orders, x.s.platform.subsidy_cap_fraction
    assert ((o["subsidy_fen"] > 0) == (o["coupon"] != 0)).all()
    if cap is None:
        return
    n_ticks = DAYS * x.s.waves_per_day
    promised, sold = np.zeros(n_ticks), np.zeros(n_ticks)
    np.add.at(promised, o["tick"], o["subsidy_fen"])
    back = o[x.is_refunded]
    np.subtract.at(promised, back["end_tick"].astype(int), back["subsidy_fen"])
    done = o[x.is_settled]
    np.add.at(sold, done["end_tick"].astype(int), done["paid_fen"] + done["subsidy_fen"])
    sold_before = np.concatenate([[0], sold.cumsum()[:-1]])
    assert (promised.cumsum() <= cap * sold_before + 1e-6).all()


def check_coupons(x: Story) -> None:
    """A coupon is used at most once, by its owner, in time, above its threshold; none is forgotten."""
    coupons = x.coupons.set_index("id")
    assert (x.coupon_ends["cause"].isin(coupons.index)).all()
    assert x.coupon_ends["cause"].is_unique
    assert coupons["is_noticed"].loc[x.coupon_ends["cause"]].all()
    assert coupons.loc[~coupons["is_noticed"], "origin"].isin([Origin.COUPONS]).all()
    used = x.orders[x.orders["coupon"] != 0]
    assert set(used["coupon"]) <= set(coupons.index)
    last_day = coupons["expires_day"].astype(int).to_dict()
    free_since: dict[int, int] = coupons["tick"].to_dict()
    for order in used.itertuples():
        c = coupons.loc[order.coupon]
        assert c["is_noticed"]
        assert c["consumer"] == order.consumer
        assert c["face_fen"] == order.subsidy_fen
        assert order.paid_fen + order.subsidy_fen >= c["min_spend_fen"]
        assert order.day <= last_day[order.coupon], "used after its expiry"
        assert order.tick >= free_since[order.coupon], "used twice at once"
        free_since[order.coupon] = order.end_tick if order.end_outcome else 10**9
        if order.end_outcome == Outcome.REFUNDED:
            last_day[order.coupon] = max(last_day[order.coupon], int(order.end_day) + 1)
        if order.way != Way.ALONE:
            assert x.s.platform.coupons_stack_on_groups
    redeemed = x.coupon_ends[x.coupon_ends["outcome"] == Outcome.REDEEMED]
    sold = used[used["end_outcome"] == Outcome.SETTLED]
    assert sold["coupon"].is_unique
    assert dict(zip(redeemed["cause"], redeemed["order"], strict=True)) == dict(
        zip(sold["coupon"], sold["id"], strict=True)
    )
    expired = x.coupon_ends[x.coupon_ends["outcome"] == Outcome.EXPIRED]
    assert all(day == last_day[c] + 1 for c, day in zip(expired["cause"], expired["day"], strict=True))
    locked = set(used["coupon"][used["end_outcome"] == 0])
    alive = coupons.index[coupons["is_noticed"] & ~coupons.index.isin(x.coupon_ends["cause"])]
    assert all(last_day[c] >= DAYS - 1 for c in alive if c not in locked), "a coupon was forgotten in a wallet"
    held = pd.Series(coupons["consumer"].loc[alive]).value_counts()
    assert held.max() <= x.s.platform.wallet_size if len(held) else True


def check_groups(x: Story) -> None:
    """Each group ends as its rule says, with the right members at the right price, nobody twice."""
    o, g = x.orders, x.s.mechanics.group_buying
    life = g.deadline_days * x.s.waves_per_day
    opens = o[o["way"] == Way.OPEN].set_index("id")
    joins = o[o["way"] == Way.JOIN]
    assert set(x.groups["cause"]) == set(opens.index)
    assert set(joins["target"]) <= set(x.groups["id"])
    assert (o.loc[o["way"] != Way.JOIN, "target"] == 0).all()
    assert x.group_ends["cause"].is_unique
    ends = x.group_ends.set_index("cause")
    read = x.invitations[x.invitations["outcome"] == Outcome.READ].set_index("id")
    members: dict[int, list[Any]] = defaultdict(list)
    for order in joins.itertuples():
        members[order.target].append(order)
    for group in x.groups.itertuples():
        opener = opens.loc[group.cause]
        assert (opener["consumer"], opener["tick"]) == (group.consumer, group.tick)
        assert group.size == g.size  # type: ignore[comparison-overlap]
        assert group.deadline_tick == group.tick + life
        everyone = [group.consumer, *(order.consumer for order in members[group.id])]
        assert len(set(everyone)) == len(everyone), "nobody is twice in one group"
        results = {opener["end_outcome"], *(order.end_outcome for order in members[group.id])}
        end_ticks = {opener["end_tick"], *(order.end_tick for order in members[group.id])}
        for order in members[group.id]:
            assert order.product == group.product
            assert order.paid_fen + order.subsidy_fen == group.price_fen
            assert group.tick < order.tick < group.deadline_tick
            is_called = order.cause in read.index and read.loc[order.cause, "target"] == group.id
            assert is_called or order.consumer // g.cell_size == group.consumer // g.cell_size
        assert opener["paid_fen"] + opener["subsidy_fen"] == group.price_fen
        last = max([group.tick, *(order.tick for order in members[group.id])])
        if group.id not in ends.index:
            assert results == {0}
            assert group.deadline_tick >= DAYS * x.s.waves_per_day
            assert len(everyone) < g.size
            continue
        end = ends.loc[group.id]
        assert end["n_members"] == len(everyone)
        assert end["consumer"] == group.consumer
        assert end_ticks == {end["tick"]}
        if end["outcome"] == Outcome.FILLED:
            assert len(everyone) == g.size
            assert end["tick"] == last
            assert results == {Outcome.SETTLED}
        else:
            assert end["outcome"] == Outcome.LAPSED
            assert len(everyone) < g.size
            assert end["tick"] == group.deadline_tick
            assert results == {Outcome.REFUNDED}
    in_reach = [x.market.mechanics[0].in_reach] if g.enabled else []
    for reached in in_reach:
        assert reached[o.loc[o["way"] != Way.ALONE, "consumer"]].all()


def check_invitations(x: Story) -> None:
    """Invitations go along ties, within attention; orders and joins that name one follow from it."""
    i, o = x.invitations, x.orders.set_index("id")
    friends = {who: set(x.market.network.friends_of(who)) for who in set(i["consumer"])}
    assert all(b in friends[a] for a, b in zip(i["consumer"], i["invitee"], strict=True))
    read = i[i["outcome"] == Outcome.READ]
    assert (read.groupby(["invitee", "day"]).size() <= x.s.invitations.attention).all()
    assert not read.duplicated(["invitee", "tick"]).any(), "one invitation is read at a time"
    assert not i.duplicated(["cause", "invitee", "origin"]).any()
    sent = i.groupby(["origin", "cause"]).size()
    limits = {
        Origin.GROUP_BUYING: x.s.mechanics.group_buying.invitations,
        Origin.REFERRAL: x.s.mechanics.referral.invitations,
    }
    assert all(n <= limits[origin] for (origin, _), n in sent.items())
    behind = o.loc[i["cause"]]
    assert np.array_equal(behind["consumer"], i["consumer"])
    assert np.array_equal(behind["product"], i["product"])
    joined = x.joins.set_index("consumer")["day"]
    referred = i[i["origin"] == Origin.REFERRAL]
    members_from_start = ~referred["invitee"].isin(joined.index) & (
        x.market.columns["joined_day"][referred["invitee"]] >= 0
    )
    assert not members_from_start.any()
    sent_day = pd.Series(id_day(referred["id"].to_numpy()), index=referred.index)
    assert (sent_day <= referred["invitee"].map(joined).fillna(10**6)).all()
    called = x.orders[id_kind(x.orders["cause"].to_numpy()) == Kind.INVITATION]
    source = read.set_index("id").loc[called["cause"]]
    assert np.array_equal(source["invitee"], called["consumer"])
    assert np.array_equal(source["product"], called["product"])
    assert (source["tick"].to_numpy() <= called["tick"].to_numpy()).all()


def check_people(x: Story) -> None:
    """Prospects join before they order; needs are met once; the dormant do not come by themselves."""
    n, columns = x.s.consumers.n, x.market.columns
    assert x.joins["consumer"].is_unique
    n_prospects = x.market.log.facts.n_prospects
    assert (columns["joined_day"] < 0).sum() + len(x.joins) == n_prospects
    join_tick = x.joins.set_index("consumer")["tick"]
    first_order = x.orders.groupby("consumer")["tick"].min()
    both = first_order.index.intersection(join_tick.index)
    assert (join_tick[both] <= first_order[both]).all()
    assert (columns["joined_day"][first_order.index] >= 0).all()
    met = x.orders[x.orders["is_needed"] & ~x.is_refunded]
    assert (np.bincount(met["consumer"], minlength=n) <= columns["n_needs"]).all()
    assert columns["open_need"].min() >= -1
    assert columns["open_need"].max() < x.s.merchants.n_categories
    one_shop = x.orders.groupby(["consumer", "tick"]).size()
    assert (one_shop == 1).all()
    departures = x.timed("departures")
    for _, mine in departures.groupby("consumer"):
        assert mine["outcome"].tolist() == ([Outcome.LEFT, Outcome.WOKE] * len(mine))[: len(mine)]
    dormant: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in departures.itertuples():
        if row.outcome == Outcome.LEFT:
            dormant[row.consumer].append((row.tick, 10**9))
        else:
            dormant[row.consumer][-1] = (dormant[row.consumer][-1][0], row.tick)
    browsers = x.orders[x.orders["reason"] == Reason.NEED]
    for order in browsers[browsers["consumer"].isin(dormant)].itertuples():
        assert not any(left < order.tick <= woke for left, woke in dormant[order.consumer])


CHECKS = (check_accounts, check_budget, check_coupons, check_groups, check_invitations, check_people)


@given(world=WORLDS)
@settings(max_examples=25, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
def test_a_random_market_keeps_its_books(world: dict[str, Any]) -> None:
    """Failing worlds are not shrunk: that takes minutes, and the world that failed is printed whole."""
    market = market_of(world)
    evening = Evening(market)
    while market.running:
        market.step()
        evening.check(market.day - 1)
    story = Story(market)
    for check in CHECKS:
        check(story)

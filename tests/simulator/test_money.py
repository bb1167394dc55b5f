"""Money, goods, coupons, groups, invitations and needs in random markets: what must hold whatever the settings are.

Everything is checked from the event log, told once more in the simplest way.
"""

from __future__ import annotations

from collections import defaultdict, namedtuple
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator import Market, Scenario
from simulator.records.events import Kind, Origin, Outcome, Reason, Way, id_consumer, id_day, id_kind

DAYS, BURN_IN = 40, 5

GROUP, COUPONS, REFERRAL, SEEDING, CONTENT = (
    f"mechanics.{name}." for name in ("group_buying", "coupons", "referral", "seeding", "content")
)
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
        "attention.per_day": some([0, 1, 3]),
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
        COUPONS + "valid_days": some([3, 10, 1]),
        COUPONS + "every_days": some([1, 4, 11]),
        COUPONS + "budget_fen": some([None, 0, 30_000]),
        COUPONS + "kind": some(["threshold", "fixed", "percentage"]),
        COUPONS + "percent": some([5, 40]),
        COUPONS + "transferable": some([True, True, False]),
        COUPONS + "pass_on": some([1.0, 0.3]),
        COUPONS + "pass_on_days": some([1, 2]),
        REFERRAL + "enabled": some([True, True, False]),
        REFERRAL + "refer": some([0.2, 1.0]),
        REFERRAL + "inviter_reward_fen": some([0, 500]),
        REFERRAL + "invitee_reward_fen": some([0, 800]),
        REFERRAL + "valid_days": some([1, 7]),
        REFERRAL + "attribution_days": some([1, 14]),
        REFERRAL + "tiers": some([(), ((2, 700), (3, 900))]),
        REFERRAL + "rewarded_at_most": some([None, 1, 2]),
        SEEDING + "enabled": st.booleans(),
        SEEDING + "choose": some(["random", "degree", "betweenness", "bridges", "learned"]),
        SEEDING + "seed_fraction": some([0.01, 0.2]),
        SEEDING + "every_days": some([1, 7]),
        SEEDING + "gives_product": st.booleans(),
        SEEDING + "fee_fen": some([0, 333]),
        SEEDING + "invitations": some([0, 2, 50]),
        CONTENT + "enabled": st.booleans(),
        CONTENT + "paid_by": some(["merchants", "platform"]),
        CONTENT + "posts": some([0.1, 2.5]),
        CONTENT + "cost_fen": some([0, 321]),
        CONTENT + "ai_share": some([0.0, 0.5]),
        CONTENT + "ai_cost_fen": some([0, 17]),
        CONTENT + "ugc": some([0.02, 1.0]),
        CONTENT + "cell_size": some([50, 10_000]),
        CONTENT + "opens": some([0.3, 1.0]),
        CONTENT + "audience": some([0.05, 1.0]),
        CONTENT + "pull": some([0.2, 1.0]),
        CONTENT + "shares": some([0.05, 1.0]),
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
    changes[COUPONS + "transferable"] &= changes[COUPONS + "pass_on_days"] < changes[COUPONS + "valid_days"]
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
    """Follows a market day by day from its events alone: accounts, what open groups hold, what is on the shelves."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.consumers = np.zeros(market.scenario.consumers.n, dtype=np.int64)
        self.merchants = np.zeros(len(market.merchants), dtype=np.int64)
        self.platform = self.suppliers = 0
        self.stock = market.products.stock.copy()
        self.open_orders: dict[int, Any] = {}
        self.group_of: dict[int, int] = {}
        self.open_groups: set[int] = set()

    def check(self, day: int) -> None:
        m, merchants = self.market, self.market.scenario.merchants
        if merchants.stock_units is not None and day % merchants.restock_days == 0:
            self.stock = np.maximum(self.stock, merchants.stock_units)
        today = {table: self.rows(table) for table in ("orders", "settlements", "groups", "group_ends")}
        for cost in self.rows("costs"):
            self.pay(cost)
        for wave in range(m.scenario.waves_per_day):
            self.follow(*([row for row in rows if row.wave == wave] for rows in today.values()))
        ledger = m.ledger
        assert ledger.total == 0
        assert np.array_equal(ledger.consumers, self.consumers)
        assert np.array_equal(ledger.merchants, self.merchants)
        assert (ledger.platform, ledger.suppliers) == (self.platform, self.suppliers)
        assert {self.group_of[order] for order in self.open_orders} == self.open_groups, "only open groups hold money"
        assert ledger.escrow == sum(order.paid_fen for order in self.open_orders.values())
        if merchants.stock_units is not None:
            assert np.array_equal(m.products.stock, self.stock)
        cap = m.scenario.platform.subsidy_cap_fraction
        if cap is not None:
            assert m.budget.committed_fen <= cap * m.budget.gmv_fen
        assert (m.columns["attention_used"] <= m.scenario.attention.per_day).all()

    def pay(self, cost: Any) -> None:
        """Marketing."""
        if cost.merchant < 0:
            self.platform -= cost.fee_fen + cost.cost_fen
        else:
            self.merchants[cost.merchant] -= cost.fee_fen + cost.cost_fen
        if cost.consumer >= 0:
            self.consumers[cost.consumer] += cost.fee_fen
        self.suppliers += cost.cost_fen

    def follow(self, orders: list[Any], ends: list[Any], groups: list[Any], group_ends: list[Any]) -> None:
        """One wave: old groups lapse, orders are paid, orders are settled."""
        for end in ends:
            if end.outcome == Outcome.REFUNDED:
                order = self.open_orders.pop(end.cause)
                assert end.refund_fen == order.paid_fen, "exactly what was paid goes back"
                self.consumers[order.consumer] += end.refund_fen
                self.stock[order.product] += 1
        for order in orders:
            self.open_orders[order.id] = order
            self.group_of[order.id] = order.target
            self.consumers[order.consumer] -= order.paid_fen
            self.stock[order.product] -= 1
        assert self.market.scenario.merchants.stock_units is None or (self.stock >= 0).all()
        for group in groups:
            self.open_groups.add(group.id)
            self.group_of[group.cause] = group.id
        for end in group_ends:
            self.open_groups.remove(end.cause)
        for end in ends:
            if end.outcome == Outcome.SETTLED:
                order = self.open_orders.pop(end.cause)
                assert end.refund_fen == 0
                self.merchants[order.merchant] += order.paid_fen + order.subsidy_fen - order.fee_fen - order.cost_fen
                self.platform += order.fee_fen - order.subsidy_fen
                self.suppliers += order.cost_fen

    def rows(self, table: str) -> list[Any]:
        """Today's rows, in order of occurrence."""
        today = self.market.log.today(table)
        return list(
            map(namedtuple(table, today)._make, zip(*(column.tolist() for column in today.values()), strict=True))
        )


# At the end


def check_sales(x: Story) -> None:
    """Prices, fees and costs are what the rules say; who bought alone has paid for good; sales are counted."""
    o, n = x.orders, x.s.consumers.n
    sold = o[x.is_settled]
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
    """Subsidies of orders come from coupons; what was promised by any wave, seeds and content among it, stays below the
    cap on what was sold before."""
    o, cap = x.orders, x.s.platform.subsidy_cap_fraction
    assert ((o["subsidy_fen"] > 0) == (o["coupon"] != 0)).all()
    if cap is None:
        return
    n_ticks = DAYS * x.s.waves_per_day
    promised, sold = np.zeros(n_ticks), np.zeros(n_ticks)
    np.add.at(promised, o["tick"], o["subsidy_fen"])
    spent = x.timed("costs").query("merchant < 0")
    np.add.at(promised, spent["tick"], spent["fee_fen"] + spent["cost_fen"])
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
        price = order.paid_fen + order.subsidy_fen
        assert order.subsidy_fen == min(c["face_fen"], price * int(c["percent"]) // 100, price - 1)
        assert price >= c["min_spend_fen"]
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
    check_passed_on(x, last_day)
    locked = set(used["coupon"][used["end_outcome"] == 0])
    alive = coupons.index[coupons["is_noticed"] & ~coupons.index.isin(x.coupon_ends["cause"])]
    assert all(last_day[c] >= DAYS - 1 for c in alive if c not in locked), "a coupon was forgotten in a wallet"
    held = pd.Series(coupons["consumer"].loc[alive]).value_counts()
    assert held.max() <= x.s.platform.wallet_size if len(held) else True


def check_passed_on(x: Story, last_day: dict[int, int]) -> None:
    """What a friend gets is the same coupon, which the holder has no longer; it passes through an invitation read."""
    coupons, invitations = x.coupons.set_index("id"), x.invitations.set_index("id")
    shared = coupons[coupons["origin"] == Origin.SHARED]
    sent = invitations.loc[shared["cause"]]
    old = coupons.loc[sent["cause"]]
    assert (sent["outcome"] == Outcome.READ).all()
    assert np.array_equal(shared[["consumer", "tick"]], sent[["invitee", "tick"]])
    worth = ["face_fen", "min_spend_fen", "percent"]
    assert np.array_equal(shared[worth], old[worth])
    assert shared["expires_day"].tolist() == [last_day[coupon] for coupon in sent["cause"]]
    given = x.coupon_ends[x.coupon_ends["outcome"] == Outcome.PASSED_ON].set_index("cause")
    assert sorted(given.index) == sorted(sent["cause"])
    assert np.array_equal(given.loc[sent["cause"], ["consumer", "tick"]], sent[["consumer", "tick"]])
    if not x.s.mechanics.coupons.transferable:
        assert len(shared) == 0


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
    in_reach = [m.in_reach for m in x.market.mechanics if m.name == "group_buying"]
    for reached in in_reach:
        assert reached[o.loc[o["way"] != Way.ALONE, "consumer"]].all()


def check_invitations(x: Story) -> None:
    """Invitations go along ties, within attention that views of content use up too; orders and joins that name one
    follow from it."""
    i, o = x.invitations, x.orders.set_index("id")
    friends = {who: set(x.market.network.friends_of(who)) for who in set(i["consumer"])}
    assert all(b in friends[a] for a, b in zip(i["consumer"], i["invitee"], strict=True))
    read = i[i["outcome"] == Outcome.READ]
    assert (read.groupby(["invitee", "day"]).size() <= x.s.attention.per_day).all()
    n_seen = x.timed("views").groupby("day")["n_seen"].sum().add(read.groupby("day").size(), fill_value=0)
    assert (n_seen <= x.s.attention.per_day * x.s.consumers.n).all()
    assert not read.duplicated(["invitee", "tick"]).any(), "one invitation is read at a time"
    sent_day = pd.Series(id_day(i["id"].to_numpy()), index=i.index)
    by_send = [i["origin"], i["cause"], i["consumer"], sent_day]
    assert (i.groupby(by_send)["invitee"].nunique() == i.groupby(by_send).size()).all()
    limits = {Origin.SHARED: 1} | {
        origin: getattr(x.s.mechanics, origin.name.lower()).invitations
        for origin in set(map(Origin, i["origin"])) - {Origin.SHARED}
    }
    assert all(n <= limits[origin] for (origin, *_), n in i.groupby(by_send).size().items())
    by_buyers = i[i["origin"].isin([Origin.GROUP_BUYING, Origin.REFERRAL])]
    behind = o.loc[by_buyers["cause"]]
    assert np.array_equal(behind["consumer"], by_buyers["consumer"])
    assert np.array_equal(behind["product"], by_buyers["product"])
    passed_on = i[i["origin"] == Origin.CONTENT]
    pieces = x.market.log.frame("contents").set_index("id")
    assert np.array_equal(pieces.loc[passed_on["cause"], "product"], passed_on["product"])
    assert (i.loc[i["origin"] == Origin.SEEDING, "cause"] == 0).all()
    joined = x.joins.set_index("consumer")["day"]
    referred = i[i["origin"] == Origin.REFERRAL]
    members_from_start = ~referred["invitee"].isin(joined.index) & (
        x.market.columns["joined_day"][referred["invitee"]] >= 0
    )
    assert not members_from_start.any()
    assert (sent_day[referred.index] <= referred["invitee"].map(joined).fillna(10**6)).all()
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


CHECKS = (check_sales, check_budget, check_coupons, check_groups, check_invitations, check_people)


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

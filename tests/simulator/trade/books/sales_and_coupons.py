"""What must hold at the end of sales, the subsidy budget and coupons."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator.records.events.codes import Origin, Outcome, Way
from tests.simulator.trade.books.story import Story
from tests.simulator.trade.books.worlds import DAYS


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
    if cap is None or x.s.mechanics.returns.enabled:  # what was sold may be undone later
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

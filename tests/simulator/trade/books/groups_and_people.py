"""What must hold at the end of groups, invitations, needs and departures."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd

from simulator.records.events.codes import Kind, Origin, Outcome, Reason, Way
from simulator.records.events.ids import id_day, id_kind
from tests.simulator.trade.books.story import Story
from tests.simulator.trade.books.worlds import DAYS


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
    is_back = x.orders["id"].isin(x.timed("return_ends")["cause"])
    met = x.orders[x.orders["is_needed"] & ~x.is_refunded & ~is_back]
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

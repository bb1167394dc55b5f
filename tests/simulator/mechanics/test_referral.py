"""Referral: who is invited, welcomed and rewarded, once each and in time."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from simulator import Market, SettingsError
from simulator.records.events.codes import Kind, Origin, Outcome
from simulator.records.events.ids import id_consumer, id_day, id_kind

R = "mechanics.referral."
ON: dict[str, Any] = {
    R + "enabled": True,
    R + "refer": 1.0,
    R + "inviter_reward_fen": 500,
    R + "invitee_reward_fen": 600,
    R + "min_spend_fen": 1000,
    "invitations.read": 1.0,
    "choice.appeal": 1.0,
    "consumers.prospect_fraction": 0.6,
}


@pytest.fixture(scope="module")
def referred(finished: Any) -> Market:
    market: Market = finished(ON)
    return market


def table(market: Market, name: str) -> pd.DataFrame:
    return market.log.frame(name)


def welcomes(market: Market) -> pd.DataFrame:
    coupons = table(market, "coupons")
    return coupons[id_kind(coupons["cause"].to_numpy()) == Kind.INVITATION]


def rewards(market: Market) -> pd.DataFrame:
    coupons = table(market, "coupons")
    return coupons[id_kind(coupons["cause"].to_numpy()) == Kind.ORDER]


def test_buyers_invite_friends_who_have_not_joined(referred: Market) -> None:
    sent = table(referred, "invitations")
    assert len(sent) > 50
    assert (sent["origin"] == Origin.REFERRAL).all()
    joined = table(referred, "joins").set_index("consumer")["day"]
    assert (sent["invitee"].isin(joined.index) | (referred.columns["joined_day"][sent["invitee"]] < 0)).all()
    sent_day = pd.Series(id_day(sent["id"].to_numpy()), index=sent.index)
    assert (sent_day <= sent["invitee"].map(joined).fillna(999)).all()
    assert sent.groupby("cause").size().max() <= 3
    settled = table(referred, "settlements").query(f"outcome == {Outcome.SETTLED}").set_index("cause")
    assert (settled.loc[sent["cause"], "consumer"].to_numpy() == sent["consumer"]).all()


def test_every_prospect_who_reads_a_referral_is_welcomed_once(referred: Market) -> None:
    got = welcomes(referred)
    assert len(got) > 20
    assert got["consumer"].is_unique
    assert (got["face_fen"] == 600).all()
    assert got["is_noticed"].all()
    read = table(referred, "invitations").query(f"outcome == {Outcome.READ}")
    first = read.drop_duplicates("invitee").set_index("invitee")
    in_campaign = first[first["day"] < referred.scenario.campaign_end]
    joined = table(referred, "joins").set_index("consumer")["day"]
    prospects = in_campaign[in_campaign["day"] < in_campaign.index.map(joined).to_series(in_campaign.index).fillna(999)]
    assert set(prospects.index) <= set(got["consumer"])
    assert (first.loc[got["consumer"], "id"].to_numpy() == got["cause"]).all(), "by the first referral read"
    assert (got["expires_day"] == got["day"] + 13).all()


def test_nobody_who_is_a_member_is_welcomed(referred: Market) -> None:
    got, joined = welcomes(referred), table(referred, "joins")
    both = got.merge(joined, on="consumer", suffixes=("", "_join"))
    assert len(both) > 10
    tick = both["day"] * 100 + both["wave"]
    assert (tick <= both["day_join"] * 100 + both["wave_join"]).all()
    never = got.loc[~got["consumer"].isin(joined["consumer"]), "consumer"]
    assert (referred.columns["joined_day"][never] < 0).all()


def test_the_first_order_of_a_welcomed_consumer_rewards_the_inviter_once(referred: Market) -> None:
    got = rewards(referred)
    assert len(got) > 10
    assert (got["face_fen"] == 500).all()
    orders = table(referred, "orders").set_index("id")
    buyers = orders.loc[got["cause"], "consumer"]
    assert buyers.is_unique
    by = welcomes(referred).set_index("consumer")["cause"].loc[buyers]
    assert (id_consumer(by.to_numpy()) == got["consumer"]).all()
    first = table(referred, "settlements").query("is_first").set_index("consumer")["cause"]
    assert (first.loc[buyers].to_numpy() == got["cause"]).all()


@pytest.mark.parametrize("within", [1, 3])
def test_rewards_are_for_orders_within_the_attribution_time(finished: Any, within: int) -> None:
    market = finished({**ON, R + "attribution_days": within, "needs.rate": 0.4})
    firsts = table(market, "settlements").query("is_first")
    came = welcomes(market)[["consumer", "cause"]].merge(firsts, on="consumer", suffixes=("", "_order"))
    came = came[came["day"] < market.scenario.campaign_end]
    is_in_time = came["day"] - id_day(came["cause"].to_numpy()) < within
    assert 0 < is_in_time.sum() < len(came), "some came in time and some too late"
    assert set(rewards(market)["cause"]) == set(came.loc[is_in_time, "cause_order"])


def test_rewards_of_nothing_are_not_issued(finished: Any) -> None:
    market = finished({**ON, R + "inviter_reward_fen": 0, R + "invitee_reward_fen": 0})
    assert len(table(market, "coupons")) == 0
    assert len(table(market, "invitations")) > 50


def test_nobody_refers_with_probability_zero(finished: Any) -> None:
    assert len(table(finished({**ON, R + "refer": 0.0}), "invitations")) == 0


def test_referral_brings_prospects(finished: Any, referred: Market) -> None:
    joins = table(referred, "joins")
    invited = joins[id_kind(joins["cause"].to_numpy()) == Kind.INVITATION]
    assert len(invited) > 10
    assert len(joins) > len(table(finished({**ON, R + "enabled": False}), "joins"))


def faces_by_turn(market: Market) -> pd.DataFrame:
    """Rewards of inviters with `nth`, counted among those of one inviter in order of issue."""
    got = rewards(market)
    return got.assign(nth=got.groupby("consumer").cumcount() + 1)


MANY: dict[str, Any] = {**ON, "consumers.prospect_fraction": 0.85, R + "invitations": 6, "social.kind": "scale_free"}


def test_the_reward_rises_with_the_friends_brought(finished: Any) -> None:
    got = faces_by_turn(finished({**MANY, R + "tiers": [[2, 700], [4, 950]]}))
    assert got["nth"].max() >= 4, "somebody reached the last tier"
    expected = got["nth"].map(lambda n: 500 if n < 2 else 700 if n < 4 else 950)
    assert (got["face_fen"] == expected).all()


@pytest.mark.parametrize("at_most", [0, 1, 2])
def test_an_inviter_is_rewarded_so_many_times_at_most(finished: Any, at_most: int) -> None:
    free, capped = finished(MANY), finished({**MANY, R + "rewarded_at_most": at_most})
    assert faces_by_turn(free)["nth"].max() > 2
    assert faces_by_turn(capped)["nth"].max() == at_most or at_most == len(rewards(capped)) == 0
    assert capped.columns["n_referred"].max() > at_most, "friends still come, and count"
    assert len(welcomes(capped)) > 20, "and are welcomed as before"


@pytest.mark.parametrize("rewarded", ["inviter", "invitee"])
def test_either_side_may_be_rewarded_alone(finished: Any, rewarded: str) -> None:
    other = {"inviter": "invitee", "invitee": "inviter"}[rewarded]
    market = finished({**ON, R + f"{other}_reward_fen": 0})
    got = {"inviter": rewards(market), "invitee": welcomes(market)}
    assert len(got[rewarded]) > 10
    assert len(got[other]) == 0
    assert market.columns["n_referred"].sum() > 10, "who came through a referral is known either way"


def test_a_first_reward_of_nothing_may_be_followed_by_tiers(finished: Any) -> None:
    got = rewards(finished({**MANY, R + "inviter_reward_fen": 0, R + "tiers": [[3, 800]]}))
    assert len(got) > 0
    assert (got["face_fen"] == 800).all()


@pytest.mark.parametrize(
    ("tiers", "words"),
    [
        ([[1, 800]], "must rise, from 2"),
        ([[3, 800], [3, 900]], "must rise"),
        ([[3, -1]], "may not be negative"),
        ([[3, 1000]], r"tiers\[3\]=1000 must be below min_spend_fen=1000"),
        ([[3]], "tiers"),
        ([[3, "much"]], "not a whole number"),
    ],
)
def test_tables_of_tiers_that_make_no_sense_are_refused(new_market: Any, tiers: Any, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        new_market({**ON, R + "tiers": tiers})

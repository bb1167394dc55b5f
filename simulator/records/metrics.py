"""The final measures of a run, as pure functions of its event log; `measures` defines each in words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.records.abused import abuse_measures
from simulator.records.capability import capability_measures
from simulator.records.cascades import cascade_measures
from simulator.records.channels import channel_measures
from simulator.records.events.codes import NO_MARKETING, Kind, Origin, Outcome, Reason, Way
from simulator.records.events.ids import id_day, id_kind
from simulator.records.events.log import EventLog
from simulator.records.exposure import exposure_measures
from simulator.records.insight import insight_measures
from simulator.records.measures import MEASURES
from simulator.records.privacy import privacy_measures
from simulator.records.reading import (
    FEN_PER_YUAN,
    Ints,
    Reading,
    gmv_fen,
    merchants_fen,
    platform_fen,
    ratio,
)
from simulator.records.referred import referred_measures
from simulator.records.returned import return_measures, returned_fen
from simulator.records.sameness import sameness_measures
from simulator.records.service import service_measures
from simulator.records.supply import supply_measures

MONTH_DAYS = 30


def final_measures(log: EventLog) -> dict[str, float]:
    """All measures of the registry, in its order; NaN where one is not defined.

    Raises:
        ValueError: If the log does not keep all days, or contradicts itself.
    """
    reading = Reading(log)
    histories = Histories.of(reading)
    money = _money(reading, histories)
    values = {
        **_repurchase(reading, histories),
        **_spread(reading),
        **cascade_measures(reading),
        **referred_measures(reading),
        **money,
        **return_measures(reading),
        **_groups_and_refunds(reading),
        **_bargains(reading),
        **_word_of_mouth(reading),
        **_coupons(reading),
        **_content(reading),
        **channel_measures(reading),
        **exposure_measures(reading),
        **insight_measures(reading),
        **_health(reading),
        **abuse_measures(reading),
        **privacy_measures(reading),
        **capability_measures(reading, money["contribution_total"]),
        **supply_measures(reading),
        **service_measures(reading),
        **sameness_measures(reading),
    }
    return {measure.name: float(values[measure.name]) for measure in MEASURES}


def retention(log: EventLog) -> pd.DataFrame:
    """Retention by age: columns age_days, share, n.

    For each 30-day period after a buyer's first sale of the window: the share of buyers with a sale in the 30 days up
    to `age_days` after it, among the `n` buyers followed that long. The rest are censored.
    """
    reading = Reading(log)
    return _retention(reading, Histories.of(reading))


@dataclass(frozen=True)
class Histories:
    """The sales of the window by buyer.

    Attributes:
        day: Settlement days, sorted by buyer, then day, shape (n_sales,).
        first: Where each buyer's sales begin in `day`, shape (n_buyers,).
        last_day: The last day of the run.
    """

    day: Ints
    first: NDArray[np.intp]
    last_day: int

    @classmethod
    def of(cls, reading: Reading) -> Histories:
        """The histories told by a log."""
        sales = reading.sales
        keys = np.sort((sales.consumer.astype(np.int64) << 16) | sales.day)  # days need 15 bits
        consumer = keys >> 16
        first = np.flatnonzero(np.diff(consumer, prepend=-1))
        return cls(keys & 0xFFFF, first, reading.facts.days - 1)

    @cached_property
    def n_sales(self) -> Ints:
        """Sales of each buyer, shape (n_buyers,)."""
        return np.diff(self.first, append=len(self.day))

    @cached_property
    def first_day(self) -> Ints:
        """The day of each buyer's first sale, shape (n_buyers,)."""
        return self.day[self.first]

    def repeat_rate(self, days: int) -> float:
        """Share with a second sale at most so many days after the first, of the buyers followed that long."""
        repeats = self.n_sales >= 2
        second = self.first[repeats] + 1
        in_time = np.zeros(len(self.first), dtype=np.bool_)
        in_time[repeats] = self.day[second] - self.first_day[repeats] <= days
        followed = self.first_day + days <= self.last_day
        return ratio(np.count_nonzero(in_time & followed), np.count_nonzero(followed))

    def mean_gap(self) -> float:
        """Days between a buyer's consecutive sales, mean over all such gaps."""
        last = self.first + self.n_sales - 1
        return ratio((self.day[last] - self.first_day).sum(), len(self.day) - len(self.first))


def _repurchase(reading: Reading, histories: Histories) -> dict[str, float]:
    n = reading.facts.n_consumers
    n_sales = histories.n_sales
    months = _retention(reading, histories)["share"]
    return {
        "p_two_orders": ratio(np.count_nonzero(n_sales >= 2), n),
        "orders_per_consumer": ratio(n_sales.sum(), n),
        "buyers_share": ratio(len(n_sales), n),
        **{f"repeat_rate_{days}": histories.repeat_rate(days) for days in (30, 60, 90)},
        **{f"retention_month_{m}": months.get(m - 1, default=np.nan) for m in (1, 2, 3)},
        "mean_gap_days": histories.mean_gap(),
        "orders_per_buyer": ratio(n_sales.sum(), len(n_sales)),
    }


def _retention(reading: Reading, histories: Histories) -> pd.DataFrame:
    n_months = max(0, (histories.last_day - reading.facts.burn_in_days) // MONTH_DAYS)
    first_day = np.repeat(histories.first_day, histories.n_sales)
    month = -((first_day - histories.day) // MONTH_DAYS)  # 0 on the first day, 1 on days 1–30 after it, ...
    is_new = np.diff(month, prepend=-1) != 0
    is_new[histories.first] = True  # sorted by buyer, then day: count each (buyer, month) once
    is_followed = first_day + MONTH_DAYS * month <= histories.last_day
    n_active = np.bincount(month[is_new & is_followed], minlength=n_months + 1)[1 : n_months + 1]
    ages = MONTH_DAYS * np.arange(1, n_months + 1)
    followed = np.searchsorted(np.sort(histories.first_day), histories.last_day - ages, side="right")
    share = [ratio(a, n) for a, n in zip(n_active, followed, strict=True)]
    return pd.DataFrame({"age_days": ages, "share": np.array(share, dtype=float), "n": followed})


def _spread(reading: Reading) -> dict[str, float]:
    n_prospects = reading.facts.n_prospects
    (joiner,) = reading.window("joins", "consumer")
    (order_cause,) = reading.window("orders", "cause")
    sender, outcome = reading.invited("consumer", "outcome")
    n_read = np.count_nonzero(outcome == Outcome.READ)
    n_adopters = len(reading.adopters.consumer)
    came_by = reading.origins(reading.adopters.cause)
    is_incentivised = (came_by != Origin.NONE) & (came_by != Origin.WORD_OF_MOUTH)
    return {
        "prospects_reached": ratio(n_adopters, n_prospects),
        "n_adopters": n_adopters,
        "joined_share": ratio(len(joiner), n_prospects),
        "invited_share": ratio(np.count_nonzero(is_incentivised), n_adopters),
        "invitations_per_inviter": ratio(len(sender), np.count_nonzero(np.bincount(sender))),
        "invitations_read_share": ratio(n_read, np.count_nonzero(outcome != Outcome.UNDER_WAY)),
        "orders_per_invitation": ratio(np.count_nonzero(id_kind(order_cause) == Kind.INVITATION), len(sender)),
    }


def _word_of_mouth(reading: Reading) -> dict[str, float]:
    origin, outcome, tone = reading.window("invitations", "origin", "outcome", "tone")
    heard = tone[(origin == Origin.WORD_OF_MOUTH) & (outcome == Outcome.READ)]
    return {
        "word_of_mouth_heard": len(heard),
        "bad_word_of_mouth_share": ratio(np.count_nonzero(heard < 0), len(heard)),
    }


def _money(reading: Reading, histories: Histories) -> dict[str, float]:
    orders = reading.table("orders")
    money = ("paid_fen", "subsidy_fen", "fee_fen", "cost_fen", "surplus_fen")
    fen = {name: orders[name][reading.sales.row].sum(keepdims=True) for name in money}  # every rule below is linear
    returned = returned_fen(reading)
    gmv, platform, merchants, paid, subsidy, surplus = (
        float(total[0]) / FEN_PER_YUAN
        for total in (
            gmv_fen(fen),
            platform_fen(fen),
            merchants_fen(fen),
            fen["paid_fen"],
            fen["subsidy_fen"],
            fen["surplus_fen"],
        )
    )
    origin, payer, fee_fen, cost_fen = reading.window("costs", "origin", "merchant", "fee_fen", "cost_fen")
    spent_fen, is_platform, is_marketing = fee_fen + cost_fen, payer < 0, ~np.isin(origin, NO_MARKETING)
    marketed_by_platform, marketed, spent_by_platform, spent_by_merchants = (
        float(spent_fen[by].sum()) / FEN_PER_YUAN
        for by in (is_platform & is_marketing, is_marketing, is_platform, ~is_platform)
    )
    subsidy += marketed_by_platform - returned["subsidy"]
    platform -= spent_by_platform - returned["platform"]
    merchants -= spent_by_merchants - returned["merchants"]
    n_sales, n_buyers = len(histories.day), len(histories.first)
    list_fen, paid_fen, subsidy_fen = (
        orders[name][reading.sales.row] for name in ("list_fen", "paid_fen", "subsidy_fen")
    )
    discounts = float(np.maximum(list_fen - paid_fen - subsidy_fen, 0).sum()) / FEN_PER_YUAN
    return {
        "gmv": gmv,
        "contribution_platform": platform,
        "contribution_merchants": merchants,
        "contribution_total": float((platform_fen(fen) + merchants_fen(fen))[0] - spent_fen.sum()) / FEN_PER_YUAN
        - returned["lost"],
        "marketing_cost": marketed,
        "subsidy": subsidy,
        "given_away": subsidy + discounts,
        "subsidy_per_adopter": ratio(subsidy, len(reading.adopters.consumer)),
        "subsidy_share": ratio(subsidy, gmv),
        "orders": n_sales,
        "average_order_value": ratio(gmv, n_sales),
        "paid_per_buyer": ratio(paid - returned["refund"], n_buyers),
        "surplus": surplus - returned["surplus"],
    }


def _groups_and_refunds(reading: Reading) -> dict[str, float]:
    way, reason = reading.window("orders", "way", "reason")
    order, settlement = reading.window("settlements", "cause", "outcome")
    (group,) = reading.window("groups", "id")
    ended, end = reading.window("group_ends", "cause", "outcome")
    end = end[_made_in_window(reading, ended)]
    is_join = way == Way.JOIN
    return {
        "groups_opened": len(group),
        "groups_filled_share": ratio(np.count_nonzero(end == Outcome.FILLED), len(end)),
        "joiners_invited_share": ratio(
            np.count_nonzero(is_join & (reason == Reason.INVITATION)), np.count_nonzero(is_join)
        ),
        # The order of a bargain that lapsed was never paid: it is neither settled nor refunded.
        "refunded_share": ratio(
            np.count_nonzero(settlement == Outcome.REFUNDED), np.count_nonzero(settlement != Outcome.LAPSED)
        ),
        "unresolved_orders": len(way) - int(np.count_nonzero(_made_in_window(reading, order))),
    }


def _bargains(reading: Reading) -> dict[str, float]:
    (bargain,) = reading.window("bargains", "id")
    ended, end, n_helpers = reading.window("bargain_ends", "cause", "outcome", "n_helpers")
    made = _made_in_window(reading, ended)
    (is_new,) = reading.window("cuts", "is_new")
    return {
        "bargains_opened": len(bargain),
        "bargains_done_share": ratio(np.count_nonzero(made & (end == Outcome.SETTLED)), np.count_nonzero(made)),
        "helpers_per_bargain": ratio(n_helpers[made].sum(dtype=np.int64), np.count_nonzero(made)),
        "joined_by_helping": int(np.count_nonzero(is_new)),
    }


def _coupons(reading: Reading) -> dict[str, float]:
    coupon, origin, is_noticed = reading.window("coupons", "id", "origin", "is_noticed")
    ended, end = reading.window("coupon_ends", "cause", "outcome")
    n_redeemed = np.count_nonzero(_made_in_window(reading, ended) & (end == Outcome.REDEEMED))
    n_outstanding = int(np.count_nonzero(~np.isin(coupon[is_noticed], ended)))
    is_new = origin != Origin.SHARED  # a coupon passed on is an old one in other hands
    n_issued = int(np.count_nonzero(is_new))
    return {
        "coupons_issued": n_issued,
        "coupons_noticed_share": ratio(np.count_nonzero(is_noticed & is_new), n_issued),
        "coupons_redeemed_share": ratio(n_redeemed, n_issued - n_outstanding),
        "coupons_outstanding": n_outstanding,
        "coupons_passed_on": len(coupon) - n_issued,
    }


def _content(reading: Reading) -> dict[str, float]:
    (piece,) = reading.window("contents", "id")
    (n_seen,) = reading.window("views", "n_seen")
    (reason,) = reading.window("orders", "reason")
    n_views = n_seen.sum(dtype=np.int64)
    return {
        "contents_made": len(piece),
        "views_per_consumer": ratio(n_views, reading.facts.n_consumers),
        "orders_per_view": ratio(np.count_nonzero(reason == Reason.CONTENT), n_views),
    }


def _made_in_window(reading: Reading, ids: Ints) -> NDArray[np.bool_]:
    return np.asarray(id_day(ids) >= reading.facts.burn_in_days)


def _health(reading: Reading) -> dict[str, float]:
    (amount,) = reading.window("trust_shifts", "amount_millionths")
    return {"trust_shift": ratio(amount.sum(dtype=np.int64) / 1e6, reading.facts.n_consumers)}

"""Returns (退货): buyers may send back, within some days, what is not what they expected.

Who returns what is decided when the order is lived through: the more it falls short of what was expected, the more
likely. What was bought unseen may also not fit its buyer, which nobody can know beforehand; it fits better as often as
worse, but since disappointment makes more returns than delight spares, more comes back of what was bought unseen. Then
everything is undone by explicit rules: the buyer gets back exactly what was paid; subsidy and fee go back or are kept;
what can be sold as new is on the shelf again, the rest fetches a part of its cost; sending it back costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from simulator.agents.merchants import KEEPS
from simulator.choice.experience import LoyaltyReason
from simulator.choice.visits import NONE
from simulator.draws import decision
from simulator.mechanics.mechanic import Mechanic, MechanicSettings
from simulator.records.events.codes import Origin, Reason
from simulator.records.events.ids import count_within
from simulator.settings import quantity, share
from simulator.state.tables import LiveTable
from simulator.trade.orders import Orders, Returned
from simulator.trade.wallet import NO_SLOT, Terms

if TYPE_CHECKING:
    from simulator.market import Market

FITS = decision("returns.fit")
RETURNS = decision("returns.sends_back")
DELAY = decision("returns.delay")
RESTOCKS = decision("returns.restocks")

Fields = dict[str, NDArray[Any]]
COUPON = ("face_fen", "min_spend_fen", "percent", "expires_day")
MONEY = ("paid_fen", "subsidy_fen", "fee_fen")


class ReturnSettings(MechanicSettings):
    """Returns (退货) and their refunds."""

    base: float = share(0.03, "probability of returning what is just as expected")
    disappointment: float = quantity(
        5.0,
        "fall of the log odds of a return with quality and fit above what was expected",
        unit="1/share",
        ge=0,
        le=50,
    )
    fit_sd: float = quantity(
        0.25, "standard deviation of the fit of what is bought unseen, in units of quality", unit="share", ge=0, le=5
    )
    window_days: int = quantity(
        7,
        "days after the order is lived through in which it may come back",
        unit="day",
        source="seven days without giving reasons (七天无理由退货): Consumer Protection Law of China, 2013, article 25",
        ge=1,
        le=365,
    )
    restocked: float = share(0.7, "share of what comes back that can be sold as new, for its whole unit cost")
    salvage: float = share(0.2, "what the rest fetches, of its unit cost")
    shipping_fen: int = quantity(
        300, "cost of sending goods back, which the merchant bears", unit="fen", ge=0, le=10**6
    )
    subsidy_back: bool = quantity(True, "whether the merchant gives the subsidy back to the platform")
    fee_back: bool = quantity(True, "whether the platform gives its fee back to the merchant")
    coupon_back: bool = quantity(False, "whether the buyer gets the coupon back; else it stays redeemed")
    satisfaction: float = quantity(
        0.02,
        "satisfaction gained through an easy return",
        source="sign: Petersen & Kumar 2009; size assumed",
        ge=-1,
        le=1,
    )
    loyalty_lost: float = quantity(0.05, "loyalty to the merchant lost through a return", unit="share", ge=0, le=2)


class Returns(Mechanic):
    """Lets buyers ask for a return, and takes the goods back."""

    name = "returns"
    reached_by = decision("returns.reach")
    uses = frozenset()
    carried = ("asked",)

    def __init__(self, settings: ReturnSettings, market: Market) -> None:
        super().__init__(settings, market)
        self.settings = settings
        self.asked = LiveTable(
            {
                **dict.fromkeys(("order", "unit_fen", *MONEY, *COUPON), np.int64),
                **{"consumer": np.int32, "product": np.int32, "due_day": np.int16},
                **dict.fromkeys(("has_coupon", "is_needed", "is_at_home", "is_seen", "is_sent"), np.bool_),
            }
        )
        self._coupons: list[Fields] = []

    def open_day(self) -> None:
        """What is due today comes back."""
        self._coupons.clear()
        is_due = self.asked["due_day"] == self.market.day
        if is_due.any():
            due = self.asked.take(is_due)
            self.asked.keep(~is_due)
            self._take_back(due)

    def settled(self, orders: Orders) -> None:
        """Note what the coupons were worth that have just been redeemed, while their wallets still know."""
        used = np.flatnonzero(orders.slot != NO_SLOT)
        if self.settings.coupon_back and len(used):
            who, slot = orders.consumer[used], orders.slot[used]
            terms = {name: getattr(self.market.wallets, name)[who, slot].astype(np.int64) for name in COUPON}
            self._coupons.append({"order": orders.id[used], **terms})

    def lived(self, orders: Orders, surprise: NDArray[np.float64]) -> None:
        """Some of today's buyers ask to send their order back; not what perishes, or was bought to resell."""
        if not self.is_open:
            return
        market, s, day = self.market, self.settings, self.market.day
        keeps = market.products.capacity[orders.product] == KEEPS
        rows = np.flatnonzero(self.in_reach[orders.consumer] & (orders.reason != Reason.ABUSE) & keeps)
        orders, surprise = orders.take(rows), surprise[rows]
        fit = s.fit_sd * market.draws.normal(FITS, day, orders.consumer, orders.product) * (orders.store == NONE)
        p_returns = expit(logit(s.base) - s.disappointment * (surprise + fit))
        back = orders.take(market.draws.uniform(RETURNS, day, orders.consumer, orders.product) < p_returns)
        who, product, is_sent = back.consumer, back.product, back.store == NONE
        luck = market.draws.uniform(DELAY, day, who, product)
        due_day = day + 1 + (luck * s.window_days).astype(np.int64)
        self.asked.append(
            len(back),
            order=back.id,
            consumer=who,
            product=product,
            due_day=due_day,
            is_needed=back.is_needed,
            is_at_home=~back.is_needed & market.needs.are_kept(day, who, product),
            is_seen=back.is_seen,
            is_sent=is_sent,
            unit_fen=np.maximum(back.cost_fen - market.scenario.merchants.fulfilment_fen * is_sent, 0),
            **{name: getattr(back, name) for name in MONEY},
            **self._coupons_of(back),
        )
        market.log.append("returns", len(back), cause=back.id, day=day, wave=market.wave, consumer=who, due_day=due_day)

    def _coupons_of(self, orders: Orders) -> Fields:
        """Whether a coupon was used for each order, to be given back, and its terms; shape (n_orders,)."""
        found: Fields = {"has_coupon": np.zeros(len(orders), dtype=np.bool_)}
        found |= {name: np.zeros(len(orders), dtype=np.int64) for name in COUPON}
        for used in self._coupons:
            _, row, place = np.intersect1d(orders.id, used["order"], assume_unique=True, return_indices=True)
            found["has_coupon"][row] = True
            for name in COUPON:
                found[name][row] = used[name][place]
        return found

    def _take_back(self, due: Fields) -> None:
        """Undo these orders by the rules."""
        market, s = self.market, self.settings
        who, product = due["consumer"].astype(np.intp), due["product"].astype(np.intp)
        unit_fen = due["unit_fen"]
        is_restocked = market.draws.uniform(RESTOCKS, market.day, who, due["order"]) < s.restocked
        market.checkout.take_back(
            market.day,
            0,
            Returned(
                id=due["order"],
                consumer=who,
                product=product,
                receipts_fen=(due["paid_fen"] + due["subsidy_fen"]) * due["is_seen"],
                refund_fen=due["paid_fen"],
                subsidy_fen=due["subsidy_fen"] * s.subsidy_back,
                fee_fen=due["fee_fen"] * s.fee_back,
                salvage_fen=np.where(is_restocked, unit_fen, np.rint(s.salvage * unit_fen).astype(np.int64)),
                shipping_fen=s.shipping_fen * due["is_sent"].astype(np.int64),
                is_restocked=is_restocked,
                is_needed=due["is_needed"],
                is_at_home=due["is_at_home"],
            ),
        )
        market.experience.shift_satisfaction(who, s.satisfaction)
        merchant = market.products.merchant[product]
        market.experience.shift_loyalty(
            market.day, 0, who, merchant, -s.loyalty_lost, LoyaltyReason.RETURN, due["order"]
        )
        self._give_coupons_back({name: values[due["has_coupon"]] for name, values in due.items()})

    def _give_coupons_back(self, due: Fields) -> None:
        """An equal coupon for the one redeemed, valid until tomorrow at least; a wallet takes one at a time."""
        market, turn = self.market, count_within(due["consumer"])
        for n_before in range(int(turn.max(initial=-1)) + 1):
            now = turn == n_before
            last_day = np.maximum(due["expires_day"][now], market.day + 1)
            terms = Terms(due["face_fen"][now], due["min_spend_fen"][now], due["percent"][now], last_day)
            who, is_noticed = due["consumer"][now].astype(np.intp), np.ones(np.count_nonzero(now), dtype=np.bool_)
            market.wallets.issue(market.day, 0, who, Origin.RETURNS, terms, is_noticed, due["order"][now])

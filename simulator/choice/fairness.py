"""Fairness: who finds out to have paid more than others trusts the platform less."""

from __future__ import annotations

from simulator.agents.merchants import Products
from simulator.choice.experience import Experience, TrustReason
from simulator.draws import Draws, decision
from simulator.records.events.codes import Way
from simulator.trade.orders import Orders

FINDS_OUT = decision("fairness.finds_out")


class Fairness:
    """Lets buyers compare what they pay with the offer price that everybody sees.

    Args:
        noticed: Probability that a buyer who pays more finds out.
        trust_lost: Trust lost by it.
        products, experience, draws: The market's.
    """

    def __init__(
        self, noticed: float, trust_lost: float, products: Products, experience: Experience, draws: Draws
    ) -> None:
        self.noticed, self.trust_lost = noticed, trust_lost
        self.products, self.experience, self.draws = products, experience, draws

    def compare(self, day: int, wave: int, orders: Orders) -> None:
        """After payment: some of those who pay more than the offer price find out."""
        paid_more = orders.take((orders.way == Way.ALONE) & (orders.paid_fen > self.products.offer_fen[orders.product]))
        luck = self.draws.uniform(FINDS_OUT, day, paid_more.consumer, paid_more.product)
        hurt = paid_more.take(luck < self.noticed)
        self.experience.shift_trust(day, wave, hurt.consumer, -self.trust_lost, TrustReason.UNFAIR_PRICE, hurt.id)

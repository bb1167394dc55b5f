"""Brand and sameness (品牌与同质化): advertising builds goodwill, the less the more merchants make the same move.

Goodwill is the stock of Nerlove & Arrow (1962): it decays, and advertising refills it, each further yuan less than the
one before. It enters the utility of what the merchant sells, for those in reach. A merchant advertises in one of
several styles, its *move*. A move is noticed for being different: what it adds falls with the share of the other
advertisers that run the same one (clutter; of competing advertising: Burke & Srull 1988; Danaher, Bonfrer & Dhar 2008).
What merchants spend and which move they run is their policy (`simulator.policies.campaigning`): they may copy each
other, and a move that nobody runs yet has a price.

That sameness pays nobody, or that being different pays, is not written in: goodwill has no effect but through utility,
and customers may be won from other merchants or not at all.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.choice.utility import Goodwill
from simulator.draws import ALWAYS, Floats, decision
from simulator.mechanics.mechanic import Mechanic, MechanicSettings
from simulator.records.events.codes import How, Origin
from simulator.settings import quantity, share

if TYPE_CHECKING:
    from simulator.market import Market

STARTS_ALIKE = decision("brand.starts_alike")
MOVE = decision("brand.move")

NONE = -1
Fen = NDArray[np.int64]


class BrandSettings(MechanicSettings):
    """Brand and sameness (品牌与同质化)."""

    decay: float = quantity(0.012, "rate at which goodwill decays", unit="1/day", source="literature", ge=0, le=10)
    goodwill_weight: float = quantity(0.5, "weight of goodwill in utility", ge=0, le=20)
    full_fen: float = quantity(
        0.15,
        "spending per day and consumer in reach under which goodwill tends to 1, if nobody runs the same move",
        unit="fen",
        gt=0,
        le=1_000_000,
    )
    moves: int = quantity(8, "moves that merchants know at first", unit="moves", ge=2, le=1000)
    alike: float = share(0.4, "share of merchants who begin with the first move; the others draw one of the rest")
    clutter: float = quantity(
        1.5, "fall of the log effect of a move with the share of the others who run it", ge=0, le=20
    )
    invention_fen: int = quantity(20_000, "price of inventing a move", unit="fen", ge=0, le=100_000_000)


class Brand(Mechanic):
    """Lets merchants advertise, and goodwill come and go."""

    name = "brand"
    reached_by = decision("brand.reach")
    uses = frozenset()
    carried = ("goodwill", "moves", "daily_fen", "n_known")

    def __init__(self, settings: BrandSettings, market: Market) -> None:
        super().__init__(settings, market)
        self.settings = settings
        self.n_in_reach = int(np.count_nonzero(self.in_reach))
        self.merchants = np.arange(market.scenario.merchants.n_merchants)
        self.goodwill: Floats = np.zeros(len(self.merchants))
        self.moves = np.full(len(self.merchants), NONE, dtype=np.int64)
        self.daily_fen: Fen = np.zeros(len(self.merchants), dtype=np.int64)
        self.n_known = settings.moves

    def open_day(self) -> None:
        """Goodwill decays; merchants decide, every so often, and advertise."""
        market = self.market
        self.goodwill *= math.exp(-self.settings.decay)
        is_on = self.is_open and self.n_in_reach > 0
        shown = np.full_like(self.moves, NONE)
        if is_on:
            n_days = market.campaign_day - self.from_day
            is_due = n_days % market.scenario.policies.campaigning.every_days == 0
            how = self._decide(is_first=n_days == 0) if is_due else np.zeros_like(self.moves)
            shown = np.where(self.daily_fen > 0, self.moves, NONE)
            self._advertise(shown, how)
        market.pipe.show_moves(shown)
        if self.n_in_reach:
            market.utility.goodwill = Goodwill(self.settings.goodwill_weight * self.goodwill, self.in_reach)

    def _decide(self, *, is_first: bool) -> NDArray[np.int64]:
        """What each merchant spends a day, and its move; how it came by that, as `How`, shape (n_merchants,)."""
        market, policy = self.market, self.market.campaigning
        who = np.flatnonzero(policy.advertise(market.seen, self.merchants, market.draws))
        self.daily_fen[who] = policy.budget(market.seen, who)
        how = np.full_like(self.moves, How.KEPT)
        if is_first:
            self.moves[who], how[who] = self._starts(who), How.STARTED
            return how
        chosen = policy.choose(market.seen, who, self.moves[who], market.draws)
        is_new = chosen < 0
        how[who[chosen != self.moves[who]]] = How.COPIED
        how[who[is_new]] = How.INVENTED
        self.moves[who] = chosen
        self._invent(who[is_new])
        return how

    def _starts(self, who: NDArray[np.intp]) -> NDArray[np.int64]:
        """The moves they begin with: the first for those alike, for the others one of the rest by lot."""
        s, draws = self.settings, self.market.draws
        other = 1 + (draws.uniform(MOVE, ALWAYS, who) * (s.moves - 1)).astype(np.int64)
        return np.where(draws.uniform(STARTS_ALIKE, ALWAYS, who) < s.alike, 0, other)

    def _invent(self, who: NDArray[np.intp]) -> None:
        """Moves that nobody has run, numbered on, for these merchants in ascending order, who pay for them."""
        self.moves[who] = self.n_known + np.arange(len(who))
        self.n_known += len(who)
        self._pay(who, np.full(len(who), self.settings.invention_fen, dtype=np.int64))

    def _advertise(self, shown: NDArray[np.int64], how: NDArray[np.int64]) -> None:
        """Spending turns into goodwill, as far as the move stands out among those shown today."""
        s, market = self.settings, self.market
        who = np.flatnonzero(shown != NONE)
        spent = self.daily_fen[who]
        self._pay(who, spent)
        response = np.sqrt(spent / (s.full_fen * self.n_in_reach)) * salience(shown[who], s.clutter)
        self.goodwill[who] += -math.expm1(-s.decay) * response
        everybody = np.flatnonzero(self.moves != NONE)
        market.log.append(
            "campaigns",
            len(everybody),
            day=market.day,
            consumer=NONE,
            merchant=everybody,
            move=self.moves[everybody],
            how=how[everybody],
            spent_fen=self.daily_fen[everybody],
            goodwill_millionths=np.rint(1e6 * self.goodwill[everybody]),
        )

    def _pay(self, who: NDArray[np.intp], cost_fen: Fen) -> None:
        nobody = np.full(len(who), NONE)
        market = self.market
        market.checkout.spend(market.day, 0, Origin.BRAND, who, nobody, nobody, np.zeros_like(cost_fen), cost_fen)


def salience(moves: NDArray[np.int64], clutter: float) -> Floats:
    """How much of its effect each of these moves keeps among the others, shape (n_merchants,)."""
    n_alike = np.count_nonzero(moves[:, None] == moves, axis=1) - 1
    return np.asarray(np.exp(-clutter * n_alike / max(len(moves) - 1, 1)))

"""Content: short videos and posts about products, seen in a feed, passed on to friends, and worn out by repetition.

Merchants make pieces at a cost, by hand or with AI (AIGC); buyers post for nothing (UGC). A piece reaches a share of
those who look at the feed that halves every few days. Seeing it may bring a visit to its product without a need, the
less likely the more the viewer has seen of the kind: pieces of one theme wear out together (after Naik, Mantrala &
Sawyer 1998; here without recovery). AI makes more pieces at a lower price, of fewer themes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from simulator.choice.visits import Visits, called, nobody
from simulator.compiled import compiled
from simulator.draws import Decision, Floats, decision, uniform
from simulator.mechanics.mechanic import Mechanic, MechanicSettings
from simulator.records.events.codes import Kind, Maker, Origin, Reason
from simulator.records.events.ids import record_ids
from simulator.settings import quantity, share
from simulator.state.columns import Column
from simulator.state.rows import distinct
from simulator.state.tables import LiveTable
from simulator.trade.orders import Orders

if TYPE_CHECKING:
    from simulator.market import Market

BY_HAND = decision("content.by_hand")
BY_AI = decision("content.by_ai")
POSTS = decision("content.posts")
PRODUCT = decision("content.product")
QUALITY = decision("content.quality")
THEME = decision("content.theme")
OPENS = decision("content.opens")
WAVE = decision("content.wave")
LUCK = decision("content.luck")
SHOWN = decision("content.shown")
COMES = decision("content.comes")
SHARES = decision("content.shares")
INVITES = decision("content.invites")

NONE = -1
EVERYWHERE = -1
"""The cell of a piece that all viewers may see."""
FIRST_ORDINAL = {Maker.HAND: 2**14, Maker.AI: 2**14 + 2**13}
"""Where ordinals in the ids of merchants' pieces begin; those of the consumer of the same number stay below."""

Ints = NDArray[np.intp]
Ids = NDArray[np.int64]


class ContentSettings(MechanicSettings):
    """Content (内容): short videos and posts by merchants and buyers."""

    paid_by: Literal["merchants", "platform"] = quantity("merchants", "who pays for merchants' pieces")
    posts: float = quantity(0.2, "pieces a merchant makes by hand a day", unit="1/day", ge=0, le=100)
    cost_fen: int = quantity(5000, "cost of a piece made by hand", unit="fen", ge=0, le=100_000_000)
    themes: int = quantity(20, "themes of pieces made by hand; what has one theme wears out together", ge=1, le=1000)
    ai_share: float = share(0.0, "share of the making time given to AI (AIGC)")
    ai_speed: float = quantity(4.0, "pieces AI makes in the time of one by hand", ge=0, le=100)
    ai_cost_fen: int = quantity(500, "cost of a piece made by AI", unit="fen", ge=0, le=100_000_000)
    ai_themes: int = quantity(4, "themes of pieces made by AI: the first so many", ge=1, le=1000)
    ugc: float = share(0.02, "probability that a buyer posts about an order")
    cell_size: int = quantity(10_000, "consumers who see each other's posts in the feed", unit="consumers", ge=2)
    opens: float = share(0.3, "probability that a member looks at the feed on a day")
    audience: float = share(0.05, "share of those who look whom a new piece reaches")
    half_life_days: float = quantity(3.0, "days in which this share halves", unit="day", gt=0, le=365)
    life_days: int = quantity(14, "days after which a piece is gone", unit="day", ge=1, le=365)
    pull: float = share(0.2, "probability that a fresh piece of the best quality brings its viewer to the product")
    wear_out: float = quantity(0.2, "fall of a theme's log effect per view", unit="1/view", ge=0, le=10)
    fresh_views: int = quantity(3, "views of a theme before it wears out", unit="views", ge=0, le=100)
    shares: float = share(0.05, "probability that a fresh piece of the best quality is passed on")
    invitations: int = quantity(3, "friends a viewer passes a piece on to at most", unit="consumers", ge=0, le=1000)


class Content(Mechanic):
    """Makes pieces, shows them, and brings viewers to the products."""

    name = "content"
    reached_by = decision("content.reach")
    uses = frozenset({"invitations", "attention"})
    carried = ("pieces",)

    def __init__(self, settings: ContentSettings, market: Market) -> None:
        super().__init__(settings, market)
        self.settings = settings
        n_themes = max(settings.themes, settings.ai_themes)
        self.n_seen = market.columns.add(
            Column("content_seen", self.name, np.uint8, "views of each theme of content", "views", width=n_themes)
        )
        self.pieces = LiveTable(
            {
                "id": np.int64,
                "product": np.int32,
                "cell": np.int32,
                "quality": np.float64,
                "theme": np.int16,
                "made_day": np.int16,
            }
        )
        everybody = np.arange(market.columns.n)
        self._n_cells = int(everybody[-1]) // settings.cell_size + 1
        self._viewers = [everybody[:0]]
        self._coming = nobody(everybody[:0])

    # Making

    def open_day(self) -> None:
        """Old pieces go, merchants make new ones, and some members will look at the feed."""
        market, s = self.market, self.settings
        self.pieces.keep(market.day - self.pieces["made_day"] < s.life_days)
        if self.is_open and self.in_reach.any():
            self._make(Maker.HAND, BY_HAND, s.posts * (1 - s.ai_share), s.cost_fen)
            self._make(Maker.AI, BY_AI, s.posts * s.ai_share * s.ai_speed, s.ai_cost_fen)
        self._put_on_show()
        self._find_viewers()

    def _make(self, maker: Maker, made: Decision, rate: float, cost_fen: int) -> None:
        """Each merchant makes ⌊rate + u⌋ pieces about products of its own, as far as they can be paid for."""
        market, by_platform = self.market, self.settings.paid_by == "platform"
        everyone = np.arange(len(market.merchants))
        n_made = np.floor(rate + market.draws.uniform(made, market.day, everyone)).astype(np.int64)
        merchant = np.repeat(everyone, n_made)
        if by_platform and cost_fen:
            merchant = merchant[: market.budget.remaining_fen // cost_fen]
        ordinal = np.arange(len(merchant)) - np.searchsorted(merchant, merchant)
        ids = record_ids(Kind.CONTENT, market.day, merchant, FIRST_ORDINAL[maker] + ordinal)
        product = self._product_of(merchant, ids)
        nobody_paid, cost = np.full(len(merchant), NONE), np.full(len(merchant), cost_fen)
        payer = nobody_paid if by_platform else merchant
        market.checkout.spend(
            market.day, 0, Origin.CONTENT, payer, nobody_paid, product, np.zeros_like(cost), cost, ids
        )
        self._publish(0, maker, ids, nobody_paid, merchant, product, nobody_paid)

    def _product_of(self, merchant: Ints, ids: Ids) -> Ints:
        """A product of each merchant, by lot."""
        market = self.market
        by_merchant = np.argsort(market.products.merchant, kind="stable")
        sold = market.products.merchant[by_merchant]
        first, n_sold = np.searchsorted(sold, merchant), np.bincount(sold, minlength=len(market.merchants))[merchant]
        place = (market.draws.uniform(PRODUCT, market.day, 0, ids) * n_sold).astype(np.intp)
        return np.asarray(by_merchant[first + place])

    def settled(self, orders: Orders) -> None:
        """Some buyers post about what they bought; those in their cell may see it from tomorrow on."""
        market, s = self.market, self.settings
        if not self.is_open:
            return
        posts = market.draws.uniform(POSTS, market.day, orders.consumer) < s.ugc
        rows = np.flatnonzero(posts & self.in_reach[orders.consumer])
        who, first = np.unique(orders.consumer[rows], return_index=True)
        product = orders.product[rows[first]]
        ids = market.log.new_ids(Kind.CONTENT, market.day, who)
        self._publish(
            market.wave, Maker.BUYER, ids, who, market.products.merchant[product], product, who // s.cell_size
        )

    def _publish(
        self, wave: int, maker: Maker, ids: Ids, authors: Ints, merchants: Ints, products: Ints, cells: Ints
    ) -> None:
        market, day = self.market, self.market.day
        n_themes = self.settings.ai_themes if maker == Maker.AI else self.settings.themes
        quality = market.draws.uniform(QUALITY, day, 0, ids)
        theme = (market.draws.uniform(THEME, day, 0, ids) * n_themes).astype(np.int16)
        self.pieces.append(len(ids), id=ids, product=products, cell=cells, quality=quality, theme=theme, made_day=day)
        market.log.append(
            "contents",
            len(ids),
            id=ids,
            day=day,
            wave=wave,
            consumer=authors,
            maker=maker,
            merchant=merchants,
            product=products,
            theme=theme,
            quality_permille=np.rint(1000 * quality),
        )

    # Seeing

    def _put_on_show(self) -> None:
        """Today's pieces in order of their cells and their luck, and how many viewers each of them reaches."""
        market, pieces, s = self.market, self.pieces, self.settings
        luck = market.draws.uniform(SHOWN, market.day, 0, pieces["id"])
        self._on_show = np.lexsort((luck, pieces["cell"]))
        self._luck = luck[self._on_show]
        age = market.day - pieces["made_day"][self._on_show]
        self._reaches = s.audience * 0.5 ** (age / s.half_life_days)
        self._starts = np.searchsorted(pieces["cell"][self._on_show], np.arange(EVERYWHERE, self._n_cells + 1))

    def _find_viewers(self) -> None:
        """The members in reach who will look at the feed today, and when."""
        market = self.market
        n_waves = market.scenario.waves_per_day
        who = self._viewers[0][:0]
        if len(self.pieces):
            columns, key = market.columns, market.draws.key(OPENS, market.day)
            who = _viewers(key, self.settings.opens, self.in_reach, columns["joined_day"], columns["is_dormant"])
        wave = (market.draws.uniform(WAVE, market.day, who) * n_waves).astype(np.int8)
        by_wave = who[np.argsort(wave, kind="stable")]
        self._viewers = np.split(by_wave, np.bincount(wave, minlength=n_waves).cumsum()[:-1])

    def open_wave(self, read: dict[str, NDArray[Any]]) -> None:
        """Those whose time it is look at the feed, unless they read an invitation now or have no attention left."""
        who = self._viewers[self.market.wave]
        self._coming = nobody(who[:0])
        if len(who) == 0:
            return
        who = _without(who, read["invitee"])
        luck = self.market.draws.uniform(LUCK, self.market.day, who)
        place = _shown(luck, who // self.settings.cell_size, self._luck, self._reaches, self._starts)
        sees = np.flatnonzero(place != NONE)
        who, piece = who[sees], self._on_show[place[sees]]
        looks = self.market.attention.take(self.market.day, who, self.pieces["id"][piece])
        self._watch(who[looks], piece[looks])

    def _watch(self, who: Ints, piece: Ints) -> None:
        """Count views; some viewers come to the product, some pass the piece on."""
        market, s, seen = self.market, self.settings, self.pieces.take(piece)
        views = self.n_seen[who, seen["theme"]]
        self.n_seen[who, seen["theme"]] = views + (views < np.iinfo(np.uint8).max)
        worn = np.maximum(views.astype(np.int64) + 1 - s.fresh_views, 0)
        effect = seen["quality"] * np.exp(-s.wear_out * worn)
        comes = market.draws.uniform(COMES, market.day, who, seen["id"]) < s.pull * effect
        passes_on = market.draws.uniform(SHARES, market.day, who, seen["id"]) < s.shares * effect
        self._coming = called(who[comes], seen["product"][comes], 0, seen["id"][comes], Reason.CONTENT)
        self._pass_on(who[passes_on], seen["id"][passes_on], seen["product"][passes_on].astype(np.intp))
        watched = distinct(piece)
        n = len(self.pieces)
        market.log.append(
            "views",
            len(watched),
            cause=self.pieces["id"][watched],
            day=market.day,
            wave=market.wave,
            consumer=NONE,
            **{
                name: np.bincount(piece[rows], minlength=n)[watched]
                for name, rows in (("n_seen", slice(None)), ("n_came", comes), ("n_shared", passes_on))
            },
        )

    def _pass_on(self, who: Ints, ids: Ids, products: Ints) -> None:
        market = self.market
        market.invitations.send(
            INVITES,
            Origin.CONTENT,
            market.day,
            market.wave,
            market.tick,
            inviters=who,
            p_invite=market.columns["sociability"][who].astype(np.float64),
            at_most=self.settings.invitations,
            causes=ids,
            products=products,
            targets=np.zeros(len(who), dtype=np.int64),
            may_receive=lambda friends: self.in_reach[friends],
        )

    def visits(self) -> list[Visits]:
        """Viewers who come to a product."""
        return [self._coming]


def _without(who: Ints, others: NDArray[Any]) -> Ints:
    """Those of `who` that are not among the others; both in ascending order."""
    if len(who) == 0:
        return who
    place = np.minimum(np.searchsorted(who, others), len(who) - 1)
    stays = np.ones(len(who), dtype=np.bool_)
    stays[place[who[place] == others]] = False
    return np.asarray(who[stays])


@compiled
def _viewers(
    key: np.uint64,
    opens: float,
    in_reach: NDArray[np.bool_],
    joined_day: NDArray[np.int16],
    is_dormant: NDArray[np.bool_],
) -> Ints:
    """Who looks at the feed, in ascending order; the arrays have shape (n_consumers,)."""
    viewers = np.empty(len(in_reach), np.intp)
    n_viewers = 0
    for who in range(len(in_reach)):
        if in_reach[who] and joined_day[who] >= 0 and not is_dormant[who] and uniform(key, who, 0) < opens:
            viewers[n_viewers] = who
            n_viewers += 1
    return viewers[:n_viewers].copy()


@compiled
def _shown(viewer_luck: Floats, cell: Ints, piece_luck: Floats, reaches: Floats, starts: Ints) -> Ints:
    """Of the pieces that reach each viewer one by lot, its place among them; -1 for none; shape (n_viewers,).

    The luck of a viewer and a piece is the fraction of the sum of theirs: uniform, and the same whatever else is on
    show. With the pieces of a cell in order of their luck only those that may reach a viewer are looked at.

    Args:
        viewer_luck, cell: Of each viewer; the cell is the one it is in.
        piece_luck, reaches: Of each piece, in order of cells, then of luck; the share of viewers that it reaches.
        starts: Where the pieces of each cell begin, shape (n_cells + 2,), those for everywhere first.
    """
    shown = np.full(len(cell), NONE)
    widest = reaches.max()
    for viewer, own in enumerate(viewer_luck):
        luckiest = 1.0
        for part in (0, cell[viewer] + 1):
            first, last = starts[part], starts[part + 1]
            low, high = first, last
            while low < high:  # the first piece whose luck takes the sum to 1
                middle = (low + high) // 2
                if own + piece_luck[middle] >= 1:
                    high = middle
                else:
                    low = middle + 1
            for step in range(last - first):
                place = low + step
                place -= (last - first) * (place >= last)
                luck = own + piece_luck[place]
                luck -= luck >= 1
                if luck >= widest:
                    break
                if luck < luckiest * reaches[place]:
                    luckiest, shown[viewer] = luck / reaches[place], place
    return shown

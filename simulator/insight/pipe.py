"""The one pipe: the day's events → what governance lets through → profiles and facts → observations.

Records wait `reaction_days` before anybody sees them, personal ones also as long as their security takes. Consent is
asked for again when they come out, so that the records of who has withdrawn it are never used.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from simulator.agents.merchants import Products
from simulator.choice.visits import Looks
from simulator.draws import Draws, Floats
from simulator.insight.facts import Facts
from simulator.insight.profiles import ConsumerProfiles, InsightSettings, NoProfiles
from simulator.insight.readings import Readings
from simulator.insight.records import Records, Sales
from simulator.policies.policy import Observations
from simulator.privacy import PrivacySettings
from simulator.privacy.consent import Consent
from simulator.privacy.noise import estimate, randomise
from simulator.state.columns import Columns
from simulator.state.rows import distinct
from simulator.trade.orders import Orders

NO_MOVE = -1


class Pipe:
    """Collects what may be collected, lets it through when it is old enough, and shows it to policies.

    Args:
        settings: How the platform learns.
        privacy: How it treats personal data.
        reaction_days: Age of the newest record that policies may see; security may delay personal ones.
        window_days: Days of sales that count as popularity.
        columns, products, draws: The market's.
        consent: Who consents; None where nothing is collected.
        readings: What is read off people directly; None where nothing is.
    """

    carried = ("_records", "_sales", "_designs", "_moves", "facts", "profiles", "readings")

    def __init__(
        self,
        settings: InsightSettings,
        privacy: PrivacySettings,
        reaction_days: int,
        window_days: int,
        columns: Columns,
        products: Products,
        draws: Draws,
        consent: Consent | None,
        readings: Readings | None,
    ) -> None:
        self.settings, self.reaction_days = settings, reaction_days
        self.columns, self.products, self.draws = columns, products, draws
        self.consent, self.readings = consent, readings
        self.collection = privacy.collection
        self.p_flip = privacy.noise.p_flip
        self.wait_days = reaction_days + privacy.security.delay_days
        self.sees_looks = privacy.collection in ("browsing", "everything")
        self.facts = Facts(len(products), reaction_days, window_days)
        n_attributes = products.attributes.shape[1]
        self.no_profiles = NoProfiles(settings, n_attributes)
        self.profiles: ConsumerProfiles | NoProfiles = self.no_profiles
        if consent is not None:
            self.profiles = ConsumerProfiles(settings, privacy.noise.profile_sd, columns, n_attributes, draws)
        # One entry per day of waiting, in a ring.
        self._records = {age: Records.none() for age in range(self.wait_days)}
        self._sales = {age: Sales.none() for age in range(self.wait_days)}
        self._designs = np.tile(products.attributes, (self.wait_days, 1, 1))  # which products were looked at
        # One row per day of waiting, the oldest first.
        self._moves = np.full((reaction_days, int(products.merchant[-1]) + 1), NO_MOVE, dtype=np.int64)
        self._today: list[Records] = []
        self._reported = np.zeros(len(products), dtype=np.int64)

    def see(self, day: int, looks: Looks, above: Floats, margin: float, price_fen: NDArray[np.int64]) -> None:
        """Record what shoppers look at, as far as it is collected.

        Args:
            day: Today.
            looks: What they look at.
            above: How far its utility is above that of buying nothing, shape (n_looks,).
            margin: How far below it a click is.
            price_fen: The price that speaks for it, shape (n_looks,).
        """
        if not self.sees_looks or self.consent is None:
            return
        is_clicked = randomise(above > -margin, self.p_flip, self.draws, day, looks.consumer, looks.product)
        self._reported += np.bincount(looks.product[is_clicked], minlength=len(self._reported))
        rows = np.flatnonzero(self.consent.given(looks.consumer))
        product = looks.product[rows]
        # On a device that randomises its reports, carts stay there.
        is_carted = (above[rows] > 0) & (self.p_flip == 0)
        self._today.append(
            Records.of(
                looks.consumer[rows],
                product,
                is_above=is_clicked[rows],
                margin=np.where(is_carted, 0.0, self.settings.click_margin),
                log_cut=np.log(self.products.list_fen[product] / price_fen[rows]),
                p_flip=self.p_flip,
                is_wish=is_carted,
            )
        )

    def close_day(self, day: int, settled: Orders | None, shares: dict[str, NDArray[Any]]) -> None:
        """Record today's settled orders and shares, and put the day away until it may be seen.

        Args:
            day: Today.
            settled: The orders settled today, if any.
            shares: The invitations that ended today, by field.
        """
        if self.consent is None:
            return
        age = day % self.wait_days
        self._designs[age] = self.products.attributes
        self._sales[age] = Sales.none()
        if settled is not None:
            mine = settled.take(self.consent.given(settled.consumer))
            self._sales[age] = Sales(mine.consumer.astype(np.int32), mine.paid_fen)
            if not self.sees_looks or self.p_flip:  # otherwise what is bought was seen in the cart
                log_cut = np.log(self.products.list_fen[mine.product] / mine.paid_fen)
                self._today.append(Records.of(mine.consumer, mine.product, log_cut=log_cut, is_wish=True))
        if self.collection == "everything":
            rows = np.flatnonzero(self.consent.given(shares["consumer"]) & (shares["tone"] >= 0))
            rows = rows[np.argsort(shares["id"][rows])]  # those of a wave stand in the log in no order of the model's
            self._today.append(Records.of(shares["consumer"][rows], shares["product"][rows], is_wish=True))
        self._records[age] = Records.join([Records.none(), *self._today])
        self._today.clear()

    def show_moves(self, moves: NDArray[np.int64]) -> None:
        """Enter the move that each merchant runs today, -1 for none, for all to see."""
        self._moves[:-1] = self._moves[1:]
        self._moves[-1] = moves

    def enter_facts(
        self, units: NDArray[np.int64], funnel: dict[str, NDArray[np.int64]], n_waves_in_stock: NDArray[np.int64]
    ) -> None:
        """Enter what everybody did today, counted per product, shape (n_products,).

        Args:
            units: Units ordered.
            funnel: How often it was examined, clicked and ordered from a page, by step.
            n_waves_in_stock: At the start of how many waves it was there to be bought.
        """
        n_clicked: NDArray[Any] = funnel["n_clicked"]
        if self.p_flip and self.sees_looks:  # clicks are known by their reports only
            n_clicked = estimate(self._reported, funnel["n_examined"], self.p_flip)
        self._reported[:] = 0
        p = self.products
        traffic = funnel | {"n_clicked": n_clicked, "n_waves_in_stock": n_waves_in_stock}
        self.facts.close_day(units, p.ratings, p.rating_sum_permille, traffic)

    def open_day(self, day: int) -> None:
        """Let the records through that are old enough today."""
        profiles, consent = self.profiles, self.consent
        if consent is None or isinstance(profiles, NoProfiles):
            return
        age = day % self.wait_days
        records = self._records[age].take(consent.given(self._records[age].consumer))
        sales = self._sales[age].take(consent.given(self._sales[age].consumer))
        if self.readings is not None:
            if day % self.settings.refit_days == 0:
                self.readings.fit(profiles)
            seen = distinct(records.consumer).astype(np.intp)
            self.readings.enter(seen[profiles.n_looks[seen] == 0], profiles)
        profiles.learn(records.evidence, self._designs[age], self.appeal)
        wishes = records.take(records.is_wish)
        profiles.want(wishes.consumer, wishes.product)
        profiles.buy(sales.consumer.astype(np.intp), day - self.wait_days, sales.paid_fen)
        profiles.open_day(day - self.wait_days)

    @property
    def _known_orders(self) -> NDArray[np.int32]:
        """Settled orders of each consumer that the platform has seen, shape (n_consumers,)."""
        n: NDArray[np.int32] = self.columns["n_orders"]
        return n - self.columns["hidden_orders"] if "hidden_orders" in self.columns else n

    @property
    def appeal(self) -> Floats:
        """Utility of each product to the average consumer, from its click rate, shape (n_products,)."""
        s, facts = self.settings, self.facts
        looks = facts.n_examined + s.prior_looks
        clicks = np.clip(facts.n_clicked + s.prior_looks * s.prior_clicks, 0.5, looks - 0.5)
        return np.asarray(logit(clicks / looks) - s.click_margin)

    def observe(
        self, day: int, is_burn_in: bool, campaign_day: int, is_able: NDArray[np.bool_] | None = None
    ) -> Observations:
        """What policies may see this morning; every merchant is able to decide by data unless said otherwise."""
        p, facts, columns = self.products, self.facts, self.columns
        return Observations(
            day=day,
            is_burn_in=is_burn_in,
            campaign_day=campaign_day,
            reaction_days=self.reaction_days,
            profiles_days=self.wait_days,
            merchant=_read_only(p.merchant),
            category=_read_only(p.category),
            attributes=_read_only(p.attributes),
            list_fen=_read_only(p.list_fen),
            offer_fen=_read_only(p.offer_fen.copy()),
            cost_fen=_read_only(p.cost_fen),
            stock=_read_only(p.stock.copy()),
            on_order=_read_only(p.on_order.copy()),
            units_sold=_read_only(facts.units_sold),
            n_examined=_read_only(facts.n_examined.copy()),
            n_clicked=_read_only(facts.n_clicked.copy()),
            n_ordered=_read_only(facts.n_ordered.copy()),
            n_waves_in_stock=_read_only(facts.n_waves_in_stock.copy()),
            appeal=_read_only(self.appeal),
            mean_rating=_read_only(facts.mean_rating),
            is_able=_read_only(np.ones(p.merchant.max() + 1, dtype=np.bool_) if is_able is None else is_able.copy()),
            moves=_read_only(self._moves[0].copy()),
            joined_day=columns["joined_day"],
            has_ordered=_read_only(self._known_orders > 0),
            profiles=self.profiles,
        )


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view

"""One day of the market, from first need to last experience. Everything else is reached from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.choice.visits import Visits, browsing, called, merge
from simulator.records.events.codes import Reason
from simulator.trade.orders import Orders

if TYPE_CHECKING:
    from simulator.market import Market


def simulate_day(m: Market) -> None:
    """Let one day pass: prices and pages are set, needs arrive, shoppers come in waves, orders are lived through."""
    open_day(m)
    for wave in range(m.scenario.waves_per_day):
        m.wave = wave
        simulate_wave(m)
    close_day(m)


def open_day(m: Market) -> None:
    """Before anybody comes."""
    m.log.open_day()
    m.shelves.open_day(m.day)
    m.workshop.open_day(m.day)
    m.pipe.open_day(m.day)
    if m.capability is not None:
        m.capability.open_day()
    m.seen = m.observe()
    if m.governance is not None:
        m.governance.open_day()
    m.checkout.open_day()
    m.attention.open_day()
    m.wallets.open_day(m.day)
    m.products.offer_fen[:] = m.pricing.decide(m.seen, m.all_products, m.draws)
    m.shelves.order(m.day, m.stocking.decide(m.seen, m.all_products, m.draws), m.stocking.lead_days)
    m.workshop.order(m.day, m.designing.decide(m.seen, m.all_products, m.draws))
    m.slates.open_day(m.platform_sees)
    m.couponing.open_day(m.platform_sees)
    m.quality_above_standard = m.experience.quality_shown() - m.experience.settings.standard
    m.joining.spontaneous(m.day)
    m.needs.arrive(m.day)
    for mechanic in m.mechanics:
        mechanic.open_day()
    m.reminders.open_day(m.day)


def simulate_wave(m: Market) -> None:
    """Invitations are read, shoppers come, look, choose and pay; mechanics act on what was bought."""
    m.checkout.open_wave()
    m.shelves.open_wave()
    read = m.invitations.read(m.day, m.wave, m.tick)
    for mechanic in m.mechanics:
        mechanic.open_wave(read)
    visits = merge(
        [
            m.reminders.visits(m.day, m.wave),
            _needs(m),
            _invited(read),
            *(v for mechanic in m.mechanics for v in mechanic.visits()),
        ]
    )
    if len(visits):
        wants = m.chooser.choose(m.day, visits, m.quality_above_standard, m.offers)
        orders = m.checkout.buy(m.day, m.wave, wants, [mechanic.admit for mechanic in m.mechanics])
        m.fairness.compare(m.day, m.wave, orders)
        m.funnel.add("n_ordered", orders.product[orders.is_seen])
        for mechanic in m.mechanics:
            mechanic.bought(orders)
    if m.checkout.settled:
        settled = Orders.join(m.checkout.settled)
        settled = settled.take(settled.is_seen)
        for mechanic in m.mechanics:
            mechanic.settled(settled)


def close_day(m: Market) -> None:
    """After the last shopper: goods arrive, people learn, some stop coming, the day is recorded."""
    settled = Orders.join(m.checkout.settled_today) if m.checkout.settled_today else None
    if settled is not None:
        surprise = m.experience.live(m.day, m.wave, settled)
        extra = settled.take(~settled.is_needed & (settled.reason != Reason.ABUSE))  # what is resold does not stay
        m.needs.store(m.day, extra.consumer, extra.product, m.products.category[extra.product])
        for mechanic in m.mechanics:
            mechanic.lived(settled, surprise)
        settled = settled.take(settled.is_seen)
    m.needs.close_day(m.day, m.wave)
    m.shelves.close_day(m.day, m.wave)
    m.pipe.close_day(m.day, settled, m.log.today("invitations"))
    m.record_day()


def _needs(m: Market) -> Visits:
    who = m.needs.shoppers(m.wave)
    return browsing(who, m.needs.open_need[who], Reason.NEED)


def _invited(read: dict[str, Any]) -> Visits:
    """Who reads an invitation or good word of mouth comes to look; bad word of mouth calls nobody."""
    calls = np.flatnonzero(read["tone"] >= 0)
    read = {name: values[calls] for name, values in read.items()}
    reason = np.where(read["tone"] > 0, Reason.WORD_OF_MOUTH, Reason.INVITATION)
    return called(read["invitee"].astype(np.intp), read["product"], read["target"], read["id"], reason)

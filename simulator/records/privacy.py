"""What personal data cost: leaks, those exposed and how they react, consent, security and fines."""

from __future__ import annotations

import numpy as np

from simulator.records.events.codes import Kind, Origin
from simulator.records.events.ids import id_day, id_kind
from simulator.records.reading import FEN_PER_YUAN, Ints, Reading, ratio

DAYS_PER_YEAR = 365
FOLLOW_UP_DAYS = 30
"""What the exposed spend in so many days from the leak on is compared with as many before it."""


def privacy_measures(reading: Reading) -> dict[str, float]:
    """What leaked, whom it exposed, what they did, and what the platform paid."""
    n = reading.facts.n_consumers
    (leak,) = reading.window("leaks", "id")
    first, days = reading.facts.burn_in_days, reading.facts.days
    (exposed,) = reading.window("exposed", "consumer")
    (withdrawn,) = reading.window("withdrawals", "consumer")
    n_members, n_consenting = reading.window("consents", "n_members", "n_consenting")
    shifted_by, amount = reading.window("trust_shifts", "cause", "amount_millionths")
    origin, cause, cost_fen = reading.window("costs", "origin", "cause", "cost_fen")
    (audit_fine_fen,) = reading.window("audits", "fine_fen")
    is_privacy = origin == Origin.PRIVACY
    fines_fen = cost_fen[is_privacy & (id_kind(cause) == Kind.LEAK)].sum() + audit_fine_fen.sum()
    return {
        "leaks": len(leak),
        "leaks_growth": leaks_growth(id_day(leak) - first, days - first),
        "records_exposed": len(exposed),
        "exposed_share": ratio(len(np.unique(exposed)), n),
        "exposed_spending": _exposed_spending(reading),
        "trust_lost_to_leaks": ratio(-amount[id_kind(shifted_by) == Kind.LEAK].sum(dtype=np.int64) / 1e6, n),
        "consent_withdrawn": len(withdrawn),
        "consent_share": ratio(n_consenting[-1], n_members[-1]) if len(n_members) else float("nan"),
        "privacy_cost": float(cost_fen[is_privacy].sum()) / FEN_PER_YUAN,
        "privacy_fines": float(fines_fen) / FEN_PER_YUAN,
    }


def leaks_growth(day: Ints, window_days: int) -> float:
    """By which share leaks grow in a year.

    Args:
        day: Of each leak, from the beginning of the window on, shape (n_leaks,).
        window_days: Length of the window.
    """
    years = window_days // DAYS_PER_YEAR
    by_year = np.bincount(day // DAYS_PER_YEAR, minlength=years)[:years]
    if years < 2 or by_year[0] == 0:
        return float("nan")
    return float((by_year[-1] / by_year[0]) ** (1 / (years - 1)) - 1)


def _exposed_spending(reading: Reading) -> float:
    """By how much the exposed spend less or more after a leak than other customers of the merchant, as a ratio."""
    sales, orders, leaks = reading.all_sales, reading.table("orders"), reading.table("leaks")
    exposed = reading.table("exposed")
    spent = np.zeros((2, 2))  # before and after; others and exposed
    for leak, day, merchant in zip(leaks["id"], leaks["day"], leaks["merchant"], strict=True):
        first, now, last = np.searchsorted(sales.day, [day - FOLLOW_UP_DAYS, day, day + FOLLOW_UP_DAYS])
        if day < FOLLOW_UP_DAYS or day + FOLLOW_UP_DAYS > reading.facts.days:
            continue
        group = np.full(reading.facts.n_consumers, 2)
        group[sales.consumer[:now][orders["merchant"][sales.row[:now]] == merchant]] = 0
        group[exposed["consumer"][exposed["cause"] == leak]] = 1
        for period, rows in enumerate((slice(first, now), slice(now, last))):
            paid_fen: Ints = orders["paid_fen"][sales.row[rows]]
            spent[period] += np.bincount(group[sales.consumer[rows]], paid_fen, minlength=3)[:2]
    others, these = (ratio(after, before) for before, after in spent.T)
    return ratio(these, others)

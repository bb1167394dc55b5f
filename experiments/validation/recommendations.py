"""Recommendations beside those of a large retailer (T6), and what a first, a second, a third of them does."""

from __future__ import annotations

import numpy as np

from experiments.validation.target import (
    Ask,
    Case,
    Finding,
    Judgement,
    Line,
    Panel,
    Target,
    Worlds,
    between,
    told,
)
from experiments.validation.worlds import REFERRAL, cases, world

PER_PURCHASE = {"books": 69, "DVD": 108, "music": 136, "video": 203}
FEW_READ = {"invitations.read": 0.1, "mechanics.referral.invitations": 20}
"""Mail that is mostly not opened, to more people: settings of the recommendations there, not fitted to the table."""


def _plan(ask: Ask) -> dict[str, Case]:
    busy = {"mechanics.referral.refer": 1.0, "mechanics.referral.invitations": 20, "attention.per_day": 20}
    return cases(ask, default=REFERRAL, mail={**REFERRAL, **FEW_READ}, busy={**REFERRAL, **busy})


def _judge(ask: Ask, worlds: Worlds) -> Judgement:
    findings = []
    for case, why in (("default", "friends' messages"), ("mail", "mail of which a tenth is read")):
        per = worlds.of(case, "sent") / np.maximum(worlds.of(case, "led"), 1)
        finding = between(
            f"recommendations per purchase, {why}",
            108.0,
            per,
            10.0,
            1000.0,
            f"order of magnitude of {min(PER_PURCHASE.values())} (books) to {max(PER_PURCHASE.values())} (video)",
        )
        findings.append(
            finding.known(
                "every recommendation here goes to a friend who has not joined, and most are read; defaults give the "
                "conversion of messages between friends, not that of mail from a shop"
            )
        )
    share = worlds.of("default", "forwarders") / worlds.of("default", "all_buyers")
    why = "put in: whoever buys refers with the probability `mechanics.referral.refer`, to friends not yet won"
    findings.append(told("share of buyers who forward", 1 / 3, float(share.mean()), why))
    read, worked = worlds.of("busy", "dose_read").sum(axis=0), worlds.of("busy", "dose_worked").sum(axis=0)
    findings.append(_concave(worlds))
    doses = np.arange(1, 6)
    chance = 1 - np.cumprod(1 - worked[:5] / np.maximum(read[:5], 1))
    lines = [Line("market", doses.tolist(), chance.tolist())]
    return Judgement(findings, [Panel("dose response", "recommendations read", "chance to have ordered by one", lines)])


def _concave(worlds: Worlds) -> Finding:
    """What a second recommendation adds, over what the first does: P(order by either) is concave if below 1."""
    ratios = []
    for read, worked in zip(worlds.of("busy", "dose_read"), worlds.of("busy", "dose_worked"), strict=True):
        first, second = worked[:2] / np.maximum(read[:2], 1)
        ratios.append((1 - first) * second / first if first > 0 else np.nan)
    why = "below 1: concave or peaked"
    return between("what the second recommendation adds, over what the first does", 0.5, ratios, 0.0, 1.0, why)


T6 = Target(
    "T6", "Recommendations per purchase", "Leskovec, Adamic & Huberman 2007", _plan, world, _judge, is_fact=True
)

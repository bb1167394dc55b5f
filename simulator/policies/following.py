"""Who follows a policy: the one place that says which merchants want to run it and which of them are able to.

A policy that decides by data needs specialists. A merchant without them decides as without data: by the policy's
fallback, bit for bit. A policy that needs no more than its own costs and a calendar is open to all.
"""

from __future__ import annotations

from simulator.draws import ALWAYS, Decision, Draws
from simulator.policies.policy import Flags, Observations, Rows
from simulator.settings import Settings, share


class FollowedSettings(Settings):
    """A policy that some merchants follow."""

    reach: float = share(1.0, "share of merchants who follow it; the others do as without it")


def follow(
    seen: Observations, merchants: Rows, reach: float, draws: Draws, lot: Decision, *, by_data: bool = True
) -> Flags:
    """Which of these merchants follow a policy today, shape (n,).

    Args:
        seen: What policies may see; it tells who is able to decide by data.
        merchants: Rows of merchants, shape (n,); one may come several times.
        reach: Share of merchants who want to follow it.
        draws: The market's luck.
        lot: The decision by which they are chosen, one for each family of policies: the same merchants every day.
        by_data: Whether it needs specialists.
    """
    wants = draws.uniform(lot, ALWAYS, merchants) < reach
    return wants & seen.is_able[merchants] if by_data else wants

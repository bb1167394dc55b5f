"""Which scenarios have lived the same days: a market may go on under another one that differs in nothing that acted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.settings import SettingsError, flat

ACT_IN_CAMPAIGNS = (
    *("days", "burn_in_days", "post_days", "mechanics", "policies", "capability", "attention", "invitations"),
    *("platform.wallet_size", "platform.reminder_visit", "platform.coupons_stack_on_groups"),
    "platform.subsidy_cap_fraction",
)
"""Settings, and blocks of them, that nothing depends on before the campaign begins."""

NOT_IN_USE = "not in use"
MOST_NAMED = 3
"""Differing settings that a refusal names: a switch brings all settings of its block with it."""


def is_branch(day: int, lived: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether other settings are wanted than those under which a market has lived up to a day.

    Args:
        day: The first day not lived yet.
        lived: The active settings of the market, as `Scenario.active`.
        wanted: Those it is to go on under.

    Raises:
        SettingsError: If the market would have lived its days differently under the settings that are wanted.
    """
    old, new = flat(lived), flat(wanted)
    for settings in (old, new):
        if "social.digest" in settings:  # the same file elsewhere is the same network
            settings.pop("social.path")
    pairs = {key: (old.get(key, NOT_IN_USE), new.get(key, NOT_IN_USE)) for key in (old | new)}
    differing = {key: f"{key}={now!r} (so far {before!r})" for key, (before, now) in pairs.items() if now != before}
    acted = [text for key, text in differing.items() if not _acts_in_campaigns(key)]
    if acted:
        more = f" and {len(acted) - MOST_NAMED} more" if len(acted) > MOST_NAMED else ""
        raise SettingsError(
            f"{', '.join(acted[:MOST_NAMED])}{more}: acts in the burn-in, so the market's past would be another one; "
            "build a new market "
            f"(what may change at the end of a burn-in: {', '.join(ACT_IN_CAMPAIGNS)})"
        )
    last = min(old["burn_in_days"], new["burn_in_days"])
    if differing and day > last:
        raise SettingsError(
            f"{', '.join(differing.values())}: the market has lived {day} days, so its past would be another one; "
            f"settings can change until the burn-in is over, after {last} days"
        )
    return bool(differing)


def _acts_in_campaigns(key: str) -> bool:
    return any(key == name or key.startswith(f"{name}.") for name in ACT_IN_CAMPAIGNS)

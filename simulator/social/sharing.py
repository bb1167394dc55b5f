"""One network for all markets of a process that live on the same one: the arms of a study do."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable

import numpy as np

from simulator.draws import Draws, Floats
from simulator.social.files import stamp
from simulator.social.graph import Network
from simulator.social.networks import SocialSettings, build

_last: dict[Hashable, Network] = {}


def shared_network(settings: SocialSettings, n: int, draws: Draws, taste: Floats) -> Network:
    """The network that `build` makes, or the last one again if it follows from the same things. Networks never change.

    Raises:
        ValueError: As in `build`.
    """
    key = (settings, n, draws.seed, _taste_key(settings, taste), stamp(settings.path) if settings.path else ())
    if key not in _last:
        _last.clear()
        _last[key] = build(settings, n, draws, taste)
    return _last[key]


def _taste_key(settings: SocialSettings, taste: Floats) -> str:
    if settings.kind != "communities":
        return ""
    return hashlib.blake2b(np.ascontiguousarray(taste).data).hexdigest()

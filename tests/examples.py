"""How many worlds a property test looks at: few in `make test`, `EXAMPLES` times as many in `make slow`."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

TIMES = int(os.environ.get("EXAMPLES", "1"))


def worlds(n: int) -> settings:
    """Markets are run: a world that fails is not made smaller, which takes minutes; it is told whole."""
    return settings(max_examples=n * TIMES, phases=[Phase.generate], suppress_health_check=list(HealthCheck))

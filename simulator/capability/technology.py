"""Technology: what deciding by data costs apart from the people who do it."""

from __future__ import annotations

from simulator.settings import Settings, quantity, share


class TechnologySettings(Settings):
    """Data, computers and software, rented by the day."""

    reach: float = share(1.0, "share of merchants who want it; the others open no posts and decide without data")
    platform_fen: float = quantity(
        50.0, "what it costs the platform per day and 1,000 consumers", unit="fen", ge=0, le=1_000_000
    )
    merchant_fen: float = quantity(
        5.0,
        "what it costs a merchant, small or large, per day on which it is able and 1,000 consumers; .2 % of a small "
        "one's sales",
        unit="fen",
        ge=0,
        le=1_000_000,
    )


def per_day(fen: float, n_consumers: int) -> int:
    """A sum per 1,000 consumers in whole fen, half to even."""
    return round(fen * (n_consumers / 1000))

"""The social network: which kind, of which settings, and the one that comes of them."""

from __future__ import annotations

from typing import Literal, Self, cast

from pydantic import model_validator

from simulator.draws import Draws, Floats
from simulator.settings import Settings, quantity, share
from simulator.social.builders import (
    check_communities,
    community_of,
    community_places,
    joined,
    planted_communities,
    power_law,
    random,
    ring,
    scale_free,
    small_world,
)
from simulator.social.files import read_edge_list
from simulator.social.graph import CompleteGraph, Graph, Network

Kind = Literal["small_world", "scale_free", "power_law", "communities", "complete", "ring", "random", "edge_list"]

USED_BY: dict[Kind, tuple[str, ...]] = {
    "small_world": ("degree", "rewire_fraction"),
    "scale_free": ("degree",),
    "power_law": ("degree", "exponent"),
    "communities": ("degree", "n_communities", "mixing_fraction", "taste_homophily"),
    "complete": (),
    "ring": ("degree",),
    "random": ("degree",),
    "edge_list": ("path",),
}
"""The settings that each kind of network uses."""


class SocialSettings(Settings):
    """Which social network the consumers live in. Only the settings of the chosen kind may differ from the default."""

    kind: Kind = quantity("small_world", "the social network: who can invite whom")
    degree: float = quantity(10.0, "mean number of friends", unit="friends", gt=0, le=1000)
    rewire_fraction: float = share(
        0.1, "share of ring links led to a random person", source="Watts & Strogatz 1998: small worlds at .01 to .1"
    )
    exponent: float = quantity(
        2.5, "exponent of the power law of degrees", source="Newman 2003: 2 to 3 in most networks", gt=2, le=10
    )
    n_communities: int = quantity(20, "number of communities of equal size", unit="communities", ge=1, le=32_767)
    mixing_fraction: float = share(0.1, "share of a person's links that leave the community")
    taste_homophily: float = share(0.5, "share of people whose community follows from their taste")
    path: str | None = quantity(None, "file of links (SNAP text or CSV, may be .gz)")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        for name, field in type(self).model_fields.items():
            used_by = [kind for kind in USED_BY if name in USED_BY[kind]]
            if name != "kind" and self.kind not in used_by and getattr(self, name) != field.default:
                raise ValueError(
                    f"social.{name}={getattr(self, name)} is used only with social.kind={' or '.join(used_by)}, "
                    f"not {self.kind}"
                )
        if self.kind == "edge_list" and self.path is None:
            raise ValueError("social.kind=edge_list needs social.path, the file of links")
        if self.kind in ("small_world", "ring", "scale_free") and self.degree % 2:
            raise ValueError(f"social.degree={self.degree:g} must be an even number with social.kind={self.kind}")
        return self


def build(settings: SocialSettings, n: int, draws: Draws, taste: Floats | None = None) -> Network:
    """The social network of `n` consumers.

    The strength of a tie is a uniform draw of the pair, unless the file of an edge list gives weights.

    Args:
        settings: The kind of network and its parameters.
        n: Number of consumers.
        draws: The run's random numbers.
        taste: The consumers' tastes, shape (n, n_dimensions); needed by communities with taste homophily.

    Raises:
        ValueError: If the settings do not suit `n` people, the tastes do not, or the file cannot be read.
    """
    check_fits(settings, n)
    degree, half = settings.degree, int(settings.degree) // 2
    communities = None
    match settings.kind:
        case "complete":
            return CompleteGraph(n, draws)
        case "edge_list":
            return edge_list(cast(str, settings.path), n, draws)
        case "small_world":
            links = small_world(n, half, settings.rewire_fraction, draws)
        case "ring":
            links = ring(n, half)
        case "scale_free":
            links = scale_free(n, half, draws)
        case "power_law":
            links = power_law(n, degree, settings.exponent, draws)
        case "random":
            links = random(n, degree, draws)
        case "communities":
            places = community_places(n, settings.taste_homophily, draws, taste)
            communities = community_of(places, settings.n_communities)
            links = planted_communities(places, settings.n_communities, degree, settings.mixing_fraction, draws)
    return joined(n, links, draws, communities)


def check_fits(settings: SocialSettings, n: int) -> None:
    """Whether `n` consumers can have such a network.

    Raises:
        ValueError: If so many friends cannot be found, in the market or inside or outside a community.
    """
    if settings.kind in ("complete", "edge_list"):
        return
    if settings.degree >= n - 1:
        raise ValueError(f"social.degree={settings.degree:g} must be below {n - 1}, the others among {n} consumers")
    if settings.kind == "communities":
        check_communities(n, settings.n_communities, settings.degree, settings.mixing_fraction)


def edge_list(path: str, n: int, draws: Draws) -> Graph:
    """The network in a file; its weights, if any, are the strengths.

    Raises:
        ValueError: If the file cannot be read, or has another number of people than `n`.
    """
    links = read_edge_list(path)
    if links.n != n:
        raise ValueError(f"{path} has {links.n} people, so consumers.n must be {links.n}, not {n}")
    if links.strength is None:
        return joined(n, (links.a, links.b), draws)
    return Graph.from_links(n, links.a, links.b, links.strength)

"""The links of a social network: one function per kind, each from addressed draws.

Every random number belongs to a person and the number of the tie among that person's own, or to a pair of people.
Where a random tie repeats another it is dropped (the "erased" variant of a model); the share lost vanishes as the
population grows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import pdtr

from simulator.draws import ALWAYS, Decision, Draws, Floats, Words, decision
from simulator.social.graph import Graph

People = NDArray[np.integer[Any]]
Links = tuple[People, People]
"""The two ends of each link, both of shape (n_links,); repeats and links with oneself are dropped later."""

_STRENGTH = decision("social.strength")
_REWIRE = decision("social.rewire")
_REWIRED_FRIEND = decision("social.rewired_friend")
_ATTACH = decision("social.attach")
_WEIGHT = decision("social.weight")
_ROUNDING = decision("social.rounding")
_STUB = decision("social.stub")
_N_RANDOM = decision("social.n_random")
_RANDOM_FRIEND = decision("social.random_friend")
_FOLLOWS_TASTE = decision("social.follows_taste")
_PLACE = decision("social.place")
_N_INSIDE = decision("social.n_inside")
_INSIDE_FRIEND = decision("social.inside_friend")
_N_OUTSIDE = decision("social.n_outside")
_OUTSIDE_FRIEND = decision("social.outside_friend")

_BLOCK = 2**16


def ring(n: int, half: int) -> Links:
    """Everybody on a ring linked to the `half` next on either side."""
    near, number = _each(np.full(n, half))
    return near, ((near + number + 1) % n).astype(np.int32)


def small_world(n: int, half: int, rewire_fraction: float, draws: Draws) -> Links:
    """A ring in which the far end of each link may lead to anybody instead (Watts & Strogatz 1998)."""
    near, far = ring(n, half)
    number = (far - near - 1) % n
    moved = np.flatnonzero(_uniform(draws, _REWIRE, near, number) < rewire_fraction)
    far[moved] = _another(n, near[moved], _uniform(draws, _REWIRED_FRIEND, near[moved], number[moved]))
    return near, far


def scale_free(n: int, half: int, draws: Draws) -> Links:
    """Newcomers link to `half` people, each chosen in proportion to the friends it has (Barabási & Albert 1999).

    The first `half` + 1 people all know each other. A newcomer's friend is copied from a random end of the links that
    were there before (Batagelj & Brandes 2005); all copies are traced back to their originals at once.
    """
    first_near, first_far = np.triu_indices(half + 1, k=1)
    n_first = len(first_near)
    arrival, number = _each(np.full(n - half - 1, half))
    n_ends_before = 2 * (n_first + arrival.astype(np.int64) * half)
    newcomer = arrival + np.int32(half + 1)
    near = np.concatenate([first_near.astype(np.int32), newcomer])

    # Link l has the ends 2l (near) and 2l + 1 (far). `origin` is the end from which each link's far end is copied; the
    # far ends of the first links are their own origin.
    picked = (_uniform(draws, _ATTACH, newcomer, number) * n_ends_before).astype(np.int64)
    origin = np.concatenate([2 * np.arange(n_first) + 1, picked])
    copies = np.arange(n_first, len(origin))
    while len(copies):
        is_copied = (origin[copies] & 1 == 1) & (origin[copies] >= 2 * n_first)
        copies = copies[is_copied]
        origin[copies] = origin[origin[copies] >> 1]
    far = near[origin >> 1]
    of_first = np.flatnonzero(origin & 1)
    far[of_first] = first_far[origin[of_first] >> 1]
    return near, far


def power_law(n: int, degree: float, exponent: float, draws: Draws) -> Links:
    """Degrees from a power law, their stubs joined at random: the configuration model (Newman 2003).

    Degrees follow a Pareto law between a lower end that gives the mean and the structural cut-off √(degree·n), above
    which links would have to repeat (Boguñá, Pastor-Satorras & Vespignani 2004), rounded up or down at random. An odd
    stub at the end is left over.
    """
    people = np.arange(n, dtype=np.int32)
    highest = float(np.sqrt(degree * n))
    tail = 1 - exponent
    low, high = _pareto_lowest(degree, exponent, highest) ** tail, highest**tail
    wanted = (low + _uniform(draws, _WEIGHT, people) * (high - low)) ** (1 / tail)
    owner, number = _each((wanted + _uniform(draws, _ROUNDING, people)).astype(np.int64))
    owner = owner[_shuffled(_drawn(draws.words, _STUB, owner, number))]
    n_links = len(owner) // 2
    return owner[:n_links], owner[n_links : 2 * n_links]


def _pareto_lowest(mean: float, exponent: float, highest: float) -> float:
    """The lower end at which a Pareto law of density ∝ x^-exponent, cut off at `highest`, has this mean."""

    def excess(lowest: float) -> float:
        moments = [float(highest**k - lowest**k) / k for k in (1 - exponent, 2 - exponent)]
        return moments[1] / moments[0] - mean

    return float(brentq(excess, 1e-9 * mean, mean))


def random(n: int, degree: float, draws: Draws) -> Links:
    """Every pair linked with the same probability degree / (n - 1): Poisson degrees (Erdős & Rényi 1959; Gilbert 1959).

    Everybody draws a Poisson number of links to random others. Repeats dropped, that is the same model exactly.
    """
    near, number = _poisson_links(n, degree, n - 1, draws, _N_RANDOM)
    return near, _another(n, near, _uniform(draws, _RANDOM_FRIEND, near, number))


def community_places(n: int, taste_homophily: float, draws: Draws, taste: Floats | None) -> NDArray[np.int32]:
    """The place of each person in the line that is cut into communities, 0 to n - 1, each once, shape (n,).

    A share `taste_homophily` stands by the quantile of its first taste coordinate, everybody else anywhere: with 0 the
    communities are independent of taste, with 1 they follow from it.

    Raises:
        ValueError: If tastes are needed and missing, or not of shape (n, n_dimensions).
    """
    people = np.arange(n)
    position = _uniform(draws, _PLACE, people)
    if taste_homophily > 0:
        if taste is None or taste.ndim != 2 or len(taste) != n or taste.shape[1] == 0:
            got = "none" if taste is None else f"shape {taste.shape}"
            raise ValueError(f"social.taste_homophily={taste_homophily:g} needs the tastes of {n} consumers, got {got}")
        follows = _uniform(draws, _FOLLOWS_TASTE, people) < taste_homophily
        position = np.where(follows, (_ranks(taste[:, 0]) + 0.5) / n, position)
    return _ranks(position)


def planted_communities(
    places: NDArray[np.int32], n_communities: int, degree: float, mixing_fraction: float, draws: Draws
) -> Links:
    """Communities of equal size, a given share of links going outside: the planted partition (Condon & Karp 2001).

    Within a community every pair is linked with one probability, between communities with another; drawn as in
    `random`.

    Args:
        places: Where each person stands in the line that is cut into communities, shape (n,).
        n_communities: Number of communities.
        degree: Mean number of friends.
        mixing_fraction: Share of friends outside the own community.
        draws: The run's random numbers.

    Raises:
        ValueError: If communities are too small, or too large, for so many friends inside, or outside.
    """
    n = len(places)
    n_inside = n / n_communities - 1
    n_outside = n - 1 - n_inside
    inside_degree, outside_degree = (1 - mixing_fraction) * degree, mixing_fraction * degree
    check_communities(n, n_communities, degree, mixing_fraction)
    starts = -(-np.arange(n_communities + 1) * n // n_communities)  # where in the line communities begin
    sizes = np.diff(starts)
    community = community_of(places, n_communities)

    near, number = _poisson_links(n, inside_degree, n_inside, draws, _N_INSIDE)
    own, u = community[near], _uniform(draws, _INSIDE_FRIEND, near, number)
    inside = starts[own] + _another(sizes[own], places[near] - starts[own], u)

    leaving, number = _poisson_links(n, outside_degree, n_outside, draws, _N_OUTSIDE)
    own, u = community[leaving], _uniform(draws, _OUTSIDE_FRIEND, leaving, number)
    outside = (starts[own + 1] + (u * (n - sizes[own])).astype(np.int64)) % n

    person_at = np.empty(n, dtype=np.int32)
    person_at[places] = np.arange(n)
    return np.concatenate([near, leaving]), person_at[np.concatenate([inside, outside])]


def check_communities(n: int, n_communities: int, degree: float, mixing_fraction: float) -> None:
    """Whether there are people enough inside and outside of communities for so many friends.

    Raises:
        ValueError: If there are not, naming the settings.
    """
    n_inside = n / n_communities - 1
    wanted = (
        ("inside", (1 - mixing_fraction) * degree, n_inside),
        ("outside", mixing_fraction * degree, n - 1 - n_inside),
    )
    for where, mean, others in wanted:
        if mean > 0 and mean >= others:
            raise ValueError(
                f"social.degree={degree:g} and social.mixing_fraction={mixing_fraction:g} ask for {mean:g} friends "
                f"{where} the community; social.n_communities={n_communities} of {n} people leave {max(others, 0):g}"
            )


def community_of(places: NDArray[np.int32], n_communities: int) -> NDArray[np.int16]:
    """The community at each place in a line of people cut into equal parts (± 1 person), shape (n,)."""
    return (places.astype(np.int64) * n_communities // len(places)).astype(np.int16)


def joined(n: int, links: Links, draws: Draws, communities: NDArray[np.int16] | None = None) -> Graph:
    """The network of these links, the strength of each tie drawn by the pair."""
    return Graph.from_links(n, *links, lambda low, high: _uniform(draws, _STRENGTH, low, high), communities)


def _each(counts: NDArray[Any]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """For every item of people with `counts` items: its owner, and its number among the owner's, both (n_items,)."""
    owner = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    number = np.arange(len(owner), dtype=np.int32)
    number -= np.repeat((counts.cumsum() - counts).astype(np.int32), counts)
    return owner, number


def _another(n: int | NDArray[np.int64], person: People, u: Floats) -> NDArray[np.int32]:
    """A random one of `n` other than `person`, from uniform draws; all of shape (n_picks,)."""
    return ((person + 1 + (u * (n - 1)).astype(np.int64)) % n).astype(np.int32)


def _poisson_links(
    n: int, degree: float, n_others: float, draws: Draws, what_for: Decision
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """As `_each`, for Poisson numbers of links to random people among `n_others`, repeats dropped `degree` in the mean.

    Half of everybody's links come from the others.
    """
    rate = -n_others * float(np.log1p(-degree / n_others)) / 2 if degree > 0 else 0.0
    cumulative = pdtr(np.arange(int(rate + 12 * np.sqrt(rate) + 30)), rate)
    return _each(np.searchsorted(cumulative, _uniform(draws, what_for, np.arange(n))))


def _ranks(values: NDArray[Any]) -> NDArray[np.int32]:
    """The rank of each value from 0, equal ones as they stand."""
    ranks = np.empty(len(values), dtype=np.int32)
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return ranks


def _shuffled(words: Words) -> NDArray[np.int64]:
    """The positions in the order of their random words, shape as `words`, which is overwritten.

    Each word's low bits give way to its position, so that sorting the words is all (10 million: .1 s; argsort .8 s).
    """
    n_low_bits = np.uint64(len(words).bit_length())
    words >>= n_low_bits
    words <<= n_low_bits
    words |= np.arange(len(words), dtype=np.uint64)
    words.sort()
    words &= (np.uint64(1) << n_low_bits) - np.uint64(1)
    return words.view(np.int64)


def _uniform(draws: Draws, what_for: Decision, who: People, what: People | int = 0) -> Floats:
    return _drawn(draws.uniform, what_for, who, what)


def _drawn(draw: Callable[..., NDArray[Any]], what_for: Decision, who: People, what: People | int) -> NDArray[Any]:
    """`Draws.uniform` or `words`, outside any day, block by block: at 5 million draws 7 times faster, 100 MB less."""
    starts = range(0, max(len(who), 1), _BLOCK)
    blocks = [slice(start, start + _BLOCK) for start in starts]
    return np.concatenate([draw(what_for, ALWAYS, who[b], what if isinstance(what, int) else what[b]) for b in blocks])

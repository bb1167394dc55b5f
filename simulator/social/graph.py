"""The social network: who is whose friend, the strongest tie first.

Links are undirected and stored as compressed neighbour lists; the complete network stores none.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import connected_components

from simulator.compiled import compiled
from simulator.draws import ALWAYS, Draws, Floats, Words, decision

Rows = NDArray[np.integer[Any]]
Positions = NDArray[np.intp]
Friends = NDArray[np.int32]

_DESCRIBED = decision("social.described")
_WALKS = decision("social.complete_walks")
_WALK = decision("social.complete_walk")
_WALK_START = decision("social.complete_walk_start")
_N_WALKS = 4096
_N_DESCRIBED = 10_000
_BLOCK = 500


class Network(ABC):
    """An undirected network of `n` people, whose row numbers are their identity.

    Attributes:
        n: Number of people.
        degrees: Friends of each person, shape (n,), read-only.
        communities: The community of each person, shape (n,), read-only; None where the network has none.
    """

    n: int
    degrees: NDArray[np.int32]
    communities: NDArray[np.int16] | None = None

    @property
    def n_links(self) -> int:
        """Number of undirected links."""
        return int(self.degrees.sum(dtype=np.int64)) // 2

    @abstractmethod
    def ties(self, rows: Rows, at_most: int | None = None) -> tuple[Positions, Friends]:
        """The friends of several people, person by person, the strongest tie first.

        Args:
            rows: The people, shape (n_rows,); repeats are allowed.
            at_most: Only the strongest so many ties of each.

        Returns:
            For every tie the position in `rows` of the person it belongs to, and the friend, both of shape (n_ties,).
        """

    @abstractmethod
    def describe(self) -> dict[str, float | None]:
        """Size, degrees, clustering, assortativity and connectedness; None where a measure is not defined.

        `clustering` is the mean over people of the share of their pairs of friends who are friends (Watts & Strogatz
        1998; 0 for people with fewer than two), exact up to 10,000 people and from a fixed sample of 10,000 above.
        `degree_assortativity` is the correlation of the degrees at the two ends of a link (Newman 2002).
        """

    def friends_of(self, person: int) -> Friends:
        """The friends of one person, the strongest tie first, shape (degree,)."""
        return self.ties(np.array([person]))[1]

    def add_to_friends(self, rows: Rows, counter: NDArray[Any]) -> None:
        """Add 1 to the `counter`, shape (n,), of every friend of these people, once for each tie."""
        one = counter.dtype.type(1)  # a plain 1 would take the 18 times slower general path
        np.add.at(counter, self.ties(rows)[1], one)


class Graph(Network):
    """A network held as compressed neighbour lists.

    Args:
        starts: Where each person's friends begin, shape (n + 1,).
        friends: The friends of person 0, then those of person 1, ..., each the strongest tie first,
            shape (2 * n_links,).
        communities: The community of each person, shape (n,), if the network has any.
    """

    def __init__(
        self, starts: NDArray[np.int64], friends: Friends, communities: NDArray[np.int16] | None = None
    ) -> None:
        self.n = len(starts) - 1
        self.starts = _read_only(starts)
        self.friends = _read_only(friends)
        self.degrees = _read_only(np.diff(starts).astype(np.int32))
        self.communities = None if communities is None else _read_only(communities)

    @classmethod
    def from_links(
        cls,
        n: int,
        a: Rows,
        b: Rows,
        strength: ArrayLike | Callable[[Friends, Friends], Floats],
        communities: NDArray[np.int16] | None = None,
    ) -> Graph:
        """The network of the links a–b, in any order and direction.

        Links of a person with itself are dropped, and of repeated links all but the strongest. Ties of equal strength
        are ordered by the friend's number.

        Args:
            n: Number of people.
            a: One end of each link, shape (n_given,), each from 0 to n - 1.
            b: The other end, shape (n_given,).
            strength: Strength of each link, shape (n_given,), not NaN; only their order matters. Or a function of the
                pairs low < high, each linked pair once, that returns their strengths.
            communities: The community of each person, shape (n,), if the network has any.

        Raises:
            ValueError: If the lengths differ, an end is no person, or a strength is NaN.
        """
        keys, is_link = _pair_keys(n, a, b)
        if callable(strength):
            keys = keys[is_link]
            keys.sort()
            pairs = _pairs(n, keys[_is_first(keys)])
            strengths = strength(pairs[:, 0], pairs[:, 1])
        else:
            strengths = _checked(strength, len(keys))[is_link]
            keys = keys[is_link]
            order = np.lexsort((-strengths, keys))
            order = order[_is_first(keys[order])]
            pairs, strengths = _pairs(n, keys[order]), strengths[order]
        del keys, is_link  # a seventh of the peak memory
        return cls(*_neighbour_lists(n, pairs, strengths), communities)

    def ties(self, rows: Rows, at_most: int | None = None) -> tuple[Positions, Friends]:
        return _ties(np.asarray(rows, dtype=np.intp), self.n if at_most is None else at_most, self.starts, self.friends)

    def describe(self) -> dict[str, float | None]:
        starts = self.starts.astype(sp.get_index_dtype(maxval=len(self.friends)))
        links = sp.csr_array((np.ones(len(self.friends), dtype=np.int32), self.friends, starts), shape=(self.n, self.n))
        # Links go both ways, so that strong components are the components, and need no transposed copy.
        _, labels = connected_components(links, directed=True, connection="strong")
        return {
            "n": self.n,
            "n_links": self.n_links,
            "degree_mean": float(self.degrees.mean()),
            "degree_median": float(np.median(self.degrees)),
            "degree_max": int(self.degrees.max()),
            "isolated_fraction": float((self.degrees == 0).mean()),
            "clustering": self._clustering(links),
            "degree_assortativity": self._assortativity(links),
            "largest_component": int(np.bincount(labels).max()),
        }

    def _clustering(self, links: sp.csr_array[Any]) -> float:
        people = np.arange(self.n)
        if self.n > _N_DESCRIBED:
            people = _below(self.n, Draws(0).words(_DESCRIBED, ALWAYS, np.arange(_N_DESCRIBED)))
        total = 0.0
        for first in range(0, len(people), _BLOCK):
            block = people[first : first + _BLOCK]
            own = links[block]
            closed = (own @ links).multiply(own).sum(axis=1)
            degrees = self.degrees[block].astype(np.float64)
            total += float((closed / np.maximum(degrees * (degrees - 1), 1)).sum())
        return total / len(people)

    def _assortativity(self, links: sp.csr_array[Any]) -> float | None:
        # Over both directions of every link: moments of the degree here (x) and there (y), in exact integers.
        degrees = self.degrees.astype(np.int64)
        n_ends, sum_x, sum_xx = (int((degrees**power).sum()) for power in (1, 2, 3))
        sum_xy = int((degrees * (links @ degrees)).sum())
        spread = n_ends * sum_xx - sum_x**2
        return (n_ends * sum_xy - sum_x**2) / spread if spread else None


class CompleteGraph(Network):
    """The network in which everybody is everybody's friend; no links are stored.

    The order of a person's ties is a keyed walk around the circle of the others, in steps that share no factor with
    their number, so that it meets each of them once. Strength is not mutual here.

    Args:
        n: Number of people.
        draws: The run's random numbers.
    """

    def __init__(self, n: int, draws: Draws) -> None:
        self.n = n
        self.degrees = np.broadcast_to(np.int32(n - 1), (n,))
        self._draws = draws
        self._n_others = max(n - 1, 1)
        steps = _below(self._n_others, draws.words(_WALKS, ALWAYS, 0, np.arange(_N_WALKS)))
        self._steps = steps[np.gcd(steps, self._n_others) == 1]

    def ties(self, rows: Rows, at_most: int | None = None) -> tuple[Positions, Friends]:
        n_ties = self.n - 1 if at_most is None else min(self.n - 1, at_most)
        step = self._steps[_below(len(self._steps), self._draws.words(_WALK, ALWAYS, rows))]
        start = _below(self._n_others, self._draws.words(_WALK_START, ALWAYS, rows))
        places = (start[:, None] + step[:, None] * np.arange(n_ties)) % self._n_others
        friends = (rows[:, None] + 1 + places) % self.n
        return np.repeat(np.arange(len(rows)), n_ties), friends.astype(np.int32).ravel()

    def add_to_friends(self, rows: Rows, counter: NDArray[Any]) -> None:
        counter += len(rows)
        np.subtract.at(counter, rows, counter.dtype.type(1))

    def describe(self) -> dict[str, float | None]:
        return {
            "n": self.n,
            "n_links": self.n_links,
            "degree_mean": self.n - 1,
            "degree_median": self.n - 1,
            "degree_max": self.n - 1,
            "isolated_fraction": float(self.n == 1),
            "clustering": float(self.n > 2),
            "degree_assortativity": None,
            "largest_component": self.n,
        }


@compiled
def _ties(people: Positions, at_most: int, starts: NDArray[np.int64], friends: Friends) -> tuple[Positions, Friends]:
    """See `Network.ties`."""
    n_ties = 0
    for person in people:
        n_ties += min(starts[person + 1] - starts[person], at_most)
    owner, friend = np.empty(n_ties, np.intp), np.empty(n_ties, np.int32)
    tie = 0
    for position, person in enumerate(people):
        first = starts[person]
        for place in range(first, min(starts[person + 1], first + at_most)):
            owner[tie], friend[tie] = position, friends[place]
            tie += 1
    return owner, friend


def _pair_keys(n: int, a: Rows, b: Rows) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """One number per unordered pair, and whether it joins two people; both of shape (n_given,)."""
    if len(a) != len(b):
        raise ValueError(f"links need two ends each, got {len(a)} and {len(b)} ends")
    for ends in (a, b):
        if len(ends) and not 0 <= ends.min() <= ends.max() < n:
            raise ValueError(f"links join people from 0 to {n - 1}, got {ends.min()} to {ends.max()}")
    keys = np.minimum(a, b).astype(np.int64)
    keys *= n
    keys += np.maximum(a, b)
    return keys, a != b


def _checked(strength: ArrayLike, n_given: int) -> Floats:
    strengths = np.asarray(strength, dtype=np.float64)
    if strengths.shape != (n_given,):
        raise ValueError(f"{n_given} links need as many strengths, got shape {strengths.shape}")
    if np.isnan(strengths).any():
        raise ValueError(f"the strength of link {int(np.isnan(strengths).argmax())} is not a number")
    return strengths


def _pairs(n: int, keys: NDArray[np.int64]) -> NDArray[np.int32]:
    """The two people of each key, the lower number first, shape (n_links, 2)."""
    pairs = np.empty((len(keys), 2), dtype=np.int32)
    np.divmod(keys, n, out=(pairs[:, 0], pairs[:, 1]), casting="unsafe")
    return pairs


def _is_first(ordered: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which elements of an ordered array differ from the one before."""
    is_first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return is_first


@compiled
def _neighbour_lists(n: int, pairs: Friends, strengths: Floats) -> tuple[NDArray[np.int64], Friends]:
    """Where each person's friends begin, shape (n + 1,), and the friends, the strongest tie first, then by number.

    Each short list is sorted by itself: neighbours are near in memory, and the time grows in step with the links.

    Args:
        n: Number of people.
        pairs: The two people of each link, low < high, in ascending order of low, then high; shape (n_links, 2).
        strengths: Shape (n_links,).
    """
    starts = np.zeros(n + 1, np.int64)
    for link in range(len(pairs)):
        for end in range(2):
            starts[pairs[link, end] + 1] += 1
    starts = starts.cumsum()
    ends = starts[:-1].copy()
    friends, weakness = np.empty(pairs.size, np.int32), np.empty(pairs.size)
    for link in range(len(pairs)):
        for end in range(2):
            place = ends[pairs[link, end]]
            friends[place], weakness[place] = pairs[link, 1 - end], -strengths[link]
            ends[pairs[link, end]] += 1
    for person in range(n):
        own = slice(starts[person], starts[person + 1])
        _sort(weakness[own], friends[own])
    return starts, friends


@compiled
def _sort(weakness: Floats, friends: Friends) -> None:
    """Sort both by weakness, then friend, in place: Shell's sort (1959), as quick as any on lists as short as these."""
    gap = len(friends) // 2
    while gap > 0:
        for row in range(gap, len(friends)):
            weak, friend, place = weakness[row], friends[row], row
            while place >= gap and (weak, friend) < (weakness[place - gap], friends[place - gap]):
                weakness[place], friends[place] = weakness[place - gap], friends[place - gap]
                place -= gap
            weakness[place], friends[place] = weak, friend
        gap //= 2


def _below(n_choices: int, words: Words) -> NDArray[np.int64]:
    """Random words as numbers from 0 to n_choices - 1."""
    numbers: NDArray[np.int64] = (words % np.uint64(n_choices)).astype(np.int64)
    return numbers


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view

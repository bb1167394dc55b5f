"""Who brought whom: cascades of adopters linked by invitations, their sizes, shapes and reproduction.

A link leads from an inviter to an adopter whose first settled order came through the inviter's invitation. A root is
an inviter whom no link leads to; a cascade is a root with everybody reached from it, so its size is at least 1.

An inviter may invite from an order that is refunded later and adopt through another invitation afterwards. A link from
an invited adopter therefore counts only if the inviter paid its adopting order before the other paid its own: time
runs down every cascade, and no two consumers can have brought each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.records.events.codes import Kind, Origin
from simulator.records.events.ids import id_consumer, id_day, id_kind
from simulator.records.events.log import EventLog
from simulator.records.measures import INVITING
from simulator.records.reading import Flags, Ints, Reading, ratio

FOLLOW_UP_DAYS = 90
LARGEST = 12
"""Cascades of a run whose links are told one by one."""
MOST_LINKS = 500
"""Consumers told of each of them; more could be neither drawn nor seen."""


@dataclass(frozen=True)
class Trees:
    """Rooted trees over n nodes, each array of shape (n,).

    Attributes:
        parent: Each node's parent; a root is its own.
        root: The root of each node's tree.
        depth: Steps from the root.
        n_below: Nodes in the subtree of each node, itself included; at a root, the size of the tree.
    """

    parent: Ints
    root: Ints
    depth: Ints
    n_below: Ints

    @property
    def roots(self) -> NDArray[np.intp]:
        return np.flatnonzero(self.depth == 0)

    @property
    def sizes(self) -> Ints:
        """Nodes of each tree, in the order of `roots`."""
        return self.n_below[self.roots]


@dataclass(frozen=True)
class Cascades:
    """The cascades of a run; one entry per consumer in a cascade, shape (n,).

    Attributes:
        trees: Who brought whom.
        consumer: Who it is.
        day: When a consumer began to count as an inviter: its adoption day, or, for one who did not adopt in the
            window (an old member), the day of its first invitation.
        is_adopter: Whether the consumer adopted in the window.
        origin: The mechanic of the invitation that brought it, `Origin.NONE` for a root.
        is_prompt: Whether it was brought within `FOLLOW_UP_DAYS` of its inviter's day.
        is_followed: Whether the run lasts `FOLLOW_UP_DAYS` beyond its day.
    """

    trees: Trees
    consumer: Ints
    day: Ints
    is_adopter: Flags
    origin: NDArray[np.int8]
    is_prompt: Flags
    is_followed: Flags

    @property
    def n_brought(self) -> Ints:
        """Adopters that each consumer brought within `FOLLOW_UP_DAYS` of its day, shape (n,)."""
        return np.bincount(self.trees.parent[self.is_prompt], minlength=len(self.day))

    @property
    def wait(self) -> Ints:
        """Days from the inviter's day to each consumer's own, 0 for a root, shape (n,)."""
        return np.asarray(self.day - self.day[self.trees.parent])


def grow_trees(parent: Ints) -> Trees:
    """Trees from parent pointers (a root points to itself; no cycles), in O(n log depth)."""
    root = parent
    depth = (parent != np.arange(len(parent))).astype(np.int64)
    while (root[root] != root).any():  # every round doubles the steps that `root` has gone up
        depth += depth[root]
        root = root[root]
    n_below = np.ones(len(parent), dtype=np.int64)
    by_depth = np.argsort(depth, kind="stable")
    levels = np.split(by_depth, np.cumsum(np.bincount(depth))[:-1]) if len(parent) else []
    for level in levels[:0:-1]:
        np.add.at(n_below, parent[level], n_below[level])
    return Trees(parent, root, depth, n_below)


def structural_virality(trees: Trees) -> NDArray[np.float64]:
    """Mean distance between two nodes of each tree, in the order of `trees.roots`; NaN for a tree of one node.

    The link above a subtree of s of the n nodes lies between s·(n − s) pairs (Goel, Anderson, Hofman & Watts 2016:
    the Wiener index over n(n − 1)/2).
    """
    n = trees.sizes.astype(np.float64)
    pairs_over_link = trees.n_below * (trees.n_below[trees.root] - trees.n_below)
    wiener = np.bincount(trees.root, weights=pairs_over_link, minlength=len(trees.root))[trees.roots]
    n_pairs = n * (n - 1) / 2
    return np.asarray(np.divide(wiener, n_pairs, out=np.full(len(n), np.nan), where=n_pairs > 0))


def find_cascades(reading: Reading) -> Cascades:
    """The cascades of the window."""
    adopters, facts = reading.adopters, reading.facts
    invited = id_kind(adopters.cause) == Kind.INVITATION
    child, cause = adopters.consumer[invited], adopters.cause[invited]
    parent, tick = id_consumer(cause), adopters.tick[invited]

    paid_tick = np.full(facts.n_consumers, -1, dtype=np.int64)
    paid_tick[child] = tick
    in_time = paid_tick[parent] < tick
    child, parent, cause = child[in_time], parent[in_time], cause[in_time]

    sender, sent = reading.invited("consumer", "id")
    is_member = np.zeros(facts.n_consumers, dtype=np.bool_)
    for consumers in (sender, parent, child):
        is_member[consumers] = True
    members = np.flatnonzero(is_member)
    place = np.cumsum(is_member) - 1

    started = np.full(facts.n_consumers, facts.days, dtype=np.int64)
    np.minimum.at(started, sender, id_day(sent))
    np.minimum.at(started, parent, id_day(cause))
    started[adopters.consumer] = adopters.day
    day = started[members]
    is_adopter = np.isin(members, adopters.consumer)

    pointers = np.arange(len(members))
    pointers[place[child]] = place[parent]
    origin = np.full(len(members), Origin.NONE, dtype=np.int8)
    origin[place[child]] = reading.origins(cause)
    is_prompt = (pointers != np.arange(len(members))) & (day - day[pointers] <= FOLLOW_UP_DAYS)
    trees = grow_trees(pointers)
    return Cascades(trees, members, day, is_adopter, origin, is_prompt, _is_followed(reading, day))


def cascade_measures(reading: Reading) -> dict[str, float]:
    """K, generation time and the shapes of the cascades; all NaN where there are no invitations."""
    cascades = find_cascades(reading)
    sizes = cascades.trees.sizes
    n_parents = np.count_nonzero(_is_followed(reading, reading.adopters.day)) if len(sizes) else 0
    is_parent = cascades.is_adopter & cascades.is_followed
    is_child = cascades.is_prompt & is_parent[cascades.trees.parent]
    n_children = np.count_nonzero(is_child)
    sent = np.unique(reading.invited("origin")[0])
    share_left = 1.0 - _reached_before(reading, cascades.day[is_child]) / max(reading.facts.n_prospects, 1)
    by_origin = np.bincount(cascades.origin[is_child], minlength=max(Origin) + 1)
    virality = structural_virality(cascades.trees)[sizes >= 3]
    return {
        "k_factor": ratio(n_children, n_parents),
        "k_unsaturated": ratio(np.sum(1.0 / share_left), n_parents),
        **{f"k_{o.name.lower()}": ratio(by_origin[o], n_parents) if o in sent else np.nan for o in INVITING},
        "generation_time_days": ratio(cascades.wait[is_child].sum(), n_children),
        "largest_cascade": float(sizes.max()) if len(sizes) else np.nan,
        "deepest_cascade": float(cascades.trees.depth.max()) if len(sizes) else np.nan,
        "single_cascades_share": ratio(np.count_nonzero(sizes == 1), len(sizes)),
        "structural_virality": ratio(virality.sum(), len(virality)),
    }


def cascade_sizes(log: EventLog) -> pd.DataFrame:
    """How many cascades there are of each size that occurs: columns size, n_cascades."""
    size, n_cascades = np.unique(find_cascades(Reading(log)).trees.sizes, return_counts=True)
    return pd.DataFrame({"size": size, "n_cascades": n_cascades})


def generations(log: EventLog) -> pd.DataFrame:
    """Reproduction by generation: columns generation, adopters, n_followed, R, susceptible_share.

    Generation 0 holds the roots, old members among them; every later one is brought by the one before. R is the mean
    number of adopters brought within 90 days by those `n_followed` who were followed for 90 days (NaN if none);
    `susceptible_share` the share of prospects not yet reached when one of the generation adopted, its mean.
    """
    reading = Reading(log)
    cascades = find_cascades(reading)
    depth, followed = cascades.trees.depth, cascades.is_followed
    adopted_before = _reached_before(reading, cascades.day)
    n = np.bincount(depth)
    n_followed = np.bincount(depth[followed], minlength=len(n))
    n_brought = np.bincount(depth, weights=cascades.n_brought * followed)
    n_reached = np.bincount(depth, weights=adopted_before)
    return pd.DataFrame(
        {
            "generation": np.arange(len(n)),
            "adopters": n,
            "n_followed": n_followed,
            "R": [ratio(b, f) for b, f in zip(n_brought, n_followed, strict=True)],
            "susceptible_share": [
                1 - ratio(r, k * reading.facts.n_prospects) for r, k in zip(n_reached, n, strict=True)
            ],
        }
    )


def largest_cascades(log: EventLog) -> pd.DataFrame:
    """The largest cascades, link by link: columns cascade, size, consumer, parent, generation, day.

    `cascade` counts from 0, the largest; of equal ones the earlier, then the one whose root has the smaller row number.
    A root is its own parent. Of a cascade of more than `MOST_LINKS` consumers the first generations are told; `size` is
    the whole.
    """
    cascades = find_cascades(Reading(log))
    trees, roots, sizes = cascades.trees, cascades.trees.roots, cascades.trees.sizes
    largest = roots[np.lexsort((roots, cascades.day[roots], -sizes))][:LARGEST]
    rank = np.full(len(trees.parent), LARGEST)
    rank[largest] = np.arange(len(largest))
    told = np.flatnonzero(rank[trees.root] < LARGEST)
    told = told[np.lexsort((told, cascades.day[told], trees.depth[told], rank[trees.root[told]]))]
    frame = pd.DataFrame(
        {
            "cascade": rank[trees.root[told]],
            "size": trees.n_below[trees.root[told]],
            "consumer": cascades.consumer[told],
            "parent": cascades.consumer[trees.parent[told]],
            "generation": trees.depth[told],
            "day": cascades.day[told],
        }
    )
    return frame.groupby("cascade").head(MOST_LINKS).reset_index(drop=True)


def _reached_before(reading: Reading, day: Ints) -> Ints:
    """Prospects who had adopted before each of these days, shape of `day`."""
    return np.searchsorted(np.sort(reading.all_adopters.day), day, side="left")


def _is_followed(reading: Reading, day: NDArray[np.integer]) -> Flags:
    return day.astype(np.int64) + FOLLOW_UP_DAYS < reading.facts.days

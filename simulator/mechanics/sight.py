"""Which groups shoppers can see and join: the fullest in their cell, or the one that a friend called them to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import compiled

NONE = -1


@compiled
def show(
    n_members: NDArray[np.int16],
    opened_tick: NDArray[np.int32],
    ids: NDArray[np.int64],
    cell: NDArray[np.int32],
    product: NDArray[np.int32],
    visible: NDArray[np.intp],
) -> None:
    """Put the first two groups of each cell and product on show; `visible` as in `joinable`, all -1 before."""
    for row in range(len(ids)):
        rank = (-n_members[row], opened_tick[row], ids[row])
        on_show = visible[cell[row], product[row]]
        first, second = on_show
        if first == NONE or rank < (-n_members[first], opened_tick[first], ids[first]):
            on_show[0], on_show[1] = row, first
        elif second == NONE or rank < (-n_members[second], opened_tick[second], ids[second]):
            on_show[1] = row


@compiled
def joinable(
    visit: NDArray[np.intp],
    consumer: NDArray[np.intp],
    product: NDArray[np.intp],
    in_reach: NDArray[np.bool_],
    called_to: NDArray[np.intp],
    called_row: NDArray[np.intp],
    cell_size: int,
    visible: NDArray[np.intp],
    members: NDArray[np.int32],
    n_members: NDArray[np.int16],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """The looks from which a group can be joined, its row, and whether a friend called to it; all shape (n_offered,).

    Args:
        visit, consumer, product: The looks.
        in_reach: Whom the mechanic is open to, shape (n_consumers,).
        called_to: The product that each visitor was called to, shape (n_visits,).
        called_row: The group they were called to; -1 for none that is open.
        cell_size: Consumers in a cell.
        visible: The two groups on show, shape (n_cells, n_products, 2), -1 for none.
        members: Who sits in each group, shape (n_groups, size).
        n_members: How many, shape (n_groups,).
    """
    at, row = np.empty((2, len(visit)), np.intp)
    is_invited = np.empty(len(visit), np.bool_)
    n_offered = 0
    for look in range(len(visit)):
        who, item = consumer[look], product[look]
        if not in_reach[who]:
            continue
        group = called_row[visit[look]]
        invited = group != NONE and item == called_to[visit[look]] and not _sits_in(who, group, members, n_members)
        if not invited:
            group, second = visible[who // cell_size, item]
            if group != NONE and _sits_in(who, group, members, n_members):
                group = second
            if group == NONE or _sits_in(who, group, members, n_members):
                continue
        at[n_offered], row[n_offered], is_invited[n_offered] = look, group, invited
        n_offered += 1
    return at[:n_offered], row[:n_offered], is_invited[:n_offered]


@compiled
def _sits_in(who: int, group: int, members: NDArray[np.int32], n_members: NDArray[np.int16]) -> bool:
    sits = False
    for seat in range(n_members[group]):
        sits |= members[group, seat] == who
    return sits

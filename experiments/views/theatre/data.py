"""What the cascade theatre shows of a run, as compact arrays: people, links, and what happened at which tick.

A tick is a wave: day · waves_per_day + wave. Lists of events are in order of time, and their ticks are told as steps
from one event to the next. People are numbered in the order in which they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.views.theatre.layout import disc, lay_out
from experiments.views.theatre.run import Run, choose_shown, k_so_far
from simulator.records.cascades import LARGEST
from simulator.records.daily import daily_measures
from simulator.records.events.codes import Outcome, Way
from simulator.records.reading import FEN_PER_YUAN, Columns, Ints
from simulator.social.graph import Graph, Network

GRID = 4095
"""Places are whole numbers from 0 to this."""
MOST_LINKS = 40_000
"""Links drawn; of more, everybody's strongest."""
IGNORED, READ, ACCEPTED = range(3)
"""What becomes of an invitation; accepted: an order or a cut of a bargain follows from it."""
UNFILLED, FILLED = range(2)


def page_data(run: Run, at_most: int) -> dict[str, Any]:
    """All that the page's script needs, as plain lists and numbers.

    Args:
        run: The run.
        at_most: People shown; of more, those of the largest cascades and a sample.
    """
    shown = choose_shown(run, at_most)
    number = np.full(run.network.n, -1)
    number[shown] = np.arange(len(shown))
    places, links = _network(run.network, shown, number)
    s, facts = run.scenario, run.log.facts
    return {
        "days": s.days,
        "waves": s.waves_per_day,
        "campaign": [s.burn_in_days, s.campaign_end],
        "people": {
            "x": np.rint(GRID * places[:, 0]).astype(int).tolist(),
            "y": np.rint(GRID * places[:, 1]).astype(int).tolist(),
            "row": None if len(shown) == run.network.n else shown.tolist(),
            "friends": run.network.degrees[shown].tolist(),
            "prospects": np.flatnonzero(run.is_prospect[shown]).tolist(),
        },
        "nProspects": facts.n_prospects,
        "links": links,
        "joins": _events(run, number, run.reading.table("joins"), who="consumer"),
        "sales": _sold(run, number),
        "invitations": _invitations(run, number),
        "brought": _brought(run, number),
        "deals": [*_groups(run, number), *_bargains(run, number)],
        "cascades": _largest(run, number),
        "counts": _counts(run),
        "k": k_so_far(run),
    }


def _network(network: Network, shown: NDArray[np.intp], number: Ints) -> tuple[NDArray[np.float64], list[list[int]]]:
    """Places, shape (n_shown, 2), and for each of those shown the friends with a higher number who are linked to it."""
    if not isinstance(network, Graph):  # everybody is everybody's friend
        return (disc(len(shown)) + 1.0) / 2.0, []
    who, rows = network.ties(shown)
    friend = number[rows]
    who, friend = who[friend >= 0], friend[friend >= 0]
    starts = np.concatenate([[0], np.cumsum(np.bincount(who, minlength=len(shown)))])
    strength = np.arange(len(who)) - starts[who]  # the strongest tie of each comes first
    is_drawn = strength < max(2 * MOST_LINKS // max(len(shown), 1), 1) if len(who) > 2 * MOST_LINKS else who >= 0
    low, high = np.minimum(who, friend)[is_drawn], np.maximum(who, friend)[is_drawn]
    pairs = np.unique(np.stack([low, high], axis=1), axis=0)
    ends = np.cumsum(np.bincount(pairs[:, 0], minlength=len(shown)))
    drawn = [part.tolist() for part in np.split(pairs[:, 1], ends[:-1])]
    return lay_out(starts, friend.astype(np.int32)), drawn


def _steps(ticks: ArrayLike) -> list[int]:
    steps: list[int] = np.diff(np.asarray(ticks, dtype=np.int64), prepend=0).tolist()
    return steps


def _listed(ticks: Ints, **columns: NDArray[Any]) -> dict[str, list[int]]:
    """Events in order of time, by column."""
    order = np.argsort(ticks, kind="stable")
    return {"t": _steps(ticks[order]), **{name: np.asarray(values)[order].tolist() for name, values in columns.items()}}


def _events(run: Run, number: Ints, table: Columns, **columns: str) -> dict[str, list[int]]:
    """The rows of a table that concern only people shown; each column holds people."""
    people = {name: number[table[column]] for name, column in columns.items()}
    kept = np.all([values >= 0 for values in people.values()], axis=0)
    return _listed(run.ticks(table)[kept], **{name: values[kept] for name, values in people.items()})


def _sold(run: Run, number: Ints) -> dict[str, list[int]]:
    who = number[run.sales["consumer"].to_numpy()]
    return _listed(run.sales["tick"].to_numpy()[who >= 0], who=who[who >= 0])


def _invitations(run: Run, number: Ints) -> dict[str, list[int]]:
    """When the fate of each was known, its two ends, and the fate."""
    table = run.reading.table("invitations")
    table = {name: values[table["tone"] >= 0] for name, values in table.items()}
    fate = np.where(table["outcome"] == Outcome.READ, READ, IGNORED)
    causes = np.concatenate([run.sales["cause"].to_numpy(), run.reading.table("cuts")["cause"]])
    fate[np.isin(table["id"], causes)] = ACCEPTED
    sender, invitee = number[table["consumer"]], number[table["invitee"]]
    kept = (sender >= 0) & (invitee >= 0)
    return _listed(run.ticks(table)[kept], **{"from": sender[kept], "to": invitee[kept], "fate": fate[kept]})


def _brought(run: Run, number: Ints) -> dict[str, list[int]]:
    """The links of all cascades: when the adopter's first order was settled, its inviter and itself."""
    tick, inviter, child = run.links
    kept = (number[inviter] >= 0) & (number[child] >= 0)
    return _listed(tick[kept], **{"from": number[inviter[kept]], "to": number[child[kept]]})


def _groups(run: Run, number: Ints) -> Iterable[dict[str, Any]]:
    """Groups opened by people shown: size, and who (−1: somebody not shown) took a seat when."""
    orders = run.reading.table("orders")
    joined = orders["way"] == Way.JOIN
    joined &= np.isin(orders["target"], run.reading.table("groups")["id"])
    seats = _by_target(orders["target"][joined], run.ticks(orders)[joined], number[orders["consumer"][joined]])
    for deal in _deals(run, number, "groups", "group_ends", Outcome.FILLED):
        taken = seats.get(deal.pop("id"), [])
        yield {"kind": "group", **deal, "size": int(deal["size"]), "seats": taken}


def _bargains(run: Run, number: Ints) -> Iterable[dict[str, Any]]:
    """Bargains opened by people shown: who (−1: somebody not shown) cut when, and the per cent cut so far."""
    bargains, cuts = run.reading.table("bargains"), run.reading.table("cuts")
    whole = dict(zip(bargains["id"].tolist(), (bargains["price_fen"] - bargains["floor_fen"]).tolist(), strict=True))
    away = np.array([whole[bargain] for bargain in cuts["bargain"].tolist()]) - cuts["true_fen"]
    done = 100 * away // np.maximum(away + cuts["true_fen"], 1)
    helped = _by_target(cuts["bargain"], run.ticks(cuts), number[cuts["consumer"]], done)
    for deal in _deals(run, number, "bargains", "bargain_ends", Outcome.SETTLED):
        taken = helped.get(deal.pop("id"), [])
        yield {"kind": "bargain", **deal, "size": 100, "seats": taken}


def _by_target(target: Ints, *columns: NDArray[Any]) -> dict[int, list[list[int]]]:
    """Rows of the columns by what they belong to, in order."""
    found: dict[int, list[list[int]]] = {}
    for key, *row in zip(target.tolist(), *(column.tolist() for column in columns), strict=True):
        found.setdefault(key, []).append(row)
    return found


def _deals(run: Run, number: Ints, opened: str, ended: str, success: Outcome) -> Iterable[dict[str, Any]]:
    """What people shown opened, in order of time: id, size, who, from when to when, and whether it succeeded."""
    table, ends = run.reading.table(opened), run.reading.table(ended)
    end = dict(zip(ends["cause"].tolist(), zip(run.ticks(ends), ends["outcome"], strict=True), strict=True))
    sizes = table.get("size", np.zeros(len(table["id"]), np.int64))
    rows = zip(table["id"].tolist(), sizes, number[table["consumer"]].tolist(), run.ticks(table), strict=True)
    for deal, size, who, tick in rows:
        if who >= 0:
            closed, outcome = end.get(deal, (run.n_ticks, Outcome.UNDER_WAY))
            fate = FILLED if outcome == success else UNFILLED
            yield {"id": deal, "size": size, "who": who, "open": int(tick), "end": int(closed), "fate": fate}


def _largest(run: Run, number: Ints) -> list[dict[str, int]]:
    """The largest cascades of more than one: their root, size, steps, and the day on which the first was brought.

    The root's own first order may come later: somebody who had bought before may invite, and buy again afterwards.
    """
    trees, people = run.cascades.trees, run.cascades.consumer
    tick, inviter, _ = run.links
    first = np.full(len(number), run.n_ticks, dtype=np.int64)
    np.minimum.at(first, inviter, tick)
    roots = trees.roots
    depth = np.zeros(len(people), dtype=np.int64)
    np.maximum.at(depth, trees.root, trees.depth)
    largest = roots[np.lexsort((roots, run.cascades.day[roots], -trees.sizes))][:LARGEST]
    return [
        {
            "root": int(number[people[root]]),
            "size": int(trees.n_below[root]),
            "steps": int(depth[root]),
            "day": int(first[people[root]] // run.scenario.waves_per_day),
        }
        for root in largest
        if trees.n_below[root] > 1 and number[people[root]] >= 0
    ]


def _counts(run: Run) -> dict[str, list[int]]:
    """What happened at every tick in the whole market, shown or not; `subsidy` in yuan by day."""
    reading = run.reading

    def at(table: Columns, kept: NDArray[np.bool_] | None = None) -> list[int]:
        ticks = run.ticks(table)
        return tallied(ticks if kept is None else ticks[kept])

    def tallied(ticks: Ints) -> list[int]:
        counts: list[int] = np.bincount(ticks, minlength=run.n_ticks).tolist()
        return counts

    invitations, groups = reading.table("invitations"), reading.table("group_ends")
    bargains = reading.table("bargain_ends")
    adoptions = run.sales.loc[run.sales["is_adoption"], "tick"]
    return {
        "joins": at(reading.table("joins")),
        "adopters": tallied(adoptions.to_numpy()),
        "brought": tallied(run.links[0]),
        "invitations": at(invitations, invitations["tone"] >= 0),
        "groups_opened": at(reading.table("groups")),
        "groups_filled": at(groups, groups["outcome"] == Outcome.FILLED),
        "groups_lapsed": at(groups, groups["outcome"] == Outcome.LAPSED),
        "bargains_opened": at(reading.table("bargains")),
        "bargains_settled": at(bargains, bargains["outcome"] == Outcome.SETTLED),
        "bargains_lapsed": at(bargains, bargains["outcome"] == Outcome.LAPSED),
        "subsidy_fen": np.rint(FEN_PER_YUAN * daily_measures(run.log)["subsidy_yuan"]).astype(int).tolist(),
    }

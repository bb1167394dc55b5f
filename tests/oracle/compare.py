"""Whether the engine and the oracle tell the same story, and if not, where they part."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simulator import Market, Scenario
from simulator.records.events.tables import TABLES
from tests.oracle.compare_seen import SINGLE, what_is_seen
from tests.oracle.world import World

Row = dict[str, Any]
PRECISION = 1e-9


def differences(scenario: Scenario, seed: int) -> list[str]:
    """Run both and compare."""
    return between(Market(scenario, rng=seed).run(), World(scenario, seed).run())


def between(market: Market, world: World) -> list[str]:
    """The first difference of every table and column, the earliest first; empty if they agree."""
    found = []
    for table in TABLES:
        columns = market.log.columns(table)
        engine = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        found += _first_difference(table, _sorted(engine), _sorted(world.records.tables[table]))
    found.sort()
    return [text for _, text in found] + _at_the_end(market, world)


def tell(scenario: Scenario, seed: int, found: list[str]) -> str:
    """The first differences, and how to see them again: the settings that are not the default, and the seed."""
    default = _flat(Scenario().model_dump())
    changed = {key: value for key, value in _flat(scenario.model_dump()).items() if default.get(key) != value}
    return "\n".join([f"{len(found)} differences; the first:", *found[:3], f"seed {seed}, settings {changed}"])


def _flat(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in tree.items():
        key = prefix + name
        is_block = isinstance(value, dict) and key != "merchants.cohorts"
        flat |= _flat(value, f"{key}.") if is_block else {key: value}
    return flat


def _sorted(rows: list[Row]) -> list[Row]:
    """By time, then by who and what: the order inside a wave is no part of the model."""
    first = ("day", "wave", "consumer")
    return sorted(
        ({k: v if isinstance(v, float) else int(v) for k, v in row.items()} for row in rows),
        key=lambda row: (*(row[k] for k in first), *(v for k, v in row.items() if k not in first)),
    )


def _first_difference(table: str, engine: list[Row], oracle: list[Row]) -> list[tuple[tuple[int, int], str]]:
    for n, (a, b) in enumerate(zip(engine, oracle, strict=False)):
        fields = [name for name in a if not _is_same(name, a[name], b[name])]
        if fields:
            when = min((a["day"], a["wave"]), (b["day"], b["wave"]))
            return [(when, f"{table}[{n}], day {when[0]}, wave {when[1]}: {fields}\n  engine {a}\n  oracle {b}")]
    if len(engine) != len(oracle):
        n = min(len(engine), len(oracle))
        row, who = (engine[n], "engine") if len(engine) > n else (oracle[n], "oracle")
        text = f"{table}: engine has {len(engine)} rows, oracle {len(oracle)}; only the {who} has\n  {row}"
        return [((row["day"], row["wave"]), text)]
    return []


def _is_same(name: str, a: float, b: float) -> bool:
    if isinstance(a, float):
        return math.isclose(a, b, rel_tol=SINGLE, abs_tol=SINGLE) or (math.isnan(a) and math.isnan(b))
    # A surplus is a rounded real number; where it is huge its last fen is below the precision of doubles.
    return abs(a - b) <= PRECISION * abs(a) if name == "surplus_fen" else a == b


def _at_the_end(market: Market, world: World) -> list[str]:
    """What is left when all is over: everybody's state, and the accounts."""
    found = []
    people = world.consumers
    expected: dict[str, list[Any]] = {
        name: [getattr(c, name) for c in people]
        for name in (
            *("joined_day", "n_needs", "is_dormant", "home_stock", "trust", "satisfaction", "loyalty", "reference"),
            *("n_orders", "attention_used", "fatigue", "fatigue_day", "balance_fen"),
        )
    }
    expected["open_need"] = [-1 if c.open_need is None else c.open_need for c in people]
    expected["last_product"] = [-1 if c.last_product is None else c.last_product.row for c in people]
    expected["joined_friends"] = [sum(f.is_member for f in c.friends) for c in people]
    if market.scenario.mechanics.group_buying.enabled:
        expected["group_open_hassle"] = [world.groups.open_hassle[c] for c in people]
        expected["group_join_hassle"] = [world.groups.join_hassle[c] for c in people]
    if market.scenario.mechanics.bargaining.enabled:
        expected["bargain_hassle"] = [world.bargains.hassle[c] for c in people]
    if market.scenario.mechanics.referral.enabled:
        welcomed = world.referral.welcomed_by
        expected["welcomed_by"] = [welcomed[c].id if c in welcomed else 0 for c in people]
        expected["is_closed"] = [c in world.referral.has_bought for c in people]
        expected["n_referred"] = [world.referral.n_referred[c] for c in people]
    if market.scenario.mechanics.channels.enabled:
        stores = world.stores
        for name in ("region", "nearness", "hidden_orders"):
            expected[name] = [getattr(stores, name)[c] for c in people]
    if "wariness" in market.columns:
        expected["wariness"] = [c.wariness for c in people]
    for name, values in expected.items():
        engine, oracle = np.asarray(market.columns[name], dtype=np.float64), np.asarray(values, dtype=np.float64)
        if not np.allclose(engine, oracle, rtol=0, atol=PRECISION):
            row = int(np.argwhere(~np.isclose(engine, oracle, rtol=0, atol=PRECISION))[0][0])
            found.append(f"column {name} of consumer {row}: engine {engine[row]}, oracle {oracle[row]}")
    accounts = {
        "merchants": (market.ledger.merchants.tolist(), [m.balance_fen for m in world.merchants]),
        "platform": (market.ledger.platform, world.checkout.platform_fen),
        "escrow": (market.ledger.escrow, world.checkout.escrow_fen),
        "suppliers": (market.ledger.suppliers, world.checkout.suppliers_fen),
        "stock": (market.products.stock.tolist(), [p.stock for p in world.products]),
        "ratings": (market.products.ratings.tolist(), [p.ratings for p in world.products]),
    }
    found += [f"{name}: engine {a}, oracle {b}" for name, (a, b) in accounts.items() if a != b]
    return found + what_is_seen(market, world)

"""Whether the engine and the oracle tell the same story, and if not, where they part."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simulator import Market, Scenario
from simulator.records.events import TABLES
from tests.oracle.world import World

Row = dict[str, Any]
PRECISION = 1e-9
SINGLE = 1e-5
"""Relative precision of what is learned in single precision, record upon record."""


def differences(scenario: Scenario, seed: int) -> list[str]:
    """Run both; the first difference of every table and column, the earliest first; empty if they agree."""
    market = Market(scenario, rng=seed).run()
    world = World(scenario, seed).run()
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
    return found + _what_is_seen(market, world)


def _what_is_seen(market: Market, world: World) -> list[str]:
    """What policies would see on the morning after: facts of products, profiles of consumers."""
    market.pipe.open_day(market.day)
    world.insight.open_day()
    seen, insight, people = market.observe(), world.insight, np.arange(len(world.consumers))
    facts = ("n_examined", "n_clicked", "n_ordered")
    expected = {what: [insight.fact(p, what) for p in world.products] for what in facts}
    expected |= {
        what: [getattr(insight, what)(p) for p in world.products] for what in ("units_sold", "appeal", "mean_rating")
    }
    told = {what: getattr(seen, what) for what in expected}
    if insight.collection != "none":
        profiles = [c.profile for c in world.consumers]
        beliefs, purchases = seen.profiles.beliefs(people), seen.profiles.purchases(people)
        told |= {
            "consents": market.columns["consents"],
            "records": market.columns["insight_looks"],
            "is_known": beliefs.is_known,
            "weights": np.column_stack([beliefs.appeal, beliefs.taste, beliefs.price_sensitivity]),
            "deviations": np.column_stack([beliefs.appeal_sd, beliefs.taste_sd, beliefs.price_sensitivity_sd]),
            "basket": np.sort(seen.profiles.baskets(people)),
        }
        told |= {what: getattr(purchases, what) for what in vars(purchases)}
        has = [p.n_orders > 0 for p in profiles]
        expected |= {
            "consents": [c.consents for c in world.consumers],
            "records": [p.n_records for p in profiles],
            "is_known": [p.n_records > 0 for p in profiles],
            "weights": [insight.beliefs(c) for c in world.consumers],
            "deviations": [[v**0.5 for v in p.variances] for p in profiles],
            "basket": [sorted([-1] * (p.settings.memory - len(p.basket)) + [w.row for w in p.basket]) for p in profiles],
            "n_orders": [p.n_orders for p in profiles],
            "recency_days": [insight.told_until - p.last_day if p.n_orders else -1 for p in profiles],
            "age_days": [insight.told_until - p.first_day if p.n_orders else -1 for p in profiles],
            "spend_fen": [p.spend_fen for p in profiles],
            "p_alive": [insight.repurchase.p_alive(p) if p.n_orders else math.nan for p in profiles],
            "orders_per_month": [insight.repurchase.orders_per_month(p) if p.n_orders else math.nan for p in profiles],
        }
    found = []
    for what, values in expected.items():
        engine, oracle = np.asarray(told[what], dtype=np.float64), np.asarray(values, dtype=np.float64)
        differs = ~np.isclose(engine, oracle, rtol=SINGLE, atol=SINGLE, equal_nan=True)
        if differs.any():
            at = tuple(map(int, np.argwhere(differs)[0]))
            found.append(f"morning after, {what} of {at}: engine {engine[at]}, oracle {oracle[at]}")
    return found

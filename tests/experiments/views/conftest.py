"""A made-up comparison that goes through the real statistics: four arms, six seeds, all measures of the registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.study.statistics import compare_arms
from experiments.views.figures import save_all
from experiments.views.results import Results, Timeline
from simulator.records.measures import MEASURES, PRIMARIES

SEEDS = [11, 12, 13, 14, 15, 16]
TIMELINE = Timeline(burn_in_days=30, campaign_end=120, days=180)
N_PROSPECTS, N_CONSUMERS = 2_000, 5_000
ARMS = {
    "baseline": "list prices, no marketing",
    "coupons_blanket": "4 yuan off from 29 yuan, for everybody",
    "referral": "a reward for bringing a friend",
    "group_buying_and_coupons": "three buy together at 20 % off, coupons for those who buy alone",
}
LEVELS = {"p_two_orders": 0.41, "prospects_reached": 0.62, "contribution_total": 345_678.0, "gmv": 1_534_567.0}
LIFTS = {
    "baseline": {},
    "coupons_blanket": {"p_two_orders": 0.031, "prospects_reached": 0.012, "contribution_total": -0.034},
    "referral": {"p_two_orders": 0.0, "prospects_reached": 0.021, "contribution_total": 0.004},
    "group_buying_and_coupons": {"p_two_orders": 0.41, "prospects_reached": 0.27, "contribution_total": -0.071},
}
INVITING = ("referral", "group_buying_and_coupons")
ONLY_WITH_INVITATIONS = {
    *("k_factor", "generation_time_days", "largest_cascade", "deepest_cascade", "single_cascades_share"),
    *("structural_virality", "orders_per_invitation", "invitations_per_inviter", "invitations_read_share"),
}


def make_results(
    arms: Mapping[str, str] = ARMS, seeds: list[int] = SEEDS, timeline: Timeline = TIMELINE, **changes: Any
) -> Results:
    final = _final(arms, seeds)
    heavy = [m.name for m in MEASURES if m.is_heavy_tailed]
    results = Results(
        name="strategies",
        question="Which strategy raises repurchase and spread, and who pays for it?",
        baseline="baseline",
        arms=arms,
        seeds=seeds,
        summary=compare_arms(final, "baseline", PRIMARIES, heavy_tailed=heavy),
        final=final,
        daily=_daily(arms, seeds, timeline),
        retention=_retention(arms, seeds),
        cascades=_cascades(arms, seeds),
        generations=_generations(arms, seeds),
        forests=_forests(arms, seeds),
        insights=_insights(arms, seeds),
        timeline=timeline,
        network={"n": 5000, "n_links": 25_000, "degree_mean": 10.0, "clustering": 0.43, "degree_assortativity": None},
        network_file=None,
        settings={"days": 180, "consumers": {"n": 5000, "prospects": 0.4}, "social": {"kind": "small_world"}},
        changes={arm: {"mechanics": {arm: {"enabled": True}}} if arm != "baseline" else {} for arm in arms},
        hashes={arm: f"{i:016x}" for i, arm in enumerate(arms)},
        command="python -m experiments.compare experiment=strategies seeds=6 consumers.n=5_000",
        versions={"python": "3.13.0", "pintuan": "0.1.0", "numpy": "2.3.1"},
        elapsed_seconds=83.4,
    )
    return replace(results, **changes)


@pytest.fixture(scope="session")
def results() -> Results:
    return make_results()


@pytest.fixture(scope="session")
def new_results() -> Callable[..., Results]:
    return make_results


@pytest.fixture(scope="session")
def pngs(results: Results, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """All figures of `results`, saved."""
    return save_all(results, tmp_path_factory.mktemp("figures"))


def _worlds(seeds: list[int]) -> np.ndarray:
    """What makes one world larger than another, the same in every arm, shape (n_seeds,)."""
    return np.exp(0.04 * np.random.default_rng(7).standard_normal(len(seeds)))


def _lift(arm: str, measure: str) -> float:
    return LIFTS.get(arm, {}).get(measure, 0.02 * len(arm) / 10 if arm != "baseline" else 0.0)


def _final(arms: Mapping[str, str], seeds: list[int]) -> pd.DataFrame:
    rows = []
    for measure in MEASURES:
        level = LEVELS.get(measure.name, 0.3 if measure.unit == "share" else 40.0)
        for arm in arms:
            noise = np.random.default_rng([len(measure.name), len(arm)]).normal(0.0, 0.004, len(seeds))
            values = level * _worlds(seeds) * (1.0 + _lift(arm, measure.name)) * (1.0 + noise)
            if measure.name in ONLY_WITH_INVITATIONS and arm not in INVITING:
                values = np.full(len(seeds), np.nan)
            if measure.name in ("subsidy", "groups_opened", "coupons_issued") and arm == "baseline":
                values = np.zeros(len(seeds))
            if measure.name == "groups_opened" and arm in ("coupons_blanket", "referral"):
                values = np.zeros(len(seeds))
            if measure.name == "contribution_platform":
                values = 40_000.0 * _worlds(seeds) * (1.0 - 8.0 * _lift(arm, "contribution_total")) * (1 + noise)
            rows += [(arm, seed, measure.name, value) for seed, value in zip(seeds, values, strict=True)]
    final = pd.DataFrame(rows, columns=["arm", "seed", "measure", "value"])
    wide = final.pivot(index=["arm", "seed"], columns="measure", values="value")
    wide["contribution_merchants"] = wide["contribution_total"] - wide["contribution_platform"]
    return wide.reset_index().melt(["arm", "seed"], var_name="measure").loc[:, ["arm", "seed", "measure", "value"]]


def _daily(arms: Mapping[str, str], seeds: list[int], timeline: Timeline) -> pd.DataFrame:
    day = np.arange(timeline.days)
    in_campaign = np.clip(day - timeline.burn_in_days, 0, timeline.campaign_end - timeline.burn_in_days)
    frames = []
    for arm in arms:
        for seed, world in zip(seeds, _worlds(seeds), strict=True):
            noise = np.random.default_rng(seed).normal(0.0, 4.0, timeline.days)
            adopters = world * (2.0 + 0.06 * _lift(arm, "prospects_reached") * in_campaign) * np.exp(-day / 150)
            boost = _lift(arm, "p_two_orders") * ((day >= timeline.burn_in_days) & (day < timeline.campaign_end))
            frames.append(
                pd.DataFrame(
                    {
                        "arm": arm,
                        "seed": seed,
                        "day": day,
                        "settled_orders": world * 110.0 * (1.0 + boost) + noise,
                        "adopters_cumulative_share": np.cumsum(adopters) / N_PROSPECTS * 5,
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


def _retention(arms: Mapping[str, str], seeds: list[int]) -> pd.DataFrame:
    ages = np.arange(30, 150, 30)
    frames = []
    for arm in arms:
        for seed, world in zip(seeds, _worlds(seeds), strict=True):
            share = 0.5 * world * np.exp(-ages / 300) * (1.0 - 0.1 * _lift(arm, "p_two_orders"))
            columns = {"arm": arm, "seed": seed, "age_days": ages, "share": share, "n": 3000 - 15 * ages}
            frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


def _cascades(arms: Mapping[str, str], seeds: list[int]) -> pd.DataFrame:
    frames = [pd.DataFrame(columns=["arm", "seed", "size", "n_cascades"])]
    for arm in (arm for arm in arms if arm in INVITING):
        for seed in seeds:
            reach = 0.6 if arm == "referral" else 1.1
            draws = np.ceil(np.random.default_rng([seed, len(arm)]).pareto(2.5, 900) * reach + 1e-9).astype(int)
            size, n_cascades = np.unique(draws, return_counts=True)
            frames.append(pd.DataFrame({"arm": arm, "seed": seed, "size": size, "n_cascades": n_cascades}))
    return pd.concat(frames, ignore_index=True)


def _generations(arms: Mapping[str, str], seeds: list[int]) -> pd.DataFrame:
    generation = np.arange(5)
    frames = [pd.DataFrame(columns=["arm", "seed", "generation", "adopters", "n_followed", "R", "susceptible_share"])]
    for arm in (arm for arm in arms if arm in INVITING):
        for seed, world in zip(seeds, _worlds(seeds), strict=True):
            n = (2000 * 0.4**generation).astype(int)
            columns = {
                "arm": arm,
                "seed": seed,
                "generation": generation,
                "adopters": n,
                "n_followed": n // 2,
                "R": world * (0.6 if arm == "referral" else 0.75) * 0.9**generation,
                "susceptible_share": 0.7 - 0.08 * generation,
            }
            frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


def _forests(arms: Mapping[str, str], seeds: list[int]) -> pd.DataFrame:
    """Trees in which everybody brings the next two, the larger the higher the seed."""
    frames = [pd.DataFrame(columns=["arm", "seed", "cascade", "size", "consumer", "parent", "generation", "day"])]
    for arm in (arm for arm in arms if arm in INVITING):
        for seed in seeds:
            consumer = np.arange(3 * (seed - 9))
            columns = {
                "arm": arm,
                "seed": seed,
                "cascade": 0,
                "size": len(consumer),
                "consumer": consumer,
                "parent": np.maximum(consumer - 1, 0) // 2,
                "generation": np.log2(consumer + 1).astype(int),
                "day": 30 + consumer,
            }
            frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


def _insights(arms: Mapping[str, str], seeds: list[int]) -> pd.DataFrame:
    """All arms but the baseline know people, tastes better every day; nobody knows price sensitivity."""
    rows = [
        {"arm": arm, "seed": seed, "day": day, "n_known": 10 * day + seed, "looks": 2.0, "taste_correlation": day / 200}
        | {"taste_coverage": 0.9, "price_correlation": float("nan"), "alive_auc": 0.7}
        for arm in list(arms)[1:]
        for seed in seeds
        for day in range(9, 180, 10)
    ]
    return pd.DataFrame(rows)

"""One person's weights, learned from looks: the right answer where it is known, and honest about its error."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.insight.learning import Evidence, learn, remember


def looks(n: int, **fields: object) -> Evidence:
    told = {
        "consumer": np.zeros(n, dtype=np.int32),
        "product": np.arange(n, dtype=np.int32),
        "is_above": np.ones(n, dtype=np.bool_),
        "margin": np.zeros(n, dtype=np.float32),
        "log_cut": np.zeros(n, dtype=np.float32),
        "p_flip": np.zeros(n, dtype=np.float32),
    }
    return Evidence(**{**told, **fields})  # type: ignore[arg-type]


def learned(evidence: Evidence, attributes: np.ndarray, n: int = 1, sd: float = 0.8) -> tuple[np.ndarray, ...]:
    """Means, variances and looks of n people after the evidence, from a prior of mean 0."""
    width = attributes.shape[1] + 2
    mean, variance = np.zeros((n, width), np.float32), np.full((n, width), sd**2, np.float32)
    n_looks = np.zeros(n, np.int32)
    learn(evidence, attributes, np.full(len(attributes), -1.0), mean, variance, n_looks)
    return mean, variance, n_looks


def world(n_people: int, n_looks: int, p_flip: float = 0.0, seed: int = 1) -> tuple[np.ndarray, ...]:
    """People with known weights who look at random products, and what was learned of them."""
    rng = np.random.default_rng(seed)
    attributes = rng.normal(size=(50, 3))
    attributes /= np.linalg.norm(attributes, axis=1, keepdims=True)
    truth = rng.normal(0, 0.8, (n_people, 5))
    who = np.tile(np.arange(n_people), n_looks)
    item, cut = rng.integers(0, 50, len(who)), rng.uniform(0, 0.4, len(who))
    x = np.column_stack([np.ones(len(who)), attributes[item], cut])
    utility = -1.0 + 1.0 + np.einsum("nk,nk->n", x, truth[who])
    is_above = rng.logistic(size=len(who)) < utility
    is_above ^= rng.uniform(size=len(who)) < p_flip
    evidence = looks(
        len(who),
        consumer=who.astype(np.int32),
        product=item.astype(np.int32),
        is_above=is_above,
        margin=np.ones(len(who), np.float32),
        log_cut=cut.astype(np.float32),
        p_flip=np.full(len(who), p_flip, np.float32),
    )
    return (truth, *learned(evidence, attributes, n_people))


def test_one_look_moves_a_single_weight_as_the_filter_says() -> None:
    """By hand: p = 1/(1+e) at utility -1; gain v/(1 + v·p(1-p)), mean + gain·(1-p), variance v - v²·p(1-p)/(1+...)."""
    mean, variance, n_looks = learned(looks(1), np.zeros((1, 1)))
    p, v = 1 / (1 + np.e), 0.64
    information = p * (1 - p)
    assert mean[0] == pytest.approx([v * (1 - p) / (1 + v * information), 0, 0], rel=1e-5)
    assert variance[0] == pytest.approx([v - v * v * information / (1 + v * information), v, v], rel=1e-5)
    assert n_looks.tolist() == [1]


@pytest.mark.parametrize("p_flip", [0.0, 0.25])
def test_it_finds_the_truth_and_knows_how_wrong_it_is(p_flip: float) -> None:
    truth, mean, variance, _ = world(400, 300, p_flip)
    tastes = slice(1, 4)
    correlation = np.corrcoef(mean[:, tastes].ravel(), truth[:, tastes].ravel())[0, 1]
    assert correlation > (0.93 if p_flip == 0 else 0.75)
    error = (mean - truth)[:, tastes] / np.sqrt(variance[:, tastes])
    n = error.size
    assert abs(error.mean()) < 4 / np.sqrt(n)
    # Independence of the weights is assumed, not true, so the error is a little larger than believed.
    assert 0.9 < error.std() < 1.2


def test_more_looks_tell_more_and_noise_hides() -> None:
    def error(n_looks: int, p_flip: float) -> float:
        truth, mean, _, _ = world(300, n_looks, p_flip)
        return float(np.sqrt(np.square(mean - truth)[:, 1:4].mean()))

    by_looks = [error(n, 0.0) for n in (5, 20, 80)]
    by_noise = [error(80, p) for p in (0.0, 0.2, 0.4)]
    assert by_looks == sorted(by_looks, reverse=True)
    assert by_noise == sorted(by_noise)
    assert by_looks[0] < 0.8, "even a few looks beat the prior"


def test_pure_noise_teaches_nothing() -> None:
    evidence = looks(20, product=np.zeros(20, dtype=np.int32), p_flip=np.full(20, 0.5, np.float32))
    mean, variance, n_looks = learned(evidence, np.ones((1, 2)))
    assert not mean.any()
    assert variance == pytest.approx(0.64)
    assert n_looks.tolist() == [20]


def test_others_are_left_alone() -> None:
    evidence = looks(3, consumer=np.array([1, 1, 3], dtype=np.int32))
    mean, _, n_looks = learned(evidence, np.ones((3, 2)), n=4)
    assert not mean[[0, 2]].any()
    assert n_looks.tolist() == [0, 2, 0, 1]


def test_a_basket_keeps_the_last_wishes() -> None:
    basket, n_wanted = np.full((2, 3), -1, np.int32), np.zeros(2, np.int32)
    remember(np.array([0, 0, 1, 0, 0], np.int32), np.array([5, 6, 9, 7, 8], np.int32), basket, n_wanted)
    assert sorted(basket[0]) == [6, 7, 8]
    assert basket[1].tolist() == [9, -1, -1]
    assert n_wanted.tolist() == [4, 1]

"""Where people stand in the theatre, and that its page is closed in itself."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import numpy as np
import pytest

from experiments.views.theatre import data
from experiments.views.theatre.layout import lay_out
from experiments.views.theatre.page import page
from experiments.views.theatre.run import Run
from simulator import Market, Scenario
from simulator.social.graph import Graph

SMALL = {"consumers.n": 90, "days": 16, "burn_in_days": 3, "post_days": 5, "needs.rate": 0.2}


def network(n: int, links: list[tuple[int, int]]) -> Graph:
    a, b = np.array(links, dtype=np.int64).reshape(-1, 2).T
    return Graph.from_links(n, a, b, np.zeros(len(a)))


def run_of(**changes: object) -> Run:
    scenario = Scenario().replace(**{**SMALL, "mechanics.group_buying.enabled": True, **changes})
    begin, market = Market(scenario, rng=1), Market(scenario, rng=1).run()
    is_prospect = begin.columns["joined_day"] < 0
    return Run(("a", "甲"), ("b", "乙"), "python", scenario, 1, market.log, market.network, is_prospect)


@pytest.fixture(scope="module")
def run() -> Run:
    return run_of()


RING = [(i, (i + 1) % 60) for i in range(60)]
CLIQUES = [(10 * c + i, 10 * c + j) for c in range(6) for i in range(10) for j in range(i)]


@pytest.mark.parametrize(
    "graph",
    [
        network(60, RING),
        network(60, CLIQUES),
        network(60, [(0, i) for i in range(1, 60)]),
        network(60, [(0, 1)]),
        network(60, []),
        network(2, [(0, 1)]),
        network(1, []),
    ],
    ids=["ring", "cliques", "star", "one link", "no link", "two people", "one person"],
)
def test_everybody_has_a_place_of_their_own_and_always_the_same(graph: Graph) -> None:
    places = lay_out(graph.starts, graph.friends)
    assert places.shape == (graph.n, 2)
    assert ((places >= 0) & (places <= 1)).all()
    assert len(np.unique(np.rint(data.GRID * places), axis=0)) == graph.n
    assert np.array_equal(places, lay_out(graph.starts, graph.friends))


@pytest.mark.parametrize("links", [RING, CLIQUES], ids=["ring", "cliques"])
def test_friends_stand_nearer_than_strangers(links: list[tuple[int, int]]) -> None:
    graph = network(60, links)
    places = lay_out(graph.starts, graph.friends)
    distance = np.linalg.norm(places[:, None] - places[None, :], axis=2)
    a, b = np.array(links).T
    assert distance[a, b].mean() < 0.4 * distance.mean()
    assert np.median(distance[a, b]) < np.median(distance) / 2


def test_a_ring_is_drawn_as_one() -> None:
    graph = network(60, RING)
    x, y = (lay_out(graph.starts, graph.friends) - 0.5).T
    steps = np.diff(np.unwrap(np.arctan2(y, x)))
    assert abs(steps.sum()) == pytest.approx(2 * np.pi * 59 / 60, abs=0.6), "once round the middle"


def test_no_links_where_everybody_is_everybodys_friend() -> None:
    found = data.page_data(run_of(**{"social.kind": "complete"}), 2000)
    assert found["links"] == []
    assert len(set(zip(found["people"]["x"], found["people"]["y"], strict=True))) == 90


def test_of_too_many_links_the_strongest_are_drawn(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = data.page_data(run, 2000)["links"]
    monkeypatch.setattr(data, "MOST_LINKS", 90)
    some = data.page_data(run, 2000)["links"]
    drawn = {(a, b) for a, friends in enumerate(some) for b in friends}
    assert drawn < {(a, b) for a, friends in enumerate(everything) for b in friends}
    strongest = {tuple(sorted((a, int(b)))) for a in range(90) for b in run.network.friends_of(a)[:2]}
    assert drawn == strongest


def test_the_page_holds_everything_and_allows_nothing_else(run: Run) -> None:
    text = page(run, 2000)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    assert not re.search(r"\b(src|href)=|url\(|@import|https?://", text)


def test_the_same_run_gives_the_same_page(run: Run) -> None:
    assert page(run, 2000) == page(run_of(), 2000)


def test_names_are_shown_as_they_are_written(run: Run) -> None:
    text = page(replace(run, title=("<b>&</script>", "<b>&</script>"), command="x='</script>'"), 2000)
    assert '<h1><span lang="en">&lt;b&gt;&amp;&lt;/script&gt;' in text
    assert text.count("</script>") == 2


def test_both_languages_say_as_much(run: Run) -> None:
    text = page(run, 2000)
    english, chinese = (re.findall(rf'<span lang="{language}">(.*?)</span>', text) for language in ("en", "zh"))
    assert len(english) == len(chinese) > 30
    assert all(re.search("[一-鿿]", words) for words in chinese[3:] if words.strip() and words not in ("甲", "乙"))
    assert len(re.findall("data-en=", text)) == len(re.findall("data-zh=", text)) > 5

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.records import cascades
from simulator.records.cascades import cascade_sizes, generations, grow_trees, largest_cascades, structural_virality
from simulator.records.events.codes import Origin, Outcome
from simulator.records.metrics import final_measures

DAYS, BURN_IN, N = 120, 4, 9


def parents(links: dict[int, int], n: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array([links.get(node, node) for node in range(n)], dtype=np.int64)


def mean_distance(nodes: list[int], links: dict[int, int]) -> float:
    """Mean distance over all pairs of a tree's nodes, by walking up from both ends."""

    def way_up(node: int) -> list[int]:
        return [node, *way_up(links[node])] if node in links else [node]

    distances = []
    for k, a in enumerate(nodes):
        for b in nodes[:k]:
            up_a, up_b = way_up(a), way_up(b)
            meeting = next(node for node in up_a if node in up_b)
            distances.append(up_a.index(meeting) + up_b.index(meeting))
    return sum(distances) / len(distances) if distances else math.nan


@pytest.mark.parametrize("n", [2, 3, 10, 101])
def test_structural_virality_of_a_star_and_a_path(n: int) -> None:
    """Goel et al. (2016): 2(n − 1)/n for a star, (n + 1)/3 for a path."""
    star = grow_trees(np.zeros(n, dtype=np.int64))
    assert structural_virality(star).tolist() == pytest.approx([2 * (n - 1) / n])
    assert star.depth.max() == 1
    path = grow_trees(parents({k: k - 1 for k in range(1, n)}, n))
    assert structural_virality(path).tolist() == pytest.approx([(n + 1) / 3])
    assert path.depth.tolist() == list(range(n))
    assert path.n_below.tolist() == list(range(n, 0, -1))


@given(st.data(), st.integers(1, 12))
def test_trees_equal_plain_walks(data: st.DataObject, n: int) -> None:
    names = data.draw(st.permutations(range(n)))
    drawn = [data.draw(st.one_of(st.none(), st.integers(0, k - 1))) if k else None for k in range(n)]
    links = {names[k]: names[up] for k, up in enumerate(drawn) if up is not None}
    trees = grow_trees(parents(links, n))

    def root(node: int) -> int:
        return root(links[node]) if node in links else node

    members = {r: [node for node in range(n) if root(node) == r] for r in sorted(set(range(n)) - links.keys())}
    assert trees.root.tolist() == [root(node) for node in range(n)]
    assert trees.roots.tolist() == list(members)
    assert trees.sizes.tolist() == [len(nodes) for nodes in members.values()]
    expected = [mean_distance(nodes, links) for nodes in members.values()]
    assert structural_virality(trees).tolist() == pytest.approx(expected, nan_ok=True)


def test_a_cascade_by_hand(new_story: Any) -> None:
    """Member 0 brings 5 and 6; 6 brings 7, late; 7 brings nobody; member 1 invites in vain; 8 comes by itself."""
    story = new_story()
    story.join(5, 6, 7, 8)
    story.order(0, 10)
    to_five, to_six = story.invitation(0, 5, 10), story.invitation(0, 6, 10)
    story.order(5, 10, wave=1, cause=to_five)
    story.order(6, 12, settled_on=14, cause=to_six)
    story.invitation(1, 9, 20)
    to_seven = story.invitation(6, 7, 40)
    story.order(7, 60, settled_on=61, cause=to_seven)
    story.order(7, 70)
    story.order(8, 150)
    log = story.log()
    found = final_measures(log)
    assert cascade_sizes(log).to_dict("list") == {"size": [1, 4], "n_cascades": [1, 1]}
    assert found["largest_cascade"] == 4
    assert found["deepest_cascade"] == 2
    assert found["single_cascades_share"] == 0.5
    assert found["structural_virality"] == pytest.approx((1 + 1 + 2 + 2 + 3 + 1) / 6)
    assert found["k_factor"] == 1 / 3  # of 5, 6, 7, followed for 90 days; 8 adopted too late to be followed
    assert found["generation_time_days"] == 61 - 14
    table = generations(log).set_index("generation")
    assert table["adopters"].tolist() == [2, 2, 1]
    assert table["n_followed"].tolist() == [2, 2, 1]
    assert table["R"].tolist() == [1.0, 0.5, 0.0]
    # of 5 prospects: nobody reached on days 10, 10 (0, 5, 10) and 20 (1: 2 reached); 5 reached by day 14; two by 61
    assert table["susceptible_share"].tolist() == pytest.approx([(1 + 3 / 5) / 2, (1 + 4 / 5) / 2, 3 / 5])


def test_children_later_than_the_follow_up_do_not_count_for_k(new_story: Any) -> None:
    story = new_story()
    story.join(5, 6, 7)
    story.order(5, 10)
    story.order(6, 100, cause=story.invitation(5, 6, 100))
    story.order(7, 101, cause=story.invitation(5, 7, 100))
    found = final_measures(story.log())
    assert found["k_factor"] == 1 / 3  # all three are followed; 6 came on the 90th day, 7 a day later
    assert found["generation_time_days"] == 90
    assert found["largest_cascade"] == 3


def test_without_invitations_there_are_no_cascades(new_story: Any) -> None:
    story = new_story()
    story.join(5)
    story.order(5, 10)
    found = final_measures(story.log())
    for name in ("k_factor", "generation_time_days", "largest_cascade", "single_cascades_share"):
        assert math.isnan(found[name])


def test_two_who_invited_each_other_form_one_cascade(new_story: Any) -> None:
    """5 invites 6 from an order refunded later, and adopts through 6's invitation: 6 brought 5, not both."""
    story = new_story()
    story.join(5, 6)
    story.order(5, 10, settled_on=11, outcome=Outcome.REFUNDED)
    to_six = story.invitation(5, 6, 10)
    story.order(6, 10, wave=1, settled_on=12, cause=to_six)
    to_five = story.invitation(6, 5, 10, wave=1)
    story.order(5, 10, wave=2, settled_on=12, cause=to_five)
    log = story.log()
    assert cascade_sizes(log).to_dict("list") == {"size": [2], "n_cascades": [1]}
    assert generations(log)["R"].tolist() == [1.0, 0.0]


def test_nobody_brings_another_in_the_wave_of_its_own_adoption(new_story: Any) -> None:
    story = new_story()
    story.join(5, 6)
    story.order(5, 10, cause=story.invitation(6, 5, 9))
    story.order(6, 10, cause=story.invitation(5, 6, 9))
    assert cascade_sizes(story.log()).to_dict("list") == {"size": [1], "n_cascades": [2]}


steps = st.lists(
    st.tuples(
        st.integers(0, N - 1),  # who orders
        st.one_of(st.none(), st.integers(0, N - 1)),  # invited by whom
        st.integers(0, 12),  # ticks (8 a day) since the last step
        st.sampled_from([0, 0, 0, 1, 30]),  # days since the last step
        st.one_of(st.none(), st.integers(0, 2)),  # days to settlement
    ),
    max_size=25,
)


@given(steps)
def test_spread_equals_plain_loops(new_story: Any, steps: list[tuple[int, int | None, int, int, int | None]]) -> None:
    """Consumers 4 to 8 are prospects; every invited order has an invitation sent one tick before."""
    story = new_story(n_consumers=N, n_prospects=5, days=DAYS, burn_in_days=BURN_IN)
    story.join(*range(4, N))
    tick = 0
    settled: list[tuple[int, int, int, int | None, int, int]] = []
    first_sent: dict[int, int] = {}
    for consumer, inviter, ticks, days, delay in steps:
        tick += ticks + 8 * days
        day = tick // 8
        if day >= DAYS:
            break
        cause = 0
        if inviter is not None:
            cause = story.invitation(inviter, consumer, max(0, tick - 1) // 8)
            if max(0, tick - 1) // 8 >= BURN_IN:
                first_sent.setdefault(inviter, max(0, tick - 1) // 8)
        settled_on = day + delay if delay is not None and day + delay < DAYS else None
        story.order(consumer, day, wave=tick % 8, cause=cause, settled_on=settled_on)
        if settled_on is not None:
            settled.append((settled_on, len(settled), consumer, inviter, tick, max(0, tick - 1) // 8))

    adoptions: dict[int, tuple[int, int | None, int, int]] = {}
    for settled_on, _, consumer, inviter, placed, sent in sorted(settled):
        if consumer >= 4:
            adoptions.setdefault(consumer, (settled_on, inviter, placed, sent))
    adopted = {c: a for c, a in adoptions.items() if a[0] >= BURN_IN}
    invited = {c: a for c, a in adopted.items() if a[1] is not None}
    links = {
        child: parent
        for child, (_, parent, placed, _) in adopted.items()
        if parent is not None and (parent not in invited or invited[parent][2] < placed)
    }
    started = dict(first_sent)
    for child, parent in links.items():
        started[parent] = min(started.get(parent, DAYS), invited[child][3])
    started |= {c: adopted[c][0] for c in adopted if c in started or c in links}

    def root(node: int) -> int:
        return root(links[node]) if node in links else node

    def depth(node: int) -> int:
        return 1 + depth(links[node]) if node in links else 0

    cascades: dict[int, list[int]] = {}
    for node in started:
        cascades.setdefault(root(node), []).append(node)
    log = story.log()
    sizes = sorted(len(nodes) for nodes in cascades.values())
    found_sizes = cascade_sizes(log)
    assert np.repeat(found_sizes["size"], found_sizes["n_cascades"]).tolist() == sizes

    def waits(parent: int) -> list[int]:
        all_waits = [adopted[c][0] - started[parent] for c, p in links.items() if p == parent]
        return [wait for wait in all_waits if wait <= 90]

    followed = [c for c, a in adopted.items() if a[0] + 90 <= DAYS - 1]
    children = [wait for c in followed if c in started for wait in waits(c)]
    viralities = [mean_distance(nodes, links) for nodes in cascades.values() if len(nodes) >= 3]
    expected = {
        "n_adopters": len(adopted),
        "invited_share": len(invited) / len(adopted) if adopted else math.nan,
        "k_factor": len(children) / len(followed) if followed and sizes else math.nan,
        "generation_time_days": sum(children) / len(children) if children else math.nan,
        "largest_cascade": sizes[-1] if sizes else math.nan,
        "deepest_cascade": max(depth(node) for node in started) if sizes else math.nan,
        "single_cascades_share": sizes.count(1) / len(sizes) if sizes else math.nan,
        "structural_virality": sum(viralities) / len(viralities) if viralities else math.nan,
    }
    found = final_measures(log)
    assert {name: found[name] for name in expected} == pytest.approx(expected, nan_ok=True)

    for row in generations(log).itertuples():
        generation = [node for node in started if depth(node) == row.generation]
        full = [node for node in generation if started[node] + 90 <= DAYS - 1]
        reached = [sum(a[0] < started[node] for a in adoptions.values()) for node in generation]
        assert row.adopters == len(generation)
        assert row.n_followed == len(full)
        assert row.R == pytest.approx(
            sum(len(waits(node)) for node in full) / len(full) if full else math.nan, nan_ok=True
        )
        assert row.susceptible_share == pytest.approx(1 - sum(reached) / len(reached) / 5)


def test_the_parts_of_k_are_those_of_the_mechanics_that_invite(new_story: Any) -> None:
    """5 brings 6 by a group and 7 by a referral, 6 brings 8 by a referral."""
    story = new_story()
    story.join(5, 6, 7, 8)
    story.order(5, 10)
    story.order(6, 11, cause=story.invitation(5, 6, 10))
    story.order(7, 12, cause=story.invitation(5, 7, 12, origin=Origin.REFERRAL))
    story.order(8, 13, cause=story.invitation(6, 8, 12, origin=Origin.REFERRAL))
    found = final_measures(story.log())
    assert found["k_group_buying"] == 1 / 4
    assert found["k_referral"] == 2 / 4
    assert found["k_factor"] == 3 / 4
    # of 5 prospects 1, 2 and 3 had been reached when 6, 7 and 8 adopted
    assert found["k_unsaturated"] == pytest.approx((5 / 4 + 5 / 3 + 5 / 2) / 4)
    told = {"k_factor", "k_unsaturated", "k_group_buying", "k_referral"}
    assert {name for name, k in found.items() if name.startswith("k_") and not math.isnan(k)} == told


def test_the_largest_cascades_are_told_link_by_link(new_story: Any) -> None:
    story = new_story(n_consumers=12, n_prospects=11)
    story.join(*range(1, 12))
    story.order(0, 10)
    story.order(1, 10)
    story.order(6, 11, cause=story.invitation(1, 6, 11))
    for child, parent, day in [(2, 0, 12), (3, 0, 13), (4, 3, 14)]:
        story.order(child, day, cause=story.invitation(parent, child, day))
    table = largest_cascades(story.log())
    assert table["cascade"].tolist() == [0, 0, 0, 0, 1, 1]
    assert table["size"].tolist() == [4, 4, 4, 4, 2, 2]
    assert table["consumer"].tolist() == [0, 2, 3, 4, 1, 6]
    assert table["parent"].tolist() == [0, 0, 0, 3, 1, 1]
    assert table["generation"].tolist() == [0, 1, 1, 2, 0, 1]
    assert table["day"].tolist() == [12, 12, 13, 14, 10, 11]


def test_of_a_very_large_cascade_the_first_generations_are_told(
    new_story: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cascades, "MOST_LINKS", 3)
    story = new_story(n_consumers=9, n_prospects=9)
    story.join(*range(9))
    story.order(0, 10)
    for child in range(1, 9):
        story.order(child, 10 + child, cause=story.invitation(child - 1, child, 10 + child))
    table = largest_cascades(story.log())
    assert table["generation"].tolist() == [0, 1, 2]
    assert table["size"].tolist() == [9, 9, 9]

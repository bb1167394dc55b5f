"""The page that replays a run shows what is in the event log, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments import compare, replay, run
from experiments.command import print_help
from experiments.study import finished
from experiments.study.arms import compose_arm
from experiments.study.composing import compose_tree, scenario_part
from simulator import Market, SettingsError
from simulator.records.cascades import cascade_sizes, find_cascades
from simulator.records.daily import daily_measures
from simulator.records.events.codes import Outcome, Way
from simulator.records.reading import Reading

SIZE = [
    "consumers.n=200",
    "days=40",
    "burn_in_days=4",
    "post_days=8",
    "needs.rate=.2",
    "consumers.prospect_fraction=.6",
]
DAYS, WAVES = 40, 8


def data_of(page: Path) -> dict[str, Any]:
    text = page.read_text(encoding="utf-8")
    return dict(json.loads(text.partition('id="data">')[2].partition("</script>")[0]))


def ticks(steps: list[int]) -> np.ndarray:
    return np.cumsum(np.array(steps, dtype=np.int64))


def by_day(counts: list[int]) -> list[int]:
    return np.reshape(counts, (-1, WAVES)).sum(axis=1).tolist()


@pytest.fixture(scope="module")
def market() -> Market:
    base = scenario_part(compose_tree("replay", SIZE))
    return Market(compose_arm("all_social", base).scenario, rng=3).run()


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The data of the page of the same run."""
    page = tmp_path_factory.mktemp("replay") / "page.html"
    assert replay.main(["strategy=all_social", "seed=3", *SIZE, f"out={page}"]) == 0
    return data_of(page)


def test_the_counters_are_those_of_the_log(shown: dict[str, Any], market: Market) -> None:
    daily = daily_measures(market.log)
    counts = shown["counts"]
    groups = ("groups_opened", "groups_filled", "groups_lapsed")
    bargains = ("bargains_opened", "bargains_settled", "bargains_lapsed")
    for name in ("adopters", "joins", *groups, *bargains):
        assert by_day(counts[name]) == daily[name].tolist(), name
        assert sum(counts[name]) > 0, name
    assert counts["subsidy_fen"] == [round(100 * yuan) for yuan in daily["subsidy_yuan"]]
    invitations = market.log.frame("invitations").query("tone >= 0")
    assert (
        by_day(counts["invitations"]) == invitations.groupby("day").size().reindex(range(DAYS), fill_value=0).tolist()
    )


def test_every_invitation_flies_between_its_two_people_when_its_fate_is_known(
    shown: dict[str, Any], market: Market
) -> None:
    frame = market.log.frame("invitations").query("tone >= 0")
    flights = shown["invitations"]
    drawn = sorted(zip(ticks(flights["t"]), flights["from"], flights["to"], strict=True))
    assert drawn == sorted(zip(frame.day * WAVES + frame.wave, frame.consumer, frame.invitee, strict=True))
    read = np.array(flights["fate"]) >= 1
    assert read.sum() == (frame.outcome == Outcome.READ).sum()
    orders, settled = market.log.frame("orders"), market.log.frame("settlements").query("outcome == 1")
    sold = orders[orders.id.isin(settled.cause)]
    followed = frame.id.isin(sold.cause) | frame.id.isin(market.log.frame("cuts").cause)
    assert flights["fate"].count(2) == followed.sum() > 0


def test_groups_fill_with_those_who_paid(shown: dict[str, Any], market: Market) -> None:
    groups, ends = market.log.frame("groups"), market.log.frame("group_ends").set_index("cause")
    joined = market.log.frame("orders").query(f"way == {Way.JOIN}")
    deals = [deal for deal in shown["deals"] if deal["kind"] == "group"]
    assert len(deals) == len(groups) > 0
    for deal, group in zip(deals, groups.itertuples(), strict=True):
        end = ends.loc[group.id]
        members = joined[joined.target == group.id]
        assert deal["who"] == group.consumer
        assert deal["open"] == group.day * WAVES + group.wave
        assert deal["end"] == end.day * WAVES + end.wave
        assert deal["fate"] == (end.outcome == Outcome.FILLED)
        assert 1 + len(deal["seats"]) == end.n_members
        assert deal["seats"] == np.column_stack([members.day * WAVES + members.wave, members.consumer]).tolist()


def test_bargains_close_as_they_are_cut(shown: dict[str, Any], market: Market) -> None:
    bargains, cuts = market.log.frame("bargains"), market.log.frame("cuts")
    deals = [deal for deal in shown["deals"] if deal["kind"] == "bargain"]
    assert len(deals) == len(bargains) > 0
    assert sum(len(deal["seats"]) for deal in deals) == len(cuts)
    for deal, bargain in zip(deals, bargains.itertuples(), strict=True):
        own = cuts[cuts.bargain == bargain.id]
        assert [seat[1] for seat in deal["seats"]] == own.consumer.tolist()
        share = 1 - own.true_fen / (bargain.price_fen - bargain.floor_fen)
        assert np.allclose([seat[2] for seat in deal["seats"]], 100 * share, atol=1.0)
        assert np.all(np.diff([seat[2] for seat in deal["seats"]]) >= 0)


def test_cascades_are_those_of_the_measures(shown: dict[str, Any], market: Market) -> None:
    found = find_cascades(Reading(market.log))
    linked = found.trees.parent != np.arange(len(found.day))
    people = found.consumer
    links = shown["brought"]
    assert set(zip(links["from"], links["to"], strict=True)) == set(
        zip(people[found.trees.parent[linked]], people[linked], strict=True)
    )
    assert len(links["to"]) == linked.sum() == sum(shown["counts"]["brought"]) > 0
    day = dict(zip(people, found.day, strict=True))
    assert [day[person] for person in links["to"]] == (ticks(links["t"]) // WAVES).tolist()
    sizes = cascade_sizes(market.log).query("size > 1")
    expected = np.repeat(sizes["size"], sizes["n_cascades"]).tolist()[::-1][:12]
    assert [cascade["size"] for cascade in shown["cascades"]] == expected


def test_nobody_has_been_brought_before_a_cascade_begins(shown: dict[str, Any]) -> None:
    """Its root may have bought before its first order of the window, and bring friends before that."""
    days, links = ticks(shown["brought"]["t"]) // WAVES, shown["brought"]
    for cascade in shown["cascades"]:
        own = [day for day, inviter in zip(days, links["from"], strict=True) if inviter == cascade["root"]]
        assert cascade["day"] == min(own)


def test_k_so_far_counts_everybody_for_the_days_they_were_watched(shown: dict[str, Any], market: Market) -> None:
    found = find_cascades(Reading(market.log))
    parent, day = found.trees.parent, found.day
    is_child = (parent != np.arange(len(day))) & found.is_adopter[parent]
    adopted = day[found.is_adopter]
    for today in range(0, DAYS, 3):
        if not (adopted <= today).any():
            assert shown["k"][today] is None
            continue
        k = 0.0
        for child in np.flatnonzero(is_child & (day <= today)):
            age = max(day[child] - day[parent[child]], 0)
            k += 1 / np.count_nonzero(adopted + age <= today)
        assert shown["k"][today] == pytest.approx(k, abs=1e-4)
    assert shown["k"][-1] > 0


def test_members_and_sales(shown: dict[str, Any], market: Market) -> None:
    begin = Market(market.scenario, rng=3)
    assert shown["people"]["prospects"] == np.flatnonzero(begin.columns["joined_day"] < 0).tolist()
    assert shown["joins"]["who"] == market.log.frame("joins").consumer.tolist()
    settled = market.log.frame("settlements").query(f"outcome == {Outcome.SETTLED}")
    assert shown["sales"]["who"] == settled.consumer.tolist()
    assert (ticks(shown["sales"]["t"]) == settled.day * WAVES + settled.wave).all()
    network = market.network
    links = {(a, b) for a, friends in enumerate(shown["links"]) for b in friends}
    assert links == {(a, int(b)) for a in range(network.n) for b in network.friends_of(a) if b > a}


def test_of_many_people_the_largest_cascades_and_a_sample_are_shown(
    shown: dict[str, Any], market: Market, tmp_path: Path
) -> None:
    page = tmp_path / "some.html"
    replay.main(["strategy=all_social", "seed=3", *SIZE, "people=60", f"out={page}"])
    some = data_of(page)
    rows = some["people"]["row"]
    assert len(rows) == 60
    assert rows == sorted(set(rows))
    assert "Shown are 60 of 200 people" in page.read_text(encoding="utf-8")
    assert some["counts"] == shown["counts"], "the counters count everybody"
    assert some["k"] == shown["k"]
    largest = find_cascades(Reading(market.log))
    trees = largest.trees
    root = trees.roots[np.argmax(trees.sizes)]
    assert set(largest.consumer[trees.root == root]) <= set(rows)
    pairs = zip(ticks(some["invitations"]["t"]), some["invitations"]["from"], some["invitations"]["to"], strict=True)
    inside = {(t, rows[a], rows[b]) for t, a, b in pairs}
    whole = zip(ticks(shown["invitations"]["t"]), shown["invitations"]["from"], shown["invitations"]["to"], strict=True)
    assert inside == {(t, a, b) for t, a, b in whole if a in rows and b in rows}


# Runs of a study

TINY = [
    "consumers.n=120",
    "days=24",
    "waves_per_day=2",
    "burn_in_days=4",
    "post_days=8",
    "needs.rate=.2",
    "seeds=2",
    "workers=1",
]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    assert compare.main([*TINY, "experiment.arms=[baseline,group_buying]", f"out={folder}"]) == 0
    return folder


def test_a_run_gives_the_same_bytes_whether_its_events_were_kept_or_not(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def page() -> bytes:
        assert replay.main([str(study), "arm=group_buying", "seed=1", f"out={tmp_path / 'page.html'}"]) == 0
        return (tmp_path / "page.html").read_bytes()

    simulated = page()
    assert page() == simulated
    arms = "experiment.arms=[baseline,group_buying]"
    assert compare.main([*TINY, arms, f"out={study}", "keep_events=true"]) == 0
    monkeypatch.delattr(finished, "simulate")  # what was kept is not simulated
    assert page() == simulated


def test_the_page_of_a_study_is_named_after_its_run(study: Path) -> None:
    assert replay.main([str(study), "arm=group_buying"]) == 0
    page = study / "replay-group-buying-seed-0.html"
    assert '<span lang="en">group buying</span><span lang="zh">拼团</span>' in page.read_text(encoding="utf-8")


def test_a_run_without_invitations_has_a_page_too(study: Path) -> None:
    assert replay.main([str(study), "arm=baseline"]) == 0
    data = data_of(study / "replay-baseline-seed-0.html")
    assert data["k"] == [None] * 24
    assert data["cascades"] == data["deals"] == data["invitations"]["t"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["nothing to replay", "strategy=group_buying"]),
        (["results/nowhere"], ["results/nowhere", "no such folder"]),
        (["{study}"], ["several runs", "arm=", "baseline, group_buying"]),
        (["{study}", "arm=referral"], ["arm=referral", "baseline, group_buying"]),
        (["{study}", "amr=referral"], ["amr=referral", "did you mean 'arm'?"]),
        (["{study}", "arm=baseline", "seed=7"], ["seed=7", "0, 1"]),
        (["{study}", "arm=baseline", "seed=x"], ["seed='x'", "not a whole number"]),
        (["{study}/runs"], ["no finished study"]),
        (["strategy=group_bying"], ["group_bying", "did you mean 'group_buying'?"]),
        (["strategy=baseline,referral"], ["strategy", "one strategy"]),
        (["strategy=group_buying", "consumers.m=5"], ["consumers.m", "known are n,"]),
        (["strategy=baseline", "mechanics.group_buying.size=4"], ["no effect"]),
        (["strategy=group_buying", "people=3"], ["people=3", "10 to 5_000"]),
        (["strategy=group_buying", "days=5"], ["days=5", "campaign"]),
    ],
)
def test_mistakes_are_told_in_one_line(arguments: list[str], words: list[str], study: Path) -> None:
    with pytest.raises(SettingsError) as error:
        replay.main([argument.format(study=study) for argument in arguments])
    message = str(error.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_what_has_changed_since_is_not_passed_off_as_the_run(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "again"
    assert (
        compare.main([*TINY[:-2], "seeds=1", "workers=1", f"out={folder}", "experiment.arms=[baseline,referral]"]) == 0
    )
    with monkeypatch.context() as patched:
        patched.setattr(finished, "final_measures", lambda log: {"p_two_orders": 0.123})
        with pytest.raises(SettingsError, match="model has changed"):
            replay.main([str(folder), "arm=referral"])
    for path in folder.glob("runs/*/*.zip"):
        path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(SettingsError, match="was cut off or changed"):
        replay.main([str(folder), "arm=referral"])
    for path in folder.glob("runs/*/*.zip"):
        path.unlink()
    with pytest.raises(SettingsError, match="not there any more"):
        replay.main([str(folder), "arm=referral"])


def test_a_point_of_a_grid_is_named_by_its_settings(tmp_path: Path) -> None:
    arms = "experiment.arms=[baseline,group_buying]"
    assert compare.main([*TINY[:-2], "seeds=1", "workers=1", arms, "social.degree=4,6", f"out={tmp_path}"]) == 0
    with pytest.raises(SettingsError, match=r"social\.degree=\.\.\., one of 4, 6"):
        replay.main([str(tmp_path), "arm=group_buying"])
    assert replay.main([str(tmp_path), "arm=group_buying", "social.degree=6"]) == 0
    (page,) = tmp_path.glob("replay-*.html")
    assert page.name == "replay-group-buying-social.degree=6-seed-0.html"
    assert data_of(page)["people"]["friends"] != [4] * 120


def test_a_single_market_needs_no_name(tmp_path: Path) -> None:
    assert run.main([*(text for text in TINY[:-2]), "mechanics=[group_buying]", "seed=5", f"out={tmp_path}"]) == 0
    assert replay.main([str(tmp_path)]) == 0
    assert len(list(tmp_path.glob("replay-*-seed-5.html"))) == 1
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"manifest\.json: is damaged"):
        replay.main([str(tmp_path)])


def test_the_command_line() -> None:
    line = [sys.executable, "-m", "experiments.replay", "strategy=nobody"]
    done = subprocess.run(line, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("replay: there is no strategy 'nobody'")
    assert done.stderr.count("\n") == 1


def test_help_shows_examples_and_groups(capsys: pytest.CaptureFixture[str]) -> None:
    print_help("replay", replay.__doc__ or "", replay.ReplaySettings)
    told = capsys.readouterr().out
    for words in ("python -m experiments.replay results/demo arm=group_buying", "strategy: ", "people=2000", "social"):
        assert words in told


def test_the_table_for_readers_without_the_picture(market: Market, tmp_path: Path) -> None:
    page = tmp_path / "table.html"
    replay.main(["strategy=all_social", "seed=3", *SIZE, f"out={page}"])
    daily = daily_measures(market.log)
    for day in (9, 19, 29, 39):
        cells = [str(day), f"{daily['joins'][: day + 1].sum():,}", f"{daily['adopters'][: day + 1].sum():,}"]
        assert "".join(f"<td>{cell}</td>" for cell in cells) in page.read_text(encoding="utf-8")

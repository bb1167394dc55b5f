"""The scenario: what it refuses and how it says so, replacement by dotted key, and the fingerprint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulator import Market, Scenario, SettingsError

GROUP, COUPONS, REFERRAL = (f"mechanics.{name}" for name in ("group_buying", "coupons", "referral"))
CALENDAR = "policies.pricing.promotion_calendar"


def refusal(changes: dict[str, Any]) -> str:
    with pytest.raises(SettingsError) as error:
        Scenario().replace(**changes)
    return str(error.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        # unknown, with the nearest known
        ({"consumer.n": 5}, ["consumer:", "did you mean 'consumers'?"]),
        ({f"{GROUP}.sise": 5}, [f"{GROUP}.sise:", f"did you mean '{GROUP}.size'?"]),
        ({"mechanics.coupon.enabled": True}, ["mechanics.coupon:", "did you mean 'mechanics.coupons'?"]),
        (
            {"merchants.cohorts.small.cont": 5},
            ["merchants.cohorts.small.cont:", "did you mean 'merchants.cohorts.small.count'?"],
        ),
        # wrong type
        ({"consumers.n": "many"}, ["consumers.n='many'", "whole number", "at least 2"]),
        ({"consumers.n": 2.5}, ["consumers.n=2.5", "whole number"]),
        ({"consumers": 3}, ["consumers=3", "block"]),
        ({f"{COUPONS}.enabled": "maybe"}, [f"{COUPONS}.enabled='maybe'", "true nor false"]),
        ({"platform.take_rate": None}, ["platform.take_rate=None", "0.0 to 1.0"]),
        ({"needs.festival_days": ["x"]}, ["needs.festival_days.0='x'", "whole number"]),
        # out of range
        ({"consumers.n": 1}, ["consumers.n=1", "at least 2"]),
        ({"days": 32_001}, ["days=32001", "32_000"]),
        ({"waves_per_day": 25}, ["waves_per_day=25", "1 to 24"]),
        ({f"{GROUP}.deadline_days": 0}, [f"{GROUP}.deadline_days=0", "1 to 14"]),
        ({f"{GROUP}.size": 1}, [f"{GROUP}.size=1", "2 to 100"]),
        ({f"{GROUP}.discount": 1}, [f"{GROUP}.discount=1", "at least 0 and below 1"]),
        ({"social.kind": "smallworld"}, ["social.kind='smallworld'", "small_world"]),
        ({"policies.pricing.kind": "cheap"}, ["policies.pricing.kind='cheap'", "fixed, ", "bandit or personalised"]),
        # contradictions
        ({"days": 50}, ["days=50", "burn_in_days=30", "post_days=60", "at least 91"]),
        ({f"{COUPONS}.enabled": True, f"{COUPONS}.from_day": 90}, [f"{COUPONS}.from_day=90", "0 to 89"]),
        ({f"{GROUP}.enabled": True, f"{GROUP}.size": 50, "consumers.n": 30}, [f"{GROUP}.size=50", "n=30", "2 to 30"]),
        ({f"{COUPONS}.face_fen": 2900}, ["coupons", "face_fen=2900", "min_spend_fen=2900"]),
        ({f"{REFERRAL}.inviter_reward_fen": 3000}, ["referral", "inviter_reward_fen=3000", "min_spend_fen=2900"]),
        ({f"{REFERRAL}.invitee_reward_fen": 3000}, ["referral", "invitee_reward_fen=3000", "min_spend_fen=2900"]),
        ({"social.degree": 5}, ["social.degree=5", "even", "small_world"]),
        ({"social.degree": 40, "consumers.n": 30}, ["social.degree=40", "29"]),
        ({"social.kind": "edge_list"}, ["social.kind=edge_list", "social.path"]),
        ({"social.path": "a.txt"}, ["social.path", "edge_list", "small_world"]),
        ({"social.kind": "ring", "social.rewire_fraction": 0.2}, ["social.rewire_fraction", "small_world", "ring"]),
    ],
    ids=str,
)
def test_a_wrong_setting_is_refused_by_name(changes: dict[str, Any], words: list[str]) -> None:
    message = refusal(changes)
    assert all(word in message for word in words), message
    assert len(message.splitlines()) == 1


def test_a_scenario_made_by_hand_is_refused_in_the_same_words() -> None:
    with pytest.raises(SettingsError, match=r"^consumers=3: a block of settings, not a single value$"):
        Scenario(consumers=3)
    with pytest.raises(SettingsError, match=r"^dayz: there is no such setting; did you mean 'days'\?$"):
        Scenario(dayz=90)


@pytest.mark.parametrize("key", ["days.x", "consumers.n.x", "consumers.n.x.y", "merchants.stock_units.x"])
def test_a_key_that_goes_on_below_a_value_is_refused(key: str) -> None:
    assert key.split(".x")[0] in refusal({key: 1})


def test_a_market_without_products_is_refused() -> None:
    message = refusal({"merchants.cohorts": {"none": {"count": 0, "products_each": 1}}})
    assert "merchants" in message


def test_communities_too_small_for_their_friends_are_refused_like_any_setting() -> None:
    changes = {"social.kind": "communities", "social.n_communities": 500, "consumers.n": 600}
    with pytest.raises(SettingsError, match=r"social\.n_communities=500"):
        Market(Scenario(), **changes)


def test_settings_of_a_kind_not_chosen_are_refused_with_their_value() -> None:
    assert "0.2" in refusal({"social.kind": "ring", "social.rewire_fraction": 0.2})


def test_a_mechanic_that_is_off_may_start_whenever() -> None:
    assert Scenario().replace(**{f"{COUPONS}.from_day": 5000}).mechanics.coupons.from_day == 5000


def test_the_shortest_run_has_one_day_of_campaign() -> None:
    scenario = Scenario().replace(days=3, burn_in_days=1, post_days=1)
    assert scenario.campaign_end == 2
    with pytest.raises(SettingsError, match="days=3"):
        scenario.replace(post_days=2)


def test_replace_changes_what_is_named_and_leaves_the_original() -> None:
    scenario = Scenario()
    other = scenario.replace(**{"consumers.n": 500, f"{GROUP}.size": 4, "days": 200})
    assert (other.consumers.n, other.mechanics.group_buying.size, other.days) == (500, 4, 200)
    assert (scenario.consumers.n, scenario.mechanics.group_buying.size) == (20_000, 3)
    assert other.consumers.price_sensitivity == scenario.consumers.price_sensitivity
    assert other.replace(**{"consumers.n": 20_000, f"{GROUP}.size": 3, "days": 180}) == scenario


def test_replace_reaches_and_adds_cohorts() -> None:
    other = Scenario().replace(**{"merchants.cohorts.small.count": 2, "merchants.cohorts.tiny.count": 3})
    assert other.merchants.cohorts["small"].count == 2
    assert other.merchants.cohorts["small"].products_each == 4
    assert other.merchants.n_merchants == 2 + 4 + 3


def test_parse_reads_a_plain_tree() -> None:
    tree = {"consumers": {"n": 50}, "mechanics": {"coupons": {"enabled": True}}, "needs": {"festival_days": [3, 4]}}
    scenario = Scenario.parse(tree)
    assert scenario.consumers.n == 50
    assert scenario.mechanics.coupons.enabled
    assert scenario.needs.festival_days == (3, 4)
    assert Scenario.parse(scenario.model_dump(mode="json")) == scenario


@pytest.mark.parametrize(
    "changes",
    [
        {f"{GROUP}.size": 5},
        {f"{REFERRAL}.reach": 0.1},
        {f"{CALENDAR}.discount": 0.5},
        {"mechanics.coupons.face_fen": 100},
    ],
    ids=str,
)
def test_the_hash_ignores_what_has_no_effect(changes: dict[str, Any]) -> None:
    assert Scenario().replace(**changes).hash == Scenario().hash


@pytest.mark.parametrize(
    "changes",
    [
        {"consumers.n": 500},
        {"days": 181},
        {f"{GROUP}.enabled": True},
        {"policies.pricing.kind": "promotion_calendar"},
        {"social.kind": "ring"},
        {"social.rewire_fraction": 0.2},
        {"needs.festival_days": [40]},
        {"merchants.cohorts.small.count": 15},
    ],
    ids=str,
)
def test_the_hash_changes_with_what_has_an_effect(changes: dict[str, Any]) -> None:
    assert Scenario().replace(**changes).hash != Scenario().hash


def test_the_hash_changes_with_the_settings_of_what_is_on() -> None:
    on = Scenario().replace(**{f"{GROUP}.enabled": True, "policies.pricing.kind": "promotion_calendar"})
    hashes = {on.hash, on.replace(**{f"{GROUP}.size": 4}).hash, on.replace(**{f"{CALENDAR}.discount": 0.5}).hash}
    assert len(hashes) == 3


def test_a_network_file_decides_the_population_and_stands_for_its_content(tmp_path: Path) -> None:
    first, second, other = (tmp_path / name for name in ("a.txt", "b.txt", "c.txt"))
    first.write_text("0 1\n1 2\n3 0\n")
    second.write_text("0 1\n1 2\n3 0\n")
    other.write_text("0 1\n1 2\n3 1\n")
    a, b, c = (
        Scenario().replace(**{"social.kind": "edge_list", "social.path": str(p)}) for p in (first, second, other)
    )
    assert a.on_network().consumers.n == 4
    assert a.on_network().hash == a.hash  # what consumers.n said has no effect
    assert a.hash != c.hash
    assert a.hash == b.hash


def test_a_broken_network_file_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "links.txt"
    path.write_text("0 1\n1 two\n")
    scenario = Scenario().replace(**{"social.kind": "edge_list", "social.path": str(path)})
    with pytest.raises(SettingsError, match=r"social\.path=.*links\.txt.*2"):
        Market(scenario)
    with pytest.raises(SettingsError, match=r"social\.path=.*gone\.txt"):
        Market(scenario, **{"social.path": str(tmp_path / "gone.txt")})


def test_a_market_refuses_wrong_settings_as_a_scenario_does() -> None:
    with pytest.raises(SettingsError, match=r"consumers\.n=1"):
        Market(Scenario(), **{"consumers.n": 1})

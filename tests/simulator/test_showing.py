"""How a scenario, a market and a consumer show themselves in a shell and in Jupyter."""

from __future__ import annotations

import re

import pytest

from simulator import Market, Scenario
from simulator.settings import describe, flat

CHANGES = {"consumers.n": 500, "mechanics.group_buying.enabled": True, "needs.retry": 0.25}


def rows(html: str) -> list[list[str]]:
    """The cells of all rows of all tables."""
    return [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr><td>.*?</tr>", html)]


def test_a_scenario_says_what_was_changed() -> None:
    assert repr(Scenario()) == str(Scenario()) == "Scenario(everything by default)"
    shown = "Scenario(consumers.n=500, needs.retry=0.25, mechanics.group_buying.enabled=true)"
    assert repr(Scenario().replace(**CHANGES)) == shown


def test_a_scenario_is_a_table_with_units_in_jupyter() -> None:
    scenario = Scenario().replace(**CHANGES)
    html = scenario._repr_html_()
    found = rows(html)
    assert "3 settings changed" in html
    assert found[0] == ["<b>● consumers.n</b>", "<b>500</b>", "20000", "consumers", "number of consumers"]
    assert [row[0] for row in found[:3]] == [
        f"<b>● {key}</b>" for key in sorted(CHANGES, key=list(flat(scenario.model_dump())).index)
    ]
    below = {re.sub("<.*?>|● ", "", row[0]): row for row in found[3:]}
    assert list(below) == list(flat(scenario.model_dump(mode="json")))
    units = {row.key: row.unit for row in describe(Scenario)}
    assert all(row[3] == units[key] for key, row in below.items() if key in units)
    assert {key for key, row in below.items() if "●" in row[0]} == set(CHANGES)
    assert re.findall(r"<summary>(\w+ \(\d+ changed\))</summary>", html) == [
        *("consumers (1 changed)", "needs (1 changed)", "mechanics (1 changed)")
    ]


def test_a_default_scenario_has_no_table_of_changes() -> None:
    html = Scenario()._repr_html_()
    assert "no settings changed" in html
    assert "●" not in html
    assert html.index("<details>") < html.index("<table>")


def test_cohorts_of_the_users_own_are_shown_and_those_taken_out_too() -> None:
    scenario = Scenario().replace(**{"merchants.cohorts": {"<odd>": {"count": 3, "products_each": 2}}})
    assert "merchants.cohorts.<odd>.count=3" in repr(scenario)
    assert "merchants.cohorts.small.count=—" in repr(scenario)
    html = scenario._repr_html_()
    assert [
        "<b>● merchants.cohorts.&lt;odd&gt;.count</b>",
        "<b>3</b>",
        "—",
        "merchants",
        "merchants in this cohort",
    ] in rows(html)
    assert "<odd>" not in html


@pytest.mark.parametrize("changes", [{}, CHANGES])
def test_what_a_scenario_says_is_what_makes_it_again(changes: dict[str, object]) -> None:
    scenario = Scenario().replace(**changes)
    said = re.findall(r"([\w.]+)=([^,)]+)", repr(scenario))
    values = {"true": True, "false": False}
    assert Scenario().replace(**{key: values.get(value, value) for key, value in said}) == scenario


def test_a_market_and_a_consumer_say_where_they_stand() -> None:
    market = Market(Scenario(), rng=4, **{**CHANGES, "consumers.n": 300})
    assert repr(market) == "Market(day 0 of 180, 300 consumers, group_buying, seed 4)"
    consumer = market.consumers[17]
    shown = repr(consumer)
    assert shown.startswith(f"Consumer(17, joined_day={consumer.joined_day}, n_orders=0, trust={consumer.trust:.3g}, ")
    assert shown.endswith(", …)")

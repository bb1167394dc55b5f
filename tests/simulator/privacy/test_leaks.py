"""Leaks: how often, of what, whom they expose, and what the exposed do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator import Market, final_measures
from simulator.bitwise import accounts, events
from simulator.choice.experience import TrustReason
from simulator.records.events.codes import Kind, Origin
from simulator.records.events.ids import id_consumer, id_kind
from tests.simulator.saving.markets import run_to

L = "privacy.leaks."
BROWSING = {"privacy.collection": "browsing"}
OFTEN = {**BROWSING, L + "hazard": 60.0}
DAILY = {**BROWSING, L + "hazard": 600.0}
HARMLESS = {L + "exposed": 0.0}
NO_LEAKS = {**BROWSING, L + "hazard": 0.0}
MANY_MERCHANTS: dict[str, Any] = {
    "merchants.cohorts": {"stall": {"count": 200, "products_each": 1}},
    "merchants.n_categories": 20,
    "days": 240,
    "consumers.n": 600,
    "needs.rate": 0.5,
}


def leaks_of(market: Market) -> set[tuple[int, int]]:
    """Which merchant's data leaked on which day."""
    table = market.log.columns("leaks")
    return set(zip(table["merchant"].tolist(), table["day"].tolist(), strict=True))


def known(market: Market, who: Any) -> Any:
    """The share of what was unknown of each consumer that is known now."""
    s = market.scenario.insight
    prior = np.array([s.appeal_sd] + [s.taste_sd] * 4 + [s.price_sensitivity_sd]) ** 2
    return 1 - (market.columns["insight_variance"][who] / prior).mean(axis=1)


# How often


@pytest.fixture(scope="module")
def still(new_market: Any) -> Any:
    """Makes markets in which, from day 40 on, nobody comes any more, so that merchants hold what they hold."""

    def make(**changes: Any) -> Market:
        market = run_to(new_market({**BROWSING, **MANY_MERCHANTS, **HARMLESS, **changes}), 20)
        market.consumers.set("need_rate", 0.0)
        return run_to(market, 40)

    return make


def expected_leaks(market: Market, days: range) -> Any:
    """Probability that each merchant leaks on each of the days, from columns alone, shape (n_days, n_merchants)."""
    s = market.scenario.privacy
    held = [known(market, column > 0).mean() if (column > 0).any() else 0 for column in market.columns["loyalty"].T]
    years = s.leaks.years + (np.array(days) - market.scenario.burn_in_days) / 365
    hazard = s.leaks.hazard * s.leaks.growth**years * (1 - s.security.effectiveness())
    return -np.expm1(-hazard[:, None] * np.array(held) / 365)


@pytest.mark.parametrize(
    "changes",
    [{}, {L + "growth": 3.0}, {L + "years": 2.0}, {"privacy.security.kind": "encryption"}],
    ids=["plain", "growing", "later", "secured"],
)
def test_leaks_come_with_the_set_hazard(still: Any, changes: dict[str, Any]) -> None:
    """Independent of each other, so their number has the mean and variance of a sum of coin flips."""
    market = still(**{L + "hazard": 20.0}, **changes)
    p = expected_leaks(market, range(40, market.scenario.days))
    market.run()
    assert np.array_equal(expected_leaks(market, range(40, market.scenario.days)), p)
    days = np.array([day for _, day in leaks_of(market) if day >= 40])
    assert len(days) == pytest.approx(p.sum(), abs=4 * np.sqrt((p * (1 - p)).sum()))
    half = 100  # as many early as expected, so that growth shows
    early = p[:half]
    assert (days < 40 + half).sum() == pytest.approx(early.sum(), abs=4 * np.sqrt((early * (1 - early)).sum()))


def test_the_hazard_grows_by_the_set_factor_a_year(still: Any) -> None:
    """The same world some years later has 1.22^years times as many leaks, and all those of the earlier one."""
    now, later = (still(**{L + "hazard": 5.0, L + "years": years}).run() for years in (0, 5))
    growth = 1.22**5
    n = len(leaks_of(now))
    # A leak of the later world is one of the earlier with probability 1/growth, nearly: given the later, binomial.
    n_later = len(leaks_of(later))
    assert leaks_of(now) <= leaks_of(later)
    assert n == pytest.approx(n_later / growth, abs=4 * np.sqrt(n_later / growth * (1 - 1 / growth)) + 0.01 * n)


def test_security_prevents_some_leaks_and_causes_none(new_market: Any) -> None:
    """Where a leak has no consequences, nothing but the hazard differs."""
    kinds = ({}, {"privacy.security.kind": "encryption", "privacy.security.encryption.spend_fen": 1000})
    bare, safe = (leaks_of(new_market({**OFTEN, **HARMLESS, **kind}).run()) for kind in kinds)
    assert safe < bare


def test_where_nothing_is_collected_nothing_leaks_bit_for_bit(finished: Any) -> None:
    settings = {L + "hazard": 1000.0, "privacy.consent.kind": "unasked", "privacy.audits.per_year": 365}
    assert events(finished({**settings, "privacy.collection": "none"})) == events(finished())


@pytest.mark.parametrize("consent", ["opt_in", "unasked"])
def test_the_burn_in_knows_no_leaks(new_market: Any, consent: str) -> None:
    everything = {"privacy.collection": "everything", "privacy.consent.kind": consent, "privacy.audits.per_year": 365}
    leaky, plain = new_market({**everything, L + "hazard": 1000.0}), new_market()
    for market in (leaky, plain):
        run_to(market, 5)
    assert events(leaky) == events(plain)
    assert accounts(leaky) == accounts(plain)
    assert leaks_of(run_to(leaky, 15))


def test_leaks_that_expose_nobody_change_nothing(finished: Any) -> None:
    leaky, plain = finished({**OFTEN, **HARMLESS}), finished(NO_LEAKS)
    assert leaks_of(leaky)
    tables = [events(market) for market in (leaky, plain)]
    for each in tables:
        each.pop("leaks"), each.pop("insights")
    assert tables[0] == tables[1]


# Of what


@pytest.mark.parametrize("how", [{}, {"privacy.consent.kind": "opt_in"}, {"privacy.collection": "orders"}])
def test_data_held_is_what_is_known_of_the_customers(new_market: Any, how: dict[str, Any]) -> None:
    market = run_to(new_market({**NO_LEAKS, L + "hazard": 1e-9, **how}), 25)
    bought = market.log.frame("orders").groupby("merchant")["consumer"].unique()
    for merchant, who in bought.items():
        held = market.governance.leaks.data_held(int(merchant))
        assert held == pytest.approx(known(market, who).mean(), abs=1e-6)
        assert 0 < held < 1


def test_less_is_held_of_who_may_refuse_of_less_collected_and_of_randomised_reports(new_market: Any) -> None:
    ways = [
        {"privacy.collection": "everything", "privacy.consent.kind": "unasked"},
        {"privacy.consent.kind": "unasked"},
        {},
        {"privacy.consent.kind": "opt_in"},
        {"privacy.consent.kind": "opt_in", "privacy.noise.epsilon": 1.0},
    ]
    markets = [run_to(new_market({**NO_LEAKS, L + "hazard": 1e-9, **way}), 25) for way in ways]
    held = [sum(market.governance.leaks.data_held(m) for m in range(4)) for market in markets]
    assert held == sorted(held, reverse=True)
    assert len(set(held)) == len(held)


def test_data_held_does_not_grow_with_the_population(new_market: Any) -> None:
    few, many = (run_to(new_market({**NO_LEAKS, L + "hazard": 1e-9, "consumers.n": n}), 20) for n in (1500, 6000))
    for merchant in range(4):
        values = known(few, few.governance.leaks.customers(merchant))
        error = 4 * values.std() * np.sqrt(1 / len(values) + 0.25 / len(values))
        held = [market.governance.leaks.data_held(merchant) for market in (few, many)]
        assert held[0] == pytest.approx(held[1], abs=error)


# Whom


def test_customers_with_a_profile_are_exposed_by_lot(new_market: Any) -> None:
    market = new_market({**DAILY, L + "withdraw": 0.0, "consumers.n": 3000, "privacy.consent.kind": "opt_in"})
    exposable, exposed = 0, 0
    while market.running:
        run_to(market, market.day + 1)
        table, rows = market.log.today("leaks"), market.log.today("exposed")
        for leak, merchant, n_exposed in zip(table["id"], table["merchant"], table["n_exposed"], strict=True):
            who = rows["consumer"][rows["cause"] == leak]
            assert len(set(who.tolist())) == len(who) == n_exposed
            assert (id_kind(leak), id_consumer(leak)) == (Kind.LEAK, merchant)
            orders = market.log.columns("orders")
            bought = orders["consumer"][(orders["merchant"] == merchant) & (orders["day"] < market.day - 1)]
            assert set(who.tolist()) <= set(bought.tolist())
            assert market.columns["consents"][who].all()
            assert (market.columns["insight_looks"][who] > 0).all()
            customers = np.unique(bought)
            exposable += np.count_nonzero(market.columns["insight_looks"][customers] > 0)
            exposed += len(who)
    assert exposable > 2000
    assert exposed == pytest.approx(exposable / 2, abs=4 * np.sqrt(exposable / 4))


# What it does to them


def test_the_exposed_lose_trust_and_become_wary_as_they_are_concerned(new_market: Any) -> None:
    half_life, wariness = 10.0, 1.5
    settings = {L + "half_life_days": half_life, L + "wariness": wariness, L + "trust": 0.05}
    market = new_market({**OFTEN, **settings}).run()
    exposed, shifts = market.log.frame("exposed"), market.log.frame("trust_shifts")
    shifts = shifts[shifts["reason"] == TrustReason.LEAK]
    assert (
        shifts[["cause", "consumer", "day"]].to_numpy().tolist()
        == exposed[["cause", "consumer", "day"]].to_numpy().tolist()
    )
    assert ((shifts["amount_millionths"] + 50_000).abs() <= 1).mean() > 0.95  # the others had nothing left to lose
    age = 29 - exposed["day"].to_numpy()
    who = exposed["consumer"].to_numpy()
    concern = market.columns["privacy_concern"].astype(float)
    expected = np.bincount(who, wariness * 2 * concern[who] * 0.5 ** (age / half_life), minlength=300)
    np.testing.assert_allclose(market.columns["wariness"], expected, rtol=1e-4)


def test_some_withdraw_consent_the_concerned_more_often_and_are_forgotten(new_market: Any) -> None:
    market = run_to(new_market({**DAILY, "consumers.n": 3000, L + "withdraw": 0.4}), 20)
    exposed, left = market.log.frame("exposed"), market.log.frame("withdrawals")
    assert set(left["cause"]) <= set(exposed["cause"])
    p = 0.4 * 2 * market.columns["privacy_concern"][exposed["consumer"]].astype(float)
    assert p.max() < 1
    assert len(left) == pytest.approx(p.sum(), abs=4 * np.sqrt((p * (1 - p)).sum()))
    who = left["consumer"].to_numpy()
    assert len(np.unique(who)) == len(who) > 100
    assert not market.columns["consents"][who].any()
    assert not market.columns["insight_looks"][who].any()
    assert not market.pipe.profiles.beliefs(who).is_known.any()
    market.run()
    assert not market.columns["insight_looks"][who].any()
    consents = market.log.frame("consents")
    last = consents.iloc[-1]
    joined = market.columns["joined_day"]
    members = (joined >= 0) & (joined < 29)  # in the morning of the last day
    assert last["n_consenting"] == np.count_nonzero(members & market.columns["consents"])
    assert final_measures(market.log)["consent_share"] == last["n_consenting"] / last["n_members"]


def test_who_was_never_asked_cannot_withdraw(finished: Any) -> None:
    market = finished({**OFTEN, "privacy.consent.kind": "unasked", L + "withdraw": 1.0})
    assert len(market.log.frame("exposed"))
    assert market.log.frame("withdrawals").empty
    assert market.columns["consents"].all()


@pytest.fixture(scope="module")
def spending() -> Any:
    """What the exposed spend in the 30 days from their first leak on, in this world and in one without leaks."""
    here, there, concern = [], [], []
    for seed in range(2):
        settings = {**BROWSING, "consumers.n": 6000, "days": 95, "post_days": 5}
        worlds = [Market(rng=seed, **{**settings, L + "hazard": hazard}).run() for hazard in (1.5, 0.0)]
        first = worlds[0].log.frame("exposed").query("day < 65").drop_duplicates("consumer")
        start = np.full(6000, 1000)
        start[first["consumer"]] = first["day"]
        for world, spent in zip(worlds, (here, there), strict=True):
            orders = world.log.frame("orders")
            age = orders["day"] - start[orders["consumer"]]
            soon = orders[(age >= 0) & (age < 30)]
            spent.append(np.bincount(soon["consumer"], soon["paid_fen"], minlength=6000)[first["consumer"]])
        concern.append(worlds[0].columns["privacy_concern"][first["consumer"]])
    return tuple(map(np.concatenate, (here, there, concern)))


def change(here: Any, there: Any) -> tuple[float, float]:
    """Relative change of the total, and its standard error over consumers (delta method)."""
    ratio = here.sum() / there.sum()
    return ratio - 1, float(np.sqrt(((here - ratio * there) ** 2).sum()) / there.sum())


def test_the_exposed_spend_about_a_third_less(spending: Any) -> None:
    """Janakiraman, Lim & Rishika (2018): -32.45 %; the level of wariness is set to it."""
    fall, error = change(*spending[:2])
    assert error < 0.03
    assert fall == pytest.approx(-0.3245, abs=4 * error)


def test_the_concerned_cut_their_spending_more(spending: Any) -> None:
    here, there, concern = spending
    little, much = (change(here[rows], there[rows]) for rows in (concern < 0.48, concern >= 0.48))
    assert much[0] + 2 * much[1] < little[0] - 2 * little[1]


# What it costs


def test_money_adds_up_and_fines_are_per_consumer_exposed(new_market: Any, all_on: dict[str, Any]) -> None:
    market = new_market({**all_on, **OFTEN, L + "fine_fen": 321, "privacy.security.kind": "blockchain"})
    while market.running:
        market.step()
        assert market.ledger.total == 0
    costs, leaks = market.log.frame("costs").query(f"origin == {Origin.PRIVACY}"), market.log.frame("leaks")
    fined = costs[costs["cause"] != 0].set_index("cause")["cost_fen"]
    harmful = leaks[leaks["n_exposed"] > 0].set_index("id")["n_exposed"]
    assert fined.to_dict() == (321 * harmful).to_dict()
    measures = final_measures(market.log)
    assert measures["privacy_fines"] == pytest.approx(fined.sum() / 100)
    assert measures["privacy_cost"] == pytest.approx(costs["cost_fen"].sum() / 100)
    assert measures["leaks"] == len(leaks)
    assert measures["records_exposed"] == leaks["n_exposed"].sum()


def test_settings_count_only_where_they_act(tiny_scenario: Any) -> None:
    base = tiny_scenario.replace(**NO_LEAKS)
    assert base.replace(**{L + "fine_fen": 7}).hash == base.hash
    leaky = base.replace(**{L + "hazard": 0.2})
    assert leaky.replace(**{L + "withdraw": 0.1}).hash != leaky.hash != base.hash
    unasked = leaky.replace(**{"privacy.consent.kind": "unasked"})
    assert unasked.replace(**{L + "withdraw": 0.1}).hash == unasked.hash

"""What every mechanic must keep, whatever it does: clauses that anybody may try on a mechanic of their own.

from simulator.contract import check
check("group_buying")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator.bitwise import accounts, events, whole
from simulator.draws import declared_decisions
from simulator.market import Market
from simulator.mechanics import MECHANICS, MechanicsSettings
from simulator.records.events.codes import Origin
from simulator.records.events.ids import id_day
from simulator.scenario import Scenario
from simulator.settings import SettingsError

SMALL: dict[str, Any] = {
    "days": 30,
    "burn_in_days": 5,
    "post_days": 8,
    "waves_per_day": 4,
    "consumers.n": 300,
    "needs.rate": 0.2,
    "social.degree": 6,
    "merchants.n_categories": 2,
    "merchants.cohorts": {"small": {"count": 3, "products_each": 2}, "large": {"count": 1, "products_each": 4}},
    "platform.subsidy_cap_fraction": None,
    "platform.slate_size": 4,
}
"""A market small enough for a trial and busy enough that everything happens in it."""

OPENED_IN = ("groups", "bargains", "coupons", "contents", "abusers", "returns", "cases", "trends")
"""The tables in which something new starts: a group, a bargain, a coupon, a piece, an abuser, a return, a case."""
CONCERNS = (*OPENED_IN, "costs", "cuts", "reviews", "store_visits")
"""The tables whose consumers are in a mechanic's reach."""
LIVED = ("orders", "settlements", "joins", "invitations", "ratings", "departures")
"""The tables of what consumers do and live through."""
MANY = 5000
"""Consumers of a market in which a share in reach can be told from another."""


class ContractBroken(AssertionError):
    """A mechanic does not keep a clause; the message says which, and how it shows."""


@dataclass(frozen=True)
class Trial:
    """A mechanic in a small market, and the same market without it.

    Attributes:
        name: The mechanic's name.
        scenario: The market's settings, every mechanic off.
        acting: Settings of the mechanic with which something happens among so few people.
        seed: The market's luck.
    """

    name: str
    scenario: Scenario = field(default_factory=lambda: Scenario().replace(**SMALL))
    acting: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 1

    def switched(self, **block: Any) -> dict[str, Any]:
        """Settings that switch the mechanic on, by dotted key."""
        return {
            f"mechanics.{self.name}.{key}": value for key, value in {**self.acting, "enabled": True, **block}.items()
        }

    def without(self, **changes: Any) -> Market:
        """The market without the mechanic, not started."""
        return Market(self.scenario, rng=self.seed, **changes)

    def under(self, changes: Mapping[str, Any] | None = None, **block: Any) -> Market:
        """The market with it, not started."""
        return Market(self.scenario, rng=self.seed, **(changes or {}), **self.switched(**block))

    @cached_property
    def absent(self) -> Market:
        """The market without it, at its end; to be read only."""
        return self.without().run()

    @cached_property
    def present(self) -> Market:
        """The market with it, at its end; to be read only."""
        return self.under().run()


def check(name: str, **acting: Any) -> list[str]:
    """Try every clause on a mechanic that is registered.

    Args:
        name: The mechanic's name.
        **acting: Settings of its own with which something happens among 300 people in 30 days.

    Returns:
        The clauses, all kept.

    Raises:
        ContractBroken: At the first clause that is not kept.
    """
    trial = Trial(name, acting=acting)
    for clause in CLAUSES:
        clause(trial)
    return [in_words(clause) for clause in CLAUSES]


def in_words(clause: Callable[[Trial], None]) -> str:
    """What a clause demands."""
    return (clause.__doc__ or "").strip().splitlines()[0]


def has_settings(trial: Trial) -> None:
    """It has a settings block, a name and a draw for its reach, and is off unless switched on."""
    _must(trial.name in MECHANICS, has_settings, f"no mechanic is registered as '{trial.name}'")
    kind, block = MECHANICS[trial.name], getattr(MechanicsSettings(), trial.name)
    _must(kind.name == trial.name, has_settings, f"it calls itself '{kind.name}'")
    _must(kind.reached_by.name in declared_decisions(), has_settings, "`reached_by` is no declared decision")
    _must(not block.enabled and block.reach == 1, has_settings, "by default it is on, or does not reach everybody")


def acts(trial: Trial) -> None:
    """It has an effect."""
    _must(events(trial.present) != events(trial.absent), acts, "every event is as without it")


def is_repeatable(trial: Trial) -> None:
    """The same settings and seed give the same events and accounts."""
    again = trial.under().run()
    _must(events(again) == events(trial.present), is_repeatable, "a second run had other events")
    _must(accounts(again) == accounts(trial.present), is_repeatable, "a second run had other accounts")


def without_reach_is_absent(trial: Trial) -> None:
    """A reach of zero equals its absence, bit for bit."""
    nobody = trial.under(reach=0.0).run()
    _must(whole(nobody) == whole(trial.absent), without_reach_is_absent, "events, accounts or columns differ")
    same = nobody.datacollector.model_vars == trial.absent.datacollector.model_vars
    _must(same, without_reach_is_absent, "daily measures differ")


def keeps_its_time(trial: Trial) -> None:
    """Nothing happens before its first day, and nothing new opens after the campaign."""
    market = trial.under(from_day=3).run()
    first, days = market.scenario.burn_in_days + 3, opened_days(market)
    _must(min(days, default=first) >= first, keeps_its_time, f"something opened on day {min(days, default=0)}")
    _must(
        max(days, default=0) < market.scenario.campaign_end,
        keeps_its_time,
        f"something opened on day {max(days, default=0)}, after the campaign",
    )
    before = events(trial.absent)
    for table, rows in events(market).items():
        early, same = (
            rows.filter(pc.less(rows["day"], first)),
            before[table].filter(pc.less(before[table]["day"], first)),
        )
        _must(early == same, keeps_its_time, f"rows of '{table}' before its first day differ")


def leaves_the_burn_in(trial: Trial) -> None:
    """It leaves the burn-in untouched."""
    baseline, market = trial.without(), trial.under()
    for _ in range(market.scenario.burn_in_days):
        baseline.step()
        market.step()
    _must(whole(market) == whole(baseline), leaves_the_burn_in, "the market is another one before the campaign begins")


def leaves_luck_alone(trial: Trial) -> None:
    """It leaves the draws of others alone: needs, traits and network are the same people's, day by day."""
    baseline, market = trial.absent, trial.present
    for column in [*(c.name for c in baseline.columns if c.owner == "traits"), "n_needs"]:
        same = np.array_equal(baseline.columns[column], market.columns[column])
        _must(same, leaves_luck_alone, f"the column '{column}' differs")
    everybody = np.arange(baseline.columns.n)
    one, other = (of.network.ties(everybody)[1] for of in (baseline, market))
    _must(np.array_equal(one, other), leaves_luck_alone, "friends differ")


def moves_only_its_reach(trial: Trial) -> None:
    """On its first day it moves only consumers in its reach."""
    # Later the others learn from ratings and friends; on the first day they cannot know.
    many = {"consumers.n": MANY}
    baseline, market = trial.without(**many), trial.under(many, reach=0.5)
    while market.day <= market.scenario.burn_in_days:
        baseline.step()
        market.step()
    in_reach = market.mechanics[0].in_reach
    _must(abs(in_reach.mean() - 0.5) <= 0.05, moves_only_its_reach, f"a reach of 0.5 is {in_reach.mean():.2f}")
    for table in LIVED:
        rows, same = market.log.arrow(table), baseline.log.arrow(table)
        others, before = (of.filter(pa.array(~in_reach[of["consumer"].to_numpy()])) for of in (rows, same))
        _must(others == before, moves_only_its_reach, f"rows of '{table}' of consumers out of its reach differ")
    _must(events(market) != events(baseline), moves_only_its_reach, f"nothing happened among {MANY} people on a day")


def keeps_to_its_reach(trial: Trial) -> None:
    """It never reaches anybody out of its reach."""
    market = trial.under(reach=0.4).run()
    in_reach = market.mechanics[0].in_reach
    for table in CONCERNS:
        who = market.log.columns(table)["consumer"]
        _must(in_reach[who[who >= 0]].all(), keeps_to_its_reach, f"'{table}' names consumers out of its reach")
    sent = market.log.columns("invitations")
    for end in ("consumer", "invitee"):
        _must(in_reach[sent[end]].all(), keeps_to_its_reach, f"invitations: the {end} is out of its reach")


def refuses_nonsense(trial: Trial) -> None:
    """It refuses bad settings, naming key and remedy."""
    last = trial.scenario.campaign_end - trial.scenario.burn_in_days - 1
    wrong = (
        *(("reach", 1.5, "0.0 to 1.0"), ("reach", "wide", "not a number")),
        *(("from_day", -1, "at least 0"), ("from_day", last + 1, f"0 to {last}")),
        *(("enabled", "perhaps", "true nor false"), ("nonsense", 1, "no such setting")),
    )
    for key, value, words in wrong:
        where = f"mechanics.{trial.name}.{key}"
        try:
            trial.scenario.replace(**trial.switched(**{key: value}))
        except SettingsError as error:
            _must(where in str(error) and words in str(error), refuses_nonsense, f"{where}={value} is told as: {error}")
        else:
            _must(False, refuses_nonsense, f"{where}={value} is accepted")


def money_adds_up(trial: Trial) -> None:
    """Money adds up on every day."""
    market = trial.under()
    while market.running:
        market.step()
        total = market.ledger.total
        _must(total == 0, money_adds_up, f"all accounts together hold {total} fen on day {market.day - 1}")


CLAUSES: tuple[Callable[[Trial], None], ...] = (
    has_settings,
    acts,
    is_repeatable,
    without_reach_is_absent,
    keeps_its_time,
    leaves_the_burn_in,
    leaves_luck_alone,
    moves_only_its_reach,
    keeps_to_its_reach,
    refuses_nonsense,
    money_adds_up,
)


def opened_days(market: Market) -> list[int]:
    """The days on which something new started: a group, a coupon, a seed, a piece, a referral, talk."""
    days = [day for table in OPENED_IN for day in market.log.columns(table)["day"].tolist()]
    days += market.log.frame("costs").query(f"origin != {Origin.SERVICE}")["day"].tolist()  # a case costs later
    told = market.log.frame("invitations").query(f"origin in ({Origin.REFERRAL}, {Origin.WORD_OF_MOUTH})")
    return [*days, *id_day(told["id"].to_numpy()).tolist()]


def _must(is_kept: object, clause: Callable[[Trial], None], how: str) -> None:
    if not is_kept:
        raise ContractBroken(f"broken: {in_words(clause)} Here: {how}")

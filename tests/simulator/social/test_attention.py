"""Attention: one budget a day for all who want it, and fatigue that fades."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import Market, SettingsError
from simulator.draws import Draws
from simulator.records.events.codes import Outcome, Reason
from simulator.social.attention import Attention, AttentionSettings
from simulator.state.columns import Columns

N = 20_000
ERRORS = 4
"""Standard errors that a fixed seed may be off."""

MESSAGES: dict[str, Any] = {
    "mechanics.group_buying.enabled": True,
    "mechanics.group_buying.open_cost": -1.0,
    "mechanics.coupons.enabled": True,
    "mechanics.coupons.every_days": 3,
    "mechanics.coupons.valid_days": 3,
    "mechanics.coupons.noticed": 1.0,
    "platform.reminder_visit": 1.0,
    "invitations.read": 1.0,
    "needs.rate": 0.4,
}


def attention(n: int = N, **settings: Any) -> Attention:
    return Attention(AttentionSettings(**settings), Columns(n), Draws(1))


def offered(to: Attention, day: int, who: Any, nth: int = 0) -> Any:
    """Offer everybody of these a message of its own; who takes it in."""
    rows = np.asarray(who)
    return to.take(day, rows, rows.astype(np.int64) * 100 + nth)


def is_share(taken: Any, p: float) -> bool:
    return bool(abs(taken.mean() - p) < ERRORS * np.sqrt(p * (1 - p) / len(taken)))


@given(per_day=st.integers(0, 5), n_offered=st.integers(0, 8))
def test_so_many_messages_a_day_and_no_more(per_day: int, n_offered: int) -> None:
    mind, who = attention(3, per_day=per_day), np.array([0, 2])
    for day in (4, 5):
        mind.open_day()
        taken = [offered(mind, day, who, nth).tolist() for nth in range(n_offered)]
        assert taken == [[nth < per_day] * 2 for nth in range(n_offered)]
        assert mind.is_left(np.arange(3)).tolist() == [n_offered < per_day, per_day > 0, n_offered < per_day]


def test_every_message_taken_in_makes_the_next_likelier_to_be_ignored() -> None:
    fresh, who = attention(per_day=100, fatigue=0.4), np.arange(N)
    assert offered(fresh, 1, who).all()
    second = offered(fresh, 1, who, 1)
    assert is_share(second, np.exp(-0.4))
    third = offered(fresh, 1, who, 2)
    assert is_share(third[second], np.exp(-0.8))
    assert is_share(third[~second], np.exp(-0.4)), "what is ignored does not tire"


@pytest.mark.parametrize("days", [0, 3, 30])
def test_fatigue_fades_exponentially(days: int) -> None:
    mind, who = attention(per_day=100, fatigue=1.0, recovery_days=5.0), np.arange(N)
    offered(mind, 1, who)
    assert is_share(offered(mind, 1 + days, who, 1), np.exp(-np.exp(-days / 5)))


def test_only_those_who_are_offered_something_change() -> None:
    mind, who = attention(per_day=100, fatigue=0.5), np.arange(0, N, 2)
    offered(mind, 7, who)
    for column in (mind.used, mind.fatigue, mind.fatigue_day):
        assert not column[1::2].any()
    assert (mind.fatigue_day[who] == 7).all()


def test_without_fatigue_nobody_tires() -> None:
    mind, who = attention(per_day=100), np.arange(N)
    assert all(offered(mind, 1, who, nth).all() for nth in range(20))
    assert not mind.fatigue.any()


def same_day(market: Market) -> int:
    """Orders by reminder of consumers who had read an invitation earlier that day."""
    read = market.log.frame("invitations").query(f"outcome == {Outcome.READ}")
    reminded = market.log.frame("orders").query(f"reason == {Reason.COUPON}")
    both = reminded.merge(read, left_on=["consumer", "day"], right_on=["invitee", "day"])
    return int((both["wave_y"] <= both["wave_x"]).sum())


def test_reminders_and_invitations_share_it(finished: Any) -> None:
    assert same_day(finished({**MESSAGES, "attention.per_day": 3})) > 0
    assert same_day(finished({**MESSAGES, "attention.per_day": 1})) == 0
    deaf = finished({**MESSAGES, "attention.per_day": 0})
    assert set(deaf.log.columns("orders")["reason"]) <= {Reason.NEED, Reason.LATECOMER}


def test_ignoring_grows_with_what_was_noticed(finished: Any) -> None:
    """The read share of invitations falls over the campaign, and does not where nobody tires."""

    def read_shares(fatigue: float) -> list[float]:
        market = finished({**MESSAGES, "attention.per_day": 100, "attention.fatigue": fatigue, "consumers.n": 1500})
        told = market.log.frame("invitations").query(f"outcome in ({Outcome.READ}, {Outcome.UNREAD})")
        early = told["day"] < market.scenario.burn_in_days + 3
        return [float((told[part]["outcome"] == Outcome.READ).mean()) for part in (early, ~early)]

    assert read_shares(0.0) == [1.0, 1.0]
    early, late = read_shares(0.5)
    assert late < early < 1.0


def test_it_refuses_bad_settings(tiny_scenario: Any) -> None:
    with pytest.raises(SettingsError, match=r"attention\.recovery_days=0.*above 0"):
        tiny_scenario.replace(**{"attention.recovery_days": 0})
    with pytest.raises(SettingsError, match=r"attention\.fatigue=-1.*0 to 10"):
        tiny_scenario.replace(**{"attention.fatigue": -1})

"""Random markets keep their books: what must hold whatever the settings are, checked from the event log."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from tests.examples import worlds
from tests.simulator.trade.books.evening import Evening
from tests.simulator.trade.books.groups_and_people import check_groups, check_invitations, check_people
from tests.simulator.trade.books.sales_and_coupons import check_budget, check_coupons, check_sales
from tests.simulator.trade.books.story import Story
from tests.simulator.trade.books.worlds import WORLDS, market_of

CHECKS = (check_sales, check_budget, check_coupons, check_groups, check_invitations, check_people)


@given(world=WORLDS)
@worlds(8)
def test_a_random_market_keeps_its_books(world: dict[str, Any]) -> None:
    """Failing worlds are not shrunk: that takes minutes, and the world that failed is printed whole."""
    market = market_of(world)
    evening = Evening(market)
    while market.running:
        market.step()
        evening.check(market.day - 1)
    story = Story(market)
    for check in CHECKS:
        check(story)

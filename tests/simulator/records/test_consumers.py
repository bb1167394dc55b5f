"""What each consumer bought, from the event log."""

from __future__ import annotations

from typing import Any

from simulator.records.consumers import orders_of_consumers
from simulator.records.events.codes import Outcome


def test_sales_of_the_window_by_consumer(new_story: Any) -> None:
    story = new_story(n_consumers=4, burn_in_days=10, days=60)
    price = {"list_fen": 1000, "paid_fen": 1000}
    cheap = {"list_fen": 1000, "paid_fen": 900, "subsidy_fen": 100}
    story.order(0, 5, **price)  # before the window
    story.order(0, 9, settled_on=12, **price)
    story.order(1, 20, **cheap)
    story.order(1, 30, **price)
    story.order(2, 20, outcome=Outcome.REFUNDED, **cheap)
    story.order(2, 50, settled_on=None, **cheap)
    story.join(1, 3, day=2)
    table = orders_of_consumers(story.log())
    assert table["orders"].tolist() == [1, 2, 0, 0]
    assert table["discounted"].tolist() == [0, 1, 0, 0]
    assert table["adoption_day"].tolist() == [-1, 20, -1, -1]

"""Measures of supply: what runs out, what is kept, what is redesigned, and what that costs."""

from __future__ import annotations

from simulator.records.measures.measure import Family, Measure

SUPPLY: tuple[Measure, ...] = (
    Measure(
        "stock_out_share",
        "purchases refused: sold out",
        Family.SUPPLY,
        "share",
        "purchases refused since the product had run out, of these and the orders placed",
        higher_is_better=False,
    ),
    Measure(
        "sales_lost",
        "sales lost to stock-outs",
        Family.SUPPLY,
        "sales",
        "number of purchases refused since the product had run out, after which the shopper placed no order, and was "
        "not refused again, within 7 days; those of the last 7 days of the run left out",
        higher_is_better=False,
    ),
    Measure(
        "sales_lost_value",
        "worth of lost sales",
        Family.SUPPLY,
        "yuan",
        "what would have been paid plus subsidy, sum over these lost sales",
        higher_is_better=False,
    ),
    Measure(
        "shelves_empty_share",
        "shelves empty in the evening",
        Family.SUPPLY,
        "share",
        "evenings with no unit left, of the evenings of all products that can run out; — where none can",
        higher_is_better=False,
    ),
    Measure(
        "stock_held",
        "stock held",
        Family.SUPPLY,
        "units",
        "units left in the evening, mean over the evenings of all goods that keep and can run out; — where none can",
    ),
    Measure(
        "stock_cost",
        "cost of stock",
        Family.SUPPLY,
        "yuan",
        "what keeping goods and ordering them from suppliers costs merchants",
        higher_is_better=False,
    ),
    Measure("redesigns", "redesigns", Family.SUPPLY, "redesigns", "number of redesigns of products ordered"),
    Measure(
        "redesign_cost",
        "cost of redesigns",
        Family.SUPPLY,
        "yuan",
        "what redesigns cost merchants",
        higher_is_better=False,
    ),
    Measure(
        "capacity_used_share",
        "capacity used",
        Family.SUPPLY,
        "share",
        "rooms, seats and the like taken by the evening, of all that could be had; — where there are none",
        higher_is_better=True,
    ),
)

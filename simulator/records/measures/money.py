"""Measures of money: who gains, who pays."""

from __future__ import annotations

from simulator.records.measures.measure import Family, Measure

MONEY: tuple[Measure, ...] = (
    Measure(
        "gmv", "GMV", Family.MONEY, "yuan", "paid by consumers plus subsidy, sum over sales", higher_is_better=True
    ),
    Measure(
        "contribution_platform",
        "contribution of the platform",
        Family.MONEY,
        "yuan",
        "net revenue: fees less subsidies, sum over sales, less what it bears of marketing and all other cost apart "
        "from sales, and less what goods that came back take from it",
        higher_is_better=True,
    ),
    Measure(
        "contribution_merchants",
        "contribution of merchants",
        Family.MONEY,
        "yuan",
        "paid plus subsidy minus fee minus cost of goods and fulfilment, sum over sales, "
        "less what they bear of marketing and all other cost apart from sales, and what goods that came back take "
        "from them",
        higher_is_better=True,
    ),
    Measure(
        "contribution_total",
        "total contribution",
        Family.MONEY,
        "yuan",
        "contribution of the platform plus contribution of the merchants",
        higher_is_better=True,
        is_primary=True,
    ),
    Measure(
        "marketing_cost",
        "marketing cost",
        Family.MONEY,
        "yuan",
        "fees of seeds, the goods given to them, and what content costs, whoever pays",
        higher_is_better=False,
    ),
    Measure(
        "subsidy",
        "subsidy",
        Family.MONEY,
        "yuan",
        "paid by the platform on top of what consumers paid, sum over sales, and the marketing cost it bears; "
        "less what merchants gave back after returns",
    ),
    Measure(
        "given_away",
        "given away",
        Family.MONEY,
        "yuan",
        "subsidy, and what paid plus subsidy falls short of the list price, sum over the sales in which it does: what "
        "the platform and the merchants give",
    ),
    Measure(
        "subsidy_per_adopter",
        "subsidy per adopter",
        Family.MONEY,
        "yuan",
        "all subsidy, whoever received it, per adopter (acquisition cost)",
        higher_is_better=False,
    ),
    Measure("subsidy_share", "subsidy of GMV", Family.MONEY, "share", "subsidy, of GMV", higher_is_better=False),
    Measure("orders", "orders", Family.MONEY, "orders", "number of sales", higher_is_better=True),
    Measure("average_order_value", "average order value", Family.MONEY, "yuan", "GMV per sale", higher_is_better=True),
    Measure(
        "paid_per_buyer",
        "paid per buyer",
        Family.MONEY,
        "yuan",
        "paid by consumers, less refunds of goods that came back, per consumer with at least one sale",
        higher_is_better=True,
    ),
    Measure(
        "surplus",
        "surplus",
        Family.MONEY,
        "yuan",
        "buyers' surplus over not buying, sum over sales whose goods did not come back; "
        "only its difference between paired arms has a meaning",
        higher_is_better=True,
    ),
)

"""Measures of channels: where orders come from, and what stores do."""

from __future__ import annotations

from simulator.records.measures.measure import Family, Measure

CHANNELS: tuple[Measure, ...] = (
    *(
        Measure(f"sales_{name}_share", f"sales {words}", Family.MECHANICS, "share", f"sales {meaning}, of all sales")
        for name, words, meaning in (
            ("app", "through the app", "in the app to shoppers whom neither friends nor content brought"),
            (
                "social",
                "through friends",
                "in the app to shoppers whom an invitation, word of mouth or seeding brought",
            ),
            ("content", "through content", "in the app to shoppers whom a piece of content brought"),
            ("store", "in stores", "in stores"),
        )
    ),
    Measure(
        "store_conversion",
        "store conversion",
        Family.MECHANICS,
        "share",
        "visits to a store in which something was bought, of all such visits",
        higher_is_better=True,
    ),
    Measure(
        "store_rent",
        "rent of stores",
        Family.MONEY,
        "yuan",
        "rent that merchants pay for stores, subtracted in their contribution; no marketing cost",
        higher_is_better=False,
    ),
    Measure(
        "multi_channel_share",
        "buyers through several channels",
        Family.MECHANICS,
        "share",
        "consumers with sales through at least two channels, of those with at least one sale",
    ),
    Measure(
        "repurchase_one_channel",
        "repurchase, one channel",
        Family.REPURCHASE,
        "share",
        "consumers with a sale in the second half of the window, of those with at least two sales in its first half, "
        "all through one channel",
    ),
    Measure(
        "repurchase_multi_channel",
        "repurchase, several channels",
        Family.REPURCHASE,
        "share",
        "the same for those whose sales in the first half came through several channels; who buys so is who buys "
        "often: a selection, no effect of channels",
    ),
)

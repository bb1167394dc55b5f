"""Measures of brand and sameness."""

from __future__ import annotations

from simulator.records.measures.measure import Family, Measure

SAMENESS: tuple[Measure, ...] = (
    Measure(
        "sameness",
        "sameness of campaigns",
        Family.MECHANICS,
        "points (0–1)",
        "Herfindahl index of moves: sum of squared shares of the merchants who advertise, mean over the days on which "
        "any does; 1 if all do the same, — without advertising",
    ),
    Measure(
        "commonest_move_share",
        "merchants on the commonest move",
        Family.MECHANICS,
        "share",
        "of the merchants who advertise on a day, mean over the days on which any does",
    ),
    Measure(
        "payoff_on_commonest_move",
        "payoff on the commonest move",
        Family.MONEY,
        "yuan",
        "contribution of a merchant on a day less its own daily mean in the burn-in, mean over merchants on the day's "
        "commonest move and days from the first campaign to the end of the run (after the campaign a merchant counts "
        "with its last move); merchants who have a move but spend nothing count too",
        higher_is_better=True,
    ),
    Measure(
        "payoff_on_other_moves",
        "payoff on other moves",
        Family.MONEY,
        "yuan",
        "the same of merchants on any other move; — if all do the same",
        higher_is_better=True,
    ),
    Measure(
        "advertising_cost",
        "cost of advertising",
        Family.MONEY,
        "yuan",
        "what merchants spend on advertising and on inventing moves; part of the marketing cost",
        higher_is_better=False,
    ),
    Measure(
        "goodwill",
        "goodwill",
        Family.MECHANICS,
        "units of goodwill",
        "mean over merchants and days on which they advertise",
        higher_is_better=True,
    ),
    Measure(
        "moves_copied", "moves copied", Family.MECHANICS, "moves", "number of times a merchant copied another's move"
    ),
    Measure(
        "moves_invented",
        "moves invented",
        Family.MECHANICS,
        "moves",
        "number of times a merchant invented a move of its own",
    ),
)

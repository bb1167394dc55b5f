"""The table of claims: read from summaries, by the rule that claims are judged by."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from experiments.claims import PAGE, find_claims, page

COLUMNS = ["privacy.collection", "choice.taste_weight", "arm", "measure", "n", "n_undefined"]
NUMBERS = ["lift", "lift_low", "lift_high"]


def test_every_claim_says_who_claims_what_and_what_was_fixed_beforehand() -> None:
    claims = {claim.name: claim for claim in find_claims()}
    assert {"claim_recommendation", "claim_repurchase", "claim_leaks"} <= set(claims)
    for claim in claims.values():
        assert claim.words
        assert len(claim.definition.split()) > 10
    assert claims["claim_recommendation"].words == "smart recommendation is 40 % more efficient"


def test_a_row_tells_where_a_claim_holds_by_the_intervals(tmp_path: Path) -> None:
    rows = [
        ("orders", 0.4, "personalised_pages", "orders_per_shown", 5, 1, 0.1, 0.05, 0.15),
        ("browsing", 0.8, "personalised_pages", "orders_per_shown", 6, 0, 0.5, 0.41, 0.6),
        ("browsing", 1.6, "personalised_pages", "orders_per_shown", 6, 0, 0.38, 0.3, 0.45),
        ("browsing", 1.6, "popular_pages", "orders_per_shown", 6, 0, float("nan"), float("nan"), float("nan")),
        ("browsing", 1.6, "personalised_pages", "orders", 6, 0, 9.0, 8.0, 10.0),
    ]
    folder = tmp_path / "claim_recommendation"
    folder.mkdir()
    pd.DataFrame(rows, columns=[*COLUMNS, *NUMBERS]).to_csv(folder / "summary.csv", index=False)
    claims = [claim for claim in find_claims() if claim.name in ("claim_recommendation", "claim_leaks")]
    lines = {line.split("|")[1].strip(): line for line in page(claims, tmp_path).splitlines() if line.startswith("| ")}
    row = lines["smart recommendation is 40 % more efficient"]
    assert "holds at 1, undecided at 1, does not hold at 1 of 3 points: collection browsing, taste weight 0.8" in row
    assert "| +50 % [+41, +60] (collection browsing, taste weight 0.8) | +10 % [+5, +15]" in row
    assert "[6](claim_recommendation/summary.csv)" in row
    assert "| not run |" in next(line for words, line in lines.items() if "leaks" in words)


def test_the_page_is_that_of_the_reference_results() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(find_claims())

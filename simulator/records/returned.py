"""What goods that came back have undone."""

from __future__ import annotations

from simulator.records.reading import FEN_PER_YUAN, Reading, gmv_fen, lost_fen, positions, ratio


def returned_fen(reading: Reading) -> dict[str, float]:
    """What returns took, in yuan.

    Returns:
        refund, subsidy (given back to the platform), lost (by platform and merchants together), surplus (of the
        orders), gmv (of the orders); and platform and merchants: what each gained by them, mostly below 0.
    """
    back, orders = reading.table("return_ends"), reading.table("orders")
    row = positions(orders["id"], back["cause"])
    platform = back["subsidy_fen"] - back["fee_fen"]
    fen = {
        "refund": back["refund_fen"],
        "subsidy": back["subsidy_fen"],
        "lost": lost_fen(back),
        "platform": platform,
        "merchants": -lost_fen(back) - platform,
        "surplus": orders["surplus_fen"][row],
        "gmv": gmv_fen({name: orders[name][row] for name in ("paid_fen", "subsidy_fen")}),
    }
    return {name: float(values.sum()) / FEN_PER_YUAN for name, values in fen.items()}


def return_measures(reading: Reading) -> dict[str, float]:
    """The measures of returns."""
    orders, sales, returned = reading.table("orders"), reading.sales, returned_fen(reading)
    (back,) = reading.window("return_ends", "cause")
    sold = {name: orders[name][sales.row].sum() for name in ("paid_fen", "subsidy_fen")}
    n_sales = (sales.day < reading.facts.campaign_end).sum()
    return {
        "return_rate": ratio(len(back), n_sales),
        "gmv_kept": float(gmv_fen(sold)) / FEN_PER_YUAN - returned["gmv"],
        "lost_by_returns": returned["lost"],
    }

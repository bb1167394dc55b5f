"""The ledger: double-entry accounts in integer fen. Every posting moves money from one account to others; the sum of
all accounts is zero at every moment."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.state.columns import Column, Columns

OWNER = "ledger"
Fen = NDArray[np.int64]
Who = NDArray[Any]


class Ledger:
    """Accounts of consumers, merchants, the platform, escrow and the suppliers.

    Attributes:
        consumers: Balance of each consumer, the column `balance_fen`; starts at 0 and falls with spending.
        merchants: Balance of each merchant: receipts less fees and unit costs.
        platform: Fees less subsidies and what its marketing costs.
        escrow: Paid by consumers for orders that are not settled yet.
        suppliers: Unit and fulfilment costs paid by merchants, and what marketing costs.
    """

    carried = ("merchants", "platform", "escrow", "suppliers")

    def __init__(self, columns: Columns, n_merchants: int) -> None:
        self.consumers = columns.add(
            Column("balance_fen", OWNER, np.int64, "money received less money spent since the start", "fen")
        )
        self.merchants: Fen = np.zeros(n_merchants, dtype=np.int64)
        self.platform = 0
        self.escrow = 0
        self.suppliers = 0

    def pay(self, consumers: Who, paid: Fen) -> None:
        """Consumers pay for orders: into escrow."""
        np.subtract.at(self.consumers, consumers, paid)
        self.escrow += int(paid.sum())

    def refund(self, consumers: Who, paid: Fen) -> None:
        """Orders are undone: escrow gives back exactly what was paid."""
        np.add.at(self.consumers, consumers, paid)
        self.escrow -= int(paid.sum())

    def settle(self, merchants: Who, paid: Fen, subsidy: Fen, fee: Fen, cost: Fen) -> None:
        """Orders are fulfilled: the merchant gets payment and subsidy, and bears the fee and the cost."""
        np.add.at(self.merchants, merchants, paid + subsidy - fee - cost)
        self.escrow -= int(paid.sum())
        self.platform += int(fee.sum()) - int(subsidy.sum())
        self.suppliers += int(cost.sum())

    def take_back(self, merchants: Who, consumers: Who, refund: Fen, subsidy: Fen, fee: Fen, cost: Fen) -> None:
        """Settled orders are undone: the merchant gives back payment and subsidy, and gets back fee and cost; a cost
        below 0 is one more that it bears."""
        np.add.at(self.consumers, consumers, refund)
        np.subtract.at(self.merchants, merchants, refund + subsidy - fee - cost)
        self.platform += int(subsidy.sum()) - int(fee.sum())
        self.suppliers -= int(cost.sum())

    def spend(self, merchants: Who, consumers: Who, fee: Fen, cost: Fen) -> None:
        """Marketing: a fee for a consumer and a cost of suppliers, from a merchant or (where it is -1) the platform."""
        spent, is_platform = fee + cost, merchants < 0
        np.subtract.at(self.merchants, merchants[~is_platform], spent[~is_platform])
        self.platform -= int(spent[is_platform].sum())
        np.add.at(self.consumers, consumers[fee > 0], fee[fee > 0])
        self.suppliers += int(cost.sum())

    @property
    def total(self) -> int:
        """The sum of all accounts; zero unless money was made or lost."""
        return int(self.consumers.sum()) + int(self.merchants.sum()) + self.platform + self.escrow + self.suppliers

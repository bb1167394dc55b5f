"""What was recorded of people, waiting until it may be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.insight.learning import Evidence
from simulator.state.rows import Rows


@dataclass
class Records(Rows):
    """Looks, shares and orders, in order of time; arrays of shape (n,), as in `Evidence`.

    Attributes:
        is_wish: Whether the product was wanted: put in the cart, shared, or ordered.
    """

    consumer: NDArray[np.int32]
    product: NDArray[np.int32]
    is_above: NDArray[np.bool_]
    margin: NDArray[np.float32]
    log_cut: NDArray[np.float32]
    p_flip: NDArray[np.float32]
    is_wish: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        consumer: NDArray[Any],
        product: NDArray[Any],
        *,
        is_wish: ArrayLike,
        is_above: ArrayLike = True,
        margin: ArrayLike = 0.0,
        log_cut: ArrayLike = 0.0,
        p_flip: float = 0.0,
    ) -> Self:
        """Records; single values broadcast."""

        def column(values: ArrayLike, dtype: type) -> NDArray[Any]:
            return np.broadcast_to(np.asarray(values, dtype=dtype), consumer.shape)

        return cls(
            consumer.astype(np.int32),
            product.astype(np.int32),
            column(is_above, np.bool_),
            column(margin, np.float32),
            column(log_cut, np.float32),
            column(p_flip, np.float32),
            column(is_wish, np.bool_),
        )

    @classmethod
    def none(cls) -> Self:
        """No records."""
        nobody = np.zeros(0, dtype=np.int32)
        return cls.of(nobody, nobody, is_wish=False)

    @property
    def evidence(self) -> Evidence:
        """What is learned from them."""
        return Evidence(*(np.ascontiguousarray(getattr(self, name)) for name in Evidence._fields))


@dataclass
class Sales(Rows):
    """Settled orders, arrays of shape (n,)."""

    consumer: NDArray[np.int32]
    paid_fen: NDArray[np.int64]

    @classmethod
    def none(cls) -> Self:
        """No sales."""
        return cls(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64))

"""Merchants and what they sell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import mesa
import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator
from scipy.special import betaincinv

from simulator.draws import ALWAYS, Draws, Floats, decision
from simulator.settings import Settings, quantity

if TYPE_CHECKING:
    from simulator.market import Market

PRICE = decision("product.list_price")
QUALITY = decision("product.quality")
ATTRIBUTES = decision("product.attributes")

Fen = NDArray[np.int64]
UNLIMITED = 2**31 - 1
KEEPS = -1


class CohortSettings(Settings):
    """A named group of merchants of one kind."""

    count: int = quantity(10, "merchants in this cohort", unit="merchants", ge=0, le=200)
    products_each: int = quantity(5, "products of each merchant", unit="products", ge=1, le=1000)
    daily_capacity: int | None = quantity(
        None,
        "units of each product that can be had on a day, such as rooms or seats; what nobody takes is lost; "
        "null: goods that keep",
        unit="units",
        ge=1,
        le=1_000_000_000,
    )


class MerchantSettings(Settings):
    """The supply side: merchants in cohorts, and the laws their products are drawn from."""

    n_categories: int = quantity(5, "product categories", ge=1, le=200)
    cohorts: dict[str, CohortSettings] = Field(
        default={"small": CohortSettings(count=16, products_each=4), "large": CohortSettings(count=4, products_each=9)},
        description="named cohorts of merchants, each with a count",
        min_length=1,
    )
    list_price_median_fen: int = quantity(4500, "median list price", unit="fen", source="trial", ge=100, le=10_000_000)
    list_price_sd: float = quantity(0.5, "standard deviation of the log list price", ge=0, le=2)
    cost_fraction: float = quantity(0.6, "unit cost as a share of the list price", unit="share", ge=0, le=2)
    fulfilment_fen: int = quantity(300, "fulfilment cost of an order", unit="fen", ge=0, le=1_000_000)
    quality_alpha: float = quantity(8.0, "α of the Beta law of product quality", gt=0)
    quality_beta: float = quantity(2.0, "β of the Beta law of product quality", gt=0)
    stock_units: int | None = quantity(None, "units in stock per product; null: unlimited", unit="units", ge=1)
    restock_days: int = quantity(7, "days between restockings to `stock_units`", unit="day", ge=1)
    holding_fen: int = quantity(
        0, "cost of keeping a unit on the shelf over night, where stock is limited", unit="fen", ge=0, le=1_000_000
    )
    ordering_fen: int = quantity(
        0, "cost of an order of a product from its suppliers, restockings included", unit="fen", ge=0, le=100_000_000
    )

    @model_validator(mode="after")
    def _has_products(self) -> Self:
        if self.n_products == 0:
            raise ValueError("cohorts have no merchants; the market needs at least one")
        return self

    @property
    def has_limits(self) -> bool:
        """Whether anything can run out."""
        return self.stock_units is not None or any(c.daily_capacity is not None for c in self.cohorts.values())

    @property
    def n_merchants(self) -> int:
        return sum(c.count for c in self.cohorts.values())

    @property
    def n_products(self) -> int:
        return sum(c.count * c.products_each for c in self.cohorts.values())


@dataclass
class Products:
    """All products of the market, one row each; arrays have shape (n_products,) unless said otherwise.

    Attributes:
        merchant: The merchant who sells it.
        category: What need it serves.
        attributes: Where it stands in taste space, unit vectors of shape (n_products, taste_dimensions).
        quality: Its true quality, 0 to 1; consumers learn it by buying.
        list_fen: List price on day 0.
        cost_fen: Unit and fulfilment cost.
        offer_fen: Today's price for one who buys alone.
        stock: Units left.
        on_order: Units ordered from suppliers that have not come yet.
        capacity: Units that can be had anew each day; `KEEPS` for goods that keep.
        ratings: Number of ratings.
        rating_sum_permille: Their sum, in thousandths.
    """

    carried = ("attributes", "offer_fen", "stock", "on_order", "ratings", "rating_sum_permille")

    merchant: NDArray[np.intp]
    category: NDArray[np.intp]
    attributes: Floats
    quality: Floats
    list_fen: Fen
    cost_fen: Fen
    offer_fen: Fen
    stock: NDArray[np.int64]
    on_order: NDArray[np.int64]
    capacity: NDArray[np.int64]
    ratings: NDArray[np.int64]
    rating_sum_permille: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.merchant)

    def quality_shown(self, prior: float, prior_ratings: float) -> Floats:
        """The mean rating with `prior_ratings` pseudo-ratings at `prior`, shape (n_products,)."""
        return (self.rating_sum_permille / 1000 + prior_ratings * prior) / (self.ratings + prior_ratings)


def make_products(settings: MerchantSettings, taste_dimensions: int, draws: Draws) -> Products:
    """Draw the catalogue; categories are dealt round-robin so that each has its share of products."""
    merchant_sizes = [c.products_each for c in settings.cohorts.values() for _ in range(c.count)]
    rows = np.arange(settings.n_products)
    price = settings.list_price_median_fen * np.exp(settings.list_price_sd * draws.normal(PRICE, ALWAYS, rows))
    list_fen = np.maximum(np.rint(price), 1).astype(np.int64)
    attributes = draws.normal(ATTRIBUTES, ALWAYS, rows[:, None], np.arange(taste_dimensions)[None, :])
    attributes /= np.sqrt(np.einsum("pd,pd->p", attributes, attributes))[:, None]
    per_merchant = [c.daily_capacity for c in settings.cohorts.values() for _ in range(c.count)]
    capacity = np.repeat([KEEPS if c is None else c for c in per_merchant], merchant_sizes)
    stock = UNLIMITED if settings.stock_units is None else settings.stock_units
    return Products(
        merchant=np.repeat(np.arange(len(merchant_sizes)), merchant_sizes),
        category=rows % settings.n_categories,
        attributes=attributes,
        quality=betaincinv(settings.quality_alpha, settings.quality_beta, draws.uniform(QUALITY, ALWAYS, rows)),
        list_fen=list_fen,
        cost_fen=np.rint(settings.cost_fraction * list_fen).astype(np.int64) + settings.fulfilment_fen,
        offer_fen=list_fen.copy(),
        stock=np.where(capacity == KEEPS, stock, capacity),
        on_order=np.zeros(len(rows), dtype=np.int64),
        capacity=capacity,
        ratings=np.zeros(len(rows), dtype=np.int64),
        rating_sum_permille=np.zeros(len(rows), dtype=np.int64),
    )


class Merchant(mesa.Agent):
    """A merchant, a plain Mesa agent; `index` is its row in the ledger and the products."""

    model: Market

    def __init__(self, model: Market, index: int, cohort: str) -> None:
        super().__init__(model)
        self.index = index
        self.cohort = cohort

    @property
    def products(self) -> NDArray[np.intp]:
        """The rows of this merchant's products."""
        return np.flatnonzero(self.model.products.merchant == self.index)

    @property
    def balance_fen(self) -> int:
        """What it has earned so far: receipts less fees and unit costs."""
        return int(self.model.ledger.merchants[self.index])

    def __repr__(self) -> str:
        return f"Merchant({self.index}, {self.cohort}, {len(self.products)} products, {self.balance_fen} fen)"

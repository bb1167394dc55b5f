"""Measures of the mechanics: groups, bargains, coupons, content."""

from __future__ import annotations

from simulator.records.measures.measure import Family, Measure

MECHANICS: tuple[Measure, ...] = (
    Measure("groups_opened", "groups opened", Family.MECHANICS, "groups", "number of groups opened"),
    Measure(
        "groups_filled_share",
        "groups filled",
        Family.MECHANICS,
        "share",
        "groups filled, of the groups opened in the window that have filled or lapsed",
        higher_is_better=True,
    ),
    Measure(
        "joiners_invited_share",
        "joiners invited by friends",
        Family.MECHANICS,
        "share",
        "orders by shoppers whom an invitation brought, of all orders that joined a group",
    ),
    Measure("bargains_opened", "bargains opened", Family.MECHANICS, "bargains", "number of bargains opened"),
    Measure(
        "bargains_done_share",
        "bargains that came about",
        Family.MECHANICS,
        "share",
        "bargains that came about, of the bargains opened in the window that have come about or lapsed",
        higher_is_better=True,
    ),
    Measure(
        "helpers_per_bargain",
        "helpers per bargain",
        Family.MECHANICS,
        "consumers",
        "friends who cut, per bargain opened in the window that has come about or lapsed",
    ),
    Measure(
        "joined_by_helping",
        "prospects who joined by helping",
        Family.MECHANICS,
        "consumers",
        "number of prospects who joined by cutting in a friend's bargain",
        higher_is_better=True,
    ),
    Measure(
        "word_of_mouth_heard",
        "word of mouth heard",
        Family.MECHANICS,
        "messages",
        "number of times that a friend took in what a buyer said about a product",
    ),
    Measure(
        "bad_word_of_mouth_share",
        "bad word of mouth",
        Family.MECHANICS,
        "share",
        "word of mouth of disappointed buyers, of the word of mouth heard",
        higher_is_better=False,
    ),
    Measure(
        "refunded_share",
        "orders refunded",
        Family.MECHANICS,
        "share",
        "orders refunded, of the orders settled or refunded in the window",
        higher_is_better=False,
    ),
    Measure(
        "unresolved_orders",
        "orders unresolved",
        Family.MECHANICS,
        "orders",
        "number of orders placed in the window and neither settled nor undone at the end",
    ),
    Measure("coupons_issued", "coupons issued", Family.MECHANICS, "coupons", "number of coupons issued"),
    Measure(
        "coupons_noticed_share",
        "coupons noticed",
        Family.MECHANICS,
        "share",
        "coupons noticed by their receivers, of all coupons issued",
    ),
    Measure(
        "coupons_redeemed_share",
        "coupons redeemed",
        Family.MECHANICS,
        "share",
        "coupons redeemed, of the coupons issued in the window, noticed or not, that are no longer outstanding",
        higher_is_better=True,
    ),
    Measure(
        "coupons_outstanding",
        "coupons outstanding",
        Family.MECHANICS,
        "coupons",
        "number of coupons issued in the window and noticed that are still held at the end",
    ),
    Measure(
        "coupons_passed_on",
        "coupons passed on",
        Family.MECHANICS,
        "coupons",
        "number of times that a holder's coupon went to a friend; not counted as issued again",
    ),
    Measure(
        "contents_made", "pieces of content", Family.MECHANICS, "pieces", "pieces by merchants and posts by buyers"
    ),
    Measure(
        "views_per_consumer",
        "content views per consumer",
        Family.MECHANICS,
        "views",
        "views of content in the feed, per consumer",
    ),
    Measure(
        "orders_per_view",
        "orders per content view",
        Family.MECHANICS,
        "orders",
        "orders by viewers whom a piece brought, settled or not, per view of a piece in the feed",
        higher_is_better=True,
    ),
)

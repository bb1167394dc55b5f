"""The tables of events and their columns.

Every row has a head: `id` (who it was, when, and which of that consumer's records of the day), `cause` (the id of the
event that led to it, 0 for none), `day`, `wave` and `consumer`. Money is integer fen.
"""

from __future__ import annotations

from typing import Any

import numpy as np

HEAD = {"cause": np.int64, "day": np.int16, "wave": np.int8, "consumer": np.int32}
IDENTIFIED = {"id": np.int64, **HEAD}

TABLES: dict[str, dict[str, Any]] = {
    # An order is paid here (a bargain's only when it settles); it counts as a sale when a settlement says SETTLED.
    "orders": {
        **IDENTIFIED,
        "product": np.int32,
        "merchant": np.int16,
        "way": np.int8,
        "target": np.int64,
        "coupon": np.int64,
        "reason": np.int8,
        "is_needed": np.bool_,
        "list_fen": np.int64,
        "paid_fen": np.int64,
        "subsidy_fen": np.int64,
        "fee_fen": np.int64,
        "cost_fen": np.int64,
        "surplus_fen": np.int64,
    },
    # cause = the order. `is_first`: the consumer's first settled order ever.
    "settlements": {**HEAD, "outcome": np.int8, "refund_fen": np.int64, "is_first": np.bool_},
    # cause = the order or coupon that made the inviter invite; consumer = the inviter. Recorded when its fate is known
    # (read or not); the day of sending is in the id. `tone`: what word of mouth says of the product, 1 good, -1 bad.
    "invitations": {
        **IDENTIFIED,
        "invitee": np.int32,
        "origin": np.int8,
        "product": np.int32,
        "target": np.int64,
        "tone": np.int8,
        "outcome": np.int8,
    },
    # cause = the opener's order; consumer = the opener.
    "groups": {
        **IDENTIFIED,
        "product": np.int32,
        "size": np.int16,
        "price_fen": np.int64,
        "deadline_tick": np.int32,
    },
    # cause = the group.
    "group_ends": {**HEAD, "outcome": np.int8, "n_members": np.int16},
    # cause = the opener's order; consumer = the opener.
    "bargains": {
        **IDENTIFIED,
        "product": np.int32,
        "price_fen": np.int64,
        "floor_fen": np.int64,
        "deadline_tick": np.int32,
    },
    # cause = the invitation; consumer = the helper, a prospect who joins by it if `is_new`. What is left after the cut:
    # `displayed_fen` as the opener sees it, `true_fen` as it is.
    "cuts": {
        **IDENTIFIED,
        "bargain": np.int64,
        "displayed_fen": np.int64,
        "true_fen": np.int64,
        "is_new": np.bool_,
    },
    # cause = the bargain; SETTLED or LAPSED, and what was left.
    "bargain_ends": {
        **HEAD,
        "outcome": np.int8,
        "n_helpers": np.int16,
        "displayed_fen": np.int64,
        "true_fen": np.int64,
    },
    # cause = the invitation or order behind it, 0 for a campaign. `is_noticed` false: it never reached the wallet. It
    # takes off `percent` of the price (100 for a fixed amount), at most `face_fen`. One of origin SHARED is not new:
    # its inviter passed it on, and has it no longer.
    "coupons": {
        **IDENTIFIED,
        "origin": np.int8,
        "face_fen": np.int64,
        "min_spend_fen": np.int64,
        "percent": np.int8,
        "expires_day": np.int16,
        "is_noticed": np.bool_,
    },
    # cause = the coupon; `order` = the order that redeemed it, 0 otherwise.
    "coupon_ends": {**HEAD, "outcome": np.int8, "order": np.int64},
    # A piece of content; consumer = the buyer who posted it, -1 where `merchant` made it. In the id of a merchant's
    # piece the merchant's number stands in the place of the consumer's.
    "contents": {
        **IDENTIFIED,
        "maker": np.int8,
        "merchant": np.int16,
        "product": np.int32,
        "theme": np.int16,
        "quality_permille": np.int16,
    },
    # Counted per (wave, piece): who saw it, came to its product, passed it on. cause = the piece; consumer is -1.
    "views": {**HEAD, "n_seen": np.int32, "n_came": np.int32, "n_shared": np.int32},
    # What marketing costs apart from sales: `fee_fen` goes to the consumer, `cost_fen` to suppliers; `merchant` pays,
    # -1 the platform. cause = the piece of content; consumer = the seed, -1 for none. Those in
    # NO_MARKETING are none: PRIVACY is security, or a fine (cause = the leak, 0 after an audit); TALENT wages and
    # courses; TECHNOLOGY what deciding by data costs otherwise; STOCKING an order from suppliers, or (product -1) a
    # night of keeping goods; PRODUCT a redesign; STORES rent.
    "costs": {
        **HEAD,
        "origin": np.int8,
        "merchant": np.int16,
        "product": np.int32,
        "fee_fen": np.int64,
        "cost_fen": np.int64,
    },
    # A sale refused since the product had run out; cause and consumer are those of the order that it would have been.
    "stock_outs": {**HEAD, "product": np.int32, "merchant": np.int16, "worth_fen": np.int64},
    # The shelf of a product that can run out, in the evening; consumer is -1. `n_delivered` came in today; what
    # `n_left` counts is lost over night if `is_perishable`.
    "shelves": {
        **HEAD,
        "product": np.int32,
        "n_delivered": np.int32,
        "n_left": np.int32,
        "is_perishable": np.bool_,
    },
    # A redesign is ordered; consumer is -1. `likeness_permille`: the cosine of new and old attributes.
    "redesigns": {
        **HEAD,
        "product": np.int32,
        "merchant": np.int16,
        "ready_day": np.int16,
        "likeness_permille": np.int16,
    },
    # A trend begins, in a category; consumer is -1, and 0 in the id.
    "trends": {**IDENTIFIED, "category": np.int16},
    # Who buys to resell, recorded when it begins. Nobody in the market reads it.
    "abusers": {**HEAD},
    # A need met second-hand; cause = the order that was resold; consumer = who needed it.
    "resales": {**HEAD},
    # The platform looks at an account for what it has counted of it, and bars it unless it is cleared.
    "reviews": {**HEAD, "n_counted": np.int32, "is_barred": np.bool_},
    # What a merchant knows gets out; consumer is -1. In the id the merchant's number stands in the consumer's place.
    "leaks": {**IDENTIFIED, "merchant": np.int16, "n_exposed": np.int32},
    # cause = the leak.
    "exposed": {**HEAD},
    # Consent is withdrawn; cause = the leak that exposed the consumer.
    "withdrawals": {**HEAD},
    # A shopper is in a merchant's store; `order` = what was bought there, 0 for nothing.
    "store_visits": {**HEAD, "merchant": np.int16, "region": np.int16, "category": np.int16, "order": np.int64},
    # A buyer asks to send an order back (cause = the order); the goods are back, and the money, on `due_day`.
    "returns": {**HEAD, "due_day": np.int16},
    # The goods are back; cause = the order. The merchant refunds `refund_fen` to the consumer and `subsidy_fen` to the
    # platform, which gives it back `fee_fen`; it recovers `salvage_fen` of the cost and pays for `shipping_fen`.
    "return_ends": {
        **HEAD,
        "merchant": np.int16,
        "product": np.int32,
        "refund_fen": np.int64,
        "subsidy_fen": np.int64,
        "fee_fen": np.int64,
        "salvage_fen": np.int64,
        "shipping_fen": np.int64,
        "is_restocked": np.bool_,
    },
    # A buyer complains; cause = the order.
    "cases": {**IDENTIFIED, "merchant": np.int16, "product": np.int32, "is_defect": np.bool_},
    # cause = the case; RESOLVED, UNRESOLVED or ABANDONED, and who had the last word.
    "case_ends": {**HEAD, "outcome": np.int8, "agent": np.int8},
    # The campaign of each merchant that has one, on a day, even if it spends nothing; consumer is -1. `move`: its
    # style, a number.
    "campaigns": {
        **HEAD,
        "merchant": np.int16,
        "move": np.int32,
        "how": np.int8,
        "spent_fen": np.int64,
        "goodwill_millionths": np.int32,
    },
    # The state looks at how the platform collects data; consumer is -1.
    "audits": {**HEAD, "fine_fen": np.int64},
    # Counted in the morning of each day from the campaign on, where personal data are collected; consumer is -1.
    "consents": {**HEAD, "n_members": np.int32, "n_consenting": np.int32},
    # Who works on data for an employer after the changes of a morning of the campaign: `merchant`, -1 the platform.
    # `n_quit`, `n_trained` and `n_hired` are those changes. consumer is -1.
    "staff": {
        **HEAD,
        "merchant": np.int16,
        "n_posts": np.int16,
        "n_filled": np.int16,
        "n_in_training": np.int16,
        "n_quit": np.int16,
        "n_trained": np.int16,
        "n_hired": np.int16,
        "is_able": np.bool_,
    },
    # A prospect becomes a member; cause = the invitation accepted, 0 when it joined by itself.
    "joins": {**HEAD},
    # A member falls dormant (LEFT) or a purchase wakes it (WOKE).
    "departures": {**HEAD, "outcome": np.int8},
    # cause = the order.
    "ratings": {**HEAD, "product": np.int32, "rating_permille": np.int16},
    # cause = the order or the bargain; `reason` indexes simulator.choice.experience.TrustReason.
    "trust_shifts": {**HEAD, "reason": np.int8, "amount_millionths": np.int32},
    # cause = the invitation that was bad word of mouth; `reason` indexes simulator.choice.experience.LoyaltyReason.
    "loyalty_shifts": {**HEAD, "merchant": np.int16, "reason": np.int8, "amount_millionths": np.int32},
    # How right the profiles were at the end of a day; consumer is -1. See simulator.insight.quality.
    "insights": {
        **HEAD,
        "n_known": np.int32,
        "looks": np.float64,
        "taste_correlation": np.float64,
        "taste_coverage": np.float64,
        "price_correlation": np.float64,
        "alive_auc": np.float64,
    },
    # Counted per (day, product); consumer is -1.
    "exposures": {
        **HEAD,
        "product": np.int32,
        "n_shown": np.int32,
        "n_examined": np.int32,
        "n_clicked": np.int32,
        "n_carted": np.int32,
        "n_ordered": np.int32,
    },
}

"""The mechanics, in the order in which the day calls them. A new one is registered here and nowhere else."""

from __future__ import annotations

from simulator.mechanics.coupons import Coupons, CouponSettings
from simulator.mechanics.group_buying import GroupBuying, GroupBuyingSettings
from simulator.mechanics.mechanic import Mechanic
from simulator.mechanics.referral import Referral, ReferralSettings
from simulator.settings import Settings

MECHANICS: dict[str, type[Mechanic]] = {m.name: m for m in (GroupBuying, Referral, Coupons)}


class MechanicsSettings(Settings):
    """What the platform runs; every block stays in the tree and `enabled` switches it on."""

    group_buying: GroupBuyingSettings = GroupBuyingSettings()
    referral: ReferralSettings = ReferralSettings()
    coupons: CouponSettings = CouponSettings()

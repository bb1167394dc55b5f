"""The mechanics, in the order in which the day calls them. A new one is registered here and nowhere else.

A shopper whom two of them call in one wave follows the later one.
"""

from __future__ import annotations

from simulator.mechanics.abuse import Abuse, AbuseSettings
from simulator.mechanics.bargaining import Bargaining, BargainingSettings
from simulator.mechanics.brand import Brand, BrandSettings
from simulator.mechanics.channels import Channels, ChannelSettings
from simulator.mechanics.content import Content, ContentSettings
from simulator.mechanics.coupons import Coupons, CouponSettings
from simulator.mechanics.group_buying import GroupBuying, GroupBuyingSettings
from simulator.mechanics.mechanic import Mechanic
from simulator.mechanics.referral import Referral, ReferralSettings
from simulator.mechanics.returns import Returns, ReturnSettings
from simulator.mechanics.seeding import Seeding, SeedingSettings
from simulator.mechanics.service import Service, ServiceSettings
from simulator.mechanics.trends import Trends, TrendSettings
from simulator.mechanics.word_of_mouth import WordOfMouth, WordOfMouthSettings
from simulator.settings import Settings

MECHANICS: dict[str, type[Mechanic]] = {
    m.name: m
    for m in (
        *(Returns, Brand, Service, Content, GroupBuying, Bargaining),
        *(Referral, Coupons, Seeding, WordOfMouth, Abuse, Channels, Trends),
    )
}


class MechanicsSettings(Settings):
    """What the platform runs; every block stays in the tree and `enabled` switches it on."""

    group_buying: GroupBuyingSettings = GroupBuyingSettings()
    bargaining: BargainingSettings = BargainingSettings()
    referral: ReferralSettings = ReferralSettings()
    coupons: CouponSettings = CouponSettings()
    seeding: SeedingSettings = SeedingSettings()
    content: ContentSettings = ContentSettings()
    word_of_mouth: WordOfMouthSettings = WordOfMouthSettings()
    abuse: AbuseSettings = AbuseSettings()
    returns: ReturnSettings = ReturnSettings()
    channels: ChannelSettings = ChannelSettings()
    service: ServiceSettings = ServiceSettings()
    brand: BrandSettings = BrandSettings()
    trends: TrendSettings = TrendSettings()

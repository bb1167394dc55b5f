"""The settings that the dashboard lets people change: a chosen list, with units and ranges from the settings' own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from experiments.command import StudySettings
from experiments.dashboard.texts import Speaker
from simulator import Scenario
from simulator.settings import Described, describe, flat

_UNITS: dict[str, tuple[float, str, str]] = {
    "share": (0.01, "%", "%"),
    "fen": (100.0, "yuan", "元"),
    "day": (1.0, "days", "天"),
    "consumers": (1.0, "people", "人"),
    "friends": (1.0, "friends", "位朋友"),
    "1/day": (1.0, "a day", "次/天"),
    "": (1.0, "", ""),
}
"""Unit of a setting → how much of it one unit shown is, and the unit shown in English and 中文."""

_NETWORKS: dict[str, tuple[str, str]] = {
    "small_world": ("small world: neighbours, and a few far friends", "小世界：邻居加少数远方朋友"),
    "scale_free": ("scale-free: a few know very many", "无标度：少数人认识很多人"),
    "power_law": ("power law: random friends, unequal numbers", "幂律：朋友随机，数量悬殊"),
    "communities": ("communities: circles of friends", "社群：一个个朋友圈"),
    "complete": ("complete: everybody knows everybody", "完全：人人相识"),
    "ring": ("ring: neighbours only", "环：只认识邻居"),
    "random": ("random: friends from anywhere", "随机：朋友来自各处"),
}
_SEEDS: dict[str, tuple[str, str]] = {
    "random": ("anybody", "随机"),
    "degree": ("who has most friends", "朋友最多的人"),
    "betweenness": ("who stands between others", "居于他人之间的人"),
    "bridges": ("who joins communities", "连接社群的人"),
    "learned": ("whose invitations brought orders", "邀请曾带来订单的人"),
}


@dataclass(frozen=True)
class Lever:
    """A setting that can be changed in a room.

    Attributes:
        key: Its dotted key.
        english, chinese: What it is, in plain words.
        low, high, step: Of the slider, in the unit shown; all 0 for a choice.
        start: Where it stands at first, in the unit of the setting; None: the setting's default.
        options: The values of a choice, in English and 中文.
    """

    key: str
    english: str
    chinese: str
    low: float = 0
    high: float = 0
    step: float = 0
    start: Any = None
    options: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def is_choice(self) -> bool:
        return bool(self.options)

    @property
    def facts(self) -> Described:
        """What the setting says of itself."""
        return _described()[self.key]

    @property
    def default(self) -> Any:
        """The value with which the room begins, in the unit of the setting."""
        return _defaults()[self.key] if self.start is None else self.start

    @property
    def is_whole(self) -> bool:
        return isinstance(self.default, int) and _UNITS[self.facts.unit][0] == 1.0

    def label(self, say: Speaker) -> str:
        """What it is, and its unit."""
        unit = say.choose(*_UNITS[self.facts.unit][1:]) if not self.is_choice else ""
        return say.choose(self.english, self.chinese) + (f" ({unit})" if unit else "")

    def shown(self, value: Any) -> Any:
        """A value in the unit shown."""
        if self.is_choice:
            return value
        number = round(value / _UNITS[self.facts.unit][0], 9)
        return int(number) if self.is_whole else number

    def setting(self, shown: Any) -> Any:
        """A value that is shown, in the unit of the setting; what is no number stays what it is."""
        if self.is_choice or isinstance(shown, bool) or not isinstance(shown, int | float):
            return shown
        value = round(shown * _UNITS[self.facts.unit][0], 9)
        return int(value) if isinstance(self.default, int) and value == int(value) else value


DESK: dict[str, tuple[Lever, ...]] = {
    "study": (Lever("seeds", "Worlds to try each in (seeds)", "每种策略试验的世界数（种子）", 2, 32, 1, start=8),),
    "market": (
        Lever("consumers.n", "People in the market", "市场人数", 500, 10_000, 500, start=2000),
        Lever("days", "Length of the run", "运行长度", 100, 365, 5),
        Lever("consumers.prospect_fraction", "Not members yet at the start", "开始时尚未加入的人", 0, 95, 5),
        Lever("needs.rate", "Needs of a person", "每人的需求", 0.01, 0.3, 0.01),
        Lever("consumers.price_sensitivity", "Price sensitivity (2 is usual)", "价格敏感度（通常为 2）", 1.5, 6, 0.1),
        Lever("social.kind", "Shape of the social network", "社交网络的形状", options=_NETWORKS),
        Lever("social.degree", "Friends of a person, mean", "每人的平均朋友数", 2, 40, 2),
        Lever("platform.take_rate", "Platform's fee", "平台抽成", 0, 20, 0.5),
        Lever("merchants.cost_fraction", "Unit cost, of the list price", "单位成本占原价", 30, 90, 5),
    ),
    "group_buying": (
        Lever("mechanics.group_buying.size", "Members a group needs", "成团人数", 2, 10, 1),
        Lever("mechanics.group_buying.discount", "Discount of the group price", "拼团折扣", 0, 70, 5),
        Lever("mechanics.group_buying.deadline_days", "Deadline of a group", "拼团期限", 1, 7, 1),
        Lever("mechanics.group_buying.invitations", "Friends invited at most", "最多邀请的朋友", 0, 20, 1),
    ),
    "coupons": (
        Lever("mechanics.coupons.face_fen", "Coupon takes off", "优惠券面额", 1, 20, 1),
        Lever("mechanics.coupons.min_spend_fen", "Minimum spend for it", "满多少可用", 10, 100, 1),
        Lever("mechanics.coupons.every_days", "Days between two issues", "发券间隔", 7, 60, 1),
    ),
    "referral": (
        Lever("mechanics.referral.refer", "Buyers who refer friends", "推荐朋友的买家", 0, 100, 5),
        Lever("mechanics.referral.inviter_reward_fen", "Coupon for who invites", "邀请者的券", 0, 25, 1),
        Lever("mechanics.referral.invitee_reward_fen", "Coupon for who is invited", "被邀请者的券", 0, 25, 1),
    ),
    "bargaining": (
        Lever("mechanics.bargaining.floor", "Floor price, of the price", "底价占售价", 5, 95, 5),
        Lever("mechanics.bargaining.deadline_days", "Deadline of a bargain", "砍价期限", 1, 7, 1),
        Lever("mechanics.bargaining.flattery", "How much the display flatters", "显示的夸大程度", 0, 95, 5),
    ),
    "seeding": (
        Lever("mechanics.seeding.seed_fraction", "Consumers rewarded in a round", "每轮奖励的顾客", 0.1, 5, 0.1),
        Lever("mechanics.seeding.fee_fen", "Fee of each", "每人酬金", 0, 100, 1),
        Lever("mechanics.seeding.choose", "Who is chosen", "选择谁", options=_SEEDS),
    ),
    "content": (
        Lever("mechanics.content.posts", "Pieces of a merchant", "每个商家的作品", 0, 2, 0.1),
        Lever("mechanics.content.ai_share", "Making time given to AI", "交给 AI 的制作时间", 0, 100, 5),
    ),
    "merchant_promotions": (
        Lever("policies.pricing.promotion_calendar.discount", "Discount of a promotion", "促销折扣", 0, 60, 5),
        Lever("policies.pricing.promotion_calendar.period_days", "Days between promotions", "促销间隔", 7, 90, 1),
    ),
}
"""The levers of the desk, by what they belong to; those that no chosen strategy uses are not shown."""

CLASSROOM: tuple[Lever, ...] = (
    Lever("mechanics.group_buying.size", "Members a group needs", "成团人数", 2, 8, 1),
    Lever("mechanics.group_buying.discount", "Discount of the group price", "拼团折扣", 0, 70, 5, start=0.3),
    Lever("mechanics.group_buying.deadline_days", "Deadline of a group", "拼团期限", 1, 7, 1, start=2),
    Lever("social.kind", "Shape of the social network", "社交网络的形状", options=_NETWORKS),
    Lever("social.degree", "Friends of a person, mean", "每人的平均朋友数", 2, 40, 2),
    Lever("consumers.prospect_fraction", "Not members yet at the start", "开始时尚未加入的人", 5, 95, 5, start=0.8),
)
"""The levers of the classroom."""


@cache
def _described() -> dict[str, Described]:
    return {row.key: row for row in (*describe(Scenario), *describe(StudySettings))}


@cache
def _defaults() -> Mapping[str, Any]:
    return flat(StudySettings().model_dump(mode="json")) | flat(Scenario().model_dump(mode="json"))

"""What strategies, measures, verdicts and networks are called in English and 中文: one vocabulary for report, desk and
theatre.

What has no 中文 name here, such as a strategy of the user's own, goes by its English one.
"""

from __future__ import annotations

from typing import Literal

from experiments.study import wording
from experiments.views.results import arm_label
from simulator.records.measures import Family, Measure

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


def arm_name(arm: str, language: Language) -> str:
    """A strategy's name as it is shown."""
    return ARMS[arm][0] if language == "zh" and arm in ARMS else arm_label(arm)


def arm_words(arm: str, english: str, language: Language) -> str:
    """What a strategy does; `english` are the words of its file."""
    return ARMS[arm][1] if language == "zh" and arm in ARMS else english


def measure_name(measure: Measure, language: Language) -> str:
    """A measure's name as it is shown."""
    return MEASURES.get(measure.name, measure.label) if language == "zh" else measure.label


def verdict_words(verdict: str, language: Language) -> str:
    """A verdict as it is shown."""
    return VERDICTS.get(verdict, verdict) if language == "zh" else verdict


ARMS: dict[str, tuple[str, str]] = {
    "baseline": ("基线", "原价，无活动"),
    "group_buying": ("拼团", "顾客以更低的价格一起购买，并邀请朋友"),
    "referral": ("推荐有礼", "买家推荐朋友；朋友首次购买后双方得券"),
    "bargaining": ("砍价", "顾客请朋友把价格砍到底价，否则什么也得不到"),
    "coupons_blanket": ("普发优惠券", "平台定期给所有会员发一张券"),
    "merchant_promotions": ("商家促销", "商家按日历定期降价"),
    "seeding": ("种草", "平台奖励朋友多的顾客推荐商品"),
    "content": ("内容", "商家做短视频，买家发帖；观众前来购买并转发"),
    "word_of_mouth": ("口碑", "满意或失望的买家告诉朋友，没有报酬"),
    "group_buying_and_coupons": ("拼团加优惠券", "拼团和普发优惠券同时进行"),
    "all_social": ("全部社交玩法", "拼团、砍价、推荐、种草、内容和口碑同时进行"),
    "coupons_targeted": ("定向优惠券", "平台把券发给最可能因此购买的人"),
    "deals": ("多种优惠", "拼团、砍价和优惠券同时进行，人人诚实"),
    "deals_abused": ("多种优惠（有薅羊毛）", "拼团、砍价和优惠券同时进行，有倒卖者、团伙和检测"),
    "dynamic_pricing": ("动态定价", "商家随需求调整价格"),
    "popular_pages": ("畅销页面", "所有人先看到畅销品"),
    "personalised": ("千人千面", "按浏览、点击和加购为每位顾客生成页面"),
    "privacy_first": ("隐私优先", "征得同意、加噪并加密后才使用个人数据"),
    "personalised_pages": ("个性化页面", "按平台记录的数据为每位顾客生成页面"),
    "all_insight": ("全部洞察", "按可记录的一切个人数据（反对者除外）生成页面、价格和优惠券"),
    "data_unasked": ("数据：不征询", "千人千面，不征询地使用所有人的数据，接受审计和罚款"),
    "data_opt_in": ("数据：征得同意", "千人千面，只用同意者的数据"),
    "data_private": ("数据：加噪", "千人千面，点击以随机化方式上报"),
    "data_encrypted": ("数据：加密", "千人千面，数据加密保存"),
    "data_blockchain": ("数据：区块链", "千人千面，数据记录在区块链上"),
    "personalised_without_data": ("无数据的个性化", "平台不记录个人数据，只能展示畅销品"),
}
"""中文 names and descriptions of strategies; others go by the name of their file and what it says."""

MEASURES: dict[str, str] = {
    "p_two_orders": "购买两次以上的顾客占比",
    "orders_per_consumer": "人均订单数",
    "buyers_share": "买家占比",
    "repeat_rate_30": "30 天复购率",
    "repeat_rate_60": "60 天复购率",
    "repeat_rate_90": "90 天复购率",
    "retention_month_1": "第 1 个月留存",
    "retention_month_2": "第 2 个月留存",
    "retention_month_3": "第 3 个月留存",
    "mean_gap_days": "两次购买的平均间隔",
    "orders_per_buyer": "买家人均订单数",
    "prospects_reached": "触达的潜在用户占比",
    "n_adopters": "新买家数",
    "joined_share": "加入的潜在用户占比",
    "invited_share": "受邀而来的新买家占比",
    "invitations_per_inviter": "每位邀请者的邀请数",
    "invitations_read_share": "邀请的阅读率",
    "orders_per_invitation": "每次邀请带来的订单",
    "k_factor": "K 值，90 天",
    "k_unsaturated": "K 值（假设潜在用户不会耗尽）",
    "k_group_buying": "拼团的 K 值",
    "k_referral": "推荐有礼的 K 值",
    "k_bargaining": "砍价的 K 值",
    "k_content": "内容的 K 值",
    "k_seeding": "种草的 K 值",
    "k_word_of_mouth": "口碑的 K 值",
    "k_shared": "转赠优惠券的 K 值",
    "k_privacy": "隐私事件的 K 值",
    "generation_time_days": "裂变一代的时间",
    "largest_cascade": "最大裂变链",
    "deepest_cascade": "最深裂变链",
    "single_cascades_share": "只有一人的裂变链占比",
    "structural_virality": "结构性病毒度",
    "referred_value_ratio": "被推荐者的相对价值",
    "referred_retention_ratio": "被推荐者的相对留存",
    "gmv": "GMV",
    "contribution_platform": "平台的贡献额",
    "contribution_merchants": "商家的贡献额",
    "contribution_total": "平台与商家的贡献合计",
    "marketing_cost": "营销成本",
    "subsidy": "补贴",
    "subsidy_per_adopter": "每位新买家的补贴",
    "subsidy_share": "补贴占 GMV",
    "orders": "订单数",
    "average_order_value": "客单价",
    "paid_per_buyer": "买家人均实付",
    "surplus": "消费者剩余",
    "groups_opened": "开团数",
    "groups_filled_share": "成团率",
    "joiners_invited_share": "受好友邀请参团的占比",
    "bargains_opened": "发起的砍价数",
    "bargains_done_share": "砍价成功率",
    "helpers_per_bargain": "每次砍价的助力人数",
    "joined_by_helping": "因助力而加入的潜在用户",
    "word_of_mouth_heard": "听到的口碑",
    "bad_word_of_mouth_share": "差评占口碑",
    "refunded_share": "退款订单占比",
    "unresolved_orders": "未了结的订单",
    "coupons_issued": "发出的优惠券",
    "coupons_noticed_share": "优惠券被注意到的占比",
    "coupons_redeemed_share": "优惠券核销率",
    "coupons_outstanding": "未用的优惠券",
    "coupons_passed_on": "转赠的优惠券",
    "contents_made": "内容作品数",
    "views_per_consumer": "人均内容观看",
    "orders_per_view": "每次内容观看带来的订单",
    "orders_per_shown": "每次商品展示带来的订单",
    "orders_per_examined": "每次商品浏览带来的订单",
    "clicks_per_examined": "点击率",
    "exposure_gini": "曝光的不均（基尼系数）",
    "products_shown_share": "曾被展示的商品占比",
    "sales_gini": "销量的不均（基尼系数）",
    "products_sold_effective": "总体多样性",
    "buyer_diversity": "个体多样性",
    "mean_rating": "平均评分",
    "known_share": "有画像的顾客占比",
    "insight_taste_correlation": "对口味的洞察",
    "insight_taste_coverage": "口味区间的诚实度",
    "insight_price_correlation": "对价格敏感度的洞察",
    "insight_alive_auc": "对流失的洞察",
    "trust_shift": "信任的增减",
    "resold_share": "用于倒卖的订单占比",
    "abuse_from_platform": "因倒卖被占的补贴",
    "abuse_from_merchants": "因倒卖被占的折扣",
    "abuse_subsidy_share": "被薅走的补贴占比",
    "needs_met_second_hand": "由二手满足的需求",
    "fake_adopters_share": "新买家中薅羊毛者的占比",
    "honest_orders": "诚实顾客的订单",
    "accounts_reviewed": "被审查的账户",
    "abusers_barred_share": "被封禁的薅羊毛者占比",
    "honest_barred_share": "被误封的诚实顾客占比",
    "false_alarms_share": "误封占封禁",
    "leaks": "泄露次数",
    "records_exposed": "泄露的记录",
    "exposed_share": "数据被泄露的顾客占比",
    "exposed_spending": "数据被泄露者的消费",
    "trust_lost_to_leaks": "因泄露损失的信任",
    "consent_withdrawn": "撤回的同意",
    "consent_share": "同意使用数据的会员占比",
    "privacy_cost": "数据保护成本",
    "privacy_fines": "数据罚款",
    "orders_anyway_share": "本来就会下的订单占比",
    "orders_lost_share": "失去的订单占比",
    "cannibalised_share": "本来就会下的优惠订单占比",
    "expansion_share": "真正新增的买家（扩张）",
    "acceleration_days": "提前购买的天数（加速）",
    "subsidy_per_extra_order": "每个额外订单的补贴",
    "subsidy_per_extra_adopter": "每位额外新买家的补贴",
    "given_away": "让利",
    "return_rate": "退货率",
    "gmv_kept": "退货后的 GMV",
    "lost_by_returns": "退货损失",
    "sales_app_share": "应用内销售占比",
    "sales_social_share": "社交销售占比",
    "sales_content_share": "内容销售占比",
    "sales_store_share": "门店销售占比",
    "store_conversion": "门店转化率",
    "store_rent": "门店租金",
    "multi_channel_share": "多渠道买家占比",
    "repurchase_one_channel": "单渠道买家的复购",
    "repurchase_multi_channel": "多渠道买家的复购",
    "leaks_growth": "泄露的增长",
    "posts_filled_share": "岗位满足率",
    "able_share_small": "能用数据决策的小商家占比",
    "able_share_large": "能用数据决策的大商家占比",
    "specialists_trained": "培养的人才",
    "talent_cost": "工资与培训",
    "technology_cost": "技术成本",
    "capability_cost": "能力建设成本",
    "contribution_per_capability": "每元能力投入的贡献额",
    "contribution_small": "小商家的贡献额",
    "contribution_large": "大商家的贡献额",
    "stock_out_share": "因售罄而未成的购买占比",
    "sales_lost": "因缺货损失的销售",
    "sales_lost_value": "损失销售的价值",
    "shelves_empty_share": "晚间空货架占比",
    "stock_held": "库存",
    "stock_cost": "库存成本",
    "redesigns": "改款次数",
    "redesign_cost": "改款成本",
    "capacity_used_share": "产能利用率",
    "complaints": "投诉",
    "complaints_share": "投诉占销售",
    "cases_resolved_share": "解决的投诉占比",
    "cases_abandoned_share": "放弃的投诉占比",
    "case_days": "等待客服的时间",
    "service_cost": "客服成本",
    "cost_per_case": "每件投诉的成本",
    "sameness": "营销动作的同质化",
    "commonest_move_share": "采用最常见动作的商家占比",
    "payoff_on_commonest_move": "最常见动作的收益",
    "payoff_on_other_moves": "其他动作的收益",
    "advertising_cost": "广告成本",
    "goodwill": "品牌商誉",
    "moves_copied": "模仿的动作",
    "moves_invented": "创新的动作",
    "contribution_per_extra_capability": "每元能力投入带来的贡献额（相对基线）",
    "new_buyers_repeat": "再次购买的新买家占比",
    "new_buyers_repeat_net": "再次购买的新买家占比（扣除提前购买）",
    "new_buyers_repeat_alike": "再次购买的新买家占比（按基线构成，扣除提前购买）",
}
"""中文 names of measures."""

FAMILIES: dict[Family, str] = {
    Family.REPURCHASE: "复购",
    Family.SPREAD: "传播",
    Family.MONEY: "收支",
    Family.MECHANICS: "玩法",
    Family.EXPOSURE: "曝光",
    Family.INSIGHT: "洞察",
    Family.SUPPLY: "供给",
    Family.HEALTH: "健康度",
    Family.CAPABILITY: "能力",
    Family.INCREMENTAL: "相对基线",
}
"""中文 names of what measures are about."""

VERDICTS: dict[str, str] = {
    wording.HIGHER: "更高",
    wording.LOWER: "更低",
    wording.IDENTICAL: "完全相同",
    wording.NO_MATERIAL_EFFECT: "无实质影响",
    wording.OVER_ZERO: "不能与零区分",
    wording.OVER_ZERO_AFTER_HOLM: "校正后不能与零区分",
    wording.NOT_DEFINED: "无定义",
}
"""What a comparison may say in 中文."""

NETWORKS: dict[str, str] = {
    "small_world": "小世界",
    "scale_free": "无标度",
    "communities": "社群",
    "complete": "完全图",
    "ring": "环",
    "random": "随机",
    "power_law": "幂律",
    "edge_list": "实际网络（文件）",
}
"""中文 names of the kinds of social networks."""

CAPTIONS: dict[str, str] = {
    "lifts": "每种策略相对基线的提升，两者处于同一个世界，运气相同。点为提升，横线为区间；"
    "空心点或浅色格表示按检验次数校正后不能与零区分，或无实质影响。",
    "adoption": "上：已首次购买的潜在用户占比；色带表示各世界的差异，因此色带重叠并不说明策略之间没有差异。"
    "下：同一世界内的差及其区间；色带不触及零时，该策略确实更好或更差。",
    "money": "各方收支：一次运行中贡献额的变化（策略减基线）及其区间。零的右侧为增加，左侧为减少。",
    "sales": "上：每天成交的订单，各世界均值。下：同一世界内的差。活动结束后低于零，说明销量只是提前，而非新增。",
    "retention": "在观察足够久的买家中，到该天数为止最近 30 天内有购买者的占比；下图为同一世界内的差。"
    "带来更多偶尔购买者的策略可能降低这一比率，同时增加复购人数。",
    "cascade_sizes": "所有裂变链中达到一定人数的占比（双对数坐标，各世界合并）。"
    "曲线越靠右，裂变链越大；右端只依据少数裂变链。",
    "reproduction": "左：每一代的一位成员带来的新买家；低于 1 时裂变会停止。右：剩余可带来的潜在用户占比，"
    "因为人越少，能带来的也越少。",
    "forests": "最大的几条裂变链：每个点是一位顾客，连线表示谁带来了谁。",
    "insight": "画像与真实值的对照（策略看不到真实值），每十天一次。不记录数据的策略不在图中。",
    "tipping": "上：实测的 K 值（90 天内一位新买家带来的新买家，按潜在用户不会耗尽计）；"
    "中：仅由设置推算的分支过程的 K 值；"
    "下：触达的潜在用户。实线处实测 K = 1，越过它裂变便能自行扩大。",
    "whom_to_seed": "每种选人方式一条线，横轴为每轮奖励的顾客占比；竖线为区间。"
    "扩张高处赢得新买家；只有加速高处，只是提前购买。",
    "who_pays": "每种薅羊毛者占比一条线，横轴为检测器开始标记的次数，越靠左越严格。上三行：谁因薅羊毛和检测而得失；"
    "下两行：检测器误伤和命中了谁。",
    "claim": "所涉指标在各种条件下的提升。实线为所声称的提升，越过它则提升更大。数值与区间见表。",
    "frontier": "每种策略一个标记。横轴：相对不用个人数据，平台与商家多赚多少；"
    "纵轴：信任的得失，以及期末可用数据的会员。",
}
"""How to read the figures, in 中文, by name."""

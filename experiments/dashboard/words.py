"""The texts of the dashboard by key: English, 中文."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    # The page
    "title": ("Pintuan: a market where people buy together", "拼团：一起买的市场"),
    "what_if": ("What if …?", "如果……会怎样？"),
    "classroom": ("Classroom", "课堂"),
    "other_language": ("中文", "English"),
    "wrong": ("This cannot be run: {why}", "无法运行：{why}"),
    "failed": ("Something went wrong: {why}", "出错了：{why}"),
    # What if: choosing
    "choose_arms": ("Strategies to try", "要试验的策略"),
    "against": (
        "Each is compared with the baseline (list prices, no campaign), with the same people and the same luck.",
        "每种策略都与基线（原价、无活动）比较，人群相同，运气也相同。",
    ),
    "levers": ("Settings", "设置"),
    "levers_help": (
        "The same for all strategies and the baseline. Settings of strategies that are not chosen are hidden.",
        "对所有策略和基线都相同。未选策略的设置不显示。",
    ),
    "market": ("market", "市场"),
    "coupons": ("coupons", "优惠券"),
    "reset": ("All settings back", "恢复默认设置"),
    "run": ("Run", "运行"),
    "cancel": ("Cancel", "取消"),
    "no_arm": ("choose at least one strategy", "请至少选择一种策略"),
    # What if: under way
    "waiting": ("Waiting for other comparisons on this computer …", "正在等待本机上的其他比较……"),
    "starting": ("Starting …", "正在启动……"),
    "computing": ("{done} of {total} runs done{left}", "已完成 {done}/{total} 次运行{left}"),
    "left": (", about {seconds} s left", "，约剩 {seconds} 秒"),
    "telling": ("All runs done; drawing the report …", "运行完毕，正在生成报告……"),
    "cancelled": (
        "Cancelled. What was computed is kept until this page is closed.",
        "已取消。已算结果保留到页面关闭。",
    ),
    "first": (
        "Choose strategies, change settings, and press Run. A comparison takes about a minute.",
        "选择策略，调整设置，然后按“运行”。一次比较大约需要一分钟。",
    ),
    "stale": (
        "The choices have changed since this was computed; press Run to see what they do.",
        "以下结果对应之前的选择；请按“运行”查看新的结果。",
    ),
    # What if: answers
    "answer": ("Answer", "结论"),
    "at_a_glance": ("At a glance", "一览"),
    "strategy": ("Strategy", "策略"),
    "baseline_mean": ("baseline: {value}", "基线：{value}"),
    "table_note": (
        "Lift against the baseline and its {confidence} interval, from {n} pairs of runs in the same worlds. Only "
        "these measures were named beforehand; verdicts are corrected for the number of tests (Holm).",
        "相对基线的提升及其 {confidence} 区间，来自同一世界中的 {n} 对运行。只有这些指标是事先选定的；"
        "结论已按检验次数校正（Holm）。",
    ),
    "exports": ("Take it with you", "导出"),
    "export_yaml": ("Settings (YAML)", "设置(YAML)"),
    "export_report": ("Report (HTML)", "报告(HTML)"),
    "reproduce": ("The same on the command line:", "在命令行得到同样的结果："),
    # What if: figures
    "fig_lifts": ("Lift of the measures named beforehand", "事先选定指标的提升"),
    "fig_lifts_help": (
        "Point: lift; bar: interval. Filled: different from zero after correction; open: not.",
        "点：提升；横线：区间。实心：校正后不为零；空心：不能与零区分。",
    ),
    "fig_adoption": ("Adoption: prospects who have bought, %", "采用：已购买的潜在用户，%"),
    "fig_retention": ("Retention: buyers who bought in the last 30 days, %", "留存：最近 30 天内购买的买家，%"),
    "fig_difference": ("Difference from the baseline, points", "与基线之差，百分点"),
    "fig_curves_help": (
        "Above: mean over worlds. Below: difference within the same world, with its interval.",
        "上：各世界均值。下：同一世界内的差及其区间。",
    ),
    "fig_retention_help": (
        "A strategy that brings in more occasional buyers can lower this rate while more people buy again.",
        "策略若带来更多偶尔购买的人，即使复购人数增加，该比率也可能下降。",
    ),
    "fig_money": ("Money by party: change of contribution in a run", "各方收支：一次运行中贡献额的变化"),
    "fig_money_axis": ("{unit}, strategy minus baseline", "{unit}，策略减基线"),
    "fig_money_help": (
        "Right of zero gains, left of it loses; the line is the interval. Platform and merchants may disagree.",
        "零的右侧为增加，左侧为减少；横线为区间。平台与商家的利益可能不一致。",
    ),
    "yuan": ("yuan", "元"),
    "thousand_yuan": ("thousand yuan", "千元"),
    "million_yuan": ("million yuan", "百万元"),
    "day_axis": ("day of the run", "运行天数"),
    "age_axis": ("days since the first purchase", "首次购买后的天数"),
    "lift_axis": ("lift against the baseline, %", "相对基线的提升，%"),
    "campaign": ("campaign", "活动期"),
    "contribution_platform": ("platform", "平台"),
    "contribution_merchants": ("merchants", "商家"),
    "contribution_total": ("both together", "合计"),
    # Classroom: choosing
    "class_intro": (
        "The same small town twice, with the same people and the same luck: with a strategy, and without it.",
        "同一个小镇出现两次，人相同，运气也相同：一边有策略，一边没有。",
    ),
    "class_strategy": ("Strategy on the left", "左侧的策略"),
    "class_people": ("People", "人数"),
    "class_seed": ("Luck (number of the world)", "运气（世界编号）"),
    "class_keys": (
        "Keys on a picture: space plays and pauses, → one day, Home starts again.",
        "焦点在图上时：空格键播放/暂停，→ 前进一天，Home 重新开始。",
    ),
    "class_note": (
        "K counts the buyers whom a buyer brings within {days} days of the first purchase. Above 1 it spreads by "
        "itself. One town is one draw of luck: change the number of the world before you conclude anything.",
        "K 是每位买家在首次购买后 {days} 天内带来的买家数，大于 1 即自行扩散。"
        "一个小镇只是一次运气：下结论之前，请换几个世界编号。",
    ),
    # Classroom: the stage
    "play": ("Play", "播放"),
    "pause": ("Pause", "暂停"),
    "step": ("One day", "一天"),
    "restart": ("From the start", "从头开始"),
    "speed": ("Speed", "速度"),
    "days_a_second": ("days/s", "天/秒"),
    "time": ("Day to show", "要显示的日期"),
    "day_of": ("Day {day} / {days}", "第 {day} / {days} 天"),
    "before": ("before the campaign", "活动之前"),
    "during": ("campaign", "活动期"),
    "after": ("after the campaign", "活动之后"),
    "with_title": ("With: {arm}", "有：{arm}"),
    "without_title": ("Without: list prices, no campaign", "没有：原价，无活动"),
    "with_short": ("with", "有"),
    "without_short": ("without", "没有"),
    "picture": (
        "The social network: lines join friends. Strong blue lines: who brought whom.",
        "社交网络：细线连接朋友；蓝色粗线表示谁带来了谁。",
    ),
    "reached": ("Prospects reached (first purchase), % of all", "触达的潜在用户（首次购买），占全部 %"),
    "reach": ("Reach", "触达率"),
    "reach_help": ("share of prospects who have bought", "已购买的潜在用户占比"),
    "k": ("K ({days} days)", "K（{days} 天）"),
    "k_help": (
        "buyers brought within {days} days per buyer; —: nobody has been followed so long",
        "每位买家 {days} 天内带来的买家数；—：尚无足够长的观察",
    ),
    "orders": ("Orders", "订单"),
    "orders_help": ("orders paid so far", "到目前为止付款的订单"),
    "opened": ("Groups opened", "开团"),
    "opened_help": ("groups opened so far", "到目前为止开的团"),
    "filled": ("Groups filled", "成团"),
    "filled_help": ("groups that found enough members", "人数凑齐的团"),
    "lapsed": ("Groups lapsed", "未成团"),
    "lapsed_help": ("groups that did not; everybody gets back what they paid", "人数不足的团；全额退款"),
    "discounts": ("Discounts", "折扣"),
    "discounts_help": ("list price less what was paid, borne by merchants", "原价与实付之差，由商家承担"),
    "subsidy": ("Subsidy", "补贴"),
    "subsidy_help": ("paid by the platform: coupons, bargains, seeds", "由平台支付：优惠券、砍价、种草"),
    "is_prospect": ("has not joined", "尚未加入"),
    "is_member": ("member from the start", "原有会员"),
    "has_joined": ("has joined", "新加入"),
    "is_invited": ("invitation (dashed: not read)", "邀请（虚线：未读）"),
    "is_open": ("open group, as full as the arc", "进行中的团，弧长表示进度"),
    "is_filled": ("group filled", "成团"),
    "is_lapsed": ("group lapsed", "未成团"),
}

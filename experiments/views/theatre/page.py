"""The cascade theatre: one self-contained page that replays a run; it opens from disk and asks no network."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from experiments.views.report import new_environment
from experiments.views.theatre.data import page_data
from experiments.views.theatre.run import Run
from experiments.views.vocabulary import NETWORKS
from simulator import final_measures
from simulator.records.reading import FEN_PER_YUAN

_HERE = Path(__file__).parent
_SCRIPTS = ("run.js", "stage.js", "controls.js")
_EVERY_DAYS = 10
_COLUMNS = {
    "joins": ("joined", "新加入"),
    "adopters": ("new buyers", "新买家"),
    "invitations": ("invitations", "邀请"),
    "groups_filled": ("groups filled", "成团"),
    "groups_lapsed": ("groups lapsed", "未成团"),
    "bargains_settled": ("bargains won", "砍价成功"),
    "bargains_lapsed": ("bargains failed", "砍价失败"),
}


def page(run: Run, at_most: int) -> str:
    """The page as HTML; the same run gives the same text.

    Args:
        run: The run.
        at_most: People shown; of more, those of the largest cascades and a sample.
    """
    data = page_data(run, at_most)
    script = "\n" + "\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    kind = run.scenario.social.kind
    k = final_measures(run.log)["k_factor"]
    has_groups, has_bargains = (sum(data["counts"][name]) > 0 for name in ("groups_opened", "bargains_opened"))
    template = new_environment().get_template("theatre/page.html.j2")
    return template.render(
        run=run,
        data=data,
        n_people=f"{run.network.n:,}",
        n_prospects=f"{data['nProspects']:,}",
        opened=_opened(has_groups, has_bargains),
        network=kind.replace("_", " "),
        network_zh=NETWORKS.get(kind, kind),
        sampled=_sampled(run, data),
        has_groups=has_groups,
        has_bargains=has_bargains,
        k_factor="" if np.isnan(k) else f"{k:.2f}",
        columns=[*_COLUMNS.values(), ("subsidy, yuan", "补贴（元）"), ("K so far", "K 值（至今）")],
        rows=_rows(data),
        json=json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"),
        style=(_HERE / "style.css").read_text(encoding="utf-8"),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _opened(has_groups: bool, has_bargains: bool) -> tuple[str, str]:
    """What a ring that closes stands for."""
    if has_groups and has_bargains:
        return "open group or bargain; closes as it fills", "进行中的拼团或砍价，随进度闭合"
    if has_groups:
        return "open group; closes as it fills", "进行中的拼团，随人数闭合"
    return "open bargain; closes as it is cut", "进行中的砍价，随进度闭合"


def _sampled(run: Run, data: dict[str, Any]) -> tuple[str, str] | None:
    """What to say, in English and Chinese, where not everybody is shown."""
    rows = data["people"]["row"]
    if rows is None:
        return None
    trees, people = run.cascades.trees, run.cascades.consumer
    brought = people[trees.n_below[trees.root] > 1]
    n_shown, n, n_brought = len(rows), run.network.n, int(np.count_nonzero(np.isin(rows, brought)))
    return (
        f"Shown are {n_shown:,} of {n:,} people: {n_brought:,} from the largest cascades, and a sample of the others, "
        "their friends first. The numbers count everybody.",
        f"图中显示 {n:,} 人中的 {n_shown:,} 人：最大裂变链中的 {n_brought:,} 人，其余为抽样（好友优先）。"
        "各项数字统计所有人。",
    )


def _rows(data: dict[str, Any]) -> list[list[str]]:
    """The table in numbers: totals at the end of every tenth day, and of the last."""
    days = [*range(_EVERY_DAYS - 1, data["days"] - 1, _EVERY_DAYS), data["days"] - 1]
    totals = [np.cumsum(data["counts"][name])[data["waves"] * (np.array(days) + 1) - 1] for name in _COLUMNS]
    subsidy = np.cumsum(data["counts"]["subsidy_fen"])[days] / FEN_PER_YUAN
    ks = ["—" if data["k"][day] is None else f"{data['k'][day]:.2f}" for day in days]
    return [
        [str(day), *(f"{total[row]:,}" for total in totals), f"{subsidy[row]:,.0f}", ks[row]]
        for row, day in enumerate(days)
    ]

"""Makes the reference results anew: every table and figure that is quoted, each by the command that made it.

    python -m experiments.reference                      # all of them (hours on two cores); `make reference`
    python -m experiments.reference tipping seeding      # some of them
    python -m experiments.reference --list
    python -m experiments.reference --baseline "why the numbers change"

Studies run in `results/making`, where an interrupted one goes on; what is worth keeping goes to `results/reference`. A
public data set that a study needs is looked for in the folder PINTUAN_DATA; without it the study is left out, and that
is said. Timings differ from machine to machine and are made only when named.

The baseline is small: a few markets of 300 people, whose counts and measures a test compares with the model as it is.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.parser import Parser
from experiments.study.store import write_whole
from simulator import Market, Scenario, final_measures
from simulator.records.events.tables import TABLES
from simulator.settings import nearest

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "results" / "reference"
MAKING = ROOT / "results" / "making"
BASELINE = REFERENCE / "baseline.json"

STUDY = ("figures/*.png", "summary.csv", "manifest.json")
"""What is kept of a comparison; not its runs, its report, and its tables by run."""
CONTRASTS = (*STUDY, "contrasts.csv")
"""What is kept of an experiment with a design."""
CALIBRATION = ("figures/*.png", "settings.csv", "predictions.csv", "correlations.csv", "manifest.json")
PRINTED = "printed.md"
"""Where the output of a command that writes no files is kept."""


@dataclass(frozen=True)
class Study:
    """One reference result.

    Attributes:
        name: Its folder below `results/reference`.
        command: What follows `python -m experiments.`; it may name `data` by its file name.
        keeps: The files that are kept, as patterns; `PRINTED` for what the command prints.
        measures: The measures whose rows are kept of `summary.csv`; none named: all.
        data: The public data it needs, below PINTUAN_DATA.
        is_timing: Whether it measures this machine.
        codes: Exit codes at which there is a result; a missed target is one too.
    """

    name: str
    command: str
    keeps: tuple[str, ...] = STUDY
    measures: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    is_timing: bool = False
    codes: tuple[int, ...] = (0,)

    def arguments(self) -> list[str]:
        """The command, its folder included where it writes one."""
        module, *rest = self.command.split()
        dashed = any(argument.startswith("--") for argument in rest) or module == "benchmark"
        out = [] if self.keeps == (PRINTED,) else ["--out", self.name] if dashed else [f"out={self.name}"]
        return ["-m", f"experiments.{module}", *rest, *out]


_PRIMARIES = ("p_two_orders", "prospects_reached", "contribution_total")
_PARTIES = ("contribution_merchants", "contribution_platform")
_TALENT = (
    *("contribution_total", *_PARTIES, "contribution_small", "contribution_large", "posts_filled_share"),
    *("able_share_small", "able_share_large", "specialists_trained", "capability_cost"),
    *("contribution_per_capability", "contribution_per_extra_capability"),
)

STUDIES = (
    Study("strategies", "compare experiment=strategies"),
    Study(
        "facebook",
        "compare experiment=strategies social=edge_list social.path=facebook_combined.txt needs=cdnow",
        data=("facebook_combined.txt",),
    ),
    Study(
        "seeding",
        "compare experiment=seeding consumers.n=5000 seeds=8 mechanics.seeding.seed_fraction=.003,.01 "
        "social=small_world,scale_free",
        measures=(
            *_PRIMARIES,
            *("acceleration_days", "expansion_share", "n_adopters", "subsidy", "subsidy_per_extra_adopter"),
        ),
    ),
    Study(
        "abuse",
        "compare experiment=abuse consumers.n=3000 seeds=8 mechanics.abuse.abusers=.01,.03 "
        "mechanics.abuse.flag_from=3,6,1000",
        measures=(
            *(*_PRIMARIES, *_PARTIES, "abuse_from_platform", "abusers_barred_share", "accounts_reviewed"),
            *("false_alarms_share", "honest_barred_share", "honest_orders", "resold_share"),
        ),
    ),
    Study(
        "tipping",
        "compare experiment=tipping consumers.n=1500 seeds=8 mechanics.group_buying.size=2,3,5 "
        "mechanics.group_buying.discount=.2,.4,.6 social.degree=4,10,20",
        measures=(*_PRIMARIES, "k_factor", "k_unsaturated", "largest_cascade"),
    ),
    Study("case_alibaba", "compare experiment=case_alibaba consumers.n=5000 seeds=20"),
    Study(
        "privacy",
        "compare experiment=privacy consumers.n=5000 seeds=20 privacy.leaks.hazard=0,.1,1",
        measures=(
            *("p_two_orders", "contribution_total", *_PARTIES, "consent_share", "consent_withdrawn", "exposed_share"),
            *("exposed_spending", "leaks", "orders", "privacy_cost", "privacy_fines", "records_exposed"),
            *("trust_lost_to_leaks", "trust_shift"),
        ),
    ),
    Study(
        "claim_recommendation",
        "compare experiment=claim_recommendation consumers.n=5000 seeds=20",
        measures=(
            *("orders_per_shown", "orders_per_examined", "clicks_per_examined", "p_two_orders", "buyer_diversity"),
            *("exposure_gini", "products_sold_effective", "known_share"),
            *("insight_taste_correlation", "insight_taste_coverage"),
        ),
    ),
    Study("realtime", "compare experiment=realtime consumers.n=5000 seeds=20"),
    Study(
        "strategies_matched",
        "compare experiment=strategies match.to=group_buying match.measure=given_away match.seeds=2 "
        "match.tolerance=.05 match.steps=8 consumers.n=2000 seeds=8 "
        "experiment.arms=[baseline,merchant_promotions,coupons_blanket,referral,group_buying,bargaining]",
        keeps=(*STUDY, "matching.csv"),
    ),
    Study("full_chain", "compare experiment=full_chain consumers.n=2000 seeds=16", keeps=CONTRASTS),
    Study("three_dimensions", "compare experiment=three_dimensions consumers.n=2000 seeds=16", keeps=CONTRASTS),
    Study(
        "sameness",
        "compare experiment=sameness consumers.n=2000 seeds=8 mechanics.brand.clutter=0,1.5",
        measures=(
            *("contribution_total", *_PARTIES, "orders", "advertising_cost", "goodwill", "sameness"),
            *("commonest_move_share", "payoff_on_commonest_move", "payoff_on_other_moves"),
        ),
    ),
    Study(
        "talent",
        "compare experiment=talent consumers.n=3000 seeds=12 capability.talent.openings_per_candidate=1,2,3.7,5",
        measures=_TALENT,
    ),
    Study(
        "claim_talent",
        "compare experiment=claim_talent consumers.n=3000 seeds=12 capability.talent.openings_per_candidate=2,3.7,5 "
        "capability.training.reach=0,.5,1",
        measures=_TALENT,
    ),
    Study(
        "claim_repurchase",
        "compare experiment=claim_repurchase consumers.n=1500 seeds=6 needs.rate=.003,.0125,.05 needs.home_stock=0,1",
        measures=(
            *("new_buyers_repeat", "new_buyers_repeat_net", "new_buyers_repeat_alike", "p_two_orders"),
            *("contribution_total", "orders"),
        ),
    ),
    Study(
        "claim_leaks",
        "compare experiment=claim_leaks days=760 consumers.n=500 seeds=6 needs.rate=.005,.05 "
        "privacy.security.growth=1,1.5 privacy.leaks.growth=1,1.22",
        measures=("leaks", "leaks_growth", "privacy_cost"),
    ),
    Study("ab_test", "ab_test"),
    Study("pairing", "pairing", keeps=(PRINTED,)),
    Study("validation", "validate data=.", data=("CDNOW_sample.txt", "complete_journey"), codes=(0, 1)),
    *(
        Study(f"calibration_{case}", f"calibrate calibration={case} data=.", CALIBRATION, data=data)
        for case, data in (
            ("cdnow", ("CDNOW_sample.txt",)),
            ("complete_journey", ("complete_journey",)),
            ("pinduoduo", ()),
        )
    ),
    Study("benchmark", "benchmark", keeps=("README.md", "benchmark.csv"), is_timing=True),
    Study("benchmark_all_social", "benchmark --cost all_social", keeps=("README.md", "cost.csv"), is_timing=True),
    Study("benchmark_all_insight", "benchmark --cost all_insight", keeps=("README.md", "cost.csv"), is_timing=True),
    Study(
        "benchmark_everything",
        "benchmark --cost smart_full+all_social+brand+trends_agile+deals_abused",
        keeps=("README.md", "cost.csv"),
        is_timing=True,
    ),
)
"""The reference results, in the order in which they are made. A new one is a line here."""

SMALL: dict[str, Any] = {
    "days": 40,
    "burn_in_days": 8,
    "post_days": 10,
    "waves_per_day": 4,
    "consumers.n": 300,
    "needs.rate": 0.15,
    "social.degree": 6,
}
SMALL_MARKETS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "group_buying": {"mechanics.group_buying.enabled": True},
    "bargaining_and_referral": {"mechanics.bargaining.enabled": True, "mechanics.referral.enabled": True},
    "seeding_content_and_word_of_mouth": {
        "mechanics.seeding.enabled": True,
        "mechanics.content.enabled": True,
        "mechanics.word_of_mouth.enabled": True,
    },
    "personal": {
        "mechanics.coupons.enabled": True,
        "policies.recommendation.kind": "personalised",
        "policies.pricing.kind": "promotion_calendar",
        "privacy.collection": "everything",
        "privacy.leaks.hazard": 10.0,
    },
}
"""The baseline's markets: what each changes of the small one."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make what is asked for; the exit code is 1 if a command failed."""
    parser = Parser("reference", __doc__)
    parser.add_argument("names", nargs="*", help="the results to make; none: all but timings")
    parser.add_argument("--list", action="store_true", help="only tell what there is, and how it is made")
    parser.add_argument("--baseline", metavar="WHY", help="write the baseline anew, and why its numbers change")
    options = parser.parse_args(arguments)
    if options.baseline is not None:
        if not options.baseline.strip():
            parser.error('--baseline: say why the numbers change, as in --baseline "ratings count twice"')
        write_baseline(options.baseline.strip())
        return 0
    by_name = {study.name: study for study in STUDIES}
    for name in options.names:
        if name not in by_name:
            parser.error(f"{name}: there is no such result; {nearest(name, by_name)}")
    chosen = [by_name[name] for name in options.names] or [study for study in STUDIES if not study.is_timing]
    if options.list:
        for study in STUDIES:
            print(f"{study.name}: python -m experiments.{study.command}{' (only when named)' * study.is_timing}")
        return 0
    failed = [study.name for study in chosen if not make(study)]
    if failed:
        print(f"{', '.join(failed)} failed; what was computed is kept, and the same command goes on", file=sys.stderr)
    return int(bool(failed))


def make(study: Study) -> bool:
    """Make one result and keep what is worth keeping; whether its command succeeded, or its data is not here."""
    MAKING.mkdir(parents=True, exist_ok=True)
    if not all(map(_lay_out, study.data)):
        print(f"{study.name}: left out; it needs {', '.join(study.data)}, and PINTUAN_DATA names no folder that has it")
        return True
    print(f"{study.name}: python {' '.join(study.arguments())}", flush=True)
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    is_printed = study.keeps == (PRINTED,)
    done = subprocess.run(
        [sys.executable, *study.arguments()],
        cwd=MAKING,
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE if is_printed else None,
        check=False,
    )
    if done.returncode not in study.codes:
        return False
    if is_printed:
        (MAKING / study.name).mkdir(exist_ok=True)
        (MAKING / study.name / PRINTED).write_bytes(done.stdout)
    keep(study, MAKING / study.name, REFERENCE / study.name)
    return True


def _lay_out(data: str) -> bool:
    """Link the data where the command looks for it, so that no result names a folder of this machine."""
    source, link = Path(os.environ.get("PINTUAN_DATA", "")).resolve() / data, MAKING / data
    if "PINTUAN_DATA" not in os.environ or not source.exists():
        return False
    link.unlink(missing_ok=True)
    link.symlink_to(source, target_is_directory=source.is_dir())
    return True


def keep(study: Study, made: Path, kept: Path) -> None:
    """Put the files of a finished study that are kept in place of those kept before.

    Raises:
        FileNotFoundError: If a pattern fits none; then what was kept before is still there.
    """
    found = {pattern: sorted(made.glob(pattern)) for pattern in study.keeps}
    for pattern, paths in found.items():
        if not paths:
            raise FileNotFoundError(f"{made} has no {pattern}")
    shutil.rmtree(kept, ignore_errors=True)
    for path in (path for paths in found.values() for path in paths):
        target = kept / path.relative_to(made)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.name == "summary.csv" and study.measures:
            table = pd.read_csv(path, dtype=str, keep_default_na=False)
            write_whole(target, table[table["measure"].isin(study.measures)].to_csv(index=False))
        else:
            shutil.copyfile(path, target)


def small(name: str) -> dict[str, dict[str, Any]]:
    """What one of the baseline's markets does: rows and sums of its event tables, and its final measures.

    Undefined measures are None, so that they can be written and compared.
    """
    log = Market(Scenario().replace(**SMALL, **SMALL_MARKETS[name])).run().log
    counts: dict[str, Any] = {table: len(log.columns(table)["day"]) for table in TABLES}
    counts |= {f"{field} of orders": int(log.columns("orders")[field].sum()) for field in ("product", "paid_fen")}
    measures = {measure: None if value != value else float(value) for measure, value in final_measures(log).items()}
    return {"counts": counts, "measures": measures}


def write_baseline(why: str) -> None:
    """Write the baseline from the model as it is, and add the reason to those of earlier changes."""
    before = json.loads(BASELINE.read_text(encoding="utf-8"))["why"] if BASELINE.exists() else []
    content = {"why": [*before, why], "markets": {name: small(name) for name in SMALL_MARKETS}}
    write_whole(BASELINE, json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    raise SystemExit(main())

"""The report: complete, self-contained, honest and safe."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from experiments.views import answer, answer_zh, vocabulary
from experiments.views.report import write_report
from experiments.views.results import Results, arm_label

VOID = {"meta", "img", "br", "link", "input"}


class Page(HTMLParser):
    """Collects the tags, the attributes and the text of a page, and checks that tags are closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += " " + " ".join(data.split())


@pytest.fixture(scope="module")
def html(results: Results, pngs: list[Path], tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(results, pngs, path)
    return path.read_text(encoding="utf-8")


def written(results: Results, folder: Path) -> str:
    write_report(results, [], folder / "report.html")
    return (folder / "report.html").read_text(encoding="utf-8")


def test_loads_nothing_from_outside(html: str) -> None:
    page = Page(html)
    assert not re.search(r"https?://|//[a-z]|@import|url\(", re.sub(r"base64,[A-Za-z0-9+/=]+", "", html))
    assert not {"script", "link", "iframe", "object", "embed"} & set(page.tags)
    sources = [value for name, value in page.attributes if name in ("src", "href", "srcset")]
    assert all(str(source).startswith("data:image/png;base64,") for source in sources)
    assert "default-src 'none'" in html


def test_holds_every_figure_with_a_caption(html: str, pngs: list[Path]) -> None:
    page = Page(html)
    assert page.tags.count("img") == page.tags.count("figcaption") == len(pngs)
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", html, re.DOTALL)
    assert all(len(caption) > 50 for caption in captions)


def test_holds_question_answer_measures_assumptions_and_command(html: str, results: Results) -> None:
    text = Page(html).text
    wanted = [
        results.question,
        results.command,
        answer.headline(results),
        *answer.sentences(results),
        *(measure.label for measure in results.measures),
        *(measure.definition for measure in results.measures),
        *results.arms.values(),
        *results.hashes.values(),
        *(f"{seed}, " for seed in results.seeds[:-1]),
        "mechanics.referral.enabled=true",
        "consumers.prospects",
        "180 days: 30 of burn-in",
        "1 min 23 s",
        "The unit is the run",
        "Composition reverses signs",
    ]
    assert [words for words in wanted if words not in text] == []


def test_everything_is_said_in_both_languages_and_one_is_shown(html: str, results: Results) -> None:
    text = Page(html).text
    wanted = [
        *(answer_zh.headline(results), answer_zh.largest(results), *answer_zh.sentences(results)),
        *(answer.largest(results), answer_zh.basis(results)),
        *(vocabulary.measure_name(measure, "zh") for measure in results.measures),
        *(f"{vocabulary.arm_name(arm, 'zh')}（图中：{arm_label(arm)}）" for arm in results.arms),
        *("怎样诚实地读这份报告", "怎样重现", "单位是一次运行", "第 30 至 119 天"),
    ]
    assert [words for words in wanted if words not in text] == []
    assert html.count('lang="zh"') == html.count('lang="en"') - 1, "every text has its twin; <html> is English"
    assert 'id="english" class="language" checked' in html


def test_both_languages_claim_the_same(results: Results) -> None:
    numbers = re.compile(r"[−+][\d.]+")
    assert numbers.findall(answer.largest(results)) == numbers.findall(answer_zh.largest(results)) != []
    for measure in results.primaries:
        for arm in answer.extremes(results, measure):
            assert results.row(arm, measure)["verdict"] in ("higher", "lower")


def test_a_file_network_makes_the_results_conditional(new_results: Callable[..., Results], tmp_path: Path) -> None:
    conditional = "onditional on this network"
    assert conditional in written(new_results(network_file="friends.txt"), tmp_path)
    assert conditional not in written(new_results(), tmp_path)


def test_hostile_text_is_only_text(new_results: Callable[..., Results], tmp_path: Path) -> None:
    evil = "</style></title><script>alert(1)</script><img src=x onerror='alert(2)'>\"'{{ 7*7 }}"
    page = Page(
        written(
            new_results(
                {"baseline": evil, evil: evil},
                name=evil,
                question=evil,
                command=evil,
                network_file=evil,
                versions={evil: evil},
                settings={evil: {evil: evil}},
                network={evil: 1.0},
                changes={evil: {evil: evil}},
                hashes={evil: evil},
            ),
            tmp_path,
        )
    )
    assert not {"script", "img"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert "{{ 7*7 }}" in page.text


def test_same_results_same_bytes(new_results: Callable[..., Results], pngs: list[Path], tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_report(new_results(), pngs, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


class TestAnswer:
    def test_no_arm_wins_unless_it_is_higher_on_all(self, results: Results) -> None:
        assert answer.headline(results).startswith("No arm can be said to be higher than the baseline on all of")
        assert "group buying and coupons" in answer.headline(results)

    def test_an_arm_that_is_higher_on_all_is_named(self, new_results: Callable[..., Results]) -> None:
        results = new_results({"baseline": "", "an_arm_with_a_long_name": ""})
        assert answer.headline(results).startswith("An arm with a long name is higher than the baseline on all of")

    def test_an_arm_is_claimed_higher_or_lower_only_as_its_verdict_says(self, results: Results) -> None:
        clauses = {"higher": "was higher with", "lower": "was lower with"}
        for measure, sentence in zip(results.primaries, answer.sentences(results), strict=True):
            for verdict, words in clauses.items():
                arms = [arm for arm in results.others if results.row(arm, measure)["verdict"] == verdict]
                assert (words in sentence) == bool(arms)
                clause = next((part for part in sentence.split(";") if words in part), "")
                assert all(arm.replace("_", " ") in clause for arm in arms)

    def test_intervals_are_given(self, results: Results) -> None:
        assert "group buying and coupons (+40.8%, 40.2 to 41.5)" in answer.sentences(results)[0]
        assert "identical, run by run, with referral" in answer.sentences(results)[0]
        assert "95% intervals from 6 pairs" in answer.basis(results)

    def test_one_seed_shows_nothing(self, new_results: Callable[..., Results]) -> None:
        sentences = answer.sentences(new_results(seeds=[4]))
        assert all("has no interval, so that nothing follows, with" in sentence for sentence in sentences)


class TestResults:
    def test_refuses_a_baseline_that_is_no_arm(self, new_results: Callable[..., Results]) -> None:
        with pytest.raises(ValueError, match="baseline 'nobody' is not among the arms"):
            new_results(baseline="nobody")

    def test_refuses_other_arms_in_the_summary(self, new_results: Callable[..., Results]) -> None:
        with pytest.raises(ValueError, match="the summary has the arms"):
            new_results(summary=new_results().summary.query("arm != 'referral'"))

    def test_refuses_unknown_measures(self, new_results: Callable[..., Results]) -> None:
        summary = new_results().summary.replace({"measure": {"gmv": "fame"}})
        with pytest.raises(ValueError, match="not in the registry: \\['fame'\\]"):
            new_results(summary=summary)

    def test_refuses_a_baseline_alone(self, new_results: Callable[..., Results]) -> None:
        with pytest.raises(ValueError, match="no arm to compare with the baseline"):
            new_results({"baseline": ""})

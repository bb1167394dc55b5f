"""What pages say between their marks is generated, and up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.handbook import marked_pages
from experiments.marked import PART, Parts, filled, prose

PAGES = marked_pages()
TEXT = "before\n<!-- generated: one -->\nold\n<!-- end -->\nafter"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_is_up_to_date_and_has_every_part(path: Path) -> None:
    text, parts = path.read_text(encoding="utf-8"), PAGES[path]
    assert filled(text, parts) == text, f"{path.name} is out of date: run `make docs` (python -m experiments.handbook)"
    assert [found.group(1) for found in PART.finditer(text)] == list(parts)


def test_only_what_is_between_the_marks_changes() -> None:
    parts: Parts = {"one": lambda: iter(["| new |"])}
    new = filled(TEXT, parts)
    assert new == "before\n<!-- generated: one -->\n\n| new |\n\n<!-- end -->\nafter"
    assert filled(new, parts) == new
    assert prose(new) == "before\n\nafter"


def test_a_mark_that_names_no_part_is_an_error() -> None:
    with pytest.raises(KeyError, match="one"):
        filled(TEXT, {})

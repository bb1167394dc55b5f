"""The ODD protocol cannot drift from the code."""

from __future__ import annotations

import re

from experiments import marked, odd
from experiments.reference import ROOT
from simulator.draws import declared_decisions

TEXT = odd.PAGE.read_text(encoding="utf-8")
ELEMENTS = (
    *("1. Purpose and patterns", "2. Entities, state variables and scales", "3. Process overview and scheduling"),
    *("4. Design concepts", "5. Initialisation", "6. Input data", "7. Submodels", "Rigour"),
)


def test_it_has_the_seven_elements_and_every_generated_part() -> None:
    assert tuple(re.findall(r"^## (.+)$", TEXT, re.MULTILINE)) == ELEMENTS
    assert [found.group(1) for found in marked.PART.finditer(TEXT)] == list(odd.PARTS)


def test_its_prose_names_nothing_that_is_gone() -> None:
    known = odd.known_names()
    for name in set(re.findall(r"`([^`]+)`", marked.prose(TEXT))):
        if name.startswith("python -m "):
            assert (ROOT / f"{name.split()[2].replace('.', '/')}.py").exists(), f"ODD.md names {name}"
        elif name.startswith("make "):
            assert re.search(rf"^{name.split()[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE), name
        elif "/" in name or name.endswith((".py", ".md")):
            assert any((folder / name).exists() for folder in (ROOT, ROOT / "simulator")), f"ODD.md names {name}"
        else:
            assert name in known, f"simulator/ODD.md names `{name}`, which is no setting, column, table or decision"


def test_every_decision_of_the_model_is_listed() -> None:
    """Those that are declared once everything is imported, but for those of the experiments and tests themselves."""
    own = ("study.", "theatre.", "validation.", "calibration.", "test")
    assert set(odd.decisions()) >= {name for name in declared_decisions() if not name.startswith(own)}

"""Compiled functions: the machine code kept for a file must not depend on another file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from simulator import draws
from simulator.compiled import compiled

SIMULATOR = Path(__file__).parents[2] / "simulator"
NEVER_CHANGE = {"splitmix64", "uniform"}
"""Draws that compiled functions of other files may call: published answers hold them in place."""


def compiled_functions() -> Iterator[tuple[Path, ast.Module, ast.FunctionDef]]:
    for path in sorted(SIMULATOR.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
                if "compiled" in decorators:
                    yield path, tree, node


@pytest.mark.parametrize(
    ("path", "tree", "function"), [pytest.param(*found, id=found[2].name) for found in compiled_functions()]
)
def test_a_compiled_function_depends_on_its_own_file_and_the_draws_only(
    path: Path, tree: ast.Module, function: ast.FunctionDef
) -> None:
    """Otherwise a change of the other file would leave old machine code in use."""
    used = {node.id for line in function.body for node in ast.walk(line) if isinstance(node, ast.Name)}
    strangers = {
        alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("simulator")
        for alias in node.names
        if (alias.asname or alias.name) in used and not (node.module == draws.__name__ and alias.name in NEVER_CHANGE)
    }
    assert not strangers, f"{path.name}: {function.name} uses {strangers} of other files; hand them over as arguments"


def test_division_by_zero_gives_infinity_as_in_numpy() -> None:
    @compiled
    def ratio(a: float, b: float) -> float:
        return a / b

    assert ratio(1.0, 0.0) == np.inf

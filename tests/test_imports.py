"""Imports run one way: who may know whom, read from the source."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GROUND = {"compiled", "draws", "settings", "state", "records.events"}
"""What everything may stand on, and what stands on nothing."""

TRADE_AND_CHOICE = {"choice", "trade"}
WORLD = GROUND | {"agents", "social"} | TRADE_AND_CHOICE

MAY_IMPORT: dict[str, set[str]] = {
    "compiled": set(),
    "draws": {"compiled"},
    "settings": set(),
    "files": set(),
    "showing": {"settings"},
    "state": {"settings", "state", "files"},
    "records.events": {"compiled", "records.events"},
    "records": {"records"},
    "social": GROUND | {"social"},
    "agents": GROUND | {"agents"},
    "policies": {"draws", "settings", "compiled", "policies"},
    "privacy": GROUND | {"privacy"},
    "privacy.leaks": WORLD | {"privacy"},
    "capability": GROUND | {"capability"},
    "insight": WORLD | {"insight", "policies.policy", "privacy"},
    # A page is made by a recommendation policy, so `choice` knows the protocol of policies.
    "choice": WORLD | {"policies"},
    "trade": WORLD,
    "mechanics.mechanic": WORLD,
    "mechanics.coupons": WORLD | {"mechanics.mechanic", "policies.couponing"},
    "mechanics.tipping": set(),
    "mechanics.sight": {"compiled"},
    "mechanics.group_buying": WORLD | {"mechanics.mechanic", "mechanics.sight", "mechanics.tipping"},
    "mechanics": WORLD | {"mechanics.mechanic"},
    "mechanics.__init__": {"settings", "mechanics"},
    "scenario": WORLD | {"showing", "capability", "insight", "mechanics", "policies", "privacy"},
    "register": {"mechanics", "scenario"},
}
SEE_ALL = {"market", "resumable", "day", "bitwise", "contract", "__init__"}


def without_typing(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but what stands under `if TYPE_CHECKING:`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from without_typing(node)


def imports_of(path: Path) -> list[tuple[str, str]]:
    """Pairs (module, name) of everything a file imports; the name is empty for `import module`."""
    found = []
    for node in without_typing(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            found += [(node.module or "", alias.name) for alias in node.names]
    return found


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT / "simulator").with_suffix("").parts)


def covers(allowed: set[str], module: str) -> bool:
    return any(module == name or module.startswith(name + ".") for name in allowed)


def rule_for(module: str) -> set[str]:
    """The most particular rule that covers a module."""
    fitting = [name for name in MAY_IMPORT if module == name or module.startswith(name + ".")]
    assert fitting, f"simulator.{module} has no rule about what it may import"
    return MAY_IMPORT[max(fitting, key=len)]


SIMULATOR = sorted((ROOT / "simulator").rglob("*.py"))
EXPERIMENTS = sorted((ROOT / "experiments").rglob("*.py"))


@pytest.mark.parametrize("path", SIMULATOR, ids=lambda p: module_name(p))
def test_simulator_imports_run_one_way(path: Path) -> None:
    module = module_name(path)
    ours = []
    for name, what in imports_of(path):
        assert name.split(".")[0] not in {"experiments", "matplotlib", "hydra", "omegaconf", "rich"}
        if name == "simulator" or name.startswith("simulator."):
            inside = name.removeprefix("simulator").removeprefix(".")
            # `from simulator.social import graph` imports the module simulator.social.graph.
            is_module = (ROOT / "simulator" / Path(*inside.split(".")) / f"{what}.py").exists()
            ours.append(f"{inside}.{what}" if is_module else inside)
    if module in SEE_ALL or not ours:
        return
    allowed = rule_for(module)
    strangers = [name for name in ours if name != module and not covers(allowed, name)]
    assert not strangers, f"simulator.{module} imports {strangers}; it may import {sorted(allowed)}"


def test_no_module_imports_itself_in_a_circle() -> None:
    """A circle of imports would make one of them import a half-made module."""
    graph = {
        module_name(p).removesuffix(".__init__"): {
            n.removeprefix("simulator.") for n, _ in imports_of(p) if n.startswith("simulator.")
        }
        for p in SIMULATOR
    }
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, f"a circle: {' → '.join((*path, module))}"
        if module not in done:
            for other in graph.get(module, ()):
                visit(other, (*path, module))
            done.add(module)

    for module in graph:
        visit(module, ())


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_experiments_use_only_public_names(path: Path) -> None:
    aliases = set()
    for name, what in imports_of(path):
        if name.split(".")[0] == "simulator":
            assert not any(part.startswith("_") for part in [*name.split("."), what])
            aliases.add(what or name.split(".")[0])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            is_private = node.attr.startswith("_") and not node.attr.endswith("__")
            assert not is_private, f"{path.name}:{node.lineno} uses {node.value.id}.{node.attr}"


def test_the_simulator_works_without_hydra_and_without_plotting() -> None:
    code = (
        "import sys; import simulator; simulator.Scenario(); "
        "heavy = {'hydra', 'omegaconf', 'matplotlib.pyplot', 'rich', 'sklearn', 'experiments'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr

"""The generated parts of the ODD protocol, `simulator/ODD.md`: tables that the code itself fills."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import simulator
from experiments.marked import Parts
from simulator import Market, Scenario
from simulator import day as day_module
from simulator.records.events.tables import TABLES
from simulator.settings import describe, flat

PAGE = Path(simulator.__file__).parent / "ODD.md"
DECLARED = re.compile(r'\bdecision\(\s*"([^"]+)"\s*\)')


def known_names() -> set[str]:
    """What the prose may name: settings, by key and last part, columns, event tables, decisions."""
    keys = set(flat(Scenario().model_dump()))
    columns = {column.name for column in _everything_on().columns}
    return keys | {key.rsplit(".", 1)[-1] for key in keys} | columns | set(TABLES) | set(decisions())


def _everything_on() -> Market:
    """A market that has all parts, so that all of their columns and decisions are there."""
    switches = {key: True for key in flat(Scenario().model_dump()) if key.endswith(".enabled")}
    return Market(Scenario().replace(**switches, **{"privacy.collection": "everything", "consumers.n": 200}))


def _columns() -> Iterator[str]:
    yield "| column | owner | type | unit | meaning |\n|---|---|---|---|---|"
    for column in _everything_on().columns:
        kind = np.dtype(column.dtype).name + ("" if column.width == 0 else " vector")
        yield f"| `{column.name}` | {column.owner} | {kind} | {column.unit} | {column.meaning} |"


def _events() -> Iterator[str]:
    yield "| table | fields beside day, wave, consumer and cause |\n|---|---|"
    for name, fields in TABLES.items():
        own = [field for field in fields if field not in ("cause", "day", "wave", "consumer")]
        yield f"| `{name}` | {', '.join(own)} |"


def _day() -> Iterator[str]:
    yield "```python"
    steps: tuple[Callable[..., Any], ...] = (
        day_module.simulate_day,
        day_module.open_day,
        day_module.simulate_wave,
        day_module.close_day,
    )
    yield "\n\n\n".join(inspect.getsource(step).rstrip() for step in steps)
    yield "```"


def decisions() -> list[str]:
    """The names of the model's decisions, sorted, read from its source: other packages declare some of their own."""
    sources = sorted(PAGE.parent.rglob("*.py"))
    return sorted(name for path in sources for name in DECLARED.findall(path.read_text(encoding="utf-8")))


def _decisions() -> Iterator[str]:
    by_part: dict[str, list[str]] = {}
    for name in decisions():
        part, _, what = name.partition(".")
        by_part.setdefault(part, []).append(what)
    yield "| part | what is decided |\n|---|---|"
    yield from (f"| {part} | {', '.join(names)} |" for part, names in by_part.items())


def _settings() -> Iterator[str]:
    yield "| setting | default | unit | source |\n|---|---|---|---|"
    for row in describe(Scenario):
        cells = (f"`{row.key}`", row.default, row.unit, row.source)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


PARTS: Parts = {
    "columns": _columns,
    "events": _events,
    "day": _day,
    "decisions": _decisions,
    "settings": _settings,
}

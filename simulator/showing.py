"""How settings show themselves: what was changed in one line, and everything as a table in Jupyter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from itertools import groupby

from simulator.settings import Described, Settings, describe, flat, plain

GONE = "—"
"""Stands for the value of a setting whose block was taken out, such as a cohort of merchants."""
_MARK = "● "
_STYLE = "<style>.settings table :is(td, th) { text-align: left; vertical-align: top }</style>"


def changed(settings: Settings) -> dict[str, str]:
    """The settings that are not as by default: dotted key → value, as typed on the command line."""
    now, before = (flat(block.model_dump(mode="json")) for block in (settings, type(settings)()))
    different = {key: plain(value) for key, value in now.items() if key not in before or before[key] != value}
    return different | {key: GONE for key in before if key not in now}


def as_text(settings: Settings) -> str:
    """One line: what was changed."""
    named = [f"{key}={value}" for key, value in changed(settings).items()]
    return f"{type(settings).__name__}({', '.join(named) or 'everything by default'})"


def as_html(settings: Settings) -> str:
    """Tables for Jupyter: the changed settings first, then every block, folded, with what was changed marked."""
    described = {row.key: row for row in describe(type(settings))}
    values = {key: plain(value) for key, value in flat(settings.model_dump(mode="json")).items()}
    different = changed(settings)
    rows = {key: _described(described, key) for key in values | different}
    head = f"<b>{type(settings).__name__}</b>: {len(different) or 'no'} setting{'s' * (len(different) != 1)} changed"
    parts = [f"<p>{head}</p>", _table(rows, different, different) if different else ""]
    for block, keys in groupby(values, key=lambda key: key.rpartition(".")[0].partition(".")[0]):
        inside = {key: values[key] for key in keys}
        n = len(inside.keys() & different.keys())
        title = escape(block or "time") + (f" ({n} changed)" if n else "")
        parts.append(f"<details><summary>{title}</summary>{_table(rows, inside, different)}</details>")
    return f'<div class="settings">{_STYLE}{"".join(parts)}</div>'


def _described(described: Mapping[str, Described], key: str) -> Described:
    """What a setting is; in a block under a name of the user's own, what it is under another name."""
    if key in described:
        return described[key]
    parts = key.split(".")
    twin = next(
        row for row in described.values() if row.key.split(".")[:2] == parts[:2] and row.key.endswith(parts[-1])
    )
    return twin._replace(default=GONE)


def _table(rows: Mapping[str, Described], values: Mapping[str, str], different: Iterable[str]) -> str:
    """Key, value, default, unit and meaning of these settings."""
    lines = [_line("th", "setting", "value", "default", "unit", "meaning")]
    for key, value in values.items():
        row, is_changed = rows[key], key in different
        name, shown = escape(key), escape(value)
        if is_changed:
            name, shown = f"<b>{_MARK}{name}</b>", f"<b>{shown}</b>"
        lines.append(_line("td", name, shown, escape(row.default), escape(row.unit), escape(row.meaning)))
    return f"<table>{''.join(lines)}</table>"


def _line(tag: str, *cells: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"

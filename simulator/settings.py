"""The base of every settings class: frozen, strict about names, and carrying units and sources.

A setting is declared once, with `quantity`, beside the code that uses it. Its unit, range, meaning and source travel
with it to the `--help` page, the settings table and the error messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Literal, NamedTuple, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo


class Settings(BaseModel):
    """A frozen block of settings; unknown names and values out of range are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)


def quantity(
    default: Any,
    meaning: str,
    *,
    unit: str = "",
    source: str = "assumed",
    **bounds: Any,
) -> Any:
    """A settings field with its meaning, unit and source.

    Args:
        default: The value used when nothing else is said.
        meaning: What the number means, in one line.
        unit: The unit ("fen", "1/day", "share", ...); empty for a plain choice or switch.
        source: Author and year, or "assumed", or "trial" for values tuned in the trial market of 20,000 consumers.
        **bounds: `ge`, `gt`, `le`, `lt` as in pydantic.
    """
    return Field(default, description=meaning, json_schema_extra={"unit": unit, "source": source}, **bounds)


def share(default: float, meaning: str, *, source: str = "assumed") -> Any:
    """A settings field between 0 and 1, both included."""
    return quantity(default, meaning, unit="share", source=source, ge=0.0, le=1.0)


class SettingsError(ValueError):
    """A wrong setting: the message names the key, the value and what is allowed, one line per mistake."""


S = TypeVar("S", bound=Settings)


def parse_settings(kind: type[S], tree: Mapping[str, Any]) -> S:
    """Validate a tree of plain values.

    Raises:
        SettingsError: Naming every wrong key, its value and what is allowed.
    """
    try:
        return kind.model_validate(tree)
    except ValidationError as error:
        raise explained(kind, error) from None


def explained(kind: type[Settings], error: ValidationError) -> SettingsError:
    """What is wrong with settings, a line for each of them."""
    return SettingsError("\n".join(_explain(kind, mistake) for mistake in error.errors()))


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """A nested tree as one level of dotted keys."""
    result: dict[str, Any] = {}
    for name, value in tree.items():
        result |= flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {f"{prefix}{name}": value}
    return result


def nearest(name: str, known: Iterable[str], inside: str = "") -> str:
    """A hint with the known name most like a wrong one: "did you mean 'size'?", or the list of what is known.

    Args:
        name: The wrong name.
        known: The names that exist.
        inside: The key of the block that holds them; it is put before the name found.
    """
    known = sorted(known)
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean '{'.'.join(filter(None, (inside, close[0])))}'?" if close else f"known are {', '.join(known)}"


def _explain(kind: type[Settings], error: Any) -> str:
    """One line for one pydantic error."""
    location = [str(part) for part in error["loc"]]
    key = ".".join(location)
    if error["type"] == "extra_forbidden":
        block = _block_at(kind, location[:-1])
        return f"{key}: there is no such setting; {nearest(location[-1], block.model_fields, '.'.join(location[:-1]))}"
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "value_error":
        return message if message.startswith(key) else f"{key}: {message}"
    allowed = _range_at(kind, location)
    kind_of_error = next((words for start, words in _IN_WORDS.items() if error["type"].startswith(start)), message)
    return f"{key}={error['input']!r}: {kind_of_error}{allowed}"


_IN_WORDS = {
    "int": "not a whole number",
    "float": "not a number",
    "bool": "neither true nor false",
    "tuple": "not a list",
    "literal": "no such choice",
    "greater": "out of range",
    "less": "out of range",
    "model": "a block of settings, not a single value",
}


def _block_at(kind: type[Settings], path: list[str]) -> type[Settings]:
    for name in path:
        found = kind.model_fields.get(name)
        annotation = found.annotation if found else None
        if isinstance(annotation, type) and issubclass(annotation, Settings):
            kind = annotation
        else:  # a dictionary of blocks: the next part of the path is a free name
            inner = [a for a in get_args(annotation) if isinstance(a, type) and issubclass(a, Settings)]
            kind = inner[0] if inner else kind
    return kind


def _range_at(kind: type[Settings], path: list[str]) -> str:
    field = _block_at(kind, path[:-1]).model_fields.get(path[-1]) if path else None
    text = describe_range(field) if field else ""
    return f" (allowed: {text})" if text else ""


def describe_range(field: FieldInfo) -> str:
    """What a field allows, in words: "0 to 1", "at least 2", "random, popular or oracle"."""
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    if choices:
        return ", ".join(map(str, choices[:-1])) + f" or {choices[-1]}" if len(choices) > 1 else str(choices[0])
    low, above, high, below = (
        next((getattr(m, name) for m in field.metadata if hasattr(m, name)), None) for name in ("ge", "gt", "le", "lt")
    )
    if low is not None and high is not None:
        return f"{low:_} to {high:_}"
    named = (("at least", low), ("above", above), ("at most", high), ("below", below))
    return " and ".join(f"{words} {bound:_}" for words, bound in named if bound is not None)


class Described(NamedTuple):
    """One setting, in words."""

    key: str
    default: str
    unit: str
    allowed: str
    meaning: str
    source: str


def describe(kind: type[Settings], prefix: str = "") -> Iterator[Described]:
    """Every setting below a block, in the order of declaration, with its unit, range, meaning and source."""
    for name, field in kind.model_fields.items():
        default = field.default
        if isinstance(default, Settings):
            yield from describe(type(default), f"{prefix}{name}.")
        elif isinstance(default, dict) and default:
            for key, block in default.items():
                for row in describe(type(block), f"{prefix}{name}.{key}."):
                    yield row._replace(default=plain(getattr(block, row.key.rsplit(".", 1)[1])))
        else:
            extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
            yield Described(
                f"{prefix}{name}",
                plain(default),
                str(extra.get("unit", "")),
                describe_range(field),
                field.description or "",
                str(extra.get("source", "")),
            )


def plain(value: Any) -> str:
    """A value as it is written on the command line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return str(list(value)) if isinstance(value, tuple) else str(value)

"""Pages of prose with parts between marks that are generated, so that they cannot drift from what they tell of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

PART = re.compile(r"<!-- generated: (\w+) -->\n.*?<!-- end -->", re.DOTALL)
"""A generated part, marks included."""

Parts = Mapping[str, Callable[[], Iterator[str]]]
"""Name in the marks → its lines."""


def filled(text: str, parts: Parts) -> str:
    """The page with its generated parts as they are now; its prose is left as it is.

    Raises:
        KeyError: If a mark names no part.
    """
    return PART.sub(lambda found: _marked(found.group(1), "\n".join(parts[found.group(1)]())), text)


def prose(text: str) -> str:
    """The page without its generated parts."""
    return PART.sub("", text)


def _marked(name: str, content: str) -> str:
    return f"<!-- generated: {name} -->\n\n{content}\n\n<!-- end -->"

"""Arguments of the commands that take no settings."""

from __future__ import annotations

import argparse
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """An argument parser that tells a mistake in one line, with exit code 2, as the other commands do."""

    def __init__(self, command: str, about: str | None) -> None:
        super().__init__(command, description=about, formatter_class=argparse.RawDescriptionHelpFormatter)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")

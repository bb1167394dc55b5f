"""Everything the dashboard says, in English and 中文, and who says it."""

from __future__ import annotations

from collections.abc import Callable

from experiments.dashboard.words import WORDS
from experiments.views.vocabulary import Language


class Speaker:
    """Speaks one language on one page, and says everything again when it is to speak another.

    Args:
        language: The language to begin with.
    """

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._sayings: list[Callable[[], None]] = []

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key, with values filled in.

        Raises:
            KeyError: If there is no such text.
        """
        text = self.choose(*WORDS[key])
        return text.format(**values) if values else text

    def choose(self, english: str, chinese: str) -> str:
        """The one of two texts that is in the language spoken."""
        return english if self.language == "en" else chinese

    def saying(self, say: Callable[[], None]) -> None:
        """Call `say` now, and whenever the language changes."""
        self._sayings.append(say)
        say()

    def speak(self, language: Language) -> None:
        """Go on in this language."""
        self.language = language
        for say in self._sayings:
            say()


def preferred(accepted: str) -> Language:
    """The language of a browser's Accept-Language header."""
    return "zh" if accepted.strip().lower().startswith("zh") else "en"

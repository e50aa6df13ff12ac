"""The help centre as one thing: the library, and an index for each language."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from bot.help.articles import LANGUAGES, Library
from bot.help.search import Found, Index

FOLDER = Path(__file__).resolve().parents[2] / "data" / "help"


class HelpCentre:
    """What the gateway asks: articles, and search."""

    def __init__(self, library: Library) -> None:
        self.library = library
        everything = {language: library.all(language) for language in LANGUAGES}
        self._indexes = {
            language: Index(
                articles,
                twins=[a for other in LANGUAGES if other != language for a in everything[other]],
            )
            for language, articles in everything.items()
        }

    @classmethod
    @lru_cache(maxsize=1)  # read once a process: nothing in it ever changes
    def open(cls, folder: Path = FOLDER) -> HelpCentre:
        """Loads and indexes the articles. Raises HelpError when they can't be used."""
        return cls(Library.load(folder))

    def search(self, language: str, query: str, limit: int = 10) -> list[Found]:
        """The articles of a language that answer a query, best first."""
        return self._indexes[language].search(query, limit)

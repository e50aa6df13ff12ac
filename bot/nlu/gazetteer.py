"""Names that stand in word lists (`data/lookups`): merchants, countries, currencies, payment methods.

A list line reads `name = other, ways, to write it`; `#` begins a comment. Country names in Chinese
and English come from CLDR through Babel, the list adds what people say besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel import Locale

from bot.nlu.text import fold, shouting
from bot.nlu.values.currencies import NAMES as CURRENCIES

LOOKUPS = Path(__file__).resolve().parents[2] / "data" / "lookups"


@dataclass(frozen=True)
class Name:
    """One way to write something: `folded` is matched, `value` is what it means.

    `everyday`: it is also a common word, so that only the context of a purchase makes it a name.
    `capitals`: it counts only when typed in capitals.
    """

    folded: str
    label: str
    value: str
    everyday: bool = False
    capitals: bool = False


class Gazetteer:
    """Finds listed names in a text, the longest at each place."""

    def __init__(self, names: list[Name]) -> None:
        self.names = names
        self._by_first: dict[str, list[Name]] = {}
        for name in sorted(names, key=lambda n: -len(n.folded)):
            self._by_first.setdefault(name.folded[0], []).append(name)

    @classmethod
    def from_lookups(cls, folder: Path = LOOKUPS) -> Gazetteer:
        """Reads the lists. Raises FileNotFoundError when one is missing."""
        names = [*_merchants(folder / "merchants.txt"), *_countries(folder / "countries.txt")]
        names += [Name(fold(word), "currency", code) for word, code in CURRENCIES.items()]
        for kind, ways in lookup_lines(folder / "payment_methods.txt"):
            names += [Name(fold(way), "payment_method", kind) for way in ways]
        unique = {(name.folded, name.label, name.capitals): name for name in reversed(names)}
        return cls(list(reversed(unique.values())))

    def find(self, folded: str, typed: str) -> Iterator[tuple[int, int, Name]]:
        """Spans of listed names; `typed` is the text before `fold`, for names in capitals."""
        loud = shouting(typed)
        for start, char in enumerate(folded):
            for name in self._by_first.get(char, ()):
                end = start + len(name.folded)
                if not folded.startswith(name.folded, start) or not _whole(folded, start, end):
                    continue
                if name.capitals and (loud or not typed[start:end].isupper()):
                    continue
                yield start, end, name


def _whole(folded: str, start: int, end: int) -> bool:
    """Latin names end where words end; Chinese has no such borders."""
    return not (
        (_latin(folded[start]) and start > 0 and _latin(folded[start - 1]))
        or (_latin(folded[end - 1]) and end < len(folded) and _latin(folded[end]))
    )


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def lookup_lines(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Names of a list file with the other ways to write each."""
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.strip()
        if line and not line.startswith("#"):
            name, _, ways = line.partition("=")
            yield name.strip(), [way.strip() for way in ways.split(",") if way.strip()]


def words(folder: Path = LOOKUPS) -> list[str]:
    """Words of the trade that segmentation keeps whole."""
    return [name for name, _ in lookup_lines(folder / "words.txt")]


def word_set(path: Path) -> frozenset[str]:
    """The words of a list file that has several on a line, separated by spaces."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _merchants(path: Path) -> Iterator[Name]:
    for name, ways in lookup_lines(path):
        canonical = name.lstrip("?")
        for way in (canonical, *ways):
            yield Name(fold(way), "merchant", canonical, everyday=name.startswith("?") and way == canonical)


def _countries(path: Path) -> Iterator[Name]:
    for code, ways in lookup_lines(path):
        for way in ways:
            short = re.fullmatch(r"[A-Z.]{2,5}", way) is not None
            yield Name(fold(way), "country", code, capitals=short)
    for language in ("zh", "en"):
        for code, country in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("ZZ", "EU", "UN", "EZ", "XA", "XB", "QO"):
                yield Name(fold(country), "country", code)

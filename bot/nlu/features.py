"""What the intent classifier sees of a message: four views of the normalised text.

Entities are replaced by what they are first (星巴克 → xmerchant), so that no shop or amount teaches an
intent. The views: stemmed words (1–2), characters within words (1–4), characters of the text as
written (1–5), and the ideas of `data/lookups/concepts.txt` with their pairs, which let Chinese and English
examples teach each other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Protocol

from bot.nlu.gazetteer import LOOKUPS, lookup_lines
from bot.nlu.text import normalise

_ENDINGS = ("ings", "ing", "edly", "ed", "ies", "es", "s", "ly", "'s")
_LENGTHS = (3, 6, 12, 30)


class Spanned(Protocol):
    """An entity's place in the text as typed."""

    @property
    def label(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


@dataclass(frozen=True)
class Views:
    """The four views; each is fed to a vectorizer of its own, as text with spaces between terms."""

    words: str
    word_letters: str
    letters: str
    concepts: str


class Concepts:
    """Recognises the ideas of `concepts.txt` in normalised text."""

    def __init__(self, patterns: dict[str, str]) -> None:
        self.patterns = {name: re.compile(pattern) for name, pattern in patterns.items()}

    @classmethod
    def from_lookups(cls, folder: Path = LOOKUPS) -> Concepts:
        """Reads the list. Raises FileNotFoundError when it is missing."""
        patterns = {}
        for name, ways in lookup_lines(folder / "concepts.txt"):
            longest_first = sorted(map(normalise, ways), key=lambda way: -len(way))
            patterns[name] = "|".join(map(_way, longest_first))
        return cls(patterns)

    def in_text(self, text: str) -> list[str]:
        """Names of the ideas in the text, sorted."""
        return sorted(name for name, pattern in self.patterns.items() if pattern.search(text))


def _way(way: str) -> str:
    if not way.isascii():
        return re.escape(way)
    return rf"\b{re.escape(way.rstrip('*'))}" + ("" if way.endswith("*") else r"\b")


def mask(text: str, entities: Sequence[Spanned]) -> str:
    """Normalised text with every entity replaced by its kind."""
    pieces, at = [], 0
    for entity in entities:
        pieces += [text[at : entity.start], f" x{entity.label.replace('_', '')} "]
        at = entity.end
    return normalise("".join(pieces) + text[at:])


def views(masked: str, tokens: Sequence[str], concepts: Concepts) -> Views:
    """The views of a masked text, given its words as our tokenizer splits it."""
    stems = " ".join(map(_stem, tokens))
    ideas = concepts.in_text(masked) + sorted(set(re.findall(r"\bx[a-z]+", masked)))
    pairs = [f"{one}&{other}" for one, other in combinations(ideas, 2)]
    length = f"length{sum(len(masked) >= limit for limit in _LENGTHS)}"
    return Views(stems, stems, masked, " ".join([*ideas, *pairs, length]))


def _stem(word: str) -> str:
    """Cuts the commonest English endings; entity marks and Chinese stay whole."""
    if word.isascii() and len(word) >= 4 and not word.startswith("x"):
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                return word[: -len(ending)]
    return word

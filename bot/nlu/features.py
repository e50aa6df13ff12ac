"""What the intent classifier sees of a message: several views of the normalised text.

Entities are replaced by what they are first (星巴克 → xmerchant), so that no shop or amount teaches an
intent. The views: stemmed words (1–2), characters within words (1–4), characters of the text as
written (1–5), how it sounds (pinyin, so that 付宽 and fukuan are near 付款), the ideas of
`data/lookups/concepts.txt` with their pairs, which let Chinese and English examples teach each other, and
the known words (`bot.nlu.vectors`): the groups of like words they belong to and what they mean together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Protocol

from pypinyin import lazy_pinyin

from bot.nlu.gazetteer import LOOKUPS, lookup_lines
from bot.nlu.text import normalise, stem
from bot.nlu.vectors import WordVectors

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
    """The views; each but `meaning` is fed to a vectorizer of its own, as text with spaces between terms."""

    words: str
    word_letters: str
    letters: str
    sounds: str
    concepts: str
    groups: str
    meaning: Any


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


def sounds(masked: str) -> str:
    """The text in pinyin without tones, spaces and marks: 付款失败, 付宽失败 and fukuan shibai are one."""
    return "".join(lazy_pinyin(masked, errors=lambda other: re.sub(r"[^a-z0-9]", "", other)))


def views(masked: str, tokens: Sequence[str], concepts: Concepts, vectors: WordVectors) -> Views:
    """The views of a masked text, given its words as our tokenizer splits it."""
    stems = " ".join(map(stem, tokens))
    ideas = concepts.in_text(masked) + sorted(set(re.findall(r"\bx[a-z]+", masked)))
    pairs = [f"{one}&{other}" for one, other in combinations(ideas, 2)]
    length = f"length{sum(len(masked) >= limit for limit in _LENGTHS)}"
    known = list(vectors.known(tokens))
    return Views(
        words=stems,
        word_letters=stems,
        letters=masked,
        sounds=sounds(masked),
        concepts=" ".join([*ideas, *pairs, length]),
        groups=" ".join(vectors.clusters(known)),
        meaning=vectors.mean(known),
    )

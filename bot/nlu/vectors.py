"""What words mean, as numbers: a table of static word vectors for Chinese and English.

The table (`data/vectors/words.npz`) holds common words of both languages, not our training sentences'
words, so that a word nobody wrote an example with lands near one that has examples: 赎回 near 退款, "bounced"
near "rejected". `scripts/vectors.py` makes it, rarely; here only numpy is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from bot.nlu.text import stem

TABLE = Path(__file__).resolve().parents[2] / "data" / "vectors" / "words.npz"


class MissingVectorsError(FileNotFoundError):
    """The table of word vectors is not where it should be."""


class WordVectors:
    """Looks words up; a word it does not know is taken apart or left out, never guessed."""

    def __init__(self, words: Sequence[str], vectors: Any, scales: Any, clusters: Any) -> None:
        self._rows = {word: row for row, word in enumerate(words)}
        self._vectors = vectors
        self._scales = scales
        self._clusters = clusters

    @classmethod
    def load(cls, path: Path = TABLE) -> WordVectors:
        """Reads a table. Raises MissingVectorsError without one."""
        try:
            with np.load(path, allow_pickle=False) as table:
                words = table["words"].tobytes().decode("utf-8").split("\n")
                return cls(words, table["vectors"], table["scales"].astype(np.float32), table["clusters"])
        except FileNotFoundError:
            raise MissingVectorsError(
                f"{path.name} is missing from data/vectors: restore it from the repository "
                "or make it with `python -m scripts.vectors`."
            ) from None

    @property
    def size(self) -> int:
        """Numbers that describe a word."""
        return int(self._vectors.shape[1])

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, word: str) -> bool:
        return word in self._rows

    def known(self, tokens: Sequence[str]) -> Iterator[str]:
        """The words of the table that the tokens consist of: themselves, their stems or characters."""
        for token in tokens:
            if token in self._rows:
                yield token
            elif token.isascii():
                if stem(token) in self._rows:
                    yield stem(token)
            else:
                yield from (char for char in token if char in self._rows)

    def clusters(self, words: Sequence[str]) -> list[str]:
        """A name for the group of like words that each of these known words belongs to."""
        return [f"c{self._clusters[self._rows[word]]}" for word in words]

    def mean(self, words: Sequence[str]) -> Any:
        """The direction in which these known words point together, of length 1; zero without any."""
        rows = [self._rows[word] for word in words]
        total = (self._vectors[rows] * self._scales[rows, None]).sum(axis=0, dtype=np.float32)
        return total / max(float(np.linalg.norm(total)), 1e-9)


@lru_cache(maxsize=1)
def word_vectors() -> WordVectors:
    """The table of this repository, read once a process. Raises MissingVectorsError without it."""
    return WordVectors.load()

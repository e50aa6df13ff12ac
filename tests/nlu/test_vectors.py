"""The table of word vectors: like words are near, unknown ones are taken apart or left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.nlu.vectors import TABLE, MissingVectorsError, WordVectors, word_vectors

SMALL = WordVectors(
    ["退", "款", "refund", "money"],
    np.array([[127, 0], [0, 127], [100, 100], [-127, 0]], dtype=np.int8),
    np.array([0.01, 0.01, 0.02, 0.01], dtype=np.float32),
    np.array([3, 3, 4, 5], dtype=np.uint16),
)


def test_unknown_words_are_taken_apart_or_left_out() -> None:
    assert list(SMALL.known(["refunds", "退款", "xamount", "128", "钱", "money"])) == [
        "refund",
        "退",
        "款",
        "money",
    ]


def test_the_mean_has_length_one_or_none() -> None:
    assert SMALL.mean(["退", "款"]) == pytest.approx([0.7071, 0.7071], abs=1e-4)
    assert SMALL.mean([]).tolist() == [0, 0]


def test_groups_are_named() -> None:
    assert SMALL.clusters(["退", "款", "refund"]) == ["c3", "c3", "c4"]


def test_without_the_table_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingVectorsError, match=r"scripts\.vectors"):
        WordVectors.load(tmp_path / "words.npz")


def likeness(one: str, other: str) -> float:
    vectors = word_vectors()
    return float(vectors.mean([one]) @ vectors.mean([other]))


@pytest.mark.parametrize(
    ("word", "near", "far"),
    [
        ("退款", "refund", "weather"),
        ("密码", "password", "dinner"),
        ("冻结", "frozen", "cheap"),
        ("declined", "rejected", "holiday"),
        ("银行", "bank", "music"),
    ],
)
def test_like_words_are_near_in_either_language(word: str, near: str, far: str) -> None:
    assert likeness(word, near) > likeness(word, far) + 0.1


def test_the_table_is_small_and_general() -> None:
    vectors = word_vectors()
    assert TABLE.stat().st_size < 8_000_000
    assert len(vectors) > 50_000
    assert all(word in vectors for word in ("音乐", "恐龙", "violin", "volcano"))

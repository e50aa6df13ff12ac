"""What the classifier sees: entities masked, ideas shared by both languages."""

from __future__ import annotations

import numpy as np
import pytest

from bot.nlu.features import Concepts, mask, sounds, views
from bot.nlu.finders import Found
from bot.nlu.vectors import word_vectors

CONCEPTS = Concepts.from_lookups()


def test_entities_are_masked_by_their_kind() -> None:
    text = "在星巴克付了１２８块！！！"
    found = [Found("merchant", 1, 4, "星巴克"), Found("amount", 6, 10, {"value": "128", "currency": "CNY"})]
    assert mask(text, found) == "在 xmerchant 付了 xamount !"


def test_ideas_are_the_same_in_both_languages() -> None:
    assert (
        CONCEPTS.in_text("退款什么时候到")
        == CONCEPTS.in_text("when is my refund coming")
        == ["refund", "when"]
    )


def test_latin_words_are_whole_words_unless_starred() -> None:
    concepts = Concepts({"pin": r"\bpin\b", "refund": r"\brefund"})
    assert concepts.in_text("shopping for refunds") == ["refund"]


def test_the_views_hold_stems_pairs_and_length() -> None:
    seen = views("when refunded xamount", ["when", "refunded", "xamount"], CONCEPTS, word_vectors())
    assert seen.words == "when refund xamount"
    assert seen.letters == "when refunded xamount"
    assert {"refund", "when", "refund&when", "refund&xamount", "length3"} <= set(seen.concepts.split())
    assert len(seen.groups.split()) == 2  # when, refunded; a mask is no word
    assert np.linalg.norm(seen.meaning) == pytest.approx(1)


@pytest.mark.parametrize("written", ["付宽失败", "付款失败", "fukuan失败", "fu kuan shi bai", "付款shibai"])
def test_what_sounds_alike_is_alike(written: str) -> None:
    assert sounds(written) == "fukuanshibai"

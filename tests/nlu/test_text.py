"""Folding keeps every offset; normalising makes one writing of many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.text import fold, normalise, shouting


@given(st.text())
def test_folding_never_changes_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("１２８元", "128元"),
        ("付款失敗後扣款", "付款失败后扣款"),
        ("Starbucks ￥1,000", "starbucks ¥1,000"),
        ("ﬃ İ ½", "ﬃ İ ½"),  # would become longer, so they stay
    ],
)
def test_folding(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("付款失敗了！！！", "付款失败了!"),
        ("soooo   SLOW??? ", "soo slow?"),
        ("急急急急急", "急急"),
        ("充了1000000", "充了1000000"),
        ("👍🏽👍🏽👍🏽", "👍"),
        ("ｏｋ\u200b", "ok"),
        ("", ""),
    ],
)
def test_normalising(typed: str, normal: str) -> None:
    assert normalise(typed) == normal


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert len(normalise(once)) <= len(once)


def test_shouting_needs_more_than_a_name_in_capitals() -> None:
    assert shouting("WHERE IS MY MONEY")
    assert not shouting("USD能付吗 JD")
    assert not shouting("Where is my MONEY")

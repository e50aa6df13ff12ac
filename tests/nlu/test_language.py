"""The language of a message, and nothing where the words don't tell."""

from __future__ import annotations

import pytest

from bot.nlu.finders import find_entities
from bot.nlu.gazetteer import Gazetteer
from bot.nlu.language import LanguageDetector

DETECTOR = LanguageDetector.from_lookups()
GAZETTEER = Gazetteer.from_lookups()


def language(text: str) -> str | None:
    names = [
        (f.start, f.end)
        for f in find_entities(text, GAZETTEER)
        if f.label in ("merchant", "order_number", "currency")
    ]
    return DETECTOR.detect(text, names)


@pytest.mark.parametrize(
    "text",
    [
        "付款失败",
        "付款失敗咗點算",
        "嗯",
        "不是",
        "我的payment failed了",
        "星巴克那笔",
        "app打不开",
        "iPhone付不了",
        "Starbucks扣了两次",
        "your wallet 真的很烂, why is it 又失败",
        "对",
    ],
)
def test_chinese(text: str) -> None:
    assert language(text) == "zh"


@pytest.mark.parametrize(
    "text",
    [
        "payment failed",
        "why was i charged twice",
        "refund",
        "I paid at 海底捞 yesterday but it failed",
        "my payment to 老王牛肉面馆 failed last night",
        "no thank you",
        "yes please",
        "good morning",
        "STILL NOT WORKING",
        "the second one",
        "human",
    ],
)
def test_english(text: str) -> None:
    assert language(text) == "en"


@pytest.mark.parametrize(
    "text",
    [
        "ok",
        "OK",
        "128",
        "?",
        "",
        "海底捞",
        "Starbucks",
        "Lucky Noodle House",
        "wo de qian ne",
        "women you wenti",
        "wo you kan dao he ni",
        "SBX20261122001",
        "👍",
        "$20",
        "USD",
        "yes",
        "hi",
        "...",
        "asdfgh",
    ],
)
def test_no_evidence(text: str) -> None:
    assert language(text) is None

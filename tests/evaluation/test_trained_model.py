"""THE ONLY TEST OF UNDERSTANDING THAT LOADS THE TRAINED MODEL (it is trained first if need be).

Sentences that must work whatever else changes, and the baseline of the held-out evaluation.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.nlu.evaluate import answers, drops
from bot.nlu.examples import Example, evaluation_files, read_examples
from bot.nlu.measures import Answer

MUST_WORK = {
    "我昨天在星巴克付款失败了,钱还被扣了": "charged_not_completed",
    "my payment to Starbucks failed yesterday but I was charged": "charged_not_completed",
    "付款失败": "payment_failed",
    "什么时候到账?": "refund_timing",
    "那另一笔呢?": "other_payment",
    "不是这笔,是88块那笔": "correct_detail",
    "还是不行": "still_not_working",
    "转人工": "human_handoff",
    "密码忘了": "change_password",
    "日本能用吗": "international_payment",
    "the second one": "choose_payment",
    "2": "choose_payment",
    "ok": "affirm",
    "嗯": "affirm",
    "对": "affirm",
    "yes": "affirm",
    "不是": "deny",
    "no": "deny",
    "谢谢": "thanks",
    "拜拜": "goodbye",
    "你是机器人吗": "bot_challenge",
    "what's the weather": "out_of_scope",
}


@pytest.fixture(scope="module")
def parsed(trained_model: Path) -> dict[str, list[Answer]]:
    """Answers to the sentences above and to the evaluation files; one loading for all."""
    first = [Example(text, intent, frozenset(), "zh") for text, intent in MUST_WORK.items()]
    held_out = read_examples(evaluation_files())
    results = asyncio.run(answers(trained_model, [*first, *held_out]))
    return {"must work": results[: len(first)], "held out": results[len(first) :]}


def test_sentences_that_must_work(parsed: dict[str, list[Answer]]) -> None:
    wrong = {a.example.text: a.intent for a in parsed["must work"] if a.intent != a.example.intent}
    assert wrong == {}


def test_no_figure_drops_under_the_baseline_by_more_than_chance(parsed: dict[str, list[Answer]]) -> None:
    assert drops(parsed["held out"]) == []


def test_a_sure_answer_is_a_right_answer(parsed: dict[str, list[Answer]]) -> None:
    sure = [a for a in parsed["held out"] if a.confidence >= 0.9]
    assert len(sure) > len(parsed["held out"]) / 2
    assert sum(a.guess == a.example.intent for a in sure) / len(sure) >= 0.93

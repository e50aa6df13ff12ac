"""The evaluation's arithmetic."""

from __future__ import annotations

from typing import Any

import pytest

from bot.nlu import measures
from bot.nlu.examples import Example, Span
from bot.nlu.measures import Answer, Figure, Point, Score


def answered(
    intent: str,
    said: str,
    confidence: float = 0.9,
    guess: str | None = None,
    true: frozenset[Span] = frozenset(),
    found: frozenset[Span] = frozenset(),
) -> Answer:
    return Answer(Example("x", intent, true, "zh"), said, guess or said, confidence, found)


def test_not_sure_counts_as_out_of_scope() -> None:
    results = [
        answered("out_of_scope", "nlu_fallback", guess="greet"),
        answered("greet", "nlu_fallback", guess="greet"),
        answered("greet", "greet"),
    ]
    assert measures.accuracy(results) == pytest.approx(2 / 3)
    assert measures.guess_accuracy(results) == pytest.approx(2 / 3)
    assert measures.intent_scores(results)["out_of_scope"] == Score(hits=1, said=2, true=1)
    assert measures.confusions(results) == [(("greet", "nlu_fallback"), 1)]
    assert measures.macro_f1(results) == pytest.approx(2 / 3)


def test_entities_count_by_exact_span() -> None:
    true = frozenset({("amount", 0, 3), ("merchant", 5, 8)})
    found = frozenset({("amount", 0, 3), ("merchant", 5, 7)})
    scores = measures.entity_scores([answered("greet", "greet", true=true, found=found)])
    assert scores["amount"].f1 == 1
    assert scores["merchant"].f1 == 0
    assert scores["all"] == Score(hits=1, said=2, true=2)


def test_calibration_by_tenths() -> None:
    results = [
        answered("greet", "greet", 1.0),
        answered("greet", "deny", 0.96),
        answered("deny", "nlu_fallback", 0.31, guess="deny"),
    ]
    assert measures.calibration(results) == [(0.31, 1.0, 1), (0.98, 0.5, 2)]
    assert measures.calibration_error(results) == pytest.approx((0.69 + 2 * 0.48) / 3)


def test_a_higher_threshold_turns_wrong_answers_into_questions() -> None:
    results = [
        answered("greet", "greet", 0.9),
        answered("greet", "deny", 0.5),
        answered("deny", "deny", 0.3),
        answered("out_of_scope", "out_of_scope", 0.3),
    ]
    assert measures.threshold_curve(results, [0.0, 0.4, 0.6]) == [
        Point(0.0, wrong=0.25, asked=0.0, asked_needlessly=0.0),
        Point(0.4, wrong=0.25, asked=0.5, asked_needlessly=0.25),
        Point(0.6, wrong=0.0, asked=0.75, asked_needlessly=0.25),
    ]


def test_chance_moves_a_share_of_few_things_further() -> None:
    assert Figure(0.9, 100).noise == pytest.approx(0.06)
    assert Figure(0.9, 25).noise == pytest.approx(0.12)
    assert Figure(1.0, 25).noise == Figure(0.5, 0).noise == 0


def test_the_guess_behind_a_fallback_is_kept() -> None:
    parsed: dict[str, Any] = {
        "intent": {"name": "nlu_fallback", "confidence": 0.7},
        "intent_ranking": [
            {"name": "nlu_fallback", "confidence": 0.7},
            {"name": "greet", "confidence": 0.3},
            {"name": "deny", "confidence": 0.25},
        ],
        "entities": [
            {"entity": "amount", "start": 0, "end": 2, "value": 1},
            {"entity": "language", "start": 0, "end": 9, "value": "zh"},
        ],
    }
    answer = measures.answer(Example("x", "greet", frozenset(), "zh"), parsed)
    assert (answer.intent, answer.guess, answer.confidence) == ("nlu_fallback", "greet", 0.3)
    assert answer.margin == pytest.approx(0.05)
    assert answer.entities == {("amount", 0, 2)}

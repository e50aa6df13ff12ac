"""The evaluation's arithmetic, and its reading of Rasa's NLU format."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.nlu import evaluate
from bot.nlu.evaluate import Answer, Example, Score


def answered(intent: str, said: str, confidence: float = 0.9, **spans: frozenset[evaluate.Span]) -> Answer:
    example = Example("x", intent, spans.get("true", frozenset()), "zh")
    return Answer(example, said, confidence, spans.get("found", frozenset()))


def test_marks_become_spans() -> None:
    assert evaluate.unmark("在[星巴克](merchant)付了[128块](amount)") == (
        "在星巴克付了128块",
        {("merchant", 1, 4), ("amount", 6, 10)},
    )
    assert evaluate.unmark('[the shop]{"entity": "merchant", "value": "x"} ok')[1] == {("merchant", 0, 8)}


def test_reading_a_file(tmp_path: Path) -> None:
    path = tmp_path / "hard_en.yml"
    path.write_text(
        'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - hi\n    - 你好\n', encoding="utf-8"
    )
    assert [(e.text, e.intent, e.language) for e in evaluate.read_examples([path])] == [
        ("hi", "greet", "en"),
        ("你好", "greet", "en"),
    ]
    path.write_text('version: "3.1"\nnlu: []\n', encoding="utf-8")
    with pytest.raises(ValueError, match="no examples"):
        evaluate.read_examples([path])


def test_not_sure_counts_as_out_of_scope() -> None:
    results = [
        answered("out_of_scope", "nlu_fallback"),
        answered("greet", "nlu_fallback"),
        answered("greet", "greet"),
    ]
    assert evaluate.accuracy(results) == pytest.approx(2 / 3)
    assert evaluate.intent_scores(results)["out_of_scope"] == Score(hits=1, said=2, true=1)
    assert evaluate.confusions(results) == [(("greet", "nlu_fallback"), 1)]


def test_entities_count_by_exact_span() -> None:
    true = frozenset({("amount", 0, 3), ("merchant", 5, 8)})
    found = frozenset({("amount", 0, 3), ("merchant", 5, 7)})
    scores = evaluate.entity_scores([answered("greet", "greet", true=true, found=found)])
    assert scores["amount"].f1 == 1
    assert scores["merchant"].f1 == 0
    assert scores["all"] == Score(hits=1, said=2, true=2)


def test_calibration_by_tenths() -> None:
    results = [
        answered("greet", "greet", 1.0),
        answered("greet", "deny", 0.95),
        answered("deny", "deny", 0.31),
    ]
    assert evaluate.calibration(results) == [("0.3-0.4", 1, 1.0), ("0.9-1.0", 2, 0.5)]


def test_the_report_names_both_languages() -> None:
    english = Answer(Example("hi", "greet", frozenset(), "en"), "greet", 0.9, frozenset())
    text = evaluate.report([answered("greet", "deny"), english])
    assert "zh: 1 sentences\n  intent accuracy 0.0%" in text
    assert "en: 1 sentences\n  intent accuracy 100.0%" in text
    assert "greet → deny" in text


def test_the_newest_model_is_measured(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make train"):
        evaluate.newest_model(tmp_path)
    for age, name in enumerate(("b.tar.gz", "a.tar.gz")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1_000_000 + age, 1_000_000 + age))
    assert evaluate.newest_model(tmp_path).name == "a.tar.gz"

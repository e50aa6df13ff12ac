"""The report, its pictures, and the baseline under which no figure may drop."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.nlu import evaluate
from bot.nlu.examples import Example
from bot.nlu.measures import Answer, threshold_curve
from bot.nlu.pictures import draw_all


def answered(intent: str, said: str, language: str = "zh") -> Answer:
    return Answer(Example("x", intent, frozenset(), language), said, said, 0.9, frozenset())


RIGHT = [answered("greet", "greet")] * 90 + [answered("greet", "deny")] * 10


def test_the_report_has_a_column_for_each_language() -> None:
    lines = evaluate.report([answered("greet", "deny"), answered("greet", "greet", "en")]).splitlines()
    assert lines[0].split() == ["zh", "en", "both"]
    assert lines[2].split()[-3:] == ["0.000", "1.000", "0.500"]
    assert lines[-1].split() == ["1", "greet", "→", "deny"]


def test_the_newest_model_is_measured(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make train"):
        evaluate.newest_model(tmp_path)
    for age, name in enumerate(("b.tar.gz", "a.tar.gz")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1_000_000 + age, 1_000_000 + age))
    assert evaluate.newest_model(tmp_path).name == "a.tar.gz"


def test_a_drop_within_chance_is_let_pass_and_a_larger_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yml"
    evaluate.record(RIGHT, path)
    assert evaluate.drops(RIGHT, path) == []
    worse = [answered("greet", "deny")] * 5 + RIGHT[:-10] + [answered("greet", "deny")] * 5
    assert evaluate.drops(worse, path) == []
    much_worse = [answered("greet", "deny")] * 17 + RIGHT[:83]
    assert "zh intent accuracy: 0.830, was 0.900 ± 0.060" in evaluate.drops(much_worse, path)


def test_the_threshold_is_read_from_the_configuration(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text("pipeline:\n- name: FallbackClassifier\n  threshold: 0.4\n", encoding="utf-8")
    assert evaluate.fallback_threshold(config) == 0.4
    config.write_text("pipeline:\n- name: WhitespaceTokenizer\n", encoding="utf-8")
    assert evaluate.fallback_threshold(config) == 0.0


def test_pictures_are_drawn(tmp_path: Path) -> None:
    results = [*RIGHT, answered("greet", "nlu_fallback")]
    pictures = draw_all(results, threshold_curve(results, [0.0, 0.5, 1.0]), 0.5, tmp_path / "reports")
    assert {p.name for p in pictures} == {"reliability.png", "confusion.png", "thresholds.png"}
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in pictures)

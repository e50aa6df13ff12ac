"""Reading Rasa's NLU format."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.nlu.examples import read_examples, unmark


def test_marks_become_spans() -> None:
    assert unmark("在[星巴克](merchant)付了[128块](amount)") == (
        "在星巴克付了128块",
        {("merchant", 1, 4), ("amount", 6, 10)},
    )
    assert unmark('[the shop]{"entity": "merchant", "value": "x"} ok')[1] == {("merchant", 0, 8)}


def test_a_file_named_after_a_language(tmp_path: Path) -> None:
    path = tmp_path / "hard_en.yml"
    path.write_text(
        'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - hi\n    - 你好\n', encoding="utf-8"
    )
    assert [(e.text, e.intent, e.language, e.source) for e in read_examples([path])] == [
        ("hi", "greet", "en", "hard_en.yml"),
        ("你好", "greet", "en", "hard_en.yml"),
    ]


def test_what_is_no_intent_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "mixed.yml"
    path.write_text(
        "nlu:\n- synonym: 星巴克\n  examples: |\n    - 星爸爸\n- intent: greet\n  examples: |\n    - 你好\n",
        encoding="utf-8",
    )
    assert [(e.text, e.language) for e in read_examples([path])] == [("你好", "zh")]


def test_an_empty_file_is_a_named_error(tmp_path: Path) -> None:
    path = tmp_path / "empty.yml"
    path.write_text('version: "3.1"\nnlu: []\n', encoding="utf-8")
    with pytest.raises(ValueError, match="no examples"):
        read_examples([path])

"""The comparison's arithmetic, and one contender of each kind on a small made-up set."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest

from bot.nlu import banking77, compare
from bot.nlu.contenders import BAYES, DIET, OURS, ContenderError, Measured, measure, pipeline
from bot.nlu.examples import Example

CARDS = {
    "card_lost": ["i lost my card", "my card is missing", "cannot find my card", "card lost on the bus"],
    "pin_blocked?": ["my pin is blocked", "pin locked", "unblock my pin please", "wrong pin, now blocked"],
}


def examples(language: str = "en") -> list[Example]:
    return [Example(text, intent, frozenset(), language) for intent, texts in CARDS.items() for text in texts]


def test_a_row_shows_each_language() -> None:
    held_out = [*examples("zh")[:4], *examples("en")[4:]]
    answers = ["card_lost"] * 6 + ["pin_blocked?"] * 2
    line = compare.row("ours", math.nan, Measured(answers, [1.0, 2.0, 3.0], 7.4, 512.3), held_out)
    assert line == "| ours                 | – | 75.0% | 100.0% | 50.0% | 2.0 / 2.9 | 512 | 7 |"


def test_a_sample_keeps_the_shares_of_the_intents() -> None:
    half = compare.sampled(examples(), 0.5)
    assert sorted(e.intent for e in half) == ["card_lost"] * 2 + ["pin_blocked?"] * 2
    assert compare.sampled(examples(), 1.0) == examples()


def test_ours_is_the_configured_pipeline_without_the_fallback() -> None:
    assert [part["name"].split(".")[-1] for part in pipeline(OURS, 1)][-1] == "WalletIntentClassifier"
    assert pipeline(DIET, 7)[-1]["epochs"] == 7


def test_a_contender_is_trained_and_asked_in_a_process_of_its_own() -> None:
    measured = measure(BAYES, examples(), examples(), epochs=1)
    assert compare.share_right(measured.answers, examples()) == 1
    assert len(measured.milliseconds) == len(examples())
    assert measured.memory_mb > 10


def test_a_contender_that_fails_says_why() -> None:
    with pytest.raises(ContenderError, match="nobody could not be measured"):
        measure("nobody", examples(), examples(), epochs=1)


def test_a_public_data_set_is_read_and_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("train", "test"):
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["text", "category"], *([e.text, e.intent] for e in examples())])
    assert banking77.main([str(tmp_path), "--ours-only"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "8 sentences to train, 8 to test, 2 intents"
    assert printed[-1].startswith("| ours | 100.00% |")


def test_a_file_with_other_columns_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert banking77.main([str(tmp_path)]) == 1
    (tmp_path / "train.csv").write_text("sentence,label\nhi,greet\n", encoding="utf-8")
    assert banking77.main([str(tmp_path)]) == 1
    assert "columns text and category" in capsys.readouterr().err

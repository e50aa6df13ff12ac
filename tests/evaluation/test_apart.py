"""The held-out sentences stay held out: none is trained on, they are many enough, and cover every intent."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from bot.nlu.examples import evaluation_files, read_examples, training_files
from bot.nlu.text import normalise

HELD_OUT = read_examples(evaluation_files())
TRAINING = read_examples(training_files())


def bare(text: str) -> str:
    """Normalised, without marks and spaces; what is nothing but marks stays as it is."""
    return re.sub(r"[\W_]+", "", normalise(text)) or normalise(text)


def test_no_sentence_is_in_both() -> None:
    trained = {bare(e.text) for e in TRAINING}
    shared = [e.text for e in HELD_OUT if bare(e.text) in trained]
    assert shared == []


@pytest.mark.parametrize(("language", "least"), [("zh", 600), ("en", 400)])
def test_there_are_enough_of_a_language(language: str, least: int) -> None:
    assert sum(e.language == language for e in HELD_OUT) >= least


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_intent_is_measured_and_nothing_twice(language: str) -> None:
    mine = [e for e in HELD_OUT if e.language == language]
    assert {e.intent for e in mine} == {e.intent for e in TRAINING}
    assert [text for text, n in Counter(bare(e.text) for e in mine).items() if n > 1] == []

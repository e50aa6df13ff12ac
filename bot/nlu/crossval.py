"""Cross-validation of the intent model on the training sentences: `python -m bot.nlu.crossval`.

Runs outside Rasa and its TensorFlow. What is chosen (features, their weights, the fallback's threshold) is
chosen by these figures, never by the held-out sentences. Prints accuracy and the threshold's curve;
`--save` draws the curve for docs/nlu.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from bot.nlu.examples import ROOT, Example, read_examples, training_files
from bot.nlu.features import Concepts, Views, mask, views
from bot.nlu.measures import Answer
from bot.nlu.model import IntentModel, softmax
from bot.nlu.pipeline import create_pipeline, found_in
from bot.nlu.vectors import word_vectors


class Viewer:
    """Makes the model's views of a text, as the graph component does."""

    def __init__(self) -> None:
        self._nlp = create_pipeline()
        self._concepts, self._vectors = Concepts.from_lookups(), word_vectors()

    def __call__(self, text: str) -> Views:
        masked = mask(text, found_in(self._nlp(text)))
        tokens = [word for word in self._nlp.tokenizer.split(masked) if word.strip()]
        return views(masked, tokens, self._concepts, self._vectors)


def strength(config: Path = ROOT / "config.yml") -> float:
    """The classifier's strength as config.yml has it."""
    pipeline = yaml.safe_load(config.read_text(encoding="utf-8"))["pipeline"]
    return next(float(part["strength"]) for part in pipeline if "strength" in part)


def cross_validated(examples: Sequence[Example]) -> list[Answer]:
    """What a model makes of each example that was trained on the others of four fifths."""
    viewer = Viewer()
    seen, intents = [viewer(e.text) for e in examples], [e.intent for e in examples]
    model = IntentModel(strength())
    scores = model.out_of_fold(seen, intents)
    if scores is None:
        raise ValueError("cross-validation needs two examples of each intent")
    return guesses(examples, softmax(scores * model.best_temperature(scores, intents)), model.intents)


def guesses(examples: Sequence[Example], chances: Any, intents: Sequence[str]) -> list[Answer]:
    """Probabilities, a row an example, as answers without fallback and entities."""
    ranked = np.argsort(-chances, axis=1)
    answers = []
    for example, row, best in zip(examples, chances, ranked, strict=True):
        name, margin = intents[best[0]], float(row[best[0]] - row[best[1]])
        answers.append(Answer(example, name, name, float(row[best[0]]), frozenset(), margin))
    return answers


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures."""
    from bot.nlu.evaluate import REPORTS, THRESHOLDS, by_language, curve_lines, fallback_threshold
    from bot.nlu.measures import accuracy, calibration_error, macro_f1, threshold_curve
    from bot.nlu.pictures import draw_thresholds

    parser = argparse.ArgumentParser(description="Cross-validate the intent model on the training data.")
    parser.add_argument("--save", type=Path, default=REPORTS / "crossval_thresholds.png")
    wanted = parser.parse_args(arguments)
    results = cross_validated(read_examples(training_files()))
    for name, part in by_language(results).items():
        print(
            f"{name:5} {len(part):6} sentences  accuracy {accuracy(part):.3f}  macro-F1 {macro_f1(part):.3f}"
            f"  calibration error {calibration_error(part):.3f}"
        )
    curve = threshold_curve(results, THRESHOLDS)
    print("\n".join(curve_lines(curve)))
    wanted.save.parent.mkdir(parents=True, exist_ok=True)
    draw_thresholds(curve, fallback_threshold(), wanted.save)
    return 0


if __name__ == "__main__":
    sys.exit(main())

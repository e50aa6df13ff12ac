"""Compares our classifier with others: `python -m bot.nlu.compare` (`make compare`).

For each contender: accuracy by cross-validation and on the held-out sentences, time of a parse, peak memory
and training time. The full comparison takes hours on a small machine; `--sample`, `--folds`,
`--diet-folds` and `--epochs` shorten it, and the first line printed says how.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import numpy as np
from sklearn.model_selection import StratifiedKFold, train_test_split  # type: ignore[import-untyped]

from bot.nlu.contenders import BAYES, DIET, LOGISTIC, OURS, Measured, measure
from bot.nlu.examples import Example, evaluation_files, read_examples, training_files

ORDER = (OURS, LOGISTIC, BAYES, DIET)
_HEAD = f"| {'contender':20} | CV | held out | zh | en | parse p50 / p95 ms | memory MB | training s |"
_RULE = "|---|---|---|---|---|---|---|---|"


def share_right(answers: Sequence[str], examples: Sequence[Example]) -> float:
    """Share of right intents; not a number without examples."""
    right = [answer == e.intent for answer, e in zip(answers, examples, strict=True)]
    return float(np.mean(right)) if right else float("nan")


def sampled(examples: Sequence[Example], share: float) -> list[Example]:
    """A share of the examples, the same of each intent."""
    if share >= 1:
        return list(examples)
    kept, _ = train_test_split(
        list(examples), train_size=share, stratify=[e.intent for e in examples], random_state=20
    )
    return list(kept)


def cross_validate(name: str, examples: Sequence[Example], folds: int, epochs: int) -> float:
    """Mean accuracy over the folds; not a number without any."""
    if folds < 2:
        return float("nan")
    labels = [e.intent for e in examples]
    rates = []
    for train, test in StratifiedKFold(folds, shuffle=True, random_state=20).split(labels, labels):
        asked = [examples[i] for i in test]
        rates.append(share_right(measure(name, [examples[i] for i in train], asked, epochs).answers, asked))
    return float(np.mean(rates))


def row(name: str, validated: float, measured: Measured, held_out: Sequence[Example]) -> str:
    """One line of the table."""
    by_language = {
        language: share_right(
            [a for a, e in zip(measured.answers, held_out, strict=True) if e.language == language],
            [e for e in held_out if e.language == language],
        )
        for language in ("zh", "en")
    }
    shares = (validated, share_right(measured.answers, held_out), by_language["zh"], by_language["en"])
    cells = ["–" if np.isnan(s) else f"{s:.1%}" for s in shares]
    times = f"{measured.typical(0.5):.1f} / {measured.typical(0.95):.1f}"
    return (
        f"| {name:20} | {' | '.join(cells)} | {times} | {measured.memory_mb:.0f} | "
        f"{measured.training_seconds:.0f} |"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table, a line as soon as it is known."""
    parser = argparse.ArgumentParser(description="Compare our classifier with others.")
    parser.add_argument("--folds", type=int, default=5, help="folds of the cross-validation (0: none)")
    parser.add_argument("--diet-folds", type=int, default=0, help="the same for DIET, which is slow")
    parser.add_argument("--epochs", type=int, default=100, help="DIET's passes over the data")
    parser.add_argument("--sample", type=float, default=1.0, help="share of the training sentences used")
    parser.add_argument("--only", choices=ORDER, nargs="+", default=ORDER)
    wanted = parser.parse_args(arguments)
    examples, held_out = (
        sampled(read_examples(training_files()), wanted.sample),
        read_examples(evaluation_files()),
    )
    print(
        f"{len(examples)} training sentences, {len(held_out)} held out, {wanted.folds} folds "
        f"(DIET {wanted.diet_folds}), DIET {wanted.epochs} epochs"
    )
    print(f"{_HEAD}\n{_RULE}", flush=True)
    for name in wanted.only:
        folds = wanted.diet_folds if name == DIET else wanted.folds
        validated = cross_validate(name, examples, folds, wanted.epochs)
        measured = measure(name, examples, held_out, wanted.epochs)
        print(row(name, validated, measured, held_out), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

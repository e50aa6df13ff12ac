"""The arithmetic of the evaluation: answers in, figures out; no model, no files, no printing.

To a customer "out of scope" and "not sure" (`nlu_fallback`) are the same answer, a question back, so they
count as one intent here. Confidence is always that of the best guess before the fallback.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.nlu.examples import Example, Span

SCOPE = "out_of_scope"
FALLBACK = "nlu_fallback"
_OF_THE_MESSAGE = {"language", "also_wants"}  # entities of ours that nobody marks in a sentence
_BINS = 10
_ERRORS = 2.0  # standard errors that count as noise: one drop in forty is a false alarm


@dataclass(frozen=True)
class Answer:
    """What the model made of an example: `intent` after the fallback, `guess` before it."""

    example: Example
    intent: str
    guess: str
    confidence: float
    entities: frozenset[Span]
    margin: float = 1.0

    @property
    def plain(self) -> str:
        """The intent, with "not sure" as out of scope."""
        return SCOPE if self.intent == FALLBACK else self.intent

    @property
    def right(self) -> bool:
        """Whether the customer gets the answer they should."""
        return self.plain == self.example.intent


@dataclass(frozen=True)
class Score:
    """Precision and recall of one kind of thing."""

    hits: int
    said: int
    true: int

    @property
    def precision(self) -> float:
        """Share of what was said that is true; 1 when nothing was said."""
        return self.hits / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        """Share of what is true that was said; 1 when there was nothing."""
        return self.hits / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True)
class Figure:
    """A share and how many things it is a share of, which says how far chance moves it."""

    value: float
    count: int

    @property
    def noise(self) -> float:
        """Two standard errors of a binomial share."""
        return _ERRORS * math.sqrt(self.value * (1 - self.value) / self.count) if self.count else 0.0


def accuracy(results: Sequence[Answer]) -> float:
    """Share of right answers."""
    return sum(r.right for r in results) / len(results)


def guess_accuracy(results: Sequence[Answer]) -> float:
    """Share of right best guesses, as if there were no fallback."""
    return sum(r.guess == r.example.intent for r in results) / len(results)


def intent_scores(results: Sequence[Answer]) -> dict[str, Score]:
    """A score for each intent that occurs in the examples."""
    said, true = Counter(r.plain for r in results), Counter(r.example.intent for r in results)
    hits = Counter(r.example.intent for r in results if r.right)
    return {name: Score(hits[name], said[name], true[name]) for name in sorted(true)}


def macro_f1(results: Sequence[Answer]) -> float:
    """Mean of the intents' F1, the small ones counting as much as the large."""
    scores = intent_scores(results).values()
    return sum(score.f1 for score in scores) / len(scores)


def entity_scores(results: Sequence[Answer]) -> dict[str, Score]:
    """A score for each kind of entity, exact spans only; the key "all" sums them up."""
    said, true, hits = Counter[str](), Counter[str](), Counter[str]()
    for result in results:
        for counter, spans in (
            (said, result.entities),
            (true, result.example.entities),
            (hits, result.entities & result.example.entities),
        ):
            counter.update(label for label, _, _ in spans)
            counter.update("all" for _ in spans)
    return {label: Score(hits[label], said[label], true[label]) for label in sorted({*said, *true})}


def confusions(results: Iterable[Answer]) -> list[tuple[tuple[str, str], int]]:
    """(true intent, answered intent) pairs that went wrong, most frequent first."""
    return Counter((r.example.intent, r.intent) for r in results if not r.right).most_common()


def calibration(results: Sequence[Answer]) -> list[tuple[float, float, int]]:
    """For each tenth of confidence that occurs: mean confidence, share of right guesses, how many."""
    rows = []
    for tenth in range(_BINS):
        inside = [r for r in results if min(int(r.confidence * _BINS), _BINS - 1) == tenth]
        if inside:
            sure = sum(r.confidence for r in inside) / len(inside)
            rows.append((sure, sum(r.guess == r.example.intent for r in inside) / len(inside), len(inside)))
    return rows


def calibration_error(results: Sequence[Answer]) -> float:
    """Expected calibration error: how far confidence is from the share of right guesses, on average."""
    return sum(abs(sure - right) * count for sure, right, count in calibration(results)) / len(results)


def figures(results: Sequence[Answer]) -> dict[str, Figure]:
    """The figures that are watched, by name; "expected calibration error" is not: lower is better there."""
    intents = intent_scores(results)
    scope = intents.get(SCOPE, Score(0, 0, 0))
    entities = entity_scores(results).get("all", Score(0, 0, 0))
    return {
        "accuracy": Figure(accuracy(results), len(results)),
        "macro_f1": Figure(macro_f1(results), len(results)),
        "out_of_scope_precision": Figure(scope.precision, scope.said),
        "out_of_scope_recall": Figure(scope.recall, scope.true),
        "entity_f1": Figure(entities.f1, entities.true),
    }


@dataclass(frozen=True)
class Point:
    """What one threshold does: shares of all sentences."""

    threshold: float
    wrong: float
    asked: float
    asked_needlessly: float


def threshold_curve(results: Sequence[Answer], thresholds: Iterable[float]) -> list[Point]:
    """For each threshold: sentences answered wrongly, asked back, and asked back though the guess was right.

    "Out of scope" as an answer asks back by itself; it is wrong only when the sentence is in scope.
    """
    points = []
    for threshold in thresholds:
        below = [r for r in results if r.confidence < threshold]
        wrong = sum(r.confidence >= threshold and r.guess != r.example.intent for r in results)
        needless = sum(r.guess == r.example.intent != SCOPE for r in below)
        points.append(
            Point(threshold, wrong / len(results), len(below) / len(results), needless / len(results))
        )
    return points


def answer(example: Example, parsed: dict[str, Any]) -> Answer:
    """Rasa's parse of an example as an `Answer`, without what is said of the whole message."""
    spans = {
        (e["entity"], e["start"], e["end"]) for e in parsed["entities"] if e["entity"] not in _OF_THE_MESSAGE
    }
    guesses = [entry for entry in parsed["intent_ranking"] if entry["name"] != FALLBACK]
    best = guesses[0] if guesses else parsed["intent"]
    margin = best["confidence"] - guesses[1]["confidence"] if len(guesses) > 1 else 1.0
    return Answer(
        example, parsed["intent"]["name"], best["name"], best["confidence"], frozenset(spans), margin
    )

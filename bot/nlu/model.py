"""The intent model without Rasa: linear over the views of `bot.nlu.features`, with calibrated confidence.

A linear support vector machine decides; its scores become probabilities by a softmax whose temperature
is fitted on held-out parts of the training data, so that 0.8 means right four times in five.
`docs/nlu.md` says what it was compared with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack  # type: ignore[import-untyped]
from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
from sklearn.model_selection import StratifiedKFold  # type: ignore[import-untyped]
from sklearn.svm import LinearSVC  # type: ignore[import-untyped]

from bot.nlu.features import Views

_WORDS = {"token_pattern": r"\S+", "lowercase": False}
VECTORIZERS: dict[str, dict[str, Any]] = {
    "words": {**_WORDS, "ngram_range": (1, 2), "sublinear_tf": True},
    "word_letters": {"analyzer": "char_wb", "ngram_range": (1, 4), "sublinear_tf": True, "min_df": 2},
    "letters": {"analyzer": "char_wb", "ngram_range": (1, 5), "sublinear_tf": True, "min_df": 2},
    "sounds": {"analyzer": "char", "ngram_range": (2, 5), "sublinear_tf": True, "min_df": 2},
    "concepts": _WORDS,
    "groups": {**_WORDS, "ngram_range": (1, 2), "sublinear_tf": True},
}
_MEANING = 2.0  # weight of the word vectors beside a vectorizer's 1
_TEMPERATURES = np.geomspace(0.5, 16, 41)  # multiplied with the scores
_SEED = 20


class IntentModel:
    """The model itself, without Rasa: `Views` in, probabilities of intents out."""

    def __init__(self, strength: float) -> None:
        self.strength = strength
        self.temperature = 1.0
        self._vectorizers = {name: TfidfVectorizer(**kwargs) for name, kwargs in VECTORIZERS.items()}
        self._svm = LinearSVC(C=strength, class_weight="balanced", random_state=_SEED)

    @property
    def intents(self) -> list[str]:
        """Names of the intents, in the order of the probabilities."""
        return [str(name) for name in self._svm.classes_]

    def fit(self, examples: Sequence[Views], intents: Sequence[str]) -> None:
        """Trains on all examples; the temperature on three held-out thirds."""
        scores = self.out_of_fold(examples, intents, folds=3)
        if scores is not None:
            self.temperature = self.best_temperature(scores, intents)
        self._fit(examples, np.asarray(intents))

    def out_of_fold(self, examples: Sequence[Views], intents: Sequence[str], folds: int = 5) -> Any | None:
        """Scores of each example by a model trained without it; None when an intent has but one example."""
        labels = np.asarray(intents)
        folds = min(folds, int(np.unique(labels, return_counts=True)[1].min()))
        if folds < 2:
            return None
        scores = np.zeros((len(labels), len(set(intents))))
        for train, test in StratifiedKFold(folds, shuffle=True, random_state=_SEED).split(labels, labels):
            self._fit([examples[i] for i in train], labels[train])
            scores[test] = self.scores([examples[i] for i in test])
        return scores

    def best_temperature(self, scores: Any, intents: Sequence[str]) -> float:
        """The factor that makes the right intents of held-out examples most likely."""
        right = np.arange(len(intents)), np.searchsorted(self._svm.classes_, intents)
        losses = [-np.log(softmax(scores * t)[right] + 1e-12).mean() for t in _TEMPERATURES]
        return float(_TEMPERATURES[int(np.argmin(losses))])

    def _fit(self, examples: Sequence[Views], labels: Any) -> None:
        parts = [
            v.fit_transform([getattr(e, name) for e in examples]) for name, v in self._vectorizers.items()
        ]
        self._svm.fit(_joined(parts, examples), labels)

    def scores(self, examples: Sequence[Views]) -> Any:
        """Decision scores, a row an example and a column an intent."""
        parts = [v.transform([getattr(e, name) for e in examples]) for name, v in self._vectorizers.items()]
        scores = self._svm.decision_function(_joined(parts, examples))
        return np.column_stack([-scores, scores]) if scores.ndim == 1 else scores

    def probabilities(self, examples: Sequence[Views]) -> Any:
        """Probabilities, a row an example and a column an intent."""
        return softmax(self.scores(examples) * self.temperature)

    def state(self) -> dict[str, Any]:
        """What has to be kept of the trained model."""
        return {
            "strength": self.strength,
            "temperature": self.temperature,
            "vectorizers": self._vectorizers,
            "svm": self._svm,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> IntentModel:
        """The model that `state` was taken of."""
        model = cls(state["strength"])
        model.temperature = state["temperature"]
        model._vectorizers, model._svm = state["vectorizers"], state["svm"]
        return model


def _joined(parts: list[Any], examples: Sequence[Views]) -> Any:
    meaning = csr_matrix(np.vstack([e.meaning for e in examples]) * _MEANING)
    return csr_matrix(hstack([*parts, meaning]))


def softmax(scores: Any) -> Any:
    """Scores as probabilities, row by row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)

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
        self.intents: list[str] = []  # in the order of the probabilities
        self._weights: list[Any] = []  # for each view a row a feature, a column an intent
        self._bias: Any = None

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
        right = np.arange(len(intents)), np.searchsorted(self.intents, intents)
        losses = [-np.log(softmax(scores * t)[right] + 1e-12).mean() for t in _TEMPERATURES]
        return float(_TEMPERATURES[int(np.argmin(losses))])

    def _fit(self, examples: Sequence[Views], labels: Any) -> None:
        parts = [
            v.fit_transform([getattr(e, name) for e in examples]) for name, v in self._vectorizers.items()
        ]
        svm = LinearSVC(C=self.strength, class_weight="balanced", random_state=_SEED)
        svm.fit(csr_matrix(hstack([*parts, csr_matrix(_meanings(examples))])), labels)
        weights, self._bias = svm.coef_.T, svm.intercept_
        if weights.shape[1] == 1:  # of two intents, the machine weighs the second
            weights, self._bias = np.hstack([-weights, weights]), np.hstack([-self._bias, self._bias])
        edges = np.cumsum([part.shape[1] for part in parts])
        # Rows in one piece and of the parts' own type: else each product would copy the whole matrix.
        self._weights = [np.ascontiguousarray(w, dtype=np.float32) for w in np.split(weights, edges)]
        self.intents = [str(name) for name in svm.classes_]

    def scores(self, examples: Sequence[Views]) -> Any:
        """Decision scores, a row an example and a column an intent."""
        parts = [v.transform([getattr(e, name) for e in examples]) for name, v in self._vectorizers.items()]
        scores = _meanings(examples) @ self._weights[-1] + self._bias
        for part, weights in zip(parts, self._weights[:-1], strict=True):
            scores += part.astype(np.float32) @ weights
        return scores

    def probabilities(self, examples: Sequence[Views]) -> Any:
        """Probabilities, a row an example and a column an intent."""
        return softmax(self.scores(examples) * self.temperature)

    def state(self) -> dict[str, Any]:
        """What has to be kept of the trained model."""
        return {
            "strength": self.strength,
            "temperature": self.temperature,
            "vectorizers": self._vectorizers,
            "intents": self.intents,
            "weights": self._weights,
            "bias": self._bias,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> IntentModel:
        """The model that `state` was taken of."""
        model = cls(state["strength"])
        model.temperature = state["temperature"]
        model._vectorizers, model.intents = state["vectorizers"], state["intents"]
        model._weights, model._bias = state["weights"], state["bias"]
        return model


def _meanings(examples: Sequence[Views]) -> Any:
    return np.vstack([e.meaning for e in examples]).astype(np.float32) * np.float32(_MEANING)


def softmax(scores: Any) -> Any:
    """Scores as probabilities, row by row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)

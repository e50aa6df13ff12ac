"""Intent classifier: a linear model over TF-IDF of `bot.nlu.features`, with calibrated confidence.

A linear support vector machine decides; its scores become probabilities by a softmax whose temperature
is fitted on held-out parts of the training data, so that 0.8 means right four times in five. Chosen by
cross-validation on our examples over word and character counts with logistic regression.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import skops.io as sio  # type: ignore[import-untyped]
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import SPACY_DOCS
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack  # type: ignore[import-untyped]
from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
from sklearn.model_selection import StratifiedKFold  # type: ignore[import-untyped]
from sklearn.svm import LinearSVC  # type: ignore[import-untyped]

from bot.nlu.build import source_hash
from bot.nlu.entities import found_in
from bot.nlu.features import Concepts, Views, mask, views
from bot.nlu.spacy_model import WalletSpacy

logger = logging.getLogger(__name__)

_DATA_TYPES = ["scipy.sparse._csr.csr_matrix"]  # the only type beyond skops' own that a model may hold

_WORDS = {"token_pattern": r"\S+", "lowercase": False}
VECTORIZERS: dict[str, dict[str, Any]] = {
    "words": {**_WORDS, "ngram_range": (1, 2), "sublinear_tf": True},
    "word_letters": {"analyzer": "char_wb", "ngram_range": (1, 4), "sublinear_tf": True, "min_df": 2},
    "letters": {"analyzer": "char_wb", "ngram_range": (1, 5), "sublinear_tf": True, "min_df": 2},
    "concepts": _WORDS,
}
_TEMPERATURES = np.geomspace(0.5, 16, 41)  # multiplied with the scores
_SEED = 20


class UntrainedClassifierError(InvalidConfigException):
    """The classifier was asked to train without a single example, or two intents to tell apart."""


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
        """Trains on all examples; the temperature on five held-out fifths."""
        labels = np.asarray(intents)
        rarest = int(np.unique(labels, return_counts=True)[1].min())
        folds = min(5, rarest)
        if folds > 1:
            scores = np.zeros((len(labels), len(set(intents))))
            for train, test in StratifiedKFold(folds, shuffle=True, random_state=_SEED).split(labels, labels):
                self._fit([examples[i] for i in train], labels[train])
                scores[test] = self.scores([examples[i] for i in test])
            self.temperature = _best_temperature(scores, np.searchsorted(self._svm.classes_, labels))
        self._fit(examples, labels)

    def _fit(self, examples: Sequence[Views], labels: Any) -> None:
        parts = [
            v.fit_transform([getattr(e, name) for e in examples]) for name, v in self._vectorizers.items()
        ]
        self._svm.fit(hstack(parts).tocsr(), labels)

    def scores(self, examples: Sequence[Views]) -> Any:
        """Decision scores, a row an example and a column an intent."""
        parts = [v.transform([getattr(e, name) for e in examples]) for name, v in self._vectorizers.items()]
        scores = self._svm.decision_function(csr_matrix(hstack(parts)))
        return np.column_stack([-scores, scores]) if scores.ndim == 1 else scores

    def probabilities(self, examples: Sequence[Views]) -> Any:
        """Probabilities, a row an example and a column an intent."""
        return _softmax(self.scores(examples) * self.temperature)

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


def _softmax(scores: Any) -> Any:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _best_temperature(scores: Any, truth: Any) -> float:
    """The factor that makes the held-out answers most likely."""
    rows = np.arange(len(truth))
    losses = [-np.log(_softmax(scores * t)[rows, truth] + 1e-12).mean() for t in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True, model_from="WalletSpacy"
)
class WalletIntentClassifier(IntentClassifier, GraphComponent):
    """Puts `IntentModel` into Rasa's graph; reads the spaCy document and needs no featurizers."""

    @classmethod
    def required_components(cls) -> list[type]:
        """The spaCy document must be there."""
        return [WalletSpacy]

    @staticmethod
    def required_packages() -> list[str]:
        """Packages whose version changes the model."""
        return ["sklearn", "skops", "jieba"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`strength`: C of the support vector machine; `ranking_length`: intents reported, best first."""
        return {"strength": 1.0, "ranking_length": 10}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Train anew when our own code or word lists change."""
        return source_hash()

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, model: IntentModel | None
    ):
        if not config["strength"] > 0 or config["ranking_length"] < 1:
            raise InvalidConfigException(
                "WalletIntentClassifier needs a `strength` above 0 and a `ranking_length` of at least 1."
            )
        self._config = config
        self._storage = storage
        self._resource = resource
        self._concepts = Concepts.from_lookups()
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> WalletIntentClassifier:
        """An untrained classifier. Raises InvalidConfigException for nonsense in the configuration."""
        return cls(config, model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> WalletIntentClassifier:
        """The classifier kept by `train`; nothing in the file may run code (skops, not pickle)."""
        with model_storage.read_from(resource) as folder:
            path = folder / "intents.skops"
            untrusted = set(sio.get_untrusted_types(file=path)) - set(_DATA_TYPES)
            if untrusted:
                raise ValueError(f"refusing to load {path.name}: it holds {sorted(untrusted)}")
            return cls(
                config, model_storage, resource, IntentModel.from_state(sio.load(path, trusted=_DATA_TYPES))
            )

    def train(self, training_data: TrainingData, model: Any) -> Resource:
        """Trains on the examples that have an intent. Raises UntrainedClassifierError without any."""
        messages = [m for m in training_data.intent_examples if m.get(TEXT)]
        intents = [m.get(INTENT) for m in messages]
        if len(set(intents)) < 2:
            raise UntrainedClassifierError("The intent classifier needs examples of at least two intents.")
        self._model = IntentModel(self._config["strength"])
        self._model.fit([self._views(m, model) for m in messages], intents)
        logger.info("Intent classifier: %d examples, temperature %.1f", len(intents), self._model.temperature)
        with self._storage.write_to(self._resource) as folder:
            sio.dump(self._model.state(), folder / "intents.skops")
        return self._resource

    def process_training_data(self, training_data: TrainingData, model: Any) -> TrainingData:
        """Nothing later in the pipeline learns from our answers."""
        return training_data

    def process(self, messages: list[Message], model: Any) -> list[Message]:
        """Sets intent and ranking on each message that has text."""
        for message in messages:
            if not message.get(TEXT) or self._model is None:
                continue
            chances = self._model.probabilities([self._views(message, model)])[0]
            best_first = np.argsort(-chances)[: self._config["ranking_length"]]
            names = self._model.intents
            ranking = [{"name": names[i], "confidence": float(chances[i])} for i in best_first]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _views(self, message: Message, model: Any) -> Views:
        doc = message.get(SPACY_DOCS[TEXT])
        masked = mask(message.get(TEXT), found_in(doc) if doc is not None else [])
        tokens = [word for word in model.model.tokenizer.split(masked) if word.strip()]
        return views(masked, tokens, self._concepts)

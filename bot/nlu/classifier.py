"""The intent classifier as a Rasa graph component around `bot.nlu.model`."""

from __future__ import annotations

import logging
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
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.build import source_hash
from bot.nlu.features import Concepts, Views, mask, views
from bot.nlu.model import IntentModel
from bot.nlu.pipeline import found_in
from bot.nlu.spacy_model import WalletSpacy
from bot.nlu.vectors import word_vectors
from bot.nlu.wishes import wishes

ALSO_WANTS = "also_wants"  # entity: an intent that the message holds besides its own
logger = logging.getLogger(__name__)

_DATA_TYPES = ["scipy.sparse._csr.csr_matrix"]  # the only type beyond skops' own that a model may hold


class UntrainedClassifierError(InvalidConfigException):
    """The classifier was asked to train without a single example, or two intents to tell apart."""


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
        return ["sklearn", "skops", "jieba", "pypinyin"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`strength`: C of the support vector machine; `ranking_length`: intents reported, best first."""
        return {"strength": 0.5, "ranking_length": 10}

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
        self._vectors = word_vectors()
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
            ranking = self._ranking(message.get(SPACY_DOCS[TEXT]), message.get(TEXT), model)
            text, whole = message.get(TEXT), ranking[0]
            first, besides = wishes(text, whole["name"], lambda clause: self._guess(clause, model))
            if first != whole["name"]:
                ranking = [{"name": first, "confidence": whole["confidence"]}] + [
                    one for one in ranking if one["name"] != first
                ]
            if besides:
                also = {"entity": ALSO_WANTS, "start": 0, "end": len(text), "value": besides}
                message.set(ENTITIES, [*message.get(ENTITIES, []), also], add_to_output=True)
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _ranking(self, doc: Any, text: str, model: Any) -> list[dict[str, Any]]:
        assert self._model is not None
        chances = self._model.probabilities([self._views_of(doc, text, model)])[0]
        best_first = np.argsort(-chances)[: self._config["ranking_length"]]
        names = self._model.intents
        return [{"name": names[i], "confidence": float(chances[i])} for i in best_first]

    def _guess(self, clause: str, model: Any) -> tuple[str, float]:
        best = self._ranking(model.model(clause), clause, model)[0]
        return best["name"], best["confidence"]

    def _views(self, message: Message, model: Any) -> Views:
        return self._views_of(message.get(SPACY_DOCS[TEXT]), message.get(TEXT), model)

    def _views_of(self, doc: Any, text: str, model: Any) -> Views:
        masked = mask(text, found_in(doc) if doc is not None else [])
        tokens = [word for word in model.model.tokenizer.split(masked) if word.strip()]
        return views(masked, tokens, self._concepts, self._vectors)

"""The intent classifier: learns, keeps what it learnt, is as sure as it is right, refuses nonsense."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io as sio
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.constants import SPACY_DOCS
from rasa.nlu.utils.spacy_utils import SpacyModel
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from spacy.language import Language

from bot.nlu.classifier import UntrainedClassifierError, WalletIntentClassifier
from bot.nlu.features import Views
from bot.nlu.model import IntentModel

EXAMPLES = {
    "refund_timing": [
        "退款什么时候到",
        "退款多久到账",
        "when is my refund coming",
        "refund still not here",
        "我的退款呢",
        "how long for a refund",
    ],
    "change_password": [
        "怎么改密码",
        "忘记支付密码了",
        "change my password",
        "i forgot my pin",
        "密码怎么重置",
        "reset the password",
    ],
    "affirm": ["好的", "对", "嗯", "yes", "ok", "yep"],
}
CONTEXT = ExecutionContext(GraphSchema({}))
RESOURCE = Resource("classifier")


def message(nlp: Language, text: str, intent: str | None = None) -> Message:
    data: dict[str, Any] = {TEXT: text, SPACY_DOCS[TEXT]: nlp(text)}
    return Message({**data, INTENT: intent} if intent else data)


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    return LocalModelStorage.create(tmp_path)


@pytest.fixture
def model(nlp: Language) -> SpacyModel:
    return SpacyModel(nlp, "models/spacy")


def train(nlp: Language, storage: LocalModelStorage, model: SpacyModel) -> WalletIntentClassifier:
    examples = [message(nlp, text, intent) for intent, texts in EXAMPLES.items() for text in texts]
    classifier = WalletIntentClassifier.create(
        WalletIntentClassifier.get_default_config(), storage, RESOURCE, CONTEXT
    )
    classifier.train(TrainingData(examples), model)
    return classifier


def test_it_learns_and_answers_alike_after_loading(
    nlp: Language, storage: LocalModelStorage, model: SpacyModel
) -> None:
    trained = train(nlp, storage, model)
    loaded = WalletIntentClassifier.load(
        WalletIntentClassifier.get_default_config(), storage, RESOURCE, CONTEXT
    )
    for text, intent in (
        ("我要改密码", "change_password"),
        ("where is my refund", "refund_timing"),
        ("嗯嗯", "affirm"),
    ):
        (now,) = trained.process([message(nlp, text)], model)
        (later,) = loaded.process([message(nlp, text)], model)
        assert now.get(INTENT)["name"] == later.get(INTENT)["name"] == intent
        assert now.get(INTENT)["confidence"] == pytest.approx(later.get(INTENT)["confidence"])
        ranking = later.get("intent_ranking")
        assert ranking[0] == later.get(INTENT)
        assert sum(entry["confidence"] for entry in ranking) == pytest.approx(1)


def test_an_empty_message_gets_no_intent(
    nlp: Language, storage: LocalModelStorage, model: SpacyModel
) -> None:
    classifier = train(nlp, storage, model)
    (answered,) = classifier.process([Message({TEXT: ""})], model)
    assert answered.get(INTENT) is None


def test_training_without_examples_is_a_named_error(storage: LocalModelStorage, model: SpacyModel) -> None:
    classifier = WalletIntentClassifier.create(
        WalletIntentClassifier.get_default_config(), storage, RESOURCE, CONTEXT
    )
    with pytest.raises(UntrainedClassifierError):
        classifier.train(TrainingData([]), model)


@pytest.mark.parametrize("nonsense", [{"strength": 0}, {"strength": -1.0}, {"ranking_length": 0}])
def test_nonsense_in_the_configuration_is_a_named_error(
    storage: LocalModelStorage, nonsense: dict[str, Any]
) -> None:
    config = {**WalletIntentClassifier.get_default_config(), **nonsense}
    with pytest.raises(InvalidConfigException):
        WalletIntentClassifier.create(config, storage, RESOURCE, CONTEXT)


def test_a_file_that_could_run_code_is_refused(storage: LocalModelStorage) -> None:
    with storage.write_to(RESOURCE) as folder:
        sio.dump({"svm": Path("x")}, folder / "intents.skops")
    with pytest.raises(ValueError, match="refusing to load"):
        WalletIntentClassifier.load(WalletIntentClassifier.get_default_config(), storage, RESOURCE, CONTEXT)


def test_confidence_is_as_high_as_the_share_of_right_answers() -> None:
    rng = np.random.default_rng(1)

    def draw(count: int) -> tuple[list[Views], list[str]]:
        """Two intents whose one telling word is wrong one time in four."""
        intents = [str(name) for name in rng.choice(["one", "two"], count)]
        words = [
            intent if rng.random() < 0.75 else {"one": "two", "two": "one"}[intent] for intent in intents
        ]
        return [Views(word, word, word, word, word, word, np.zeros(2)) for word in words], intents

    model = IntentModel(strength=1.0)
    model.fit(*draw(600))
    examples, intents = draw(600)
    chances = model.probabilities(examples)
    right = np.mean(
        [model.intents[i] == intent for i, intent in zip(chances.argmax(axis=1), intents, strict=True)]
    )
    assert chances.max(axis=1).mean() == pytest.approx(right, abs=0.07)

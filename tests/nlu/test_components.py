"""Our Rasa components around the spaCy document: the model, entities, the language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.constants import SPACY_DOCS
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from spacy.language import Language

from bot.nlu.entities import WalletEntities
from bot.nlu.language import LanguageFinder
from bot.nlu.spacy_model import WalletSpacy

CONTEXT = ExecutionContext(GraphSchema({}))
RESOURCE = Resource("component")


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    return LocalModelStorage.create(tmp_path)


def understood(nlp: Language, storage: LocalModelStorage, text: str) -> list[dict[str, Any]]:
    message = Message({TEXT: text, SPACY_DOCS[TEXT]: nlp(text)})
    WalletEntities.create({}, storage, RESOURCE, CONTEXT).process([message])
    LanguageFinder.create({}, storage, RESOURCE, CONTEXT).process([message])
    return list(message.get(ENTITIES))


def test_entities_and_language_of_a_message(nlp: Language, storage: LocalModelStorage) -> None:
    text = "昨天扣了128块"
    entities = understood(nlp, storage, text)
    assert [(e["entity"], e["start"], e["end"], e["value"], e["extractor"]) for e in entities] == [
        ("date_time", 0, 2, {"days_ago": 1}, "WalletEntities"),
        ("amount", 4, 8, {"value": "128", "currency": "CNY"}, "WalletEntities"),
        ("language", 0, len(text), "zh", "LanguageFinder"),
    ]


def test_no_language_entity_without_evidence(nlp: Language, storage: LocalModelStorage) -> None:
    assert understood(nlp, storage, "ok") == []
    assert [e["entity"] for e in understood(nlp, storage, "海底捞")] == ["merchant"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [("不是星巴克,是瑞幸", "瑞幸咖啡"), ("是瑞幸不是星巴克", "瑞幸咖啡"), ("not Tesco, Aldi", "Aldi")],
)
def test_what_is_meant_comes_before_what_is_ruled_out(
    nlp: Language, storage: LocalModelStorage, text: str, meant: str
) -> None:
    merchants = [e["value"] for e in understood(nlp, storage, text) if e["entity"] == "merchant"]
    assert len(merchants) == 2
    assert merchants[0] == meant


def test_a_message_without_text_is_left_alone(storage: LocalModelStorage) -> None:
    message = Message({})
    WalletEntities.create({}, storage, RESOURCE, CONTEXT).process([message])
    LanguageFinder.create({}, storage, RESOURCE, CONTEXT).process([message])
    assert message.get(ENTITIES) is None


def test_the_pipeline_is_built_when_it_is_absent(tmp_path: Path, storage: LocalModelStorage) -> None:
    config = {**WalletSpacy.get_default_config(), "model": str(tmp_path / "spacy")}
    component = WalletSpacy.create(config, storage, RESOURCE, CONTEXT)
    message = Message({TEXT: "在Starbucks付款"})
    component.process([message], component.provide())
    assert (tmp_path / "spacy" / "meta.json").exists()
    assert [span.text for span in message.get(SPACY_DOCS[TEXT]).ents] == ["Starbucks"]  # capitals kept


def test_a_missing_folder_name_is_a_named_error(storage: LocalModelStorage) -> None:
    with pytest.raises(InvalidConfigException, match="WalletSpacy needs"):
        WalletSpacy.create({"model": ""}, storage, RESOURCE, CONTEXT)

"""Hands the entities of our spaCy pipeline to Rasa, with their values."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import SPACY_DOCS
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.build import source_hash
from bot.nlu.finders import Found
from bot.nlu.pipeline import found_in
from bot.nlu.spacy_model import WalletSpacy

# "不是星巴克,是瑞幸": what is ruled out must not be taken for what is meant.
_RULED_OUT = re.compile(
    r"(?:不是|唔系|唔係|并非|不要|\bnot|\bisn'?t|\bwasn'?t|\binstead of)\s*(?:the |at |on |in |from |那笔)?$",
    re.I,
)


def meant_first(found: list[Found], text: str) -> list[Found]:
    """The entities with those that the customer rules out moved behind the others of the message."""
    return sorted(found, key=lambda f: bool(_RULED_OUT.search(text[: f.start])))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class WalletEntities(GraphComponent, EntityExtractorMixin):
    """Entity extractor over `doc.ents`; offsets are those of the text as typed."""

    @classmethod
    def required_components(cls) -> list[type]:
        """The spaCy document must be there."""
        return [WalletSpacy]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Run anew when our own code or word lists change."""
        return source_hash()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> WalletEntities:
        """Nothing to configure."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the entities of each message, what is meant before what is ruled out."""
        for message in messages:
            doc = message.get(SPACY_DOCS[TEXT])
            if doc is None:
                continue
            entities = [
                {
                    "entity": found.label,
                    "start": found.start,
                    "end": found.end,
                    "value": found.value,
                    "confidence_entity": 1.0,
                }
                for found in meant_first(found_in(doc), message.get(TEXT))
            ]
            message.set(
                ENTITIES, message.get(ENTITIES, []) + self.add_extractor_name(entities), add_to_output=True
            )
        return messages

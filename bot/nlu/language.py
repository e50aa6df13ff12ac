"""Tells the language of a message, zh or en, or nothing when the words give no evidence.

"ok", "128", "?", a shop's name or pinyin say nothing: the conversation then stays in its language.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import SPACY_DOCS
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.gazetteer import LOOKUPS, word_set
from bot.nlu.pipeline import found_in
from bot.nlu.spacy_model import WalletSpacy
from bot.nlu.text import CJK, fold

Language = Literal["zh", "en"]

_CHINESE_RUN = re.compile(f"[{CJK}]+")
_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?")
# Characters that make a run of Chinese a sentence rather than a name in an English one.
_GRAMMAR = re.compile(
    "[的了吗呢吧啊是不没有我你您他她它们这那哪谁什怎为啥要会能可被把给在和跟就都也还又再很请帮笔钱付款扣退查]"
)
_ENTITIES_IN_BOTH = {"merchant", "order_number", "currency"}  # names written alike in either language


class LanguageDetector:
    """The rule behind `LanguageFinder`, usable without Rasa."""

    def __init__(self, english: frozenset[str], weak: frozenset[str]) -> None:
        self._english = english
        self._weak = weak

    @classmethod
    def from_lookups(cls) -> LanguageDetector:
        """With the word lists of `data/lookups`. Raises FileNotFoundError when one is missing."""
        return cls(word_set(LOOKUPS / "english.txt"), word_set(LOOKUPS / "weak_english.txt"))

    def detect(self, text: str, names: list[tuple[int, int]] | None = None) -> Language | None:
        """The language of `text`; `names` are spans (merchants and such) that are no evidence."""
        folded = fold(text)
        for start, end in names or []:
            folded = folded[:start] + " " * (end - start) + folded[end:]
        words = _WORD.findall(folded.replace("’", "'"))
        english = [word for word in words if word in self._english]
        chinese = _CHINESE_RUN.findall(folded)
        if chinese:
            only_a_name = len(chinese) == 1 and not _GRAMMAR.search(chinese[0]) and len(chinese[0]) <= 10
            return "en" if only_a_name and len(english) >= 3 else "zh"
        throughout = len(english) > 1 and english == words
        return "en" if throughout or not self._weak.issuperset(english) else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class LanguageFinder(GraphComponent, EntityExtractorMixin):
    """Adds an entity `language` (zh or en) over the whole message where there is evidence."""

    @classmethod
    def required_components(cls) -> list[type]:
        """The spaCy document tells names apart."""
        return [WalletSpacy]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageFinder:
        """Nothing to configure."""
        return cls(LanguageDetector.from_lookups())

    def __init__(self, detector: LanguageDetector) -> None:
        self._detector = detector

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the language of each message."""
        for message in messages:
            text = message.get(TEXT)
            doc = message.get(SPACY_DOCS[TEXT])
            found = found_in(doc) if doc is not None else []
            names = [(f.start, f.end) for f in found if f.label in _ENTITIES_IN_BOTH]
            language = self._detector.detect(text, names) if text else None
            if language is not None:
                entity = {"entity": "language", "start": 0, "end": len(text), "value": language}
                message.set(
                    ENTITIES,
                    message.get(ENTITIES, []) + self.add_extractor_name([entity]),
                    add_to_output=True,
                )
        return messages

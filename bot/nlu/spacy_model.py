"""Loads our spaCy pipeline into Rasa, building it first when it is absent or out of date."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.utils.spacy_utils import SpacyModel, SpacyNLP
from rasa.shared.exceptions import InvalidConfigException

import bot.nlu.pipeline  # noqa: F401  registers our tokenizer and entity pipe with spaCy
from bot.nlu.build import ROOT, ensure_built, source_hash


@dataclass
class WalletSpacyModel(SpacyModel):
    """A spaCy model that Rasa's training cache tells apart by its sources, not by its name alone."""

    def fingerprint(self) -> str:
        """Changes with our word lists and rules, so that a cached result is never stale."""
        return f"{self.model_name}-{source_hash()}"


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.MODEL_LOADER, DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER],
    is_trainable=False,
    model_from="WalletSpacy",
)
class WalletSpacy(SpacyNLP):
    """Rasa's `SpacyNLP` over `models/spacy`; sees text as typed, so that offsets and capitals hold."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`model`: folder of the pipeline, relative to the repository's root."""
        return {"model": "models/spacy", "case_sensitive": True}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Run anew when our own code or word lists change."""
        return source_hash()

    @staticmethod
    def load_model(spacy_model_name: str) -> SpacyModel:
        """The pipeline from its folder, built if need be. Raises InvalidConfigException without a folder."""
        if not spacy_model_name:
            raise InvalidConfigException("WalletSpacy needs `model`, the folder of our spaCy pipeline.")
        folder = ensure_built(ROOT / Path(spacy_model_name))
        loaded = SpacyNLP.load_model(str(folder))
        return WalletSpacyModel(model=loaded.model, model_name=spacy_model_name)

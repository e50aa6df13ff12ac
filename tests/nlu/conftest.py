"""The spaCy pipeline built fresh (fast: no training), once for all NLU tests."""

from __future__ import annotations

import pytest
from spacy.language import Language

from bot.nlu.pipeline import create_pipeline


@pytest.fixture(scope="session")
def nlp() -> Language:
    """Our pipeline with today's word lists."""
    return create_pipeline()

"""The spaCy pipeline built fresh (fast: no training), once for all NLU tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from spacy.language import Language

from bot.nlu.pipeline import create_pipeline

NLU_FILES = sorted(
    path
    for folder in ("data/nlu", "tests/nlu/eval")
    for path in (Path(__file__).resolve().parents[2] / folder).rglob("*.yml")
)


@pytest.fixture(scope="session")
def nlp() -> Language:
    """Our pipeline with today's word lists."""
    return create_pipeline()

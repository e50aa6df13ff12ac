"""Builds our spaCy pipeline: `python -m bot.nlu.build` saves it to `models/spacy`, where Rasa finds it."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path

import spacy

from bot.nlu.gazetteer import LOOKUPS
from bot.nlu.pipeline import create_pipeline
from bot.nlu.vectors import TABLE

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "models" / "spacy"
_SOURCE = "imwallet_source"


def source_hash() -> str:
    """Changes whenever a word list, the word vectors or the code that understands text do."""
    digest = hashlib.sha256()
    for path in sorted([*LOOKUPS.glob("*.txt"), TABLE, *Path(__file__).parent.rglob("*.py")]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def build(target: Path = MODEL) -> Path:
    """Builds and saves the pipeline; the folder appears complete or not at all."""
    nlp = create_pipeline()
    nlp.meta[_SOURCE] = source_hash()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".spacy-") as scratch:
        fresh, old = Path(scratch) / "new", Path(scratch) / "old"
        nlp.to_disk(fresh)
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    return target


def ensure_built(target: Path = MODEL) -> Path:
    """Builds the pipeline if it is absent or older than its sources."""
    try:
        current = spacy.util.load_meta(target / "meta.json").get(_SOURCE) == source_hash()
    except OSError:
        current = False
    if not current:
        build(target)
    return target


if __name__ == "__main__":
    print(f"spaCy pipeline saved to {build().relative_to(ROOT)}", file=sys.stderr)

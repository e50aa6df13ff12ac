"""Reads labelled sentences from files in Rasa's NLU format: training data and held-out evaluation.

A file belongs to the language its name begins or ends with (zh_hard.yml, smoke_en.yml), else to that of
its folder (data/nlu/zh), else each sentence to the one it is written in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.nlu.text import CJK

ROOT = Path(__file__).resolve().parents[2]
TRAINING = ROOT / "data" / "nlu"
EVALUATION = ROOT / "tests" / "evaluation"
_MARK = re.compile(r"\[([^\]]+)\](?:\((\w+)\)|\{[^}]*\"entity\":\s*\"(\w+)\"[^}]*\})")

Span = tuple[str, int, int]


@dataclass(frozen=True)
class Example:
    """A sentence with what it means, and the file it is from."""

    text: str
    intent: str
    entities: frozenset[Span]
    language: str
    source: str = ""


def training_files() -> list[Path]:
    """All files of training sentences."""
    return sorted(TRAINING.rglob("*.yml"))


def evaluation_files() -> list[Path]:
    """The held-out sentences, written apart from the training data; one file a language."""
    return [EVALUATION / f"{language}.yml" for language in ("zh", "en")]


def read_examples(paths: Iterable[Path]) -> list[Example]:
    """The examples of NLU files. Raises ValueError for a file without any."""
    examples: list[Example] = []
    for path in paths:
        before = len(examples)
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu", []):
            for line in block.get("examples", "").splitlines() if "intent" in block else ():
                if line.strip().startswith("- "):
                    text, entities = unmark(line.strip()[2:].strip())
                    language = _language(path, text)
                    examples.append(Example(text, block["intent"], entities, language, path.name))
        if len(examples) == before:
            raise ValueError(f"{path.name} holds no examples")
    return examples


def unmark(marked: str) -> tuple[str, frozenset[Span]]:
    """The plain text and the spans of `[128块](amount)` marks."""
    text, spans, at = "", set(), 0
    for mark in _MARK.finditer(marked):
        text += marked[at : mark.start()]
        spans.add((mark[2] or mark[3], len(text), len(text) + len(mark[1])))
        text, at = text + mark[1], mark.end()
    return text + marked[at:], frozenset(spans)


def _language(path: Path, text: str) -> str:
    named = re.search(r"(?:^|_)(zh|en)(?:_|$)", path.stem) or re.search(r"^(zh|en)$", path.parent.name)
    return named[1] if named else "zh" if re.search(f"[{CJK}]", text) else "en"

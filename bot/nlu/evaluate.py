"""Measures the newest trained model on the held-out sentences: `python -m bot.nlu.evaluate`.

Reads every `tests/nlu/eval/*.yml` (Rasa's NLU format). A file belongs to the language its name
begins or ends with (zh_hard.yml, smoke_en.yml), else to the one its text is in.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.nlu.text import CJK

ROOT = Path(__file__).resolve().parents[2]
OUT_OF_SCOPE = {"out_of_scope", "nlu_fallback"}
_MARK = re.compile(r"\[([^\]]+)\](?:\((\w+)\)|\{[^}]*\"entity\":\s*\"(\w+)\"[^}]*\})")

Span = tuple[str, int, int]


@dataclass(frozen=True)
class Example:
    """A sentence with what it means."""

    text: str
    intent: str
    entities: frozenset[Span]
    language: str


@dataclass(frozen=True)
class Answer:
    """What the model made of an example."""

    example: Example
    intent: str
    confidence: float
    entities: frozenset[Span]


@dataclass(frozen=True)
class Score:
    """Precision and recall of one kind of thing."""

    hits: int
    said: int
    true: int

    @property
    def precision(self) -> float:
        """Share of what was said that is true; 1 when nothing was said."""
        return self.hits / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        """Share of what is true that was said; 1 when there was nothing."""
        return self.hits / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def read_examples(paths: Iterable[Path]) -> list[Example]:
    """The examples of NLU files. Raises ValueError for a file without any."""
    examples: list[Example] = []
    for path in paths:
        before = len(examples)
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu", []):
            for line in block["examples"].splitlines():
                if line.strip().startswith("- "):
                    text, entities = unmark(line.strip()[2:].strip())
                    examples.append(Example(text, block["intent"], entities, _language(path, text)))
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


def newest_model(folder: Path) -> Path:
    """The newest Rasa model. Raises FileNotFoundError when there is none."""
    models = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        raise FileNotFoundError("No trained model in models/: run `make train` first.")
    return models[-1]


async def answers(model: Path, examples: Sequence[Example]) -> list[Answer]:
    """What a trained model makes of the examples."""
    from rasa.core.agent import Agent  # imports TensorFlow: only when a model is really asked

    agent = Agent.load(str(model))
    return [answer(example, await agent.parse_message(example.text)) for example in examples]


def answer(example: Example, parsed: dict[str, Any]) -> Answer:
    """Rasa's parse of an example as an `Answer`; the message's language is no entity to be scored."""
    spans = {(e["entity"], e["start"], e["end"]) for e in parsed["entities"] if e["entity"] != "language"}
    return Answer(example, parsed["intent"]["name"], parsed["intent"]["confidence"], frozenset(spans))


def accuracy(results: Sequence[Answer]) -> float:
    """Share of right intents; out of scope and "not sure" are the same answer to a customer."""
    return sum(_plain(r.intent) == r.example.intent for r in results) / len(results)


def intent_scores(results: Sequence[Answer]) -> dict[str, Score]:
    """A score for each intent that occurs in the examples."""
    said, true = Counter(_plain(r.intent) for r in results), Counter(r.example.intent for r in results)
    hits = Counter(r.example.intent for r in results if _plain(r.intent) == r.example.intent)
    return {name: Score(hits[name], said[name], true[name]) for name in sorted(true)}


def entity_scores(results: Sequence[Answer]) -> dict[str, Score]:
    """A score for each kind of entity, exact spans only; the key "all" sums them up."""
    said, true, hits = Counter[str](), Counter[str](), Counter[str]()
    for result in results:
        for counter, spans in (
            (said, result.entities),
            (true, result.example.entities),
            (hits, result.entities & result.example.entities),
        ):
            counter.update(label for label, _, _ in spans)
            counter.update("all" for _ in spans)
    return {label: Score(hits[label], said[label], true[label]) for label in sorted({*said, *true})}


def confusions(results: Sequence[Answer]) -> list[tuple[tuple[str, str], int]]:
    """(true intent, answered intent) pairs that went wrong, most frequent first."""
    return Counter(
        (r.example.intent, r.intent) for r in results if _plain(r.intent) != r.example.intent
    ).most_common()


def _plain(intent: str) -> str:
    return "out_of_scope" if intent in OUT_OF_SCOPE else intent


def calibration(results: Sequence[Answer]) -> list[tuple[str, int, float]]:
    """For each tenth of confidence: how many answers, and the share of them that is right."""
    rows = []
    for tenth in range(10):
        inside = [r for r in results if min(int(r.confidence * 10), 9) == tenth]
        if inside:
            right = sum(r.intent == r.example.intent for r in inside) / len(inside)
            rows.append((f"{tenth / 10:.1f}-{(tenth + 1) / 10:.1f}", len(inside), right))
    return rows


def report(results: Sequence[Answer]) -> str:
    """Everything above in words and numbers, by language and together."""
    lines = []
    by_language = {
        language: [r for r in results if r.example.language == language] for language in ("zh", "en")
    }
    for name, part in {**by_language, "both": list(results)}.items():
        if not part:
            continue
        intents = intent_scores(part)
        scope, entities = intents.get("out_of_scope", Score(0, 0, 0)), entity_scores(part)
        macro = sum(score.f1 for score in intents.values()) / len(intents)
        whole = entities.get("all", Score(0, 0, 0))
        lines += [
            f"{name}: {len(part)} sentences",
            f"  intent accuracy {accuracy(part):.1%}, macro-F1 {macro:.3f}",
            f"  out of scope: precision {scope.precision:.1%}, recall {scope.recall:.1%}",
            f"  entities: F1 {whole.f1:.3f} (precision {whole.precision:.1%}, recall {whole.recall:.1%})",
        ]
        lines += [
            f"    {label:15} F1 {s.f1:.3f}  of {s.true}" for label, s in entities.items() if label != "all"
        ]
    lines.append("confidence: how often right")
    lines += [f"  {span}  {count:5}  {right:.0%}" for span, count, right in calibration(results)]
    lines.append("most confused (true → answered)")
    lines += [f"  {count:3}  {true} → {said}" for (true, said), count in confusions(results)[:25]]
    return "\n".join(lines)


def main() -> int:
    """Prints the report; 1 when there is nothing to measure."""
    paths = sorted((ROOT / "tests" / "nlu" / "eval").glob("*.yml"))
    if not paths:
        print("Nothing to measure: tests/nlu/eval holds no .yml files.", file=sys.stderr)
        return 1
    try:
        model = newest_model(ROOT / "models")
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)  # or Rasa prints every sentence
    print(f"model {model.name}, {len(paths)} evaluation files")
    print(report(asyncio.run(answers(model, read_examples(paths)))))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Finds faults in the training sentences: `python -m bot.nlu.lint` (part of `make lint`).

Each fault is one line: file, what is wrong, the sentence. Two kinds need a person's judgement: near twins
with different intents, and entities where the rules and the marks differ. A sentence that somebody has
looked at and found right is written, as it is, into `scripts/nlu_lint_accepted.txt`.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
from spacy.language import Language

from bot.nlu.examples import ROOT, Example, evaluation_files, read_examples, training_files
from bot.nlu.pipeline import create_pipeline
from bot.nlu.text import normalise

LEAST_MAIN, LEAST_SMALL = 150, 40
# Said in so few ways that more sentences would only repeat them.
SMALL = frozenset(
    "greet goodbye thanks affirm deny bot_challenge choose_payment correct_detail other_payment "
    "still_not_working ask_why ask_next case_status open_case".split()
)
ACCEPTED = ROOT / "scripts" / "nlu_lint_accepted.txt"
_ALIKE = 0.92  # cosine of character pairs and triples above which two sentences are near twins
_FEWEST = 8  # characters: shorter sentences are told apart by single words
_BLOCK = 1000


def bare(text: str) -> str:
    """Normalised, without marks and spaces; what is nothing but marks stays as it is."""
    return re.sub(r"[\W_]+", "", normalise(text)) or normalise(text)


def same(text: str) -> str:
    """Normalised, without marks; spellings that differ in spaces or apostrophes stay different."""
    plain = re.sub(r"[^\w\s'’\U0001f000-\U0001ffff]+", " ", normalise(text))
    return " ".join(plain.split()) or normalise(text)


def repeated(examples: Sequence[Example]) -> Iterator[str]:
    """Sentences that stand twice, and worse: twice with different intents."""
    seen: dict[str, Example] = {}
    for example in examples:
        first = seen.setdefault(same(example.text), example)
        if first is not example and first.intent == example.intent:
            yield f"{example.language}/{example.source}: again (also {first.source}): {example.text}"
    labelled: dict[str, Example] = {}
    for example in examples:
        first = labelled.setdefault(bare(example.text), example)
        if first.intent != example.intent:
            yield (
                f"{example.language}/{example.source}: {example.intent} here, {first.intent} in "
                f"{first.source}: {example.text}"
            )


def near_twins(examples: Sequence[Example], accepted: Collection[str] = ()) -> Iterator[str]:
    """Sentences of different intents that hardly differ, so that one of them is likely mislabelled."""
    long = [e for e in examples if len(bare(e.text)) >= _FEWEST]
    if len(long) < 2:
        return
    grams = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    matrix = grams.fit_transform([bare(e.text) for e in long])
    for start in range(0, len(long), _BLOCK):
        alike = (matrix[start : start + _BLOCK] @ matrix.T).tocoo()
        close = (alike.data >= _ALIKE) & (alike.row + start < alike.col)
        for row, column in zip(alike.row[close] + start, alike.col[close], strict=True):
            one, other = long[row], long[column]
            known = one.text in accepted or other.text in accepted
            if one.intent != other.intent and bare(one.text) != bare(other.text) and not known:
                yield (f"{one.language}: near twins, {one.intent}: {one.text} | {other.intent}: {other.text}")


def too_few(examples: Sequence[Example]) -> Iterator[str]:
    """Intents with fewer sentences in a language than they need to be learnt."""
    counts = Counter((e.language, e.intent) for e in examples)
    for language in sorted({e.language for e in examples}):
        for intent in sorted({e.intent for e in examples}):
            least = LEAST_SMALL if intent in SMALL else LEAST_MAIN
            if counts[language, intent] < least:
                yield f"{language}: {intent} has {counts[language, intent]} sentences, needs {least}"


def wrong_marks(examples: Sequence[Example], nlp: Language, accepted: Collection[str] = ()) -> Iterator[str]:
    """Entities that our rules find and nobody marked, and the reverse."""
    for example in examples:
        if example.text in accepted:
            continue
        found = {(span.label_, span.start_char, span.end_char) for span in nlp(example.text).ents}
        for spans, fault in (
            (found - example.entities, "not marked"),
            (example.entities - found, "marked, but not found by the rules"),
        ):
            for label, start, end in sorted(spans, key=lambda span: span[1]):
                yield (
                    f"{example.language}/{example.source}: {label} {fault}: "
                    f"{example.text[start:end]} | {example.text}"
                )


def held_out(examples: Sequence[Example], evaluation: Sequence[Example]) -> Iterator[str]:
    """Training sentences that are in the evaluation too, which would flatter every figure."""
    kept_apart = {bare(e.text) for e in evaluation}
    for example in examples:
        if bare(example.text) in kept_apart:
            yield f"{example.language}/{example.source}: held out for evaluation: {example.text}"


def accepted_sentences(path: Path = ACCEPTED) -> frozenset[str]:
    """Sentences that a person has looked at; none without the file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return frozenset(line for line in lines if line and not line.startswith("# "))


def stale(examples: Sequence[Example], accepted: Collection[str]) -> Iterator[str]:
    """Accepted sentences that are no longer in the data."""
    texts = {e.text for e in examples}
    yield from (f"no such sentence any more: {text}" for text in sorted(accepted) if text not in texts)


def main() -> int:
    """Prints the faults by kind; 1 when there are any."""
    examples = read_examples(training_files())
    accepted = accepted_sentences()
    faults = defaultdict[str, list[str]](list)
    faults["repeated"] += repeated(examples)
    faults["near twins"] += near_twins(examples, accepted)
    faults["too few"] += too_few(examples)
    faults["marks"] += wrong_marks(examples, create_pipeline(), accepted)
    faults["held out"] += held_out(examples, read_examples(evaluation_files()))
    faults["accepted"] += stale(examples, accepted)
    for kind, lines in faults.items():
        for line in lines:
            print(f"{kind}: {line}")
    total = sum(map(len, faults.values()))
    print(f"{len(examples)} training sentences, {total} faults", file=sys.stderr)
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())

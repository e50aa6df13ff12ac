"""Our spaCy pipeline: tokens for mixed Chinese and English, and the wallet's entities.

A blank `zh` with two parts of ours. The tokenizer splits by script and segments Chinese with jieba and
the words of `data/lookups`; a token never reaches over the edge of an entity, so that every entity
can be a span of tokens. The pipe `wallet_entities` sets `doc.ents`; each span's value is in `span._.value`.
Offsets are always those of the text as typed. Importing this module registers both with spaCy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import jieba
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import registry

from bot.nlu.finders import Found, find_entities
from bot.nlu.gazetteer import Gazetteer, Name, words
from bot.nlu.text import CJK, fold

TOKENIZER = "imwallet.MixedTokenizer.v1"
ENTITIES = "wallet_entities"
_FOUND = "wallet_found"

_RUNS = re.compile(rf"[{CJK}]+|[^\W\d_{CJK}]+(?:['’][a-z]+)?|\d+(?:[.,]\d+)*|\s+|.", re.DOTALL)
_CHINESE = re.compile(f"[{CJK}]")

if not Span.has_extension("value"):
    Span.set_extension("value", default=None)


class MixedTokenizer:
    """Tokenizer of our pipeline; finds entities first, because they bind the tokens' edges."""

    def __init__(self, vocab: Any, names: list[Name], lexicon: list[str]) -> None:
        self.vocab = vocab
        self._set(names, lexicon)

    def _set(self, names: list[Name], lexicon: list[str]) -> None:
        self.gazetteer = Gazetteer(names)
        self.lexicon = lexicon
        self._jieba = jieba.Tokenizer()
        jieba.setLogLevel("WARNING")
        chinese = (name.folded for name in names if re.fullmatch(f"[{CJK}]+", name.folded))
        for word in (*map(fold, lexicon), *chinese):
            self._jieba.add_word(word)

    def __call__(self, text: str) -> Doc:
        """A `Doc` of the text; `wallet_entities` reads the entities found from it."""
        folded = fold(text)
        found = find_entities(text, self.gazetteer)
        edges = {0, len(text), *(f.start for f in found), *(f.end for f in found)}
        pieces = [text[start:end] for start, end in self._tokens(folded, sorted(edges))]
        tokens, spaces = spacy.util.get_words_and_spaces(pieces, text)
        doc = Doc(self.vocab, words=tokens, spaces=spaces)
        doc.user_data[_FOUND] = found
        return doc

    def _tokens(self, folded: str, edges: list[int]) -> Iterator[tuple[int, int]]:
        for start, end in pairwise(edges):
            at = start
            for word in self.split(folded[start:end]):
                yield at, at + len(word)
                at += len(word)

    def split(self, folded: str) -> Iterator[str]:
        """Pieces of folded or normalised text, white space included; joined they give the text back."""
        for run in _RUNS.findall(folded):
            if _CHINESE.match(run):
                yield from self._jieba.cut(run, HMM=False)
            else:
                yield run

    def pipe(self, texts: Iterable[str], batch_size: int = 50) -> Iterator[Doc]:
        """Tokenizes a stream, as spaCy's own tokenizers do."""
        return map(self, texts)

    def to_bytes(self, **_: Any) -> bytes:
        """Word lists as JSON."""
        names = [[n.folded, n.label, n.value, n.everyday, n.capitals] for n in self.gazetteer.names]
        return json.dumps({"names": names, "lexicon": self.lexicon}, ensure_ascii=False).encode()

    def from_bytes(self, data: bytes, **_: Any) -> MixedTokenizer:
        """Replaces the word lists by those of `to_bytes`."""
        lists = json.loads(data)
        self._set([Name(*fields) for fields in lists["names"]], lists["lexicon"])
        return self

    def to_disk(self, path: str | Path, **_: Any) -> None:
        """Writes the word lists to a file."""
        Path(path).write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, **_: Any) -> MixedTokenizer:
        """Reads the word lists from a file."""
        return self.from_bytes(Path(path).read_bytes())


@registry.tokenizers(TOKENIZER)
def _make_tokenizer() -> Callable[[Language], MixedTokenizer]:
    return lambda nlp: MixedTokenizer(nlp.vocab, [], [])


@Language.component(ENTITIES)
def wallet_entities(doc: Doc) -> Doc:
    """Sets `doc.ents` to what the tokenizer found."""
    found: list[Found] = doc.user_data.pop(_FOUND, [])
    spans = []
    for entity in found:
        # "expand": spaCy glues odd white space to its neighbour, so an edge may fall inside a token.
        span = doc.char_span(entity.start, entity.end, label=entity.label, alignment_mode="expand")
        span._.value = entity.value
        spans.append(span)
    doc.ents = spans
    return doc


def found_in(doc: Any) -> list[Found]:
    """The entities of a document of our pipeline, in order of appearance."""
    return [Found(span.label_, span.start_char, span.end_char, span._.value) for span in doc.ents]


def create_pipeline() -> Language:
    """The pipeline with the word lists of `data/lookups`, not saved anywhere."""
    nlp = spacy.blank("zh", config={"nlp": {"tokenizer": {"@tokenizers": TOKENIZER}}})
    nlp.tokenizer = MixedTokenizer(nlp.vocab, Gazetteer.from_lookups().names, words())
    nlp.add_pipe(ENTITIES)
    return nlp

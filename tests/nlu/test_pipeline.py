"""The spaCy pipeline: tokens give the text back, entities are spans of tokens, saving loses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from bot.nlu.build import ROOT, build, ensure_built, source_hash
from bot.nlu.examples import Example, evaluation_files, read_examples, training_files
from bot.nlu.pipeline import create_pipeline

SENTENCE = "我昨天在星巴克付了128块,payment failed了,订单SBX20261122001"
PIPELINE = create_pipeline()


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("我的payment失败了ok吗", ["我", "的", "payment", "失败", "了", "ok", "吗"]),
        ("付款失敗", ["付款失敗"]),  # as typed, though segmented as 付款失败
        ("扣了128.50元", ["扣了", "128.50", "元"]),
        ("I don't know", ["I", "don't", "know"]),
    ],
)
def test_mixed_writing_is_split_into_words(nlp: Language, text: str, tokens: list[str]) -> None:
    assert [token.text for token in nlp(text) if not token.is_space] == tokens


@settings(max_examples=200, deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from("付款失敗了ok 128.5块$￥１,星巴克Starbucks昨天下午\n🙏'-第二笔"), max_size=40
    )
)
def test_tokens_give_the_text_back(text: str) -> None:
    doc = PIPELINE(text)
    assert doc.text == text
    for span in doc.ents:
        assert text[span.start_char : span.end_char] == span.text


def test_values_come_with_the_spans(nlp: Language) -> None:
    assert [(span.label_, span.text, span._.value) for span in nlp(SENTENCE).ents] == [
        ("date_time", "昨天", {"days_ago": 1}),
        ("merchant", "星巴克", "星巴克"),
        ("amount", "128块", {"value": "128", "currency": "CNY"}),
        ("order_number", "SBX20261122001", "SBX20261122001"),
    ]


@pytest.mark.parametrize(
    "path", [*training_files(), *evaluation_files()], ids=lambda path: str(path.relative_to(ROOT))
)
def test_no_entity_begins_or_ends_inside_a_token(nlp: Language, path: Path) -> None:
    """Neither one that is marked in the data nor one that our rules find."""
    assert [cut for example in read_examples([path]) for cut in _cut_entities(nlp, example)] == []


def _cut_entities(nlp: Language, example: Example) -> list[str]:
    doc = nlp(example.text)
    edges = {0, len(example.text)} | {token.idx for token in doc}
    edges |= {token.idx + len(token) for token in doc}
    found = {(span.label_, span.start_char, span.end_char) for span in doc.ents}
    return [
        f"{label} {example.text[start:end]} in {example.text}"
        for label, start, end in example.entities | found
        if not {start, end} <= edges
    ]


def test_a_saved_pipeline_answers_alike(tmp_path: Path, nlp: Language) -> None:
    saved = spacy.load(build(tmp_path / "spacy"))
    assert [(s.label_, s.start_char, s._.value) for s in saved(SENTENCE).ents] == [
        (s.label_, s.start_char, s._.value) for s in nlp(SENTENCE).ents
    ]
    assert [t.text for t in saved(SENTENCE)] == [t.text for t in nlp(SENTENCE)]


def test_building_happens_only_when_the_sources_changed(tmp_path: Path) -> None:
    target = ensure_built(tmp_path / "spacy")
    meta = target / "meta.json"
    first = meta.stat().st_mtime_ns
    ensure_built(target)
    assert meta.stat().st_mtime_ns == first
    meta.write_text(meta.read_text().replace(source_hash(), "another"))
    ensure_built(target)
    assert source_hash() in meta.read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["spacy"]  # nothing left behind

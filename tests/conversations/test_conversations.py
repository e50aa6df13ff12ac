"""Plays every conversation file in this folder against the trained model and real action server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conversations.conversation import BadFile, differences, language_of, load, play
from tests.stack import Json, Stack

HERE = Path(__file__).parent
FILES = sorted(HERE.rglob("*.yml"))
MINIMUM = 40


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(HERE).with_suffix("").as_posix())
def test_conversation(path: Path, stack: Stack) -> None:
    play(load(path), stack.url)


def test_there_are_enough_conversations_in_both_languages() -> None:
    assert len(FILES) >= MINIMUM, f"only {len(FILES)} conversation files"
    opening = [load(path).turns[0].get("say", "") for path in FILES]
    languages = {
        language: [language_of(text) for text in opening].count(language) for language in ("zh", "en")
    }
    assert min(languages.values()) >= MINIMUM // 4, languages


GOOD = "name: it greets\ncustomer: null\nturns:\n  - say: hello\n    expect: [Hello]\n"


def write(folder: Path, text: str) -> Path:
    file = folder / "it_greets.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_good_file_is_read(tmp_path: Path) -> None:
    conversation = load(write(tmp_path, GOOD))
    assert (conversation.name, conversation.customer) == ("it greets", None)
    assert conversation.turns == [{"say": "hello", "expect": ["Hello"]}]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("customer: null\n", ""), "exactly the keys"),
        (("customer: null", "customer: 7"), "customer text or null"),
        (("say: hello", "says: hello"), "unknown key says"),
        (("say: hello", "say: hello\n    press: hello"), "either say or press"),
        (("[Hello]", "Hello"), "expect must be a list"),
        (("[Hello]", "[128]"), "put numbers in quotes"),
        (("expect: [Hello]", "cause: bad_luck"), "no cause 'bad_luck'"),
        (("expect: [Hello]", "language: fr"), "zh or en"),
        (("expect: [Hello]", "handoff: maybe"), "true or false"),
        (("turns:", "turns: ["), "is not YAML"),
    ],
)
def test_a_bad_file_is_refused_with_the_place(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    with pytest.raises(BadFile, match=r"it_greets\.yml") as error:
        load(write(tmp_path, GOOD.replace(*change)))
    assert said in str(error.value)


ANSWER: Json = {
    "text": "您在星巴克的¥128.00还在处理中。",
    "blocks": [
        {"type": "diagnosis", "cause": "pending_at_channel"},
        {"type": "quick_replies", "replies": [{"id": "1", "title": "转人工"}]},
    ],
}


@pytest.mark.parametrize(
    "turn",
    [
        {"expect": ["星巴克", "转人工"], "expect_any": ["退款", "处理中"], "not_expect": ["失败"]},
        {"cause": "pending_at_channel", "handoff": False, "language": "zh"},
    ],
)
def test_an_answer_as_expected_has_no_differences(turn: Json) -> None:
    assert differences(turn, ANSWER) == []


@pytest.mark.parametrize(
    "turn",
    [
        {"expect": ["星巴克", "退款"]},
        {"expect_any": ["退款", "失败"]},
        {"not_expect": ["处理中"]},
        {"cause": "unknown"},
        {"handoff": True},
        {"language": "en"},
    ],
)
def test_each_kind_of_difference_is_found(turn: Json) -> None:
    assert len(differences(turn, ANSWER)) == 1

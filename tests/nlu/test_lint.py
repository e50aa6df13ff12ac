"""The linter of training sentences: each kind of fault is found, and nothing else."""

from __future__ import annotations

from spacy.language import Language

from bot.nlu import lint
from bot.nlu.examples import Example


def example(text: str, intent: str = "greet", language: str = "en", **_: object) -> Example:
    return Example(text, intent, frozenset(), language, f"{intent}.yml")


def test_repeated_sentences_are_named() -> None:
    twice = [example("Hello there"), example("hello there!!"), example("hello  there"), example("hellothere")]
    assert list(lint.repeated(twice)) == [
        "en/greet.yml: again (also greet.yml): hello there!!",
        "en/greet.yml: again (also greet.yml): hello  there",
    ]


def test_one_sentence_with_two_intents_is_named() -> None:
    both = [example("谢谢", "thanks", "zh"), example("謝謝。", "deny", "zh")]
    assert list(lint.repeated(both)) == ["zh/deny.yml: deny here, thanks in thanks.yml: 謝謝。"]


def test_near_twins_of_different_intents_are_named_unless_accepted() -> None:
    pair = [
        example("the payment to the shop has failed again", "payment_failed"),
        example("the payment to the shop has failed again and", "network_problem"),
        example("something else entirely, to be sure", "greet"),
    ]
    (fault,) = lint.near_twins(pair)
    assert "payment_failed: the payment" in fault and "network_problem: the payment" in fault
    assert list(lint.near_twins(pair, {pair[0].text})) == []
    assert list(lint.near_twins([])) == []


def test_small_intents_need_fewer_sentences() -> None:
    few = [example(f"x{n}", "greet") for n in range(40)] + [example(f"y{n}", "fees") for n in range(149)]
    assert list(lint.too_few(few)) == ["en: fees has 149 sentences, needs 150"]


def test_marks_that_differ_from_the_rules_are_named(nlp: Language) -> None:
    marked = Example("paid $20 here", "fees", frozenset({("merchant", 9, 13)}), "en", "fees.yml")
    assert list(lint.wrong_marks([marked], nlp)) == [
        "en/fees.yml: amount not marked: $20 | paid $20 here",
        "en/fees.yml: merchant marked, but not found by the rules: here | paid $20 here",
    ]
    assert list(lint.wrong_marks([marked], nlp, {marked.text})) == []


def test_accepted_sentences_must_still_be_there() -> None:
    assert list(lint.stale([example("hi")], {"hi", "gone"})) == ["no such sentence any more: gone"]


def test_held_out_sentences_are_not_trained_on() -> None:
    assert list(lint.held_out([example("Good morning!")], [example("good  morning")])) == [
        "en/greet.yml: held out for evaluation: Good morning!"
    ]

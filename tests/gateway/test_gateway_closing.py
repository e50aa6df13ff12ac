"""The end of a conversation: goodbye, rating, transcript."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from actions import protocol
from tests.gateway.helpers import FakeRasa, Gateway, Json, Person, problem, rows
from tests.gateway.test_gateway_pictures import drawn, sent


def test_ending_says_goodbye_and_asks_how_it_was_once(alice: Person) -> None:
    alice.say("付款失败了")
    for _ in range(2):
        assert alice.http.post(f"{alice.path}/end").status_code == 204
    (goodbye,) = [m for m in alice.messages() if m["author"] == "system"]
    assert "感谢" in goodbye["text"]
    assert goodbye["blocks"][-1] == {"type": "rating"}
    assert alice.say("还有一个问题")["seq"] == goodbye["seq"] + 2


def test_the_bot_may_ask_how_it_was(alice: Person, rasa: FakeRasa) -> None:
    rasa.reply = lambda turn: [{"text": "不客气！"}, {"custom": protocol.rating_request()}]
    assert alice.say("谢谢，解决了")["blocks"][-1] == {"type": "rating"}


def test_a_rating_can_be_thought_over(alice: Person, db: Path) -> None:
    alice.say("付款失败了")
    for score, words in ((2, "慢"), (5, " 解决了，卡号 4111 1111 1111 1111 ")):
        answer = alice.http.post(f"{alice.path}/rating", json={"score": score, "words": words})
        assert answer.status_code == 201
    [row] = rows(db, "SELECT score, words FROM ratings")
    assert row["score"] == 5
    assert "解决了" in row["words"]
    assert "4111 1111" not in row["words"]


@pytest.mark.parametrize(
    "body", [{}, {"score": 0}, {"score": 6}, {"score": "5"}, {"score": 5, "words": "a" * 1_001}]
)
def test_a_rating_out_of_range_is_refused(alice: Person, body: Json) -> None:
    problem(alice.http.post(f"{alice.path}/rating", json=body), 422, "invalid")


def test_nobody_ends_rates_or_reads_anothers(
    gateway: Gateway, alice: Person, bob: Person, charlie: Person
) -> None:
    alice.say("付款失败了")
    for person in (bob, gateway.visitor()):
        problem(person.http.post(f"{alice.path}/end"), 404, "not-found")
        problem(person.http.post(f"{alice.path}/rating", json={"score": 1}), 404, "not-found")
        problem(person.http.get(f"{alice.path}/transcript"), 404, "not-found")
    problem(charlie.http.get(f"{alice.path}/transcript"), 401, "unauthorized")


def test_a_transcript_has_every_word_by_the_customers_clock(gateway: Gateway, rasa: FakeRasa) -> None:
    alice = gateway.signed_in("cust_alice")
    alice.say("付款失败了")
    sent(alice, drawn())
    answer = alice.http.get(f"{alice.path}/transcript", params={"zone": "Asia/Shanghai"})
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    for words in ("Asia/Shanghai", "您\n付款失败了", "智能助手\nheard: 付款失败了", "[图片]", "星期"):
        assert words in answer.text
    bob = gateway.signed_in("cust_bob")
    bob.say("charged twice")
    english = bob.http.get(f"{bob.path}/transcript", params={"zone": "Europe/London"}).text
    assert "You\ncharged twice" in english
    assert "Assistant\nheard: charged twice" in english


def test_a_transcript_names_the_agent(alice: Person, db: Path) -> None:
    alice.say("付款失败了")
    with sqlite3.connect(db) as connection:
        connection.execute("UPDATE messages SET author = 'agent', agent_name = '小李' WHERE author = 'bot'")
    assert "小李\nheard: 付款失败了" in alice.http.get(f"{alice.path}/transcript").text


def test_transcripts_are_counted_like_messages(start: Callable[..., Gateway]) -> None:
    alice = start(messages_per_minute=2).signed_in("cust_alice")
    answers = [alice.http.get(f"{alice.path}/transcript") for _ in range(2)]
    problem(answers[-1], 429, "too-many")


@pytest.mark.parametrize("zone", ["Mars/Base", "../../etc/passwd", "Asia", ""])
def test_a_zone_that_is_none_is_refused(alice: Person, zone: str) -> None:
    problem(alice.http.get(f"{alice.path}/transcript", params={"zone": zone}), 422, "invalid")

"""A turn: from the stored message to the one answer, whatever Rasa does meanwhile."""

from __future__ import annotations

import json
import socket
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.gateway.app import create_app
from bot.gateway.sentences import SENTENCES
from bot.store.migrate import SchemaOutdated
from tests.gateway.helpers import FakeRasa, Gateway, Person, rows, settings, wait_for

Start = Callable[..., Gateway]
TROUBLE = SENTENCES["trouble"]
HANDOFF = {
    "kind": "handoff_request",
    "reason": "asked",
    "urgency": "medium",
    "summary": "付款失败，客户要求人工",
    "diagnosis": {"cause": "pending_at_channel", "evidence": [{"record": "att_1"}]},
}


def buttons_of(message: dict[str, Any]) -> list[dict[str, str]]:
    return [r for b in message["blocks"] if b["type"] == "quick_replies" for r in b["replies"]]


def test_all_messages_of_an_answer_become_one(alice: Person, rasa: FakeRasa) -> None:
    step = {"kind": "part", "part": "step"}
    rasa.reply = lambda turn: [
        {"text": "钱在银行。"},
        {"text": "打开应用", "custom": step},
        {"text": "查看余额", "custom": step},
        {"text": "还有问题吗？", "buttons": [{"title": "转人工", "payload": "/human_handoff"}]},
    ]
    answer = alice.say("付款失败")
    assert answer["text"] == "钱在银行。\n\n1. 打开应用\n2. 查看余额\n\n还有问题吗？"
    assert [b["type"] for b in answer["blocks"]] == ["text", "steps", "text", "quick_replies"]
    assert answer["blocks"][1]["items"] == ["打开应用", "查看余额"]
    assert len(alice.messages()) == 2


BAD_ANSWERS: dict[str, Response] = {
    "500": JSONResponse({"error": "internal error"}, 500),
    "503": JSONResponse({}, 503),
    "401": JSONResponse({}, 401),
    "not JSON": PlainTextResponse("<html>oops</html>"),
    "a list": JSONResponse([{"text": "hi"}]),
    "null": JSONResponse(None),
    "no messages": JSONResponse({"answer": "hi"}),
    "messages of another kind": JSONResponse({"messages": "hi"}),
    "messages that are words": JSONResponse({"messages": ["hi"]}),
    "nothing said": JSONResponse({"messages": []}),
    "nothing usable": JSONResponse({"messages": [{}, {"text": ""}, {"text": 7}, {"custom": {"kind": "?"}}]}),
    "a body without end": PlainTextResponse("[" * 1_100_000),
    "deep nesting": PlainTextResponse("[" * 200_000),
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_when_rasa_gives_no_answer_the_customer_gets_a_kind_one(
    alice: Person, rasa: FakeRasa, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    rasa.raw = BAD_ANSWERS[name]
    answer = alice.say("my payment failed")
    assert answer["text"] == TROUBLE["en"]
    assert buttons_of(answer)[0]["title"] == SENTENCES["human_button"]["en"]
    assert f"turn.failed conversation={alice.conversation}" in caplog.text
    rasa.raw = None
    assert alice.say("我的付款失败了")["text"] == "heard: 我的付款失败了"


def test_the_kind_answer_is_in_the_customers_language(alice: Person, bob: Person, rasa: FakeRasa) -> None:
    rasa.raw = BAD_ANSWERS["500"]
    assert alice.say("付款失败")["text"] == TROUBLE["zh"]
    assert alice.say("payment failed")["text"] == TROUBLE["en"]
    assert alice.say("88.00")["text"] == TROUBLE["zh"]  # says nothing: her own language
    assert bob.say("88.00")["text"] == TROUBLE["en"]


def test_a_rasa_that_hangs_is_not_waited_for(start: Start, rasa: FakeRasa) -> None:
    alice = start(rasa_timeout=0.3).signed_in("cust_alice")
    rasa.delay = 3.0
    began = time.monotonic()
    assert alice.say("付款失败")["text"] == TROUBLE["zh"]
    assert time.monotonic() - began < 2.5
    assert len(rasa.turns) == 1  # what may have been heard is not said again


def test_a_rasa_that_is_gone_is_tried_once_more(start: Start) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        alice = start(rasa_url=f"http://127.0.0.1:{nobody.getsockname()[1]}").signed_in("cust_alice")
        assert alice.say("付款失败")["text"] == TROUBLE["zh"]


def test_without_rasa_there_is_still_a_way_to_a_human(alice: Person, rasa: FakeRasa, db: Path) -> None:
    rasa.raw = BAD_ANSWERS["503"]
    button = buttons_of(alice.say("我的付款失败了"))[0]
    heard = len(rasa.turns)
    answer = alice.press(button["id"])
    assert len(rasa.turns) == heard
    [row] = rows(db, "SELECT * FROM handoffs")
    assert answer["blocks"][-1] == {"type": "handoff", "status": "queued", "reference": row["reference"]}
    assert SENTENCES["human_queued"]["zh"] in answer["text"]
    assert row["reference"] in answer["text"]
    assert (row["reason"], row["urgency"], row["customer_id"]) == ("asked", "medium", "cust_alice")
    assert "我的付款失败了" in row["transcript"]


def test_the_bot_can_ask_for_a_human(alice: Person, rasa: FakeRasa, db: Path) -> None:
    rasa.reply = lambda turn: [{"text": "好的。"}, {"custom": HANDOFF}]
    answer = alice.say("转人工")
    [row] = rows(db, "SELECT * FROM handoffs")
    assert answer["blocks"][-1] == {"type": "handoff", "status": "queued", "reference": row["reference"]}
    assert row["reference"].startswith("H-") and len(row["reference"]) == 7
    assert row["summary"] == HANDOFF["summary"]
    assert "att_1" in row["diagnosis"]
    assert "att_1" not in str(answer)


def test_each_conversation_has_its_own_hand_off(alice: Person, bob: Person, rasa: FakeRasa, db: Path) -> None:
    rasa.reply = lambda turn: [{"text": "ok", "custom": HANDOFF}]
    alice.say("转人工")
    bob.say("a human please")
    assert sorted(r["customer_id"] for r in rows(db, "SELECT * FROM handoffs")) == ["cust_alice", "cust_bob"]


def test_a_shared_secret_is_warned_of_before_the_answer(alice: Person, rasa: FakeRasa, db: Path) -> None:
    def reply(turn: dict[str, Any]) -> list[dict[str, str]]:
        return [{"text": "请不要发送密码。"}] if turn["payload"] else [{"text": f"heard: {turn['text']}"}]

    rasa.reply = reply
    posted = alice.post({"text": "付款失败，密码是123456，卡号4111 1111 1111 1111"})
    safe = "付款失败，密码是****，卡号**** 1111"
    assert posted.json()["text"] == safe
    assert alice.answer_to(posted)["text"] == f"请不要发送密码。\n\nheard: {safe}"
    assert rasa.heard == ["/secret_shared", safe]
    assert len({turn["message_id"] for turn in rasa.turns}) == 2
    alice.say("好的")
    assert rasa.heard[2:] == ["好的"]
    everything = b"".join(p.read_bytes() for p in db.parent.glob("support.db*"))
    assert b"4111" not in everything and b"123456" not in everything


def test_the_warning_stays_when_the_rest_fails(alice: Person, rasa: FakeRasa) -> None:
    rasa.reply = lambda turn: [{"text": "请不要发送密码。"}] if turn["payload"] else []
    answer = alice.say("密码是123456")
    assert answer["text"] == f"请不要发送密码。\n\n{TROUBLE['zh']}"


def test_turns_carry_what_rasa_needs(alice: Person, rasa: FakeRasa) -> None:
    posted = alice.post({"text": "hello"})
    alice.answer_to(posted)
    [turn] = rasa.turns
    assert turn["sender"] == alice.conversation
    assert turn["message_id"] == posted.json()["id"]
    assert turn["language"] == "zh"
    assert set(turn) == {"sender", "message_id", "text", "payload", "identity", "language"}


def leave_unanswered(db: Path, alice: Person, texts: list[str]) -> None:
    """As a process leaves them that is killed between storing and answering."""
    conversation = alice.path.rsplit("/", 1)[-1]
    with sqlite3.connect(db) as connection:
        for seq, text in enumerate(texts, 1):
            connection.execute(
                "INSERT INTO messages"
                " (id, conversation_id, seq, author, text, blocks, state, masked, created_at)"
                " VALUES (?, ?, ?, 'customer', ?, '[]', 'received', 0, '2024-05-01 00:00:00.000000')",
                (f"msg_{seq}", conversation, seq, text),
            )
        connection.execute("UPDATE conversations SET last_seq = ?", (len(texts),))


def test_what_a_dead_process_left_is_answered_by_the_next(start: Start, rasa: FakeRasa, db: Path) -> None:
    first = start()
    alice = first.signed_in("cust_alice")
    assert alice.path
    first.stop()
    leave_unanswered(db, alice, ["one", "two"])
    again = start().signed_in("cust_alice")
    again.conversation = alice.conversation
    wait_for(lambda: len(again.messages()) == 4)
    assert [m["text"] for m in again.messages()] == ["one", "two", "heard: one", "heard: two"]
    assert [m["seq"] for m in again.messages()] == [1, 2, 3, 4]
    assert rasa.heard == ["one", "two"]
    assert rasa.turns[0]["identity"]


def test_a_process_that_is_stopped_at_work_loses_nothing(start: Start, rasa: FakeRasa) -> None:
    first = start()
    alice = first.signed_in("cust_alice")
    rasa.delay = 5.0
    alice.post({"text": "one"})
    wait_for(lambda: bool(rasa.turns))
    first.stop()
    rasa.delay = 0.0
    again = start().signed_in("cust_alice")
    again.conversation = alice.conversation
    wait_for(lambda: len(again.messages()) == 2)
    assert again.messages()[1]["text"] == "heard: one"


def test_left_over_messages_wait_for_rasa_to_start(start: Start, rasa: FakeRasa, db: Path) -> None:
    first = start()
    alice = first.signed_in("cust_alice")
    assert alice.path
    first.stop()
    leave_unanswered(db, alice, ["one"])
    rasa.ready = False
    again = start().signed_in("cust_alice")
    again.conversation = alice.conversation
    time.sleep(0.7)
    assert len(again.messages()) == 1
    rasa.ready = True
    wait_for(lambda: len(again.messages()) == 2)
    assert again.messages()[1]["text"] == "heard: one"


async def test_over_a_database_that_was_not_migrated_nothing_starts(tmp_path: Path, rasa: FakeRasa) -> None:
    app = create_app(settings(tmp_path / "new.db", rasa.url))
    with pytest.raises(SchemaOutdated, match=r"bot\.store\.migrate"):
        async with app.router.lifespan_context(app):
            pass


def test_what_the_bot_understood_is_kept_with_the_customers_words(
    alice: Person, rasa: FakeRasa, db: Path
) -> None:
    rasa.meaning = {"intent": "payment_failed", "confidence": 0.8, "entities": []}
    alice.say("my payment failed")
    kept = rows(db, "SELECT understood FROM messages WHERE author = 'customer'")
    assert json.loads(kept[0]["understood"]) == rasa.meaning

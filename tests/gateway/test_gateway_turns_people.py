"""Who answers: the bot, or a person. Never both, never nobody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.gateway import parts as gateway_parts
from bot.gateway import stream
from bot.gateway.hub import InProcessHub
from bot.gateway.turns import BEGIN_ANEW
from bot.handoff.customer import Rules
from bot.handoff.desk import Desk, Outcome
from bot.handoff.sentences import SENTENCES
from bot.store.engine import open_engine
from tests.gateway.helpers import FakeRasa, Gateway, Json, Person, problem, rows, wait_for
from tests.handoff.people import ANNA, BEN, closed_until

Start = Callable[..., Gateway]
HANDOFF = {
    "kind": "handoff_request",
    "reason": "asked",
    "urgency": "medium",
    "summary": "",
    "diagnosis": None,
}


def at_desk(db: Path, work: Callable[[Desk], Awaitable[Any]]) -> Any:
    """What an agent does, from another process: it shares nothing with the gateway but the database."""
    found: list[Any] = []

    async def run() -> None:
        engine = open_engine(f"sqlite+aiosqlite:///{db}")
        try:
            found.append(await work(Desk(engine, InProcessHub(), Rules())))
        finally:
            await engine.dispose()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    thread.join(10)
    return found[0]


def wants_human(turn: Json) -> list[Json]:
    return [{"text": "好的。", **({"custom": HANDOFF} if turn["text"] == "转人工" else {})}]


def texts(person: Person, author: str) -> list[str]:
    return [m["text"] for m in person.messages() if m["author"] == author]


def all_done_with(db: Path) -> bool:
    return not rows(db, "SELECT 1 FROM messages WHERE state = 'received'")


@pytest.fixture
def waiting(alice: Person, rasa: FakeRasa) -> Person:
    """Alice, after she has asked for a person."""
    rasa.reply = wants_human
    alice.say("转人工")
    return alice


def test_while_one_waits_the_bot_acknowledges_once_and_listens(
    waiting: Person, rasa: FakeRasa, db: Path
) -> None:
    heard = len(rasa.turns)
    rasa.meaning = {"intent": "refund_timing", "confidence": 0.8, "entities": []}
    assert waiting.say("退款还没到")["text"] == SENTENCES["acknowledged"]["zh"]
    waiting.post({"text": "有人吗"})
    wait_for(lambda: all_done_with(db))
    assert texts(waiting, "bot")[1:] == [SENTENCES["acknowledged"]["zh"]]
    assert len(rasa.turns) == heard
    assert rasa.parsed == ["退款还没到", "有人吗"]
    understood = [r[0] for r in rows(db, "SELECT understood FROM messages WHERE author = 'customer'")]
    assert len(understood) == 3 and all("refund_timing" in one for one in understood[1:])


def test_while_a_person_has_it_the_bot_is_silent(waiting: Person, rasa: FakeRasa, db: Path) -> None:
    at_desk(db, lambda desk: desk.take(ANNA, waiting.conversation))
    heard = len(rasa.turns)
    for text in ("你好", "转人工", "/human_handoff"):
        waiting.post({"text": text})
    wait_for(lambda: all_done_with(db))
    assert len(texts(waiting, "bot")) == 1 and len(rasa.turns) == heard
    at_desk(db, lambda desk: desk.say(ANNA, waiting.conversation, "您好，我是 Anna", "k1"))
    newest = waiting.messages()[-1]
    assert (newest["author"], newest["agent"], newest["key"]) == ("agent", {"name": "Anna"}, None)


def test_an_answer_on_its_way_is_dropped_when_a_person_takes_over(
    start: Start, rasa: FakeRasa, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = closed_until(timedelta(days=2))
    monkeypatch.setattr(gateway_parts.Calendar, "load", lambda channel: closed)
    alice = start(handoff_always_open=False).signed_in("cust_alice")
    rasa.reply = wants_human
    alice.say("转人工")

    def taken_meanwhile(turn: Json) -> list[Json]:
        at_desk(db, lambda desk: desk.take(ANNA, alice.conversation))
        return [{"text": "too late", "custom": {**HANDOFF, "urgency": "critical"}}]

    rasa.reply = taken_meanwhile
    alice.post({"text": "退款还没到"})
    wait_for(lambda: all_done_with(db))
    assert "too late" not in texts(alice, "bot")
    assert rasa.parsed == ["退款还没到"]
    [row] = rows(db, "SELECT status, urgency FROM handoffs")
    assert tuple(row) == ("assigned", "medium")
    assert [m["seq"] for m in alice.messages()] == list(range(1, len(alice.messages()) + 1))


def test_when_the_person_is_done_the_bot_is_there_again_and_begins_anew(
    waiting: Person, rasa: FakeRasa, db: Path
) -> None:
    at_desk(db, lambda desk: desk.take(ANNA, waiting.conversation))
    at_desk(db, lambda desk: desk.resolve(ANNA, waiting.conversation, Outcome()))
    heard = len(rasa.heard)
    rasa.reply = lambda turn: [] if turn["payload"] else [{"text": f"heard: {turn['text']}"}]
    assert waiting.say("谢谢")["text"] == "heard: 谢谢"
    assert waiting.say("再见")["text"] == "heard: 再见"
    assert rasa.heard[heard:] == [BEGIN_ANEW, "谢谢", "再见"]


def test_the_button_takes_one_back_to_the_bot(waiting: Person, rasa: FakeRasa, db: Path) -> None:
    acknowledged = waiting.say("有人吗")
    [button] = [r for b in acknowledged["blocks"] if b["type"] == "quick_replies" for r in b["replies"]]
    assert waiting.press(button["id"])["text"] == SENTENCES["cancelled"]["zh"]
    assert waiting.say("你好")["text"] == "好的。"
    assert [r["event"] for r in rows(db, "SELECT event FROM handoff_steps ORDER BY id")] == [
        "request",
        "cancel",
    ]


def test_waiting_can_be_cancelled_by_its_owner_only(waiting: Person, bob: Person, charlie: Person) -> None:
    path = f"{waiting.path}/handoff/cancel"
    problem(charlie.http.post(path), 401, "unauthorized")
    problem(bob.http.post(path), 404, "not-found")
    assert waiting.http.get(waiting.path).json()["status"]["mode"] == "queued"
    assert waiting.http.post(path).status_code == 204
    assert waiting.http.post(path).status_code == 204
    assert waiting.http.get(waiting.path).json()["status"] == {"mode": "bot"}


def test_the_list_says_where_each_conversation_stands(waiting: Person) -> None:
    [one] = waiting.http.get("/api/conversations").json()["conversations"]
    assert one["status"]["mode"] == "queued"
    assert one["status"]["position"] == 1
    assert one["status"]["wait_minutes"] is None


def test_the_stream_tells_who_has_it(waiting: Person, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "QUIET_CHECK", 0.1)
    seen: list[str] = []
    for event in waiting.events():
        if event.get("event") != "status":
            continue
        seen.append(event["data"]["mode"])
        if seen == ["queued"]:
            at_desk(db, lambda desk: desk.take(BEN, waiting.conversation))
        elif seen == ["queued", "assigned"]:
            assert event["data"]["agent"] == {"name": "Ben"}
            at_desk(db, lambda desk: desk.hand_back(BEN, waiting.conversation, ""))
        else:
            break
    assert seen == ["queued", "assigned", "bot"]


def test_a_restart_in_mid_chat_loses_and_repeats_nothing(start: Start, rasa: FakeRasa, db: Path) -> None:
    rasa.reply = wants_human
    first = start()
    alice = first.signed_in("cust_alice")
    alice.say("转人工")
    at_desk(db, lambda desk: desk.take(ANNA, alice.conversation))
    alice.post({"text": "one"}, key="k1")
    wait_for(lambda: all_done_with(db))
    first.stop()
    at_desk(db, lambda desk: desk.say(ANNA, alice.conversation, "while it was down", "k"))
    again = start().signed_in("cust_alice")
    again.conversation = alice.conversation
    again.post({"text": "one"}, key="k1")
    again.post({"text": "two"}, key="k2")
    wait_for(lambda: all_done_with(db))
    assert texts(again, "customer") == ["转人工", "one", "two"]
    assert texts(again, "agent") == ["while it was down"]
    assert len(texts(again, "bot")) == 1
    assert again.http.get(again.path).json()["status"]["agent"] == {"name": "Anna"}


def test_outside_hours_the_bot_promises_and_goes_on(
    start: Start, rasa: FakeRasa, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = closed_until(timedelta(days=2))
    monkeypatch.setattr(gateway_parts.Calendar, "load", lambda channel: closed)
    alice = start(handoff_always_open=False).signed_in("cust_alice")
    rasa.reply = wants_human
    answer = alice.say("转人工")
    [case] = rows(db, "SELECT reference FROM cases")
    assert "人工客服现在不在线" in answer["text"] and "协调世界时" in answer["text"]
    assert case["reference"] in answer["text"]
    assert answer["blocks"][-1] == {
        "type": "handoff",
        "status": "closed_hours",
        "reference": case["reference"],
    }
    assert alice.http.get(alice.path).json()["status"]["opens_at"].endswith(":00:00Z")
    assert alice.say("你好")["text"] == "好的。"


def test_what_cannot_be_understood_is_heard_all_the_same(waiting: Person, rasa: FakeRasa, db: Path) -> None:
    at_desk(db, lambda desk: desk.take(ANNA, waiting.conversation))
    rasa.meaning = {"nonsense": True}
    waiting.post({"text": "嗯"})
    wait_for(lambda: all_done_with(db))
    assert texts(waiting, "customer")[-1] == "嗯"

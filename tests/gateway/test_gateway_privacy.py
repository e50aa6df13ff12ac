"""No log line holds what customers wrote, read or are called, nor any token."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import pytest
from starlette.responses import JSONResponse

from tests.gateway.helpers import IDENTITY_SECRET, RASA_TOKEN, SESSION_SECRET, FakeRasa, Gateway, Person

WORDS = ["我叫王小明", "电话13812345678", "xiaoming@example.com", "住在人民路 8 号", "I am John Q. Customer"]
SECRETS = ["4111 1111 1111 1111", "4111111111111111", "密码是hunter2xyz", "hunter2xyz", "482913"]


def test_logs_hold_ids_and_nothing_personal(
    gateway: Gateway, alice: Person, bob: Person, rasa: FakeRasa, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger().setLevel(logging.DEBUG)
        rasa.reply = lambda turn: [
            {
                "text": f"您说：{turn['text']}",
                "buttons": [{"title": "星巴克那笔", "payload": "/choose_payment"}],
            }
        ]
        for text in [*WORDS, "卡号4111 1111 1111 1111", "密码是hunter2xyz", "验证码 482913", "/restart"]:
            alice.say(text)
        events = alice.events()
        next(e for e in events if e.get("event") == "message")
        rasa.raw = JSONResponse({"messages": [{"text": 5}]})
        alice.say(WORDS[0])
        rasa.raw = JSONResponse({"error": WORDS[1]}, 500)
        alice.say(WORDS[0])
        alice.http.post(f"{alice.path}/messages", json={"text": [WORDS[0]]})
        alice.http.get(f"/api/{WORDS[2]}")
        bob.http.get(f"{alice.path}/messages")
        gateway.stranger().http.post("/api/session", json={"token": WORDS[2]})
    logged = caplog.text
    assert f"turn.answered conversation={alice.conversation}" in logged
    tokens = [alice.session["access_token"], RASA_TOKEN, SESSION_SECRET, IDENTITY_SECRET]
    identities = [turn["identity"] for turn in rasa.turns]
    names = ["林伟", "Bob Ray", "星巴克那笔", "您说"]
    ours = [r for r in caplog.records if not r.name.startswith("asyncio")]
    assert len(ours) > 20
    for private in [*WORDS, *SECRETS, *tokens, *identities, *names]:
        assert private not in logged


def test_secrets_are_masked_in_the_store(alice: Person, db: Path) -> None:
    alice.say("我的卡4111 1111 1111 1111，密码是hunter2xyz，验证码 482913")
    with sqlite3.connect(db) as connection:
        dump = "\n".join(connection.iterdump())
    assert "**** 1111" in dump
    for secret in SECRETS:
        assert secret not in dump

"""People who work at the desk, each with a browser of their own; and customers who need them."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from bot.gateway.desk.accounts import Accounts
from bot.gateway.desk.sessions import sessions_of
from bot.store.engine import open_engine
from tests.gateway.helpers import WAIT, FakeRasa, Json, Person

PASSWORD = "tin roof above 7 herons"


class Colleague:
    """A browser at the desk; signed in unless there is no session."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=WAIT, trust_env=False)
        self.http.headers.update({"Origin": url, "X-CSRF-Token": "desk"})
        self.session: Json = {}

    def keep(self, answer: httpx.Response) -> httpx.Response:
        """Goes on with the session in an answer."""
        assert answer.status_code == 200, answer.text
        self.session = answer.json()
        self.http.headers["X-CSRF-Token"] = self.session["csrf"]
        return answer

    @property
    def id(self) -> str:
        return self.session["agent"]["id"]

    def sign_in(self, login: str, password: str = PASSWORD) -> httpx.Response:
        return self.http.post("/api/desk/session", json={"login": login, "password": password})

    def get(self, path: str, **query: Any) -> Json:
        answer = self.http.get(f"/api/desk{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def asks(self, path: str, **query: Any) -> httpx.Response:
        return self.http.get(f"/api/desk{path}", params=query)

    def post(self, path: str, body: Json | None = None, key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        return self.http.post(f"/api/desk{path}", json=body if body is not None else {}, headers=headers)

    def does(self, path: str, body: Json | None = None) -> Json:
        answer = self.post(path, body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else {}

    def take(self, chat: str) -> Json:
        return self.does(f"/chats/{chat}/take")

    def events(self) -> Iterator[Json]:
        """The stream's events as {"event", "data"}."""
        with self.http.stream("GET", "/api/desk/events") as stream:
            assert stream.status_code == 200
            fields: Json = {}
            for line in stream.iter_lines():
                if line and not line.startswith(":"):
                    name, _, value = line.partition(":")
                    fields[name] = value.strip()
                elif fields and not line:
                    yield {"event": fields["event"], "data": json.loads(fields["data"])}
                    fields = {}


def invite(db: Path, login: str, name: str, role: str) -> str:
    """A one-time link's token, made as the command line makes it."""

    async def made() -> str:
        engine = open_engine(f"sqlite+aiosqlite:///{db}")
        try:
            token, _ = await Accounts(sessions_of(engine)).invite(login, name, role, made_by=None)
            return token
        finally:
            await engine.dispose()

    return asyncio.run(made())


def appoint(url: str, db: Path, login: str, name: str, role: str) -> Colleague:
    """Someone who has used their one-time link and is at the desk."""
    person = Colleague(url)
    token = invite(db, login, name, role)
    person.keep(person.http.post("/api/desk/invites/accept", json={"token": token, "password": PASSWORD}))
    assert person.post("/presence", {"available": True}).status_code == 204
    return person


CARD: Json = {
    "kind": "card",
    "cause": "refund_overdue",
    "confidence": "proven",
    "money": {"state": "refunding", "amount": "¥128.00", "label": "refunding"},
    "payment": {
        "merchant": "Starbucks",
        "amount": "¥128.00",
        "time": "yesterday 15:20",
        "method": "bank card",
        "status": "captured",
    },
    "timeline": [{"stage": "paid", "state": "done", "time": "yesterday 15:20", "amount": "¥128.00"}],
    "evidence": [{"record": "payment", "id": "pay_1", "field": "status", "value": "captured"}],
    "next_actor": "agent",
    "resolves_at": None,
    "resolves": "tomorrow 10:00",
    "urgency": "high",
}


def ask_for_a_person(
    person: Person,
    rasa: FakeRasa,
    *,
    urgency: str = "medium",
    reason: str = "asked",
    card: Json | None = None,
) -> str:
    """A customer asks for a person; returns the conversation, which waits in the queue now."""
    request = {
        "kind": "handoff_request",
        "reason": reason,
        "urgency": urgency,
        "summary": "topic: refund_timing",
        "diagnosis": card,
    }
    before, rasa.reply = rasa.reply, lambda turn: [{"text": "I bring someone in.", "custom": request}]
    try:
        person.say("please bring in a person")
    finally:
        rasa.reply = before
    return person.conversation

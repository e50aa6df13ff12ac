"""A gateway that really listens, a Rasa that says what the test wants, and people who talk to them."""

from __future__ import annotations

import json
import socket
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.gateway.app import create_app
from bot.settings import Secret, Settings

RASA_TOKEN = "rasa-token-for-tests-only"
IDENTITY_SECRET = "identity-secret-for-tests-only-0123456789"
SESSION_SECRET = "session-secret-for-tests-only-01234567890"
WALLET_SECRET = "wallet-secret-for-tests-only-012345678901"
WAIT = 10.0  # seconds

Json = dict[str, Any]
DEMO = [
    {"id": "cust_alice", "name": "林伟", "story": "付款失败", "language": "zh"},
    {"id": "cust_bob", "name": "Bob Ray", "story": "charged twice", "language": "en"},
]


class Server:
    """An ASGI app on a free port or a given one, in a thread of its own."""

    def __init__(self, app: Any, port: int = 0) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(
            app, log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )
        self._thread.start()
        wait_for(lambda: self._server.started or not self._thread.is_alive())
        assert self._server.started, "the app did not start"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(WAIT)
        self._socket.close()


class FakeRasa:
    """Answers turns as `reply` says, and remembers them."""

    def __init__(self) -> None:
        self.reset()
        routes = [
            Route("/webhooks/gateway/", self._health),
            Route("/webhooks/gateway/webhook", self._webhook, methods=["POST"]),
            Route("/webhooks/gateway/parse", self._parse, methods=["POST"]),
        ]
        self._server = Server(Starlette(routes=routes))
        self.url = self._server.url

    def reset(self) -> None:
        self.turns: list[Json] = []
        self.parsed: list[str] = []
        self.meaning: Json = {"intent": "thanks", "confidence": 0.9, "entities": []}
        self.reply: Callable[[Json], Any] = lambda turn: [
            {"text": f"heard: {turn['text'] or turn['payload']}"}
        ]
        self.raw: Response | None = None  # instead of a well-formed answer
        self.delay = 0.0
        self.ready = True

    def stop(self) -> None:
        self._server.stop()

    @property
    def heard(self) -> list[str]:
        return [turn["text"] or turn["payload"] for turn in self.turns]

    async def _health(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {RASA_TOKEN}":
            return JSONResponse({}, 401)
        return JSONResponse({"status": "ok"}, 200 if self.ready else 503)

    async def _parse(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {RASA_TOKEN}":
            return JSONResponse({}, 401)
        self.parsed.append((await request.json())["text"])
        return JSONResponse(self.meaning)

    async def _webhook(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {RASA_TOKEN}":
            return JSONResponse({}, 401)
        turn = await request.json()
        self.turns.append(turn)
        if self.delay:
            import asyncio

            await asyncio.sleep(self.delay)
        understood = self.meaning if turn["text"] else None
        return self.raw or JSONResponse({"messages": self.reply(turn), "understood": understood})


class Person:
    """Someone with a browser; `token` None = no session."""

    def __init__(self, url: str, body: Json | None = None) -> None:
        self.http = httpx.Client(base_url=url, timeout=WAIT, trust_env=False)
        self.session: Json = {}
        self.conversation = ""
        if body is not None:
            answer = self.http.post("/api/session", json=body)
            assert answer.status_code == 200, answer.text
            self.session = answer.json()
            self.http.headers["Authorization"] = f"Bearer {self.session['access_token']}"

    @property
    def path(self) -> str:
        if not self.conversation:
            answer = self.http.post("/api/conversations", json={})
            assert answer.status_code == 201, answer.text
            self.conversation = answer.json()["id"]
        return f"/api/conversations/{self.conversation}"

    def post(self, body: Json, key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        return self.http.post(f"{self.path}/messages", json=body, headers=headers)

    def say(self, text: str) -> Json:
        return self.answer_to(self.post({"text": text}))

    def press(self, reply_id: str) -> Json:
        return self.answer_to(self.post({"reply": reply_id}))

    def answer_to(self, posted: httpx.Response) -> Json:
        assert posted.status_code == 202, posted.text
        seq = posted.json()["seq"]
        wait_for(lambda: any(m["author"] != "customer" for m in self.messages(seq)))
        return next(m for m in self.messages(seq) if m["author"] != "customer")

    def messages(self, after: int = 0) -> list[Json]:
        answer = self.http.get(f"{self.path}/messages", params={"after": after})
        assert answer.status_code == 200, answer.text
        return answer.json()["messages"]

    def events(self, headers: dict[str, str] | None = None, query: str = "") -> Iterator[Json]:
        """The stream's events as {"event", "id", "data"}; comments as {"comment"}."""
        with self.http.stream("GET", f"{self.path}/events{query}", headers=headers) as stream:
            assert stream.status_code == 200
            assert stream.headers["content-type"].startswith("text/event-stream")
            fields: Json = {}
            for line in stream.iter_lines():
                if line.startswith(":"):
                    yield {"comment": line[1:].strip()}
                elif line:
                    name, _, value = line.partition(":")
                    fields[name] = value.strip()
                elif fields:
                    yield {**fields, "data": json.loads(fields["data"])}
                    fields = {}


def settings(db: Path, rasa_url: str, **changes: Any) -> Settings:
    customers = db.with_name("demo_customers.json")
    customers.write_text(json.dumps(DEMO, ensure_ascii=False), encoding="utf-8")
    values = {
        "rasa_token": Secret(RASA_TOKEN),
        "identity_secret": Secret(IDENTITY_SECRET),
        "session_secret": Secret(SESSION_SECRET),
        "rasa_url": rasa_url,
        "rasa_timeout": 5.0,
        "rasa_startup_wait": 5.0,
        "support_db_url": f"sqlite+aiosqlite:///{db}",
        "demo_mode": True,
        "demo_customers": customers,
        "messages_per_minute": 10_000,
        "attachments_dir": db.with_name("attachments"),
        "uploads_per_minute": 10_000,
        "handoff_always_open": True,
        **changes,
    }
    return Settings(**values)


class Gateway(Server):
    """A running gateway over the database at `db`."""

    def __init__(self, db: Path, rasa_url: str, web: Path | None = None, **changes: Any) -> None:
        made = settings(db, rasa_url, **changes)
        super().__init__(create_app(made, web=web) if web else create_app(made))

    def signed_in(self, customer_id: str) -> Person:
        return Person(self.url, {"demo_customer": customer_id})

    def visitor(self) -> Person:
        return Person(self.url, {})

    def stranger(self) -> Person:
        return Person(self.url)


def rows(db: Path, query: str) -> list[sqlite3.Row]:
    """What a query finds in the test's database."""
    with sqlite3.connect(db) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(query).fetchall()


def wait_for(condition: Callable[[], bool], seconds: float = WAIT) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def problem(response: httpx.Response, status: int, kind: str) -> Json:
    """The problem document of a refusal, after the checks that all of them must pass."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["type"] == f"urn:imwallet:problem:{kind}"
    assert body["title"] and body["detail"]
    return body

"""The desk's page over an API that a test holds in its hands: agents, chats, a queue, event streams."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.gateway.envelope import POLICY
from bot.gateway.pages import WEB
from tests.gateway.helpers import Json, Server

ROW: Json = {
    "conversations": 12,
    "contained": 8,
    "contained_rate": 0.667,
    "resolved": 9,
    "resolved_rate": 0.75,
    "handoffs": 4,
    "handoff_rate": 0.333,
    "handoff_reasons": {"asked": 3, "fraud": 1},
    "first_response_median_s": 42.0,
    "first_response_p90_s": 180.0,
    "resolution_median_s": 900.0,
    "resolution_p90_s": 4000.0,
    "rating_count": 5,
    "rating_mean": 4.4,
    "rating_distribution": {"1": 0, "2": 0, "3": 1, "4": 1, "5": 3},
    "turns": 60,
    "fallbacks": 3,
    "fallback_rate": 0.05,
    "intents": [{"name": "payment_failed", "count": 7}],
    "causes": [{"name": "pending_at_channel", "count": 4}],
    "diagnosis_confirmed": 3,
    "diagnosis_overturned": 1,
}
DIAGNOSIS: Json = {
    "cause": "pending_at_channel",
    "confidence": "proven",
    "money": {"state": "debited_pending", "amount": "¥36.00", "label": "已扣款，处理中"},
    "payment": {
        "merchant": "星巴克",
        "amount": "¥36.00",
        "time": "2026-11-24T10:00:00Z",
        "method": "招商银行 ··42",
        "status": "processing",
    },
    "timeline": [
        {"stage": "initiated", "state": "done", "time": "11月24日 18:00", "amount": "¥36.00"},
        {"stage": "outcome", "state": "current", "time": "11月25日 18:00", "amount": None},
    ],
    "evidence": [{"record": "payment", "id": "pay_1", "field": "status", "value": "processing"}],
    "next_actor": "wallet",
    "resolves_at": "2026-11-25T10:00:00Z",
    "resolves": "11月25日 18:00",
    "urgency": "high",
}
CANNED = [
    {
        "key": "hello",
        "language": "zh",
        "title": "问候",
        "text": "您好，我是{agent}。",
        "filled": "您好，我是小王。",
    },
    {"key": "due", "language": "zh", "title": "到账时间", "text": "{merchant}的款项{due}前到账。"},
]


def now(seconds_ago: float = 0) -> str:
    moment = datetime.now(timezone.utc) - timedelta(seconds=seconds_ago)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class FakeDesk:
    """Keeps to the desk API's contract as far as the page can see it."""

    def __init__(self) -> None:
        self.agents: dict[str, Json] = {
            login: {"id": f"ag_{login}", "login": login, "name": name, "role": role, "available": True}
            for login, name, role in (
                ("wang", "小王", "agent"),
                ("anna", "Anna", "agent"),
                ("lead", "陈组长", "admin"),
            )
        }
        self.invites = {"once": "wang"}
        self.chats: dict[str, Json] = {}
        self.messages: dict[str, list[Json]] = {}
        self.notes: dict[str, list[Json]] = {}
        self.calls: list[tuple[str, str, Json]] = []
        self.present: dict[str, bool] = {}
        self.ended: set[str] = set()
        self.silent = False  # whether events are held back
        self._ids = itertools.count(1)
        self._streams: list[tuple[str, asyncio.Queue[tuple[str, Json]]]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        self._server = Server(Starlette(routes=self._routes()))
        self.url = self._server.url

    def stop(self) -> None:
        self._server.stop()

    # what a test does

    def queue_chat(
        self, name: str = "林*", *, urgency: str = "high", waiting: int = 200, language: str = "zh"
    ) -> str:
        """A customer is waiting."""
        number = next(self._ids)
        chat_id = f"conv{number}"
        self.chats[chat_id] = {
            "id": chat_id,
            "reference": f"H-{number:04}",
            "status": "queued",
            "reason": "asked",
            "urgency": urgency,
            "language": language,
            "customer": {"name": name, "id": "cust_***01", "signed_in": True},
            "cause": "pending_at_channel",
            "since": now(waiting),
            "waiting_seconds": waiting,
            "agent": None,
            "labels": [],
            "updated_at": now(),
            "preview": "",
        }
        self.messages[chat_id], self.notes[chat_id] = [], []
        self.customer_says(chat_id, "我昨天在星巴克付款失败了，钱还被扣了")
        steps = {"type": "steps", "items": ["等到 18:00", "不要再付一次"], "done": [0]}
        picture = {"type": "image", "id": "pic1", "width": 320, "height": 200}
        self._write(
            chat_id,
            "bot",
            "钱还在处理中。",
            [{"type": "text", "text": "钱还在处理中。"}, {"type": "diagnosis", **DIAGNOSIS}, steps],
        )
        self._write(chat_id, "customer", "这是截图", [{"type": "text", "text": "这是截图"}, picture])
        return chat_id

    def customer_says(self, chat_id: str, text: str) -> None:
        message = self._write(chat_id, "customer", text, [{"type": "text", "text": text}])
        message["understood"] = {"intent": "payment_failed", "confidence": 0.93}
        self.tell("message", {"chat": chat_id, "message": message})

    def tell(self, event: str, data: Json, *, to: str | None = None) -> None:
        """An event for one agent's page, or for everybody's."""
        with self._lock:
            streams = list(self._streams)
        for login, queue in streams:
            if self._loop and not self.silent and (to is None or to == login):
                self._loop.call_soon_threadsafe(queue.put_nowait, (event, data))

    def _write(self, chat_id: str, author: str, text: str, blocks: list[Json], **more: Any) -> Json:
        thread = self.messages[chat_id]
        message = {
            "id": f"m{next(self._ids)}",
            "seq": len(thread) + 1,
            "author": author,
            "text": text,
            "blocks": blocks,
            "created_at": now(),
            **more,
        }
        thread.append(message)
        return message

    # what the page asks for

    def _routes(self) -> list[Any]:
        async def page(request: Request) -> Response:
            policy = POLICY.format(ancestors="'none'")
            return FileResponse(WEB / "desk.html", headers={"Content-Security-Policy": policy})

        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        return [
            Route("/desk", page),
            Route("/api/desk/events", self._events),
            Route("/api/desk/{path:path}", self._api, methods=methods),
            Mount("/static", StaticFiles(directory=WEB)),
        ]

    async def _events(self, request: Request) -> Response:
        login = self._who(request)
        if not login:
            return problem(401, "desk_signed_out")
        self._loop = asyncio.get_running_loop()
        queue: asyncio.Queue[tuple[str, Json]] = asyncio.Queue()
        queue.put_nowait(("hello", {}))
        with self._lock:
            self._streams.append((login, queue))

        async def stream() -> AsyncIterator[str]:
            while True:
                event, data = await queue.get()
                yield f"event: {event}\ndata: {json.dumps(data)}\n\n"

        return StreamingResponse(stream(), media_type="text/event-stream")

    def _who(self, request: Request) -> str | None:
        login = request.cookies.get("desk")
        return login if login in self.agents and login not in self.ended else None

    def _signed_in(self, login: str) -> Response:
        self.ended.discard(login)
        session = {
            "agent": self.agents[login],
            "csrf": f"csrf-{login}",
            "expires_at": now(-1800),
            "ends_at": now(-43200),
        }
        response = JSONResponse(session)
        response.set_cookie("desk", login, httponly=True, samesite="strict")
        return response

    async def _api(self, request: Request) -> Response:
        method, path = request.method, request.path_params["path"]
        body: Json = json.loads(await request.body() or b"{}")
        self.calls.append((method, path, body))
        token = request.headers.get("x-csrf-token")
        if path == "sign-in":
            return JSONResponse({"password": True, "oidc": None, "demo": False})
        if path.startswith("invites/") and method == "POST":
            login = self.invites.get(body["token"])
            if not login:
                return problem(404, "not_found")
            if path == "invites/look":
                return JSONResponse({**self.agents[login], "expires_at": now(-3600)})
            if len(body["password"]) < 12:
                return problem(422, "weak_password", reason="short")
            del self.invites[body["token"]]
            self.agents[login]["name"] = body.get("name") or self.agents[login]["name"]
            return self._signed_in(login)
        if (method, path) == ("POST", "session"):
            if body["password"] != "correct horse battery" or body["login"] not in self.agents:
                return problem(401, "bad_login", "登录名或密码不对。")
            return self._signed_in(body["login"])
        login = self._who(request)
        if not login:
            return problem(401, "desk_signed_out")
        if method != "GET" and token != f"csrf-{login}":
            return problem(403, "csrf")
        if (
            method == "POST"
            and path.endswith(("/messages", "/notes"))
            and not request.headers.get("idempotency-key")
        ):
            return problem(422, "key_missing")
        parts = path.split("/")
        if parts[0] == "chats" and len(parts) > 1:
            return self._chat(method, parts[1], "/".join(parts[2:]), login, body)
        return self._rest(method, path, login, body, request)

    def _shown(self, chat: Json, login: str) -> Json:
        mine = chat["agent"] is not None and chat["agent"]["id"] == self.agents[login]["id"]
        may = ["read", "send", "note", "transfer", "queue", "return", "resolve", "label"] if mine else []
        thread = self.messages[chat["id"]]
        unread = 0
        for message in reversed(thread):
            if message["author"] == "agent":
                break
            unread += message["author"] == "customer"
        return {
            **chat,
            "may": may or (["read", "take"] if chat["status"] == "queued" else ["read"]),
            "mode": chat["status"],
            "last_seq": len(thread),
            "unread": unread if mine else 0,
            "preview": thread[-1]["text"] if mine else "",
        }

    def _chat(self, method: str, chat_id: str, part: str, login: str, body: Json) -> Response:
        chat, me = self.chats.get(chat_id), self.agents[login]
        if chat is None:
            return problem(404, "not_found")
        thread, person = self.messages[chat_id], {"id": me["id"], "name": me["name"]}
        if (method, part) == ("POST", "take"):
            if chat["agent"] and chat["agent"]["id"] != me["id"]:
                return problem(409, "taken", agent=chat["agent"])
            chat.update(status="assigned", agent=person, waiting_seconds=None)
            self.tell("queue", {"total": 0, "urgent": 0})
        elif (method, part) == ("POST", "transfer"):
            other = next(each for each in self.agents.values() if each["id"] == body["agent"])
            chat.update(agent={"id": other["id"], "name": other["name"]})
            self.tell("chat", {"chat": chat_id, "what": "transferred", "by": person}, to=other["login"])
        elif (method, part) == ("POST", "queue"):
            chat.update(status="queued", agent=None, waiting_seconds=1)
        elif method == "POST" and part in ("return", "resolve"):
            chat.update(status="closed", agent=None)
        elif (method, part) == ("PUT", "labels"):
            chat.update(labels=body["labels"])
        elif part == "messages" and method == "POST":
            message = self._write(
                chat_id,
                "agent",
                body["text"],
                [{"type": "text", "text": body["text"]}],
                agent={"name": me["name"]},
            )
            return JSONResponse(message, 201)
        elif part == "messages":
            return JSONResponse({"messages": thread, "more": False})
        elif part == "notes" and method == "POST":
            note = {
                "id": f"n{next(self._ids)}",
                "text": body["text"],
                "agent": {"name": me["name"]},
                "created_at": now(),
            }
            self.notes[chat_id].append(note)
            return JSONResponse(note, 201)
        elif part == "notes":
            return JSONResponse({"notes": self.notes[chat_id]})
        elif part in ("typing", "viewing"):
            return Response(status_code=204)
        elif part == "context":
            return JSONResponse(self._context(chat))
        elif part == "earlier":
            other = {
                "id": "old1",
                "created_at": now(9e5),
                "updated_at": now(9e5),
                "language": "zh",
                "causes": ["refund_overdue"],
                "outcome": "solved",
                "rating": 5,
                "preview": "退款什么时候到",
            }
            return JSONResponse({"conversations": [other]})
        elif part == "earlier/old1/messages":
            text = "退款什么时候到"
            return JSONResponse(
                {
                    "messages": [
                        {
                            "id": "o1",
                            "seq": 1,
                            "author": "customer",
                            "text": text,
                            "blocks": [],
                            "created_at": now(9e5),
                        }
                    ],
                    "more": False,
                }
            )
        elif part == "suggestion":
            return JSONResponse(
                {"text": "您的 ¥36.00 会在 18:00 前退回。", "cause": chat["cause"], "key": "k", "missing": []}
            )
        elif part.startswith("attachments/"):
            return FileResponse(WEB / "img" / "icon.svg", media_type="image/svg+xml")
        elif part:
            return problem(404, "not_found")
        return JSONResponse(self._shown(chat, login))

    def _context(self, chat: Json) -> Json:
        refund = {
            "amount": "¥10.00",
            "status": "completed",
            "accepted_at": now(8e4),
            "completed_at": now(7e4),
            "destination": "余额",
        }
        payment = {
            "id": "pay_1",
            "merchant": "星巴克",
            "amount": "¥36.00",
            "method": "招商银行 ··42",
            "status": "processing",
            "created_at": now(9e4),
            "refunds": [refund],
            "in_question": True,
        }
        case = {
            "id": "c1",
            "reference": "C-0007",
            "status": "open",
            "title": "退款核对",
            "cause": None,
            "promised_by": now(-9000),
            "created_at": now(),
            "overdue": True,
            "chat": chat["id"],
        }
        return {
            "customer": {**chat["customer"], "language": chat["language"], "zone": "Asia/Shanghai"},
            "reason": chat["reason"],
            "urgency": chat["urgency"],
            "summary": "星巴克付款失败，钱已扣。",
            "diagnosis": DIAGNOSIS,
            "current": None,
            "tried": [{"seq": 2, "items": ["等到 18:00", "不要再付一次"], "done": [0]}],
            "still_not_working": 1,
            "records": {"available": True, "payments": [payment]},
            "cases": [case],
            "pictures": [
                {"id": "pic1", "chat": chat["id"], "width": 320, "height": 200, "created_at": now(), "seq": 3}
            ],
            "rating": None,
        }

    def _rest(self, method: str, path: str, login: str, body: Json, request: Request) -> Response:
        me = self.agents[login]
        chats = [self._shown(chat, login) for chat in self.chats.values()]
        held = [chat for chat in chats if chat["agent"]]
        mine = [chat for chat in held if chat["agent"]["id"] == me["id"]]
        query = request.query_params
        if path == "session":
            if method == "DELETE":
                self.ended.add(login)
                return Response(status_code=204)
            return self._signed_in(login)
        if path == "presence":
            self.present[login] = body["available"]
            return Response(status_code=204)
        known = [each for each in CANNED if query.get("q", "") in each["title"]]
        agents = [{**each, "chats": 1} for each in self.agents.values()]
        report = {
            "from": "",
            "to": "",
            "zone": "",
            "language": None,
            "queue_now": 2,
            "total": ROW,
            "by_day": [{"day": "2026-11-24", **ROW}, {"day": "2026-11-25", **ROW, "conversations": 5}],
            "by_language": [{"language": "zh", **ROW}],
        }
        entry = {
            "id": 1,
            "at": now(),
            "agent": {"id": "ag_wang", "name": "小王"},
            "action": "context",
            "customer": "cust_***01",
            "conversation": "conv1",
            "why": None,
        }
        account = {"active": True, "created_at": now(), "last_seen_at": now(), "has_password": True}
        answers: dict[str, Json] = {
            "queue": {"chats": [chat for chat in chats if chat["status"] == "queued"], "total": len(chats)},
            "chats": {"chats": {"mine": mine, "everyones": held, "done": []}[query.get("view", "mine")]},
            "agents": {"agents": agents},
            "labels": {"labels": [{"name": "退款", "count": 3}]},
            "choices": {
                "outcomes": ["solved", "not_solved"],
                "causes": ["refund_overdue"],
                "intents": ["refund_timing"],
                "urgencies": [],
                "reasons": [],
            },
            "canned": {"canned": known},
            "search": {
                "results": [
                    {"chat": chat, "found": "text", "snippet": "星巴克付款失败", "seq": 1} for chat in chats
                ],
                "next": None,
            },
            "cases": {
                "cases": [self._context(chat)["cases"][0] for chat in self.chats.values()],
                "next": None,
            },
            "reports": report,
            "audit": {"entries": [entry], "more": False},
            "accounts": {"accounts": [{**each, **account} for each in self.agents.values()], "invites": []},
            "invites": {"id": "i1", "link": f"{self.url}/desk#invite=new", "expires_at": now(-86400)},
        }
        return (
            JSONResponse(answers[path], 201 if method == "POST" else 200)
            if path in answers
            else problem(404, "not_found")
        )


def problem(status: int, kind: str, detail: str = "不行。", **extra: Any) -> Response:
    body = {
        "type": f"urn:imwallet:problem:{kind.replace('_', '-')}",
        "status": status,
        "detail": detail,
        **extra,
    }
    return JSONResponse(body, status, media_type="application/problem+json")

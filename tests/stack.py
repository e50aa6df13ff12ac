"""The whole thing, running: what `make run` starts, on free ports and in a folder of its own.

`Stack` starts and stops it; `Customer` talks to it over HTTP the way a customer's browser does.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from dotenv import dotenv_values

from scripts.environment import PORTS, ROOT, SECRETS

READY_LINE = "Support page"
START_SECONDS = 240.0
ANSWER_SECONDS = 30.0
STOP_SECONDS = 20.0

Json = dict[str, Any]


class Stack:
    """Gateway, Rasa and action server, started by `scripts.run` with demo mode on."""

    def __init__(self, var: Path, **settings: str) -> None:
        self.var = var
        ports = free_ports(len(PORTS))
        self.gateway_port, self.rasa_port, self.actions_port = ports
        ours = {**dict(zip(PORTS, map(str, ports), strict=True)), "VAR_DIR": str(var), "DEMO_MODE": "1"}
        # Empty counts as not set: neither a developer's .env nor their shell may reach the tests.
        urls = (
            "RASA_URL",
            "SUPPORT_DB_URL",
            "LEDGER_URL",
            "TRACKER_DB_URL",
            "DEMO_CUSTOMERS",
            "ATTACHMENTS_DIR",
        )
        emptied = dict.fromkeys((*urls, *SECRETS), "")
        # Many conversations of the same few customers in a short time are no abuse here.
        patient = dict.fromkeys(
            ("MESSAGES_PER_MINUTE", "SESSIONS_PER_MINUTE", "UPLOADS_PER_MINUTE"), "100000"
        )
        # People are there at any time of day, so that a test run says the same at night.
        fixed = {"GATEWAY_HOST": "127.0.0.1", "HANDOFF_ALWAYS_OPEN": "1", **patient, **ours}
        self._env = {**os.environ, **emptied, **fixed, **settings}
        self._log = var / "stack.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the gateway is, without a slash at the end."""
        return f"http://127.0.0.1:{self.gateway_port}"

    @property
    def rasa_url(self) -> str:
        """Where Rasa listens."""
        return f"http://127.0.0.1:{self.rasa_port}"

    @property
    def actions_url(self) -> str:
        """Where the action server listens."""
        return f"http://127.0.0.1:{self.actions_port}"

    @property
    def secrets(self) -> dict[str, str]:
        """The tokens and keys that this run made for itself."""
        return {name: value or "" for name, value in dotenv_values(self.var / "secrets.env").items()}

    @property
    def log(self) -> str:
        """All that the processes have said so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def demo_customers(self) -> list[Json]:
        """The customers that demo mode offers."""
        return httpx.get(f"{self.url}/api/demo/customers", trust_env=False).raise_for_status().json()

    def start(self) -> None:
        """Starts everything and returns without waiting."""
        self.var.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "scripts.run"],
                cwd=ROOT,
                env=self._env,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_ready(self) -> None:
        """Returns when the run says where to look; fails with what it said if it ended before."""
        deadline = time.monotonic() + START_SECONDS
        while READY_LINE not in self.log:
            if self.exit_code is not None or time.monotonic() > deadline:
                raise AssertionError(f"The processes did not start:\n{self.log[-4000:]}")
            time.sleep(0.2)

    @property
    def exit_code(self) -> int | None:
        """The exit code of the run, None while it is up."""
        assert self._process is not None, "not started"
        return self._process.poll()

    def wait_ended(self, seconds: float = STOP_SECONDS) -> int:
        """The exit code once the run has ended."""
        assert self._process is not None, "not started"
        return self._process.wait(seconds)

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        assert self._process is not None, "not started"
        if self.exit_code is None:
            self._process.send_signal(signal.SIGINT)
        try:
            return self.wait_ended()
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise AssertionError(f"Ctrl-C did not stop everything within {STOP_SECONDS} s") from None

    def customer(self, customer_id: str | None) -> Customer:
        """Someone who talks to the bot: a demo customer, or None for a visitor not signed in."""
        return Customer(self.url, customer_id)


class Customer:
    """One person in one conversation. Usable in a `with` statement."""

    def __init__(self, url: str, customer_id: str | None = None) -> None:
        self.http = httpx.Client(base_url=url, timeout=ANSWER_SECONDS, trust_env=False)
        body = {} if customer_id is None else {"demo_customer": customer_id}
        self.session: Json = self._post("/api/session", body)
        self.http.headers["Authorization"] = f"Bearer {self.session['access_token']}"
        self.conversation: Json = self._post("/api/conversations", {})
        self.path = f"/api/conversations/{self.conversation['id']}"

    @classmethod
    def signed_in(cls, url: str, customer_id: str) -> Customer:
        """A demo customer."""
        return cls(url, customer_id)

    @classmethod
    def anonymous(cls, url: str) -> Customer:
        """A visitor who is not signed in."""
        return cls(url, None)

    def __enter__(self) -> Customer:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    @property
    def messages(self) -> list[Json]:
        """The conversation so far."""
        return self._get(f"{self.path}/messages")["messages"]

    def say(self, text: str) -> Json:
        """Writes something; the message that answers it."""
        return self.answer_to(self.post({"text": text}))

    def press(self, title: str) -> Json:
        """Presses the newest quick reply whose title contains `title`; the message that answers it."""
        for reply in self.quick_replies:
            if title.casefold() in reply["title"].casefold():
                return self.answer_to(self.post({"reply": reply["id"]}))
        offered = [reply["title"] for reply in self.quick_replies]
        raise AssertionError(f"no quick reply contains {title!r}; the last message offers {offered}")

    @property
    def quick_replies(self) -> list[Json]:
        """What the newest message offers to press."""
        newest = self.messages[-1:]
        return [
            reply
            for message in newest
            for block in blocks(message, "quick_replies")
            for reply in block["replies"]
        ]

    def post(self, body: Json, key: str | None = None) -> Json:
        """Sends a message with a client key (a new one unless told) and returns it as stored."""
        return self._post(f"{self.path}/messages", body, {"Idempotency-Key": key or uuid.uuid4().hex})

    def answer_to(self, message: Json, seconds: float = ANSWER_SECONDS) -> Json:
        """Waits for the first message of the bot (or of the system) after `message`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            newer = self._get(f"{self.path}/messages?after={message['seq']}")["messages"]
            for one in newer:
                if one["author"] in ("bot", "system"):
                    return one
            time.sleep(0.05)
        raise AssertionError(f"no answer to {message['text']!r} within {seconds} s")

    def events(self, last_event_id: int | None = None) -> Iterator[tuple[int, Json]]:
        """The messages of the event stream as (id, message), from after `last_event_id` on."""
        headers = {"Accept": "text/event-stream"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = str(last_event_id)
        with self.http.stream("GET", f"{self.path}/events", headers=headers) as stream:
            stream.raise_for_status()
            fields: dict[str, str] = {}
            for line in stream.iter_lines():
                if not line and fields.get("event", "message") == "message" and "data" in fields:
                    yield int(fields["id"]), json.loads(fields["data"])
                if not line:
                    fields = {}
                elif not line.startswith(":"):
                    name, _, value = line.partition(":")
                    fields[name] = value.removeprefix(" ")

    def _post(self, path: str, body: Json, headers: dict[str, str] | None = None) -> Json:
        answer = self.http.post(path, json=body, headers=headers)
        if answer.is_error:
            raise AssertionError(f"POST {path} answered {answer.status_code}: {answer.text}")
        return answer.json()

    def _get(self, path: str) -> Json:
        answer = self.http.get(path)
        if answer.is_error:
            raise AssertionError(f"GET {path} answered {answer.status_code}: {answer.text}")
        return answer.json()


def blocks(message: Json, kind: str) -> list[Json]:
    """The blocks of one type in a message."""
    return [block for block in message["blocks"] if block["type"] == kind]


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface that nobody uses at this moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()

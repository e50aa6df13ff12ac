"""The chat in a browser, without the bot: a gateway that can be stopped, and steps that tests share."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from bot.gateway.app import create_app
from tests.gateway.helpers import FakeRasa, Json, Person, Server, settings

SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
DESKTOP, PHONE, SMALLEST = (1280, 800), (390, 844), (320, 640)
ALICE, BOB = "cust_alice", "cust_bob"
MESSAGES = re.compile(r"/api/conversations/[^/]+/messages$")
HISTORY = re.compile(r"/api/conversations/[^/]+/messages\?after=0$")
EVENTS = re.compile(r"/api/conversations/[^/]+/events$")

OpenChat = Callable[..., Page]


class Complaints:
    """What the browser found wrong: console errors, uncaught errors, violations of the CSP."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.network_trouble_is_meant = False  # the browser reports every failed request, wanted or not

    def listen(self, page: Page) -> None:
        page.on(
            "console", lambda message: self.heard.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: self.heard.append(str(error)))

    @property
    def unexpected(self) -> list[str]:
        return [
            text
            for text in self.heard
            if not (self.network_trouble_is_meant and text.startswith("Failed to load resource"))
        ]


class ChatServer:
    """A gateway that keeps its address and its database over a restart."""

    def __init__(self, db: Path, rasa: FakeRasa, **changes: Any) -> None:
        self.db, self.rasa, self._changes = db, rasa, changes
        self._server = Server(self._app())
        self.url = self._server.url

    def _app(self) -> Any:
        return create_app(settings(self.db, self.rasa.url, **self._changes))

    def stop(self) -> None:
        """Takes it away, as a crash or a new version would."""
        self._server.stop()

    def start(self) -> None:
        """Brings it back at the same address."""
        self._server = Server(self._app(), port=self._server.port)

    def answers(self, *messages: Json) -> None:
        """What the bot says from now on, as Rasa would."""
        self.rasa.reply = lambda turn: list(messages)

    def person(self, customer: str = ALICE) -> Person:
        """A customer on another device."""
        return Person(self.url, {"demo_customer": customer})


def sign_in(page: Page, customer: str = ALICE) -> None:
    """As one of the demo's customers."""
    choice = page.locator(f"[data-testid=demo-customer][data-customer-id={customer}]")
    expect(choice).to_be_attached()
    if not choice.is_visible():
        page.get_by_test_id("sign-in").click()
    choice.click()
    expect(page.get_by_test_id("sign-out")).to_be_visible()


def say(page: Page, text: str) -> None:
    page.get_by_test_id("composer").fill(text)
    page.get_by_test_id("composer").press("Enter")


def messages(page: Page, author: str) -> Locator:
    return page.locator(f"[data-testid=message][data-author={author}]")


def answered(page: Page, count: int = 1) -> Locator:
    """The bot's newest message once there are `count` of them."""
    expect(messages(page, "bot")).to_have_count(count)
    return messages(page, "bot").last


def choose(page: Page, name: str) -> None:
    """Something from the chat's menu."""
    page.get_by_test_id("menu").click()
    page.get_by_test_id(f"menu-{name}").click()


def fits_the_screen(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def hide(page: Page, hidden: bool = True) -> None:
    """Lets the page believe that the customer looks at another tab."""
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def status_is(page: Page, status: Json) -> None:
    """The gateway's stream tells of this hand-off status, from the next load on."""
    body = f"event: status\ndata: {json.dumps(status)}\n\n"
    page.route(EVENTS, lambda route: route.fulfill(body=body, content_type="text/event-stream"))


def block_is(page: Page, block: Json) -> None:
    """The newest message of the history carries this block, from the next load on."""

    def tell(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        body["messages"][-1]["blocks"].append(block)
        route.fulfill(response=answer, body=json.dumps(body))

    page.route(HISTORY, tell)

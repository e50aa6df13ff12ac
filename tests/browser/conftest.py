"""A real Chromium for the browser tests; that there is none is a failure, never a skip."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bot.store import migrate
from scripts.bootstrap import SetupError
from scripts.browser import FLAGS, ensure
from tests.browser.chat import ALICE, BOB, DESKTOP, ChatServer, Complaints, OpenChat, sign_in
from tests.gateway.helpers import FakeRasa


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Playwright on the machine's Chromium.

    For a module, not the session: while Playwright's sync API is up, no asyncio test can run.
    """
    try:
        path = ensure()
    except SetupError as error:
        pytest.fail(str(error))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def fake_rasa() -> Iterator[FakeRasa]:
    fake = FakeRasa()
    yield fake
    fake.stop()


@pytest.fixture(scope="session")
def empty_support_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chat") / "empty.db"
    migrate.upgrade(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def chat_server(empty_support_database: Path, fake_rasa: FakeRasa, tmp_path: Path) -> Iterator[ChatServer]:
    """A gateway over a database of its own and a Rasa that says what the test wants: no model, no ledger."""
    fake_rasa.reset()
    server = ChatServer(Path(shutil.copy(empty_support_database, tmp_path / "support.db")), fake_rasa)
    yield server
    server.stop()


@pytest.fixture
def chat_complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def open_chat(browser: Browser, chat_server: ChatServer, chat_complaints: Complaints) -> Iterator[OpenChat]:
    """Opens the page in a browser of its own, signed in or not; nothing may go wrong in it."""
    contexts: list[BrowserContext] = []

    def opened(
        locale: str = "zh-CN",
        size: tuple[int, int] = DESKTOP,
        customer: str | None = "",
        prepare: Callable[[Page], None] | None = None,
        **options: Any,
    ) -> Page:
        width, height = size
        context = browser.new_context(locale=locale, viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        chat_complaints.listen(page)
        if prepare:
            prepare(page)
        page.goto(f"{chat_server.url}/")
        if customer is not None:
            # Who signs in without a choice of their own reads the page in their language.
            sign_in(page, customer or (BOB if locale.startswith("en") else ALICE))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert chat_complaints.unexpected == []

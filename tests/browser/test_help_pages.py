"""The help centre in a real browser: on a desk and on a small phone, in both languages, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.store import migrate
from tests.gateway.helpers import Gateway

DESKTOP, PHONE, SMALLEST = (1280, 800), (390, 844), (320, 640)
PATHS = ("/help/zh", "/help/en", "/help/zh/charged-twice", "/help/en/refund-times", "/help/en/contact")
OTHERS = ("/help/zh?q=退款", "/help/en?q=xylophone", "/help/en/no-such-page")


class Visitor:
    """Opens pages, and hears what the browser finds wrong."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser, self._url = browser, url
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def opens(self, path: str, size: tuple[int, int] = DESKTOP, **context: Any) -> Page:
        width, height = size
        made = self._browser.new_context(viewport={"width": width, "height": height}, **context)
        self._contexts.append(made)
        page = made.new_page()
        page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        page.goto(self._url + path)
        return page

    def leaves(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture(scope="module")
def help_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway for all of them, without a Rasa: nobody leaves anything behind by reading."""
    db = tmp_path_factory.mktemp("help") / "support.db"
    migrate.upgrade(f"sqlite+aiosqlite:///{db}")
    gateway = Gateway(db, "http://127.0.0.1:9")
    yield gateway
    gateway.stop()


@pytest.fixture
def visitor(help_server: Gateway, browser: Browser) -> Iterator[Visitor]:
    made = Visitor(browser, help_server.url)
    yield made
    made.leaves()
    assert [c for c in made.complaints if "404" not in c] == [], "CSP violations and other console errors"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS + OTHERS)
def test_axe_finds_nothing(visitor: Visitor, path: str, scheme: str) -> None:
    for size in (DESKTOP, PHONE):
        page = visitor.opens(path, size, color_scheme=scheme)
        rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("path", PATHS + OTHERS)
def test_nothing_is_wider_than_the_smallest_phone(visitor: Visitor, path: str) -> None:
    page = visitor.opens(path, SMALLEST)
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALLEST[0]
    wide = "[...document.querySelectorAll('body *:not(.skip-link):not(.visually-hidden)')]"
    wide += ".filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.outerHTML.slice(0, 80))"
    assert page.evaluate(wide) == []


def test_a_page_scrolls_to_its_end(visitor: Visitor) -> None:
    page = visitor.opens("/help/en/refund-times", PHONE)
    page.keyboard.press("End")
    expect(page.locator(".help-foot")).to_be_in_viewport()


def test_text_twice_as_large_still_fits(visitor: Visitor) -> None:
    page = visitor.opens("/help/en/refund-times", (640, 800))
    page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


def test_it_all_works_without_javascript_by_keyboard(visitor: Visitor) -> None:
    page = visitor.opens("/help/zh", PHONE, java_script_enabled=False)
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.get_by_role("searchbox").focus()
    page.keyboard.type("钱扣了订单没付")
    page.keyboard.press("Enter")
    page.get_by_role("main").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("/help/zh/charged-order-unpaid$"))
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Money was taken, but the order is unpaid")
    expect(page.get_by_role("link", name="Ask about my payment")).to_have_attribute(
        "href", "/?ask=charged-order-unpaid"
    )

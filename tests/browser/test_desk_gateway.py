"""The desk's page and the gateway together: a customer, two agents and a lead, nothing between them faked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.store import migrate
from tests.desk.people import CARD, PASSWORD, ask_for_a_person, invite
from tests.gateway.helpers import FakeRasa, Gateway, Person, wait_for

SOON_MS = 15_000  # the desk's stream looks at most once a second


class Desks:
    """A gateway, its customers, and agents' browsers."""

    def __init__(self, browser: Browser, db: Path, rasa: FakeRasa) -> None:
        self.db, self.rasa, self._browser = db, rasa, browser
        self.gateway = Gateway(db, rasa.url)
        self.complaints: list[str] = []
        self._contexts: list[BrowserContext] = []

    def customer(self) -> Person:
        return Person(self.gateway.url, {"demo_customer": "cust_alice"})

    def employs(self, login: str, name: str, role: str, locale: str = "zh-CN") -> Page:
        """Somebody who comes to the desk by their one-time link."""
        token = elsewhere(invite, self.db, login, name, role)
        context = self._browser.new_context(viewport={"width": 1280, "height": 800}, locale=locale)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(f"{self.gateway.url}/desk#invite={token}")
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=again]").fill(PASSWORD)
        page.locator("[type=submit]").click()
        expect(page.get_by_test_id("account")).to_have_text(name)
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        self.gateway.stop()


@pytest.fixture
def desks(browser: Browser, tmp_path: Path) -> Iterator[Desks]:
    db, rasa = tmp_path / "support.db", FakeRasa()
    elsewhere(migrate.upgrade, f"sqlite+aiosqlite:///{db}")
    made = Desks(browser, db, rasa)
    yield made
    made.close()
    rasa.stop()
    # The browser reports every refusal by itself; those are meant.
    assert [each for each in made.complaints if not each.startswith("Failed to load resource")] == []


def elsewhere(act: Callable[..., Any], *arguments: Any) -> Any:
    """In another thread: Playwright has the event loop of this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(act, *arguments).result()


def take(page: Page) -> None:
    page.get_by_test_id("queue").locator(".chat-row").first.click(timeout=SOON_MS)
    page.get_by_test_id("take").click()
    expect(page.get_by_test_id("resolve")).to_be_visible()


def write(page: Page, text: str) -> None:
    page.get_by_test_id("composer").fill(text)
    page.get_by_test_id("composer").press("Enter")
    expect(page.get_by_test_id("composer")).to_have_value("")


def test_a_customer_and_an_agent_talk_and_the_chat_is_resolved(desks: Desks) -> None:
    wang, alice = desks.employs("wang", "小王", "agent"), desks.customer()
    ask_for_a_person(alice, desks.rasa, urgency="high", reason="diagnosis", card=CARD)
    take(wang)
    expect(wang.get_by_test_id("context")).to_contain_text("退款超时")
    log = wang.get_by_test_id("log")
    expect(log).to_contain_text("please bring in a person")
    assert alice.post({"text": "还在吗？"}).status_code == 202
    expect(log).to_contain_text("还在吗？", timeout=SOON_MS)
    write(wang, "在的，我来查。")
    wait_for(lambda: ("agent", "在的，我来查。") in [(m["author"], m["text"]) for m in alice.messages()])
    expect(log.locator("[data-author=agent]")).to_have_count(1)
    field = wang.get_by_test_id("composer")
    field.press_sequentially("/")
    wang.get_by_test_id("canned").locator("li").first.click()
    expect(field).not_to_have_value("/")
    field.fill("")
    wang.get_by_test_id("mode-note").click()
    write(wang, "银行已联系")
    expect(wang.get_by_test_id("note")).to_contain_text("银行已联系")
    assert all("银行已联系" not in message["text"] for message in alice.messages())
    wang.get_by_test_id("resolve").click()
    wang.locator("dialog [name=diagnosis_right]").select_option("yes")
    wang.locator("dialog [type=submit]").click()
    expect(wang.get_by_test_id("resolve")).to_have_count(0)
    expect(wang.get_by_test_id("mine").locator(".chat-row")).to_have_count(0)
    assert desks.rasa.heard == ["please bring in a person"], "the bot was silent all the while"


def test_two_agents_want_one_customer_and_a_lead_reads_who_looked_at_what(desks: Desks) -> None:
    wang, anna = desks.employs("wang", "小王", "agent"), desks.employs("anna", "Anna", "agent", "en")
    ask_for_a_person(desks.customer(), desks.rasa, card=CARD)
    for page in (wang, anna):
        page.get_by_test_id("queue").locator(".chat-row").first.click(timeout=SOON_MS)
        expect(page.get_by_test_id("take")).to_be_visible()
    expect(wang.get_by_test_id("collision")).to_contain_text("Anna", timeout=SOON_MS)
    # Both press before either page can know of the other.
    pressed = "document.querySelector('[data-testid=take]')?.click()"
    wang.evaluate(pressed)
    anna.evaluate(pressed)
    wait_for(lambda: bool(wang.get_by_test_id("resolve").count() or anna.get_by_test_id("resolve").count()))
    (first, first_name), (second, second_name) = (
        ((wang, "小王"), (anna, "Anna"))
        if wang.get_by_test_id("resolve").count()
        else ((anna, "Anna"), (wang, "小王"))
    )
    expect(second.get_by_test_id("take")).to_have_count(0)
    expect(second.get_by_test_id("mine").locator(".chat-row")).to_have_count(0)
    first.get_by_test_id("transfer").click()
    colleague = first.locator("dialog [name=agent] option", has_text=second_name).get_attribute("value")
    first.locator("dialog [name=agent]").select_option(colleague)
    first.locator("dialog [type=submit]").click()
    expect(second.get_by_test_id("mine").locator(".chat-row")).to_have_count(1, timeout=SOON_MS)
    lead = desks.employs("chen", "陈组长", "lead")
    lead.locator("nav [data-view=audit]").click()
    expect(lead.get_by_test_id("page-audit")).to_contain_text(first_name)
    lead.locator("nav [data-view=reports]").click()
    expect(lead.get_by_test_id("report").locator("tbody tr").first).to_be_visible()
    lead.locator("nav [data-view=search]").click()
    lead.get_by_test_id("search").fill("bring in")
    lead.get_by_test_id("search").press("Enter")
    expect(lead.get_by_test_id("results").locator("li")).to_have_count(1)

"""What the support page offers beside the chat: help, incidents, contact channels, and the way between."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chat import DESKTOP, PHONE, SMALLEST, ChatServer
from tests.gateway.helpers import Json

ALICE = "cust_alice"
INCIDENT: Json = {
    "id": "inc_1",
    "what": {"zh": "部分银行卡付款延迟", "en": "Some bank card payments are delayed"},
    "since": "2026-11-25T09:00:00Z",
    "expected_end": "2026-11-25T12:00:00Z",
}

Visit = Callable[..., Page]


@pytest.fixture
def visit(chat_server: ChatServer, browser: Browser) -> Iterator[Visit]:
    """Opens the support page; at the end no console error, no violation of the policy."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def visited(
        locale: str = "zh-CN",
        size: tuple[int, int] = DESKTOP,
        path: str = "/",
        incidents: Json | None = None,
        **options: Any,
    ) -> Page:
        width, height = size
        context = browser.new_context(locale=locale, viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if incidents is not None:
            page.route("**/api/incidents", lambda route: route.fulfill(json=incidents))
        page.goto(chat_server.url + path)
        expect(page.get_by_test_id("demo-guest")).to_be_attached()
        return page

    yield visited
    for context in contexts:
        context.close()
    assert complaints == []


def known(*incidents: Json) -> Json:
    return {"available": True, "incidents": list(incidents)}


def sign_in(page: Page) -> None:
    page.locator(f"[data-customer-id={ALICE}]").click()
    expect(page.get_by_test_id("sign-out")).to_be_visible()


# Help


def test_typing_finds_articles_and_the_arrow_keys_walk_through_them(visit: Visit) -> None:
    page = visit()
    page.get_by_test_id("view-help").click()
    page.get_by_test_id("help-query").fill("退款")
    results = page.get_by_test_id("help-result")
    expect(results.first).to_contain_text("退款")
    expect(page.get_by_test_id("help-status")).to_have_text(f"找到 {results.count()} 篇文章")
    expect(page.get_by_test_id("help-status")).to_have_attribute("role", "status")
    expect(page.get_by_test_id("help-topics")).to_be_hidden()
    page.get_by_test_id("help-query").press("ArrowDown")
    expect(results.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(results.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_test_id("help-query")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/help/zh/[a-z-]+$"))


def test_a_search_that_finds_nothing_says_what_to_do_and_escape_empties_it(visit: Visit) -> None:
    page = visit("en-US")
    page.get_by_test_id("view-help").click()
    page.get_by_test_id("help-query").fill("xylophone")
    expect(page.get_by_test_id("help-status")).to_contain_text("ask in the chat")
    expect(page.get_by_test_id("help-topics")).to_be_visible()
    page.get_by_test_id("help-query").press("Escape")
    expect(page.get_by_test_id("help-query")).to_have_value("")
    expect(page.get_by_test_id("help-status")).to_have_text("")


def test_topics_open_and_lead_to_their_articles_in_the_interfaces_language(visit: Visit) -> None:
    page = visit("zh-CN")
    page.get_by_test_id("view-help").click()
    topics = page.get_by_test_id("help-topics").get_by_role("group")
    expect(topics.first).to_be_visible()
    topics.first.locator("summary").click()
    expect(topics.first.get_by_test_id("help-article").first).to_have_attribute(
        "href", "/help/zh/payment-failed"
    )
    page.get_by_test_id("language-switch").select_option("en")
    expect(topics.first.locator("summary")).to_have_text("Payment failed")
    expect(page.get_by_test_id("help-all")).to_have_attribute("href", "/help/en")


def test_an_article_puts_its_question_into_the_field_unsent(visit: Visit, chat_server: ChatServer) -> None:
    page = visit("en-US", path="/?ask=charged-twice")
    expect(page.get_by_test_id("composer")).not_to_have_value("")
    expect(page.get_by_test_id("composer")).to_be_focused()
    expect(page.get_by_test_id("message")).to_have_count(0)
    assert page.url == f"{chat_server.url}/", "a reload does not ask again"
    assert chat_server.rasa.heard == []


# Incidents and contacts


def test_what_disturbs_payments_now_is_said_above_everything(visit: Visit) -> None:
    page = visit("en-US", incidents=known(INCIDENT))
    strip = page.get_by_test_id("incidents")
    expect(strip).to_contain_text("Some bank card payments are delayed")
    strip.locator("summary").click()
    expect(strip.get_by_role("listitem")).to_contain_text("expected to be over by")
    page.get_by_test_id("language-switch").select_option("zh-CN")
    expect(strip).to_contain_text("部分银行卡付款延迟")


@pytest.mark.parametrize("answer", [known(), {"available": False, "incidents": []}])
def test_without_incidents_nothing_is_said(visit: Visit, answer: Json) -> None:
    page = visit(incidents=answer)
    page.get_by_test_id("view-help").click()
    expect(page.get_by_test_id("contacts")).to_be_visible()
    expect(page.get_by_test_id("incidents")).to_be_hidden()


def test_incidents_are_asked_for_again_each_minute(
    visit: Visit, browser: Browser, chat_server: ChatServer
) -> None:
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.clock.install()
    now: list[Json] = [known()]
    page.route("**/api/incidents", lambda route: route.fulfill(json=now[0]))
    page.goto(chat_server.url)
    expect(page.get_by_test_id("demo-guest")).to_be_attached()
    expect(page.get_by_test_id("incidents")).to_be_hidden()
    now[0] = known(INCIDENT)
    page.clock.run_for(61_000)
    expect(page.get_by_test_id("incidents")).to_be_visible()
    context.close()


def test_contact_channels_come_with_hours_and_whether_somebody_is_there(visit: Visit) -> None:
    page = visit()
    page.get_by_test_id("view-help").click()
    contacts = page.get_by_test_id("contacts")
    expect(contacts).to_contain_text("客服热线")
    expect(contacts).to_contain_text("9:00–21:00")
    expect(contacts.locator(".badge").first).to_have_text("服务中" if is_open(page) else "休息中")


def is_open(page: Page) -> bool:
    channels = page.evaluate("fetch('/api/contacts').then((answer) => answer.json())")["channels"]
    return bool(channels[0]["open_now"])


# The way between them


def test_a_phone_shows_one_thing_at_a_time(visit: Visit) -> None:
    page = visit("zh-CN", PHONE)
    expect(page.get_by_test_id("demo-search")).to_be_visible()
    expect(page.get_by_test_id("view-demo")).to_have_attribute("aria-current", "page")
    page.get_by_test_id("view-help").click()
    expect(page.get_by_test_id("help-query")).to_be_visible()
    expect(page.get_by_test_id("demo-search")).to_be_hidden()
    expect(page.get_by_test_id("composer")).to_be_hidden()
    page.get_by_test_id("view-chat").click()
    expect(page.get_by_test_id("composer")).to_be_visible()
    expect(page.get_by_test_id("help-query")).to_be_hidden()


def test_a_wide_page_shows_chat_and_help_together(visit: Visit) -> None:
    page = visit()
    sign_in(page)
    expect(page.get_by_test_id("composer")).to_be_visible()
    expect(page.get_by_test_id("help-query")).to_be_visible()
    expect(page.get_by_test_id("view-chat")).to_be_hidden()


@pytest.mark.parametrize("locale", ["zh-CN", "zh-TW", "en-US"])
@pytest.mark.parametrize("view", ["chat", "help", "demo"])
def test_every_view_fits_320_pixels(visit: Visit, locale: str, view: str) -> None:
    page = visit(locale, SMALLEST, incidents=known(INCIDENT))
    page.get_by_test_id(f"view-{view}").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALLEST[0]
    for control in page.locator(".topbar :is(button, select):visible").all():
        box = control.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= SMALLEST[0]


def test_at_twice_the_size_everything_is_still_there(visit: Visit) -> None:
    page = visit("en-US", (640, 400), device_scale_factor=2)  # 1280 × 800 at 200 %
    page.get_by_test_id("view-chat").click()
    expect(page.get_by_test_id("composer")).to_be_in_viewport()
    page.get_by_test_id("view-help").click()
    expect(page.get_by_test_id("help-query")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


def test_the_interface_comes_in_traditional_chinese(visit: Visit, chat_server: ChatServer) -> None:
    page = visit("zh-TW")
    expect(page).to_have_title("IM錢包客服")
    expect(page.locator("html")).to_have_attribute("lang", "zh-TW")
    loaded = page.evaluate("performance.getEntriesByType('resource').map((each) => each.name)")
    assert [name.rsplit("/", 1)[1] for name in loaded if "/words/" in name] == ["zh-TW.js"]
    sign_in(page)
    page.get_by_test_id("starter").filter(has_text="轉接真人").click()
    expect(page.locator("[data-author=bot]")).to_be_visible()
    assert chat_server.rasa.turns[-1]["text"] == "转人工"


def test_the_skip_link_leads_to_the_field(visit: Visit) -> None:
    page = visit("en-US")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the message box")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("composer")).to_be_focused()


# axe


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["zh-CN", "zh-TW", "en-US"])
def test_axe_finds_nothing(visit: Visit, chat_server: ChatServer, locale: str, scheme: str) -> None:
    page = visit(locale, incidents=known(INCIDENT, INCIDENT), color_scheme=scheme, reduced_motion="reduce")
    assert violations(page) == {}
    sign_in(page)
    page.get_by_test_id("help-query").fill("refund" if locale == "en-US" else "退款")
    expect(page.get_by_test_id("help-result").first).to_be_visible()
    page.get_by_test_id("composer").fill("hello")
    page.get_by_test_id("composer").press("Enter")
    expect(page.locator("[data-author=bot]")).to_be_visible()
    assert violations(page) == {}
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    for view in ("help", "demo", "chat"):
        page.get_by_test_id(f"view-{view}").click()
        assert violations(page) == {}, view


def violations(page: Page) -> dict[str, list[str]]:
    """What axe-core finds, by rule, with the elements."""
    found = Axe().run(page).response["violations"]
    return {each["id"]: [node["html"][:160] for node in each["nodes"]] for each in found}

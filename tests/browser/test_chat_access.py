"""The chat for everybody: screen readers, keyboards, small screens, less movement, other colours."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.chat import (
    SCREENSHOTS,
    SMALLEST,
    ChatServer,
    OpenChat,
    answered,
    choose,
    fits_the_screen,
    messages,
    say,
)

RICH = [
    {"text": "这笔钱已扣，正在等结果。详情见 https://help.example/1"},
    {"text": "查看订单", "custom": {"kind": "part", "part": "step"}},
    {"text": "等到 18:00", "custom": {"kind": "part", "part": "step"}},
    {
        "text": "是这一笔吗？",
        "buttons": [
            {
                "title": "星巴克",
                "payload": "/a",
                "payment": {"merchant": "星巴克", "amount": "¥32.00", "time": "昨天"},
            },
            {"title": "都不是", "payload": "/b"},
        ],
    },
]


def full_chat(page: Page, server: ChatServer) -> None:
    """A conversation with everything in it, and the menu open."""
    server.answers(*RICH)
    say(page, "付款失败")
    answered(page)
    choose(page, "end")
    page.locator(".star").nth(3).click()
    say(page, "再看看")
    answered(page, 2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_axe_finds_nothing(open_chat: OpenChat, chat_server: ChatServer, locale: str, scheme: str) -> None:
    page = open_chat(locale, color_scheme=scheme, reduced_motion="reduce")
    full_chat(page, chat_server)
    page.screenshot(path=SCREENSHOTS / f"chat-{locale}-{scheme}.png")
    page.get_by_test_id("menu").click()
    found = Axe().run(page, context="support-chat").response["violations"]
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_it_fits_a_screen_of_320_pixels(
    open_chat: OpenChat, chat_server: ChatServer, locale: str, scheme: str
) -> None:
    """The same as a page of 1280 pixels at 400 %, and more than 200 % asks for."""
    page = open_chat(locale, SMALLEST, color_scheme=scheme, has_touch=True, is_mobile=True)
    full_chat(page, chat_server)
    assert fits_the_screen(page)
    expect(page.get_by_test_id("composer")).to_be_in_viewport()
    page.get_by_test_id("menu").click()
    expect(page.get_by_test_id("menu-end")).to_be_in_viewport()
    page.screenshot(path=SCREENSHOTS / f"chat-{locale}-{scheme}-320.png")


def test_nothing_to_press_is_smaller_than_24_pixels(open_chat: OpenChat, chat_server: ChatServer) -> None:
    page = open_chat("en-US", SMALLEST, has_touch=True, is_mobile=True)
    full_chat(page, chat_server)
    page.get_by_test_id("menu").click()
    small = page.locator("support-chat").evaluate(
        """chat => [...chat.querySelectorAll("button, textarea, label:has(input)")]
            .filter(each => each.checkVisibility() && !each.classList.contains("visually-hidden"))
            .map(each => [each.className || each.textContent, each.getBoundingClientRect()])
            .filter(([, box]) => box.width && (box.width < 24 || box.height < 24)).map(([name]) => name)"""
    )
    assert small == []


def test_a_new_message_is_read_out_once_and_history_is_not(open_chat: OpenChat) -> None:
    page = open_chat()
    heard = page.get_by_test_id("heard")
    say(page, "你好")
    answered(page)
    expect(heard.locator("p")).to_have_text(["智能助手: heard: 你好"])
    expect(heard).to_have_attribute("aria-live", "polite")
    expect(page.get_by_role("log", name="对话记录")).to_have_attribute("aria-live", "off")
    page.reload()
    answered(page)
    expect(heard).to_be_empty()


def test_a_whole_conversation_by_keyboard(open_chat: OpenChat, chat_server: ChatServer) -> None:
    chat_server.answers(*RICH)
    page = open_chat()
    page.get_by_test_id("composer").focus()
    page.keyboard.type("付款失败")
    page.keyboard.press("Enter")
    answered(page)
    reached = []
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        reached.append(page.evaluate("document.activeElement.dataset.testid ?? document.activeElement.type"))
        if reached[-1] == "quick-reply":
            break
    assert reached[-1] == "quick-reply", reached
    page.keyboard.press("Enter")
    answered(page, 2)
    expect(messages(page, "customer").last).to_contain_text("都不是")
    expect(page.get_by_test_id("composer")).to_be_focused()


def test_nothing_moves_for_those_who_mind(open_chat: OpenChat) -> None:
    page = open_chat(reduced_motion="reduce")
    say(page, "你好")
    answered(page)
    moving = "[...document.querySelectorAll('support-chat *')].flatMap(each => each.getAnimations()).length"
    assert page.evaluate(moving) == 0


def test_with_colours_of_the_customers_own_everything_is_still_marked(
    open_chat: OpenChat, chat_server: ChatServer
) -> None:
    page = open_chat(forced_colors="active")
    full_chat(page, chat_server)
    page.get_by_test_id("composer").fill("x")
    assert page.get_by_test_id("send").evaluate("button => getComputedStyle(button).borderTopWidth") == "1px"
    bubble = page.locator("[data-author=customer] .bubble").first
    assert bubble.evaluate("each => getComputedStyle(each).borderTopWidth") == "1px"
    page.screenshot(path=SCREENSHOTS / "chat-forced-colours.png")

"""What the chat draws besides words, and its menu, in a real browser."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import (
    PHONE,
    SCREENSHOTS,
    ChatServer,
    Complaints,
    OpenChat,
    answered,
    block_is,
    choose,
    messages,
    say,
    status_is,
)
from tests.gateway.helpers import Json

STEPS = [
    {"text": "先试试这两步：", "custom": None},
    {"text": "查看订单页面", "custom": {"kind": "part", "part": "step"}},
    {"text": "重新打开应用", "custom": {"kind": "part", "part": "step"}},
]


# Payments to choose from


def test_payments_are_a_list_to_pick_from(open_chat: OpenChat, chat_server: ChatServer) -> None:
    starbucks = {"merchant": "星巴克", "amount": "¥32.00", "time": "昨天 14:30"}
    buttons = [
        {
            "title": "星巴克 ¥32.00 · 昨天 14:30",
            "payload": '/choose_payment{"payment": "p1"}',
            "payment": starbucks,
        },
        {"title": "都不是", "payload": "/none_of_them"},
    ]
    chat_server.answers({"text": "请问是哪一笔？", "buttons": buttons})
    page = open_chat(size=PHONE)
    say(page, "付款失败")
    picker = page.get_by_role("group", name="请选择一笔付款")
    expect(picker.get_by_role("button")).to_have_text(["星巴克 ¥32.00 昨天 14:30", "都不是"])
    page.screenshot(path=SCREENSHOTS / "chat-picker-zh-phone.png")
    chat_server.answers({"text": "这笔付款没有扣款。"})
    picker.get_by_role("button").first.click()
    answered(page, 2)
    expect(picker).to_have_count(0)
    expect(messages(page, "customer").last).to_contain_text("星巴克 ¥32.00 · 昨天 14:30")


# Fix steps


def test_ticked_steps_are_kept_told_and_then_only_read(open_chat: OpenChat, chat_server: ChatServer) -> None:
    chat_server.answers(*STEPS)
    page = open_chat()
    say(page, "付不了款")
    steps = answered(page).get_by_role("checkbox")
    done = page.get_by_test_id("steps-done")
    expect(done.first).to_be_hidden()
    with page.expect_response("**/steps"):
        steps.last.check()
    page.reload()
    expect(steps.last).to_be_checked()
    expect(steps.first).not_to_be_checked()

    chat_server.answers({"text": "还有一步："}, STEPS[1])
    done.click()
    answered(page, 2)
    expect(messages(page, "customer").last).to_contain_text("2. 重新打开应用")
    old = messages(page, "bot").first.get_by_role("checkbox")
    expect(old.last).to_be_checked()
    expect(old.last).to_be_disabled()
    expect(messages(page, "bot").last.get_by_role("checkbox")).to_be_enabled()
    expect(done.first).to_be_hidden()
    assert chat_server.rasa.turns[-1]["payload"].startswith("/steps_done")


# Rating, transcript, menu


def test_a_conversation_is_ended_rated_and_the_rating_changed(
    open_chat: OpenChat, chat_server: ChatServer
) -> None:
    page = open_chat("en-US", PHONE)
    say(page, "thanks")
    answered(page)
    choose(page, "end")
    rating = page.get_by_test_id("rating")
    stars = rating.get_by_role("radio")
    expect(stars).to_have_count(5)
    expect(page.get_by_test_id("rating-send")).to_be_hidden()
    stars.first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(rating.get_by_role("radio", name="Good", exact=True)).to_be_checked()
    rating.get_by_role("textbox").fill("quick and clear")
    page.get_by_test_id("rating-send").click()
    expect(rating).to_contain_text("Thank you. You said: Good")
    page.reload()
    expect(rating).to_contain_text("You said: Good")
    page.get_by_test_id("rating-change").click()
    page.locator(".star").last.click()
    page.get_by_test_id("rating-send").click()
    expect(rating).to_contain_text("You said: Very good")


def test_a_rating_that_did_not_arrive_says_so(open_chat: OpenChat, chat_complaints: Complaints) -> None:
    chat_complaints.network_trouble_is_meant = True
    page = open_chat()
    say(page, "谢谢")
    answered(page)
    choose(page, "end")
    page.route("**/rating", lambda route: route.abort())
    page.locator(".star").nth(2).click()
    page.get_by_test_id("rating-send").click()
    expect(page.get_by_test_id("rating").get_by_role("alert")).to_contain_text("网络不通")
    page.unroute("**/rating")
    page.get_by_test_id("rating-send").click()
    expect(page.get_by_test_id("rating")).to_contain_text("谢谢您的评价")


def test_the_transcript_is_saved_as_a_text_file(open_chat: OpenChat) -> None:
    page = open_chat(timezone_id="Asia/Shanghai")
    say(page, "退款还没到")
    answered(page)
    with page.expect_download() as saving:
        choose(page, "transcript")
    assert saving.value.suggested_filename == "IM钱包客服对话记录.txt"
    words = Path(saving.value.path()).read_text(encoding="utf-8")
    assert "退款还没到" in words
    assert "Asia/Shanghai" in words


def test_a_person_is_asked_for_from_the_menu(open_chat: OpenChat, chat_server: ChatServer) -> None:
    page = open_chat("en-US")
    choose(page, "person")
    answered(page)
    assert chat_server.rasa.heard == ["I want to talk to a human"]


def test_the_menu_by_keyboard(open_chat: OpenChat) -> None:
    page = open_chat("en-US")
    menu = page.get_by_role("button", name="More", exact=True)
    menu.focus()
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_test_id("menu-earlier")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(menu).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_test_id("menu-earlier")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("no earlier conversations")
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()


# Hand-off, quote, case


@pytest.mark.parametrize(
    ("status", "zh", "en"),
    [
        ({"mode": "bot"}, "可随时转人工", "people on hand"),
        (
            {"mode": "queued", "position": 3, "wait_minutes": 5},
            "前面还有 2 位",
            "2 ahead of you. About 5 min",
        ),
        (
            {"mode": "queued", "position": 1, "wait_minutes": None},
            "您是下一位。暂时无法估计",
            "You are next. The wait is hard to tell",
        ),
        ({"mode": "assigned", "agent": {"name": "小美"}}, "小美 正在为您服务", "talking to 小美"),
        ({"mode": "parked"}, "稍后继续处理", "come back to this"),
        ({"mode": "closed_hours", "opens_at": "2030-01-02T01:00:00Z"}, "1月2日", "Jan 2"),
    ],
)
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_how_far_the_hand_off_is(open_chat: OpenChat, locale: str, status: Json, zh: str, en: str) -> None:
    page = open_chat(locale)
    say(page, "hello")
    answered(page)
    status_is(page, status)
    page.reload()
    human = page.get_by_test_id("human")
    expect(human).to_contain_text(zh if locale == "zh-CN" else en)
    waiting = status["mode"] in ("queued", "parked", "closed_hours")
    expect(human.get_by_test_id("handoff-cancel")).to_have_count(1 if waiting else 0)


def test_waiting_for_a_person_can_be_called_off(open_chat: OpenChat) -> None:
    page = open_chat("en-US")
    say(page, "hello")
    answered(page)
    status_is(page, {"mode": "queued", "position": 2})
    page.reload()
    page.route("**/handoff/cancel", lambda route: route.fulfill(status=204))
    with page.expect_request("**/handoff/cancel") as asked:
        page.get_by_role("button", name="Don't wait").click()
    assert asked.value.method == "POST"


def quote(valid: timedelta) -> Json:
    until = datetime.now(timezone.utc) + valid
    return {
        "type": "quote",
        "amount": "US$12.50",
        "pay": "¥90.63",
        "rate": "1 USD = 7.25 CNY",
        "fee": "¥0.00",
        "valid_until": until.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


@pytest.mark.parametrize(("locale", "left"), [("zh-CN", "分钟后到期"), ("en-US", "Expires in 10 minutes")])
def test_a_quote_tells_how_long_it_stands(open_chat: OpenChat, locale: str, left: str) -> None:
    page = open_chat(locale)
    say(page, "quote")
    answered(page)
    block_is(page, quote(timedelta(minutes=10)))
    page.reload()
    card = page.get_by_test_id("quote")
    expect(card).to_contain_text("¥90.63")
    expect(card).to_contain_text("1 USD = 7.25 CNY")
    expect(card).to_contain_text(left)


def test_a_quote_runs_out_before_ones_eyes(open_chat: OpenChat) -> None:
    page = open_chat("en-US")
    say(page, "quote")
    answered(page)
    block_is(page, quote(timedelta(seconds=5)))
    page.reload()
    expect(page.get_by_test_id("quote-left")).to_contain_text("Expires in")
    expect(page.get_by_test_id("quote-left")).to_contain_text("This quote has expired", timeout=15_000)


def test_what_the_page_does_not_know_falls_back_to_the_text(open_chat: OpenChat) -> None:
    page = open_chat()
    say(page, "你好")
    answered(page)
    block_is(page, {"type": "hologram", "data": [1]})
    page.reload()
    expect(answered(page)).to_contain_text("heard: 你好")


def shown_case(page: Page) -> None:
    block_is(
        page,
        {
            "type": "case",
            "reference": "C-2345",
            "status": "open",
            "title": "星巴克 ¥32.00",
            "promised_by": "2030-01-02T01:00:00Z",
        },
    )


def test_a_case_shows_its_number_and_promise(open_chat: OpenChat) -> None:
    page = open_chat("en-US")
    say(page, "trace it")
    answered(page)
    shown_case(page)
    page.reload()
    case = page.get_by_test_id("case")
    expect(case).to_contain_text("C-2345")
    expect(case).to_contain_text("You will hear from us by Wed, Jan 2")

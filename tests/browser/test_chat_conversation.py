"""A conversation in a real browser: nothing lost or doubled, whatever line, server and tab do."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.chat import (
    ALICE,
    BOB,
    EVENTS,
    MESSAGES,
    PHONE,
    ChatServer,
    Complaints,
    OpenChat,
    answered,
    choose,
    hide,
    messages,
    say,
    sign_in,
)
from tests.gateway.helpers import wait_for


def token_of(page: Page) -> str:
    return page.evaluate("JSON.parse(sessionStorage.getItem('imwallet.session')).token")


# History


def test_the_conversation_is_there_on_another_device(open_chat: OpenChat) -> None:
    first = open_chat()
    say(first, "退款还没到账")
    answered(first)

    second = open_chat(size=PHONE)
    expect(messages(second, "customer")).to_contain_text("退款还没到账")
    say(second, "还是没到")
    answered(second, 2)
    expect(messages(first, "customer").last).to_contain_text("还是没到")
    answered(first, 2)


def test_another_customer_sees_nothing_of_it(open_chat: OpenChat) -> None:
    say(open_chat(), "退款还没到账")
    bob = open_chat("en-US", customer=BOB)
    expect(bob.get_by_test_id("starter").first).to_be_visible()
    expect(bob.get_by_test_id("message")).to_have_count(0)


def test_a_new_conversation_leaves_the_earlier_one_to_be_opened_again(open_chat: OpenChat) -> None:
    page = open_chat("en-US")
    say(page, "my refund is missing")
    answered(page)
    choose(page, "new")
    expect(page.get_by_test_id("message")).to_have_count(0)
    say(page, "and my card was declined")
    answered(page)
    choose(page, "earlier")
    earlier = page.get_by_test_id("earlier")
    expect(earlier).to_have_count(2)
    expect(earlier.first).to_have_attribute("aria-current", "true")
    earlier.last.click()
    expect(messages(page, "customer")).to_contain_text("my refund is missing")
    page.reload()
    expect(messages(page, "customer")).to_contain_text("my refund is missing")


# Bad lines


def test_a_message_written_offline_is_sent_by_itself_and_once(
    open_chat: OpenChat, chat_server: ChatServer, chat_complaints: Complaints
) -> None:
    chat_complaints.network_trouble_is_meant = True
    page = open_chat(size=PHONE)
    say(page, "第一句")
    answered(page)
    page.context.set_offline(True)
    expect(page.get_by_text("正在重新连接")).to_be_visible()
    say(page, "没有网的时候写的")
    say(page, "又一句")
    waiting = page.locator("[data-testid=message][data-state=failed]")
    expect(waiting).to_have_count(2)
    expect(waiting.first).to_contain_text("联网后会自动发送")

    page.context.set_offline(False)
    expect(waiting).to_have_count(0)
    answered(page, 3)
    expect(page.get_by_text("正在重新连接")).to_have_count(0)
    assert chat_server.rasa.heard == ["第一句", "没有网的时候写的", "又一句"]
    expect(messages(page, "customer")).to_have_count(3)


def test_what_could_not_be_sent_outlives_a_reload_under_its_key(
    open_chat: OpenChat, chat_server: ChatServer, chat_complaints: Complaints
) -> None:
    chat_complaints.network_trouble_is_meant = True
    page = open_chat()
    say(page, "第一句")
    answered(page)
    keys: list[str] = []

    def answer_lost(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        route.fetch()  # the server has it, and nobody on the page knows
        route.abort()

    page.route(EVENTS, lambda route: route.abort())
    page.route(MESSAGES, answer_lost)
    chat_server.rasa.delay = 0.5
    page.reload()
    expect(page.get_by_text("正在重新连接")).to_be_visible()
    say(page, "只发一次")
    expect(page.locator("[data-state=failed]")).to_contain_text("只发一次")
    kept = page.evaluate("JSON.parse(sessionStorage.getItem('imwallet.outbox')).items[0].key")
    assert kept == keys[0]

    page.unroute(MESSAGES)
    page.unroute(EVENTS)
    page.reload()
    answered(page, 2)
    expect(messages(page, "customer")).to_have_count(2)
    assert chat_server.rasa.heard == ["第一句", "只发一次"]
    assert page.evaluate("sessionStorage.getItem('imwallet.outbox')") is None


def test_a_restart_of_the_server_loses_nothing(
    open_chat: OpenChat, chat_server: ChatServer, chat_complaints: Complaints
) -> None:
    chat_complaints.network_trouble_is_meant = True
    page = open_chat("en-US")
    say(page, "before")
    answered(page)
    chat_server.stop()
    expect(page.get_by_text("Reconnecting")).to_be_visible()
    say(page, "while it was away")
    expect(page.locator("[data-state=failed]")).to_have_count(1)
    chat_server.start()
    page.get_by_test_id("retry").click()
    answered(page, 2)
    expect(page.get_by_text("Reconnecting")).to_have_count(0)
    assert chat_server.rasa.heard == ["before", "while it was away"]


def test_what_the_server_refuses_for_good_is_not_tried_again_by_itself(
    open_chat: OpenChat, chat_complaints: Complaints
) -> None:
    chat_complaints.network_trouble_is_meant = True
    page = open_chat()
    page.route(MESSAGES, lambda route: route.fulfill(status=422, json={"detail": "这样不行"}))
    say(page, "不行的话")
    failed = page.locator("[data-state=failed]")
    expect(failed).to_contain_text("这样不行")
    expect(failed).not_to_contain_text("自动")
    page.unroute(MESSAGES)
    say(page, "下一句")
    answered(page)
    expect(failed).to_have_count(1)


def test_a_dead_line_is_noticed_when_the_device_wakes(open_chat: OpenChat) -> None:
    page = open_chat()
    say(page, "你好")
    answered(page)
    with page.expect_request(EVENTS):
        page.evaluate(
            """() => {
                const now = Date.now();
                Date.now = () => now + 3_600_000;
                document.dispatchEvent(new Event("visibilitychange"));
            }"""
        )


# Sessions


def test_a_token_that_ran_out_is_renewed_and_the_message_goes(
    open_chat: OpenChat, chat_complaints: Complaints
) -> None:
    chat_complaints.network_trouble_is_meant = True
    page = open_chat()
    say(page, "你好")
    answered(page)
    old = token_of(page)

    def too_old(route: Route) -> None:
        fresh = route.request.headers["authorization"] != f"Bearer {old}"
        if fresh:
            route.continue_()
        else:
            route.fulfill(status=401, json={"detail": "expired"})

    page.route(MESSAGES, too_old)
    say(page, "再问一句")
    answered(page, 2)
    assert token_of(page) != old


def test_signing_out_ends_the_session_on_the_server_and_in_copies_of_the_tab(
    open_chat: OpenChat, chat_server: ChatServer
) -> None:
    page = open_chat()
    say(page, "我的余额")
    answered(page)
    page.get_by_test_id("composer").fill("还没写完")
    kept = page.evaluate("JSON.stringify(sessionStorage)")
    copy = page.context.new_page()
    copy.add_init_script(
        f"""if (!window.name) {{
            window.name = "copied";
            Object.assign(sessionStorage, {kept});
        }}"""
    )
    copy.goto(f"{chat_server.url}/")
    expect(messages(copy, "customer")).to_contain_text("我的余额")
    token = token_of(page)
    page.get_by_test_id("sign-out").click()

    for tab in (page, copy):
        expect(tab.get_by_test_id("message")).to_have_count(0)
        expect(tab.get_by_test_id("sign-out")).to_be_hidden()
        expect(tab.get_by_test_id("composer")).to_have_value("")
        assert tab.evaluate("sessionStorage.length") == 0
    headers = {"Authorization": f"Bearer {token}"}
    wait_for(lambda: page.request.get(f"{chat_server.url}/api/conversations", headers=headers).status == 401)


def test_a_draft_outlives_a_reload(open_chat: OpenChat) -> None:
    page = open_chat()
    page.get_by_test_id("composer").fill("写到一半")
    page.reload()
    expect(page.get_by_test_id("composer")).to_have_value("写到一半")


# What one sees of it


def test_who_is_typing_is_said_until_the_answer_is_there(
    open_chat: OpenChat, chat_server: ChatServer
) -> None:
    chat_server.rasa.delay = 1.0
    page = open_chat()
    say(page, "你好")
    expect(page.get_by_text("客服正在输入")).to_be_visible()
    answered(page)
    expect(page.get_by_text("客服正在输入")).to_be_hidden()


def test_an_agent_who_types_is_named(open_chat: OpenChat) -> None:
    page = open_chat("en-US")
    say(page, "hello")
    answered(page)
    typing = 'event: typing\ndata: {"who": "agent", "name": "Mei"}\n\n'
    page.route(
        EVENTS, lambda route: route.fulfill(body=typing, headers={"Content-Type": "text/event-stream"})
    )
    page.reload()
    expect(page.get_by_text("Mei is typing")).to_be_visible()


def test_quick_replies_are_gone_once_used_and_stay_gone(open_chat: OpenChat, chat_server: ChatServer) -> None:
    chat_server.answers({"text": "还想知道什么？", "buttons": [{"title": "为什么", "payload": "/why"}]})
    page = open_chat()
    say(page, "付款失败")
    reply = page.get_by_test_id("quick-reply")
    expect(reply).to_have_text("为什么")
    chat_server.answers({"text": "因为余额不足。"})
    reply.click()
    answered(page, 2)
    expect(reply).to_have_count(0)
    page.reload()
    answered(page, 2)
    expect(reply).to_have_count(0)
    expect(messages(page, "customer").last).to_contain_text("为什么")
    assert chat_server.rasa.heard[-1] == "/why"


def test_times_are_the_customers_and_the_whole_date_is_on_hover(open_chat: OpenChat) -> None:
    page = open_chat("en-GB", timezone_id="Asia/Tokyo")
    say(page, "hello")
    time = answered(page).locator("time")
    utc = time.get_attribute("datetime")
    assert utc is not None
    hour = (int(utc[11:13]) + 9) % 24
    expect(time).to_have_text(
        re.compile(rf"^0?{hour % 12 or 12}:{utc[14:16]} ?[AP]M$|^{hour:02}:{utc[14:16]}$")
    )
    expect(time).to_have_attribute("title", re.compile(r"\w+day.*20\d\d"))
    expect(page.locator(".day")).to_have_text(["Today"])


def test_what_came_while_away_is_counted_divided_and_then_read(
    open_chat: OpenChat, chat_server: ChatServer
) -> None:
    page = open_chat("en-US")
    say(page, "hello")
    answered(page)
    title = page.title()
    hide(page)
    device = chat_server.person(BOB)
    device.conversation = device.http.get("/api/conversations").json()["conversations"][0]["id"]
    device.say("from my phone")
    answered(page, 2)
    expect(page.get_by_test_id("unread")).to_be_visible()
    expect(page).to_have_title("New message!")
    overview = f"/api/conversations/{device.conversation}"
    wait_for(lambda: device.http.get(overview).json()["unread"] == 1)  # read marks come a little later

    hide(page, False)
    expect(page).to_have_title(title)
    wait_for(lambda: device.http.get(overview).json()["unread"] == 0)
    say(page, "thanks")
    expect(page.get_by_test_id("unread")).to_have_count(0)


def test_links_are_links_and_nothing_else_is(open_chat: OpenChat, chat_server: ChatServer) -> None:
    chat_server.answers(
        {
            "text": "看https://help.example/a_(b)，或者（http://x.example/?q=1）。javascript:alert(1) "
            "https://bank.example@evil.example/ <a href='https://y.example'>z</a> https://"
        }
    )
    page = open_chat()
    say(page, "链接")
    links = answered(page).get_by_role("link")
    expect(links).to_have_text(["https://help.example/a_(b)", "http://x.example/?q=1", "https://y.example"])
    for link in links.all():
        expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
        expect(link).to_have_attribute("target", "_blank")


def test_long_words_are_folded_and_unfolded(open_chat: OpenChat, chat_server: ChatServer) -> None:
    chat_server.answers({"text": "很长的一段话。" * 150})
    page = open_chat(size=PHONE)
    say(page, "说来话长")
    words, more = answered(page).locator(".words"), answered(page).get_by_test_id("more")
    expect(more).to_have_attribute("aria-expanded", "false")
    folded = words.bounding_box()
    more.click()
    expect(more).to_have_text("收起")
    unfolded = words.bounding_box()
    assert folded and unfolded and unfolded["height"] > 2 * folded["height"]


@pytest.mark.parametrize("clipboard", [True, False])
def test_a_message_can_be_copied(open_chat: OpenChat, clipboard: bool) -> None:
    """Without the clipboard API too, as on plain HTTP and in other sites' frames."""
    page = open_chat("en-US", permissions=["clipboard-read", "clipboard-write"])
    say(page, "copy me")
    answered(page)
    if not clipboard:
        page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    message = messages(page, "bot").last
    message.hover()
    message.get_by_test_id("copy").click()
    expect(message.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "heard: copy me"


def test_the_newest_message_is_one_press_away(open_chat: OpenChat, chat_server: ChatServer) -> None:
    page = open_chat("en-US", PHONE)
    chat_server.answers({"text": "one\ntwo\nthree\nfour\nfive\nsix\nseven"})
    for count in range(1, 7):
        say(page, f"question {count}")
        answered(page, count)
    page.locator("#scroller").evaluate("scroller => scroller.scrollTo(0, 0)")
    page.get_by_role("button", name="Latest messages").click()
    expect(messages(page, "bot").last).to_be_in_viewport()
    expect(page.get_by_role("button", name="Latest messages")).to_be_hidden()


def test_the_sound_is_off_until_asked_for_and_remembered_without_a_token(open_chat: OpenChat) -> None:
    page = open_chat()
    page.get_by_test_id("menu").click()
    sound = page.get_by_test_id("menu-sound")
    expect(sound).to_have_attribute("aria-pressed", "false")
    sound.click()
    expect(sound).to_have_attribute("aria-pressed", "true")
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert json.loads(kept)["imwallet.sound"] == "on"
    assert token_of(page) not in kept
    page.reload()
    page.get_by_test_id("menu").click()
    expect(sound).to_have_attribute("aria-pressed", "true")


def test_switching_the_customer_takes_the_words_of_the_one_before_away(open_chat: OpenChat) -> None:
    page = open_chat()
    page.get_by_test_id("composer").fill("林伟写的")
    page.get_by_test_id("sign-out").click()
    sign_in(page, BOB)
    expect(page.get_by_test_id("composer")).to_have_value("")
    page.get_by_test_id("sign-out").click()
    sign_in(page, ALICE)
    expect(page.get_by_test_id("composer")).to_have_value("")

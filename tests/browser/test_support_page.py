"""The support page in a real browser, against everything that `make run` starts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, Route, expect

from tests.browser.contrast import too_faint

SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
DESKTOP, PHONE, SMALLEST = (1280, 860), (390, 844), (320, 568)
ANSWER_MS = 30_000
LIN_WEI, EMMA = "cust_lin_wei", "cust_emma_clark"
LIN_WEIS_QUESTION = "我昨天在星巴克付款失败了,钱还被扣了"
EMMAS_QUESTION = "my payment to Starbucks failed yesterday but I was charged"
AN_AMOUNT = re.compile(r"(¥|￥|CNY|RMB)\s?\d")
MESSAGES = re.compile(r"/api/conversations/[^/]+/messages$")
EVENTS = re.compile(r"/api/conversations/[^/]+/events$")

Open = Callable[..., Page]


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


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def open_page(browser: Browser, stack: Any, complaints: Complaints) -> Iterator[Open]:
    """Opens the page in a browser of its own kind; at the end nothing may have gone wrong in any."""
    contexts: list[BrowserContext] = []

    def opened(
        locale: str = "zh-CN",
        size: tuple[int, int] = DESKTOP,
        prepare: Callable[[Page], None] | None = None,
        **options: Any,
    ) -> Page:
        width, height = size
        context = browser.new_context(locale=locale, viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        complaints.listen(page)
        if prepare:
            prepare(page)
        page.goto(f"{stack.url}/")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints.unexpected == []


def sign_in(page: Page, customer: str) -> None:
    """Signs in and begins a conversation: what the customer said in other tests is there too."""
    with page.expect_response(lambda answer: answer.url.endswith("/api/conversations")) as listed:
        page.locator(f"[data-testid=demo-customer][data-customer-id={customer}]").click()
    expect(page.get_by_test_id("sign-out")).to_be_visible()
    earlier = listed.value.json()["conversations"]
    if earlier and earlier[0]["last_seq"]:
        expect(page.get_by_test_id("message").first).to_be_visible()
        page.get_by_test_id("menu").click()
        page.get_by_test_id("menu-new").click()
    expect(page.get_by_test_id("message")).to_have_count(0)


def say(page: Page, text: str) -> None:
    page.get_by_test_id("composer").fill(text)
    page.get_by_test_id("composer").press("Enter")


def messages(page: Page, author: str) -> Locator:
    return page.locator(f"[data-testid=message][data-author={author}]")


def last_answer(page: Page, count: int = 1) -> Locator:
    """The bot's newest message once there are `count` of them."""
    expect(messages(page, "bot")).to_have_count(count, timeout=ANSWER_MS)
    return messages(page, "bot").last


def fits_the_screen(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


# The sentence, the records, the answer


def test_lin_wei_reads_what_happened_to_his_payment(open_page: Open) -> None:
    page = open_page()
    expect(page).to_have_title("IM钱包客服")
    sign_in(page, LIN_WEI)
    expect(page.get_by_test_id("who")).to_contain_text("林伟")
    say(page, LIN_WEIS_QUESTION)

    answer = last_answer(page)
    expect(answer).to_contain_text("星巴克")
    expect(answer).to_contain_text(AN_AMOUNT)
    expect(answer.get_by_test_id("diagnosis")).to_contain_text("星巴克")
    stations = answer.get_by_test_id("timeline").get_by_role("listitem")
    expect(stations).to_contain_text(["发起付款", "从账户扣出", "等待结果"])
    expect(stations.last).to_have_attribute("aria-current", "step")
    expect(answer.get_by_test_id("steps").locator("li")).not_to_have_count(0)
    expect(page.get_by_test_id("composer")).to_be_focused()
    page.screenshot(path=SCREENSHOTS / "support-page-zh-desktop.png")


def test_emma_reads_hers_in_english_on_a_phone(open_page: Open) -> None:
    page = open_page("en-US", PHONE, device_scale_factor=2, has_touch=True, is_mobile=True)
    expect(page).to_have_title("IM Wallet Support")
    sign_in(page, EMMA)
    say(page, EMMAS_QUESTION)

    answer = last_answer(page)
    expect(answer).to_contain_text("Starbucks")
    expect(answer).to_contain_text(AN_AMOUNT)
    expect(answer.get_by_test_id("diagnosis")).to_contain_text("Starbucks")
    assert fits_the_screen(page)
    page.screenshot(path=SCREENSHOTS / "support-page-en-phone.png")


def test_a_visitor_gets_general_help_and_no_record(open_page: Open) -> None:
    page = open_page()
    say(page, "付款失败了怎么办")

    expect(last_answer(page)).not_to_be_empty()
    expect(page.get_by_test_id("who")).to_contain_text("未登录")
    expect(page.get_by_test_id("diagnosis")).to_have_count(0)
    expect(page.get_by_test_id("sign-out")).to_be_hidden()


def test_a_quick_reply_is_sent_and_then_gone(open_page: Open) -> None:
    page = open_page()
    sign_in(page, LIN_WEI)
    say(page, LIN_WEIS_QUESTION)
    last_answer(page)
    reply = page.get_by_test_id("quick-reply").first
    title = reply.inner_text()
    offered = reply.element_handle()
    assert offered is not None
    reply.click()

    expect(messages(page, "customer").last).to_contain_text(title)
    last_answer(page, 2)
    assert not offered.evaluate("button => button.isConnected")


def test_a_starter_asks_for_the_customer(open_page: Open) -> None:
    page = open_page("en-US")
    page.get_by_test_id("starter").filter(has_text="Change payment password").click()
    expect(messages(page, "customer")).to_contain_text("change my payment password")
    expect(last_answer(page)).to_contain_text("password")
    expect(page.get_by_test_id("starter").first).to_be_hidden()


def test_asking_for_a_person_shows_a_reference(open_page: Open) -> None:
    page = open_page()
    sign_in(page, LIN_WEI)
    say(page, "转人工")
    expect(page.get_by_test_id("handoff")).to_contain_text(re.compile(r"H-\w+"), timeout=ANSWER_MS)


# Who sees what


def test_a_reload_keeps_the_conversation_and_the_token_stays_out_of_sight(open_page: Open) -> None:
    page = open_page()
    sign_in(page, LIN_WEI)
    say(page, LIN_WEIS_QUESTION)
    answer = last_answer(page).inner_text()
    page.reload()

    expect(page.get_by_test_id("who")).to_contain_text("林伟")
    expect(messages(page, "customer")).to_contain_text("我昨天在星巴克付款失败了")
    assert last_answer(page).inner_text() == answer
    token = page.evaluate("JSON.parse(sessionStorage.getItem('imwallet.session')).token")
    assert token and token not in page.url
    assert token not in page.evaluate("JSON.stringify(localStorage)")
    say(page, "什么时候到账?")
    last_answer(page, 2)


def test_signing_out_leaves_nothing_for_the_next_person(open_page: Open) -> None:
    page = open_page()
    sign_in(page, LIN_WEI)
    say(page, LIN_WEIS_QUESTION)
    last_answer(page)
    page.get_by_test_id("sign-out").click()

    expect(page.get_by_test_id("message")).to_have_count(0)
    assert page.evaluate("sessionStorage.length") == 0
    page.reload()
    expect(page.get_by_test_id("who")).to_contain_text("未登录")
    expect(page.get_by_test_id("message")).to_have_count(0)
    sign_in(page, EMMA)
    expect(page.get_by_test_id("message")).to_have_count(0)


def test_the_demo_list_can_be_searched(open_page: Open) -> None:
    page = open_page("zh-CN", PHONE)
    everyone = page.get_by_test_id("demo-customer")
    expect(everyone.first).to_have_attribute("data-customer-id", LIN_WEI)
    page.get_by_test_id("demo-search").fill("emma")
    expect(everyone).to_have_count(1)
    expect(everyone).to_have_attribute("data-customer-id", EMMA)


def test_without_demo_mode_there_is_no_list_and_sign_in_is_the_apps(
    open_page: Open, complaints: Complaints
) -> None:
    complaints.network_trouble_is_meant = True

    def demo_off(page: Page) -> None:
        page.route("**/api/demo/customers", lambda route: route.fulfill(status=404, json={"detail": "-"}))

    page = open_page("en-US", PHONE, prepare=demo_off)
    expect(page.get_by_test_id("demo-search")).to_be_hidden()
    expect(page.get_by_test_id("composer")).to_be_visible()
    page.get_by_test_id("sign-in").click()
    expect(page.get_by_role("dialog")).to_contain_text("IM Wallet app")


# Writing


def test_enter_sends_shift_enter_does_not_and_an_input_method_keeps_its_enter(open_page: Open) -> None:
    page = open_page()
    composer = page.get_by_test_id("composer")
    composer.fill("第一行")
    for composing in ("{isComposing: true}", "{keyCode: 229}"):
        composer.evaluate(
            f"""field => field.dispatchEvent(new KeyboardEvent("keydown",
                {{key: "Enter", bubbles: true, cancelable: true, ...{composing}}}))"""
        )
    composer.press("Shift+Enter")
    composer.press_sequentially("第二行")
    expect(page.get_by_test_id("message")).to_have_count(0)
    composer.press("Enter")
    expect(messages(page, "customer")).to_contain_text("第一行\n第二行", use_inner_text=True)
    expect(composer).to_have_value("")


def test_nothing_empty_or_too_long_can_be_sent(open_page: Open) -> None:
    page = open_page("en-US")
    composer, send = page.get_by_test_id("composer"), page.get_by_test_id("send")
    expect(send).to_be_disabled()
    composer.fill("  \n ")
    expect(send).to_be_disabled()
    composer.fill("😀" * 2000)
    expect(send).to_be_enabled()
    composer.fill("x" * 2001)
    expect(send).to_be_disabled()
    expect(page.get_by_text("1 characters too long")).to_be_visible()


def test_markup_stays_words(open_page: Open) -> None:
    page = open_page()
    hostile = "<img src=x onerror=alert(1)><b>付款</b>失败"
    say(page, hostile)
    expect(messages(page, "customer")).to_contain_text(hostile)
    last_answer(page)
    assert page.locator("chat-log img, chat-log b").count() == 0


def test_a_message_that_failed_is_tried_again_under_the_same_key(
    open_page: Open, complaints: Complaints
) -> None:
    complaints.network_trouble_is_meant = True
    keys: list[str] = []

    def break_once(page: Page) -> None:
        def handle(route: Route, request: Request) -> None:
            if request.method != "POST":
                return route.continue_()
            keys.append(request.headers["idempotency-key"])
            if len(keys) > 1:
                return route.continue_()
            route.fetch()  # the server stores it, but the answer is lost on the way back
            return route.abort()

        page.route(MESSAGES, handle)
        page.route(EVENTS, lambda route: route.abort() if len(keys) < 2 else route.continue_())

    page = open_page(prepare=break_once)
    say(page, "怎么修改支付密码")
    failed = page.locator("[data-testid=message][data-state=failed]")
    expect(failed).to_contain_text("网络不通")
    failed.get_by_test_id("retry").click()

    last_answer(page)
    expect(failed).to_have_count(0)
    expect(messages(page, "customer")).to_have_count(1)
    assert len(keys) == 2
    assert keys[0] == keys[1]


def test_an_answer_missed_while_the_line_was_down_arrives_later(
    open_page: Open, complaints: Complaints
) -> None:
    complaints.network_trouble_is_meant = True
    page = open_page(prepare=lambda page: page.route(EVENTS, lambda route: route.abort()))
    say(page, "怎么修改支付密码")
    expect(page.get_by_text("正在重新连接")).to_be_visible()
    expect(messages(page, "bot")).to_have_count(0)
    page.unroute(EVENTS)
    last_answer(page)
    expect(page.get_by_text("正在重新连接")).to_have_count(0)


def test_an_ended_session_says_so_and_gives_the_words_back(open_page: Open, complaints: Complaints) -> None:
    complaints.network_trouble_is_meant = True
    page = open_page()
    sign_in(page, LIN_WEI)
    page.route("**/api/conversations", lambda route: route.fulfill(status=401, json={"detail": "expired"}))
    say(page, LIN_WEIS_QUESTION)
    expect(page.get_by_role("alert").filter(has_text="登录已过期")).to_be_visible()
    expect(page.get_by_test_id("composer")).to_have_value(LIN_WEIS_QUESTION)
    expect(page.get_by_test_id("who")).to_contain_text("未登录")


# Languages, screens, senses


def test_the_language_switch_keeps_the_conversation_and_is_remembered(open_page: Open) -> None:
    page = open_page("en-US")
    sign_in(page, EMMA)
    say(page, EMMAS_QUESTION)
    expect(last_answer(page).get_by_test_id("diagnosis")).to_contain_text("Merchant")
    page.get_by_test_id("language-switch").select_option("zh-CN")

    expect(page).to_have_title("IM钱包客服")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_test_id("diagnosis")).to_contain_text("商户")
    expect(messages(page, "customer")).to_contain_text(EMMAS_QUESTION)
    page.reload()
    expect(page).to_have_title("IM钱包客服")


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_it_fits_the_smallest_phone(open_page: Open, locale: str) -> None:
    page = open_page(locale, SMALLEST)
    assert fits_the_screen(page)
    sign_in(page, LIN_WEI)
    say(page, LIN_WEIS_QUESTION)
    last_answer(page)
    assert fits_the_screen(page)
    expect(page.get_by_test_id("composer")).to_be_in_viewport()


def test_every_control_has_a_name_and_news_are_announced(open_page: Open) -> None:
    page = open_page()
    expect(page.get_by_test_id("demo-customer").first).to_be_visible()
    for role in ("button", "textbox", "searchbox"):
        for control in page.get_by_role(role).all():  # type: ignore[arg-type]
            expect(control).to_have_accessible_name(re.compile(r"\S"))
    expect(page.get_by_test_id("heard")).to_have_attribute("aria-live", "polite")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(open_page: Open, scheme: str) -> None:
    assert too_faint(open_page(color_scheme=scheme)) == {}


def test_the_event_parser_takes_pieces_of_any_size(open_page: Open) -> None:
    stream = (
        ': beat\r\n\r\nid: 7\r\nevent: message\r\ndata: {"a":\r\ndata: 1}\r\n\r\nevent: typing\ndata:\n\n'
    )
    wanted = [
        {"event": "message", "data": '{"a":\n1}', "id": "7"},
        {"event": "typing", "data": "", "id": None},
    ]
    parse = """async ([stream, size]) => {
        const { EventParser } = await import("/static/js/event-stream.js");
        const parser = new EventParser();
        const events = [];
        for (let at = 0; at < stream.length; at += size)
            events.push(...parser.push(stream.slice(at, at + size)));
        return events;
    }"""
    page = open_page()
    for size in (1, 2, 3, 5, 8, len(stream)):
        assert page.evaluate(parse, [stream, size]) == wanted, f"in pieces of {size}"

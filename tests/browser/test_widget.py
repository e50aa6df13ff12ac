"""The widget on another site's page, in a real browser: what customers see and what the site relies on."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jwt
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Locator, Page, expect

from bot.settings import Secret, WalletKey
from tests.browser.chat import DESKTOP, PHONE, SCREENSHOTS, SMALLEST, ChatServer
from tests.browser.contrast import contrast
from tests.browser.shop import Shop
from tests.gateway.helpers import WALLET_SECRET, FakeRasa

REPORTED = """() => {
    window.heard = [];
    for (const name of ["ready", "open", "close", "unread", "message", "error"])
        IMWalletSupport.on(name, (detail) => window.heard.push([name, detail ?? null]));
}"""


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    made = Shop()
    yield made
    made.stop()


@pytest.fixture
def support(
    shop: Shop, empty_support_database: Path, fake_rasa: FakeRasa, tmp_path: Path
) -> Iterator[ChatServer]:
    """A gateway that lets the shop, and nobody else, embed it."""
    fake_rasa.reset()
    server = ChatServer(
        Path(shutil.copy(empty_support_database, tmp_path / "support.db")),
        fake_rasa,
        widget_frame_ancestors=f"'self' {shop.url}",
        wallet_key=WalletKey(secret=Secret(WALLET_SECRET)),
    )
    shop.embeds(server.url)
    yield server
    server.stop()


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, shop: Shop, support: ChatServer) -> Iterator[Visit]:
    """Opens the shop; at the end nothing may have gone wrong, the strict policy included."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def visited(
        locale: str = "zh-CN", size: tuple[int, int] = DESKTOP, path: str = "", **options: Any
    ) -> Page:
        width, height = size
        context = browser.new_context(locale=locale, viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path or shop.url)
        page.wait_for_function("window.IMWalletSupport !== undefined")
        page.evaluate(REPORTED)
        return page

    yield visited
    for context in contexts:
        context.close()
    # A wrong token is answered with 401, which the browser tells as an error.
    assert [text for text in complaints if "401" not in text] == []


def launcher(page: Page) -> Locator:
    return page.locator("im-wallet-support section > button")


def chat(page: Page) -> FrameLocator:
    return page.frame_locator("im-wallet-support iframe")


def heard(page: Page, event: str) -> None:
    """Waits until the widget has reported this."""
    page.wait_for_function("name => window.heard.some(([each]) => each === name)", arg=event)


def say(page: Page, text: str) -> None:
    chat(page).get_by_test_id("composer").fill(text)
    chat(page).get_by_test_id("composer").press("Enter")


def wallet_token(customer: str = "cust_alice", name: str = "林伟") -> str:
    now = datetime.now(timezone.utc)
    claims = {"sub": customer, "name": name, "iat": now, "exp": now + timedelta(minutes=5)}
    return jwt.encode(claims, WALLET_SECRET, algorithm="HS256")


def test_one_line_puts_the_chat_on_a_page_with_a_strict_policy(visit: Visit) -> None:
    page = visit()
    expect(launcher(page)).to_have_accessible_name("打开客服")
    assert page.locator("im-wallet-support iframe").count() == 0, "nothing is loaded before it is wanted"
    launcher(page).click()
    expect(launcher(page)).to_have_attribute("aria-expanded", "true")
    expect(chat(page).get_by_test_id("composer")).to_be_focused()
    say(page, "付款失败了")
    expect(chat(page).locator("[data-author=bot]")).to_contain_text("heard: 付款失败了")
    heard(page, "message")
    assert sorted(
        {name for name, _ in page.evaluate("window.heard")}, key=["ready", "open", "message"].index
    ) == ["ready", "open", "message"]


def test_what_a_page_pays_is_little_until_the_chat_is_opened(visit: Visit, shop: Shop) -> None:
    """Bytes over the line, as the server compresses them and the browser receives them."""
    page = visit()
    received: list[tuple[str, int]] = []
    page.on("requestfinished", lambda r: received.append((r.url, r.sizes()["responseBodySize"])))
    page.route("**", lambda route: route.continue_())  # which leaves the browser's cache out
    page.reload()
    expect(launcher(page)).to_be_visible()
    before = sum(size for url, size in received if not url.startswith(shop.url))
    assert 0 < before < 6_000, received
    launcher(page).click()
    expect(chat(page).get_by_test_id("composer")).to_be_visible()
    page.wait_for_load_state("networkidle")
    inside = sum(size for url, size in received if not url.startswith(shop.url))
    assert before < inside < 58_000, sorted(received, key=lambda each: -each[1])


def test_escape_closes_it_and_the_focus_returns(visit: Visit) -> None:
    page = visit()
    page.get_by_role("button", name="Buy").focus()
    page.keyboard.press("Tab")
    expect(launcher(page)).to_be_focused()
    page.keyboard.press("Enter")
    expect(chat(page).get_by_test_id("composer")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("im-wallet-support iframe")).to_be_hidden()
    expect(launcher(page)).to_be_focused()
    page.keyboard.press("Enter")
    expect(chat(page).get_by_test_id("composer")).to_be_focused()


def test_the_wallets_token_signs_in_and_shows_nowhere(visit: Visit, shop: Shop) -> None:
    page = visit()
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    token = wallet_token()
    page.evaluate("token => { IMWalletSupport.setUser(token); IMWalletSupport.open(); }", token)
    expect(chat(page).get_by_test_id("who")).to_contain_text("林伟")
    say(page, "你好")
    expect(chat(page).locator("[data-author=bot]")).to_be_visible()

    assert addresses and not any(token in address for address in addresses)
    frame = next(frame for frame in page.frames if frame.url.endswith("/widget"))
    session = frame.evaluate("JSON.stringify(sessionStorage)")
    for kept in (
        frame.evaluate("JSON.stringify(localStorage)"),
        page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])"),
    ):
        assert token not in kept
    assert token not in session, "the wallet's token is exchanged, not kept"


def test_signing_out_leaves_nothing_of_the_customer(visit: Visit) -> None:
    page = visit()
    page.evaluate("token => { IMWalletSupport.setUser(token); IMWalletSupport.open(); }", wallet_token())
    expect(chat(page).get_by_test_id("who")).to_contain_text("林伟")
    say(page, "我的秘密")
    expect(chat(page).locator("[data-author=bot]")).to_be_visible()
    page.evaluate("IMWalletSupport.signOut()")
    expect(chat(page).get_by_test_id("who")).to_contain_text("未登录")
    expect(chat(page).get_by_test_id("message")).to_have_count(0)
    frame = next(frame for frame in page.frames if frame.url.endswith("/widget"))
    assert "我的秘密" not in frame.evaluate("JSON.stringify([sessionStorage, localStorage])")
    assert "access" not in frame.evaluate("JSON.stringify(sessionStorage)")
    page.evaluate("token => IMWalletSupport.setUser(token)", wallet_token("cust_bob", "Bob Ray"))
    expect(chat(page).get_by_test_id("who")).to_contain_text("Bob Ray")
    expect(chat(page).get_by_test_id("message")).to_have_count(0)


def test_a_token_that_is_refused_is_told_and_general_help_remains(visit: Visit) -> None:
    page = visit("en-US")
    page.evaluate("IMWalletSupport.setUser('not.a.token'); IMWalletSupport.open()")
    heard(page, "error")
    assert ["error", {"code": "refused"}] in page.evaluate("window.heard")
    expect(chat(page).get_by_role("alert")).to_contain_text("Signing in did not work")
    expect(chat(page).get_by_test_id("who")).to_contain_text("Not signed in")


def test_an_answer_that_came_while_it_was_closed_is_counted_on_the_launcher(
    visit: Visit, support: ChatServer
) -> None:
    page = visit("en-US")
    launcher(page).click()
    support.rasa.delay = 1.0
    say(page, "hello")
    expect(chat(page).locator("[data-author=customer]")).to_be_visible()
    page.wait_for_timeout(300)
    page.evaluate("IMWalletSupport.close()")
    heard(page, "unread")
    expect(page.locator("im-wallet-support .badge")).to_have_text("1")
    expect(launcher(page)).to_have_accessible_name("Open support, unread: 1")
    assert page.evaluate("IMWalletSupport.unread") == 1
    launcher(page).click()
    expect(page.locator("im-wallet-support .badge")).to_be_hidden()
    page.wait_for_function("IMWalletSupport.unread === 0")


def test_a_signed_in_customer_sees_what_was_left_unread_without_opening(
    visit: Visit, support: ChatServer
) -> None:
    http = support.person("cust_alice").http
    conversation = http.post("/api/conversations", json={}).json()["id"]
    key = {"Idempotency-Key": "k" * 32}
    http.post(f"/api/conversations/{conversation}/messages", json={"text": "hello"}, headers=key)
    page = visit("en-US")
    page.evaluate("token => IMWalletSupport.setUser(token)", wallet_token())
    expect(page.locator("im-wallet-support .badge")).to_have_text("1")
    expect(page.locator("im-wallet-support iframe")).to_be_hidden()


@pytest.mark.parametrize("size", [PHONE, SMALLEST])
def test_a_phone_gets_the_whole_screen(visit: Visit, size: tuple[int, int]) -> None:
    page = visit("zh-CN", size, has_touch=True, is_mobile=True)
    launcher(page).tap()
    box = page.locator("im-wallet-support .panel").bounding_box()
    assert box is not None
    expect(chat(page).get_by_test_id("composer")).to_be_visible()
    box = page.locator("im-wallet-support .panel").bounding_box()
    assert box == {"x": 0, "y": 0, "width": size[0], "height": size[1]}
    assert page.evaluate("document.body.inert")
    frame = next(frame for frame in page.frames if frame.url.endswith("/widget"))
    assert frame.evaluate("document.documentElement.scrollWidth") <= size[0]
    chat(page).get_by_test_id("widget-close").tap()
    expect(page.locator("im-wallet-support iframe")).to_be_hidden()
    assert not page.evaluate("document.body.inert")
    expect(launcher(page)).to_be_visible()


@pytest.mark.parametrize("colour", ["#ffd21e", "#0a7d55", "#101010", "#f5f5f5", "#ff4f81"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_any_colour_stays_readable(visit: Visit, colour: str, scheme: str) -> None:
    page = visit("en-US")
    page.evaluate("([color, scheme]) => IMWalletSupport.init({ color, scheme }).open()", [colour, scheme])
    expect(chat(page).get_by_test_id("composer")).to_be_visible()
    frame = next(frame for frame in page.frames if frame.url.endswith("/widget"))
    pairs = {
        "launcher": page.evaluate(
            """() => { const s = getComputedStyle(document.querySelector("im-wallet-support").shadowRoot
                .querySelector("button")); return [s.color, s.backgroundColor]; }"""
        ),
        "bar": frame.evaluate(
            "() => { const s = getComputedStyle(document.querySelector('.widget-top'));"
            " return [s.color, s.backgroundColor]; }"
        ),
        "starter": frame.evaluate(
            "() => { const s = getComputedStyle(document.querySelector('.chip'));"
            " return [s.color, s.backgroundColor]; }"
        ),
    }
    for part, (text, ground) in pairs.items():
        assert contrast(shade(text), shade(ground)) >= 4.5, f"{part} in {colour}, {scheme}"
    dark = sum(shade(frame.evaluate("getComputedStyle(document.body).backgroundColor"))) < 1
    assert dark == (scheme == "dark")


def shade(colour: str) -> tuple[float, float, float]:
    red, green, blue = (float(part) / 255 for part in re.findall(r"[\d.]+", colour)[:3])
    return red, green, blue


def test_the_tag_itself_gives_the_options(visit: Visit, shop: Shop, support: ChatServer) -> None:
    shop.embeds(support.url, 'data-color="#0a7d55" data-position="left" data-side="40" data-language="zh-TW"')
    page = visit("en-US")
    expect(launcher(page)).to_have_accessible_name("開啟客服")
    expect(launcher(page)).to_have_css("background-color", "rgb(10, 125, 85)")
    box = launcher(page).bounding_box()
    assert box is not None and box["x"] == 40
    launcher(page).click()
    expect(chat(page).get_by_role("heading", level=1)).to_have_text("IM錢包客服")


def test_two_lines_make_one_widget_and_destroy_leaves_none(
    visit: Visit, shop: Shop, support: ChatServer
) -> None:
    shop.embeds(support.url, times=2)
    page = visit()
    expect(page.locator("im-wallet-support")).to_have_count(1)
    page.evaluate("IMWalletSupport.init(); IMWalletSupport.open()")
    expect(page.locator("im-wallet-support")).to_have_count(1)
    page.evaluate("IMWalletSupport.destroy()")
    expect(page.locator("im-wallet-support")).to_have_count(0)
    page.evaluate("document.body.replaceChildren(); IMWalletSupport.init()")
    page.evaluate("document.body = document.createElement('body')")
    expect(launcher(page)).to_be_visible()
    launcher(page).click()
    expect(chat(page).get_by_test_id("composer")).to_be_visible()


def test_only_the_page_around_it_can_start_the_chat_in_a_frame(visit: Visit, support: ChatServer) -> None:
    page = visit("en-US", path=f"{support.url}/demo/host.html")
    frame_url = f"{support.url}/widget"
    page.evaluate(
        """async (address) => {
            const frame = Object.assign(document.createElement("iframe"), { src: address, id: "bare" });
            document.body.append(frame);
            await new Promise((resolve) => frame.addEventListener("load", resolve));
            const doc = frame.contentDocument;
            const sibling = doc.body.appendChild(doc.createElement("iframe"));
            // From a window that is not the parent; from the parent, but without a channel.
            const told = { imWalletSupport: 1 };
            const ports = [new MessageChannel().port1];
            frame.contentWindow.dispatchEvent(
                new MessageEvent("message", { data: told, ports, source: sibling.contentWindow }));
            frame.contentWindow.postMessage({ imWalletSupport: 1 }, "*");
        }""",
        frame_url,
    )
    page.wait_for_timeout(500)
    bare = page.frame_locator("#bare")
    expect(bare.get_by_test_id("composer")).to_have_count(0)


def test_a_web_view_opens_the_chat_by_itself(browser: Browser, support: ChatServer, visit: Visit) -> None:
    context = browser.new_context(locale="en-US", viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{support.url}/widget")
    expect(page.get_by_test_id("composer")).to_be_visible()
    expect(page.get_by_test_id("widget-close")).to_be_hidden()
    page.evaluate("token => document.querySelector('support-widget').signIn(token)", wallet_token())
    expect(page.get_by_test_id("who")).to_contain_text("林伟")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["zh-CN", "zh-TW", "en-US"])
def test_axe_finds_nothing(visit: Visit, support: ChatServer, locale: str, scheme: str) -> None:
    page = visit(locale, path=f"{support.url}/demo/host.html", color_scheme=scheme, reduced_motion="reduce")
    expect(launcher(page)).to_be_visible()
    assert violations(page) == {}
    page.goto(f"{support.url}/widget")
    expect(page.get_by_test_id("starter").first).to_be_visible()
    assert violations(page) == {}
    page.get_by_test_id("composer").fill("hello")
    page.get_by_test_id("composer").press("Enter")
    expect(page.locator("[data-author=bot]")).to_be_visible()
    assert violations(page) == {}


def violations(page: Page) -> dict[str, list[str]]:
    """What axe-core finds, by rule, with the elements."""
    found = Axe().run(page).response["violations"]
    return {each["id"]: [node["html"][:160] for node in each["nodes"]] for each in found}


def test_the_host_page_shows_every_option(visit: Visit, support: ChatServer) -> None:
    page = visit("zh-CN", path=f"{support.url}/demo/host.html")
    page.get_by_test_id("host-customer").select_option("cust_alice")
    page.get_by_label("位置").select_option("left")
    page.get_by_test_id("host-language").select_option("zh-TW")
    expect(page.get_by_test_id("host-line")).to_contain_text('data-position="left" data-language="zh-TW"')
    page.get_by_role("button", name="open()").click()
    expect(chat(page).get_by_test_id("who")).to_have_text("已登入：林伟")
    expect(page.get_by_test_id("host-events")).to_contain_text("open")
    say(page, "我的付款失败了")
    expect(chat(page).locator("[data-author=bot]")).to_be_visible()
    page.screenshot(path=SCREENSHOTS / "widget-host-zh.png")

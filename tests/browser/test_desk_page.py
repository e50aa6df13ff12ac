"""The agents' desk in a real browser: signing in, chats, two agents at once, and what leads see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.contrast import too_faint
from tests.browser.desk_api import FakeDesk
from tests.gateway.helpers import wait_for

SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
DESKTOP, TABLET, NARROW = (1280, 800), (820, 1180), (768, 1024)
PASSWORD = "correct horse battery"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


class Agents:
    """People at the desk, each with a browser of their own; hears what the browsers find wrong."""

    def __init__(self, browser: Browser, desk: FakeDesk) -> None:
        self._browser, self._desk = browser, desk
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def opens(
        self, fragment: str = "", *, size: tuple[int, int] = DESKTOP, locale: str = "zh-CN", **options: Any
    ) -> Page:
        width, height = size
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, locale=locale, **options
        )
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(f"{self._desk.url}/desk{fragment}")
        return page

    def signs_in(self, login: str = "wang", **options: Any) -> Page:
        page = self.opens(**options)
        page.locator("[name=login]").fill(login)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[type=submit]").click()
        expect(page.get_by_test_id("account")).to_be_visible()
        return page

    def leave(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def desk() -> Iterator[FakeDesk]:
    made = FakeDesk()
    yield made
    made.stop()


@pytest.fixture
def agents(browser: Browser, desk: FakeDesk) -> Iterator[Agents]:
    people = Agents(browser, desk)
    yield people
    people.leave()
    # The browser reports every refusal by itself; those are the tests' own.
    assert [each for each in people.complaints if not each.startswith("Failed to load resource")] == []


def queued(page: Page) -> Locator:
    return page.get_by_test_id("queue").locator(".chat-row")


def mine(page: Page) -> Locator:
    return page.get_by_test_id("mine").locator(".chat-row")


def take_first(page: Page) -> None:
    queued(page).first.click()
    page.get_by_test_id("take").click()
    expect(page.get_by_test_id("status")).to_have_text(re.compile("处理中|In progress"))
    expect(page.get_by_test_id("mode-reply")).to_have_attribute("aria-pressed", "true")


def write(page: Page, text: str) -> None:
    page.get_by_test_id("composer").fill(text)
    page.get_by_test_id("composer").press("Enter")


def test_an_invitation_becomes_an_account_and_leaves_no_token_in_the_address(agents: Agents) -> None:
    page = agents.opens("#invite=once")
    expect(page.locator("[name=name]")).to_have_value("小王")
    assert page.evaluate("location.href").endswith("/desk")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=again]").fill("something else 1")
    page.locator("[type=submit]").click()
    expect(page.locator(".failure")).to_have_text("两次输入的密码不一样。")
    page.locator("[name=again]").fill(PASSWORD)
    page.locator("[type=submit]").click()
    expect(page.get_by_test_id("account")).to_have_text("小王")
    again = agents.opens("#invite=once")
    expect(again.locator(".notice")).to_contain_text("已用过或已过期")


def test_a_wrong_password_is_told_and_a_session_outlives_a_reload_until_it_ends(
    agents: Agents, desk: FakeDesk
) -> None:
    page = agents.opens()
    page.locator("[name=login]").fill("wang")
    page.locator("[name=password]").fill("not the password")
    page.locator("[type=submit]").click()
    expect(page.locator(".failure")).to_have_text("登录名或密码不对。")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[type=submit]").click()
    expect(page.get_by_test_id("account")).to_be_visible()
    page.reload()
    expect(page.get_by_test_id("account")).to_be_visible()
    desk.ended.add("wang")
    desk.tell("signed_out", {})
    expect(page.locator(".notice")).to_have_text("登录已失效，请重新登录。")


def test_an_agent_signs_out(agents: Agents) -> None:
    page = agents.signs_in()
    page.get_by_test_id("account").click()
    page.get_by_test_id("signOut").click()
    expect(page.locator(".notice")).to_have_text("您已退出登录。")


def test_a_chat_is_taken_talked_in_and_resolved(agents: Agents, desk: FakeDesk) -> None:
    chat = desk.queue_chat()
    page = agents.signs_in()
    expect(queued(page)).to_have_count(1)
    expect(queued(page)).to_contain_text("紧急")
    expect(queued(page)).to_contain_text("已等 3分钟")
    take_first(page)
    expect(mine(page)).to_contain_text("2 条未回复")
    expect(queued(page)).to_have_count(0)
    context = page.get_by_test_id("context")
    for words in ("林*", "渠道处理中", "¥36.00", "C-0007", "仍然不行：1 次", "退款 ¥10.00", "退款超时"):
        expect(context).to_contain_text(words)
    log = page.get_by_test_id("log")
    expect(log.get_by_test_id("message")).to_have_count(3)
    expect(log).to_contain_text("理解为：付款失败 93%")
    assert page.locator(".log img").evaluate("image => image.decode().then(() => image.naturalWidth > 0)")

    desk.tell("typing", {"chat": chat, "who": "customer"})
    expect(page.get_by_test_id("typing")).to_have_text("客户正在输入…")
    desk.customer_says(chat, "<img src=x onerror=alert(1)>")
    expect(log.get_by_test_id("message").last).to_contain_text("<img src=x")
    expect(page.get_by_test_id("typing")).to_have_text("")

    write(page, "我来帮您查。")
    expect(log.get_by_test_id("message").last).to_contain_text("我来帮您查。")
    expect(log.get_by_test_id("message").last).to_have_attribute("data-author", "agent")
    expect(page.get_by_test_id("composer")).to_have_value("")
    wait_for(lambda: any(path.endswith("/typing") for _, path, _ in desk.calls))

    page.get_by_test_id("mode-note").click()
    write(page, "银行已经联系")
    expect(log.get_by_test_id("note")).to_contain_text("内部备注 · 小王")
    assert [note["text"] for note in desk.notes[chat]] == ["银行已经联系"]
    assert "银行已经联系" not in [message["text"] for message in desk.messages[chat]]

    page.get_by_test_id("resolve").click()
    dialog = page.locator("dialog")
    dialog.locator("[name=diagnosis_right]").select_option("no")
    dialog.locator("[name=true_cause]").select_option("refund_overdue")
    dialog.locator("[type=submit]").click()
    expect(page.get_by_test_id("status")).to_have_text("已结束")
    (sent,) = [body for _, path, body in desk.calls if path.endswith("/resolve")]
    assert sent == {"outcome": "solved", "diagnosis_right": False, "true_cause": "refund_overdue"}
    expect(page.get_by_test_id("composer")).to_be_hidden()


def test_canned_replies_are_found_by_a_slash_and_never_sent_with_a_gap(
    agents: Agents, desk: FakeDesk
) -> None:
    chat = desk.queue_chat()
    page = agents.signs_in()
    take_first(page)
    field = page.get_by_test_id("composer")
    field.press_sequentially("/问候")
    expect(page.get_by_test_id("canned").locator("li")).to_have_count(1)
    field.press("Enter")
    expect(field).to_have_value("您好，我是小王。")
    field.press("Enter")
    expect(field).to_have_value("")
    field.press_sequentially("/到账")
    field.press("Enter")  # faster than the list
    expect(page.get_by_test_id("canned").locator("li")).to_have_count(1)
    field.press("Enter")
    field.press("Enter")
    expect(page.locator(".composer .failure")).to_have_text("请先填好 {merchant}。")
    assert [m["text"] for m in desk.messages[chat] if m["author"] == "agent"] == ["您好，我是小王。"]
    field.fill("")
    page.get_by_test_id("suggest").click()
    expect(field).to_have_value("您的 ¥36.00 会在 18:00 前退回。")


def test_two_agents_cannot_have_one_chat_and_the_slower_learns_who_was_faster(
    agents: Agents, desk: FakeDesk
) -> None:
    desk.queue_chat()
    wang, anna = agents.signs_in("wang"), agents.signs_in("anna", locale="en")
    for page in (wang, anna):
        queued(page).first.click()
        expect(page.get_by_test_id("take")).to_be_visible()
    desk.silent = True  # she presses before the news can reach her
    wang.get_by_test_id("take").click()
    expect(mine(wang)).to_have_count(1)
    anna.get_by_test_id("take").click()
    expect(anna.get_by_test_id("toasts")).to_contain_text("小王 has just taken this chat.")
    expect(anna.get_by_test_id("take")).to_have_count(0)
    expect(mine(anna)).to_have_count(0)
    desk.silent = False
    another = desk.queue_chat("B*")
    desk.tell("queue", {"total": 1, "urgent": 0})
    queued(anna).first.click()
    expect(anna.get_by_test_id("take")).to_be_visible()
    wang.evaluate("id => (location.hash = `chats/${id}`)", another)
    wang.get_by_test_id("take").click()
    expect(anna.get_by_test_id("take")).to_have_count(0)


def test_a_chat_is_passed_on_and_the_other_agent_is_told(agents: Agents, desk: FakeDesk) -> None:
    chat = desk.queue_chat()
    wang, anna = agents.signs_in("wang"), agents.signs_in("anna", locale="en")
    take_first(wang)
    desk.tell("viewers", {"chat": chat, "agents": [{"id": "ag_anna", "name": "Anna"}]}, to="wang")
    expect(wang.get_by_test_id("collision")).to_have_text("Anna 也打开了这个会话")
    wang.get_by_test_id("transfer").click()
    wang.locator("dialog [name=agent]").select_option("ag_anna")
    wang.locator("dialog [name=note]").fill("英文客户")
    wang.locator("dialog [type=submit]").click()
    expect(mine(anna)).to_have_count(1)
    expect(anna.get_by_test_id("toasts")).to_contain_text("小王 transferred a chat to you")
    expect(mine(wang)).to_have_count(0)


def test_keys_lead_through_the_chats_and_drafts_are_kept(agents: Agents, desk: FakeDesk) -> None:
    desk.queue_chat("林*")
    desk.queue_chat("B*", urgency="critical")
    page = agents.signs_in()
    expect(queued(page)).to_have_count(2)
    for _ in range(2):
        page.keyboard.press("j")
        expect(page.get_by_test_id("take")).to_be_visible()
        page.keyboard.press("t")
        expect(page.get_by_test_id("composer")).to_be_focused()
        page.keyboard.press("Escape")
    expect(mine(page)).to_have_count(2)
    first = page.locator(".pane-head h2").text_content()
    page.keyboard.press("n")
    expect(page.get_by_test_id("composer")).to_be_focused()
    page.keyboard.type("jktr")  # letters while writing are letters
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    expect(page.locator(".pane-head h2")).not_to_have_text(str(first))
    expect(page.get_by_test_id("composer")).to_have_value("")
    page.keyboard.press("k")
    expect(page.get_by_test_id("composer")).to_have_value("jktr")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_contain_text("下一个会话")


def test_labels_presence_and_language(agents: Agents, desk: FakeDesk) -> None:
    chat = desk.queue_chat()
    page = agents.signs_in()
    take_first(page)
    page.get_by_test_id("label").click()
    page.locator("dialog [name=labels]").fill("退款，VIP, 退款")
    page.locator("dialog [type=submit]").click()
    expect(page.locator(".pane-head .label")).to_have_text(["退款", "VIP"])
    assert desk.chats[chat]["labels"] == ["退款", "VIP"]
    wait_for(lambda: desk.present.get("wang") is True)
    page.get_by_test_id("available").click()
    expect(page.locator("dialog")).to_contain_text("您的 1 个会话会回到队列最前面")
    page.locator("dialog .ghost").click()
    expect(page.get_by_test_id("available")).to_be_checked()
    assert desk.present["wang"] is True
    page.get_by_test_id("available").click()
    page.locator("dialog [type=submit]").click()
    wait_for(lambda: desk.present.get("wang") is False)
    page.get_by_test_id("composer").fill("written so far")
    page.get_by_test_id("language").select_option("en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_test_id("status")).to_have_text("In progress")
    expect(page.get_by_test_id("available")).not_to_be_checked()
    expect(page.get_by_test_id("composer")).to_have_value("written so far")


def test_agents_see_no_page_of_leads(agents: Agents) -> None:
    page = agents.signs_in("wang")
    expect(page.locator("nav a")).to_have_text(["会话", "搜索", "工单"])


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_every_page_is_accessible_and_fits(agents: Agents, desk: FakeDesk, locale: str) -> None:
    chat = desk.queue_chat()
    desk.queue_chat("E*", urgency="critical", language="en")
    page = agents.signs_in("lead", locale=locale)
    take_first(page)
    expect(page.get_by_test_id("context")).to_contain_text("C-0007")
    page.get_by_test_id("mode-note").click()
    write(page, "note")
    expect(page.get_by_test_id("note")).to_be_visible()
    page.get_by_test_id("mode-reply").click()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert too_faint(page) == {}
        assert violations(page) == []
    page.emulate_media(color_scheme="light")
    for name, size in {"desktop": DESKTOP, "tablet": TABLET, "narrow": NARROW}.items():
        page.set_viewport_size({"width": size[0], "height": size[1]})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        page.screenshot(path=SCREENSHOTS / f"desk-{locale}-{name}.png")
    page.locator(".context-toggle").click()
    expect(page.get_by_test_id("context")).to_be_focused()
    assert page.locator(".lists").bounding_box()["x"] == 0  # type: ignore[index]
    page.screenshot(path=SCREENSHOTS / f"desk-{locale}-context.png", animations="disabled")
    page.locator(".context-close").click()
    expect(page.get_by_test_id("context")).to_be_hidden()
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    for view, word in {
        "search": "",
        "cases": "C-0007",
        "reports": "75%",
        "audit": "cust_***01",
        "accounts": "anna",
    }.items():
        page.locator(f"nav [data-view={view}]").click()
        shown = page.get_by_test_id(f"page-{view}")
        if view == "search":
            page.get_by_test_id("search").fill("星巴克")
            page.get_by_test_id("search").press("Enter")
            expect(page.get_by_test_id("results").locator("li")).to_have_count(2)
        expect(shown).to_contain_text(word)
        assert violations(page) == [], view
        page.screenshot(path=SCREENSHOTS / f"desk-{locale}-{view}.png")
    page.goto(f"{desk.url}/desk#chats/{chat}")
    expect(page.get_by_test_id("log")).to_contain_text("我昨天在星巴克付款失败了")


def test_an_admin_invites_somebody_and_sees_the_link_once(agents: Agents, desk: FakeDesk) -> None:
    page = agents.signs_in("lead")
    page.locator("nav [data-view=accounts]").click()
    page.get_by_test_id("invite").click()
    page.locator("dialog [name=login]").fill("li")
    page.locator("dialog [name=name]").fill("小李")
    page.locator("dialog [type=submit]").click()
    expect(page.get_by_test_id("link")).to_have_value(f"{desk.url}/desk#invite=new")
    assert ("POST", "invites", {"login": "li", "name": "小李", "role": "agent"}) in desk.calls


def test_both_languages_have_the_same_words(agents: Agents) -> None:
    page = agents.opens()
    keys = page.evaluate(
        """async () => Promise.all(["zh-CN", "en"].map(async (tag) =>
             Object.keys((await import(`/static/js/desk/words/${tag}.js`)).default).sort()))"""
    )
    assert keys[0] == keys[1]


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    return [
        f"{each['id']}: {[node['html'] for node in each['nodes']]}" for each in found.response["violations"]
    ]

"""Screenshots in a real browser: picked, dropped or pasted; shown only with the session's token."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.chat import PHONE, ChatServer, Complaints, OpenChat, answered, messages, say

# Makes a picture on the page, as a clipboard or a desktop would hand one over.
A_FILE = """async () => {
    const canvas = new OffscreenCanvas(300, 200);
    canvas.getContext("2d").fillRect(0, 0, 100, 100);
    const transfer = new DataTransfer();
    transfer.items.add(new File([await canvas.convertToBlob()], "shot.png", {type: "image/png"}));
    return transfer;
}"""


@pytest.fixture
def screenshot(tmp_path: Path) -> Path:
    Image.linear_gradient("L").convert("RGB").resize((600, 900)).save(tmp_path / "shot.png")
    return tmp_path / "shot.png"


def pick(page: Page, *files: Path) -> None:
    page.locator("input[type=file]").set_input_files(list(files))


def ready(page: Page, count: int = 1) -> None:
    expect(page.locator("[data-testid=tray-item][data-state=ready]")).to_have_count(count)


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_a_picked_picture_goes_with_words_and_opens_large(
    open_chat: OpenChat, screenshot: Path, locale: str
) -> None:
    page = open_chat(locale, PHONE)
    pick(page, screenshot)
    ready(page)
    page.get_by_test_id("composer").fill("截图如下")
    page.get_by_test_id("send").click()
    message = page.locator("[data-author=customer][data-state=stored]")
    expect(message).to_contain_text("截图如下")
    thumbnail = message.get_by_test_id("thumbnail")
    expect(thumbnail.get_by_role("img")).to_have_js_property("naturalWidth", 600)
    thumbnail.click()
    viewer = page.get_by_test_id("viewer")
    expect(viewer.get_by_role("img")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(thumbnail).to_be_focused()


def test_after_a_reload_it_comes_from_the_server_by_a_blob_address(
    open_chat: OpenChat, screenshot: Path, chat_complaints: Complaints
) -> None:
    page = open_chat()
    pick(page, screenshot)
    ready(page)
    page.get_by_test_id("send").click()
    answered(page)
    page.reload()
    image = page.get_by_test_id("thumbnail").get_by_role("img")
    expect(image).to_have_js_property("naturalWidth", 600)
    url = image.get_attribute("src")
    assert url and url.startswith("blob:")
    expect(image).to_have_attribute("alt", "您发送的图片")
    page.get_by_test_id("sign-out").click()
    expect(page.get_by_test_id("thumbnail")).to_have_count(0)
    gone = """url => new Promise(tell => Object.assign(new Image(), {
        onload: () => tell(false), onerror: () => tell(true), src: url,
    }))"""
    chat_complaints.network_trouble_is_meant = True
    assert page.evaluate(gone, url), "the picture can still be had after signing out"


def test_a_picture_can_be_pasted(open_chat: OpenChat) -> None:
    page = open_chat()
    page.get_by_test_id("composer").evaluate(
        f"""async field => {{
            const clipboardData = await ({A_FILE})();
            const event = {{clipboardData, bubbles: true, cancelable: true}};
            field.dispatchEvent(new ClipboardEvent("paste", event));
        }}"""
    )
    ready(page)


def test_a_picture_can_be_dropped_where_it_says_so(open_chat: OpenChat) -> None:
    page = open_chat("en-US")
    dragged = page.evaluate_handle(A_FILE)
    page.dispatch_event("support-chat", "dragenter", {"dataTransfer": dragged})
    expect(page.get_by_text("Drop pictures here")).to_be_visible()
    page.dispatch_event("support-chat", "drop", {"dataTransfer": dragged})
    expect(page.get_by_text("Drop pictures here")).to_be_hidden()
    ready(page)


def test_an_upload_shows_itself_and_can_be_called_off(open_chat: OpenChat, screenshot: Path) -> None:
    page = open_chat("en-US")
    held: list[Route] = []
    page.route("**/attachments", lambda route: held.append(route))
    pick(page, screenshot)
    item = page.get_by_test_id("tray-item")
    expect(item.get_by_role("progressbar", name="Uploading shot.png")).to_be_visible()
    expect(page.get_by_test_id("send")).to_be_disabled()
    item.get_by_role("button", name="Remove shot.png").click()
    expect(item).to_have_count(0)
    page.get_by_test_id("composer").fill("words")
    expect(page.get_by_test_id("send")).to_be_enabled()


def test_an_upload_that_failed_is_tried_again_under_its_key(
    open_chat: OpenChat, screenshot: Path, chat_complaints: Complaints
) -> None:
    chat_complaints.network_trouble_is_meant = True
    page = open_chat()
    keys: list[str] = []

    def fail_once(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.abort()
        else:
            route.continue_()

    page.route("**/attachments", fail_once)
    pick(page, screenshot)
    page.get_by_test_id("tray-item").get_by_role("button", name="重试").click()
    ready(page)
    assert len(keys) == 2
    assert keys[0] == keys[1]


def test_what_is_no_picture_too_large_or_too_many_is_said_at_once(
    open_chat: OpenChat, screenshot: Path, tmp_path: Path
) -> None:
    page = open_chat("en-US")
    other, large = tmp_path / "list.pdf", tmp_path / "large.png"
    other.write_bytes(b"%PDF-1.7")
    large.write_bytes(b"\x89PNG" + bytes(10 * 1024 * 1024))
    pick(page, other)
    expect(page.get_by_role("alert")).to_contain_text("PNG, JPEG, WebP or HEIC")
    pick(page, large)
    expect(page.get_by_role("alert")).to_contain_text("10 MB")
    pick(page, *[screenshot] * 4)
    ready(page, 4)
    pick(page, screenshot)
    expect(page.get_by_role("alert")).to_contain_text("Up to 4 pictures")
    ready(page, 4)


def test_what_only_calls_itself_a_picture_is_refused_by_the_server(
    open_chat: OpenChat, tmp_path: Path, chat_complaints: Complaints
) -> None:
    chat_complaints.network_trouble_is_meant = True
    page = open_chat("en-US")
    false = tmp_path / "false.png"
    false.write_bytes(b"<script>alert(1)</script>")
    pick(page, false)
    expect(page.get_by_role("alert")).to_contain_text("no picture")


def test_a_picture_seen_on_another_device(
    open_chat: OpenChat, chat_server: ChatServer, screenshot: Path
) -> None:
    page = open_chat()
    say(page, "你好")
    answered(page)
    device = chat_server.person()
    device.conversation = device.http.get("/api/conversations").json()["conversations"][0]["id"]
    data = io.BytesIO(screenshot.read_bytes())
    sent = device.http.post(
        f"{device.path}/attachments", files={"file": data}, headers={"Idempotency-Key": "k"}
    )
    device.post({"attachments": [sent.json()["id"]]})
    image = messages(page, "customer").last.get_by_test_id("thumbnail").get_by_role("img")
    expect(image).to_have_js_property("naturalWidth", 600)

"""Screenshots: judged by their content, drawn anew, private, and tied to the case that wants them."""

from __future__ import annotations

import io
import uuid
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from bot.images import LONGEST_SIDE, MAX_BYTES, UnusablePicture, redraw
from tests.gateway.helpers import FakeRasa, Gateway, Json, Person, problem, rows
from tests.gateway.test_gateway_cases import open_one

Start = Callable[..., Gateway]
GPS, ORIENTATION = 0x8825, 0x0112


def drawn(size: tuple[int, int] = (60, 40), format: str = "PNG", mode: str = "RGB", **options: Any) -> bytes:
    picture = Image.new(mode, size, "#1b56d1")
    picture.paste(Image.new(mode, (size[0] // 2, size[1] // 2), "#ffffff"))
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def upload(person: Person, data: bytes, name: str = "shot.png", key: str | None = None) -> httpx.Response:
    headers = {"Idempotency-Key": key or uuid.uuid4().hex}
    return person.http.post(f"{person.path}/attachments", files={"file": (name, data)}, headers=headers)


def sent(person: Person, *data: bytes, **words: str) -> Json:
    ids = [upload(person, each).json()["id"] for each in data]
    posted = person.post({"attachments": ids, **words})
    person.answer_to(posted)
    return posted.json()


def fetch(person: Person, picture: str, whose: Person | None = None) -> httpx.Response:
    return person.http.get(f"{(whose or person).path}/attachments/{picture}")


def test_a_screenshot_is_sent_and_seen_again(alice: Person, rasa: FakeRasa) -> None:
    made = upload(alice, drawn())
    assert made.status_code == 201
    assert (made.json()["width"], made.json()["height"]) == (60, 40)
    posted = alice.post({"attachments": [made.json()["id"]]})
    assert posted.json()["blocks"] == [{"type": "image", "id": made.json()["id"], "width": 60, "height": 40}]
    alice.answer_to(posted)
    assert rasa.heard == ["/picture_sent"]
    seen = fetch(alice, made.json()["id"])
    assert seen.headers["content-type"] == "image/png"
    assert seen.headers["cache-control"].startswith("private")
    assert seen.headers["x-content-type-options"] == "nosniff"
    assert Image.open(io.BytesIO(seen.content)).size == (60, 40)


def test_words_beside_a_picture_are_answered_as_words(alice: Person, rasa: FakeRasa) -> None:
    posted = alice.post({"attachments": [upload(alice, drawn()).json()["id"]], "text": "付款失败了"})
    answer = alice.answer_to(posted)
    assert rasa.heard == ["付款失败了"]
    assert answer["text"] == "图片收到了。\n\nheard: 付款失败了"
    assert [block["type"] for block in posted.json()["blocks"]] == ["text", "image"]


def test_a_picture_goes_to_the_customers_open_case(alice: Person, rasa: FakeRasa, db: Path) -> None:
    reference = open_one(alice, rasa)["blocks"][-1]["reference"]
    rasa.reply = lambda turn: [{"text": "ok"}]
    message = sent(alice, drawn())
    assert message["blocks"][0]["case"] == reference
    assert rasa.heard[-1] == f'/picture_sent{{"case": "{reference}"}}'
    assert rows(db, "SELECT case_id FROM attachments")[0]["case_id"] is not None


def test_a_picture_is_its_senders_alone(gateway: Gateway, alice: Person, bob: Person) -> None:
    message = sent(alice, drawn())
    picture = message["blocks"][0]["id"]
    for response in (
        fetch(bob, picture, whose=alice),
        fetch(bob, picture),
        fetch(gateway.visitor(), picture, whose=alice),
    ):
        problem(response, 404, "not-found")
    problem(httpx.get(f"{gateway.url}{alice.path}/attachments/{picture}"), 401, "unauthorized")
    # Nor can it be sent on in another's conversation, nor twice.
    problem(bob.post({"attachments": [picture]}), 404, "not-found")
    problem(alice.post({"attachments": [picture]}), 404, "not-found")


def test_the_same_key_uploads_once(alice: Person, db: Path) -> None:
    first = upload(alice, drawn(), key="k").json()
    assert upload(alice, drawn(), key="k").json() == first
    problem(upload(alice, drawn((61, 40)), key="k"), 409, "key-reused")
    assert len(rows(db, "SELECT id FROM attachments")) == 1


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "HEIF"])
def test_what_phones_take_is_taken_whatever_its_name(alice: Person, format: str) -> None:
    made = upload(alice, drawn((120, 80), format), name="holiday.txt")
    assert made.status_code == 201, made.text
    kept = fetch(alice, made.json()["id"])
    assert kept.headers["content-type"] in ("image/png", "image/jpeg")
    assert Image.open(io.BytesIO(kept.content)).size == (120, 80)


def gif() -> bytes:
    return drawn(format="GIF")


def torn() -> bytes:
    return drawn((300, 300), "JPEG")[:400]


def page_as_png() -> bytes:
    return b"<html><script>alert(1)</script></html>"


@pytest.mark.parametrize("data", [gif, torn, page_as_png, bytes], ids=lambda make: make.__name__)
def test_what_is_no_picture_is_refused_kindly(alice: Person, data: Callable[[], bytes]) -> None:
    refused = problem(upload(alice, data(), name="a.png"), 415, "not-a-picture")
    assert "PNG" in refused["detail"]


def test_no_file_is_refused(alice: Person) -> None:
    problem(alice.http.post(f"{alice.path}/attachments", data={"file": "words"}), 422, "invalid")
    problem(alice.http.post(f"{alice.path}/attachments", json={}), 422, "invalid")


def test_a_picture_too_large_is_refused(alice: Person) -> None:
    problem(upload(alice, b"\x89PNG" + bytes(MAX_BYTES)), 413, "picture-too-large")
    problem(upload(alice, bytes(MAX_BYTES + 100_000)), 413, "too-large")


def bomb() -> bytes:
    """A PNG of 50,000 × 50,000 pixels in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return len(data).to_bytes(4, "big") + checked + zlib.crc32(checked).to_bytes(4, "big")

    side = (50_000).to_bytes(4, "big")
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", side + side + b"\x01\x00\x00\x00\x00"),
            chunk(b"IDAT", zlib.compress(bytes(100_000))),
            chunk(b"IEND", b""),
        )
    )


def test_a_decompression_bomb_is_not_unpacked(alice: Person) -> None:
    problem(upload(alice, bomb()), 413, "picture-too-large")


def test_where_and_with_what_a_picture_was_taken_is_forgotten() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[ORIENTATION] = "PhoneMaker", 6
    exif.get_ifd(GPS)[1] = "N"
    source = drawn((80, 40), "JPEG", exif=exif, comment=b"secret words")
    kept = redraw(source)
    again = Image.open(io.BytesIO(kept.data))
    assert (again.size, dict(again.getexif())) == ((40, 80), {}), "turned upright, and nothing else known"
    assert b"PhoneMaker" not in kept.data
    assert b"secret words" not in kept.data


def test_nothing_hidden_behind_a_picture_survives() -> None:
    kept = redraw(drawn() + b"PK\x03\x04<script>alert(1)</script>")
    assert b"script" not in kept.data


def test_a_long_screenshot_is_made_smaller() -> None:
    kept = redraw(drawn((1_000, 6_000)))
    assert kept.height == LONGEST_SIDE
    assert Image.open(io.BytesIO(kept.data)).size == (kept.width, kept.height)


def test_an_animation_becomes_its_first_frame() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (30, 30), colour) for colour in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    again = Image.open(io.BytesIO(redraw(out.getvalue()).data))
    assert getattr(again, "n_frames", 1) == 1


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    with pytest.raises(UnusablePicture, match="picture_too_large"):
        redraw(drawn((8_000, 6_000), "JPEG"))


def test_a_conversation_holds_so_many_pictures_and_no_more(start: Start) -> None:
    alice = start(pictures_each=2).signed_in("cust_alice")
    for _ in range(2):
        assert upload(alice, drawn()).status_code == 201
    problem(upload(alice, drawn()), 409, "too-many-pictures")


def test_uploads_are_counted_by_the_minute(start: Start) -> None:
    alice = start(uploads_per_minute=1).signed_in("cust_alice")
    upload(alice, drawn())
    assert "Retry-After" in upload(alice, drawn()).headers

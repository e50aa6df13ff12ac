"""What somebody with bad intentions sends, or a broken client: nothing breaks, stalls or fills up."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import struct
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from PIL import Image

from actions import protocol
from bot.images import MAX_BYTES, redraw
from tests.gateway.helpers import FakeRasa, Gateway, Json, Person, problem, rows
from tests.gateway.test_gateway_pictures import drawn, fetch, sent, upload

Start = Callable[..., Gateway]
GPS = 0x8825


def together(*calls: Callable[[], httpx.Response]) -> list[httpx.Response]:
    with ThreadPoolExecutor(len(calls)) as people:
        return [call.result() for call in [people.submit(each) for each in calls]]


# --- pictures ---------------------------------------------------------------------------------


def many_scans(count: int, side: int = 1_600) -> bytes:
    """A grey progressive JPEG of a few kilobytes that a decoder goes over `count` times."""

    def segment(kind: int, data: bytes) -> bytes:
        return b"\xff" + bytes([kind]) + struct.pack(">H", len(data) + 2) + data

    blocks = (side // 8) ** 2
    runs = "".join("0" + format(0, "014b") for _ in range(blocks // 16_384)) + "10" * (blocks % 16_384)
    runs += "1" * (-len(runs) % 8)
    codes = int(runs, 2).to_bytes(len(runs) // 8, "big").replace(b"\xff", b"\xff\x00")
    return b"".join(
        (
            b"\xff\xd8" + segment(0xDB, b"\0" + bytes([1] * 64)),
            segment(0xC2, struct.pack(">BHHB", 8, side, side, 1) + bytes([1, 0x11, 0])),
            segment(0xC4, b"\x00" + bytes([1] + [0] * 15) + b"\x00"),
            segment(0xC4, b"\x10" + bytes([1, 1] + [0] * 14) + b"\xe0\x00"),
            segment(0xDA, bytes([1, 1, 0, 0, 0, 0])) + bytes(blocks // 8),
            (segment(0xDA, bytes([1, 1, 0, 1, 1, 0])) + codes) * count,
            b"\xff\xd9",
        )
    )


def test_a_picture_made_to_be_decoded_for_minutes_is_refused_at_once(alice: Person) -> None:
    assert upload(alice, many_scans(9)).status_code == 201, "a progressive JPEG is nothing bad"
    began = time.monotonic()
    problem(upload(alice, many_scans(1_000)), 415, "not-a-picture")
    assert time.monotonic() - began < 1


def test_a_form_of_a_million_fields_is_not_read(alice: Person) -> None:
    began = time.monotonic()
    refused = alice.http.post(
        f"{alice.path}/attachments",
        content=b"a&" * 2_000_000,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    problem(refused, 422, "invalid")
    assert time.monotonic() - began < 1


FORM = "multipart/form-data; boundary=b"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (FORM, b"this is no form"),
        (FORM, b""),
        (FORM, b"--b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\nabc"),
        (FORM, b"--b\r\nContent-Disposition: form-data; filename=a\r\n\r\nabc\r\n--b--"),
        (FORM, b"--b\r\n: \r\n\r\n\r\n--b--"),
        (FORM, b"--b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\nx\r\n" * 2 + b"--b--"),
        ("multipart/form-data", b"--b"),
        ("multipart/form-data; boundary=" + "b" * 5_000, b"--b"),
        ("multipart/form-data; boundary=b; charset=nonsense", b"--b"),
        ("image/png", b"\x89PNG"),
    ],
)
def test_a_broken_form_is_the_senders_mistake(alice: Person, content_type: str, body: bytes) -> None:
    path = f"{alice.path}/attachments"
    answer = alice.http.post(path, content=body, headers={"Content-Type": content_type})
    assert answer.status_code in (400, 415, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_many_at_once_get_no_more_places_than_there_are(start: Start, db: Path) -> None:
    alice = start(pictures_each=2).signed_in("cust_alice")
    assert alice.path
    answers = together(*(lambda n=n: upload(alice, drawn((60 + n, 40))) for n in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] * 2 + [409] * 6
    assert len(rows(db, "SELECT id FROM attachments")) == 2
    assert len([f for f in db.with_name("attachments").iterdir() if f.is_file()]) == 2


def test_the_same_upload_twice_at_once_is_one_picture(alice: Person, db: Path) -> None:
    assert alice.path
    answers = together(*(lambda: upload(alice, drawn(), key="k") for _ in range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(list(db.with_name("attachments").iterdir())) == 1


def test_a_visitor_cannot_upload_on_by_being_another_visitor(start: Start) -> None:
    gateway = start(uploads_per_minute=2)
    answers = [upload(gateway.visitor(), drawn()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert upload(gateway.signed_in("cust_alice"), drawn()).status_code == 201, "nobody else is held up"


def test_a_small_file_does_not_become_a_large_one() -> None:
    noise = Image.effect_noise((2_500, 2_500), 90).convert("RGBA")
    noise.putalpha(Image.effect_noise((2_500, 2_500), 90))
    out = io.BytesIO()
    noise.save(out, "WEBP", quality=5, method=0)
    kept = redraw(out.getvalue())
    assert len(kept.data) < MAX_BYTES
    assert Image.open(io.BytesIO(kept.data)).size == (2_500, 2_500)


def test_pictures_that_were_never_sent_are_forgotten_after_a_day(alice: Person, db: Path) -> None:
    forgotten = upload(alice, drawn()).json()["id"]
    kept = sent(alice, drawn())["blocks"][0]["id"]
    with sqlite3.connect(db) as connection:
        connection.execute("UPDATE attachments SET created_at = datetime('now', '-25 hours')")
    young = upload(alice, drawn()).json()["id"]
    problem(fetch(alice, forgotten), 404, "not-found")
    assert [fetch(alice, one).status_code for one in (kept, young)] == [200, 200]
    assert len(list(db.with_name("attachments").iterdir())) == 2


def test_the_files_are_their_owners_only(alice: Person, db: Path) -> None:
    upload(alice, drawn())
    (file,) = db.with_name("attachments").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("format", ["PNG", "WEBP", "HEIF"])
def test_no_format_keeps_where_it_was_taken(format: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "PhoneMaker"
    exif.get_ifd(GPS)[1] = "N"
    kept = redraw(drawn((80, 40), format, exif=exif))
    again = Image.open(io.BytesIO(kept.data))
    assert dict(again.getexif()) == {}
    assert b"PhoneMaker" not in kept.data


def test_a_phones_picture_with_a_second_one_behind_it_is_taken() -> None:
    out = io.BytesIO()
    first, second = Image.new("RGB", (60, 40), "red"), Image.new("RGB", (60, 40), "blue")
    first.save(out, "MPO", save_all=True, append_images=[second])
    assert redraw(out.getvalue()).media_type == "image/jpeg"


def test_a_deep_grey_picture_does_not_turn_white() -> None:
    grey = Image.new("I;16", (20, 20), 0x8000)
    out = io.BytesIO()
    grey.save(out, "PNG")
    red, _, _ = Image.open(io.BytesIO(redraw(out.getvalue()).data)).convert("RGB").getpixel((5, 5))
    assert 120 <= red <= 136


def test_a_picture_is_not_packed_again_and_is_kept_for_its_holder_only(alice: Person) -> None:
    noise = io.BytesIO()
    Image.effect_noise((200, 200), 90).save(noise, "PNG")
    seen = fetch(alice, upload(alice, noise.getvalue()).json()["id"])
    assert "gzip" in seen.request.headers["accept-encoding"]
    assert "content-encoding" not in seen.headers
    assert "Authorization" in seen.headers["vary"], "the next one to use the browser does not see it"


# --- words and names that no database takes ------------------------------------------------------

STRANGE = ["\ud800", "a\x00b", "x" * 5_000, "'; DROP TABLE messages; --"]


@pytest.mark.parametrize("strange", STRANGE, ids=["surrogate", "nul", "long", "sql"])
def test_a_strange_id_is_one_that_is_not_there(alice: Person, strange: str) -> None:
    bodies: list[Json] = [
        {"reply": strange},
        {"attachments": [strange]},
        {"steps_done": {"message": strange, "done": [0]}},
    ]
    for body in bodies:
        problem(raw(alice, "messages", body), 404, "not-found")


def raw(person: Person, door: str, body: Json) -> httpx.Response:
    """Posted as ASCII JSON: a lone surrogate can be written with a backslash only."""
    path, headers = f"{person.path}/{door}", {"Content-Type": "application/json"}
    return person.http.post(path, content=json.dumps(body), headers=headers)


@pytest.mark.parametrize(
    "path",
    [
        "/api/conversations/%00",
        "/api/conversations/{mine}/attachments/%00",
        "/api/conversations/{mine}/attachments/..%2F..%2Fsupport.db",
        "/api/conversations/{mine}/attachments/%ED%A0%80",
        "/api/conversations/" + "x" * 3_000,
    ],
)
def test_a_strange_address_is_one_where_nothing_is(alice: Person, path: str) -> None:
    assert alice.path
    problem(alice.http.get(path.format(mine=alice.conversation)), 404, "not-found")


def test_the_words_of_a_rating_are_cleaned_like_any(alice: Person, db: Path) -> None:
    answer = raw(alice, "rating", {"score": 4, "words": "好\ud800\x00\u202e的"})
    assert answer.status_code == 201
    assert rows(db, "SELECT words FROM ratings")[0]["words"] == "好的"


def test_ratings_at_the_same_time_leave_one(alice: Person, db: Path) -> None:
    assert alice.path
    answers = together(
        *(lambda n=n: alice.http.post(f"{alice.path}/rating", json={"score": n}) for n in (1, 2, 3, 4, 5))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len(rows(db, "SELECT * FROM ratings")) == 1


def test_signing_out_twice_at_once_is_no_error(gateway: Gateway) -> None:
    alice = gateway.signed_in("cust_alice")
    answers = together(*(lambda: alice.http.post("/api/session/end") for _ in range(5)))
    assert {answer.status_code for answer in answers} <= {204, 401}


def test_a_repeated_report_of_steps_does_not_untick_later_ones(alice: Person, rasa: FakeRasa) -> None:
    part = {"kind": protocol.PART, "part": "step"}
    rasa.reply = lambda turn: [{"text": word, "custom": part} for word in ("一", "二", "三")]
    message = alice.say("怎么办")
    body = {"steps_done": {"message": message["id"], "done": [0]}}
    alice.answer_to(alice.post(body, key="k"))
    path = f"{alice.path}/messages/{message['id']}/steps"
    assert alice.http.put(path, json={"done": [0, 1]}).status_code == 204
    assert alice.post(body, key="k").status_code == 202
    again = next(one for one in alice.messages() if one["id"] == message["id"])
    assert again["blocks"][0]["done"] == [0, 1]


# --- pages ---------------------------------------------------------------------------------------


def test_the_demos_host_page_is_the_demos_only(start: Start, tmp_path: Path) -> None:
    (tmp_path / "web" / "js").mkdir(parents=True)
    (tmp_path / "web" / "demo-host.html").write_text("<p>shop</p>")
    (tmp_path / "web" / "js" / "a.js").write_text("1")
    there, elsewhere = start(web=tmp_path / "web"), start(web=tmp_path / "web", demo_mode=False)
    assert there.stranger().http.get("/demo/host.html").status_code == 200
    for path in ("/demo/host.html", "/static/demo-host.html"):
        problem(elsewhere.stranger().http.get(path), 404, "not-found")
    assert elsewhere.stranger().http.get("/static/js/a.js").status_code == 200


@pytest.mark.parametrize("path", ["/", "/static/css/base.css"])
def test_a_page_that_did_not_change_is_not_sent_again(charlie: Person, path: str) -> None:
    first = charlie.http.get(path)
    again = charlie.http.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert charlie.http.head(path).status_code == 200


def test_an_event_stream_is_not_packed(alice: Person) -> None:
    alice.say("hello")
    with alice.http.stream("GET", f"{alice.path}/events", headers={"Accept-Encoding": "gzip"}) as stream:
        assert "content-encoding" not in stream.headers
        assert next(stream.iter_lines())

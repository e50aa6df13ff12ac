"""Refusals are problem documents, in the caller's language, on every path."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.gateway.sentences import preferred
from bot.store.store import Store
from tests.gateway.helpers import Gateway, Person, problem


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh"),
        ("", "zh"),
        ("*", "zh"),
        ("fr-FR, de", "zh"),
        ("en", "en"),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh;q=0.2, en;q=0.7", "en"),
        ("zh;q=banana, en;q=0.7", "zh"),
        ("en;q=0, zh", "zh"),
    ],
)
def test_the_language_that_a_caller_prefers(header: str | None, language: str) -> None:
    assert preferred(header) == language


def test_a_refusal_speaks_the_callers_language(charlie: Person) -> None:
    chinese = charlie.http.post("/api/conversations", headers={"Accept-Language": "zh-CN"})
    english = charlie.http.post("/api/conversations", headers={"Accept-Language": "en-GB"})
    assert "登录" in problem(chinese, 401, "unauthorized")["detail"]
    assert "sign in" in problem(english, 401, "unauthorized")["detail"]
    assert (chinese.headers["Content-Language"], english.headers["Content-Language"]) == ("zh", "en")


def test_every_kind_of_refusal_is_a_problem_document(alice: Person) -> None:
    problem(alice.http.get("/api/nothing"), 404, "not-found")
    problem(alice.http.get("/static/nothing.js"), 404, "not-found")
    problem(alice.http.put("/api/session"), 405, "method")
    problem(alice.http.get(f"{alice.path}/messages?after=-1"), 422, "invalid")
    problem(alice.http.get(f"{alice.path}/messages?after=x"), 422, "invalid")
    problem(alice.http.post("/api/session", json={"token": 5}), 422, "invalid")


def test_a_validation_problem_says_where_but_never_repeats_the_value(alice: Person) -> None:
    answer = alice.http.post("/api/session", json={"token": {"password": "hunter2"}})
    assert problem(answer, 422, "invalid")["errors"][0]["at"] == "body/token"
    assert "hunter2" not in answer.text


def test_an_error_inside_tells_nothing(gateway: Gateway, alice: Person, monkeypatch, caplog) -> None:
    path = alice.path

    async def broken(self: Store, *_: object, **__: object) -> None:
        raise RuntimeError("card 4111111111111111 of 林伟")

    monkeypatch.setattr(Store, "messages", broken)
    answer = alice.http.get(f"{path}/messages", headers={"Accept-Language": "en"})
    problem(answer, 500, "internal")
    assert "4111" not in answer.text + caplog.text
    assert "RuntimeError@test_gateway_problems.py" in caplog.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_pages_come_with_their_headers(start, tmp_path: Path) -> None:
    web = tmp_path / "web"
    web.mkdir()
    (web / "index.html").write_text("<!doctype html><title>客服</title>", encoding="utf-8")
    (web / "app.js").write_text("export {};", encoding="utf-8")
    http = start(web=web, frame_ancestors="'self' https://shop.example").stranger().http
    page = http.get("/")
    assert page.status_code == 200
    assert "客服" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'self' https://shop.example" in policy
    assert page.headers["Referrer-Policy"] == "no-referrer"
    script = http.get("/static/app.js")
    assert script.status_code == 200
    assert script.headers["X-Content-Type-Options"] == "nosniff"
    assert "javascript" in script.headers["Content-Type"]
    for escape in (
        "/static/../../pyproject.toml",
        "/static/%2e%2e/%2e%2e/pyproject.toml",
        "/static//etc/passwd",
    ):
        assert http.get(escape).status_code == 404


def test_only_the_widget_and_its_script_are_for_other_sites(start, tmp_path: Path) -> None:
    web = tmp_path / "web"
    web.mkdir()
    for name in ("index.html", "widget.html", "widget.js", "demo-host.html"):
        (web / name).write_text(f"/* {name} */", encoding="utf-8")
    shop = "https://shop.example"
    http = start(web=web, widget_frame_ancestors=shop).stranger().http

    def ancestors(path: str) -> str:
        return http.get(path).headers["Content-Security-Policy"].partition("frame-ancestors ")[2]

    assert ancestors("/widget") == shop
    assert ancestors("/") == "'self'"
    assert ancestors("/demo/host.html") == ancestors("/widget.js") == ancestors("/api/session") == "'none'"
    assert http.get("/widget.js").headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert http.get("/static/widget.html").headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert start(web=web, demo_mode=False).stranger().http.get("/demo/host.html").status_code == 404


def test_text_is_compressed_and_asked_about_again(start, tmp_path: Path) -> None:
    web = tmp_path / "web"
    web.mkdir()
    (web / "app.js").write_text("// words\n" * 500, encoding="utf-8")
    http = start(web=web).stranger().http
    script = http.get("/static/app.js")
    assert script.headers["Content-Encoding"] == "gzip"
    assert script.headers["Cache-Control"] == "no-cache"
    again = http.get("/static/app.js", headers={"If-None-Match": script.headers["ETag"]})
    assert again.status_code == 304


def test_over_https_browsers_are_told_to_stay_there(start) -> None:
    assert "Strict-Transport-Security" in start(https_only=True).stranger().http.get("/healthz").headers
    assert "Strict-Transport-Security" not in start().stranger().http.get("/healthz").headers


def test_the_api_describes_itself(charlie: Person) -> None:
    paths = charlie.http.get("/openapi.json").json()["paths"]
    assert {"/api/session", "/api/conversations", "/healthz", "/readyz"} <= set(paths)
    assert charlie.http.get("/docs").status_code == 404


def test_health_and_readiness(gateway: Gateway, charlie: Person, rasa) -> None:
    assert charlie.http.get("/healthz").json() == {"status": "ok"}
    assert charlie.http.get("/readyz").json() == {"status": "ready", "checks": {"store": "ok", "rasa": "ok"}}
    rasa.ready = False
    answer = charlie.http.get("/readyz")
    assert problem(answer, 503, "not-ready")["checks"] == {"store": "ok", "rasa": "not ready"}
    assert charlie.http.get("/healthz").status_code == 200


def test_readiness_notices_a_rasa_that_does_not_take_our_token(start) -> None:
    from bot.settings import Secret

    http = start(rasa_token=Secret("another-token-than-rasas")).stranger().http
    assert problem(http.get("/readyz"), 503, "not-ready")["checks"]["rasa"] == "not ready"


def test_readiness_notices_a_store_that_cannot_be_read(
    gateway: Gateway, charlie: Person, monkeypatch
) -> None:
    async def broken(self: Store) -> None:
        raise OSError("gone")

    monkeypatch.setattr(Store, "ping", broken)
    assert problem(charlie.http.get("/readyz"), 503, "not-ready")["checks"]["store"] == "unreachable"

"""Who may call what: every route of the desk against the table of roles, forged calls, sessions that end."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.gateway.app import create_app
from bot.gateway.desk.roles import LEAST, PREFIX, PUBLIC, SAFE, desk_routes, enough
from bot.store.models import utcnow
from tests.desk.people import PASSWORD, Colleague, ask_for_a_person, invite
from tests.gateway.helpers import FakeRasa, Gateway, Person, problem, rows, settings

CALLS = sorted(LEAST.items())
CLOSED = [(call, role) for call, role in CALLS if role != PUBLIC]
UNSAFE = [call for call, _ in CLOSED if call[0] not in SAFE]


def send(person: Colleague, call: tuple[str, str], headers: dict[str, str] | None = None) -> httpx.Response:
    """The call with something in the place of each parameter."""
    method, path = call
    return person.http.request(method, PREFIX + re.sub(r"\{\w+\}", "none", path), headers=headers)


def test_the_table_names_every_route_of_the_app_and_no_other(db: Path, rasa: FakeRasa) -> None:
    app = create_app(settings(db, rasa.url))
    assert desk_routes(app.routes) == set(LEAST)
    assert len(CLOSED) > 40


def test_no_route_works_without_a_session(gateway: Gateway) -> None:
    stranger = Colleague(gateway.url)
    for call, _ in CLOSED:
        problem(send(stranger, call), 401, "desk-signed-out")
        problem(send(stranger, call, {"Cookie": "desk=guessed"}), 401, "desk-signed-out")


def test_a_customers_token_opens_nothing_at_the_desk(gateway: Gateway, alice: Person) -> None:
    stranger = Colleague(gateway.url)
    stranger.http.headers["Authorization"] = alice.http.headers["Authorization"]
    for call, _ in CLOSED:
        problem(send(stranger, call), 401, "desk-signed-out")


def test_no_unsafe_route_works_without_the_sessions_own_token(admin: Colleague, anna: Colleague) -> None:
    for call in UNSAFE:
        for forged in ("", "desk", anna.session["csrf"], admin.session["csrf"][:-1]):
            problem(send(admin, call, {"X-CSRF-Token": forged}), 403, "csrf")


def test_no_unsafe_route_works_from_another_site(admin: Colleague, gateway: Gateway) -> None:
    for call in UNSAFE:
        for origin in ("", "null", "https://evil.example", gateway.url.replace("127.0.0.1", "localhost")):
            problem(send(admin, call, {"Origin": origin}), 403, "csrf")
    public = [call for call, role in CALLS if role == PUBLIC and call[0] not in SAFE]
    for call in public:
        problem(send(admin, call, {"Origin": "https://evil.example"}), 403, "csrf")
        problem(send(admin, call, {"X-CSRF-Token": ""}), 403, "csrf")


def test_nobody_does_what_their_role_is_too_small_for(
    anna: Colleague, lead: Colleague, admin: Colleague
) -> None:
    for call, least in CLOSED:
        for person, role in ((anna, "agent"), (lead, "lead"), (admin, "admin")):
            if call not in {("DELETE", "/session"), ("POST", "/session/everywhere")}:
                path = PREFIX + re.sub(r"\{\w+\}", "none", call[1])
                with person.http.stream(call[0], path) as answer:  # one of them never ends
                    refused = answer.status_code == 403
                assert refused != enough(role, least), (call, role)


def test_the_cookie_is_for_our_pages_only(gateway: Gateway, db: Path) -> None:
    person = Colleague(gateway.url)
    body = {"token": invite(db, "anna", "Anna", "agent"), "password": PASSWORD}
    made = person.http.post("/api/desk/invites/accept", json=body).headers["set-cookie"].lower()
    assert made.startswith("desk=")
    for part in ("httponly", "samesite=strict", "path=/", "max-age=43200"):
        assert part in made
    assert "secure" not in made, "over plain HTTP, on this machine"


def test_over_https_the_cookie_is_bound_to_the_host(start: object, db: Path) -> None:
    gateway = start(https_only=True)  # type: ignore[operator]
    person = Colleague(gateway.url)
    body = {"token": invite(db, "anna", "Anna", "agent"), "password": PASSWORD}
    made = person.http.post("/api/desk/invites/accept", json=body).headers["set-cookie"]
    assert made.startswith("__Host-desk=") and "Secure" in made and "Domain" not in made


def test_signing_out_ends_the_session_on_the_server(anna: Colleague) -> None:
    cookie = dict(anna.http.cookies)
    assert anna.http.delete("/api/desk/session").status_code == 204
    assert not anna.http.cookies
    problem(anna.http.get("/api/desk/queue", cookies=cookie), 401, "desk-signed-out")


def test_signing_out_everywhere_ends_all_sessions(anna: Colleague, gateway: Gateway) -> None:
    other = Colleague(gateway.url)
    other.keep(other.sign_in("anna"))
    assert other.get("/session")["agent"]["name"] == "Anna"
    assert anna.http.post("/api/desk/session/everywhere").status_code == 204
    problem(other.asks("/session"), 401, "desk-signed-out")


@pytest.mark.parametrize(
    ("column", "ago", "goes_on"),
    [
        ("seen_at", timedelta(minutes=29), True),
        ("seen_at", timedelta(minutes=31), False),
        ("ends_at", -timedelta(minutes=1), True),
        ("ends_at", timedelta(minutes=1), False),
    ],
)
def test_a_session_ends_after_half_an_hour_of_nothing_and_after_twelve_hours(
    anna: Colleague, db: Path, column: str, ago: timedelta, goes_on: bool
) -> None:
    age(db, "agent_sessions", column, ago)
    assert (anna.asks("/queue").status_code == 200) == goes_on


def test_only_what_the_agent_does_keeps_the_session_going(anna: Colleague, db: Path) -> None:
    def seen() -> str:
        return rows(db, "SELECT seen_at FROM agent_sessions")[0]["seen_at"]

    age(db, "agent_sessions", "seen_at", timedelta(minutes=20))
    before = seen()
    anna.does("/presence", {"available": True})
    assert seen() == before, "a page that nobody sits before gives signs of life, too"
    anna.get("/queue")
    assert seen() > before


def test_the_database_holds_no_secret_that_opens_anything(
    anna: Colleague, db: Path, gateway: Gateway
) -> None:
    token = invite(db, "bill", "Bill", "agent")
    dump = "\n".join(dumped(db))
    for secret in (anna.http.cookies["desk"], anna.session["csrf"], PASSWORD, token):
        assert secret not in dump
    assert "$argon2id$v=19$m=65536,t=3,p=4$" in dump


def test_answers_of_the_desk_are_kept_by_no_cache_and_shown_in_no_frame(anna: Colleague) -> None:
    answer = anna.asks("/queue")
    assert answer.headers["cache-control"] == "no-store"
    page = anna.http.get("/desk")
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


def test_too_many_calls_are_told_to_wait(anna: Colleague) -> None:
    last = [anna.asks("/labels") for _ in range(620)][-1]
    problem(last, 429, "too-many")
    assert int(last.headers["retry-after"]) >= 1


def test_nothing_that_was_written_reaches_a_log(
    anna: Colleague, alice: Person, rasa: FakeRasa, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    chat = ask_for_a_person(alice, rasa)
    anna.take(chat)
    anna.does(f"/chats/{chat}/messages", {"text": "the parrot is blue"})
    anna.does(f"/chats/{chat}/notes", {"text": "the parrot is green"})
    anna.get("/search", q="the parrot is")
    anna.sign_in("the parrot is red", "the parrot is purple")
    anna.get(f"/chats/{chat}/context")
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("bot.")]
    assert ours and not any("parrot" in line for line in ours)


def age(db: Path, table: str, column: str, ago: timedelta) -> None:
    """Moves a time of every row into the past."""
    with sqlite3.connect(db) as connection:
        then = (utcnow() - ago).replace(tzinfo=None).isoformat(" ")
        connection.execute(f"UPDATE {table} SET {column} = ?", (then,))


def dumped(db: Path) -> Iterator[str]:
    with sqlite3.connect(db) as connection:
        yield from connection.iterdump()

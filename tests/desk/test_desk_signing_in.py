"""Signing in: one-time links, passwords, waiting after failures; and what admins do with accounts."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from bot.gateway.desk import passwords
from bot.gateway.desk.lockout import ACCOUNT, ADDRESS
from bot.gateway.desk.passwords import WeakPassword, check
from tests.desk.people import PASSWORD, Colleague, ask_for_a_person, invite
from tests.desk.test_desk_access import age
from tests.gateway.helpers import (
    IDENTITY_SECRET,
    RASA_TOKEN,
    SESSION_SECRET,
    FakeRasa,
    Gateway,
    Person,
    problem,
    rows,
)


def accept(person: Colleague, token: str, password: str = PASSWORD, **more: Any) -> Any:
    return person.http.post("/api/desk/invites/accept", json={"token": token, "password": password, **more})


def test_a_link_works_once_and_lets_its_owner_choose_name_and_password(gateway: Gateway, db: Path) -> None:
    token, person = invite(db, "Anna", "Anna", "lead"), Colleague(gateway.url)
    look = person.http.post("/api/desk/invites/look", json={"token": token}).json()
    assert (look["login"], look["name"], look["role"]) == ("anna", "Anna", "lead")
    person.keep(accept(person, token, name="Anna K."))
    assert person.get("/session")["agent"]["role"] == "lead"
    problem(accept(Colleague(gateway.url), token), 404, "not-found")
    problem(person.http.post("/api/desk/invites/look", json={"token": token}), 404, "not-found")
    again = Colleague(gateway.url)
    again.keep(again.sign_in(" ANNA "))
    assert again.session["agent"]["name"] == "Anna K."


def test_a_link_is_worth_nothing_after_a_day(gateway: Gateway, db: Path) -> None:
    token = invite(db, "anna", "Anna", "agent")
    age(db, "agent_invites", "expires_at", timedelta(seconds=1))
    problem(accept(Colleague(gateway.url), token), 404, "not-found")
    assert rows(db, "SELECT * FROM agents") == []


def test_a_weak_password_leaves_the_link_unused(gateway: Gateway, db: Path) -> None:
    token, person = invite(db, "anna", "Anna", "agent"), Colleague(gateway.url)
    assert problem(accept(person, token, "short"), 422, "weak-password")["reason"] == "short"
    person.keep(accept(person, token))


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("elevenchars", "short"),
        ("x" * 129, "long"),
        ("password1234", "common"),
        ("P@ssw0rd2024!", "common"),
        ("qwertyuiop123", "common"),
        ("123456789012", "common"),
        ("aaaaaaaaaaaa", "common"),
        ("abababababab", "common"),
        ("imwallet2024!", "common"),
        ("anna.kowalska", "like_name"),
        ("ANNA.Kowalska1", "like_name"),
    ],
)
def test_passwords_that_are_not_good_enough(password: str, reason: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        check(password, "anna", "Kowalska")
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "password", [PASSWORD, "correct horse battery staple", "雨天的第七把黄色雨伞很旧了", "k7#Vd9!qLm2x"]
)
def test_passwords_that_are(password: str) -> None:
    check(password, "anna", "Anna")


def test_an_unknown_login_and_a_wrong_password_cannot_be_told_apart(
    anna: Colleague, gateway: Gateway
) -> None:
    person = Colleague(gateway.url)
    wrong = problem(person.sign_in("anna", "not the password"), 401, "bad-login")
    unknown = problem(person.sign_in("nobody", "not the password"), 401, "bad-login")
    assert wrong == unknown


async def test_nobodys_password_takes_as_long_to_refuse_as_a_wrong_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verified: list[str] = []
    real = passwords._verify
    monkeypatch.setattr(passwords, "_verify", lambda kept, given: verified.append(kept) or real(kept, given))
    assert not await passwords.matches(None, "nobody has this password")
    assert len(verified) == 1 and verified[0].startswith("$argon2id$")


def test_failures_make_the_account_wait_ever_longer_even_for_the_right_password(
    anna: Colleague, gateway: Gateway, db: Path
) -> None:
    person = Colleague(gateway.url)
    for _ in range(5):
        problem(person.sign_in("anna", "wrong"), 401, "bad-login")
    locked = person.sign_in("anna")
    problem(locked, 429, "locked")
    assert 10 <= int(locked.headers["retry-after"]) <= 16
    age(db, "sign_in_failures", "last_at", timedelta(seconds=16))
    problem(person.sign_in("anna", "wrong"), 401, "bad-login")
    assert int(person.sign_in("anna").headers["retry-after"]) > 16
    age(db, "sign_in_failures", "last_at", timedelta(seconds=31))
    person.keep(person.sign_in("anna"))
    assert person.sign_in("anna", "wrong").status_code == 401, "it begins anew"


def test_an_unknown_login_waits_alike(gateway: Gateway) -> None:
    person = Colleague(gateway.url)
    for _ in range(5):
        problem(person.sign_in("nobody", "wrong"), 401, "bad-login")
    problem(person.sign_in("nobody", "wrong"), 429, "locked")


def test_an_address_that_tries_many_accounts_waits_too(anna: Colleague, gateway: Gateway, db: Path) -> None:
    for n in range(ADDRESS.free):
        person = Colleague(gateway.url)
        if person.sign_in(f"nobody{n}", "wrong").status_code != 401:
            break
    problem(Colleague(gateway.url).sign_in("anna"), 429, "locked")


def test_waiting_has_an_end() -> None:
    assert ACCOUNT.wait(4) == timedelta(0)
    assert ACCOUNT.wait(5) == timedelta(seconds=15)
    assert ACCOUNT.wait(7) == timedelta(seconds=60)
    assert ACCOUNT.wait(10_000) == timedelta(minutes=15)


def test_a_password_is_hashed_anew_when_the_parameters_have_changed(
    anna: Colleague, gateway: Gateway, db: Path
) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    import sqlite3

    with sqlite3.connect(db) as connection:
        connection.execute("UPDATE agents SET password = ?", (old,))
    person = Colleague(gateway.url)
    person.keep(person.sign_in("anna"))
    [row] = rows(db, "SELECT password FROM agents")
    assert row["password"] != old and "m=65536" in row["password"]
    person.keep(person.sign_in("anna"))


def test_a_new_password_ends_all_other_sessions(anna: Colleague, gateway: Gateway) -> None:
    other = Colleague(gateway.url)
    other.keep(other.sign_in("anna"))
    change = {"old": PASSWORD, "new": "seven yellow umbrellas"}
    problem(anna.http.put("/api/desk/password", json={**change, "old": "wrong"}), 401, "bad-login")
    assert anna.http.put("/api/desk/password", json=change).status_code == 204
    problem(other.asks("/session"), 401, "desk-signed-out")
    assert anna.get("/session")["agent"]["login"] == "anna"
    problem(other.sign_in("anna"), 401, "bad-login")
    other.keep(other.sign_in("anna", "seven yellow umbrellas"))


# admins


def test_an_admin_invites_someone_by_a_link_that_reaches_no_server(
    admin: Colleague, gateway: Gateway
) -> None:
    made = admin.does("/invites", {"login": "bill", "name": "Bill", "role": "agent"})
    base, fragment = made["link"].split("#invite=")
    assert base == f"{gateway.url}/desk"
    bill = Colleague(gateway.url)
    bill.keep(accept(bill, fragment))
    problem(admin.post("/invites", {"login": "BILL", "name": "Other", "role": "agent"}), 409, "login-taken")
    problem(admin.post("/invites", {"login": "x", "name": "X", "role": "king"}), 422, "invalid")


def test_a_link_that_was_taken_back_is_worth_nothing(admin: Colleague, gateway: Gateway) -> None:
    made = admin.does("/invites", {"login": "bill", "name": "Bill", "role": "agent"})
    assert [one["login"] for one in admin.get("/accounts")["invites"]] == ["bill"]
    assert admin.http.delete(f"/api/desk/invites/{made['id']}").status_code == 204
    problem(accept(Colleague(gateway.url), made["link"].split("=")[1]), 404, "not-found")
    assert admin.get("/accounts")["invites"] == []


def test_a_new_role_counts_after_the_next_sign_in_and_a_closed_account_is_out_at_once(
    admin: Colleague, anna: Colleague, gateway: Gateway, alice: Person, rasa: FakeRasa
) -> None:
    changed = admin.http.patch(f"/api/desk/accounts/{anna.id}", json={"role": "lead"})
    assert changed.json()["role"] == "lead"
    problem(anna.asks("/session"), 401, "desk-signed-out")
    anna.http.headers["X-CSRF-Token"] = "desk"
    anna.keep(anna.sign_in("anna"))
    anna.does("/presence", {"available": True})
    assert anna.asks("/audit").status_code == 200

    anna.take(ask_for_a_person(alice, rasa))
    admin.http.patch(f"/api/desk/accounts/{anna.id}", json={"active": False})
    problem(anna.asks("/session"), 401, "desk-signed-out")
    anna.http.headers["X-CSRF-Token"] = "desk"
    problem(anna.sign_in("anna"), 401, "bad-login")
    assert admin.get("/queue")["total"] == 1, "what they had waits again"


def test_the_last_admin_stays_one(admin: Colleague) -> None:
    for change in ({"role": "lead"}, {"active": False}):
        problem(admin.http.patch(f"/api/desk/accounts/{admin.id}", json=change), 409, "last-admin")
    problem(admin.http.patch("/api/desk/accounts/agent_x", json={"role": "lead"}), 404, "not-found")


def test_an_admin_lets_someone_choose_a_new_password(
    admin: Colleague, anna: Colleague, gateway: Gateway
) -> None:
    link = admin.does(f"/accounts/{anna.id}/reset")["link"]
    fresh = Colleague(gateway.url)
    fresh.keep(accept(fresh, link.split("=")[1], "seven yellow umbrellas"))
    assert fresh.id == anna.id
    problem(anna.asks("/session"), 401, "desk-signed-out")


def test_what_admins_do_stands_in_the_audit_log(admin: Colleague, anna: Colleague) -> None:
    admin.http.patch(f"/api/desk/accounts/{anna.id}", json={"role": "lead"})
    admin.does("/invites", {"login": "bill", "name": "Bill", "role": "agent"})
    told = [(one["action"], one["why"]) for one in admin.get("/audit")["entries"]]
    assert told == [("invited", "bill: agent"), ("account_changed", "anna: lead, active=True")]


# the command line


def run(db: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    env = {
        "SUPPORT_DB_URL": f"sqlite+aiosqlite:///{db}",
        "RASA_TOKEN": RASA_TOKEN,
        "IDENTITY_SECRET": IDENTITY_SECRET,
        "SESSION_SECRET": SESSION_SECRET,
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        **more,
    }
    command = [sys.executable, "-m", "bot.gateway.desk", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_the_first_admin_is_made_by_a_command(gateway: Gateway, db: Path) -> None:
    done = run(db, "invite", "--role", "admin", "Root", PUBLIC_URL="https://support.example")
    assert done.returncode == 0, done.stderr
    link = next(word for word in done.stdout.split() if "#invite=" in word)
    assert link.startswith("https://support.example/desk#invite=")
    root = Colleague(gateway.url)
    root.keep(accept(root, link.split("=")[1]))
    assert root.session["agent"]["role"] == "admin"
    assert "already" in run(db, "invite", "Root").stdout


def test_demo_agents_are_for_demo_mode_only(db: Path) -> None:
    refused = run(db, "demo")
    assert refused.returncode == 2 and "DEMO_MODE" in refused.stderr
    assert run(db, "demo", DEMO_MODE="1").stdout.count("#invite=") == 4

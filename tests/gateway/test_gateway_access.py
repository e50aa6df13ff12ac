"""Three people at every door: the owner, another customer, and a stranger without a session."""

from __future__ import annotations

import pytest

from tests.gateway.helpers import Gateway, Person, problem

DOORS = [("GET", "messages"), ("POST", "messages"), ("GET", "events")]


def knock(person: Person, method: str, path: str) -> tuple[int, dict]:
    body = {"text": "hi"} if method == "POST" else None
    with person.http.stream(method, path, json=body) as answer:
        if answer.status_code < 400:
            return answer.status_code, {}
        answer.read()
        return answer.status_code, answer.json()


@pytest.mark.parametrize(("method", "door"), DOORS)
def test_a_conversation_is_its_owners_alone(
    alice: Person, bob: Person, charlie: Person, gateway: Gateway, method: str, door: str
) -> None:
    there, nowhere = f"{alice.path}/{door}", f"/api/conversations/conv_made_up/{door}"
    assert knock(alice, method, there)[0] in (200, 202)
    another = knock(bob, method, there)
    assert another == knock(bob, method, nowhere)  # no telling that it exists
    assert another[0] == 404
    assert knock(gateway.visitor(), method, there)[0] == 404
    assert knock(charlie, method, there)[0] == 401
    assert knock(charlie, method, nowhere)[0] == 401
    assert len([m for m in alice.messages() if m["author"] == "customer"]) == (method == "POST")


def test_only_who_has_a_session_may_open_a_conversation(alice: Person, charlie: Person) -> None:
    opened = alice.http.post("/api/conversations", json={"language": "en"})
    assert opened.status_code == 201
    assert set(opened.json()) == {"id", "language", "created_at"}
    assert opened.json()["language"] == "en"
    assert alice.http.post("/api/conversations").json()["language"] == "zh"
    problem(charlie.http.post("/api/conversations", json={}), 401, "unauthorized")


def test_a_customer_who_signs_in_again_finds_the_conversation(alice: Person, gateway: Gateway) -> None:
    alice.say("hello")
    later = gateway.signed_in("cust_alice")
    later.conversation = alice.conversation
    assert later.messages() == alice.messages()

"""A customer on several devices: the same conversations, what was read, renewal, and signing out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.gateway import identity
from tests.gateway.helpers import FakeRasa, Gateway, Person, problem, wait_for

Start = Callable[..., Gateway]


def listed(person: Person) -> list[dict]:
    answer = person.http.get("/api/conversations")
    assert answer.status_code == 200, answer.text
    return answer.json()["conversations"]


def test_another_device_of_the_same_customer_finds_the_conversation(gateway: Gateway, alice: Person) -> None:
    alice.say("付款失败了")
    phone = gateway.signed_in("cust_alice")
    (one,) = listed(phone)
    assert (one["id"], one["last_seq"], one["preview"]) == (alice.conversation, 2, "heard: 付款失败了")
    assert one["updated_at"] >= one["created_at"]
    phone.conversation = one["id"]
    assert phone.messages() == alice.messages()


def test_the_newest_conversation_comes_first_and_nobody_elses_at_all(alice: Person, bob: Person) -> None:
    alice.say("第一个")
    first, alice.conversation = alice.conversation, ""
    alice.say("第二个")
    bob.say("hello")
    assert [one["id"] for one in listed(alice)] == [alice.conversation, first]
    alice.conversation = first
    alice.say("还是第一个")
    assert listed(alice)[0]["id"] == first


def test_a_visitors_conversation_is_for_their_session_only(gateway: Gateway) -> None:
    visitor, another = gateway.visitor(), gateway.visitor()
    visitor.say("hello")
    assert len(listed(visitor)) == 1
    assert listed(another) == []


def test_what_was_read_on_one_device_is_read_on_the_other(
    gateway: Gateway, alice: Person, bob: Person
) -> None:
    alice.say("付款失败了")
    alice.say("还在吗")
    assert listed(alice)[0]["unread"] == 2
    assert alice.http.post(f"{alice.path}/read", json={"seq": 2}).status_code == 204
    phone = gateway.signed_in("cust_alice")
    assert listed(phone)[0]["unread"] == 1
    # Never back, and never past what there is.
    for seq in (1, 999):
        alice.http.post(f"{alice.path}/read", json={"seq": seq})
        assert alice.http.get(alice.path).json()["unread"] == 1
    problem(bob.http.post(f"{alice.path}/read", json={"seq": 4}), 404, "not-found")
    problem(bob.http.get(alice.path), 404, "not-found")


def test_a_session_is_renewed_with_its_conversations(alice: Person) -> None:
    alice.say("付款失败了")
    answer = alice.http.post("/api/session/renew")
    assert answer.status_code == 200
    assert answer.json()["customer"] == alice.session["customer"]
    alice.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    assert len(alice.messages()) == 2


def test_a_renewed_session_still_ends_after_its_time(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "SESSION_LIFETIME", timedelta(seconds=1.2))
    person = gateway.signed_in("cust_alice")
    renewed = person.http.post("/api/session/renew").json()
    person.http.headers["Authorization"] = f"Bearer {renewed['access_token']}"
    wait_for(lambda: person.http.get("/api/conversations").status_code == 401, 5)
    problem(person.http.post("/api/session/renew"), 401, "unauthorized")


def test_signing_out_ends_every_token_of_the_session_and_no_other(gateway: Gateway, rasa: FakeRasa) -> None:
    laptop, phone = gateway.signed_in("cust_alice"), gateway.signed_in("cust_alice")
    laptop.say("付款失败了")
    renewed = laptop.http.post("/api/session/renew").json()["access_token"]
    assert laptop.http.post("/api/session/end").status_code == 204
    problem(laptop.http.get("/api/conversations"), 401, "unauthorized")
    laptop.http.headers["Authorization"] = f"Bearer {renewed}"
    problem(laptop.http.post("/api/session/renew"), 401, "unauthorized")
    assert len(listed(phone)) == 1


def test_an_open_stream_tells_nothing_more_after_signing_out(gateway: Gateway, rasa: FakeRasa) -> None:
    laptop, phone = gateway.signed_in("cust_alice"), gateway.signed_in("cust_alice")
    laptop.say("付款失败了")
    phone.conversation = laptop.conversation
    events = laptop.events()
    seen = [next(event for event in events if event.get("event") == "message") for _ in range(2)]
    assert laptop.http.post("/api/session/end").status_code == 204
    phone.say("只给手机看")
    assert len(seen) == 2
    assert "只给手机看" not in str(list(events)), "the stream ends"

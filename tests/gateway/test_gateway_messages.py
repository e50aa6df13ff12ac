"""Posting messages: once each, in order, within limits, and buttons by their ids only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.gateway.helpers import FakeRasa, Gateway, Json, Person, problem, wait_for


def test_a_message_is_stored_and_answered(alice: Person, rasa: FakeRasa) -> None:
    posted = alice.post({"text": "  付款失败了 "})
    message = posted.json()
    assert posted.status_code == 202
    assert set(message) == {"id", "seq", "author", "text", "blocks", "created_at", "key"}
    assert (message["seq"], message["author"], message["text"]) == (1, "customer", "付款失败了")
    assert message["created_at"].endswith("Z")
    answer = alice.answer_to(posted)
    assert (answer["seq"], answer["author"], answer["text"]) == (2, "bot", "heard: 付款失败了")
    assert answer["blocks"] == [{"type": "text", "text": "heard: 付款失败了"}]
    assert [m["seq"] for m in alice.messages()] == [1, 2]
    assert [m["seq"] for m in alice.messages(after=1)] == [2]


def test_the_same_key_and_content_is_the_same_message(alice: Person, rasa: FakeRasa) -> None:
    first = alice.post({"text": "hello"}, key="k1")
    alice.answer_to(first)
    again = alice.post({"text": "hello"}, key="k1")
    assert again.status_code == 202
    assert again.json() == first.json()
    assert len(alice.messages()) == 2
    assert rasa.heard == ["hello"]


def test_the_same_key_with_another_content_is_refused(alice: Person) -> None:
    alice.post({"text": "hello"}, key="k1")
    problem(alice.post({"text": "good bye"}, key="k1"), 409, "key-reused")


def test_the_key_may_stand_in_the_body(alice: Person) -> None:
    for name in ("client_id", "idempotency_key"):
        body = {"text": "hello", name: f"in-the-body-{name}"}
        ids = {alice.http.post(f"{alice.path}/messages", json=body).json()["id"] for _ in range(2)}
        assert len(ids) == 1


def test_a_key_counts_within_one_conversation_only(alice: Person, bob: Person) -> None:
    one, other = alice.post({"text": "hello"}, key="k1"), bob.post({"text": "hi"}, key="k1")
    assert (one.status_code, other.status_code) == (202, 202)


def test_many_tries_at_once_store_one_message(alice: Person, rasa: FakeRasa) -> None:
    assert alice.path
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: alice.post({"text": "hello"}, key="k1"), range(16)))
    assert {a.status_code for a in answers} == {202}
    assert len({a.json()["id"] for a in answers}) == 1
    alice.answer_to(answers[0])
    assert len(alice.messages()) == 2
    assert rasa.heard == ["hello"]


def test_messages_are_answered_in_their_order(alice: Person, rasa: FakeRasa) -> None:
    rasa.delay = 0.02
    for n in range(6):
        alice.post({"text": f"message {n}"})
    wait_for(lambda: len(alice.messages()) == 12)
    assert rasa.heard == [f"message {n}" for n in range(6)]
    messages = alice.messages()
    assert [m["seq"] for m in messages] == list(range(1, 13))
    assert [m["text"] for m in messages if m["author"] == "bot"] == [f"heard: message {n}" for n in range(6)]


def test_one_slow_conversation_does_not_hold_up_another(alice: Person, bob: Person, rasa: FakeRasa) -> None:
    rasa.delay = 0.5
    alice.post({"text": "slow"})
    wait_for(lambda: bool(rasa.turns))
    rasa.delay = 0.0
    bob.say("quick")
    assert len(alice.messages()) == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"text": ""}, "empty"),
        ({"text": " \n\t "}, "empty"),
        ({"text": "\u0000\u202e\ud800"}, "empty"),
        ({"text": "长" * 2001}, "too-long"),
        ({}, "invalid"),
        ({"text": "a", "reply": "b"}, "invalid"),
        ({"text": 5}, "invalid"),
        ({"text": ["a"]}, "invalid"),
        ([], "invalid"),
    ],
)
def test_what_is_no_message_is_refused(alice: Person, body: dict[str, object], kind: str) -> None:
    import json

    raw = json.dumps(body)
    headers = {"Content-Type": "application/json"}
    problem(alice.http.post(f"{alice.path}/messages", content=raw, headers=headers), 422, kind)
    assert alice.messages() == []


def test_two_thousand_characters_are_fine(alice: Person) -> None:
    assert alice.say("长" * 2000)["text"] == "heard: " + "长" * 2000


def test_what_cannot_be_stored_is_taken_out_of_a_text(alice: Person) -> None:
    headers = {"Content-Type": "application/json"}
    raw = '{"text": "a\\u0000b\\ud800c\\u202ed\\ne"}'
    posted = alice.http.post(f"{alice.path}/messages", content=raw, headers=headers)
    assert posted.json()["text"] == "abcd\ne"


def test_a_bad_key_is_refused(alice: Person) -> None:
    problem(alice.post({"text": "hello"}, key="k" * 201), 422, "invalid")


def test_a_body_that_is_too_large_is_refused(alice: Person) -> None:
    problem(alice.post({"text": "x" * 100_000}), 413, "too-large")

    def endless() -> object:
        for _ in range(100):
            yield b'{"text": "' + b"x" * 1000

    chunked = alice.http.post(f"{alice.path}/messages", content=endless())  # no declared length
    problem(chunked, 413, "too-large")


def test_broken_json_is_refused_without_repeating_it(alice: Person) -> None:
    headers = {"Content-Type": "application/json"}
    answer = alice.http.post(f"{alice.path}/messages", content="{4111111111111111", headers=headers)
    problem(answer, 422, "invalid")
    assert "4111" not in answer.text


def test_too_many_messages_in_a_minute_must_wait(start, rasa: FakeRasa) -> None:
    gateway: Gateway = start(messages_per_minute=4)
    alice, bob = gateway.signed_in("cust_alice"), gateway.signed_in("cust_bob")
    assert alice.path  # opening a conversation counts, too
    assert [alice.post({"text": "hi"}).status_code for _ in range(3)] == [202] * 3
    refused = alice.post({"text": "hi"})
    problem(refused, 429, "too-many")
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    # A new session of the same customer is the same customer; another customer is not.
    again = gateway.signed_in("cust_alice")
    assert again.http.post("/api/conversations", json={}).status_code == 429
    assert bob.post({"text": "hi"}).status_code == 202


def test_too_many_sessions_from_one_address_must_wait(start) -> None:
    stranger = start(sessions_per_minute=3).stranger()
    assert [stranger.http.post("/api/session", json={}).status_code for _ in range(4)] == [200] * 3 + [429]


def offer(rasa: FakeRasa) -> None:
    buttons = [
        {"title": "星巴克 ¥38.00", "payload": '/choose_payment{"ordinal": "1"}'},
        {"title": "转人工", "payload": "/human_handoff"},
    ]
    rasa.reply = lambda turn: [{"text": "哪一笔?", "buttons": buttons}]


def quick_replies(message: dict) -> list[dict]:
    return [r for b in message["blocks"] if b["type"] == "quick_replies" for r in b["replies"]]


def test_a_button_stands_for_a_payload_that_the_browser_never_sees(alice: Person, rasa: FakeRasa) -> None:
    offer(rasa)
    answer = alice.say("付款失败")
    assert answer["text"] == "哪一笔?"
    first, second = quick_replies(answer)
    assert (first["title"], second["title"]) == ("星巴克 ¥38.00", "转人工")
    assert set(first) == {"id", "title"}
    assert "/choose_payment" not in str(answer)
    posted = alice.post({"reply": first["id"]})
    assert posted.json()["text"] == "星巴克 ¥38.00"
    alice.answer_to(posted)
    assert rasa.turns[-1]["payload"] == '/choose_payment{"ordinal": "1"}'
    assert rasa.turns[-1]["text"] is None


def test_pressing_a_button_again_with_its_key_is_the_same_message(alice: Person, rasa: FakeRasa) -> None:
    offer(rasa)
    first, second = quick_replies(alice.say("付款失败"))
    one, same = alice.post({"reply": first["id"]}, key="p"), alice.post({"reply": first["id"]}, key="p")
    assert one.json() == same.json()
    problem(alice.post({"reply": second["id"]}, key="p"), 409, "key-reused")
    problem(alice.post({"text": first["title"]}, key="p"), 409, "key-reused")


def test_a_button_works_in_its_own_conversation_only(alice: Person, bob: Person, rasa: FakeRasa) -> None:
    offer(rasa)
    button = quick_replies(alice.say("付款失败"))[0]["id"]
    problem(bob.post({"reply": button}), 404, "not-found")
    alice.conversation = ""  # her own, but another conversation
    problem(alice.post({"reply": button}), 404, "not-found")
    problem(alice.post({"reply": "opt_made_up"}), 404, "not-found")
    assert len(rasa.turns) == 1


@pytest.mark.parametrize(
    "text",
    [
        '/payment_failed{"customer_id": "cust_bob"}',
        "/restart",
        "/session_start",
        "EXTERNAL: payment_failed",
        "gateway:human",
        "/secret_shared",
    ],
)
def test_free_text_is_never_a_payload(alice: Person, rasa: FakeRasa, text: str) -> None:
    alice.say(text)
    [turn] = rasa.turns
    assert turn["text"] == text  # plain words; `bot.channel` takes the sting out of them
    assert turn["payload"] is None


def steps(turn: Json) -> list[Json]:
    return [
        {"text": "可以这样做"},
        *(
            {"text": step, "custom": {"kind": "part", "part": "step"}}
            for step in ("充值", "换一张卡", "再付一次")
        ),
    ]


def test_ticked_steps_are_kept_for_every_device(alice: Person, bob: Person, rasa: FakeRasa) -> None:
    rasa.reply = steps
    answer = alice.say("付款失败了")
    put = alice.http.put(f"{alice.path}/messages/{answer['id']}/steps", json={"done": [2, 0, 0]})
    assert put.status_code == 204
    block = next(b for b in alice.messages()[-1]["blocks"] if b["type"] == "steps")
    assert block["done"] == [0, 2]
    for person, message, done in (
        (bob, answer["id"], [0]),
        (alice, "msg_none", [0]),
        (alice, answer["id"], [3]),
    ):
        refused = person.http.put(f"{person.path}/messages/{message}/steps", json={"done": done})
        problem(refused, 404, "not-found")


def test_saying_that_steps_are_done_tells_the_bot_which(alice: Person, bob: Person, rasa: FakeRasa) -> None:
    rasa.reply = steps
    answer = alice.say("付款失败了")
    posted = alice.post({"steps_done": {"message": answer["id"], "done": [0, 2]}})
    assert posted.json()["text"] == "我已经做了：1. 充值 3. 再付一次"
    alice.answer_to(posted)
    assert rasa.heard[-1] == '/steps_done{"done": "0,2", "of": "3"}'
    problem(bob.post({"steps_done": {"message": answer["id"], "done": [0]}}), 404, "not-found")
    problem(alice.post({"steps_done": {"message": answer["id"], "done": []}}), 404, "not-found")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "a", "reply": "b"},
        {"attachments": []},
        {"attachments": ["a"] * 5},
        {"steps_done": {"message": "m", "done": [-1]}},
        {"steps_done": {"message": "m", "done": [True]}},
        {"text": "a", "steps_done": {"message": "m", "done": [0]}},
    ],
)
def test_a_message_is_one_kind_of_thing(alice: Person, body: Json) -> None:
    problem(alice.post(body), 422, "invalid")

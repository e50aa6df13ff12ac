"""The queue and the chats over HTTP: who may read what, taking, answering, passing on, ending."""

from __future__ import annotations

from pathlib import Path

from tests.desk.people import CARD, Colleague, ask_for_a_person
from tests.gateway.helpers import FakeRasa, Person, problem, rows


def test_a_customer_who_asked_waits_in_the_queue_with_the_reason_and_no_words(
    anna: Colleague, alice: Person, rasa: FakeRasa
) -> None:
    chat = ask_for_a_person(alice, rasa, urgency="high", reason="diagnosis", card=CARD)
    queue = anna.get("/queue")
    assert queue["total"] == 1
    [waiting] = queue["chats"]
    assert (waiting["id"], waiting["mode"], waiting["urgency"]) == (chat, "queued", "high")
    assert (waiting["reason"], waiting["cause"]) == ("diagnosis", "refund_overdue")
    assert waiting["customer"] == {"name": "林*", "id": "cu***ce", "signed_in": True}
    assert waiting["preview"] == "" and waiting["waiting_seconds"] >= 0
    assert "take" in waiting["may"] and "send" not in waiting["may"]


def test_of_two_agents_who_take_one_customer_the_second_learns_who_has_them(
    anna: Colleague, wang: Colleague, alice: Person, rasa: FakeRasa
) -> None:
    chat = ask_for_a_person(alice, rasa)
    assert anna.take(chat)["agent"] == {"id": anna.id, "name": "Anna"}
    refused = problem(wang.post(f"/chats/{chat}/take"), 409, "taken")
    assert refused["agent"] == {"id": anna.id, "name": "Anna"}
    problem(wang.post("/chats/conv_nothing/take"), 404, "not-found")
    assert anna.get("/queue")["total"] == 0
    assert [one["id"] for one in anna.get("/chats")["chats"]] == [chat]


def test_an_agent_answers_under_their_name_and_the_same_key_says_it_once(
    anna: Colleague, alice: Person, rasa: FakeRasa
) -> None:
    chat = ask_for_a_person(alice, rasa)
    anna.take(chat)
    for _ in range(2):
        said = anna.post(f"/chats/{chat}/messages", {"text": "Hello, this is Anna."}, key="k1")
        assert said.status_code == 201
    assert problem(anna.post(f"/chats/{chat}/messages", {"text": "else"}, key="k1"), 409, "key-reused")
    words = [m for m in alice.messages() if m["author"] == "agent"]
    assert [(m["text"], m["agent"]["name"]) for m in words] == [("Hello, this is Anna.", "Anna")]


def test_a_reply_with_an_unfilled_variable_never_reaches_the_customer(
    anna: Colleague, alice: Person, rasa: FakeRasa
) -> None:
    chat = ask_for_a_person(alice, rasa)
    anna.take(chat)
    refused = anna.post(f"/chats/{chat}/messages", {"text": "Your {amount} is on its way, {agent}"})
    assert problem(refused, 422, "unfilled")["variables"] == ["amount", "agent"]
    assert all(m["author"] != "agent" for m in alice.messages())


def test_an_agent_reads_what_waits_and_what_is_or_was_theirs_and_nothing_else(
    anna: Colleague, wang: Colleague, lead: Colleague, alice: Person, bob: Person, rasa: FakeRasa
) -> None:
    chat = ask_for_a_person(alice, rasa)
    assert wang.get(f"/chats/{chat}/messages")["messages"], "who waits may be read by everyone"
    anna.take(chat)
    for path in ("", "/messages", "/context", "/notes", "/history", "/earlier", "/suggestion"):
        problem(wang.asks(f"/chats/{chat}{path}"), 404, "not-found")
        assert lead.asks(f"/chats/{chat}{path}").status_code in (200, 404), path
    assert lead.get(f"/chats/{chat}/messages")["messages"]
    problem(wang.post(f"/chats/{chat}/messages", {"text": "hello"}), 404, "not-found")

    anna.does(f"/chats/{chat}/resolve", {"outcome": "solved", "diagnosis_right": None})
    assert anna.get(f"/chats/{chat}/messages")["messages"], "what was once theirs stays readable"
    assert [one["id"] for one in anna.get("/chats", view="done")["chats"]] == [chat]
    problem(wang.asks(f"/chats/{chat}/messages"), 404, "not-found")

    bob.say("only the bot talks to me")
    problem(anna.asks(f"/chats/{bob.conversation}"), 404, "not-found")
    assert lead.get(f"/chats/{bob.conversation}")["mode"] == "bot"


def test_a_chat_goes_to_a_colleague_who_is_there_and_to_nobody_else(
    anna: Colleague, wang: Colleague, alice: Person, rasa: FakeRasa
) -> None:
    chat = ask_for_a_person(alice, rasa)
    anna.take(chat)
    problem(anna.post(f"/chats/{chat}/transfer", {"agent": "agent_nobody"}), 422, "not-available")
    wang.post("/presence", {"available": False})
    problem(anna.post(f"/chats/{chat}/transfer", {"agent": wang.id}), 422, "not-available")
    wang.post("/presence", {"available": True})
    moved = anna.does(f"/chats/{chat}/transfer", {"agent": wang.id, "note": "speaks Chinese"})
    assert moved["agent"]["name"] == "小王"
    assert "send" not in moved["may"]
    problem(anna.post(f"/chats/{chat}/messages", {"text": "still me"}), 409, "wrong-state")
    steps = wang.get(f"/chats/{chat}/history")["transitions"]
    assert [(step["event"], step["by"] and step["by"]["name"]) for step in steps] == [
        ("request", None),
        ("take", "Anna"),
        ("transfer", "Anna"),
    ]
    assert steps[-1]["why"] == "speaks Chinese"


def test_back_to_the_queue_back_to_the_bot_and_an_agent_who_leaves(
    anna: Colleague, wang: Colleague, alice: Person, rasa: FakeRasa
) -> None:
    chat = ask_for_a_person(alice, rasa)
    anna.take(chat)
    assert anna.does(f"/chats/{chat}/queue", {"note": "not mine"})["mode"] == "queued"
    wang.take(chat)
    assert wang.post("/presence", {"available": False}).status_code == 204
    [waiting] = anna.get("/queue")["chats"]
    assert waiting["id"] == chat
    anna.take(chat)
    assert anna.does(f"/chats/{chat}/return", {"note": "a plain question"})["mode"] == "bot"
    assert alice.say("and now?")["text"] == "heard: and now?"
    problem(anna.post(f"/chats/{chat}/return"), 409, "wrong-state")


def test_the_end_keeps_what_the_agent_found(anna: Colleague, alice: Person, rasa: FakeRasa, db: Path) -> None:
    chat = ask_for_a_person(alice, rasa, card=CARD)
    anna.take(chat)
    assert anna.http.put(
        f"/api/desk/chats/{chat}/labels", json={"labels": ["refund", "vip", "refund"]}
    ).json() == {"labels": ["refund", "vip"]}
    wrong = {"outcome": "solved", "diagnosis_right": False, "true_cause": "witchcraft"}
    problem(anna.post(f"/chats/{chat}/resolve", wrong), 422, "invalid")
    right = {"outcome": "solved", "diagnosis_right": False, "true_cause": "refund_failed"}
    done = anna.does(f"/chats/{chat}/resolve", {**right, "meant_intent": "refund_timing", "note": "ok"})
    assert done["mode"] == "bot" and done["labels"] == ["refund", "vip"]
    [row] = rows(
        db,
        "SELECT json_extract(outcome, '$.result') AS r, json_extract(outcome, '$.true_cause') AS c, "
        "json_extract(outcome, '$.diagnosis_right') AS d, closed_by FROM handoffs",
    )
    assert (row["r"], row["c"], row["d"], row["closed_by"]) == ("solved", "refund_failed", 0, "resolve")
    assert anna.get("/labels")["labels"] == [{"name": "refund", "count": 1}, {"name": "vip", "count": 1}]


def test_notes_are_for_agents_only(anna: Colleague, lead: Colleague, alice: Person, rasa: FakeRasa) -> None:
    chat = ask_for_a_person(alice, rasa)
    anna.take(chat)
    for _ in range(2):
        assert anna.post(f"/chats/{chat}/notes", {"text": "call the bank"}, key="n1").status_code == 201
    [note] = lead.get(f"/chats/{chat}/notes")["notes"]
    assert (note["text"], note["agent"]["name"]) == ("call the bank", "Anna")
    assert "call the bank" not in str(alice.messages())


def test_messages_come_in_pages_with_what_the_bot_understood(
    anna: Colleague, alice: Person, rasa: FakeRasa
) -> None:
    rasa.meaning = {"intent": "refund_timing", "confidence": 0.9, "entities": []}
    for n in range(4):
        alice.say(f"word {n}")
    chat = ask_for_a_person(alice, rasa)
    newest = anna.get(f"/chats/{chat}/messages", limit=3)
    assert [m["seq"] for m in newest["messages"]] == [8, 9, 10] and newest["more"]
    older = anna.get(f"/chats/{chat}/messages", before=8, limit=100)
    assert [m["seq"] for m in older["messages"]] == list(range(1, 8)) and not older["more"]
    assert older["messages"][0]["understood"]["intent"] == "refund_timing"
    assert "understood" not in older["messages"][1]
    after = anna.get(f"/chats/{chat}/messages", after=2, limit=2)
    assert [m["seq"] for m in after["messages"]] == [3, 4] and after["more"]


def test_leads_see_what_everyone_has(anna: Colleague, lead: Colleague, alice: Person, rasa: FakeRasa) -> None:
    chat = ask_for_a_person(alice, rasa)
    anna.take(chat)
    problem(anna.asks("/chats", view="everyones"), 403, "forbidden")
    assert anna.get("/chats")["chats"][0]["preview"] != ""
    [held] = lead.get("/chats", view="everyones")["chats"]
    assert held["preview"] == "", "what is said in it is told to who opens it, and that is written down"
    assert held["id"] == chat and "transfer" in held["may"] and "send" not in held["may"]


def test_the_page_learns_what_happens_as_it_happens(
    anna: Colleague, wang: Colleague, alice: Person, bob: Person, rasa: FakeRasa
) -> None:
    chat = ask_for_a_person(alice, rasa)
    events = anna.events()
    assert next(events)["event"] == "hello"

    def until(kind: str) -> dict:
        return next(one["data"] for one in events if one["event"] == kind)

    anna.take(chat)
    told = until("chat")
    assert (told["chat"], told["what"], told["by"]["name"]) == (chat, "assigned", "Anna")
    alice.post({"text": "here I am"})
    assert until("message")["message"]["text"] == "here I am"
    ask_for_a_person(bob, rasa, urgency="critical", reason="fraud")
    assert until("queue") == {"total": 1, "urgent": 1}
    wang.take(bob.conversation)
    wang.does(f"/chats/{bob.conversation}/transfer", {"agent": anna.id})
    told = until("chat")
    assert (told["what"], told["by"]["name"]) == ("transferred", "小王")
    events.close()


def test_two_who_look_at_one_chat_see_each_other(
    anna: Colleague, wang: Colleague, alice: Person, rasa: FakeRasa
) -> None:
    chat = ask_for_a_person(alice, rasa)
    anna.post(f"/chats/{chat}/viewing")
    events = anna.events()
    assert next(events)["event"] == "hello"
    wang.post(f"/chats/{chat}/viewing")
    seen = next(one["data"] for one in events if one["event"] == "viewers")
    assert seen == {"chat": chat, "agents": [{"id": wang.id, "name": "小王"}]}
    wang.http.delete(f"/api/desk/chats/{chat}/viewing")
    assert next(one["data"] for one in events if one["event"] == "viewers")["agents"] == []
    events.close()


def test_the_stream_ends_when_the_session_does(anna: Colleague, admin: Colleague) -> None:
    events = anna.events()
    assert next(events)["event"] == "hello"
    admin.does(f"/accounts/{anna.id}/sign-out")
    assert [one["event"] for one in events][-1] == "signed_out"


def test_the_agent_sees_that_the_customer_types_and_nobody_else_does(
    anna: Colleague, wang: Colleague, alice: Person, bob: Person, rasa: FakeRasa
) -> None:
    chat = ask_for_a_person(alice, rasa)
    anna.take(chat)
    hers, his = anna.events(), wang.events()
    assert next(hers)["event"] == next(his)["event"] == "hello"
    bob.say("only the bot talks to me")
    assert bob.http.post(f"{bob.path}/typing").status_code == 204
    assert alice.http.post(f"{alice.path}/typing").status_code == 204
    assert next(hers) == {"event": "typing", "data": {"chat": chat, "who": "customer"}}
    ask_for_a_person(bob, rasa)
    assert next(his)["event"] == "queue", "another agent hears of the queue, not of the typing before"
    problem(bob.http.post(f"{alice.path}/typing"), 404, "not-found")


def test_the_customer_sees_that_the_agent_types(anna: Colleague, alice: Person, rasa: FakeRasa) -> None:
    chat = ask_for_a_person(alice, rasa)
    anna.take(chat)
    events = alice.events(query="?after=100")
    assert next(events)["event"] == "status"
    assert anna.post(f"/chats/{chat}/typing").status_code == 204
    typing = next(one for one in events if one.get("event") == "typing")
    assert typing["data"] == {"who": "agent", "name": "Anna"}

"""What an agent looks up around a chat, that each look is written down, and that it is never another's."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.settings import Secret
from tests.desk.people import CARD, Colleague, appoint, ask_for_a_person
from tests.gateway.conftest import Start
from tests.gateway.helpers import IDENTITY_SECRET, FakeRasa, Gateway, Json, Person, Server, problem
from tests.gateway.test_gateway_pictures import drawn, sent

ACTIONS_TOKEN = "actions-token-for-tests-only-0123456789"
PAYMENT = {
    "id": "pay_1",
    "order_no": "A1",
    "merchant": "Starbucks",
    "amount": "¥128.00",
    "method": "bank card",
    "status": "captured",
    "created_at": "2024-03-01T10:00:00+00:00",
    "in_question": True,
    "refunds": [],
}


class FakeActions:
    """An action server that knows one customer, and who it was asked about."""

    def __init__(self) -> None:
        self.asked: list[Json] = []
        self.answer: Response | None = None
        self._server = Server(Starlette(routes=[Route("/customer", self._customer, methods=["POST"])]))
        self.url = self._server.url

    async def _customer(self, request: Request) -> Response:
        if request.query_params.get("token") != ACTIONS_TOKEN:
            return JSONResponse({}, 403)
        body = await request.json()
        claims = jwt.decode(body["identity"], IDENTITY_SECRET, algorithms=["HS256"], audience="desk")
        self.asked.append({**body, "customer": claims["sub"], "lasts": claims["exp"]})
        customer = {"name": "林伟", "language": "zh", "zone": "Asia/Shanghai"}
        found = {"customer": customer, "payments": [PAYMENT], "current": {"cause": "refund_completed"}}
        return self.answer or JSONResponse(found)

    def stop(self) -> None:
        self._server.stop()


@pytest.fixture
def actions() -> Iterator[FakeActions]:
    fake = FakeActions()
    yield fake
    fake.stop()


@pytest.fixture
def gateway(start: Start, actions: FakeActions) -> Gateway:
    """A gateway that may ask the action server."""
    return start(actions_url=actions.url, actions_token=Secret(ACTIONS_TOKEN))


def looks(lead: Colleague, **query: Any) -> list[tuple[str, str, str | None]]:
    """Who looked at what of whom, the earliest first."""
    entries = lead.get("/audit", **query)["entries"]
    return [(one["agent"]["name"], one["action"], one["customer"]) for one in reversed(entries)]


def test_the_panel_tells_who_what_was_found_what_was_tried_and_what_is_recorded(
    anna: Colleague, alice: Person, rasa: FakeRasa, actions: FakeActions
) -> None:
    step = {"kind": "part", "part": "step"}
    rasa.reply = lambda turn: [
        {"text": "wait a day", "custom": step},
        {"text": "look at your bill", "custom": step},
    ]
    rasa.meaning = {"intent": "still_not_working", "confidence": 0.9, "entities": []}
    steps = alice.say("还是不行")
    alice.http.put(f"{alice.path}/messages/{steps['id']}/steps", json={"done": [0]})
    chat = ask_for_a_person(alice, rasa, reason="not_solved", urgency="high", card=CARD)
    panel = anna.get(f"/chats/{chat}/context")
    assert panel["customer"] == {
        "name": "林*",
        "id": "cu***ce",
        "language": "zh",
        "zone": "Asia/Shanghai",
        "signed_in": True,
    }
    assert (panel["reason"], panel["urgency"], panel["summary"]) == (
        "not_solved",
        "high",
        "topic: refund_timing",
    )
    assert panel["diagnosis"]["evidence"] == CARD["evidence"]
    assert panel["diagnosis"]["timeline"] == CARD["timeline"]
    assert panel["current"] == {"cause": "refund_completed"}
    assert panel["tried"] == [{"seq": 2, "items": ["wait a day", "look at your bill"], "done": [0]}]
    assert panel["still_not_working"] >= 1
    assert panel["records"] == {"available": True, "payments": [PAYMENT]}
    [asked] = actions.asked
    assert (asked["customer"], asked["payment"], asked["language"]) == ("cust_alice", "pay_1", "zh")


def test_when_the_ledger_does_not_answer_the_panel_says_so_and_shows_the_rest(
    anna: Colleague, alice: Person, rasa: FakeRasa, actions: FakeActions
) -> None:
    chat = ask_for_a_person(alice, rasa, card=CARD)
    actions.answer = JSONResponse({"error": "ledger"}, 503)
    panel = anna.get(f"/chats/{chat}/context")
    assert panel["records"] == {"available": False, "payments": []}
    assert panel["current"] is None and panel["diagnosis"]["cause"] == "refund_overdue"


def test_for_a_visitor_nobody_is_asked(
    anna: Colleague, gateway: Gateway, rasa: FakeRasa, actions: FakeActions
) -> None:
    chat = ask_for_a_person(gateway.visitor(), rasa)
    panel = anna.get(f"/chats/{chat}/context")
    assert panel["customer"]["signed_in"] is False and panel["customer"]["name"] is None
    assert actions.asked == [] and anna.get(f"/chats/{chat}/earlier")["conversations"] == []


def test_every_look_at_a_customers_records_is_written_down_for_leads(
    anna: Colleague, lead: Colleague, alice: Person, bob: Person, rasa: FakeRasa
) -> None:
    chat = ask_for_a_person(alice, rasa, card=CARD)
    anna.take(chat)
    anna.get(f"/chats/{chat}/messages")
    anna.get(f"/chats/{chat}/context")
    anna.get(f"/chats/{chat}/earlier")
    anna.get(f"/chats/{chat}/notes")
    anna.get(f"/chats/{chat}/suggestion")
    anna.get("/search", q="bring in")
    lead.get(f"/chats/{chat}/messages")
    assert looks(lead) == [
        ("Anna", "messages", "cust_alice"),
        ("Anna", "context", "cust_alice"),
        ("Anna", "earlier", "cust_alice"),
        ("Anna", "notes", "cust_alice"),
        ("Anna", "suggestion", "cust_alice"),
        ("Anna", "search", "cust_alice"),
        ("陈组长", "messages", "cust_alice"),
    ]
    assert len(looks(lead, agent=anna.id)) == 6
    assert looks(lead, customer="cust_bob") == []
    entry = lead.get("/audit")["entries"][0]
    assert entry["conversation"] == chat and entry["at"].endswith("Z")
    problem(anna.asks("/audit"), 403, "forbidden")


def test_the_audit_log_comes_in_pages_and_as_a_table(
    anna: Colleague, lead: Colleague, alice: Person, rasa: FakeRasa
) -> None:
    chat = ask_for_a_person(alice, rasa)
    for _ in range(105):
        anna.get(f"/chats/{chat}/messages", limit=1)
    first = lead.get("/audit")
    assert len(first["entries"]) == 100 and first["more"]
    second = lead.get("/audit", before=first["entries"][-1]["id"])
    assert len(second["entries"]) == 5 and not second["more"]
    table = lead.asks("/audit.csv").text.removeprefix("\ufeff")
    lines = list(csv.DictReader(io.StringIO(table)))
    assert [line["action"] for line in lines] == ["audit_exported", *["messages"] * 105]


def test_earlier_conversations_are_read_through_the_chat_that_one_has(
    anna: Colleague, wang: Colleague, lead: Colleague, gateway: Gateway, bob: Person, rasa: FakeRasa
) -> None:
    before = gateway.signed_in("cust_alice")
    before.say("about the parrot")
    now = gateway.signed_in("cust_alice")
    chat = ask_for_a_person(now, rasa)
    bob.say("about something else")
    [earlier] = anna.get(f"/chats/{chat}/earlier")["conversations"]
    assert earlier["id"] == before.conversation and earlier["preview"] == "heard: about the parrot"
    path = f"/chats/{chat}/earlier/{before.conversation}/messages"
    problem(anna.asks(path), 404, "not-found")
    anna.take(chat)
    assert anna.get(path)["messages"][0]["text"] == "about the parrot"
    assert lead.get(path)["messages"]
    problem(wang.asks(path), 404, "not-found")
    problem(anna.asks(f"/chats/{chat}/earlier/{bob.conversation}/messages"), 404, "not-found")
    assert looks(lead)[-2:] == [
        ("Anna", "earlier_messages", "cust_alice"),
        ("陈组长", "earlier_messages", "cust_alice"),
    ]


def test_search_finds_words_numbers_customers_and_labels_among_what_one_may_read(
    anna: Colleague, wang: Colleague, lead: Colleague, alice: Person, bob: Person, rasa: FakeRasa
) -> None:
    alice.say("100% of the Parrot_s money")
    bob.say("my parrot is fine")
    chat = ask_for_a_person(alice, rasa)
    anna.take(chat)
    anna.http.put(f"/api/desk/chats/{chat}/labels", json={"labels": ["pets"]})
    reference = anna.get(f"/chats/{chat}")["reference"]

    def found(person: Colleague, q: str) -> list[tuple[str, str]]:
        return [(one["chat"]["id"], one["found"]) for one in person.get("/search", q=q)["results"]]

    for q, by in (("parrot", "text"), ("100%", "text"), ("parrot_s", "text"), ("pets", "label")):
        assert found(anna, q) == [(chat, by)], q
    assert found(anna, reference.lower()) == [(chat, "reference")]
    assert found(anna, "cust_alice") == [(chat, "customer")]
    assert found(wang, "parrot") == [] and found(wang, "cust_alice") == []
    assert {one for one, _ in found(lead, "parrot")} == {chat, bob.conversation}
    assert found(anna, "100_") == [], "what means anything to LIKE means itself"
    assert "Parrot" in anna.get("/search", q="parrot")["results"][0]["snippet"]
    problem(anna.asks("/search", q="x"), 422, "invalid")


def test_a_picture_is_shown_to_those_who_may_read_the_chat(
    anna: Colleague, wang: Colleague, lead: Colleague, alice: Person, rasa: FakeRasa
) -> None:
    sent(alice, drawn(), text="here")
    chat = ask_for_a_person(alice, rasa)
    anna.take(chat)
    [shown] = anna.get(f"/chats/{chat}/context")["pictures"]
    path = f"/chats/{chat}/attachments/{shown['id']}"
    answer = anna.asks(path)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("image/")
    problem(wang.asks(path), 404, "not-found")
    problem(anna.asks(f"/chats/{chat}/attachments/att_other"), 404, "not-found")
    assert looks(lead)[-1] == ("Anna", "picture", "cust_alice")


# replies


def test_the_suggested_reply_fits_the_diagnosis_and_is_filled_in(
    anna: Colleague, alice: Person, bob: Person, rasa: FakeRasa
) -> None:
    chat = ask_for_a_person(alice, rasa, card=CARD)
    reference = anna.get(f"/chats/{chat}")["reference"]
    one = anna.get(f"/chats/{chat}/suggestion", language="en")
    assert (one["key"], one["cause"], one["missing"]) == ("refund_overdue", "refund_overdue", [])
    assert "¥128.00 refund from Starbucks" in one["text"] and reference in one["text"]
    by_money = {**CARD, "cause": "unknown", "money": {**CARD["money"], "state": "not_charged"}}
    chat = ask_for_a_person(bob, rasa, card=by_money)
    assert anna.get(f"/chats/{chat}/suggestion")["text"].startswith("Hello Bob, I have checked")
    assert "您好" in anna.get(f"/chats/{chat}/suggestion", language="zh")["text"]


def test_without_a_diagnosis_nothing_is_suggested(anna: Colleague, alice: Person, rasa: FakeRasa) -> None:
    chat = ask_for_a_person(alice, rasa)
    problem(anna.asks(f"/chats/{chat}/suggestion"), 404, "not-found")


def test_canned_replies_are_found_by_words_and_filled_for_a_chat(
    anna: Colleague, alice: Person, rasa: FakeRasa
) -> None:
    chat = ask_for_a_person(alice, rasa)
    everything = anna.get("/canned", language="en")["canned"]
    assert len(everything) >= 20 and everything[0]["key"] == "hello"
    found = anna.get("/canned", language="en", q="screenshot")["canned"]
    assert found[0]["key"] == "screenshot"
    assert anna.take(chat)
    [hello] = anna.get("/canned", q="问好", chat=chat)["canned"]
    assert hello["filled"].startswith("林先生/女士，您好！我是客服Anna。") and hello["missing"] == []
    [late] = anna.get("/canned", language="en", q="overdue refund", chat=chat)["canned"]
    assert late["missing"] == ["amount", "merchant"]


def test_what_the_bot_found_is_filled_in_only_for_who_has_the_chat(
    anna: Colleague, alice: Person, rasa: FakeRasa
) -> None:
    chat = ask_for_a_person(alice, rasa, card=CARD)
    query = {"language": "en", "q": "refund overdue", "chat": chat}
    assert anna.get("/canned", **query)["canned"][0]["missing"] == ["amount", "merchant"]
    anna.take(chat)
    assert "¥128.00" in anna.get("/canned", **query)["canned"][0]["filled"]


def test_leads_write_canned_replies_and_take_them_away(anna: Colleague, lead: Colleague) -> None:
    address = "/api/desk/canned/en/hello"
    body = {"title": "Hi", "text": "Hi {customer_name}!"}
    problem(anna.http.put(address, json=body), 403, "forbidden")
    wrong = problem(lead.http.put(address, json={**body, "text": "Hi {nme}"}), 422, "unknown-variable")
    assert wrong["variables"] == ["nme"]
    assert lead.http.put(address, json=body).json()["title"] == "Hi"
    lead.http.put("/api/desk/canned/en/own-one", json={"title": "Own", "text": "ours"})
    changed = {one["key"]: one["text"] for one in anna.get("/canned", language="en")["canned"]}
    assert changed["hello"] == "Hi {customer_name}!" and changed["own-one"] == "ours"
    assert lead.http.delete(address).status_code == 204
    assert "hello" not in {one["key"] for one in anna.get("/canned", language="en")["canned"]}
    assert "hello" in {one["key"] for one in anna.get("/canned", language="zh")["canned"]}
    problem(lead.http.delete(address), 404, "not-found")
    problem(lead.http.put("/api/desk/canned/fr/hello", json=body), 404, "not-found")


# cases


def open_a_case(person: Person, rasa: FakeRasa) -> None:
    request = {
        "kind": "case_request",
        "about": "pay_1",
        "cause": "refund_overdue",
        "title": "Starbucks ¥128.00",
        "promised_by": "2024-03-05T10:00:00+00:00",
        "summary": "late",
        "diagnosis": CARD,
    }
    before, rasa.reply = rasa.reply, lambda turn: [{"text": "a case", "custom": request}]
    person.say("please trace it")
    rasa.reply = before


def test_cases_are_seen_by_those_who_have_their_customer_and_ended_with_a_word(
    anna: Colleague, wang: Colleague, lead: Colleague, alice: Person, bob: Person, rasa: FakeRasa, db: Path
) -> None:
    open_a_case(alice, rasa)
    open_a_case(bob, rasa)
    assert anna.get("/cases")["cases"] == []
    anna.take(ask_for_a_person(alice, rasa))
    [case] = anna.get("/cases")["cases"]
    assert (case["title"], case["overdue"], case["status"]) == ("Starbucks ¥128.00", True, "open")
    assert len(lead.get("/cases")["cases"]) == 2
    problem(wang.asks(f"/cases/{case['id']}"), 404, "not-found")
    problem(wang.post(f"/cases/{case['id']}/close", {"note": "done"}), 404, "not-found")

    anna.does(f"/cases/{case['id']}/notes", {"text": "asked the bank"})
    problem(anna.post(f"/cases/{case['id']}/close", {"note": " "}), 422, "invalid")
    closed = anna.does(f"/cases/{case['id']}/close", {"note": "refunded by hand"})
    assert (closed["status"], closed["overdue"]) == ("closed", False)
    problem(anna.post(f"/cases/{case['id']}/close", {"note": "again"}), 409, "wrong-state")
    whole = lead.get(f"/cases/{case['id']}")
    assert [note["text"] for note in whole["notes"]] == ["asked the bank", "refunded by hand"]
    assert whole["diagnosis"]["cause"] == "refund_overdue"
    assert [one["id"] for one in anna.get("/cases", status="closed")["cases"]] == [case["id"]]
    assert ("Anna", "cases", "cust_alice") in looks(lead) and ("陈组长", "case", "cust_alice") in looks(lead)


def test_a_second_gateway_over_the_same_database_knows_the_same_people(
    anna: Colleague, gateway: Gateway, start: Start, db: Path
) -> None:
    other = start()
    appoint(other.url, db, "bill", "Bill", "agent")
    assert {one["name"] for one in anna.get("/agents")["agents"] if one["available"]} == {"Anna", "Bill"}
